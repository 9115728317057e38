"""What a picture is made of: boxes, words, lines and signs, with their places in user units.

Shapes are plain values, so that a test can ask whether two of them overlap without a browser.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import pairwise
from typing import Final

Point = tuple[float, float]


class Flow(StrEnum):
    """What moves along a line; its colour."""

    ENTRY = "entry"
    """People, on their way in."""
    ALARM = "alarm"
    """Events, on their way to the pager."""
    RECORD = "record"
    """Log files, on their way into a locked bucket."""


class Sign(StrEnum):
    """A small drawing, 16 units square."""

    PERSON = "person"
    WORKFLOW = "workflow"
    LOCK = "lock"
    BELL = "bell"


class Anchor(StrEnum):
    """Which end of the words stands at their place, by SVG's ``text-anchor``."""

    START = "start"
    MIDDLE = "middle"
    END = "end"


@dataclass(frozen=True, slots=True)
class Type:
    """How words are set."""

    size: float
    look: str
    """CSS classes."""
    bold: bool = False


TITLE: Final = Type(21, "ink heavy", bold=True)
FRAME: Final = Type(12, "ink heavy spaced", bold=True)
NAME: Final = Type(14, "ink heavy", bold=True)
CHIP: Final = Type(12.5, "ink heavy", bold=True)
BODY: Final = Type(12.5, "ink")
NOTE: Final = Type(11.5, "muted")


@dataclass(frozen=True, slots=True)
class Rect:
    """A place."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """Its right edge."""
        return self.x + self.width

    @property
    def bottom(self) -> float:
        """Its lower edge."""
        return self.y + self.height

    @property
    def center(self) -> float:
        """Half way across."""
        return self.x + self.width / 2

    @property
    def middle(self) -> float:
        """Half way down."""
        return self.y + self.height / 2

    def holds(self, other: "Rect") -> bool:
        """Tell whether ``other`` lies within."""
        return (
            self.x <= other.x
            and self.y <= other.y
            and other.right <= self.right
            and other.bottom <= self.bottom
        )

    def meets(self, other: "Rect") -> bool:
        """Tell whether the two have an area in common."""
        return (
            self.x < other.right
            and other.x < self.right
            and self.y < other.bottom
            and other.y < self.bottom
        )


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle with round corners."""

    rect: Rect
    look: str
    """CSS classes."""
    radius: float = 8


@dataclass(frozen=True, slots=True)
class Words:
    """One line of text. ``y`` is its baseline."""

    x: float
    y: float
    text: str
    type: Type
    anchor: Anchor = Anchor.START

    @property
    def rect(self) -> Rect:
        """The place that the words take, estimated generously."""
        wide = width(self.text, self.type)
        before = {Anchor.START: 0.0, Anchor.MIDDLE: wide / 2, Anchor.END: wide}[self.anchor]
        return Rect(self.x - before, self.y - 0.78 * self.type.size, wide, self.type.size)


@dataclass(frozen=True, slots=True)
class Line:
    """A way along right angles, with round corners and an arrowhead at its end."""

    points: tuple[Point, ...]
    flow: Flow
    arrow: bool = True
    bridge: bool = False
    """Whether it passes over others, with a gap around it."""

    @property
    def pieces(self) -> "Sequence[Rect]":
        """Its straight pieces, each as a rectangle without area."""
        return [
            Rect(min(x1, x2), min(y1, y2), abs(x1 - x2), abs(y1 - y2))
            for (x1, y1), (x2, y2) in pairwise(self.points)
        ]


@dataclass(frozen=True, slots=True)
class Mark:
    """A sign at its place, by the upper left corner."""

    x: float
    y: float
    sign: Sign
    look: str


Shape = Box | Words | Line | Mark


