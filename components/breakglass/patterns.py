"""EventBridge event patterns: checked as AWS would check them, then compiled to fast tests.

The operators are those of event buses in "Comparison operators for use in event patterns"
(https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html).
What that page leaves open is answered by AWS's open matcher, Event Ruler
(https://github.com/aws/event-ruler, README): fields inside an array of objects match within one
element, `exists` looks at leaves only, one path cannot be constrained twice.

What AWS would refuse, or read otherwise than its author meant, is `errors.InvalidInput` here.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from operator import eq, ge, gt, le, lt
from typing import Any, Final, TypeAlias

from breakglass.errors import InvalidInput
from breakglass.quotas import QUOTAS, Quota, Quotas

Test: TypeAlias = Callable[[Any], bool]
"""Says whether one event value, or one event object, is what a pattern asks for."""

_ABSENT: Final = object()
_OR: Final = "$or"
_NUMERIC_LIMIT: Final = 5e9  # Event Ruler README, "Numeric matching"
_COMPARISONS: Final[Mapping[str, Callable[[float, float], bool]]] = {
    "<": lt,
    "<=": le,
    "=": eq,
    ">=": ge,
    ">": gt,
}


class Pattern:
    """One event pattern, compiled.

    ``document`` is the pattern as a JSON value. A fault in it is an `InvalidInput` that names the
    path inside the pattern. ``quotas`` gives the number of `$or` combinations that AWS takes.
    """

    __slots__ = ("_test", "document", "sources", "wildcards")

    def __init__(self, document: Mapping[str, Any], quotas: Quotas = QUOTAS) -> None:
        _require(bool(document), "pattern", document, "an object with at least one field")
        _check_paths(document)
        quotas.check_count(
            Quota.OR_COMBINATIONS, "pattern: $or combinations", _or_combinations(document)
        )
        self.document = document
        self.sources = _literal_sources(document)
        self.wildcards = _uses_wildcard(document)
        self._test = _compile_object(document, "")

    @classmethod
    def load(cls, text: str, quotas: Quotas = QUOTAS) -> "Pattern":
        """Read a pattern from its JSON text; a key given twice is refused, as AWS refuses it."""
        try:
            return cls(json.loads(text, object_pairs_hook=_without_duplicates), quotas)
        except json.JSONDecodeError as fault:
            raise InvalidInput("pattern", text, f"JSON ({fault})") from fault

    def matches(self, event: Mapping[str, Any]) -> bool:
        """Whether the rule would fire for this event (a JSON value)."""
        return self._test(event)


class Index:
    """Many patterns, asked at once; only those that can want an event's ``source`` are tried.

    ``patterns`` maps a rule's name to its pattern. Equal patterns are tried once, however many
    accounts and regions have them. Names come back in the mapping's order.
    """

    __slots__ = ("_anywhere", "_by_source", "_order")

    def __init__(self, patterns: Mapping[str, Pattern | Mapping[str, Any]]) -> None:
        self._order = {name: place for place, name in enumerate(patterns)}
        groups = tuple(_equal_ones(patterns))
        named = {source for pattern, _ in groups for source in pattern.sources or ()}
        self._by_source = {source: _wanting(groups, source) for source in named}
        self._anywhere = _wanting(groups, None)

    def matching(self, event: Mapping[str, Any]) -> list[str]:
        """Give the names of all rules that would fire for this event."""
        source = event.get("source")
        candidates = self._anywhere
        if isinstance(source, str):
            candidates = self._by_source.get(source, candidates)
        found = [name for matches, names in candidates if matches(event) for name in names]
        return sorted(found, key=self._order.__getitem__) if len(found) > 1 else found


_Group: TypeAlias = tuple[Pattern, tuple[str, ...]]


def _equal_ones(patterns: Mapping[str, Pattern | Mapping[str, Any]]) -> Iterator[_Group]:
    """Compile each distinct pattern once, with the names of all rules that have it."""
    documents: dict[str, tuple[Pattern | Mapping[str, Any], list[str]]] = {}
    for name, pattern in patterns.items():
        document = pattern.document if isinstance(pattern, Pattern) else pattern
        documents.setdefault(json.dumps(document), (pattern, []))[1].append(name)
    for pattern, names in documents.values():
        yield pattern if isinstance(pattern, Pattern) else Pattern(pattern), tuple(names)


def _wanting(
    groups: Sequence[_Group], source: str | None
) -> tuple[tuple[Test, tuple[str, ...]], ...]:
    """Keep the patterns that name ``source``, or leave the source open."""
    return tuple(
        (pattern.matches, names)
        for pattern, names in groups
        if pattern.sources is None or source in pattern.sources
    )


def _require(holds: bool, name: str, seen: object, accepted: str) -> None:  # noqa: FBT001 - the condition is the first thing to read
    if not holds:
        raise InvalidInput(name, seen, accepted)


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    keys = [key for key, _ in pairs]
    for key in keys:
        _require(keys.count(key) == 1, "pattern", key, "each key once in an object")
    return dict(pairs)


# --- what a pattern says as a whole ---------------------------------------------------------------


def _literal_sources(document: Mapping[str, Any]) -> frozenset[str] | None:
    """Give the literal sources of the pattern, or None when it may want others too."""
    wanted = document.get("source")
    if not isinstance(wanted, list) or not all(isinstance(item, str) for item in wanted):
        return None
    return frozenset(wanted)


def _uses_wildcard(node: Any) -> bool:  # noqa: ANN401 - any JSON value
    """Whether AWS counts the rule among those with wildcards (anything-but wildcards too)."""
    if isinstance(node, Mapping):
        return any(
            (key == "wildcard" and isinstance(value, str | list) and not _is_field(value))
            or _uses_wildcard(value)
            for key, value in node.items()
        )
    return isinstance(node, list) and any(_uses_wildcard(item) for item in node)


def _is_field(value: Any) -> bool:  # noqa: ANN401 - any JSON value
    """Tell the leaf of an event field called `wildcard` from the operator's operand."""
    return isinstance(value, list) and not all(isinstance(item, str) for item in value)


