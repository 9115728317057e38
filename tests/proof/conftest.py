"""What the tests of the proof share: a slow decider to compare with."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest


def _load(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def reference() -> ModuleType:
    """The plain interpreter beside this file."""
    return _load(Path(__file__).with_name("reference.py"))


@pytest.fixture(scope="session")
def bench() -> ModuleType:
    """The benchmark, whose published policies and requests the tests hold to the reference."""
    return _load(Path(__file__).parents[1] / "bench" / "evaluator.py")
