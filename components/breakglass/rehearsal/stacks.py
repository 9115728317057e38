"""The stacks of an organisation: which there are, and what each is told."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

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


def sides_of(organisation: Organisation, side: Side | None = None) -> tuple[Side, ...]:
    """The stacks of an organisation, in the order in which they are applied."""
    if side is not None:
        return (side,)
    return (Side.ALL,) if organisation.small else (Side.KEEPER, Side.EDGE)


def prepared_for(side: Side | None) -> tuple[Side, ...]:
    """The stacks that ``side`` stands on: the edge side's trails deliver to keepers' buckets.

    CloudTrail makes no trail before the bucket takes its files (CloudTrail API reference,
    CreateTrail).
    """
    return (Side.KEEPER,) if side is Side.EDGE else ()


def stack_of(organisation: Organisation, side: Side) -> str:
    """Name of the stack that holds a side."""
    return organisation.name if side is Side.ALL else f"{organisation.name}-{side}"


def config_of(file: Path, organisation: Organisation, side: Side) -> dict[str, str]:
    """Configuration of that stack; a secret endpoint gets a stand-in, since no vendor is called."""
    secrets = [endpoint.secret for endpoint in organisation.pager if endpoint.secret]
    return {
        "breakglass:organisation": str(file.resolve()),
        "breakglass:side": side.value,
        **{f"breakglass:{secret}": f"https://{secret}.example.com" for secret in secrets},
    }


def programs_of(
    project: Path, file: Path, organisation: Organisation, side: Side | None = None
) -> Sequence[Program]:
    """Return what a rehearsal runs, in that order: what ``side`` stands on comes before it."""
    return [
        Program(one, project, stack_of(organisation, one), config_of(file, organisation, one))
        for one in (*prepared_for(side), *sides_of(organisation, side))
    ]