def _or_combinations(document: Mapping[str, Any]) -> int:
    """How many rules the `$or`s spell out: alternatives multiply side by side and add up inside."""
    product = 1
    for key, value in document.items():
        if key == _OR and isinstance(value, list):
            product *= sum(_or_combinations(item) for item in value if isinstance(item, Mapping))
        elif isinstance(value, Mapping):
            product *= _or_combinations(value)
    return max(product, 1)


def _check_paths(document: Mapping[str, Any]) -> None:
    """Refuse a field that is constrained both inside and beside an `$or`.

    Event Ruler refuses it ("Path cannot be allowed multiple times"); a silent "and" would differ.
    """
    _paths(document, "")


def _paths(document: Mapping[str, Any], prefix: str) -> set[str]:
    found: set[str] = set()
    for key, value in document.items():
        path = f"{prefix}.{key}" if prefix else key
        if key == _OR and isinstance(value, list):
            here: set[str] = set()
            for item in value:
                here |= _paths(item, prefix) if isinstance(item, Mapping) else set()
        elif isinstance(value, Mapping):
            here = _paths(value, path)
        else:
            here = {path}
        for twice in sorted(found & here):
            raise InvalidInput(twice, document, "each field constrained once, not beside $or too")
        found |= here
    return found


# --- objects and arrays ---------------------------------------------------------------------------


def _compile_object(document: Mapping[str, Any], path: str) -> Test:
    """Every field must match; of an `$or`, one alternative."""
    tests = tuple(_compile_field(key, value, path) for key, value in document.items())
    if len(tests) == 1:
        return tests[0]

    def all_match(event: Any) -> bool:  # noqa: ANN401 - any JSON object
        for test in tests:  # noqa: SIM110 - a generator costs a third of the matcher's speed
            if not test(event):
                return False
        return True

    return all_match


