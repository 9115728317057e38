"""What binds whole accounts: service control policies and resource control policies.

SCPs bind every principal of a member account, its root user included, but not the management
account and not service-linked roles (Organizations user guide, "Service control policies"); what
happens in management must be seen, since it cannot be stopped. RCPs bind whoever calls on a member
account's resources, outsiders and the management account's principals included ("Resource control
policies").
"""

from collections.abc import Sequence
from dataclasses import dataclass

from breakglass import names
from breakglass.documents.scope import kit_resources
from breakglass.documents.statement import Document, Statement, allow, deny, document
from breakglass.documents.vault import RECORD_CHANGES, WEAKENINGS

ATTACHED_BY_AWS = 1
"""Policies that AWS attaches itself and that count: FullAWSAccess, RCPFullAWSAccess."""

PRINCIPAL_WRITES = (
    "iam:Attach*Policy",
    "iam:CreatePolicy*",
    "iam:CreateRole",
    "iam:Delete*Policy*",
    "iam:DeleteRole*",
    "iam:Detach*Policy",
    "iam:PassRole",
    "iam:Put*Policy",
    "iam:PutRolePermissionsBoundary",
    "iam:SetDefaultPolicyVersion",
    "iam:Tag*",
    "iam:Untag*",
    "iam:Update*",
)
"""Every write on a role or a policy, and handing a role to a service."""

KIT_WRITES = (
    "cloudwatch:Delete*",
    "cloudwatch:Disable*",
    "cloudwatch:Put*",
    "cloudwatch:SetAlarmState",
    "events:Delete*",
    "events:Disable*",
    "events:PutRule",
    "events:PutTargets",
    "events:Remove*",
    "events:Tag*",
    "events:Untag*",
    "events:Update*",
    "pipes:Create*",
    "pipes:Delete*",
    "pipes:Stop*",
    "pipes:Update*",
    "s3:CreateAccessPoint*",
    "s3:DeleteBucket*",
    "s3:PutAccessPoint*",
    "s3:PutBucket*",
    "s3:Put*Configuration",
    "sns:AddPermission",
    "sns:Delete*",
    "sns:Put*",
    "sns:RemovePermission",
    "sns:Set*",
    "sns:Subscribe",
    "sns:Unsubscribe",
    "sqs:*MessageMoveTask",
    "sqs:AddPermission",
    "sqs:DeleteQueue",
    "sqs:PurgeQueue",
    "sqs:RemovePermission",
    "sqs:SendMessage",
    "sqs:SetQueueAttributes",
)
"""Every write on the kit's own resources that a workload's or logging account's admin could make.

``sqs:SendMessage`` too: EventBridge fills the queues itself, no SCP binds a service, and a message
more keeps an alarm ringing that should ring anew for the next lost event.

Not ``events:PutEvents``, which is how forwarders reach the hub: its own policy names them. Not
``s3:PutObject``, with which Athena writes an auditor's results: policy and RCP of the locked
buckets keep the records.
"""

MESSAGE_TAKINGS = ("sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:ReceiveMessage")
"""What takes a message from a queue or hides it, for up to twelve hours, from who watches it: a
lost event that nobody counts any more rings nobody."""

KIT_KEY = {"Null": {f"aws:ResourceTag/{names.KEY_TAG}": "false"}}
"""A KMS key has no name in its ARN, so the kit's are told by their tag."""

KEY_WRITES = (
    "kms:CreateGrant",
    "kms:ImportKeyMaterial",
    "kms:PutKeyPolicy",
    "kms:TagResource",
    "kms:UntagResource",
)
"""What lets somebody else use, know or keep a key of the kit."""

KEY_ENDS = ("kms:DeleteImportedKeyMaterial", "kms:DisableKey", "kms:ScheduleKeyDeletion")
"""What ends a key, and all that it signed or sealed with it."""

HUB_OPENINGS = ("events:PutPermission", "events:RemovePermission")
"""What changes a bus' policy. IAM knows no resource for them (Service Authorization Reference), so
they are denied by account."""

