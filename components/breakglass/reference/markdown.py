"""The few shapes of which a generated page is made."""

import re
from collections.abc import Iterable, Sequence

WRITTEN_BY = "<!-- Written by `make docs`. Change what it is written from, not this page. -->\n"
"""First line of every generated page."""


def page(title: str, *parts: str) -> str:
    """A page: heading, parts with an empty line between, one line end at the end."""
    return "\n\n".join([f"{WRITTEN_BY}\n# {title}", *(part for part in parts if part)]) + "\n"


def table(headers: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; a cell's line ends become spaces, and its bars are escaped."""
    lines = [headers, ["---"] * len(headers), *rows]
    return "\n".join("| " + " | ".join(_cell(cell) for cell in line) + " |" for line in lines)


def code(text: str, language: str = "") -> str:
    """A code block."""
    return f"```{language}\n{text.strip()}\n```"


def prose(text: str) -> str:
    """A docstring as running text: one line a paragraph, literals in Markdown's single ticks."""
    paragraphs = re.split(r"\n\s*\n", text)
    return "\n\n".join(" ".join(one.split()) for one in paragraphs).replace("``", "`")


def anchor(heading: str) -> str:
    """The fragment that GitHub gives a heading (GitHub docs, "Basic writing", section links)."""
    kept = re.sub(r"[^\w\- ]", "", heading.strip().lower())
    return kept.replace(" ", "-")


def _cell(text: str) -> str:
    return prose(text).replace("\n\n", "<br>").replace("|", "\\|")
