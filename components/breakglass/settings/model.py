"""What an organisation file holds.

Each class is one object of the file; each field says its meaning, its unit and its default. What
must agree between fields is in :mod:`breakglass.settings.agreement`.
"""

import re
from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StrictBool,
    StrictInt,
    field_validator,
)

from breakglass import names
from breakglass.tamper import Tier

Slug = Annotated[str, Field(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$", max_length=28)]
AccountId = Annotated[str, Field(pattern=r"^[0-9]{12}$")]
Region = Annotated[str, Field(pattern=r"^[a-z]{2}(-[a-z]+)+-[0-9]$")]
Action = Annotated[str, Field(pattern=r"^(\*|[a-z0-9-]+:[A-Za-z0-9*?]+)$")]
RoleArn = Annotated[str, Field(pattern=r"^arn:aws:iam::[0-9]{12}:role/[A-Za-z0-9_+=,.@/-]+$")]
PrincipalArn = Annotated[
    str, Field(pattern=r"^arn:aws:iam::[0-9]{12}:(role|user)/[A-Za-z0-9_+=,.@/-]+$")
]
WorkflowRef = Annotated[
    str, Field(pattern=r"^[A-Za-z0-9_./-]+\.ya?ml@refs/heads/[A-Za-z0-9_./-]+$")
]
GitHubName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", max_length=100)]

NOT_YET = "nothing: not yet provided in this release"

_PLACEHOLDERS = re.compile(r"\$\{[^{}]*\}|\{account\}")
"""The kit's own placeholder, and IAM's policy variables."""

_ARN = re.compile(r"arn:aws:[a-z0-9-]+:[a-z0-9*?-]*:([0-9*?]*|aws|\{account\}):\S.*")
"""An ARN that names its service and what it is of: ``arn:aws:*`` says neither."""


def _resource(resource: str) -> str:
    if {"{", "}"} & set(_PLACEHOLDERS.sub("", resource)):
        raise ValueError("ARNs in which {account} is the only placeholder")
    if resource != "*" and not _ARN.fullmatch(resource):
        raise ValueError("ARNs of the aws partition, with service and resource, or '*'")
    return resource


Resource = Annotated[str, AfterValidator(_resource)]
"""What a grant is on."""


class Side(StrEnum):
    """The half of the topology that one stack holds."""

    KEEPER = "keeper"
    EDGE = "edge"
    ALL = "all"


class AccountRole(StrEnum):
    """What an account is for (``docs/explanation/topology.md``)."""

    MANAGEMENT = "management"
    LOGGING = "logging"
    WITNESS = "witness"
    BROKER = "broker"
    WORKLOAD = "workload"

    @property
    def side(self) -> Side:
        """The side that applies and keeps accounts of this role."""
        keeper = {AccountRole.MANAGEMENT, AccountRole.LOGGING, AccountRole.WITNESS}
        return Side.KEEPER if self in keeper else Side.EDGE


class EntryKind(StrEnum):
    """How somebody reaches an entry role."""

    IAM_USER = "iam-user"
    IDENTITY_CENTER = "identity-center"
    GITHUB_OIDC = "github-oidc"


class LockMode(StrEnum):
    """Object Lock retention mode. COMPLIANCE cannot be undone by anyone, the root user included."""

    COMPLIANCE = "COMPLIANCE"
    GOVERNANCE = "GOVERNANCE"


class Severity(StrEnum):
    """How bad an incident is, worst first."""

    SEV1 = "SEV1"
    SEV2 = "SEV2"
    SEV3 = "SEV3"


class IncidentType(StrEnum):
    """What an incident is about, as far as a gate cares."""

    AVAILABILITY = "availability"
    DATA = "data"
    SECURITY = "security"


class Bypass(StrEnum):
    """How a scope is entered: ``break-glass`` needs no approval, ``jit`` a second person's."""

    BREAK_GLASS = "break-glass"
    JIT = "jit"


class GateKind(StrEnum):
    """What a gate waits for."""

    REVIEW = "review"
    CHECK = "check"
    DEPLOYMENT = "deployment"


class GitHubPlan(StrEnum):
    """The GitHub organisation's plan, which decides what can be protected."""

    FREE = "free"
    TEAM = "team"
    ENTERPRISE = "enterprise"


class Visibility(StrEnum):
    """Who can see a repository."""

    PUBLIC = "public"
    PRIVATE = "private"
    INTERNAL = "internal"


class PagerProtocol(StrEnum):
    """SNS subscription protocols that a pager understands."""

    HTTPS = "https"
    EMAIL = "email"
    SMS = "sms"


class Object(BaseModel):
    """Base of every object in the file: unknown keys are faults, and values never change."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


class Account(Object):
    """One AWS account."""

    name: Slug
    """What people call it; unique."""
    id: AccountId
    """Twelve digits, in quotes (YAML would drop a leading zero)."""
    role: AccountRole
    """What the account is for."""
    deployer_role_arn: RoleArn | None = None
    """Role that the program assumes here; the kit's own deployer role when omitted."""
    profile: str | None = None
    """AWS profile whose credentials assume the deployer; the ambient credentials when omitted."""

    @property
    def deployer(self) -> str:
        """ARN of the role that the program assumes in this account."""
        return self.deployer_role_arn or names.deployer_arn(self.id)


class Organizations(Object):
    """The AWS Organizations organisation."""

    id: Annotated[str, Field(pattern=r"^o-[a-z0-9]{10,32}$")]
    """Id of the organisation, ``o-…``."""
    root_id: Annotated[str, Field(pattern=r"^r-[a-z0-9]{4,32}$")]
    """Id of its root, ``r-…``: the guardrails attach there and at accounts."""


class Deployers(Object):
    """Who runs ``pulumi up``: the principal that assumes the deployer roles of each side."""

    keeper: PrincipalArn
    """For management, logging and witness."""
    edge: PrincipalArn
    """For broker and workloads; another one than the keeper's."""


class IdentityCenter(Object):
    """IAM Identity Center, where it is used as a way in."""

    region: Region
    """Home region of Identity Center."""
    principal_tag: Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_.:/=+@-]{0,127}$")] = "user"
    """ABAC attribute that carries who somebody is; ``user`` when omitted."""


class Person(Object):
    """A human being and his identities.

    Whoever is at no entry for users or Identity Center enters by neither. By a workflow enters whom
    the reviewers of its environment let: GitHub decides that, and STS sees only the job.
    """

    name: Slug
    """Unique name of the person."""
    side: Side
    """``edge`` for those who may break the glass, ``keeper`` for those who keep the record; never
    both.
    """
    iam_user: Annotated[str, Field(pattern=r"^[A-Za-z0-9_+=,.@-]{2,64}$")] | None = None
    """IAM user name in the entry's account."""
    identity_center: Annotated[str, Field(pattern=r"^[A-Za-z0-9_+=,.@-]{2,64}$")] | None = None
    """Value of the person's ABAC attribute; it becomes the source identity, so its alphabet is
    STS's.
    """
    github: GitHubName | None = None
    """GitHub login."""

    @field_validator("side")
    @classmethod
    def _one_side(cls, side: Side) -> Side:
        if side is Side.ALL:
            raise ValueError("keeper or edge: nobody is both")
        return side


class Entry(Object):
    """A way in: one entry role in one account."""

    name: Slug
    """Unique name; the role is ``break-glass-entry-<name>``."""
    kind: EntryKind
    """Who stands before it."""
    account: Slug
    """Name of the account that holds the role."""
    people: tuple[Slug, ...] = ()
    """Who may use it, at least one. None for ``github-oidc``: the reviewers of its environment
    decide.
    """
    permission_set: Annotated[str, Field(pattern=r"^[A-Za-z0-9_+=,.@-]{1,32}$")] | None = None
    """Permission set that may use it; needed for ``identity-center``."""
    repository: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+$")] | None = None
    """``owner/name`` of the security repository; needed for ``github-oidc``. It is one of
    ``github.repositories`` with ``keeper: true``.
    """
    repository_id: Annotated[StrictInt, Field(gt=0)] | None = None
    """Numeric id of that repository; a name can be taken over, an id cannot."""
    workflow: WorkflowRef | None = None
    """``.github/workflows/<file>@refs/heads/<branch>`` that the job must run from, on the
    repository's protected branch.
    """
    owner_id: Annotated[StrictInt, Field(gt=0)] | None = None
    """Numeric id of the owner, for repositories made after 2026-07-15, whose subjects carry ids."""
    environment: Slug | None = None
    """Environment that the job must run in; ``break-glass`` is usual. A deployment gate of the
    repository guards it: its reviewers decide who enters.
    """


class Grant(Object):
    """Some actions on some resources: one statement of a scope."""

    actions: Annotated[tuple[Action, ...], Field(min_length=1)]
    """IAM actions; a glob is taken when it matches only this runbook's calls."""
    resources: Annotated[tuple[str, ...], Field(min_length=1)]
    """ARNs; ``{account}`` becomes the account's id."""

    @field_validator("resources")
    @classmethod
    def _arns(cls, resources: tuple[str, ...]) -> tuple[str, ...]:
        for resource in resources:
            _resource(resource)
        return resources


class Scope(Object):
    """A named set of permissions for one runbook, with a break-glass role of its own."""

    name: Slug
    """Unique name; the role is ``break-glass-scope-<name>``."""
    accounts: Annotated[tuple[Slug, ...], Field(min_length=1)]
    """Workload accounts that get the role."""
    runbook: Annotated[str, Field(min_length=1, max_length=400)]
    """Where the runbook is: a path or a URL."""
    grants: Annotated[tuple[Grant, ...], Field(min_length=1)]
    """What the runbook needs, and nothing else."""
    pass_roles: tuple[RoleArn, ...] = ()
    """Roles that may be passed to a service; what they may do counts as the scope's."""
    assume_roles: tuple[RoleArn, ...] = ()
    """Roles that may be assumed from here; what they may do counts as the scope's."""
    bypass: Bypass = Bypass.BREAK_GLASS
    """How it is entered; ``break-glass`` when omitted. ``jit`` is not yet provided."""
    severities: Annotated[tuple[Severity, ...], Field(min_length=1)] = (
        Severity.SEV1,
        Severity.SEV2,
    )
    """Severities that justify it; SEV1 and SEV2 when omitted. The first is the default of the
    command line.
    """
    gate: Slug = "aws-access"
    """Gate that an activation passes by default; ``aws-access`` when omitted."""
    administrator_reason: Annotated[str, Field(min_length=20)] | None = None
    """Why a scope may hold ``*``; without it AdministratorAccess is refused."""

    @field_validator("bypass")
    @classmethod
    def _no_approvals_yet(cls, bypass: Bypass) -> Bypass:
        if bypass is Bypass.JIT:
            raise ValueError("break-glass: approvals are not yet provided in this release")
        return bypass


class Retention(Object):
    """How long a record cannot be deleted."""

    mode: LockMode = LockMode.COMPLIANCE
    """COMPLIANCE when omitted; GOVERNANCE must be spelled, and is refused in production."""
    days: Annotated[StrictInt, Field(ge=1, le=36500)] = 400
    """Days; 400 when omitted (a year to audit, and a month to do it). S3 allows 36,500."""


class PagerEndpoint(Object):
    """One place that a page or a ticket goes to."""

    protocol: PagerProtocol
    """How SNS reaches it."""
    endpoint: Annotated[str, Field(min_length=3, max_length=2048)] | None = None
    """URL, address or number, when it is no secret."""
    secret: Slug | None = None
    """Name of the Pulumi secret that holds the endpoint (``pulumi config set --secret
    breakglass:<name>``).
    """
    tier: Tier = Tier.PAGE
    """``page`` or ``ticket``; ``page`` when omitted."""


class Gate(Object):
    """A control on a repository that can block a change."""

    id: Slug
    """Unique within its repository."""
    kind: GateKind
    """What it waits for."""
    skippable: StrictBool
    """Whether an emergency may pass it. An unskippable gate is part of the floor: nobody passes
    it.
    """
    context: Annotated[str, Field(min_length=1, max_length=255)] | None = None
    """Name of the check; needed for ``check``."""
    integration_id: Annotated[StrictInt, Field(gt=0)] | None = None
    """App that must report the check; needed for an unskippable one, where anybody could forge it
    otherwise.
    """
    approvals: Annotated[StrictInt, Field(ge=1, le=10)] = 1
    """Approving reviews, for ``review``; 1 when omitted."""
    code_owners: StrictBool = False
    """Whether a code owner must approve, for ``review``; no when omitted."""
    environment: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{1,255}$")] | None = None
    """Environment that it guards; needed for ``deployment``."""
    reviewer_teams: tuple[Annotated[StrictInt, Field(gt=0)], ...] = ()
    """Ids of the teams that may approve a deployment, six reviewers at most (GitHub docs,
    "Deployments and environments").
    """
    reviewer_users: tuple[Annotated[StrictInt, Field(gt=0)], ...] = ()
    """Ids of the people who may."""
    never_when: tuple[IncidentType, ...] = ()
    """Kinds of incident in which it may not be skipped: no deploy past a security scan in a
    security incident.
    """
    min_severity: Severity | None = None
    """Least severity that justifies skipping it; any when omitted."""


class Repository(Object):
    """One repository under floor and gate."""

    name: GitHubName
    """Name without the owner."""
    visibility: Visibility = Visibility.PRIVATE
    """Who can see it; ``private`` when omitted."""
    default_branch: Annotated[str, Field(pattern=r"^[A-Za-z0-9_./-]{1,244}$")] = "main"
    """The protected branch; ``main`` when omitted."""
    keeper: StrictBool = False
    """Whether the kit or the security team lives here. A keeper repository has no bypass at all."""
    gates: Annotated[tuple[Gate, ...], Field(min_length=1)]
    """What a change must pass."""


class GitHubApp(Object):
    """The App that merges past a skippable gate."""

    id: Annotated[StrictInt, Field(gt=0)]
    """App id, from the App's settings page."""
    slug: GitHubName
    """App slug, as in its URL."""


class GitHub(Object):
    """The GitHub organisation."""

    organization: GitHubName
    """Login of the organisation."""
    plan: GitHubPlan
    """Its plan."""
    base_url: Annotated[str, Field(pattern=r"^https://[^\s]+/$")] | None = None
    """API address of a GitHub Enterprise Server, ending in a slash; github.com when omitted."""
    app: GitHubApp | None = None
    """The kit's App; without it no gate can be skipped."""
    repositories: Annotated[tuple[Repository, ...], Field(min_length=1)]
    """The repositories to protect."""


class Organisation(Object):
    """Everything that one organisation decides, for both sides."""

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$", max_length=20)]
    """Short name; part of the bucket names, so at most 20 characters."""
    production: StrictBool = False
    """Whether real incidents run here: then the lock is COMPLIANCE and the sides are apart."""
    small: StrictBool = False
    """Whether one team is both sides. Then the separation of duties is NOT PROVIDED, and the
    report says so.
    """
    home_region: Region
    """Region of trails, hub and vault."""
    regions: Annotated[tuple[Region, ...], Field(min_length=1)]
    """All enabled regions; each gets rules, and the role can be entered in no other."""
    organizations: Organizations | None = None
    """The AWS organisation; omitted where there is none, and then nothing guards against an
    account's own admin.
    """
    accounts: Annotated[tuple[Account, ...], Field(min_length=2)]
    """All accounts of the topology."""
    deployers: Deployers
    """Who assumes the deployer roles of each side."""
    identity_center: IdentityCenter | None = None
    """Identity Center, where an entry uses it."""
    people: Annotated[tuple[Person, ...], Field(min_length=1)]
    """Who may act and who keeps."""
    entries: Annotated[tuple[Entry, ...], Field(min_length=1)]
    """The ways in."""
    scopes: Annotated[tuple[Scope, ...], Field(min_length=1)]
    """What can be entered."""
    pager: Annotated[tuple[PagerEndpoint, ...], Field(min_length=1)]
    """Where pages and tickets go."""
    incident_prefix: Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9]{1,9}-$")] = "INC-"
    """What an incident id starts with; ``INC-`` when omitted."""
    readers: tuple[RoleArn, ...] = ()
    """Roles that may read the records, such as the auditors', in accounts of the keeper side.

    Nobody when omitted, not even Athena's users or the logging account's administrator.
    """
    retention: Retention = Retention()
    """How long the record is locked."""
    github: GitHub
    """The GitHub organisation and its repositories."""
    quotas: dict[str, StrictInt] = {}
    """AWS quotas that were raised for the organisation, by their name in ``breakglass.quotas``."""
    canary: None = None
    """Not yet provided."""
    revocation: None = None
    """Not yet provided."""
    broker: None = None
    """Not yet provided."""
    receiver: None = None
    """Not yet provided."""

    @field_validator("canary", "revocation", "broker", "receiver", mode="before")
    @classmethod
    def _not_yet(cls, value: object) -> None:
        if value is not None:
            raise ValueError(NOT_YET)

    def of(self, *roles: AccountRole) -> Sequence[Account]:
        """All accounts with one of ``roles``, in the order of the file."""
        return tuple(account for account in self.accounts if account.role in roles)

    def one(self, role: AccountRole) -> Account | None:
        """The only account with ``role``, or None."""
        return next(iter(self.of(role)), None)

    @property
    def logging(self) -> Account:
        """The account of the vault; agreement makes sure that there is one."""
        return self.of(AccountRole.LOGGING)[0]

    def account(self, name: str) -> Account:
        """The account called ``name``."""
        return next(account for account in self.accounts if account.name == name)

    def person(self, name: str) -> Person:
        """The person called ``name``."""
        return next(person for person in self.people if person.name == name)

    def on(self, side: Side) -> Sequence[Account]:
        """The accounts that a stack of ``side`` applies."""
        return tuple(a for a in self.accounts if side in (Side.ALL, a.role.side))

    @property
    def watched_regions(self) -> Sequence[str]:
        """All regions with rules, home first, each once."""
        return tuple(dict.fromkeys((self.home_region, *self.regions)))

    def replaced(self, **changes: object) -> Self:
        """A copy with other values, checked anew."""
        return type(self).model_validate({**self.model_dump(mode="json"), **changes})
