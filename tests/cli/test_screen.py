"""What comes from elsewhere is shown on a terminal, and never obeyed by it."""

import io
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from rich.console import RenderableType
from rich.text import Text
from typer.testing import CliRunner

from breakglass.checking import CheckReport, Exemption, Shortfall
from breakglass.cli import check_tables, mutant_tables, tables
from breakglass.cli.app import app
from breakglass.cli.files import write
from breakglass.cli.terminal import Screen, listing, screen, telling
from breakglass.errors import InvalidInput, InvalidInputs, ProgramFailed, visible
from breakglass.proof.finding import Finding, Outcome
from breakglass.proof.graph import Resource
from breakglass.proof.mutants import Hunt, Mutant, MutantResult
from breakglass.proof.mutants.mutant import Change
from breakglass.rehearsal.attacks.attack import AttackResult, AttackVerdict
from breakglass.rehearsal.report import Applied, KeptInput, Report

HOSTILE = "q\x1b[31m\n::error::\x9b2J\u202e\u2028[red]:smile:[/]"
SHOWN = r"q\x1b[31m\n::error::\x9b2J\u202e\u2028[red]:smile:[/]"


def printed(print_on: Callable[[Screen], object], columns: int, **environment: str) -> str:
    stream = io.StringIO()
    given = {"COLUMNS": str(columns), **environment}
    with pytest.MonkeyPatch.context() as patch:
        for name, value in given.items():
            patch.setenv(name, value)
        print_on(screen(stream))
    return stream.getvalue()


# --- one text ----------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["größe ⟨x⟩ 日本", "a\u00a0b", "", "C:\\x1b"])
def test_what_can_be_seen_stays_as_it_is(text: str) -> None:
    assert visible(text) == text


def test_what_cannot_be_seen_is_shown_as_its_escape() -> None:
    assert visible(HOSTILE) == SHOWN
    assert visible("\ud800\x00\u200b") == r"\ud800\x00\u200b"


def test_a_text_is_one_line_of_a_screen_and_no_markup() -> None:
    for one in (HOSTILE, Text(HOSTILE)):
        shown: RenderableType = one
        assert printed(lambda console: console.print(shown), 200) == f"{SHOWN}\n"  # noqa: B023 - called at once


def test_what_goes_on_is_told_in_one_line_each() -> None:
    stream = io.StringIO()
    with telling(stream) as tell:
        tell(f"recording {HOSTILE.partition(':')[0]}: detail")
    assert stream.getvalue() == "recording q\\x1b[31m\\n\n"


# --- every table -------------------------------------------------------------------------------

QUEUE = Resource("aws:sqs/queue:Queue", HOSTILE, "1", "", {}, source=f"{HOSTILE}.py:3")
UNTIL = date(2026, 12, 31)
EXEMPTION = Exemption("enforce_admins_holds", HOSTILE, HOSTILE, UNTIL)
SHORT = Shortfall("enforce_admins_holds", Outcome.BROKEN, HOSTILE, QUEUE)
FINDINGS = (
    Finding("enforce_admins_holds", Outcome.BROKEN, HOSTILE, (HOSTILE,), (HOSTILE,)),
    Finding("actor_cannot_touch_the_vault", Outcome.HOLDS, HOSTILE, (HOSTILE,)),
)
CHECK = CheckReport(
    program=HOSTILE,
    stacks=(HOSTILE,),
    findings=FINDINGS,
    shortfalls=(SHORT,),
    exempted=(replace(SHORT, exemption=EXEMPTION),),
    expired=(EXEMPTION,),
    unused=(EXEMPTION,),
    not_looked_at={HOSTILE: 1},
)
SURVIVOR = MutantResult(
    Mutant(HOSTILE, HOSTILE, HOSTILE, ("x",), HOSTILE, (0,), Change(("x",), 1, HOSTILE, HOSTILE)),
    None,
    Outcome.HOLDS,
    "",
)
HUNT = Hunt([SURVIVOR, replace(SURVIVOR, reason=HOSTILE, killed_by=HOSTILE)], [HOSTILE], [], 1.0)
ATTACK = AttackResult(
    name=HOSTILE,
    title=HOSTILE,
    attacker="responder",
    verdict=AttackVerdict.SUCCEEDED,
    by=HOSTILE,
    expected_by=HOSTILE,
    reason=HOSTILE,
    twin=HOSTILE,
    twin_succeeded=True,
    error=None,
)
REPORT = Report(
    organisation=HOSTILE,
    sides=("keeper",),
    accounts=(Applied(HOSTILE, "1", HOSTILE, HOSTILE, {"aws:sqs/queue:Queue": 1}),),
    attacks=(ATTACK, replace(ATTACK, verdict=AttackVerdict.RESIDUAL)),
    findings=FINDINGS,
    kept=(KeptInput("aws:sns/topic:Topic", HOSTILE, HOSTILE, 2),),
    seconds=7.25,
    peak_memory=1,
)
SHOWS: dict[str, Callable[[Screen], object]] = {
    "check": lambda console: check_tables.show(CHECK, console),
    "mutate": lambda console: mutant_tables.show(HOSTILE, HUNT, console),
    "rehearse": lambda console: tables.show(REPORT, console),
}


