"""The report of a check on a terminal. Nothing is decided here."""

from collections import Counter
from collections.abc import Iterator
from typing import Final

from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.text import Text

from breakglass.checking import CheckReport, Shortfall
from breakglass.cli.terminal import INDENTED, listing, print_titled
from breakglass.proof.finding import Finding, Outcome

STYLES: Final = {
    Outcome.HOLDS: "green",
    Outcome.BROKEN: "bold red",
    Outcome.UNKNOWN: "bold red",
    Outcome.NOT_PROVIDED: "yellow",
}
"""Colour of a verdict; the word says the same without colour."""

MOST_EVIDENCE: Final = 5
"""So many counterexamples of an invariant are told; the report as JSON has them all."""


def show(report: CheckReport, console: Console) -> None:
    """Print what was found, what falls short last, where it is read first."""
    print_titled(
        console,
        ("Invariants", _invariants(report, console.width)),
        ("Not looked at", _not_looked_at(report)),
        ("Exceptions", _exceptions(report)),
        ("What falls short", _shortfalls(report)),
        ("In short", _summary(report)),
    )


def _invariants(report: CheckReport, width: int) -> Iterator[RenderableType]:
    rows = [
        (
            Text(one.verdict.value, style=STYLES[one.verdict]),
            Text(one.name),
            Text(_reason(one)),
        )
        for one in report.findings
    ]
    yield listing(("verdict", "invariant", "reason"), rows, width)


def _reason(finding: Finding) -> str:
    """What falls short is told below, each thing with its line."""
    count = len(finding.evidence) + len(finding.undecided)
    return f"{count} below" if finding.falls_short else finding.reason


def _not_looked_at(report: CheckReport) -> Iterator[RenderableType]:
    """No invariant speaks of these: nothing is said of them, good or bad."""
    if report.not_looked_at:
        said = ", ".join(f"{type_}\u00a0{count}" for type_, count in report.not_looked_at.items())
        yield Padding(Text(said), INDENTED)


def _exceptions(report: CheckReport) -> Iterator[RenderableType]:
    passed = Counter(id(one.exemption) for one in report.exempted)
    for one in dict.fromkeys(s.exemption for s in report.exempted if s.exemption):
        count = passed[id(one)]
        yield Padding(Text(f"{one} until {one.until}, {count} let pass: {one.reason}"), INDENTED)
    for one in report.unused:
        said = f"{one} until {one.until} matches nothing: it can go. {one.reason}"
        yield Padding(Text(said, style="yellow"), INDENTED)
    for one in report.expired:
        said = f"{one} ended on {one.until}, so it fails: {one.reason}"
        yield Padding(Text(said, style="bold red"), INDENTED)


def _shortfalls(report: CheckReport) -> Iterator[RenderableType]:
    by_name: dict[tuple[str, Outcome], list[Shortfall]] = {}
    for one in report.shortfalls:
        by_name.setdefault((one.invariant, one.verdict), []).append(one)
    for (name, verdict), found in by_name.items():
        yield Text(f"{verdict.value} {name}", style=STYLES[verdict])
        for one in found[:MOST_EVIDENCE]:
            yield Padding(Text(_told(one)), INDENTED)
        if len(found) > MOST_EVIDENCE:
            yield Padding(Text(f"and {len(found) - MOST_EVIDENCE} more; --json has all"), INDENTED)


def _told(shortfall: Shortfall) -> str:
    """The line first, as compilers do, where the words do not have it."""
    source = shortfall.source
    return (
        shortfall.text if not source or source in shortfall.text else f"{source}: {shortfall.text}"
    )


def _summary(report: CheckReport) -> Iterator[RenderableType]:
    counts = Counter(one.verdict for one in report.findings)
    told = ", ".join(f"{counts[verdict]} {verdict.value}" for verdict in Outcome)
    ending = "falls short" if report.falls_short else "nothing falls short"
    style = "bold red" if report.falls_short else "green"
    yield Text(f"{report.program} ({', '.join(report.stacks)}): {told}; {ending}", style=style)
