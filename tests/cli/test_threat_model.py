"""``breakglass threat-model`` prints what attacks gave, and ends as they ended."""

from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from breakglass.cli.app import app
from breakglass.reference import threat_model
from breakglass.rehearsal.attacks import AttackResult, AttackVerdict, Rule
from breakglass.tamper import Tier

MINIMAL = Path(__file__).parents[2] / "stacks" / "minimal.yaml"
DENIED = AttackResult(
    name="workload-admin-stops-no-trail",
    title="A workload's administrator stops | a trail",
    attacker="workload-admin",
    verdict=AttackVerdict.DENIED,
    by="break-glass-trails#NobodyEndsTheRecord",
    expected_by="break-glass-trails#NobodyEndsTheRecord",
    reason="A Deny applies.",
    twin="The same administrator stops a trail of his own",
    twin_succeeded=True,
    error=None,
    rules=(Rule("555555555555", "eu-west-1", "break-glass-kit-1", Tier.PAGE),),
)
RESIDUAL = replace(
    DENIED,
    name="owner-mints-a-key",
    title="An owner makes a key",
    attacker="owner",
    verdict=AttackVerdict.RESIDUAL,
    by="",
    expected_by="",
    reason="GitHub lets him.",
    rules=(),
    unseen="Nothing listens.",
)

run = CliRunner(env={"NO_COLOR": "1"})


@pytest.fixture
def gives(monkeypatch: pytest.MonkeyPatch) -> list[AttackResult]:
    """What the attacks give, without a rehearsal."""
    results = [DENIED, replace(DENIED, name=f"{DENIED.name}@other"), RESIDUAL]
    monkeypatch.setattr(threat_model, "attacked", lambda *_: results)
    return results


def test_the_threat_model_is_printed_by_attacker(gives: list[AttackResult]) -> None:
    result = run.invoke(app, ["threat-model", "--org", str(MINIMAL)])
    assert result.exit_code == 0
    assert f"{len(gives)} attacks" in result.stdout
    row = (
        "| A workload's administrator stops \\| a trail (with the role of other too) "
        "| `break-glass-trails#NobodyEndsTheRecord` | page: `break-glass-kit-1` |"
    )
    assert row in result.stdout.splitlines()
    assert "| An owner makes a key | GitHub lets him. | nobody (1) |" in result.stdout
    assert "1. Nothing listens." in result.stdout


def test_a_threat_model_with_something_short_ends_with_one(gives: list[AttackResult]) -> None:
    gives[0] = replace(DENIED, by="another#Statement")
    result = run.invoke(app, ["threat-model", "--org", str(MINIMAL)])
    assert result.exit_code == 1
    assert "## What falls short" in result.stdout


def test_a_threat_model_of_a_missing_file_is_refused() -> None:
    result = run.invoke(app, ["threat-model", "--org", "nowhere.yaml"])
    assert result.exit_code == 2
    assert "nowhere.yaml" in result.stderr
