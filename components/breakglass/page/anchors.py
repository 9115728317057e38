"""Ids of what a link leads to."""

import re
from typing import Final

_UNFIT: Final = re.compile(r"[^a-z0-9]+")


def attack_anchor(name: str) -> str:
    """The id of an attack's row."""
    return f"attack-{_fit(name)}"


def invariant_anchor(name: str) -> str:
    """The id of an invariant's row."""
    return f"invariant-{_fit(name)}"


def _fit(name: str) -> str:
    return _UNFIT.sub("-", name.lower())
