"""Who gets in: with a second factor or a pinned identity, for an incident, and as himself."""

from typing import Any

import pytest
from deciding import ADMIN, BROKER, HOME, REGIONS, SHOP, kit_role, on, role, service, user

from breakglass import names
from breakglass.documents import entry, trust
from breakglass.proof.evaluate import evaluate
from breakglass.proof.model import Layers, Policy, Principal, PrincipalKind, Request
from breakglass.quotas import QUOTAS, Quota
from tests.support.organisations import REGIONS as DEFAULT_REGIONS

CHAINED = ("sts:AssumeRole", "sts:SetSourceIdentity", "sts:TagSession")
FIRST_HOP = ("sts:AssumeRole", "sts:SetSourceIdentity")
Keys = dict[str, Any]


def enters(
    trusted: dict[str, Any],
    who: Principal,
    keys: Keys,
    actions: tuple[str, ...] = FIRST_HOP,
    layers: Layers = ADMIN,
) -> bool:
    """Whether every action that the call needs is allowed on the role."""
    target = names.entry_role_arn(BROKER, "door")
    given = {name: value for name, value in keys.items() if value is not None}
    requests = [Request(who, action, target, BROKER, given) for action in actions]
    verdicts = [evaluate(request, on(trusted, layers)) for request in requests]
    assert not any(verdict.decision == "unknown" for verdict in verdicts), verdicts
    return all(verdict.allowed for verdict in verdicts)


# --- an IAM user with a hardware key --------------------------------------------------------------

USERS = trust.iam_user_entry([user("ada").arn, user("grace").arn], REGIONS)
ADA: Keys = {
    "aws:username": "ada",
    "aws:PrincipalArn": user("ada").arn,
    "sts:SourceIdentity": "ada",
    "aws:MultiFactorAuthPresent": "true",
    "aws:MultiFactorAuthAge": "60",
    "aws:RequestedRegion": HOME,
}


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"aws:MultiFactorAuthAge": "900"},
        {"aws:RequestedRegion": "us-east-1"},
    ],
)
def test_a_listed_user_with_a_fresh_second_factor_enters_as_himself(change: Keys) -> None:
    assert enters(USERS, user("ada"), ADA | change)


@pytest.mark.parametrize(
    "change",
    [
        {"aws:MultiFactorAuthPresent": None, "aws:MultiFactorAuthAge": None},
        {"aws:MultiFactorAuthPresent": "false"},
        {"aws:MultiFactorAuthAge": "901"},
        {"aws:MultiFactorAuthAge": None},
        {"sts:SourceIdentity": "grace"},
        {"sts:SourceIdentity": None},
        {"aws:RequestedRegion": "ap-south-1"},
    ],
)
def test_without_a_fresh_second_factor_or_as_somebody_else_nobody_enters(change: Keys) -> None:
    assert not enters(USERS, user("ada"), ADA | change)


def test_a_user_who_is_not_listed_stays_out_whatever_he_brings() -> None:
    bob = {"aws:username": "bob", "sts:SourceIdentity": "bob", "aws:PrincipalArn": user("bob").arn}
    assert not enters(USERS, user("bob"), ADA | bob)
    grace = {"aws:username": "grace", "sts:SourceIdentity": "grace"}
    assert enters(USERS, user("grace"), ADA | grace)


def test_a_user_of_that_name_in_another_account_stays_out() -> None:
    assert not enters(USERS, user("ada", SHOP), ADA | {"aws:PrincipalArn": user("ada", SHOP).arn})


# --- a permission set of Identity Center ----------------------------------------------------------

RESERVED = f"aws-reserved/sso.amazonaws.com/{HOME}/AWSReservedSSO_Emergency_0123456789abcdef"
PATTERN = names.identity_center_role_pattern(BROKER, HOME, "Emergency")
CENTER = trust.identity_center_entry(
    BROKER, PATTERN, "user", ["linus@example.com", "ada@example.com"], REGIONS
)
PERSON = role(RESERVED, BROKER)
LINUS: Keys = {
    "aws:PrincipalArn": PERSON.arn,
    "aws:PrincipalTag/user": "linus@example.com",
    "sts:SourceIdentity": "linus@example.com",
    "aws:RequestedRegion": HOME,
}


