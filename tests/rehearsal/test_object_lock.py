"""What Object Lock refuses, whatever policies allow, and beside it what it lets through."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest
from emulated import HOME, WORKLOAD, AllowsEverything

from breakglass.rehearsal.aws.clients import Client
from breakglass.rehearsal.aws.emulator import Emulator, PlatformRefusal

Lock = Callable[[str], dict[str, str]]
_names = count(1)
NOW = datetime.now(UTC)
"""moto ends retentions by the wall clock, so the tests start from it; nothing here waits."""


def in_days(days: int) -> datetime:
    return NOW + timedelta(days=days)


@pytest.fixture(scope="module")
def s3() -> Iterator[Client]:
    with Emulator(AllowsEverything(), clock=lambda: NOW) as emulator:
        client = emulator.client(emulator.root(WORKLOAD), "s3", HOME)
        for name, lock in (("vault", True), ("plain", False), ("default", True)):
            client.create_bucket(
                Bucket=name,
                ObjectLockEnabledForBucket=lock,
                CreateBucketConfiguration={"LocationConstraint": HOME},
            )
        client.put_object_lock_configuration(
            Bucket="default", ObjectLockConfiguration=default_retention("COMPLIANCE", 30)
        )
        yield client


def default_retention(mode: str, days: int) -> dict[str, Any]:
    default = {"DefaultRetention": {"Mode": mode, "Days": days}}
    return {"ObjectLockEnabled": "Enabled", "Rule": default}


@pytest.fixture
def locked(s3: Client) -> Lock:
    """Put an object retained for ten days; return how to name its version."""

    def put(mode: str) -> dict[str, str]:
        key = f"log-{next(_names)}"
        answer = s3.put_object(
            Bucket="vault",
            Key=key,
            Body=b"record",
            ObjectLockMode=mode,
            ObjectLockRetainUntilDate=in_days(10),
        )
        return {"Bucket": "vault", "Key": key, "VersionId": answer["VersionId"]}

    return put


def retain(s3: Client, version: dict[str, str], mode: str, days: int, **more: bool) -> None:
    retention = {"Mode": mode, "RetainUntilDate": in_days(days)}
    s3.put_object_retention(**version, Retention=retention, **more)


@pytest.mark.parametrize("bypass", [False, True])
def test_compliance_is_never_shortened(s3: Client, locked: Lock, *, bypass: bool) -> None:
    with pytest.raises(PlatformRefusal, match="protected by object lock") as refused:
        retain(s3, locked("COMPLIANCE"), "COMPLIANCE", 5, BypassGovernanceRetention=bypass)
    assert refused.value.platform_rule == "Object Lock: COMPLIANCE is not shortened"


def test_compliance_may_be_extended(s3: Client, locked: Lock) -> None:
    version = locked("COMPLIANCE")
    retain(s3, version, "COMPLIANCE", 20)
    until = s3.get_object_retention(**version)["Retention"]["RetainUntilDate"]
    assert until.date() == in_days(20).date()


def test_governance_is_not_shortened_without_bypass(s3: Client, locked: Lock) -> None:
    with pytest.raises(PlatformRefusal):
        retain(s3, locked("GOVERNANCE"), "GOVERNANCE", 5)


def test_governance_is_shortened_with_bypass(s3: Client, locked: Lock) -> None:
    version = locked("GOVERNANCE")
    retain(s3, version, "GOVERNANCE", 5, BypassGovernanceRetention=True)
    until = s3.get_object_retention(**version)["Retention"]["RetainUntilDate"]
    assert until.date() == in_days(5).date()


def test_compliance_does_not_become_governance(s3: Client, locked: Lock) -> None:
    with pytest.raises(PlatformRefusal) as refused:
        retain(s3, locked("COMPLIANCE"), "GOVERNANCE", 20)
    assert refused.value.platform_rule == "Object Lock: COMPLIANCE is not weakened"


def test_governance_becomes_compliance(s3: Client, locked: Lock) -> None:
    version = locked("GOVERNANCE")
    retain(s3, version, "COMPLIANCE", 20)
    assert s3.get_object_retention(**version)["Retention"]["Mode"] == "COMPLIANCE"


@pytest.mark.parametrize("mode", ["COMPLIANCE", "GOVERNANCE"])
def test_an_empty_retention_does_not_take_the_lock_off(s3: Client, locked: Lock, mode: str) -> None:
    with pytest.raises(PlatformRefusal) as refused:
        s3.put_object_retention(**locked(mode), Retention={})
    assert refused.value.platform_rule == "Object Lock: retention stays"


def test_an_empty_retention_with_bypass_takes_governance_off(s3: Client, locked: Lock) -> None:
    version = locked("GOVERNANCE")
    s3.put_object_retention(**version, Retention={}, BypassGovernanceRetention=True)
    s3.delete_object(**version)


def test_retention_does_not_end_in_the_past(s3: Client) -> None:
    version = s3.put_object(Bucket="vault", Key="free", Body=b"")["VersionId"]
    free = {"Bucket": "vault", "Key": "free", "VersionId": version}
    with pytest.raises(PlatformRefusal, match="must be in the future"):
        retain(s3, free, "COMPLIANCE", -1)
    retain(s3, free, "COMPLIANCE", 1)


def test_an_upload_with_a_retention_that_is_over_is_refused(s3: Client) -> None:
    upload: dict[str, Any] = {"Bucket": "vault", "Key": "late", "Body": b""}
    with pytest.raises(PlatformRefusal, match="must be in the future"):
        s3.put_object(**upload, ObjectLockMode="GOVERNANCE", ObjectLockRetainUntilDate=in_days(-1))
    s3.put_object(**upload, ObjectLockMode="GOVERNANCE", ObjectLockRetainUntilDate=in_days(1))


def test_an_upload_with_a_mode_and_no_date_is_refused(s3: Client) -> None:
    with pytest.raises(PlatformRefusal, match="must both be supplied"):
        s3.put_object(Bucket="vault", Key="half", Body=b"", ObjectLockMode="GOVERNANCE")


def test_versioning_of_a_locked_bucket_is_not_suspended(s3: Client) -> None:
    suspended = {"Status": "Suspended"}
    with pytest.raises(PlatformRefusal) as refused:
        s3.put_bucket_versioning(Bucket="vault", VersioningConfiguration=suspended)
    assert refused.value.response["Error"]["Code"] == "InvalidBucketState"
    s3.put_bucket_versioning(Bucket="plain", VersioningConfiguration=suspended)


def test_a_lock_is_not_taken_off_a_bucket(s3: Client) -> None:
    with pytest.raises(PlatformRefusal, match="not well-formed"):
        s3.put_object_lock_configuration(Bucket="vault", ObjectLockConfiguration={})
    s3.put_object_lock_configuration(
        Bucket="vault", ObjectLockConfiguration={"ObjectLockEnabled": "Enabled"}
    )


def test_a_default_retention_of_no_days_is_refused(s3: Client) -> None:
    with pytest.raises(PlatformRefusal, match="positive integer"):
        s3.put_object_lock_configuration(
            Bucket="default", ObjectLockConfiguration=default_retention("COMPLIANCE", 0)
        )


def test_a_multipart_upload_gets_the_default_retention(s3: Client) -> None:
    target = {"Bucket": "default", "Key": "large"}
    upload = s3.create_multipart_upload(**target)["UploadId"]
    part = s3.upload_part(**target, UploadId=upload, PartNumber=1, Body=b"part")
    parts = [{"PartNumber": 1, "ETag": part["ETag"]}]
    s3.complete_multipart_upload(**target, UploadId=upload, MultipartUpload={"Parts": parts})
    retention = s3.get_object_retention(**target)["Retention"]
    assert retention["Mode"] == "COMPLIANCE"
    assert retention["RetainUntilDate"].date() == in_days(30).date()


def test_a_multipart_upload_into_a_bucket_without_default_is_free(s3: Client) -> None:
    target = {"Bucket": "vault", "Key": "large"}
    upload = s3.create_multipart_upload(**target)["UploadId"]
    part = s3.upload_part(**target, UploadId=upload, PartNumber=1, Body=b"part")
    parts = [{"PartNumber": 1, "ETag": part["ETag"]}]
    made = s3.complete_multipart_upload(**target, UploadId=upload, MultipartUpload={"Parts": parts})
    s3.delete_object(**target, VersionId=made["VersionId"])
