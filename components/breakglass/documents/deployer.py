"""What the deployer of one account may do: make and change the kit's own, and end none of it.

The statements follow the resource types of the program. Names and paths are the kit's, so that the
role is no way into the rest of the account; where AWS takes no resource (Service Authorization
Reference) the statement says so. Sources for what a type calls: the AWS API that the provider
wraps, and its read-back of every property.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from breakglass import names
from breakglass.documents.statement import Document, Statement, allow, deny, document

_ROLES = "role"
_POLICIES = "policy"


@dataclass(frozen=True, slots=True)
class Deployed:
    """The account that a deployer works in."""

    account: str
    """Account id."""
    deployer_arn: str
    """ARN of the deployer itself."""
    management: bool = False
    """Whether SCPs and RCPs are kept here."""
    hub: bool = False
    """Whether the hub and the way from it to people are kept here."""
    records: bool = False
    """Whether a vault or a witness bucket is kept here, with its table."""
    workflows: bool = False
    """Whether GitHub's OIDC provider is kept here."""
    disposable: bool = False
    """Whether the stack may be torn down. False in production: then the deployer itself is denied
    every irreversible call."""


def trust(ci_arn: str) -> Document:
    """Let the CI principal of the side in, and nobody else: by its full ARN."""
    return document(allow("OnlyTheSidesPipeline", "sts:AssumeRole", principal={"AWS": ci_arn}))


def assume_deployers(deployer_arns: Sequence[str]) -> Document:
    """What a CI principal may do: become the deployers of its own side."""
    return document(allow("BecomeTheSidesDeployers", "sts:AssumeRole", deployer_arns))


def permissions(deployed: Deployed) -> Document:
    """The deployer's policy for one account, within the 6,144 characters of a managed policy."""
    statements = [
        _look_around(),
        *_principals(deployed),
        *_alarms(deployed),
        _trails(deployed),
    ]
    if deployed.records:
        statements += [_buckets(), _tables(deployed)]
    if deployed.management:
        statements += _guardrails(deployed)
    if deployed.workflows:
        statements.append(_oidc(deployed))
    statements += _tear_down(deployed) if deployed.disposable else [_nothing_irreversible()]
    return document(*statements, _never_itself(deployed))


def _arn(deployed: Deployed, service: str, resource: str) -> str:
    return f"arn:aws:{service}:*:{deployed.account}:{resource}"


def _under_the_path(deployed: Deployed, kind: str) -> str:
    """The kit's own under the path: by their name the rules know what a deployer does to them."""
    return f"arn:aws:iam::{deployed.account}:{kind}{names.PATH}{names.PREFIX}-*"


def _look_around() -> Statement:
    """Reads that AWS decides on every resource, and no secret among them."""
    return allow(
        "LookAround",
        [
            "cloudtrail:DescribeTrails",
            "cloudwatch:DescribeAlarms",
            "iam:ListOpenIDConnectProviders",
            "organizations:Describe*",
            "organizations:List*",
            "sqs:ListQueues",
        ],
        "*",
    )


def _principals(deployed: Deployed) -> list[Statement]:
    """Roles and policies under the kit's path; boundaries, attachments and services only the kit's.

    A boundary can be put and not taken away.
    """
    roles = _under_the_path(deployed, _ROLES)
    policies = _under_the_path(deployed, _POLICIES)
    own = {"ArnLike": {"iam:PolicyARN": policies}}
    boundary = {"ArnLike": {"iam:PermissionsBoundary": policies}}
    passed = ["events.amazonaws.com", *(["pipes.amazonaws.com"] if deployed.hub else [])]
    return [
        allow(
            "KitPrincipals",
            [
                "iam:CreatePolicy*",
                "iam:CreateRole",
                "iam:DeletePolicy*",
                "iam:DeleteRole",
                "iam:DeleteRolePolicy",
                "iam:Get*",
                "iam:List*",
                "iam:PutRolePolicy",
                "iam:SetDefaultPolicyVersion",
                "iam:TagPolicy",
                "iam:TagRole",
                "iam:UntagPolicy",
                "iam:UntagRole",
                "iam:UpdateAssumeRolePolicy",
                "iam:UpdateRole*",
            ],
            [roles, policies],
        ),
        allow("KitPolicies", ["iam:AttachRolePolicy", "iam:DetachRolePolicy"], roles, when=own),
        allow("KitBoundaries", "iam:PutRolePermissionsBoundary", roles, when=boundary),
        allow(
            "HandOverKitRoles",
            "iam:PassRole",
            roles,
            when={"StringEquals": {"iam:PassedToService": passed}},
        ),
    ]


