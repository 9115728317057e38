"""``breakglass mutate`` as somebody sees it: tables, JSON, exit codes."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from breakglass.cli.app import app
from breakglass.proof import mutants
from breakglass.proof.finding import Outcome
from breakglass.proof.graph import Graph
from breakglass.proof.mutants import HARMLESS, Hunt, Mutant, MutantResult
from breakglass.proof.mutants.mutant import Change

MINIMAL = Path(__file__).parents[2] / "stacks" / "minimal.yaml"

run = CliRunner(env={"NO_COLOR": "1", "COLUMNS": "72"})


def result(name: str, killed_by: str | None, verdict: Outcome, reason: str = "") -> MutantResult:
    change = Change(("x",), 1, "flag flipped", "x is no more")
    mutant = Mutant(name, "flag flipped", "vault", ("x",), "x is no more", (0,), change)
    return MutantResult(mutant, killed_by, verdict, reason)


KILLED = result("vault x: it is on", "vault_is_elsewhere_and_locked", Outcome.BROKEN, "It is open")
LACKING = result("rule y: it is off", None, Outcome.NOT_PROVIDED, "Nobody takes tickets.")
SURVIVOR = result("trail z: it is off", None, Outcome.HOLDS)


def hunted(monkeypatch: pytest.MonkeyPatch, *results: MutantResult) -> None:
    found = Hunt(results, ["vault forgotten.property"], [(HARMLESS[0], 3)], 1.5)

    def hunt(graph: Graph, progress: object) -> Hunt:
        assert graph.resources
        assert progress
        return found

    monkeypatch.setattr(mutants, "hunt", hunt)


def test_a_hunt_without_survivors_ends_well(monkeypatch: pytest.MonkeyPatch) -> None:
    hunted(monkeypatch, KILLED, LACKING)
    done = run.invoke(app, ["mutate", "--org", str(MINIMAL)])
    assert done.exit_code == 0
    assert "minimal: 2 mutants, 1 killed, 1 NOT PROVIDED, 0 survive; 1.5 s" in done.stdout
    assert "vault_is_elsewhere_and_locked" in done.stdout
    assert "Nobody takes tickets." in done.stdout
    assert "rule y: it is off" in done.stdout
    assert "vault forgotten.property" in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 72


def test_a_survivor_is_told_and_ends_with_one(monkeypatch: pytest.MonkeyPatch) -> None:
    hunted(monkeypatch, KILLED, SURVIVOR)
    done = run.invoke(app, ["mutate", "--org", str(MINIMAL)])
    assert done.exit_code == 1
    assert "trail z: it is off" in done.stdout
    assert "1 survive" in done.stdout


def test_the_json_on_the_screen_is_all_that_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    hunted(monkeypatch, KILLED, SURVIVOR)
    done = run.invoke(app, ["mutate", "--org", str(MINIMAL), "--json", "-"])
    told = json.loads(done.stdout)
    assert told["mutants"] == 2
    assert [one["name"] for one in told["survivors"]] == ["trail z: it is off"]
    assert told["untouched_reads"] == ["vault forgotten.property"]
    assert told["kills"] == {"vault_is_elsewhere_and_locked": 1}


def test_the_organisation_file_is_not_written_over(monkeypatch: pytest.MonkeyPatch) -> None:
    hunted(monkeypatch, KILLED)
    done = run.invoke(app, ["mutate", "--org", str(MINIMAL), "--json", str(MINIMAL)])
    assert done.exit_code == 2
