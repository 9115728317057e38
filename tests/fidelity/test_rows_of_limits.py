"""Rows of the table: what the platform refuses whatever policies say, and whose word counts."""

from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from breakglass import settings
from breakglass.errors import RehearsalError
from breakglass.rehearsal.stacks import config_of
from breakglass.settings import Side
from tests.fidelity.land import (
    ANYTHING,
    LOGGING,
    MANAGEMENT,
    SHOP,
    Land,
    denied,
    policy,
    refused,
    statement,
)
from tests.fidelity.row import row

AREA = "Limits and accounts"
_IAM = "https://docs.aws.amazon.com/IAM/latest/UserGuide/"
_ORG = "https://docs.aws.amazon.com/organizations/latest/userguide/"
QUOTAS = f"{_IAM}reference_iam-quotas.html"
LIMITS = f"{_ORG}orgs_reference_limits.html"
PRINCIPAL = f"{_IAM}reference_policies_elements_principal.html"
POLICIES = f"{_ORG}orgs_manage_policies.html"
VERSIONS = f"{_IAM}access_policies_managed-versioning.html"
LONG = statement("Deny", "s3:" + "x" * 21_000)


@row(AREA, "a managed policy over 6144 characters", "LimitExceeded", QUOTAS)
def test_a_managed_policy_has_a_size(land: Land) -> None:
    iam = land.client(land.admin(), "iam", "us-east-1")
    with refused("managed policy characters"):
        iam.create_policy(PolicyName=land.new("policy"), PolicyDocument=policy(LONG))
    iam.create_policy(PolicyName=land.new("policy"), PolicyDocument=policy(ANYTHING))


@row(AREA, "inline policies over 10240 characters together", "LimitExceeded", QUOTAS)
def test_inline_policies_have_a_size_together(land: Land) -> None:
    iam, name = land.client(land.admin(), "iam", "us-east-1"), land.new("role")
    land.role(LOGGING, name)
    half = policy(statement("Deny", "s3:" + "x" * 6_000))
    iam.put_role_policy(RoleName=name, PolicyName="one", PolicyDocument=half)
    with refused("inline policy characters"):
        iam.put_role_policy(RoleName=name, PolicyName="two", PolicyDocument=half)


@row(AREA, "a trust policy over its size", "LimitExceeded", QUOTAS)
def test_a_trust_policy_has_a_size(land: Land) -> None:
    iam = land.client(land.admin(), "iam", "us-east-1")
    body = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": LOGGING}}
    for sid, fits in (("x" * 5_000, False), ("x", True)):
        trust = policy({**body, "Sid": sid})
        if fits:
            iam.create_role(RoleName=land.new("role"), AssumeRolePolicyDocument=trust)
        else:
            with refused("trust policy characters"):
                iam.create_role(RoleName=land.new("role"), AssumeRolePolicyDocument=trust)


@row(AREA, "managed policies on one role", "ten, unless the quota is raised", QUOTAS)
def test_a_role_has_so_many_policies(land: Land) -> None:
    iam, name = land.client(land.admin(), "iam", "us-east-1"), land.new("role")
    land.role(LOGGING, name)
    made = [
        iam.create_policy(PolicyName=land.new("policy"), PolicyDocument=policy(ANYTHING))
        for _ in range(11)
    ]
    arns = [one["Policy"]["Arn"] for one in made]
    for arn in arns[:10]:
        iam.attach_role_policy(RoleName=name, PolicyArn=arn)
    iam.attach_role_policy(RoleName=name, PolicyArn=arns[0])  # it is there already
    with refused("managed policies attached to a role"):
        iam.attach_role_policy(RoleName=name, PolicyArn=arns[10])


@row(AREA, "versions of a managed policy", "five", VERSIONS)
def test_a_policy_has_five_versions(land: Land) -> None:
    iam = land.client(land.admin(), "iam", "us-east-1")
    arn = iam.create_policy(PolicyName=land.new("policy"), PolicyDocument=policy(ANYTHING))
    policy_arn = arn["Policy"]["Arn"]
    for _ in range(4):
        iam.create_policy_version(PolicyArn=policy_arn, PolicyDocument=policy(ANYTHING))
    with pytest.raises(ClientError, match="LimitExceeded"):
        iam.create_policy_version(PolicyArn=policy_arn, PolicyDocument=policy(ANYTHING))


@row(
    AREA,
    "a trust policy that names somebody who is not there",
    "MalformedPolicyDocument",
    PRINCIPAL,
)
def test_a_trust_policy_names_who_exists(land: Land) -> None:
    iam, there = land.client(land.admin(), "iam", "us-east-1"), land.user().arn
    for arn, known in ((f"{there}-2", False), (there, True)):
        body = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": arn}}
        if known:
            iam.create_role(RoleName=land.new("role"), AssumeRolePolicyDocument=policy(body))
        else:
            with refused("principals exist"):
                iam.create_role(RoleName=land.new("role"), AssumeRolePolicyDocument=policy(body))


@row(AREA, "an SCP over its size, or one that is no JSON", "MalformedPolicyDocument", LIMITS)
def test_an_scp_has_a_size_and_a_form(land: Land) -> None:
    organizations = land.client(land.admin(MANAGEMENT), "organizations", "us-east-1")
    given = {"Description": "", "Type": "SERVICE_CONTROL_POLICY"}
    with refused("service control policy bytes"):
        organizations.create_policy(Name=land.new("scp"), Content=policy(LONG), **given)
    with refused("documents are JSON"):
        organizations.create_policy(Name=land.new("scp"), Content="{", **given)
    organizations.create_policy(Name=land.new("scp"), Content=policy(ANYTHING), **given)


