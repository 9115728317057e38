"""Elements of a page. Text is escaped on its way in, and what is opened is closed.

No template language: an element is a function call, so neither can be forgotten.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from html import escape
from typing import Final

_CONTROLS: Final = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]"
)
"""What no HTML document may hold as text, nor a UTF-8 file (HTML standard, "Preprocessing the input
stream")."""

_HUMPS: Final = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[/_])(?=\w)")
"""Where ``DeleteBucketPolicy`` and ``access/not_found`` may break."""

_VOID: Final = frozenset({"meta", "wbr"})
"""Elements without an end tag, of those used here."""


@dataclass(frozen=True, slots=True)
class Markup:
    """Text that is HTML already."""

    text: str

    def __str__(self) -> str:
        return self.text


Piece = str | int | Markup | None | Iterable["Piece"]
"""What may stand in an element; strings are text and get escaped, None is left out."""


def tag(
    name: str,
    /,
    *pieces: Piece,
    **attributes: str | int | bool | None,
) -> Markup:
    """Make an element: ``tag("td", "a < b", class_="x", data_label="y")``.

    An attribute's trailing underscore is dropped, one inside becomes a hyphen. True gives the bare
    attribute; None and False leave it out.
    """
    opening = f"<{name}{''.join(_attribute(*each) for each in attributes.items())}>"
    if name in _VOID:
        return Markup(opening)
    return Markup(f"{opening}{together(*pieces)}</{name}>")


def together(*pieces: Piece) -> Markup:
    """Put pieces beside each other, without an element around them."""
    return Markup("".join(map(_text, pieces)))


def between(separator: Piece, pieces: Iterable[Piece]) -> Markup:
    """Put pieces beside each other with a separator."""
    return Markup(_text(separator).join(map(_text, pieces)))


def code(text: str) -> Markup:
    """Make code of a name that may break between its words, where a column is narrow."""
    return tag("code", between(tag("wbr"), _HUMPS.split(text)))


def _text(piece: Piece) -> str:
    if piece is None:
        return ""
    if isinstance(piece, Markup):
        return piece.text
    if isinstance(piece, str | int):
        return _escaped(str(piece))
    return "".join(map(_text, piece))


def _attribute(name: str, value: str | int | bool | None) -> str:  # noqa: FBT001 - see above
    if value is None or value is False:
        return ""
    spelt = name.rstrip("_").replace("_", "-")
    return f" {spelt}" if value is True else f' {spelt}="{_escaped(str(value))}"'


def _escaped(text: str) -> str:
    return escape(_CONTROLS.sub("\N{REPLACEMENT CHARACTER}", text))
