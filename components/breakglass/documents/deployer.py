"""What the deployer of one account may do: make and change the kit's own, and end none of it.

The statements follow the resource types of the program, account by account. Names and paths are the
kit's, so that the role is no way into the rest of the account; where AWS takes no resource (Service
Authorization Reference) the statement says so. Actions are spelled out: a glob would grant what AWS
adds later. Each is asked for by the rehearsal's handlers, or by the real provider as
``tests/guard/real_provider.toml`` says with its source; a test finds the one that nobody needs.
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
    """Whether SCPs and RCPs are kept here, and the trail of the organisation is made here."""
    hub: bool = False
    """Whether the hub and the way from it to people are kept here."""
    trails: bool = False
    """Whether a trail is made here."""
    records: bool = False
    """Whether a vault or a witness bucket is kept here."""
    tables: bool = False
    """Whether the table over the vault is kept here."""
    scopes: bool = False
    """Whether break-glass roles are made here, with their boundaries."""
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
    statements = [_look_around(deployed), *_principals(deployed), _alarms(deployed)]
    if deployed.scopes:
        statements += _boundaries(deployed)
    if deployed.hub:
        statements += _hub(deployed)
    if deployed.trails:
        statements.append(_trails(deployed))
    if deployed.records:
        statements.append(_buckets())
    if deployed.tables:
        statements.append(_tables(deployed))
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


def _look_around(deployed: Deployed) -> Statement:
    """Reads that AWS decides on every resource, and no secret among them.

    ``cloudwatch:DescribeAlarms`` is wanted on every resource to be answered whole (CloudWatch API
    reference, DescribeAlarms). CloudTrail reads the organisation in the caller's name before it
    makes a trail for it (CloudTrail user guide, "Prepare for creating a trail for your
    organization").
    """
    actions = ["cloudwatch:DescribeAlarms"]
    if deployed.trails:
        actions.append("cloudtrail:DescribeTrails")
    if deployed.management:
        actions += [
            "organizations:DescribeOrganization",
            "organizations:ListAWSServiceAccessForOrganization",
            "organizations:ListAccounts",
        ]
    return allow("LookAround", actions, "*")


def _principals(deployed: Deployed) -> list[Statement]:
    """Roles under the kit's path, handed over to the kit's services only."""
    roles = _under_the_path(deployed, _ROLES)
    passed = ["events.amazonaws.com", *(["pipes.amazonaws.com"] if deployed.hub else [])]
    return [
        allow(
            "KitRoles",
            [
                "iam:CreateRole",
                "iam:DeleteRole",
                "iam:DeleteRolePolicy",
                "iam:GetRole",
                "iam:GetRolePolicy",
                "iam:ListAttachedRolePolicies",
                "iam:ListInstanceProfilesForRole",
                "iam:ListRolePolicies",
                "iam:PutRolePolicy",
                "iam:TagRole",
                "iam:UntagRole",
                "iam:UpdateAssumeRolePolicy",
                "iam:UpdateRole",
                "iam:UpdateRoleDescription",
            ],
            roles,
        ),
        allow(
            "HandOverKitRoles",
            "iam:PassRole",
            roles,
            when={"StringEquals": {"iam:PassedToService": passed}},
        ),
    ]


def _boundaries(deployed: Deployed) -> list[Statement]:
    """The policies that bound break-glass roles: put on a role, and never taken off."""
    policies = _under_the_path(deployed, _POLICIES)
    return [
        allow(
            "KitPolicies",
            [
                "iam:CreatePolicy",
                "iam:CreatePolicyVersion",
                "iam:DeletePolicy",
                "iam:DeletePolicyVersion",
                "iam:GetPolicy",
                "iam:GetPolicyVersion",
                "iam:ListPolicyVersions",
                "iam:TagPolicy",
                "iam:UntagPolicy",
            ],
            policies,
        ),
        allow(
            "KitBoundaries",
            "iam:PutRolePermissionsBoundary",
            _under_the_path(deployed, _ROLES),
            when={"ArnLike": {"iam:PermissionsBoundary": policies}},
        ),
    ]


def _alarms(deployed: Deployed) -> Statement:
    """Rules, queues and alarms of the kit's names; a rule is never switched, but put as it is.

    It can be put disabled: ``events:PutRule`` has no condition key for the state that it sets
    (Service Authorization Reference, Amazon EventBridge).
    """
    prefix = f"{names.PREFIX}-*"
    arns = {"cloudwatch": f"alarm:{prefix}", "events": f"rule/{prefix}", "sqs": prefix}
    return allow(
        "KitAlarms",
        [
            "cloudwatch:DeleteAlarms",
            "cloudwatch:ListTagsForResource",
            "cloudwatch:PutMetricAlarm",
            "cloudwatch:TagResource",
            "cloudwatch:UntagResource",
            "events:DeleteRule",
            "events:DescribeRule",
            "events:ListTagsForResource",
            "events:ListTargetsByRule",
            "events:PutRule",
            "events:PutTargets",
            "events:RemoveTargets",
            "events:TagResource",
            "events:UntagResource",
            "sqs:CreateQueue",
            "sqs:DeleteQueue",
            "sqs:GetQueueAttributes",
            "sqs:ListQueueTags",
            "sqs:SetQueueAttributes",
            "sqs:TagQueue",
            "sqs:UntagQueue",
        ],
        [_arn(deployed, service, pattern) for service, pattern in arns.items()],
    )


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
        "events:TagResource",
        "events:UntagResource",
        "pipes:CreatePipe",
        "pipes:DeletePipe",
        "pipes:DescribePipe",
        "pipes:ListTagsForResource",
        "pipes:TagResource",
        "pipes:UntagResource",
        "pipes:UpdatePipe",
        "sns:CreateTopic",
        "sns:DeleteTopic",
        "sns:GetSubscriptionAttributes",
        "sns:GetTopicAttributes",
        "sns:ListTagsForResource",
        "sns:SetTopicAttributes",
        "sns:Subscribe",
        "sns:TagResource",
        "sns:Unsubscribe",
        "sns:UntagResource",
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
            "cloudtrail:GetEventSelectors",
            "cloudtrail:GetInsightSelectors",
            "cloudtrail:GetTrailStatus",
            "cloudtrail:ListTags",
            "cloudtrail:PutEventSelectors",
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
            "s3:GetAccelerateConfiguration",
            "s3:GetBucketAcl",
            "s3:GetBucketCORS",
            "s3:GetBucketLogging",
            "s3:GetBucketObjectLockConfiguration",
            "s3:GetBucketOwnershipControls",
            "s3:GetBucketPolicy",
            "s3:GetBucketPublicAccessBlock",
            "s3:GetBucketRequestPayment",
            "s3:GetBucketTagging",
            "s3:GetBucketVersioning",
            "s3:GetBucketWebsite",
            "s3:GetEncryptionConfiguration",
            "s3:GetLifecycleConfiguration",
            "s3:GetReplicationConfiguration",
            "s3:ListBucket",
            "s3:ListTagsForResource",
            "s3:PutBucketObjectLockConfiguration",
            "s3:PutBucketOwnershipControls",
            "s3:PutBucketPolicy",
            "s3:PutBucketPublicAccessBlock",
            "s3:PutBucketTagging",
            "s3:PutBucketVersioning",
            "s3:PutEncryptionConfiguration",
            "s3:TagResource",
            "s3:UntagResource",
        ],
        f"arn:aws:s3:::{names.PREFIX}-*",
    )


def _tables(deployed: Deployed) -> Statement:
    """The table over the vault and the workgroup that queries it.

    A database is deleted only by who may delete all that could be in it: tables, and functions of
    which there are none (Glue developer guide, "Specifying AWS Glue resource ARNs").
    """
    schema = f"{names.PREFIX.replace('-', '_')}_*"
    return allow(
        "KitTables",
        [
            "athena:CreateWorkGroup",
            "athena:DeleteWorkGroup",
            "athena:GetWorkGroup",
            "athena:ListTagsForResource",
            "athena:TagResource",
            "athena:UntagResource",
            "athena:UpdateWorkGroup",
            "glue:CreateDatabase",
            "glue:CreateTable",
            "glue:DeleteDatabase",
            "glue:DeleteTable",
            "glue:GetDatabase",
            "glue:GetPartitionIndexes",
            "glue:GetTable",
            "glue:GetTags",
            "glue:TagResource",
            "glue:UntagResource",
            "glue:UpdateDatabase",
            "glue:UpdateTable",
        ],
        [
            _arn(deployed, "athena", f"workgroup/{names.PREFIX}-*"),
            _arn(deployed, "glue", "catalog"),
            _arn(deployed, "glue", f"database/{schema}"),
            _arn(deployed, "glue", f"table/{schema}/*"),
            _arn(deployed, "glue", f"userDefinedFunction/{schema}/*"),
        ],
    )


def _guardrails(deployed: Deployed) -> list[Statement]:
    """SCPs and RCPs; their ARNs carry ids and no name, so only the types are pinned.

    ``organizations:AttachPolicy`` asks on the policy and on its target. CloudTrail makes a trail of
    the organisation only for who may see the role that it works with there.
    """
    trails = "cloudtrail.amazonaws.com/AWSServiceRoleForCloudTrail"
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
                "organizations:DescribePolicy",
                "organizations:DetachPolicy",
                "organizations:ListTagsForResource",
                "organizations:ListTargetsForPolicy",
                "organizations:TagResource",
                "organizations:UntagResource",
                "organizations:UpdatePolicy",
            ],
            [*policies, *targets],
        ),
        allow(
            "SeeTheTrailsRole",
            "iam:GetRole",
            f"arn:aws:iam::{deployed.account}:role/aws-service-role/{trails}",
        ),
    ]


def _oidc(deployed: Deployed) -> Statement:
    """GitHub's OIDC provider, and no other; its audience is always the same."""
    return allow(
        "GitHubsProvider",
        [
            "iam:CreateOpenIDConnectProvider",
            "iam:DeleteOpenIDConnectProvider",
            "iam:GetOpenIDConnectProvider",
            "iam:TagOpenIDConnectProvider",
            "iam:UntagOpenIDConnectProvider",
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
    """What ending a stack needs that is not production, on the kit's own names.

    Objects are not ``pulumi destroy``'s, which empties no bucket, but a person's who follows
    ``docs/how-to/destroy-a-trial.md``.
    """
    bucket = f"arn:aws:s3:::{names.PREFIX}-*"
    trails = allow(
        "TearDownTrails",
        "cloudtrail:DeleteTrail",
        _arn(deployed, "cloudtrail", f"trail/{names.PREFIX}-*"),
    )
    buckets = allow(
        "TearDownBuckets",
        [
            "s3:BypassGovernanceRetention",
            "s3:DeleteBucket",
            "s3:DeleteBucketPolicy",
            "s3:DeleteObject",
            "s3:DeleteObjectVersion",
            "s3:ListBucketVersions",
        ],
        [bucket, f"{bucket}/*"],
    )
    return [*([trails] if deployed.trails else []), *([buckets] if deployed.records else [])]


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
