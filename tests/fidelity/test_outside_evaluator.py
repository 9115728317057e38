"""Our evaluator against one from outside, over thousands of generated requests.

Skipped where ``reach-security`` is not installed (``requirements/differential.in``); it is a tool
of development under the AGPL, and nothing of the package uses it.
"""

from collections import Counter

import pytest

from breakglass.proof.evaluate import evaluate
from breakglass.proof.model import Decision
from tests.fidelity.budget import cases as so_many
from tests.fidelity.dice import cases
from tests.fidelity.disagreements import (
    CAUSES,
    EMPTY_SET,
    KEY_STAYS_AT_HOME,
    OTHER_QUESTION,
    Cause,
    cause_of,
)
from tests.fidelity.iam import EXAMPLES, Example
from tests.fidelity.outside import Outside

SEED, COUNT = 20261122, 2500


@pytest.fixture(scope="module")
def outside() -> Outside:
    why = "the evaluator from outside is not installed (requirements/differential.in)"
    engine = pytest.importorskip("reach.engine", reason=why)
    policy = pytest.importorskip("reach.policy", reason=why)
    return Outside(engine, policy, pytest.importorskip("reach.reference", reason=why))


def test_every_disagreement_has_a_cause_that_a_page_decides(outside: Outside) -> None:
    answers: Counter[Decision] = Counter()
    causes: Counter[Cause] = Counter()
    for case in cases(SEED, so_many(COUNT)):
        ours, theirs = (
            evaluate(case.request, case.layers),
            outside.decide(case.request, case.layers),
        )
        answers[ours.decision] += 1
        if ours.decision is not theirs:
            cause = cause_of(case, ours, theirs)
            assert cause is not None, f"ours {ours}\ntheirs {theirs}\n{case}"
            certain = Decision.UNKNOWN not in {ours.decision, theirs}
            assert certain == cause.opposed, (cause, case)
            causes[cause] += 1
    assert min(answers.values()) > COUNT // 50  # each answer is tried, not one alone
    assert sum(causes.values()) < sum(answers.values()) // 5
    assert set(causes) <= set(CAUSES)


DECIDED_OTHERWISE = {
    "another session": OTHER_QUESTION,
    "a role has no user name": OTHER_QUESTION,
    "ForAllValues:StringEquals on nothing: an empty text": EMPTY_SET,
    "kms:ScheduleKeyDeletion, which both accounts allow": KEY_STAYS_AT_HOME,
    "kms:DisableKey, which both accounts allow": KEY_STAYS_AT_HOME,
    "kms:PutKeyPolicy, which both accounts allow": KEY_STAYS_AT_HOME,
    "kms:TagResource, which both accounts allow": KEY_STAYS_AT_HOME,
}
"""Documented examples that the other decides against the page."""


def is_for_both(one: Example) -> bool:
    """Say whether the other knows such callers, and the page leaves nothing open."""
    who = one.request.principal
    plain = who.kind in {"user", "role"} and ":federated-user/" not in (who.session_arn or "")
    return plain and not one.layers.grants and one.aws is not Decision.UNKNOWN


def test_the_other_decides_the_documented_examples_as_the_pages_do(outside: Outside) -> None:
    asked = [one for one in EXAMPLES if is_for_both(one)]
    answers = {id(one): outside.decide(one.request, one.layers) for one in asked}
    wrong = [one.says for one in asked if answers[id(one)] not in {one.aws, Decision.UNKNOWN}]
    assert len(asked) > 400
    assert sorted(wrong) == sorted(DECIDED_OTHERWISE)
