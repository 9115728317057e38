from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from breakglass.settings import Organisation, load, parse

STACKS = Path(__file__).parents[2] / "stacks"


@pytest.fixture(scope="session")
def example() -> Organisation:
    return load(STACKS / "example.yaml")


@pytest.fixture(scope="session")
def minimal() -> Organisation:
    return load(STACKS / "minimal.yaml")


@pytest.fixture(scope="session")
def with_workloads() -> Callable[[int], Organisation]:
    """The example with so many workloads; every third has a second scope."""
    text = (STACKS / "example.yaml").read_text(encoding="utf-8")

    def make(count: int) -> Organisation:
        data = yaml.safe_load(text)
        names = [f"team-{number:02d}" for number in range(count)]
        data["accounts"] = [a for a in data["accounts"] if a["role"] != "workload"] + [
            {"name": name, "role": "workload", "id": str(700000000000 + number)}
            for number, name in enumerate(names)
        ]
        data["scopes"][0]["accounts"] = names
        data["scopes"][1]["accounts"] = names[::3]
        return parse(data)

    return make
