"""A deployer can do the program's work on the kit's own names, and not more."""

import json
from collections.abc import Iterator

import pytest
from emulated_town import ACCOUNTS, CI, LOGGING, MANAGEMENT, SHOP, WORLD, Params, Town, deployer_of
from moto.organizations.models import organizations_backends

from breakglass.documents import deployer
from breakglass.proof.model import Verdict
from breakglass.quotas import QUOTAS, Quota
from breakglass.rehearsal.aws.emulator import Emulator
from breakglass.rehearsal.aws.prelude import (
    BeforeTheProgram,
    ExistingAccount,
    deployer_policy,
    prelude,
)
from breakglass.rehearsal.guard import Guard


def _emulated(world: BeforeTheProgram) -> Iterator[Town]:
    organizations_backends.master_accounts.clear()  # moto forgets everything but this
    guard = Guard()
    with Emulator(guard) as emulator:
        prelude(emulator, world)
        yield Town(emulator, guard)


@pytest.fixture(scope="module")
def before() -> Iterator[Town]:
    """Accounts as the program finds them; no test changes what another one reads."""
    yield from _emulated(WORLD)


@pytest.mark.parametrize("disposable", [False, True])
@pytest.mark.parametrize("account", ACCOUNTS, ids=lambda account: account.name)
def test_the_policy_of_every_account_fits_a_managed_policy(
    account: ExistingAccount, *, disposable: bool
) -> None:
    world = BeforeTheProgram(ACCOUNTS, CI, WORLD.organization, disposable=disposable)
    document = deployer_policy(account, world)
    assert QUOTAS.check_size(Quota.MANAGED_POLICY, "deployer", json.dumps(document)) > 0


def test_every_statement_has_a_name_of_its_own() -> None:
    everything = deployer.Deployed(
        LOGGING,
        "arn",
        management=True,
        hub=True,
        trails=True,
        records=True,
        tables=True,
        scopes=True,
        workflows=True,
        disposable=True,
    )
    sids = [statement["Sid"] for statement in deployer.permissions(everything)["Statement"]]
    assert len(sids) == len(set(sids))


KIT = "break-glass-x"
ROLE = {"RoleName": KIT, "Path": "/breakglass/"}
VAULT = {"Bucket": "break-glass-vault-example-222222222222"}


@pytest.mark.parametrize(
    ("account", "service", "operation", "params"),
    [
        (SHOP, "iam", "CreateRole", ROLE),
        (SHOP, "iam", "CreatePolicy", {"PolicyName": KIT, "Path": "/breakglass/"}),
        (SHOP, "events", "PutRule", {"Name": KIT, "EventPattern": "{}"}),
        (SHOP, "sqs", "CreateQueue", {"QueueName": KIT, "tags": {"a": "b"}}),
        (SHOP, "cloudwatch", "PutMetricAlarm", {"AlarmName": KIT}),
        (SHOP, "cloudtrail", "CreateTrail", {"Name": KIT, "S3BucketName": "b"}),
        (
            SHOP,
            "iam",
            "CreateOpenIDConnectProvider",
            {"Url": "https://token.actions.githubusercontent.com"},
        ),
        (LOGGING, "s3", "CreateBucket", {**VAULT, "ObjectLockEnabledForBucket": True}),
        (LOGGING, "s3", "PutObjectLockConfiguration", VAULT),
        (LOGGING, "s3", "PutBucketEncryption", VAULT),
        (LOGGING, "s3", "GetBucketReplication", VAULT),
        (LOGGING, "events", "PutRule", {"Name": KIT, "EventBusName": "break-glass-hub"}),
        (LOGGING, "events", "PutPermission", {"EventBusName": "break-glass-hub", "Policy": "{}"}),
        (LOGGING, "sns", "CreateTopic", {"Name": KIT}),
        (LOGGING, "pipes", "CreatePipe", {"Name": KIT}),
        (LOGGING, "glue", "CreateDatabase", {"DatabaseInput": {"Name": "break_glass_records"}}),
        (LOGGING, "athena", "CreateWorkGroup", {"Name": "break-glass-records"}),
        (MANAGEMENT, "organizations", "CreatePolicy", {"Type": "SERVICE_CONTROL_POLICY"}),
        (MANAGEMENT, "organizations", "ListAccounts", {}),
    ],
)
def test_a_deployer_can(
    before: Town, account: str, service: str, operation: str, params: Params
) -> None:
    verdict = before.decide(deployer_of(before, account), service, operation, **params)
    assert verdict.allowed, verdict.reason


