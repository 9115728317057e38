"""The page says what the tests show, and agrees with what is not modelled."""

from collections import Counter
from pathlib import Path

import pytest

from breakglass.rehearsal.not_modelled import NOT_MODELLED
from breakglass.rehearsal.resources.overlay import OVERLAY
from tests.fidelity.iam import EXAMPLES
from tests.fidelity.page import PATH, ROWS, page
from tests.fidelity.row import Row

GAPS = {one.what for one in NOT_MODELLED} | set(OVERLAY)


def test_the_page_is_current() -> None:
    written = (Path(__file__).parents[2] / PATH).read_text(encoding="utf-8")
    assert written == page(), "run `make docs`"


def test_there_are_rows_enough_and_none_stands_there_twice() -> None:
    assert len(ROWS) >= 60
    assert len(EXAMPLES) >= 450
    said = Counter((one.area, one.what) for one in ROWS)
    assert [what for what, times in said.items() if times > 1] == []


@pytest.mark.parametrize("one", ROWS, ids=lambda one: one.what)
def test_a_row_names_its_page_and_where_it_differs_the_gap(one: Row) -> None:
    assert one.page.startswith("https://")
    assert (one.gap is None) == one.equal == (one.rehearsal == "the same")
    assert one.gap is None or one.gap in GAPS


def test_everything_that_is_not_modelled_has_a_row() -> None:
    assert {one.gap for one in ROWS if one.gap is not None} == GAPS
