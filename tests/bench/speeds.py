"""The evaluator and the matcher, each in a fresh process, beside a peer."""

import importlib.util
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

from breakglass.proof.evaluate import Evaluator
from breakglass.proof.model import Decision, Layers, Request
from tests.bench.evaluator import FLOOR, layers, requests
from tests.bench.figure import Figure
from tests.bench.process import python

PEER_REQUESTS: Final = 1_000
REFERENCE: Final = Path(__file__).parents[1] / "proof" / "reference.py"


def _figures_of(module: str) -> dict[str, Any]:
    program = f"import json; from tests.bench.{module} import run; print(json.dumps(run()))"
    return dict(json.loads(python("-c", program).output))


def measure_evaluator() -> Iterator[Figure]:
    """Decisions a second on one core; how many times faster than interpreting the same policy."""
    seen = _figures_of("evaluator")
    rate = "decisions/s"
    yield Figure("ten statements", seen["ten_statements_per_second"], rate, at_least=FLOOR)
    yield Figure("ten statements that all match", seen["ten_matching_statements_per_second"], rate)
    yield Figure("seven layers", seen["seven_layers_per_second"], rate)
    yield Figure("time for 4x the requests", seen["growth_1x_2x_4x"][-1], "x")
    yield Figure("against interpreting the policy", _times_faster(), "x", at_least=1)
    yield Figure("peak memory", seen["peak_mib"], "MiB")


def _times_faster() -> float:
    """Compare with the plain reference of the evaluator's tests, in this one process."""
    under, asked = layers("ten_statements"), requests(PEER_REQUESTS)
    decide, interpreted = Evaluator(under).decide, _reference()
    began = time.process_time()
    for request in asked:
        decide(request)
    middle = time.process_time()
    for request in asked:
        interpreted(request, under)
    return (time.process_time() - middle) / (middle - began)


def _reference() -> Callable[[Request, Layers], Decision]:
    spec = importlib.util.spec_from_file_location("reference", REFERENCE)
    assert spec is not None  # the file is part of the project
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    decide: Callable[[Request, Layers], Decision] = module.decide
    return decide


def measure_matcher() -> Iterator[Figure]:
    """A million events through every deployed pattern on one core; how many times moto's speed."""
    seen = _figures_of("matcher")
    yield Figure("a million events", seen["seconds"], "s", at_most=seen["floor seconds"])
    yield Figure("last quarter against the first", seen["growth"], "x")
    yield Figure("against moto's matcher", seen["times moto"], "x", at_least=1)
    yield Figure("peak memory", seen["peak MiB"], "MiB")
