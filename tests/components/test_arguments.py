"""What a component is given decides what it declares; what cannot be is refused before anything."""

import asyncio
import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pulumi
import pytest
import yaml

from breakglass import ForwardingArgs, LogVaultArgs
from breakglass._arguments import check
from breakglass.errors import InvalidInput, InvalidInputs, QuotaExceeded
from breakglass.quotas import QUOTAS, Quota
from breakglass.rehearsal.engine import program
from breakglass.rehearsal.engine.registration import Registration, Run
from breakglass.rehearsal.resources.apply import Applier
from breakglass.rehearsal.resources.registry import Registry
from breakglass.watch import SUMMARY

Plan = Callable[..., Run]

PROJECT = Path(__file__).parents[2]
LOGGING, BROKER, SHOP = "222222222222", "444444444444", "555555555555"
HOME = "eu-west-1"
REGIONS = [HOME, "us-east-1"]
DOOR = f"arn:aws:iam::{BROKER}:role/breakglass/break-glass-entry-door"
GLASS = f"arn:aws:iam::{SHOP}:role/breakglass/break-glass-scope-x"
TRAIL = {"arn": f"arn:aws:cloudtrail:{HOME}:{SHOP}:trail/break-glass-account", "owners": [SHOP]}

ENTRY = {
    "account_id": BROKER,
    "entry": "door",
    "kind": "iam-user",
    "user_names": ["ada"],
    "regions": REGIONS,
    "break_glass_role_arns": [GLASS],
}
ROLE = {
    "account_id": SHOP,
    "scope": "x",
    "grants": [{"actions": ["sqs:PurgeQueue"], "resources": ["arn:aws:sqs:*:{account}:*"]}],
    "entry_role_arns": [DOOR],
    "regions": REGIONS,
}
VAULT = {
    "account_id": LOGGING,
    "organisation": "acme",
    "region": HOME,
    "trails": [TRAIL],
    "recorded_accounts": [SHOP],
    "recorded_regions": REGIONS,
    "deployer_arn": f"arn:aws:iam::{LOGGING}:role/breakglass/break-glass-deployer",
}
FORWARDING = {
    "account_id": SHOP,
    "home_region": HOME,
    "regions": REGIONS,
    "bus_arn": f"arn:aws:events:{HOME}:{LOGGING}:event-bus/break-glass-hub",
}
ENDPOINT = {"name": "a", "protocol": "email", "endpoint": "a@b.example"}
WATCH = {
    "account_id": LOGGING,
    "region": HOME,
    "forwarder_arns": [f"arn:aws:iam::{SHOP}:role/breakglass/break-glass-forwarder"],
    "endpoints": [ENDPOINT],
}
GATE = {"repository": "shop", "default_branch": "main", "app_id": 900001}
REVIEW = {"id": "review", "kind": "review", "skippable": True}
SCAN = {"id": "scan", "kind": "check", "context": "scan", "integration_id": 7, "skippable": False}


def of_type(run: Run, ending: str) -> list[Registration]:
    return [record for record in run.records.values() if record.type.endswith(ending)]


def only(run: Run, ending: str) -> Mapping[str, Any]:
    (record,) = of_type(run, ending)
    return record.inputs


# --- what a name tells ----------------------------------------------------------------------------


