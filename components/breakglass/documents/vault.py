"""Bucket policies of the locked buckets: CloudTrail writes, nobody else does, nobody weakens.

Vault and witness are the same kind of bucket with other trails.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from breakglass.documents.statement import Document, Statement, allow, deny, document, tls_only

CLOUDTRAIL = "cloudtrail.amazonaws.com"

DELETIONS = ("s3:BypassGovernanceRetention", "s3:DeleteObject*")
"""What would take a record away or shorten its lock. Nobody may, no AWS service either."""

WRITES = (
    "s3:AbortMultipartUpload",
    "s3:ObjectOwnerOverrideToBucketOwner",
    "s3:PutObject*",
    "s3:Replicate*",
    "s3:RestoreObject",
    "s3:UpdateObject*",
)
"""What would add or change a record. CloudTrail alone may, and it only adds."""

RECORD_CHANGES = (*DELETIONS, *WRITES)
"""What would add, change, hide or shorten a record."""

WEAKENINGS = (
    "s3:CreateAccessPoint*",
    "s3:CreateBucketMetadata*",
    "s3:DeleteBucket",
    "s3:DeleteBucketWebsite",
    "s3:PutAccelerateConfiguration",
    "s3:PutAccessPointPolicy*",
    "s3:PutAnalyticsConfiguration",
    "s3:PutBucket*",
    "s3:PutEncryptionConfiguration",
    "s3:PutIntelligentTieringConfiguration",
    "s3:PutInventoryConfiguration",
    "s3:PutLifecycleConfiguration",
    "s3:PutMetricsConfiguration",
    "s3:PutReplicationConfiguration",
)
"""What would weaken, re-aim, re-tier or copy the bucket. Only the deployer may, and it pages."""

IRREVERSIBLE = (
    "s3:DeleteBucketPolicy",
    "s3:PutBucketObjectLockConfiguration",
    "s3:PutBucketVersioning",
)
"""What takes the lock off future records. In a COMPLIANCE vault the deployer may not either."""


@dataclass(frozen=True, slots=True)
class LockedBucket:
    """The bucket whose policy this is."""

    arn: str
    deployer_arn: str
    """The one role that may change the bucket's settings."""
    reader_arns: Sequence[str]
    """Roles that may read the records: auditors, sweep, digest check, Athena."""
    compliance: bool
    """Whether even the deployer is kept from the irreversible calls."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """A trail that delivers here, and the prefixes that it writes under."""

    trail_arn: str
    owners: Sequence[str]
    """Account ids, and the organisation's id for an organisation trail, below ``AWSLogs/``."""


def locked_bucket(bucket: LockedBucket, deliveries: Sequence[Delivery]) -> Document:
    """The policy of vault or witness.

    CloudTrail's part is AWS's own (CloudTrail user guide, "Amazon S3 bucket policy for
    CloudTrail"), with ``aws:SourceArn`` so that no other account's trail can write here. A service
    principal is told from everybody else by ``aws:PrincipalIsAWSService``, which a request without
    credentials does not have: so ``BoolIfExists``, or the Deny would spare it. ``NotPrincipal`` is
    not used.
    """
    return document(
        *_cloudtrail_delivers(bucket.arn, deliveries),
        tls_only("s3:*", [bucket.arn, f"{bucket.arn}/*"]),
        deny(
            "OnlyCloudTrailWrites",
            WRITES,
            f"{bucket.arn}/*",
            principal="*",
            when={"BoolIfExists": {"aws:PrincipalIsAWSService": "false"}},
        ),
        deny(
            "NobodyDeletes",
            DELETIONS,
            f"{bucket.arn}/*",
            principal="*",
        ),
        deny(
            "OnlyTheDeployerSetsUp",
            WEAKENINGS,
            bucket.arn,
            principal="*",
            when={"ArnNotEquals": {"aws:PrincipalArn": bucket.deployer_arn}},
        ),
        *_irreversible(bucket),
        *_readers(bucket),
    )


def _cloudtrail_delivers(arn: str, deliveries: Sequence[Delivery]) -> list[Statement]:
    trails = {"StringEquals": {"aws:SourceArn": [delivery.trail_arn for delivery in deliveries]}}
    prefixes = dict.fromkeys(
        f"{arn}/AWSLogs/{owner}/*" for delivery in deliveries for owner in delivery.owners
    )
    service = {"Service": CLOUDTRAIL}
    acl = {"s3:x-amz-acl": "bucket-owner-full-control"}
    return [
        allow("CloudTrailLooksAtTheAcl", "s3:GetBucketAcl", arn, principal=service, when=trails),
        allow(
            "CloudTrailDelivers",
            "s3:PutObject",
            list(prefixes),
            principal=service,
            when={"StringEquals": {**trails["StringEquals"], **acl}},
        ),
    ]


def _irreversible(bucket: LockedBucket) -> list[Statement]:
    if not bucket.compliance:  # the rest is among the weakenings, which the deployer may
        exempt = {"ArnNotEquals": {"aws:PrincipalArn": bucket.deployer_arn}}
        drops = "s3:DeleteBucketPolicy"
        return [deny("OnlyTheDeployerUnlocks", drops, bucket.arn, principal="*", when=exempt)]
    return [deny("NobodyUnlocks", IRREVERSIBLE, bucket.arn, principal="*")]


READS = ("s3:GetObject", "s3:GetObjectRetention", "s3:GetObjectVersion")
"""What shows a record.

Versions too: a delete marker or a new version on an old key hides the record from a plain read (S3
user guide, "Managing Object Lock").
"""

LISTINGS = ("s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketVersions")
"""What shows which records there are."""


def _readers(bucket: LockedBucket) -> list[Statement]:
    """The listed roles read, in whatever account they are, and nobody else.

    They are let in through their accounts, by ARN in a condition: S3 refuses a policy whose
    principal does not exist yet, and the witness' role comes after the vault.
    """
    arns = list(bucket.reader_arns)
    others: dict[str, dict[str, str | list[str]]] = {
        "BoolIfExists": {"aws:PrincipalIsAWSService": "false"}
    }
    if arns:
        others["ArnNotEquals"] = {"aws:PrincipalArn": arns}
    only = deny("OnlyReadersRead", "s3:GetObject*", f"{bucket.arn}/*", principal="*", when=others)
    if not arns:
        return [only]
    accounts = dict.fromkeys(arn.split(":")[4] for arn in arns)
    through = {"AWS": [f"arn:aws:iam::{account}:root" for account in accounts]}
    by_name = {"ArnEquals": {"aws:PrincipalArn": arns}}
    return [
        allow("ReadersRead", READS, f"{bucket.arn}/*", principal=through, when=by_name),
        allow("ReadersList", LISTINGS, bucket.arn, principal=through, when=by_name),
        only,
    ]


def results_bucket(arn: str) -> Document:
    """The policy of the bucket for Athena's results: not a record, so only TLS is demanded."""
    return document(tls_only("s3:*", [arn, f"{arn}/*"]))


def read_records(bucket_arn: str) -> Document:
    """What a reader of a locked bucket may do: list records, and read every version of them."""
    return document(
        allow("ReadRecords", READS, f"{bucket_arn}/*"),
        allow("ListRecords", LISTINGS, bucket_arn),
    )
