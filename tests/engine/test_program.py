"""Pulumi's own engine takes the program through a stack's life, as the rehearsal does."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from breakglass.rehearsal.aws.inventory import Inventory, inventory
from breakglass.rehearsal.stacks import config_of
from breakglass.rehearsal.stage import Backdrop, backdrop, stage
from breakglass.settings import Organisation, Side, load

pytestmark = pytest.mark.engine

REPOSITORY = Path(__file__).parents[2]
MINIMAL = REPOSITORY / "stacks" / "minimal.yaml"


@pytest.fixture(scope="module")
def organisation() -> Organisation:
    return load(MINIMAL)


@pytest.fixture(scope="module")
def rehearsed(organisation: Organisation) -> tuple[set[str], dict[str, Any], Inventory]:
    """URNs, exports and inventory of the run in process."""
    with stage(REPOSITORY, MINIMAL, organisation) as one:
        exports = dict(one.runs[Side.ALL].exports)
        return set(one.records), exports, inventory(one.emulator, organisation)


@pytest.fixture
def behind(organisation: Organisation) -> Iterator[Backdrop]:
    with backdrop(organisation) as one:
        yield one


def test_the_engine_takes_a_small_organisation_through_its_life(
    engine: Callable[..., Any],
    behind: Backdrop,
    organisation: Organisation,
    rehearsed: tuple[set[str], dict[str, Any], Inventory],
) -> None:
    urns, exports, standing = rehearsed
    before = inventory(behind.emulator, organisation)
    with behind.applier(Side.ALL) as applier:
        stack = engine(REPOSITORY, organisation.name, applier)
        file = stack.project / "stacks" / "minimal.yaml"
        for key, value in config_of(file, organisation, Side.ALL).items():
            stack.pulumi("config", "set", key, value)

        assert set(stack.preview()) == {"create"}
        assert inventory(behind.emulator, organisation) == before, "a preview makes nothing"

        stack.up()
        assert stack.exports() == exports
        assert stack.urns() == urns
        assert inventory(behind.emulator, organisation) == standing

        assert set(stack.up()) == {"same"}
        assert set(stack.refresh()) == {"same"}

        settings = yaml.safe_load(file.read_text(encoding="utf-8"))
        settings["retention"]["days"] = 31
        file.write_text(yaml.safe_dump(settings), encoding="utf-8")
        assert {k: n for k, n in stack.up().items() if k != "same"} == {"update": 1}

        settings["scopes"][0]["name"] = "restart-all"
        file.write_text(yaml.safe_dump(settings), encoding="utf-8")
        renamed = stack.up()
        made = {"create": 4, "delete": 4}  # the scope: its component, role, policy and boundary
        assert {k: n for k, n in renamed.items() if k != "same"} == made | {"update": 1}
        assert renamed["same"] > 100

        stack.pulumi("state", "unprotect", "--all", "--yes")
        stack.destroy()
        assert inventory(behind.emulator, organisation) == before
