"""The command line. Thin: each command reads its arguments, calls one function, prints the answer.

This module imports nothing that may be missing, so that a missing extra is told in a sentence.
"""

import atexit
import gc
import io
import os
import signal
import sys
from pathlib import Path

from breakglass.rehearsal.garbage import OBJECTS_BEFORE_COLLECTION


def main() -> None:
    """Run the command line, as the entry point ``breakglass``."""
    # loading makes far more objects than it drops
    gc.set_threshold(OBJECTS_BEFORE_COLLECTION, *gc.get_threshold()[1:])
    # the process ends: to look for garbage among a rehearsal's objects once more takes 1.5 s
    atexit.register(gc.freeze)
    if hasattr(signal, "SIGCHLD"):  # who started us may ignore it: no process could be waited for
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    _refuse_closed_streams()
    for stream in (sys.stdout, sys.stderr):  # a locale without a character is no reason to fail
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    try:
        from breakglass.cli.app import app  # noqa: PLC0415 - the extra may be missing
        from breakglass.cli.endings import told_outside  # noqa: PLC0415 - likewise
    except ModuleNotFoundError as missing:
        if missing.name not in {"rich", "typer"}:
            raise
        sys.stderr.write(
            f"breakglass: the command line needs {missing.name}, which is not installed;"
            " pip install 'breakglass[cli]'\n"
        )
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)
    told_outside(app)


def _refuse_closed_streams() -> None:
    """End where there is nobody to tell: Python then has no stream at all (``>&-``)."""
    if sys.stderr is None:
        sys.stderr = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - until it ends
    if sys.stdout is None:
        sys.stderr.write("breakglass: standard output is closed\n")
        sys.exit(2)
