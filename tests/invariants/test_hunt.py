"""Every change of what an organisation declares is missed by an invariant, or shown."""

import pytest

from breakglass.errors import InvalidInput
from breakglass.proof.graph import Graph
from breakglass.proof.invariants import INVARIANTS
from breakglass.proof.mutants import hunt


def test_an_invariant_misses_every_change(minimal: Graph) -> None:
    """Of the smallest organisation; the example is hunted by the bench."""
    found = hunt(minimal)
    assert len(found.results) >= 300
    assert [one.mutant.name for one in found.survivors] == []
    assert list(found.untouched_reads) == []
    assert all(one.reason for one in found.not_provided)


def test_a_change_survives_where_the_invariant_that_misses_it_is_not_asked(
    minimal: Graph, monkeypatch: pytest.MonkeyPatch
) -> None:
    one_alone = {"enforce_admins_holds": INVARIANTS["enforce_admins_holds"]}
    monkeypatch.setitem(hunt.__globals__, "INVARIANTS", one_alone)
    found = hunt(minimal, processes=1)
    assert found.falls_short
    killed = {one.mutant.resource for one in found.results if one.killed_by}
    survived = {one.mutant.resource for one in found.survivors}
    assert any("protection" in name for name in killed)
    assert any("vault" in name for name in survived)


def test_what_does_not_hold_is_not_mutated(minimal: Graph) -> None:
    broken = Graph(minimal.facts, [one for one in minimal.resources if "Trail" not in one.type])
    with pytest.raises(InvalidInput, match="a topology that holds"):
        hunt(broken)
