"""Examples of the pages on tags, session tags and the library of identity-based policies."""

from collections.abc import Iterator

from tests.fidelity.iam.example import (
    ALLOWED,
    DENIED,
    FULL,
    IAM,
    ONE,
    SOMEBODY,
    UNKNOWN,
    Body,
    Context,
    Decision,
    Example,
    Page,
    allow,
    condition_table,
    deny,
    example,
    named,
    user,
)

TAGS = Page("Controlling access to AWS resources using tags", f"{IAM}access_tags.html")
IAM_TAGS = Page(
    "Controlling access to and for IAM users and roles using tags", f"{IAM}access_iam-tags.html"
)
SESSION_TAGS = Page("Pass session tags in AWS STS", f"{IAM}id_session-tags.html")


def _library(title: str, name: str) -> Page:
    return Page(title, f"{IAM}reference_policies_examples_{name}.html")


_OWNER, _KEYS = "aws:ResourceTag/Owner", "aws:TagKeys"


def _tags() -> Iterator[Example]:
    yield from condition_table(
        TAGS,
        "the instance's owner",
        {"StringEquals": {_OWNER: "${aws:username}"}},
        [
            ("he himself", {"aws:username": "richard-roe", _OWNER: "richard-roe"}, True),
            (
                "the tag in lower case",
                {"aws:username": "richard-roe", "aws:ResourceTag/owner": "richard-roe"},
                True,
            ),
            ("somebody else", {"aws:username": "richard-roe", _OWNER: "anna"}, False),
            ("no owner", {"aws:username": "richard-roe"}, False),
        ],
    )
    queues = [allow("sqs:DeleteQueue", "arn:aws:sqs:us-east-2::${aws:PrincipalTag/team}-queue")]
    for says, aws, name in (("its own", ALLOWED, "qa-queue"), ("another's", DENIED, "dev-queue")):
        yield example(
            TAGS,
            f"a team deletes {says} queue",
            aws,
            SOMEBODY,
            "sqs:DeleteQueue",
            f"arn:aws:sqs:us-east-2::{name}",
            context={"aws:PrincipalTag/team": "qa"},
            identity=queues,
        )
    environment = "aws:RequestTag/environment"
    yield from condition_table(
        TAGS,
        "tags that may be given",
        {
            "StringEquals": {environment: ["preprod", "production"]},
            "ForAllValues:StringEquals": {_KEYS: "environment"},
        },
        [
            ("preprod", {environment: "preprod", _KEYS: ["environment"]}, True),
            ("test", {environment: "test", _KEYS: ["environment"]}, False),
            ("a second key", {environment: "preprod", _KEYS: ["environment", "x"]}, False),
            ("none", {}, False),
        ],
    )
    project = "aws:ResourceTag/project"
    yield from condition_table(
        IAM_TAGS,
        "the same project",
        {"StringEquals": {project: "${aws:PrincipalTag/project}"}},
        [
            ("blue and blue", {project: "blue", "aws:PrincipalTag/project": "blue"}, True),
            ("blue and red", {project: "blue", "aws:PrincipalTag/project": "red"}, False),
            ("the principal has none", {project: "blue"}, False),
            ("neither has one", {}, False),
        ],
    )
    yield from condition_table(
        IAM_TAGS,
        "only the tag temporary is taken off",
        {"ForAllValues:StringEquals": {_KEYS: ["temporary"]}},
        [
            ("temporary", {_KEYS: ["temporary"]}, True),
            ("temporary and another", {_KEYS: ["temporary", "x"]}, False),
        ],
    )


_TAGGER = user("test-session-tags")


def _request_tag(name: str) -> str:
    return f"aws:RequestTag/{name}"


