"""What is declared, as plain values: the resources of a program and the facts of its settings.

An invariant reads a `Graph` and nothing else, so the same invariant judges a recorded program, a
rehearsal or a mutant of either. Nothing here knows Pulumi, an emulator or the settings' classes.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final

from breakglass.errors import Undecided
from breakglass.proof.model import Unknown

KEEPER: Final = "keeper"
EDGE: Final = "edge"

LOGGING: Final = "logging"
WITNESS: Final = "witness"
BROKER: Final = "broker"
WORKLOAD: Final = "workload"
MANAGEMENT: Final = "management"

NO_REGION: Final = "region-not-told"
"""Stands for the region of whoever runs the program."""

NO_ORGANIZATION: Final = "o-nottold000"
"""Stands for the id of an organisation that the program does not name."""


@dataclass(frozen=True, slots=True)
class Resource:
    """One declared resource. ``type`` is Pulumi's token, properties are the provider's names."""

    type: str
    name: str
    account: str
    """Account id; the organisation's login for a resource of GitHub."""
    region: str
    """The resource's own region, else its provider's; empty for GitHub."""
    inputs: Mapping[str, Any]
    """What the program asked for, every reference resolved; `UNKNOWN_VALUE` where it is not known
    before it is applied."""
    outputs: Mapping[str, Any] = field(default_factory=dict)
    """What the cloud answered; an invariant takes ids and ARNs from here, and nothing else."""
    id: str = ""
    source: str = ""
    """The line that made it, such as ``infra/__main__.py:12``."""
    unknown: frozenset[str] = frozenset()
    """The inputs in which something is not known."""

    @property
    def arn(self) -> str:
        """The ARN that the cloud gave it; empty where there is none.

        Raises `Undecided` where it is not known yet.
        """
        arn = self.outputs.get("arn")
        return arn if type(arn) is str else str(self._known("arn", arn) or "")

    def get(self, *path: str) -> Any:  # noqa: ANN401 - a property holds any JSON value
        """Return the input at ``path``; None where it, or something on the way, is not given.

        Raises `Undecided` where it, or something in it, is not known yet.
        """
        if not self.unknown and len(path) == 1:  # as nearly all are asked
            return self.inputs.get(path[0])
        unsure = not self.unknown.isdisjoint(path[:1])
        value: Any = self.inputs
        for key in path:
            if not isinstance(value, Mapping):
                self._known(".".join(path), value if unsure else None)
                return None
            value = value.get(key)
        return self._known(".".join(path), value) if unsure else value

    def _known(self, name: str, value: Any) -> Any:  # noqa: ANN401 - likewise
        if has_unknown(value):
            raise Undecided(name, str(self))
        return value

    def __str__(self) -> str:
        where = f" ({self.source})" if self.source else ""
        return f"{self.name} in {self.account}{where}"


def has_unknown(value: object) -> bool:
    """Whether a value, or something in it, is not known before it is applied."""
    if isinstance(value, Mapping):
        return any(map(has_unknown, value.values()))
    if isinstance(value, list | tuple):
        return any(map(has_unknown, value))
    return isinstance(value, Unknown)


def texts_in(value: object) -> Iterator[str]:
    """Yield a text, or each text in a value; the keys of objects are not among them."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from texts_in(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from texts_in(inner)


@dataclass(frozen=True, slots=True)
class Account:
    """One account of the topology."""

    id: str
    name: str
    role: str
    """``management``, ``logging``, ``witness``, ``broker`` or ``workload``."""
    side: str
    """``keeper`` or ``edge``."""
    deployer: str
    """ARN of the role that the program assumes here."""


@dataclass(frozen=True, slots=True)
class Person:
    """A human being; an identity that he has not is None."""

    name: str
    side: str
    iam_user: str | None = None
    identity_center: str | None = None
    github: str | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """A way in."""

    name: str
    kind: str
    """``iam-user``, ``identity-center`` or ``github-oidc``; ``saml`` in a program of others."""
    account: str
    """Account id."""
    role_arn: str
    """The entry role."""
    people: Sequence[str] = ()
    principals: Sequence[str] = ()
    """Who stands before it: users' ARNs, the ARN pattern of a permission set, an OIDC provider."""
    principal_tag: str | None = None
    """For Identity Center: the attribute that says who somebody is."""
    identities: Sequence[str] = ()
    """For Identity Center: the values of that attribute that may enter; none where nothing tells,
    and then the attribute must be somebody's name."""
    claims: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """For OIDC: each claim that the token must carry, and the values that will do."""
    repository: str | None = None
    """For OIDC: ``owner/name`` of the repository whose workflow it is; None where nothing tells."""
    environment: str | None = None
    """For OIDC: the environment whose reviewers decide who enters; None where nothing tells."""
    workflow_identity: str | None = None
    """For OIDC: the source identity that the second hop must set."""


