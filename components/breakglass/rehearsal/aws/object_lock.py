"""S3 Object Lock where moto is laxer than AWS: nobody gets past these, whatever policies allow.

Source: Amazon S3 user guide, "Locking objects with Object Lock" and "Object Lock considerations";
API reference of PutObjectRetention, PutObjectLockConfiguration, PutBucketVersioning. That a bypass
needs ``s3:BypassGovernanceRetention`` is a matter of policies: the guard asks for it with every
request that carries the header.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from breakglass.rehearsal.aws import store
from breakglass.rehearsal.aws.attempts import Answer, Attempt, Rules

COMPLIANCE, GOVERNANCE = "COMPLIANCE", "GOVERNANCE"
_PROTECTED = "Access Denied because object protected by object lock."


def _retain_until(stored: store.Moto) -> datetime:
    """Return the end of an object's retention; moto keeps it as text, with or without fractions."""
    return datetime.fromisoformat(stored.lock_until).astimezone(UTC)


def _as_utc(moment: datetime | str) -> datetime:
    """Return a moment as boto3 takes it, a naive one being UTC."""
    parsed = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    return parsed.replace(tzinfo=UTC) if parsed.tzinfo is None else parsed.astimezone(UTC)


def _is_retained(stored: store.Moto, now: datetime) -> bool:
    return bool(stored.lock_mode) and _retain_until(stored) > now


def keep_retention(attempt: Attempt) -> None:
    """Refuse to shorten, weaken or remove a retention that still runs.

    COMPLIANCE only grows. GOVERNANCE gives way to a request that asks for the bypass.
    """
    wanted = attempt.params.get("Retention") or {}
    _check_new_retention(attempt, wanted.get("Mode"), wanted.get("RetainUntilDate"))
    stored = store.stored_object(
        attempt.params["Bucket"], attempt.params["Key"], attempt.params.get("VersionId")
    )
    if stored is None or not _is_retained(stored, attempt.now):
        return
    if stored.lock_mode == GOVERNANCE and attempt.params.get("BypassGovernanceRetention"):
        return
    if not wanted:
        raise attempt.refusal("AccessDenied", _PROTECTED, rule="Object Lock: retention stays")
    if _as_utc(wanted["RetainUntilDate"]) < _retain_until(stored):
        raise attempt.refusal(
            "AccessDenied", _PROTECTED, rule=f"Object Lock: {stored.lock_mode} is not shortened"
        )
    if stored.lock_mode == COMPLIANCE and wanted["Mode"] != COMPLIANCE:
        raise attempt.refusal(
            "AccessDenied", _PROTECTED, rule="Object Lock: COMPLIANCE is not weakened"
        )


def check_retention_header(attempt: Attempt) -> None:
    """Refuse an upload whose own retention is half given or already over."""
    _check_new_retention(
        attempt,
        attempt.params.get("ObjectLockMode"),
        attempt.params.get("ObjectLockRetainUntilDate"),
    )


def _check_new_retention(attempt: Attempt, mode: str | None, until: datetime | str | None) -> None:
    if (mode is None) != (until is None):
        raise attempt.refusal(
            "InvalidArgument",
            "x-amz-object-lock-retain-until-date and x-amz-object-lock-mode must both be supplied",
            rule="Object Lock: mode and date go together",
        )
    if until is not None and _as_utc(until) <= attempt.now:
        raise attempt.refusal(
            "InvalidArgument",
            "The retain until date must be in the future!",
            rule="Object Lock: retention ends in the future",
        )


def keep_versioning(attempt: Attempt) -> None:
    """Refuse to suspend versioning on a bucket with Object Lock."""
    held = store.bucket(attempt.params["Bucket"])
    status = attempt.params["VersioningConfiguration"].get("Status")
    if held is not None and held.object_lock_enabled and status == "Suspended":
        raise attempt.refusal(
            "InvalidBucketState",
            "An Object Lock configuration is present on this bucket, so the versioning state "
            "cannot be changed.",
            rule="Object Lock: versioning stays on",
        )


def keep_lock(attempt: Attempt) -> None:
    """Refuse a lock configuration that would not have the lock; it cannot be taken off again.

    Removing or changing the *default* retention is allowed by AWS and so it is here.
    """
    configuration = attempt.params.get("ObjectLockConfiguration") or {}
    if configuration.get("ObjectLockEnabled") != "Enabled":
        raise attempt.refusal(
            "MalformedXML",
            "The XML you provided was not well-formed or did not validate against our published "
            "schema",
            rule="Object Lock: it cannot be taken off",
        )
    default = configuration.get("Rule", {}).get("DefaultRetention")
    if default is not None and min(default.get("Days", 1), default.get("Years", 1)) < 1:
        raise attempt.refusal(
            "InvalidArgument",
            "Default retention period must be a positive integer value.",
            rule="Object Lock: default retention of a day or more",
        )


def retention_by_default(bucket: str, now: datetime) -> Mapping[str, Any] | None:
    """Return the ``Retention`` that ``bucket`` gives to a new object, or None.

    For multipart uploads, which moto leaves unlocked.
    """
    held = store.bucket(bucket)
    if held is None or not held.has_default_lock:
        return None
    days = (held.default_lock_days or 0) + 365 * (held.default_lock_years or 0)
    return {"Mode": held.default_lock_mode, "RetainUntilDate": now + timedelta(days=days)}


def put_configuration(attempt: Attempt) -> dict[str, Any]:
    """Set a bucket's default retention; moto does it only while the bucket is empty."""
    held = _bucket(attempt)
    if not held.is_versioned:
        raise attempt.refusal(
            "InvalidBucketState",
            "Versioning must be 'Enabled' on the bucket to apply a Object Lock configuration",
            rule="Object Lock: versioning first",
        )
    default = attempt.params["ObjectLockConfiguration"].get("Rule", {}).get("DefaultRetention", {})
    held.object_lock_enabled = True
    held.default_lock_mode = default.get("Mode")
    held.default_lock_days = default.get("Days", 0)
    held.default_lock_years = default.get("Years", 0)
    return {}


def get_retention(attempt: Attempt) -> dict[str, Any]:
    """Tell an object's retention, which moto does not."""
    _bucket(attempt)
    stored = store.stored_object(
        attempt.params["Bucket"], attempt.params["Key"], attempt.params.get("VersionId")
    )
    if stored is None:
        raise attempt.refusal(
            "NoSuchKey", "The specified key does not exist.", rule="the object exists"
        )
    if not stored.lock_mode:
        raise attempt.refusal(
            "NoSuchObjectLockConfiguration",
            "The specified object does not have a ObjectLock configuration",
            rule="the object has a retention",
        )
    return {"Retention": {"Mode": stored.lock_mode, "RetainUntilDate": _retain_until(stored)}}


def _bucket(attempt: Attempt) -> store.Moto:
    held = store.bucket(attempt.params["Bucket"])
    if held is None:
        raise attempt.refusal(
            "NoSuchBucket", "The specified bucket does not exist", rule="the bucket exists"
        )
    return held


ANSWERS: Final[Mapping[tuple[str, str], Answer]] = {
    ("s3", "PutObjectLockConfiguration"): put_configuration,
    ("s3", "GetObjectRetention"): get_retention,
}
RULES: Final[Rules] = {
    ("s3", "PutObjectRetention"): [keep_retention],
    ("s3", "PutObject"): [check_retention_header],
    ("s3", "CopyObject"): [check_retention_header],
    ("s3", "CreateMultipartUpload"): [check_retention_header],
    ("s3", "PutBucketVersioning"): [keep_versioning],
    ("s3", "PutObjectLockConfiguration"): [keep_lock],
}
