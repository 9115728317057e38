"""Whoever imports a part loads what that part needs, and nothing of the rehearsal."""

import json
import os
import subprocess
import sys
from collections.abc import Iterable
from importlib import import_module
from pathlib import Path

import pytest

import breakglass

COMPONENTS = Path(__file__).parents[2] / "components"
HEAVY = {
    "pulumi",
    "pulumi_aws",
    "pulumi_github",
    "moto",
    "z3",
    "boto3",
    "botocore",
    "typer",
    "rich",
}
PULUMI = {"pulumi", "pulumi_aws", "pulumi_github"}
PURE = ("actions", "documents", "errors", "names", "patterns", "quotas", "settings", "tamper")
USED_IN_A_STACK = (
    "audit_trail",
    "break_glass",
    "break_glass_role",
    "entry_role",
    "forwarding",
    "github_gate",
    "guardrails",
    "log_vault",
    "watch",
    "witness",
)


def loaded_by(modules: Iterable[str]) -> set[str]:
    """The top-level modules that an interpreter holds after it has imported ``modules``."""
    program = (
        "import importlib, json, sys\n"
        "for name in sys.argv[1:]: importlib.import_module(name)\n"
        "print(json.dumps(sorted({name.partition('.')[0] for name in sys.modules})))"
    )
    done = subprocess.run(  # noqa: S603 - our own
        [sys.executable, "-c", program, *modules],
        env={**os.environ, "PYTHONPATH": str(COMPONENTS)},
        check=True,
        capture_output=True,
        text=True,
    )
    return set(json.loads(done.stdout))


def test_importing_the_package_loads_nothing_heavy() -> None:
    assert loaded_by(["breakglass"]) & HEAVY == set()


def test_documents_names_settings_and_proof_need_no_pulumi_and_no_emulation() -> None:
    modules = [f"breakglass.{name}" for name in (*PURE, "topology", "proof.evaluate")]
    assert loaded_by(modules) & HEAVY == set()


def test_a_stack_that_uses_a_component_loads_nothing_of_the_rehearsal() -> None:
    loaded = loaded_by(f"breakglass.{name}" for name in USED_IN_A_STACK)
    assert loaded & HEAVY == PULUMI


def test_what_is_offered_is_what_can_be_loaded() -> None:
    assert breakglass.__all__ == sorted(set(breakglass.__all__))
    for name in breakglass.__all__:
        offered = getattr(breakglass, name)
        module = import_module(offered.__module__)
        assert getattr(module, name) is offered
        assert module.__name__.startswith("breakglass.")


def test_every_component_comes_with_its_arguments_but_the_composition() -> None:
    components = {name for name in breakglass._MODULES if f"{name}Args" in breakglass.__all__}
    others = {"AlarmTier", "BreakGlass", "EntryRoleKind", "GateKind", "LockMode", "Providers"}
    assert components | others == set(breakglass._MODULES)
    assert {name.removesuffix("Args") for name in breakglass.__all__} == set(breakglass._MODULES)


@pytest.mark.parametrize("name", ["Vault", "entry_roles", "LogVaultArguments", "Args"])
def test_what_is_not_offered_is_no_attribute(name: str) -> None:
    with pytest.raises(AttributeError, match=name):
        getattr(breakglass, name)
