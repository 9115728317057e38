"""Every change of what an organisation declares is missed by an invariant, or shown."""

import pytest

from breakglass.errors import InvalidInput
from breakglass.proof.graph import Graph
from breakglass.proof.invariants import INVARIANTS
from breakglass.proof.mutants import hunt

KINDS = {
    "deny dropped",
    "principal widened",
    "resource widened",
    "flag flipped",
    "number lowered",
    "list emptied",
    "pattern narrowed",
    "pattern widened",
    "condition dropped",
    "resource dropped",
    "re-tiered",
    "word changed",
    "value dropped",
}
"""What somebody might do: drop a Deny, let more in, shorten, empty, narrow, unpin, re-tier."""


def test_an_invariant_misses_every_change(minimal: Graph) -> None:
    """Of the smallest organisation; the example is hunted by the bench."""
    found = hunt(minimal)
    assert len(found.results) >= 300
    assert {one.mutant.kind for one in found.results} >= KINDS
    assert [one.mutant.name for one in found.survivors] == []
    assert list(found.untouched_reads) == []
    assert all(one.reason for one in found.not_provided)
    # a mutant that no program could read is missed by accident
    unread = [one for one in found.results if one.reason.startswith("It cannot read it")]
    assert [one for one in unread if "InvalidInput: " not in one.reason] == []


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
