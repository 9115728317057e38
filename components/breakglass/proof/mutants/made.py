"""Every mutant of a graph, each sort of place once."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from breakglass.proof.graph import EDGE, LOGGING, Facts, Graph, Resource
from breakglass.proof.mutants import additions, properties
from breakglass.proof.mutants.harmless import HARMLESS, Harmless, harmless
from breakglass.proof.mutants.mutant import ACCOUNT, Change, Mutant
from breakglass.proof.mutants.trees import DROPPED, Path, at, leaves, spelt

_TARGET: Final = "aws:cloudwatch/eventTarget:EventTarget"

_NUMBER: Final = re.compile(r"\d+")

_THE_SAME_EVERYWHERE: Final = (
    "aws:cloudwatch/",
    "aws:iam/role:",
    "aws:iam/rolePolicy:",
    "aws:sqs/",
)
"""What every account of a side has alike."""


def mutate(graph: Graph) -> Sequence[Mutant]:
    """Return the mutants of a graph: one for each sort of change that is not harmless."""
    return Made(graph).mutants


class Made:
    """The changes of a graph: the mutants, what is harmless, and what nothing changes.

    What is alike is changed once: accounts of one role (of one side, for what every account has),
    regions that are neither home nor us-east-1, the members of a list that differ in nothing else.
    A pattern is changed in all rules that have it at once, the hub's apart: the catalogue makes
    them, and what a place never sees would hide what another one misses.
    """

    def __init__(self, graph: Graph) -> None:
        self.mutants: list[Mutant] = []
        self._graph, self._alike = graph, Alike(graph)
        self._touched: set[Part] = set()
        self._harmless: Counter[Harmless] = Counter()
        seen: set[Key] = set()
        for place, resource in enumerate(graph.resources):
            for change in changes(graph, resource):
                key = self._alike.key(place, change)
                if key not in seen:
                    seen.add(key)
                    self._make(place, resource, change)

    def _make(self, place: int, resource: Resource, change: Change) -> None:
        for length in range(1, len(change.path) + 1):
            self._touched.add(self._alike.part(place, change.path[:length]))
        row = harmless(resource, change)
        if row is not None:
            self._harmless[row] += 1
            return
        name = f"{resource.name} {spelt(change.path)}: {change.words}"
        places = self._alike.together(place, change)
        self.mutants.append(
            Mutant(name, change.kind, resource.name, change.path, change.words, places, change)
        )

    @property
    def harmless(self) -> Sequence[tuple[Harmless, int]]:
        """The rows of harmless changes that the graph has any of, each with how many."""
        return [(row, self._harmless[row]) for row in HARMLESS if row in self._harmless]

    def untouched(self, read: Iterable[tuple[int, Path]]) -> Sequence[str]:
        """What is read and no change touches: resource and path, what is alike told once.

        Whoever reads a text that is JSON reads all that it says. A change touches what it is made
        at and what is above it. A harmless change touches too: it is listed with its reason.
        """
        found: dict[Part, str] = {}
        for place, path in read:
            resource = self._graph.resources[place]
            if path[:1] in {("@outputs",), ACCOUNT}:  # what the cloud answers follows from the rest
                continue
            for below, _ in leaves(at(resource.inputs, path), path):
                part = self._alike.part(place, below)
                if at(resource.inputs, below) is not None and part not in self._touched:
                    found.setdefault(part, f"{resource.name} {spelt(below)}")
        return sorted(found.values())


def changes(graph: Graph, resource: Resource) -> Iterator[Change]:
    """Yield everything that somebody might do to a resource."""
    yield Change((), DROPPED, "resource dropped", "it is not declared")
    yield from _moved(graph.facts, resource)
    yield from _retiered(graph, resource)
    yield from properties.of_resource(resource)
    yield from additions.of_resource(resource)
    for words, more in additions.beside(resource):
        yield Change((), more, "resource added", f"{words}: {more.type}")


def _moved(facts: Facts, resource: Resource) -> Iterator[Change]:
    """Yield a resource of one side made in an account of the other."""
    home = facts.account(resource.account)
    if home is None:
        return
    edge = next((one for one in facts.accounts if one.side == EDGE), None)
    other = facts.of(LOGGING)[0] if home.side == EDGE else edge
    if other is not None:
        yield Change(ACCOUNT, other.id, "moved", f"it is made in {other.name}")


def _retiered(graph: Graph, resource: Resource) -> Iterator[Change]:
    """Yield a hub's target aimed where another one is: a page becomes a ticket, a ticket a page."""
    bus = resource.get("eventBusName")
    if resource.type != _TARGET or not bus:
        return
    for arn in dict.fromkeys(str(one.get("arn")) for one in graph.of(_TARGET, eventBusName=bus)):
        if arn != resource.get("arn"):
            yield Change(("arn",), arn, "re-tiered", f"arn is {arn}, not {resource.get('arn')}")