def _alarms(deployed: Deployed) -> list[Statement]:
    """Rules, queues and alarms of the kit's names; a rule is never switched, but put as it is.

    Where the hub is, also its bus, topics and pipes.
    """
    prefix = f"{names.PREFIX}-*"
    arns = {"cloudwatch": f"alarm:{prefix}", "events": f"rule/{prefix}", "sqs": prefix}
    actions = [
        "cloudwatch:DeleteAlarms",
        "cloudwatch:ListTagsForResource",
        "cloudwatch:PutMetricAlarm",
        "cloudwatch:*agResource",
        "events:DeleteRule",
        "events:DescribeRule",
        "events:ListTa*",
        "events:PutRule",
        "events:PutTargets",
        "events:RemoveTargets",
        "events:*agResource",
        "sqs:CreateQueue",
        "sqs:DeleteQueue",
        "sqs:GetQueue*",
        "sqs:ListQueueTags",
        "sqs:SetQueueAttributes",
        "sqs:*agQueue",
    ]
    resources = [_arn(deployed, service, pattern) for service, pattern in arns.items()]
    hub = _hub(deployed) if deployed.hub else []
    return [allow("KitAlarms", actions, resources), *hub]


def _hub(deployed: Deployed) -> list[Statement]:
    """The hub's bus, and topics and pipes behind it.

    ``events:PutPermission`` and ``events:RemovePermission`` take no resource.
    """
    prefix = f"{names.PREFIX}-*"
    arns = {"events": f"event-bus/{prefix}", "pipes": f"pipe/{prefix}", "sns": prefix}
    actions = [
        "events:CreateEventBus",
        "events:DeleteEventBus",
        "events:DescribeEventBus",
        "events:ListTagsForResource",
        "events:*agResource",
        "events:UpdateEventBus",
        "pipes:*",
        "sns:*Subscri*",
        "sns:*agResource",
        "sns:CreateTopic",
        "sns:DeleteTopic",
        "sns:GetTopicAttributes",
        "sns:ListTagsForResource",
        "sns:SetTopicAttributes",
    ]
    resources = [_arn(deployed, service, pattern) for service, pattern in arns.items()]
    return [
        allow("KitHub", actions, resources),
        allow("TheHubsPolicy", ["events:PutPermission", "events:RemovePermission"], "*"),
    ]


def _trails(deployed: Deployed) -> Statement:
    """Trails: made, aimed and started, never stopped or deleted here."""
    return allow(
        "KitTrails",
        [
            "cloudtrail:AddTags",
            "cloudtrail:CreateTrail",
            "cloudtrail:Get*",
            "cloudtrail:ListTags",
            "cloudtrail:PutEventSelectors",
            "cloudtrail:PutInsightSelectors",
            "cloudtrail:RemoveTags",
            "cloudtrail:StartLogging",
            "cloudtrail:UpdateTrail",
        ],
        _arn(deployed, "cloudtrail", f"trail/{names.PREFIX}-*"),
    )


def _buckets() -> Statement:
    """Buckets: set up and read back; no object is read or written, and no policy dropped."""
    return allow(
        "KitBuckets",
        [
            "s3:CreateBucket",
            "s3:Get*Configuration",
            "s3:GetBucket*",
            "s3:ListBucket",
            "s3:ListTagsForResource",
            "s3:PutBucketNotification",
            "s3:PutBucketObjectLockConfiguration",
            "s3:PutBucketOwnershipControls",
            "s3:PutBucketPolicy",
            "s3:PutBucketPublicAccessBlock",
            "s3:PutBucketTagging",
            "s3:PutBucketVersioning",
            "s3:PutEncryptionConfiguration",
            "s3:*agResource",
        ],
        f"arn:aws:s3:::{names.PREFIX}-*",
    )


