"""``breakglass check`` and the files and streams that every command has."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from breakglass.cli.app import app
from breakglass.errors import RehearsalError
from breakglass.rehearsal.engine.registration import RegistrationError

ROOT = Path(__file__).parents[2]
WEAK = """
import pulumi
class Trail(pulumi.CustomResource):
    def __init__(self, **inputs):
        super().__init__("aws:cloudtrail/trail:Trail", "t", inputs)
Trail(s3BucketName="central", isMultiRegionTrail=True)
"""  # loads in half the time that pulumi_aws takes
SOUND = WEAK.replace("isMulti", "enableLogFileValidation=True, isMulti")
EXCEPTION = f"""
exceptions:
  - invariant: every_account_is_recorded
    resource: t
    reason: it is being moved
    until: {datetime.now(tz=UTC).date() + timedelta(days=30)}
"""
run = CliRunner(env={"NO_COLOR": "1", "COLUMNS": "100"})


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A program whose trail writes no digests, in a repository."""
    (tmp_path / ".git").mkdir()
    home = tmp_path / "deploy"
    home.mkdir()
    (home / "Pulumi.yaml").write_text("name: acme\nruntime: python\n", encoding="utf-8")
    (home / "__main__.py").write_text(WEAK, encoding="utf-8")
    return home


def check(project: Path, *options: str) -> "subprocess.CompletedProcess[str]":
    result = run.invoke(app, ["check", "--program", str(project), "--stack", "prod", *options])
    return subprocess.CompletedProcess((), result.exit_code, result.stdout, result.stderr)


# --- check -------------------------------------------------------------------------------------


def test_what_is_broken_is_told_with_its_line_and_fails(project: Path) -> None:
    done = check(project)
    assert done.returncode == 1
    assert re.search(r"BROKEN +every_account_is_recorded", done.stdout)
    assert "A trail writes no digests: t in 000000000000 (__main__.py:6)" in done.stdout
    assert done.stdout.rstrip().endswith("falls short")


def test_a_sound_program_passes(project: Path) -> None:
    (project / "__main__.py").write_text(SOUND, encoding="utf-8")
    done = check(project)
    assert done.returncode == 0
    assert done.stdout.rstrip().endswith("nothing falls short")


