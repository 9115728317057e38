"""Examples and tables of the pages on conditions, their operators and their keys."""

from collections.abc import Iterator

from tests.fidelity.iam.example import (
    ALLOWED,
    DENIED,
    FULL,
    IAM,
    ONE,
    SOMEBODY,
    UNKNOWN,
    Example,
    Page,
    allow,
    condition_table,
    deny,
    example,
    named,
    role,
    service,
    user,
)

OPERATORS = Page(
    "IAM JSON policy elements: Condition operators",
    f"{IAM}reference_policies_elements_condition_operators.html",
)
SINGLE_VALUED = Page(
    "Single-valued context key policy examples",
    f"{IAM}reference_policies_condition_examples-single-valued-context-keys.html",
)
MULTIVALUED = Page(
    "Multivalued context key examples",
    f"{IAM}reference_policies_condition_examples-multi-valued-context-keys.html",
)
SETS = Page(
    "Set operators for multivalued context keys",
    f"{IAM}reference_policies_condition-single-vs-multi-valued-context-keys.html",
)
CONDITION = Page(
    "IAM JSON policy elements: Condition", f"{IAM}reference_policies_elements_condition.html"
)
SEVERAL = Page(
    "Conditions with multiple context keys or values",
    f"{IAM}reference_policies_condition-logic-multiple-context-keys-or-values.html",
)

_JOB = "aws:PrincipalTag/job-category"
_ENVIRONMENT, _TAG_KEYS = "aws:RequestTag/environment", "aws:TagKeys"
_TOPIC = "arn:aws:sns:us-west-2:123456789012:TOPIC-ID"
_SOURCES = "logs:LogGeneratingResourceArns"
_DISTRIBUTION = "arn:aws::cloudfront:123456789012:distribution"
_TYPE = "ec2:InstanceType"


def _strings() -> Iterator[Example]:
    yield from condition_table(
        OPERATORS,
        "StringEquals",
        {"StringEquals": {_JOB: "iamuser-admin"}},
        [
            ("the tag is iamuser-admin", {_JOB: "iamuser-admin"}, True),
            ("the tag is dev-ops", {_JOB: "dev-ops"}, False),
            ("no such tag", {}, False),
        ],
    )
    home = {"StringLike": {"s3:prefix": ["home/", "home/${aws:username}/"]}}
    yield from condition_table(
        OPERATORS,
        "StringLike with a variable",
        home,
        [
            (
                "martha in her own",
                {"aws:username": "martha_rivera", "s3:prefix": "home/martha_rivera/"},
                True,
            ),
            (
                "nikki in her own",
                {"aws:username": "nikki_wolf", "s3:prefix": "home/nikki_wolf/"},
                True,
            ),
            (
                "nikki in Martha's",
                {"aws:username": "nikki_wolf", "s3:prefix": "home/martha_rivera/"},
                False,
            ),
            ("nobody's name", {"s3:prefix": "home/martha_rivera/"}, False),
        ],
    )
    yield example(
        OPERATORS,
        'StringLike with a variable: nobody\'s name, and the prefix "home/" beside it',
        UNKNOWN,
        SOMEBODY,
        "s3:ListBucket",
        context={"s3:prefix": "home/"},
        identity=[allow("s3:ListBucket", condition=home)],
    )
    yield from condition_table(
        OPERATORS,
        "StringEqualsIgnoreCase with ForAnyValue",
        {
            "StringEqualsIgnoreCase": {_ENVIRONMENT: ["preprod", "storage"]},
            "ForAnyValue:StringEquals": {_TAG_KEYS: "environment"},
        },
        [
            ("preprod", {_TAG_KEYS: ["environment"], _ENVIRONMENT: "preprod"}, True),
            ("PreProd", {_TAG_KEYS: ["environment", "costcenter"], _ENVIRONMENT: "PreProd"}, True),
            (
                "the key in capitals",
                {_TAG_KEYS: ["Environment"], "aws:RequestTag/Environment": "preprod"},
                False,
            ),
            ("another key", {_TAG_KEYS: ["costcenter"], _ENVIRONMENT: "preprod"}, False),
            ("no keys", {_ENVIRONMENT: "storage"}, False),
            ("no value", {_TAG_KEYS: ["environment"]}, False),
            ("neither", {}, False),
        ],
    )


