"""The matcher of event patterns against AWS's examples, and against moto's by the thousand."""

import json
from collections import Counter
from typing import Any

import pytest
from moto.events.models import EventPattern

from breakglass.errors import InvalidInput
from breakglass.patterns import Index, Pattern
from tests.fidelity.budget import cases as so_many
from tests.fidelity.event_dice import PECULIARITIES, EventCase, cases
from tests.fidelity.event_patterns import DIFFERENCES, EXAMPLES, ON_THE_SAMPLE, SAMPLE

SEED, COUNT = 20261122, 3300

REFUSED = "refused"


@pytest.mark.parametrize("pattern", ON_THE_SAMPLE, ids=json.dumps)
def test_the_sample_event_matches_each_pattern_of_its_page(pattern: dict[str, Any]) -> None:
    assert Pattern(pattern).matches(SAMPLE)


@pytest.mark.parametrize(
    ("pattern", "event", "matches"),
    [one[2:] for one in EXAMPLES],
    ids=[f"{page.title}: {says}" for page, says, *_ in EXAMPLES],
)
def test_an_example_of_a_page_matches_as_the_page_says(
    pattern: dict[str, Any], event: dict[str, Any], *, matches: bool
) -> None:
    assert Pattern(pattern).matches(event) is matches


def ours(case: EventCase) -> bool | str:
    try:
        pattern = Pattern(case.pattern)
    except InvalidInput:
        return REFUSED
    matched = pattern.matches(case.event)
    assert Index({"rule": pattern}).matching(case.event) == (["rule"] if matched else [])
    return matched


def motos(case: EventCase) -> bool:
    return bool(EventPattern.load(json.dumps(case.pattern)).matches_event(case.event))


def test_every_disagreement_with_moto_comes_of_a_peculiarity_that_a_page_decides() -> None:
    answers: Counter[bool | str] = Counter()
    differing: Counter[str | None] = Counter()
    for case in cases(SEED, so_many(COUNT)):
        answer = ours(case)
        answers[answer] += 1
        if answer != motos(case):
            differing[case.peculiarity] += 1
            assert case.peculiarity is not None, case
    assert answers[True] > COUNT // 10
    assert set(differing) == set(DIFFERENCES) == set(PECULIARITIES)
