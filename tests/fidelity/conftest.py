"""What the rows of the table share."""

from collections.abc import Iterator

import pytest

from tests.fidelity.land import Land
from tests.fidelity.land import land as start


@pytest.fixture(scope="module")
def land() -> Iterator[Land]:
    with start() as made:
        yield made
