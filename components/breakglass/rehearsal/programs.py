"""Where a rehearsal's programs run: in this process, or beside it.

Beside it they have processes of their own. There Pulumi's SDKs are loaded while the emulation is
loaded here, and a program reads and makes its next resources while the last ones are brought about
here, one after the other. Only this process ever touches the emulation.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from typing import Protocol

from breakglass.errors import BreakGlassError, RehearsalError
from breakglass.processes import can_work_beside, close, ended_with_us
from breakglass.rehearsal.engine.registration import Applier, Run
from breakglass.rehearsal.questions import Asked
from breakglass.rehearsal.stacks import Program
from breakglass.settings import Side


class Programs(Protocol):
    """Where programs run."""

    def perform(self, program: Program, applier: Applier) -> Run:
        """Run one to its end; ``applier`` brings its resources about.

        Raises ``ProgramFailed`` where the program itself failed, ``RegistrationError`` where one of
        its resources could not be brought about.
        """

    def properties(self, token: str) -> frozenset[str]:
        """Return every output property of a resource type, in camelCase, as the SDK has it."""


class Here:
    """In this process."""

    def perform(self, program: Program, applier: Applier) -> Run:
        """Run it, loading Pulumi's SDKs if need be."""
        from breakglass.rehearsal.performing import perform  # noqa: PLC0415 - loads them

        return perform(program, applier)

    def properties(self, token: str) -> frozenset[str]:
        """Ask the SDK's class."""
        from breakglass.rehearsal.resources.registry import (  # noqa: PLC0415 - loads handlers
            properties_of,
        )

        return properties_of(token)


@contextmanager
def programs_beside(programs: Sequence[Program]) -> Iterator[Programs]:
    """Begin all ``programs`` in processes beside this one, or none where that would gain nothing.

    Each goes on when it has its applier. All the processes end with the context, and with this
    process however that ends.
    """
    if not can_work_beside():
        yield Here()
        return
    pairs = [Pipe() for _ in programs]
    ours, theirs = [one for one, _ in pairs], [other for _, other in pairs]

    def work() -> None:
        close(ours)
        from breakglass.rehearsal.performing import perform_all  # noqa: PLC0415 - for them only

        perform_all(programs, theirs)

    try:
        with ended_with_us(work):
            close(theirs)
            yield _Beside({one.side: ours[place] for place, one in enumerate(programs)})
    finally:
        close(ours)  # once nobody is left to see it


@dataclass(slots=True)
class _Beside:
    connections: Mapping[Side, Connection]
    told: dict[str, frozenset[str]] = field(default_factory=dict)

    def perform(self, program: Program, applier: Applier) -> Run:
        """Do what the program asks, until it has ended."""
        connection, faults = self.connections[program.side], list[Exception]()
        try:
            while isinstance(said := connection.recv(), Asked):
                self.told[said.token] = said.properties
                answer = _answer(applier, said, faults)
                with suppress(ConnectionError):  # who asked has ended: it is told next how
                    connection.send(answer)
        except (EOFError, OSError) as ended:
            raise RehearsalError("the processes of the programs ended without a word") from ended
        if isinstance(said, Run):
            return said
        raise said from next(iter(faults), None)

    def properties(self, token: str) -> frozenset[str]:
        return self.told[token]


def _answer(applier: Applier, asked: Asked, faults: list[Exception]) -> tuple[bool, object]:
    """Return whether it could be done, and what came of it; remember what a fault came from."""
    try:
        return True, getattr(applier, asked.method)(*asked.arguments, **asked.options)
    except Exception as fault:  # noqa: BLE001 - the program is told, and ends with it
        faults.append(fault)
        if isinstance(fault, BreakGlassError):
            return False, fault
        return False, RehearsalError(f"{type(fault).__name__}: {fault}")