WRONG = [
    ("LogVault", VAULT, {"lok": "GOVERNANCE"}, "argument: 'lok' .* give lock, or another"),
    ("LogVault", VAULT, {"days": 0}, "days: 0 .* 1 to 36500"),
    ("LogVault", VAULT, {"account_id": "22222222222"}, "account_id: .* twelve digits"),
    ("LogVault", VAULT, {"trails": []}, r"trails: \[\] .* at least one"),
    ("LogVault", VAULT, {"trails": [TRAIL | {"arn": "*"}]}, r"trails\[0\]\.arn: .* a trail"),
    ("LogVault", VAULT, {"reader_arns": ["*"]}, r"reader_arns\[0\]: .* the full ARN of a role"),
    ("LogVault", VAULT, {"region": "eu-wset-1"}, "region: .* a Region of the aws partition"),
    ("LogVault", VAULT, {"recorded_regions": "eu-west-1"}, "recorded_regions: .* a list"),
    ("BreakGlassRole", ROLE, {"entry_role_arns": ["*"]}, r"entry_role_arns\[0\]: '\*'"),
    (
        "BreakGlassRole",
        ROLE,
        {"entry_role_arns": [f"arn:aws:iam::{BROKER}:user/ada"]},
        r"entry_role_arns\[0\]: .* of a role",
    ),
    ("BreakGlassRole", ROLE, {"entry_role_arns": []}, "entry_role_arns: .* or workflow_role_arns"),
    ("BreakGlassRole", ROLE, {"severitys": ["SEV1"]}, "give severities, or another"),
    ("BreakGlassRole", ROLE, {"severities": []}, "severities: .* at least one"),
    ("BreakGlassRole", ROLE, {"incident_prefix": "*"}, "incident_prefix: .* as INC-"),
    *(
        (
            "BreakGlassRole",
            ROLE,
            {"grants": [{"actions": [action], "resources": ["*"]}]},
            says,
        )
        for action, says in (
            ("*:*", r"actions\[0\]: .* IAM actions such as"),
            ("**", r"actions\[0\]: .* IAM actions such as"),
            ("?*", r"actions\[0\]: .* IAM actions such as"),
            ("*", "an administrator_reason"),
            ("ecs:RestartService", "an IAM action that exists"),
            ("sts:AssumeRole", "pass_roles or assume_roles"),
        )
    ),
    ("Watch", WATCH, {"endpoints": []}, "endpoints: .* at least one"),
    ("Watch", WATCH, {"endpoints": [ENDPOINT | {"tier": "ticket"}]}, "at least one endpoint"),
    ("Watch", WATCH, {"forwarder_arns": ["*"]}, r"forwarder_arns\[0\]: .* of a role"),
    ("Watch", WATCH, {"endpoints": [ENDPOINT | {"protocol": "fax"}]}, "https, email or sms"),
    ("Forwarding", FORWARDING, {"bus_arn": "break-glass-hub"}, "bus_arn: .* the ARN of a bus"),
    ("EntryRole", ENTRY, {"user_names": ["*"]}, r"user_names\[0\]: .* name of an IAM user"),
    ("EntryRole", ENTRY, {"break_glass_role_arns": ["*"]}, "of a role"),
]


@pytest.mark.parametrize(("component", "right", "change", "says"), WRONG)
def test_an_argument_that_cannot_be_is_refused_by_name_before_anything_is_made(
    plan: Plan, component: str, right: Mapping[str, Any], change: Mapping[str, Any], says: str
) -> None:
    with pytest.raises(InvalidInputs, match=says):
        plan(component, **right | change)


@pytest.mark.parametrize(
    ("component", "right"),
    [
        ("LogVault", VAULT),
        ("BreakGlassRole", ROLE),
        ("Watch", WATCH),
        ("Forwarding", FORWARDING),
        ("EntryRole", ENTRY),
    ],
)
def test_and_is_made_as_it_should_be(plan: Plan, component: str, right: Mapping[str, Any]) -> None:
    assert plan(component, **right).records


def test_every_fault_of_the_arguments_is_told_at_once(plan: Plan) -> None:
    wrong = {"lok": "GOVERNANCE", "days": 0, "account_id": "2", "trails": []}
    with pytest.raises(InvalidInputs, match="LogVaultArgs: 4 faults"):
        plan("LogVault", **VAULT | wrong)


def test_what_is_not_known_before_it_is_applied_is_taken() -> None:
    async def asked() -> None:
        unknown: Any = pulumi.Output.from_input("later")
        check(LogVaultArgs, VAULT | {"deployer_arn": unknown, "reader_arns": [unknown]})
        check(ForwardingArgs, FORWARDING | {"bus_arn": unknown})

    asyncio.run(asked())


# --- entry and break-glass roles ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "missing"),
    [
        ("iam-user", "user_names"),
        ("identity-center", "identity_center"),
        ("github-oidc", "workflow"),
    ],
)
def test_an_entry_without_the_argument_of_its_kind_is_refused_by_name(
    plan: Plan, kind: str, missing: str
) -> None:
    bare = {name: value for name, value in ENTRY.items() if name != "user_names"}
    with pytest.raises(InvalidInput, match=f"{missing}.*a value, since kind is {kind}"):
        plan("EntryRole", **bare | {"kind": kind})


