"""A fresh process, and what it used."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

KIB: Final = 1024
"""ru_maxrss is in KiB on Linux and in bytes on macOS (getrusage(2))."""

BETWEEN_LOOKS: Final = 0.2
"""Seconds between two looks at the memory of a process and its copies: looking takes some ms."""


@dataclass(frozen=True, slots=True)
class Used:
    """What a process printed and used."""

    output: str
    seconds: float
    """From start to end, as whoever waits for it counts."""
    cpu_seconds: float
    """User and system time: what others do on the machine counts far less."""
    peak_mib: float
    """Of all its processes together, what they share counted once, where the system tells that
    (Linux); elsewhere of itself alone."""


def python(*arguments: str, accepted: Sequence[int] = (0,)) -> Used:
    """Run this interpreter with ``arguments``; an exit code that is not ``accepted`` raises.

    A warm environment holds bytecode, so an environment that forbids it is not passed on.
    """
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    command = [sys.executable, *arguments]
    began = time.perf_counter()
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as child:  # noqa: S603 - our own modules
        assert child.stdout is not None  # asked for above
        with _watched(child.pid) as seen:
            output = child.stdout.read()
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.perf_counter() - began
    if child.returncode not in accepted:
        raise subprocess.CalledProcessError(child.returncode, child.args, output)
    unit = 1 if sys.platform == "darwin" else KIB
    peak = max(usage.ru_maxrss * unit, *seen)
    return Used(output, seconds, usage.ru_utime + usage.ru_stime, peak / KIB / KIB)


@contextmanager
def _watched(process: int) -> Iterator[list[int]]:
    """Note several times a second how many bytes a process and its copies hold together."""
    seen, over = [0], threading.Event()

    def watch() -> None:
        while not over.wait(BETWEEN_LOOKS):
            seen.append(sum(map(_held, _family(process))))

    looking = threading.Thread(target=watch)
    looking.start()
    try:
        yield seen
    finally:
        over.set()
        looking.join()


def _family(process: int) -> Iterator[int]:
    """Yield a process and its descendants (proc(5), ``/proc/pid/task/tid/children``)."""
    yield process
    try:
        children = Path(f"/proc/{process}/task/{process}/children").read_text(encoding="ascii")
    except OSError:  # it has ended, or this is no Linux
        return
    for child in children.split():
        yield from _family(int(child))


def _held(process: int) -> int:
    """Bytes of a process, its part of what it shares (proc(5), ``smaps_rollup``: Pss in KiB)."""
    try:
        told = Path(f"/proc/{process}/smaps_rollup").read_text(encoding="ascii")
    except OSError:
        return 0
    return sum(int(line.split()[1]) * KIB for line in told.splitlines() if line.startswith("Pss:"))
