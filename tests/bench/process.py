"""A fresh process, and what it used."""

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

KIB: Final = 1024
"""ru_maxrss is in KiB on Linux and in bytes on macOS (getrusage(2))."""


@dataclass(frozen=True, slots=True)
class Used:
    """What a process printed and used."""

    output: str
    seconds: float
    """From start to end, as whoever waits for it counts."""
    cpu_seconds: float
    """User and system time: what others do on the machine counts far less."""
    peak_mib: float


def python(*arguments: str, accepted: Sequence[int] = (0,)) -> Used:
    """Run this interpreter with ``arguments``; an exit code that is not ``accepted`` raises.

    A warm environment holds bytecode, so an environment that forbids it is not passed on.
    """
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    command = [sys.executable, *arguments]
    began = time.perf_counter()
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as child:  # noqa: S603 - our own modules
        assert child.stdout is not None  # asked for above
        output = child.stdout.read()
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.perf_counter() - began
    if child.returncode not in accepted:
        raise subprocess.CalledProcessError(child.returncode, child.args, output)
    unit = 1 if sys.platform == "darwin" else KIB
    return Used(
        output, seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * unit / KIB / KIB
    )
