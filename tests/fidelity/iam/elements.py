"""Examples of the pages on the elements of a policy: actions, resources, principals, variables."""

from collections.abc import Iterator

from tests.fidelity.iam.example import (
    ALLOWED,
    ANYBODY,
    DENIED,
    FULL,
    IAM,
    ONE,
    SOMEBODY,
    TWO,
    UNKNOWN,
    Example,
    Page,
    allow,
    condition_table,
    deny,
    example,
    named,
    role,
    root,
    service,
    user,
    web_identity,
)


def _page(name: str) -> Page:
    return Page(
        f"IAM JSON policy elements: {name}",
        f"{IAM}reference_policies_elements_{name.lower()}.html",
    )


ACTION, NOT_ACTION = _page("Action"), _page("NotAction")
RESOURCE, NOT_RESOURCE = _page("Resource"), _page("NotResource")
PRINCIPAL, NOT_PRINCIPAL = _page("Principal"), _page("NotPrincipal")
VERSION = _page("Version")
VARIABLES = Page(
    "IAM policy elements: Variables and tags", f"{IAM}reference_policies_variables.html"
)


def _actions() -> Iterator[Example]:
    keys = [allow("iam:*AccessKey*")]
    for says, aws, action, identity in (
        ("case does not count", ALLOWED, "IAM:listaccesskeys", [allow("iam:ListAccessKeys")]),
        ("a wildcard inside: create", ALLOWED, "iam:CreateAccessKey", keys),
        ("a wildcard inside: list", ALLOWED, "iam:ListAccessKeys", keys),
        ("a wildcard inside: update", ALLOWED, "iam:UpdateAccessKey", keys),
        ("a wildcard inside: another", DENIED, "iam:CreateUser", keys),
        ("all of a service", ALLOWED, "s3:PutObject", [allow("s3:*")]),
        ("all of a service: another", DENIED, "sqs:SendMessage", [allow("s3:*")]),
        (
            "one of a list",
            ALLOWED,
            "ec2:StartInstances",
            [allow(["sqs:SendMessage", "ec2:StartInstances"])],
        ),
    ):
        yield example(ACTION, says, aws, SOMEBODY, action, identity=identity)


_MFA_MISSING = {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}


def _not_actions() -> Iterator[Example]:
    on_s3 = [allow(None, "arn:aws:s3:::*", NotAction="s3:DeleteBucket")]
    but_iam = [allow(NotAction="iam:*")]
    signed_in = [FULL, deny(condition=_MFA_MISSING, NotAction="iam:*")]
    factor = {"aws:MultiFactorAuthPresent": "true"}
    for says, aws, action, resource, identity, context in (
        ("all of S3 but deleting a bucket", ALLOWED, "s3:PutObject", "arn:aws:s3:::b/k", on_s3, {}),
        ("deleting a bucket", DENIED, "s3:DeleteBucket", "arn:aws:s3:::b", on_s3, {}),
        ("listing all buckets, which is on *", DENIED, "s3:ListAllMyBuckets", "*", on_s3, {}),
        ("another service", DENIED, "ec2:RunInstances", "*", on_s3, {}),
        ("everything but IAM", ALLOWED, "ec2:RunInstances", "*", but_iam, {}),
        ("IAM", DENIED, "iam:CreateUser", "*", but_iam, {}),
        ("without a factor, not IAM", DENIED, "ec2:RunInstances", "*", signed_in, {}),
        ("without a factor, IAM", ALLOWED, "iam:CreateUser", "*", signed_in, {}),
        ("with a factor", ALLOWED, "ec2:RunInstances", "*", signed_in, factor),
    ):
        yield example(
            NOT_ACTION, says, aws, SOMEBODY, action, resource, context=context, identity=identity
        )


