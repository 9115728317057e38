"""Calls that are decided like any other and then not carried out: the emulation has no such change.

What follows from them is not modelled; that they were let through, and seen, is.
"""

from collections.abc import Mapping
from typing import Any, Final

from breakglass.errors import InvalidInput
from breakglass.proof.model import Policy
from breakglass.rehearsal.aws.attempts import Answer, Attempt

_TASKS: Final[Mapping[str, tuple[str, ...]]] = {
    "S3UnlockBucketPolicy": (
        "s3:DeleteBucketPolicy",
        "s3:GetBucketPolicy",
        "s3:ListAllMyBuckets",
        "s3:PutBucketPolicy",
    ),
    "SQSUnlockQueuePolicy": (
        "sqs:GetQueueAttributes",
        "sqs:GetQueueUrl",
        "sqs:ListQueues",
        "sqs:SetQueueAttributes",
    ),
}
"""What a root session may do, by its task (IAM user guide, "Perform a privileged task on an AWS
Organizations member account"). The other three tasks read or end root's own credentials."""


def task_policy(name: str) -> Policy:
    """The session policy of a root session. Raises InvalidInput for a task that changes nothing."""
    if name not in _TASKS:
        raise InvalidInput("task", name, f"one of {', '.join(_TASKS)}")
    allowed = {"Effect": "Allow", "Action": list(_TASKS[name]), "Resource": "*"}
    return Policy(name, {"Version": "2012-10-17", "Statement": [allowed]})


def _nothing(_: Attempt) -> dict[str, Any]:
    return {}


def _no_clusters(_: Attempt) -> dict[str, Any]:
    """Databases are not emulated: for them moto loads all of EC2, 130 MiB and 1.6 s."""
    return {"DBClusters": []}


ANSWERS: Final[Mapping[tuple[str, str], Answer]] = {
    ("account", "EnableRegion"): _nothing,
    ("cloudformation", "ActivateOrganizationsAccess"): _nothing,
    ("iam", "EnableOrganizationsRootSessions"): _nothing,
    ("kms", "ImportKeyMaterial"): _nothing,
    ("organizations", "CloseAccount"): _nothing,
    ("organizations", "RemoveAccountFromOrganization"): _nothing,
    ("rds", "DescribeDBClusters"): _no_clusters,
    ("rds", "FailoverDBCluster"): _nothing,
    ("rds", "RebootDBInstance"): _nothing,
    ("s3", "PutBucketIntelligentTieringConfiguration"): _nothing,
}
