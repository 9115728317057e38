"""A report says what was found, and takes nothing for well that was not asked."""

import io
import json
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from breakglass.cli.tables import show
from breakglass.proof.finding import Finding, Outcome
from breakglass.proof.graph import Resource
from breakglass.rehearsal import not_modelled
from breakglass.rehearsal.attacks.attack import AttackResult, AttackVerdict
from breakglass.rehearsal.evidence import graph_of
from breakglass.rehearsal.report import Applied, KeptInput, Report, applied, kept_inputs
from breakglass.rehearsal.resources.apply import Kept
from breakglass.settings import Side, load

ROOT = Path(__file__).parents[2]

ATTACK = AttackResult(
    name="stop-the-trail",
    title="A responder stops the trail",
    attacker="responder",
    verdict=AttackVerdict.DENIED,
    by="break-glass-boundary-prod-deploy#NothingThatLogs",
    expected_by="break-glass-boundary-prod-deploy#NothingThatLogs",
    reason="A Deny applies.",
    twin="The responder looks at a service",
    twin_succeeded=True,
    error=None,
)
FINDING = Finding("vault_is_locked", Outcome.HOLDS, "The vault is locked.", ("7 asked",))
REPORT = Report(
    organisation="example",
    sides=("keeper", "edge"),
    accounts=(
        Applied("logging", "222222222222", "logging", "keeper", {"aws:s3/bucket:Bucket": 2}),
        Applied("GitHub", "example-org", "GitHub organisation", "edge", {"github:index/x:X": 1}),
    ),
    attacks=(ATTACK,),
    findings=(FINDING,),
    kept=(KeptInput("aws:sns/topic:Topic", "tracingConfig", "moto traces nothing", 2),),
    seconds=7.25,
    peak_memory=290 * 1024 * 1024,
)


def printed(report: Report, width: int = 100) -> str:
    console = Console(file=io.StringIO(), width=width, highlight=False)
    show(report, console)
    output = console.file
    assert isinstance(output, io.StringIO)
    return output.getvalue()


# --- what falls short --------------------------------------------------------------------------


def test_a_report_without_fault_does_not_fall_short() -> None:
    assert not REPORT.falls_short
    assert "All is well" in printed(REPORT)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"verdict": AttackVerdict.SUCCEEDED, "reason": "Nothing refused it."}, "Nothing refused"),
        ({"verdict": AttackVerdict.UNKNOWN, "error": "no such operation"}, "no such operation"),
        ({"by": "another#Statement"}, "denied by another#Statement, where break-glass-boundary"),
        ({"twin_succeeded": False}, "the legitimate act next to it was refused too"),
        ({"error": "no rule takes its record"}, "no rule takes its record"),
        ({"expected_by": ""}, "denied by break-glass-boundary-prod-deploy#NothingThatLogs, where"),
    ],
)
def test_an_attack_that_is_not_denied_as_it_should_be_falls_short(
    change: dict[str, object], told: str
) -> None:
    report = replace(REPORT, attacks=(replace(ATTACK, **change),))  # type: ignore[arg-type] # varied
    assert report.falls_short
    assert told in " ".join(report.shortfalls)
    assert "1 thing falls short" in printed(report)


def test_an_attack_that_the_organisation_lacks_the_means_against_is_shown_and_no_fault() -> None:
    lacking = replace(
        ATTACK,
        verdict=AttackVerdict.NOT_PROVIDED,
        by="",
        reason="without AWS Organizations",
        twin_succeeded=False,
    )
    report = replace(REPORT, attacks=(ATTACK, lacking))
    assert not report.falls_short
    assert "without AWS Organizations" in printed(report)
    assert "attacks: 1 denied, 1 not provided" in printed(report)


def test_attacks_that_one_side_alone_cannot_be_tried_with_are_told_in_one_line() -> None:
    not_tried = replace(ATTACK, verdict=AttackVerdict.NOT_PROVIDED, reason="Only the edge side.")
    report = replace(REPORT, attacks=(not_tried, not_tried))
    assert "None of 2 was tried. Only the edge side." in printed(report)


@pytest.mark.parametrize("verdict", [Outcome.BROKEN, Outcome.UNKNOWN])
def test_an_invariant_that_is_broken_or_unknown_falls_short_with_its_evidence(
    verdict: Outcome,
) -> None:
    finding = replace(FINDING, verdict=verdict, reason="Not locked.", evidence=("bucket a:1",))
    report = replace(REPORT, findings=(finding,))
    assert report.shortfalls == (f"invariant vault_is_locked: {verdict}: Not locked.",)
    assert "bucket a:1" in printed(report)


def test_an_invariant_that_is_not_provided_is_shown_and_no_fault() -> None:
    finding = replace(FINDING, verdict=Outcome.NOT_PROVIDED, reason="One team is both sides.")
    report = replace(REPORT, findings=(finding,))
    assert not report.falls_short
    assert "One team is both sides." in printed(report)


def test_a_rehearsal_that_asked_nothing_falls_short() -> None:
    assert replace(REPORT, attacks=()).shortfalls == ("no attack was tried",)
    assert replace(REPORT, findings=()).shortfalls == ("no invariant was asked",)


# --- what is counted ---------------------------------------------------------------------------


