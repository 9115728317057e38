"""Where the command line writes: tables to one stream, what it is doing to the other."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import IO, Final

from rich import box
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Column, Table
from rich.text import Text

WIDTH: Final = 100
"""Columns where no terminal says how wide it is."""

NARROW: Final = 72
"""Columns below which a table's rows are told one cell below the other."""

Tell = Callable[[str], None]
"""Says what begins, in a few words; what follows a colon is detail."""


class Screen(Console):
    """A console that lets a broken pipe reach whoever decides how the command ends."""

    def on_broken_pipe(self) -> None:
        """Raise instead of exiting with 1, which would say that something falls short."""
        self.quiet = True
        raise BrokenPipeError


def screen(stream: IO[str] | None = None) -> Screen:
    """The console on ``stream``, standard output when omitted. NO_COLOR and COLUMNS are heeded."""
    console = Screen(file=stream or sys.stdout, highlight=False)
    if not console.is_terminal and "COLUMNS" not in console._environ:  # noqa: SLF001 - no other way
        console.width = WIDTH
    return console


def listing(columns: Sequence[str], rows: Sequence[Sequence[Text]], width: int) -> RenderableType:
    """A table; on a narrow screen each row as its first cell with the others below it."""
    if width < NARROW:
        return Group(*(part for row in rows for part in _stacked(row)))
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 2, 0, 0))
    for column in columns:
        table.add_column(column, overflow="fold", header_style="dim")
    for row in rows:
        table.add_row(*row)
    return table


def _stacked(row: Sequence[Text]) -> Iterator[RenderableType]:
    yield row[0]
    yield from (Padding(cell, (0, 0, 0, 2)) for cell in row[1:] if cell.plain)


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
            console.print(phase, markup=False)

    return tell
