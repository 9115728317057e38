"""What the tests of the invariants share: two recorded graphs."""

import sys
from pathlib import Path

import pytest

from breakglass.proof.graph import Graph

sys.path.insert(0, str(Path(__file__).parent))  # where recording and mutations are


@pytest.fixture(scope="session")
def example() -> Graph:
    """Six accounts in an organisation, production."""
    from recording import graph  # noqa: PLC0415 - the path is set above

    return graph("example")


@pytest.fixture(scope="session")
def minimal() -> Graph:
    """Two accounts without an organisation."""
    from recording import graph  # noqa: PLC0415 - likewise

    return graph("minimal")