def _others() -> Iterator[Example]:
    yield from condition_table(
        OPERATORS,
        "NumericLessThanEquals",
        {"NumericLessThanEquals": {"s3:max-keys": "10"}},
        [
            ("ten keys", {"s3:max-keys": "10"}, True),
            ("eleven keys", {"s3:max-keys": "11"}, False),
            ("no such key", {}, False),
        ],
    )
    issued = {"DateGreaterThan": {"aws:TokenIssueTime": "2020-01-01T00:00:01Z"}}
    yield from condition_table(
        OPERATORS,
        "DateGreaterThan",
        issued,
        [
            ("issued in 2020", {"aws:TokenIssueTime": "2020-06-01T00:00:00Z"}, True),
            ("issued before", {"aws:TokenIssueTime": "2019-12-31T23:59:59Z"}, False),
            ("issued at that second", {"aws:TokenIssueTime": "2020-01-01T00:00:01Z"}, False),
            ("long-term keys", {}, False),
        ],
    )
    yield from condition_table(
        OPERATORS,
        "Bool",
        {"Bool": {"aws:SecureTransport": "false"}},
        [
            ("without TLS", {"aws:SecureTransport": "false"}, True),
            ("with TLS", {"aws:SecureTransport": "true"}, False),
            ("not said", {}, False),
        ],
        effect="Deny",
    )
    yield from condition_table(
        OPERATORS,
        "BinaryEquals",
        {"BinaryEquals": {"key": "QmluYXJ5VmFsdWVJbkJhc2U2NA=="}},
        [
            ("the same", {"key": "QmluYXJ5VmFsdWVJbkJhc2U2NA=="}, True),
            ("another", {"key": "ASIAIOSFODNN7EXAMPLE"}, False),
            ("no such key", {}, False),
        ],
    )
    yield from condition_table(
        OPERATORS,
        "IpAddress",
        {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}},
        [
            ("inside", {"aws:SourceIp": "203.0.113.1"}, True),
            ("outside", {"aws:SourceIp": "198.51.100.1"}, False),
            ("through a VPC endpoint, without the key", {}, False),
        ],
    )
    yield from condition_table(
        OPERATORS,
        "IpAddress, both families",
        {"IpAddress": {"aws:SourceIp": ["203.0.113.0/24", "2001:DB8:1234:5678::/64"]}},
        [
            ("version 4", {"aws:SourceIp": "203.0.113.255"}, True),
            ("version 6", {"aws:SourceIp": "2001:db8:1234:5678::1"}, True),
            ("version 6 outside", {"aws:SourceIp": "2001:db8:1234:5679::1"}, False),
        ],
    )


def _arns() -> Iterator[Example]:
    equals = {"ArnEquals": {"aws:SourceArn": _TOPIC}}
    queue = f"arn:aws:sqs:us-west-2:{ONE}:QUEUE-ID"
    grant = named({"Service": "sns.amazonaws.com"}, allow("SQS:SendMessage", queue, equals))
    for says, aws, who, context in (
        ("this topic", ALLOWED, service("sns"), {"aws:SourceArn": _TOPIC}),
        (
            "another account's topic",
            DENIED,
            service("sns"),
            {"aws:SourceArn": _TOPIC.replace("123456789012", "777788889999")},
        ),
        ("no topic", DENIED, service("sns"), {}),
        ("a user by hand", DENIED, SOMEBODY, {}),
    ):
        yield example(
            OPERATORS,
            f"ArnEquals: {says}",
            aws,
            who,
            "sqs:SendMessage",
            queue,
            of=ONE,
            context=context,
            resource_policy=grant,
        )
    yield from condition_table(
        OPERATORS,
        "ForAllValues:ArnLike",
        {"ForAllValues:ArnLike": {_SOURCES: [f"{_DISTRIBUTION}/*", f"{_DISTRIBUTION}/support*"]}},
        [
            ("one that matches", {_SOURCES: [f"{_DISTRIBUTION}/costcenter"]}, True),
            (
                "two that match",
                {_SOURCES: [f"{_DISTRIBUTION}/costcenter", f"{_DISTRIBUTION}/support2025"]},
                True,
            ),
            (
                "another account's",
                {_SOURCES: ["arn:aws::cloudfront:777788889999:distribution/costcenter"]},
                False,
            ),
            ("no such key", {}, True),
        ],
    )
    finance = "arn:aws:someservice:*:111122223333:finance/*"
    reaching = (
        "arn:aws:someservice:us-east-2:999999999999:store/abc:111122223333:finance/document.txt"
    )
    for operator, matches in (("StringLike", True), ("ArnLike", False)):
        yield from condition_table(
            OPERATORS,
            f"{operator} where the wildcard would reach over a colon",
            {operator: {"aws:SourceArn": finance}},
            [("the page's ARN", {"aws:SourceArn": reaching}, matches)],
        )


