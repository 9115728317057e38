"""The worked example on a program that is none of the kit's: what it is told, and what helps."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest
from typer.testing import CliRunner

from breakglass.cli.app import app

FOREIGN = Path(__file__).parents[2] / "examples" / "foreign"

run = CliRunner(env={"NO_COLOR": "1", "COLUMNS": "100"})


@cache
def checked(name: str) -> tuple[int, str]:
    """Exit code and output of the command that the page shows."""
    done = run.invoke(app, ["check", "--program", str(FOREIGN / name), "--stack", "prod"])
    return done.exit_code, "".join(f"{line.rstrip()}\n" for line in done.stdout.splitlines())


def quoted() -> list[tuple[str, str]]:
    """Each output on the page, with the program that it is of: the last one that was named."""
    text = (FOREIGN / "README.md").read_text(encoding="utf-8")
    name, found = "", []
    for language, block in re.findall(r"^```(\w+)\n(.*?)^```$", text, re.DOTALL | re.MULTILINE):
        if language == "sh":
            name = re.findall(r"--program examples/foreign/(\w+)", block)[0]
        else:
            found.append((name, block))
    return found


def imported(file: Path) -> set[str]:
    nodes = ast.walk(ast.parse(file.read_text(encoding="utf-8")))
    return {str(node.module) for node in nodes if isinstance(node, ast.ImportFrom)}


def test_as_it_was_found_it_falls_short() -> None:
    code, said = checked("as_found")
    assert code == 1
    assert "falls short" in said


def test_mended_it_does_not() -> None:
    code, said = checked("mended")
    assert code == 0, said


@pytest.mark.parametrize(("name", "block"), quoted())
def test_what_the_page_quotes_is_what_is_said(name: str, block: str) -> None:
    assert block in checked(name)[1], f"run the command for {name} and quote it anew"


def test_the_page_shows_both_commands_and_quotes_enough() -> None:
    text = (FOREIGN / "README.md").read_text(encoding="utf-8")
    assert set(re.findall(r"--program examples/foreign/(\w+)", text)) == {"as_found", "mended"}
    assert len(quoted()) > 5


def test_as_it_was_found_it_has_nothing_of_the_kit() -> None:
    files = (FOREIGN / "as_found").glob("*.py")
    assert not any("breakglass" in name for file in files for name in imported(file))


def test_the_shop_itself_is_the_same_before_and_after() -> None:
    before, after = (FOREIGN / name / "shop.py" for name in ("as_found", "mended"))
    assert before.read_text(encoding="utf-8") == after.read_text(encoding="utf-8")
