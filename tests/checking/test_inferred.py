"""What is told of a program for which there is no organisation file."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest
from foreign import (
    DOCUMENTS,
    EMERGENCY,
    ENTRY,
    KEEPING,
    REGION,
    SOUND,
    USER,
    VAULT,
    WORKING,
    Checked,
    changed,
    written,
)

from breakglass.checking import CheckReport, record
from breakglass.checking.inferred import LEAST_RETENTION_DAYS
from breakglass.checking.parts import NEEDS
from breakglass.checking.production import is_production
from breakglass.proof.finding import Outcome
from breakglass.proof.invariants import INVARIANTS


def verdicts(report: CheckReport) -> Mapping[str, str]:
    return {one.name: one.verdict.value for one in report.findings}


def lines(report: CheckReport, invariant: str) -> str:
    return "\n".join(f"{s.source}: {s.text}" for s in report.shortfalls if s.invariant == invariant)


# --- the sound program -------------------------------------------------------------------------


def test_a_sound_foreign_program_falls_short_of_nothing(checked: Checked) -> None:
    report = checked(SOUND, stack="prod")
    assert [f"{one.invariant}: {one.text}" for one in report.shortfalls] == []
    assert not report.falls_short


def test_what_it_declares_is_decided(checked: Checked) -> None:
    seen = verdicts(checked(SOUND))
    assert {name for name, verdict in seen.items() if verdict == "HOLDS"} == {
        "everything_can_be_read",
        "vault_is_elsewhere_and_locked",
        "actor_cannot_touch_the_vault",
        "vault_holds_in_its_own_account",
        "every_account_is_recorded",
        "entry_trust_demands_what_it_must",
        "break_glass_trust_demands_what_it_must",
        "no_session_over_an_hour",
        "enforce_admins_holds",
    }


def test_what_it_does_not_declare_is_not_provided_with_the_reason(checked: Checked) -> None:
    report = checked(SOUND)
    left = {one.name: one.reason for one in report.findings if one.verdict is Outcome.NOT_PROVIDED}
    assert "no rule on CloudTrail" in left["every_page_call_reaches_the_pager"]
    assert "no event bus" in left["the_alarms_way_is_watched"]
    assert "no ruleset" in left["the_app_is_the_only_bypass"]
    assert "organisation file alone" in left["keepers_and_actors_are_disjoint"]


def test_the_facts_are_those_that_the_program_tells(tmp_path: Path) -> None:
    facts = record(written(tmp_path / "acme", SOUND), "prod").facts
    assert (facts.vault, facts.production, facts.lock_mode) == (VAULT, True, "COMPLIANCE")
    assert {(one.id, one.role) for one in facts.accounts} == {
        (KEEPING, "logging"),
        (WORKING, "workload"),
    }
    assert [(one.kind, one.role_arn, [*one.principals]) for one in facts.entries] == [
        ("iam-user", ENTRY, [USER])
    ]
    assert [dict(one.roles) for one in facts.scopes] == [{WORKING: EMERGENCY}]
    assert [(one.name, one.branch) for one in facts.repositories] == [("shop", "main")]
    assert [*facts.regions] == [REGION]


def test_what_is_none_of_its_business_is_told_as_not_looked_at(checked: Checked) -> None:
    report = checked(SOUND)
    assert report.not_looked_at == {
        "aws:sqs/queue:Queue": 1,
        "github:index/repository:Repository": 1,
    }


def test_every_invariant_says_what_it_needs() -> None:
    assert INVARIANTS.keys() <= NEEDS.keys()


# --- what is declared and weak -----------------------------------------------------------------

ATTACHED = (
    'aws.iam.RolePolicyAttachment("all", role=emergency.name, opts=working,'
    ' policy_arn="arn:aws:iam::aws:policy/AdministratorAccess")'
)
WEAK = {
    "no digests": (
        "enable_log_file_validation=True",
        "enable_log_file_validation=False",
        "every_account_is_recorded",
        "writes no digests",
    ),
    "one region": (
        "is_multi_region_trail=True",
        "is_multi_region_trail=False",
        "every_account_is_recorded",
        "does not record every region",
    ),
    "no Object Lock": (
        ", object_lock_enabled=True",
        "",
        "vault_is_elsewhere_and_locked",
        "without Object Lock",
    ),
    "governance": (
        '"COMPLIANCE", days',
        '"GOVERNANCE", days',
        "vault_is_elsewhere_and_locked",
        "GOVERNANCE and not COMPLIANCE",
    ),
    "a session of two hours": (
        "max_session_duration=3600",
        "max_session_duration=7200",
        "no_session_over_an_hour",
        "may last 7200 seconds",
    ),
    "administrators exempt": (
        "enforce_admins=True",
        "enforce_admins=False",
        "enforce_admins_holds",
        "Administrators are exempt",
    ),
    "everything allowed": (
        'aws.iam.RolePolicy("runbook"',
        f'{ATTACHED}\naws.iam.RolePolicy("runbook"',
        "roles_do_only_what_they_are_for",
        "more than its runbook",
    ),
    "the vault destroyed with its records": (
        "object_lock_enabled=True",
        "object_lock_enabled=True, force_destroy=True",
        "vault_is_elsewhere_and_locked",
        "destroyed with its records",
    ),
}


@pytest.mark.parametrize("change", WEAK.values(), ids=WEAK)
def test_what_is_declared_and_weak_is_broken_with_its_line(
    checked: Checked, change: tuple[str, str, str, str]
) -> None:
    old, new, invariant, words = change
    report = checked(changed(old, new), stack="prod")
    assert verdicts(report)[invariant] == "BROKEN"
    assert words in lines(report, invariant)
    assert "__main__.py:" in lines(report, invariant)
    assert report.falls_short


GOVERNANCE = changed('"COMPLIANCE", days', '"GOVERNANCE", days')


@pytest.mark.parametrize(
    "stack", ["dev", "acme-test", "staging2", "Sandbox", "non-prod", "preprod"]
)
def test_governance_will_do_where_the_stack_is_evidently_none_of_production(
    checked: Checked, stack: str
) -> None:
    report = checked(GOVERNANCE, stack=stack)
    assert verdicts(report)["vault_is_elsewhere_and_locked"] == "HOLDS"


@pytest.mark.parametrize("stack", ["prod", "prd", "live", "production", "eu-prod-1"])
def test_governance_will_not_do_in_production_however_it_is_called(
    checked: Checked, stack: str
) -> None:
    report = checked(GOVERNANCE, stack=stack)
    assert verdicts(report)["vault_is_elsewhere_and_locked"] == "BROKEN"


@pytest.mark.parametrize("stack", ["main", "acme", "prod-test", "delivery"])
def test_whether_governance_will_do_is_unknown_where_the_stack_does_not_say(
    checked: Checked, stack: str
) -> None:
    report = checked(GOVERNANCE, stack=stack)
    assert verdicts(report)["vault_is_elsewhere_and_locked"] == "UNKNOWN"
    assert "is the stack for production?" in lines(report, "vault_is_elsewhere_and_locked")
    assert verdicts(checked(SOUND, stack=stack))["vault_is_elsewhere_and_locked"] == "HOLDS"


def test_one_stack_of_production_among_several_makes_them_so() -> None:
    assert is_production(["dev", "prod"]) is True
    assert is_production(["dev", "main"]) is None
    assert is_production(["dev", "test"]) is False


def test_the_name_of_a_stack_counts_and_not_its_organisation() -> None:
    assert is_production(["test-company/shop/live"]) is True
    assert is_production(["live-company/shop/dev"]) is False


@pytest.mark.parametrize("stack", ["prod", "dev", "main"])
def test_a_lock_of_a_day_is_no_lock_without_an_organisation_file(
    checked: Checked, stack: str
) -> None:
    report = checked(changed("days=365", "days=1"), stack=stack)
    said = lines(report, "vault_is_elsewhere_and_locked")
    assert verdicts(report)["vault_is_elsewhere_and_locked"] == "BROKEN"
    assert f"locked for 1 days and not for {LEAST_RETENTION_DAYS}" in said


def test_a_trial_may_lock_for_a_day(checked: Checked) -> None:
    short = GOVERNANCE.replace("days=365", "days=1")
    assert verdicts(checked(short, stack="dev"))["vault_is_elsewhere_and_locked"] == "HOLDS"


def opened_to(principal: object, **condition: object) -> Mapping[str, object]:
    """The vault's policy, with a statement that lets somebody read, and none that denies it."""
    document = json.loads(json.dumps(DOCUMENTS["vault"]))
    document["Statement"] = [
        one for one in document["Statement"] if one["Sid"] != "OnlyReadersRead"
    ]
    document["Statement"].append(
        {
            "Sid": "Read",
            "Effect": "Allow",
            "Principal": principal,
            "Action": "s3:GetObject",
            "Resource": f"arn:aws:s3:::{VAULT}/*",
            **({"Condition": condition} if condition else {}),
        }
    )
    return document