@pytest.mark.parametrize(
    ("kind", "given"),
    [
        ("iam-user", {"user_names": ["ada"]}),
        (
            "identity-center",
            {
                "identity_center": {
                    "region": HOME,
                    "permission_set": "Glass",
                    "people": ["ada@example.com"],
                }
            },
        ),
        (
            "github-oidc",
            {
                "workflow": {
                    "repository": "acme/security",
                    "repository_id": 7,
                    "workflow": ".github/workflows/g.yml@refs/heads/main",
                    "environment": "break-glass",
                }
            },
        ),
    ],
)
def test_an_entry_with_it_is_made_for_an_hour(
    plan: Plan, kind: str, given: Mapping[str, object]
) -> None:
    bare = {name: value for name, value in ENTRY.items() if name != "user_names"}
    role = only(plan("EntryRole", **bare | {"kind": kind, **given}), ":Role")
    assert (role["name"], role["path"]) == ("break-glass-entry-door", "/breakglass/")
    assert role["maxSessionDuration"] == 3600


def test_an_administrator_must_be_spelled(plan: Plan) -> None:
    everything = ROLE | {"grants": [{"actions": ["*"], "resources": ["*"]}]}
    with pytest.raises(InvalidInputs, match=r"grants.*an administrator_reason"):
        plan("BreakGlassRole", **everything)
    spelled = plan("BreakGlassRole", **everything, administrator_reason="a throw-away cluster")
    assert len(of_type(spelled, ":Policy")) == 1


def test_a_break_glass_role_is_boxed_in_and_lasts_an_hour(plan: Plan) -> None:
    run = plan("BreakGlassRole", **ROLE)
    role = only(run, ":Role")
    assert "permissionsBoundary" in role
    assert role["maxSessionDuration"] == 3600
    assert only(run, ":Policy")["name"] == "break-glass-boundary-x"


def test_defaults_of_an_activation_are_two_severities_and_one_prefix(plan: Plan) -> None:
    usual = json.loads(only(plan("BreakGlassRole", **ROLE), ":Role")["assumeRolePolicy"])
    text = json.dumps(usual)
    assert '"aws:RequestTag/Severity": ["SEV1", "SEV2"]' in text
    assert '"aws:RequestTag/IncidentId": "INC-????*"' in text
    other = plan("BreakGlassRole", **ROLE, severities=["SEV1"], incident_prefix="OPS-")
    text = only(other, ":Role")["assumeRolePolicy"]
    assert '"aws:RequestTag/Severity":"SEV1"' in text
    assert '"aws:RequestTag/IncidentId":"OPS-????*"' in text


# --- records --------------------------------------------------------------------------------------


def test_a_vault_is_compliant_for_400_days_unless_it_is_spelled_otherwise(plan: Plan) -> None:
    def retention(**more: object) -> object:
        return only(plan("LogVault", **VAULT, **more), "ObjectLockConfiguration")["rule"]

    assert retention() == {"defaultRetention": {"mode": "COMPLIANCE", "days": 400}}
    spelled = retention(lock="GOVERNANCE", days=7)
    assert spelled == {"defaultRetention": {"mode": "GOVERNANCE", "days": 7}}


@pytest.mark.parametrize(
    ("component", "args", "accepted"),
    [
        ("LogVault", VAULT | {"lock": "LEGAL_HOLD"}, "lock.*one of COMPLIANCE, GOVERNANCE"),
        ("EntryRole", ENTRY | {"kind": "saml"}, "kind.*one of iam-user, identity-center"),
        (
            "Watch",
            WATCH | {"endpoints": [{**ENDPOINT, "tier": "record"}]},
            "tier.*one of page, ticket",
        ),
        ("GitHubGate", GATE | {"gates": [SCAN | {"kind": "chekc"}]}, r"gates\[scan\].kind.*check"),
        ("GitHubGate", GATE | {"gates": [SCAN | {"context": ""}]}, r"gates\[scan\].context"),
        (
            "GitHubGate",
            GATE | {"gates": [REVIEW | {"kind": "deployment"}]},
            r"gates\[review\].environment.*since kind is deployment",
        ),
    ],
)
def test_a_choice_that_there_is_not_is_refused_with_those_that_there_are(
    plan: Plan, component: str, args: Mapping[str, object], accepted: str
) -> None:
    with pytest.raises(InvalidInput, match=accepted):
        plan(component, **args)


