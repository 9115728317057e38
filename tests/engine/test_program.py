"""Pulumi's own engine takes the program through a stack's life, as the rehearsal does."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from breakglass.rehearsal.aws.inventory import Inventory, inventory
from breakglass.rehearsal.stacks import config_of, stack_of
from breakglass.rehearsal.stage import backdrop, stage
from breakglass.settings import Organisation, Side, load

pytestmark = pytest.mark.engine

REPOSITORY = Path(__file__).parents[2]
MINIMAL = REPOSITORY / "stacks" / "minimal.yaml"


EXAMPLE = REPOSITORY / "stacks" / "example.yaml"


@dataclass(frozen=True)
class Rehearsed:
    """What came of the run in process."""

    exports: Mapping[Side, Mapping[str, Any]]
    urns: Mapping[Side, set[str]]
    standing: Inventory


def rehearsed(file: Path, organisation: Organisation) -> Rehearsed:
    with stage(REPOSITORY, file, organisation) as one:
        return Rehearsed(
            {side: dict(run.exports) for side, run in one.runs.items()},
            {side: set(run.records) for side, run in one.runs.items()},
            inventory(one.emulator, organisation),
        )


def configure(stack: Any, file: Path, organisation: Organisation, side: Side) -> None:  # noqa: ANN401 - a class of the conftest
    for key, value in config_of(file, organisation, side).items():
        stack.pulumi("config", "set", key, value)


def comes_up(stack: Any, side: Side, expected: Rehearsed) -> None:  # noqa: ANN401 - see above
    """Preview it, bring it up, and see that nothing is left to do and nothing drifts."""
    assert set(stack.preview()) == {"create"}
    stack.up()
    assert stack.exports() == expected.exports[side]
    assert stack.urns() == expected.urns[side]
    assert set(stack.up()) == {"same"}
    assert set(stack.refresh()) == {"same"}


def changed(counts: Mapping[str, int]) -> dict[str, int]:
    """What an update did, without what it left alone."""
    return {operation: count for operation, count in counts.items() if operation != "same"}


def test_the_engine_takes_a_small_organisation_through_its_life(
    engine: Callable[..., Any], tmp_path: Path
) -> None:
    file = tmp_path / "minimal.yaml"
    settings = yaml.safe_load(MINIMAL.read_text(encoding="utf-8"))
    file.write_text(yaml.safe_dump(settings), encoding="utf-8")
    organisation = load(file)
    expected = rehearsed(file, organisation)
    with backdrop(organisation) as behind, behind.applier(Side.ALL) as applier:
        before = inventory(behind.emulator, organisation)
        stack = engine(REPOSITORY, organisation.name, applier)
        configure(stack, file, organisation, Side.ALL)

        stack.preview()
        assert inventory(behind.emulator, organisation) == before, "a preview makes nothing"
        comes_up(stack, Side.ALL, expected)
        assert inventory(behind.emulator, organisation) == expected.standing

        settings["retention"]["days"] = 31
        file.write_text(yaml.safe_dump(settings), encoding="utf-8")
        assert changed(stack.up()) == {"update": 1}

        settings["scopes"][0]["name"] = "restart-all"
        file.write_text(yaml.safe_dump(settings), encoding="utf-8")
        renamed = stack.up()
        made = {"create": 4, "delete": 4}  # the scope: its component, role, policy and boundary
        assert changed(renamed) == made | {"update": 1}
        assert renamed["same"] > 100

        stack.pulumi("state", "unprotect", "--all", "--yes")
        stack.destroy()
        assert inventory(behind.emulator, organisation) == before


def test_the_engine_takes_both_sides_of_an_organisation_through_their_life(
    engine: Callable[..., Any], tmp_path: Path
) -> None:
    """The example as a trial: nobody can destroy a production vault."""
    file = tmp_path / "example.yaml"
    settings = yaml.safe_load(EXAMPLE.read_text(encoding="utf-8"))
    settings["production"] = False
    settings["retention"] = {"mode": "GOVERNANCE", "days": 400}
    file.write_text(yaml.safe_dump(settings), encoding="utf-8")
    organisation = load(file)
    expected = rehearsed(file, organisation)
    with (
        backdrop(organisation) as behind,
        behind.applier(Side.KEEPER) as keepers,
        behind.applier(Side.EDGE) as edges,
    ):
        before = inventory(behind.emulator, organisation)
        stacks = {
            side: engine(REPOSITORY, stack_of(organisation, side), applier)
            for side, applier in ((Side.KEEPER, keepers), (Side.EDGE, edges))
        }
        for side, stack in stacks.items():
            configure(stack, file, organisation, side)
            comes_up(stack, side, expected)
        assert inventory(behind.emulator, organisation) == expected.standing

        settings["retention"]["days"] = 401
        file.write_text(yaml.safe_dump(settings), encoding="utf-8")
        assert changed(stacks[Side.KEEPER].up()) == {"update": 2}  # the vault and the witness
        assert changed(stacks[Side.EDGE].up()) == {}

        for stack in (stacks[Side.EDGE], stacks[Side.KEEPER]):
            stack.pulumi("state", "unprotect", "--all", "--yes")
            stack.destroy()
        assert inventory(behind.emulator, organisation) == before
