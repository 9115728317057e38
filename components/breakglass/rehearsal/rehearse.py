"""One rehearsal: apply both sides to emulated accounts, ask every invariant, try every attack."""

import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from breakglass.processes import beside
from breakglass.proof.graph import Graph
from breakglass.proof.invariants import check_all
from breakglass.rehearsal import evidence
from breakglass.rehearsal.attacks import ATTACKS
from breakglass.rehearsal.attacks.attack import AttackResult
from breakglass.rehearsal.attacks.run import not_tried, run
from breakglass.rehearsal.programs import Programs
from breakglass.rehearsal.report import Report, applied, kept_inputs
from breakglass.rehearsal.stacks import prepared_for
from breakglass.rehearsal.stage import Progress, Stage, stage
from breakglass.settings import Organisation, Side

_IN_THE_COPY: Final = len(ATTACKS) * 3 // 5
"""How many attacks are tried beside the invariants and the other attacks: as long as these take.
Those on GitHub, whose server is a thread of this process, are among the last."""


def rehearse(  # noqa: PLR0913 - the last three are choices that have defaults
    project: Path,
    file: Path,
    organisation: Organisation,
    *,
    side: Side | None = None,
    progress: Progress = lambda _: None,
    look: Callable[[Graph], None] = lambda _: None,
    programs: Programs | None = None,
) -> Report:
    """Rehearse ``organisation``, read from ``file``, with the program of the folder ``project``.

    ``side`` leaves the other one out, and with it the attacks; both when omitted. The edge side
    stands on the keeper side, which is applied first then and not reported.
    ``programs`` is where the program runs: in this process when omitted.
    ``look`` is shown what the program declares where all of it holds.
    Raises RehearsalError where the emulation has no true answer, InvalidInput where the program
    refuses the settings.
    """
    began = time.monotonic()
    with stage(
        project, file, organisation, side=side, progress=progress, programs=programs
    ) as standing:
        # what was declared, before an attack or its twin changes what stands
        declared = evidence.graph(standing)
        attacks_over = _attacking(standing)
        progress("asking the invariants")
        findings = check_all(declared)
        attacks = attacks_over(progress)
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


def _attacking(standing: Stage) -> Callable[[Progress], list[AttackResult]]:
    """Begin to attack, in a copy of this process; what is returned tries the rest here, and waits.

    Most attacks go from one side to the other, so on one alone none is tried.
    """
    if set(standing.runs) not in ({Side.ALL}, {Side.KEEPER, Side.EDGE}):
        (side,) = standing.runs
        return lambda _: [not_tried(one, f"Only the {side} side is rehearsed.") for one in ATTACKS]
    first, rest = ATTACKS[:_IN_THE_COPY], ATTACKS[_IN_THE_COPY:]
    beginning = beside(lambda: run(first, standing, lambda _: None))

    def over(progress: Progress) -> list[AttackResult]:
        progress("attacking")
        here = run(rest, standing, lambda title: progress(f"attacking: {title}"))
        return [*beginning(), *here]

    return over


def peak_memory() -> int:
    """Bytes that this process held at most so far (getrusage(2): KiB on Linux, bytes on macOS)."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
