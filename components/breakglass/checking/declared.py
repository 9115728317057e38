"""What the kit's own program declares, without a cloud and without emulation."""

from pathlib import Path

from breakglass.checking.faults import program_faults
from breakglass.checking.organisation import graph_of
from breakglass.checking.recorder import Recorder
from breakglass.proof.graph import Graph
from breakglass.rehearsal.engine.program import run
from breakglass.rehearsal.engine.registration import Registration
from breakglass.rehearsal.stacks import programs_of
from breakglass.settings import Organisation


def declared(project: Path, file: Path, organisation: Organisation) -> Graph:
    """Return what the kit's own program declares for every side of an organisation file.

    ``project`` is the folder of its Pulumi.yaml. Nothing is made: names and ARNs are what they will
    be. Raises as `breakglass.rehearsal.engine.program.run` does.
    """
    programs, records = programs_of(project, file, organisation), dict[str, Registration]()
    for one in programs:
        with program_faults(project.resolve()):
            done = run(project, one.stack, one.config, Recorder(), preview=True, foreign=True)
        records |= done.records
    return graph_of(organisation, records, [one.side for one in programs])