@dataclass(frozen=True, slots=True)
class Grant:
    """Some actions on some resources; ``{account}`` in a resource is the account's id."""

    actions: Sequence[str]
    resources: Sequence[str]


@dataclass(frozen=True, slots=True)
class Scope:
    """A runbook's permissions."""

    name: str
    gate: str
    severities: Sequence[str]
    grants: Sequence[Grant]
    roles: Mapping[str, str]
    """Account id to the ARN of the break-glass role there."""
    pass_roles: Sequence[str] = ()
    """Roles that it may pass to a service."""
    assume_roles: Sequence[str] = ()
    """Roles that it may assume."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A place that pages or tickets go to; ``address`` is None where it is a secret."""

    protocol: str
    address: str | None
    tier: str


@dataclass(frozen=True, slots=True)
class Gate:
    """A control on a repository."""

    id: str
    kind: str
    """``review``, ``check`` or ``deployment``."""
    skippable: bool
    context: str | None = None
    integration_id: int | None = None
    approvals: int = 1
    code_owners: bool = False
    """Whether a review must be by an owner of the code."""
    environment: str | None = None
    reviewers: frozenset[int] | None = None
    """Ids of the teams and users who approve a deployment; None where nothing tells."""


@dataclass(frozen=True, slots=True)
class Repository:
    """A protected branch, or several of one pattern, of a repository."""

    name: str
    branch: str
    """The branch, or GitHub's pattern of several; ``~DEFAULT_BRANCH`` where nothing tells its name.
    """
    keeper: bool
    gates: Sequence[Gate]
    default: bool | None = True
    """Whether it is the default branch; None where nothing tells."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What the settings decide and an invariant needs."""

    name: str
    production: bool | None
    """None where nothing tells."""
    small: bool
    sides: Sequence[str]
    """The sides that the graph holds: ``keeper``, ``edge`` or both."""
    home_region: str
    regions: Sequence[str]
    organization: str | None
    """Id of the AWS organisation; None where there is none."""
    root: str | None
    """Id of its root."""
    accounts: Sequence[Account]
    pipelines: Mapping[str, str]
    """Side to the principal that runs its ``pulumi up``."""
    people: Sequence[Person]
    entries: Sequence[Entry]
    scopes: Sequence[Scope]
    incident_prefix: str
    pager: Sequence[Endpoint]
    repositories: Sequence[Repository]
    app: int | None
    """Id of the kit's GitHub App."""
    lock_mode: str
    """``COMPLIANCE`` or ``GOVERNANCE``, as the settings want it."""
    retention_days: int
    """Days that a record must be locked."""
    vault: str
    """Name of the vault."""
    witness: str | None
    """Name of the witness' bucket; None where there is no witness."""
    forwards: bool = True
    """Whether alarms are forwarded to a hub; where not, each rule is a way by itself."""
    readers: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Name of a bucket of records to the roles that may read it, by ARN."""
    lacks: Mapping[str, str] = field(default_factory=dict)
    """What no settings told and the program does not tell either, each with the reason. Empty where
    an organisation file tells all."""

    def of(self, *roles: str) -> Sequence[Account]:
        """All accounts with one of ``roles``."""
        return [account for account in self.accounts if account.role in roles]

    def account(self, id_: str) -> Account | None:
        """The account of an id; None for one outside the topology."""
        return next((account for account in self.accounts if account.id == id_), None)

    @property
    def record_buckets(self) -> Mapping[str, Account]:
        """The locked buckets by name, each with the account that must own it."""
        buckets = {self.vault: self.of(LOGGING)[0]}
        if self.witness is not None:
            buckets[self.witness] = self.of(WITNESS)[0]
        return buckets


@dataclass(frozen=True, slots=True)
class Unread:
    """Something in a program that cannot be read, so that it might be anything."""

    name: str
    source: str
    why: str
    """One sentence."""

    def __str__(self) -> str:
        return f"{self.why}: {self.name}{f' ({self.source})' if self.source else ''}"


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Graph:
    """Everything that an invariant may read. Two graphs are equal only if they are one object."""

    facts: Facts
    resources: Sequence[Resource]
    unread: Sequence[Unread] = ()
    """What the program does and no resource here shows."""

    def of(self, type_: str, **inputs: object) -> Iterator[Resource]:
        """Yield the resources of a type whose inputs have the given values."""
        for resource in _by_type(self).get(type_, ()):
            if all(resource.get(key) == value for key, value in inputs.items()):
                yield resource


@lru_cache(maxsize=4)  # a graph is its own key, and never changes
def _by_type(graph: Graph) -> Mapping[str, Sequence[Resource]]:
    found: dict[str, list[Resource]] = {}
    for resource in graph.resources:
        found.setdefault(resource.type, []).append(resource)
    return found
