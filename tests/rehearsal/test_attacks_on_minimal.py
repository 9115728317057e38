"""Attacks on the least organisation there can be: what it lacks is shown with the reason."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from breakglass.rehearsal import attacks
from breakglass.rehearsal.attacks import (
    ATTACKS,
    AttackResult,
    AttackVerdict,
    github_floor,
    github_gate,
    github_rules,
)
from breakglass.rehearsal.stage import stage
from breakglass.settings import load

REPOSITORY = Path(__file__).parents[2]
MINIMAL = REPOSITORY / "stacks/minimal.yaml"
GITHUB = (github_floor, github_gate, github_rules)


@pytest.fixture(scope="module")
def results() -> Iterator[dict[str, AttackResult]]:
    with stage(REPOSITORY, MINIMAL, load(MINIMAL)) as one:
        yield {result.name: result for result in attacks.attack_all(one)}


def test_nothing_that_two_accounts_can_hold_falls_short(results: dict[str, AttackResult]) -> None:
    short = [f"{r.name}: {r.by or r.reason} {r.error}" for r in results.values() if r.falls_short]
    assert short == []


def test_at_least_25_attacks_are_denied_without_an_organisation_too(
    results: dict[str, AttackResult],
) -> None:
    denied = [r for r in results.values() if r.verdict is AttackVerdict.DENIED]
    assert len(denied) >= 25


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        (
            "workload-admin-stops-no-trail",
            "without AWS Organizations no SCP or RCP binds an account's own administrator",
        ),
        (
            "keeper-deployer-shortens-no-default-retention",
            "the lock's mode is GOVERNANCE, which the deployer and a bypass can undo",
        ),
        (
            "keeper-deployer-drops-no-vault-policy",
            "the stack is not marked production, so its deployers may tear it down",
        ),
        (
            "witness-admin-deletes-no-version-of-a-record",
            "there is no witness account, so the records have one copy",
        ),
        (
            "edge-pipeline-deploys-no-keeper-account",
            "one pipeline runs both sides, so it is actor and keeper at once",
        ),
    ],
)
def test_what_the_organisation_lacks_is_not_provided_and_says_why(
    results: dict[str, AttackResult], name: str, reason: str
) -> None:
    assert results[name].verdict is AttackVerdict.NOT_PROVIDED
    assert reason in results[name].reason


@pytest.mark.parametrize(("person", "lacking"), [(0, "no actor has"), (1, "no keeper has")])
def test_without_logins_on_both_sides_no_attack_on_github_is_tried(
    person: int, lacking: str
) -> None:
    organisation = load(MINIMAL)
    people = list(organisation.people)
    people[person] = people[person].model_copy(update={"github": None})
    without = organisation.model_copy(update={"people": tuple(people)})
    on_github = {a.name for module in GITHUB for a in module.ATTACKS}
    for attack in ATTACKS:
        if attack.name in on_github:
            unmet = [need.lacking for need in attack.needs if not need.met(without)]
            assert any(reason.startswith(lacking) for reason in unmet), attack.name
            assert not any(
                n.lacking.startswith(lacking) for n in attack.needs if not n.met(organisation)
            )