def _presence() -> Iterator[Example]:
    kinds = ["t1.*", "t2.*", "m3.*"]
    yield from condition_table(
        OPERATORS,
        "StringLikeIfExists",
        {"StringLikeIfExists": {_TYPE: kinds}},
        [
            ("t1.micro", {_TYPE: "t1.micro"}, True),
            ("m2.micro", {_TYPE: "m2.micro"}, False),
            ("an image, which has no type", {}, True),
        ],
    )
    yield from condition_table(
        OPERATORS,
        "StringLike without IfExists",
        {"StringLike": {_TYPE: kinds}},
        [("an image, which has no type", {}, False)],
    )
    yield from condition_table(
        OPERATORS,
        "StringNotEqualsIfExists",
        {"StringNotEqualsIfExists": {"aws:RequestTag/owner": "me"}},
        [("the tag is missing", {}, True), ("the tag fits", {"aws:RequestTag/owner": "me"}, False)],
        effect="Deny",
    )
    now = {"aws:TokenIssueTime": "2026-11-22T12:00:00Z"}
    for wanted, temporary in (("true", False), ("false", True)):
        yield from condition_table(
            OPERATORS,
            f"Null {wanted}",
            {"Null": {"aws:TokenIssueTime": wanted}},
            [("temporary credentials", now, temporary), ("own credentials", {}, not temporary)],
        )
    for operator in ("StringNotLike", "ArnNotLike"):
        yield from condition_table(
            OPERATORS,
            f"{operator} without the key",
            {operator: {"aws:SourceArn": "arn:aws:sns:*:*:*"}},
            [("a negated operator is true", {}, True)],
        )


def _single_valued() -> Iterator[Example]:
    volume = "arn:aws:ec2:us-east-1:123456789012:volume/vol-1"
    identity = [
        allow("ec2:CreateVolume"),
        allow(
            "ec2:CreateTags",
            "arn:aws:ec2:us-east-1:123456789012:volume/*",
            {"StringLike": {"aws:RequestTag/project": "*"}},
        ),
    ]
    yield example(
        SINGLE_VALUED,
        "a volume with a project",
        ALLOWED,
        SOMEBODY,
        "ec2:CreateTags",
        volume,
        context={"aws:RequestTag/project": "Feature3", "aws:RequestTag/environment": "QA"},
        identity=identity,
    )
    yield example(
        SINGLE_VALUED,
        "a volume without a project",
        DENIED,
        SOMEBODY,
        "ec2:CreateTags",
        volume,
        identity=identity,
    )
    first, second = (f"arn:aws:ecs:us-east-1:{ONE}:cluster/default{n}" for n in (1, 2))
    yield from condition_table(
        SINGLE_VALUED,
        "two keys of several values",
        {
            "StringEquals": {_ENVIRONMENT: ["production", "prod-backup"]},
            "ArnEquals": {"ecs:cluster": [first, second]},
        },
        [
            ("production on the first", {_ENVIRONMENT: "production", "ecs:cluster": first}, True),
            (
                "prod-backup on the second",
                {_ENVIRONMENT: "prod-backup", "ecs:cluster": second},
                True,
            ),
            (
                "another tag",
                {"aws:RequestTag/webserver": "production", "ecs:cluster": second},
                False,
            ),
            ("no tag", {"ecs:cluster": second}, False),
        ],
    )