def _session_tags() -> Iterator[Example]:
    some = {_request_tag(name): "*" for name in ("Project", "CostCenter", "Department")}
    any_cost = {name: "*" for name in some if not name.endswith("Department")}
    trust = named(
        {"AWS": _TAGGER.arn},
        allow(
            "sts:AssumeRole",
            None,
            {"StringLike": some, "StringEquals": {"sts:ExternalId": "Example987"}},
        ),
        allow(
            "sts:TagSession",
            None,
            {
                "StringLike": any_cost,
                "StringEquals": {_request_tag("Department"): ["Engineering", "Marketing"]},
                "ForAllValues:StringEquals": {"sts:TransitiveTagKeys": ["Project", "Department"]},
            },
        ),
    )
    given: Context = {
        _request_tag("Project"): "Automation",
        _request_tag("CostCenter"): "12345",
        _request_tag("Department"): "Engineering",
        "sts:ExternalId": "Example987",
        "sts:TransitiveTagKeys": ["Project"],
    }

    def without(name: str) -> Context:
        return {key: value for key, value in given.items() if key != name}

    sales = {**given, _request_tag("Department"): "Sales"}
    cost = {**given, "sts:TransitiveTagKeys": ["Project", "CostCenter"]}
    assume, tag = "sts:AssumeRole", "sts:TagSession"
    rows: tuple[tuple[str, Decision, str, Context], ...] = (
        ("all three tags and the external id", ALLOWED, assume, given),
        ("one tag is missing", DENIED, assume, without(_request_tag("CostCenter"))),
        ("the external id is missing", DENIED, assume, without("sts:ExternalId")),
        ("another external id", DENIED, assume, {**given, "sts:ExternalId": "1"}),
        ("the tags may be passed", ALLOWED, tag, given),
        ("a department that is not listed", DENIED, tag, sales),
        ("no tag need be transitive", ALLOWED, tag, without("sts:TransitiveTagKeys")),
        ("a key that may not be transitive", DENIED, tag, cost),
    )
    for says, aws, action, context in rows:
        yield example(
            SESSION_TAGS,
            says,
            aws,
            _TAGGER,
            action,
            f"arn:aws:iam::{ONE}:role/my-role-example",
            context=context,
            resource_policy=trust,
        )
    yield example(
        SESSION_TAGS,
        "a trust policy without sts:TagSession",
        DENIED,
        _TAGGER,
        tag,
        f"arn:aws:iam::{ONE}:role/my-role-example",
        context=given,
        resource_policy=trust[:1],
        identity=[FULL],
    )


# --- the library of identity-based policies ----------------------------------------------------


def _rows(
    page: Page,
    identity: list[Body],
    rows: tuple[tuple[str, Decision, str, str, Context], ...],
) -> Iterator[Example]:
    for says, aws, action, resource, context in rows:
        yield example(
            page, says, aws, SOMEBODY, action, resource, context=context, identity=identity
        )