TRAIL_WRITES = (
    "cloudtrail:AddTags",
    "cloudtrail:PutEventConfiguration",
    "cloudtrail:PutEventSelectors",
    "cloudtrail:PutInsightSelectors",
    "cloudtrail:RemoveTags",
    "cloudtrail:UpdateTrail",
)
"""What narrows or re-aims a trail."""

IRREVERSIBLE = (
    "cloudtrail:DeleteTrail",
    "cloudtrail:StopLogging",
    "s3:BypassGovernanceRetention",
    "s3:DeleteBucketPolicy",
)
"""What cannot be made good again on the kit's own; no deployer is exempt under COMPLIANCE."""

LEAVING = (
    "account:CloseAccount",
    "account:DisableRegion",
    "account:EnableRegion",
    "iam:*OrganizationsRoot*",
    "organizations:LeaveOrganization",
)
"""What takes an account, or a region of it, out of sight."""

GLOBAL_SERVICES = (
    "account:*",
    "billing:*",
    "budgets:*",
    "ce:*",
    "cloudfront:*",
    "globalaccelerator:*",
    "health:*",
    "iam:*",
    "organizations:*",
    "route53:*",
    "route53domains:*",
    "shield:*",
    "sts:*",
    "support:*",
    "waf:*",
)
"""Services without a region, or whose calls all land in us-east-1 (Organizations user guide, "Deny
access to AWS based on the requested AWS Region")."""


@dataclass(frozen=True, slots=True)
class Guarded:
    """What the guardrails need to know of an organisation."""

    deployer_arns: Sequence[str]
    """The one deployer of each account that guardrails bind, by full ARN: not management's."""
    regions: Sequence[str]
    """Regions with rules; the others are closed."""
    hub_account: str
    """The account of the hub."""
    compliance: bool
    """Whether the irreversible calls are denied to deployers too."""


def service_control(guarded: Guarded) -> dict[str, Document]:
    """The SCPs for the root, by name: what binds the principals of every account."""
    return {
        "path": protect_the_path(guarded),
        "record": protect_the_record(guarded),
        "trails": protect_the_trails(guarded),
        "keys": protect_the_keys(guarded),
        "sight": stay_in_sight(guarded),
    }


def protect_the_path(guarded: Guarded) -> Document:
    """SCP: nobody but an account's deployer writes under the kit's path."""
    principals = [f"arn:aws:iam::*:{kind}{names.PATH}*" for kind in ("role", "policy")]
    return document(
        deny(
            "OnlyTheDeployerWritesKitPrincipals",
            PRINCIPAL_WRITES,
            principals,
            when=_but(guarded.deployer_arns),
        )
    )


def protect_the_record(guarded: Guarded) -> Document:
    """SCP: only an account's deployer changes the kit's resources."""
    return document(
        deny(
            "OnlyTheDeployerWritesKitResources",
            KIT_WRITES,
            kit_resources(dict.fromkeys(action.partition(":")[0] for action in KIT_WRITES)),
            when=_but(guarded.deployer_arns),
        ),
        deny(
            "OnlyThePagerTakesMessages",
            MESSAGE_TAKINGS,
            f"arn:aws:sqs:*:*:{names.PREFIX}-*",
            when=_but(_pagers(guarded.hub_account)),
        ),
        deny(
            "OnlyTheDeployerOpensTheHub",
            HUB_OPENINGS,
            "*",
            when={
                "StringEquals": {"aws:PrincipalAccount": guarded.hub_account},
                **_but(of_accounts(guarded.deployer_arns, [guarded.hub_account])),
            },
        ),
    )


def _pagers(hub_account: str) -> list[str]:
    """The roles of the pipes that take from the queues of the hub."""
    return [names.role_arn(hub_account, "pager", tier) for tier in ("page", "ticket")]


