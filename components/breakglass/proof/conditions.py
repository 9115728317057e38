"""IAM's condition operators, each compiled once to a test of a request.

Source: IAM User Guide, "IAM JSON policy elements: Condition operators". Every test answers in three
values. Undecided is whatever AWS does not document: an operator it does
not list, a date, number, address or ARN that cannot be read, several values of a key under an
operator without set prefix.
"""

import base64
import binascii
import ipaddress
import operator
import re
import socket
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any

from breakglass.errors import InvalidInput
from breakglass.proof.model import UNKNOWN_VALUE, ContextValue, Request
from breakglass.proof.wildcards import (
    Answer,
    Context,
    Matcher,
    has_variables,
    is_arn_pattern,
    matcher,
    parse,
    template,
    variables_of,
)

Test = Callable[[Request, Context], Answer]
"""Whether one part of a statement holds for a request; the context is the request's, normalised."""

_Compare = Callable[[str, Context], Answer]
"""Whether one value of the request is among the values of the policy, before any negation."""


@dataclass(frozen=True, slots=True)
class _Fixed:
    """A comparison that looks at nothing but the value, so that a test can ask its matcher."""

    among: Matcher

    def __call__(self, value: str, _context: Context) -> Answer:
        return self.among(value)


class Normal(dict[str, ContextValue]):
    """A context that `normalise` has made: it need not be done again."""


def normalise(context: Mapping[str, ContextValue]) -> Context:
    """Return the context with the names of its keys in lower case, once for all tests of a request.

    Two names that differ in case alone make the key undecided: AWS warns that such a pair "can
    result in unexpected condition failures" and does not say which value counts.
    """
    if type(context) is Normal:
        return context
    plain = Normal({key.lower(): value for key, value in context.items()})
    if len(plain) != len(context):
        spelt = [key.lower() for key in context]
        plain |= {key: UNKNOWN_VALUE for key in spelt if spelt.count(key) > 1}
    return plain


def any_of(answers: Iterable[Answer]) -> Answer:
    """Kleene's "or": true if one is, undecided if none is but one might be."""
    doubt: Answer = False
    for answer in answers:
        if answer:
            return True
        if answer is None:
            doubt = None
    return doubt


def all_of(answers: Iterable[Answer]) -> Answer:
    """Kleene's "and": false if one is, undecided if none is but one might be."""
    return negation(any_of(negation(answer) for answer in answers))


def negation(answer: Answer) -> Answer:
    """Kleene's "not"."""
    return None if answer is None else not answer


def undecided(_request: Request, _context: Context) -> Answer:
    """Answer for whatever AWS does not document."""
    return None


# --- the operator's name --------------------------------------------------------------------------

_NEGATED = {
    "StringNotEquals": "StringEquals",
    "StringNotEqualsIgnoreCase": "StringEqualsIgnoreCase",
    "StringNotLike": "StringLike",
    "NumericNotEquals": "NumericEquals",
    "DateNotEquals": "DateEquals",
    "NotIpAddress": "IpAddress",
    "ArnNotEquals": "ArnEquals",
    "ArnNotLike": "ArnLike",
}


_QUANTIFIERS = frozenset({"", "ForAllValues", "ForAnyValue"})


@dataclass(frozen=True, slots=True)
class Operator:
    """``ForAnyValue:StringNotLikeIfExists`` taken apart."""

    quantifier: str
    """``ForAllValues``, ``ForAnyValue`` or empty."""
    comparison: str
    """The positive operator, ``StringLike``."""
    negated: bool
    if_exists: bool


def parse_operator(text: str) -> Operator:
    """Take an operator's name apart; whether AWS knows the comparison is not asked here."""
    quantifier, colon, rest = text.rpartition(":")
    name = rest.removesuffix("IfExists")
    return Operator(
        quantifier=quantifier if colon else "",
        comparison=_NEGATED.get(name, name),
        negated=name in _NEGATED,
        if_exists=name != rest,
    )


# --- one condition --------------------------------------------------------------------------------