def test_a_trail_that_would_feed_itself_is_refused(plan: Plan) -> None:
    args = {"trail": "x", "bucket_name": "vault", "home_region": HOME}
    with pytest.raises(InvalidInput, match=r"watched_bucket_arns.*does not deliver to"):
        plan("AuditTrail", **args, watched_bucket_arns=["arn:aws:s3:::vault"])
    plan("AuditTrail", **args, watched_bucket_arns=["arn:aws:s3:::other"])


def test_a_name_too_long_is_refused_before_anything_is_made(plan: Plan) -> None:
    with pytest.raises(InvalidInputs, match=r"organisation.*20 characters"):
        plan("LogVault", **VAULT | {"organisation": "a" * 21})
    plan("LogVault", **VAULT | {"organisation": "a" * 20})


def test_a_trail_records_all_regions_with_digests_and_other_buckets_on_demand(plan: Plan) -> None:
    args = {"trail": "x", "bucket_name": "b", "home_region": HOME}
    trail = only(plan("AuditTrail", **args), ":Trail")
    assert trail["isMultiRegionTrail"]
    assert trail["enableLogFileValidation"]
    assert [s["name"] for s in trail["advancedEventSelectors"]] == ["Every management call"]
    watching = plan("AuditTrail", **args, watched_bucket_arns=["arn:aws:s3:::vault"])
    selectors = only(watching, ":Trail")["advancedEventSelectors"]
    assert selectors[1]["fieldSelectors"][-1]["startsWiths"] == ["arn:aws:s3:::vault/"]


# --- alarms ---------------------------------------------------------------------------------------

KEYS = [
    f"arn:aws:kms:{HOME}:{SHOP}:key/11111111-2222-3333-4444-555555555555",
    f"arn:aws:kms:us-east-1:{SHOP}:key/66666666-7777-8888-9999-000000000000",
]


def patterns(run: Run, region: str) -> str:
    rules = [r.inputs for r in of_type(run, ":EventRule") if r.inputs["region"] == region]
    return "\n".join(rule["eventPattern"] for rule in rules)


def test_a_region_watches_its_own_keys_and_no_others(plan: Plan) -> None:
    run = plan("Forwarding", **FORWARDING, kms_key_arns=KEYS)
    assert KEYS[0] in patterns(run, HOME)
    assert KEYS[1] not in patterns(run, HOME)
    assert KEYS[1] in patterns(run, "us-east-1")


def test_the_hub_knows_every_key(plan: Plan) -> None:
    assert all(key in patterns(plan("Watch", **WATCH, kms_key_arns=KEYS), HOME) for key in KEYS)


def test_without_keys_no_rule_names_one(plan: Plan) -> None:
    assert "arn:aws:kms" not in patterns(plan("Forwarding", **FORWARDING), HOME)


def test_who_enters_is_in_the_rules(plan: Plan) -> None:
    who = {"entry_users": ["ada"], "permission_sets": ["Emergency"]}
    for run in (plan("Forwarding", **FORWARDING, **who), plan("Watch", **WATCH, **who)):
        assert '"ada"' in patterns(run, HOME)
        assert "AWSReservedSSO_Emergency_" in patterns(run, HOME)


def test_every_rule_reaches_the_hub_and_a_queue_for_what_is_lost(plan: Plan) -> None:
    run = plan("Forwarding", **FORWARDING)
    rules, targets = of_type(run, ":EventRule"), of_type(run, ":EventTarget")
    assert len(rules) == len(targets) > len(REGIONS)
    assert {target.inputs["arn"] for target in targets} == {FORWARDING["bus_arn"]}
    assert all("deadLetterConfig" in target.inputs for target in targets)


