"""Mutants: what somebody might change in a topology, and whether an invariant would miss it.

An invariant rests on what it reads. So every property that the resources of a graph have is changed
in the ways of its kind, each sort of place once (`mutate`), and each mutant is put before the
invariants that read what it touches (`hunt`). One that all of them are content with is a missing
invariant. Changes that weaken nothing are listed with the reason
(`breakglass.proof.mutants.harmless`).
"""

from breakglass.proof.mutants.harmless import HARMLESS, Harmless
from breakglass.proof.mutants.hunt import Hunt, MutantResult, hunt
from breakglass.proof.mutants.made import mutate
from breakglass.proof.mutants.mutant import Mutant

__all__ = ["HARMLESS", "Harmless", "Hunt", "Mutant", "MutantResult", "hunt", "mutate"]
