"""No actor changes a role or a policy of the kit, hands a role over, or takes an account away.

Asked of every actor (`breakglass.proof.actors`), for every IAM action of the dated catalogue that
writes on a role, a policy or a user: on each declared role and policy, on each deployer, and on the
IAM users who may enter. Then for every call on the organisation's policies, and for what takes an
account, or a region of it, out of the organisation. All under all declared layers, with every
condition key left open. The deployer of an account is let through on its roles and policies.

Left out: GitHub's OIDC provider, which an administrator of its account can close and not open,
since the trust policy pins audience and claims. Whoever administers the account of the IAM users
decides who they are, second factor included: there nothing is asked of him (`exceptions_of_users`).

NOT PROVIDED without AWS Organizations: an administrator can then rewrite his own account's roles.
The twin: its deployer can change each of them.
"""

from collections.abc import Iterator
from typing import Final

from breakglass.proof import actors, kit
from breakglass.proof.declared import Caller, Declared, Target, policies_of
from breakglass.proof.finding import Examination, Finding, without_a_side
from breakglass.proof.graph import EDGE, KEEPER, MANAGEMENT, Graph
from breakglass.proof.touching import Exceptions, nobody_may_change

NAME = "actor_cannot_touch_the_kits_principals"

_LEAVING: Final = (
    "account:CloseAccount",
    "account:DisableRegion",
    "account:EnableRegion",
    "organizations:LeaveOrganization",
)

_TRAILS_OF_ALL: Final = (
    "cloudtrail:DeregisterOrganizationDelegatedAdmin",
    "cloudtrail:RegisterOrganizationDelegatedAdmin",
)
"""Who else may change the organisation's trail."""

_UNBOUND: Final = (
    "Without AWS Organizations nothing binds an administrator of an account: "
    "he can rewrite its roles and boundaries."
)


def check(graph: Graph) -> Finding:
    """Decide the invariant on a graph."""
    if absent := without_a_side(NAME, graph, KEEPER, EDGE):
        return absent
    policies, look = policies_of(graph), Examination(NAME)
    callers = actors.everybody(policies)
    for kind in (kit.ROLE, kit.POLICY):
        nobody_may_change(look, policies, kit.declared(policies, kind), callers, {})
    nobody_may_change(look, policies, _deployers(policies), callers, {})
    nobody_may_change(look, policies, _users(policies), callers, exceptions_of_users())
    if graph.facts.organization is None:
        look.not_provided(_UNBOUND)
    else:
        _organisation(look, policies, callers)
    return look.finding("No actor can change a role or policy of the kit, nor leave.")


def exceptions_of_users() -> Exceptions:
    """What no guardrail can refuse that leaves administrators of users their work, and why."""
    why = "whoever administers the account of the users decides who they are"
    return dict.fromkeys(kit.changes(kit.USER), why)


def _deployers(policies: Declared) -> Iterator[kit.Thing]:
    """Every account's deployer, which the program does not declare itself."""
    for account in policies.facts.accounts:
        yield kit.Thing(kit.ROLE, Target(account.deployer, account.id), {})


def _users(policies: Declared) -> Iterator[kit.Thing]:
    """The IAM users who stand before an entry."""
    for entry in policies.facts.entries:
        for arn in entry.principals:
            if ":user/" in arn:
                yield kit.Thing(kit.USER, Target(arn, entry.account), {})


def _organisation(look: Examination, policies: Declared, callers: list[Caller]) -> None:
    """The organisation belongs to its management account; leaving it is each account's own call."""
    facts = policies.facts
    management = facts.of(MANAGEMENT)[0].id
    policy = f"policy/{facts.organization}/service_control_policy/p-x"
    guardrail = Target(f"arn:aws:organizations::{management}:{policy}", management)
    for caller in callers:
        ask = policies.opened(caller, guardrail)
        look.must_refuse(caller.title, ask, _on_the_organisation(), "the organisation")
        if facts.account(caller.account) is not None:
            ask = policies.opened(caller, Target("*", caller.account))
            look.must_refuse(caller.title, ask, _LEAVING, f"account {caller.account}")


def _on_the_organisation() -> list[str]:
    own = ("organizations:LeaveOrganization",)
    return [*(one for one in kit.writes("organizations") if one not in own), *_TRAILS_OF_ALL]
