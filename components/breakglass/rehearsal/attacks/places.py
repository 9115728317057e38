"""What ``{vault}`` and the like in the name of a statement stand for, in one organisation.

Some refusals depend on what an organisation has: they are named here too, so that an attack names
one thing whoever it is run against.
"""

from collections.abc import Mapping

from breakglass import names
from breakglass.proof.model import Layer
from breakglass.rehearsal.attacks.needs import has_floor_check, is_floor_check
from breakglass.rehearsal.attacks.refused import unallowed, untrusted
from breakglass.settings import (
    AccountRole,
    Entry,
    EntryKind,
    GateKind,
    Organisation,
    Repository,
    Scope,
    Visibility,
)
from breakglass.topology import Topology


def places(topology: Topology, scope: Scope) -> Mapping[str, str]:
    """Give the names of one organisation's things, and of what refuses what to ``scope``'s role."""
    organisation = topology.organisation
    role = names.role("scope", scope.name)
    found = {
        "vault": topology.vault_name,
        "scope": role,
        "scope_name": scope.name,
        "boundary": names.policy("boundary", scope.name),
        "logging": organisation.logging.id,
        "dropping": "NobodyUnlocks" if topology.locked else "OnlyTheDeployerUnlocks",
        "going_on": "AssumeOnlyListedRoles" if _goes_on(scope) else "NothingThatLogs",
        "handing_over": _handing_over(scope),
    }
    broker = organisation.one(AccountRole.BROKER)
    if broker is not None:
        found["broker"] = broker.id
    if topology.witness is not None:
        found["witness"] = topology.witness_name
        found["witness_account"] = topology.witness.id
    for entry in organisation.entries:
        found.setdefault(f"{entry.kind.name.lower()}_entry", names.role("entry", entry.name))
        if entry.kind is EntryKind.IAM_USER:
            found.setdefault("user_entry", entry.name)
            found.setdefault("not_on_the_list", _not_on_the_list(topology, entry))
            found.setdefault("past_the_entry", _past_the_entry(organisation, scope, entry))
        if entry.kind is EntryKind.IDENTITY_CENTER:
            found.setdefault("not_by_center", _not_on_the_list(topology, entry))
    return found | _on_github(organisation)


def _on_github(organisation: Organisation) -> dict[str, str]:
    """Name what refuses at the repository under attack, and at the keepers'."""
    found = {}
    for repository in organisation.github.repositories:
        if has_floor_check(repository) and "branch" not in found:
            found["branch"] = repository.default_branch
            public = repository.visibility is Visibility.PUBLIC
            found["stranger_at_gate"] = "access/write" if public else "access/not_found"
            found["floor_repository"] = repository.name
            found["floor_check"] = next(g.id for g in repository.gates if is_floor_check(g))
            found["review_rule"] = f"ruleset:break-glass-{_reviewing(repository)}/pull_request"
        if repository.keeper:
            public = repository.visibility is Visibility.PUBLIC
            found.setdefault("keeper_repository", repository.name)
            found.setdefault("keeper_gate", repository.gates[0].id)
            found.setdefault("app_at_keepers", "access/contents" if public else "access/not_found")
    return found


def _reviewing(repository: Repository) -> str:
    """Name the ruleset that holds the review: the floor's, unless an emergency may skip it."""
    reviews = [gate for gate in repository.gates if gate.kind is GateKind.REVIEW]
    return "gate" if all(gate.skippable for gate in reviews) else "floor"


def _goes_on(scope: Scope) -> bool:
    """Tell whether a scope takes other roles; if not, its boundary denies STS whole."""
    actions = [action for grant in scope.grants for action in grant.actions]
    return bool(scope.assume_roles) or any(a == "*" or a.startswith("sts:") for a in actions)


def _handing_over(scope: Scope) -> str:
    """Which denial keeps a role from a service: where the scope names no call of IAM's, all are."""
    actions = [action for grant in scope.grants for action in grant.actions]
    named = scope.pass_roles or any(a == "*" or a.startswith("iam:") for a in actions)
    return "PassOnlyListedRoles" if named else "NothingThatLogs"


def _not_on_the_list(topology: Topology, entry: Entry) -> str:
    """What keeps administrators, strangers or not, out of a way in for users."""
    organisation = topology.organisation
    account = organisation.account(entry.account)
    if organisation.organizations and account in topology.closed_accounts:
        return f"{names.organization_policy('entrants', account.id)}#OnlyKeepersEnter"
    return untrusted(names.role("entry", entry.name))


def _past_the_entry(organisation: Organisation, scope: Scope, entry: Entry) -> str:
    """What keeps a user from a break-glass role: his own policy, at home the role's alone."""
    if organisation.account(scope.accounts[0]) == organisation.account(entry.account):
        return untrusted(names.role("scope", scope.name))
    return unallowed("sts:AssumeRole", Layer.IDENTITY, names.policy("enter"))
