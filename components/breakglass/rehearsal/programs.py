"""Where a rehearsal's programs run: in this process, or beside it.

Beside it they have processes of their own. There Pulumi's SDKs are loaded while the emulation is
loaded here, and a program reads and makes its next resources while the last ones are brought about
here, one after the other. Only this process ever touches the emulation.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Protocol

from breakglass.errors import BreakGlassError, RehearsalError
from breakglass.processes import can_work_beside, ended_with_us
from breakglass.rehearsal.engine.registration import Applier, Run
from breakglass.rehearsal.stacks import config_of, prepared_for, sides_of, stack_of
from breakglass.settings import Organisation, Side


@dataclass(frozen=True, slots=True)
class Program:
    """One stack of a project."""

    side: Side
    project: Path
    """The folder of Pulumi.yaml."""
    stack: str
    config: Mapping[str, str]
    """``namespace:key`` to a value."""


def programs_of(
    project: Path, file: Path, organisation: Organisation, side: Side | None = None
) -> Sequence[Program]:
    """Return what a rehearsal runs, in that order: what ``side`` stands on comes before it."""
    return [
        Program(one, project, stack_of(organisation, one), config_of(file, organisation, one))
        for one in (*prepared_for(side), *sides_of(organisation, side))
    ]


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
        from breakglass.rehearsal.resources.registry import (  # noqa: PLC0415 - for `Beside`
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

    with ended_with_us(work):
        close(theirs)
        try:
            yield _Beside({one.side: ours[place] for place, one in enumerate(programs)})
        finally:
            close(ours)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a program beside wants of the applier: one of its methods.

    With it comes what the SDK knows of the type, since it is not loaded where the applier is.
    """

    method: str
    arguments: tuple[Any, ...]
    options: Mapping[str, Any]
    token: str
    properties: frozenset[str]


@dataclass(slots=True)
class _Beside:
    connections: Mapping[Side, Connection]
    told: dict[str, frozenset[str]] = field(default_factory=dict)

    def perform(self, program: Program, applier: Applier) -> Run:
        """Do what the program asks, until it has ended."""
        faults: list[Exception] = []
        with self.connections[program.side] as connection:
            while True:
                try:
                    said = connection.recv()
                except EOFError as ended:
                    raise RehearsalError("the program's process ended before it did") from ended
                match said:
                    case Asked():
                        self.told[said.token] = said.properties
                        connection.send(_answer(applier, said, faults))
                    case Run():
                        return said
                    case _:
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


def close(connections: Sequence[Connection]) -> None:
    """Close them, also those that are closed."""
    for connection in connections:
        connection.close()
