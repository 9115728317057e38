"""Each condition operator, on values that match, do not match, are missing, or cannot be read."""

from types import ModuleType

import pytest

from breakglass.errors import InvalidInput
from breakglass.proof.evaluate import evaluate
from breakglass.proof.model import (
    UNKNOWN_VALUE,
    Layers,
    Policy,
    Principal,
    PrincipalKind,
    Request,
)

HOME = "111111111111"
USER = Principal(f"arn:aws:iam::{HOME}:user/alice", None, HOME, PrincipalKind.USER)
Question = tuple[Request, Layers]
MISSING = object()
Answer = bool | None
SEEN = {True: "allowed", False: "denied", None: "unknown"}


def question(operator: str, wanted: object, value: object, **context: object) -> Question:
    document = {
        "Version": "2012-10-17",
        "Statement": {
            "Effect": "Allow",
            "Action": "*",
            "Resource": "*",
            "Condition": {operator: {"aws:Key": wanted}},
        },
    }
    keys = context if value is MISSING else {"aws:key": value, **context}
    request = Request(USER, "s3:PutObject", "arn:aws:s3:::b/k", HOME, keys)
    return request, Layers(identity=[Policy("p", document)])


def holds(operator: str, wanted: object, value: object, **context: object) -> str:
    return evaluate(*question(operator, wanted, value, **context)).decision