def _times_and_places() -> Iterator[Example]:
    now, mfa = "aws:CurrentTime", "aws:MultiFactorAuthPresent"
    spring = {
        "DateGreaterThan": {now: "2020-04-01T00:00:00Z"},
        "DateLessThan": {now: "2020-06-30T23:59:59Z"},
    }
    yield from condition_table(
        _library("AWS: Allows access based on date and time", "aws-dates"),
        "between April and June",
        spring,
        [
            ("in May", {now: "2020-05-01T00:00:00Z"}, True),
            ("in July", {now: "2020-07-01T00:00:00Z"}, False),
            ("in March", {now: "2020-03-31T23:59:59Z"}, False),
        ],
    )
    yield from condition_table(
        _library("AWS: Allows specific access using MFA within specific dates", "aws_mfa-dates"),
        "with a factor, in the second half of 2017",
        {
            "Bool": {mfa: True},
            "DateGreaterThan": {now: "2017-07-01T00:00:00Z"},
            "DateLessThan": {now: "2017-12-31T23:59:59Z"},
        },
        [
            ("both", {mfa: "true", now: "2017-08-01T00:00:00Z"}, True),
            ("no factor", {now: "2017-08-01T00:00:00Z"}, False),
            ("a session without factor", {mfa: "false", now: "2017-08-01T00:00:00Z"}, False),
            ("too late", {mfa: "true", now: "2018-01-01T00:00:00Z"}, False),
        ],
    )
    address, via = "aws:SourceIp", "aws:ViaAWSService"
    yield from condition_table(
        _library("AWS: Denies access to AWS based on the source IP", "aws_deny-ip"),
        "outside the ranges, not through a service",
        {
            "NotIpAddress": {address: ["192.0.2.0/24", "203.0.113.0/24"]},
            "Bool": {via: "false"},
        },
        [
            ("from outside", {address: "198.51.100.1", via: "false"}, True),
            ("from inside", {address: "192.0.2.7", via: "false"}, False),
            ("a service on one's behalf", {address: "198.51.100.1", via: "true"}, False),
        ],
        effect="Deny",
    )
    region = "aws:RequestedRegion"
    page = _library(
        "AWS: Denies access to AWS based on the requested Region", "aws_deny-requested-region"
    )
    yield from _rows(
        page,
        [
            FULL,
            deny(
                condition={"StringNotEquals": {region: ["eu-central-1", "eu-west-1"]}},
                NotAction=["cloudfront:*", "iam:*", "route53:*", "support:*"],
            ),
        ],
        (
            ("in a listed Region", ALLOWED, "ec2:RunInstances", "*", {region: "eu-west-1"}),
            ("in another Region", DENIED, "ec2:RunInstances", "*", {region: "us-east-1"}),
            ("a global service", ALLOWED, "iam:CreateUser", "*", {region: "us-east-1"}),
        ),
    )


def _factors() -> Iterator[Example]:
    mfa, age = "aws:MultiFactorAuthPresent", "aws:MultiFactorAuthAge"
    stop = "ec2:StopInstances"
    require = _library("Amazon EC2: Requires MFA (GetSessionToken)", "ec2_require-mfa")
    yield from _rows(
        require,
        [
            allow("ec2:*"),
            deny([stop, "ec2:TerminateInstances"], condition={"BoolIfExists": {mfa: False}}),
        ],
        (
            ("with a factor", ALLOWED, stop, "*", {mfa: "true"}),
            ("a session without factor", DENIED, stop, "*", {mfa: "false"}),
            ("long-term keys", DENIED, stop, "*", {}),
            ("something else", ALLOWED, "ec2:StartInstances", "*", {}),
        ),
    )
    yield from _rows(
        require,
        [allow("ec2:*"), deny(stop, condition={"Bool": {mfa: False}})],
        (("Bool in place of BoolIfExists: long-term keys are not denied", ALLOWED, stop, "*", {}),),
    )
    held = "arn:aws:s3:::Production/x"
    yield from _rows(
        _library("Amazon S3: S3 full access except production", "s3_full-access-except-production"),
        [
            allow(["s3:PutObject", "s3:GetObject"], "arn:aws:s3:::*/*"),
            deny(
                "s3:*",
                ["arn:aws:s3:::Production/*", "arn:aws:s3:::Production"],
                {"NumericGreaterThanIfExists": {age: "1800"}},
            ),
        ],
        (
            ("within half an hour", ALLOWED, "s3:GetObject", held, {age: "1800"}),
            ("later", DENIED, "s3:GetObject", held, {age: "1801"}),
            ("long-term keys", DENIED, "s3:GetObject", held, {}),
            ("another bucket", ALLOWED, "s3:GetObject", "arn:aws:s3:::Other/x", {}),
        ),
    )


