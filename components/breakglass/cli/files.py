"""Files that a command reads and writes."""

import os
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from breakglass.errors import InvalidInput

STANDARD_OUTPUT: Final = Path("-")

DEFAULT_ORG: Final = Path("stacks/example.yaml")
"""The organisation file where none is given: the example of a checked out kit."""


def organisation_file(file: Path) -> Path:
    """Return the file of ``--org``; where the default is not there, say that it is one."""
    if file == DEFAULT_ORG and not file.exists():
        seen = f"{file} (the default, which is not in {Path.cwd()})"
        raise InvalidInput("--org", seen, "an organisation file, with --org FILE")
    return file


def project_of(org: Path) -> Path:
    """Return the folder of Pulumi.yaml at or above an organisation file."""
    for folder in org.resolve().parents:
        if (folder / "Pulumi.yaml").is_file():
            return folder
    raise InvalidInput("--org", str(org), "a file in a project: a folder with a Pulumi.yaml")


def check_place(file: Path, option: str) -> None:
    """Refuse a file that is a folder, or in a folder that is not there or not to be written to."""
    if file == STANDARD_OUTPUT:
        return
    if file.is_dir() or not os.access(file if file.exists() else file.parent, os.W_OK):
        raise InvalidInput(option, str(file), "a file that can be written")


def check_places(outputs: Mapping[str, Path | None], inputs: Iterable[Path | None]) -> None:
    """Refuse outputs, by option, that cannot be written, that are one, or that are an input."""
    read = {file.resolve() for file in inputs if file}
    taken: dict[Path, str] = {}
    for option, file in outputs.items():
        if file is None:
            continue
        check_place(file, option)
        place = file if file == STANDARD_OUTPUT else file.resolve()
        if place in read:
            raise InvalidInput(option, str(file), "another file than one that is read")
        if place in taken:
            raise InvalidInput(option, str(file), f"another place than {taken[place]} has")
        taken[place] = option


def write(file: Path, text: str, option: str) -> None:
    """Write to a file, or to standard output for ``-``."""
    if file == STANDARD_OUTPUT:
        sys.stdout.write(text)
        return
    check_place(file, option)
    try:
        _write_whole(file, text)
    except OSError as error:
        raise InvalidInput(option, str(file), f"a file that can be written ({error})") from error


def _write_whole(file: Path, text: str) -> None:
    """Write beside the file, and put that in its place: who is interrupted leaves the old one."""
    content = text.encode(errors="backslashreplace")  # half a character: JSON has that escape too
    if file.exists() and not file.is_file():  # a pipe or a device cannot be replaced
        file.write_bytes(content)
        return
    target = file.resolve()
    beside = target.with_name(f".{os.getpid()}.part")
    try:
        beside.write_bytes(content)
        beside.replace(target)
    finally:
        beside.unlink(missing_ok=True)