@pytest.mark.parametrize("who", ["linus@example.com", "ada@example.com"])
def test_a_listed_person_enters_by_the_permission_set_as_himself(who: str) -> None:
    change = {"aws:PrincipalTag/user": who, "sts:SourceIdentity": who}
    assert enters(CENTER, PERSON, LINUS | change)


@pytest.mark.parametrize(
    "change",
    [
        {"sts:SourceIdentity": "ada@example.com"},
        {"sts:SourceIdentity": None},
        {
            "aws:PrincipalTag/user": "mallory@example.com",
            "sts:SourceIdentity": "mallory@example.com",
        },
        {"aws:PrincipalTag/user": "LINUS@example.com", "sts:SourceIdentity": "LINUS@example.com"},
        {"aws:PrincipalTag/user": None},
        {"aws:PrincipalTag/user": "", "sts:SourceIdentity": ""},
        {"aws:PrincipalTag/user": "l", "sts:SourceIdentity": "l"},
        {"aws:RequestedRegion": "ap-south-1"},
    ],
)
def test_as_nobody_as_somebody_else_or_unlisted_it_does_not(change: Keys) -> None:
    assert not enters(CENTER, PERSON, LINUS | change)


@pytest.mark.parametrize(
    ("path", "account"),
    [
        (RESERVED.replace("Emergency", "Developer"), BROKER),
        ("AWSReservedSSO_Emergency_0123456789abcdef", BROKER),
        (RESERVED.replace(HOME, "us-west-2"), BROKER),
        (RESERVED, SHOP),
    ],
)
def test_another_role_stays_out_even_with_the_right_tag(path: str, account: str) -> None:
    other = role(path, account)
    assert not enters(CENTER, other, LINUS | {"aws:PrincipalArn": other.arn})


# --- a GitHub workflow ----------------------------------------------------------------------------

ISSUER = names.GITHUB_OIDC_ISSUER
PROVIDER = names.oidc_provider_arn(BROKER)
GITHUB = Principal(PROVIDER, None, "", PrincipalKind.FEDERATED)
CLAIMS = trust.WorkflowClaims(
    "acme/security", 7001, ".github/workflows/glass.yml@refs/heads/main", "break-glass"
)
WORKFLOW = trust.github_oidc_entry(PROVIDER, CLAIMS, REGIONS)
WEB_IDENTITY = ("sts:AssumeRoleWithWebIdentity",)
JOB: Keys = {
    f"{ISSUER}:aud": "sts.amazonaws.com",
    f"{ISSUER}:sub": "repo:acme/security:environment:break-glass",
    f"{ISSUER}:repository_id": "7001",
    f"{ISSUER}:job_workflow_ref": "acme/security/.github/workflows/glass.yml@refs/heads/main",
    "aws:RequestedRegion": HOME,
}


def test_the_emergency_workflow_enters() -> None:
    assert enters(WORKFLOW, GITHUB, JOB, WEB_IDENTITY, Layers())


@pytest.mark.parametrize(
    "change",
    [
        {f"{ISSUER}:aud": "https://github.com/acme"},
        {f"{ISSUER}:sub": "repo:acme/security:ref:refs/heads/main"},
        {f"{ISSUER}:sub": "repo:acme/security:environment:production"},
        {f"{ISSUER}:sub": "repo:mallory/security:environment:break-glass"},
        {f"{ISSUER}:repository_id": "7002"},
        {f"{ISSUER}:job_workflow_ref": "acme/security/.github/workflows/glass.yml@refs/heads/x"},
        {f"{ISSUER}:job_workflow_ref": "acme/other/.github/workflows/glass.yml@refs/heads/main"},
        {"aws:RequestedRegion": "ap-south-1"},
        *({name: None} for name in JOB),
    ],
)
def test_another_job_repository_or_branch_does_not(change: Keys) -> None:
    assert not enters(WORKFLOW, GITHUB, JOB | change, WEB_IDENTITY, Layers())


def test_another_issuer_does_not() -> None:
    other = Principal(names.oidc_provider_arn(SHOP), None, "", PrincipalKind.FEDERATED)
    assert not enters(WORKFLOW, other, JOB, WEB_IDENTITY, Layers())


