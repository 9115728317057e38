"""Property values as Pulumi sends them between program, engine and provider.

A value that cannot be known yet, a secret, a resource and an output travel as marked strings and
objects. Here they are plain Python values.
"""

from typing import Final


class Unknown:
    """A value that only an update, never a preview, will know."""

    __slots__ = ()

    def __repr__(self) -> str:
        """Show what stands for an unknown value in reports."""
        return "<unknown>"


UNKNOWN: Final = Unknown()
"""The only instance that matters: compare with ``is``."""