@row(AREA, "RCPs on one account", "five, RCPFullAWSAccess among them", LIMITS)
def test_an_account_has_so_many_rcps(land: Land) -> None:
    fence = policy(statement("Deny", "sqs:Nothing", Principal="*"))
    attached = [land.attach(LOGGING, "RESOURCE", land.new("rcp"), fence) for _ in range(4)]
    with refused("resource control policies"):
        land.attach(LOGGING, "RESOURCE", land.new("rcp"), fence)
    organizations = land.hand(MANAGEMENT, "organizations", "us-east-1")
    for identifier in attached:
        organizations.detach_policy(PolicyId=identifier, TargetId=LOGGING)


@row(AREA, "a policy of the organisation by a member", "the management account alone", POLICIES)
def test_a_member_does_not_govern(land: Land) -> None:
    given = {"Description": "", "Type": "SERVICE_CONTROL_POLICY", "Content": policy(ANYTHING)}
    member = land.client(land.admin(SHOP), "organizations", "us-east-1")
    with refused("the management account only"):
        member.create_policy(Name=land.new("scp"), **given)
    keeper = land.client(land.admin(MANAGEMENT), "organizations", "us-east-1")
    keeper.create_policy(Name=land.new("scp"), **given)


@row(AREA, "deleting a policy that is attached", "PolicyInUse", POLICIES)
def test_an_attached_policy_is_not_deleted(land: Land) -> None:
    organizations = land.hand(MANAGEMENT, "organizations", "us-east-1")
    identifier = land.attach(SHOP, "SERVICE", land.new("scp"), policy(ANYTHING))
    with refused("an attached policy is not deleted"):
        organizations.delete_policy(PolicyId=identifier)
    organizations.detach_policy(PolicyId=identifier, TargetId=SHOP)
    organizations.delete_policy(PolicyId=identifier)


@row(
    AREA,
    "bucket and key policies over their size",
    "refused",
    "https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-policies.html",
)
def test_policies_of_resources_have_a_size(land: Land) -> None:
    bucket, s3 = land.bucket_of(), land.client(land.admin(), "s3")
    resource = f"arn:aws:s3:::{bucket}/*"
    for sid, fits in (("x" * 21_000, False), ("x", True)):
        body = policy(statement("Deny", "s3:GetObject", resource, Principal="*", Sid=sid))
        if fits:
            s3.put_bucket_policy(Bucket=bucket, Policy=body)
        else:
            with refused("bucket policy bytes"):
                s3.put_bucket_policy(Bucket=bucket, Policy=body)


@row(
    AREA,
    "an operation that moto does not have",
    "does what its page says",
    POLICIES,
    "an error that names it, never a pass",
    follows="A program or an attack that needs it cannot be rehearsed until it is added.",
    gap="No account is created, invited, moved or closed, and no region is opened or closed.",
)
def test_what_is_missing_is_an_error(land: Land) -> None:
    with pytest.raises(RehearsalError, match="leave_organization"):
        land.hand(SHOP, "organizations", "us-east-1").leave_organization()
    land.hand(SHOP, "organizations", "us-east-1").describe_organization()


@row(
    AREA,
    "Regions and accounts",
    "an opt-in Region is opened first; accounts come and go",
    "https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-regions.html",
    "every Region is open, every account stands",
    follows="That a Region is open where a rule stands has to be looked at in the account.",
    gap="No account is created, invited, moved or closed, and no region is opened or closed.",
)
def test_every_region_is_open(land: Land) -> None:
    queue = land.hand(SHOP, "sqs", "me-south-1").create_queue(QueueName=land.new("queue"))
    assert "me-south-1" in queue["QueueUrl"]


@row(
    AREA,
    "failing a database over",
    "moves its writer to another instance",
    "https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_FailoverDBCluster.html",
    "is decided and does nothing, as ImportKeyMaterial and intelligent tiering",
    follows="That a runbook's calls are allowed is shown, and not that they help.",
    gap="Calls on databases, imported key material and intelligent tiering are decided and do"
    " nothing.",
)
def test_no_database_fails_over(land: Land) -> None:
    rds = land.client(land.admin(), "rds")
    rds.failover_db_cluster(DBClusterIdentifier="payments")
    assert rds.describe_db_clusters()["DBClusters"] == []
    with denied():
        land.client(land.session(land.role(LOGGING, land.new("role"))), "rds").failover_db_cluster(
            DBClusterIdentifier="payments"
        )


@row(
    AREA,
    "rates and races",
    "calls are throttled, and two can race",
    "https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html",
    "one call at a time, as many as one likes",
    follows="A flood of calls that slows an alarm down is not rehearsed.",
    gap="Rates are not limited, and calls do not race.",
)
def test_nobody_is_throttled(land: Land) -> None:
    sts = land.client(land.admin(), "sts")
    assert {sts.get_caller_identity()["Account"] for _ in range(200)} == {LOGGING}


@row(
    AREA,
    "a side's stack file",
    "Pulumi reads its settings and refuses what is missing",
    "https://www.pulumi.com/docs/iac/concepts/config/",
    "the two settings are taken as they should be",
    follows="Run `pulumi preview` before `pulumi up`.",
    gap="The stack files are not read: a side's two settings are taken as they should be.",
)
def test_a_side_is_rehearsed_from_the_settings_alone(tmp_path: Path) -> None:
    example = Path(__file__).parents[2] / "stacks" / "example.yaml"
    given = config_of(tmp_path / "nowhere.yaml", settings.load(example), Side.KEEPER)
    assert {name.rpartition(":")[2] for name in given} == {"organisation", "side"}
