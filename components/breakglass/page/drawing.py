"""The topology picture as a part of the page."""

import re
from typing import Final

from breakglass.page.markup import Markup, tag

PREFIX: Final = "topology"
"""What its ids begin with, and the class that its rules are held to."""

_ID: Final = re.compile(r' id="(?P<id>[^"]+)"')
_REFERENCE: Final = re.compile(r' aria-labelledby="(?P<ids>[^"]+)"')
_STYLE: Final = re.compile(r"(?<=<style>)[^<]*(?=</style>)")
_SELECTORS: Final = re.compile(r"(?P<selectors>[^{}@]+)\{(?P<rule>[^{}]*)\}")
_DARK: Final = re.compile(r"@media \(prefers-color-scheme:dark\)")


def inlined(picture: str) -> Markup:
    """Give an SVG document of `breakglass.picture.draw` as an element of a page.

    Its ids get a prefix, since ids are unique in a page. Its rules are held to it, since a style
    inside a page is the whole page's; what it says of dark holds on screens only, as the page's
    own does, so that it prints on white.
    """
    svg = _ID.sub(rf' id="{PREFIX}-\g<id>"', picture)
    svg = _REFERENCE.sub(lambda found: f' aria-labelledby="{_prefixed(found["ids"])}"', svg)
    svg = _STYLE.sub(lambda found: _held(found[0]), svg)
    return tag("div", Markup(svg.strip()), class_=PREFIX)


def _prefixed(ids: str) -> str:
    return " ".join(f"{PREFIX}-{one}" for one in ids.split())


def _held(style: str) -> str:
    """The rules, each selector within the picture's box."""
    style = _DARK.sub("@media screen and (prefers-color-scheme:dark)", style)
    return _SELECTORS.sub(lambda found: f"{_within(found['selectors'])}{{{found['rule']}}}", style)


def _within(selectors: str) -> str:
    return ",".join(f"\n.{PREFIX} {one.strip()}" for one in selectors.split(","))
