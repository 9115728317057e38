"""What every bucket of the kit has: it is closed to the public, without ACLs, under S3's own key.

And nothing of it is set in the bucket itself, where the provider takes the settings of old.
"""

from typing import Final

from breakglass.proof.finding import Examination
from breakglass.proof.graph import Graph, Resource

_BLOCKS: Final = (
    "blockPublicAcls",
    "blockPublicPolicy",
    "ignorePublicAcls",
    "restrictPublicBuckets",
)
_MOVING: Final = (
    "bucketIntelligentTieringConfiguration:BucketIntelligentTieringConfiguration",
    "bucketLifecycleConfiguration:BucketLifecycleConfiguration",
)
"""What would expire or re-tier objects."""

_OPENING: Final = ("bucketAcl:BucketAcl", "bucketReplicationConfig:BucketReplicationConfig")
"""What would show or copy them to somebody else."""

_IN_ITSELF: Final = (
    "acl",
    "grants",
    "lifecycleRules",
    "objectLockConfiguration",
    "policy",
    "replicationConfiguration",
    "serverSideEncryptionConfiguration",
    "versioning",
    "website",
)
"""Settings of old (Pulumi registry, ``aws.s3.Bucket``): each overrules the resource of its own."""


NOTIFICATION: Final = "aws:s3/bucketNotification:BucketNotification"
_DESTINATIONS: Final = (
    ("lambdaFunctions", "lambdaFunctionArn"),
    ("queues", "queueArn"),
    ("topics", "topicArn"),
)


def _told(notification: Resource) -> set[str]:
    """The accounts that a bucket's notifications go to."""
    return {
        str(one.get(arn)).split(":")[4]
        for many, arn in _DESTINATIONS
        for one in notification.get(many) or ()
    }


def only(look: Examination, graph: Graph, kind: str, bucket: str) -> Resource | None:
    """The one resource of a kind that sets a bucket up."""
    found = list(graph.of(f"aws:s3/{kind}", bucket=bucket))
    one = look.must(len(found) == 1, f"{bucket} has {len(found)} of {kind.partition(':')[2]}")
    return found[0] if one else None


def must_stay(look: Examination, graph: Graph, bucket: Resource) -> None:
    """Demand that nothing expires or moves what is in a bucket."""
    for kind in _MOVING:
        for one in graph.of(f"aws:s3/{kind}", bucket=bucket.get("bucket")):
            look.must(False, "Objects expire or move", one)  # noqa: FBT003 - that it is there is the fault
    look.must(not bucket.get("forceDestroy"), "The bucket is destroyed with its records", bucket)


def must_be_closed(look: Examination, graph: Graph, bucket: Resource) -> None:
    """Demand that a bucket is closed to the public, without ACLs, under S3's own key."""
    name = str(bucket.get("bucket"))
    # what a program without settings sets in the old way is read as if it were set in the new one
    for setting in () if graph.facts.lacks else _IN_ITSELF:
        look.must(not bucket.get(setting), f"{setting} is set in the bucket itself", bucket)
    for kind in _OPENING:
        for one in graph.of(f"aws:s3/{kind}", bucket=name):
            look.must(False, "Objects are shown or copied to somebody else", one)  # noqa: FBT003 - likewise
    for one in graph.of(NOTIFICATION, bucket=name):
        strangers = sorted(
            account for account in _told(one) if graph.facts.account(account) is None
        )
        look.must(not strangers, f"{', '.join(strangers)} hears of every object", one)
    block = only(look, graph, "bucketPublicAccessBlock:BucketPublicAccessBlock", name)
    for setting in _BLOCKS if block else ():
        look.must(block and block.get(setting) is True, f"{setting} is not set", block)
    owner = only(look, graph, "bucketOwnershipControls:BucketOwnershipControls", name)
    if owner:
        enforced = owner.get("rule", "objectOwnership") == "BucketOwnerEnforced"
        look.must(enforced, "ACLs can give objects away", owner)
    sealed = only(
        look,
        graph,
        "bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
        name,
    )
    rules = (sealed.get("rules") or ()) if sealed else ()
    for rule in rules:
        by_default = rule.get("applyServerSideEncryptionByDefault") or {}
        own = by_default.get("sseAlgorithm") == "AES256" and not by_default.get("kmsMasterKeyId")
        look.must(own, "Objects are sealed with a key that somebody can disable", sealed)
    look.must(rules, f"{name} says nothing of encryption")
