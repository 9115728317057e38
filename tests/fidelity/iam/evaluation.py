"""Examples of the chapter on policy evaluation, of boundaries and of session policies."""

from collections.abc import Iterator

from breakglass.proof.model import Principal
from tests.fidelity.iam.example import (
    ALLOWED,
    DENIED,
    FULL,
    FULL_ACCESS,
    IAM,
    ONE,
    TWO,
    Example,
    Page,
    allow,
    deny,
    example,
    federated_user,
    named,
    policy,
    role,
    root,
    user,
)

SINGLE = Page(
    "Policy evaluation for requests within a single account",
    f"{IAM}reference_policies_evaluation-logic_policy-eval-basics.html",
)
ACROSS = Page(
    "Cross-account policy evaluation logic",
    f"{IAM}reference_policies_evaluation-logic-cross-account.html",
)
INTERPLAY = Page(
    "The difference between explicit and implicit denies",
    f"{IAM}reference_policies_evaluation-logic_AccessPolicyLanguage_Interplay.html",
)
ENFORCEMENT = Page(
    "How AWS enforcement code logic evaluates requests to allow or deny access",
    f"{IAM}reference_policies_evaluation-logic_policy-eval-denyallow.html",
)
LOGIC = Page("Policy evaluation logic", f"{IAM}reference_policies_evaluation-logic.html")
BOUNDARIES = Page(
    "Permissions boundaries for IAM entities", f"{IAM}access_policies_boundaries.html"
)
POLICY_TYPES = Page("Policies and permissions in IAM", f"{IAM}access_policies.html")

# --- Carlos and his buckets --------------------------------------------------------------------

_CARLOS = user("carlossalazar")
_OWN_BUCKET = ["arn:aws:s3:::carlossalazar", "arn:aws:s3:::carlossalazar/*"]
_AT_HOME = [
    allow(["s3:GetBucketLocation", "s3:ListAllMyBuckets"], "arn:aws:s3:::*"),
    allow("s3:*", _OWN_BUCKET),
    deny("s3:*", "arn:aws:s3:::*log*"),
]
_HIS_BUCKET = named({"AWS": _CARLOS.arn}, allow("s3:*", _OWN_BUCKET))
_ABROAD = [
    allow("s3:ListAllMyBuckets"),
    allow("s3:*Object*", "arn:aws:s3:::Production/*"),
    deny("s3:*", ["arn:aws:s3:::*log*", "arn:aws:s3:::*log*/*"]),
]
_PRODUCTION = named(
    {"AWS": _CARLOS.arn},
    allow(["s3:GetObject*", "s3:PutObject*", "s3:ReplicateObject"], "arn:aws:s3:::Production/*"),
)


def _carlos() -> Iterator[Example]:
    put, save = "s3:PutObject", "saves a file"
    mine, logs = "arn:aws:s3:::carlossalazar/f", "arn:aws:s3:::carlossalazar-logs/f"
    yield example(
        SINGLE,
        f"he {save} to the logs, a Deny names them",
        DENIED,
        _CARLOS,
        put,
        logs,
        identity=_AT_HOME,
        resource_policy=_HIS_BUCKET,
    )
    yield example(
        SINGLE,
        f"he {save} to his own bucket, both policies allow",
        ALLOWED,
        _CARLOS,
        put,
        mine,
        identity=_AT_HOME,
        resource_policy=_HIS_BUCKET,
    )
    yield example(
        SINGLE,
        "the resource's policy alone allows",
        ALLOWED,
        _CARLOS,
        put,
        mine,
        resource_policy=_HIS_BUCKET,
    )
    yield example(
        SINGLE, "the identity policy alone allows", ALLOWED, _CARLOS, put, mine, identity=_AT_HOME
    )
    yield example(SINGLE, "no policy allows", DENIED, _CARLOS, put, mine)
    yield example(
        SINGLE,
        "the bucket's policy denies what the identity policy allows",
        DENIED,
        _CARLOS,
        put,
        mine,
        identity=_AT_HOME,
        resource_policy=named("*", deny(put)),
    )

    shop, shop_logs = "arn:aws:s3:::Production/f", "arn:aws:s3:::Production-logs/f"
    both = {"of": TWO, "identity": _ABROAD}
    yield example(
        ACROSS,
        f"he {save} to the logs of the other account",
        DENIED,
        _CARLOS,
        put,
        shop_logs,
        **both,
    )
    yield example(
        ACROSS,
        f"he {save} where both accounts allow",
        ALLOWED,
        _CARLOS,
        put,
        shop,
        resource_policy=_PRODUCTION,
        **both,
    )
    yield example(
        ACROSS,
        "he deletes, which the bucket's policy does not allow",
        DENIED,
        _CARLOS,
        "s3:DeleteObject",
        shop,
        resource_policy=_PRODUCTION,
        **both,
    )
    yield example(
        ACROSS,
        "the other account allows, his own does not",
        DENIED,
        _CARLOS,
        put,
        shop,
        of=TWO,
        resource_policy=_PRODUCTION,
    )
    yield example(
        ACROSS, "his own account allows, the other does not", DENIED, _CARLOS, put, shop, **both
    )
    yield example(
        ACROSS,
        "the other account names his whole account",
        ALLOWED,
        _CARLOS,
        put,
        shop,
        resource_policy=named({"AWS": f"arn:aws:iam::{ONE}:root"}, allow(put)),
        **both,
    )


