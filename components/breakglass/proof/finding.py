"""What an invariant found: one of four verdicts, in plain words, with what shows it."""

from collections.abc import Callable, Hashable, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, NamedTuple, Protocol

from breakglass.proof.graph import Facts, Graph, Resource
from breakglass.proof.model import Decision, Verdict

IMPOSSIBLE = "The intended use is impossible"
"""How a counterexample begins that refuses too much."""


class Asking(Protocol):
    """What decides the actions of one caller on one target."""

    def __call__(self, action: str) -> Verdict:
        """Decide one action."""

    def alike(self, actions: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
        """Put actions into groups that one decision stands for."""


class Outcome(StrEnum):
    """The four verdicts of an invariant."""

    HOLDS = "HOLDS"
    BROKEN = "BROKEN"
    UNKNOWN = "UNKNOWN"
    """It cannot be decided, which is no pass."""
    NOT_PROVIDED = "NOT PROVIDED"
    """The organisation lacks the means. Shown with the reason, never passed over."""


@dataclass(frozen=True, slots=True)
class Finding:
    """The verdict of one invariant on one graph."""

    name: str
    verdict: Outcome
    reason: str
    """One sentence."""
    evidence: tuple[str, ...] = ()
    """Counterexamples, each with the line of the resource; for HOLDS what was asked."""
    undecided: tuple[str, ...] = ()
    """For BROKEN: what could not be decided besides."""
    asked: int = 0
    """How many questions were decided."""

    @property
    def falls_short(self) -> bool:
        """Whether a rehearsal fails for it."""
        return self.verdict in {Outcome.BROKEN, Outcome.UNKNOWN}


_HASTY: Final[ContextVar[bool]] = ContextVar("hasty", default=False)


class Enough(Exception):  # noqa: N818 - no error: an examination that is over
    """An examination has found something, and nobody wants to know the rest."""

    def __init__(self, finding: Finding) -> None:
        self.finding = finding
        super().__init__(finding.reason)


class _Held(NamedTuple):
    """Something that held, and of how many questions it was."""

    facts: Facts
    """Kept, so that no other settings come to have their place."""
    asked: int


_HELD: Final[dict[Hashable, _Held]] = {}
_HELD_KEPT: Final = 4096


@dataclass(slots=True)
class Examination:
    """An invariant being asked: it collects what speaks against it, and ends in a `Finding`.

    ``must`` states a fact, ``must_deny`` asks that an abuse is refused, ``must_allow`` that the
    intended use goes through: the twin that keeps an invariant from holding of nothing.
    """

    name: str
    asked: int = 0
    broken: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    hasty: bool = field(default_factory=_HASTY.get)
    """Whether it ends at the first thing that speaks against it: see `at_the_first`."""

    def must(self, fact: object, otherwise: str, at: Resource | None = None) -> bool:
        """Note ``otherwise`` as a counterexample unless ``fact`` is true; return whether it is."""
        self.asked += 1
        if not fact:
            self.breaks(otherwise if at is None else f"{otherwise}: {at}")
        return bool(fact)

    def must_be_possible(self, fact: object, otherwise: str, at: Resource | None = None) -> bool:
        """Demand a fact without which an intended use is refused."""
        return self.must(fact, f"{IMPOSSIBLE}: {otherwise}", at)

    def breaks(self, counterexample: str) -> None:
        """Note what speaks against it."""
        self.broken.append(counterexample)
        if self.hasty:
            raise Enough(self.finding(""))

    def doubts(self, question: str) -> None:
        """Note what cannot be decided."""
        self.unknown.append(question)
        if self.hasty:
            raise Enough(self.finding(""))

    def must_deny(self, verdict: Verdict, request: str) -> None:
        """Demand that a request, told in plain words, is refused."""
        self.asked += 1
        if verdict.decision is Decision.ALLOWED:
            self.breaks(f"{request}. {verdict.reason}")
        elif verdict.decision is Decision.UNKNOWN:
            self.doubts(f"{request}? {verdict.reason}")

    def must_allow(self, verdict: Verdict, request: str) -> None:
        """Demand that an intended use is possible."""
        self.asked += 1
        if verdict.decision is Decision.DENIED:
            self.breaks(f"{IMPOSSIBLE}: {request}. {verdict.reason}")
        elif verdict.decision is Decision.UNKNOWN:
            self.doubts(f"{request}? {verdict.reason}")

    def must_refuse(self, who: str, ask: Asking, actions: Sequence[str], on: str) -> None:
        """Demand that each action of somebody on a resource is refused; ``ask`` decides one."""
        for group in ask.alike(tuple(actions)):
            if ask(group[0]).decision is Decision.DENIED:
                self.asked += len(group)
                continue
            for action in group:
                self.must_deny(ask(action), f"{who} may call {action} on {on}")

    def once(self, facts: Facts, rests_on: Hashable, ask: Callable[[], None]) -> None:
        """Ask what rests on nothing but settings and ``rests_on``, unless that held before.

        For a graph after the other, of which most is alike.
        """
        key = (self.name, id(facts), rests_on)
        held = _HELD.get(key)
        if held is not None:
            self.asked += held.asked
            return
        before, noted = self.asked, self._noted()
        ask()
        if noted == self._noted():
            if len(_HELD) >= _HELD_KEPT:
                _HELD.clear()
            _HELD[key] = _Held(facts, self.asked - before)

    def _noted(self) -> int:
        return len(self.broken) + len(self.unknown) + len(self.missing)

    def not_provided(self, what: str) -> None:
        """Note that the organisation lacks the means for a part."""
        self.missing.append(what)

    def finding(self, holds: str) -> Finding:
        """End: ``holds`` is the sentence for an invariant that nothing speaks against."""
        if self.broken:
            return told(self.name, Outcome.BROKEN, tuple(self.broken), tuple(self.unknown))
        if self.unknown:
            return told(self.name, Outcome.UNKNOWN, tuple(self.unknown))
        if self.missing:
            return told(self.name, Outcome.NOT_PROVIDED, tuple(self.missing))
        if not self.asked:
            return Finding(
                self.name, Outcome.UNKNOWN, "There was nothing to ask: it holds of nothing."
            )
        told_of = (f"{self.asked} questions decided",)
        return Finding(self.name, Outcome.HOLDS, holds, told_of, asked=self.asked)


def told(
    name: str, verdict: Outcome, evidence: tuple[str, ...], undecided: tuple[str, ...] = ()
) -> Finding:
    """The finding that some evidence, never none, gives: its first line is the reason."""
    more = f" (and {len(evidence) - 1} more)" if len(evidence) > 1 else ""
    return Finding(name, verdict, f"{evidence[0]}{more}", evidence, undecided)


def at_the_first(check: Callable[[Graph], Finding], graph: Graph) -> Finding:
    """Ask an invariant, and end with the first thing that speaks against it or is in doubt."""
    token = _HASTY.set(True)
    try:
        return check(graph)
    except Enough as enough:
        return enough.finding
    finally:
        _HASTY.reset(token)


def not_provided(name: str, reason: str) -> Finding:
    """The finding where the organisation lacks the means."""
    return Finding(name, Outcome.NOT_PROVIDED, reason)


def without_a_side(name: str, graph: Graph, *sides: str) -> Finding | None:
    """The finding where the graph holds less than the invariant speaks of, else None."""
    missing = [side for side in sides if side not in graph.facts.sides]
    if not missing:
        return None
    return not_provided(
        name, f"It speaks of the {' and the '.join(missing)} side, not looked at here."
    )
