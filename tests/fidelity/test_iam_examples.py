"""Every example of AWS's pages on policies is decided as the page says."""

import pytest

from breakglass.proof.evaluate import Evaluator, evaluate
from tests.fidelity.iam import EXAMPLES, Example
from tests.fidelity.iam.contradictions import CONTRADICTIONS, Contradiction


@pytest.mark.parametrize("one", EXAMPLES, ids=[f"{e.page.title}: {e.says}" for e in EXAMPLES])
def test_the_page_is_followed(one: Example) -> None:
    verdict = evaluate(one.request, one.layers)
    assert verdict.decision is one.aws, verdict
    assert Evaluator(one.layers).decide(one.request) == verdict


@pytest.mark.parametrize("one", CONTRADICTIONS, ids=[c.taken.says for c in CONTRADICTIONS])
def test_where_pages_contradict_each_other_one_reading_is_taken(one: Contradiction) -> None:
    assert evaluate(one.taken.request, one.taken.layers).decision is one.taken.aws
    assert one.there is not one.taken.aws


def test_no_example_stands_there_twice() -> None:
    said = [(one.page, one.says) for one in EXAMPLES]
    assert len(set(said)) == len(said)
