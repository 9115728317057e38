"""A locked bucket, vault or witness: what its account's administrator must not do to it."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from breakglass.documents.statement import allow, document
from breakglass.rehearsal.attacks import belongings
from breakglass.rehearsal.attacks.attack import Act, Attack, Detected, Need, Twin
from breakglass.rehearsal.attacks.attackers import Attacker
from breakglass.rehearsal.attacks.needs import TICKETS
from breakglass.rehearsal.attacks.scene import Scene
from breakglass.rehearsal.aws.clients import Client
from breakglass.tamper import Tier


@dataclass(frozen=True, slots=True)
class Held:
    """A locked bucket, and the administrator of its account."""

    attacker: Attacker
    whose: str
    """Who attacks, as sentences begin."""
    noun: str
    """Name of the bucket in `places`."""
    thing: str
    """The bucket, as sentences end."""
    account: Callable[[Scene], str]
    bucket: Callable[[Scene], str]
    record: Callable[[Scene], tuple[str, str]]
    """Key and version of a record that lies locked there."""
    needs: tuple[Need, ...] = ()

    def s3(self, scene: Scene) -> Client:
        """The administrator's client."""
        return scene.client(scene.admin(self.account(scene)), "s3")


Change = Callable[[Client, str], object]
"""What somebody does to a bucket, by its name, with an S3 client."""

ObjectChange = Callable[[Client, Mapping[str, str]], object]
"""What somebody does to an object, by bucket, key and version."""


@dataclass(frozen=True, slots=True)
class _Weakening:
    """One way to weaken a bucket."""

    name: str
    title: str
    change: Change
    refused_by: str = "OnlyTheDeployerSetsUp"
    locked: bool = False
    """Whether it needs a bucket with a lock."""


def attacks_on(held: Held) -> tuple[Attack, ...]:
    """Every attack on the records and the settings of one locked bucket."""
    return (*_on_records(held), *(_weakened(held, one) for one in _WEAKENINGS), *_ends(held))


def _attack(  # noqa: PLR0913, PLR0917 - an attack has these parts
    held: Held, name: str, title: str, attempt: Act, by: str, twin: Twin
) -> Attack:
    return Attack(
        f"{held.attacker}-{name}",
        f"{held.whose} {title.format(thing=held.thing)}",
        held.attacker,
        attempt,
        f"policy of {{{held.noun}}}#{by}",
        twin,
        held.needs,
    )


# --- settings ----------------------------------------------------------------------------------


def set_lock(s3: Client, bucket: str, **rule: Mapping[str, Any]) -> None:
    """Put a lock on what comes from now on; without a rule it locks nothing."""
    lock = {"ObjectLockEnabled": "Enabled", **rule}
    s3.put_object_lock_configuration(Bucket=bucket, ObjectLockConfiguration=lock)


def letting_everybody_in(bucket: str) -> str:
    """A policy that allows everybody everything."""
    place = [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"]
    return json.dumps(document(allow("Everybody", "s3:*", place, principal="*")))


def _set_lifecycle(s3: Client, bucket: str) -> None:
    expiry = {"ID": "a", "Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": 1}}
    s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": [expiry]})


def _set_encryption(s3: Client, bucket: str) -> None:
    key = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": "alias/doomed"}
    rules = [{"ApplyServerSideEncryptionByDefault": key}]
    s3.put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration={"Rules": rules})


def _set_notification(s3: Client, bucket: str) -> None:
    s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration={})


def _suspend(s3: Client, bucket: str) -> None:
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Suspended"})


def _replace_policy(s3: Client, bucket: str) -> None:
    s3.put_bucket_policy(Bucket=bucket, Policy=letting_everybody_in(bucket))


def _own_objects(s3: Client, bucket: str) -> None:
    owned = {"Rules": [{"ObjectOwnership": "ObjectWriter"}]}
    s3.put_bucket_ownership_controls(Bucket=bucket, OwnershipControls=owned)


def _tag(s3: Client, bucket: str) -> None:
    s3.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": [{"Key": "a", "Value": "b"}]})


def _list_elsewhere(s3: Client, bucket: str) -> None:
    """Have a daily list of the records written into a bucket of somebody's own."""
    elsewhere = {"Bucket": "arn:aws:s3:::elsewhere", "Format": "CSV"}
    listing = {
        "Id": "a",
        "IsEnabled": True,
        "IncludedObjectVersions": "All",
        "Schedule": {"Frequency": "Daily"},
        "Destination": {"S3BucketDestination": elsewhere},
    }
    s3.put_bucket_inventory_configuration(Bucket=bucket, Id="a", InventoryConfiguration=listing)


