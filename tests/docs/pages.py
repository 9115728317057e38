"""What the tests of the documents read: pages, their links, headings and code blocks."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from breakglass.reference.markdown import anchor

PROJECT = Path(__file__).parents[2]
_BLOCK = re.compile(r"^```(.*?)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^(#+) (.+)$", re.MULTILINE)


@dataclass(frozen=True)
class Block:
    language: str
    marks: tuple[str, ...]
    text: str


@dataclass(frozen=True)
class Page:
    file: Path

    @cached_property
    def text(self) -> str:
        return self.file.read_text(encoding="utf-8")

    @cached_property
    def prose(self) -> str:
        return _BLOCK.sub("", self.text)

    @cached_property
    def blocks(self) -> tuple[Block, ...]:
        found = []
        for info, text in _BLOCK.findall(self.text):
            language, *marks = info.split() or [""]
            found.append(Block(language, tuple(marks), text))
        return tuple(found)

    @cached_property
    def headings(self) -> tuple[str, ...]:
        return tuple(text for _, text in _HEADING.findall(self.prose))

    @cached_property
    def anchors(self) -> frozenset[str]:
        return frozenset(anchor(heading) for heading in self.headings)

    def links(self) -> Iterator[str]:
        """The links into the project."""
        for link in _LINK.findall(self.prose):
            if not link.startswith(("https://", "http://")):
                yield link

    def __str__(self) -> str:
        return str(self.file.relative_to(PROJECT))


PAGES = [
    Page(file)
    for file in sorted(
        [
            *PROJECT.glob("*.md"),
            *(PROJECT / "docs").rglob("*.md"),
            *(PROJECT / "examples").rglob("*.md"),
        ]
    )
]


def page(path: str) -> Page:
    return Page(PROJECT / path)