def _belongings() -> Iterator[Example]:
    creator = "datapipeline:PipelineCreator"
    yield from condition_table(
        _library(
            "AWS Data Pipeline: Denies access to pipelines that a user did not create",
            "datapipeline_not-owned",
        ),
        "who made the pipeline",
        {"StringNotEquals": {creator: "${aws:userid}"}},
        [
            ("he himself", {creator: "AIDA1", "aws:userid": "AIDA1"}, False),
            ("another", {creator: "AIDA2", "aws:userid": "AIDA1"}, True),
        ],
        effect="Deny",
    )
    leading, sub = "dynamodb:LeadingKeys", "cognito-identity.amazonaws.com:sub"
    yield from condition_table(
        _library(
            "Amazon DynamoDB: Allows item-level access based on a Cognito ID", "dynamodb_items"
        ),
        "items of one's own",
        {"ForAllValues:StringEquals": {leading: [f"${{{sub}}}"]}},
        [
            ("his", {leading: ["u-1"], sub: "u-1"}, True),
            ("his and another's", {leading: ["u-1", "u-2"], sub: "u-1"}, False),
        ],
    )
    columns, select = "dynamodb:Attributes", "dynamodb:Select"
    yield from condition_table(
        _library("Amazon DynamoDB: Allows access to specific attributes", "dynamodb_attributes"),
        "columns",
        {
            "ForAllValues:StringEquals": {columns: ["c-1", "c-2"]},
            "StringEqualsIfExists": {select: "SPECIFIC_ATTRIBUTES"},
        },
        [
            ("listed ones", {columns: ["c-1"], select: "SPECIFIC_ATTRIBUTES"}, True),
            ("all of them", {columns: ["c-1"], select: "ALL_ATTRIBUTES"}, False),
            ("a call without Select", {columns: ["c-2"]}, True),
            ("one that is not listed", {columns: ["c-3"]}, False),
        ],
    )
    cost = "aws:ResourceTag/CostCenter"
    yield from condition_table(
        _library(
            "Amazon EC2: Start or stop instances based on matching tags",
            "ec2-start-stop-match-tags",
        ),
        "cost centres",
        {"StringEquals": {cost: "${aws:PrincipalTag/CostCenter}"}},
        [
            ("the same", {cost: "1", "aws:PrincipalTag/CostCenter": "1"}, True),
            ("another", {cost: "1", "aws:PrincipalTag/CostCenter": "2"}, False),
        ],
    )
    application = "arn:aws:s3:::bucket/cognito/app"
    yield from _rows(
        _library(
            "Amazon S3: Allows Amazon Cognito users to access objects in their bucket",
            "s3_cognito-bucket",
        ),
        [allow("s3:GetObject", f"{application}/${{{sub}}}/*")],
        (
            ("his own", ALLOWED, "s3:GetObject", f"{application}/u-1/x", {sub: "u-1"}),
            ("another's", DENIED, "s3:GetObject", f"{application}/u-2/x", {sub: "u-1"}),
        ),
    )


