"""What a rehearsal hands to the proof: the resources as applied, the settings as plain facts."""

from breakglass.checking.organisation import facts, graph_of
from breakglass.proof.graph import Graph
from breakglass.rehearsal.stage import Stage

__all__ = ["facts", "graph", "graph_of"]


def graph(stage: Stage) -> Graph:
    """Return what the program declared on a stage, for the sides that were applied."""
    return graph_of(stage.organisation, stage.records, stage.runs.keys())
