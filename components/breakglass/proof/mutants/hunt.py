"""The hunt: for each mutant the invariants that read what it touches, until one is not content."""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_context
from typing import Any, Final

from breakglass.errors import BreakGlassError, InvalidInput
from breakglass.processes import CAN_COPY, cores
from breakglass.proof.finding import Finding, Outcome, at_the_first
from breakglass.proof.graph import Graph, Resource
from breakglass.proof.invariants import INVARIANTS
from breakglass.proof.mutants.harmless import Harmless
from breakglass.proof.mutants.made import Made
from breakglass.proof.mutants.mutant import ACCOUNT, NAMES, Mutant
from breakglass.proof.mutants.trace import Traced, reads
from breakglass.proof.mutants.trees import Path

Progress = Callable[[str], None]

_TOGETHER: Final = 256
"""So many mutants are hunted between two words of progress, and by one process at a time."""

_HOPE: Final = 0.05
"""What an invariant counts for that has killed none yet: as if it had killed so many."""

_UNREADABLE: Final = (
    BreakGlassError,
    ArithmeticError,
    AttributeError,
    LookupError,
    TypeError,
    ValueError,
)
"""What an invariant raises for a graph that no provider would have taken: that is no pass."""


@dataclass(frozen=True, slots=True)
class MutantResult:
    """What became of one mutant."""

    mutant: Mutant
    killed_by: str | None
    """The invariant that was not content; None for a survivor."""
    verdict: Outcome
    """``BROKEN`` or ``UNKNOWN`` for a kill; ``HOLDS`` for a survivor, ``NOT PROVIDED`` for one that
    an invariant speaks of for which the organisation lacks the means."""
    reason: str
    """What the invariant says, or what is lacking; empty for a survivor."""


@dataclass(frozen=True, slots=True)
class Hunt:
    """What became of all mutants of a graph."""

    results: Sequence[MutantResult]
    untouched_reads: Sequence[str]
    """Properties that some invariant reads and no mutant touches."""
    harmless: Sequence[tuple[Harmless, int]]
    """The rows of harmless changes that there are in the graph, and how many changes each."""
    seconds: float

    @property
    def survivors(self) -> Sequence[MutantResult]:
        """Mutants that no invariant misses."""
        return [one for one in self.results if one.verdict is Outcome.HOLDS]

    @property
    def not_provided(self) -> Sequence[MutantResult]:
        """Mutants that nothing can miss for want of means."""
        return [one for one in self.results if one.verdict is Outcome.NOT_PROVIDED]

    @property
    def falls_short(self) -> bool:
        """Whether something survived."""
        return bool(self.survivors)

    def as_json(self) -> dict[str, Any]:
        """The hunt as plain values."""
        return {
            "mutants": len(self.results),
            "seconds": round(self.seconds, 1),
            "kinds": dict(Counter(one.mutant.kind for one in self.results)),
            "kills": dict(Counter(one.killed_by for one in self.results if one.killed_by)),
            "survivors": [_plain(one) for one in self.survivors],
            "not_provided": [_plain(one) for one in self.not_provided],
            "untouched_reads": list(self.untouched_reads),
            "harmless": [{**_row(row), "changes": count} for row, count in self.harmless],
            "results": [_plain(one) for one in self.results],
        }


def _plain(one: MutantResult) -> dict[str, Any]:
    mutant = one.mutant
    return {
        "name": mutant.name,
        "kind": mutant.kind,
        "resource": mutant.resource,
        "path": list(mutant.path),
        "change": mutant.change,
        "killed_by": one.killed_by,
        "verdict": one.verdict.value,
        "reason": one.reason,
    }


def _row(row: Harmless) -> dict[str, str]:
    return {"type": row.type, "path": row.path, "kind": row.kind, "reason": row.reason}


def hunt(graph: Graph, progress: Progress = lambda _: None, processes: int | None = None) -> Hunt:
    """Change a graph in every way, and see whether an invariant misses what was changed.

    ``progress`` is told how far it is; ``processes`` work side by side, as many as there are cores
    when omitted, where the system can copy a process. The graph itself must hold: what falls short
    on it says nothing of a mutant. Raises `InvalidInput` for one that does not.
    """
    began = time.monotonic()
    progress("what each invariant reads")
    search, made = _Search(graph), Made(graph)
    results: list[MutantResult] = []
    for found in search.through(made.mutants, processes or cores()):
        results += found
        progress(f"{len(results)} of {len(made.mutants)} mutants")
    seen = {(place, path) for one in search.watches for place, path in one.traced.paths}
    return Hunt(results, made.untouched(seen), made.harmless, time.monotonic() - began)


# --- what each invariant reads --------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Watch:
    """One invariant on the graph as it is."""

    name: str
    finding: Finding
    traced: Traced


def _watches(graph: Graph) -> Iterator[_Watch]:
    for name, check in INVARIANTS.items():
        finding = check(graph)
        if finding.falls_short:
            raise InvalidInput(
                name, f"{finding.verdict}: {finding.reason}", "a topology that holds"
            )
        yield _Watch(name, finding, reads(check, graph))