_READING = [
    allow(["iam:Get*", "iam:List*"]),
    deny("iam:*Report"),
]


def _interplay() -> Iterator[Example]:
    anna = user("anna")
    more = [*_READING, allow("iam:GenerateCredentialReport")]
    for says, aws, action, identity in (
        ("reading is allowed", ALLOWED, "iam:GetUser", _READING),
        ("writing is implicitly denied", DENIED, "iam:CreatePolicy", _READING),
        ("a report is explicitly denied", DENIED, "iam:GetOrganizationsAccessReport", _READING),
        ("a report stays denied by any Allow", DENIED, "iam:GenerateCredentialReport", more),
    ):
        yield example(INTERPLAY, says, aws, anna, action, identity=identity)


# --- which layer decides -----------------------------------------------------------------------

_ACT, _ON = "s3:PutObject", "arn:aws:s3:::bucket/key"
_NO_S3 = [allow("ec2:*")]
_ROLE, _USER = role("examplerole"), user("exampleuser")
_FEDERATED = federated_user("exampleuser", "broker")


def _enforcement() -> Iterator[Example]:
    for says, layer in (
        ("an identity policy", {"identity": [FULL, deny(_ACT)]}),
        ("the boundary", {"identity": [FULL], "boundary": [FULL, deny(_ACT)]}),
        ("a session policy", {"identity": [FULL], "session": [FULL, deny(_ACT)]}),
        ("the resource's policy", {"identity": [FULL], "resource_policy": named("*", deny(_ACT))}),
        ("an SCP", {"identity": [FULL], "scps": [[FULL_ACCESS, policy(deny(_ACT))]]}),
        ("an RCP", {"identity": [FULL], "rcps": [[policy(*named("*", deny(_ACT)))]]}),
    ):
        yield example(ENFORCEMENT, f"a Deny in {says} decides", DENIED, _ROLE, _ACT, _ON, **layer)
    for says, layer in (
        ("no identity policy", {}),
        ("the boundary", {"identity": [FULL], "boundary": _NO_S3}),
        ("a session policy", {"identity": [FULL], "session": _NO_S3}),
        ("an SCP", {"identity": [FULL], "scps": [[policy(*_NO_S3)]]}),
    ):
        yield example(ENFORCEMENT, f"{says} does not allow", DENIED, _ROLE, _ACT, _ON, **layer)
    yield example(ENFORCEMENT, "the root user is allowed by default", ALLOWED, root(), _ACT, _ON)
    yield example(
        ENFORCEMENT,
        "a role session without session policy needs none",
        ALLOWED,
        _ROLE,
        _ACT,
        _ON,
        identity=[FULL],
    )
    yield example(
        ENFORCEMENT,
        "a federated user session without session policy has nothing",
        DENIED,
        _FEDERATED,
        _ACT,
        _ON,
        identity=[FULL],
    )
    yield from _implicit_denies_beside_a_resource_policy()
    yield from _needing_their_own_policy()


def _implicit_denies_beside_a_resource_policy() -> Iterator[Example]:
    """The table of principals in a resource's policy, by the layer that does not allow."""
    whom: dict[str, tuple[Principal, str | None, set[str]]] = {
        "a role": (_ROLE, _ROLE.arn, {"boundary", "session"}),
        "a role session": (_ROLE, _ROLE.session_arn, set()),
        "a user": (_USER, _USER.arn, set()),
        "a federated user session": (_FEDERATED, _FEDERATED.session_arn, set()),
        "the user behind a federated session": (
            _FEDERATED,
            _FEDERATED.arn,
            {"boundary", "session"},
        ),
    }
    for says, (who, arn, limiting) in whom.items():
        for silent in ("identity", "boundary", "session"):
            layers = {"identity": [FULL], "boundary": [FULL], "session": [FULL]}
            yield example(
                ENFORCEMENT,
                f"the resource's policy names {says}, {silent} does not allow",
                DENIED if silent in limiting else ALLOWED,
                who,
                _ACT,
                _ON,
                resource_policy=named({"AWS": arn}, allow(_ACT)),
                **{**layers, silent: _NO_S3},
            )


