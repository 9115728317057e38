"""A stack file: which side, and nothing that nobody reads."""

from typing import Any

import pytest
from shipped import shipped

from breakglass.errors import InvalidInput, InvalidInputs
from breakglass.settings import LockMode, Side, check_side, parse, side_of

KEEPER = {"breakglass:organisation": "example.yaml", "breakglass:side": "keeper"}


def test_one_stack_over_both_sides_is_refused_in_production() -> None:
    with pytest.raises(InvalidInput, match=r"breakglass:side.*keeper or edge"):
        check_side(parse(shipped()), Side.ALL)


@pytest.mark.parametrize("side", [Side.KEEPER, Side.EDGE])
def test_one_side_is_taken_in_production(side: Side) -> None:
    check_side(parse(shipped()), side)


@pytest.mark.parametrize(
    "changes", [{"small": True}, {"production": False, "retention.mode": LockMode.GOVERNANCE}]
)
def test_a_small_organisation_or_a_trial_may_hold_both_sides(changes: dict[str, Any]) -> None:
    check_side(parse(shipped(changes=changes)), Side.ALL)


@pytest.mark.parametrize("side", ["keeper", "edge"])
def test_the_side_is_the_one_that_the_file_says(side: str) -> None:
    assert side_of(parse(shipped()), KEEPER | {"breakglass:side": side}) is Side(side)


@pytest.mark.parametrize(
    ("side", "accepted"),
    [
        ("keper", "'keper' is not accepted; give keeper, or another one of keeper, edge, all"),
        ("all", "'all' is not accepted; give keeper or edge"),
        (7, "7 is not accepted; give one of keeper, edge, all"),
        (None, "None is not accepted; give one of keeper, edge, all"),
    ],
)
def test_a_side_that_there_is_not_is_refused_by_what_would_do(side: object, accepted: str) -> None:
    with pytest.raises(InvalidInputs, match=f"breakglass:side: {accepted}"):
        side_of(parse(shipped()), KEEPER | {"breakglass:side": side})


def test_a_key_that_nothing_reads_is_refused_by_the_one_that_was_meant() -> None:
    wrong = {"breakglass:organisation": "example.yaml", "breakglass:sied": "https://secret.example"}
    with pytest.raises(InvalidInputs, match="give breakglass:side, or another") as caught:
        side_of(parse(shipped()), wrong)
    assert [fault.seen for fault in caught.value.faults] == ["breakglass:sied", None]
    assert "https" not in str(caught.value), "it may be a secret"


def test_the_secret_of_a_pager_is_a_key_that_is_read() -> None:
    pager = {"pager.+": {"protocol": "https", "secret": "pager-url"}}
    given = KEEPER | {"breakglass:pager-url": "https://secret.example"}
    assert side_of(parse(shipped(changes=pager)), given) is Side.KEEPER
    with pytest.raises(InvalidInputs, match="breakglass:pager-url"):
        side_of(parse(shipped()), given)
