"""A program runs in a process of its own: what it does there ends there, and no end is a pass."""

import asyncio
import json
import os
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from foreign import SOUND, written

from breakglass.checking import Recording, record_all
from breakglass.checking.answers import Answer
from breakglass.checking.child import Question
from breakglass.errors import ProgramFailed

QUEUE = """
import os, sys, threading, pulumi

def queue(name):
    pulumi.CustomResource("aws:sqs/queue:Queue", name, {})

queue("first")
"""
"""Declares something, and loads less than pulumi_aws does."""

Recorded = Callable[[str], Recording]


@pytest.fixture
def recorded(tmp_path: Path) -> Recorded:
    """Record a program, given as its text, as a check does."""
    return lambda program: record_all(written(tmp_path / "acme", program), ["dev"])


def queues(recording: Recording) -> set[str]:
    return {one.name for one in recording.records.values() if one.type.endswith(":Queue")}


# --- how it ends -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("end", "how"),
    [
        ("os._exit(0)", "exit status 0"),
        ("os.kill(os.getpid(), 9)", "killed by SIGKILL"),
        ("os.closerange(0, 99)", "exit status 1"),
    ],
)
def test_a_program_that_ends_itself_is_no_pass(recorded: Recorded, end: str, how: str) -> None:
    with pytest.raises(ProgramFailed, match=f"ended by itself before its end: {how}"):
        recorded(QUEUE + end)


@pytest.mark.parametrize(
    "rest",
    [
        "threading.Thread(target=threading.Event().wait).start()",
        "os.close(1); os.close(2); sys.stdout.close(); sys.stderr.close()",
        "if os.fork() == 0: sys.exit(0)",
        "os.fork()",
    ],
    ids=["a thread without end", "closed streams", "a copy that ends", "a copy that goes on"],
)
def test_what_a_program_does_to_its_process_changes_no_recording(
    recorded: Recorded, rest: str
) -> None:
    assert queues(recorded(f"{QUEUE}{rest}\nqueue('second')\n")) == {"first", "second"}


def test_nobody_is_asked_anything(recorded: Recorded) -> None:
    with pytest.raises(ProgramFailed, match="EOFError"):
        recorded("input()\n")


# --- what it leaves ----------------------------------------------------------------------------

CHANGING = (
    QUEUE
    + """
import helper, warnings
os.chdir("/")
os.environ["ACME"] = "1"
sys.path.append("/acme")
sys.setrecursionlimit(500)
warnings.simplefilter("error")
"""
)


def test_a_program_changes_nothing_of_the_process_that_asks(tmp_path: Path) -> None:
    home = written(tmp_path / "acme", CHANGING, {"helper.py": ""})
    before = Path.cwd(), dict(os.environ), [*sys.path], sys.getrecursionlimit()
    assert queues(record_all(home, ["dev"])) == {"first"}
    assert before == (Path.cwd(), dict(os.environ), [*sys.path], sys.getrecursionlimit())
    assert "helper" not in sys.modules


def test_a_program_imports_what_the_process_that_asks_can_import(
    tmp_path: Path, recorded: Recorded, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "beside.py").write_text("", encoding="utf-8")
    with pytest.raises(ProgramFailed, match="No module named 'beside'"):
        recorded(f"import beside\n{QUEUE}")
    monkeypatch.syspath_prepend(tmp_path)
    assert queues(recorded(f"import beside\n{QUEUE}")) == {"first"}


def test_it_may_be_asked_while_a_loop_runs_and_by_two_at_once(tmp_path: Path) -> None:
    homes = [written(tmp_path / name, f"{QUEUE}queue({name!r})") for name in ("one", "two")]
    before = set(threading.enumerate())

    async def ask() -> list[Recording]:
        with ThreadPoolExecutor() as pool:
            return [*pool.map(lambda home: record_all(home, ["dev"]), homes)]

    found = asyncio.run(ask())
    assert [queues(one) for one in found] == [{"first", "one"}, {"first", "two"}]
    assert set(threading.enumerate()) <= before


# --- what is told of a program that fails ------------------------------------------------------