ANYBODY = {
    "everybody": opened_to("*"),
    "every account": opened_to({"AWS": "*"}),
}


@pytest.mark.parametrize("document", ANYBODY.values(), ids=ANYBODY)
def test_a_vault_that_anybody_may_read_is_broken(checked: Checked, document: object) -> None:
    report = checked(SOUND, vault=document)
    assert verdicts(report)["vault_is_elsewhere_and_locked"] == "BROKEN"
    assert "may call s3:GetObject" in lines(report, "vault_is_elsewhere_and_locked")


def test_a_vault_that_anybody_may_read_from_some_addresses_is_unknown(checked: Checked) -> None:
    near = opened_to("*", IpAddress={"aws:SourceIp": "192.0.2.0/24"})
    report = checked(SOUND, vault=near)
    assert verdicts(report)["vault_is_elsewhere_and_locked"] == "UNKNOWN"
    assert report.falls_short


def test_a_vault_that_one_role_may_read_holds(checked: Checked) -> None:
    auditor = opened_to({"AWS": f"arn:aws:iam::{KEEPING}:role/auditor"})
    report = checked(SOUND, vault=auditor)
    assert verdicts(report)["vault_is_elsewhere_and_locked"] == "HOLDS"


def test_a_bucket_whose_acl_is_public_is_broken(checked: Checked) -> None:
    report = checked(
        changed("object_lock_enabled=True", 'object_lock_enabled=True, acl="public-read"')
    )
    assert "shown or copied" in lines(report, "vault_is_elsewhere_and_locked")
    private = checked(
        changed("object_lock_enabled=True", 'object_lock_enabled=True, acl="private"')
    )
    assert verdicts(private)["vault_is_elsewhere_and_locked"] == "HOLDS"


