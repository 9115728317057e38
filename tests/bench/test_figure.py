"""A floor is kept or missed, and says so."""

import pytest

from tests.bench.figure import Figure, shown


@pytest.mark.parametrize(
    ("figure", "floor", "holds"),
    [
        (Figure("time", 8, "s", at_most=8), "<= 8", True),
        (Figure("time", 8.1, "s", at_most=8), "<= 8", False),
        (Figure("rate", 100_000, "decisions/s", at_least=100_000), ">= 100,000", True),
        (Figure("rate", 99_999, "decisions/s", at_least=100_000), ">= 100,000", False),
        (Figure("for information", 42, "s"), "", True),
    ],
)
def test_a_figure_says_whether_its_floor_holds(figure: Figure, floor: str, *, holds: bool) -> None:
    assert (figure.floor, figure.holds) == (floor, holds)


def test_numbers_are_shown_with_three_digits() -> None:
    assert [shown(number) for number in (0.123456, 12.345, 332_123.4)] == [
        "0.123",
        "12.3",
        "332,123",
    ]
