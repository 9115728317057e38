"""How a verdict looks: a sign, its word, and a colour that says nothing more."""

from collections import Counter
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Final

from breakglass.page.markup import Markup, tag, together
from breakglass.proof.finding import Outcome
from breakglass.rehearsal.attacks.attack import AttackVerdict


class Tone(StrEnum):
    """What a verdict asks of the reader; the name of its colour and sign."""

    WELL = "well"
    SEEN = "seen"
    RESIDUAL = "residual"
    LACKING = "lacking"
    SHORT = "short"


KILLED: Final = "killed"
SURVIVING: Final = "surviving"

TONES: Final[Mapping[str, Tone]] = {
    AttackVerdict.DENIED: Tone.WELL,
    AttackVerdict.DETECTED: Tone.SEEN,
    AttackVerdict.RESIDUAL: Tone.RESIDUAL,
    AttackVerdict.SUCCEEDED: Tone.SHORT,
    AttackVerdict.UNKNOWN: Tone.SHORT,
    AttackVerdict.NOT_PROVIDED: Tone.LACKING,
    Outcome.HOLDS: Tone.WELL,
    Outcome.BROKEN: Tone.SHORT,
    Outcome.UNKNOWN: Tone.SHORT,
    Outcome.NOT_PROVIDED: Tone.LACKING,
    KILLED: Tone.WELL,
    SURVIVING: Tone.SHORT,
}

_SHAPES: Final[Mapping[Tone, str]] = {
    Tone.WELL: "M3 8.5l3.4 3.4L13 4.6",
    Tone.SEEN: "M1.5 8C3.3 5 5.5 3.6 8 3.6S12.7 5 14.5 8C12.7 11 10.5 12.4 8 12.4S3.3 11 1.5 8z"
    "M8 6a2 2 0 1 0 0 4a2 2 0 0 0 0-4z",
    Tone.RESIDUAL: "M8 2.6a5.4 5.4 0 1 0 0 10.8a5.4 5.4 0 0 0 0-10.8zM8 5.2v3.4M8 10.8v.1",
    Tone.LACKING: "M3.5 8h9",
    Tone.SHORT: "M3.8 3.8l8.4 8.4M12.2 3.8l-8.4 8.4",
}
"""Each sign as a line, 16 units square."""


def signs() -> Markup:
    """Draw every sign once, for `sign` to show."""
    shapes = (
        tag("symbol", tag("path", d=shape), id=_id(tone), viewBox="0 0 16 16")
        for tone, shape in _SHAPES.items()
    )
    return tag("svg", shapes, class_="signs", aria_hidden="true")


def sign(tone: Tone) -> Markup:
    """The sign of a tone. A word always stands beside it."""
    return tag("svg", tag("use", href=f"#{_id(tone)}"), class_=f"sign {tone}", aria_hidden="true")


def chip(word: str, tone: Tone | None = None) -> Markup:
    """A verdict, with its sign."""
    tone = tone or TONES[word]
    return tag("span", sign(tone), word, class_=f"chip {tone}")


def counted(verdicts: Iterable[str], order: Iterable[str]) -> Markup:
    """``144 denied, 1 detected`` as chips: those that occur, in the given order."""
    counts = Counter(map(str, verdicts))
    return together(
        chip(f"{counts[verdict]} {verdict}", TONES[verdict]) for verdict in order if counts[verdict]
    )


def legend(verdicts: Iterable[str], meanings: Mapping[str, str]) -> Markup:
    """Each verdict with how often it occurs and what it means."""
    counts = Counter(map(str, verdicts))
    return tag(
        "dl",
        (
            tag(
                "div",
                tag("dt", chip(word), " ", tag("b", counts[word])),
                tag("dd", meaning),
                class_=None if counts[word] else "none",
            )
            for word, meaning in meanings.items()
        ),
        class_="legend",
    )


def _id(tone: Tone) -> str:
    return f"sign-{tone}"