def test_a_policy_that_lets_another_account_write_is_broken(checked: Checked) -> None:
    document = json.loads(json.dumps(DOCUMENTS["vault"]))
    document["Statement"] = [
        one for one in document["Statement"] if one["Sid"] != "OnlyCloudTrailWrites"
    ]
    document["Statement"].append(
        {
            "Sid": "Partners",
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:aws:iam::{WORKING}:root"},
            "Action": "s3:PutObject",
            "Resource": f"arn:aws:s3:::{VAULT}/*",
        }
    )
    report = checked(SOUND, vault=document)
    assert verdicts(report)["actor_cannot_touch_the_vault"] == "BROKEN"
    assert "Partners" in lines(report, "actor_cannot_touch_the_vault")
    (place,) = {s.source for s in report.shortfalls if "Partners" in s.text}
    assert place.startswith("__main__.py:")


def test_a_vault_that_any_trail_may_write_to_is_broken(checked: Checked) -> None:
    """The confused deputy: without aws:SourceArn CloudTrail delivers for anybody."""
    document = json.loads(json.dumps(DOCUMENTS["vault"]))
    for one in document["Statement"]:
        if one["Effect"] == "Allow" and "Condition" in one:
            one["Condition"].pop("ArnEquals", None)
            one["Condition"].get("StringEquals", {}).pop("aws:SourceArn", None)
            one["Resource"] = "*"
    report = checked(SOUND, vault=document)
    assert "set up in 999999999999" in lines(report, "actor_cannot_touch_the_vault")


