"""Work in a copy of this process, beside what this one goes on with.

Python runs one thread at a time, so only another process makes use of another core. A copy has all
that this process has made so far, and what it changes stays with it.
"""

import contextlib
import os
import signal
import sys
import traceback
from collections.abc import Callable, Iterable, Iterator
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Final, NoReturn, TypeVar

from breakglass.errors import BreakGlassError

Result = TypeVar("Result")

CAN_COPY: Final = hasattr(os, "fork")
"""Whether the system can copy a process. POSIX; Windows cannot."""


def cores() -> int:
    """How many processes can run at once: what this one may use, where the system tells."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def can_work_beside() -> bool:
    """Whether anything is gained by a copy, and one can be made."""
    return CAN_COPY and cores() > 1


def beside(work: Callable[[], Result]) -> Callable[[], Result]:
    """Begin ``work`` in a copy of this process; calling what is returned waits for its result.

    With one core, or on a system that cannot copy a process, the work is done when it is asked for.
    A copy has none of this process's other threads: a server that runs in one answers nobody there.
    Result and exceptions are pickled. Calling raises what the work raised, and ``BreakGlassError``
    where the copy ended without a result. Nobody has to call: a copy ends with this process.
    """
    if not can_work_beside():
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


@contextlib.contextmanager
def ended_with_us(work: Callable[[], object]) -> Iterator[None]:
    """Do ``work`` in a copy of this process; on leaving end it and all copies that it made.

    It has a session of its own, so an interrupt at the terminal reaches this process alone, and no
    terminal stops it for what it writes; and no standard input, since nobody would see it ask.
    """

    def alone() -> None:
        os.setsid()
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        os.close(nothing)
        work()

    copy = copied(alone)
    try:
        yield
    finally:
        os.kill(copy, signal.SIGKILL)  # first: it may have no group yet, and makes no copy any more
        with contextlib.suppress(ProcessLookupError, PermissionError):  # as macOS says "all ended"
            os.killpg(copy, signal.SIGKILL)
        os.waitpid(copy, 0)


def copied(work: Callable[[], object]) -> int:
    """Do ``work`` in a copy of this process and return that one's process id.

    It ends with the work. Whatever the work raises is shown on standard error, and it ends with 1.
    """
    written_out()  # what waits would be written by both
    return os.fork() or _end_after(work)


def written_out() -> None:
    """Write what waits in the standard streams, if the work has left them open."""
    for stream in (sys.stdout, sys.stderr):
        if stream is not None and not stream.closed:
            stream.flush()


def ending(status: int) -> str:
    """How a process ended, from its exit code; of a signal's number, negative, the name."""
    return f"exit status {status}" if status >= 0 else f"killed by {signal.Signals(-status).name}"


def _end_after(work: Callable[[], object]) -> NoReturn:
    status = 1
    try:
        try:
            work()
        finally:
            with contextlib.suppress(BrokenPipeError):  # whoever read has gone: this one learns it
                written_out()
        status = 0
    except Exception:  # noqa: BLE001 - nobody is left here who could take it
        traceback.print_exc()
    finally:  # whatever happens: what called us goes on in the other process
        os._exit(status)


def close(connections: Iterable[Connection]) -> None:
    """Close them, also those that are closed."""
    for connection in connections:
        connection.close()
