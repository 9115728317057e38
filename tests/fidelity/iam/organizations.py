"""Examples of the Organizations guide: how SCPs and RCPs add up along the tree."""

from collections.abc import Iterator

from breakglass.proof.model import Policy
from tests.fidelity.iam.example import (
    ALLOWED,
    DENIED,
    FULL,
    FULL_ACCESS,
    ONE,
    ORGANIZATIONS,
    TWO,
    UNKNOWN,
    Decision,
    Example,
    Page,
    Principal,
    allow,
    deny,
    example,
    named,
    policy,
    role,
    root,
    user,
)

SCP_EVALUATION = Page("SCP evaluation", f"{ORGANIZATIONS}orgs_manage_policies_scps_evaluation.html")
SCPS = Page("Service control policies (SCPs)", f"{ORGANIZATIONS}orgs_manage_policies_scps.html")
SCP_EXAMPLES = Page(
    "Example service control policies", f"{ORGANIZATIONS}orgs_manage_policies_scps_examples.html"
)
RCP_EVALUATION = Page("RCP evaluation", f"{ORGANIZATIONS}orgs_manage_policies_rcps_evaluation.html")
RCPS = Page("Resource control policies (RCPs)", f"{ORGANIZATIONS}orgs_manage_policies_rcps.html")
RCP_SYNTAX = Page("RCP syntax", f"{ORGANIZATIONS}orgs_manage_policies_rcps_syntax.html")

_ANN = user("ann")
_EC2, _S3, _SQS = "ec2:RunInstances", "s3:PutObject", "sqs:SendMessage"
_NO_S3, _NO_EC2 = policy(deny("s3:*"), name="DenyS3"), policy(deny("ec2:*"), name="DenyEC2")
_EC2_ONLY, _S3_ONLY = policy(allow("ec2:*"), name="EC2"), policy(allow("s3:*"), name="S3")
_OTHER = policy(allow("sqs:*"), name="SQS")

Levels = list[list[Policy]]


def _scenarios() -> Iterator[Example]:
    """Each as root, unit, account."""
    scenarios: dict[str, tuple[Levels, dict[str, Decision]]] = {
        "figure 1: allowed at every level": (
            [[_EC2_ONLY], [_EC2_ONLY], [_EC2_ONLY]],
            {_EC2: ALLOWED},
        ),
        "figure 2: missing in the unit": ([[_EC2_ONLY], [_OTHER], [_EC2_ONLY]], {_EC2: DENIED}),
        "a level without any SCP": ([[FULL_ACCESS], [], [FULL_ACCESS]], {_EC2: DENIED}),
        "figure 3: denied in the unit, allowed around it": (
            [[FULL_ACCESS], [FULL_ACCESS, _NO_S3], [FULL_ACCESS, _S3_ONLY]],
            {_S3: DENIED, _EC2: ALLOWED},
        ),
        "scenario 1, account B": (
            [[FULL_ACCESS], [FULL_ACCESS, _NO_S3], [FULL_ACCESS, _NO_EC2]],
            {_S3: DENIED, _EC2: DENIED, _SQS: ALLOWED},
        ),
        "scenario 1, account A": (
            [[FULL_ACCESS], [FULL_ACCESS, _NO_S3], [FULL_ACCESS]],
            {_S3: DENIED, _EC2: ALLOWED},
        ),
        "scenario 2: EC2 alone in the unit": (
            [[FULL_ACCESS], [_EC2_ONLY], [FULL_ACCESS]],
            {_EC2: ALLOWED, _S3: DENIED},
        ),
        "scenario 3: nothing at the root": (
            [[], [FULL_ACCESS], [FULL_ACCESS]],
            {_EC2: DENIED, _S3: DENIED},
        ),
        "scenario 4, account D": (
            [[FULL_ACCESS], [FULL_ACCESS], [FULL_ACCESS, _NO_EC2], [FULL_ACCESS]],
            {_EC2: DENIED, _S3: ALLOWED},
        ),
        "scenario 4, account E": (
            [[FULL_ACCESS], [FULL_ACCESS], [FULL_ACCESS], [FULL_ACCESS]],
            {_EC2: ALLOWED, _S3: ALLOWED},
        ),
        "scenario 5, account D": (
            [[FULL_ACCESS], [FULL_ACCESS], [_EC2_ONLY], [FULL_ACCESS]],
            {_EC2: ALLOWED, _S3: DENIED},
        ),
        "scenario 6, account D": (
            [[FULL_ACCESS, _NO_S3], [FULL_ACCESS], [_S3_ONLY], [FULL_ACCESS]],
            {_S3: DENIED, _EC2: DENIED},
        ),
        "scenario 6, account E": (
            [[FULL_ACCESS, _NO_S3], [FULL_ACCESS], [FULL_ACCESS], [FULL_ACCESS]],
            {_S3: DENIED, _EC2: ALLOWED},
        ),
        "one policy of an Allow and a Deny": (
            [
                [
                    policy(
                        allow(["ec2:*", "organizations:*"]), deny("organizations:LeaveOrganization")
                    )
                ]
            ],
            {
                _EC2: ALLOWED,
                "organizations:LeaveOrganization": DENIED,
                "organizations:DescribeOrganization": ALLOWED,
            },
        ),
    }
    for says, (levels, decisions) in scenarios.items():
        for action, aws in decisions.items():
            yield example(
                SCP_EVALUATION,
                f"{says}: {action}",
                aws,
                _ANN,
                action,
                identity=[FULL],
                scps=levels,
            )


