"""What of a program one invariant is asked about, where no organisation file tells all.

Some take a bucket for the only vault, or every account for one that this program looks after: they
are asked as often as there is one, or of what the program speaks of.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Final

from breakglass.checking.belonging import ROLE, TRAIL
from breakglass.checking.doors import doors_of_actors
from breakglass.checking.inferred import record_buckets, seen_from, watched_places
from breakglass.checking.repositories import ENVIRONMENT, PROTECTION, RULESET, declares
from breakglass.checking.roles import SAML, ways_in
from breakglass.proof.graph import LOGGING, MANAGEMENT, NO_ORGANIZATION, Entry, Graph

_GUARDRAIL: Final = "aws:organizations/policyAttachment:PolicyAttachment"

View = Callable[[Graph], Iterator[Graph]]


def views_of(name: str, graph: Graph) -> Iterator[Graph]:
    """Yield the graph as an invariant should see it; none where it speaks of nothing there."""
    return _VIEWS.get(name, _whole)(graph)


def _whole(graph: Graph) -> Iterator[Graph]:
    yield graph


def _changed(graph: Graph, **facts: object) -> Graph:
    return replace(graph, facts=replace(graph.facts, **facts))  # type: ignore[arg-type] # fields of Facts, named where it is called


def _of_each_bucket(graph: Graph) -> Iterator[Graph]:
    """The vault with its witness, and every further bucket by itself."""
    facts = graph.facts
    yield graph
    for bucket in record_buckets(graph.resources):
        if bucket not in {facts.vault, facts.witness}:
            yield seen_from(graph, bucket)


def _of_each_record(graph: Graph) -> Iterator[Graph]:
    """By bucket, declared or not: the trails into it."""
    facts = graph.facts
    declared = record_buckets(graph.resources)
    trails = [one for one in graph.of(TRAIL) if "s3BucketName" not in one.unknown]
    for bucket in dict.fromkeys(str(one.get("s3BucketName")) for one in trails):
        if bucket != facts.witness:
            seen = seen_from(graph, bucket) if bucket in declared else graph
            yield _changed(seen, vault=bucket)


def _watched(graph: Graph) -> Iterator[Graph]:
    """The accounts and regions that have rules on their default bus, and the hub's."""
    there = watched_places(graph)
    accounts = {account for account, _ in there}
    regions = {region for _, region in there}
    yield _changed(
        graph,
        accounts=[one for one in graph.facts.accounts if one.id in accounts or one.role == LOGGING],
        regions=[one for one in graph.facts.regions if one in regions] or sorted(regions),
    )


def _with_doors(graph: Graph) -> Iterator[Graph]:
    """Whoever comes by a role of the keeper's acts too.

    What a role may do is no runbook, so that it can is no intended use.
    """
    for one in _of_each_bucket(graph):
        yield _changed(
            one,
            scopes=[replace(scope, grants=()) for scope in one.facts.scopes],
            entries=[*one.facts.entries, *doors_of_actors(one)],
        )


def _guarded(graph: Graph) -> Iterator[Graph]:
    """An organisation counts only where its guardrails are declared here too, named or not."""
    guarded = any(graph.of(_GUARDRAIL)) and graph.facts.of(MANAGEMENT)
    yield _changed(
        graph, organization=(graph.facts.organization or NO_ORGANIZATION) if guarded else None
    )


def _entered(graph: Graph) -> Iterator[Graph]:
    every = [*graph.facts.entries, *_one_hop(graph)]
    entries = [one for one in every if one.kind != SAML]  # told as unread
    if entries:
        yield _changed(graph, entries=entries)


def _one_hop(graph: Graph) -> list[Entry]:
    """Break-glass roles that no way in stands before: they are entered from outside."""
    behind = {entry.role_arn for entry in graph.facts.entries}
    scopes = {arn for scope in graph.facts.scopes for arn in scope.roles.values()}
    return [
        entry
        for role in graph.of(ROLE)
        if "name" not in role.unknown and role.arn in scopes
        for entry in ways_in(role)
        if entry.principals and not behind & set(entry.principals)
    ]


def _of_repositories(*types: str) -> View:
    """The repositories for which the program declares something of the kind."""

    def view(graph: Graph) -> Iterator[Graph]:
        kept = [
            one
            for one in graph.facts.repositories
            if any(declares(graph.resources, type_, one.name) for type_ in types)
        ]
        if kept:
            yield _changed(graph, repositories=kept)

    return view


_VIEWS: Final[Mapping[str, View]] = MappingProxyType(
    {
        "vault_is_elsewhere_and_locked": _of_each_bucket,
        "vault_holds_in_its_own_account": _of_each_bucket,
        "actor_cannot_touch_the_vault": _with_doors,
        "actor_cannot_silence_the_alarms": _guarded,
        "actor_cannot_touch_the_kits_principals": _guarded,
        "every_account_is_recorded": _of_each_record,
        "every_page_call_reaches_the_pager": _watched,
        "ordinary_work_rings_nobody": _watched,
        "entry_trust_demands_what_it_must": _entered,
        "enforce_admins_holds": _of_repositories(PROTECTION),
        "the_app_is_the_only_bypass": _of_repositories(RULESET),
        "deployment_gates_hold": _of_repositories(RULESET, ENVIRONMENT),
    }
)
