"""A table that turns into cards where there is no room for columns."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from breakglass.page.markup import Markup, Piece, tag


@dataclass(frozen=True, slots=True)
class Row:
    """Cells in the order of the columns."""

    cells: Sequence[Piece]
    id: str | None = None
    short: bool = False
    """Whether it is to be marked as what falls short."""


def table(
    name: str, columns: Sequence[str], rows: Iterable[Row], *, head: int = 0, caption: str
) -> Markup:
    """Make a table whose ``head``-th cell is the heading of its row.

    ``name`` is its class, by which the style sheet knows how wide columns are. ``caption`` is for
    those who do not see the heading above it. The roles say again what each element is: browsers
    take what is laid out as cards for no table otherwise.
    """
    headings = (tag("th", title, scope="col", role="columnheader") for title in columns)
    return tag(
        "table",
        tag("caption", caption),
        tag("thead", tag("tr", headings, role="row"), role="rowgroup"),
        tag("tbody", (_row(row, columns, head) for row in rows), role="rowgroup"),
        class_=name,
        role="table",
    )


def _row(row: Row, columns: Sequence[str], head: int) -> Markup:
    cells = (
        tag("th", cell, scope="row", role="rowheader", data_label=title)
        if place == head
        else tag("td", cell, role="cell", data_label=title)
        for place, (title, cell) in enumerate(zip(columns, row.cells, strict=True))
    )
    return tag("tr", cells, id=row.id, role="row", class_="short" if row.short else None)
