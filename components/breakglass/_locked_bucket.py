"""The locked bucket that vault and witness both are."""

from collections.abc import Sequence

import pulumi
from pulumi_aws import s3

from breakglass._component import child_of, rendered
from breakglass.documents import vault
from breakglass.quotas import Quota, Quotas


def locked_bucket(  # noqa: PLR0913 - one argument for each thing that a bucket's record depends on
    parent: pulumi.Resource,
    name: str,
    bucket_name: str,
    *,
    region: str,
    mode: str,
    days: int,
    policy: vault.LockedBucket,
    deliveries: Sequence[vault.Delivery],
    quotas: Quotas,
) -> tuple[s3.Bucket, s3.BucketPolicy]:
    """Make the bucket, lock it, close it, and only then write the policy that lets nobody open it.

    Encrypted with S3's own key: a KMS key would be a kill switch, since whoever disables it stops
    delivery, and whoever deletes it shreds what the lock keeps.
    """
    bucket = s3.Bucket(
        name,
        bucket=bucket_name,
        object_lock_enabled=True,
        region=region,
        opts=child_of(parent, protect=True),
    )
    versioning = s3.BucketVersioning(
        f"{name}-versioning",
        bucket=bucket.id,
        versioning_configuration=s3.BucketVersioningVersioningConfigurationArgs(status="Enabled"),
        region=region,
        opts=child_of(parent, protect=True),
    )
    lock = s3.BucketObjectLockConfiguration(
        f"{name}-lock",
        bucket=bucket.id,
        rule=s3.BucketObjectLockConfigurationRuleArgs(
            default_retention=s3.BucketObjectLockConfigurationRuleDefaultRetentionArgs(
                mode=mode, days=days
            )
        ),
        region=region,
        opts=child_of(parent, after=[versioning], protect=True),
    )
    closed = close_bucket(parent, name, bucket, region=region)
    bucket_policy = s3.BucketPolicy(
        f"{name}-policy",
        bucket=bucket.id,
        policy=rendered(
            vault.locked_bucket(policy, deliveries),
            Quota.BUCKET_POLICY,
            f"policy of {bucket_name}",
            quotas,
        ),
        region=region,
        opts=child_of(parent, after=[lock, *closed], protect=True),
    )
    return bucket, bucket_policy


def close_bucket(
    parent: pulumi.Resource, name: str, bucket: s3.Bucket, *, region: str
) -> list[pulumi.Resource]:
    """No public access, no ACLs, encrypted with S3's own key."""
    return [
        s3.BucketPublicAccessBlock(
            f"{name}-private",
            bucket=bucket.id,
            block_public_acls=True,
            block_public_policy=True,
            ignore_public_acls=True,
            restrict_public_buckets=True,
            region=region,
            opts=child_of(parent),
        ),
        s3.BucketOwnershipControls(
            f"{name}-ownership",
            bucket=bucket.id,
            rule=s3.BucketOwnershipControlsRuleArgs(object_ownership="BucketOwnerEnforced"),
            region=region,
            opts=child_of(parent),
        ),
        s3.BucketServerSideEncryptionConfiguration(
            f"{name}-encryption",
            bucket=bucket.id,
            rules=[
                s3.BucketServerSideEncryptionConfigurationRuleArgs(
                    apply_server_side_encryption_by_default=s3.BucketServerSideEncryptionConfigurationRuleApplyServerSideEncryptionByDefaultArgs(
                        sse_algorithm="AES256"
                    )
                )
            ],
            region=region,
            opts=child_of(parent),
        ),
    ]
