"""The vault: nobody writes, hides, shortens or weakens what CloudTrail has delivered."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from breakglass import names
from breakglass.proof.model import Layer
from breakglass.rehearsal.attacks import belongings
from breakglass.rehearsal.attacks.attack import Attack, Twin
from breakglass.rehearsal.attacks.attackers import Attacker
from breakglass.rehearsal.attacks.needs import COMPLIANCE, ORGANIZATIONS, PRODUCTION
from breakglass.rehearsal.attacks.refused import unallowed
from breakglass.rehearsal.attacks.scene import OUTSIDER, Scene, in_the_clear
from breakglass.rehearsal.aws.clients import Client
from breakglass.settings import AccountRole

_POLICY: Final = "policy of {vault}"
_ONLY_CLOUDTRAIL: Final = f"{_POLICY}#OnlyCloudTrailWrites"
_ONLY_THE_DEPLOYER: Final = f"{_POLICY}#OnlyTheDeployerSetsUp"

Change = Callable[[Client, str], object]
"""What somebody does to a bucket, by its name, with an S3 client."""


# --- records -----------------------------------------------------------------------------------


def _deliver(scene: Scene) -> None:
    scene.deliver(scene.topology.vault_name, scene.vault_trail, "twin")


_DELIVERED: Final = Twin("CloudTrail delivers a log file under the same prefix", _deliver)


def _write_as_responder(scene: Scene) -> None:
    s3 = scene.client(scene.responder, "s3")
    key = scene.key_of(scene.vault_trail, "forged")
    s3.put_object(Bucket=scene.topology.vault_name, Key=key, Body=b"forged")


def _overwrite_as_workload_admin(scene: Scene) -> None:
    key, _ = scene.record
    s3 = scene.client(scene.workload_admin, "s3")
    s3.put_object(Bucket=scene.topology.vault_name, Key=key, Body=b"forged")


def _overwrite_own(scene: Scene) -> None:
    with belongings.bucket(scene, scene.workload) as name:
        s3 = scene.client(scene.workload_admin, "s3")
        s3.put_object(Bucket=name, Key="file", Body=b"another")


def _delete_version(scene: Scene) -> None:
    key, version = scene.record
    s3 = scene.client(scene.logging_admin, "s3")
    s3.delete_object(Bucket=scene.topology.vault_name, Key=key, VersionId=version)


def _delete_own_version(scene: Scene) -> None:
    with belongings.bucket(scene, scene.logging) as name:
        version = belongings.version_of(scene, scene.logging, name)
        s3 = scene.client(scene.logging_admin, "s3")
        s3.delete_object(Bucket=name, Key="file", VersionId=version)


def _hide(scene: Scene) -> None:
    key, _ = scene.record
    s3 = scene.client(scene.logging_admin, "s3")
    s3.delete_object(Bucket=scene.topology.vault_name, Key=key)


def _hide_own(scene: Scene) -> None:
    with belongings.bucket(scene, scene.logging) as name:
        scene.client(scene.logging_admin, "s3").delete_object(Bucket=name, Key="file")


def _bypass(scene: Scene) -> None:
    key, version = scene.record
    scene.client(scene.logging_admin, "s3").delete_object(
        Bucket=scene.topology.vault_name,
        Key=key,
        VersionId=version,
        BypassGovernanceRetention=True,
    )


def _bypass_own(scene: Scene) -> None:
    with belongings.bucket(scene, scene.logging, locked=True) as name:
        scene.client(scene.logging_admin, "s3").delete_object(
            Bucket=name,
            Key="file",
            VersionId=belongings.version_of(scene, scene.logging, name),
            BypassGovernanceRetention=True,
        )


def _until(**time: int) -> datetime:
    return datetime.now(UTC) + timedelta(**time)


def _shorten(scene: Scene) -> None:
    key, version = scene.record
    scene.client(scene.logging_admin, "s3").put_object_retention(
        Bucket=scene.topology.vault_name,
        Key=key,
        VersionId=version,
        Retention={"Mode": "COMPLIANCE", "RetainUntilDate": _until(hours=1)},
    )


def _lengthen_own(scene: Scene) -> None:
    with belongings.bucket(scene, scene.logging, locked=True) as name:
        scene.client(scene.logging_admin, "s3").put_object_retention(
            Bucket=name,
            Key="file",
            Retention={"Mode": "GOVERNANCE", "RetainUntilDate": _until(days=2)},
        )


def _shorten_by_hand(scene: Scene) -> None:
    key, version = scene.record
    scene.hand(scene.logging, "s3").put_object_retention(
        Bucket=scene.topology.vault_name,
        Key=key,
        VersionId=version,
        Retention={"Mode": "COMPLIANCE", "RetainUntilDate": _until(hours=1)},
    )


def _shorten_own_by_hand(scene: Scene) -> None:
    with belongings.bucket(scene, scene.logging, locked=True) as name:
        scene.hand(scene.logging, "s3").put_object_retention(
            Bucket=name,
            Key="file",
            Retention={"Mode": "GOVERNANCE", "RetainUntilDate": _until(hours=1)},
            BypassGovernanceRetention=True,
        )


def _delete_as_service(scene: Scene) -> None:
    key, version = scene.record
    s3 = scene.client(scene.cloudtrail(scene.vault_trail.arn), "s3")
    s3.delete_object(Bucket=scene.topology.vault_name, Key=key, VersionId=version)


def _overwrite_under_an_open_policy(scene: Scene) -> None:
    key, _ = scene.record
    vault = scene.topology.vault_name
    s3 = scene.client(scene.admin(scene.account(AccountRole.MANAGEMENT)), "s3")
    with scene.open_bucket(vault):
        s3.put_object(Bucket=vault, Key=key, Body=b"forged")


def _deliver_under_an_open_policy(scene: Scene) -> None:
    with scene.open_bucket(scene.topology.vault_name):
        _deliver(scene)


def _read(scene: Scene) -> None:
    key, _ = scene.record
    s3 = scene.client(scene.logging_admin, "s3")
    s3.get_object(Bucket=scene.topology.vault_name, Key=key)


def _query(scene: Scene) -> None:
    """Do what Athena does for whoever asks: write the answer, which is no record."""
    s3 = scene.client(scene.logging_admin, "s3")
    results = names.bucket("athena-results", scene.organisation.name, scene.logging)
    s3.put_object(Bucket=results, Key="answer.csv", Body=b"no record")
    s3.delete_object(Bucket=results, Key="answer.csv")


def _deliver_for_a_stranger(scene: Scene) -> None:
    stranger = f"arn:aws:cloudtrail:{scene.home}:{OUTSIDER}:trail/stranger"
    scene.deliver(scene.topology.vault_name, scene.vault_trail, "alien", trail_arn=stranger)


# --- the bucket --------------------------------------------------------------------------------


def _weakening(
    name: str, title: str, change: Change, refused_by: str, *, locked: bool = False
) -> Attack:
    """The logging account's administrator changes the vault; his own bucket he may change."""

    def attempt(scene: Scene) -> None:
        change(scene.client(scene.logging_admin, "s3"), scene.topology.vault_name)

    def twin(scene: Scene) -> None:
        with belongings.bucket(scene, scene.logging, locked=locked) as own:
            change(scene.client(scene.logging_admin, "s3"), own)

    legitimate = Twin("The same administrator does it to a bucket of the account's own", twin)
    return Attack(name, title, Attacker.LOGGING_ADMIN, attempt, refused_by, legitimate)


