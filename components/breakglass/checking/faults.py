"""A program that fails: what is told of it is its own, and no line of ours or of a library."""

import contextlib
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from breakglass.errors import BreakGlassError, ProgramFailed
from breakglass.processes import ending
from breakglass.rehearsal.engine.registration import RegistrationError

_LIBRARIES: Final = ("site-packages", "dist-packages")
_MOST: Final = 20
"""So many lines are told on the way to an exception."""
_RAISED_BY: Final = "raised by the program at "


@contextlib.contextmanager
def program_faults(root: Path) -> Iterator[None]:
    """Turn an exception of the program itself into `ProgramFailed`, with its own lines only."""
    try:
        yield
    except BreakGlassError as error:
        if isinstance(error.__cause__, SystemExit):
            raise ProgramFailed(str(error), _lines(error.__cause__, root)) from error
        raise
    except Exception as error:
        lines = _lines(error, root)
        if not lines:
            raise  # ours
        raise ProgramFailed(_words(error), lines) from error


def failure_of(error: BaseException, root: Path) -> ProgramFailed:
    """Return what is told of whatever ended a program, where nothing but the program was at work.

    What the kit or the engine refuses has its words alone: they name the resource and its line.
    """
    ended = error.__cause__ if isinstance(error.__cause__, SystemExit) else error
    lines = _lines(ended, root)
    if isinstance(error, RegistrationError) or ended is not error:
        failure = ProgramFailed(str(error), lines)
    else:
        failure = ProgramFailed(_words(error), lines or ["__main__.py"])
    for note in getattr(error, "__notes__", ()):
        if not note.startswith(_RAISED_BY):
            failure.add_note(note)
    return failure


def ended_by_itself(status: int) -> ProgramFailed:
    """Return what is told of a program whose process ended without a word."""
    return ProgramFailed(f"it ended by itself before its end: {ending(status)}", ())


def _words(error: BaseException) -> str:
    said = error.msg if isinstance(error, SyntaxError) else str(error)
    return f"{type(error).__name__}: {said}" if said else type(error).__name__


def _lines(error: BaseException, root: Path) -> list[str]:
    """The program's lines on the way to an exception, outermost first."""
    if isinstance(error, SyntaxError) and error.filename:
        return [_shown(error.filename, error.lineno, error.text, root)]
    frames = traceback.extract_tb(error.__traceback__)
    found = [
        _shown(frame.filename, frame.lineno, frame.line, root)
        for frame in frames
        if _is_the_programs(frame.filename, root)
    ]
    if len(found) > _MOST:  # it calls itself without end
        found = [*found[: _MOST // 2], "...", *found[-_MOST // 2 :]]
    noted = [note for note in getattr(error, "__notes__", ()) if note.startswith(_RAISED_BY)]
    return found or [note.removeprefix(_RAISED_BY) for note in noted]


def _is_the_programs(file: str, root: Path) -> bool:
    path = Path(file)
    return (
        path.is_relative_to(root)
        and not {*_LIBRARIES} & {*path.parts}
        and _OURS not in path.parents
    )


_OURS: Final = Path(__file__).parents[1]


def _shown(file: str, line: int | None, text: str | None, root: Path) -> str:
    path = Path(file)
    where = path.relative_to(root) if path.is_relative_to(root) else path
    said = f": {text.strip()}" if text else ""
    return f"{where}:{line}{said}"
