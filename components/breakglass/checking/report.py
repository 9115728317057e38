"""What a check found: what falls short and where, what is exempted, what nobody looked at."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from breakglass.checking.asking import ask_all
from breakglass.checking.exemptions import Exemption, refuse_endless
from breakglass.checking.places import finder
from breakglass.checking.types import not_looked_at
from breakglass.proof.finding import Finding, Outcome
from breakglass.proof.graph import Graph, Resource

JSON_VERSION: Final = 1
"""Of the form that `CheckReport.as_json` gives; a key that goes or means something else raises
it."""


@dataclass(frozen=True, slots=True)
class Shortfall:
    """One thing that is not as it should be."""

    invariant: str
    verdict: Outcome
    """BROKEN or UNKNOWN."""
    text: str
    resource: Resource | None
    """What it is about; None where it is about no one resource."""
    exemption: Exemption | None = None
    """By which it is let pass."""

    @property
    def source(self) -> str:
        """The line of its resource, such as ``infra/__main__.py:12``; empty where it has none."""
        return "" if self.resource is None else self.resource.source

    def as_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {
            "invariant": self.invariant,
            "verdict": self.verdict.value,
            "text": self.text,
            "resource": None if self.resource is None else self.resource.name,
            "source": self.source,
        }


@dataclass(frozen=True, slots=True)
class CheckReport:
    """The findings on one program, and what is exempted of them."""

    program: str
    """Name of the project."""
    stacks: Sequence[str]
    findings: Sequence[Finding]
    """As the invariants gave them, exempted or not."""
    shortfalls: Sequence[Shortfall]
    """What fails the check."""
    exempted: Sequence[Shortfall]
    """What would fail it and is let pass; each with its exemption."""
    expired: Sequence[Exemption]
    """Exemptions whose end has come: each fails the check, whatever it spoke of."""
    unused: Sequence[Exemption]
    """Exemptions that nothing needs any more."""
    not_looked_at: Mapping[str, int]
    """Type to how many resources no invariant was asked about."""

    @property
    def falls_short(self) -> bool:
        """Whether the check fails."""
        return bool(self.shortfalls or self.expired)

    def as_json(self) -> dict[str, Any]:
        """Plain JSON values; keys are never renamed within one ``version``."""
        return {
            "version": JSON_VERSION,
            "program": self.program,
            "stacks": list(self.stacks),
            "falls_short": self.falls_short,
            "invariants": [
                {
                    "name": one.name,
                    "verdict": one.verdict.value,
                    "reason": one.reason,
                    "evidence": list(one.evidence),
                    "undecided": list(one.undecided),
                }
                for one in self.findings
            ],
            "shortfalls": [one.as_json() for one in self.shortfalls],
            "exempted": [
                one.as_json() | {"exemption": _as_json(one.exemption)}
                for one in self.exempted
                if one.exemption
            ],
            "expired": [_as_json(one) for one in self.expired],
            "unused": [_as_json(one) for one in self.unused],
            "not_looked_at": dict(self.not_looked_at),
        }

    def as_sarif(self, *, prefix: str = "") -> dict[str, Any]:
        """SARIF 2.1.0; ``prefix`` is the program's folder within its repository, ``shop/``."""
        from breakglass.checking.sarif import log  # noqa: PLC0415 - the two need each other

        return log(self, prefix=prefix)


def _as_json(exemption: Exemption) -> dict[str, str]:
    return {
        "invariant": exemption.invariant,
        "resource": exemption.resource,
        "reason": exemption.reason,
        "until": exemption.until.isoformat(),
    }


def check(  # noqa: PLR0913 - what a command line asks
    graph: Graph,
    *,
    today: date,
    exemptions: Sequence[Exemption] = (),
    everything: Sequence[Resource] | None = None,
    stacks: Sequence[str] = (),
    only: Sequence[str] = (),
) -> CheckReport:
    """Ask every invariant, or ``only`` some, of a graph, and hold the answer against exemptions.

    ``everything`` is what the program declares, also what is not in the graph because no invariant
    asks for it; the graph's own resources when omitted. Raises `InvalidInputs` for exemptions that
    end more than a year from ``today``.
    """
    refuse_endless(exemptions, today)
    findings = [one for one in ask_all(graph) if not only or one.name in only]
    standing = [one for one in exemptions if today <= one.until]
    judged = [_judged(one, standing) for one in _shortfalls(findings, graph)]
    used = {id(one.exemption) for one in judged if one.exemption}
    return CheckReport(
        program=graph.facts.name,
        stacks=tuple(stacks),
        findings=tuple(findings),
        shortfalls=tuple(one for one in judged if one.exemption is None),
        exempted=tuple(one for one in judged if one.exemption is not None),
        expired=tuple(one for one in exemptions if one.until < today),
        unused=tuple(one for one in standing if id(one) not in used),
        not_looked_at=not_looked_at(
            graph.resources if everything is None else everything, graph.resources
        ),
    )


def _shortfalls(findings: Sequence[Finding], graph: Graph) -> list[Shortfall]:
    find = finder(graph.resources)
    return [
        Shortfall(finding.name, verdict, line, find(line))
        for finding in findings
        if finding.falls_short
        for verdict, lines in (
            (finding.verdict, finding.evidence or (finding.reason,)),
            (Outcome.UNKNOWN, finding.undecided),
        )
        for line in lines
    ]


def _judged(shortfall: Shortfall, exemptions: Sequence[Exemption]) -> Shortfall:
    found = (one for one in exemptions if one.covers(shortfall.invariant, shortfall.resource))
    exemption = next(found, None)
    return Shortfall(
        shortfall.invariant, shortfall.verdict, shortfall.text, shortfall.resource, exemption
    )
