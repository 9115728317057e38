"""A program runs beside the rehearsal as it would in it: its resources, its faults, its end."""

import contextlib
import json
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from dict_applier import DictApplier

from breakglass import processes
from breakglass.errors import InvalidInput, ProgramFailed, RehearsalError
from breakglass.rehearsal.engine.registration import Registration, RegistrationError
from breakglass.rehearsal.programs import Here, Programs, programs_beside
from breakglass.rehearsal.rehearse import rehearse
from breakglass.rehearsal.report import Report
from breakglass.rehearsal.sockets import loopback_only
from breakglass.rehearsal.stacks import Program, programs_of
from breakglass.settings import Side, load

Write = Callable[..., Path]

REPOSITORY = Path(__file__).parents[2]
MINIMAL = REPOSITORY / "stacks" / "minimal.yaml"

# pulumi_aws warns of its own old names when it is imported
pytestmark = pytest.mark.filterwarnings("ignore:.*has been deprecated in favor of")

QUEUES = """
    import pulumi
    import pulumi_aws as aws

    letters = aws.sqs.Queue("letters", name="letters")
    orders = aws.sqs.Queue(
        "orders", name="orders", redrive_policy=pulumi.Output.json_dumps({"to": letters.arn})
    )
    account = aws.get_caller_identity_output().account_id
    pulumi.export("told", pulumi.Output.concat(account, " ", orders.arn))
    """


@pytest.fixture(autouse=True)
def _two_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "cores", lambda: 2)


