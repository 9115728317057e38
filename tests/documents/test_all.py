"""What holds for every document of the kit, also for sixty accounts: names, actions, sizes."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from deciding import HOME

from breakglass import actions, names, tamper
from breakglass.documents import Document, deployer, entry, guardrails, scope, trust, vault, watch
from breakglass.quotas import QUOTAS, Quota

IDS = [f"{number:012}" for number in range(100, 160)]
MANAGEMENT, LOGGING, WITNESS, BROKER, *WORKLOADS = IDS
REGIONS = [HOME, "eu-central-1", "us-east-1"]
ORGANISATION = "acme-of-long-tonnage"
VAULT = names.bucket_arn("vault", ORGANISATION, LOGGING)
BUS = names.bus_arn(HOME, LOGGING)
DEPLOYERS = [names.deployer_arn(account) for account in IDS]
DOORS = [names.entry_role_arn(BROKER, door) for door in ("hardware-key", "sso")]
TAMPER = {
    service: tamper.denied_actions([service]) for service in (*tamper.LOGGING_SERVICES, "iam")
}
CLAIMS = trust.WorkflowClaims(
    "acme/security", 700000001, ".github/workflows/break-glass.yml@refs/heads/main", "glass", 42
)
REACH = scope.Reach(
    WORKLOADS[0],
    [
        scope.GrantOn(["ecs:DescribeServices", "ecs:UpdateService"], ["*"]),
        scope.GrantOn(["sqs:PurgeQueue"], ["arn:aws:sqs:*:{account}:*"]),
    ],
    pass_roles=[f"arn:aws:iam::{WORKLOADS[0]}:role/app/task"],
)
ADMINISTRATOR = scope.Reach(WORKLOADS[0], [scope.GrantOn(["*"], ["*"])])
SECOND_TRAILS = [
    vault.Delivery(names.trail_arn("witness", HOME, account), [account]) for account in IDS
]
ORGANISATION_TRAIL = [
    vault.Delivery(names.trail_arn("organization", HOME, MANAGEMENT), [MANAGEMENT, "o-acme123456"])
]
READER = f"arn:aws:iam::{LOGGING}:role/auditor"


def guarded(*, compliance: bool) -> guardrails.Guarded:
    return guardrails.Guarded(DEPLOYERS, REGIONS, LOGGING, compliance=compliance)


def locked(*, compliance: bool, readers: tuple[str, ...] = ()) -> vault.LockedBucket:
    return vault.LockedBucket(VAULT, DEPLOYERS[1], readers, compliance=compliance)


def documents() -> Iterator[tuple[str, Document, Quota]]:
    """Every document, of the largest organisation that the kit is made for."""
    users = [f"arn:aws:iam::{BROKER}:user/person{number}" for number in range(10)]
    pattern = names.identity_center_role_pattern(BROKER, HOME, "BreakGlass")
    tags = trust.ActivationTags("INC-", ["SEV1", "SEV2"])
    glass = trust.break_glass(DOORS, tags, REGIONS, workflow_role_arns=DOORS[:1])
    provider = names.oidc_provider_arn(BROKER)
    yield "users", trust.iam_user_entry(users, REGIONS), Quota.TRUST_POLICY
    center = trust.identity_center_entry(BROKER, pattern, "user", ["ada@example.com"], REGIONS)
    yield "identity center", center, Quota.TRUST_POLICY
    yield "workflow", trust.github_oidc_entry(provider, CLAIMS, REGIONS), Quota.TRUST_POLICY
    yield "glass", glass, Quota.TRUST_POLICY
    yield "service", trust.service("pipes.amazonaws.com", LOGGING), Quota.TRUST_POLICY
    yield "deployer's trust", deployer.trust(f"arn:aws:iam::{LOGGING}:role/ci"), Quota.TRUST_POLICY

    targets = [names.break_glass_role_arn(account, "prod-deploy") for account in WORKLOADS]
    for workflow in (False, True):
        onward = entry.assume_break_glass_roles(targets, workflow=workflow)
        yield f"onward {workflow}", onward, Quota.ROLE_INLINE_POLICIES
    for name, reach in (("scope", REACH), ("administrator", ADMINISTRATOR)):
        yield name, scope.permissions(reach), Quota.ROLE_INLINE_POLICIES
        yield f"boundary of {name}", scope.boundary(reach, TAMPER), Quota.MANAGED_POLICY
    becoming = deployer.assume_deployers(DEPLOYERS)
    yield "pipeline", becoming, Quota.ROLE_INLINE_POLICIES

    for compliance in (False, True):
        for readers in ((), (READER,)):
            for trails in (ORGANISATION_TRAIL, SECOND_TRAILS):
                bucket = locked(compliance=compliance, readers=readers)
                made = vault.locked_bucket(bucket, trails)
                name = f"locked bucket {compliance} {len(readers)} {len(trails)}"
                yield name, made, Quota.BUCKET_POLICY
        for give in (
            guardrails.protect_the_path,
            guardrails.protect_the_record,
            guardrails.protect_the_trails,
            guardrails.protect_the_keys,
            guardrails.stay_in_sight,
        ):
            scp = give(guarded(compliance=compliance))
            yield f"{give.__name__} {compliance}", scp, Quota.SCP
    yield "results", vault.results_bucket(VAULT), Quota.BUCKET_POLICY
    yield "reader", vault.read_records(VAULT), Quota.ROLE_INLINE_POLICIES
    yield "entrants", guardrails.only_keepers_enter([*users, pattern]), Quota.RCP
    yield "records", guardrails.keep_the_records([VAULT, VAULT], DEPLOYERS[1:3]), Quota.RCP

    forwarders = [names.forwarder_arn(account) for account in IDS]
    queue, topic = names.queue_arn(HOME, LOGGING, "page"), names.topic_arn(HOME, LOGGING, "page")
    rules = [names.hub_rule_arn(HOME, LOGGING, f"break-glass-page-{n}") for n in range(6)]
    pipe = names.role_arn(LOGGING, "pager", "page")
    yield "hub", watch.hub(BUS, forwarders), Quota.BUS_POLICY
    yield "forwarder", watch.forward(BUS), Quota.ROLE_INLINE_POLICIES
    yield "queue", watch.queue(queue, rules), Quota.QUEUE_POLICY
    yield "pipe", watch.deliver(queue, topic), Quota.ROLE_INLINE_POLICIES
    yield "topic", watch.topic(topic, pipe, f"{topic}-*"), Quota.TOPIC_POLICY


ALL = {name: (made, quota) for name, made, quota in documents()}
every_document = pytest.mark.parametrize(("made", "quota"), ALL.values(), ids=ALL)


@every_document
def test_every_statement_has_a_name_of_its_own(made: Document, quota: Quota) -> None:
    names_ = Counter(statement["Sid"] for statement in made["Statement"])
    assert [name for name, count in names_.items() if count > 1 or not name.isalnum()] == []
    assert quota


@every_document
def test_nobody_is_named_by_exclusion(made: Document, quota: Quota) -> None:
    assert not any("NotPrincipal" in statement for statement in made["Statement"]), quota


@every_document
def test_every_action_is_one_that_aws_knows(made: Document, quota: Quota) -> None:
    named = [action for statement in made["Statement"] for action in _actions(statement)]
    assert [action for action in named if not actions.matching(action)] == []
    assert quota


def _actions(statement: Mapping[str, Any]) -> list[str]:
    given = statement.get("Action", statement.get("NotAction"))
    return [given] if isinstance(given, str) else list(given)


@every_document
def test_sixty_accounts_fit(made: Document, quota: Quota) -> None:
    assert QUOTAS.check_size(quota, "it", made) > 0


@every_document
def test_every_exception_names_its_account(made: Document, quota: Quota) -> None:
    """A wildcard account in an exception would exempt any admin who makes a role of that name."""
    exempt = [arn for statement in made["Statement"] for arn in _exempt(statement)]
    assert [arn for arn in exempt if not arn.split(":")[4].isdigit()] == [], quota


def _exempt(statement: Mapping[str, Any]) -> Iterator[str]:
    for operator, keys in statement.get("Condition", {}).items():
        if operator.startswith("ArnNot"):
            for value in keys.values():
                yield from [value] if isinstance(value, str) else value


def test_a_boundary_leaves_room_for_a_runbook() -> None:
    size = QUOTAS.size(Quota.MANAGED_POLICY, scope.boundary(REACH, TAMPER))
    assert size < QUOTAS.limit(Quota.MANAGED_POLICY) // 2
