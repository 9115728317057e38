"""The example holds, the minimal one says what it lacks, and half a graph is no pass."""

from dataclasses import replace
from pathlib import Path

import pytest

from breakglass.proof import invariants
from breakglass.proof.finding import Examination, Finding, Outcome
from breakglass.proof.graph import EDGE, KEEPER, Graph
from breakglass.proof.invariants import INVARIANTS, check_all
from breakglass.proof.model import Decision, Verdict

WITHOUT_MEANS = {
    "actor_cannot_silence_the_alarms",
    "actor_cannot_touch_the_kits_principals",
    "every_page_call_reaches_the_pager",
    "every_ticket_call_reaches_the_tickets",
    "guardrails_bind_every_member",
    "keepers_and_actors_are_disjoint",
    "nobody_outside_enters_a_keeper_account",
    "second_trail_is_independent",
}


@pytest.mark.parametrize("name", INVARIANTS)
def test_an_invariant_holds_of_the_example(name: str, example: Graph) -> None:
    finding = INVARIANTS[name](example)
    assert finding.verdict is Outcome.HOLDS, finding
    assert finding.name == name
    assert not finding.falls_short


@pytest.mark.parametrize("name", INVARIANTS)
def test_a_small_organisation_is_told_what_it_has_no_means_for(name: str, minimal: Graph) -> None:
    finding = INVARIANTS[name](minimal)
    lacking = name in WITHOUT_MEANS
    assert finding.verdict is (Outcome.NOT_PROVIDED if lacking else Outcome.HOLDS), finding
    assert not finding.falls_short


@pytest.mark.parametrize("sides", [(KEEPER,), (EDGE,)])
def test_nothing_is_claimed_of_a_side_that_was_not_looked_at(
    sides: tuple[str, ...], example: Graph
) -> None:
    accounts = {account.id for account in example.facts.accounts if account.side in sides}
    half = Graph(
        replace(example.facts, sides=sides),
        [
            one
            for one in example.resources
            if one.account in accounts or (EDGE in sides and one.type.startswith("github:"))
        ],
    )
    findings = {finding.name: finding for finding in check_all(half)}
    verdicts = {finding.verdict for finding in findings.values()}
    assert verdicts == {Outcome.HOLDS, Outcome.NOT_PROVIDED}
    both_sided = findings["actor_cannot_touch_the_vault"]
    assert both_sided.verdict is Outcome.NOT_PROVIDED
    assert "side" in both_sided.reason


def test_a_report_tells_all_of_them_in_their_order(example: Graph) -> None:
    assert [finding.name for finding in check_all(example)] == list(INVARIANTS)


def test_each_invariant_is_one_file_of_its_name() -> None:
    folder = Path(str(invariants.__file__)).parent
    files = {file.stem for file in folder.glob("*.py")} - {"__init__"}
    assert files == set(INVARIANTS)


def test_an_examination_that_asked_nothing_is_no_pass() -> None:
    assert Examination("idle").finding("All is well.").verdict is Outcome.UNKNOWN


def test_a_question_without_an_answer_is_no_pass_whichever_way_it_was_asked() -> None:
    doubt = Verdict(Decision.UNKNOWN, "resource", None, "AWS does not say.")
    denied, allowed = Examination("denied"), Examination("allowed")
    denied.must_deny(doubt, "mallory writes")
    allowed.must_allow(doubt, "ada enters")
    for look in (denied, allowed):
        finding = look.finding("All is well.")
        assert finding.verdict is Outcome.UNKNOWN
        assert finding.falls_short


def test_a_counterexample_outweighs_doubt_and_want_of_means() -> None:
    look = Examination("mixed")
    look.not_provided("no witness")
    look.must_deny(Verdict(Decision.UNKNOWN, "scp", None, "?"), "mallory writes")
    look.must(False, "the lock is off")  # noqa: FBT003 - the fact
    finding = look.finding("All is well.")
    assert (finding.verdict, finding.reason) == (Outcome.BROKEN, "the lock is off")


def test_a_finding_without_a_side_names_it(example: Graph) -> None:
    half = Graph(replace(example.facts, sides=[KEEPER]), example.resources)
    finding: Finding = INVARIANTS["enforce_admins_holds"](half)
    assert finding.reason == "It speaks of the edge side, not looked at here."
