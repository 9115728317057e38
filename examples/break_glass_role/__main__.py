"""A role for one runbook: empty the queues of an application while an incident is open."""

import pulumi
import pulumi_aws as aws

from breakglass import BreakGlassRole, BreakGlassRoleArgs

role = BreakGlassRole(
    "drain-queue",
    BreakGlassRoleArgs(
        account_id=aws.get_caller_identity().account_id,
        scope="drain-queue",
        grants=[
            {
                "actions": ["sqs:PurgeQueue", "sqs:GetQueueAttributes", "sqs:GetQueueUrl"],
                "resources": ["arn:aws:sqs:*:{account}:orders-*"],
            }
        ],
        # IAM refuses a role that does not exist yet: make the entry role first.
        entry_role_arns=["arn:aws:iam::444444444444:role/breakglass/break-glass-entry-example"],
        regions=["eu-west-1", "us-east-1"],
        severities=["SEV1"],
    ),
)

pulumi.export("roleArn", role.role_arn)
pulumi.export("boundaryArn", role.boundary_arn)
