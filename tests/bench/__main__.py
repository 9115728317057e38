"""Measure what the project promises: ``make bench``, or ``python -m tests.bench``.

From the repository's root, with the package installed. Progress goes to standard error, the table
to standard output. Exits with 1 where a floor is missed.
"""

import argparse
import json
import os
import platform
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from rich.table import Table
from rich.text import Text

from breakglass.cli.terminal import screen
from tests.bench import foreign, imports, proofs, rehearsals, speeds
from tests.bench.figure import Figure, shown

BENCHMARKS: Final[Mapping[str, Callable[[], Iterable[Figure]]]] = {
    "import": imports.measure,
    "evaluator": speeds.measure_evaluator,
    "matcher": speeds.measure_matcher,
    "check": foreign.measure,
    "example": rehearsals.measure_example,
    "attacks": proofs.measure_attacks,
    "invariants": proofs.measure_invariants,
    "mutants": proofs.measure_mutants,
    "growth": rehearsals.measure_growth,
}


def main() -> int:
    """Measure, show, and tell by the exit code whether every floor is kept."""
    asked = _arguments()
    progress = screen(sys.stderr)
    measured: dict[str, list[Figure]] = {}
    for name in asked.only or BENCHMARKS:
        progress.print(f"measuring: {name}")
        measured[name] = list(BENCHMARKS[name]())
    screen().print(_table(measured))
    if asked.json:
        text = json.dumps(_plain(measured), indent=2) + "\n"
        Path(asked.json).write_text(text, encoding="utf-8")
    missed = [figure for figures in measured.values() for figure in figures if not figure.holds]
    for figure in missed:
        progress.print(f"missed: {figure.what}: {shown(figure.measured)}, floor {figure.floor}")
    return 1 if missed else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--json", metavar="FILE", help="write the figures as JSON too")
    parser.add_argument(
        "--only", metavar="NAME", action="append", choices=BENCHMARKS, help=", ".join(BENCHMARKS)
    )
    return parser.parse_args()


def _word(figure: Figure) -> Text:
    return Text("yes", style="green") if figure.holds else Text("NO", style="bold red")


def _table(measured: Mapping[str, Iterable[Figure]]) -> Table:
    table = Table("", "figure", "measured", "floor", "holds", title=_machine())
    for column in table.columns[2:4]:
        column.justify = "right"
    for name, figures in measured.items():
        for place, figure in enumerate(figures):
            table.add_row(
                "" if place else name,
                figure.what,
                f"{shown(figure.measured)} {figure.unit}".rstrip(),
                figure.floor,
                _word(figure) if figure.floor else "",
            )
        table.add_section()
    return table


def _machine() -> str:
    system = f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores"
    return f"{system}, Python {platform.python_version()}"


def _plain(measured: Mapping[str, Iterable[Figure]]) -> dict[str, Any]:
    return {
        "machine": _machine(),
        "figures": {
            name: [asdict(figure) | {"holds": figure.holds} for figure in figures]
            for name, figures in measured.items()
        },
    }


if __name__ == "__main__":
    sys.exit(main())
