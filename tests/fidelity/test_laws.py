"""Laws of AWS's evaluation logic that hold for every policy and every request.

``tests/proof/test_laws.py`` holds the fast evaluator to the plain one; these hold both to what AWS
says of policies as such. More examples: ``BREAKGLASS_SEARCH=20``.
"""

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import product
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from breakglass.proof.evaluate import Evaluator, evaluate
from breakglass.proof.model import UNKNOWN_VALUE, Decision, Layers, Policy, Request
from tests.fidelity.budget import examples
from tests.support.policies import (
    KEYS,
    RANK,
    TEXTS,
    layers_of_policies,
    policies,
    requests,
    some,
    statements,
)

Body = Mapping[str, Any]
Change = Callable[[Body, random.Random], Sequence[Body]]
"""What stands in place of a statement."""

_LISTS = ("Action", "NotAction", "Resource", "NotResource")


def decided(request: Request, layers: Layers) -> Decision:
    return evaluate(request, layers).decision


def lets_through(request: Request, layers: Layers) -> int:
    return RANK[decided(request, layers)]


def rewritten(layers: Layers, change: Callable[[Policy], Policy]) -> Layers:
    """Change every policy of every layer."""
    return Layers(
        identity=[change(policy) for policy in layers.identity],
        boundary=layers.boundary and change(layers.boundary),
        session=[change(policy) for policy in layers.session],
        resource=layers.resource and change(layers.resource),
        scps=[[change(policy) for policy in level] for level in layers.scps],
        rcps=[[change(policy) for policy in level] for level in layers.rcps],
        grants=layers.grants,
    )


def by_statement(layers: Layers, change: Change, chance: random.Random) -> Layers:
    """Put other statements in place of each statement."""

    def changed(policy: Policy) -> Policy:
        bodies = [new for body in policy.document["Statement"] for new in change(body, chance)]
        return Policy(policy.name, {**policy.document, "Statement": bodies})

    return rewritten(layers, changed)


# --- what is neutral ---------------------------------------------------------------------------


def with_another_sid(body: Body, chance: random.Random) -> Sequence[Body]:
    return [{**body, "Sid": f"S{chance.randrange(10**6)}"}]


def with_lists_shuffled(body: Body, chance: random.Random) -> Sequence[Body]:
    def shuffled(values: Sequence[str]) -> Sequence[str]:
        return chance.sample(values, len(values))

    lists = {name: shuffled(body[name]) for name in _LISTS if name in body}
    conditions = {
        operator: {key: shuffled(wanted) for key, wanted in keys.items()}
        for operator, keys in reversed(body["Condition"].items())
    }
    return [{**body, **lists, "Condition": conditions}]


def with_everything_said_twice(body: Body, _chance: random.Random) -> Sequence[Body]:
    return [{**body, **{name: body[name] * 2 for name in _LISTS if name in body}}] * 2


def with_single_texts_for_lists_of_one(body: Body, _chance: random.Random) -> Sequence[Body]:
    def single(values: Any) -> Any:  # noqa: ANN401 - JSON
        return values[0] if isinstance(values, list) and len(values) == 1 else values

    conditions = {
        operator: {key: single(wanted) for key, wanted in keys.items()}
        for operator, keys in body["Condition"].items()
    }
    lists = {name: single(body[name]) for name in _LISTS if name in body}
    return [{**body, **lists, "Condition": conditions}]


def with_actions_and_keys_in_another_case(body: Body, chance: random.Random) -> Sequence[Body]:
    def recased(text: str) -> str:
        return "".join(chance.choice((one.lower(), one.upper())) for one in text)

    actions = {name: [recased(text) for text in body[name]] for name in _LISTS[:2] if name in body}
    conditions = {
        operator: {recased(key): wanted for key, wanted in keys.items()}
        for operator, keys in body["Condition"].items()
    }
    return [{**body, **actions, "Condition": conditions}]


def with_a_statement_for_each_action(body: Body, _chance: random.Random) -> Sequence[Body]:
    return [{**body, "Action": action} for action in body["Action"]] if "Action" in body else [body]


def with_a_statement_for_each_resource(body: Body, _chance: random.Random) -> Sequence[Body]:
    if "Resource" not in body or any("${" in text for text in body["Resource"]):
        return [body]  # a variable without value may spoil the statement that it stands in
    return [{**body, "Resource": resource} for resource in body["Resource"]]


NEUTRAL: Sequence[Change] = (
    with_another_sid,
    with_lists_shuffled,
    with_everything_said_twice,
    with_single_texts_for_lists_of_one,
    with_actions_and_keys_in_another_case,
    with_a_statement_for_each_action,
    with_a_statement_for_each_resource,
)


@examples(35)
@given(requests(), layers_of_policies, st.randoms())
def test_how_a_statement_is_written_decides_nothing(
    request_: Request, under: Layers, chance: random.Random
) -> None:
    before = decided(request_, under)
    for change in NEUTRAL:
        assert decided(request_, by_statement(under, change, chance)) is before, change.__name__