def entry_trust(**condition: Mapping[str, object]) -> Mapping[str, object]:
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": USER},
        "Action": ["sts:AssumeRole", "sts:SetSourceIdentity"],
        **({"Condition": condition} if condition else {}),
    }
    return {"Version": "2012-10-17", "Statement": [statement]}


def test_a_trust_without_a_second_factor_is_broken(checked: Checked) -> None:
    report = checked(SOUND, entry_trust=entry_trust())
    assert "without a second factor" in lines(report, "entry_trust_demands_what_it_must")


def test_a_break_glass_role_of_one_hop_is_held_to_both_trusts(checked: Checked) -> None:
    root = {"Principal": {"AWS": f"arn:aws:iam::{WORKING}:root"}, "Action": "sts:AssumeRole"}
    document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **root}]}
    report = checked(SOUND, emergency_trust=document)
    assert "with plain access keys, under no name" in lines(
        report, "entry_trust_demands_what_it_must"
    )
    assert "without an entry" in lines(report, "break_glass_trust_demands_what_it_must")
    assert "who is no entry role" in lines(report, "no_session_over_an_hour")


def test_a_trust_without_tags_is_broken(checked: Checked) -> None:
    statement = {"Principal": {"AWS": ENTRY}, "Action": ["sts:AssumeRole", "sts:TagSession"]}
    document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **statement}]}
    report = checked(SOUND, emergency_trust=document)
    assert "with neither tag nor identity" in lines(
        report, "break_glass_trust_demands_what_it_must"
    )


def test_a_way_in_that_asks_for_something_else_is_unknown_and_not_broken(checked: Checked) -> None:
    """Nobody whom the check can think of gets in: that shows nothing of who is kept out."""
    wanted = {
        "StringEquals": {
            "sts:ExternalId": "x",
            "sts:SourceIdentity": "${aws:username}",
            "aws:RequestedRegion": "eu-west-1",
        },
        "NumericLessThanEquals": {"aws:MultiFactorAuthAge": "900"},
        "Bool": {"aws:MultiFactorAuthPresent": "true"},
    }
    report = checked(SOUND, entry_trust=entry_trust(**wanted))
    assert verdicts(report)["entry_trust_demands_what_it_must"] == "UNKNOWN"
    assert "Is it meant to be so?" in lines(report, "entry_trust_demands_what_it_must")
    assert report.falls_short


def test_a_way_in_by_something_that_he_may_choose_is_tried_with_it(checked: Checked) -> None:
    wanted = {
        "StringEquals": {"sts:ExternalId": "x"},
        "Bool": {"aws:MultiFactorAuthPresent": "true"},
    }
    report = checked(SOUND, entry_trust=entry_trust(**wanted))
    assert verdicts(report)["entry_trust_demands_what_it_must"] == "BROKEN"
    assert "under no name" in lines(report, "entry_trust_demands_what_it_must")


RULESET = """
github.RepositoryRuleset(
    "floor", name="floor", repository="shop", target="branch", enforcement="active",
    conditions=github.RepositoryRulesetConditionsArgs(
        ref_name=github.RepositoryRulesetConditionsRefNameArgs(
            includes=["refs/heads/main"], excludes=[]
        )
    ),
    rules=github.RepositoryRulesetRulesArgs(
        deletion=True, non_fast_forward=True,
        pull_request=github.RepositoryRulesetRulesPullRequestArgs(
            required_approving_review_count=1,
            dismiss_stale_reviews_on_push=True, require_last_push_approval=True,
        ),
    ),
    bypass_actors=[BYPASS],
)
"""
ADMINS = (
    "github.RepositoryRulesetBypassActorArgs("
    'actor_type="OrganizationAdmin", actor_id=1, bypass_mode="always")'
)


def test_a_ruleset_that_administrators_pass_is_broken(checked: Checked) -> None:
    report = checked(SOUND + RULESET.replace("BYPASS", ADMINS))
    assert "OrganizationAdmin 1 (always)" in lines(report, "the_app_is_the_only_bypass")