def test_an_endpoint_hears_its_own_tier_only(plan: Plan) -> None:
    endpoints = [
        {"name": "loud", "protocol": "email", "endpoint": "loud@b.example"},
        {"name": "calm", "protocol": "email", "endpoint": "calm@b.example", "tier": "ticket"},
    ]
    run = plan("Watch", **WATCH | {"endpoints": endpoints})
    names = sorted(record.name for record in of_type(run, ":TopicSubscription"))
    assert names == ["it-page-loud", "it-ticket-calm"]


# --- GitHub ---------------------------------------------------------------------------------------


def test_the_floor_has_no_bypass_and_the_gate_the_app_on_pull_requests(plan: Plan) -> None:
    run = plan("GitHubGate", **GATE, gates=[REVIEW, SCAN])
    rulesets = {
        record.inputs["name"]: record.inputs for record in of_type(run, ":RepositoryRuleset")
    }
    assert rulesets["break-glass-floor"]["bypassActors"] == []
    assert rulesets["break-glass-gate"]["bypassActors"] == [
        {"actorType": "Integration", "actorId": 900001, "bypassMode": "pull_request"}
    ]
    assert only(run, ":BranchProtection")["enforceAdmins"]


def test_without_an_app_nobody_passes_the_gate(plan: Plan) -> None:
    bare = {name: value for name, value in GATE.items() if name != "app_id"}
    run = plan("GitHubGate", **bare, gates=[REVIEW, SCAN])
    bypasses = [record.inputs["bypassActors"] for record in of_type(run, ":RepositoryRuleset")]
    assert bypasses == [[], []]


def test_without_a_gate_to_skip_there_is_only_the_floor(plan: Plan) -> None:
    run = plan("GitHubGate", **GATE, gates=[SCAN])
    (floor,) = of_type(run, ":RepositoryRuleset")
    assert floor.inputs["name"] == "break-glass-floor"
    (check,) = floor.inputs["rules"]["requiredStatusChecks"]["requiredChecks"]
    assert check == {"context": "scan", "integrationId": 7}


def test_a_deployment_waits_for_somebody_else_and_admins_do_not_pass(plan: Plan) -> None:
    gate = {"id": "prod", "kind": "deployment", "environment": "production", "skippable": True}
    run = plan("GitHubGate", **GATE, gates=[gate | {"reviewer_teams": [31]}])
    environment = only(run, ":RepositoryEnvironment")
    assert environment["canAdminsBypass"] is False
    assert environment["preventSelfReview"] is True
    assert environment["reviewers"] == [{"teams": [31], "users": []}]


# --- quotas ---------------------------------------------------------------------------------------


def test_a_policy_over_its_quota_is_refused_by_name_and_taken_where_aws_raised_it(
    plan: Plan,
) -> None:
    many = ROLE | {"entry_role_arns": [f"{DOOR}-{number:02}" for number in range(12)]}
    with pytest.raises(QuotaExceeded, match=r"trust of break-glass-scope-x: .* quota of 2048"):
        plan("BreakGlassRole", **many)
    role = only(plan("BreakGlassRole", **many, quotas={"trust_policy": 4096}), ":Role")
    assert QUOTAS.size(Quota.TRUST_POLICY, role["assumeRolePolicy"]) > 2048


def test_a_quota_that_aws_does_not_grant_is_refused(plan: Plan) -> None:
    with pytest.raises(InvalidInput, match=r"quotas\.trust_policy.*1 to 4096"):
        plan("BreakGlassRole", **ROLE, quotas={"trust_policy": 5000})


@pytest.fixture
def organised(tmp_path: Path, registry: Registry) -> Callable[..., Run]:
    """Preview the program over a shipped organisation with other values."""

    def run(name: str, side: str, **values: object) -> Run:
        text = (PROJECT / "stacks" / f"{name}.yaml").read_text(encoding="utf-8")
        file = tmp_path / "org.yaml"
        file.write_text(yaml.safe_dump({**yaml.safe_load(text), **values}), encoding="utf-8")
        config = {"breakglass:organisation": str(file), "breakglass:side": side}
        return program.run(PROJECT, name, config, Applier(registry, {}), preview=True)

    return run


@pytest.fixture
def unmeasured(monkeypatch: pytest.MonkeyPatch) -> None:
    """Read an organisation file whose sizes would be refused, so that a component sees it."""
    monkeypatch.setattr("breakglass.sizes.exceeded", lambda _: [])


