"""Where the programs put what they make: three accounts, one region."""

import pulumi
import pulumi_aws as aws

MANAGEMENT, LOGGING, WITNESS, WORK = "111111111111", "222222222222", "333333333333", "555555555555"
HOME = "us-east-1"
REGIONS = [HOME]


def deployer(account: str) -> str:
    """The role as which a program is applied."""
    return f"arn:aws:iam::{account}:role/breakglass/break-glass-deployer"


def of(account: str) -> pulumi.ResourceOptions:
    """In an account, as its deployer."""
    provider = aws.Provider(
        f"in-{account}",
        region=HOME,
        assume_roles=[aws.ProviderAssumeRoleArgs(role_arn=deployer(account))],
    )
    return pulumi.ResourceOptions(provider=provider)
