"""The one exception tree of the kit.

::

    BreakGlassError
    ├── InvalidInput       one value that cannot be used: its name, what was seen, what would do
    ├── InvalidInputs      every fault of one document at once
    ├── QuotaExceeded      a document or a count that AWS would refuse
    ├── NotProvided        a part of the design that this release does not build yet
    ├── ProgramFailed      the user's own program, and the lines of it that led there
    ├── RehearsalError     the rehearsal cannot say anything true any more
    └── Undecided          a value that nobody knows before the program is applied
"""

import pickle
from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

LONGEST_SHOWN = 400
"""Characters of a refused value that its message shows; the error itself holds all of it."""

_NO_BREAK = "\N{NO-BREAK SPACE}"


def visible(text: str) -> str:
    r"""Return a text as one line of what can be seen: a control character as its escape.

    Names and messages come from elsewhere. What would move the cursor, change its colour, begin a
    line or turn round what follows (``str.isprintable``) is shown as Python writes it, ``\x1b``.
    """
    if text.isprintable():
        return text
    return "".join(
        one if one.isprintable() or one == _NO_BREAK else repr(one)[1:-1] for one in text
    )


class BreakGlassError(Exception):
    """Whatever the kit refuses to do, in a sentence that says why."""

    def __reduce__(self) -> tuple[Any, ...]:
        """Go from one process to another whole: the sentence is not what it was made from.

        There it is of the kit's own kind, since nobody knows a program's classes, and of a value
        that stays here it has what Python writes for it.
        """
        kind = next(one for one in type(self).__mro__ if one.__module__.startswith("breakglass."))
        state = {name: _portable(value) for name, value in vars(self).items()}
        return _restored, (kind, str(self), state)


def _restored(kind: type[BreakGlassError], said: str, state: Mapping[str, Any]) -> BreakGlassError:
    error = kind.__new__(kind, said)
    vars(error).update(state)
    return error


def _portable(value: object) -> object:
    try:
        pickle.dumps(value)
    except Exception:  # noqa: BLE001 - each kind of value has its own way to refuse
        return repr(value)
    return value


class InvalidInput(BreakGlassError):  # noqa: N818 - the field's word for it
    """One value that cannot be used.

    ``name`` is the path of the value in the caller's document, ``seen`` what stood there,
    ``accepted`` what would do.
    """

    def __init__(self, name: str, seen: object, accepted: str) -> None:
        self.name, self.seen, self.accepted = name, seen, accepted
        said = f"{name}: {_shown(seen)} is not accepted; give {accepted}"
        super().__init__(visible(said))


class InvalidInputs(BreakGlassError):  # noqa: N818 - plural of InvalidInput
    """All faults of one document, so that they can be mended in one go."""

    def __init__(self, document: str, faults: Sequence[InvalidInput]) -> None:
        self.document, self.faults = document, tuple(faults)
        lines = "\n".join(f"  - {fault}" for fault in self.faults)
        plural = "fault" if len(self.faults) == 1 else "faults"
        super().__init__(f"{visible(document)}: {len(self.faults)} {plural}\n{lines}")


def nearest(seen: str, known: Iterable[str]) -> str:
    """Say what would be accepted, the word that was probably meant first."""
    words = list(known)
    meant = get_close_matches(seen, words, n=1)
    others = f"one of {', '.join(words)}"
    return f"{meant[0]}, or another {others}" if meant else others


def _shown(value: object) -> str:
    """A value as Python writes it, cut where it would bury the message."""
    text = repr(value)
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}..."


class QuotaExceeded(BreakGlassError):  # noqa: N818 - AWS's word for it
    """A document or a count that AWS would refuse: which, how large, how large it may be.

    ``quota`` is the quota's name in the settings, empty for a limit of the kit's own.
    """

    def __init__(self, what: str, size: int, limit: int, quota: str = "") -> None:
        self.what, self.size, self.limit, self.quota = what, size, limit, quota
        super().__init__(f"{what}: {size} is over the quota of {limit}")


class NotProvided(BreakGlassError):  # noqa: N818 - the verdict's name
    """A setting for a part that this release does not build yet."""


class RehearsalError(BreakGlassError):
    """The rehearsal has no true answer: a type, an operation or an input that it does not know."""


class ProgramFailed(BreakGlassError):  # noqa: N818 - the program failed, not the kit
    """A program that did not come to its end: it raised, ended itself, or was killed.

    ``lines`` are those of the program on the way to that, outermost first, each with its text:
    ``infra/__main__.py:12: vault = LogVault(...)``.
    """

    def __init__(self, what: str, lines: Sequence[str]) -> None:
        self.what, self.lines = what, tuple(lines)
        said = "\n  | ".join(map(visible, what.splitlines()))  # its lines are told from ours
        super().__init__("\n  ".join(["the program failed:", *map(visible, self.lines), said]))


class Undecided(BreakGlassError):  # noqa: N818 - the state of the question
    """A value that decides and that nobody knows before the program is applied."""

    def __init__(self, name: str, where: str) -> None:
        self.name, self.where = name, where
        super().__init__(f"{name} of {where} is not known before it is applied")