def _resources() -> Iterator[Example]:
    nested = [allow("s3:GetObject", "arn:aws:s3:::amzn-demo/*/test/*")]
    for key, matches in (
        ("1/test/object.jpg", True),
        ("1/2/test/object.jpg", True),
        ("1/2/test/3/object.jpg", True),
        ("1/2/3/test/4/object.jpg", True),
        ("1///test///object.jpg", True),
        ("1/test/.jpg", True),
        ("/test/object.jpg", True),
        ("1/test/", True),
        ("1-test/object.jpg", False),
        ("test/object.jpg", False),
        ("1/2/test.jpg", False),
    ):
        yield example(
            RESOURCE,
            f"*/test/* and {key}",
            ALLOWED if matches else DENIED,
            SOMEBODY,
            "s3:GetObject",
            f"arn:aws:s3:::amzn-demo/{key}",
            identity=nested,
        )
    table = f"arn:aws:dynamodb:us-east-2:{ONE}:table"
    for says, aws, resource, identity in (
        ("a path", ALLOWED, f"arn:aws:iam::{ONE}:user/accounting/ann", ["user/accounting/*"]),
        ("another path", DENIED, f"arn:aws:iam::{ONE}:user/sales/ann", ["user/accounting/*"]),
    ):
        yield example(
            RESOURCE,
            f"users under {says}",
            aws,
            SOMEBODY,
            "iam:GetUser",
            resource,
            identity=[allow("iam:GetUser", f"arn:aws:iam::{ONE}:{identity[0]}")],
        )
    two = [allow("dynamodb:*", [f"{table}/books_table", f"{table}/magazines_table"])]
    own = [allow("dynamodb:*", f"{table}/${{aws:username}}")]
    for says, aws, name, identity in (
        ("one of two tables", ALLOWED, "magazines_table", two),
        ("a third table", DENIED, "letters_table", two),
        ("the table of one's name", ALLOWED, "ann", own),
        ("the table of another's name", DENIED, "bob", own),
    ):
        yield example(
            RESOURCE,
            says,
            aws,
            user("ann"),
            "dynamodb:Query",
            f"{table}/{name}",
            context={"aws:username": "ann"},
            identity=identity,
        )
    payroll = ["arn:aws:s3:::HRBucket/Payroll", "arn:aws:s3:::HRBucket/Payroll/*"]
    closed = [FULL, deny("s3:*", NotResource=payroll)]
    for says, aws, action, resource in (
        ("the folder that is left out", ALLOWED, "s3:GetObject", "arn:aws:s3:::HRBucket/Payroll/1"),
        ("another folder", DENIED, "s3:GetObject", "arn:aws:s3:::HRBucket/Other/1"),
        ("another service", ALLOWED, "sqs:SendMessage", f"arn:aws:sqs:eu-west-1:{ONE}:q"),
    ):
        yield example(NOT_RESOURCE, says, aws, SOMEBODY, action, resource, identity=closed)


_ACT, _ON = "s3:GetObject", "arn:aws:s3:::bucket/key"


def _principals() -> Iterator[Example]:
    anna, other = user("anna"), user("anna", TWO)
    session = role("ops", "anna")
    provider = "cognito-identity.amazonaws.com"
    saml = f"arn:aws:iam::{ONE}:saml-provider/corp"
    for says, aws, who, principal in (
        ("one of several users", ALLOWED, anna, {"AWS": [anna.arn, user("bob").arn]}),
        ("a user in other case", DENIED, anna, {"AWS": f"arn:aws:iam::{ONE}:user/Anna"}),
        ("the account hands on, nobody grants", DENIED, anna, {"AWS": ONE}),
        ("the account names its root user too", ALLOWED, root(), {"AWS": ONE}),
        ("a role", ALLOWED, session, {"AWS": session.arn}),
        ("a session of the role", ALLOWED, session, {"AWS": session.session_arn}),
        ("another session", DENIED, session, {"AWS": role("ops", "bob").session_arn}),
        ("one of two services", ALLOWED, service("ecs"), {"Service": ["x", "ecs.amazonaws.com"]}),
        ("another service", DENIED, service("ec2"), {"Service": "ecs.amazonaws.com"}),
        ("everybody, for nobody known", ALLOWED, ANYBODY, "*"),
        ("every AWS principal, for nobody known", ALLOWED, ANYBODY, {"AWS": "*"}),
        ("everybody, for a user of the account", ALLOWED, anna, "*"),
        ("a web identity", ALLOWED, web_identity(provider), {"Federated": provider}),
        ("another provider", DENIED, web_identity(provider), {"Federated": "www.amazon.com"}),
        ("a SAML provider", ALLOWED, web_identity(saml), {"Federated": saml}),
        ("a part of an ARN, which is not allowed", UNKNOWN, anna, {"AWS": f"{anna.arn[:-2]}*"}),
    ):
        yield example(
            PRINCIPAL, says, aws, who, _ACT, _ON, of=ONE, resource_policy=named(principal, FULL)
        )
    for spelt in (TWO, f"arn:aws:iam::{TWO}:root"):
        yield example(
            PRINCIPAL,
            f"another account as {spelt}, whose own policy grants",
            ALLOWED,
            other,
            _ACT,
            _ON,
            of=ONE,
            identity=[FULL],
            resource_policy=named({"AWS": [spelt, "123456789012"]}, FULL),
        )
    yield example(
        PRINCIPAL,
        "everybody, for a user of another account without a policy of his own",
        DENIED,
        other,
        _ACT,
        _ON,
        of=ONE,
        resource_policy=named("*", FULL),
    )
    yield from _by_principal_arn()


