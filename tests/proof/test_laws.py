"""What holds for every policy: the fast form against the plain one, and the laws of evaluation."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from breakglass.proof.evaluate import Evaluator, evaluate
from breakglass.proof.model import (
    UNKNOWN_VALUE,
    Decision,
    Layers,
    Policy,
    Principal,
    PrincipalKind,
    Request,
)

HOME, OTHER = "111111111111", "222222222222"
USER = f"arn:aws:iam::{HOME}:user/u"
ROLE, SESSION = f"arn:aws:iam::{HOME}:role/p/r", f"arn:aws:sts::{HOME}:assumed-role/r/s"
CALLERS = [
    Principal(USER, None, HOME, PrincipalKind.USER),
    Principal(USER, f"arn:aws:sts::{HOME}:federated-user/f", HOME, PrincipalKind.USER),
    Principal(ROLE, SESSION, HOME, PrincipalKind.ROLE),
    Principal(ROLE, None, HOME, PrincipalKind.ROLE),
    Principal(f"arn:aws:iam::{HOME}:root", None, HOME, PrincipalKind.ROOT),
    Principal("logs.amazonaws.com", None, "", PrincipalKind.SERVICE),
    Principal("*", None, "", PrincipalKind.ANONYMOUS),
]
CALLS = [
    ("s3:PutObject", "arn:aws:s3:::b/u/x"),
    ("s3:DeleteBucketPolicy", "arn:aws:s3:::b"),
    ("kms:Decrypt", f"arn:aws:kms:eu-west-1:{HOME}:key/k"),
    ("sts:AssumeRole", f"arn:aws:iam::{HOME}:role/t"),
    ("ec2:RunInstances", "*"),
    ("iam:PassRole", ROLE),
]
ACTIONS = ["*", "s3:*", "S3:put?bject", "s3:PutObject", "kms:*", "sts:Assume*", "iam:*", "e*:Run*"]
RESOURCES = [
    "*",
    "arn:aws:s3:::b/*",
    "arn:aws:s3:::b/${aws:username}/*",
    "arn:aws:s3:::b/${aws:username, 'u'}/?",
    "arn:aws:*:*:*:*",
    "arn:aws:s3:b",
    "arn:aws:kms:*:111111111111:key/?",
    "arn:aws:iam::${aws:a}:role/*",
]
NAMED = [
    "*",
    {"AWS": "*"},
    {"AWS": HOME},
    {"AWS": [USER, ROLE]},
    {"AWS": SESSION},
    {"AWS": f"arn:aws:iam::{HOME}:role/*"},
    {"Service": "logs.amazonaws.com"},
    {"CanonicalUser": "c"},
]
KEYS = ["aws:a", "aws:b", "aws:username"]
TEXTS = ["a", "b", "u", "5", "true", "", "2026-11-22", "10.0.0.1", "arn:aws:iam::1:role/x", "*"]
WANTED = [*TEXTS, "${aws:a}", "${aws:b, 'a'}", "?", "10.0.0.0/8", "arn:aws:iam::*:*", "${*}", "${"]
OPERATORS = [
    prefix + name + suffix
    for prefix in ("", "ForAllValues:", "ForAnyValue:")
    for name in (
        *("StringEquals", "StringNotEquals", "StringLike", "StringNotLike", "NumericLessThan"),
        *("DateGreaterThan", "Bool", "IpAddress", "NotIpAddress", "ArnLike", "ArnNotEquals"),
        *("StringEqualsIgnoreCase", "NumericNotEquals", "BinaryEquals", "Guess"),
    )
    for suffix in ("", "IfExists")
]


def some(values: Sequence[Any]) -> st.SearchStrategy[Any]:
    return st.sampled_from(values)


def some_of(values: list[Any]) -> st.SearchStrategy[list[Any]]:
    return st.lists(st.sampled_from(values), min_size=1, max_size=2)


conditions = st.dictionaries(
    st.one_of(some(OPERATORS), st.just("Null")),
    st.dictionaries(
        some(KEYS), st.lists(some(WANTED), min_size=1, max_size=2), min_size=1, max_size=1
    ),
    max_size=2,
)


@st.composite
def statements(
    draw: st.DrawFn, *, named: bool = False, effects: tuple[str, ...] = ("Allow", "Deny")
) -> dict[str, Any]:
    body: dict[str, Any] = {"Effect": draw(some(effects))}
    body[draw(some(["Action", "Action", "NotAction"]))] = draw(some_of(ACTIONS))
    body[draw(some(["Resource", "Resource", "NotResource"]))] = draw(some_of(RESOURCES))
    body["Condition"] = draw(conditions)
    if named:
        body[draw(some(["Principal"] * 6 + ["NotPrincipal"]))] = draw(some(NAMED))
    return body


@st.composite
def policies(draw: st.DrawFn, *, named: bool = False) -> Policy:
    version = draw(some(["2012-10-17"] * 4 + ["2008-10-17"]))
    bodies = draw(st.lists(statements(named=named), min_size=1, max_size=3))
    if draw(st.booleans()):
        full = {"Effect": "Allow", "Action": "*", "Resource": "*"}
        bodies.append({**full, "Principal": draw(some(NAMED))} if named else full)
    return Policy("p", {"Version": version, "Statement": bodies})


layers_of_policies = st.builds(
    Layers,
    identity=st.lists(policies(), max_size=2),
    boundary=st.none() | policies(),
    session=st.lists(policies(), max_size=1),
    resource=st.none() | policies(named=True),
    scps=st.lists(st.lists(policies(), min_size=1, max_size=2), max_size=1),
    rcps=st.lists(st.lists(policies(named=True), max_size=1), max_size=1),
)
values = st.one_of(some(TEXTS), st.lists(some(TEXTS), max_size=2), st.just(UNKNOWN_VALUE))
contexts = st.dictionaries(some(KEYS), values)


@st.composite
def requests(draw: st.DrawFn) -> Request:
    action, resource = draw(some(CALLS))
    return Request(
        draw(some(CALLERS)), action, resource, draw(some([HOME, HOME, HOME, OTHER])), draw(contexts)
    )


RANK = {Decision.DENIED: 0, Decision.UNKNOWN: 1, Decision.ALLOWED: 2}
LAWS = settings(max_examples=50, deadline=None)


@settings(max_examples=200, deadline=None)
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
