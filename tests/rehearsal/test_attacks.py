"""Attacks on the two organisations that are shipped, and on topologies with one thing less."""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
import unrefused
import weakened
from weakened import toothless, unconditional, without

from breakglass import names, processes
from breakglass.proof.model import Layer
from breakglass.reference import threat_model
from breakglass.rehearsal import attacks
from breakglass.rehearsal.attacks import ATTACKERS, ATTACKS, Attacker, AttackResult, AttackVerdict
from breakglass.rehearsal.attacks.guardrails import NOBODY_LEAVES
from breakglass.rehearsal.attacks.refused import unallowed
from breakglass.rehearsal.attacks.scene import ADMIN, Scene
from breakglass.rehearsal.stage import Stage, stage
from breakglass.settings import load

REPOSITORY = Path(__file__).parents[2]
EXAMPLE, MINIMAL = REPOSITORY / "stacks/example.yaml", REPOSITORY / "stacks/minimal.yaml"
GLOBAL = "us-east-1"
LOGGING, BROKER, WORKLOAD = "222222222222", "444444444444", "555555555555"

DENIED, DETECTED, RESIDUAL = AttackVerdict.DENIED, AttackVerdict.DETECTED, AttackVerdict.RESIDUAL


@pytest.fixture(scope="module")
def example() -> Iterator[Stage]:
    with stage(REPOSITORY, EXAMPLE, load(EXAMPLE)) as one:
        yield one


@pytest.fixture(scope="module")
def results(example: Stage) -> list[AttackResult]:
    return attacks.attack_all(example)


def short(results: list[AttackResult]) -> list[str]:
    """What falls short, in a line each."""
    return [
        f"{r.name}: {r.verdict} by {r.by!r}, not {r.expected_by!r}; {r.error or r.reason}"
        for r in results
        if r.falls_short
    ]


# --- the attacks themselves --------------------------------------------------------------------


def test_every_attack_has_a_name_of_its_own_in_kebab_case() -> None:
    repeated = [name for name, times in Counter(a.name for a in ATTACKS).items() if times > 1]
    assert repeated == []
    assert [a.name for a in ATTACKS if not re.fullmatch(r"[a-z]+(-[a-z]+)*", a.name)] == []


def test_every_attack_and_every_twin_is_told_in_a_sentence_that_says_who() -> None:
    titles = [*(a.title for a in ATTACKS), *(a.twin.title for a in ATTACKS)]
    assert [title for title in titles if not title[0].isupper() or title.endswith(".")] == []


def test_each_twin_makes_the_call_that_is_refused_but_where_there_is_no_such_call() -> None:
    """`run` holds every other twin to it: one that makes another call falls short."""
    exempt = {attack.name: attack.twin.unlike for attack in ATTACKS if attack.twin.unlike}
    assert exempt == {
        "responder-leaves-no-organization": NOBODY_LEAVES,
        "no-account-leaves": NOBODY_LEAVES,
    }


# --- the organisations that are shipped --------------------------------------------------------


def test_nothing_falls_short_on_the_example(results: list[AttackResult]) -> None:
    assert short(results) == []


def test_a_twin_that_does_not_make_the_refused_call_falls_short(example: Stage) -> None:
    (stopping,) = (a for a in ATTACKS if a.name == "workload-admin-stops-no-trail")
    (disabling,) = (a for a in ATTACKS if a.name == "workload-admin-disables-no-rule")
    beside = replace(stopping, twin=disabling.twin)
    (attacked,) = attacks.run([beside], example, lambda _: None)
    assert (attacked.verdict, attacked.twin_succeeded, attacked.falls_short) == (DENIED, True, True)
    assert attacked.error == "twin: it does not call cloudtrail:StopLogging"


def test_iam_refuses_to_hand_over_a_role_that_may_do_more(results: list[AttackResult]) -> None:
    by = {result.name: result.by for result in results}
    assert by["edge-deployer-hands-no-other-role-over"].startswith("iam:PassRole: No statement")
    assert by["responder-hands-no-role-over"] == "break-glass-boundary-prod-deploy#NothingThatLogs"