@pytest.mark.parametrize(
    ("operator", "wanted", "value", "answer"),
    [
        ("StringEquals", "a", "a", True),
        ("StringEquals", "a", "A", False),
        ("StringEquals", "a*", "ab", False),
        ("StringEquals", ["a", "b"], "b", True),
        ("StringNotEquals", ["a", "b"], "b", False),
        ("StringNotEquals", ["a", "b"], "c", True),
        ("StringEqualsIgnoreCase", "Ab", "aB", True),
        ("StringNotEqualsIgnoreCase", "Ab", "aB", False),
        ("StringLike", "INC-????*", "INC-1234", True),
        ("StringLike", "INC-????*", "INC-123", False),
        ("StringLike", "*", "", True),
        ("StringLike", "a*c", "a\nc", True),
        ("StringNotLike", ["x*", "y?"], "yz", False),
        ("NumericEquals", "3", "3.0", True),
        ("NumericEquals", 3, "3", True),
        ("NumericNotEquals", "3", "4", True),
        ("NumericLessThan", "900", "899.5", True),
        ("NumericLessThanEquals", "900", "901", False),
        ("NumericGreaterThan", "-1", "0", True),
        ("NumericGreaterThanEquals", ["5", "1"], "2", True),
        ("NumericLessThan", "900", "soon", None),
        ("NumericLessThan", "soon", "1", None),
        ("NumericNotEquals", "1", "\N{ARABIC-INDIC DIGIT ONE}", None),
        ("NumericLessThan", ["soon", "900"], "1", True),
        ("DateLessThan", "2026-11-22T00:00:00Z", "2026-11-21T23:59:59Z", True),
        ("DateLessThan", "2026-11-22T00:00:00Z", "2026-11-22T01:00:00+02:00", True),
        ("DateGreaterThan", "2026-11-22", "2026-11-22T00:00:00.1Z", True),
        ("DateEquals", "2026-11", "2026-11-01T00:00Z", True),
        ("DateNotEquals", "2026-11-01", "2026-11-01T00:00:00Z", False),
        ("DateLessThanEquals", "2026-11-22T00:00:00Z", "1795305600", True),
        ("DateGreaterThanEquals", "1795305601", "2026-11-22T00:00:00Z", False),
        ("DateLessThan", "2026-11-22T00:00:00Z", "2026-13-01", None),
        ("DateLessThan", "2026-11-22T00:00:00", "2026-11-01", None),
        ("DateLessThan", "2027", "2026-11-01", None),
        ("DateLessThan", "2027-01-01", "2026-11-22T12:00:60Z", None),
        ("DateLessThan", "2027-01-01", "2026-11-22T12:00:00Z1", None),
        ("DateLessThan", "2027-01-01", "2026-11T12:00Z", None),
        ("DateLessThan", "2026-11-01", "20261101T000000Z", None),
        ("DateLessThan", "2026-11-01", "2026-W01-1", None),
        ("Bool", "true", "true", True),
        ("Bool", True, "True", True),
        ("Bool", "false", "true", False),
        ("Bool", "yes", "true", None),
        ("Bool", "true", "yes", None),
        ("BinaryEquals", "QmluYXJ5", "QmluYXJ5", True),
        ("BinaryEquals", "QmluYXJ5", "QmluYXJ6", False),
        ("BinaryEquals", "no base64", "QmluYXJ5", None),
        ("IpAddress", "203.0.113.0/24", "203.0.113.77", True),
        ("IpAddress", "203.0.113.0/24", "203.0.114.77", False),
        ("IpAddress", "203.0.113.9/24", "203.0.113.77", True),
        ("IpAddress", "203.0.113.9", "203.0.113.9", True),
        ("IpAddress", "2001:DB8:1234:5678::/64", "2001:db8:1234:5678::1", True),
        ("IpAddress", "203.0.113.0/24", "2001:db8::1", False),
        ("NotIpAddress", ["10.0.0.0/8", "192.0.2.0/24"], "192.0.2.1", False),
        ("NotIpAddress", ["10.0.0.0/8", "192.0.2.0/24"], "192.0.3.1", True),
        ("IpAddress", "203.0.113.0/24", "here", None),
        ("IpAddress", "203.0.113.0/24", "203.0.113.077", None),
        ("IpAddress", "here", "203.0.113.1", None),
        ("IpAddress", "2001:db8::1", "2001:db8::1", None),
        ("ArnEquals", "arn:aws:iam::*:role/x", f"arn:aws:iam::{HOME}:role/x", True),
        ("ArnLike", "arn:aws:iam::*:role/x", f"arn:aws:iam::{HOME}:role/X", False),
        ("ArnLike", "arn:aws:logs:*:*:log-group:*", "arn:aws:logs:r:a:log-group:g:s", True),
        ("ArnLike", "arn:aws:iam::???:role/x", "arn:aws:iam::1:3:role/x", False),
        ("ArnNotLike", "arn:aws:iam::*:role/x", f"arn:aws:iam::{HOME}:role/x", False),
        ("ArnNotEquals", "arn:aws:iam::*:role/x", f"arn:aws:iam::{HOME}:role/y", True),
        ("ArnLike", "*", "arn:aws:iam::1:role/x", None),
        ("ArnNotLike", "arn:aws:iam::*:role/x", "no-arn", None),
        ("Null", "true", "a", False),
        ("Null", False, "a", True),
        ("Null", "true", [], True),
        ("Null", "false", "", None),
        ("Null", "maybe", "a", None),
        ("StringEquals", [], "a", None),
        ("StringMatches", "a", "a", None),
        ("stringequals", "a", "a", None),
        ("BinaryNotEquals", "QmluYXJ5", "QmluYXJ6", None),
        ("NullIfExists", "true", "a", None),
        ("ForAllValues:Null", "true", "a", None),
        ("ForSomeValues:StringEquals", "a", "a", None),
        ("StringEquals", "a", ["a"], True),
        ("StringEquals", "a", ["a", "b"], None),
        ("StringNotEquals", "a", [], True),
        ("ForAllValues:StringEquals", ["a", "b"], ["a"], True),
        ("ForAllValues:StringEquals", ["a", "b"], ["a", "c"], False),
        ("ForAllValues:StringEquals", ["a", "b"], [], True),
        ("ForAllValues:StringEquals", ["a", "b"], "", True),
        ("ForAllValues:StringLike", "a*", "ab", True),
        ("ForAllValues:StringNotEquals", ["a", "b"], ["c", "d"], True),
        ("ForAllValues:StringNotEquals", ["a", "b"], ["c", "a"], False),
        ("ForAnyValue:StringEquals", ["a", "b"], ["c", "b"], True),
        ("ForAnyValue:StringEquals", ["a", "b"], [], False),
        ("ForAnyValue:StringNotEquals", ["a", "b"], ["c", "b"], True),
        ("ForAnyValue:StringNotEquals", ["a", "b"], ["a", "b"], False),
        ("ForAnyValue:NumericLessThan", "5", ["x", "4"], True),
        ("ForAnyValue:NumericLessThan", "5", ["x", "6"], None),
        ("ForAllValues:NumericLessThan", "5", ["x", "6"], False),
    ],
)
def test_an_operator_compares_as_documented(
    operator: str, wanted: object, value: object, answer: Answer, reference: ModuleType
) -> None:
    assert holds(operator, wanted, value) == SEEN[answer]
    assert reference.decide(*question(operator, wanted, value)) == SEEN[answer]


