"""CloudTrail writes the vault and nobody else; nobody deletes; the lock holds for everybody."""

import pytest
from deciding import (
    ADMIN,
    ANYBODY,
    HOME,
    LOGGING,
    MANAGEMENT,
    NONE,
    SHOP,
    WITNESS,
    Context,
    decide,
    kit_role,
    on,
    role,
    root,
    service,
    sid,
)

from breakglass import names
from breakglass.documents import vault
from breakglass.documents.statement import allow, document
from breakglass.proof.model import Layers, Policy, Principal, Verdict

BUCKET = f"arn:aws:s3:::break-glass-vault-acme-{LOGGING}"
TRAIL = names.trail_arn("organization", HOME, MANAGEMENT)
DELIVERIES = [vault.Delivery(TRAIL, [MANAGEMENT, "o-acme"])]
DEPLOYER = kit_role("deployer", LOGGING)
AUDITOR = role("auditor", LOGGING)
LOGGING_ADMIN = role("admin", LOGGING)
RECORD = f"{BUCKET}/AWSLogs/o-acme/{SHOP}/CloudTrail/{HOME}/2026/12/13/x.json.gz"
CLOUDTRAIL = service("cloudtrail")
OWNED = {"s3:x-amz-acl": "bucket-owner-full-control"}


def policy(*, compliance: bool = True, readers: tuple[str, ...] = ()) -> vault.LockedBucket:
    return vault.LockedBucket(BUCKET, DEPLOYER.arn, readers, compliance=compliance)


def ask(  # noqa: PLR0913 - what a request has
    who: Principal,
    action: str,
    resource: str = BUCKET,
    keys: Context = NONE,
    *,
    compliance: bool = True,
    readers: tuple[str, ...] = (),
) -> Verdict:
    bucket = policy(compliance=compliance, readers=readers)
    layers = on(vault.locked_bucket(bucket, DELIVERIES), Layers() if who == CLOUDTRAIL else ADMIN)
    return decide(layers, who, action, resource, LOGGING, keys)


# --- delivery -------------------------------------------------------------------------------------


def test_cloudtrail_delivers_for_the_listed_trail() -> None:
    keys = {"aws:SourceArn": TRAIL, **OWNED}
    assert ask(CLOUDTRAIL, "s3:GetBucketAcl", keys={"aws:SourceArn": TRAIL}).allowed
    assert ask(CLOUDTRAIL, "s3:PutObject", RECORD, keys).allowed
    digest = f"{BUCKET}/AWSLogs/{MANAGEMENT}/CloudTrail-Digest/x"
    assert ask(CLOUDTRAIL, "s3:PutObject", digest, keys).allowed


@pytest.mark.parametrize(
    ("resource", "keys"),
    [
        (RECORD, {"aws:SourceArn": names.trail_arn("organization", HOME, SHOP), **OWNED}),
        (RECORD, {"aws:SourceArn": names.trail_arn("other", HOME, MANAGEMENT), **OWNED}),
        (RECORD, OWNED),
        (RECORD, {"aws:SourceArn": TRAIL}),
        (f"{BUCKET}/AWSLogs/o-other/x", {"aws:SourceArn": TRAIL, **OWNED}),
        (f"{BUCKET}/x", {"aws:SourceArn": TRAIL, **OWNED}),
    ],
)
def test_cloudtrail_delivers_for_no_other_trail_and_nowhere_else(
    resource: str, keys: Context
) -> None:
    assert not ask(CLOUDTRAIL, "s3:PutObject", resource, keys).allowed


@pytest.mark.parametrize("name", ["config", "delivery.logs", "logging.s3", "batchoperations.s3"])
def test_no_other_service_writes(name: str) -> None:
    keys = {"aws:SourceArn": TRAIL, **OWNED}
    bucket = on(vault.locked_bucket(policy(), DELIVERIES), Layers())
    assert not decide(bucket, service(name), "s3:PutObject", RECORD, LOGGING, keys).allowed


# --- the record -----------------------------------------------------------------------------------


@pytest.mark.parametrize("who", [LOGGING_ADMIN, DEPLOYER, root(LOGGING), role("admin", SHOP)])
@pytest.mark.parametrize(
    "action",
    [
        "s3:PutObject",
        "s3:PutObjectAcl",
        "s3:PutObjectRetention",
        "s3:PutObjectLegalHold",
        "s3:PutObjectTagging",
        "s3:DeleteObject",
        "s3:DeleteObjectVersion",
        "s3:BypassGovernanceRetention",
        "s3:ReplicateObject",
        "s3:RestoreObject",
        "s3:AbortMultipartUpload",
    ],
)
def test_nobody_adds_changes_or_deletes_a_record(who: Principal, action: str) -> None:
    assert sid(ask(who, action, RECORD)) in {"OnlyCloudTrailWrites", "NobodyDeletes"}