def test_an_immutable_subject_enters_where_the_owners_id_is_known() -> None:
    subject = {f"{ISSUER}:sub": "repo:acme@42/security@7001:environment:break-glass"}
    known = trust.WorkflowClaims(
        CLAIMS.repository, CLAIMS.repository_id, CLAIMS.workflow, CLAIMS.environment, owner_id=42
    )
    trusted = trust.github_oidc_entry(PROVIDER, known, REGIONS)
    assert enters(trusted, GITHUB, JOB | subject, WEB_IDENTITY, Layers())
    assert enters(trusted, GITHUB, JOB, WEB_IDENTITY, Layers())
    assert not enters(WORKFLOW, GITHUB, JOB | subject, WEB_IDENTITY, Layers())


# --- the second hop -------------------------------------------------------------------------------

DOORS = [names.entry_role_arn(BROKER, "hardware-key"), names.entry_role_arn(BROKER, "sso")]
ROBOT = names.entry_role_arn(BROKER, "workflow")
TAGS = trust.ActivationTags("INC-", ["SEV1", "SEV2"])
GLASS = trust.break_glass(DOORS, TAGS, REGIONS, workflow_role_arns=[ROBOT])
ALL_KEYS = ["IncidentId", "Reason", "Gate", "Severity"]
ACTIVATION: Keys = {
    "aws:RequestTag/IncidentId": "INC-4711",
    "aws:RequestTag/Reason": "database is down",
    "aws:RequestTag/Gate": "aws-access",
    "aws:RequestTag/Severity": "SEV1",
    "aws:TagKeys": ALL_KEYS,
    "sts:TransitiveTagKeys": ALL_KEYS,
    "aws:SourceIdentity": "ada",
    "sts:SourceIdentity": "ada",
    "aws:RequestedRegion": HOME,
}


def activates(change: Keys, who: Principal | None = None) -> bool:
    caller = who or kit_role("entry-hardware-key", BROKER)
    return enters(GLASS, caller, ACTIVATION | change, CHAINED)


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"aws:RequestTag/IncidentId": "INC-123456"},
        {"aws:RequestTag/Severity": "SEV2"},
        {"aws:RequestTag/Reason": "x" * 12},
        {"aws:RequestedRegion": "us-east-1"},
    ],
)
def test_who_has_entered_breaks_the_glass_with_incident_reason_gate_and_severity(
    change: Keys,
) -> None:
    assert activates(change)
    assert activates(change, kit_role("entry-sso", BROKER))


@pytest.mark.parametrize(
    "change",
    [
        {"aws:RequestTag/IncidentId": ""},
        {"aws:RequestTag/IncidentId": "INC-"},
        {"aws:RequestTag/IncidentId": "INC-123"},
        {"aws:RequestTag/IncidentId": "JIRA-4711"},
        {"aws:RequestTag/Reason": ""},
        {"aws:RequestTag/Reason": "x"},
        {"aws:RequestTag/Reason": "x" * 11},
        {"aws:RequestTag/Gate": ""},
        {"aws:RequestTag/Gate": "g"},
        {"aws:RequestTag/Severity": "SEV3"},
        {"aws:RequestTag/Severity": "sev1"},
        {"aws:TagKeys": [*ALL_KEYS, "Admin"]},
        {"sts:TransitiveTagKeys": [*ALL_KEYS, "Admin"]},
        {"sts:TransitiveTagKeys": None},
        {"aws:SourceIdentity": None},
        {"aws:SourceIdentity": "a"},
        {"aws:RequestedRegion": "ap-south-1"},
        *({f"aws:RequestTag/{key}": None} for key in ALL_KEYS),
        *({"sts:TransitiveTagKeys": [k for k in ALL_KEYS if k != key]} for key in ALL_KEYS),
    ],
)
def test_without_one_of_them_or_with_a_tag_more_the_glass_stays_whole(change: Keys) -> None:
    assert not activates(change)


@pytest.mark.parametrize(
    "who",
    [
        kit_role("entry-other", BROKER),
        kit_role("entry-hardware-key", SHOP),
        role("break-glass-entry-hardware-key", BROKER),
        role("admin", BROKER),
        user("ada"),
    ],
)
def test_nobody_breaks_the_glass_without_having_entered(who: Principal) -> None:
    assert not activates({}, who)


