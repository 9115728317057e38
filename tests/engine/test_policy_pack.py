"""Pulumi's own engine asks the policy pack, and it finds what ``breakglass check`` finds."""

import json
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from breakglass.checking import CheckReport, check, graph_of, record_all
from breakglass.checking.recorder import Recorder
from breakglass.policy_pack import ASKED_FOR, TOLD
from breakglass.proof.finding import Outcome
from breakglass.rehearsal.stacks import config_of
from breakglass.rehearsal.stage import backdrop
from breakglass.settings import Side, load
from tests.support.policy_pack import agree, found_of, lines

pytestmark = pytest.mark.engine

REPOSITORY = Path(__file__).parents[2]
PACK = REPOSITORY / "infra" / "policy_pack"
MINIMAL = REPOSITORY / "stacks" / "minimal.yaml"
AS_FOUND = REPOSITORY / "examples" / "foreign" / "as_found"
TODAY = date(2026, 11, 22)


@dataclass(frozen=True)
class Asked:
    """What the engine was told by the pack."""

    succeeded: bool
    violations: Mapping[str, list[str]]
    """Policy to lines."""
    passed: frozenset[str]


def preview(stack: Any, folder: Path, **settings: str) -> Asked:  # noqa: ANN401 - see conftest
    """Preview a stack with the pack, as ``pulumi preview --policy-pack`` does it."""
    pack = folder / "infra" / "policy_pack"
    shutil.copytree(PACK, pack, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / ".venv-pulumi").symlink_to(stack._environment["VIRTUAL_ENV"])
    config, log = folder / "policies.json", folder / "events.json"
    config.write_text(json.dumps({ASKED_FOR: settings}))
    stack._environment["PULUMI_DEBUG_COMMANDS"] = "true"  # the log of events asks for it
    given = ("--policy-pack", str(pack), "--policy-pack-config", str(config))
    done = stack.attempt("preview", *given, "--event-log", str(log))
    events = [json.loads(line) for line in log.read_text().splitlines()]
    violations: dict[str, list[str]] = {}
    for one in (event["policyEvent"] for event in events if "policyEvent" in event):
        text = one["message"].partition("\n")[2]  # its first line is what the policy is about
        violations.setdefault(one["policyName"], []).extend(lines(text.rstrip("\n")))
    key = "policyAnalyzeStackSummaryEvent"
    summaries = [event[key] for event in events if key in event]
    assert summaries, f"{done.stdout}\n{done.stderr}"
    return Asked(done.returncode == 0, violations, frozenset(summaries[0]["passed"]))


def same(asked: Asked, report: CheckReport) -> bool:
    """Whether the engine shows what a check found, and what is not provided once."""
    absent = [f for f in report.findings if f.verdict is Outcome.NOT_PROVIDED]
    told = [f"{f.verdict} {f.name}: {f.reason}" for f in absent]
    short = {f.name: found_of(report, f.name) for f in report.findings if f.falls_short}
    shown = dict(asked.violations)
    return (
        shown.pop(TOLD) == told
        and shown.keys() == short.keys()
        and all(agree(shown[name], short[name]) for name in short)
        and asked.passed == {f.name for f in report.findings if f.verdict is Outcome.HOLDS}
    )


def check_of(program: Path, stack: str, org: Path | None = None) -> CheckReport:
    """Check with types for lines: the engine tells a pack no line."""
    recording = record_all(program, (stack,))
    records = {urn: replace(one, source=one.type) for urn, one in recording.records.items()}
    graph = graph_of(recording.project.name, (stack,), records, org=org)
    return check(graph, today=TODAY)


def test_the_engine_shows_of_a_small_organisation_what_a_check_shows(
    engine: Callable[..., Any], tmp_path: Path
) -> None:
    organisation = load(MINIMAL)
    with backdrop(organisation) as behind, behind.applier(Side.ALL) as applier:
        stack = engine(REPOSITORY, organisation.name, applier)
        file = stack.project / "stacks" / "minimal.yaml"
        for key, value in config_of(file, organisation, Side.ALL).items():
            stack.pulumi("config", "set", key, value)
        asked = preview(stack, tmp_path, organisation=str(MINIMAL))
    report = check_of(REPOSITORY / "infra", "minimal", MINIMAL)
    assert asked.succeeded
    assert same(asked, report)


def test_the_engine_stops_a_program_that_falls_short_for_what_a_check_names(
    engine: Callable[..., Any], tmp_path: Path
) -> None:
    stack = engine(AS_FOUND, "prod", Recorder())
    asked = preview(stack, tmp_path)
    report = check_of(AS_FOUND, "prod")
    assert not asked.succeeded
    assert same(asked, report)
