"""How often the interpreter looks for garbage while a rehearsal runs."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

OBJECTS_BEFORE_COLLECTION: Final = 10_000_000
"""New objects after which the interpreter looks for garbage (its own default is 700)."""


@contextmanager
def rarely_collected() -> Iterator[None]:
    """Look for garbage rarely: next to nothing here becomes any, and looking took a fifth of it."""
    before = gc.get_threshold()
    gc.set_threshold(OBJECTS_BEFORE_COLLECTION, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