def _whom_scps_bind() -> Iterator[Example]:
    closed: Levels = [[FULL_ACCESS, _NO_S3]]
    linked = Principal(
        f"arn:aws:iam::{ONE}:role/aws-service-role/x.amazonaws.com/X", None, ONE, role("x").kind
    )
    outside = user("bob", TWO)
    yield example(SCPS, "a role", DENIED, role("r"), _S3, identity=[FULL], scps=closed)
    yield example(SCPS, "the root user of a member", DENIED, root(), _S3, scps=closed)
    yield example(SCPS, "a service-linked role", ALLOWED, linked, _S3, identity=[FULL], scps=closed)
    yield example(
        SCPS, "the management account, where none apply", ALLOWED, _ANN, _S3, identity=[FULL]
    )
    yield example(
        SCPS, "an SCP grants nothing", DENIED, _ANN, _EC2, scps=[[FULL_ACCESS], [FULL_ACCESS]]
    )
    yield example(
        SCPS,
        "users of another account, under their own SCPs alone",
        ALLOWED,
        outside,
        _S3,
        "arn:aws:s3:::b/k",
        of=ONE,
        identity=[FULL],
        resource_policy=named({"AWS": outside.arn}, FULL),
    )
    both = {"identity": [FULL], "boundary": [FULL], "scps": [[FULL_ACCESS]]}
    yield example(SCPS, "boundary, SCP and policy allow", ALLOWED, _ANN, _EC2, **both)
    yield example(
        SCPS,
        "of boundary, SCP and policy the boundary does not",
        DENIED,
        _ANN,
        _EC2,
        **{**both, "boundary": [allow("s3:*")]},
    )
    yield example(
        SCPS,
        "an SCP limits what the resource's policy gives",
        DENIED,
        _ANN,
        _S3,
        "arn:aws:s3:::b/k",
        resource_policy=named({"AWS": _ANN.arn}, FULL),
        scps=closed,
    )


