"""Every invariant with its verdict and what shows it."""

from collections.abc import Mapping, Sequence
from typing import Final

from breakglass.page.anchors import invariant_anchor
from breakglass.page.markup import Markup, tag, together
from breakglass.page.tables import Row, table
from breakglass.page.verdicts import Tone, chip, legend, sign
from breakglass.proof.finding import Finding, Outcome

MEANINGS: Final[Mapping[str, str]] = {
    Outcome.HOLDS: "Everything that was asked speaks for it, and the intended use is possible.",
    Outcome.BROKEN: "There is a counterexample.",
    Outcome.UNKNOWN: "It cannot be decided, which is no pass.",
    Outcome.NOT_PROVIDED: "The organisation lacks the means.",
}
"""What each verdict says."""

FOLDED_FROM: Final = 6
"""So many lines of evidence are folded; what falls short is shown before."""

_ORDER: Final = (Outcome.BROKEN, Outcome.UNKNOWN, Outcome.NOT_PROVIDED, Outcome.HOLDS)


def invariants_section(findings: Sequence[Finding]) -> Markup:
    """All invariants, those that fall short first."""
    ordered = sorted(findings, key=lambda one: _ORDER.index(one.verdict))
    columns = ("verdict", "invariant", "what was found")
    return tag(
        "section",
        tag("h2", "Invariants"),
        tag("p", "Asked of what the program declares, before anything is attacked."),
        legend((one.verdict for one in findings), MEANINGS),
        table("invariants", columns, map(_row, ordered), head=1, caption="Invariants")
        if findings
        else tag("p", sign(Tone.SHORT), "No invariant was asked.", class_="alone"),
        id="invariants",
    )


def _row(finding: Finding) -> Row:
    return Row(
        (chip(finding.verdict), finding.name.replace("_", " "), _found(finding)),
        id=invariant_anchor(finding.name),
        short=finding.falls_short,
    )


def _found(finding: Finding) -> Markup:
    """The reason, then the evidence; what falls short has its first line for its reason."""
    reason, evidence = finding.reason, finding.evidence
    if evidence and reason.startswith(evidence[0]):
        reason, evidence = evidence[0], evidence[1:]
    return together(
        tag("p", reason),
        _lines(evidence, "more" if len(evidence) < len(finding.evidence) else "lines of evidence"),
        tag("p", "Not decided besides:") if finding.undecided else None,
        _lines(finding.undecided, "questions"),
    )


def _lines(lines: Sequence[str], noun: str) -> Markup | None:
    if not lines:
        return None
    if len(lines) == 1:
        return tag("p", lines[0], class_="muted")
    items = tag("ul", (tag("li", line) for line in lines))
    if len(lines) < FOLDED_FROM:
        return items
    return tag("details", tag("summary", f"{len(lines)} {noun}"), items)
