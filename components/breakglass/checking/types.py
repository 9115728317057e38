"""Which types of resources the invariants read, and which they should and cannot."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

from breakglass.checking.forms import type_of
from breakglass.checking.subjects import (
    Subjects,
    Touches,
    approves_in_a_protected_one,
    binds_less,
    breaks_the_glass,
    has_another_branch,
    is_a_region_more,
    is_in_a_keepers_account,
    is_listed_nowhere,
    is_of_a_kind,
    lends_the_root_user,
    names,
    names_a_user,
    opens_a_keepers_repository,
    runs_on_it,
    templates,
    whatever,
)
from breakglass.proof.graph import Graph, Resource, Unread

_REPOSITORY_CLAIMS: Final = "ctionsRepositoryOidcSubjectClaimCustomizationTemplate"
_OF_WORKFLOWS: Final = "ActionsOrganizationWorkflowPermissions"
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
        "aws:s3/bucketAcl:BucketAcl",
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

_OTHER_PACKAGES: Final = ("aws-native:", "awscc:")
_SERVICES: Final = frozenset(
    {"cloudtrail", "cloudwatch", "events", "iam", "kms", "organizations", "pipes"}
    | {"s3", "sns", "sqs"}
)


class Unreadable(NamedTuple):
    """A type that decides something and that no invariant reads."""

    what: str
    """What of it is not read."""
    rests: str
    """The invariant that rests on it."""
    touches: Touches | None = None
    """Of which resources; None for those that belong to the record, the alarms or the way in."""


_ALARMS: Final = "the_alarms_way_is_watched"
_CLOSED: Final = "vault_is_elsewhere_and_locked"
_ENTRY: Final = "entry_trust_demands_what_it_must"
_FLOOR: Final = "enforce_admins_holds"
_GATES: Final = "deployment_gates_hold"
_GUARDRAILS: Final = "guardrails_bind_every_member"
_KEEPERS: Final = "keepers_and_actors_are_disjoint"
_KEYS: Final = "actor_cannot_silence_the_alarms"
_RECORDED: Final = "every_account_is_recorded"
_ROLES: Final = "roles_do_only_what_they_are_for"
_BYPASS: Final = "the_app_is_the_only_bypass"

UNREADABLE: Final[Mapping[str, Unreadable]] = MappingProxyType(
    {
        "aws:account/region:Region": Unreadable(
            "What happens in a region that nobody watches", _GUARDRAILS, is_a_region_more
        ),
        "aws:cloudcontrol/resource:Resource": Unreadable(
            "What is made through Cloud Control", _KEYS, is_of_a_kind(_SERVICES)
        ),
        "aws:cloudformation/stack:Stack": Unreadable("What a template makes", _KEYS, templates),
        "aws:cloudformation/stackSet:StackSet": Unreadable(
            "What a template makes in other accounts", _GUARDRAILS, whatever
        ),
        "aws:cloudtrail/organizationDelegatedAdminAccount:OrganizationDelegatedAdminAccount": (
            Unreadable("Who may change the organisation's trail besides management", _RECORDED)
        ),
        "aws:cloudwatch/alarmMuteRule:AlarmMuteRule": Unreadable(
            "When an alarm is mute", _ALARMS, names("muteTargets")
        ),
        "aws:cloudwatch/eventPermission:EventPermission": Unreadable(
            "What it opens of a bus's policy", "resources_take_only_what_they_should"
        ),
        "aws:iam/accessKey:AccessKey": Unreadable(
            "Who else has a key of a user who may enter", _ENTRY, names_a_user("user")
        ),
        "aws:iam/group:Group": Unreadable(
            "Who is in a group that breaks the glass, and what they may do,",
            _ENTRY,
            breaks_the_glass,
        ),
        "aws:iam/organizationsFeatures:OrganizationsFeatures": Unreadable(
            "Who may act as the root user of a member", _GUARDRAILS, lends_the_root_user
        ),
        "aws:iam/policyAttachment:PolicyAttachment": Unreadable(
            "What a user who may enter may do besides", _ROLES, names_a_user("users")
        ),
        "aws:iam/rolePoliciesExclusive:RolePoliciesExclusive": Unreadable(
            "What it takes from a role", _ROLES
        ),
        "aws:iam/rolePolicyAttachmentsExclusive:RolePolicyAttachmentsExclusive": Unreadable(
            "What it takes from a role", _ROLES
        ),
        "aws:iam/user:User": Unreadable(
            "Who has the keys of a user who breaks the glass, whether MFA is asked for and what he "
            "may do",
            _ENTRY,
            breaks_the_glass,
        ),
        "aws:iam/userGroupMembership:UserGroupMembership": Unreadable(
            "What a user who may enter may do besides", _ROLES, names_a_user("user")
        ),
        "aws:iam/userLoginProfile:UserLoginProfile": Unreadable(
            "Who else has the password of a user who may enter", _ENTRY, names_a_user("user")
        ),
        "aws:iam/userPolicy:UserPolicy": Unreadable(
            "What a user who may enter may do besides", _ROLES, names_a_user("user")
        ),
        "aws:iam/userPolicyAttachment:UserPolicyAttachment": Unreadable(
            "What a user who may enter may do besides", _ROLES, names_a_user("user")
        ),
        "aws:kms/externalKey:ExternalKey": Unreadable(
            "What a key of one's own material lets others do", _KEYS
        ),
        "aws:kms/grant:Grant": Unreadable("What a grant lets others do with a key", _KEYS),
        "aws:kms/replicaKey:ReplicaKey": Unreadable(
            "What a replica of a key lets others do", _KEYS
        ),
        "aws:lambda/eventSourceMapping:EventSourceMapping": Unreadable(
            "Who takes the messages of a queue", _ALARMS, names("eventSourceArn")
        ),
        "aws:organizations/account:Account": Unreadable(
            "Whether an account that the settings do not list is watched",
            _RECORDED,
            is_listed_nowhere,
        ),
        "aws:organizations/delegatedAdministrator:DelegatedAdministrator": Unreadable(
            "What a delegated administrator may change", _GUARDRAILS
        ),
        "aws:organizations/organization:Organization": Unreadable(
            "Whether policies bind whose type is not enabled", _GUARDRAILS, binds_less
        ),
        "aws:organizations/resourcePolicy:ResourcePolicy": Unreadable(
            "What the organisation's own policy lets others change", _GUARDRAILS
        ),
        "aws:s3/accessPoint:AccessPoint": Unreadable(
            "Whom an access point lets to a bucket", _CLOSED
        ),
        "aws:s3/analyticsConfiguration:AnalyticsConfiguration": Unreadable(
            "To whom a bucket's objects are listed", _CLOSED, names("bucket")
        ),
        "aws:s3/bucketMetadataConfiguration:BucketMetadataConfiguration": Unreadable(
            "To whom a bucket's objects are listed", _CLOSED, names("bucket")
        ),
        "aws:s3/bucketWebsiteConfiguration:BucketWebsiteConfiguration": Unreadable(
            "Whom a website shows a bucket", _CLOSED, names("bucket")
        ),
        "aws:s3/inventory:Inventory": Unreadable(
            "To whom a bucket's objects are listed", _CLOSED, names("bucket")
        ),
        "aws:s3control/accessGrant:AccessGrant": Unreadable(
            "Whom a grant lets to a bucket", _CLOSED, names("accessGrantsLocationConfiguration")
        ),
        "aws:s3control/accessGrantsLocation:AccessGrantsLocation": Unreadable(
            "Whom grants let to a bucket", _CLOSED, names("locationScope")
        ),
        "aws:s3control/accessPointPolicy:AccessPointPolicy": Unreadable(
            "Whom an access point lets to a bucket", _CLOSED, names("policy")
        ),
        "aws:s3control/multiRegionAccessPoint:MultiRegionAccessPoint": Unreadable(
            "Whom an access point lets to a bucket", _CLOSED, names("details")
        ),
        "aws:s3control/objectLambdaAccessPoint:ObjectLambdaAccessPoint": Unreadable(
            "What a reader sees of a bucket", _CLOSED, names("configuration")
        ),
        "aws:scheduler/schedule:Schedule": Unreadable(
            "What a schedule does, and to what", _KEYS, names("target")
        ),
        "aws:sns/dataProtectionPolicy:DataProtectionPolicy": Unreadable(
            "Which pages are held back or masked", _ALARMS, names("arn")
        ),
        "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy": Unreadable(
            "Whose dead letters a queue takes", _ALARMS, names("queueUrl")
        ),
        "aws:sqs/redrivePolicy:RedrivePolicy": Unreadable(
            "Where a queue's dead letters go", _ALARMS, names("queueUrl")
        ),
        "aws:ssoadmin/accountAssignment:AccountAssignment": Unreadable(
            "Who is let into a keeper's account", _KEEPERS, is_in_a_keepers_account
        ),
        "aws:ssoadmin/permissionSet:PermissionSet": Unreadable(
            "Who enters with a permission set that breaks the glass, for how long and to do what,",
            _ENTRY,
            breaks_the_glass,
        ),
        "command:local:Command": Unreadable("What a command does", _KEYS, runs_on_it),
        "command:remote:Command": Unreadable("What a command does", _KEYS, runs_on_it),
        f"github:index/a{_ORGANIZATION_CLAIMS}:A{_ORGANIZATION_CLAIMS}": Unreadable(
            "What the tokens of an organisation's repositories claim", _GATES
        ),
        f"github:index/{_OF_WORKFLOWS[0].lower()}{_OF_WORKFLOWS[1:]}:{_OF_WORKFLOWS}": Unreadable(
            "What workflows may approve", _GATES, approves_in_a_protected_one
        ),
        "github:index/branchDefault:BranchDefault": Unreadable(
            "Whether the default branch is the protected one", _BYPASS, has_another_branch
        ),
        "github:index/branchProtectionV3:BranchProtectionV3": Unreadable(
            "What the older form of branch protection protects", _FLOOR
        ),
        "github:index/organizationRuleset:OrganizationRuleset": Unreadable(
            "What a ruleset of the organisation demands of its repositories", _BYPASS
        ),
        "github:index/repositoryCollaborator:RepositoryCollaborator": Unreadable(
            "Who writes to a keeper's repository", _KEEPERS, opens_a_keepers_repository
        ),
        "github:index/repositoryCollaborators:RepositoryCollaborators": Unreadable(
            "Who writes to a keeper's repository", _KEEPERS, opens_a_keepers_repository
        ),
        "github:index/repositoryDeployKey:RepositoryDeployKey": Unreadable(
            "Who writes to a keeper's repository", _KEEPERS, opens_a_keepers_repository
        ),
        "github:index/repositoryDeploymentBranchPolicy:RepositoryDeploymentBranchPolicy": (
            Unreadable("Which branches the older form of an environment's policy lets in", _GATES)
        ),
        "github:index/teamRepository:TeamRepository": Unreadable(
            "Who writes to a keeper's repository", _KEEPERS, opens_a_keepers_repository
        ),
        "github:index/workflowRepositoryPermissions:WorkflowRepositoryPermissions": Unreadable(
            "What workflows may approve", _GATES, approves_in_a_protected_one
        ),
    }
)
"""Types that decide something an invariant rests on. Whatever is not here either is read, or can
weaken nothing by itself: the policy of a bucket refuses an object, the trust of a role a function
or an instance, and a bucket's own block of public access stands without the account's."""


def unreadable_among(everything: Iterable[Resource], graph: Graph) -> Iterator[Unread]:
    """Yield what decides something and no invariant can read.

    Of AWS's other packages whatever an invariant would ask for: what it belongs to is not known.
    """
    subjects, belongs = Subjects(graph, READ), {_key(one) for one in graph.resources}
    for one in everything:
        row = UNREADABLE.get(type_of(one.type))
        if row is not None and (
            row.touches(one, subjects) if row.touches else _key(one) in belongs
        ):
            why = f"{row.what} is not read, and {row.rests} rests on it"
            yield Unread(one.name, one.source, why)
        if one.type.startswith(_OTHER_PACKAGES) and one.type.split(":")[1] in _SERVICES:
            yield Unread(one.name, one.source, f"No invariant reads {one.type}")


def not_looked_at(everything: Iterable[Resource], read: Iterable[Resource]) -> Mapping[str, int]:
    """Count, by type, what no invariant was asked about; most first."""
    looked_at = {_key(one) for one in read if one.type in READ}
    left = Counter(type_of(one.type) for one in everything if _key(one) not in looked_at)
    return dict(sorted(left.items(), key=lambda item: (-item[1], item[0])))


def _key(one: Resource) -> tuple[str, str, str, str]:
    return type_of(one.type), one.name, one.source, one.account