def compile_condition(name: str, key: str, values: Sequence[str], *, variables: bool) -> Test:
    """Return the test of ``{name: {key: values}}``.

    ``variables`` says whether the document's Version knows policy variables.
    """
    if not values:
        return undecided  # of an empty list AWS says only that it "does not affect the policy"
    key = key.lower()
    if name == "Null":
        return _null(key, values)
    parts = parse_operator(name)
    comparison = _COMPARISONS.get(parts.comparison)
    if comparison is None or parts.quantifier not in _QUANTIFIERS:
        return undecided
    compare = comparison(values, variables)
    if parts.quantifier == "ForAllValues":
        return _for_all_values(key, compare, negated=parts.negated)
    if parts.quantifier == "ForAnyValue":
        return _for_any_value(key, compare, negated=parts.negated, absent=parts.if_exists)
    return _single(key, compare, negated=parts.negated, absent=parts.negated or parts.if_exists)


def _single(key: str, compare: _Compare, *, negated: bool, absent: bool) -> Test:
    """Return the test of an operator without set prefix; ``absent`` is its answer without the key.

    "If the key that you specify in a policy condition is not present in the request context, the
    values do not match and the condition is false"; for negated operators and ``IfExists`` it is
    true.
    """
    if isinstance(compare, _Fixed):
        return _single_fixed(key, compare.among, negated=negated, absent=absent)

    def test(_request: Request, context: Context) -> Answer:
        value = context.get(key)
        if value is None:
            return absent
        if not isinstance(value, str):
            found = _values(key, value)
            if not found:
                return None if found is None else absent
            if len(found) > 1:
                return None  # "Multivalued context keys require a condition set operator"
            value = found[0]
        answer = compare(value, context)
        return None if answer is None else answer is not negated

    return test


def _single_fixed(key: str, among: Matcher, *, negated: bool, absent: bool) -> Test:
    """Return the same test where nothing but the value counts, which is the common case."""
    rare = _single(key, lambda value, _context: among(value), negated=negated, absent=absent)

    def test(request: Request, context: Context) -> Answer:
        value = context.get(key)
        if isinstance(value, str):
            return among(value) is not negated
        return rare(request, context)

    return test


def _for_all_values(key: str, compare: _Compare, *, negated: bool) -> Test:
    """Return the test of ``ForAllValues``.

    "It returns true if there are no keys in the request, or if the key values resolve to a null
    data set, such as an empty string."
    """

    def test(_request: Request, context: Context) -> Answer:
        found = _values(key, context.get(key, ()))
        if found is None:
            return None
        if not any(found):
            return True
        answers = (compare(value, context) for value in found)
        return negation(any_of(answers)) if negated else all_of(answers)

    return test


def _for_any_value(key: str, compare: _Compare, *, negated: bool, absent: bool) -> Test:
    """Return the test of ``ForAnyValue``: false for an empty set of values or a missing key."""

    def test(_request: Request, context: Context) -> Answer:
        found = _values(key, context.get(key, ()))
        if found is None:
            return None
        if key not in context:
            return absent
        answers = (compare(value, context) for value in found)
        return any_of(negation(answer) for answer in answers) if negated else any_of(answers)

    return test


def _null(key: str, values: Sequence[str]) -> Test:
    """Return the test of ``Null``.

    "Either true (the key doesn't exist) or false (the key exists and its value is not null)." An
    empty string is undecided: one page calls such a value null ("The request context"), practice
    disagrees.
    """
    if not _BOOLEANS.issuperset(values):
        return undecided
    wanted = frozenset(value == "true" for value in values)

    def test(_request: Request, context: Context) -> Answer:
        found = _values(key, context.get(key, ()))
        if found is None or (found and not any(found)):
            return None
        return (not found) in wanted

    return test


def _values(key: str, value: object) -> Sequence[str] | None:
    """Return a key's values, or None when they are not known."""
    if value is UNKNOWN_VALUE:
        return None
    if isinstance(value, str):
        return (value,)
    if isinstance(value, Sequence) and all(isinstance(item, str) for item in value):
        return value
    raise InvalidInput(f"context {key}", value, "text, a list of texts, or UNKNOWN_VALUE")


