"""Any Pulumi program in Python held against the invariants, without a cloud and without emulation.

::

    graph = record("infra", "prod")
    report = check(graph, today=date.today())

`run_check` does both, and is what the command line, the pytest plugin and the policy pack use.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path

from breakglass.checking import inferred
from breakglass.checking.exemptions import Exemption, known_name
from breakglass.checking.graphs import accounts_of, resources_of, unread_in
from breakglass.checking.program import Recording, record_all
from breakglass.checking.report import CheckReport, Shortfall, check
from breakglass.checking.types import unreadable_among
from breakglass.proof.graph import Graph, Resource, Unread
from breakglass.rehearsal.engine.registration import Registration

__all__ = [
    "CheckReport",
    "Exemption",
    "Recording",
    "Shortfall",
    "check",
    "graph_of",
    "known_name",
    "record",
    "record_all",
    "report_of",
    "run_check",
]


def record(
    program: Path | str,
    stack: str | Iterable[str],
    config: Mapping[str, str] | None = None,
    *,
    org: Path | None = None,
) -> Graph:
    """Run the program of a folder without a cloud and return its graph.

    ``stack`` is one or several: all that make one topology. ``org`` is the organisation file; what
    it would tell is inferred from the program where there is none. Errors as in `record_all`.
    """
    recording = record_all(Path(program), _listed(stack), config)
    return _graph_of(recording, org)


def graph_of(
    name: str,
    stacks: Sequence[str],
    records: Mapping[str, Registration],
    *,
    org: Path | None = None,
    besides: Iterable[Unread] = (),
) -> Graph:
    """Return the graph of recorded resources, by URN, with the facts of a file or inferred ones.

    ``besides`` is what the program may declare that no resource shows.
    """
    everything = tuple(resources_of(records))
    unread = [*unread_in(records.values()), *besides]
    if not everything and not unread:
        unread.append(Unread(name, "", "It declares nothing, so there is nothing to hold"))
    if org is None:
        graph = inferred.graph_of(name, stacks, everything, accounts_of(records), unread)
    else:
        from breakglass.checking.organisation import (  # noqa: PLC0415 - loads the settings
            of_file,
        )

        graph = of_file(org, everything, records, unread)
    unreadable = tuple(unreadable_among(everything, graph))
    return Graph(graph.facts, graph.resources, (*graph.unread, *unreadable))


def run_check(  # noqa: PLR0913 - what a command line asks
    program: Path | str,
    stack: str | Iterable[str],
    *,
    today: date,
    config: Mapping[str, str] | None = None,
    org: Path | None = None,
    exemptions: Sequence[Exemption] = (),
    only: Sequence[str] = (),
) -> CheckReport:
    """Record a program and ask every invariant of it, or ``only`` some."""
    for name in only:
        known_name(name, "invariant")
    recording = record_all(Path(program), _listed(stack), config)
    return report_of(recording, today=today, org=org, exemptions=exemptions, only=only)


def report_of(
    recording: Recording,
    *,
    today: date,
    org: Path | None = None,
    exemptions: Sequence[Exemption] = (),
    only: Sequence[str] = (),
) -> CheckReport:
    """Ask every invariant of what was recorded, or ``only`` some."""
    everything: Sequence[Resource] = tuple(resources_of(recording.records))
    return check(
        _graph_of(recording, org),
        today=today,
        exemptions=exemptions,
        everything=everything,
        stacks=recording.stacks,
        only=only,
    )


def _graph_of(recording: Recording, org: Path | None) -> Graph:
    return graph_of(
        recording.project.name,
        recording.stacks,
        recording.records,
        org=org,
        besides=recording.unread,
    )


def _listed(stack: str | Iterable[str]) -> tuple[str, ...]:
    return (stack,) if isinstance(stack, str) else tuple(stack)
