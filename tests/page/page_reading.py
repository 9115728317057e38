"""A page as a reader has it: elements, texts, and whether what is opened is closed."""

from collections import Counter
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = frozenset({"meta", "wbr"})
INLINE = frozenset({"a", "b", "code", "time", "wbr"})


@dataclass
class Element:
    tag: str
    attributes: dict[str, str | None]
    inside: list["Element | str"] = field(default_factory=list)

    def all(self, tag: str) -> list["Element"]:
        """Every element of that name in this one."""
        found = []
        for one in self.inside:
            if isinstance(one, Element):
                found += [one] if one.tag == tag else []
                found += one.all(tag)
        return found

    def at(self, id_: str) -> "Element":
        """The element with an id."""
        (found,) = [one for one in self.everything() if one.attributes.get("id") == id_]
        return found

    def everything(self) -> list["Element"]:
        """Every element in this one."""
        found = []
        for one in self.inside:
            if isinstance(one, Element):
                found += [one, *one.everything()]
        return found

    @property
    def text(self) -> str:
        """What is written in it, styles left out, with single blanks."""
        return " ".join(self._spaced.split())

    @property
    def _spaced(self) -> str:
        """Its texts, those of elements that begin a line of their own set apart."""
        if self.tag == "style":
            return ""
        text = "".join(one if isinstance(one, str) else one._spaced for one in self.inside)
        return text if self.tag in INLINE else f" {text} "


class Reader(HTMLParser):
    """Reads strictly: each end tag ends what was opened last, and all is ended."""

    def __init__(self) -> None:
        super().__init__()
        self.root = Element("", {})
        self.open = [self.root]
        self.declared: list[str] = []

    def handle_decl(self, decl: str) -> None:
        self.declared.append(decl)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        repeated = [name for name, count in Counter(name for name, _ in attrs).items() if count > 1]
        assert repeated == [], f"<{tag}> says {repeated} twice"
        element = Element(tag, dict(attrs))
        self.open[-1].inside.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open[-1].tag == tag, f"</{tag}> ends <{self.open[-1].tag}>"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        self.open[-1].inside.append(data)

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"a comment: {data}")


def read(page: str) -> Element:
    """The page's root; raises where it is not well built."""
    reader = Reader()
    reader.feed(page)
    reader.close()
    assert reader.declared == ["doctype html"]
    assert reader.open == [reader.root], f"<{reader.open[-1].tag}> is never ended"
    return reader.root
