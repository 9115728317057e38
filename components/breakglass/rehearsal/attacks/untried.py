"""What no attack tries, and why: the part is not built, or the emulation cannot say."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Untried:
    """Something that somebody could attack and that nothing here attacks."""

    what: str
    """What is not tried, as a sentence that names it."""
    reason: str
    """Why not, and what stands instead, in sentences."""


UNTRIED: Final[Sequence[Untried]] = (
    Untried(
        "Every attack on the ledger's bucket",
        "Not provided: no component makes a ledger yet. Its bucket is to be locked as vault and"
        " witness are; the records themselves lie in those two, and are attacked there.",
    ),
    Untried(
        "Every attack on the broker, its function, its roles and the App's key",
        "Not provided: of the broker there is the account that it is to be in, and nothing else."
        " That account's administrator attacks what is there.",
    ),
    Untried(
        "A flood of refused calls, each of which rings",
        "Not provided: nothing groups calls before there is a ledger, and the emulation knows no"
        " rates. That a refused call rings is in the tables.",
    ),
    Untried(
        "A copy of another object over a record",
        "The emulation refuses every copy into a locked bucket. IAM decides a copy as a write, and"
        " writes over a record are tried.",
    ),
)
"""Each of them, the worst first."""