def test_the_workflow_breaks_it_under_its_fixed_name_only() -> None:
    robot = kit_role("entry-workflow", BROKER)
    unnamed = {"aws:SourceIdentity": None, "sts:SourceIdentity": trust.WORKFLOW_IDENTITY}
    assert activates(unnamed, robot)
    assert not activates(unnamed | {"sts:SourceIdentity": "ada"}, robot)
    assert not activates(unnamed | {"sts:SourceIdentity": None}, robot)


def test_without_people_or_without_workflows_there_is_no_statement_for_them() -> None:
    sids = [
        [statement["Sid"] for statement in made["Statement"]]
        for made in (
            trust.break_glass(DOORS, TAGS, REGIONS),
            trust.break_glass([], TAGS, REGIONS, workflow_role_arns=[ROBOT]),
        )
    ]
    assert sids == [
        ["EnterForAnIncident", "TagTheSession"],
        ["EnterFromTheWorkflow", "TagTheSession"],
    ]


# --- what an entry role may do --------------------------------------------------------------------

TARGET = names.break_glass_role_arn(SHOP, "deploy")


def may(action: str, resource: str, *, workflow: bool = False, **keys: str) -> bool:
    onward = Policy("onward", entry.assume_break_glass_roles([TARGET], workflow=workflow))
    who = kit_role("entry-sso", BROKER)
    context = {"sts:SourceIdentity": keys["source"]} if keys else {}
    request = Request(who, action, resource, resource.split(":")[4] or BROKER, context)
    trusted = Policy("trust", _everybody())
    return evaluate(request, Layers(identity=[onward], resource=trusted)).allowed


def _everybody() -> dict[str, Any]:
    principal = {"AWS": f"arn:aws:iam::{BROKER}:root"}
    statement = {"Effect": "Allow", "Principal": principal, "Action": "sts:*"}
    return {"Version": "2012-10-17", "Statement": [statement]}


@pytest.mark.parametrize("action", CHAINED)
def test_an_entry_role_leads_to_the_listed_break_glass_roles_and_to_no_other(action: str) -> None:
    assert may(action, TARGET)
    assert not may(action, names.break_glass_role_arn(SHOP, "other"))
    assert not may(action, names.deployer_arn(SHOP))


@pytest.mark.parametrize("action", ["iam:PassRole", "sts:AssumeRoleWithSAML", "s3:GetObject"])
def test_an_entry_role_does_nothing_else(action: str) -> None:
    assert not may(action, TARGET)


def test_the_workflows_entry_role_gives_itself_no_other_name() -> None:
    assert may("sts:SetSourceIdentity", TARGET, workflow=True, source=trust.WORKFLOW_IDENTITY)
    assert not may("sts:SetSourceIdentity", TARGET, workflow=True, source="ada")


# --- roles of services ----------------------------------------------------------------------------


def test_a_service_acts_for_its_own_account_only() -> None:
    trusted = trust.service("pipes.amazonaws.com", BROKER)
    pipes = service("pipes")
    once = ("sts:AssumeRole",)
    assert enters(trusted, pipes, {"aws:SourceAccount": BROKER}, once, Layers())
    assert not enters(trusted, pipes, {"aws:SourceAccount": SHOP}, once, Layers())
    assert not enters(trusted, pipes, {}, once, Layers())
    assert not enters(trusted, service("events"), {"aws:SourceAccount": BROKER}, once, Layers())


def test_the_trust_of_three_entries_holds_every_default_region() -> None:
    entries = [names.entry_role_arn(BROKER, entry) for entry in ("hardware-key", "sso")]
    trusted = trust.break_glass(
        entries,
        trust.ActivationTags("INC-", ["SEV1", "SEV2"]),
        DEFAULT_REGIONS,
        workflow_role_arns=[names.entry_role_arn(BROKER, "workflow")],
    )
    assert QUOTAS.check_size(Quota.TRUST_POLICY, "trust of three entries", trusted)


def test_the_trust_of_twenty_users_holds_every_default_region() -> None:
    users = [user(f"firstname.name{number:02}").arn for number in range(20)]
    trusted = trust.iam_user_entry(users, DEFAULT_REGIONS)
    assert QUOTAS.check_size(Quota.TRUST_POLICY, "trust of twenty users", trusted)