def protect_the_trails(guarded: Guarded) -> Document:
    """SCP: only an account's deployer changes the kit's trails, and nobody ends the record."""
    trails = [f"arn:aws:cloudtrail:*:*:trail/{names.PREFIX}-*"]
    buckets = [f"arn:aws:s3:::{names.PREFIX}-*"]  # and what is in them: the wildcard reaches on
    irreversible = None if guarded.compliance else _but(guarded.deployer_arns)
    return document(
        deny(
            "OnlyTheDeployerChangesTrails", TRAIL_WRITES, trails, when=_but(guarded.deployer_arns)
        ),
        deny("NobodyEndsTheRecord", IRREVERSIBLE, [*trails, *buckets], when=irreversible),
    )


def protect_the_keys(guarded: Guarded) -> Document:
    """SCP: only an account's deployer shares the kit's keys, and nobody ends one."""
    irreversible = {} if guarded.compliance else _but(guarded.deployer_arns)
    return document(
        deny(
            "OnlyTheDeployerChangesKeys",
            KEY_WRITES,
            "*",
            when={**KIT_KEY, **_but(guarded.deployer_arns)},
        ),
        deny("NobodyEndsAKey", KEY_ENDS, "*", when={**KIT_KEY, **irreversible}),
    )


def stay_in_sight(guarded: Guarded) -> Document:
    """SCP: accounts stay in the organisation, and nothing happens in a region without rules."""
    return document(
        deny("NobodyLeaves", LEAVING, "*"),
        deny(
            "OnlyWatchedRegions",
            GLOBAL_SERVICES,
            "*",
            not_action=True,
            when={"StringNotEquals": {"aws:RequestedRegion": list(guarded.regions)}},
        ),
    )


def _but(deployer_arns: Sequence[str]) -> dict[str, dict[str, list[str]]]:
    """For all but the deployers, by full ARN: a wildcard account would exempt any admin.

    With sixty accounts the list takes 4,000 of an SCP's 10,240 bytes, so that the guardrails are
    several, with two such lists in each at most.
    """
    return {"ArnNotEquals": {"aws:PrincipalArn": list(deployer_arns)}}


def of_accounts(arns: Sequence[str], accounts: Sequence[str]) -> list[str]:
    """The ARNs that belong to one of ``accounts``."""
    return [arn for arn in arns if arn.split(":")[4] in accounts]


def only_keepers_enter(keeper_arns: Sequence[str]) -> Document:
    """RCP for logging, witness and broker: nobody but the listed principals assumes a role there.

    It closes the default cross-account admin roles too (``OrganizationAccountAccessRole``,
    ``AWSControlTowerExecution``, ``stacksets-exec-*``), which trust the management account.
    """
    return document(
        deny(
            "OnlyKeepersEnter",
            "sts:AssumeRole",
            "*",
            principal="*",
            when={
                "ArnNotLike": {"aws:PrincipalArn": list(keeper_arns)},
                "BoolIfExists": {"aws:PrincipalIsAWSService": "false"},
            },
        )
    )


def keep_the_records(bucket_arns: Sequence[str], deployer_arns: Sequence[str]) -> Document:
    """RCP for logging and witness: the locked buckets hold even if their own policies were dropped.

    It binds the root user and the root sessions of ``sts:AssumeRoot`` as well.
    """
    objects = [f"{arn}/*" for arn in bucket_arns]
    stranger = {"BoolIfExists": {"aws:PrincipalIsAWSService": "false"}}
    return document(
        deny("OnlyServicesWriteRecords", RECORD_CHANGES, objects, principal="*", when=stranger),
        deny(
            "OnlyTheDeployerSetsUp",
            [*WEAKENINGS, "s3:DeleteBucketPolicy"],
            list(bucket_arns),
            principal="*",
            when=_but(deployer_arns),
        ),
    )


def full_access() -> Document:
    """What AWS attaches everywhere as ``FullAWSAccess`` and ``RCPFullAWSAccess``."""
    statement: Statement = allow("FullAccess", "*", "*")
    del statement["Sid"]
    return document(statement)