@dataclass(slots=True)
class Sheet:
    """What has been drawn so far, in layers: boxes below lines, lines below chips and words."""

    boxes: list[Box] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    chips: list[Box] = field(default_factory=list)
    words: list[Words] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)

    def box(self, rect: Rect, look: str, radius: float = 8) -> Rect:
        """Draw a box below everything else."""
        self.boxes.append(Box(rect, look, radius))
        return rect

    def write(self, x: float, y: float, text: str, type_: Type, **more: Anchor) -> None:
        """Write one line of text with its baseline at ``y``."""
        self.words.append(Words(x, y, text, type_, **more))

    def line(self, flow: Flow, *points: Point, arrow: bool = True, bridge: bool = False) -> None:
        """Draw a way through ``points``; points that stand on one another are one."""
        way = tuple(dict.fromkeys(points))
        self.lines.append(Line(way, flow, arrow, bridge))

    def mark(self, x: float, y: float, sign: Sign, look: str = "muted") -> None:
        """Draw a sign."""
        self.marks.append(Mark(x, y, sign, look))

    def chip(
        self, rect: Rect, look: str, title: str, note: str = "", sign: Sign | None = None
    ) -> Rect:
        """Draw a small box with a title, and a note below it where there is one."""
        self.chips.append(Box(rect, f"chip {look}", 6))
        indent = 10.0
        if sign is not None:
            self.mark(rect.x + 10, rect.middle - 8, sign, look if look in set(Flow) else "muted")
            indent = 33.0
        room = rect.width - indent - 8
        first = rect.middle + (4.5 if not note else -3.5)
        self.write(rect.x + indent, first, fit(title, CHIP, room), tinted(CHIP, look))
        if note:
            self.write(rect.x + indent, rect.middle + 12.5, fit(note, NOTE, room), NOTE)
        return rect

    def pill(self, rect: Rect, flow: Flow, title: str) -> Rect:
        """Draw what every account has one of: a rule set, a trail."""
        self.chips.append(Box(rect, f"chip {flow}", rect.height / 2))
        type_ = Type(11.5, f"{flow}-ink heavy", bold=True)
        self.write(
            rect.center,
            rect.middle + 4,
            fit(title, type_, rect.width - 12),
            type_,
            anchor=Anchor.MIDDLE,
        )
        return rect


def tinted(type_: Type, look: str) -> Type:
    """The type in the colour of a flow."""
    if look in set(Flow):
        return Type(type_.size, f"{look}-ink heavy", type_.bold)
    return type_


# --- words -------------------------------------------------------------------------------------

_NARROW: Final = frozenset("ijl.,:;'|!()[]/ -tfrI\u00b7")
_WIDE: Final = frozenset("mwMW@%\u2026")


def width(text: str, type_: Type) -> float:
    """The width of words, rather too wide: which font a reader has is not known."""
    return type_.size * sum(map(_em, text)) * (1.04 if type_.bold else 1) + (
        1.4 * len(text) if "spaced" in type_.look else 0
    )


def _em(character: str) -> float:
    """The advance of a character as a share of the size; some more than Inter's."""
    if character in _NARROW:
        return 0.35
    if character in _WIDE:
        return 0.92
    if character.isdigit():
        return 0.64
    return 0.69 if character.isupper() else 0.59


def fit(text: str, type_: Type, room: float) -> str:
    """The words, cut with an ellipsis where they are wider than ``room``."""
    if width(text, type_) <= room:
        return text
    while text and width(f"{text}\u2026", type_) > room:
        text = text[:-1]
    return f"{text.rstrip()}\u2026"


def listed(items: Sequence[str], type_: Type, room: float) -> str:
    """As many items as there is room for, and how many more there are."""
    for shown in range(len(items), 0, -1):
        rest = len(items) - shown
        text = ", ".join(items[:shown]) + (f" +{rest}" if rest else "")
        if width(text, type_) <= room:
            return text
    return fit(", ".join(items), type_, room)


def wrapped(text: str, type_: Type, room: float) -> Iterable[str]:
    """The words in lines of at most ``room``."""
    line = ""
    for word in text.split():
        longer = f"{line} {word}".strip()
        if line and width(longer, type_) > room:
            yield line
            line = word
        else:
            line = longer
    yield line
