"""Which types of resources the invariants read, and which they should and cannot."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Final

from breakglass.checking.forms import type_of
from breakglass.proof.graph import Resource, Unread

_REPOSITORY_CLAIMS: Final = "ctionsRepositoryOidcSubjectClaimCustomizationTemplate"
_ORGANIZATION_CLAIMS: Final = "ctionsOrganizationOidcSubjectClaimCustomizationTemplate"

READ: Final = frozenset(
    {
        "aws:cloudtrail/trail:Trail",
        "aws:cloudwatch/eventBus:EventBus",
        "aws:cloudwatch/eventBusPolicy:EventBusPolicy",
        "aws:cloudwatch/eventRule:EventRule",
        "aws:cloudwatch/eventTarget:EventTarget",
        "aws:cloudwatch/metricAlarm:MetricAlarm",
        "aws:iam/policy:Policy",
        "aws:iam/role:Role",
        "aws:iam/rolePolicy:RolePolicy",
        "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
        "aws:kms/key:Key",
        "aws:lambda/function:Function",
        "aws:lambda/permission:Permission",
        "aws:organizations/policy:Policy",
        "aws:organizations/policyAttachment:PolicyAttachment",
        "aws:pipes/pipe:Pipe",
        "aws:s3/bucket:Bucket",
        "aws:s3/bucketIntelligentTieringConfiguration:BucketIntelligentTieringConfiguration",
        "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
        "aws:s3/bucketNotification:BucketNotification",
        "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration",
        "aws:s3/bucketOwnershipControls:BucketOwnershipControls",
        "aws:s3/bucketPolicy:BucketPolicy",
        "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
        "aws:s3/bucketReplicationConfig:BucketReplicationConfig",
        "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
        "aws:s3/bucketVersioning:BucketVersioning",
        "aws:sns/topic:Topic",
        "aws:sns/topicPolicy:TopicPolicy",
        "aws:sns/topicSubscription:TopicSubscription",
        "aws:sqs/queue:Queue",
        "aws:sqs/queuePolicy:QueuePolicy",
        f"github:index/a{_REPOSITORY_CLAIMS}:A{_REPOSITORY_CLAIMS}",
        "github:index/branchProtection:BranchProtection",
        "github:index/repositoryEnvironment:RepositoryEnvironment",
        "github:index/repositoryEnvironmentDeploymentPolicy:RepositoryEnvironmentDeploymentPolicy",
        "github:index/repositoryRuleset:RepositoryRuleset",
    }
)
"""Types that some invariant reads."""

UNREADABLE: Final[Mapping[str, str]] = MappingProxyType(
    {
        "aws:cloudtrail/organizationDelegatedAdminAccount:OrganizationDelegatedAdminAccount": (
            "Who may change the organisation's trail besides management"
        ),
        "aws:cloudwatch/eventPermission:EventPermission": "What it opens of a bus's policy",
        "aws:iam/rolePoliciesExclusive:RolePoliciesExclusive": "What it takes from a role",
        "aws:iam/rolePolicyAttachmentsExclusive:RolePolicyAttachmentsExclusive": (
            "What it takes from a role"
        ),
        "aws:kms/externalKey:ExternalKey": "What a key of one's own material lets others do",
        "aws:kms/grant:Grant": "What a grant lets others do with a key",
        "aws:kms/replicaKey:ReplicaKey": "What a replica of a key lets others do",
        "aws:organizations/delegatedAdministrator:DelegatedAdministrator": (
            "What a delegated administrator may change"
        ),
        "aws:organizations/resourcePolicy:ResourcePolicy": (
            "What the organisation's own policy lets others change"
        ),
        "aws:s3/accessPoint:AccessPoint": "Whom an access point lets to a bucket",
        "aws:sqs/redrivePolicy:RedrivePolicy": "Where a queue's dead letters go",
        f"github:index/a{_ORGANIZATION_CLAIMS}:A{_ORGANIZATION_CLAIMS}": (
            "What the tokens of an organisation's repositories claim"
        ),
        "github:index/branchProtectionV3:BranchProtectionV3": (
            "What the older form of branch protection protects"
        ),
        "github:index/organizationRuleset:OrganizationRuleset": (
            "What a ruleset of the organisation demands of its repositories"
        ),
        "github:index/repositoryDeploymentBranchPolicy:RepositoryDeploymentBranchPolicy": (
            "Which branches the older form of an environment's policy lets in"
        ),
    }
)
"""Types that decide something an invariant asks about, and what it is."""

_OTHER_PACKAGES: Final = ("aws-native:", "awscc:")
_SERVICES: Final = frozenset(
    {"cloudtrail", "cloudwatch", "events", "iam", "kms", "organizations", "pipes"}
    | {"s3", "sns", "sqs"}
)


def unreadable_among(everything: Iterable[Resource], read: Iterable[Resource]) -> Iterator[Unread]:
    """Yield what decides something and no invariant can read.

    Of AWS's other packages whatever an invariant would ask for: what it belongs to is not known.
    """
    for one in read:
        if one.type in UNREADABLE:
            yield Unread(one.name, one.source, f"{UNREADABLE[one.type]} is not read")
    for one in everything:
        if one.type.startswith(_OTHER_PACKAGES) and one.type.split(":")[1] in _SERVICES:
            yield Unread(one.name, one.source, f"No invariant reads {one.type}")


def not_looked_at(everything: Iterable[Resource], read: Iterable[Resource]) -> Mapping[str, int]:
    """Count, by type, what no invariant was asked about; most first."""
    looked_at = {_key(one) for one in read if one.type in READ}
    left = Counter(type_of(one.type) for one in everything if _key(one) not in looked_at)
    return dict(sorted(left.items(), key=lambda item: (-item[1], item[0])))


def _key(one: Resource) -> tuple[str, str, str, str]:
    return type_of(one.type), one.name, one.source, one.account
