"""Whole rehearsals, as ``make rehearse`` runs them, each in a fresh process."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from tests.bench.figure import Figure
from tests.bench.process import Used, python
from tests.support.organisations import generate

ROOT: Final = Path(__file__).parents[2]
EXAMPLE: Final = ROOT / "stacks" / "example.yaml"
RUNS: Final = 3
ROUNDS: Final = 5
SIZES: Final = (10, 20, 60)
"""Accounts; in three Regions, with three repositories."""
LINEAR: Final = 1.3
"""A resource more may cost this much more in a large organisation than in a small one."""
FALLS_SHORT: Final = 1
"""Exit code of a rehearsal that found something: its time counts all the same."""

_PROGRAM: Final = """
import sys
from pathlib import Path
from breakglass.rehearsal.garbage import rarely_collected
from breakglass.rehearsal.programs import programs_beside
from breakglass.rehearsal.stacks import programs_of
from breakglass.settings import load
with rarely_collected():
    project, file = Path.cwd(), Path(sys.argv[1])
    organisation = load(file)
    with programs_beside(programs_of(project, file, organisation)) as programs:
        from breakglass.rehearsal.rehearse import rehearse
        report = rehearse(project, file, organisation, programs=programs)
    print(sum(account.total for account in report.accounts))
"""
"""As the command does it, for a file that lies in no project."""


@dataclass(frozen=True, slots=True)
class Sized:
    """A rehearsal of an organisation of some size."""

    accounts: int
    resources: int
    used: Used


def measure_example() -> Iterator[Figure]:
    """The best of some runs, after one that warms the machine's caches."""
    perform = partial(
        python,
        *("-m", "breakglass.cli", "rehearse", "--org", str(EXAMPLE)),
        accepted=(0, FALLS_SHORT),
    )
    perform()
    runs = [perform() for _ in range(RUNS)]
    yield Figure("make rehearse", min(run.seconds for run in runs), "s", at_most=8)
    yield Figure("of it on a processor", min(run.cpu_seconds for run in runs), "s")
    yield Figure("peak memory", max(run.peak_mib for run in runs), "MiB", at_most=400)


def measure_growth() -> Iterator[Figure]:
    """Generated organisations: what each takes, and whether time stays linear in resources.

    Differences are small, and a machine's speed changes by the minute: the sizes take turns, and
    of each the run in the middle counts. The best would be that of a lucky moment, which a short
    run has more easily than a long one.
    """
    with TemporaryDirectory() as folder:
        rounds = [[_rehearsed(size, Path(folder)) for size in SIZES] for _ in range(ROUNDS)]
    runs = [
        min(of_size, key=lambda run: run.used.cpu_seconds) for of_size in zip(*rounds, strict=True)
    ]
    for run in runs:
        size = f"{run.accounts} accounts"
        yield Figure(f"{size}: resources", run.resources, "")
        yield Figure(f"{size}: time", run.used.seconds, "s")
        yield Figure(
            f"{size}: processor time a resource", run.used.cpu_seconds / run.resources * 1e3, "ms"
        )
        yield Figure(
            f"{size}: peak memory",
            run.used.peak_mib,
            "MiB",
            at_most=1024 if run is runs[-1] else None,
        )
    small, middle, large = runs
    growth = _each_more(middle, large) / _each_more(small, middle)
    yield Figure("a resource more, large against small", growth, "x", at_most=LINEAR)


def _rehearsed(accounts: int, folder: Path) -> Sized:
    file = folder / f"{accounts}.yaml"
    file.write_text(json.dumps(generate(accounts, 3, 3)), encoding="utf-8")
    used = python("-c", _PROGRAM, str(file))
    return Sized(accounts, int(used.output), used)


def _each_more(smaller: Sized, larger: Sized) -> float:
    """Processor time for each resource that the larger one has more: what is fixed falls out."""
    more = larger.resources - smaller.resources
    return (larger.used.cpu_seconds - smaller.used.cpu_seconds) / more