def test_a_ruleset_without_a_way_round_holds(checked: Checked) -> None:
    seen = verdicts(checked(SOUND + RULESET.replace("BYPASS", "")))
    assert seen["the_app_is_the_only_bypass"] == "HOLDS"
    assert seen["deployment_gates_hold"] == "NOT PROVIDED"  # nothing is deployed


def test_a_trail_into_a_bucket_of_another_program_is_still_held_to_its_own_settings(
    checked: Checked,
) -> None:
    program = """
import pulumi_aws as aws
aws.cloudtrail.Trail("t", s3_bucket_name="central", is_multi_region_trail=True,
                     enable_log_file_validation=DIGESTS)
"""
    good = checked(program.replace("DIGESTS", "True"))
    assert verdicts(good)["every_account_is_recorded"] == "NOT PROVIDED"
    assert not good.falls_short
    left = {one.name: one.reason for one in good.findings}
    assert "another program declares" in left["vault_is_elsewhere_and_locked"]
    bad = checked(program.replace("DIGESTS", "False"))
    assert "writes no digests" in lines(bad, "every_account_is_recorded")


def test_a_trail_into_a_bucket_of_another_program_makes_nobody_a_keeper(tmp_path: Path) -> None:
    program = """
import pulumi
import pulumi_aws as aws
there = pulumi.ResourceOptions(provider=aws.Provider(
    "there", region="eu-west-1", allowed_account_ids=["555555555555"]))
aws.cloudtrail.Trail("t", s3_bucket_name="central", opts=there)
"""
    facts = record(written(tmp_path / "acme", program), "prod").facts
    assert {one.id: one.side for one in facts.accounts}[WORKING] == "edge"
    kept = record(written(tmp_path / "acme", SOUND), "prod").facts
    assert {one.id: one.side for one in kept.accounts} == {KEEPING: "keeper", WORKING: "edge"}


def test_every_bucket_that_a_trail_delivers_to_is_a_vault(checked: Checked) -> None:
    second = """
other = aws.s3.Bucket("other", bucket="acme-second", opts=keeping)
aws.cloudtrail.Trail("second", s3_bucket_name=other.id, is_multi_region_trail=True,
                     enable_log_file_validation=True, opts=keeping)
"""
    report = checked(SOUND + second)
    assert "acme-second" in lines(report, "vault_is_elsewhere_and_locked")
    assert VAULT not in lines(report, "vault_is_elsewhere_and_locked")


def test_old_types_and_inline_parts_of_a_bucket_are_read(checked: Checked) -> None:
    old = changed(
        'aws.s3.Bucket("logs", bucket="acme-audit-logs", object_lock_enabled=True, opts=keeping)',
        'aws.s3.BucketV2("logs", bucket="acme-audit-logs", object_lock_enabled=True,'
        ' policy=documents["vault"], opts=keeping)',
    ).replace(
        'aws.s3.BucketPolicy("policy", bucket=logs.id, policy=documents["vault"], opts=keeping)\n',
        "",
    )
    assert not checked(old, stack="prod").falls_short


def test_a_policy_given_as_a_value_is_read_as_one_given_as_text(checked: Checked) -> None:
    given = changed('policy=documents["vault"]', 'policy=json.loads(documents["vault"])')
    assert not checked(given).falls_short


def test_a_document_put_together_by_the_provider_is_read(checked: Checked) -> None:
    program = changed(
        'entry = aws.iam.Role(\n    "entry", name="on-call-entry-break-glass",'
        ' assume_role_policy=documents["entry_trust"],',
        f"""who = aws.iam.get_policy_document_output(statements=[
    aws.iam.GetPolicyDocumentStatementArgs(
        actions=["sts:AssumeRole", "sts:SetSourceIdentity"],
        principals=[aws.iam.GetPolicyDocumentStatementPrincipalArgs(
            type="AWS", identifiers=["{USER}"])],
        conditions=[
            aws.iam.GetPolicyDocumentStatementConditionArgs(
                test="Bool", variable="aws:MultiFactorAuthPresent", values=["true"]),
            aws.iam.GetPolicyDocumentStatementConditionArgs(
                test="NumericLessThanEquals", variable="aws:MultiFactorAuthAge", values=["900"]),
            aws.iam.GetPolicyDocumentStatementConditionArgs(
                test="StringEquals", variable="sts:SourceIdentity", values=["&{{aws:username}}"]),
            aws.iam.GetPolicyDocumentStatementConditionArgs(
                test="StringEquals", variable="aws:RequestedRegion", values=["{REGION}"]),
        ],
    )
])
entry = aws.iam.Role("entry", name="on-call-entry-break-glass", assume_role_policy=who.json,""",
    )
    assert verdicts(checked(program))["entry_trust_demands_what_it_must"] == "HOLDS"