def _set_lock(s3: Client, bucket: str, **rule: Mapping[str, Any]) -> None:
    lock = {"ObjectLockEnabled": "Enabled", **rule}
    s3.put_object_lock_configuration(Bucket=bucket, ObjectLockConfiguration=lock)


def _set_lifecycle(s3: Client, bucket: str) -> None:
    expiry = {"ID": "a", "Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": 1}}
    s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": [expiry]})


def _set_encryption(s3: Client, bucket: str) -> None:
    key = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": "alias/doomed"}
    rules = [{"ApplyServerSideEncryptionByDefault": key}]
    s3.put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration={"Rules": rules})


def _set_notification(s3: Client, bucket: str) -> None:
    s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration={})


def _open_up(s3: Client, bucket: str) -> None:
    s3.delete_public_access_block(Bucket=bucket)


def _empty_and_delete(s3: Client, bucket: str) -> None:
    """Delete a bucket; of his own, the objects first."""
    if bucket.startswith(belongings.APPLICATION):
        for version in s3.list_object_versions(Bucket=bucket)["Versions"]:
            s3.delete_object(Bucket=bucket, Key=version["Key"], VersionId=version["VersionId"])
    s3.delete_bucket(Bucket=bucket)


def _suspend(s3: Client, bucket: str) -> None:
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Suspended"})