# --- comparisons: policy values in, a comparison out ----------------------------------------------


def _texts(*, wildcards: bool, arn: bool) -> Callable[[Sequence[str], bool], _Compare]:
    """Return the factory of the comparisons that know policy variables: strings and ARNs.

    Undecided is a match beside a variable that has no value: one paragraph says that such a
    variable equals nothing, another that it "might cause the entire statement to be invalid" ("IAM
    policy elements: Variables and tags").
    """

    def compile_values(values: Sequence[str], variables: bool) -> _Compare:  # noqa: FBT001 - one shape for all factories
        parsed = [parse(value, wildcards=wildcards, variables=variables) for value in values]
        read = [pieces for pieces in parsed if pieces is not None]
        fixed = [p for p in read if not has_variables(p) and (not arn or is_arn_pattern(p))]
        varied = [template(p, wildcards=wildcards, arn=arn) for p in read if has_variables(p)]
        doubtful = len(fixed) + len(varied) < len(values)
        needed = variables_of(read)
        among = matcher(fixed, arn=arn)
        if not varied and not doubtful and not arn:
            return _Fixed(among)

        def compare(value: str, context: Context) -> Answer:
            answer = True if among(value) else any_of([test(value, context) for test in varied])
            if answer and not needed <= context.keys():
                return None
            if answer is False and (doubtful or (arn and value.count(":") < _ARN_COLONS)):
                return None
            return answer

        return compare

    return compile_values


def _ignoring_case(values: Sequence[str], variables: bool) -> _Compare:  # noqa: FBT001 - one shape for all factories
    """Return the comparison of ``StringEqualsIgnoreCase``."""
    compare = _texts(wildcards=False, arn=False)([value.lower() for value in values], variables)

    def folded(value: str, context: Context) -> Answer:
        return compare(value.lower(), _Lowered(context))

    if any("${" in value for value in values):
        return folded
    return lambda value, context: compare(value.lower(), context)


class _Lowered(dict[str, ContextValue]):
    """A context whose values are in lower case, for variables under ``StringEqualsIgnoreCase``."""

    def __init__(self, context: Context) -> None:
        super().__init__({k: v.lower() if isinstance(v, str) else v for k, v in context.items()})


def _ordered(
    read: Callable[[str], object | None], holds: Callable[[Any, Any], bool]
) -> Callable[[Sequence[str], bool], _Compare]:
    """Return the factory of a comparison between what can be read out of two texts."""

    def compile_values(values: Sequence[str], _variables: bool) -> _Compare:  # noqa: FBT001 - one shape for all factories
        bounds = [read(value) for value in values]
        known = tuple(bound for bound in bounds if bound is not None)
        doubt = None if len(known) < len(bounds) else False

        def compare(value: str, _context: Context) -> Answer:
            seen = read(value)
            if seen is None:
                return None
            for bound in known:
                if holds(seen, bound):
                    return True
            return doubt

        return compare

    return compile_values


_DECIMAL = re.compile(r"[+-]?\d+(\.\d+)?")


def read_number(text: str) -> int | Decimal | None:
    """Read an integer or a decimal; None when it is neither."""
    if not text.isascii():
        return None
    if text.isdecimal():
        return int(text)
    return Decimal(text) if _DECIMAL.fullmatch(text) else None


_EPOCH = re.compile(r"\d{5,11}(\.\d{1,6})?")
_DATE = re.compile(
    r"\d{4}-\d\d(?P<day>-\d\d)?(?P<time>T\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:\d\d))?"
)


