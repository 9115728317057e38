"""``breakglass check`` of a program that is not the kit's, with 200 resources.

What counts is the processor time of the command and of the process in which it runs the program,
without what a process takes that does nothing but import Pulumi and the program's packages.
"""

import textwrap
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from breakglass.rehearsal.garbage import OBJECTS_BEFORE_COLLECTION
from tests.bench.figure import Figure
from tests.bench.process import python

RESOURCES: Final = 200
RUNS: Final = 3
FALLS_SHORT: Final = 1

IMPORTS: Final = textwrap.dedent("""
    import json
    import pulumi
    import pulumi_aws as aws
    for service in ("cloudtrail", "cloudwatch", "ec2", "iam", "s3", "sns", "sqs"):
        getattr(aws, service).__name__
    aws.Provider, aws.s3.Bucket, aws.s3.BucketPolicy, aws.cloudtrail.Trail, aws.iam.Role
    aws.iam.RolePolicy, aws.sqs.Queue, aws.sqs.QueuePolicy, aws.cloudwatch.EventRule
    aws.cloudwatch.EventTarget, aws.sns.Topic, aws.ec2.Vpc, aws.ec2.Subnet
    import pulumi.runtime.stack
""")

PROGRAM: Final = IMPORTS + textwrap.dedent(f"""
    account = aws.get_caller_identity().account_id

    def policy(service, action, resource):
        principal = {{"Service": f"{{service}}.amazonaws.com"}}
        return pulumi.Output.json_dumps({{"Version": "2012-10-17", "Statement": [
            {{"Effect": "Allow", "Principal": principal, "Action": action, "Resource": resource}}
        ]}})

    logs = aws.s3.Bucket("logs", object_lock_enabled=True)
    aws.s3.BucketPolicy("logs", bucket=logs.id, policy=policy("cloudtrail", "s3:PutObject", "*"))
    aws.cloudtrail.Trail("trail", s3_bucket_name=logs.id)
    topic = aws.sns.Topic("alarms")
    rule = aws.cloudwatch.EventRule("stopped", event_pattern=json.dumps(
        {{"source": ["aws.cloudtrail"], "detail-type": ["AWS API Call via CloudTrail"]}}))
    aws.cloudwatch.EventTarget("page", rule=rule.name, arn=topic.arn)
    trusted = policy("ec2", "sts:AssumeRole", None)
    network = aws.ec2.Vpc("network", cidr_block="10.0.0.0/16")
    count = 7
    while count < {RESOURCES}:
        name = f"app-{{count}}"
        queue = aws.sqs.Queue(name)
        aws.sqs.QueuePolicy(name, queue_url=queue.url,
                            policy=policy("events", "sqs:SendMessage", queue.arn))
        role = aws.iam.Role(name, path="/break-glass/" if count < 20 else "/",
                            assume_role_policy=trusted)
        aws.iam.RolePolicy(name, role=role.id, policy=policy("ec2", "s3:GetObject", queue.arn))
        aws.ec2.Subnet(name, vpc_id=network.id, cidr_block="10.0.1.0/24")
        count += 5
""")

RARELY_COLLECTED: Final = f"import gc\ngc.set_threshold({OBJECTS_BEFORE_COLLECTION})\n"
"""As the command has it: to look for garbage less often makes the imports cheaper too."""


def measure() -> Iterator[Figure]:
    """The best of some runs, each in a fresh process."""
    with TemporaryDirectory() as folder:
        home = Path(folder)
        (home / "Pulumi.yaml").write_text("name: shop\nruntime: python\n", encoding="utf-8")
        (home / "__main__.py").write_text(PROGRAM, encoding="utf-8")
        check = ("-m", "breakglass.cli", "check", "--program", folder, "--stack", "prod")
        whole = [python(*check, accepted=(FALLS_SHORT,)) for _ in range(RUNS)]
        imports = [python("-c", RARELY_COLLECTED + IMPORTS) for _ in range(RUNS)]
    spent = min(run.cpu_seconds for run in whole)
    beyond = spent - min(run.cpu_seconds for run in imports)
    yield Figure(f"check {RESOURCES} resources, on a processor", beyond, "s", at_most=3)
    yield Figure("with all imports, on a processor", spent, "s")
    yield Figure("with all imports, as one waits", min(run.seconds for run in whole), "s")
    yield Figure("peak memory of one of its processes", max(run.peak_mib for run in whole), "MiB")
