"""A second keeper for a record that another account keeps already."""

import pulumi
import pulumi_aws as aws

from breakglass import LockMode, Witness, WitnessArgs

account = aws.get_caller_identity().account_id
recorded = "555555555555"

witness = Witness(
    "witness",
    WitnessArgs(
        account_id=account,
        organisation="acme",
        region="eu-west-1",
        trails=[
            {
                "arn": f"arn:aws:cloudtrail:eu-west-1:{recorded}:trail/break-glass-witness",
                "owners": [recorded],
            }
        ],
        vault_arn="arn:aws:s3:::break-glass-vault-acme-222222222222",
        deployer_arn=f"arn:aws:iam::{account}:role/breakglass/break-glass-deployer",
        lock=LockMode.GOVERNANCE,
        days=30,
    ),
)

pulumi.export("bucketName", witness.bucket_name)
pulumi.export("pullRoleArn", witness.pull_role_arn)
