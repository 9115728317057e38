"""Work in a copy of this process, beside what this one goes on with.

Python runs one thread at a time, so only another process makes use of another core. A copy has all
that this process has made so far, and what it changes stays with it.
"""

import os
from collections.abc import Callable
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Final, TypeVar

from breakglass.errors import BreakGlassError

Result = TypeVar("Result")

CAN_COPY: Final = hasattr(os, "fork")
"""Whether the system can copy a process. POSIX; Windows cannot."""


def cores() -> int:
    """How many processes can run at once: what this one may use, where the system tells."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def beside(work: Callable[[], Result]) -> Callable[[], Result]:
    """Begin ``work`` in a copy of this process; calling what is returned waits for its result.

    With one core, or on a system that cannot copy a process, the work is done when it is asked for.
    A copy has none of this process's other threads: a server that runs in one answers nobody there.
    Result and exceptions are pickled. Calling raises what the work raised, and ``BreakGlassError``
    where the copy ended without a result. Nobody has to call: a copy ends with this process.
    """
    if not CAN_COPY or cores() == 1:
        return work
    ours, theirs = get_context("fork").Pipe(duplex=False)
    copy = get_context("fork").Process(target=_send, args=(work, theirs), daemon=True)
    copy.start()
    theirs.close()

    def result() -> Result:
        with ours:
            try:
                done, found = ours.recv()
            except EOFError:
                done, found = False, None
        copy.join()
        if done:
            answer: Result = found
            return answer
        raise found or BreakGlassError(
            f"a copy of this process ended without a result (exit code {copy.exitcode})"
        )

    return result


def _send(work: Callable[[], object], to: Connection) -> None:
    try:
        answer = True, work()
    except Exception as fault:  # noqa: BLE001 - raised again where the result is asked for
        answer = False, fault
    to.send(answer)