def _by_principal_arn() -> Iterator[Example]:
    ops = role("ops")
    context = {"aws:PrincipalArn": ops.arn}
    by_key = named("*", allow(_ACT, condition={"ArnEquals": context}))
    for says, layer in (
        ("a boundary", {"boundary": [allow("ec2:*")]}),
        ("a session policy", {"session": [allow("ec2:*")]}),
    ):
        yield example(
            PRINCIPAL,
            f"aws:PrincipalArn under Principal *: {says} does not limit it",
            ALLOWED,
            ops,
            _ACT,
            _ON,
            context=context,
            resource_policy=by_key,
            **layer,
        )
    yield example(
        PRINCIPAL,
        "aws:PrincipalArn under Principal *: an explicit Deny does",
        DENIED,
        ops,
        _ACT,
        _ON,
        context=context,
        resource_policy=by_key,
        identity=[deny(_ACT)],
    )
    spared = user("user-name")
    closed = named("*", deny("s3:*", condition={"ArnNotEquals": {"aws:PrincipalArn": spared.arn}}))
    for says, aws, who in (
        ("the one that is spared", ALLOWED, spared),
        ("another", DENIED, user("other")),
    ):
        yield example(
            PRINCIPAL,
            f"a Deny with aws:PrincipalArn in place of NotPrincipal: {says}",
            aws,
            who,
            _ACT,
            _ON,
            context={"aws:PrincipalArn": who.arn},
            identity=[FULL],
            resource_policy=closed,
        )


def _not_principals() -> Iterator[Example]:
    bob = user("Bob", TWO)
    but_bob = [deny("s3:*", NotPrincipal={"AWS": [bob.arn, f"arn:aws:iam::{TWO}:root"]})]
    both = [*but_bob, *named("*", FULL)]
    for says, who in (("Bob, who is spared", bob), ("another of his account", user("Al", TWO))):
        yield example(
            NOT_PRINCIPAL,
            f"{says}: pages and evaluators disagree",
            UNKNOWN,
            who,
            _ACT,
            _ON,
            of=ONE,
            identity=[FULL],
            resource_policy=both,
        )
    yield example(
        NOT_PRINCIPAL,
        "an action that the Deny does not cover",
        ALLOWED,
        bob,
        "sqs:SendMessage",
        f"arn:aws:sqs:eu-west-1:{ONE}:q",
        of=ONE,
        identity=[FULL],
        resource_policy=both,
    )


def _versions() -> Iterator[Example]:
    own = [allow("s3:*", "arn:aws:s3:::b/${aws:username}/*")]
    for version, key, aws in (
        ("2012-10-17", "ann/1", ALLOWED),
        ("2008-10-17", "ann/1", DENIED),
        ("2008-10-17", "${aws:username}/1", ALLOWED),
    ):
        yield example(
            VERSION,
            f"{version}: {key}",
            aws,
            user("ann"),
            "s3:GetObject",
            f"arn:aws:s3:::b/{key}",
            context={"aws:username": "ann"},
            identity=own,
            version=version,
        )


def _variables() -> Iterator[Example]:
    bucket = "arn:aws:s3:::amzn-demo"
    own = [
        allow(["s3:ListBucket"], bucket, {"StringLike": {"s3:prefix": ["${aws:username}/*"]}}),
        allow(["s3:GetObject", "s3:PutObject"], f"{bucket}/${{aws:username}}/*"),
    ]
    named_david = {"aws:username": "David"}
    team = "aws:PrincipalTag/team"
    by_team = [allow("s3:*", f"{bucket}-${{{team}, 'company-wide'}}/*")]
    queue = f"arn:aws:sqs:us-east-2:{ONE}"
    by_name = [allow("sqs:*", "arn:aws:sqs:us-east-2:*:${aws:username}-queue")]
    department = [allow("s3:*", "arn:aws:s3:::bucket/${aws:PrincipalTag/department}")]
    key = "iam:UpdateAccessKey"
    keys = [allow("iam:*AccessKey*", f"arn:aws:iam::{ONE}:user/${{aws:username}}")]
    rows = (
        ("David in his own folder", ALLOWED, "s3:GetObject", f"{bucket}/David/1", own, named_david),
        ("David in another's", DENIED, "s3:GetObject", f"{bucket}/Anna/1", own, named_david),
        (
            "David lists his own",
            ALLOWED,
            "s3:ListBucket",
            bucket,
            own,
            {**named_david, "s3:prefix": "David/x"},
        ),
        (
            "David lists another's",
            DENIED,
            "s3:ListBucket",
            bucket,
            own,
            {**named_david, "s3:prefix": "Anna/x"},
        ),
        ("a role has no user name", DENIED, "s3:GetObject", f"{bucket}/David/1", own, {}),
        ("David's keys", ALLOWED, key, user("David").arn, keys, named_david),
        ("another's keys", DENIED, key, user("Anna").arn, keys, named_david),
        ("David's queue", ALLOWED, "sqs:SendMessage", f"{queue}:David-queue", by_name, named_david),
        ("another queue", DENIED, "sqs:SendMessage", f"{queue}:Anna-queue", by_name, named_david),
        (
            "a tag in the ARN",
            ALLOWED,
            "s3:GetObject",
            "arn:aws:s3:::bucket/hr",
            department,
            {"aws:PrincipalTag/department": "hr"},
        ),
        ("team yellow", ALLOWED, "s3:GetObject", f"{bucket}-yellow/1", by_team, {team: "yellow"}),
        ("team blue", DENIED, "s3:GetObject", f"{bucket}-yellow/1", by_team, {team: "blue"}),
        ("no team: the default", ALLOWED, "s3:GetObject", f"{bucket}-company-wide/1", by_team, {}),
        (
            "team yellow, the default's",
            DENIED,
            "s3:GetObject",
            f"{bucket}-company-wide/1",
            by_team,
            {team: "yellow"},
        ),
    )
    for says, aws, action, resource, identity, context in rows:
        yield example(
            VARIABLES,
            says,
            aws,
            user("David"),
            action,
            resource,
            context=context,
            identity=identity,
        )
    yield from _where_variables_stand()