def _compile_field(key: str, value: Any, path: str) -> Test:  # noqa: ANN401 - any JSON value
    here = f"{path}.{key}" if path else key
    if key == _OR:
        return _compile_or(value, path)
    if isinstance(value, Mapping):
        _require(bool(value), here, value, "an object with at least one field, or a list")
        return _inside(key, _compile_object(value, here))
    _require(isinstance(value, list), here, value, "an object, or a list of values and operators")
    _require(bool(value), here, value, "a list with at least one value")
    return _leaf(key, value, here)


def _compile_or(alternatives: Any, path: str) -> Test:  # noqa: ANN401 - any JSON value
    here = f"{path}.{_OR}" if path else _OR
    shape = "a list of at least two objects"
    # Event Ruler takes anything else for an event field called `$or`, which nobody means
    _require(isinstance(alternatives, list) and len(alternatives) > 1, here, alternatives, shape)
    for item in alternatives:
        _require(isinstance(item, Mapping) and bool(item), here, item, shape)
    tests = tuple(_compile_object(item, path) for item in alternatives)

    def one_matches(event: Any) -> bool:  # noqa: ANN401 - any JSON object
        for test in tests:  # noqa: SIM110 - a generator costs a third of the matcher's speed
            if test(event):
                return True
        return False

    return one_matches


def _inside(key: str, inner: Test) -> Test:
    """Go down into ``key``. Of an array of objects one element must match on its own.

    A field that is missing or no object counts as an empty one, so that `exists: false` can hold.
    """

    def inside(event: Any) -> bool:  # noqa: ANN401 - any JSON object
        node = event.get(key)
        if type(node) is dict:
            return inner(node)
        if isinstance(node, list):
            objects = [item for item in _flat(node) if isinstance(item, Mapping)]
            return any(inner(item) for item in objects or [{}])
        return inner(node if isinstance(node, Mapping) else {})

    return inside


def _flat(values: Sequence[Any]) -> Iterator[Any]:
    """Crush nested arrays, as EventBridge does."""
    for value in values:
        if isinstance(value, list):
            yield from _flat(value)
        else:
            yield value


# --- leaves ---------------------------------------------------------------------------------------


def _leaf(key: str, wanted: Sequence[Any], path: str) -> Test:
    """Compare one event field with a list of values and operators; one hit is enough."""
    strings = frozenset(item for item in wanted if isinstance(item, str))
    matches = _any_of(strings, _other_tests(wanted, path))
    when_absent = any(isinstance(item, Mapping) and item.get("exists") is False for item in wanted)

    def leaf(event: Any) -> bool:  # noqa: ANN401 - any JSON object
        value = event.get(key, _ABSENT)
        if type(value) is str:
            return matches(value)
        if value is _ABSENT or isinstance(value, Mapping):
            return when_absent
        if isinstance(value, list):
            leaves = [item for item in _flat(value) if not isinstance(item, Mapping)]
            return any(map(matches, leaves)) if leaves else when_absent
        return matches(value)

    return leaf


def _any_of(strings: frozenset[str], others: tuple[Test, ...]) -> Test:
    if not others:
        # a number or null never equals a string, and no JSON scalar is unhashable
        return strings.__contains__

    def any_of(value: Any) -> bool:  # noqa: ANN401 - any JSON scalar
        if value in strings:
            return True
        for test in others:  # noqa: SIM110 - a generator costs a third of the matcher's speed
            if test(value):
                return True
        return False

    return any_of


def _other_tests(wanted: Sequence[Any], path: str) -> tuple[Test, ...]:
    tests: list[Test] = []
    for number, item in enumerate(wanted):
        here = f"{path}[{number}]"
        if isinstance(item, Mapping):
            tests.append(_operator(item, here))
        elif item is None or isinstance(item, bool | int | float):
            tests.append(_literal(item))
        else:
            _require(isinstance(item, str), here, item, "a string, number, true, false, null")
    return tuple(tests)