def _scp_examples() -> Iterator[Example]:
    region, arn = "aws:RequestedRegion", "aws:PrincipalArn"
    bypass = {"ArnNotLike": {arn: ["arn:aws:iam::*:role/Role1AllowedToBypassThisSCP"]}}
    regions = deny(
        condition={"StringNotEquals": {region: ["eu-central-1", "eu-west-1"]}, **bypass},
        NotAction=["iam:*", "organizations:*", "sts:*"],
    )
    admin = deny(
        ["iam:AttachRolePolicy", "iam:DeleteRole"],
        "arn:aws:iam::*:role/name-of-role-to-deny",
        {"StringNotLike": {arn: "arn:aws:iam::*:role/name-of-admin-role-to-allow"}},
    )
    as_root = deny("ec2:*", condition={"StringLike": {arn: ["arn:aws:iam::*:root"]}})
    held = f"arn:aws:iam::{ONE}:role/name-of-role-to-deny"
    chosen = role("name-of-admin-role-to-allow")
    free = role("Role1AllowedToBypassThisSCP")
    rows = (
        ("Regions: a listed one", ALLOWED, _ANN, _EC2, "*", regions, {region: "eu-west-1"}),
        ("Regions: another", DENIED, _ANN, _EC2, "*", regions, {region: "us-east-1"}),
        ("Regions: IAM", ALLOWED, _ANN, "iam:GetUser", "*", regions, {region: "us-east-1"}),
        ("Regions: the exempted role", ALLOWED, free, _EC2, "*", regions, {region: "us-east-1"}),
        ("a role that is kept: ann", DENIED, _ANN, "iam:DeleteRole", held, admin, {}),
        ("a role that is kept: the admin", ALLOWED, chosen, "iam:DeleteRole", held, admin, {}),
        ("the root user", DENIED, root(), _EC2, "*", as_root, {}),
        ("the root user's denial spares others", ALLOWED, _ANN, _EC2, "*", as_root, {}),
    )
    for says, aws, who, action, resource, body, context in rows:
        yield example(
            SCP_EXAMPLES,
            says,
            aws,
            who,
            action,
            resource,
            context={arn: who.arn, **context},
            identity=[FULL],
            scps=[[FULL_ACCESS, policy(body, name="scp")]],
        )


def _rcps() -> Iterator[Example]:
    closed = [policy(*named("*", deny("s3:*")), name="rcp")]
    bucket = "arn:aws:s3:::b/k"
    outside = user("bob", TWO)
    linked = Principal(
        f"arn:aws:iam::{ONE}:role/aws-service-role/x.amazonaws.com/X", None, ONE, role("x").kind
    )
    for says, levels in (
        ("at the root", [closed, [], []]),
        ("in the unit", [[], closed, []]),
        ("on the account", [[], [], closed]),
    ):
        yield example(
            RCP_EVALUATION,
            f"a Deny {says} denies",
            DENIED,
            _ANN,
            _S3,
            bucket,
            identity=[FULL],
            rcps=levels,
        )
    yield example(
        RCP_EVALUATION,
        "nothing but RCPFullAWSAccess",
        ALLOWED,
        _ANN,
        _S3,
        bucket,
        identity=[FULL],
        rcps=[[], [], []],
    )
    across = {
        "of": ONE,
        "identity": [FULL],
        "resource_policy": named({"AWS": TWO}, FULL),
    }
    rows = (
        ("users of another account", DENIED, outside, _S3, bucket, across),
        ("the root user", DENIED, root(), _S3, bucket, {}),
        ("a service-linked role", ALLOWED, linked, _S3, bucket, {"identity": [FULL]}),
        (
            "a service that the list does not have",
            ALLOWED,
            _ANN,
            "iam:CreateUser",
            "*",
            {"identity": [FULL]},
        ),
        ("an RCP grants nothing", DENIED, _ANN, _SQS, "*", {}),
    )
    for says, aws, who, action, resource, layers in rows:
        rcp = [policy(*named("*", deny(["s3:*", "iam:*"])), name="rcp")]
        yield example(RCPS, says, aws, who, action, resource, rcps=[rcp], **layers)
    for action, aws in (
        ("kms:RetireGrant", ALLOWED),
        ("kms:CreateGrant", DENIED),
        ("events:PutRule", DENIED),
        ("ec2:RunInstances", UNKNOWN),
    ):
        service = action.partition(":")[0]
        yield example(
            RCPS,
            f"{action} under a Deny of its service",
            aws,
            _ANN,
            action,
            identity=[FULL],
            rcps=[[policy(*named("*", deny(f"{service}:*")), name="rcp")]],
        )
    tls = named("*", deny("s3:*", condition={"BoolIfExists": {"aws:SecureTransport": "false"}}))
    for says, aws, context in (
        ("with TLS", ALLOWED, {"aws:SecureTransport": "true"}),
        ("without TLS", DENIED, {"aws:SecureTransport": "false"}),
        ("where it is not said", DENIED, {}),
    ):
        yield example(
            RCP_SYNTAX,
            says,
            aws,
            _ANN,
            _S3,
            bucket,
            context=context,
            identity=[FULL],
            rcps=[[policy(*tls, name="rcp")]],
        )


EXAMPLES = (*_scenarios(), *_whom_scps_bind(), *_scp_examples(), *_rcps())
