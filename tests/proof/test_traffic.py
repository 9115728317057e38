"""Ordinary work, as events."""

import os
import subprocess
import sys

import pytest

TOLD = """
import json
from breakglass.proof.traffic import traffic
for event, _ in traffic("555555555555", "eu-west-1"):
    print(json.dumps(event, sort_keys=True))
"""


def told(seed: str) -> str:
    done = subprocess.run(  # noqa: S603 - this interpreter, and a program that stands above
        [sys.executable, "-c", TOLD],
        env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


@pytest.fixture(scope="module")
def events() -> str:
    return told("1")


def test_ordinary_work_is_the_same_in_every_interpreter(events: str) -> None:
    assert told("2") == events


def test_there_is_ordinary_work(events: str) -> None:
    assert "GetCallerIdentity" in events