def _literal(wanted: float | bool | None) -> Test:  # noqa: FBT001 - a JSON literal
    """Compare by JSON text: 300 and 300.0 differ, true is not 1.

    AWS, "Creating event patterns": "For numbers, EventBridge uses string representation."
    """
    if wanted is None or isinstance(wanted, bool):
        return lambda value: value is wanted
    text = json.dumps(wanted)
    return lambda value: not isinstance(value, str) and json.dumps(value) == text


def _operator(item: Mapping[str, Any], path: str) -> Test:
    known = ", ".join(_OPERATORS)
    _require(len(item) == 1, path, dict(item), f"one operator ({known})")
    ((name, operand),) = item.items()
    _require(name in _OPERATORS, path, name, f"an operator that AWS documents: {known}")
    return _OPERATORS[name](operand, f"{path}.{name}")


def _text(operand: Any, path: str) -> str:  # noqa: ANN401 - any JSON value
    _require(isinstance(operand, str) and bool(operand), path, operand, "a string, not empty")
    return str(operand)


def _prefix(operand: Any, path: str) -> Test:  # noqa: ANN401 - any JSON value
    text, fold = _perhaps_ignoring_case(operand, path)
    if fold:
        return lambda value: isinstance(value, str) and value.lower().startswith(text.lower())
    return lambda value: isinstance(value, str) and value.startswith(text)


def _suffix(operand: Any, path: str) -> Test:  # noqa: ANN401 - any JSON value
    text, fold = _perhaps_ignoring_case(operand, path)
    if fold:
        return lambda value: isinstance(value, str) and value.lower().endswith(text.lower())
    return lambda value: isinstance(value, str) and value.endswith(text)


def _perhaps_ignoring_case(operand: Any, path: str) -> tuple[str, bool]:  # noqa: ANN401 - any JSON value
    """Read the operand of prefix and suffix: a string, or {"equals-ignore-case": string}."""
    if not isinstance(operand, Mapping):
        return _text(operand, path), False
    _require(
        set(operand) == {"equals-ignore-case"}, path, operand, "a string or equals-ignore-case"
    )
    return _text(operand["equals-ignore-case"], f"{path}.equals-ignore-case"), True


def _equals_ignore_case(operand: Any, path: str) -> Test:  # noqa: ANN401 - any JSON value
    _require(isinstance(operand, str), path, operand, "a string")
    wanted = operand.lower()
    return lambda value: isinstance(value, str) and value.lower() == wanted


def _wildcard(operand: Any, path: str) -> Test:  # noqa: ANN401 - any JSON value
    text = _text(operand, path)
    pieces = _wildcard_pieces(text, path)
    if len(pieces) == 3 and pieces[0] == pieces[2] == "":  # noqa: PLR2004 - the form *text*
        middle = pieces[1]
        return lambda value: isinstance(value, str) and middle in value
    expression = re.compile(".*".join(map(re.escape, pieces)), re.DOTALL)
    return lambda value: isinstance(value, str) and expression.fullmatch(value) is not None


def _wildcard_pieces(text: str, path: str) -> list[str]:
    r"""Split at each `*`. `\*` and `\\` are the characters themselves; `**` is refused by AWS."""
    pieces, rest = [""], iter(text)
    for character in rest:
        if character == "\\":
            escaped = next(rest, "")
            _require(escaped in ("*", "\\"), path, text, r"a backslash only as \* or \\")
            pieces[-1] += escaped
        elif character == "*":
            _require(len(pieces) == 1 or pieces[-1] != "", path, text, "no two wildcards in a row")
            pieces.append("")
        else:
            pieces[-1] += character
    return pieces