def _multivalued() -> Iterator[Example]:
    def keys(*names: str) -> dict[str, list[str]]:
        return {_TAG_KEYS: list(names)}

    yield from condition_table(
        MULTIVALUED,
        "a Deny with ForAllValues:StringNotLike key1*",
        {"ForAllValues:StringNotLike": {_TAG_KEYS: "key1*"}},
        [
            ("key1:legal", keys("key1:legal"), False),
            ("key1:hr, key1:personnel", keys("key1:hr", "key1:personnel"), False),
            ("key2:audit", keys("key2:audit"), True),
            ("no keys", {}, True),
        ],
        effect="Deny",
    )
    yield from condition_table(
        MULTIVALUED,
        "a Deny with ForAllValues:StringNotLike key1*, key2*",
        {"ForAllValues:StringNotLike": {_TAG_KEYS: ["key1*", "key2*"]}},
        [
            ("key1:legal", keys("key1:legal"), False),
            ("key1:hr, key1:personnel", keys("key1:hr", "key1:personnel"), False),
            ("key1:hr, key2:audit", keys("key1:hr", "key2:audit"), False),
            ("key3:legal", keys("key3:legal"), True),
            ("no keys", {}, True),
        ],
        effect="Deny",
    )
    yield from condition_table(
        MULTIVALUED,
        "a Deny with ForAnyValue:StringEquals webserver",
        {"ForAnyValue:StringEquals": {_TAG_KEYS: "webserver"}},
        [
            ("webserver", keys("webserver"), True),
            (
                "environment, webserver, test",
                keys("environment", "webserver", "test"),
                True,
            ),
            ("environment, test", keys("environment", "test"), False),
            ("no keys", {}, False),
        ],
        effect="Deny",
    )
    yield from condition_table(
        MULTIVALUED,
        "an earlier edition: a Deny with Null beside ForAllValues",
        {
            "Null": {_TAG_KEYS: "false"},
            "ForAllValues:StringLike": {_TAG_KEYS: ["key1*", "key2*", "key3*"]},
        },
        [
            ("all of them fit", keys("key1-a", "key3-b"), True),
            ("one does not", keys("key1-a", "other"), False),
            ("no keys", {}, False),
        ],
        effect="Deny",
    )


_ATTRIBUTES = "dynamodb:Attributes"


def _sets() -> Iterator[Example]:
    """The forum's table, and what the four set operators say of sets."""
    thread = f"arn:aws:dynamodb:us-west-2:{ONE}:table/Thread"
    reads = [
        allow(
            "dynamodb:GetItem",
            "arn:aws:dynamodb:*:*:table/Thread",
            {"ForAllValues:StringEquals": {_ATTRIBUTES: ["ID", "Message", "Tags"]}},
        )
    ]
    writes = [
        FULL,
        deny(
            "dynamodb:PutItem",
            "arn:aws:dynamodb:*:*:table/Thread",
            {"ForAnyValue:StringEquals": {_ATTRIBUTES: ["ID", "PostDateTime"]}},
        ),
    ]
    for says, aws, action, identity, attributes in (
        ("listed attributes are read", ALLOWED, "GetItem", reads, ["ID", "Message", "Tags"]),
        ("one that is not listed", DENIED, "GetItem", reads, ["ID", "UserName"]),
        ("an empty list", ALLOWED, "GetItem", reads, []),
        ("a forbidden one is written", DENIED, "PutItem", writes, ["PostDateTime", "Message"]),
        ("none of the forbidden", ALLOWED, "PutItem", writes, ["UserName"]),
        (
            "three, one forbidden",
            DENIED,
            "PutItem",
            writes,
            ["UserName", "Message", "PostDateTime"],
        ),
        ("nothing is written", ALLOWED, "PutItem", writes, []),
    ):
        yield example(
            SETS,
            f"the forum: {says}",
            aws,
            SOMEBODY,
            f"dynamodb:{action}",
            thread,
            context={_ATTRIBUTES: attributes},
            identity=identity,
        )
    asked = {_ATTRIBUTES: ["PostDateTime", "UserName"]}
    listed = {_ATTRIBUTES: ["PostDateTime", "Message", "Tags"]}
    for operator, matches in (
        ("ForAllValues:StringEquals", False),
        ("ForAnyValue:StringEquals", True),
        ("ForAllValues:StringNotEquals", False),
        ("ForAnyValue:StringNotEquals", True),
    ):
        yield from condition_table(
            SETS, operator, {operator: listed}, [("PostDateTime, UserName", asked, matches)]
        )
    for operator, matches in (
        ("ForAllValues:StringEquals", True),
        ("ForAnyValue:StringEquals", False),
    ):
        yield from condition_table(
            SETS,
            f"{operator} on nothing",
            {operator: listed},
            [
                ("no key", {}, matches),
                ("an empty set", {_ATTRIBUTES: []}, matches),
                ("an empty text", {_ATTRIBUTES: ""}, matches),
            ],
        )
    paths = ["o-acorg/r-acroot/ou-acroot-mediaou/", "o-acorg/r-acroot/ou-acroot-sportsou/*"]
    yield from condition_table(
        SETS,
        "ForAnyValue:StringLike on the paths of the organisation",
        {"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": paths}},
        [
            ("the unit itself", {"aws:PrincipalOrgPaths": [paths[0]]}, True),
            ("below it", {"aws:PrincipalOrgPaths": [paths[1].replace("*", "ou-x/")]}, True),
            ("elsewhere", {"aws:PrincipalOrgPaths": ["o-acorg/r-acroot/ou-other/"]}, False),
        ],
    )


