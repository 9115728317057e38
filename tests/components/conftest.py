"""What the tests of the components share."""

import sys
from collections.abc import Callable
from pathlib import Path
from textwrap import indent

import pytest

from breakglass.rehearsal.engine import program
from breakglass.rehearsal.engine.registration import Run
from breakglass.rehearsal.resources.apply import Applier
from breakglass.rehearsal.resources.registry import Registry, complete

sys.path.insert(0, str(Path(__file__).parent))  # where every_example is

Plan = Callable[..., Run]


@pytest.fixture(scope="session")
def registry() -> Registry:
    return complete()


@pytest.fixture
def plan(tmp_path: Path, registry: Registry) -> Plan:
    """Preview a program that makes one component with the given arguments, and nothing else."""

    def planned(component: str, **args: object) -> Run:
        given = "".join(f"{name}={value!r},\n" for name, value in args.items())
        (tmp_path / "Pulumi.yaml").write_text("name: alone\nruntime: python\n")
        (tmp_path / "__main__.py").write_text(
            f"import breakglass\n\n"
            f"breakglass.{component}(\n    'it',\n    breakglass.{component}Args(\n"
            f"{indent(given, ' ' * 8)}    ),\n)\n"
        )
        return program.run(tmp_path, "dev", {}, Applier(registry, {}), preview=True)

    return planned