def _tier(s3: Client, bucket: str) -> None:
    """Have records archived where a query does not find them."""
    archived = {"Days": 90, "AccessTier": "ARCHIVE_ACCESS"}
    tiering = {"Id": "a", "Status": "Enabled", "Tierings": [archived]}
    s3.put_bucket_intelligent_tiering_configuration(
        Bucket=bucket, Id="a", IntelligentTieringConfiguration=tiering
    )


_WEAKENINGS: Final = (
    _Weakening(
        "takes-no-default-lock-off",
        "takes the default retention off {thing}",
        set_lock,
        locked=True,
    ),
    _Weakening("suspends-no-versioning", "suspends the versions of {thing}", _suspend),
    _Weakening(
        "drops-no-policy",
        "drops the policy of {thing}",
        lambda s3, bucket: s3.delete_bucket_policy(Bucket=bucket),
        "{dropping}",
    ),
    _Weakening(
        "replaces-no-policy",
        "gives {thing} a policy that lets everybody in",
        _replace_policy,
    ),
    _Weakening("expires-no-record", "lets the records of {thing} expire", _set_lifecycle),
    _Weakening(
        "encrypts-with-no-key-of-his",
        "has new records of {thing} encrypted with a key that he can end",
        _set_encryption,
    ),
    _Weakening(
        "turns-no-notification-off", "turns the notifications of {thing} off", _set_notification
    ),
    _Weakening(
        "opens-no-bucket",
        "takes the block of public access off {thing}",
        lambda s3, bucket: s3.delete_public_access_block(Bucket=bucket),
    ),
    _Weakening("owns-no-record", "has lists of access count again in {thing}", _own_objects),
    _Weakening(
        "lists-no-record-elsewhere", "has a list of what is in {thing} sent out", _list_elsewhere
    ),
    _Weakening(
        "archives-no-record", "has records of {thing} archived, where no query finds them", _tier
    ),
    _Weakening("tags-no-bucket", "puts tags on {thing}, which another policy may believe", _tag),
)


def _weakened(held: Held, weakening: _Weakening) -> Attack:
    """The administrator changes the locked bucket; his own he may change."""

    def attempt(scene: Scene) -> None:
        weakening.change(held.s3(scene), held.bucket(scene))

    def twin(scene: Scene) -> None:
        own = belongings.kept_bucket(scene, held.account(scene), locked=weakening.locked)
        weakening.change(held.s3(scene), own)

    legitimate = Twin("The same administrator does it to a bucket of the account's own", twin)
    return _attack(held, weakening.name, weakening.title, attempt, weakening.refused_by, legitimate)


def _ends(held: Held) -> tuple[Attack, ...]:
    """What ends the bucket, or has its records elsewhere."""

    def delete(scene: Scene) -> None:
        held.s3(scene).delete_bucket(Bucket=held.bucket(scene))

    def delete_own(scene: Scene) -> None:
        with belongings.empty_bucket(scene, held.account(scene)) as own:
            held.s3(scene).delete_bucket(Bucket=own)

    def replicate(scene: Scene, bucket: str) -> None:
        copy = {"Bucket": f"arn:aws:s3:::{bucket}-elsewhere"}
        rule = {"Status": "Enabled", "Prefix": "", "Destination": copy}
        role = scene.admin(held.account(scene)).principal.arn
        held.s3(scene).put_bucket_replication(
            Bucket=bucket, ReplicationConfiguration={"Role": role, "Rules": [rule]}
        )

    def replicate_own(scene: Scene) -> None:
        replicate(scene, belongings.kept_bucket(scene, held.account(scene), locked=True))

    def open_a_door(scene: Scene) -> None:
        account = held.account(scene)
        control, by_hand = (
            scene.client(scene.admin(account), "s3control"),
            scene.hand(account, "s3control"),
        )
        scene.afterwards(by_hand.delete_access_point, AccountId=account, Name="door")
        control.create_access_point(AccountId=account, Name="door", Bucket=held.bucket(scene))

    setting_up = "OnlyTheDeployerSetsUp"
    return (
        _attack(
            held,
            "deletes-no-bucket",
            "deletes {thing}, which S3 keeps too while it holds a record",
            delete,
            setting_up,
            Twin("The same administrator deletes an empty bucket of his own", delete_own),
        ),
        _attack(
            held,
            "replicates-nothing-out",
            "has every record of {thing} copied elsewhere",
            lambda scene: replicate(scene, held.bucket(scene)),
            setting_up,
            Twin("The same administrator has his own bucket copied", replicate_own),
        ),
        Attack(
            f"{held.attacker}-opens-a-door",
            f"{held.whose} makes an access point to {held.thing}",
            held.attacker,
            open_a_door,
            Detected(
                "IAM decides it by the access point's own name; whoever comes through is held by"
                " the bucket's policy.",
                Tier.TICKET,
            ),
            Twin("The same administrator copies his own bucket", replicate_own),
            (TICKETS, *held.needs),
        ),
    )


