"""A locked bucket for one account's trail, for a month and only for a trial."""

import pulumi
import pulumi_aws as aws

from breakglass import LockMode, LogVault, LogVaultArgs

account = aws.get_caller_identity().account_id
recorded = "555555555555"

vault = LogVault(
    "vault",
    LogVaultArgs(
        account_id=account,
        organisation="acme",
        region="eu-west-1",
        trails=[
            {
                "arn": f"arn:aws:cloudtrail:eu-west-1:{recorded}:trail/break-glass-example",
                "owners": [recorded],
            }
        ],
        recorded_accounts=[recorded],
        recorded_regions=["eu-west-1", "us-east-1"],
        deployer_arn=f"arn:aws:iam::{account}:role/breakglass/break-glass-deployer",
        lock=LockMode.GOVERNANCE,
        days=30,
    ),
)

pulumi.export("bucketName", vault.bucket_name)
pulumi.export("table", vault.table)
