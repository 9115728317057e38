"""The commands. What is heavy is imported when a command needs it, so that ``--help`` is quick."""

import json
import os
import sys
from enum import StrEnum
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Annotated, Final

import typer

from breakglass.cli.endings import HELP, ExitCode, ended
from breakglass.cli.terminal import screen, telling
from breakglass.errors import InvalidInput

app = typer.Typer(
    name="breakglass",
    help="A break-glass path for AWS and GitHub: rehearse it, draw it, check its settings.",
    epilog=HELP,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
settings = typer.Typer(help="The organisation file.", no_args_is_help=True)
app.add_typer(settings, name="settings")

STANDARD_OUTPUT: Final = Path("-")


class SideName(StrEnum):
    """The sides, by name: their own enumeration loads the settings, which ``--help`` need not."""

    KEEPER = "keeper"
    EDGE = "edge"
    ALL = "all"


Org = Annotated[
    Path,
    typer.Option("--org", metavar="FILE", help="Organisation file."),
]
EXAMPLE: Final = Path("stacks/example.yaml")


@app.callback(invoke_without_command=True)
def breakglass(
    *,
    show_version: Annotated[
        bool, typer.Option("--version", is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """A break-glass path for AWS and GitHub: rehearse it, draw it, check its settings."""
    if show_version:
        sys.stdout.write(f"breakglass {_version()}\n")
        raise typer.Exit


@app.command(epilog=HELP)
@ended
def rehearse(
    org: Org = EXAMPLE,
    side: Annotated[
        SideName | None, typer.Option(help="Rehearse one side only; both when omitted.")
    ] = None,
    json_file: Annotated[
        Path | None,
        typer.Option("--json", metavar="FILE", help="Write the report as JSON; - for the screen."),
    ] = None,
) -> ExitCode:
    """Apply an organisation to emulated AWS accounts and GitHub, and attack it."""
    from breakglass.cli.tables import show  # noqa: PLC0415 - see above
    from breakglass.settings import Side, check_side, load  # noqa: PLC0415 - see above

    organisation = load(org)
    wanted = Side(side) if side else None
    if wanted:
        check_side(organisation, wanted)
    project = _project(org)
    if json_file:
        _check_place(json_file, "--json")  # now, not when all is rehearsed
    with telling() as tell:
        tell("loading the emulation")
        from breakglass.rehearsal.rehearse import rehearse as perform  # noqa: PLC0415 - see above

        report = perform(project, org.resolve(), organisation, side=wanted, progress=tell)
    if json_file != STANDARD_OUTPUT:
        show(report, screen())
    if json_file:
        _write(
            json_file, json.dumps(report.as_json(), indent=2, ensure_ascii=False) + "\n", "--json"
        )
    return ExitCode.SHORT if report.falls_short else ExitCode.WELL


@app.command(epilog=HELP)
@ended
def graph(
    org: Org = EXAMPLE,
    output: Annotated[
        Path,
        typer.Option("--output", "-o", metavar="FILE", help="SVG file to write; - for the screen."),
    ] = STANDARD_OUTPUT,
) -> ExitCode:
    """Draw the topology of an organisation as SVG."""
    from breakglass.picture import draw  # noqa: PLC0415 - see above
    from breakglass.settings import load  # noqa: PLC0415 - see above

    _write(output, draw(load(org)), "--output")
    return ExitCode.WELL


@settings.command(epilog=HELP)
@ended
def schema() -> ExitCode:
    """Print the JSON Schema of an organisation file."""
    from breakglass.settings import schema_text  # noqa: PLC0415 - see above

    sys.stdout.write(schema_text())
    return ExitCode.WELL


@settings.command(epilog=HELP)
@ended
def check(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Organisation file.")],
) -> ExitCode:
    """Check an organisation file, and tell all its faults at once."""
    from breakglass.settings import load  # noqa: PLC0415 - see above

    organisation = load(file)
    accounts, scopes = len(organisation.accounts), len(organisation.scopes)
    repositories = len(organisation.github.repositories)
    sys.stdout.write(
        f"{file}: no fault; accounts: {accounts}, scopes: {scopes}, repositories: {repositories}\n"
    )
    return ExitCode.WELL


def _project(org: Path) -> Path:
    """The folder of Pulumi.yaml at or above an organisation file."""
    for folder in org.resolve().parents:
        if (folder / "Pulumi.yaml").is_file():
            return folder
    raise InvalidInput("--org", str(org), "a file in a project: a folder with a Pulumi.yaml")


def _check_place(file: Path, option: str) -> None:
    """Refuse a file that is a folder, or in a folder that is not there or not to be written to."""
    if file == STANDARD_OUTPUT:
        return
    if file.is_dir() or not os.access(file if file.exists() else file.parent, os.W_OK):
        raise InvalidInput(option, str(file), "a file that can be written")


def _write(file: Path, text: str, option: str) -> None:
    """Write to a file, or to standard output for ``-``."""
    if file == STANDARD_OUTPUT:
        sys.stdout.write(text)
        return
    _check_place(file, option)
    try:
        _write_whole(file, text)
    except OSError as error:
        raise InvalidInput(option, str(file), f"a file that can be written ({error})") from error


def _write_whole(file: Path, text: str) -> None:
    """Write beside the file, and put that in its place: who is interrupted leaves the old one."""
    if file.exists() and not file.is_file():  # a pipe or a device cannot be replaced
        file.write_text(text, encoding="utf-8")
        return
    target = file.resolve()
    beside = target.with_name(f".{os.getpid()}.part")
    try:
        beside.write_text(text, encoding="utf-8")
        beside.replace(target)
    finally:
        beside.unlink(missing_ok=True)


def _version() -> str:
    """The version of the installed distribution."""
    try:
        return version("breakglass")
    except PackageNotFoundError:
        return "(not installed)"
