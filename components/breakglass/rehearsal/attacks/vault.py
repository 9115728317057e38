"""The vault: nobody writes, hides, shortens or weakens what CloudTrail has delivered."""

from datetime import UTC, datetime, timedelta
from typing import Final

from breakglass.proof.model import Layer
from breakglass.rehearsal.attacks import belongings
from breakglass.rehearsal.attacks.attack import Attack, Detected, Twin
from breakglass.rehearsal.attacks.attackers import Attacker
from breakglass.rehearsal.attacks.buckets import Held, attacks_on, letting_everybody_in, set_lock
from breakglass.rehearsal.attacks.needs import COMPLIANCE, ORGANIZATIONS, PRODUCTION
from breakglass.rehearsal.attacks.refused import unallowed
from breakglass.rehearsal.attacks.scene import OUTSIDER, Scene, in_the_clear
from breakglass.rehearsal.aws.clients import Client
from breakglass.settings import AccountRole

_POLICY: Final = "policy of {vault}"
_ONLY_CLOUDTRAIL: Final = f"{_POLICY}#OnlyCloudTrailWrites"

# --- records -----------------------------------------------------------------------------------


def _deliver(scene: Scene) -> None:
    scene.deliver(scene.topology.vault_name, scene.vault_trail, "twin")


DELIVERED: Final = Twin("CloudTrail delivers a log file under the same prefix", _deliver)


def _overwrite_as_workload_admin(scene: Scene) -> None:
    key, _ = scene.record
    s3 = scene.client(scene.workload_admin, "s3")
    s3.put_object(Bucket=scene.topology.vault_name, Key=key, Body=b"forged")


def _overwrite_own(scene: Scene) -> None:
    own = belongings.kept_bucket(scene, scene.workload)
    scene.client(scene.workload_admin, "s3").put_object(Bucket=own, Key="file", Body=b"another")


def _until(**time: int) -> datetime:
    return datetime.now(UTC) + timedelta(**time)


def _shorten_by_hand(scene: Scene) -> None:
    key, version = scene.record
    scene.hand(scene.logging, "s3").put_object_retention(
        Bucket=scene.topology.vault_name,
        Key=key,
        VersionId=version,
        Retention={"Mode": "COMPLIANCE", "RetainUntilDate": _until(hours=1)},
    )


def _shorten_own_by_hand(scene: Scene) -> None:
    own = belongings.version(scene, scene.logging, locked=True)
    s3 = scene.hand(scene.logging, "s3")
    for given in ({"days": 1}, {"hours": 1}):
        s3.put_object_retention(
            **own,
            Retention={"Mode": "GOVERNANCE", "RetainUntilDate": _until(**given)},
            BypassGovernanceRetention=True,
        )


def _delete_own(scene: Scene) -> None:
    own = belongings.version(scene, scene.logging)
    scene.client(scene.logging_admin, "s3").delete_object(**own)


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


def _read_own(scene: Scene) -> None:
    own = belongings.kept_bucket(scene, scene.logging)
    scene.client(scene.logging_admin, "s3").get_object(Bucket=own, Key="file")


def _deliver_for_a_stranger(scene: Scene) -> None:
    stranger = f"arn:aws:cloudtrail:{scene.home}:{OUTSIDER}:trail/stranger"
    scene.deliver(scene.topology.vault_name, scene.vault_trail, "alien", trail_arn=stranger)


# --- the deployer ------------------------------------------------------------------------------


def _deployers_s3(scene: Scene) -> Client:
    return scene.client(scene.deployer(scene.logging), "s3")


def _shorten_the_default(scene: Scene) -> None:
    rule = {"DefaultRetention": {"Mode": "COMPLIANCE", "Days": 1}}
    set_lock(_deployers_s3(scene), scene.topology.vault_name, Rule=rule)