@dataclass(slots=True)
class _Readers:
    """Which invariants read a resource, and a path of it."""

    whole: set[str] = field(default_factory=set)
    by_path: dict[Path, set[str]] = field(default_factory=dict)

    def of(self, paths: Iterable[Path]) -> set[str]:
        """Those that read one of the paths, something below it or something above."""
        found: set[str] = set()
        for path, names in self.by_path.items():
            if any(path[: len(one)] == one[: len(path)] for one in paths):
                found |= names
        return found


class _Search:
    """The invariants, and which of them a mutant is put before."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.watches = tuple(_watches(graph))
        self._readers: dict[int, _Readers] = {}
        self._types: dict[str, set[str]] = {}
        for one in self.watches:
            for place, path in one.traced.paths:
                readers = self._readers.setdefault(place, _Readers())
                readers.whole.add(one.name)
                readers.by_path.setdefault(path, set()).add(one.name)
            for type_ in one.traced.types:
                self._types.setdefault(type_, set()).add(one.name)

    def through(
        self, mutants: Sequence[Mutant], processes: int
    ) -> Iterator[Sequence[MutantResult]]:
        """Yield the results in the order of the mutants, some at a time."""
        parts = [
            range(at, min(at + _TOGETHER, len(mutants))) for at in range(0, len(mutants), _TOGETHER)
        ]
        if processes < 2 or not CAN_COPY:  # noqa: PLR2004 - one does it by itself
            yield from (self.judged(mutants[part.start : part.stop]) for part in parts)
            return
        _HERE.append((self, mutants))
        try:
            with ProcessPoolExecutor(processes, get_context("fork")) as pool:
                for part, found in zip(parts, pool.map(_judged, parts), strict=True):
                    yield [
                        MutantResult(mutants[place], *told)
                        for place, told in zip(part, found, strict=True)
                    ]
        finally:
            _HERE.pop()

    def judged(self, mutants: Sequence[Mutant]) -> Sequence[MutantResult]:
        """Put mutants before the invariants that read what they touch, the likeliest first.

        What killed others of the sort in this same list is the likeliest: so who kills which does
        not rest on how many processes there are.
        """
        order = _Order()
        return [self._judge(mutant, order) for mutant in mutants]

    def _judge(self, mutant: Mutant, order: "_Order") -> MutantResult:
        changed = mutant.applied(self.graph)
        sort = self.graph.resources[mutant.places[0]].type, mutant.path[:1]
        names = self._affected(mutant)
        asked = [one for one in self.watches if one.name in names]
        for one in order.of(sort, asked):
            if (found := _killed(one.name, changed)) is not None:
                order.note(sort, one.name)
                return MutantResult(mutant, one.name, *found)
        lacking = {one.finding.reason: None for one in asked if _lacks_means(one.finding)}
        if lacking:
            return MutantResult(mutant, None, Outcome.NOT_PROVIDED, " ".join(lacking))
        return MutantResult(mutant, None, Outcome.HOLDS, "")

    def _affected(self, mutant: Mutant) -> set[str]:
        new = mutant.made.new
        if isinstance(new, Resource):
            return self._types.get(new.type, set())
        readers = [self._readers.get(place, _Readers()) for place in mutant.places]
        if not mutant.path:
            return set().union(*(one.whole for one in readers))
        paths = [mutant.path]
        if mutant.path[0] in NAMES or mutant.path == ACCOUNT:
            paths.append(("@outputs", "arn"))
        return set().union(*(one.of(paths) for one in readers))


_Sort = tuple[str, Path]
"""A type of resource and a property: what kills one mutant of it is likely to kill the next."""


class _Order:
    """In which order mutants of a sort are put before invariants."""

    def __init__(self) -> None:
        self._kills: dict[_Sort, Counter[str]] = {}
        self._last: dict[_Sort, str] = {}

    def of(self, sort: _Sort, asked: Sequence[_Watch]) -> Sequence[_Watch]:
        """The last that killed one, then what killed most for the questions that it asks."""
        kills, last = self._kills.get(sort, Counter()), self._last.get(sort)

        def price(watch: _Watch) -> tuple[bool, float]:
            return watch.name != last, watch.finding.asked / (kills[watch.name] + _HOPE)

        return sorted(asked, key=price)

    def note(self, sort: _Sort, name: str) -> None:
        """Note a kill."""
        self._kills.setdefault(sort, Counter())[name] += 1
        self._last[sort] = name


_HERE: Final[list[tuple[_Search, Sequence[Mutant]]]] = []
"""What the processes of a hunt find when they are copied: nothing of it need be sent."""


def _judged(part: range) -> list[tuple[str | None, Outcome, str]]:
    search, mutants = _HERE[-1]
    found = search.judged(mutants[part.start : part.stop])
    return [(one.killed_by, one.verdict, one.reason) for one in found]


def _killed(name: str, graph: Graph) -> tuple[Outcome, str] | None:
    try:
        finding = at_the_first(INVARIANTS[name], graph)
    except _UNREADABLE as fault:
        return Outcome.UNKNOWN, f"It cannot read it: {type(fault).__name__}: {fault}"
    return (finding.verdict, finding.reason) if finding.falls_short else None


def _lacks_means(finding: Finding) -> bool:
    return finding.verdict is Outcome.NOT_PROVIDED
