"""Attacks, invariants and mutants: what a rehearsal, a check and a hunt rest on."""

import json
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from tests.bench.figure import Figure
from tests.bench.process import python
from tests.support.organisations import generate

ROOT: Final = Path(__file__).parents[2]
EXAMPLE: Final = ROOT / "stacks" / "example.yaml"
RUNS: Final = 3
ROUNDS: Final = 3
SIZES: Final = (10, 20, 60)
"""Accounts; in three Regions, with three repositories."""
LINEAR: Final = 1.3
"""A resource more may cost this much more in a large organisation than in a small one."""
FALLS_SHORT: Final = 1

_ATTACKS: Final = """
import json, sys, time
from pathlib import Path
from breakglass.rehearsal.attacks import attack_all
from breakglass.rehearsal.garbage import rarely_collected
from breakglass.rehearsal.stage import stage
from breakglass.settings import load
file = Path(sys.argv[1])
organisation = load(file)
with rarely_collected(), stage(Path.cwd(), file, organisation) as standing:
    began = time.monotonic()
    results = attack_all(standing)
    print(json.dumps({"seconds": time.monotonic() - began, "attacks": len(results)}))
"""

COPIES: Final = 3
_INVARIANTS: Final = f"""
import json, sys, time
from multiprocessing import get_context
from pathlib import Path
from breakglass.checking.declared import declared
from breakglass.proof.invariants import check_all
from breakglass.settings import load
file = Path(sys.argv[1])
graph = declared(Path.cwd(), file, load(file))
def pace():
    began = time.process_time()
    for _ in range(200):
        sorted({{str(number): number for number in range(2000)}}.items())
    return time.process_time() - began
def ask(_):
    before = pace()
    began = time.process_time()
    findings = check_all(graph)
    seconds = time.process_time() - began
    return seconds / (before + pace()), seconds, len(findings)
with get_context("fork").Pool(1, maxtasksperchild=1) as copies:
    runs = copies.map(ask, range({COPIES}), chunksize=1)
paced, seconds, asked = sorted(runs)[{COPIES} // 2]
resources = len(graph.resources)
print(json.dumps({{"paced": paced, "seconds": seconds, "resources": resources, "asked": asked}}))
"""
"""Each time in a copy of the process that holds the graph: it has asked nothing yet. Before and
after, the machine's pace is taken by some work of a fixed size."""


def measure_attacks() -> Iterator[Figure]:
    """All attacks with their twins, on top of the apply; the best of some runs."""
    runs = [_told(_ATTACKS, EXAMPLE) for _ in range(RUNS)]
    yield Figure("attacks", runs[0]["attacks"], "", at_least=120)
    yield Figure("all of them", min(run["seconds"] for run in runs), "s", at_most=3)


def measure_invariants() -> Iterator[Figure]:
    """All invariants of generated organisations, and whether time stays linear in resources.

    The sizes take turns, and of each the run in the middle counts: see `rehearsals.measure_growth`.
    """
    with TemporaryDirectory() as folder:
        rounds = [[_asked(size, Path(folder)) for size in SIZES] for _ in range(ROUNDS)]
    small, middle, large = (
        sorted(runs, key=lambda run: run["paced"])[ROUNDS // 2]
        for runs in zip(*rounds, strict=True)
    )
    yield Figure("invariants", large["asked"], "")
    for accounts, run in zip(SIZES, (small, middle, large), strict=True):
        yield Figure(f"{accounts} accounts: resources", run["resources"], "")
        yield Figure(f"{accounts} accounts: processor time", run["seconds"], "s")
    growth = _each_more(middle, large) / _each_more(small, middle)
    yield Figure("a resource more, large against small", growth, "x", at_most=LINEAR)


def measure_mutants() -> Iterator[Figure]:
    """The whole hunt on the example."""
    hunt = ("-m", "breakglass.cli", "mutate", "--org", str(EXAMPLE), "--json", "-")
    used = python(*hunt, accepted=(0, FALLS_SHORT))
    found = json.loads(used.output)
    yield Figure("mutants", found["mutants"], "", at_least=300)
    yield Figure("survivors", len(found["survivors"]), "", at_most=0)
    yield Figure("reads that no mutant touches", len(found["untouched_reads"]), "")
    yield Figure("the hunt", found["seconds"], "s", at_most=60)
    yield Figure("peak memory of one process", used.peak_mib, "MiB")


def _told(program: str, file: Path) -> dict[str, Any]:
    return dict(json.loads(python("-c", program, str(file)).output))


def _asked(accounts: int, folder: Path) -> dict[str, Any]:
    file = folder / f"{accounts}.yaml"
    file.write_text(json.dumps(generate(accounts, 3, 3)), encoding="utf-8")
    return _told(_INVARIANTS, file)


def _each_more(smaller: dict[str, Any], larger: dict[str, Any]) -> float:
    """Time for each resource that the larger one has more, against the machine's pace.

    What is fixed falls out.
    """
    more = larger["resources"] - smaller["resources"]
    return float((larger["paced"] - smaller["paced"]) / more)
