"""A way in from IAM Identity Center, leading to one break-glass role."""

import pulumi
import pulumi_aws as aws

from breakglass import EntryRole, EntryRoleArgs, EntryRoleKind

entry = EntryRole(
    "entry-example",
    EntryRoleArgs(
        account_id=aws.get_caller_identity().account_id,
        entry="example",
        kind=EntryRoleKind.IDENTITY_CENTER,
        identity_center={
            "region": "eu-west-1",
            "permission_set": "BreakGlass",
            "people": ["ada@example.com", "grace@example.com"],
        },
        regions=["eu-west-1", "us-east-1"],
        break_glass_role_arns=[
            "arn:aws:iam::555555555555:role/breakglass/break-glass-scope-drain-queue"
        ],
    ),
)

pulumi.export("entryRoleArn", entry.role_arn)
