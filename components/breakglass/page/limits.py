"""Where what a rehearsal says ends."""

from collections.abc import Sequence
from itertools import groupby

from breakglass.page.markup import Markup, code, tag, together
from breakglass.page.tables import Row, table
from breakglass.rehearsal.not_modelled import NotModelled
from breakglass.rehearsal.report import KeptInput


def not_modelled_section(limits: Sequence[NotModelled]) -> Markup:
    """What the emulation does not model, by area."""
    return tag(
        "section",
        tag("h2", "What the emulation does not model"),
        tag(
            "div",
            (_area(area, list(ones)) for area, ones in groupby(limits, lambda one: one.area)),
            class_="areas",
        ),
        id="not-modelled",
    )


def _area(area: str, limits: Sequence[NotModelled]) -> Markup:
    return tag(
        "div",
        tag("h3", area),
        tag(
            "dl",
            (tag("div", tag("dt", one.what), tag("dd", _worded(one.reason))) for one in limits),
        ),
        class_="area",
    )


def _worded(text: str) -> Markup:
    """Text in which backticks stand around code."""
    parts = enumerate(text.split("`"))
    return together(tag("code", part) if place % 2 else part for place, part in parts)


def kept_section(kept: Sequence[KeptInput]) -> Markup:
    """The inputs that the emulator dropped."""
    columns = ("type", "input", "resources", "why")
    rows = (Row((code(one.type), code(one.property), one.count, one.reason)) for one in kept)
    return tag(
        "section",
        tag("h2", "Inputs that the emulator drops"),
        tag("p", "They show in the outputs and act on nothing.") if kept else tag("p", "None."),
        table("kept", columns, rows, caption="Kept inputs") if kept else None,
        id="kept-inputs",
    )
