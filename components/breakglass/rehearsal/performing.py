"""Programs run with Pulumi's SDKs loaded: in this process, or in that of ``programs_beside``."""

import contextlib
import os
import threading
import traceback
from collections import deque
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from functools import partial
from importlib import import_module
from multiprocessing.connection import Connection
from typing import Any, Final

from breakglass.checking.faults import ended_by_itself, failure_of, program_faults
from breakglass.errors import BreakGlassError
from breakglass.processes import close, copied, written_out
from breakglass.rehearsal.engine.program import run
from breakglass.rehearsal.engine.registration import Applier, Registration, Run
from breakglass.rehearsal.questions import Asked
from breakglass.rehearsal.resources import apply, registry
from breakglass.rehearsal.stacks import Program

_AT_ONCE: Final = 8
"""So many resources are asked for without waiting, so that where they are made none is awaited."""

_LESS_URGENT: Final = 10
"""How much a program gives way to those before it, which are waited for (``nice``)."""


def perform(program: Program, applier: Applier, *, at_once: int = 1) -> Run:
    """Run a program to its end in this process.

    Raises ``ProgramFailed`` for an exception of the program itself, ``RegistrationError`` where a
    resource could not be brought about.
    """
    project = program.project.resolve()
    with program_faults(project):
        return run(project, program.stack, program.config, applier, parallel=at_once)


def perform_all(programs: Sequence[Program], connections: Sequence[Connection]) -> None:
    """Load what every program needs, once; then run each in a process of its own.

    Of one that ends without a word is told how it ended.
    """
    import_module("breakglass.break_glass")
    for token in registry.complete().handlers:
        registry.properties_of(token)
    copies = [
        copied(partial(_perform_apart, program, connections, place))
        for place, program in enumerate(programs)
    ]
    for copy, connection in zip(copies, connections, strict=True):
        _, status = os.waitpid(copy, 0)
        with contextlib.suppress(ConnectionError):  # nobody waits for it
            connection.send(ended_by_itself(os.waitstatus_to_exitcode(status)))


def _perform_apart(program: Program, connections: Sequence[Connection], place: int) -> None:
    if place:
        os.nice(_LESS_URGENT)
    connection = connections[place]
    close([other for other in connections if other is not connection])
    said = _said_of(program, _Lent(connection))
    written_out()  # before it is told that the program has ended
    with contextlib.suppress(ConnectionError):  # nobody waits for it
        connection.send(said)


def _said_of(program: Program, applier: Applier) -> Run | Exception:
    """What a program made, or what is raised where it was asked for."""
    try:
        return perform(program, applier, at_once=_AT_ONCE)
    except BreakGlassError as fault:
        return fault
    except Exception as fault:  # noqa: BLE001 - ours, and told with its lines
        return RuntimeError("".join(traceback.format_exception(fault)))
    except BaseException as end:  # noqa: BLE001 - only the program can end itself here
        return failure_of(end, program.project.resolve())


class _Lent(apply.Applier):
    """The applier of the process that rehearses, as that of a program has it."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(registry.complete(), {})
        self._connection, self._asking = connection, threading.Lock()
        self._awaited = deque[Future[Any]]()
        threading.Thread(target=self._take_answers, daemon=True).start()

    def create(
        self, resource: Registration, provider: Registration, *, preview: bool
    ) -> tuple[str, dict[str, Any]]:
        made: tuple[str, dict[str, Any]]
        made = self._ask("create", resource.type, resource, provider, preview=preview)
        return made

    def read(self, resource: Registration, provider: Registration) -> dict[str, Any] | None:
        seen: dict[str, Any] | None = self._ask("read", resource.type, resource, provider)
        return seen

    def invoke(self, token: str, args: Mapping[str, Any], provider: Registration) -> dict[str, Any]:
        found: dict[str, Any] = self._ask("invoke", "", token, args, provider)
        return found

    def _ask(self, method: str, token: str, *arguments: object, **options: object) -> Any:  # noqa: ANN401 - each method knows what comes back
        properties = registry.properties_of(token) if token else frozenset()
        answer = Future[Any]()
        with self._asking:  # answers come in the order of the questions
            self._awaited.append(answer)
            self._connection.send(Asked(method, arguments, options, token, properties))
        return answer.result()

    def _take_answers(self) -> None:
        """Hand each answer to who waits for it; end with whoever gives them."""
        while True:
            try:
                done, found = self._connection.recv()
            except (EOFError, OSError):
                os._exit(1)
            answer = self._awaited.popleft()
            if done:
                answer.set_result(found)
            else:
                answer.set_exception(found)
