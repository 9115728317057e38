"""What the shop is made of; nothing in it concerns the path."""

import json

import pulumi
import pulumi_aws as aws


def shop(opts: pulumi.ResourceOptions | None = None) -> None:
    """A queue of orders, a table of them, and the function between the two."""
    orders = aws.sqs.Queue("orders", opts=opts)
    table = aws.dynamodb.Table(
        "orders",
        attributes=[{"name": "id", "type": "S"}],
        hash_key="id",
        billing_mode="PAY_PER_REQUEST",
        opts=opts,
    )
    worker = aws.iam.Role(
        "orders-worker",
        assume_role_policy=json.dumps(
            {
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Effect": "Allow",
                        "Principal": {"Service": "lambda.amazonaws.com"},
                        "Action": "sts:AssumeRole",
                    }
                ],
            }
        ),
        opts=opts,
    )
    function = aws.lambda_.Function(
        "orders-worker",
        role=worker.arn,
        runtime="python3.12",
        handler="worker.handle",
        s3_bucket="harbour-releases",
        s3_key="orders-worker.zip",
        environment={"variables": {"TABLE": table.name}},
        opts=opts,
    )
    aws.lambda_.EventSourceMapping(
        "orders", event_source_arn=orders.arn, function_name=function.name, opts=opts
    )
