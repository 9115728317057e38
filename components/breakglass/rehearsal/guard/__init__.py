"""Whether the emulated AWS lets a call through: calls become questions for IAM, then verdicts."""

from breakglass.rehearsal.guard.guard import Guard
from breakglass.rehearsal.guard.operations import Need, Operations
from breakglass.rehearsal.guard.world import World

__all__ = ["Guard", "Need", "Operations", "World"]
