"""A mutant: a graph in which somebody changed one thing."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, NamedTuple

from breakglass.proof.graph import Graph, Resource
from breakglass.proof.mutants.trees import Path, changed

ACCOUNT: Final[Path] = ("@account",)
"""Stands for the account that a resource is made in, which its provider decides."""

NAMES: Final = ("bucket", "name", "path")
"""Properties of which a resource's ARN is made."""


class Change(NamedTuple):
    """One thing that somebody might do to a resource."""

    path: Path
    """Where; empty for the resource as a whole."""
    new: object
    """What stands there then; `DROPPED` where nothing does; a `Resource` that is made besides."""
    kind: str
    """What sort of change it is, such as ``statement dropped``."""
    words: str
    """What is done, for people."""
    at: Path | None = None
    """Where it is made, if elsewhere: a condition that moves to another operator."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """A graph with one resource changed, dropped, or added beside."""

    name: str
    """The resource, the path and the change: unique among the mutants of a graph."""
    kind: str
    resource: str
    path: Path
    """Where the change is; empty for the resource as a whole."""
    change: str
    """In words."""
    places: tuple[int, ...] = field(repr=False)
    """Where the resource stands in the graph, and where others that are changed with it do."""
    made: Change = field(repr=False)

    def applied(self, graph: Graph) -> Graph:
        """Return the changed graph; ``graph`` is the one that the mutant was made from."""
        resources = list(graph.resources)
        for place in sorted(self.places, reverse=True):
            resources[place : place + 1] = _instead(resources[place], self.made)
        return replace(graph, resources=tuple(resources))


def _instead(resource: Resource, change: Change) -> tuple[Resource, ...]:
    """What stands in the place of a resource: nothing, the changed one, or it and another."""
    if isinstance(change.new, Resource):
        return (resource, change.new)
    if not change.path:
        return ()
    if change.path == ACCOUNT:
        return (_moved(resource, str(change.new)),)
    return (_edited(resource, change.path if change.at is None else change.at, change.new),)


def _moved(resource: Resource, account: str) -> Resource:
    arn = resource.arn.replace(resource.account, account)
    return replace(resource, account=account, outputs={**resource.outputs, "arn": arn})


def _edited(resource: Resource, at: Path, new: object) -> Resource:
    """The resource with another property; a name is part of its ARN, a region where it is."""
    inputs = changed(resource.inputs, at, new)
    edited = replace(resource, inputs=inputs)
    if at == ("region",):
        return replace(edited, region=str(inputs.get("region") or "eu-north-9"))
    if len(at) == 1 and at[0] in NAMES and resource.arn:
        before, after = _named(resource.inputs), _named(inputs)
        if not resource.arn.endswith(before):  # no ARN of IAM: there is no path in it
            before, after = before.removeprefix("/"), after.removeprefix("/")
        arn = f"{resource.arn.removesuffix(before)}{after}"
        return replace(edited, outputs={**resource.outputs, "arn": arn})
    return edited


def _named(inputs: Mapping[str, Any]) -> str:
    """How a resource's ARN ends."""
    name = inputs.get("name") or inputs.get("bucket") or "made-by-the-provider"
    return f"{inputs.get('path', '/')}{name}"
