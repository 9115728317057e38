"""One rehearsal: apply both sides to emulated accounts, ask every invariant, try every attack."""

import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path

from breakglass.processes import beside
from breakglass.proof.graph import Graph
from breakglass.proof.invariants import check_all
from breakglass.rehearsal import evidence
from breakglass.rehearsal.attacks import ATTACKS
from breakglass.rehearsal.attacks.attack import AttackResult
from breakglass.rehearsal.attacks.run import not_tried, run
from breakglass.rehearsal.report import Report, applied, kept_inputs
from breakglass.rehearsal.stacks import prepared_for
from breakglass.rehearsal.stage import Progress, Stage, stage
from breakglass.settings import Organisation, Side


def rehearse(  # noqa: PLR0913 - the last three are choices that have defaults
    project: Path,
    file: Path,
    organisation: Organisation,
    *,
    side: Side | None = None,
    progress: Progress = lambda _: None,
    look: Callable[[Graph], None] = lambda _: None,
) -> Report:
    """Rehearse ``organisation``, read from ``file``, with the program of the folder ``project``.

    ``side`` leaves the other one out, and with it the attacks; both when omitted. The edge side
    stands on the keeper side, which is applied first then and not reported.
    ``look`` is shown what the program declares where all of it holds.
    Raises RehearsalError where the emulation has no true answer, InvalidInput where the program
    refuses the settings.
    """
    began = time.monotonic()
    with stage(project, file, organisation, side=side, progress=progress) as standing:
        # what was declared, before an attack or its twin changes what stands
        declared = evidence.graph(standing)
        progress("asking the invariants")
        asked = beside(lambda: check_all(declared))
        attacks = _attacked(standing, progress)
        findings = asked()
        if not any(finding.falls_short for finding in findings):
            look(declared)
        return Report(
            organisation=organisation.name,
            sides=tuple(declared.facts.sides),
            accounts=applied(declared, github=organisation.github.organization),
            attacks=tuple(attacks),
            findings=tuple(findings),
            kept=kept_inputs(standing.kept),
            seconds=time.monotonic() - began,
            peak_memory=peak_memory(),
            prepared=prepared_for(side),
        )


def _attacked(standing: Stage, progress: Progress) -> list[AttackResult]:
    """Try every attack. Most go from one side to the other, so on one alone none is tried."""
    if set(standing.runs) in ({Side.ALL}, {Side.KEEPER, Side.EDGE}):
        progress("attacking")
        half = len(ATTACKS) // 2  # those on GitHub, whose server is a thread of this process, last
        first = beside(lambda: run(ATTACKS[:half], standing, lambda _: None))
        second = run(ATTACKS[half:], standing, lambda title: progress(f"attacking: {title}"))
        return [*first(), *second]
    (side,) = standing.runs
    return [not_tried(attack, f"Only the {side} side is rehearsed.") for attack in ATTACKS]


def peak_memory() -> int:
    """Bytes that this process held at most so far (getrusage(2): KiB on Linux, bytes on macOS)."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