def _needing_their_own_policy() -> Iterator[Example]:
    target, key = f"arn:aws:iam::{ONE}:role/target", f"arn:aws:kms:eu-west-1:{ONE}:key/1234"
    for action, resource in (("sts:AssumeRole", target), ("kms:Decrypt", key)):
        yield example(
            ENFORCEMENT,
            f"{action} needs the resource's own policy",
            DENIED,
            _USER,
            action,
            resource,
            identity=[FULL],
        )
        yield example(
            ENFORCEMENT,
            f"{action} where the resource's own policy names the user",
            ALLOWED,
            _USER,
            action,
            resource,
            resource_policy=named({"AWS": _USER.arn}, allow(action)),
        )


def _combinations() -> Iterator[Example]:
    """Union with a resource's policy, intersection with what limits."""
    for says, aws, layers in (
        ("identity or resource policy: identity", ALLOWED, {"identity": [FULL]}),
        (
            "identity or resource policy: resource",
            ALLOWED,
            {"resource_policy": named({"AWS": _USER.arn}, FULL)},
        ),
        ("identity and boundary: both", ALLOWED, {"identity": [FULL], "boundary": [FULL]}),
        ("identity and boundary: boundary alone", DENIED, {"boundary": [FULL]}),
        ("identity and SCP: both", ALLOWED, {"identity": [FULL], "scps": [[FULL_ACCESS]]}),
        ("identity and SCP: SCP alone", DENIED, {"scps": [[FULL_ACCESS]]}),
    ):
        yield example(LOGIC, says, aws, _USER, _ACT, _ON, **layers)


# --- boundaries --------------------------------------------------------------------------------

_SHIRLEY = user("ShirleyRodriguez")
_FOR_SHIRLEY = [allow(["s3:*", "cloudwatch:*", "ec2:*"])]
_COMPANY = f"arn:aws:iam::{ONE}:policy/XCompanyBoundaries"
_DELEGATED = f"arn:aws:iam::{ONE}:policy/DelegatedUserBoundary"
_WITH_BOUNDARY = {"StringEquals": {"iam:PermissionsBoundary": _COMPANY}}
_MARIA = f"arn:aws:iam::{ONE}:user/Maria"
_X_COMPANY = [
    allow(["s3:*", "cloudwatch:*", "ec2:*", "dynamodb:*"]),
    allow(["iam:ListUsers", "iam:GetAccountPasswordPolicy"]),
    allow(
        ["iam:*AccessKey*", "iam:ChangePassword", "iam:GetUser"],
        ["arn:aws:iam::*:user/${aws:username}"],
    ),
    deny("s3:*", ["arn:aws:s3:::logs", "arn:aws:s3:::logs/*"]),
    deny("ec2:*", "arn:aws:ec2:*:*:instance/i-1234567890abcdef0"),
]
_ZHANGS_BOUNDARY = [
    allow(
        ["iam:AttachUserPolicy", "iam:CreateUser", "iam:PutUserPermissionsBoundary"],
        condition=_WITH_BOUNDARY,
    ),
    allow(["cloudwatch:*", "iam:CreateAccessKey", "iam:UpdateUser"], NotResource=_MARIA),
    deny(["iam:CreatePolicyVersion", "iam:DeletePolicy"], [_COMPANY, _DELEGATED]),
    deny("iam:DeleteUserPermissionsBoundary"),
]
_ZHANGS_POLICY = [
    allow("iam:*"),
    allow(["cloudwatch:GetDashboard", "cloudwatch:ListMetrics"]),
    allow("s3:ListBucket", "arn:aws:s3:::ZhangBucket"),
]


def _boundaries() -> Iterator[Example]:
    create = [allow("iam:CreateUser")]
    own = {"boundary": _FOR_SHIRLEY, "identity": create}
    yield example(
        BOUNDARIES,
        "Shirley may create users, her boundary does not know IAM",
        DENIED,
        _SHIRLEY,
        "iam:CreateUser",
        **own,
    )
    yield example(
        BOUNDARIES,
        "Shirley's boundary knows EC2, no policy grants it",
        DENIED,
        _SHIRLEY,
        "ec2:RunInstances",
        **own,
    )
    yield example(
        BOUNDARIES,
        "Shirley's policy and boundary agree on S3",
        ALLOWED,
        _SHIRLEY,
        "s3:GetObject",
        boundary=_FOR_SHIRLEY,
        identity=[allow("s3:*")],
    )
    yield from _zhang()
    yield from _nikhil()


