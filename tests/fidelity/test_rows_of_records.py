"""Rows of the table: buckets, locks and trails."""

from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.fidelity.land import (
    ANYTHING,
    HOME,
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

AREA = "Records"
_S3 = "https://docs.aws.amazon.com/AmazonS3/latest/userguide/"
_TRAIL = "https://docs.aws.amazon.com/awscloudtrail/latest/userguide/"
LOCK, MANAGING = f"{_S3}object-lock.html", f"{_S3}object-lock-managing.html"
CONDITIONAL = f"{_S3}conditional-writes.html"
DELETING = f"{_S3}delete-bucket.html"
BUCKET_FOR_TRAIL = f"{_TRAIL}create-s3-bucket-policy-for-cloudtrail.html"
FOR_ORGANIZATION = f"{_TRAIL}creating-trail-organization.html"
UPDATING = f"{_TRAIL}cloudtrail-update-a-trail-console.html"

PUT = {"Key": "k", "Body": b"x"}


def put(land: Land, mode: str, days: int = 10) -> tuple[Any, dict[str, str]]:
    """The bucket's own account with an object that is retained, and how to name the version."""
    s3, bucket = land.client(land.admin(), "s3"), land.locked()
    answer = s3.put_object(
        Bucket=bucket,
        **PUT,
        ObjectLockMode=mode,
        ObjectLockRetainUntilDate=land.clock.now + timedelta(days=days),
    )
    return s3, {"Bucket": bucket, "Key": "k", "VersionId": answer["VersionId"]}


def until(land: Land, days: int, mode: str = "COMPLIANCE") -> dict[str, Any]:
    return {"Mode": mode, "RetainUntilDate": land.clock.now + timedelta(days=days)}


# --- objects -----------------------------------------------------------------------------------


@row(AREA, "an object", "reads back as it was written", f"{_S3}upload-objects.html")
def test_an_object_reads_back_as_it_was_written(land: Land) -> None:
    s3, bucket = land.client(land.admin(), "s3"), land.bucket_of()
    s3.put_object(Bucket=bucket, Key="k", Body=b"a record\r\n")
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"a record\r\n"
    assert s3.head_object(Bucket=bucket, Key="k")["ContentLength"] == len(b"a record\r\n")


# --- Object Lock -------------------------------------------------------------------------------


@row(AREA, "a shorter retention in COMPLIANCE", "refused to everybody, root included", LOCK)
def test_compliance_is_not_shortened(land: Land) -> None:
    s3, version = put(land, "COMPLIANCE")
    for bypass in (False, True):
        with refused("COMPLIANCE is not shortened"):
            s3.put_object_retention(
                **version, Retention=until(land, 5), BypassGovernanceRetention=bypass
            )
    s3.put_object_retention(**version, Retention=until(land, 20))


@row(AREA, "a shorter retention in GOVERNANCE", "only with the bypass header", MANAGING)
def test_governance_is_shortened_with_the_header(land: Land) -> None:
    s3, version = put(land, "GOVERNANCE")
    shorter = until(land, 5, "GOVERNANCE")
    with refused("GOVERNANCE is not shortened"):
        s3.put_object_retention(**version, Retention=shorter)
    s3.put_object_retention(**version, Retention=shorter, BypassGovernanceRetention=True)


@row(AREA, "the bypass header", "needs s3:BypassGovernanceRetention", MANAGING)
def test_the_header_needs_a_permission(land: Land) -> None:
    _, version = put(land, "GOVERNANCE")
    without = statement("Deny", "s3:BypassGovernanceRetention")
    s3 = land.client(land.session(land.role(LOGGING, land.new("actor"), ANYTHING, without)), "s3")
    with denied():
        s3.delete_object(**version, BypassGovernanceRetention=True)
    land.client(land.admin(), "s3").delete_object(**version, BypassGovernanceRetention=True)


@row(AREA, "an empty retention", "takes no running lock off", MANAGING)
def test_an_empty_retention_takes_nothing_off(land: Land) -> None:
    s3, version = put(land, "COMPLIANCE")
    with refused("retention stays"):
        s3.put_object_retention(**version, Retention={})
    with refused("COMPLIANCE is not weakened"):
        s3.put_object_retention(**version, Retention=until(land, 20, "GOVERNANCE"))
    s3, version = put(land, "GOVERNANCE")
    s3.put_object_retention(**version, Retention={}, BypassGovernanceRetention=True)


@row(AREA, "a retention that is over", "InvalidArgument", LOCK)
def test_a_retention_ends_in_the_future(land: Land) -> None:
    s3, version = put(land, "GOVERNANCE")
    with refused("retention ends in the future"):
        s3.put_object_retention(**version, Retention=until(land, -1))
    with refused("retention ends in the future"):
        put(land, "COMPLIANCE", days=-1)


@row(AREA, "deleting a version that is retained", "AccessDenied; a delete marker is made", LOCK)
def test_a_retained_version_stays_under_a_marker(land: Land) -> None:
    s3, version = put(land, "COMPLIANCE")
    for bypass in (False, True):
        with pytest.raises(ClientError, match="AccessDenied"):
            s3.delete_object(**version, BypassGovernanceRetention=bypass)
    s3.delete_object(Bucket=version["Bucket"], Key="k")
    assert s3.get_object(**version)["Body"].read() == b"x"


@row(AREA, "a bulk deletion of retained versions", "an error for each of them", LOCK)
def test_a_bulk_deletion_leaves_retained_versions(land: Land) -> None:
    s3, version = put(land, "COMPLIANCE")
    entry = {"Key": "k", "VersionId": version["VersionId"]}
    answer = s3.delete_objects(Bucket=version["Bucket"], Delete={"Objects": [entry]})
    assert [error["Code"] for error in answer["Errors"]] == ["AccessDenied"]


@row(AREA, "a legal hold", "protects until it is removed", LOCK)
def test_a_legal_hold_protects_until_it_is_removed(land: Land) -> None:
    s3, bucket = land.client(land.admin(), "s3"), land.locked()
    version = {"Bucket": bucket, "Key": "k", "VersionId": ""}
    version["VersionId"] = s3.put_object(Bucket=bucket, **PUT)["VersionId"]
    s3.put_object_legal_hold(**version, LegalHold={"Status": "ON"})
    with pytest.raises(ClientError, match="AccessDenied"):
        s3.delete_object(**version)
    s3.put_object_legal_hold(**version, LegalHold={"Status": "OFF"})
    s3.delete_object(**version)


@row(AREA, "suspending the versions of a locked bucket", "InvalidBucketState", LOCK)
def test_versioning_of_a_locked_bucket_stays(land: Land) -> None:
    s3 = land.client(land.admin(), "s3")
    suspended = {"VersioningConfiguration": {"Status": "Suspended"}}
    with refused("versioning stays on"):
        s3.put_bucket_versioning(Bucket=land.locked(), **suspended)
    s3.put_bucket_versioning(Bucket=land.bucket_of(), **suspended)


@row(AREA, "taking the lock off a bucket", "cannot be done", LOCK)
def test_the_lock_of_a_bucket_stays(land: Land) -> None:
    s3, bucket = land.client(land.admin(), "s3"), land.locked()
    with refused("it cannot be taken off"):
        s3.put_object_lock_configuration(Bucket=bucket, ObjectLockConfiguration={})
    s3.put_object_lock_configuration(
        Bucket=bucket, ObjectLockConfiguration={"ObjectLockEnabled": "Enabled"}
    )


@row(AREA, "a multipart upload", "gets the bucket's default retention", LOCK)
def test_a_multipart_upload_is_retained_by_default(land: Land) -> None:
    s3, bucket = land.client(land.admin(), "s3"), land.locked()
    rule = {"DefaultRetention": {"Mode": "COMPLIANCE", "Days": 30}}
    s3.put_object_lock_configuration(
        Bucket=bucket, ObjectLockConfiguration={"ObjectLockEnabled": "Enabled", "Rule": rule}
    )
    upload = s3.create_multipart_upload(Bucket=bucket, Key="k")["UploadId"]
    at = {"Bucket": bucket, "Key": "k", "UploadId": upload}
    tag = s3.upload_part(**at, PartNumber=1, Body=b"x")["ETag"]
    s3.complete_multipart_upload(**at, MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": tag}]})
    retention = s3.get_object_retention(Bucket=bucket, Key="k")["Retention"]
    assert retention["Mode"] == "COMPLIANCE"
    assert retention["RetainUntilDate"] - land.clock.now > timedelta(days=29)


@row(AREA, "a write on condition that nothing is there", "one of many writers wins", CONDITIONAL)
def test_a_conditional_write_is_refused_where_something_is(land: Land) -> None:
    s3, bucket = land.client(land.admin(), "s3"), land.bucket_of()
    s3.put_object(Bucket=bucket, **PUT, IfNoneMatch="*")
    with pytest.raises(ClientError, match="PreconditionFailed"):
        s3.put_object(Bucket=bucket, **PUT, IfNoneMatch="*")


@row(AREA, "deleting a bucket that holds something", "BucketNotEmpty", DELETING)
def test_a_bucket_is_deleted_when_it_is_empty(land: Land) -> None:
    s3, bucket = land.client(land.admin(), "s3"), land.bucket_of()
    s3.put_object(Bucket=bucket, **PUT)
    with pytest.raises(ClientError, match="BucketNotEmpty"):
        s3.delete_bucket(Bucket=bucket)
    s3.delete_object(Bucket=bucket, Key="k")
    s3.delete_bucket(Bucket=bucket)


@row(
    AREA,
    "the name of another account's bucket",
    "BucketAlreadyExists",
    f"{_S3}bucketnamingrules.html",
)
def test_a_buckets_name_is_taken_everywhere(land: Land) -> None:
    bucket = land.bucket_of()
    with pytest.raises(ClientError, match="BucketAlreadyExists"):
        land.bucket(SHOP, bucket)
    land.bucket(SHOP, f"{bucket}-2")


# --- trails ------------------------------------------------------------------------------------


@row(
    AREA,
    "a trail into a bucket that does not take it",
    "InsufficientS3BucketPolicy",
    BUCKET_FOR_TRAIL,
)
def test_a_trail_needs_a_bucket_that_takes_it(land: Land) -> None:
    cloudtrail = land.client(land.admin(), "cloudtrail")
    with refused("the bucket takes its log files"):
        cloudtrail.create_trail(Name=land.new("trail"), S3BucketName=land.bucket_of())
    opened = statement(
        "Allow",
        ["s3:GetBucketAcl", "s3:PutObject"],
        ["arn:aws:s3:::{bucket}", "arn:aws:s3:::{bucket}/*"],
        Principal={"Service": "cloudtrail.amazonaws.com"},
    )
    cloudtrail.create_trail(Name=land.new("trail"), S3BucketName=land.bucket_of(LOGGING, opened))


@row(
    AREA,
    "the organisation's trail in a member",
    "seen there, and not to be changed",
    FOR_ORGANIZATION,
)
def test_a_member_sees_the_organisations_trail_and_changes_nothing(land: Land) -> None:
    name, bucket = land.new("trail"), land.bucket_of(MANAGEMENT)
    keeper = land.hand(MANAGEMENT, "cloudtrail")
    arn = keeper.create_trail(
        Name=name, S3BucketName=bucket, IsMultiRegionTrail=True, IsOrganizationTrail=True
    )["TrailARN"]
    member = land.client(land.admin(SHOP), "cloudtrail")
    assert arn in [trail["TrailARN"] for trail in member.describe_trails()["trailList"]]
    with pytest.raises(ClientError, match="AccessDenied"):
        member.stop_logging(Name=arn)
    keeper.stop_logging(Name=arn)


@row(AREA, "a trail from another Region than its own", "InvalidHomeRegion", UPDATING)
def test_a_trail_is_changed_in_its_home_region(land: Land) -> None:
    name = land.new("trail")
    hand = land.hand(LOGGING, "cloudtrail")
    arn = hand.create_trail(Name=name, S3BucketName=land.bucket_of(), IsMultiRegionTrail=True)[
        "TrailARN"
    ]
    admin = land.admin()
    with refused("home region only"):
        land.client(admin, "cloudtrail", "us-east-1").stop_logging(Name=arn)
    with refused("home region only"):
        land.client(admin, "cloudtrail", "us-east-1").delete_trail(Name=name)
    land.client(admin, "cloudtrail").delete_trail(Name=name)


@row(
    AREA,
    "deleting a trail that is not there",
    "TrailNotFoundException",
    "https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_DeleteTrail.html",
)
def test_a_trail_that_is_not_there_is_not_deleted(land: Land) -> None:
    with refused("the trail exists"):
        land.client(land.admin(), "cloudtrail").delete_trail(Name="nowhere")


# --- where it differs --------------------------------------------------------------------------


@row(
    AREA,
    "the record of a call",
    "a trail that is logging delivers it to its bucket",
    f"{_TRAIL}how-cloudtrail-works.html",
    "nothing is delivered",
    follows="That records arrive has to be seen in the accounts; that CloudTrail may deliver, and"
    " nobody else, is decided.",
    gap="No call is recorded: vault and witness hold only what an attack or its twin put there.",
)
def test_a_trail_delivers_nothing(land: Land) -> None:
    bucket, name = land.bucket_of(), land.new("trail")
    cloudtrail = land.hand(LOGGING, "cloudtrail")
    cloudtrail.create_trail(Name=name, S3BucketName=bucket)
    cloudtrail.start_logging(Name=name)
    land.user()
    assert "Contents" not in land.hand(LOGGING, "s3").list_objects_v2(Bucket=bucket)


@row(
    AREA,
    "lifecycle, replication, inventory, digests",
    "S3 and CloudTrail act by these settings",
    f"{_S3}object-lifecycle-mgmt.html",
    "stored and read back",
    follows="A lifecycle that would empty a bucket shows in an invariant and not in its objects.",
    gap="Digest files, lifecycle, replication and inventory of a bucket do nothing.",
)
def test_a_lifecycle_expires_nothing(land: Land) -> None:
    s3, bucket = land.hand(LOGGING, "s3"), land.bucket_of()
    s3.put_object(Bucket=bucket, **PUT)
    rule = {
        "ID": "r",
        "Status": "Enabled",
        "Filter": {"Prefix": ""},
        "Expiration": {"Days": 1},
    }
    s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": [rule]})
    with land.clock.later(days=30):
        assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"x"


@row(
    AREA,
    "the end of a retention",
    "by the clock of S3",
    LOCK,
    "by the machine's clock, while sessions go by the rehearsal's",
    follows="A drill that moves the clock sees no lock end.",
    gap="Object Lock ends by the clock of the machine, whatever time a drill says it is.",
)
def test_a_lock_ends_by_the_machines_clock(land: Land) -> None:
    s3, version = put(land, "COMPLIANCE", days=1)
    hand = land.hand(LOGGING, "s3")
    assert s3
    with land.clock.later(days=400), pytest.raises(ClientError, match="AccessDenied"):
        hand.delete_object(**version)


@row(
    AREA,
    "a new bucket, and a public policy",
    "encrypted with SSE-S3; Block Public Access refuses the policy",
    f"{_S3}access-control-block-public-access.html",
    "neither",
    follows="Who reads is decided by the policy; that both are declared is held by invariants.",
    gap="No bucket is encrypted by itself, and Block Public Access refuses no policy.",
)
def test_nothing_is_encrypted_or_blocked_by_itself(land: Land) -> None:
    s3, bucket = land.hand(LOGGING, "s3"), land.bucket_of()
    with pytest.raises(ClientError, match="ServerSideEncryptionConfigurationNotFound"):
        s3.get_bucket_encryption(Bucket=bucket)
    s3.put_public_access_block(
        Bucket=bucket, PublicAccessBlockConfiguration={"BlockPublicPolicy": True}
    )
    public = statement("Allow", "s3:GetObject", f"arn:aws:s3:::{bucket}/*", Principal="*")
    s3.put_bucket_policy(Bucket=bucket, Policy=policy(public))


@row(
    AREA,
    "a copy into a bucket with Object Lock",
    "an object gets the bucket's default retention, however it is written",
    LOCK,
    "refused to everybody (MissingUploadObjectWithObjectLockHeaders)",
    follows="Who may copy over a record is decided as for a write.",
    gap="No object is copied into a bucket with Object Lock, whoever makes the call.",
)
def test_no_copy_reaches_a_locked_bucket(land: Land) -> None:
    s3, bucket, source = land.client(land.admin(), "s3"), land.locked(), land.bucket_of()
    s3.put_object(Bucket=source, **PUT)
    retention = {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 1}}
    s3.put_object_lock_configuration(
        Bucket=bucket,
        ObjectLockConfiguration={"ObjectLockEnabled": "Enabled", "Rule": retention},
    )
    s3.put_object(Bucket=bucket, **PUT)
    with pytest.raises(ClientError, match="MissingUploadObjectWithObjectLockHeaders"):
        s3.copy_object(Bucket=bucket, Key="k", CopySource={"Bucket": source, "Key": "k"})


@row(
    AREA,
    "a query of Athena",
    "runs, and its result is stored",
    "https://docs.aws.amazon.com/athena/latest/ug/querying.html",
    "is taken and runs nothing",
    follows="That the table reads the records has to be tried in the accounts.",
    gap="Athena runs no query.",
)
def test_athena_runs_nothing(land: Land) -> None:
    athena, bucket = land.hand(LOGGING, "athena"), land.bucket_of()
    query = athena.start_query_execution(
        QueryString="select 1", ResultConfiguration={"OutputLocation": f"s3://{bucket}/"}
    )
    rows = athena.get_query_results(QueryExecutionId=query["QueryExecutionId"])["ResultSet"]
    assert not rows["Rows"]


@row(
    AREA,
    "events of a bucket to EventBridge",
    "a setting of its notifications",
    f"{_S3}enable-event-notifications-eventbridge.html",
    "dropped by the emulator, kept beside it",
    follows="That the setting is declared shows in the outputs; no event comes of it.",
    gap=("aws:s3/bucketNotification:BucketNotification", "eventbridge"),
)
def test_a_bucket_forgets_event_bridge(land: Land) -> None:
    s3, bucket = land.hand(LOGGING, "s3"), land.bucket_of()
    s3.put_bucket_notification_configuration(
        Bucket=bucket, NotificationConfiguration={"EventBridgeConfiguration": {}}
    )
    read = s3.get_bucket_notification_configuration(Bucket=bucket)
    assert "EventBridgeConfiguration" not in read


@row(
    AREA,
    "the days between a key's rotations",
    "90 to 2560",
    "https://docs.aws.amazon.com/kms/latest/developerguide/rotating-keys-enable-disable.html",
    "dropped by the emulator, kept beside it",
    follows="That the period is declared shows in the outputs alone.",
    gap=("aws:kms/key:Key", "rotationPeriodInDays"),
)
def test_a_key_forgets_its_period(land: Land) -> None:
    kms = land.hand(LOGGING, "kms")
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    kms.enable_key_rotation(KeyId=key, RotationPeriodInDays=180)
    assert kms.get_key_rotation_status(KeyId=key).get("RotationPeriodInDays", 365) == 365


@row(
    "Policies",
    "a key that is disabled, and a key policy that locks everybody out",
    "refused",
    "https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html",
    "the key works, the policy is taken",
    follows="What stops when a key is gone is not rehearsed; who may disable it is.",
    gap="A disabled key still works, and KMS takes a key policy that locks everybody out.",
)
def test_a_disabled_key_works(land: Land) -> None:
    kms = land.hand(LOGGING, "kms")
    nobody = policy(statement("Allow", "kms:Describe*", Principal={"AWS": LOGGING}))
    key = kms.create_key(Policy=nobody)["KeyMetadata"]["KeyId"]
    kms.disable_key(KeyId=key)
    assert kms.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]
    assert land.client(land.admin(), "sts", HOME)