@examples(25)
@given(requests(), layers_of_policies)
def test_names_and_order_of_policies_decide_nothing(request_: Request, under: Layers) -> None:
    before = decided(request_, under)
    renamed = rewritten(under, lambda policy: Policy("renamed", policy.document))
    assert decided(request_, renamed) is before
    turned = replace(
        under,
        identity=under.identity[::-1],
        session=under.session[::-1],
        scps=[level[::-1] for level in under.scps[::-1]],
        rcps=[level[::-1] for level in under.rcps[::-1]],
    )
    assert decided(request_, turned) is before


# --- what never allows more --------------------------------------------------------------------


def with_one_more_deny(under: Layers, body: Body) -> Iterator[Layers]:
    """The layers with a Deny added to each of them in turn."""

    def added(policy: Policy, **more: Any) -> Policy:  # noqa: ANN401 - JSON
        bodies = [*policy.document["Statement"], {**body, **more}]
        return Policy(policy.name, {**policy.document, "Statement": bodies})

    alone = Policy("more", {"Version": "2012-10-17", "Statement": [body]})
    named = Policy("more", {"Version": "2012-10-17", "Statement": [{**body, "Principal": "*"}]})
    yield replace(under, identity=[*under.identity, alone])
    yield replace(under, session=[*under.session, alone]) if under.session else under
    yield replace(under, scps=[[*level, alone] for level in under.scps])
    yield replace(under, rcps=[*under.rcps, [named]])
    yield replace(under, boundary=under.boundary and added(under.boundary))
    yield replace(under, resource=added(under.resource, Principal="*") if under.resource else named)


@examples(35)
@given(requests(), layers_of_policies, statements(effects=("Deny",)))
def test_a_deny_in_any_layer_never_allows_more(
    request_: Request, under: Layers, body: dict[str, Any]
) -> None:
    before = lets_through(request_, under)
    for more in with_one_more_deny(under, body):
        assert lets_through(request_, more) <= before


@examples(35)
@given(requests(), layers_of_policies, policies(), policies(named=True))
def test_a_layer_that_limits_never_allows_more(
    request_: Request, under: Layers, policy: Policy, named: Policy
) -> None:
    free = replace(under, boundary=None, session=[])
    before = lets_through(request_, free)
    assert lets_through(request_, replace(free, boundary=policy)) <= before
    if ":federated-user/" not in (request_.principal.session_arn or ""):
        # a GetFederationToken session has nothing at all until a session policy is passed
        assert lets_through(request_, replace(free, session=[policy])) <= before
    assert lets_through(request_, replace(free, scps=[*free.scps, [policy]])) <= before
    assert lets_through(request_, replace(free, rcps=[*free.rcps, [named]])) <= before


@examples(25)
@given(requests(), layers_of_policies, statements(effects=("Allow",)))
def test_an_allow_never_denies_more(request_: Request, under: Layers, body: dict[str, Any]) -> None:
    more = Policy("more", {"Version": "2012-10-17", "Statement": [body]})
    before = lets_through(request_, under)
    assert lets_through(request_, replace(under, identity=[*under.identity, more])) >= before
    wider = replace(under, scps=[[*level, more] for level in under.scps])
    assert lets_through(request_, wider) >= before


@examples(25)
@given(requests(), policies())
def test_what_is_denied_and_allowed_by_the_same_words_is_never_allowed(
    request_: Request, policy: Policy
) -> None:
    bodies = policy.document["Statement"]
    both = [{**body, "Effect": effect} for body in bodies for effect in ("Allow", "Deny")]
    own = Policy("both", {**policy.document, "Statement": both})
    full = Policy("full", {"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}})
    under = Layers(identity=[own], scps=[[full]])
    if request_.principal.kind in {"user", "role"} and request_.principal.account:
        assert decided(request_, under) is not Decision.ALLOWED


# --- what is not known -------------------------------------------------------------------------


@examples(20)
@given(requests(), layers_of_policies, st.lists(some(KEYS), unique=True, min_size=1, max_size=2))
def test_a_certain_answer_with_keys_unknown_holds_for_every_value_of_them(
    request_: Request, under: Layers, unknown: list[str]
) -> None:
    blind = replace(request_, context={**request_.context, **dict.fromkeys(unknown, UNKNOWN_VALUE)})
    certain = decided(blind, under)
    if certain is Decision.UNKNOWN:
        return
    decide = Evaluator(under).decide
    known = {key: value for key, value in request_.context.items() if key not in unknown}
    for values in product((None, *TEXTS, ["a", "b"]), repeat=len(unknown)):
        chosen = {k: v for k, v in zip(unknown, values, strict=True) if v is not None}
        concrete = replace(request_, context={**known, **chosen})
        assert decide(concrete).decision is certain, chosen


@examples(25)
@given(requests(), layers_of_policies, some(TEXTS))
def test_a_key_that_no_policy_reads_decides_nothing(
    request_: Request, under: Layers, value: str
) -> None:
    more = replace(request_, context={**request_.context, "aws:unread": value})
    assert decided(more, under) is decided(request_, under)


# --- two forms of one answer -------------------------------------------------------------------


@examples(25)
@given(st.lists(requests(), min_size=3, max_size=3), layers_of_policies)
def test_an_evaluator_kept_for_many_requests_says_what_a_fresh_one_says(
    asked: list[Request], under: Layers
) -> None:
    kept = Evaluator(under)
    first = [kept.decide(request) for request in asked]
    assert first == [evaluate(request, under) for request in asked]
    assert first[::-1] == [kept.decide(request) for request in reversed(asked)]
