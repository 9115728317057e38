"""What must agree across an organisation file, each rule one function.

A rule takes the sections that it needs by name and yields its faults. So a rule still runs when
an unrelated section is broken, and every fault of a file is told at once.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final

from breakglass import actions, names
from breakglass.documents.trust import WORKFLOW_IDENTITY
from breakglass.errors import InvalidInput, nearest
from breakglass.quotas import QUOTAS
from breakglass.regions import AWS_REGIONS
from breakglass.settings.model import (
    Account,
    AccountRole,
    Deployers,
    Entry,
    EntryKind,
    Gate,
    GateKind,
    GitHub,
    GitHubApp,
    GitHubPlan,
    IdentityCenter,
    LockMode,
    Object,
    Organizations,
    PagerEndpoint,
    PagerProtocol,
    Person,
    Repository,
    Retention,
    Scope,
    Side,
    Visibility,
)
from breakglass.tamper import Tier

Faults = Iterator[InvalidInput]
Rule = Callable[..., Faults]

GLOBAL_REGION = "us-east-1"
"""Where IAM, Organizations and the STS global endpoint log (CloudTrail user guide, "Global
service events").
"""

ACTIONS_APP = 15368
"""App id of GitHub Actions: any workflow file can report as it, so it proves nothing about a
floor check.
"""

MOST_REVIEWERS = 6
"""Reviewers of an environment (GitHub docs, "Deployments and environments")."""


def _repeated(path: str, values: Iterable[str | None]) -> Faults:
    """A fault for each value that stands more than once."""
    for value, count in Counter(v for v in values if v is not None).items():
        if count > 1:
            yield InvalidInput(path, value, f"each value once; it stands {count} times")


def names_are_unique(
    accounts: tuple[Account, ...],
    people: tuple[Person, ...],
    entries: tuple[Entry, ...],
    scopes: tuple[Scope, ...],
) -> Faults:
    """One word for one thing."""
    yield from _repeated("accounts[].name", (a.name for a in accounts))
    yield from _repeated("accounts[].id", (a.id for a in accounts))
    yield from _repeated("people[].name", (p.name for p in people))
    yield from _repeated("entries[].name", (e.name for e in entries))
    yield from _repeated("scopes[].name", (s.name for s in scopes))


def accounts_make_a_topology(
    accounts: tuple[Account, ...], organizations: Organizations | None
) -> Faults:
    """One logging account, a workload, and management just where there is an organisation."""
    seen = Counter(account.role for account in accounts)
    for role in (AccountRole.MANAGEMENT, AccountRole.WITNESS, AccountRole.BROKER):
        if seen[role] > 1:
            yield InvalidInput(f"accounts[role={role}]", seen[role], "at most one")
    if seen[AccountRole.LOGGING] != 1:
        yield InvalidInput("accounts[role=logging]", seen[AccountRole.LOGGING], "exactly one")
    if not seen[AccountRole.WORKLOAD]:
        yield InvalidInput("accounts[role=workload]", 0, "at least one")
    if organizations and not seen[AccountRole.MANAGEMENT]:
        yield InvalidInput("accounts[role=management]", 0, "one, since organizations is given")
    if seen[AccountRole.MANAGEMENT] and organizations is None:
        yield InvalidInput(
            "organizations", None, "id and root_id, since a management account is given"
        )


def deployers_stand_in_their_account(accounts: tuple[Account, ...]) -> Faults:
    """The deployer is a role of the account it deploys to, under the kit's path.

    The guardrail exempts exactly that role, so a role elsewhere would be exempt of nothing, or of
    too much. One of the names that the program gives could be a break-glass role.
    """
    for account in accounts:
        own, path = names.deployer_arn(account.id), f"arn:aws:iam::{account.id}:role{names.PATH}"
        name = account.deployer.rpartition("/")[2]
        if account.deployer != own and (
            not account.deployer.startswith(path) or name.startswith(names.PREFIX)
        ):
            yield InvalidInput(
                f"accounts[{account.name}].deployer_role_arn",
                account.deployer,
                f"a role under {path} whose name does not begin with {names.PREFIX}",
            )


def deployers_are_two(
    accounts: tuple[Account, ...],
    deployers: Deployers,
    small: bool,  # noqa: FBT001 - a setting's value
) -> Faults:
    """One principal over both sides is actor and keeper at once.

    So is one that the other side's accounts hold: their admin can become it.
    """
    if small:
        return
    if deployers.keeper == deployers.edge:
        yield InvalidInput(
            "deployers", deployers.edge, "another principal for each side, or small: true"
        )
    sides = {account.id: account.role.side for account in accounts}
    for side in (Side.KEEPER, Side.EDGE):
        arn: str = getattr(deployers, side)
        if sides.get(_account_of(arn), side) is not side:
            yield InvalidInput(
                f"deployers.{side}", arn, "a principal outside the other side's accounts"
            )


def _account_of(arn: str) -> str:
    return arn.split(":")[4]


def readers_are_keepers(readers: tuple[str, ...], accounts: tuple[Account, ...]) -> Faults:
    """Only a role of the keeper side reads: the record says who did what, and to whom."""
    yield from _repeated("readers[]", readers)
    keepers = {account.id for account in accounts if account.role.side is Side.KEEPER}
    for reader in readers:
        if reader.split(":")[4] not in keepers:
            yield InvalidInput("readers", reader, "a role in management, logging or witness")


def quotas_are_known(quotas: dict[str, int]) -> Faults:
    """Only quotas of the table, raised to what AWS grants."""
    for name, value in quotas.items():
        try:
            QUOTAS.override({name: value})
        except InvalidInput as fault:
            yield fault


def regions_include_home_and_global(home_region: str, regions: tuple[str, ...]) -> Faults:
    """Where an event can appear there must be a rule."""
    yield from _repeated("regions[]", regions)
    for region in regions:
        if region not in AWS_REGIONS:
            yield InvalidInput("regions", region, nearest(region, sorted(AWS_REGIONS)))
    for needed in sorted({home_region, GLOBAL_REGION} - set(regions)):
        yield InvalidInput("regions", list(regions), f"a list with {needed}")


def identity_center_is_watched(home_region: str, identity_center: IdentityCenter | None) -> Faults:
    """Identity Center's events appear in its own region, and only two have rules for them."""
    if identity_center and identity_center.region not in (home_region, GLOBAL_REGION):
        yield InvalidInput(
            "identity_center.region", identity_center.region, f"{home_region} or {GLOBAL_REGION}"
        )


def people_are_one_person_each(people: tuple[Person, ...]) -> Faults:
    """No identity belongs to two people: actors and keepers are disjoint by every name.

    What somebody is called by IAM or Identity Center becomes his source identity, whichever door he
    takes, so the two are one kind of name. Neither they nor GitHub tell names apart by case.
    """
    logins = (person.github.lower() for person in people if person.github)
    yield from _repeated("people[].github", logins)
    yield from _repeated(
        "people[source_identity]", (one for person in people for one in _source_identities(person))
    )
    if any(WORKFLOW_IDENTITY in _source_identities(person) for person in people):
        yield InvalidInput(
            "people[source_identity]", WORKFLOW_IDENTITY, "another name: workflows enter by this"
        )
    for side, duty in ((Side.EDGE, "break the glass"), (Side.KEEPER, "keep the record")):
        if not any(person.side is side for person in people):
            yield InvalidInput(f"people[side={side}]", 0, f"at least one person to {duty}")


def _source_identities(person: Person) -> set[str]:
    return {name.lower() for name in (person.iam_user, person.identity_center) if name}


def entries_are_whole(
    entries: tuple[Entry, ...],
    accounts: tuple[Account, ...],
    people: tuple[Person, ...],
    identity_center: IdentityCenter | None,
) -> Faults:
    """Each kind of entry has what it needs, and only actors use it."""
    by_account = {account.name: account for account in accounts}
    by_person = {person.name: person for person in people}
    for entry in entries:
        path = f"entries[{entry.name}]"
        account = by_account.get(entry.account)
        if account is None or account.role.side is not Side.EDGE:
            yield InvalidInput(
                f"{path}.account", entry.account, "the name of a broker or workload account"
            )
        yield from _repeated(f"{path}.people[]", entry.people)
        yield from _entry_people(path, entry, by_person)
        yield from _entry_needs(path, entry, identity_center)
        yield from _unused(path, entry, _ENTRY_FIELDS, entry.kind)


def _entry_people(path: str, entry: Entry, by_person: dict[str, Person]) -> Faults:
    for name in entry.people:
        person = by_person.get(name)
        if person is None:
            yield InvalidInput(f"{path}.people", name, "the name of a listed person")
        elif person.side is not Side.EDGE:
            yield InvalidInput(f"{path}.people", name, "an actor: a keeper never breaks the glass")
        elif (identity := _KNOWN_BY.get(entry.kind)) and getattr(person, identity) is None:
            yield InvalidInput(f"{path}.people", name, f"a person with an {identity}")


_KNOWN_BY: Final = {EntryKind.IAM_USER: "iam_user", EntryKind.IDENTITY_CENTER: "identity_center"}
"""Which identity of a person an entry asks for; a workflow's token has none."""

_ENTRY_FIELDS: Final = {
    EntryKind.IAM_USER: ("people",),
    EntryKind.IDENTITY_CENTER: ("people", "permission_set"),
    EntryKind.GITHUB_OIDC: ("repository", "repository_id", "workflow", "environment", "owner_id"),
}
"""What only one kind of entry has."""


def _entry_needs(path: str, entry: Entry, identity_center: IdentityCenter | None) -> Faults:
    if entry.kind in _KNOWN_BY and not entry.people:
        yield InvalidInput(f"{path}.people", [], "at least one person")
    if entry.kind is EntryKind.IDENTITY_CENTER and identity_center is None:
        yield InvalidInput("identity_center", None, f"its region, since {path} uses it")
    for field in _ENTRY_FIELDS[entry.kind]:
        if getattr(entry, field) is None and field != "owner_id":
            yield InvalidInput(f"{path}.{field}", None, f"a value, since kind is {entry.kind}")


def workflows_are_the_keepers(entries: tuple[Entry, ...], github: GitHub) -> Faults:
    """A workflow that enters is under floor alone: who could pass its review could rewrite it."""
    kept = {f"{github.organization}/{one.name}": one for one in github.repositories if one.keeper}
    for entry in entries:
        if entry.kind is not EntryKind.GITHUB_OIDC or entry.repository is None:
            continue
        path, repository = f"entries[{entry.name}]", kept.get(entry.repository)
        if repository is None:
            listed = ", ".join(kept) or "list one in github.repositories"
            yield InvalidInput(
                f"{path}.repository", entry.repository, f"a repository with keeper: true ({listed})"
            )
        else:
            yield from _workflow(path, entry, repository)


def _workflow(path: str, entry: Entry, repository: Repository) -> Faults:
    """The workflow is on the protected branch, and its environment has the reviewers.

    Nothing else decides which people enter by it: STS sees the job, not who started it.
    """
    branch = repository.default_branch
    if entry.workflow is not None and entry.workflow.partition("@refs/heads/")[2] != branch:
        yield InvalidInput(
            f"{path}.workflow", entry.workflow, f"a file at refs/heads/{branch}, which is protected"
        )
    reviewed = [g.environment for g in repository.gates if g.kind is GateKind.DEPLOYMENT]
    if entry.environment is not None and entry.environment not in reviewed:
        yield InvalidInput(
            f"{path}.environment",
            entry.environment,
            f"the environment of a deployment gate of {repository.name}: its reviewers decide who "
            "enters",
        )


def _unused(
    path: str, given: Object, fields: Mapping[Any, Iterable[str]], kind: EntryKind | GateKind
) -> Faults:
    """A fault for each value that another kind has: it would silently do nothing."""
    others = {field for fields_ in fields.values() for field in fields_} - set(fields[kind])
    for field in sorted(others):
        if getattr(given, field) != type(given).model_fields[field].default:
            yield InvalidInput(
                f"{path}.{field}", getattr(given, field), f"nothing, since kind is {kind}"
            )


def scopes_are_least_privilege(scopes: tuple[Scope, ...], accounts: tuple[Account, ...]) -> Faults:
    """A scope stands in workloads, names actions that exist, and is admin only with a reason."""
    workloads = {a.name for a in accounts if a.role is AccountRole.WORKLOAD}
    for scope in scopes:
        path = f"scopes[{scope.name}]"
        yield from _repeated(f"{path}.accounts[]", scope.accounts)
        for name in scope.accounts:
            if name not in workloads:
                yield InvalidInput(f"{path}.accounts", name, "the name of a workload account")
        for action in dict.fromkeys(a for grant in scope.grants for a in grant.actions):
            yield from action_faults(f"{path}.grants", action, scope.administrator_reason)
        for field in ("pass_roles", "assume_roles"):
            for arn in getattr(scope, field):
                if f":role{names.PATH}" in arn:
                    yield InvalidInput(f"{path}.{field}", arn, f"a role outside {names.PATH}")


def action_faults(path: str, action: str, administrator_reason: str | None) -> Faults:
    """What is wrong with an action of a scope: it is all, or nothing, or hands a role on."""
    if action == "*":
        if administrator_reason is None:
            yield InvalidInput(path, action, "named actions, or an administrator_reason")
        return
    found = actions.matching(action)
    if not found:
        yield InvalidInput(path, action, "an IAM action that exists")
    if any(name.startswith(("iam:PassRole", "sts:AssumeRole")) for name in found):
        yield InvalidInput(path, action, "pass_roles or assume_roles, which list the targets")


_ADDRESSES: Final = {
    PagerProtocol.HTTPS: (r"https://\S+", "an https:// address"),
    PagerProtocol.EMAIL: (r"[^\s@]+@[^\s@]+", "a mail address"),
    PagerProtocol.SMS: (r"\+[0-9]{7,15}", "a number with country code, such as +4930123456"),
}
"""What an endpoint looks like (SNS API reference, Subscribe)."""


def pager_can_ring(pager: tuple[PagerEndpoint, ...]) -> Faults:
    """Somebody is paged, and each endpoint is given once."""
    if not any(endpoint.tier is Tier.PAGE for endpoint in pager):
        yield InvalidInput("pager[tier=page]", 0, "at least one endpoint")
    yield from _repeated("pager[].endpoint", (endpoint.endpoint for endpoint in pager))
    for index, endpoint in enumerate(pager):
        if (endpoint.endpoint is None) == (endpoint.secret is None):
            yield InvalidInput(f"pager[{index}]", endpoint.endpoint, "either endpoint or secret")
        if endpoint.tier is Tier.RECORD:
            yield InvalidInput(f"pager[{index}].tier", "record", "page or ticket")
        pattern, accepted = _ADDRESSES[endpoint.protocol]
        if endpoint.endpoint is not None and not re.fullmatch(pattern, endpoint.endpoint):
            yield InvalidInput(f"pager[{index}].endpoint", endpoint.endpoint, accepted)


def production_is_locked(production: bool, retention: Retention) -> Faults:  # noqa: FBT001 - a setting's value
    """COMPLIANCE in production and only there: it cannot be undone, GOVERNANCE can be bypassed."""
    wanted = LockMode.COMPLIANCE if production else LockMode.GOVERNANCE
    if retention.mode is not wanted:
        yield InvalidInput(
            "retention.mode",
            retention.mode.value,
            f"{wanted.value}, since production is {str(production).lower()}",
        )


def github_gates_are_possible(github: GitHub) -> Faults:
    """Floor and gate can be built on this plan, and each gate has what its kind needs."""
    yield from _repeated(
        "github.repositories[].name", (r.name.lower() for r in github.repositories)
    )
    if github.app and github.app.id == ACTIONS_APP:
        yield InvalidInput(
            "github.app.id",
            ACTIONS_APP,
            "an App of yours: Actions' own would let every workflow bypass",
        )
    for repository in github.repositories:
        path = f"github.repositories[{repository.name}]"
        for field in ("id", "context", "environment"):
            values = (getattr(gate, field) for gate in repository.gates)
            yield from _repeated(f"{path}.gates[].{field}", values)
        yield from _reviews_agree(path, repository)
        yield from _plan(path, github.plan, repository)
        for gate in repository.gates:
            yield from _gate(f"{path}.gates[{gate.id}]", gate, github.app)
            if gate.skippable and repository.keeper:
                yield InvalidInput(
                    f"{path}.gates[{gate.id}].skippable",
                    "true",
                    "false: nobody breaks the glass on the glass",
                )
            elif gate.skippable and github.app is None and gate.kind is not GateKind.DEPLOYMENT:
                yield InvalidInput(
                    "github.app", None, f"the App that passes {path}.gates[{gate.id}]"
                )


def _reviews_agree(path: str, repository: Repository) -> Faults:
    """A review that may be skipped beside one that may not: nobody could tell which is asked."""
    reviews = [gate for gate in repository.gates if gate.kind is GateKind.REVIEW]
    if len({gate.skippable for gate in reviews}) > 1:
        ids = ", ".join(gate.id for gate in reviews)
        yield InvalidInput(
            f"{path}.gates[kind=review].skippable", ids, "one review, skippable or not"
        )


def _plan(path: str, plan: GitHubPlan, repository: Repository) -> Faults:
    """What the plan must be.

    Rulesets and protection on private repositories need a paid plan, the reviewers of their
    environments Enterprise (GitHub docs, "About rulesets", "Deployments and environments").
    """
    if repository.visibility is Visibility.PUBLIC:
        return
    if plan is GitHubPlan.FREE:
        yield InvalidInput(
            f"{path}.visibility",
            repository.visibility.value,
            "public on the free plan, or a team plan",
        )
    if repository.visibility is Visibility.INTERNAL and plan is not GitHubPlan.ENTERPRISE:
        yield InvalidInput(f"{path}.visibility", "internal", "private, or an enterprise plan")
    for gate in repository.gates:
        if gate.kind is GateKind.DEPLOYMENT and plan is not GitHubPlan.ENTERPRISE:
            yield InvalidInput(
                f"{path}.gates[{gate.id}]",
                "deployment",
                f"a public repository or the enterprise plan; this is {plan}",
            )


_GATE_FIELDS: Final = {
    GateKind.REVIEW: ("approvals", "code_owners"),
    GateKind.CHECK: ("context", "integration_id"),
    GateKind.DEPLOYMENT: ("environment", "reviewer_teams", "reviewer_users"),
}
"""What only one kind of gate has."""


def _gate(path: str, gate: Gate, app: GitHubApp | None) -> Faults:
    yield from _unused(path, gate, _GATE_FIELDS, gate.kind)
    if gate.kind is GateKind.CHECK:
        if gate.context is None:
            yield InvalidInput(f"{path}.context", None, "the name of the check")
        anybody = (None, ACTIONS_APP, app and app.id)
        if not gate.skippable and gate.integration_id in anybody:
            yield InvalidInput(
                f"{path}.integration_id",
                gate.integration_id,
                "the id of a dedicated App: whoever edits a workflow, or merges, could forge it",
            )
    if gate.kind is GateKind.DEPLOYMENT:
        if gate.environment is None:
            yield InvalidInput(f"{path}.environment", None, "the environment that the gate guards")
        reviewers = len(gate.reviewer_teams) + len(gate.reviewer_users)
        if not 1 <= reviewers <= MOST_REVIEWERS:
            yield InvalidInput(
                f"{path}.reviewers", reviewers, f"one to {MOST_REVIEWERS} teams and users"
            )


RULES: tuple[Rule, ...] = (
    names_are_unique,
    accounts_make_a_topology,
    deployers_stand_in_their_account,
    deployers_are_two,
    quotas_are_known,
    readers_are_keepers,
    regions_include_home_and_global,
    identity_center_is_watched,
    people_are_one_person_each,
    entries_are_whole,
    workflows_are_the_keepers,
    scopes_are_least_privilege,
    pager_can_ring,
    production_is_locked,
    github_gates_are_possible,
)
"""Every rule, in the order in which its faults are told."""