# --- records -----------------------------------------------------------------------------------


def _until(**time: int) -> datetime:
    return datetime.now(UTC) + timedelta(**time)


def _hold(s3: Client, place: Mapping[str, str]) -> None:
    s3.put_object_legal_hold(**place, LegalHold={"Status": "OFF"})


def _show(s3: Client, place: Mapping[str, str]) -> None:
    s3.put_object_acl(**place, ACL="public-read")


def _tag_object(s3: Client, place: Mapping[str, str]) -> None:
    s3.put_object_tagging(**place, Tagging={"TagSet": [{"Key": "a", "Value": "b"}]})


_CHANGES: Final = (
    ("takes-no-hold-off", "takes a legal hold off a record in {thing}", _hold),
    ("shows-no-record", "lets everybody read a record in {thing} by its access list", _show),
    ("tags-no-record", "puts tags on a record in {thing}, which a lifecycle may read", _tag_object),
)
"""What else could be done to a record: name, title and change."""


def _changed(held: Held, change: ObjectChange) -> tuple[Act, Twin]:
    """Do it to a record; the administrator may do it to an object of his own."""

    def attempt(scene: Scene) -> None:
        key, version = held.record(scene)
        place = {"Bucket": held.bucket(scene), "Key": key, "VersionId": version}
        change(held.s3(scene), place)

    def twin(scene: Scene) -> None:
        own = belongings.kept_bucket(scene, held.account(scene), locked=True)
        change(held.s3(scene), {"Bucket": own, "Key": "file"})

    return attempt, Twin("The same administrator does it to an object of his own", twin)


def _on_records(held: Held) -> tuple[Attack, ...]:
    """What hides, removes or unlocks a record."""

    def delete(scene: Scene, **given: bool) -> None:
        key, version = held.record(scene)
        held.s3(scene).delete_object(Bucket=held.bucket(scene), Key=key, VersionId=version, **given)

    def delete_own(scene: Scene, *, locked: bool = False, **given: bool) -> None:
        own = belongings.version(scene, held.account(scene), locked=locked)
        held.s3(scene).delete_object(**own, **given)

    def hide(scene: Scene) -> None:
        key, _ = held.record(scene)
        held.s3(scene).delete_object(Bucket=held.bucket(scene), Key=key)

    def hide_own(scene: Scene) -> None:
        with belongings.bucket(scene, held.account(scene)) as own:
            held.s3(scene).delete_object(Bucket=own, Key="file")

    def shorten(scene: Scene) -> None:
        key, version = held.record(scene)
        held.s3(scene).put_object_retention(
            Bucket=held.bucket(scene),
            Key=key,
            VersionId=version,
            Retention={"Mode": "COMPLIANCE", "RetainUntilDate": _until(hours=1)},
        )

    def lengthen_own(scene: Scene) -> None:
        own = belongings.kept_bucket(scene, held.account(scene), locked=True)
        retention = {"Mode": "GOVERNANCE", "RetainUntilDate": _until(days=2)}
        held.s3(scene).put_object_retention(Bucket=own, Key="file", Retention=retention)

    def on_record(
        name: str,
        title: str,
        attempt: Act,
        legitimate: Twin,
        by: str = "NobodyDeletes",
    ) -> Attack:
        return _attack(held, name, title, attempt, by, legitimate)

    return (
        on_record(
            "deletes-no-version-of-a-record",
            "deletes a record's version in {thing}",
            delete,
            Twin(
                "The same administrator deletes a version in a bucket of the account's own",
                delete_own,
            ),
        ),
        on_record(
            "hides-no-record-behind-a-delete-marker",
            "hides a record of {thing} behind a delete marker",
            hide,
            Twin(
                "The same administrator hides an object of the account's own",
                hide_own,
            ),
        ),
        on_record(
            "bypasses-no-retention",
            "deletes a record of {thing} with the bypass of GOVERNANCE",
            lambda scene: delete(scene, BypassGovernanceRetention=True),
            Twin(
                "The same administrator bypasses the lock of the account's own bucket",
                lambda scene: delete_own(scene, locked=True, BypassGovernanceRetention=True),
            ),
        ),
        on_record(
            "shortens-no-retention",
            "shortens the retention of a record in {thing}",
            shorten,
            Twin(
                "The same administrator lengthens the retention of his own object",
                lengthen_own,
            ),
            "OnlyCloudTrailWrites",
        ),
        *(
            on_record(name, title, *_changed(held, change), "OnlyCloudTrailWrites")
            for name, title, change in _CHANGES
        ),
    )