def test_a_responder_makes_the_calls_of_his_runbook(example: Stage) -> None:
    (looking,) = (a for a in ATTACKS if a.name == "responder-leaves-no-organization")
    before = len(example.emulator.calls)
    attacks.run([looking], example, lambda _: None)
    made = {call.operation for call in example.emulator.calls[before:] if call.error is None}
    assert made >= {"PurgeQueue", "DescribeDBClusters", "FailoverDBCluster", "RebootDBInstance"}


def test_a_review_that_is_not_skippable_holds_the_app_at_the_rules_of_the_repository(
    example: Stage,
) -> None:
    with weakened.ruleset(example, name="break-glass-floor", change=weakened.reviewed):
        (attacked,) = attempted(example, "app-merges-the-rules-of-the-repository")
    assert (attacked.verdict, attacked.by) == (DENIED, "ruleset:break-glass-floor/pull_request")
    assert attacked.twin_succeeded


def test_the_example_provides_what_every_attack_needs(results: list[AttackResult]) -> None:
    assert {result.verdict for result in results} == {DENIED, DETECTED, RESIDUAL}
    tried = {result.name.partition("@")[0] for result in results}
    assert tried == {attack.name for attack in ATTACKS}


def test_a_denial_states_its_reason_and_its_twin_went_through(results: list[AttackResult]) -> None:
    denied = [r for r in results if r.verdict is DENIED]
    assert [r.name for r in denied if not (r.by and r.reason and r.twin_succeeded)] == []


def test_what_is_only_detected_names_the_rule_and_what_is_residual_says_why(
    results: list[AttackResult],
) -> None:
    detected = [r for r in results if r.verdict is DETECTED]
    residual = [r for r in results if r.verdict is RESIDUAL]
    assert [r.name for r in detected if not (r.rules and r.reason)] == []
    assert [r.name for r in residual if r.rules or not (r.reason and r.unseen)] == []


def test_whoever_attacks_is_one_of_the_closed_list_and_each_of_them_attacks(
    results: list[AttackResult],
) -> None:
    assert {result.attacker for result in results} == set(ATTACKERS) == set(Attacker)


def test_a_responder_tries_with_the_role_of_every_scope(results: list[AttackResult]) -> None:
    by = {r.name: r.by for r in results}
    assert by["responder-stops-no-trail"] == "break-glass-boundary-prod-deploy#NothingThatLogs"
    other = by["responder-stops-no-trail@rds-failover"]
    assert other == "break-glass-boundary-rds-failover#NothingThatLogs"


def test_a_call_that_a_policy_refuses_would_go_through_without_it(
    example: Stage, results: list[AttackResult], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes, "cores", lambda: 2)  # so that it makes copies
    by_policy = {
        r.name
        for r in results
        if r.verdict is DENIED and r.event and ("#" in r.by or "No statement" in r.by)
    }
    tried = [attack for attack in ATTACKS if attack.name in by_policy]
    assert len(tried) > 200
    assert by_policy >= set(unrefused.SECOND)
    with Scene(example) as scene:
        assert unrefused.unrefused(tried, scene) == {}


# --- who sees it -------------------------------------------------------------------------------


def test_an_attempt_is_seen_by_the_rules_of_the_account_and_region_it_is_recorded_in(
    results: list[AttackResult],
) -> None:
    seen = {r.name: [(rule.account, rule.region, rule.name) for rule in r.rules] for r in results}
    kit = names.named("kit-1")
    assert seen["workload-admin-disables-no-rule"] == [(WORKLOAD, "eu-west-1", kit)]
    assert seen["workload-admin-edits-no-trust"] == [(WORKLOAD, GLOBAL, kit)]
    activation = names.named("activation")
    assert seen["nobody-enters-without-a-second-factor"] == [(BROKER, "eu-west-1", activation)]