def _administration() -> Iterator[Example]:
    department, job = _request_tag("Department"), _request_tag("JobFunction")
    yield from condition_table(
        _library("IAM: Allows creating new users only with specific tags", "iam-new-user-tag"),
        "tags of a new user",
        {
            "StringEqualsIfExists": {
                department: ["Development", "QualityAssurance"],
                job: "Employee",
            },
            "ForAllValues:StringEquals": {_KEYS: ["Department", "JobFunction"]},
        },
        [
            ("one tag", {department: "QualityAssurance", _KEYS: ["Department"]}, True),
            (
                "two tags",
                {
                    department: "Development",
                    job: "Employee",
                    _KEYS: ["Department", "JobFunction"],
                },
                True,
            ),
            (
                "a tag that is not listed",
                {
                    job: "Employee",
                    "aws:RequestTag/Project": "core",
                    _KEYS: ["JobFunction", "Project"],
                },
                False,
            ),
            ("another value", {department: "Sales", _KEYS: ["Department"]}, False),
        ],
    )
    holds = "iam:ResourceTag/JobFunction"
    yield from condition_table(
        _library("IAM: Add a specific tag to a user with a specific tag", "iam-add-tag"),
        "tags of a manager",
        {
            "StringEquals": {holds: "Manager", department: ["Marketing", "Development"]},
            "ForAllValues:StringEquals": {_KEYS: "Department"},
        },
        [
            (
                "a manager's department",
                {holds: "Manager", department: "Marketing", _KEYS: ["Department"]},
                True,
            ),
            (
                "somebody else's",
                {holds: "Clerk", department: "Marketing", _KEYS: ["Department"]},
                False,
            ),
            (
                "a second tag",
                {holds: "Manager", department: "Marketing", _KEYS: ["Department", "x"]},
                False,
            ),
        ],
    )
    passed = "iam:PassedToService"
    yield from condition_table(
        _library("IAM: Pass an IAM role to a specific AWS service", "iam-passrole-service"),
        "to whom a role is passed",
        {"StringEquals": {passed: "cloudwatch.amazonaws.com"}},
        [
            ("CloudWatch", {passed: "cloudwatch.amazonaws.com"}, True),
            ("Lambda", {passed: "lambda.amazonaws.com"}, False),
        ],
    )
    policies = [f"arn:aws:iam::*:policy/policy-name-{number}" for number in (1, 2)]
    yield from condition_table(
        _library("IAM: Limits managed policies that can be applied", "iam_limit-managed"),
        "which policy is attached",
        {"ArnEquals": {"iam:PolicyARN": policies}},
        [
            ("a customer's", {"iam:PolicyARN": f"arn:aws:iam::{ONE}:policy/policy-name-2"}, True),
            ("AWS's own", {"iam:PolicyARN": "arn:aws:iam::aws:policy/policy-name-1"}, True),
            ("another", {"iam:PolicyARN": f"arn:aws:iam::{ONE}:policy/admin"}, False),
        ],
    )
    bucket = ["arn:aws:s3:::bucket-name", "arn:aws:s3:::bucket-name/*"]
    page = _library("Amazon S3: Limits managing to a specific S3 bucket", "s3_deny-except-bucket")
    yield from _rows(
        page,
        [allow("s3:*", bucket), allow("ec2:*"), deny(NotAction="s3:*", NotResource=bucket)],
        (
            ("its objects", ALLOWED, "s3:PutObject", "arn:aws:s3:::bucket-name/x", {}),
            ("another bucket", DENIED, "s3:PutObject", "arn:aws:s3:::other/x", {}),
            ("another service", DENIED, "ec2:RunInstances", "*", {}),
        ),
    )


def _assuming() -> Iterator[Example]:
    page = _library("IAM: Assume roles that have a specific tag", "iam-assume-tagged-role")
    target = f"arn:aws:iam::{ONE}:role/target"
    wanted = {"StringEquals": {"iam:ResourceTag/Project": "ExampleCorpABC"}}
    identity = [allow("sts:AssumeRole", condition=wanted)]
    tagged: Context = {"iam:ResourceTag/Project": "ExampleCorpABC"}
    hands_on = named({"AWS": ONE}, allow("sts:AssumeRole", None))
    rows: tuple[tuple[str, Decision, Context, list[Body]], ...] = (
        ("a role with the tag", ALLOWED, tagged, hands_on),
        ("a role without the tag", DENIED, {}, hands_on),
        ("a role that trusts nobody of the account", DENIED, tagged, []),
    )
    for says, aws, context, trust in rows:
        yield example(
            page,
            says,
            aws,
            SOMEBODY,
            "sts:AssumeRole",
            target,
            context=context,
            identity=identity,
            resource_policy=trust,
        )
    yield example(
        page,
        "a trust policy with a condition on a key that is not known",
        UNKNOWN,
        SOMEBODY,
        "sts:AssumeRole",
        target,
        context=tagged,
        identity=identity,
        resource_policy=named(
            {"AWS": ONE}, allow("sts:AssumeRole", None, {"StringMatches": {"aws:x": "y"}})
        ),
    )


EXAMPLES = (
    *_tags(),
    *_session_tags(),
    *_times_and_places(),
    *_factors(),
    *_belongings(),
    *_administration(),
    *_assuming(),
)
