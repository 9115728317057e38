"""A program recorded in a process of its own, which ends with ours and changes nothing of it."""

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
from typing import IO, Final

from breakglass.checking.answers import Answer
from breakglass.checking.child import START, Question, asked
from breakglass.checking.faults import ended_by_itself
from breakglass.errors import ProgramFailed

_ERRORS: Final = 2
"""Standard error: what a program prints is no part of a report."""


def answer_of(question: Question) -> Answer:
    """Ask it in a fresh interpreter; raises `ProgramFailed` where the program does not end well."""
    with tempfile.TemporaryFile() as handed:
        status = _status_of(question, handed)
        handed.seek(0)
        text = handed.read()
    answer = _read(text, status)
    if answer.failure:
        failure = ProgramFailed(answer.failure.what, answer.failure.lines)
        for note in answer.failure.notes:
            failure.add_note(note)
        raise failure
    return answer


def _status_of(question: Question, handed: IO[bytes]) -> int:
    """Run the process to its end, however it comes about; if it is ours, of all that it started."""
    file = handed.fileno()
    with subprocess.Popen(  # noqa: S603 - this interpreter, and our own words
        [sys.executable, "-u", "-c", START],
        stdin=subprocess.PIPE,  # stays open: its end is ours
        stdout=_ERRORS,
        pass_fds=[file],
        start_new_session=True,  # a group to kill; and no terminal to ask at
    ) as process:
        assert process.stdin is not None  # noqa: S101 - asked for above
        try:
            with contextlib.suppress(BrokenPipeError):  # it was killed: its status says so
                process.stdin.write(asked(question, file))
                process.stdin.flush()
            return process.wait()
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)


def _read(text: bytes, status: int) -> Answer:
    if status or not text:
        raise ended_by_itself(status)
    try:
        return Answer.from_json(text)
    except ValueError as error:
        raise ProgramFailed(f"what it handed back cannot be read: {error}", ()) from error