def test_a_refused_call_has_no_parameters_and_an_allowed_one_names_its_target(
    results: list[AttackResult],
) -> None:
    detail = {r.name: r.event.get("detail", {}) for r in results}
    refused = detail["workload-admin-disables-no-rule"]
    assert refused["requestParameters"] is None
    assert refused["errorCode"] == "AccessDenied"
    assert f":{WORKLOAD}:rule/break-glass-" in refused["errorMessage"]
    assert detail["management-disables-a-rule"]["requestParameters"] == {
        "name": names.named("activation")
    }


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("workload-admin-adds-no-version-to-a-locked-record", "A data event"),
        ("a-stranger-rings-no-pager", "not the organisation's account"),
        ("nobody-enters-from-an-unwatched-region", "No rule stands in ap-southeast-4"),
        ("owner-rewrites-no-history", "Nothing listens to GitHub"),
        ("management-stops-every-trail-at-once", "No trail records the account management"),
        ("nobody-breaks-the-glass-for-two-hours", "does not name what it refuses"),
    ],
)
def test_an_attempt_that_no_rule_sees_says_why(
    results: list[AttackResult], name: str, why: str
) -> None:
    (result,) = (r for r in results if r.name == name)
    assert result.rules == ()
    assert why in result.unseen


def test_a_refused_tamper_call_that_no_deployed_rule_sees_falls_short(example: Stage) -> None:
    with weakened.without_rules(example, WORKLOAD, "kit-1"):
        (attacked,) = attempted(example, "workload-admin-disables-no-rule")
    assert (attacked.verdict, attacked.rules) == (DENIED, ())
    assert "no deployed rule takes its record to a page" in str(attacked.error)
    assert attacked.falls_short


def test_an_act_that_is_said_to_be_seen_falls_short_where_the_hub_drops_it(example: Stage) -> None:
    with weakened.without_rules(example, LOGGING, "organisation-1", bus="break-glass-hub"):
        (attacked,) = attempted(example, "management-detaches-a-guardrail")
    assert (attacked.verdict, attacked.falls_short) == (AttackVerdict.SUCCEEDED, True)
    assert "no way leads to the pager" in str(attacked.error)


def test_each_line_of_defence_refuses_something(results: list[AttackResult]) -> None:
    """Were a kind of defence never the one that refuses, it would stand untried."""
    by = " ".join(result.by for result in results)
    for defence in (
        "break-glass-boundary-prod-deploy#NothingOnTheKit",
        "break-glass-boundary-prod-deploy#NothingThatLogs",
        "policy of break-glass-vault-example-222222222222#OnlyCloudTrailWrites",
        "policy of break-glass-vault-example-222222222222#NobodyDeletes",
        "policy of break-glass-vault-example-222222222222#NobodyUnlocks",
        "policy of break-glass-vault-example-222222222222#NothingInTheClear",
        "policy of break-glass-witness-example-333333333333#OnlyTheDeployerSetsUp",
        "break-glass-path#",
        "break-glass-record#",
        "break-glass-trails#",
        "break-glass-sight#NobodyLeaves",
        "break-glass-sight#OnlyWatchedRegions",
        "break-glass-records#OnlyServicesWriteRecords",
        "break-glass-entrants-222222222222#OnlyKeepersEnter",
        "break-glass-deployer#NothingIrreversible",
        "break-glass-deployer#NeverItself",
        "Object Lock: COMPLIANCE is not shortened",
        "SourceIdentity: fixed for the whole chain",
        "branch_protection:main/allow_force_pushes",
        "ruleset:break-glass-floor/required_status_checks",
        "ruleset:break-glass-gate/pull_request",
    ):
        assert defence in by


def test_attacks_leave_the_accounts_as_they_found_them(
    example: Stage, results: list[AttackResult]
) -> None:
    assert results
    before = standing(example)
    again = attacks.attack_all(example)
    # the ids of what an attack makes differ from run to run
    assert [replace(r, event={}) for r in again] == [replace(r, event={}) for r in results]
    assert standing(example) == before


def test_no_administrator_of_the_attackers_is_left(
    example: Stage, results: list[AttackResult]
) -> None:
    assert results
    accounts = [*(account.id for account in example.organisation.accounts), "999999999999"]
    assert [a for a in accounts if ADMIN in role_names(example, a)] == []


def role_names(on: Stage, account: str) -> list[str]:
    iam = on.emulator.client(on.emulator.root(account), "iam", GLOBAL)
    return [role["RoleName"] for role in iam.list_roles()["Roles"]]