@pytest.mark.parametrize(
    ("account", "service", "operation", "params"),
    [
        (SHOP, "iam", "CreateRole", {"RoleName": KIT}),
        (SHOP, "iam", "CreateRole", {"RoleName": "admin", "Path": "/"}),
        (SHOP, "iam", "CreateRole", {"RoleName": "helper", "Path": "/breakglass/"}),
        (SHOP, "iam", "CreatePolicy", {"PolicyName": "helper", "Path": "/breakglass/"}),
        (SHOP, "iam", "CreateUser", {"UserName": "eve"}),
        (SHOP, "iam", "PutRolePolicy", {"RoleName": "break-glass-deployer"}),
        (SHOP, "iam", "UpdateAssumeRolePolicy", {"RoleName": "break-glass-deployer"}),
        (
            SHOP,
            "iam",
            "AttachRolePolicy",
            {"RoleName": KIT, "PolicyArn": "arn:aws:iam::aws:policy/AdministratorAccess"},
        ),
        (SHOP, "iam", "CreateOpenIDConnectProvider", {"Url": "https://evil.example"}),
        (SHOP, "events", "DeleteRule", {"Name": "somebody-elses"}),
        (SHOP, "s3", "CreateBucket", VAULT),
        (LOGGING, "s3", "GetObject", {**VAULT, "Key": "k"}),
        (LOGGING, "s3", "PutObject", {**VAULT, "Key": "k"}),
        (LOGGING, "s3", "DeleteBucketPolicy", VAULT),
        (LOGGING, "s3", "DeleteBucket", VAULT),
        (LOGGING, "cloudtrail", "StopLogging", {"Name": KIT}),
        (LOGGING, "cloudtrail", "DeleteTrail", {"Name": KIT}),
        (LOGGING, "kms", "CreateKey", {"Tags": [{"TagKey": "break-glass", "TagValue": "keeper"}]}),
        (SHOP, "events", "DisableRule", {"Name": KIT}),
        (SHOP, "iam", "DeleteRolePermissionsBoundary", {"RoleName": KIT}),
        (SHOP, "organizations", "ListAccounts", {}),
        (SHOP, "events", "CreateEventBus", {"Name": KIT}),
        (SHOP, "events", "PutPermission", {"EventBusName": KIT, "Policy": "{}"}),
        (SHOP, "sns", "CreateTopic", {"Name": KIT}),
        (SHOP, "pipes", "CreatePipe", {"Name": KIT}),
        (LOGGING, "organizations", "CreatePolicy", {"Type": "SERVICE_CONTROL_POLICY"}),
        (LOGGING, "organizations", "LeaveOrganization", {}),
        (MANAGEMENT, "organizations", "CreateAccount", {"Email": "e", "AccountName": "a"}),
        (MANAGEMENT, "organizations", "CloseAccount", {"AccountId": SHOP}),
    ],
)
def test_a_deployer_cannot(
    before: Town, account: str, service: str, operation: str, params: Params
) -> None:
    assert not before.decide(deployer_of(before, account), service, operation, **params).allowed


def test_a_role_of_the_kit_is_handed_to_the_kits_services_alone(before: Town) -> None:
    edge = deployer_of(before, SHOP)
    iam = before.hand(SHOP, "iam")
    trust = json.dumps({"Version": "2012-10-17", "Statement": []})
    iam.create_role(RoleName="break-glass-x", Path="/breakglass/", AssumeRolePolicyDocument=trust)
    iam.create_role(RoleName="admin", AssumeRolePolicyDocument=trust)

    def target(role: str) -> Verdict:
        arn = f"arn:aws:iam::{SHOP}:role/{role}"
        targets = [{"Id": "1", "Arn": "arn", "RoleArn": arn}]
        return before.decide(edge, "events", "PutTargets", Rule=KIT, Targets=targets)

    assert target("breakglass/break-glass-x").allowed
    assert not target("admin").allowed
