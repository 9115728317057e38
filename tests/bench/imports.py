"""What ``import breakglass`` takes, and that it loads nothing of rehearsal and proof."""

import json
import textwrap
from collections.abc import Iterator
from typing import Final

from tests.bench.figure import Figure
from tests.bench.process import python

HEAVY: Final = ("boto3", "botocore", "moto", "z3")
RUNS: Final = 3

_PROGRAM: Final = textwrap.dedent("""
    import json, sys, time
    began = time.perf_counter()
    import breakglass
    bare = time.perf_counter() - began
    breakglass.BreakGlass
    whole = time.perf_counter() - began
    print(json.dumps({"bare": bare, "whole": whole, "loaded": sorted(sys.modules)}))
""")


def measure() -> Iterator[Figure]:
    """The best of some fresh processes."""
    runs = [json.loads(python("-c", _PROGRAM).output) for _ in range(RUNS)]
    heavy = [name for name in HEAVY if name in runs[0]["loaded"]]
    yield Figure("import breakglass", min(run["bare"] for run in runs), "s", at_most=1)
    yield Figure(f"of {', '.join(HEAVY)}: loaded with it", len(heavy), "", at_most=0)
    yield Figure("import its components, Pulumi's SDKs with them", runs[0]["whole"], "s")
