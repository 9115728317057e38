"""How long the tests of this folder may search: a little by default, at length when asked to."""

import os
from typing import Any, Final

from hypothesis import settings

LONG: Final = "BREAKGLASS_SEARCH"
"""Name of the variable that multiplies every search, such as ``BREAKGLASS_SEARCH=20``."""

FACTOR: Final = int(os.environ.get(LONG, "1"))


def cases(count: int) -> int:
    """How many cases to generate."""
    return count * FACTOR


def examples(count: int) -> Any:  # noqa: ANN401 - Hypothesis has no name for what decorates
    """Hypothesis' settings for so many examples."""
    return settings(max_examples=cases(count))