def failure(folder: Path, program: str, **files: str) -> str:
    """What is told of a program, lines first."""
    home = written(folder / "acme", program, {f"{name}.py": text for name, text in files.items()})
    failed = Question(f"{home}", "dev", {}).answer().failure
    assert failed
    return "\n".join([*failed.lines, failed.what])


IN_AN_APPLY = "import pulumi\npulumi.Output.from_input(1).apply(lambda x: x / 0)\n"


@pytest.mark.parametrize(
    ("helper", "words"),
    [
        ("import nowhere_to_be_found\n", "ModuleNotFoundError: No module named 'nowhere_to_be"),
        ("value = (\n", "SyntaxError: '(' was never closed"),
        ("raise ValueError('no such stack')\n", "ValueError: no such stack"),
        (IN_AN_APPLY, "ZeroDivisionError: division by zero"),
        ("raise KeyboardInterrupt\n", "KeyboardInterrupt"),
        ("raise GeneratorExit\n", "GeneratorExit"),
        ("class Own(BaseException): pass\nraise Own('x')\n", "Own: x"),
        ("import asyncio\nraise asyncio.CancelledError\n", "CancelledError"),
        ("import sys\nsys.exit(0)\n", "the program ended itself by sys.exit(0)"),
        (
            "from breakglass.errors import InvalidInput\nraise InvalidInput('a', 1, '2')\n",
            "InvalidInput: a: 1 is not accepted; give 2",
        ),
    ],
)
def test_a_program_that_fails_is_told_with_its_own_lines(
    tmp_path: Path, helper: str, words: str
) -> None:
    said = failure(tmp_path, "import helper\n", helper=helper)
    assert "helper.py:" in said
    assert words in said
    assert "site-packages" not in said
    assert "program.py" not in said


@pytest.mark.parametrize(
    ("program", "words"),
    [
        (f"{QUEUE}{QUEUE}", "duplicate resource URN"),
        (
            "import pulumi_aws as aws\naws.Provider('p', assume_roles=[{'role_arn': 'x'}])\n",
            "written in snake_case",
        ),
    ],
)
def test_what_no_engine_would_take_is_a_failure_of_the_program(
    tmp_path: Path, program: str, words: str
) -> None:
    assert words in failure(tmp_path, program)


def test_a_program_that_is_no_text_is_told_in_a_sentence(tmp_path: Path) -> None:
    assert "null bytes" in failure(tmp_path, "x = 1\0\n")


def test_a_program_that_calls_itself_without_end_is_told_in_some_lines(tmp_path: Path) -> None:
    said = failure(tmp_path, "def f(): f()\nf()\n").splitlines()
    assert said[0] == "__main__.py:2: f()"
    assert "RecursionError" in said[-1]
    assert len(said) < 30


# --- what is handed back -----------------------------------------------------------------------


def test_what_is_handed_back_is_what_was_recorded(tmp_path: Path) -> None:
    answer = Question(f"{written(tmp_path / 'acme', SOUND)}", "dev", {}).answer()
    assert Answer.from_json(answer.as_json().encode()) == answer


@pytest.mark.parametrize(
    "change",
    [
        lambda _: [],
        lambda _: {},
        lambda said: {**said, "records": [1]},
        lambda said: {**said, "records": [{**said["records"][0], "urn": 1}]},
        lambda said: {**said, "records": [{**said["records"][0], "options": {}}]},
        lambda said: {**said, "records": [{**said["records"][0], "dependencies": [1]}]},
        lambda said: {**said, "unfinished": [{"name": 1, "source": ""}]},
        lambda said: {**said, "failure": {"what": "x"}},
    ],
)
def test_what_is_no_recording_is_not_read(
    tmp_path: Path, change: Callable[[dict[str, object]], object]
) -> None:
    said = Question(f"{written(tmp_path / 'acme', QUEUE)}", "dev", {}).answer().as_json()
    with pytest.raises(ValueError, match=r"."):
        Answer.from_json(json.dumps(change(json.loads(said))).encode())


def test_a_program_that_hands_back_something_else_is_no_pass(recorded: Recorded) -> None:
    forging = "import tempfile\nfor fd in range(3, 20):\n  try: os.write(fd, b'{}')\n"
    with pytest.raises(ProgramFailed, match="cannot be read"):
        recorded(f"{QUEUE}{forging}  except OSError: pass\n")
