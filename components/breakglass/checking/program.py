"""A program run to its end without a cloud, and everything that it declared."""

import contextlib
import sys
import traceback
import warnings
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from breakglass.checking.recorder import Recorder
from breakglass.checking.unknowns import stand_in, without_secrets
from breakglass.errors import BreakGlassError, InvalidInput, ProgramFailed
from breakglass.rehearsal.engine.monitor import Registration
from breakglass.rehearsal.engine.program import Project, run


@dataclass(frozen=True, slots=True)
class Recording:
    """What a program declared, on all the stacks that were asked for."""

    project: Project
    stacks: tuple[str, ...]
    records: Mapping[str, Registration]
    """By URN."""


def record_all(
    program: Path, stacks: Iterable[str], config: Mapping[str, str] | None = None
) -> Recording:
    """Run the program of the folder ``program``, or of the project above it, once a stack.

    ``config`` (``namespace:key``, or a key of the project's) counts before the stack files. Raises
    `ProgramFailed` for an exception of the program itself, `InvalidInput` where there is no project
    or no such stack, ``RehearsalError`` for what no engine would take.
    """
    project = Project.load(_home(program))
    names = tuple(stacks)
    records: dict[str, Registration] = {}
    for stack in names:
        settings = {**_config(project, stack), **_full(config or {}, project)}
        # what the program prints is no part of a report
        with program_faults(project.root), _untroubled(), contextlib.redirect_stdout(sys.stderr):
            done = run(project.root, stack, settings, Recorder(), preview=True, foreign=True)
        records |= {urn: without_secrets(record) for urn, record in done.records.items()}
    return Recording(project, names, records)


def _home(program: Path) -> Path:
    """The folder of Pulumi.yaml at or above the program, which must be there itself."""
    accepted = "the folder of a Pulumi program: Pulumi.yaml is in it, or above it"
    try:
        place = program.resolve(strict=True)
    except (OSError, RuntimeError, ValueError) as error:  # not there, a loop, no path at all
        raise InvalidInput("--program", str(program), f"{accepted} ({error})") from error
    for folder in (place, *place.parents):
        if (folder / "Pulumi.yaml").is_file():
            return folder
    raise InvalidInput("--program", str(program), accepted)


@contextlib.contextmanager
def _untroubled() -> Iterator[None]:
    """Leave the warnings of the program and its libraries alone: a test may make errors of them."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


# --- configuration --------------------------------------------------------------------------------


def _config(project: Project, stack: str) -> dict[str, Any]:
    """What Pulumi.yaml and the stack's file say; a secret is a marked text, nobody decrypts it."""
    found = _defaults(project)
    file = project.stacks / f"Pulumi.{stack}.yaml"
    if file.is_file():
        found |= _read(file).get("config") or {}
    else:
        others = sorted(one.name for one in project.stacks.glob("Pulumi.*.yaml"))
        if others:
            raise InvalidInput("--stack", stack, f"a stack with a file: {', '.join(others)}")
    return {
        key: stand_in(key.replace(":", "-")) if _is_secret(value) else value
        for key, value in _full(found, project).items()
    }


def _defaults(project: Project) -> dict[str, Any]:
    """The project's own settings (Pulumi docs, "Project-level configuration")."""
    found = {}
    for key, said in (_read(project.root / "Pulumi.yaml").get("config") or {}).items():
        if not isinstance(said, Mapping):
            found[key] = said
        elif said.keys() & {"value", "default"}:
            found[key] = said.get("value", said.get("default"))
    return found


def _read(file: Path) -> dict[str, Any]:
    try:
        found = yaml.safe_load(file.read_text(encoding="utf-8")) or {}
    except (OSError, yaml.YAMLError, UnicodeDecodeError) as error:
        raise InvalidInput(str(file), str(error), "a plain YAML document") from error
    if not isinstance(found, dict) or not isinstance(found.get("config") or {}, dict):
        raise InvalidInput(str(file), found, "a mapping; config, where it is given, is one too")
    return found


def _full(config: Mapping[str, Any], project: Project) -> dict[str, Any]:
    """Keys with their namespace, the project's where they have none."""
    return {key if ":" in key else f"{project.name}:{key}": one for key, one in config.items()}


def _is_secret(value: object) -> bool:
    if isinstance(value, Mapping):
        return value.keys() == {"secure"} or any(map(_is_secret, value.values()))
    return isinstance(value, list) and any(map(_is_secret, value))


# --- a program that fails -------------------------------------------------------------------------

_LIBRARIES: Final = ("site-packages", "dist-packages")
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


def _words(error: Exception) -> str:
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
