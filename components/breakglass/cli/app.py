"""The commands. What is heavy is imported when a command needs it, so that ``--help`` is quick."""

import json
import sys
from datetime import UTC, datetime
from enum import StrEnum
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Annotated

import typer

from breakglass.cli.check import check_program
from breakglass.cli.endings import HELP, ExitCode, ended
from breakglass.cli.files import (
    DEFAULT_ORG,
    STANDARD_OUTPUT,
    check_places,
    organisation_file,
    project_of,
    write,
)
from breakglass.cli.mutate import mutate_organisation
from breakglass.cli.terminal import screen, telling
from breakglass.errors import visible

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


class SideName(StrEnum):
    """The sides, by name: their own enumeration loads the settings, which ``--help`` need not."""

    KEEPER = "keeper"
    EDGE = "edge"
    ALL = "all"


Org = Annotated[
    Path,
    typer.Option("--org", metavar="FILE", help="Organisation file."),
]


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
    org: Org = DEFAULT_ORG,
    side: Annotated[
        SideName | None,
        typer.Option(
            help="Report one side only; both when omitted. The edge side stands on the keeper "
            "side, which is applied first."
        ),
    ] = None,
    json_file: Annotated[
        Path | None,
        typer.Option("--json", metavar="FILE", help="Write the report as JSON; - for the screen."),
    ] = None,
    html_file: Annotated[
        Path | None,
        typer.Option(
            "--html", metavar="FILE", help="Write the report as a page; - for the screen."
        ),
    ] = None,
    *,
    mutants: Annotated[
        bool, typer.Option("--mutants", help="Ask the invariants about weakened copies too.")
    ] = False,
) -> ExitCode:
    """Apply an organisation to emulated AWS accounts and GitHub, and attack it."""
    from breakglass.rehearsal.programs import programs_beside  # noqa: PLC0415 - see above
    from breakglass.rehearsal.stacks import programs_of  # noqa: PLC0415 - see above
    from breakglass.settings import Side, check_side, load  # noqa: PLC0415 - see above

    organisation = load(organisation_file(org))
    wanted = Side(side) if side else None
    if wanted:
        check_side(organisation, wanted)
    project = project_of(org)
    # now, not when all is rehearsed
    check_places({"--json": json_file, "--html": html_file}, [org])
    began = datetime.now(UTC)
    running = programs_beside(programs_of(project, org.resolve(), organisation, wanted))
    with running as programs, telling() as tell:
        tell("loading the emulation")
        from breakglass.cli.tables import show  # noqa: PLC0415 - see above
        from breakglass.page.mutants import survivors  # noqa: PLC0415 - see above
        from breakglass.proof.mutants.hunt import Hunt, hunt  # noqa: PLC0415 - see above
        from breakglass.rehearsal.rehearse import rehearse as perform  # noqa: PLC0415 - see above

        hunts: list[Hunt] = []
        report = perform(
            project,
            org.resolve(),
            organisation,
            side=wanted,
            progress=tell,
            look=lambda graph: hunts.append(hunt(graph, tell)) if mutants else None,
            programs=programs,
        )
    if STANDARD_OUTPUT not in {json_file, html_file}:
        show(report, screen())
    if json_file:
        write(
            json_file, json.dumps(report.as_json(), indent=2, ensure_ascii=False) + "\n", "--json"
        )
    if html_file:
        from breakglass.page import html  # noqa: PLC0415 - see above
        from breakglass.picture import draw  # noqa: PLC0415 - see above

        write(
            html_file,
            html(report, hunts[0] if hunts else None, draw(organisation), began),
            "--html",
        )
    short = report.falls_short or any(map(survivors, hunts))
    return ExitCode.SHORT if short else ExitCode.WELL


@app.command("threat-model", epilog=HELP)
@ended
def threat_model(org: Org = DEFAULT_ORG) -> ExitCode:
    """Attack an organisation, and print by attacker what is denied, detected and left."""
    from breakglass.settings import load  # noqa: PLC0415 - see above

    organisation, project = load(organisation_file(org)), project_of(org)
    with telling() as tell:
        tell("loading the emulation")
        from breakglass.reference import threat_model as told  # noqa: PLC0415 - see above

        results = told.attacked(project, org.resolve(), organisation, tell)
    sys.stdout.write(told.threat_model(organisation, results))
    return ExitCode.SHORT if any(one.falls_short for one in results) else ExitCode.WELL


@app.command(epilog=HELP)
@ended
def graph(
    org: Org = DEFAULT_ORG,
    output: Annotated[
        Path,
        typer.Option("--output", "-o", metavar="FILE", help="SVG file to write; - for the screen."),
    ] = STANDARD_OUTPUT,
) -> ExitCode:
    """Draw the topology of an organisation as SVG."""
    from breakglass.picture import draw  # noqa: PLC0415 - see above
    from breakglass.settings import load  # noqa: PLC0415 - see above

    write(output, draw(load(organisation_file(org))), "--output")
    return ExitCode.WELL


app.command("check", epilog=HELP)(ended(check_program))
app.command("mutate", epilog=HELP)(ended(mutate_organisation))


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
    counts = f"accounts: {accounts}, scopes: {scopes}, repositories: {repositories}"
    sys.stdout.write(f"{visible(str(file))}: no fault; {counts}\n")
    return ExitCode.WELL


def _version() -> str:
    """The version of the installed distribution."""
    try:
        return version("breakglass")
    except PackageNotFoundError:
        return "(not installed)"