def _where_variables_stand() -> Iterator[Example]:
    topic, outsider = f"arn:aws:sns:eu-west-1:{ONE}:t", user("anna", TWO)
    grant = allow(
        "sns:*",
        None,
        {
            "StringLike": {"sns:endpoint": "https://example.com/${aws:username}/"},
            "StringEquals": {"sns:Protocol": "https"},
        },
        Principal={"AWS": TWO},
    )
    for says, aws, endpoint in (
        ("her own address", ALLOWED, "https://example.com/anna/"),
        ("another's", DENIED, "https://example.com/bob/"),
    ):
        yield example(
            VARIABLES,
            f"a topic's policy without Resource: {says}",
            aws,
            outsider,
            "sns:Subscribe",
            topic,
            of=ONE,
            context={"aws:username": "anna", "sns:endpoint": endpoint, "sns:Protocol": "https"},
            identity=[FULL],
            resource_policy=[grant],
        )
    same_team = {"StringNotEquals": {"s3:ExistingObjectTag/Team": "${aws:PrincipalTag/Team}"}}
    ours = {"s3:ExistingObjectTag/Team": "red"}
    yield from condition_table(
        VARIABLES,
        "a Deny unless the teams are the same",
        same_team,
        [
            ("they are", {**ours, "aws:PrincipalTag/Team": "red"}, False),
            ("they are not", {**ours, "aws:PrincipalTag/Team": "blue"}, True),
            ("the principal has none", ours, True),
        ],
        effect="Deny",
    )
    yield from condition_table(
        VARIABLES,
        "StringEquals with a variable of no value",
        {"StringEquals": {"s3:ExistingObjectTag/Team": "${aws:PrincipalTag/Team}"}},
        [("nothing equals it", ours, False)],
    )
    cost = {"StringLike": {"iam:ResourceTag/costCenter": ["12345", "67890"]}}
    yield from condition_table(
        VARIABLES,
        "a tag in a condition",
        cost,
        [
            ("67890", {"iam:ResourceTag/costCenter": "67890"}, True),
            ("another", {"iam:ResourceTag/costCenter": "1"}, False),
            ("no tag", {}, False),
        ],
    )
    for says, aws, resource in (
        ("a literal asterisk", ALLOWED, "arn:aws:s3:::b/*"),
        ("no wildcard", DENIED, "arn:aws:s3:::b/x"),
    ):
        yield example(
            VARIABLES,
            f"${{*}} is {says}",
            aws,
            SOMEBODY,
            _ACT,
            resource,
            identity=[allow(_ACT, "arn:aws:s3:::b/${*}")],
        )
    yield example(
        VARIABLES,
        "a variable before the fifth colon is not allowed",
        UNKNOWN,
        SOMEBODY,
        _ACT,
        f"arn:aws:sqs:eu-west-1:{ONE}:q",
        context={"aws:PrincipalAccount": ONE},
        identity=[allow("*", "arn:aws:sqs:eu-west-1:${aws:PrincipalAccount}:q")],
    )
    for says, aws, resource in (
        ("no resource matches it", DENIED, "arn:aws:s3:::b/x"),
        ("beside a text that matches, the statement might be invalid", UNKNOWN, _ON),
    ):
        yield example(
            VARIABLES,
            f"a variable without value in Resource: {says}",
            aws,
            SOMEBODY,
            _ACT,
            resource,
            identity=[allow(_ACT, [_ON, "arn:aws:s3:::b/${aws:username}"])],
        )


EXAMPLES = (
    *_actions(),
    *_not_actions(),
    *_resources(),
    *_principals(),
    *_not_principals(),
    *_versions(),
    *_variables(),
)