def _zhang() -> Iterator[Example]:
    zhang, nikhil = user("Zhang"), f"arn:aws:iam::{ONE}:user/Nikhil"
    right = {"iam:PermissionsBoundary": _COMPANY}
    for says, aws, action, resource, context in (
        ("creates Nikhil without a boundary", DENIED, "iam:CreateUser", nikhil, {}),
        ("creates Nikhil with the boundary", ALLOWED, "iam:CreateUser", nikhil, right),
        (
            "creates Nikhil with another boundary",
            DENIED,
            "iam:CreateUser",
            nikhil,
            {"iam:PermissionsBoundary": _DELEGATED},
        ),
        ("makes a key for Nikhil", ALLOWED, "iam:CreateAccessKey", nikhil, {}),
        ("makes a key for Maria", DENIED, "iam:CreateAccessKey", _MARIA, {}),
        ("edits the boundary", DENIED, "iam:CreatePolicyVersion", _COMPANY, {}),
        ("drops a boundary", DENIED, "iam:DeleteUserPermissionsBoundary", nikhil, {}),
        ("looks at metrics", ALLOWED, "cloudwatch:ListMetrics", "*", {}),
        ("deletes an alarm", DENIED, "cloudwatch:DeleteAlarms", "*", {}),
        ("lists his bucket", DENIED, "s3:ListBucket", "arn:aws:s3:::ZhangBucket", {}),
    ):
        yield example(
            BOUNDARIES,
            f"Zhang {says}",
            aws,
            zhang,
            action,
            resource,
            context={"aws:username": "Zhang", **context},
            boundary=_ZHANGS_BOUNDARY,
            identity=_ZHANGS_POLICY,
        )


def _nikhil() -> Iterator[Example]:
    nikhil = user("Nikhil")
    reads = [allow("iam:*"), allow(["s3:Get*", "s3:List*"])]
    secret = f"arn:aws:secretsmanager:eu-west-1:{ONE}:secret:s"
    for says, aws, action, resource, offered in (
        ("changes his own password", ALLOWED, "iam:ChangePassword", nikhil.arn, ()),
        ("creates a user", DENIED, "iam:CreateUser", f"arn:aws:iam::{ONE}:user/x", ()),
        ("reads a bucket", ALLOWED, "s3:GetObject", "arn:aws:s3:::data/x", ()),
        ("writes a bucket", DENIED, "s3:PutObject", "arn:aws:s3:::data/x", ()),
        (
            "puts into the logs, whose policy allows it",
            DENIED,
            "s3:PutObject",
            "arn:aws:s3:::logs/x",
            named({"AWS": nikhil.arn}, allow("s3:PutObject")),
        ),
        (
            "takes a secret, whose policy allows it",
            ALLOWED,
            "secretsmanager:GetSecretValue",
            secret,
            named({"AWS": nikhil.arn}, allow("secretsmanager:GetSecretValue")),
        ),
    ):
        yield example(
            BOUNDARIES,
            f"Nikhil {says}",
            aws,
            nikhil,
            action,
            resource,
            context={"aws:username": "Nikhil"},
            boundary=_X_COMPANY,
            identity=reads,
            resource_policy=offered,
        )


# --- session policies --------------------------------------------------------------------------


def _sessions() -> Iterator[Example]:
    for says, aws, layers in (
        ("identity and session policy agree", ALLOWED, {"identity": [FULL], "session": [FULL]}),
        ("a session policy grants nothing by itself", DENIED, {"session": [FULL]}),
        ("a session policy limits", DENIED, {"identity": [FULL], "session": _NO_S3}),
        (
            "it limits what the resource's policy gives the role",
            DENIED,
            {"session": _NO_S3, "resource_policy": named({"AWS": _ROLE.arn}, allow(_ACT))},
        ),
        (
            "the role's grant and the session policy agree",
            ALLOWED,
            {"session": [FULL], "resource_policy": named({"AWS": _ROLE.arn}, allow(_ACT))},
        ),
        (
            "it does not limit what the resource's policy gives the session",
            ALLOWED,
            {"session": _NO_S3, "resource_policy": named({"AWS": _ROLE.session_arn}, allow(_ACT))},
        ),
        (
            "session policy, boundary and identity policy agree",
            ALLOWED,
            {"identity": [FULL], "boundary": [FULL], "session": [FULL]},
        ),
        (
            "of the three the boundary does not allow",
            DENIED,
            {"identity": [FULL], "boundary": _NO_S3, "session": [FULL]},
        ),
        (
            "a boundary does not limit what the resource's policy gives the session",
            ALLOWED,
            {"boundary": _NO_S3, "resource_policy": named({"AWS": _ROLE.session_arn}, allow(_ACT))},
        ),
        (
            "an explicit Deny of the session policy overrides the resource's policy",
            DENIED,
            {
                "session": [deny(_ACT)],
                "resource_policy": named({"AWS": _ROLE.session_arn}, allow(_ACT)),
            },
        ),
    ):
        yield example(POLICY_TYPES, says, aws, _ROLE, _ACT, _ON, **layers)


EXAMPLES = (
    *_carlos(),
    *_interplay(),
    *_enforcement(),
    *_combinations(),
    *_boundaries(),
    *_sessions(),
)