def _numeric(operand: Any, path: str) -> Test:  # noqa: ANN401 - any JSON value
    shape = 'a comparison such as ["=", 5], or a range such as [">", 0, "<=", 5]'
    _require(isinstance(operand, list) and len(operand) in (2, 4), path, operand, shape)
    terms = [(operand[at], _number(operand[at + 1], path)) for at in range(0, len(operand), 2)]
    symbols = [symbol for symbol, _ in terms]
    if len(terms) == 1:
        _require(symbols[0] in _COMPARISONS, path, operand, shape)
    else:
        _require(symbols[0] in (">", ">=") and symbols[1] in ("<", "<="), path, operand, shape)
        _require(terms[0][1] < terms[1][1], path, operand, "a lower bound under the upper")
    checks = [(_COMPARISONS[symbol], bound) for symbol, bound in terms]
    return lambda value: _is_number(value) and all(hold(value, bound) for hold, bound in checks)


def _is_number(value: Any) -> bool:  # noqa: ANN401 - any JSON scalar
    return isinstance(value, int | float) and not isinstance(value, bool)


def _number(operand: Any, path: str) -> float:  # noqa: ANN401 - any JSON value
    fits = _is_number(operand) and -_NUMERIC_LIMIT <= operand <= _NUMERIC_LIMIT
    _require(fits, path, operand, "a number from -5e9 to 5e9")
    return float(operand)


def _cidr(operand: Any, path: str) -> Test:  # noqa: ANN401 - any JSON value
    network = _network(operand, path)

    def in_network(value: Any) -> bool:  # noqa: ANN401 - any JSON scalar
        if not isinstance(value, str):
            return False
        try:
            return ip_address(value) in network
        except ValueError:  # an event may hold any text here; what is no address is in no network
            return False

    return in_network


def _network(operand: Any, path: str) -> IPv4Network | IPv6Network:  # noqa: ANN401 - any JSON value
    shape = "a network such as 10.0.0.0/24 or 2001:db8::/32"
    _require(isinstance(operand, str) and "/" in operand, path, operand, shape)
    try:
        return ip_network(operand, strict=False)
    except ValueError as fault:
        raise InvalidInput(path, operand, shape) from fault


def _exists(operand: Any, path: str) -> Test:  # noqa: ANN401 - any JSON value
    _require(isinstance(operand, bool), path, operand, "true or false")
    return lambda _value: bool(operand)


def _anything_but(operand: Any, path: str) -> Test:  # noqa: ANN401 - any JSON value
    """Match a value that is there and is none of the named ones."""
    if isinstance(operand, Mapping):
        refused = _negated(operand, path)
    else:
        refused = _plain_values(operand, path)
    return lambda value: not refused(value)


def _plain_values(operand: Any, path: str) -> Test:  # noqa: ANN401 - any JSON value
    values = operand if isinstance(operand, list) else [operand]
    strings = all(isinstance(value, str) for value in values)
    shape = "strings only, or numbers only"
    _require(bool(values) and (strings or all(map(_is_number, values))), path, operand, shape)
    tests = [_literal(value) for value in values if not isinstance(value, str)]
    return _any_of(frozenset(values) if strings else frozenset(), tuple(tests))


def _negated(operand: Mapping[str, Any], path: str) -> Test:
    """Read the operators that AWS allows inside anything-but, each with one string or a list."""
    allowed = ("prefix", "suffix", "equals-ignore-case", "wildcard")
    _require(len(operand) == 1, path, dict(operand), f"one of {', '.join(allowed)}")
    ((name, values),) = operand.items()
    _require(name in allowed, path, name, f"one of {', '.join(allowed)}")
    values = values if isinstance(values, list) else [values]
    here = f"{path}.{name}"
    _require(bool(values) and all(isinstance(v, str) for v in values), here, values, "strings")
    return _any_of(frozenset(), tuple(_OPERATORS[name](value, here) for value in values))


_OPERATORS: Final[Mapping[str, Callable[[Any, str], Test]]] = {
    "prefix": _prefix,
    "suffix": _suffix,
    "equals-ignore-case": _equals_ignore_case,
    "wildcard": _wildcard,
    "anything-but": _anything_but,
    "numeric": _numeric,
    "cidr": _cidr,
    "exists": _exists,
}