def _several() -> Iterator[Example]:
    department, position = "aws:PrincipalTag/department", "aws:PrincipalTag/role"
    account = "aws:PrincipalAccount"
    condition = {
        "StringEqualsIgnoreCase": {
            department: ["finance", "hr", "legal"],
            position: ["audit", "security"],
        },
        "StringEquals": {account: "123456789012"},
    }
    right = {department: "HR", position: "audit", account: "123456789012"}
    yield from condition_table(
        SEVERAL,
        "all keys, any value of each",
        condition,
        [
            ("all three fit", right, True),
            ("another department", {**right, department: "sales"}, False),
            ("no second tag", {department: "HR", account: "123456789012"}, False),
            ("another account", {**right, account: "210987654321"}, False),
        ],
    )
    yield from condition_table(
        SEVERAL,
        "several values under a negated operator work like AND",
        {"StringNotEquals": {account: ["123456789012", "210987654321"]}},
        [
            ("the first", {account: "123456789012"}, False),
            ("the second", {account: "210987654321"}, False),
            ("a third", {account: "333333333333"}, True),
        ],
    )


def _element() -> Iterator[Example]:
    yield from condition_table(
        CONDITION,
        "names of keys know no case, values do",
        {"StringEquals": {"aws:username": "johndoe"}},
        [
            ("johndoe", {"AWS:UserName": "johndoe"}, True),
            ("JohnDoe", {"aws:username": "JohnDoe"}, False),
        ],
    )
    yield from condition_table(
        CONDITION,
        "StringEqualsIgnoreCase",
        {"StringEqualsIgnoreCase": {"aws:username": "johndoe"}},
        [("JohnDoe", {"aws:username": "JohnDoe"}, True)],
    )
    age = "aws:MultiFactorAuthAge"
    device = [
        allow(
            "iam:DeactivateMFADevice",
            "arn:aws:iam::*:user/${aws:username}",
            {"NumericLessThanEquals": {age: "3600"}},
        )
    ]
    for says, aws, context in (
        ("within the hour", ALLOWED, {age: "3600"}),
        ("after the hour", DENIED, {age: "3601"}),
        ("with long-term keys", DENIED, {}),
    ):
        yield example(
            CONDITION,
            f"one removes one's factor {says}",
            aws,
            user("anna"),
            "iam:DeactivateMFADevice",
            user("anna").arn,
            context={"aws:username": "anna", **context},
            identity=device,
        )
    yield from condition_table(
        CONDITION,
        "the name of a tag knows no case",
        {"StringEquals": {"aws:ResourceTag/TagKey1": "Value1"}},
        [
            ("tagkey1", {"aws:ResourceTag/tagkey1": "Value1"}, True),
            ("another value", {"aws:ResourceTag/tagkey1": "value1"}, False),
        ],
    )
    yield example(
        CONDITION,
        "two tags whose names differ in case alone can fail unexpectedly",
        UNKNOWN,
        SOMEBODY,
        "ec2:StartInstances",
        context={"aws:ResourceTag/EC2": "test2", "aws:ResourceTag/ec2": "test1"},
        identity=[allow(condition={"StringEquals": {"aws:ResourceTag/EC2": "test1"}})],
    )
    own = {"StringLike": {"s3:prefix": ["${aws:username}/*"]}}
    yield from condition_table(
        CONDITION,
        "a prefix by variable",
        own,
        [
            ("one's own", {"aws:username": "janedoe", "s3:prefix": "janedoe/x"}, True),
            ("another's", {"aws:username": "janedoe", "s3:prefix": "john/x"}, False),
        ],
    )
    yield example(
        CONDITION,
        "a role has no user name",
        DENIED,
        role("reader"),
        "s3:ListBucket",
        context={"s3:prefix": "janedoe/x"},
        identity=[allow("s3:ListBucket", condition=own)],
    )


EXAMPLES = (
    *_strings(),
    *_others(),
    *_arns(),
    *_presence(),
    *_single_valued(),
    *_multivalued(),
    *_sets(),
    *_several(),
    *_element(),
)
