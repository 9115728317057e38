"""Where the record is kept: a locked bucket that only CloudTrail writes to, and a table over it."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import NotRequired, TypedDict

import pulumi

from breakglass import names
from breakglass._arguments import check
from breakglass._component import PACKAGE, chosen
from breakglass._locked_bucket import locked_bucket
from breakglass._trail_table import trail_table, workgroup
from breakglass.documents import vault
from breakglass.quotas import QUOTAS

DEFAULT_DAYS = 400
"""Days that a record is locked: a year to be audited, and a month to do it."""


class LockMode(StrEnum):
    """Object Lock retention mode (S3 user guide, "Locking objects with Object Lock")."""

    COMPLIANCE = "COMPLIANCE"
    """Nobody can delete or shorten, not even root; the only way out is to close the account."""
    GOVERNANCE = "GOVERNANCE"
    """A holder of s3:BypassGovernanceRetention can. For trials."""


class DeliveringTrail(TypedDict):
    """A trail that delivers into a locked bucket."""

    arn: str
    """ARN of the trail."""
    owners: Sequence[str]
    """What stands below ``AWSLogs/``: account ids, and the organisation's id for its trail."""


class LogVaultArgs(TypedDict):
    """Arguments of LogVault."""

    account_id: str
    """Account that keeps the record, twelve digits: that of the provider."""
    organisation: str
    """Short name of the organisation, part of the bucket's name."""
    region: str
    """Region of the bucket."""
    trails: Sequence[DeliveringTrail]
    """The trails that deliver here."""
    recorded_accounts: Sequence[str]
    """Account ids that the table is split by."""
    recorded_regions: Sequence[str]
    """Regions that the table is split by."""
    deployer_arn: str
    """The one role that may change the bucket's settings."""
    organization_id: NotRequired[str]
    """Id of the AWS organisation, when its trail delivers here."""
    lock: NotRequired[LockMode]
    """COMPLIANCE when omitted. It cannot be undone."""
    days: NotRequired[int]
    """Days that a record is locked; 400 when omitted."""
    reader_arns: NotRequired[Sequence[str]]
    """Roles that may read the records; nobody when omitted."""
    quotas: NotRequired[Mapping[str, int]]
    """AWS quotas that were raised for the account, by their name in ``breakglass.quotas``."""


class LogVault(pulumi.ComponentResource):
    """The vault: Object-Lock bucket, its policy, and an Athena table over the trail.

    Make it with the provider of the logging account.
    """

    bucket_name: pulumi.Output[str]
    """Name of the bucket, known once its policy lets CloudTrail write."""
    bucket_arn: pulumi.Output[str]
    """ARN of the bucket."""
    table: pulumi.Output[str]
    """``database.table`` of the trail in Athena."""

    def __init__(
        self, name: str, args: LogVaultArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__(f"{PACKAGE}:index:LogVault", name, {}, opts)
        check(LogVaultArgs, args)
        account, organisation, region = args["account_id"], args["organisation"], args["region"]
        bucket_name = names.bucket("vault", organisation, account)
        lock = chosen(LockMode, "lock", args.get("lock", LockMode.COMPLIANCE))
        quotas = QUOTAS.override(args.get("quotas", {}))

        bucket, policy = locked_bucket(
            self,
            f"{name}-bucket",
            bucket_name,
            region=region,
            mode=lock.value,
            days=args.get("days", DEFAULT_DAYS),
            policy=vault.LockedBucket(
                f"arn:aws:s3:::{bucket_name}",
                args["deployer_arn"],
                args.get("reader_arns", []),
                compliance=lock is LockMode.COMPLIANCE,
            ),
            deliveries=[vault.Delivery(trail["arn"], trail["owners"]) for trail in args["trails"]],
            quotas=quotas,
        )
        table = trail_table(
            self,
            name,
            "/".join(filter(None, (f"s3://{bucket_name}/AWSLogs", args.get("organization_id")))),
            accounts=args["recorded_accounts"],
            regions=args["recorded_regions"],
            region=region,
        )
        workgroup(self, name, names.bucket("athena-results", organisation, account), region=region)

        self.bucket_name, self.bucket_arn = policy.bucket, bucket.arn
        self.table = pulumi.Output.concat(table.database_name, ".", table.name)
        self.register_outputs(
            {"bucketName": self.bucket_name, "bucketArn": self.bucket_arn, "table": self.table}
        )
