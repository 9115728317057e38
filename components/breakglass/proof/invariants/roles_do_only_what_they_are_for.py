"""Entry roles enter, break-glass roles do their runbook, and neither can do anything else.

An entry role's policies allow nothing but to assume the declared break-glass roles, by full ARN. A
break-glass role's policies, and its boundary, allow the scope's own actions and the roles that it
lists. A role that an AWS service acts through is lent to it for its own account alone (IAM User
Guide, "The confused deputy problem").

All is read from the statements, so it holds of every action that there is or will be: an Allow that
names more, with ``NotAction`` or ``NotResource`` too, speaks against it.

The twin: each grant of a scope is allowed by the role's policies and by its boundary.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from breakglass.proof.declared import Declared, Written, policies_of, statements_of
from breakglass.proof.finding import Examination, Finding, without_a_side
from breakglass.proof.graph import EDGE, Graph, Resource, Scope

NAME = "roles_do_only_what_they_are_for"

_ENTERING = frozenset({"sts:AssumeRole", "sts:SetSourceIdentity", "sts:TagSession"})


def check(graph: Graph) -> Finding:
    """Decide the invariant on a graph."""
    if absent := without_a_side(NAME, graph, EDGE):
        return absent
    policies, look = policies_of(graph), Examination(NAME)
    behind = frozenset(arn for scope in graph.facts.scopes for arn in scope.roles.values())
    for entry in graph.facts.entries:
        role = policies.role(entry.role_arn)
        if look.must(role, f"The role {entry.role_arn} is not declared") and role:
            _only_enters(look, policies, role, behind)
    for scope in graph.facts.scopes:
        for arn in scope.roles.values():
            role = policies.role(arn)
            if look.must(role, f"The role {arn} is not declared") and role:
                _only_its_runbook(look, policies, role, scope)
    for role in graph.of("aws:iam/role:Role"):
        _lent_for_its_own_account(look, policies, role)
    return look.finding("Every role of the path does what it is for, and nothing else.")


def _only_enters(
    look: Examination, policies: Declared, role: Resource, behind: frozenset[str]
) -> None:
    for statement in _allowing(policies.identity(role)):
        actions, resources = _all(statement, "Action"), _all(statement, "Resource")
        more = sorted(actions - _ENTERING) or sorted(resources - behind)
        plain = "NotAction" not in statement and "NotResource" not in statement
        look.must(plain and not more, f"The entry role may do more than enter: {more}", role)


def _only_its_runbook(look: Examination, policies: Declared, role: Resource, scope: Scope) -> None:
    actions = {action for grant in scope.grants for action in grant.actions}
    reached = {"iam:PassRole": scope.pass_roles, "sts:AssumeRole": scope.assume_roles}
    listed = {action: set(roles) for action, roles in reached.items() if roles}
    boundary = policies.boundary(role)
    if not look.must(boundary, "The role has no boundary", role) or boundary is None:
        return
    for written in (*policies.identity(role), boundary):
        for statement in _allowing([written]):
            named = _all(statement, "Action")
            more = sorted(named - actions - listed.keys())
            plain = "NotAction" not in statement and "NotResource" not in statement
            look.must(plain and not more, f"The role may do more than its runbook: {more}", role)
    for statement in _allowing(policies.identity(role)):
        for action in _all(statement, "Action") & listed.keys():
            stray = sorted(_all(statement, "Resource") - listed[action])
            look.must(not stray, f"{action} reaches roles that are not listed: {stray}", role)
    for held in (policies.identity(role), [boundary]):
        missing = sorted(actions - _named(held))
        look.must(not missing, f"The intended use is impossible: no Allow names {missing}", role)


def _lent_for_its_own_account(look: Examination, policies: Declared, role: Resource) -> None:
    written = policies.trust(role.arn).policy
    for statement in _allowing([written] if written else []):
        principal = statement.get("Principal")
        if isinstance(principal, Mapping) and "Service" in principal:
            pinned = (statement.get("Condition") or {}).get("StringEquals") or {}
            own = pinned.get("aws:SourceAccount") == role.account
            look.must(own, "A service could be made to use it for another account", role)


def _allowing(policies: Iterable[Written]) -> Iterator[Mapping[str, Any]]:
    for written in policies:
        yield from (s for s in statements_of(written) if s.get("Effect") == "Allow")


def _named(policies: Iterable[Written]) -> set[str]:
    return {action for statement in _allowing(policies) for action in _all(statement, "Action")}


def _all(statement: Mapping[str, Any], part: str) -> set[str]:
    value = statement.get(part) or []
    return {value} if isinstance(value, str) else set(value)
