"""A whole rehearsal stays on this machine."""

import json
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path

import pytest
from moto.sns.models import sns_backends

from breakglass.errors import RehearsalError
from breakglass.quotas import Quota
from breakglass.rehearsal.attacks.attack import AttackVerdict
from breakglass.rehearsal.aws.clients import Client
from breakglass.rehearsal.aws.refusals import PlatformRefusal
from breakglass.rehearsal.engine.project import Project
from breakglass.rehearsal.rehearse import rehearse
from breakglass.rehearsal.sockets import loopback_only
from breakglass.rehearsal.stacks import sides_of, stack_of
from breakglass.rehearsal.stage import Backdrop, backdrop, stage
from breakglass.settings import Side, load

REPOSITORY = Path(__file__).parents[2]
MINIMAL = REPOSITORY / "stacks" / "minimal.yaml"
EXAMPLE = REPOSITORY / "stacks" / "example.yaml"


def test_a_rehearsal_opens_no_connection_outside_loopback() -> None:
    with loopback_only():
        report = rehearse(REPOSITORY, MINIMAL, load(MINIMAL))
    assert not report.falls_short


def test_no_pager_endpoint_of_the_settings_reaches_the_emulator() -> None:
    organisation = load(EXAMPLE)
    endpoints = {endpoint.endpoint for endpoint in organisation.pager}
    with loopback_only(), stage(REPOSITORY, EXAMPLE, organisation, side=Side.KEEPER):
        backend = sns_backends[organisation.logging.id][organisation.home_region]
        held = {subscription.endpoint for subscription in backend.subscriptions.values()}
    assert len(held) == len(endpoints)
    assert not held & endpoints


def test_a_program_that_makes_nothing_is_no_rehearsal(tmp_path: Path) -> None:
    (tmp_path / "Pulumi.yaml").write_text("name: breakglass\nruntime: python\nmain: infra\n")
    (tmp_path / "infra").mkdir()
    (tmp_path / "infra" / "__main__.py").write_text("import pulumi\n")
    with (
        pytest.raises(RehearsalError, match="made nothing for the all side"),
        stage(tmp_path, MINIMAL, load(MINIMAL)),
    ):
        pass


@pytest.mark.parametrize("name", ["example", "minimal"])
def test_the_shipped_stack_files_say_what_is_rehearsed(name: str) -> None:
    file = REPOSITORY / "stacks" / f"{name}.yaml"
    organisation, project = load(file), Project.load(REPOSITORY)
    for side in sides_of(organisation):
        config = project.config(stack_of(organisation, side))
        assert config == {"breakglass:organisation": file.name, "breakglass:side": side.value}


@pytest.mark.parametrize(("raised", "taken"), [({"event_pattern": 4096}, True), ({}, False)])
def test_a_quota_that_aws_raised_for_the_organisation_holds_in_its_rehearsal(
    raised: dict[str, int], *, taken: bool
) -> None:
    organisation = load(MINIMAL).replaced(quotas=raised)
    pattern = json.dumps({"source": ["x" * 3000]})
    with backdrop(organisation) as behind:
        logging = behind.emulator.root(organisation.logging.id)
        events = behind.emulator.client(logging, "events", organisation.home_region)
        outcome = nullcontext() if taken else pytest.raises(PlatformRefusal, match="at most 2048")
        with outcome:
            events.put_rule(Name="long", EventPattern=pattern)


@pytest.mark.parametrize(("side", "prepared"), [(Side.KEEPER, ()), (Side.EDGE, ("keeper",))])
def test_a_side_is_rehearsed_alone_on_what_it_stands_on(
    side: Side, prepared: tuple[str, ...]
) -> None:
    report = rehearse(REPOSITORY, EXAMPLE, load(EXAMPLE), side=side)
    assert not report.falls_short
    assert (report.sides, report.prepared) == ((side,), prepared)
    assert {account.side for account in report.accounts} == {side}
    assert all(account.resources for account in report.accounts)
    assert {attack.verdict for attack in report.attacks} == {AttackVerdict.NOT_PROVIDED}


def _of_logging(behind: Backdrop, service: str) -> Client:
    logging = behind.emulator.root(behind.organisation.logging.id)
    return behind.emulator.client(logging, service, behind.organisation.home_region)


def _two_targets(behind: Backdrop) -> None:
    events = _of_logging(behind, "events")
    events.put_rule(Name="two", EventPattern=json.dumps({"source": ["aws.s3"]}))
    queue = f"arn:aws:sqs:us-east-1:{behind.organisation.logging.id}:queue"
    events.put_targets(Rule="two", Targets=[{"Id": one, "Arn": queue} for one in ("a", "b")])


def _another_policy(behind: Backdrop) -> None:
    deployer = behind.organisation.logging.deployer.rpartition("/")[2]
    _of_logging(behind, "iam").attach_role_policy(
        RoleName=deployer, PolicyArn="arn:aws:iam::aws:policy/ReadOnlyAccess"
    )


def _a_key(behind: Backdrop) -> None:
    statement = {"Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    _of_logging(behind, "kms").create_key(Policy=policy)


@pytest.mark.parametrize(
    ("quota", "exceed"),
    [
        (Quota.TARGETS_PER_RULE, _two_targets),
        (Quota.MANAGED_POLICIES_PER_ROLE, _another_policy),
        (Quota.KEY_POLICY, _a_key),
    ],
    ids=lambda value: value.name if isinstance(value, Quota) else "",
)
def test_a_quota_that_only_a_call_can_exceed_is_counted_there(
    quota: Quota, exceed: Callable[[Backdrop], object]
) -> None:
    organisation = load(MINIMAL)
    with backdrop(organisation) as behind:
        exceed(behind)
    with (
        backdrop(organisation.replaced(quotas={quota.name.lower(): 1})) as behind,
        pytest.raises(PlatformRefusal, match=f"{quota.value}.* at most 1"),
    ):
        exceed(behind)