def test_json_and_sarif_go_to_files_with_paths_from_the_top_of_the_repository(
    project: Path, tmp_path: Path
) -> None:
    report, log = tmp_path / "report.json", tmp_path / "log.sarif"
    assert check(project, "--json", str(report), "--sarif", str(log)).returncode == 1
    assert json.loads(report.read_text(encoding="utf-8"))["falls_short"] is True
    (result,) = json.loads(log.read_text(encoding="utf-8"))["runs"][0]["results"]
    place = result["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "deploy/__main__.py"


def test_json_on_the_screen_is_nothing_but_json(project: Path) -> None:
    assert json.loads(check(project, "--json", "-").stdout)["program"] == "acme"


def test_what_the_program_prints_is_no_part_of_the_json(project: Path) -> None:
    program = project / "__main__.py"
    noise = "import subprocess\nprint('hello')\nsubprocess.run(['echo', 'from a child'])\n"
    program.write_text(noise + program.read_text(encoding="utf-8"), encoding="utf-8")
    done = in_a_process(["check", "--program", str(project), "--stack", "prod", "--json", "-"])
    assert json.loads(done.stdout)["falls_short"]
    assert "hello" in done.stderr
    assert "from a child" in done.stderr


def test_two_documents_do_not_go_to_one_file(project: Path, tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(tmp_path / "out")
    done = check(project, "--json", str(tmp_path / "out"), "--sarif", str(link))
    assert done.returncode == 2
    assert "another place than --json has" in done.stderr


def test_a_report_does_not_replace_the_program(project: Path) -> None:
    before = (project / "__main__.py").read_text(encoding="utf-8")
    done = check(project, "--json", str(project / "__main__.py"))
    assert done.returncode == 2
    assert (project / "__main__.py").read_text(encoding="utf-8") == before


def test_a_device_as_list_of_exceptions_is_refused_and_not_waited_for(project: Path) -> None:
    done = check(project, "--exceptions", "/dev/zero")
    assert done.returncode == 2
    assert "a pipe or a device" in done.stderr


@pytest.mark.parametrize(
    "program",
    [
        "import sys\nsys.exit(0)\n",
        "import os\nos._exit(0)\n",
        "from breakglass.errors import InvalidInput\nraise InvalidInput('a', 1, '2')\n",
        "x = 1\0\n",
    ],
    ids=["sys.exit", "os._exit", "refused by the kit", "binary"],
)
def test_a_program_that_does_not_come_to_its_end_has_a_code_of_its_own(
    project: Path, program: str
) -> None:
    (project / "__main__.py").write_text(program, encoding="utf-8")
    done = check(project)
    assert (done.returncode, done.stdout) == (3, "")
    assert "breakglass: the program failed:\n" in done.stderr


BLOCKING = """
import os, threading
pipe = os.open({pipe!r}, os.O_WRONLY)
os.write(pipe, b"here")
threading.Event().wait()
"""


@pytest.fixture
def _interruptible() -> Iterator[None]:
    """Heed an interrupt, and what is started from here too: a shell's background jobs do not."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("_interruptible")
@pytest.mark.parametrize(
    ("signal_", "code"), [(signal.SIGINT, 130), (signal.SIGKILL, -signal.SIGKILL)]
)
def test_a_program_that_blocks_ends_with_the_command(
    project: Path, tmp_path: Path, signal_: signal.Signals, code: int
) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    (project / "__main__.py").write_text(BLOCKING.format(pipe=str(pipe)), encoding="utf-8")
    command = [sys.executable, "-m", "breakglass.cli", "check", "--program", str(project)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "components")}
    with (
        subprocess.Popen([*command, "--stack", "prod"], env=environment) as process,  # noqa: S603 - our own
        pipe.open("rb") as told,
    ):
        assert told.read(4) == b"here"
        process.send_signal(signal_)  # once
        assert told.read() == b"", "the program is there no more"
        assert process.wait(60) == code


def test_only_one_document_goes_to_the_screen(project: Path) -> None:
    done = check(project, "--json", "-", "--sarif", "-")
    assert (done.returncode, done.stdout) == (2, "")
    assert "--sarif" in done.stderr


def test_an_exception_lets_it_pass_and_is_told(project: Path, tmp_path: Path) -> None:
    file = tmp_path / "exceptions.yaml"
    file.write_text(EXCEPTION, encoding="utf-8")
    done = check(project, "--exceptions", str(file))
    assert done.returncode == 0
    assert "1 let pass: it is being moved" in done.stdout


def test_an_expired_exception_fails_and_is_told(project: Path, tmp_path: Path) -> None:
    file = tmp_path / "exceptions.yaml"
    file.write_text(re.sub(r"until: .*", "until: 2020-12-31", EXCEPTION), encoding="utf-8")
    done = check(project, "--exceptions", str(file))
    assert done.returncode == 1
    assert "ended on 2020-12-31, so it fails" in done.stdout


def test_a_misspelt_invariant_lists_the_nearest(project: Path, tmp_path: Path) -> None:
    file = tmp_path / "exceptions.yaml"
    file.write_text(EXCEPTION.replace("is_recorded", "is_recordet"), encoding="utf-8")
    done = check(project, "--exceptions", str(file))
    assert done.returncode == 2
    assert "give every_account_is_recorded" in " ".join(done.stderr.split())


def test_without_a_stack_nothing_is_checked(project: Path) -> None:
    result = run.invoke(app, ["check", "--program", str(project)])
    assert result.exit_code == 2
    assert "--stack" in result.stderr


def test_a_stack_is_told_once(project: Path) -> None:
    done = check(project, "--stack", "prod")
    assert done.returncode == 2
    assert "--stack: 'prod, prod' is not accepted" in done.stderr


@pytest.mark.parametrize("pair", ["colour", "=red", " =red"])
def test_a_setting_that_is_no_pair_is_refused(project: Path, pair: str) -> None:
    done = check(project, "--config", pair)
    assert done.returncode == 2
    assert "KEY=VALUE" in done.stderr


def test_a_setting_reaches_the_program(project: Path) -> None:
    program = 'import pulumi\nassert pulumi.Config().require("colour") == "red"\n'
    (project / "__main__.py").write_text(program + SOUND, encoding="utf-8")
    assert check(project, "--config", "colour=red").returncode == 0


def test_a_program_that_fails_has_a_code_of_its_own_and_its_own_lines_alone(project: Path) -> None:
    (project / "__main__.py").write_text("import nowhere_to_be_found\n", encoding="utf-8")
    done = check(project)
    assert (done.returncode, done.stdout) == (3, "")
    assert "__main__.py:1: import nowhere_to_be_found" in done.stderr
    assert "No module named 'nowhere_to_be_found'" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_narrow_screen_has_each_row_below_the_other(project: Path) -> None:
    narrow = CliRunner(env={"NO_COLOR": "1", "COLUMNS": "40"})
    arguments = ["check", "--program", str(project), "--stack", "prod"]
    text = narrow.invoke(app, arguments).stdout
    assert "BROKEN\n  every_account_is_recorded" in re.sub(r" +\n", "\n", text)
    assert max(map(len, text.splitlines())) <= 40


# --- a program that fails in a rehearsal -------------------------------------------------------


def test_a_rehearsed_program_that_fails_is_told_with_its_own_lines(tmp_path: Path) -> None:
    (tmp_path / "Pulumi.yaml").write_text("name: acme\nruntime: python\n", encoding="utf-8")
    (tmp_path / "__main__.py").write_text("raise KeyError('no such key')\n", encoding="utf-8")
    file = tmp_path / "minimal.yaml"
    file.write_text((ROOT / "stacks" / "minimal.yaml").read_text(encoding="utf-8"))
    result = run.invoke(app, ["rehearse", "--org", str(file)])
    assert result.exit_code == 3
    assert "__main__.py:1: raise KeyError('no such key')" in result.stderr
    assert "Traceback" not in result.output


def test_a_resource_that_a_deployer_may_not_make_is_named_once() -> None:
    urn, line = "urn:pulumi:s::p::aws:sqs/queue:Queue::q", "infra/__main__.py:3"
    denied = RehearsalError(f"{urn} ({line}): create: AccessDenied: no statement allows it")
    told = str(RegistrationError(urn, line, denied))
    assert told == f"{urn} ({line}): create: AccessDenied: no statement allows it"


# --- files and streams of every command --------------------------------------------------------


def in_a_process(
    arguments: Sequence[str], *, redirected: str = "", folder: Path = ROOT
) -> "subprocess.CompletedProcess[str]":
    """Run in a shell, which alone can close a stream."""
    command = f'exec "$0" -m breakglass.cli "$@" {redirected}'
    return subprocess.run(  # noqa: S603 - our own
        ["/bin/sh", "-c", command, sys.executable, *arguments],
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
        timeout=60,
        env={**os.environ, "PYTHONPATH": str(ROOT / "components")},
    )


@pytest.mark.parametrize("arguments", [["--version"], ["settings", "schema"]])
def test_a_closed_standard_output_is_told_in_a_sentence(arguments: list[str]) -> None:
    done = in_a_process(arguments, redirected=">&-")
    assert done.returncode == 2
    assert done.stderr == "breakglass: standard output is closed\n"


@pytest.mark.parametrize("arguments", [["--version"], ["--help"]])
def test_a_full_disk_is_told_in_a_sentence_outside_commands_too(arguments: list[str]) -> None:
    done = in_a_process(arguments, redirected=">/dev/full")
    assert done.returncode == 2
    assert "No space left on device" in done.stderr
    assert "Traceback" not in done.stderr


def unread(*arguments: str) -> "subprocess.CompletedProcess[bytes]":
    """Run for somebody who stopped reading."""
    read, write = os.pipe()
    os.close(read)
    with os.fdopen(write, "wb") as output:
        return subprocess.run(  # noqa: S603 - our own
            [sys.executable, "-m", "breakglass.cli", *arguments],
            stdout=output,
            stderr=subprocess.PIPE,
            check=False,
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT / "components")},
        )


def test_help_for_somebody_who_stopped_reading_is_no_shortfall() -> None:
    done = unread("--help")
    assert (done.returncode, done.stderr) == (141, b"")


@pytest.mark.parametrize("options", [[], ["--json", "-"]])
def test_a_check_for_somebody_who_stopped_reading_ends_quietly(
    project: Path, options: list[str]
) -> None:
    done = unread("check", "--program", str(project), "--stack", "prod", *options)
    assert (done.returncode, done.stderr) == (141, b"recording the program\n")


def test_a_pipe_as_organisation_file_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    result = run.invoke(app, ["settings", "check", str(pipe)])
    assert result.exit_code == 2
    assert "a pipe or a device" in result.stderr


def test_the_default_organisation_is_called_so_where_it_is_missing(tmp_path: Path) -> None:
    done = in_a_process(["graph"], folder=tmp_path)
    assert done.returncode == 2
    assert "stacks/example.yaml (the default, which is not in" in done.stderr
