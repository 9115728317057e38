"""``breakglass check``: any Pulumi program in Python held against the invariants."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final

import typer

from breakglass.cli.endings import ExitCode
from breakglass.cli.files import STANDARD_OUTPUT, check_places, write
from breakglass.cli.terminal import screen, telling
from breakglass.errors import InvalidInput

_FILES: Final = "Write {} to a file; - for the screen."


def check_program(  # noqa: PLR0913 - what one may say of a check
    *,
    program: Annotated[
        Path, typer.Option("--program", metavar="DIR", help="Folder of the program, or in it.")
    ] = Path(),
    stack: Annotated[
        list[str] | None,
        typer.Option("--stack", metavar="NAME", help="Stack; again for each that belongs to it."),
    ] = None,
    org: Annotated[
        Path | None,
        typer.Option("--org", metavar="FILE", help="Organisation file; inferred when omitted."),
    ] = None,
    config: Annotated[
        list[str] | None,
        typer.Option("--config", "-c", metavar="KEY=VALUE", help="Counts before the stack file."),
    ] = None,
    exceptions: Annotated[
        Path | None,
        typer.Option("--exceptions", metavar="FILE", help="Exceptions, as YAML or pyproject.toml."),
    ] = None,
    json_file: Annotated[
        Path | None, typer.Option("--json", metavar="FILE", help=_FILES.format("the report"))
    ] = None,
    sarif_file: Annotated[
        Path | None, typer.Option("--sarif", metavar="FILE", help=_FILES.format("SARIF 2.1.0"))
    ] = None,
) -> ExitCode:
    """Hold a Pulumi program in Python against the invariants, without a cloud."""
    from breakglass.checking import run_check  # noqa: PLC0415 - loads Pulumi, which --help need not
    from breakglass.checking.exemptions import load  # noqa: PLC0415 - likewise
    from breakglass.cli.check_tables import show  # noqa: PLC0415 - likewise

    sources = [*program.glob("*.py"), *program.glob("Pulumi*.yaml")]
    check_places({"--json": json_file, "--sarif": sarif_file}, [org, exceptions, *sources])
    if not stack:
        raise InvalidInput("--stack", "nothing", "the name of a stack, such as prod")
    given = load(exceptions) if exceptions else []
    with telling() as tell:
        tell("recording the program")
        report = run_check(
            program,
            stack,
            today=datetime.now(tz=UTC).date(),
            config=_config(config or []),
            org=org,
            exemptions=given,
        )
    if STANDARD_OUTPUT not in {json_file, sarif_file}:
        show(report, screen())
    if json_file:
        write(json_file, _text(report.as_json()), "--json")
    if sarif_file:
        write(sarif_file, _text(report.as_sarif(prefix=_prefix(program))), "--sarif")
    return ExitCode.SHORT if report.falls_short else ExitCode.WELL


def _config(pairs: list[str]) -> Mapping[str, str]:
    found = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals or not key.strip():
            raise InvalidInput("--config", pair, "KEY=VALUE")
        found[key] = value
    return found


def _prefix(program: Path) -> str:
    """The folder of the project within its repository: code scanning wants paths from there."""
    start = program.resolve()
    home = next((one for one in (start, *start.parents) if (one / "Pulumi.yaml").is_file()), start)
    top = next((one for one in (home, *home.parents) if (one / ".git").exists()), home)
    below = home.relative_to(top).as_posix()
    return "" if below == "." else f"{below}/"


def _text(document: object) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"
