"""A rehearsal ends with its program, and the program with it."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

BLOCKING = """
import os, threading
pipe = os.open({pipe!r}, os.O_WRONLY)
os.write(pipe, b"here")
threading.Event().wait()
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "infra").mkdir()
    shutil.copy(ROOT / "Pulumi.yaml", tmp_path)
    shutil.copy(ROOT / "stacks" / "minimal.yaml", tmp_path)
    return tmp_path


@pytest.fixture
def _interruptible() -> Iterator[None]:
    """Heed an interrupt, and what is started from here too: a shell's background jobs do not."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def rehearsal(
    project: Path, program: str, before: Callable[[], object] | None = None
) -> "subprocess.Popen[str]":
    (project / "infra" / "__main__.py").write_text(program, encoding="utf-8")
    return subprocess.Popen(
        [sys.executable, "-m", "breakglass.cli", "rehearse", "--org", "minimal.yaml"],
        cwd=project,
        env={**os.environ, "PYTHONPATH": str(ROOT / "components")},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=before,  # noqa: PLW1509 - a signal's disposition, and nothing else
    )


@pytest.mark.usefixtures("_interruptible")
@pytest.mark.parametrize(
    ("signal_", "code", "said"),
    [
        (signal.SIGINT, 130, ["breakglass: interrupted"]),
        (signal.SIGTERM, -signal.SIGTERM, []),
        (signal.SIGKILL, -signal.SIGKILL, []),
    ],
)
def test_a_program_that_blocks_ends_with_the_rehearsal(
    project: Path, signal_: signal.Signals, code: int, said: list[str]
) -> None:
    pipe = project / "pipe"
    os.mkfifo(pipe)
    with (
        rehearsal(project, BLOCKING.format(pipe=str(pipe))) as process,
        pipe.open("rb") as told,
    ):
        assert told.read(4) == b"here"
        process.send_signal(signal_)  # once
        assert told.read() == b"", "the program is there no more"
        assert process.wait(60) == code
        assert process.stderr is not None  # asked for above
        phases = ("loading the", "what must", "both sides")
        lines = process.stderr.read().splitlines()
        assert [line for line in lines if not line.startswith(phases)] == said


def test_whoever_starts_a_rehearsal_may_ignore_how_its_children_end(project: Path) -> None:
    def ignore() -> None:
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)

    with rehearsal(project, "{}['vault']\n", ignore) as process:
        _, said = process.communicate()
    assert process.returncode == 3
    assert said.endswith("infra/__main__.py:1: {}['vault']\n  KeyError: 'vault'\n")
