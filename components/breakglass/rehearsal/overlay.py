"""Inputs that moto is known to drop, each with the reason why the rehearsal goes on without it.

What is listed is kept beside the emulation: it shows in the resource's outputs and in the report,
and nothing in the emulation acts on it. Anything that is dropped and not listed stops the rehearsal.
``tests/rehearsal/test_overlay.py`` fails when moto begins to keep one of these.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

OVERLAY: Final[Mapping[tuple[str, str], str]] = MappingProxyType({})
"""(type token, property or path such as ``retryPolicy.maximumRetryAttempts``) to the reason."""
