"""``breakglass mutate``: what an organisation declares, changed in every way, and what survives."""

import json
from pathlib import Path
from typing import Annotated

import typer

from breakglass.cli.endings import ExitCode
from breakglass.cli.files import (
    DEFAULT_ORG,
    STANDARD_OUTPUT,
    check_places,
    organisation_file,
    project_of,
    write,
)
from breakglass.cli.terminal import screen, telling


def mutate_organisation(
    *,
    org: Annotated[
        Path, typer.Option("--org", metavar="FILE", help="Organisation file.")
    ] = DEFAULT_ORG,
    json_file: Annotated[
        Path | None,
        typer.Option("--json", metavar="FILE", help="Write the hunt as JSON; - for the screen."),
    ] = None,
) -> ExitCode:
    """Change what an organisation declares in every way, and show what no invariant misses."""
    from breakglass.checking.declared import declared  # noqa: PLC0415 - loads Pulumi, which --help need not
    from breakglass.cli.mutant_tables import show  # noqa: PLC0415 - likewise
    from breakglass.proof.mutants import hunt  # noqa: PLC0415 - likewise
    from breakglass.settings import load  # noqa: PLC0415 - likewise

    organisation = load(organisation_file(org))
    project = project_of(org)
    check_places({"--json": json_file}, [org])  # now, not when all is hunted
    with telling() as tell:
        tell("recording the program")
        graph = declared(project, org, organisation)
        found = hunt(graph, lambda what: tell(f"hunting mutants: {what}"))
    if json_file != STANDARD_OUTPUT:
        show(organisation.name, found, screen())
    if json_file:
        text = json.dumps(found.as_json(), indent=2, ensure_ascii=False)
        write(json_file, f"{text}\n", "--json")
    return ExitCode.SHORT if found.falls_short else ExitCode.WELL
