"""Random events and patterns, plain ones and ones with one peculiarity each."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

Json = Any
Fields = dict[str, Json]

KEYS = ("a", "b", "c")
WORDS = ("", "a", "ab", "ba", "aB", "Ab", "bab")
FULL_WORDS = ("a", "b", "ab", "aB")
ADDRESSES = ("10.0.0.1", "10.0.1.1", "2001:db8::1", "none")
NETWORKS = ("10.0.0.0/24", "2001:db8::/32")

FLOATS = "numbers with a fraction of nought"
TRUTHS = "true and false beside numbers"
OBJECTS_IN_LISTS = "objects inside a list"
NESTED_LISTS = "lists inside a list"
EMPTY = "an empty list or object"
LINE_BREAKS = "a line break"
HOST_BITS = "a network with host bits"
TWICE = "a field beside $or and inside"
UNKNOWN_OPERATOR = "an operator that AWS does not have"
TWO_WILDCARDS = "two wildcards in a row"
ALL_ADDRESSES = "a network of all addresses"
DOTS = "a dot in a field's name"

PECULIARITIES = (
    FLOATS,
    TRUTHS,
    OBJECTS_IN_LISTS,
    NESTED_LISTS,
    EMPTY,
    LINE_BREAKS,
    HOST_BITS,
    TWICE,
    UNKNOWN_OPERATOR,
    TWO_WILDCARDS,
    ALL_ADDRESSES,
    DOTS,
)


_TELLING: dict[str | None, Json] = {
    TRUTHS: {"numeric": ["<", 2]},
    LINE_BREAKS: {"wildcard": "*"},
    DOTS: {"exists": True},
}
"""What shows a peculiarity that few patterns meet."""


@dataclass(frozen=True)
class EventCase:
    """An event, a pattern, and what is peculiar about the two."""

    pattern: Fields
    event: Fields
    peculiarity: str | None


def cases(seed: int, count: int) -> Iterator[EventCase]:
    """Throw so many cases; two of three are plain."""
    chance = Random(seed)  # noqa: S311 - not for secrets
    for number in range(count):
        peculiar = None if number % 3 else PECULIARITIES[number // 3 % len(PECULIARITIES)]
        yield Dice(chance, peculiar).case()


def _flat(value: Json) -> Iterator[Json]:
    if isinstance(value, list):
        for one in value:
            yield from _flat(one)
    else:
        yield value


class Dice:
    """What one case is made of."""

    def __init__(self, chance: Random, peculiar: str | None) -> None:
        self._chance = chance
        self._peculiar = peculiar

    def case(self) -> EventCase:
        event = self._event(2)
        return EventCase(self._pattern(event), event, self._peculiar)

    def _one(self, values: Sequence[Any]) -> Any:  # noqa: ANN401 - of anything
        return self._chance.choice(values)

    def _in(self, times: int) -> bool:
        return self._chance.randrange(times) == 0

    def _is(self, peculiarity: str, times: int = 2) -> bool:
        return self._peculiar == peculiarity and self._in(times)

    # --- values --------------------------------------------------------------------------------

    def _number(self) -> float:
        number: int = self._one((2, 3, 4, 5))
        if self._is(TRUTHS):
            return self._one((0, 1))
        return float(number) if self._is(FLOATS) else number

    def _word(self, words: Sequence[str] = WORDS) -> str:
        word: str = self._one(words)
        return f"{word[:1]}\n{word[1:]}" if self._is(LINE_BREAKS) else word

    def _scalar(self) -> Json:
        kind = "n" if self._is(FLOATS) else self._one("wwwnnaz")
        if kind == "n":
            return self._number()
        if kind == "a":
            return self._one(ADDRESSES)
        if kind == "z":
            return self._one((True, False)) if self._is(TRUTHS) else None
        return self._word()

    # --- events --------------------------------------------------------------------------------

    def _event(self, depth: int) -> Fields:
        keys = self._chance.sample(KEYS, self._one((1, 2, 3)))
        event = {key: self._value(depth) for key in keys}
        if self._is(DOTS):
            event[f"{self._one(KEYS)}.{self._one(KEYS)}"] = self._scalar()
        return event

    def _value(self, depth: int) -> Json:
        if self._is(EMPTY, 3):
            return self._one(([], {}))
        if depth and self._in(3):
            return self._event(depth - 1)
        if not self._in(3):
            return self._scalar()
        listed = [self._scalar() for _ in range(self._one((1, 2, 3)))]
        if depth and self._is(OBJECTS_IN_LISTS, 1):
            return [self._event(depth - 1) for _ in range(self._one((1, 2)))] + listed[:1]
        return [listed] if self._is(NESTED_LISTS, 1) else listed

    # --- patterns ------------------------------------------------------------------------------

    def _pattern(self, event: Fields) -> Fields:
        """Ask mostly for fields that are there, so that patterns match often enough."""
        there = list(event) if not self._in(8) else list(KEYS)
        keys = self._chance.sample(there, min(len(there), self._one((1, 1, 2))))
        fields: Fields = {key: self._field(event.get(key)) for key in keys}
        if self._is(DOTS):
            fields = {f"{self._one(KEYS)}.{self._one(KEYS)}": self._leaf(None)}
        if self._in(4) or self._is(TWICE):
            free = [key for key in KEYS if key not in fields] or list(KEYS)
            names = list(fields) if self._peculiar == TWICE else free
            chosen = [self._one(names) for _ in range(2)]
            fields["$or"] = [{name: self._leaf(event.get(name))} for name in chosen]
        return fields

    def _field(self, value: Json) -> Json:
        objects = [one for one in _flat(value) if isinstance(one, dict) and one]
        return self._pattern(self._one(objects)) if objects else self._leaf(value)

    def _leaf(self, value: Json) -> list[Json]:
        if self._peculiar in _TELLING and self._in(2):
            return [_TELLING[self._peculiar]]
        leaves = [one for one in _flat(value) if not isinstance(one, dict)]
        return [
            self._one(leaves)
            if leaves and self._in(3)
            else self._scalar()
            if self._in(2)
            else self._operator()
            for _ in range(self._one((1, 1, 2)))
        ]

    def _operator(self) -> Fields:
        if self._is(UNKNOWN_OPERATOR):
            return {"sounds-like": "a"}
        name = self._one(
            ("prefix", "suffix", "equals-ignore-case", "wildcard", "exists", "numeric")
            + (("cidr",) * (6 if self._peculiar in {HOST_BITS, ALL_ADDRESSES} else 1))
            + ("anything-but", "anything-but")
        )
        return {name: getattr(self, f"_{name.replace('-', '_')}")()}

    def _prefix(self) -> Json:
        word = self._word(FULL_WORDS)
        return {"equals-ignore-case": word} if self._in(3) else word

    _suffix = _prefix

    def _equals_ignore_case(self) -> str:
        return self._word()

    def _wildcard(self) -> str:
        if self._is(TWO_WILDCARDS):
            return f"{self._one(FULL_WORDS)}**"
        return "*".join(self._word(FULL_WORDS) for _ in range(self._one((1, 2, 3))))

    def _exists(self) -> bool:
        return self._in(2)

    def _cidr(self) -> str:
        peculiar = {HOST_BITS: "10.0.0.7/24", ALL_ADDRESSES: "0.0.0.0/0"}
        return peculiar.get(self._peculiar or "") or str(self._one(NETWORKS))

    def _numeric(self) -> list[Json]:
        if self._in(3):
            return [">", 2, "<=", self._one((3, 4))]
        return [self._one(("<", "<=", "=", ">=", ">")), self._number()]

    def _anything_but(self) -> Json:
        kind = self._one("wnWNo")
        if kind == "o":
            name = self._one(("prefix", "suffix", "equals-ignore-case", "wildcard"))
            make = self._wildcard if name == "wildcard" else lambda: self._word(FULL_WORDS)
            return {name: [make(), make()] if self._in(3) else make()}
        make_one = self._word if kind in "wW" else self._number
        return [make_one(), make_one()] if kind.isupper() else make_one()