def test_resources_are_counted_by_type_in_their_account_and_on_github() -> None:
    graph = replace(
        graph_of(load(ROOT / "stacks" / "example.yaml"), {}, [Side.KEEPER]),
        resources=(
            Resource("aws:iam/role:Role", "a", "222222222222", "eu-west-1", {}),
            Resource("aws:sqs/queue:Queue", "b", "222222222222", "eu-west-1", {}),
            Resource("aws:sqs/queue:Queue", "c", "222222222222", "eu-west-1", {}),
            Resource("github:index/branchProtection:BranchProtection", "d", "", "", {}),
        ),
    )
    management, logging, witness, github = applied(graph, github="example-org")
    assert (management.name, management.total) == ("management", 0)
    assert list(logging.resources.items()) == [("aws:sqs/queue:Queue", 2), ("aws:iam/role:Role", 1)]
    assert (witness.name, witness.total) == ("witness", 0)
    assert (github.id, github.total) == ("example-org", 1)


def test_kept_inputs_are_counted_by_type_and_property() -> None:
    urn = "urn:pulumi:s::p::a:b:C$aws:sns/topic:Topic::{}"
    kept = [Kept(urn.format(name), "tracingConfig", "Active", "none") for name in "ab"]
    assert kept_inputs(kept) == (KeptInput("aws:sns/topic:Topic", "tracingConfig", "none", 2),)


# --- how it is told ----------------------------------------------------------------------------


def test_the_tables_hold_within_a_hundred_columns() -> None:
    assert max(map(len, printed(REPORT).splitlines())) <= 100


def test_what_stands_on_github_is_told_in_words_and_no_word_is_broken() -> None:
    name = "ActionsRepositoryOidcSubjectClaimCustomizationTemplate"
    held = {f"github:index/x:{name}": 3, "github:index/y:BranchProtection": 2}
    github = Applied("GitHub", "example-org", "GitHub organisation", "edge", held)
    words = printed(replace(REPORT, accounts=(github,))).replace("\u00a0", " ").split()
    template = "actions repository oidc subject claim customization template 3, branch protection 2"
    assert [word for word in words if word in template.split()] == template.split()


def test_every_section_of_the_report_is_printed() -> None:
    text = printed(REPORT)
    for title in ("Accounts and resources", "Attacks", "Invariants", "does not model", "In short"):
        assert title in text


def test_attacks_are_counted_by_attacker_and_verdict() -> None:
    seen = replace(ATTACK, verdict=AttackVerdict.DETECTED, by="", expected_by="")
    left = replace(
        ATTACK,
        title="An owner makes a key",
        attacker="owner",
        verdict=AttackVerdict.RESIDUAL,
        by="",
        expected_by="",
    )
    report = replace(REPORT, attacks=(ATTACK, ATTACK, seen, left))
    assert not report.falls_short
    rows = [line.split() for line in printed(report).splitlines()]
    assert ["attacker", "denied", "detected", "residual", "short"] in rows
    assert ["responder", "2", "1", "-", "-"] in rows
    assert ["owner", "-", "-", "1", "-"] in rows
    assert "nothing tells of it" in printed(report)
    assert "An owner makes a key" in printed(report)


def test_an_attack_that_falls_short_is_told_with_what_is_wrong() -> None:
    text = printed(replace(REPORT, attacks=(replace(ATTACK, by="another#Statement"),)))
    assert ATTACK.title in text
    assert "denied by another#Statement" in text


@pytest.mark.parametrize("width", [60, 80, 100])
def test_the_table_of_attacks_fits_a_terminal(width: int) -> None:
    report = replace(REPORT, attacks=(ATTACK, replace(ATTACK, verdict=AttackVerdict.UNKNOWN)))
    assert max(map(len, printed(report, width).splitlines())) <= width


def test_what_the_emulator_dropped_is_told_with_its_reason() -> None:
    text = " ".join(printed(REPORT).split())
    assert "Topic.tracingConfig is dropped" in text
    assert "moto traces nothing" in text


def test_the_report_is_json_and_keeps_everything() -> None:
    told = json.loads(json.dumps(REPORT.as_json()))
    assert told["version"] == 2
    assert told["falls_short"] is False
    assert told["attacks"][0]["verdict"] == "denied"
    assert told["attacks"][0]["attacker"] == "responder"
    assert told["attacks"][0]["rules"] == []
    assert told["attacks"][0]["event"] == {}
    assert told["invariants"][0]["verdict"] == "HOLDS"
    assert told["accounts"][0]["resources"] == {"aws:s3/bucket:Bucket": 2}
    assert len(told["not_modelled"]) == len(not_modelled.NOT_MODELLED)


# --- what is not modelled ----------------------------------------------------------------------


def test_each_gap_of_the_emulation_is_a_sentence_with_a_reason() -> None:
    for one in not_modelled.NOT_MODELLED:
        assert one.what.endswith("."), one.what
        assert one.reason.endswith("."), one.what


def test_the_page_of_what_is_not_modelled_is_current() -> None:
    page = ROOT / "docs" / "explanation" / "not-modelled.md"
    assert page.read_text(encoding="utf-8") == not_modelled.page(), "write it anew: make docs"