def standing(on: Stage) -> dict[str, object]:
    """What stands in the accounts and at GitHub, records and reports aside."""
    found: dict[str, object] = {}
    for account in (account.id for account in on.organisation.accounts):
        client = partial(on.emulator.client, on.emulator.root(account))
        iam = client("iam", GLOBAL).get_account_authorization_details()
        for role in iam["RoleDetailList"]:
            role.pop("RoleLastUsed", None)
        events, sns = (
            client(service, on.organisation.home_region) for service in ("events", "sns")
        )
        rules = events.list_rules()["Rules"]
        found[account] = [
            iam["UserDetailList"],
            iam["RoleDetailList"],
            [policy["PolicyVersionList"] for policy in iam["Policies"]],
            rules,
            [events.list_targets_by_rule(Rule=rule["Name"])["Targets"] for rule in rules],
            sns.list_topics()["Topics"],
            sns.list_subscriptions()["Subscriptions"],
            client("sqs", on.organisation.home_region).list_queues().get("QueueUrls"),
            client("cloudtrail", on.organisation.home_region).describe_trails()["trailList"],
            client("s3", GLOBAL).list_buckets()["Buckets"],
        ]
    for name, repository in on.existing_github.organization.repositories.items():
        collected = (repository.branches, repository.pulls, repository.collaborators)
        rules_of = (repository.protections, repository.rulesets, repository.environments)
        found[name] = repr((collected, rules_of, repository.suites, repository.reports))
    return found


# --- the threat model --------------------------------------------------------------------------


def test_the_page_of_the_threat_model_is_current(
    example: Stage, results: list[AttackResult]
) -> None:
    held = (REPOSITORY / threat_model.PAGE).read_text(encoding="utf-8")
    written = threat_model.threat_model(example.organisation, results)
    assert held == written, "write it anew: make docs"


def test_the_threat_model_names_what_is_not_tried(
    example: Stage, results: list[AttackResult]
) -> None:
    text = threat_model.threat_model(example.organisation, results)
    for untried in ("ledger's bucket", "the broker", "flood of refused calls", "copy of another"):
        assert untried in text.partition("## What is not tried")[2].partition("\n## ")[0]


def test_the_threat_model_tells_first_what_falls_short(
    example: Stage, results: list[AttackResult]
) -> None:
    broken = replace(results[0], verdict=AttackVerdict.SUCCEEDED, reason="Nothing refused it.")
    text = threat_model.threat_model(example.organisation, [broken, *results[1:]])
    first = next(line for line in text.splitlines() if line.startswith("## "))
    assert first == "## What falls short"
    assert f"- **{broken.title}**: succeeded: Nothing refused it." in text


# --- one thing less ----------------------------------------------------------------------------

Weakening = Callable[[Stage], AbstractContextManager[None]]

ENTRY, SCOPE = names.role("entry", "hardware-key"), names.role("scope", "prod-deploy")
USERS = "EnterAsYourselfWithSecondFactor"


def everybody(document: weakened.Document) -> None:
    weakened.statement(document, "ForwardersOnly")["Principal"] = "*"
    del weakened.statement(document, "ForwardersOnly")["Condition"]


