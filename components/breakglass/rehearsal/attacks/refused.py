"""What a refusal is called where no statement denies, and a refusal that no API makes."""

from typing import Final

from breakglass.errors import BreakGlassError
from breakglass.proof.model import Layer


class Refused(BreakGlassError):  # noqa: N818 - what it is: nothing went wrong
    """The kit itself refuses, before anything is applied. ``by`` says what, for a report."""

    def __init__(self, by: str, reason: str) -> None:
        self.by = by
        super().__init__(reason)


_PHRASES: Final = {
    Layer.IDENTITY: "identity policy",
    Layer.BOUNDARY: "permissions boundary",
    Layer.RESOURCE: "resource's policy",
}


def unallowed(action: str, layer: Layer, *policies: str) -> str:
    """What refuses where no statement denies: none of the ``policies`` allows ``action``."""
    names = ", ".join(policies)
    return f"{action}: No statement of {names} allows it ({_PHRASES[layer]})"


def untrusted(role: str, action: str = "sts:AssumeRole") -> str:
    """What refuses where a role's trust policy lets nobody of this kind in."""
    return unallowed(action, Layer.RESOURCE, f"trust policy of {role}")
