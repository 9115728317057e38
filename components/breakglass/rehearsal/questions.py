"""What a program that runs beside a rehearsal asks of it, as it goes from process to process."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Asked:
    """What a program wants of the applier: one of its methods.

    With it comes what the SDK knows of the type, since it is not loaded where the applier is.
    """

    method: str
    arguments: tuple[Any, ...]
    options: Mapping[str, Any]
    token: str
    properties: frozenset[str]