@lru_cache(maxsize=4096)
def read_date(text: str) -> datetime | None:
    """Read a W3C date or an epoch time, to the microsecond.

    The dates are those of https://www.w3.org/TR/NOTE-datetime. None when it is neither. Four digits
    alone are neither: they could be a year or an hour of 1970.
    """
    if not text.isascii():
        return None
    if text[4::3] == "--T::Z":  # 2026-11-22T12:00:00Z, the form of nearly all
        return _read_moment(text)
    shape = _DATE.fullmatch(text)
    if shape is None:
        return _read_epoch(text)
    if shape["time"] and not shape["day"]:
        return None
    moment = _read_moment(text if shape["day"] else f"{text}-01")
    return moment if shape["time"] or moment is None else moment.replace(tzinfo=UTC)


def _read_moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None  # a thirteenth month, a leap second


def _read_epoch(text: str) -> datetime | None:
    if not _EPOCH.fullmatch(text):
        return None
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=int(Decimal(text) * 10**6))


_Network = tuple[int, int, int]
"""IP version, first address, mask."""


@lru_cache(maxsize=4096)
def read_address(text: str) -> tuple[int, int] | None:
    """Read an address of a request as IP version and number; None when it is none."""
    version, family = (6, socket.AF_INET6) if ":" in text else (4, socket.AF_INET)
    try:
        return version, int.from_bytes(socket.inet_pton(family, text), "big")
    except OSError:
        return None


@lru_cache(maxsize=4096)
def _read_network(text: str) -> _Network | None:
    """Read an address range of a policy.

    An IPv6 address without prefix is not read: AWS documents the default prefix "/32" and means
    IPv4.
    """
    try:
        network = ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None
    if network.version == 6 and "/" not in text:  # noqa: PLR2004 - the version of IP
        return None
    return network.version, int(network.network_address), int(network.netmask)


def _addresses(values: Sequence[str], _variables: bool) -> _Compare:  # noqa: FBT001 - one shape for all factories
    """Return the comparison of ``IpAddress``."""
    networks = [_read_network(value) for value in values]
    known = tuple(network for network in networks if network is not None)
    doubt = None if len(known) < len(networks) else False

    def compare(value: str, _context: Context) -> Answer:
        seen = read_address(value)
        if seen is None:
            return None
        version, address = seen
        for of_version, first, mask in known:
            if version == of_version and address & mask == first:
                return True
        return doubt

    return compare


def _read_bytes(text: str) -> bytes | None:
    """Read base64; None when it is not."""
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None


_BOOLEANS = frozenset({"true", "false"})


def _booleans(values: Sequence[str], _variables: bool) -> _Compare:  # noqa: FBT001 - one shape for all factories
    """Return the comparison of ``Bool``; a policy variable is undecided (two pages disagree)."""
    wanted = {value.lower() for value in values}
    doubt = None if wanted - _BOOLEANS else False
    answers: dict[str, Answer] = {seen: seen in wanted or doubt for seen in _BOOLEANS}
    return lambda value, _context: answers.get(value if value in answers else value.lower())


_ARN_COLONS = 5

_COMPARISONS: Mapping[str, Callable[[Sequence[str], bool], _Compare]] = {
    "StringEquals": _texts(wildcards=False, arn=False),
    "StringEqualsIgnoreCase": _ignoring_case,
    "StringLike": _texts(wildcards=True, arn=False),
    "NumericEquals": _ordered(read_number, operator.eq),
    "NumericLessThan": _ordered(read_number, operator.lt),
    "NumericLessThanEquals": _ordered(read_number, operator.le),
    "NumericGreaterThan": _ordered(read_number, operator.gt),
    "NumericGreaterThanEquals": _ordered(read_number, operator.ge),
    "DateEquals": _ordered(read_date, operator.eq),
    "DateLessThan": _ordered(read_date, operator.lt),
    "DateLessThanEquals": _ordered(read_date, operator.le),
    "DateGreaterThan": _ordered(read_date, operator.gt),
    "DateGreaterThanEquals": _ordered(read_date, operator.ge),
    "Bool": _booleans,
    "BinaryEquals": _ordered(_read_bytes, operator.eq),
    "IpAddress": _addresses,
    "ArnEquals": _texts(wildcards=True, arn=True),
    "ArnLike": _texts(wildcards=True, arn=True),
}
