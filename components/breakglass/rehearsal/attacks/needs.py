"""What organisations may lack, and what then does not hold."""

from collections.abc import Callable

from breakglass.rehearsal.attacks.attack import Need
from breakglass.settings import (
    AccountRole,
    EntryKind,
    Gate,
    GateKind,
    LockMode,
    Organisation,
    Repository,
    Side,
)
from breakglass.tamper import Tier

ORGANIZATIONS = Need(
    lambda org: org.organizations is not None and org.one(AccountRole.MANAGEMENT) is not None,
    "without AWS Organizations no SCP or RCP binds an account's own administrator",
)
WITNESS = Need(
    lambda org: org.one(AccountRole.WITNESS) is not None,
    "there is no witness account, so the records have one copy",
)
BROKER = Need(
    lambda org: org.one(AccountRole.BROKER) is not None,
    "there is no broker account, so people enter in an account with other things in it",
)
TICKETS = Need(
    lambda org: any(endpoint.tier is Tier.TICKET for endpoint in org.pager),
    "no endpoint takes tickets, so what is no page reaches nobody",
)
COMPLIANCE = Need(
    lambda org: org.retention.mode is LockMode.COMPLIANCE,
    "the lock's mode is GOVERNANCE, which the deployer and a bypass can undo",
)
PRODUCTION = Need(
    lambda org: org.production,
    "the stack is not marked production, so its deployers may tear it down",
)
NOT_SMALL = Need(
    lambda org: not org.small,
    "the organisation is declared small, so one team is both sides",
)
TWO_SIDES = Need(
    lambda org: org.deployers.keeper != org.deployers.edge,
    "one pipeline runs both sides, so it is actor and keeper at once",
)
APP = Need(lambda org: org.github.app is not None, "there is no App, so no gate can be skipped")


def entry(kind: EntryKind) -> Need:
    """Say that there is a way in of this kind."""
    return Need(
        lambda org: any(each.kind is kind for each in org.entries),
        f"there is no way in of kind {kind}",
    )


KEEPER_IN_CENTER = Need(
    lambda org: any(p.side is Side.KEEPER and p.identity_center for p in org.people),
    "no keeper is known to Identity Center",
)
SCOPES = Need(
    lambda org: sum(len(scope.accounts) for scope in org.scopes) > 1,
    "there is one break-glass role, so there is none to go on to",
)
PEOPLE_ENTER = Need(
    lambda org: any(each.kind is not EntryKind.GITHUB_OIDC for each in org.entries),
    "only workflows enter, and none of them has a name before the second hop",
)


def granted(action: str) -> Need:
    """Say that a scope grants ``action`` by name, so that the boundary stands before it alone."""
    return Need(
        lambda org: any(action in grant.actions for scope in org.scopes for grant in scope.grants),
        f"no scope grants {action}, so nobody could try",
    )


PEOPLE = Need(
    lambda org: sum(1 for person in org.people if person.github) > 1,
    "fewer than two people have GitHub accounts, so nobody can review another",
)
ON_BOTH_SIDES = (
    Need(
        lambda org: any(p.github for p in org.people if p.side is Side.EDGE),
        "no actor has a GitHub account, so nobody can change anything there",
    ),
    Need(
        lambda org: any(p.github for p in org.people if p.side is Side.KEEPER),
        "no keeper has a GitHub account, so nobody owns the organisation there",
    ),
)
"""Of every attack on GitHub: somebody who writes, and somebody who owns."""

KEEPER_REPOSITORY = Need(
    lambda org: any(each.keeper for each in org.github.repositories),
    "no repository is marked as a keeper's",
)


def is_floor_check(gate: Gate) -> bool:
    """Tell whether a gate is a check that nobody may skip."""
    return gate.kind is GateKind.CHECK and not gate.skippable


def has_floor_check(repository: Repository) -> bool:
    """Tell whether a repository has a check that nobody may skip, and is under the gate."""
    return not repository.keeper and any(is_floor_check(gate) for gate in repository.gates)


FLOOR_CHECK = Need(
    lambda org: any(has_floor_check(each) for each in org.github.repositories),
    "no gated repository has an unskippable check",
)


def _of_the_bench(holds: Callable[[Gate], bool]) -> Callable[[Organisation], bool]:
    """Ask the repository that attacks on GitHub take: the first with a floor check."""

    def met(organisation: Organisation) -> bool:
        benches = [r for r in organisation.github.repositories if has_floor_check(r)]
        return any(holds(gate) for repository in benches[:1] for gate in repository.gates)

    return met


ENVIRONMENT = Need(
    _of_the_bench(lambda gate: gate.kind is GateKind.DEPLOYMENT),
    "the repository has no deployment environment",
)
REVIEW = Need(
    _of_the_bench(lambda gate: gate.kind is GateKind.REVIEW),
    "the repository asks for no review",
)
SKIPPABLE_CHECK = Need(
    _of_the_bench(lambda gate: gate.kind is GateKind.CHECK and gate.skippable),
    "the repository has no check that may be skipped",
)