@pytest.mark.usefixtures("unmeasured")
@pytest.mark.parametrize(
    ("name", "side", "quota", "what"),
    [
        ("minimal", "all", "bucket_policy", "policy of break-glass-vault-minimal-222222222222"),
        ("minimal", "all", "managed_policy", "boundary of break-glass-scope-restart"),
        ("minimal", "all", "bus_policy", "policy of the hub"),
        ("minimal", "all", "topic_policy", "policy of the page topic"),
        ("minimal", "all", "event_pattern", "break-glass-"),
        ("minimal", "all", "trust_policy", "trust of the page pipe"),
        ("example", "keeper", "scp", "break-glass-path"),
        ("example", "keeper", "rcps_per_target", "RESOURCE_CONTROL_POLICY at 222222222222"),
        ("example", "edge", "trust_policy", "trust of break-glass-entry-hardware-key"),
    ],
)
def test_a_quota_of_the_organisation_counts_in_its_components(
    organised: Callable[..., Run], name: str, side: str, quota: str, what: str
) -> None:
    with pytest.raises(QuotaExceeded, match=f"{what}.* is over the quota of 1\n"):
        organised(name, side, quotas={quota: 1})


# --- the composition ------------------------------------------------------------------------------


def test_a_secret_endpoint_that_is_not_set_is_refused_by_its_key(
    organised: Callable[..., Run],
) -> None:
    pager = [{"protocol": "https", "secret": "pager-url"}]
    with pytest.raises(Exception, match="breakglass:pager-url"):
        organised("minimal", "all", pager=pager)


def test_nothing_is_declared_where_the_organisation_file_is_refused(
    organised: Callable[..., Run],
) -> None:
    with pytest.raises(Exception, match=r"org\.yaml: 1 fault") as caught:
        organised("minimal", "all", production=True)
    assert "retention.mode" in str(caught.value)


def test_both_sides_in_one_production_stack_are_refused(
    organised: Callable[..., Run],
) -> None:
    with pytest.raises(InvalidInputs, match="breakglass:side"):
        organised("example", "all")


def test_two_workflows_enter_one_account_by_one_provider(
    organised: Callable[..., Run],
) -> None:
    file = yaml.safe_load((PROJECT / "stacks" / "example.yaml").read_text(encoding="utf-8"))
    (workflow,) = [one for one in file["entries"] if one["kind"] == "github-oidc"]
    second = workflow | {"name": "second"}
    run = organised("example", "edge", entries=[*file["entries"], second])
    assert len(of_type(run, ":OpenIdConnectProvider")) == 1


def test_another_stack_finds_what_it_needs_in_the_exports(
    organised: Callable[..., Run],
) -> None:
    keeper, edge = (organised("example", side).exports for side in ("keeper", "edge"))
    assert keeper.keys() >= {
        "vaultArn",
        "witnessPullRole",
        "ticketTopicArn",
        "trail-organization-management",
        "trail-witness-logging",
    }
    assert edge.keys() >= {"boundary-prod-deploy-shop", "trail-witness-shop"}


def paged(event: Mapping[str, Any]) -> str:
    """What the pager says of an event: a pipe writes nothing for what an event has not."""

    def value(path: re.Match[str]) -> str:
        found: Any = {"body": event}
        for key in path[1].split("."):
            found = found.get(key, {})
        return str(found or "")

    return re.sub(r"<\$\.([^>]+)>", value, SUMMARY)


def test_a_page_of_an_alarm_says_that_it_is_one_and_where() -> None:
    alarm = {
        "detail-type": "CloudWatch Alarm State Change",
        "account": SHOP,
        "region": HOME,
        "detail": {"alarmName": "break-glass-undelivered"},
    }
    assert paged(alarm).startswith(f"Break-glass: CloudWatch Alarm State Change  in {SHOP} {HOME}")


def test_a_page_of_a_call_says_which_and_whose() -> None:
    call = {
        "detail-type": "AWS API Call via CloudTrail",
        "account": SHOP,
        "region": HOME,
        "detail": {"eventName": "AssumeRole", "userIdentity": {"arn": DOOR}},
    }
    assert "AWS API Call via CloudTrail AssumeRole in " in paged(call)
    assert f" by {DOOR}." in paged(call)
