"""Every invariant asked of a graph, also where the program tells only some of what they ask for."""

from collections.abc import Sequence
from typing import Final

from breakglass.checking import parts
from breakglass.checking.inferred import record_buckets
from breakglass.checking.parts import NEEDS, UNLISTED, Need
from breakglass.checking.roles import roles_elsewhere
from breakglass.checking.views import views_of
from breakglass.errors import BreakGlassError
from breakglass.proof.finding import IMPOSSIBLE, Finding, Outcome, told
from breakglass.proof.graph import Facts, Graph
from breakglass.proof.invariants import INVARIANTS, Check

READABLE: Final = "everything_can_be_read"
"""The name under which it is told what of a program cannot be read."""


def ask_all(graph: Graph) -> list[Finding]:
    """Ask every invariant, and whether everything can be read.

    Nothing that a graph holds raises: what cannot be decided is UNKNOWN, with the reason.
    """
    return [_readable(graph), *(_asked(name, check, graph) for name, check in INVARIANTS.items())]


def _readable(graph: Graph) -> Finding:
    if graph.unread:
        return told(READABLE, Outcome.UNKNOWN, tuple(map(str, graph.unread)))
    count = f"{len(graph.resources)} resources read"
    return Finding(READABLE, Outcome.HOLDS, "All that the program declares can be read.", (count,))


def _asked(name: str, check: Check, graph: Graph) -> Finding:
    if not graph.facts.lacks:
        return _decided(name, check, graph)
    need = NEEDS.get(name, UNLISTED)
    reasons = [graph.facts.lacks[part] for part in need.first if part in graph.facts.lacks]
    if reasons:
        return told(name, Outcome.NOT_PROVIDED, (reasons[0],))
    try:
        views = [*views_of(name, graph)]
    except BreakGlassError as error:
        return told(name, Outcome.UNKNOWN, (f"{error}",))
    if not views:
        return told(name, Outcome.NOT_PROVIDED, (parts.REASONS[need.first[0]],))
    findings = [_softened(_decided(name, check, view), need, view) for view in views]
    return _with_gaps(_joined(name, findings), need, graph.facts)


def _decided(name: str, check: Check, graph: Graph) -> Finding:
    """Ask one invariant. What it cannot read is no verdict, so it is UNKNOWN, and fails."""
    try:
        return check(graph)
    except BreakGlassError as error:
        return told(name, Outcome.UNKNOWN, (f"{error}",))
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        why = f"It cannot read what the program declares: {type(error).__name__}: {error}"
        return told(name, Outcome.UNKNOWN, (why,))


# --- findings of several views --------------------------------------------------------------------


def _softened(finding: Finding, need: Need, view: Graph) -> Finding:
    """Take back what a guess broke.

    That somebody is refused who may not be meant at all, and what is said of a role or a bucket
    that another program declares.
    """
    if finding.verdict is not Outcome.BROKEN:
        return finding
    others = roles_elsewhere(view)
    lines = [line for line in finding.evidence if not any(arn in line for arn in others)]
    soft = [line for line in lines if line.startswith(IMPOSSIBLE)]
    elsewhere = _is_elsewhere(view)
    if not (need.guessed or elsewhere or parts.PLACES in view.facts.lacks):
        soft = []
    hard = tuple(line for line in lines if line not in soft)
    asked = () if elsewhere else tuple(f"Is it meant to be so? {line}" for line in soft)
    unsure = (*finding.undecided, *asked)
    if hard:
        return told(finding.name, Outcome.BROKEN, hard, unsure)
    if unsure:
        return told(finding.name, Outcome.UNKNOWN, unsure)
    missing = f"the bucket {view.facts.vault}" if elsewhere else ", ".join(sorted(others))
    reason = f"It rests on what is not declared here: {missing}."
    return told(finding.name, Outcome.NOT_PROVIDED, (reason,))


def _is_elsewhere(view: Graph) -> bool:
    """Whether the record goes to a bucket that another program declares."""
    return bool(view.facts.vault) and view.facts.vault not in record_buckets(view.resources)


_WORST_FIRST: Final = (Outcome.BROKEN, Outcome.UNKNOWN, Outcome.NOT_PROVIDED, Outcome.HOLDS)


def _joined(name: str, findings: Sequence[Finding]) -> Finding:
    """Return the worst of several findings, with the evidence of all as bad."""
    verdict = next(v for v in _WORST_FIRST if any(one.verdict is v for one in findings))
    worst = [one for one in findings if one.verdict is verdict]
    if len(findings) == 1 or verdict is Outcome.HOLDS:
        return worst[0]
    unsure = [line for one in findings for line in one.undecided]
    if verdict is Outcome.BROKEN:
        unsure += [
            line for one in findings if one.verdict is Outcome.UNKNOWN for line in one.evidence
        ]
    lines = dict.fromkeys(line for one in worst for line in one.evidence or (one.reason,))
    return told(name, verdict, tuple(lines), tuple(dict.fromkeys(unsure)))


def _with_gaps(finding: Finding, need: Need, facts: Facts) -> Finding:
    """Where it holds as far as it was asked, say what it was not asked."""
    unsure = tuple(facts.lacks[part] for part in need.unsure if part in facts.lacks)
    if unsure and not finding.falls_short:
        return told(finding.name, Outcome.UNKNOWN, unsure)
    gaps = [facts.lacks[part] for part in need.besides if part in facts.lacks]
    if finding.verdict is Outcome.HOLDS and gaps:
        return told(finding.name, Outcome.NOT_PROVIDED, (f"So far it holds. {gaps[0]}",))
    return finding