Key = tuple[str, str, str, str]
Part = tuple[str, str]


class Alike:
    """What is alike of resources and changes: with accounts and regions told by what they are."""

    def __init__(self, graph: Graph) -> None:
        self._resources = graph.resources
        facts = graph.facts
        regions = {
            r: "<region>" for r in facts.regions if r not in {facts.home_region, "us-east-1"}
        }
        self._by_role = _Words(
            {a.id: f"<{a.role}>" for a in facts.accounts} | regions, numbers=True
        )
        self._by_side = _Words(
            {a.id: f"<{a.side}>" for a in facts.accounts} | regions, numbers=False
        )
        self._shapes: dict[int, str] = {}
        self._patterns: dict[str, list[int]] = {}
        for place, resource in enumerate(graph.resources):
            if resource.get("eventPattern"):
                self._patterns.setdefault(_pattern(resource), []).append(place)

    def together(self, place: int, change: Change) -> tuple[int, ...]:
        """Where a change is made: at one place, or wherever the same pattern is."""
        if not _is_inside_a_pattern(change.path):
            return (place,)
        return tuple(self._patterns[_pattern(self._resources[place])])

    def key(self, place: int, change: Change) -> Key:
        """What a change is, whatever account it is in.

        Places in lists do not count, but those of statements and within patterns.
        """
        shape = self.shape(place, change.path)
        if _is_inside_a_pattern(change.path):
            return shape, spelt(change.path), change.kind, change.words
        words = self._words(self._resources[place].type)
        return shape, _without_places(change.path), change.kind, words.plain(change.words)

    def part(self, place: int, path: Path) -> Part:
        """A part of a resource, whatever account it is in. Places in lists do not count."""
        where = spelt(path) if _is_inside_a_pattern(path) else _without_places(path)
        return self.shape(place, path), where

    def shape(self, place: int, path: Path = ()) -> str:
        """What a resource is; inside a pattern only that pattern counts: all accounts have it."""
        resource = self._resources[place]
        if _is_inside_a_pattern(path):
            return _pattern(resource)
        if place not in self._shapes:
            self._shapes[place] = self._shape(resource)
        return self._shapes[place]

    def _shape(self, resource: Resource) -> str:
        inputs = {**resource.inputs, "eventPattern": "", "@": [resource.account, resource.region]}
        text = json.dumps(inputs, sort_keys=True, default=str)
        return f"{resource.type} {self._words(resource.type).plain(text)}"

    def _words(self, type_: str) -> "_Words":
        return self._by_side if type_.startswith(_THE_SAME_EVERYWHERE) else self._by_role


def _without_places(path: Path) -> str:
    """A path without places in lists, but for statements: these differ."""
    before = (None, *path)
    return spelt(
        tuple(
            step
            for last, step in zip(before, path, strict=False)
            if isinstance(step, str) or last == "Statement"
        )
    )


def _is_inside_a_pattern(path: Path) -> bool:
    return path[:1] == ("eventPattern",) and len(path) > 1


def _pattern(rule: Resource) -> str:
    hub = "hub" if rule.get("eventBusName") else "place"
    return f"{hub} {rule.get('eventPattern')}"


class _Words:
    """Words that stand for other words."""

    def __init__(self, words: Mapping[str, str], *, numbers: bool) -> None:
        self._words, self._numbers = words, numbers
        self._find = re.compile("|".join(map(re.escape, words)))

    def plain(self, text: str) -> str:
        """The text with the words replaced, and every number made one where numbers only count."""
        plain = self._find.sub(lambda found: self._words[found[0]], text)
        return plain if self._numbers else _NUMBER.sub("#", plain)