def _tables(deployed: Deployed) -> Statement:
    """The table over the vault and the workgroup that queries it."""
    schema = f"{names.PREFIX.replace('-', '_')}_*"
    return allow(
        "KitTables",
        [
            "athena:*WorkGroup",
            "athena:*agResource",
            "athena:ListTagsForResource",
            "glue:*Database",
            "glue:*Table",
            "glue:*agResource",
            "glue:GetTags",
        ],
        [
            _arn(deployed, "athena", f"workgroup/{names.PREFIX}-*"),
            _arn(deployed, "glue", "catalog"),
            _arn(deployed, "glue", f"database/{schema}"),
            _arn(deployed, "glue", f"table/{schema}/*"),
        ],
    )


def _guardrails(deployed: Deployed) -> list[Statement]:
    """SCPs and RCPs; their ARNs carry ids and no name, so only the types are pinned.

    ``organizations:AttachPolicy`` asks on the policy and on its target.
    """
    types = ["SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY"]
    home = f"arn:aws:organizations::{deployed.account}:"
    policies = [f"{home}policy/o-*/service_control_policy/*"]
    policies.append(f"{home}policy/o-*/resource_control_policy/*")
    targets = [f"{home}{kind}/o-*" for kind in ("account", "ou", "root")]
    return [
        allow(
            "KitGuardrails",
            "organizations:CreatePolicy",
            policies,
            when={"StringEquals": {"organizations:PolicyType": types}},
        ),
        allow(
            "ChangeGuardrails",
            [
                "organizations:AttachPolicy",
                "organizations:DeletePolicy",
                "organizations:DetachPolicy",
                "organizations:*agResource",
                "organizations:UpdatePolicy",
            ],
            [*policies, *targets],
        ),
    ]


def _oidc(deployed: Deployed) -> Statement:
    """GitHub's OIDC provider, and no other."""
    return allow(
        "GitHubsProvider",
        [
            "iam:AddClientIDToOpenIDConnectProvider",
            "iam:*OpenIDConnectProvider",
            "iam:UpdateOpenIDConnectProviderThumbprint",
        ],
        names.oidc_provider_arn(deployed.account),
    )


def _nothing_irreversible() -> Statement:
    """What no deployer may do in production, even if somebody gives it another policy."""
    return deny(
        "NothingIrreversible",
        [
            "account:CloseAccount",
            "cloudtrail:DeleteTrail",
            "cloudtrail:StopLogging",
            "kms:DisableKey",
            "kms:ScheduleKeyDeletion",
            "organizations:LeaveOrganization",
            "s3:BypassGovernanceRetention",
            "s3:DeleteBucketPolicy",
            "s3:DeleteObjectVersion",
        ],
        "*",
    )


def _tear_down(deployed: Deployed) -> list[Statement]:
    """What ``pulumi destroy`` needs of a stack that is not production, on the kit's own names."""
    bucket = f"arn:aws:s3:::{names.PREFIX}-*"
    return [
        allow(
            "TearDown",
            [
                "cloudtrail:DeleteTrail",
                "cloudtrail:StopLogging",
                "iam:DeleteRolePermissionsBoundary",
                "s3:BypassGovernanceRetention",
                "s3:DeleteBucket*",
                "s3:DeleteObject*",
                "s3:ListBucketVersions",
            ],
            [
                _arn(deployed, "cloudtrail", f"trail/{names.PREFIX}-*"),
                _under_the_path(deployed, _ROLES),
                bucket,
                f"{bucket}/*",
            ],
        ),
    ]


def _never_itself(deployed: Deployed) -> Statement:
    """A deployer that could rewrite itself or its policy could give itself the rest."""
    return deny(
        "NeverItself",
        [
            "iam:Attach*",
            "iam:Create*",
            "iam:Delete*",
            "iam:Detach*",
            "iam:PassRole",
            "iam:Put*",
            "iam:Set*",
            "iam:Tag*",
            "iam:Un*",
            "iam:Up*",
        ],
        [
            deployed.deployer_arn,
            names.policy_arn(deployed.account, "deployer"),
        ],
    )