def _shorten_elsewhere(scene: Scene) -> None:
    """Set the retention of a bucket that has the kit's name, and no policy of a vault."""
    spare = f"{belongings.SPARE}-{scene.logging}"
    rule = {"DefaultRetention": {"Mode": "COMPLIANCE", "Days": 1}}
    with belongings.bucket(scene, scene.logging, locked=True, name=spare) as bucket:
        set_lock(_deployers_s3(scene), bucket, Rule=rule)


SHORTENED: Final = Twin(
    "The same deployer does it to a bucket of the kit's name that is no vault", _shorten_elsewhere
)


def _drop_as_deployer(scene: Scene) -> None:
    _deployers_s3(scene).delete_bucket_policy(Bucket=scene.topology.vault_name)


def _replace_as_deployer(scene: Scene) -> None:
    s3, vault = scene.hand(scene.logging, "s3"), scene.topology.vault_name
    held = s3.get_bucket_policy(Bucket=vault)["Policy"]
    scene.afterwards(s3.put_bucket_policy, Bucket=vault, Policy=held)
    _deployers_s3(scene).put_bucket_policy(Bucket=vault, Policy=letting_everybody_in(vault))


def _read_the_policy(scene: Scene) -> None:
    _deployers_s3(scene).get_bucket_policy(Bucket=scene.topology.vault_name)


def _drop_own(scene: Scene) -> None:
    own = belongings.kept_bucket(scene, scene.logging)
    scene.client(scene.logging_admin, "s3").delete_bucket_policy(Bucket=own)


def _look_in_the_clear(scene: Scene) -> None:
    deployer = in_the_clear(scene.deployer(scene.logging))
    scene.client(deployer, "s3").get_bucket_versioning(Bucket=scene.topology.vault_name)


def _look(scene: Scene) -> None:
    _deployers_s3(scene).get_bucket_versioning(Bucket=scene.topology.vault_name)


_HELD: Final = Held(
    Attacker.LOGGING_ADMIN,
    "The logging account's administrator",
    "vault",
    "the vault",
    account=lambda scene: scene.logging,
    bucket=lambda scene: scene.topology.vault_name,
    record=lambda scene: scene.record,
)

ATTACKS: Final = (
    *attacks_on(_HELD),
    Attack(
        "workload-admin-adds-no-version-to-a-locked-record",
        "A workload's administrator writes a new version over a locked record",
        Attacker.WORKLOAD_ADMIN,
        _overwrite_as_workload_admin,
        _ONLY_CLOUDTRAIL,
        Twin("The same administrator overwrites an object of the account's own", _overwrite_own),
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
        Twin("The account's administrator deletes an object of the account's own", _delete_own),
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
        Twin("The same administrator reads an object of the account's own", _read_own),
    ),
    Attack(
        "a-strangers-trail-delivers-nothing",
        "CloudTrail writes into the vault on behalf of a stranger's trail (confused deputy)",
        Attacker.OUTSIDER,
        _deliver_for_a_stranger,
        unallowed("s3:PutObject", Layer.RESOURCE, _POLICY),
        DELIVERED,
    ),
    Attack(
        "keeper-deployer-shortens-no-default-retention",
        "The keeper's deployer shortens the default retention to a day",
        Attacker.KEEPER_DEPLOYER,
        _shorten_the_default,
        f"{_POLICY}#NobodyUnlocks",
        SHORTENED,
        (COMPLIANCE,),
    ),
    Attack(
        "keeper-deployer-replaces-the-vaults-policy",
        "The keeper's deployer gives the vault a policy that lets everybody in",
        Attacker.KEEPER_DEPLOYER,
        _replace_as_deployer,
        Detected(
            "The deployer keeps the vault's policy; the organisation's policy on records holds"
            " under any."
        ),
        Twin("The same deployer reads the policy", _read_the_policy),
    ),
    Attack(
        "keeper-deployer-drops-no-vault-policy",
        "The keeper's deployer drops the policy of the vault",
        Attacker.KEEPER_DEPLOYER,
        _drop_as_deployer,
        "break-glass-deployer#NothingIrreversible",
        Twin("The account's administrator drops the policy of a bucket of his own", _drop_own),
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