AMBIENT = """
import json
import pulumi_aws as aws
account = aws.get_caller_identity().account_id
region = aws.get_region().region
logs = aws.s3.Bucket("logs", object_lock_enabled=True)
aws.s3.BucketObjectLockConfiguration("lock", bucket=logs.id, rule={
    "default_retention": {"mode": "COMPLIANCE", "days": 365}})
trail = aws.cloudtrail.Trail("t", name="t", s3_bucket_name=logs.id, is_multi_region_trail=True,
                             enable_log_file_validation=True)
arn = f"arn:aws:cloudtrail:{region}:{account}:trail/t"
aws.s3.BucketPolicy("p", bucket=logs.id, policy=logs.arn.apply(lambda bucket: json.dumps({
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"},
         "Action": ["s3:GetBucketAcl", "s3:PutObject"], "Resource": [bucket, f"{bucket}/AWSLogs/*"],
         "Condition": {"StringEquals": {"aws:SourceArn": SOURCE}}},
    ],
})))
"""


def test_a_program_of_whoever_runs_it_is_read_and_its_account_is_not_taken_for_two(
    checked: Checked,
) -> None:
    report = checked(AMBIENT.replace("SOURCE", "arn"))
    assert verdicts(report)["vault_is_elsewhere_and_locked"] == "BROKEN"
    assert lines(report, "vault_is_elsewhere_and_locked").startswith(
        "__main__.py:6: An actor's account holds the record: logs in 000000000000"
    )


OF_PROFILES = AMBIENT.replace(
    "import pulumi_aws as aws\n",
    "import pulumi\nimport pulumi_aws as aws\n"
    'there = pulumi.ResourceOptions(provider=aws.Provider("there", profile="there"))\n',
).replace("enable_log_file_validation=True)", "enable_log_file_validation=True, opts=there)")


def test_two_accounts_that_the_program_does_not_name_may_be_one(checked: Checked) -> None:
    demanded = '"Condition": {"StringEquals": {"aws:SourceArn": SOURCE}}'
    assert demanded in OF_PROFILES
    report = checked(OF_PROFILES.replace(demanded, '"Condition": {}'))
    assert verdicts(report)["vault_is_elsewhere_and_locked"] == "UNKNOWN"
    assert "cannot be told" in lines(report, "vault_is_elsewhere_and_locked")


ONE_ACCOUNT = SOUND.replace(WORKING, KEEPING)


def of_one_account() -> object:
    """The vault's policy, for the trails of one account."""
    return json.loads(json.dumps(DOCUMENTS["vault"]).replace(WORKING, KEEPING))


def test_a_vault_in_the_one_account_that_it_records_is_broken(checked: Checked) -> None:
    report = checked(ONE_ACCOUNT, vault=of_one_account(), stack="prod")
    assert verdicts(report)["vault_is_elsewhere_and_locked"] == "BROKEN"
    assert "An actor's account holds the record" in lines(report, "vault_is_elsewhere_and_locked")


def test_a_vault_that_takes_the_record_of_another_account_too_holds(checked: Checked) -> None:
    """The keeper's own trail beside it is no fault: `SOUND` has one."""
    seen = verdicts(checked(SOUND, stack="prod"))
    assert seen["vault_is_elsewhere_and_locked"] == "HOLDS"


