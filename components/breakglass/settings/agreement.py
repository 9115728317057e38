"""What must agree across an organisation file, each rule one function.

A rule takes the sections that it needs by name and yields its faults. So a rule still runs when
an unrelated section
is broken, and every fault of a file is told at once.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from functools import partial

from breakglass import actions, names
from breakglass.errors import InvalidInput
from breakglass.quotas import QUOTAS
from breakglass.settings.model import (
    Account,
    AccountRole,
    Deployers,
    Entry,
    EntryKind,
    Gate,
    GateKind,
    GitHub,
    GitHubPlan,
    IdentityCenter,
    LockMode,
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

LONGEST_BUCKET_NOUN = "athena-results"
"""The longest word that a bucket of the kit is called by."""

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
    too much.
    """
    for account in accounts:
        if not account.deployer.startswith(f"arn:aws:iam::{account.id}:role{names.PATH}"):
            yield InvalidInput(
                f"accounts[{account.name}].deployer_role_arn",
                account.deployer,
                f"a role under arn:aws:iam::{account.id}:role{names.PATH}",
            )


def deployers_are_two(deployers: Deployers, small: bool) -> Faults:  # noqa: FBT001 - a setting's value
    """One principal over both sides is actor and keeper at once."""
    if deployers.keeper == deployers.edge and not small:
        yield InvalidInput(
            "deployers", deployers.edge, "another principal for each side, or small: true"
        )


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
    for needed in sorted({home_region, GLOBAL_REGION} - set(regions)):
        yield InvalidInput("regions", list(regions), f"a list with {needed}")


def people_are_one_person_each(people: tuple[Person, ...]) -> Faults:
    """No identity belongs to two people: actors and keepers are disjoint by every name."""
    yield from _repeated("people[].iam_user", (p.iam_user for p in people))
    yield from _repeated("people[].identity_center", (p.identity_center for p in people))
    yield from _repeated("people[].github", (p.github and p.github.lower() for p in people))
    for side, duty in ((Side.EDGE, "break the glass"), (Side.KEEPER, "keep the record")):
        if not any(person.side is side for person in people):
            yield InvalidInput(f"people[side={side}]", 0, f"at least one person to {duty}")


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
        yield from _entry_people(path, entry, by_person)
        yield from _entry_needs(path, entry, identity_center)


def _entry_people(path: str, entry: Entry, by_person: dict[str, Person]) -> Faults:
    for name in entry.people:
        person = by_person.get(name)
        if person is None:
            yield InvalidInput(f"{path}.people", name, "the name of a listed person")
        elif person.side is not Side.EDGE:
            yield InvalidInput(f"{path}.people", name, "an actor: a keeper never breaks the glass")
        elif entry.kind is EntryKind.IAM_USER and person.iam_user is None:
            yield InvalidInput(f"{path}.people", name, "a person with an iam_user")


def _entry_needs(path: str, entry: Entry, identity_center: IdentityCenter | None) -> Faults:
    if entry.kind is EntryKind.IAM_USER and not entry.people:
        yield InvalidInput(f"{path}.people", [], "at least one person")
    if entry.kind is EntryKind.IDENTITY_CENTER:
        if entry.permission_set is None:
            yield InvalidInput(f"{path}.permission_set", None, "the name of a permission set")
        if identity_center is None:
            yield InvalidInput("identity_center", None, f"its region, since {path} uses it")
    if entry.kind is EntryKind.GITHUB_OIDC:
        for field in ("repository", "repository_id", "workflow", "environment"):
            if getattr(entry, field) is None:
                yield InvalidInput(f"{path}.{field}", None, "a value: every claim is pinned")


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
            yield from _action(path, action, scope.administrator_reason)


def _action(path: str, action: str, administrator_reason: str | None) -> Faults:
    if action == "*":
        if administrator_reason is None:
            yield InvalidInput(
                f"{path}.grants", action, "named actions, or an administrator_reason"
            )
    elif not actions.matching(action):
        yield InvalidInput(f"{path}.grants", action, "an IAM action that exists")
    elif action.startswith(("iam:PassRole", "sts:AssumeRole")):
        yield InvalidInput(
            f"{path}.grants", action, "pass_roles or assume_roles, which list the targets"
        )


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
        if (
            endpoint.protocol is PagerProtocol.HTTPS
            and endpoint.endpoint is not None
            and not endpoint.endpoint.startswith("https://")
        ):
            yield InvalidInput(f"pager[{index}].endpoint", endpoint.endpoint, "an https:// address")


def production_is_locked(production: bool, retention: Retention) -> Faults:  # noqa: FBT001 - a setting's value
    """GOVERNANCE can be bypassed, so production does without it."""
    if production and retention.mode is not LockMode.COMPLIANCE:
        yield InvalidInput(
            "retention.mode", retention.mode.value, "COMPLIANCE, since production is true"
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
        yield from _repeated(f"{path}.gates[].id", (gate.id for gate in repository.gates))
        yield from _plan(path, github.plan, repository)
        for gate in repository.gates:
            yield from _gate(f"{path}.gates[{gate.id}]", gate)
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


def _gate(path: str, gate: Gate) -> Faults:
    if gate.kind is GateKind.CHECK:
        if gate.context is None:
            yield InvalidInput(f"{path}.context", None, "the name of the check")
        if not gate.skippable and gate.integration_id in (None, ACTIONS_APP):
            yield InvalidInput(
                f"{path}.integration_id",
                gate.integration_id,
                "the id of a dedicated App: whoever edits a workflow could forge it",
            )
    if gate.kind is GateKind.DEPLOYMENT:
        if gate.environment is None:
            yield InvalidInput(f"{path}.environment", None, "the environment that the gate guards")
        reviewers = len(gate.reviewer_teams) + len(gate.reviewer_users)
        if not 1 <= reviewers <= MOST_REVIEWERS:
            yield InvalidInput(
                f"{path}.reviewers", reviewers, f"one to {MOST_REVIEWERS} teams and users"
            )


def names_fit(
    name: str, accounts: tuple[Account, ...], entries: tuple[Entry, ...], scopes: tuple[Scope, ...]
) -> Faults:
    """Every name that the program will give is one that AWS takes."""
    wanted = [partial(names.bucket, LONGEST_BUCKET_NOUN, name, account.id) for account in accounts]
    wanted += [partial(names.role, "entry", entry.name) for entry in entries]
    wanted += [partial(names.policy, "boundary", scope.name) for scope in scopes]
    for give in wanted:
        try:
            give()
        except InvalidInput as fault:
            yield fault


RULES: tuple[Rule, ...] = (
    names_are_unique,
    accounts_make_a_topology,
    deployers_stand_in_their_account,
    deployers_are_two,
    quotas_are_known,
    regions_include_home_and_global,
    people_are_one_person_each,
    entries_are_whole,
    scopes_are_least_privilege,
    pager_can_ring,
    production_is_locked,
    github_gates_are_possible,
    names_fit,
)
"""Every rule, in the order in which its faults are told."""
