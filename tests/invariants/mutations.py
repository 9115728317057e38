"""Small changes to a recorded graph: each says in its name what somebody might have done."""

import copy
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from breakglass.proof.graph import Facts, Graph, Resource

Mutation = Callable[[Graph], Graph]
Edit = Callable[[dict[str, Any]], object]


def both(*mutations: Mutation) -> Mutation:
    """All of them, one after the other."""

    def mutate(graph: Graph) -> Graph:
        for mutation in mutations:
            graph = mutation(graph)
        return graph

    return mutate


def facts(change: Callable[[Facts], Mapping[str, Any]]) -> Mutation:
    """Other settings."""
    return lambda graph: Graph(replace(graph.facts, **change(graph.facts)), graph.resources)


def without(name: str) -> Mutation:
    """A resource is not declared."""

    def mutate(graph: Graph) -> Graph:
        _one(graph, name)
        return Graph(graph.facts, [one for one in graph.resources if one.name != name])

    return mutate


def added(type_: str, name: str, like: str, **inputs: object) -> Mutation:
    """Another resource, in the account and region of an existing one."""

    def mutate(graph: Graph) -> Graph:
        there = _one(graph, like)
        new = replace(there, type=type_, name=name, inputs=inputs, outputs={}, id=name)
        return Graph(graph.facts, [*graph.resources, new])

    return mutate


def resource(name: str, change: Callable[[Resource], Resource]) -> Mutation:
    """A resource is another one."""

    def mutate(graph: Graph) -> Graph:
        _one(graph, name)
        changed = [change(one) if one.name == name else one for one in graph.resources]
        return Graph(graph.facts, changed)

    return mutate


def inputs(name: str, edit: Edit) -> Mutation:
    """The inputs of a resource are edited."""

    def change(one: Resource) -> Resource:
        edited = copy.deepcopy(dict(one.inputs))
        edit(edited)
        assert edited != one.inputs, f"{name}: nothing has changed"
        return replace(one, inputs=edited)

    return resource(name, change)


def sets(name: str, **values: object) -> Mutation:
    """Some inputs of a resource have other values."""
    return inputs(name, lambda given: given.update(values))


def document(name: str, edit: Edit, key: str | None = None) -> Mutation:
    """The policy of a resource is edited."""

    def edit_text(given: dict[str, Any]) -> None:
        at = key or next(k for k in ("policy", "assumeRolePolicy", "content") if k in given)
        policy = json.loads(given[at])
        edit(policy)
        given[at] = json.dumps(policy)

    return inputs(name, edit_text)


def pattern(name: str, edit: Edit) -> Mutation:
    """The pattern of a rule is edited."""
    return document(name, edit, "eventPattern")


def statement(name: str, sid: str, edit: Edit) -> Mutation:
    """One statement of a resource's policy is edited."""
    return document(name, lambda policy: edit(_statement(policy, sid)))


def drops_statement(name: str, sid: str) -> Mutation:
    """One statement of a resource's policy is gone."""
    return document(name, lambda policy: policy["Statement"].remove(_statement(policy, sid)))


def drops_condition(name: str, sid: str, operator: str, key: str) -> Mutation:
    """One condition of a statement is gone."""
    return statement(name, sid, lambda body: body["Condition"][operator].pop(key))


def allows(name: str, **body: object) -> Mutation:
    """A policy allows something more."""
    more = {"Sid": "More", "Effect": "Allow", **body}
    return document(name, lambda policy: policy["Statement"].append(more))


def denies(name: str, **body: object) -> Mutation:
    """A policy denies something more."""
    more = {"Sid": "More", "Effect": "Deny", **body}
    return document(name, lambda policy: policy["Statement"].append(more))


def _statement(policy: dict[str, Any], sid: str) -> dict[str, Any]:
    return next(body for body in policy["Statement"] if body["Sid"] == sid)


def _one(graph: Graph, name: str) -> Resource:
    (found,) = [one for one in graph.resources if one.name == name]
    return found
