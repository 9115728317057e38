"""How a command ends: its exit code, and what is said when it cannot go on."""

import errno
import os
import sys
from collections.abc import Callable, Mapping
from enum import IntEnum
from functools import wraps
from typing import Final, ParamSpec

import typer

from breakglass.errors import BreakGlassError, ProgramFailed, RehearsalError, visible


class ExitCode(IntEnum):
    """What a script may rely on; ``docs/reference/exit-codes.md`` is written from it."""

    WELL = 0
    SHORT = 1
    WRONG = 2
    PROGRAM = 3
    INTERRUPTED = 130
    PIPE_CLOSED = 141


MEANINGS: Final[Mapping[ExitCode, str]] = {
    ExitCode.WELL: "All is well. NOT PROVIDED is told, and is no fault.",
    ExitCode.SHORT: (
        "Something falls short: an attack was not denied as it should be, its twin was refused, an"
        " invariant is BROKEN or UNKNOWN, an exception has expired, or the rehearsal had no true"
        " answer."
    ),
    ExitCode.WRONG: (
        "Wrong use, a faulty organisation file, a file that cannot be read or written, or an extra"
        " that is not installed."
    ),
    ExitCode.PROGRAM: (
        "The Pulumi program did not come to its end: it raised, ended itself, was killed, or asked"
        " for what no engine would take. Its own lines are told."
    ),
    ExitCode.INTERRUPTED: "Interrupted from the keyboard (128 + SIGINT).",
    ExitCode.PIPE_CLOSED: "Whoever read the output stopped reading (128 + SIGPIPE).",
}
"""One sentence a code, in the order of the page."""

HELP: Final = (
    "Exit codes: 0 all is well, 1 something falls short, 2 wrong use or a faulty file, 3 a program"
    " that failed."
)
"""What ``--help`` says of them."""

EXTRAS: Final[Mapping[str, str]] = {
    "boto3": "rehearsal",
    "botocore": "rehearsal",
    "graphql": "rehearsal",
    "httpx": "rehearsal",
    "moto": "rehearsal",
    "werkzeug": "rehearsal",
}
"""Top-level module to the extra that brings it."""

Arguments = ParamSpec("Arguments")


def ended(act: Callable[Arguments, ExitCode]) -> Callable[Arguments, None]:
    """Make a command of ``act``: its answer is the exit code, its refusals are sentences."""

    @wraps(act)
    def command(*args: Arguments.args, **kwargs: Arguments.kwargs) -> None:
        try:
            code = act(*args, **kwargs)
            sys.stdout.flush()
        except BreakGlassError as error:
            code = _told(error)
        except ModuleNotFoundError as missing:
            code = _missing(missing)
        except KeyboardInterrupt:
            sys.stderr.write("breakglass: interrupted\n")
            code = ExitCode.INTERRUPTED
        except BrokenPipeError:
            code = _pipe_closed()
        except OSError as error:
            code = _full(error)
        raise typer.Exit(code)

    return command


def _told(error: BreakGlassError) -> ExitCode:
    """Print a refusal and its notes. Only the rehearsal itself can fall short by an error."""
    notes = "".join(f"\n  {visible(note)}" for note in getattr(error, "__notes__", ()))
    said = "\n".join(map(visible, f"{error}".splitlines()))  # its own lines stay lines
    sys.stderr.write(f"breakglass: {said}{notes}\n")
    if isinstance(error, ProgramFailed):
        return ExitCode.PROGRAM
    return ExitCode.SHORT if isinstance(error, RehearsalError) else ExitCode.WRONG


def _missing(missing: ModuleNotFoundError) -> ExitCode:
    """Name the extra that brings a module; a module of no extra is a fault of the kit's."""
    extra = EXTRAS.get((missing.name or "").split(".")[0])
    if extra is None:
        raise missing
    sys.stderr.write(
        f"breakglass: this command needs {missing.name}, which is not installed;"
        f" pip install 'breakglass[{extra}]'\n"
    )
    return ExitCode.WRONG


def told_outside(act: Callable[[], None]) -> None:
    """Run ``act``, which ends the process itself, and tell what fails where no command is at work.

    ``--help`` and ``--version`` write too; so does the interpreter, what is left at its end.
    """
    given = _output()
    try:
        try:
            act()
        finally:
            sys.stdout.flush()
    except SystemExit as end:
        # click and rich replace a closed pipe, and say 1, which would be that something falls short
        if end.code == ExitCode.SHORT and _output() != given:
            sys.exit(ExitCode.PIPE_CLOSED)
        raise
    except BrokenPipeError:
        sys.exit(_pipe_closed())
    except OSError as error:
        sys.exit(_full(error))


def _output() -> tuple[int, int, int]:
    """What tells one standard output from another."""
    file = os.fstat(sys.stdout.fileno())
    return id(sys.stdout), file.st_dev, file.st_ino


def _pipe_closed() -> ExitCode:
    """Say nothing, and leave nothing for the interpreter to flush at its end."""
    _drop_output()
    return ExitCode.PIPE_CLOSED


def _full(error: OSError) -> ExitCode:
    """Say that there is no room for the answer; any other refusal of the system is a fault."""
    if error.errno != errno.ENOSPC:
        raise error
    _drop_output()
    sys.stderr.write(f"breakglass: {error}\n")
    return ExitCode.WRONG


def _drop_output() -> None:
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def page() -> str:
    """The codes as ``docs/reference/exit-codes.md``."""
    rows = "\n".join(f"| {code.value} | {meaning} |" for code, meaning in MEANINGS.items())
    return (
        "# Exit codes\n\n<!-- written by `make docs` from breakglass.cli.endings -->\n\n"
        "Every command of `breakglass` ends with one of these.\n\n"
        f"| code | meaning |\n|---|---|\n{rows}\n"
    )
