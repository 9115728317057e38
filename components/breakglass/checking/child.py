"""The process in which a program is recorded.

It is asked one thing, runs the program once, hands back what it declared and ends. Whatever else
the program does to its process (exits, threads, streams, modules, the working directory) ends too.
"""

import json
import os
import signal
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NoReturn

from breakglass.checking.answers import Answer, Failure
from breakglass.checking.faults import failure_of
from breakglass.checking.recorder import Recorder
from breakglass.checking.unknowns import without_secrets
from breakglass.rehearsal.garbage import OBJECTS_BEFORE_COLLECTION


@dataclass(frozen=True, slots=True)
class Question:
    """Which program to run, and with what."""

    root: str
    """The folder of Pulumi.yaml."""
    stack: str
    config: Mapping[str, Any]
    """The whole configuration, ``namespace:key`` to a value."""

    def answer(self) -> Answer:
        """Run the program to its end, in this process: it may do anything to it."""
        from breakglass.rehearsal.engine.program import run  # noqa: PLC0415 - who asks needs no SDK

        root = Path(self.root)
        try:
            done = run(root, self.stack, self.config, Recorder(), preview=True, foreign=True)
        except BaseException as error:  # noqa: BLE001 - whatever a program raises ends it
            failed = failure_of(error, root)
            notes = tuple(getattr(failed, "__notes__", ()))
            return Answer({}, failure=Failure(failed.what, failed.lines, notes))
        records = {urn: without_secrets(one) for urn, one in done.records.items()}
        return Answer(records, done.unfinished)


def main(question: Mapping[str, Any], handed: int) -> NoReturn:
    """Answer into the file ``handed`` and end, whatever the program has left running.

    Ends with 1, and no answer, where the program has closed that file.
    """
    _end_with_who_asked()
    sys.argv = [question["root"]]
    status = 1
    try:
        answer = Question(**question).answer().as_json()
        with os.fdopen(handed, "w", encoding="utf-8") as file:
            file.write(answer)
        status = 0
    finally:
        os._exit(status)


def _end_with_who_asked() -> None:
    """Take standard input from the program: it ends when whoever asked does, and all with it."""
    lifeline = os.dup(0)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)

    def wait() -> None:
        os.read(lifeline, 1)
        os.killpg(os.getpgrp(), signal.SIGKILL)

    threading.Thread(target=wait, daemon=True).start()


START: Final = f"""
import gc, json, sys
gc.set_threshold({OBJECTS_BEFORE_COLLECTION}, *gc.get_threshold()[1:])  # next to none becomes any
asked = json.loads(sys.stdin.buffer.readline())
sys.path[:] = asked["path"]
from breakglass.checking.child import main
main(asked["question"], asked["handed"])
"""
"""What the process runs. It imports from where this one does: a test's folder may be among it."""


def asked(question: Question, handed: int) -> bytes:
    """Return what `START` reads first."""
    plain = {"root": question.root, "stack": question.stack, "config": question.config}
    said = {"path": sys.path, "question": plain, "handed": handed}
    return f"{json.dumps(said)}\n".encode()