@pytest.mark.parametrize(
    ("operator", "wanted", "answer"),
    [
        ("StringEquals", "a", False),
        ("StringNotEquals", "a", True),
        ("StringNotLike", "*", True),
        ("NumericNotEquals", "1", True),
        ("DateLessThan", "2026-11-22", False),
        ("NotIpAddress", "10.0.0.0/8", True),
        ("ArnNotLike", "arn:aws:iam::*:role/x", True),
        ("Bool", "false", False),
        ("BoolIfExists", "false", True),
        ("StringEqualsIfExists", "a", True),
        ("StringNotEqualsIfExists", "a", True),
        ("Null", "true", True),
        ("Null", "false", False),
        ("ForAllValues:StringEquals", "a", True),
        ("ForAnyValue:StringEquals", "a", False),
        ("ForAnyValue:StringNotEquals", "a", False),
        ("ForAnyValue:StringEqualsIfExists", "a", True),
    ],
)
def test_a_missing_key_is_answered_as_documented(
    operator: str, wanted: str, answer: Answer, reference: ModuleType
) -> None:
    assert holds(operator, wanted, MISSING) == SEEN[answer]
    assert reference.decide(*question(operator, wanted, MISSING)) == SEEN[answer]
    assert holds(operator, wanted, UNKNOWN_VALUE) == "unknown"


@pytest.mark.parametrize(
    ("operator", "wanted", "value", "other", "answer"),
    [
        ("StringEquals", "${aws:Other}", "a", "a", True),
        ("StringEquals", "x-${aws:other}", "x-a", "a", True),
        ("StringEquals", "${aws:other, 'a'}", "a", MISSING, True),
        ("StringEquals", "${aws:other}", "a", MISSING, False),
        ("StringNotEquals", "${aws:other}", "a", MISSING, True),
        ("StringEquals", "${aws:other}", "a", ["a"], None),
        ("StringEquals", "${aws:other}", "a", UNKNOWN_VALUE, None),
        ("StringEquals", ["a", "${aws:other}"], "a", UNKNOWN_VALUE, True),
        ("StringLike", "${aws:other}/*", "a/b", "a", True),
        ("StringLike", "${aws:other}/*", "a/b", "*", None),
        ("StringEquals", "${aws:other}", "*", "*", True),
        ("StringLike", "${*}${?}${$}", "*?$", MISSING, True),
        ("StringLike", "a${*}", "ab", MISSING, False),
        ("StringEquals", "${aws:other", "${aws:other", "a", None),
        ("StringEqualsIgnoreCase", "X-${aws:other}", "x-a", "A", True),
        ("ArnLike", "arn:aws:iam::${aws:other}:role/*", f"arn:aws:iam::{HOME}:role/x", HOME, True),
        ("ArnLike", "${aws:other}", "arn:aws:iam::1:role/x", "arn:aws:iam::1:role/x", True),
        ("ArnLike", "${aws:other}", "arn:aws:iam::1:role/x", "x", None),
        ("Bool", "${aws:other}", "true", "true", None),
        ("NumericEquals", "${aws:other}", "1", "1", None),
    ],
)
def test_policy_variables_stand_for_values_of_the_request(  # noqa: PLR0913, PLR0917 - one row of the table
    operator: str,
    wanted: object,
    value: object,
    other: object,
    answer: Answer,
    reference: ModuleType,
) -> None:
    context = {} if other is MISSING else {"aws:other": other}
    assert holds(operator, wanted, value, **context) == SEEN[answer]
    assert reference.decide(*question(operator, wanted, value, **context)) == SEEN[answer]


def test_two_spellings_of_a_key_leave_it_open() -> None:
    assert holds("StringEquals", "a", "a", **{"aws:KEY": "b"}) == "unknown"
    assert holds("StringEquals", "a", "a", **{"aws:key2": "b"}) == "allowed"


def test_a_false_condition_beside_a_doubtful_one_decides() -> None:
    condition = {"StringMatches": {"aws:a": "x"}, "StringEquals": {"aws:b": "x"}}
    body = {"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": condition}
    policy = Policy("p", {"Version": "2012-10-17", "Statement": body})

    def decision(**context: str) -> str:
        keys = {f"aws:{key}": value for key, value in context.items()}
        request = Request(USER, "s3:PutObject", "arn:aws:s3:::b/k", HOME, keys)
        return evaluate(request, Layers(identity=[policy])).decision

    assert decision(a="x", b="y") == "denied"
    assert decision(a="x", b="x") == "unknown"


def test_a_context_value_that_is_no_text_is_refused_by_name() -> None:
    with pytest.raises(InvalidInput, match="context aws:key: 5 is not accepted"):
        holds("StringEquals", "5", 5)
    assert holds("StringEquals", "5", "5") == "allowed"
