"""A hub that one account forwards to, with a pager and a mailbox for tickets."""

import pulumi
import pulumi_aws as aws

from breakglass import AlarmTier, Watch, WatchArgs

watch = Watch(
    "watch",
    WatchArgs(
        account_id=aws.get_caller_identity().account_id,
        region="eu-west-1",
        # The roles of Forwarding in each watched account: see examples/forwarding.
        forwarder_arns=["arn:aws:iam::555555555555:role/breakglass/break-glass-forwarder"],
        endpoints=[
            {"name": "vendor", "protocol": "https", "endpoint": "https://pager.example.com/sns"},
            {
                "name": "tickets",
                "protocol": "email",
                "endpoint": "tickets@example.com",
                "tier": AlarmTier.TICKET,
            },
        ],
        entry_users=["ada", "grace"],
    ),
)

pulumi.export("hubArn", watch.bus_arn)
pulumi.export("pagerTopicArn", watch.pager_topic_arn)