def _replicate(scene: Scene, bucket: str) -> None:
    account = scene.logging
    copy = {"Bucket": f"arn:aws:s3:::{bucket}-elsewhere"}
    rule = {"Status": "Enabled", "Prefix": "", "Destination": copy}
    scene.client(scene.admin(account), "s3").put_bucket_replication(
        Bucket=bucket,
        ReplicationConfiguration={
            "Role": scene.logging_admin.principal.arn,
            "Rules": [rule],
        },
    )


def _replicate_own(scene: Scene) -> None:
    with belongings.bucket(scene, scene.logging) as name:
        _replicate(scene, name)


# --- the deployer ------------------------------------------------------------------------------


def _deployers_s3(scene: Scene) -> Client:
    return scene.client(scene.deployer(scene.logging), "s3")


def _declared_lock(scene: Scene) -> dict[str, Any]:
    retention = scene.organisation.retention
    return {"DefaultRetention": {"Mode": retention.mode.value, "Days": retention.days}}


def _shorten_the_default(scene: Scene) -> None:
    rule = {"DefaultRetention": {"Mode": "COMPLIANCE", "Days": 1}}
    _set_lock(_deployers_s3(scene), scene.topology.vault_name, Rule=rule)


def _close_again(scene: Scene) -> None:
    closed = dict.fromkeys(
        ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"), True
    )
    _deployers_s3(scene).put_public_access_block(
        Bucket=scene.topology.vault_name, PublicAccessBlockConfiguration=closed
    )


def _drop_as_deployer(scene: Scene) -> None:
    _deployers_s3(scene).delete_bucket_policy(Bucket=scene.topology.vault_name)


def _put_the_policy_again(scene: Scene) -> None:
    s3, vault = _deployers_s3(scene), scene.topology.vault_name
    s3.put_bucket_policy(Bucket=vault, Policy=s3.get_bucket_policy(Bucket=vault)["Policy"])


def _look_in_the_clear(scene: Scene) -> None:
    deployer = in_the_clear(scene.deployer(scene.logging))
    scene.client(deployer, "s3").get_bucket_versioning(Bucket=scene.topology.vault_name)


def _look(scene: Scene) -> None:
    _deployers_s3(scene).get_bucket_versioning(Bucket=scene.topology.vault_name)


