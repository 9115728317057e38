"""Doors into a keeper's account: roles there that another account's trust relationship opens.

Whoever acts goes through one with a single call of STS, so what the role may do, he may do.
"""

import re
from collections.abc import Container, Iterable, Iterator
from typing import Final, NamedTuple

from breakglass.checking.belonging import ROLE
from breakglass.checking.trusts import ANYBODY, Trust
from breakglass.errors import BreakGlassError
from breakglass.proof.graph import EDGE, Entry, Graph, Resource, Unread

_ACCOUNT: Final = re.compile(r"(?:arn:[\w-]+:(?:iam|sts)::)?(\d{12})(?::.*)?")
"""How a trust policy names an account or somebody of it (IAM User Guide, "AWS JSON policy elements:
Principal")."""


class Door(NamedTuple):
    """A role, and the accounts besides its own that it lets in."""

    role: Resource
    accounts: frozenset[str]


def doors_in(resources: Iterable[Resource], accounts: Container[str]) -> Iterator[Door]:
    """Yield the roles of some accounts that let in another one."""
    for role in resources:
        if role.type == ROLE and role.account in accounts:
            others = _let_in(role) - {role.account}
            if others:
                yield Door(role, others)


def doors_of_actors(graph: Graph) -> Iterator[Entry]:
    """Yield, as ways in, the doors through which an actor's account comes to the record."""
    acting = {account.id for account in graph.facts.accounts if account.side == EDGE}
    keeping = {owner.id for owner in graph.facts.record_buckets.values()} - acting
    known = {entry.role_arn for entry in graph.facts.entries}
    for role, others in doors_in(graph.resources, keeping):
        who = acting if ANYBODY in others else acting & others
        if who and role.arn not in known:
            name = f"{role}, which {' and '.join(sorted(who))} may assume,"
            yield Entry(name, "iam-user", role.account, role.arn)


def nobody_knows(resources: Iterable[Resource], accounts: Container[str]) -> Iterator[Unread]:
    """Yield the roles of some accounts of which nobody knows whom they let in."""
    why = "Who may assume it decides whether the vault holds, and its trust is not known"
    for role in resources:
        if role.type == ROLE and role.account in accounts and not _is_read(role):
            yield Unread(role.name, role.source, why)


def _is_read(role: Resource) -> bool:
    try:
        Trust(role)
    except BreakGlassError:
        return False
    return "name" not in role.unknown


def _let_in(role: Resource) -> frozenset[str]:
    """The accounts that a trust names, and `ANYBODY`; none where it cannot be read."""
    if not _is_read(role):
        return frozenset()
    named = Trust(role).principals("AWS")
    found = {match[1] for one in named if (match := _ACCOUNT.fullmatch(one))}
    return frozenset(found | {ANYBODY} & {*named})
