"""Doors into a keeper's account: roles there that another account's trust relationship opens.

Whoever acts goes through one with a single call of STS, so what the role may do, he may do.
"""

import re
from collections.abc import Container, Iterable, Iterator
from typing import Final, NamedTuple

from breakglass.checking.belonging import ROLE
from breakglass.checking.trusts import ANYBODY, Trust
from breakglass.errors import BreakGlassError
from breakglass.proof.declared import Declared, Target
from breakglass.proof.graph import EDGE, Entry, Graph, Resource, Unread
from breakglass.proof.model import Decision
from breakglass.proof.s3_actions import writes_to_buckets, writes_to_objects

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


def doors_of_others(graph: Graph) -> Iterator[Unread]:
    """Yield the doors of accounts that the program does not look after, where one may write."""
    known = {account.id for account in graph.facts.accounts} | {ANYBODY}
    keeping = {owner.id for owner in graph.facts.record_buckets.values()}
    for role, others in doors_in(graph.resources, keeping):
        strangers = others - known
        if strangers and _may_write(graph, role):
            who = " and ".join(sorted(strangers))
            why = f"Who may assume it in {who} decides whether the vault holds, and is not known"
            yield Unread(role.name, role.source, why)


def _may_write(graph: Graph, role: Resource) -> bool:
    """Whether a session of a role may write to a bucket of records, as far as anybody knows."""
    policies = Declared(graph)
    try:
        caller = policies.session(role.arn, role.name)
        for name, owner in graph.facts.record_buckets.items():
            bucket = policies.bucket(name, owner.id)
            record = Target(f"{bucket.arn}/record", owner.id, bucket.policy)
            for target, actions in ((bucket, writes_to_buckets()), (record, writes_to_objects())):
                ask = policies.opened(caller, target)
                if any(ask(action).decision is not Decision.DENIED for action in actions):
                    return True
    except BreakGlassError:
        return True
    return False


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