ATTACKS: Final = (
    Attack(
        "responder-writes-no-record",
        "A responder writes a log file of his own into the vault",
        Attacker.RESPONDER,
        _write_as_responder,
        "{boundary}#NothingOnTheKit",
        _DELIVERED,
    ),
    Attack(
        "workload-admin-adds-no-version-to-a-locked-record",
        "A workload's administrator writes a new version over a locked record",
        Attacker.WORKLOAD_ADMIN,
        _overwrite_as_workload_admin,
        _ONLY_CLOUDTRAIL,
        Twin("The same administrator overwrites an object of the account's own", _overwrite_own),
    ),
    Attack(
        "logging-admin-deletes-no-version-of-a-record",
        "The logging account's administrator deletes a record's version",
        Attacker.LOGGING_ADMIN,
        _delete_version,
        _ONLY_CLOUDTRAIL,
        Twin(
            "The same administrator deletes a version in a bucket of the account's own",
            _delete_own_version,
        ),
    ),
    Attack(
        "logging-admin-hides-no-record-behind-a-delete-marker",
        "The logging account's administrator hides a record behind a delete marker",
        Attacker.LOGGING_ADMIN,
        _hide,
        _ONLY_CLOUDTRAIL,
        Twin("The same administrator hides an object of the account's own", _hide_own),
    ),
    Attack(
        "logging-admin-bypasses-no-retention",
        "The logging account's administrator deletes a record with the bypass of GOVERNANCE",
        Attacker.LOGGING_ADMIN,
        _bypass,
        _ONLY_CLOUDTRAIL,
        Twin("The same administrator bypasses the lock of the account's own bucket", _bypass_own),
    ),
    Attack(
        "logging-admin-shortens-no-retention",
        "The logging account's administrator shortens the retention of a record",
        Attacker.LOGGING_ADMIN,
        _shorten,
        _ONLY_CLOUDTRAIL,
        Twin("The same administrator lengthens the retention of his own object", _lengthen_own),
    ),
    Attack(
        "no-hand-shortens-a-compliance-retention",
        "Somebody whom no policy stops shortens the retention of a record",
        Attacker.LOGGING_ADMIN,
        _shorten_by_hand,
        "Object Lock: COMPLIANCE is not shortened",
        Twin("The same hand shortens a GOVERNANCE retention with the bypass", _shorten_own_by_hand),
        (COMPLIANCE,),
    ),
    Attack(
        "not-even-cloudtrail-deletes-a-record",
        "CloudTrail itself, or whoever acts in its name, deletes a record",
        Attacker.OUTSIDER,
        _delete_as_service,
        f"{_POLICY}#NobodyDeletes",
        _DELIVERED,
    ),
    Attack(
        "the-record-holds-under-an-open-vault-policy",
        "Management's administrator overwrites a record after the vault's policy lets everybody in",
        Attacker.MANAGEMENT_ADMIN,
        _overwrite_under_an_open_policy,
        "break-glass-records#OnlyServicesWriteRecords",
        Twin("CloudTrail delivers under that same policy", _deliver_under_an_open_policy),
        (ORGANIZATIONS,),
    ),
    Attack(
        "logging-admin-reads-no-record",
        "The logging account's administrator reads who did what",
        Attacker.LOGGING_ADMIN,
        _read,
        f"{_POLICY}#OnlyReadersRead",
        Twin("The same administrator writes an answer to the bucket for Athena's results", _query),
    ),
    Attack(
        "a-strangers-trail-delivers-nothing",
        "CloudTrail writes into the vault on behalf of a stranger's trail (confused deputy)",
        Attacker.OUTSIDER,
        _deliver_for_a_stranger,
        unallowed("s3:PutObject", Layer.RESOURCE, _POLICY),
        _DELIVERED,
    ),
    _weakening(
        "logging-admin-takes-no-default-lock-off",
        "The logging account's administrator takes the default retention off the vault",
        _set_lock,
        _ONLY_THE_DEPLOYER,
        locked=True,
    ),
    _weakening(
        "logging-admin-suspends-no-versioning",
        "The logging account's administrator suspends the versions of the vault",
        _suspend,
        _ONLY_THE_DEPLOYER,
    ),
    _weakening(
        "logging-admin-drops-no-vault-policy",
        "The logging account's administrator drops the policy of the vault",
        lambda s3, bucket: s3.delete_bucket_policy(Bucket=bucket),
        f"{_POLICY}#{{dropping}}",
    ),
    _weakening(
        "logging-admin-expires-no-record",
        "The logging account's administrator lets records expire after a day",
        _set_lifecycle,
        _ONLY_THE_DEPLOYER,
    ),
    _weakening(
        "logging-admin-encrypts-with-no-key-of-his",
        "The logging account's administrator has new records encrypted with a key that he can end",
        _set_encryption,
        _ONLY_THE_DEPLOYER,
    ),
    _weakening(
        "logging-admin-turns-no-notification-off",
        "The logging account's administrator turns the vault's notifications off",
        _set_notification,
        _ONLY_THE_DEPLOYER,
    ),
    _weakening(
        "logging-admin-opens-the-vault-to-nobody",
        "The logging account's administrator takes the block of public access off the vault",
        _open_up,
        _ONLY_THE_DEPLOYER,
    ),
    _weakening(
        "logging-admin-deletes-no-vault",
        "The logging account's administrator deletes the vault",
        _empty_and_delete,
        _ONLY_THE_DEPLOYER,
    ),
    Attack(
        "logging-admin-replicates-nothing-out",
        "The logging account's administrator has every record copied elsewhere",
        Attacker.LOGGING_ADMIN,
        lambda scene: _replicate(scene, scene.topology.vault_name),
        _ONLY_THE_DEPLOYER,
        Twin("The same administrator has his own bucket copied", _replicate_own),
    ),
    Attack(
        "keeper-deployer-shortens-no-default-retention",
        "The keeper's deployer shortens the default retention to a day",
        Attacker.KEEPER_DEPLOYER,
        _shorten_the_default,
        f"{_POLICY}#NobodyUnlocks",
        Twin("The same deployer closes the vault to the public once more", _close_again),
        (COMPLIANCE,),
    ),
    Attack(
        "keeper-deployer-drops-no-vault-policy",
        "The keeper's deployer drops the policy of the vault",
        Attacker.KEEPER_DEPLOYER,
        _drop_as_deployer,
        "break-glass-deployer#NothingIrreversible",
        Twin("The same deployer puts the declared policy once more", _put_the_policy_again),
        (PRODUCTION,),
    ),
    Attack(
        "nobody-talks-to-the-vault-in-the-clear",
        "The keeper's deployer calls over plain HTTP, where anybody on the way can listen",
        Attacker.KEEPER_DEPLOYER,
        _look_in_the_clear,
        f"{_POLICY}#NothingInTheClear",
        Twin("The same deployer makes the same call over TLS", _look),
    ),
)