def test_a_vault_of_the_organisations_trail_is_not_of_its_own_account_alone(
    checked: Checked,
) -> None:
    every = ONE_ACCOUNT.replace(
        "is_multi_region_trail=True", "is_multi_region_trail=True, is_organization_trail=True"
    )
    report = checked(every, vault=of_one_account(), stack="prod")
    assert "An actor's account" not in lines(report, "vault_is_elsewhere_and_locked")


def of_the_organisation(*prefixes: str) -> dict[str, object]:
    """A bucket policy that lets CloudTrail put below some prefixes, as the User Guide writes it."""
    cloudtrail = {"Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"}}
    arn, mine = f"arn:aws:s3:::{VAULT}", {"StringEquals": {"s3:x-amz-acl": OWNED}}
    puts = [f"{arn}/AWSLogs/{prefix}" for prefix in prefixes]
    looks = {**cloudtrail, "Action": "s3:GetBucketAcl", "Resource": arn}
    writes = {**cloudtrail, "Action": "s3:PutObject", "Resource": puts, "Condition": mine}
    return {"Version": "2012-10-17", "Statement": [looks, writes]}


OWNED = "bucket-owner-full-control"


@pytest.mark.parametrize(
    ("prefixes", "verdict"),
    [
        ([f"{KEEPING}/*"], "BROKEN"),
        ([f"{KEEPING}/*", "o-abcdefghij/*"], "HOLDS"),
        (["*"], "HOLDS"),
    ],
    ids=["the account's own alone", "the organisation's too", "any"],
)
def test_the_organisations_trail_puts_below_the_organisation(
    checked: Checked, prefixes: list[str], verdict: str
) -> None:
    every = ONE_ACCOUNT.replace(
        "is_multi_region_trail=True", "is_multi_region_trail=True, is_organization_trail=True"
    )
    report = checked(every, vault=of_the_organisation(*prefixes), stack="prod")
    assert verdicts(report)["every_account_is_recorded"] == verdict


def test_an_account_written_into_a_policy_is_not_known_to_be_another_one(checked: Checked) -> None:
    """Without a provider that says so, 111111111111 may be the very account."""
    arn = '"arn:aws:cloudtrail:eu-west-1:111111111111:trail/t"'
    report = checked(AMBIENT.replace("SOURCE", arn))
    assert verdicts(report)["vault_is_elsewhere_and_locked"] == "UNKNOWN"


def without(start: str, end: str) -> str:
    """The sound program without what stands from one text to before another."""
    first, last = SOUND.index(start), SOUND.index(end)
    return SOUND[:first] + SOUND[last:]


def test_a_vault_whose_trails_are_elsewhere_is_known_by_its_policy(checked: Checked) -> None:
    alone = without("for name, where", "entry = ")
    assert not checked(alone, stack="prod").falls_short
    weak = checked(alone.replace('"COMPLIANCE", days', '"GOVERNANCE", days'), stack="prod")
    assert "GOVERNANCE and not COMPLIANCE" in lines(weak, "vault_is_elsewhere_and_locked")


def test_a_break_glass_role_whose_way_in_is_elsewhere_is_held_to_its_own_trust(
    checked: Checked,
) -> None:
    alone = without("entry = ", "boundary = ")
    report = checked(alone)
    assert not report.falls_short
    assert verdicts(report)["entry_trust_demands_what_it_must"] == "NOT PROVIDED"
    (found,) = (one for one in report.findings if one.name == "no_session_over_an_hour")
    assert found.reason == f"It rests on what is not declared here: {ENTRY}."
    long = alone.replace(
        'name="break-glass-failover",', 'name="break-glass-failover", max_session_duration=7200,'
    )
    assert "may last 7200" in lines(checked(long), "no_session_over_an_hour")


def test_a_role_of_somebody_else_is_no_way_in_of_another_program(checked: Checked) -> None:
    trusted = {"AWS": "arn:aws:iam::999999999999:role/partner"}
    statement = {"Effect": "Allow", "Principal": trusted, "Action": "sts:AssumeRole"}
    document = {"Version": "2012-10-17", "Statement": [statement]}
    report = checked(SOUND, emergency_trust=document)
    assert "who is no entry role" in lines(report, "no_session_over_an_hour")
