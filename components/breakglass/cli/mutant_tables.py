"""A hunt on a terminal. Nothing is decided here."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.text import Text

from breakglass.cli.terminal import INDENTED, listing, print_titled
from breakglass.proof.mutants import Hunt, MutantResult

_BITES: Final = ("BROKEN", "UNKNOWN")
_DEEPER: Final = (0, 0, 0, 4)


def show(organisation: str, hunt: Hunt, console: Console) -> None:
    """Print what became of the mutants, what survived last, where it is read first."""
    print_titled(
        console,
        ("Mutants by kind", _kinds(hunt, console.width)),
        ("Kills by invariant", _kills(hunt, console.width)),
        ("Harmless changes", _harmless(hunt, console.width)),
        ("Read by an invariant, and touched by no mutant", _lines(hunt.untouched_reads)),
        ("What nothing can miss here, for want of means", _told(hunt.not_provided)),
        ("Survivors", _told(hunt.survivors)),
        ("In short", _summary(organisation, hunt)),
    )


def _kinds(hunt: Hunt, width: int) -> Iterator[RenderableType]:
    made = Counter(one.mutant.kind for one in hunt.results)
    killed = Counter(one.mutant.kind for one in hunt.results if one.killed_by)
    rows = [
        (Text(kind), Text(str(count)), Text(str(killed[kind])))
        for kind, count in made.most_common()
    ]
    yield listing(("kind", "mutants", "killed"), rows, width, numbers=("mutants", "killed"))


def _kills(hunt: Hunt, width: int) -> Iterator[RenderableType]:
    broken: Counter[str] = Counter()
    unknown: Counter[str] = Counter()
    for one in hunt.results:
        if one.killed_by:
            (broken if one.verdict.value == "BROKEN" else unknown)[one.killed_by] += 1
    rows = [
        (Text(name), Text(str(broken[name] or "")), Text(str(unknown[name] or "")))
        for name, _ in (broken + unknown).most_common()
    ]
    yield listing(("invariant", *_BITES), rows, width, numbers=_BITES)


def _harmless(hunt: Hunt, width: int) -> Iterator[RenderableType]:
    counts: Counter[tuple[str, str, str]] = Counter()
    for row, count in hunt.harmless:
        counts[row.type.rpartition(":")[2], row.path or row.kind, row.reason] += count
    rows = [
        (Text(f"{type_} {path}"), Text(str(count)), Text(reason, style="dim"))
        for (type_, path, reason), count in counts.most_common()
    ]
    if rows:
        yield listing(("what", "changes", "why"), rows, width, numbers=("changes",))


def _lines(lines: Sequence[str]) -> Iterator[RenderableType]:
    yield from (Padding(Text(line), INDENTED) for line in lines)


def _told(results: Sequence[MutantResult]) -> Iterator[RenderableType]:
    """The mutants, those of one reason together, with the reason over them where there is one."""
    by_reason: dict[str, list[MutantResult]] = {}
    for one in results:
        by_reason.setdefault(one.reason, []).append(one)
    for reason, those in by_reason.items():
        if reason:
            yield Padding(Text(reason), INDENTED)
        for one in those:
            style = "dim" if reason else "bold red"
            yield Padding(Text(f"{one.mutant.kind}: {one.mutant.name}", style=style), _DEEPER)


def _summary(organisation: str, hunt: Hunt) -> Iterator[RenderableType]:
    killed = sum(one.killed_by is not None for one in hunt.results)
    told = f"{organisation}: {len(hunt.results)} mutants, {killed} killed"
    if hunt.not_provided:
        told += f", {len(hunt.not_provided)} NOT PROVIDED"
    told += f", {len(hunt.survivors)} survive; {hunt.seconds:.1f} s"
    yield Text(told, style="bold red" if hunt.falls_short else "bold green")
