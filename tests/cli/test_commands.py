"""What people type, what they are told, and with which code it ends."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from breakglass.cli import endings
from breakglass.cli.app import SideName, app
from breakglass.errors import InvalidInput, RehearsalError
from breakglass.picture import draw
from breakglass.settings import Side, load, schema_text

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "stacks" / "example.yaml"
MINIMAL = ROOT / "stacks" / "minimal.yaml"

run = CliRunner(env={"NO_COLOR": "1", "COLUMNS": "100"})


def faulty(folder: Path) -> Path:
    """The minimal organisation with two faults."""
    text = MINIMAL.read_text(encoding="utf-8")
    file = folder / "faulty.yaml"
    file.write_text(
        text.replace('"555555555555"', '"55555555555"').replace("days: 30", "days: 0"),
        encoding="utf-8",
    )
    return file


def in_a_process(*arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(  # noqa: S603 - this interpreter
        [sys.executable, "-m", "breakglass.cli", *arguments],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        env={**os.environ, **environment},
    )


# --- settings ----------------------------------------------------------------------------------


def test_a_sound_organisation_file_passes() -> None:
    result = run.invoke(app, ["settings", "check", str(EXAMPLE)])
    assert result.exit_code == 0
    assert "no fault; accounts: 6, scopes: 2, repositories: 3" in result.stdout


def test_all_faults_of_an_organisation_file_are_told_at_once(tmp_path: Path) -> None:
    result = run.invoke(app, ["settings", "check", str(faulty(tmp_path))])
    assert result.exit_code == 2
    assert "accounts[1].id" in result.stderr
    assert "retention.days" in result.stderr
    assert "Traceback" not in result.output


def test_a_missing_organisation_file_is_told_by_name() -> None:
    result = run.invoke(app, ["settings", "check", "nowhere.yaml"])
    assert result.exit_code == 2
    assert "nowhere.yaml" in result.stderr


def test_the_schema_is_printed_as_the_file_holds_it() -> None:
    result = run.invoke(app, ["settings", "schema"])
    assert result.exit_code == 0
    assert result.stdout == schema_text()
    assert "organizations" in json.loads(result.stdout)["properties"]


# --- graph -------------------------------------------------------------------------------------


def test_the_graph_goes_to_standard_output() -> None:
    result = run.invoke(app, ["graph", "--org", str(EXAMPLE)])
    assert result.exit_code == 0
    assert result.stdout == draw(load(EXAMPLE))


def test_the_graph_goes_to_a_file(tmp_path: Path) -> None:
    file = tmp_path / "topology.svg"
    result = run.invoke(app, ["graph", "--org", str(MINIMAL), "-o", str(file)])
    assert result.exit_code == 0
    assert result.stdout == ""
    assert file.read_text(encoding="utf-8") == draw(load(MINIMAL))


def test_a_graph_that_cannot_be_written_is_told_in_a_sentence(tmp_path: Path) -> None:
    file = tmp_path / "nowhere" / "topology.svg"
    result = run.invoke(app, ["graph", "--org", str(EXAMPLE), "-o", str(file)])
    assert result.exit_code == 2
    assert "--output" in result.stderr


def test_a_graph_takes_the_place_of_the_old_one_and_leaves_nothing_beside_it(
    tmp_path: Path,
) -> None:
    file = tmp_path / "topology.svg"
    file.write_text("old", encoding="utf-8")
    (tmp_path / "link.svg").symlink_to(file)
    result = run.invoke(app, ["graph", "--org", str(MINIMAL), "-o", str(tmp_path / "link.svg")])
    assert result.exit_code == 0
    assert file.read_text(encoding="utf-8") == draw(load(MINIMAL))
    assert {path.name for path in tmp_path.iterdir()} == {"topology.svg", "link.svg"}


# --- rehearse: what ends before anything is rehearsed ------------------------------------------


def test_a_faulty_organisation_is_not_rehearsed(tmp_path: Path) -> None:
    result = run.invoke(app, ["rehearse", "--org", str(faulty(tmp_path))])
    assert result.exit_code == 2
    assert "retention.days" in result.stderr


def test_one_stack_over_both_sides_of_a_production_organisation_is_refused() -> None:
    result = run.invoke(app, ["rehearse", "--org", str(EXAMPLE), "--side", "all"])
    assert result.exit_code == 2
    assert "keeper or edge" in result.stderr


def test_an_organisation_file_outside_a_project_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "org.yaml"
    file.write_text(MINIMAL.read_text(encoding="utf-8"), encoding="utf-8")
    result = run.invoke(app, ["rehearse", "--org", str(file)])
    assert result.exit_code == 2
    assert "Pulumi.yaml" in result.stderr


@pytest.mark.parametrize("option", ["--json", "--html"])
def test_a_report_that_could_not_be_written_is_refused_before_anything_is_rehearsed(
    tmp_path: Path, option: str
) -> None:
    file = tmp_path / "nowhere" / "report"
    result = run.invoke(app, ["rehearse", "--org", str(MINIMAL), option, str(file)])
    assert result.exit_code == 2
    assert option in result.stderr
    assert "emulation" not in result.stderr


def test_two_reports_in_one_place_are_refused(tmp_path: Path) -> None:
    file = str(tmp_path / "report")
    result = run.invoke(app, ["rehearse", "--org", str(MINIMAL), "--json", file, "--html", file])
    assert result.exit_code == 2
    assert "--html" in result.stderr
    assert "emulation" not in result.stderr


def test_the_sides_of_the_command_line_are_those_of_the_settings() -> None:
    assert {side.value for side in SideName} == {side.value for side in Side}


# --- how a command ends ------------------------------------------------------------------------


def ending(act: Callable[[], endings.ExitCode]) -> int:
    with pytest.raises(typer.Exit) as raised:
        endings.ended(act)()
    return int(raised.value.exit_code)


def raising(error: BaseException) -> Callable[[], endings.ExitCode]:
    def act() -> endings.ExitCode:
        raise error

    return act


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (InvalidInput("days", 0, "at least 1"), 2),
        (RehearsalError("no handler for aws:x"), 1),
        (ModuleNotFoundError("No module named 'moto.s3'", name="moto.s3"), 2),
        (KeyboardInterrupt(), 130),
    ],
)
def test_each_way_to_fail_has_its_code(error: BaseException, code: int) -> None:
    assert ending(raising(error)) == code


def test_what_goes_well_ends_with_0_and_what_falls_short_with_1() -> None:
    assert ending(lambda: endings.ExitCode.WELL) == 0
    assert ending(lambda: endings.ExitCode.SHORT) == 1


def test_the_notes_of_an_error_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    error = RehearsalError("first")
    error.add_note("also failed: second")
    ending(raising(error))
    assert "first\n  also failed: second" in capsys.readouterr().err


def test_a_missing_extra_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    ending(raising(ModuleNotFoundError("No module named 'moto'", name="moto")))
    assert "pip install 'breakglass[rehearsal]'" in capsys.readouterr().err


def test_a_missing_module_of_no_extra_is_a_fault_and_no_sentence() -> None:
    with pytest.raises(ModuleNotFoundError):
        endings.ended(raising(ModuleNotFoundError("No module named 'own'", name="own")))()


def test_a_fault_of_the_kit_itself_keeps_its_traceback() -> None:
    with pytest.raises(ZeroDivisionError):
        endings.ended(raising(ZeroDivisionError()))()


def test_the_page_of_exit_codes_is_current() -> None:
    page = ROOT / "docs" / "reference" / "exit-codes.md"
    assert page.read_text(encoding="utf-8") == endings.page(), "write it anew: make docs"
    assert set(endings.MEANINGS) == set(endings.ExitCode)


# --- as a process ------------------------------------------------------------------------------


def test_wrong_use_ends_with_2() -> None:
    result = run.invoke(app, ["rehearse", "--sides", "edge"])
    assert result.exit_code == 2


def test_the_version_is_printed() -> None:
    result = run.invoke(app, ["--version"])
    assert result.exit_code == 0
    assert re.fullmatch(r"breakglass (\d+\.\d+\.\d+|\(not installed\))\n", result.stdout)


def test_every_command_tells_the_exit_codes_in_its_help() -> None:
    for command in ([], ["rehearse"], ["graph"], ["settings", "check"], ["settings", "schema"]):
        result = run.invoke(app, [*command, "--help"])
        assert result.exit_code == 0
        assert "Exit codes: 0" in result.stdout


def test_help_loads_neither_pulumi_nor_the_emulation() -> None:
    code = (
        "import sys; from breakglass.cli.app import app\n"
        "try: app(['--help'])\n"
        "except SystemExit: pass\n"
        "heavy = {'pulumi', 'moto', 'boto3', 'pydantic'} & set(sys.modules)\n"
        "sys.exit(', '.join(heavy) or 0)"
    )
    done = subprocess.run(  # noqa: S603 - this interpreter
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_a_broken_pipe_is_quiet() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with subprocess.Popen(
        [sys.executable, "-m", "breakglass.cli", "settings", "schema"],
        stdout=writer,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        os.close(writer)
        _, errors = process.communicate()
    assert (process.returncode, errors) == (141, "")


def test_a_character_that_the_locale_lacks_becomes_a_question_mark() -> None:
    done = in_a_process("graph", "--org", "größe.yaml", PYTHONIOENCODING="ascii")
    assert done.returncode == 2
    assert "gr??e.yaml" in done.stderr
    done = in_a_process("graph", "--help", PYTHONIOENCODING="ascii")
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_full_disk_is_told_in_a_sentence() -> None:
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        done = subprocess.run(
            [sys.executable, "-m", "breakglass.cli", "settings", "schema"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 2
    assert done.stderr == "breakglass: [Errno 28] No space left on device\n"


def test_a_missing_command_line_extra_is_told_in_a_sentence() -> None:
    code = "import sys; sys.modules['typer'] = None; from breakglass.cli import main; main()"
    done = subprocess.run(  # noqa: S603 - this interpreter
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert done.stderr == (
        "breakglass: the command line needs typer, which is not installed;"
        " pip install 'breakglass[cli]'\n"
    )