SUCCEEDS: dict[str, Weakening] = {
    "a-strangers-trail-delivers-nothing": partial(
        weakened.vault_policy,
        edit=unconditional("CloudTrailDelivers", "StringEquals", "aws:SourceArn"),
    ),
    "nobody-talks-to-the-vault-in-the-clear": partial(
        weakened.vault_policy, edit=without("NothingInTheClear")
    ),
    "nobody-enters-without-a-second-factor": lambda on: weakened.trust(
        on, BROKER, ENTRY, lambda document: weakened.statement(document, USERS).pop("Condition")
    ),
    "nobody-enters-with-an-old-second-factor": partial(
        weakened.trust,
        account=BROKER,
        role=ENTRY,
        edit=unconditional(USERS, "NumericLessThanEquals", "aws:MultiFactorAuthAge"),
    ),
    "nobody-enters-as-somebody-else": partial(
        weakened.trust,
        account=BROKER,
        role=ENTRY,
        edit=unconditional(USERS, "StringEquals", "sts:SourceIdentity"),
    ),
    "nobody-breaks-the-glass-for-a-word": partial(
        weakened.trust,
        account=WORKLOAD,
        role=SCOPE,
        edit=unconditional("TagTheSession", "StringLike", "aws:RequestTag/Reason"),
    ),
    "nobody-adds-a-tag": partial(
        weakened.trust,
        account=WORKLOAD,
        role=SCOPE,
        edit=unconditional("TagTheSession", "ForAllValues:StringEquals", "aws:TagKeys"),
    ),
    "nobody-leaves-the-reason-behind": partial(
        weakened.trust,
        account=WORKLOAD,
        role=SCOPE,
        edit=unconditional("TagTheSession", "ForAnyValue:StringEquals", "sts:TransitiveTagKeys"),
    ),
    "workload-admin-forges-no-event": partial(weakened.hub_policy, edit=everybody),
    "logging-admin-purges-no-page": partial(
        weakened.guardrail,
        name="break-glass-record",
        edit=without("OnlyTheDeployerWritesKitResources"),
    ),
    "management-takes-no-default-role-in-logging": partial(
        weakened.guardrail,
        name="break-glass-entrants-222222222222",
        edit=toothless("OnlyKeepersEnter"),
    ),
    "nothing-happens-in-an-unwatched-region": partial(
        weakened.guardrail, name="break-glass-sight", edit=without("OnlyWatchedRegions")
    ),
    "writer-forges-no-floor-status": partial(
        weakened.ruleset, name="break-glass-floor", change=weakened.unpinned
    ),
    "app-merges-no-red-floor-check": partial(
        weakened.ruleset,
        name="break-glass-floor",
        change=weakened.with_bypass(900001, "pull_request"),
    ),
}
"""What lets an attack through when it is gone."""


@pytest.mark.parametrize("name", SUCCEEDS)
def test_an_attack_whose_defence_is_gone_succeeds_and_is_told_to_fall_short(
    example: Stage, results: list[AttackResult], name: str
) -> None:
    assert results
    with SUCCEEDS[name](example):
        (attacked,) = attempted(example, name)
    assert (attacked.verdict, attacked.falls_short) == (AttackVerdict.SUCCEEDED, True)
    (after,) = attempted(example, name)
    assert not after.falls_short


ANOTHER: dict[str, tuple[Weakening, str]] = {
    "workload-admin-adds-no-version-to-a-locked-record": (
        partial(weakened.vault_policy, edit=without("OnlyCloudTrailWrites")),
        "break-glass-records#OnlyServicesWriteRecords",
    ),
    "not-even-cloudtrail-deletes-a-record": (
        partial(weakened.vault_policy, edit=without("NobodyDeletes")),
        unallowed(
            "s3:DeleteObjectVersion",
            Layer.RESOURCE,
            "policy of break-glass-vault-example-222222222222",
        ),
    ),
    "responder-purges-no-queue-of-the-kit": (
        partial(weakened.boundary, edit=without("NothingOnTheKit")),
        "break-glass-record#OnlyTheDeployerWritesKitResources",
    ),
}
"""What refuses in the place of a defence that is gone."""


@pytest.mark.parametrize("name", ANOTHER)
def test_a_second_line_that_refuses_in_the_first_ones_place_is_told_too(
    example: Stage, results: list[AttackResult], name: str
) -> None:
    assert results
    weakening, by = ANOTHER[name]
    with weakening(example):
        (attacked,) = attempted(example, name)
    assert (attacked.verdict, attacked.by) == (DENIED, by)
    assert attacked.falls_short


def test_a_twin_that_is_refused_is_told_to_fall_short(
    example: Stage, results: list[AttackResult]
) -> None:
    """A vault that refuses CloudTrail too proves nothing by refusing a stranger."""
    assert results
    closed = partial(weakened.vault_policy, edit=without("CloudTrailDelivers"))
    with closed(example):
        (attacked,) = attempted(example, "a-strangers-trail-delivers-nothing")
    assert (attacked.verdict, attacked.by) == (DENIED, attacked.expected_by)
    assert (attacked.twin_succeeded, attacked.falls_short) == (False, True)


def attempted(on: Stage, name: str) -> list[AttackResult]:
    """Run one attack alone."""
    chosen = [attack for attack in ATTACKS if attack.name == name]
    return attacks.run(chosen, on, lambda _: None)
