"""A report as one page: no script, no font and no image from elsewhere, so it is read anywhere.

What is most important stands first. What is long is folded, and unfolds where it is printed.
"""

from datetime import datetime
from importlib.resources import files

from breakglass.errors import InvalidInput
from breakglass.page.accounts import accounts_section
from breakglass.page.attacks import attacks_section
from breakglass.page.drawing import inlined
from breakglass.page.invariants import invariants_section
from breakglass.page.limits import kept_section, not_modelled_section
from breakglass.page.markup import Markup, tag
from breakglass.page.mutants import Hunt, mutants_section
from breakglass.page.top import figures, heading, verdict
from breakglass.page.verdicts import signs
from breakglass.rehearsal.report import Report

__all__ = ["html"]

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
"""The page may load nothing and run nothing, even were something in it not escaped."""

_CONTENTS = (
    ("topology", "Topology"),
    ("attacks", "Attacks"),
    ("invariants", "Invariants"),
    ("mutants", "Mutants"),
    ("not-modelled", "Not modelled"),
    ("kept-inputs", "Dropped inputs"),
    ("accounts", "Accounts"),
)


def html(report: Report, hunt: Hunt | None, picture: str, at: datetime) -> str:
    """Write a report as an HTML document.

    ``hunt`` is what became of the mutants, None where none were made. ``picture`` is what
    `breakglass.picture.draw` gives; it goes in as it is. ``at`` is when the rehearsal began, with
    its time zone. The same arguments give the same text. Raises InvalidInput for a time without
    a zone.
    """
    if at.tzinfo is None:
        raise InvalidInput("at", at.isoformat(), "a time with its zone")
    page = tag("html", _head(report), _body(report, hunt, picture, at), lang="en")
    return f"<!doctype html>\n{page}\n"


def _head(report: Report) -> Markup:
    style = files("breakglass.page").joinpath("style.css").read_text(encoding="utf-8")
    return tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=_POLICY),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="color-scheme", content="light dark"),
        tag("title", f"{report.organisation}: rehearsal"),
        tag("style", Markup(style)),
    )


def _body(report: Report, hunt: Hunt | None, picture: str, at: datetime) -> Markup:
    return tag(
        "body",
        signs(),
        tag("a", "To the attacks", href="#attacks", class_="skip"),
        heading(report, at),
        tag(
            "main",
            verdict(report, hunt),
            figures(report, hunt),
            _contents(),
            _topology(picture),
            attacks_section(report.attacks),
            invariants_section(report.findings),
            mutants_section(hunt),
            not_modelled_section(report.not_modelled),
            kept_section(report.kept),
            accounts_section(report.accounts),
        ),
        tag("footer", tag("p", "Written by ", tag("code", "breakglass rehearse"), ".")),
    )


def _contents() -> Markup:
    links = (tag("li", tag("a", title, href=f"#{id_}")) for id_, title in _CONTENTS)
    return tag("nav", tag("ul", links), aria_label="Contents")


def _topology(picture: str) -> Markup:
    """The picture, in a box of its own that scrolls where it is wider than the page."""
    return tag(
        "section",
        tag("h2", "Topology"),
        tag("p", "The picture goes on to the right: scroll it.", class_="wider muted"),
        tag(
            "div",
            inlined(picture),
            class_="scrolls",
            tabindex=0,
            role="region",
            aria_label="Topology picture",
        ),
        id="topology",
    )
