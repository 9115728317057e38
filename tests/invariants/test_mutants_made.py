"""What mutants are made of a graph, what a hunt asks of them, and what is held harmless."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import pytest

from breakglass.proof.finding import Finding, Outcome
from breakglass.proof.graph import Graph, Resource
from breakglass.proof.invariants import INVARIANTS
from breakglass.proof.mutants import Mutant
from breakglass.proof.mutants.harmless import HARMLESS, Harmless, harmless
from breakglass.proof.mutants.hunt import _killed
from breakglass.proof.mutants.made import Alike, Made, changes
from breakglass.proof.mutants.mutant import Change
from breakglass.proof.mutants.policies import STRICTER
from breakglass.proof.mutants.trace import reads
from breakglass.proof.mutants.trees import changed

Kills = Callable[[Graph], str | None]


@pytest.fixture(scope="module")
def made(example: Graph) -> Sequence[Mutant]:
    return Made(example).mutants


def killer(graph: Graph) -> str | None:
    """The first invariant that is not content; None for a survivor."""
    return next((name for name in INVARIANTS if _killed(name, graph) is not None), None)


def like(made: Sequence[Mutant], resource: str, *words: str) -> list[Mutant]:
    return [
        one
        for one in made
        if resource in one.resource and all(word in f"{one.kind} {one.name}" for word in words)
    ]


# --- what is made -----------------------------------------------------------------------------


def test_mutants_are_many_and_each_has_a_name_of_its_own(made: Sequence[Mutant]) -> None:
    assert len(made) >= 300
    names = [one.name for one in made]
    assert sorted(set(names)) == sorted(names)


def test_a_mutant_changes_the_graph_and_leaves_the_first_one_alone(
    made: Sequence[Mutant], example: Graph
) -> None:
    before = [json.dumps(one.inputs, sort_keys=True, default=str) for one in example.resources]
    for one in made[::97]:
        mutant = one.applied(example)
        assert len(mutant.resources) != len(example.resources) or any(
            new != old for new, old in zip(mutant.resources, example.resources, strict=True)
        )
    after = [json.dumps(one.inputs, sort_keys=True, default=str) for one in example.resources]
    assert after == before


KNOWN = {
    "what CloudTrail may write": ("vault", "resource widened", "AWSLogs"),
    "one action of a guardrail": ("guardrails", "action dropped", "s3:CreateAccessPoint"),
    "the denial of deleting records": ("vault", "deny dropped", "NobodyDeletes"),
    "what exists to log": ("boundary", "deny dropped", "NothingThatLogs"),
    "who reads": ("vault", "ReadersRead", "condition dropped", "aws:PrincipalArn"),
}
"""What survived an attack on the invariants before there was an engine."""


@pytest.mark.parametrize("what", KNOWN)
def test_what_once_survived_is_killed(what: str, made: Sequence[Mutant], example: Graph) -> None:
    resource, *words = KNOWN[what]
    found = like(made, resource, *words)
    assert found
    for one in found[:3]:
        assert killer(one.applied(example)), one.name


# --- what is harmless -------------------------------------------------------------------------


def of_rows(graph: Graph) -> Iterator[tuple[Harmless, int, Change]]:
    """The first change under each row, one where the row is of no other graph."""
    seen: set[Harmless] = set()
    for place, resource in enumerate(graph.resources):
        for change in changes(graph, resource):
            row = harmless(resource, change)
            if row is not None and row not in seen:
                seen.add(row)
                yield row, place, change


def test_each_row_of_harmless_changes_is_of_use_and_true(example: Graph, minimal: Graph) -> None:
    """A change that an invariant misses is not harmless, but for a Deny that refuses more."""
    used: set[Harmless] = set()
    for graph in (minimal, example):
        for row, place, change in of_rows(graph):
            if row in used or row.kind == STRICTER:
                used.add(row)
                continue
            used.add(row)
            places = Alike(graph).together(place, change)
            name = graph.resources[place].name
            one = Mutant(name, change.kind, name, change.path, change.words, places, change)
            assert killer(one.applied(graph)) is None, (row.reason, name, change.words)
    assert [row for row in HARMLESS if row not in used] == []


# --- what an invariant reads ------------------------------------------------------------------


def of(inputs: Mapping[str, Any]) -> Resource:
    return Resource("aws:x:X", "x", "111111111111", "eu-west-1", inputs, {"arn": "arn:aws:x"})


@pytest.mark.parametrize(
    ("ask", "path"),
    [
        (lambda one: one.get("name"), ("name",)),
        (lambda one: one.get("rule", "days"), ("rule", "days")),
        (lambda one: one.get("rule").get("days"), ("rule", "days")),
        (lambda one: list(one.get("rule")), ("rule",)),
        (lambda one: one.get("list")[1], ("list", 1)),
        (lambda one: one.get("absent"), ("absent",)),
        (lambda one: one.account, ("@account",)),
        (lambda one: one.arn, ("@outputs", "arn")),
    ],
)
def test_what_is_read_is_noted_with_its_path(
    ask: Callable[[Resource], object], path: tuple[str | int, ...], minimal: Graph
) -> None:
    graph = Graph(minimal.facts, [of({"name": "n", "rule": {"days": 1}, "list": [1, 2]})])
    traced = reads(lambda graph: ask(next(graph.of("aws:x:X"))), graph)
    assert (0, path) in traced.paths
    assert traced.types == {"aws:x:X"}


def test_a_property_that_nobody_asks_for_is_not_noted(minimal: Graph) -> None:
    graph = Graph(minimal.facts, [of({"name": "n", "other": 1})])
    traced = reads(lambda graph: next(graph.of("aws:x:X")).get("name"), graph)
    assert traced.paths == {(0, ("name",))}


# --- what is asked once -----------------------------------------------------------------------


def test_what_held_before_is_asked_again_when_its_texts_differ(example: Graph) -> None:
    """Each part that is remembered from another graph must know all that it rests on."""
    for name in (
        "boundaries_hold_by_their_denials",
        "break_glass_trust_demands_what_it_must",
        "resources_take_only_what_they_should",
        "the_alarms_way_is_watched",
    ):
        assert INVARIANTS[name](example).verdict is Outcome.HOLDS
        broken = [_opened(one) for one in example.resources]
        assert INVARIANTS[name](Graph(example.facts, broken)).falls_short, name
        again: Finding = INVARIANTS[name](example)
        assert again.verdict is Outcome.HOLDS


_EVERYBODY = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}],
    }
)
_NOBODY = _EVERYBODY.replace("Allow", "Deny")


def _opened(one: Resource) -> Resource:
    """Trusts and boundaries open to everybody; queues, topics and the hub shut."""
    shut = one.type.endswith(("QueuePolicy", "TopicPolicy", "EventBusPolicy"))
    if one.type == "aws:iam/policy:Policy":
        document = json.loads(_EVERYBODY)
        del document["Statement"][0]["Principal"]
        return _with(one, "policy", json.dumps(document))
    if one.type == "aws:iam/role:Role":
        return _with(one, "assumeRolePolicy", _EVERYBODY.replace(', "Resource": "*"', ""))
    return _with(one, "policy", _NOBODY) if shut else one


def _with(one: Resource, key: str, text: str) -> Resource:
    return Resource(
        one.type,
        one.name,
        one.account,
        one.region,
        changed(one.inputs, (key,), text),
        one.outputs,
        one.id,
        one.source,
    )
