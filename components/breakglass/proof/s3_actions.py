"""The S3 actions that write, change, delete or weaken: those of the dated action catalogue."""

import re
from functools import cache

from breakglass import actions
from breakglass.actions import AccessLevel

_ELSEWHERE = re.compile(
    "AccessGrant|AccessPoint|AccountPublicAccessBlock|CreateBucket$|Job|MultiRegion|StorageLens"
)
"""Actions whose resource is another one than the bucket (Service Authorization Reference, S3)."""

_SECOND_WAY = re.compile("s3:(CreateAccessPoint|PutAccessPointPolicy)")
"""Of these, what opens another way to the bucket: refused wherever the bucket is named."""

_HARMLESS = re.compile(
    "(Delete|Update)BucketMetadata|(Initiate|Pause)Replication|TagResource|UntagResource"
)
"""Changes of tables of metadata beside the records; replication, whose configuration is refused;
bucket tags, which no policy of the kit reads."""

_ON_OBJECTS = re.compile(
    "AbortMultipart|BypassGovernance|Object(?!LockConfig|Lambda)|Replicate[A-Z]"
)


@cache
def writes() -> tuple[str, ...]:
    """Every S3 action that is no read: access levels Write, Permissions management, Tagging."""
    reads = (AccessLevel.READ, AccessLevel.LIST)
    found = actions.of_service("s3")
    return tuple(sorted(a for a in found if actions.access_level(a) not in reads))


@cache
def writes_to_objects() -> tuple[str, ...]:
    """Those of `writes` that act on objects."""
    return tuple(action for action in writes() if _ON_OBJECTS.search(action))


@cache
def writes_to_buckets() -> tuple[str, ...]:
    """All others of `writes`."""
    return tuple(action for action in writes() if not _ON_OBJECTS.search(action))


@cache
def changes_of_objects() -> tuple[str, ...]:
    """Those that change a record or what guards it."""
    return tuple(filter(_counts, writes_to_objects()))


@cache
def changes_of_buckets() -> tuple[str, ...]:
    """Those that change a bucket or what guards it."""
    return tuple(filter(_counts, writes_to_buckets()))


def _counts(action: str) -> bool:
    elsewhere = _ELSEWHERE.search(action) or _HARMLESS.search(action)
    return bool(_SECOND_WAY.match(action)) or not elsewhere


@cache
def reads() -> tuple[str, ...]:
    """Every S3 action that shows or lists something."""
    changing = frozenset(writes())
    return tuple(action for action in all_of_them() if action not in changing)


@cache
def reads_of_objects() -> tuple[str, ...]:
    """Every S3 action that shows an object, a version of it, or what is said of it."""
    found = actions.of_service("s3")
    return tuple(sorted(action for action in found if action.startswith("s3:GetObject")))


@cache
def deletions() -> tuple[str, ...]:
    """What takes an object away, or its lock."""
    gone = re.compile("s3:(BypassGovernanceRetention|DeleteObject)")
    return tuple(action for action in writes_to_objects() if gone.match(action))


@cache
def all_of_them() -> tuple[str, ...]:
    """Every S3 action."""
    return tuple(sorted(actions.of_service("s3")))