@pytest.fixture(params=["here", "beside"])
def place(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def program(project: Path) -> Program:
    return Program(Side.ALL, project, "dev", {})


def placed(place: str, one: Program) -> Iterator[Programs]:
    if place == "here":
        yield Here()
        return
    with programs_beside([one]) as programs:
        yield programs


def test_a_program_makes_the_same_wherever_it_runs(project: Write, place: str) -> None:
    one, applier = program(project(QUEUES)), DictApplier()
    for programs in placed(place, one):
        run = programs.perform(one, applier)
    assert {id_ for _, _, id_ in applier.cloud} == {"letters", "orders"}
    assert run.exports == {"told": "000000000000 arn:000000000000:orders"}
    orders = next(record for record in run.records.values() if record.name == "orders")
    assert json.loads(orders.inputs["redrivePolicy"]) == {"to": "arn:000000000000:letters"}
    assert orders.source == "infra/__main__.py:6"


def test_what_the_sdk_knows_of_a_type_is_known_where_its_resources_are_made(
    project: Write, place: str
) -> None:
    one = program(project(QUEUES))
    for programs in placed(place, one):
        programs.perform(one, DictApplier())
        assert {"arn", "redrivePolicy", "tagsAll"} <= programs.properties("aws:sqs/queue:Queue")


def test_a_resource_that_is_refused_names_its_line_wherever_the_program_runs(
    project: Write, place: str
) -> None:
    one, applier = program(project(QUEUES)), DictApplier()
    applier.cloud["000000000000", "aws:sqs/queue:Queue", "letters"] = {}
    for programs in placed(place, one):
        with pytest.raises(RegistrationError) as raised:
            programs.perform(one, applier)
    assert str(raised.value) == (
        "urn:pulumi:dev::demo::aws:sqs/queue:Queue::letters (infra/__main__.py:5): "
        "FileExistsError: letters"
    )


def test_where_a_refusal_came_from_is_kept(project: Write) -> None:
    one, applier = program(project(QUEUES)), DictApplier()
    applier.cloud["000000000000", "aws:sqs/queue:Queue", "letters"] = {}
    with programs_beside([one]) as programs, pytest.raises(RegistrationError) as raised:
        programs.perform(one, applier)
    assert isinstance(raised.value.__cause__, FileExistsError)


def test_a_fault_of_the_program_itself_is_told_in_its_own_lines(project: Write, place: str) -> None:
    one = program(project("import pulumi\nvault = {}['vault']\n"))
    for programs in placed(place, one):
        with pytest.raises(ProgramFailed) as raised:
            programs.perform(one, DictApplier())
    assert raised.value.what == "KeyError: 'vault'"
    assert raised.value.lines == ("infra/__main__.py:2: vault = {}['vault']",)


@pytest.mark.parametrize(
    ("end", "how"),
    [
        ("os._exit(7)", "exit status 7"),
        ("os.kill(os.getpid(), 9)", "killed by SIGKILL"),
        ("letters.arn.apply(lambda _: os._exit(7))", "exit status 7"),
    ],
)
def test_how_a_program_ended_its_process_is_told(project: Write, end: str, how: str) -> None:
    one = program(project(f"import os\n{dedent(QUEUES)}\n{end}\n"))
    with programs_beside([one]) as programs, pytest.raises(ProgramFailed) as raised:
        programs.perform(one, DictApplier())
    assert raised.value.what == f"it ended by itself before its end: {how}"


def test_an_interrupt_that_a_program_raises_is_told_with_its_line(project: Write) -> None:
    one = program(project("raise KeyboardInterrupt\n"))
    with programs_beside([one]) as programs, pytest.raises(ProgramFailed) as raised:
        programs.perform(one, DictApplier())
    assert raised.value.what == "KeyboardInterrupt"
    assert raised.value.lines == ("infra/__main__.py:1: raise KeyboardInterrupt",)


def test_a_refusal_of_the_programs_own_kind_keeps_its_words(project: Write, place: str) -> None:
    one = program(
        project(
            """
            from breakglass.errors import InvalidInput

            class Unwanted(InvalidInput):
                pass

            raise Unwanted("vault", print, "a name")
            """
        )
    )
    for programs in placed(place, one):
        with pytest.raises(InvalidInput) as raised:
            programs.perform(one, DictApplier())
    assert str(raised.value) == ("vault: <built-in function print> is not accepted; give a name")


def test_a_program_may_close_what_it_would_print_to(project: Write, place: str) -> None:
    one = program(project("import sys\nsys.stdout = None\n" + dedent(QUEUES)))
    with contextlib.redirect_stdout(sys.stdout):
        for programs in placed(place, one):
            assert programs.perform(one, DictApplier()).exports


def test_a_fault_that_is_not_the_programs_is_told_with_the_lines_it_came_from(
    project: Write,
) -> None:
    one = program(project("import threading, pulumi\npulumi.export('lock', threading.Lock())\n"))
    with programs_beside([one]) as programs, pytest.raises(RuntimeError) as raised:
        programs.perform(one, DictApplier())
    assert "serialize_properties" in str(raised.value)
    assert "unexpected input of type lock" in str(raised.value)


def test_where_no_process_is_left_to_ask_there_is_no_true_answer(project: Write) -> None:
    one = program(project("import os, signal\nos.killpg(os.getpgrp(), signal.SIGKILL)\n"))
    with (
        programs_beside([one]) as programs,
        pytest.raises(RehearsalError, match="ended without a word"),
    ):
        programs.perform(one, DictApplier())


def test_an_interrupt_amid_the_resources_is_all_that_is_told(
    project: Write, capfd: pytest.CaptureFixture[str]
) -> None:
    class Interrupted(DictApplier):
        def create(
            self, resource: Registration, provider: Registration, *, preview: bool
        ) -> tuple[str, dict[str, Any]]:
            del resource, provider, preview
            raise KeyboardInterrupt

    one = program(project(QUEUES))
    with pytest.raises(KeyboardInterrupt), programs_beside([one]) as programs:
        programs.perform(one, Interrupted())
    assert capfd.readouterr().err == ""


def test_two_programs_begin_together_and_each_waits_for_its_applier(project: Write) -> None:
    folder = project(QUEUES)
    two = [Program(side, folder, f"demo-{side}", {}) for side in (Side.KEEPER, Side.EDGE)]
    with programs_beside(two) as programs:
        runs = [programs.perform(one, DictApplier()) for one in two]
    assert [next(iter(run.records)).split("::")[0] for run in runs] == [
        "urn:pulumi:demo-keeper",
        "urn:pulumi:demo-edge",
    ]


def test_every_process_ends_with_the_rehearsal(project: Write) -> None:
    reading, writing = os.pipe()
    endless = f"import os, signal\nos.write({writing}, b'.')\nsignal.pause()\n"
    one = program(project(endless))
    with programs_beside([one, one]), contextlib.closing(os.fdopen(writing, "wb")):
        assert os.read(reading, 1) == b"."
    with os.fdopen(reading, "rb") as end:
        assert end.read() in {b"", b"."}  # and nobody has the other end any more


def test_with_one_core_a_program_runs_in_this_process(
    project: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes, "cores", lambda: 1)
    with programs_beside([program(project(QUEUES))]) as programs:
        assert isinstance(programs, Here)


def test_a_rehearsal_reports_the_same_with_its_program_beside() -> None:
    organisation = load(MINIMAL)
    here = rehearse(REPOSITORY, MINIMAL, organisation)
    with (
        loopback_only(),
        programs_beside(programs_of(REPOSITORY, MINIMAL, organisation)) as programs,
    ):
        beside = rehearse(REPOSITORY, MINIMAL, organisation, programs=programs)
    assert told(beside) == told(here)
    assert not beside.falls_short


def told(report: Report) -> dict[str, object]:
    """What a report says, without figures and the ids that each emulation makes up."""
    said = report.as_json()
    attacks = [(one["name"], one["verdict"]) for one in said["attacks"]]
    return {name: said[name] for name in ("accounts", "invariants", "kept_inputs")} | {
        "attacks": attacks
    }