@pytest.mark.parametrize("columns", [20, 40, 80, 200])
@pytest.mark.parametrize("command", SHOWS)
def test_no_table_lets_a_name_move_the_cursor_or_leave_the_screen(
    command: str, columns: int
) -> None:
    lines = printed(SHOWS[command], columns).split("\n")
    assert lines == [visible(line) for line in lines]
    assert not any(line.lstrip().startswith("::") for line in lines if columns == 200)
    assert max(map(len, lines)) <= columns
    assert ("".join(lines)).count("x1b") >= 5


@pytest.mark.parametrize("command", SHOWS)
def test_colour_is_for_terminals_that_want_it(command: str) -> None:
    on_a_terminal = {"FORCE_COLOR": "1", "TERM": "xterm"}
    assert "\x1b[1;31m" in printed(SHOWS[command], 80, **on_a_terminal)
    # bold stays: NO_COLOR is about colour alone (no-color.org)
    assert "31m" not in printed(SHOWS[command], 80, **on_a_terminal, NO_COLOR="1").replace(
        SHOWN[:9], ""
    )


# --- wide and narrow ---------------------------------------------------------------------------

ROWS = [(Text("responder"), Text("12"), Text("-"), Text("why"))]


def test_a_wide_screen_has_columns() -> None:
    columns = ("attacker", "denied", "short", "reason")
    table = listing(columns, ROWS, 80, numbers=("denied", "short"))
    lines = printed(lambda console: console.print(table), 80).splitlines()
    assert lines[0].split() == ["attacker", "denied", "short", "reason"]
    assert lines[2].split() == ["responder", "12", "-", "why"]


def test_a_narrow_screen_has_each_row_below_the_other_and_numbers_with_their_heading() -> None:
    columns = ("attacker", "denied", "short", "reason")
    table = listing(columns, ROWS, 40, numbers=("denied", "short"))
    lines = printed(lambda console: console.print(table), 40).splitlines()
    assert [line.rstrip() for line in lines] == ["responder", "  denied 12", "  why"]


# --- errors and documents ----------------------------------------------------------------------


def test_no_error_lets_a_name_begin_a_line() -> None:
    fault = InvalidInput(HOSTILE, HOSTILE, HOSTILE)
    assert f"{fault}".isprintable()
    told = f"{InvalidInputs(HOSTILE, [fault])}".split("\n")
    assert all(line.isprintable() for line in told)
    assert [line[:4] for line in told[1:]] == ["  - "]


def test_lines_that_a_program_says_when_it_fails_are_told_from_ours() -> None:
    failed = ProgramFailed("ValueError: a\n::error::b\x1b[2J", [f"main.py:3: {HOSTILE}"])
    assert f"{failed}".split("\n") == [
        "the program failed:",
        f"  main.py:3: {SHOWN}",
        "  ValueError: a",
        r"  | ::error::b\x1b[2J",
    ]


def test_a_file_name_is_shown_by_the_command_line(tmp_path: Path) -> None:
    file = tmp_path / "a\x1b[31m\n.yaml"
    done = CliRunner().invoke(app, ["settings", "check", str(file)])
    assert done.exit_code == 2
    assert r"a\x1b[31m\n.yaml" in done.stderr
    minimal = Path(__file__).parents[2] / "stacks" / "minimal.yaml"
    file.write_bytes(minimal.read_bytes())
    done = CliRunner().invoke(app, ["settings", "check", str(file)])
    assert done.exit_code == 0
    assert r"a\x1b[31m\n.yaml: no fault" in done.stdout


def test_documents_hold_the_names_as_they_are(tmp_path: Path) -> None:
    assert json.loads(json.dumps(CHECK.as_json()))["program"] == HOSTILE
    (run,) = json.loads(json.dumps(CHECK.as_sarif()))["runs"]
    assert f"BROKEN: {HOSTILE}" in [one["message"]["text"] for one in run["results"]]
    alone = json.dumps({"name": "\ud800"}, ensure_ascii=False)
    write(tmp_path / "report.json", alone, "--json")
    assert json.loads((tmp_path / "report.json").read_text(encoding="utf-8")) == {"name": "\ud800"}
