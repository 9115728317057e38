"""What one account sends to an existing hub."""

import pulumi
import pulumi_aws as aws

from breakglass import Forwarding, ForwardingArgs

forwarding = Forwarding(
    "forwarding",
    ForwardingArgs(
        account_id=aws.get_caller_identity().account_id,
        home_region="eu-west-1",
        regions=["eu-west-1", "us-east-1"],
        bus_arn="arn:aws:events:eu-west-1:222222222222:event-bus/break-glass-hub",
        # As given to the hub's Watch: who may break the glass pages when he signs in.
        entry_users=["ada", "grace"],
    ),
)

pulumi.export("forwarderArn", forwarding.forwarder_arn)
