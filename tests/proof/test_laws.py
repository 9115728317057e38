"""What holds for every policy: the fast form against the plain one, and the laws of evaluation."""

import random
from collections.abc import Mapping
from dataclasses import replace
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from breakglass.proof.evaluate import Evaluator, evaluate
from breakglass.proof.model import UNKNOWN_VALUE, Decision, Layers, Policy, Request
from tests.support.policies import (
    KEYS,
    RANK,
    layers_of_policies,
    policies,
    requests,
    some,
    statements,
    values,
)

LAWS = settings(max_examples=50)


@settings(max_examples=200)
@given(requests(), layers_of_policies)
def test_the_fast_form_agrees_with_the_plain_one(
    reference: ModuleType, request_: Request, under: Layers
) -> None:
    assert evaluate(request_, under).decision is reference.decide(request_, under)


@LAWS
@given(requests(), layers_of_policies, statements(effects=("Deny",)))
def test_adding_a_deny_never_allows_more(
    request_: Request, under: Layers, body: dict[str, Any]
) -> None:
    deny = Policy("more", {"Version": "2012-10-17", "Statement": [body]})
    more = replace(under, identity=[*under.identity, deny])
    assert RANK[evaluate(request_, more).decision] <= RANK[evaluate(request_, under).decision]


@LAWS
@given(requests(), layers_of_policies, policies())
def test_adding_a_boundary_or_an_scp_level_never_allows_more(
    request_: Request, under: Layers, policy: Policy
) -> None:
    before = RANK[evaluate(request_, replace(under, boundary=None)).decision]
    assert RANK[evaluate(request_, replace(under, boundary=policy)).decision] <= before
    before = RANK[evaluate(request_, under).decision]
    level = replace(under, scps=[*under.scps, [policy]])
    assert RANK[evaluate(request_, level).decision] <= before


@LAWS
@given(requests(), layers_of_policies, st.randoms())
def test_the_order_of_statements_decides_nothing(
    request_: Request, under: Layers, chance: random.Random
) -> None:
    def shuffled(policy: Policy) -> Policy:
        bodies = list(policy.document["Statement"])
        chance.shuffle(bodies)
        return Policy(policy.name, {**policy.document, "Statement": bodies})

    other = replace(
        under,
        identity=[shuffled(policy) for policy in reversed(under.identity)],
        boundary=under.boundary and shuffled(under.boundary),
        resource=under.resource and shuffled(under.resource),
        scps=[[shuffled(policy) for policy in level] for level in under.scps],
    )
    assert evaluate(request_, other).decision is evaluate(request_, under).decision


@LAWS
@given(requests(), layers_of_policies, some(KEYS), st.none() | values)
def test_what_is_certain_of_an_unknown_key_holds_for_every_value_and_for_none(
    request_: Request, under: Layers, key: str, value: object
) -> None:
    without = {name: seen for name, seen in request_.context.items() if name != key}
    blind = replace(request_, context={**without, key: UNKNOWN_VALUE})
    seen = replace(request_, context=without if value is None else {**without, key: value})
    certain = evaluate(blind, under).decision
    assert certain in {Decision.UNKNOWN, evaluate(seen, under).decision}


@LAWS
@given(requests(), layers_of_policies)
def test_case_of_actions_and_key_names_decides_nothing(request_: Request, under: Layers) -> None:
    context: Mapping[str, Any] = {key.upper(): value for key, value in request_.context.items()}
    other = replace(request_, action=request_.action.upper(), context=context)
    assert evaluate(other, under).decision is evaluate(request_, under).decision


@LAWS
@given(st.lists(requests(), min_size=2, max_size=4), layers_of_policies)
def test_an_evaluator_remembers_nothing_of_earlier_requests(
    asked: list[Request], under: Layers
) -> None:
    decide = Evaluator(under).decide
    assert [decide(one) for one in asked] == [evaluate(one, under) for one in asked]


@pytest.mark.parametrize("which", ["ten_statements", "ten_matching_statements", "seven_layers"])
def test_the_published_policies_are_decided_as_the_plain_form_decides(
    which: str, bench: ModuleType, reference: ModuleType
) -> None:
    under = bench.seven_layers() if which == "seven_layers" else bench.layers(which)
    decide = Evaluator(under).decide
    for request in bench.requests(150):
        assert decide(request).decision is reference.decide(request, under)