@pytest.mark.parametrize(
    ("action", "statement"),
    [("s3:PutObject", "OnlyCloudTrailWrites"), ("s3:GetObject", "OnlyReadersRead")],
)
def test_a_statement_refuses_whoever_has_no_credentials(action: str, statement: str) -> None:
    let_in = document(allow("Opened", "s3:*", "*", principal="*"))
    locked = vault.locked_bucket(policy(), DELIVERIES)
    opened = {**locked, "Statement": [*let_in["Statement"], *locked["Statement"]]}
    assert decide(on(let_in), ANYBODY, action, RECORD, LOGGING).allowed
    assert sid(decide(on(opened), ANYBODY, action, RECORD, LOGGING)) == statement


def test_not_even_cloudtrail_deletes() -> None:
    keys = {"aws:SourceArn": TRAIL}
    assert sid(ask(CLOUDTRAIL, "s3:DeleteObject", RECORD, keys)) == "NobodyDeletes"


# --- the bucket -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "action",
    [
        "s3:PutLifecycleConfiguration",
        "s3:PutReplicationConfiguration",
        "s3:PutEncryptionConfiguration",
        "s3:PutBucketPolicy",
        "s3:PutBucketNotification",
        "s3:PutBucketAcl",
        "s3:PutBucketPublicAccessBlock",
        "s3:PutBucketLogging",
        "s3:PutInventoryConfiguration",
        "s3:PutIntelligentTieringConfiguration",
        "s3:DeleteBucket",
        "s3:CreateAccessPoint",
    ],
)
def test_only_the_deployer_sets_the_bucket_up(action: str) -> None:
    assert ask(DEPLOYER, action).allowed
    assert sid(ask(LOGGING_ADMIN, action)) == "OnlyTheDeployerSetsUp"
    assert sid(ask(kit_role("deployer", WITNESS), action)) == "OnlyTheDeployerSetsUp"


@pytest.mark.parametrize(
    "action",
    ["s3:DeleteBucketPolicy", "s3:PutBucketObjectLockConfiguration", "s3:PutBucketVersioning"],
)
def test_nobody_takes_the_lock_off_and_in_a_trial_only_the_deployer(action: str) -> None:
    assert sid(ask(DEPLOYER, action)) == "NobodyUnlocks"
    assert not ask(LOGGING_ADMIN, action).allowed
    assert ask(DEPLOYER, action, compliance=False).allowed
    assert not ask(LOGGING_ADMIN, action, compliance=False).allowed


@pytest.mark.parametrize("resource", [BUCKET, RECORD])
def test_nothing_goes_in_the_clear(resource: str) -> None:
    action = "s3:ListBucket" if resource == BUCKET else "s3:GetObject"
    clear = {"aws:SecureTransport": "false"}
    assert sid(ask(AUDITOR, action, resource, clear, readers=(AUDITOR.arn,))) == "NothingInTheClear"
    assert ask(AUDITOR, action, resource, readers=(AUDITOR.arn,)).allowed


# --- readers --------------------------------------------------------------------------------------


def test_the_listed_readers_read_and_nobody_else() -> None:
    assert ask(AUDITOR, "s3:GetObject", RECORD, readers=(AUDITOR.arn,)).allowed
    refused = ask(LOGGING_ADMIN, "s3:GetObject", RECORD, readers=(AUDITOR.arn,))
    assert sid(refused) == "OnlyReadersRead"


def test_without_readers_nobody_reads() -> None:
    assert sid(ask(AUDITOR, "s3:GetObject", RECORD)) == "OnlyReadersRead"
    assert sid(ask(DEPLOYER, "s3:GetObjectVersion", RECORD)) == "OnlyReadersRead"


def test_a_reader_sees_every_version_and_changes_none() -> None:
    reading = Layers(identity=[Policy("read", vault.read_records(BUCKET))])
    for action, resource, may in (
        ("s3:GetObject", RECORD, True),
        ("s3:GetObjectVersion", RECORD, True),
        ("s3:ListBucketVersions", BUCKET, True),
        ("s3:PutObject", RECORD, False),
        ("s3:GetObject", RECORD.replace("vault", "other"), False),
    ):
        assert decide(reading, AUDITOR, action, resource, LOGGING).allowed == may


def test_results_of_queries_are_no_records_but_go_over_tls() -> None:
    bucket = on(vault.results_bucket(BUCKET))
    assert decide(bucket, LOGGING_ADMIN, "s3:PutObject", RECORD, LOGGING).allowed
    clear = {"aws:SecureTransport": "false"}
    assert not decide(bucket, LOGGING_ADMIN, "s3:PutObject", RECORD, LOGGING, clear).allowed


def test_a_reader_of_another_account_needs_his_own_policy_and_the_vaults() -> None:
    pull = kit_role("witness", WITNESS)
    reading = Layers(identity=[Policy("read", vault.read_records(BUCKET))])

    def pulls(own: Layers, *readers: str) -> bool:
        layers = on(vault.locked_bucket(policy(readers=readers), DELIVERIES), own)
        return decide(layers, pull, "s3:GetObjectVersion", RECORD, LOGGING, {}).allowed

    assert pulls(reading, pull.arn)
    assert not pulls(reading)
    assert not pulls(Layers(), pull.arn)
