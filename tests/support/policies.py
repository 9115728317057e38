"""Policies, layers and requests of any shape, for laws that hold for all of them.

The words are few, so that what is drawn meets: an action of a call, a resource that it is on, a key
that the request carries.
"""

from collections.abc import Sequence
from typing import Any

from hypothesis import strategies as st

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


def one_or_two(values: Sequence[Any]) -> list[list[Any]]:
    """Every list of one, and every list of two; one is in the half of them."""
    return [[one] for one in values for _ in values] + [[a, b] for a in values for b in values]


def said(names: Sequence[str], values: Sequence[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """A name with a value; in one draw, since draws are what a search takes its time for."""
    return some([{name: value} for name in names for value in values])


_EITHER = st.booleans()
_ACTIONS = said(["Action", "Action", "NotAction"], one_or_two(ACTIONS))
_RESOURCES = said(["Resource", "Resource", "NotResource"], one_or_two(RESOURCES))
_NAMED = said(["Principal"] * 6 + ["NotPrincipal"], NAMED)
_VERSIONS = said(["Version"], ["2012-10-17"] * 4 + ["2008-10-17"])
_CONDITION = st.tuples(st.one_of(some(OPERATORS), st.just("Null")), said(KEYS, one_or_two(WANTED)))
_CONDITIONS = st.lists(_CONDITION, max_size=2).map(dict)


def statements(
    *, named: bool = False, effects: tuple[str, ...] = ("Allow", "Deny")
) -> st.SearchStrategy[dict[str, Any]]:
    parts = [said(["Effect"], effects), _ACTIONS, _RESOURCES, *([_NAMED] if named else [])]
    return st.tuples(_CONDITIONS, *parts).map(_statement)


def _statement(drawn: tuple[dict[str, Any], ...]) -> dict[str, Any]:
    conditions, *parts = drawn
    return {key: value for part in parts for key, value in part.items()} | {"Condition": conditions}


_STATEMENTS = {
    named: st.lists(statements(named=named), min_size=1, max_size=3) for named in (False, True)
}


@st.composite
def policies(draw: st.DrawFn, *, named: bool = False) -> Policy:
    bodies = draw(_STATEMENTS[named])
    if draw(_EITHER):
        full = {"Effect": "Allow", "Action": ["*"], "Resource": ["*"], "Condition": {}}
        bodies.append({**full, "Principal": draw(some(NAMED))} if named else full)
    return Policy("p", {**draw(_VERSIONS), "Statement": bodies})


layers_of_policies = st.builds(
    Layers,
    identity=st.lists(policies(), max_size=2),
    boundary=st.none() | policies(),
    session=st.lists(policies(), max_size=2),
    resource=st.none() | policies(named=True),
    scps=st.lists(st.lists(policies(), min_size=1, max_size=2), max_size=1),
    rcps=st.lists(st.lists(policies(named=True), max_size=1), max_size=1),
)
values = st.one_of(some(TEXTS), some([[], *one_or_two(TEXTS)]), st.just(UNKNOWN_VALUE))
contexts = st.dictionaries(some(KEYS), values)


@st.composite
def requests(draw: st.DrawFn) -> Request:
    action, resource = draw(some(CALLS))
    return Request(
        draw(some(CALLERS)), action, resource, draw(some([HOME, HOME, HOME, OTHER])), draw(contexts)
    )


RANK = {Decision.DENIED: 0, Decision.UNKNOWN: 1, Decision.ALLOWED: 2}
"""How much a decision lets through: what is not certain counts as more than a refusal."""
