"""A program run to its end without a cloud, and everything that it declared."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from breakglass.checking.answers import Answer
from breakglass.checking.apart import answer_of
from breakglass.checking.child import Question
from breakglass.checking.unknowns import stand_in
from breakglass.errors import InvalidInput, InvalidInputs
from breakglass.proof.graph import Unread
from breakglass.rehearsal.engine.project import Project
from breakglass.rehearsal.engine.registration import Registration

_STACK: Final = re.compile(r"([^/\s]+/){0,2}(?P<name>[A-Za-z0-9_.-]{1,100})")
"""What a stack may be called; organisation and project may stand before it (Pulumi docs,
"Stacks")."""

_KEY: Final = re.compile(r"[^\s:]+(:[^\s:]+)?")
"""What a setting may be called (Pulumi docs, "Configuration")."""

_DROPPED: Final = "Pulumi drops asynchronous work that is under way when the program ends"


@dataclass(frozen=True, slots=True)
class Recording:
    """What a program declared, on all the stacks that were asked for."""

    project: Project
    stacks: tuple[str, ...]
    records: Mapping[str, Registration]
    """By URN."""
    unread: tuple[Unread, ...] = ()
    """What it may declare besides."""

    @classmethod
    def of(
        cls, project: Project, questions: Iterable[Question], answers: Iterable[Answer]
    ) -> "Recording":
        """Put together what came of each stack."""
        came = tuple(answers)
        return cls(
            project,
            tuple(one.stack for one in questions),
            {urn: record for one in came for urn, record in one.records.items()},
            tuple(Unread(u.name, u.source, _DROPPED) for one in came for u in one.unfinished),
        )


def record_all(
    program: Path, stacks: Iterable[str], config: Mapping[str, str] | None = None
) -> Recording:
    """Run the program of the folder ``program``, or of the project above it, once a stack.

    Each run is a process of its own, which ends with this one. ``config`` (``namespace:key``, or a
    key of the project's) counts before the stack files. Raises `ProgramFailed` where the program
    does not come to its end, and `InvalidInput` where there is no project or no such stack.
    """
    project = project_of(program)
    questions = questions_of(project, stacks, config or {})
    return Recording.of(project, questions, map(answer_of, questions))


def project_of(program: Path) -> Project:
    """Return the project of a folder, with a program that can be run."""
    project = Project.load(_home(program))
    project.demand_program()
    return project


def questions_of(
    project: Project, stacks: Iterable[str], config: Mapping[str, str]
) -> Sequence[Question]:
    """Return what has to be run: the program of a project, once a stack."""
    names = _names(tuple(stacks))
    given = _full(config, project, "--config")
    return [Question(str(project.root), one, {**_config(project, one), **given}) for one in names]


def _names(stacks: Sequence[str]) -> Sequence[str]:
    """What the program and the stack files call the stacks: their names alone."""
    found = [match["name"] for match in map(_STACK.fullmatch, stacks) if match]
    if len(set(found)) < len(stacks):
        accepted = "once each, names of letters, digits, hyphens, underscores and periods"
        raise InvalidInput("--stack", ", ".join(stacks), accepted)
    return found


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


# --- configuration --------------------------------------------------------------------------------


def _config(project: Project, stack: str) -> dict[str, Any]:
    """What Pulumi.yaml and the stack's file say; a secret is a marked text, nobody decrypts it."""
    found = _full(_defaults(project), project, "Pulumi.yaml: config")
    file = project.stacks / f"Pulumi.{stack}.yaml"
    if file.is_file():
        found |= _full(_read(file).get("config") or {}, project, f"{file.name}: config")
    else:
        others = sorted(one.name for one in project.stacks.glob("Pulumi.*.yaml"))
        if others:
            raise InvalidInput("--stack", stack, f"a stack with a file: {', '.join(others)}")
    return {
        key: stand_in(key.replace(":", "-")) if _is_secret(value) else value
        for key, value in found.items()
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


def _full(config: Mapping[Any, Any], project: Project, where: str) -> dict[str, Any]:
    """Keys with their namespace, the project's where they have none; all that are none at once."""
    wrong = [key for key in config if not (isinstance(key, str) and _KEY.fullmatch(key))]
    if wrong:
        accepted = "KEY or NAMESPACE:KEY, without blanks"
        raise InvalidInputs(where, [InvalidInput("key", key, accepted) for key in wrong])
    return {key if ":" in key else f"{project.name}:{key}": one for key, one in config.items()}


def _is_secret(value: object) -> bool:
    if isinstance(value, Mapping):
        return value.keys() == {"secure"} or any(map(_is_secret, value.values()))
    return isinstance(value, list) and any(map(_is_secret, value))
