"""Where the command line writes: tables to one stream, what it is doing to the other."""

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import IO, Final

from rich import box
from rich.console import Console, ConsoleOptions, Group, JustifyMethod, RenderableType
from rich.padding import Padding
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.segment import Segment
from rich.table import Column, Table
from rich.text import Text

from breakglass.errors import visible

WIDTH: Final = 100
"""Columns where no terminal says how wide it is."""

NARROW: Final = 72
"""Columns below which a table's rows are told one cell below the other."""

Tell = Callable[[str], None]
"""Says what begins, in a few words; what follows a colon is detail."""


NONE: Final = "-"
"""Where a number is none."""

INDENTED: Final = (0, 0, 0, 2)
"""The padding of what belongs to the line above."""


class Screen(Console):
    """A console for texts from anywhere: each is one line, and what cannot be seen is escaped.

    It lets a broken pipe reach whoever decides how the command ends.
    """

    def render(
        self, renderable: RenderableType, options: ConsoleOptions | None = None
    ) -> Iterable[Segment]:
        """Render what is shown; every text of a table passes here."""
        if isinstance(renderable, Text) and renderable.plain != visible(renderable.plain):
            renderable = Text(visible(renderable.plain), style=renderable.style)
        return super().render(renderable, options)

    def on_broken_pipe(self) -> None:
        """Raise instead of exiting with 1, which would say that something falls short."""
        self.quiet = True
        raise BrokenPipeError


def screen(stream: IO[str] | None = None) -> Screen:
    """The console on ``stream``, standard output when omitted. NO_COLOR and COLUMNS are heeded."""
    console = Screen(file=stream or sys.stdout, highlight=False, markup=False, emoji=False)
    if not console.is_terminal and "COLUMNS" not in console._environ:  # noqa: SLF001 - no other way
        console.width = WIDTH
    return console


def listing(
    columns: Sequence[str],
    rows: Sequence[Sequence[RenderableType]],
    width: int,
    *,
    numbers: Sequence[str] = (),
) -> RenderableType:
    """A table without walls; on a narrow screen each row as its first cell, the others below it.

    The columns ``numbers`` are set to the right; below each other they have their heading.
    """
    if width < NARROW:
        return Group(*(part for row in rows for part in _stacked(columns, row, numbers)))
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 2, 0, 0))
    for column in columns:
        justify: JustifyMethod = "right" if column in numbers else "left"
        table.add_column(column, overflow="fold", header_style="dim", justify=justify)
    for row in rows:
        table.add_row(*row)
    return table


def _stacked(
    columns: Sequence[str], row: Sequence[RenderableType], numbers: Sequence[str]
) -> Iterator[RenderableType]:
    first, *others = zip(columns, row, strict=True)
    yield first[1]
    for column, cell in others:
        said = cell.plain if isinstance(cell, Text) else None
        if column in numbers and said not in {"", NONE}:
            yield Padding(Text(f"{column} {said}"), INDENTED)
        elif column not in numbers and said != "":
            yield Padding(cell, INDENTED)


def print_titled(console: Console, *parts: tuple[str, Iterable[RenderableType]]) -> None:
    """Print each part under its title; one that has nothing to tell is left out."""
    for title, body in parts:
        told = list(body)
        if told:
            console.print(Text())
            console.print(Text(title, style="bold"))
            for line in told:
                console.print(line)


@contextmanager
def telling(stream: IO[str] | None = None) -> Iterator[Tell]:
    """Say on standard error what is going on: a moving line, or plain ones off a terminal."""
    console = screen(stream or sys.stderr)
    if not console.is_terminal:
        yield _plain(console)
        return
    words = TextColumn(
        "{task.description}", markup=False, table_column=Column(no_wrap=True, overflow="ellipsis")
    )
    columns = (SpinnerColumn(), words, TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("", total=None)
        yield lambda what: progress.update(task, description=what)


def _plain(console: Console) -> Tell:
    """One line a phase: what comes after the colon is for those who look on."""
    told = ""

    def tell(what: str) -> None:
        nonlocal told
        phase = what.partition(":")[0]
        if phase != told:
            told = phase
            console.print(phase)

    return tell
