"""The witness: a copy that the logging account cannot touch, so that ending one ends nothing."""

from typing import Final

from breakglass.proof.model import Layer
from breakglass.rehearsal.attacks.attack import Attack, Twin
from breakglass.rehearsal.attacks.attackers import Attacker
from breakglass.rehearsal.attacks.buckets import Held, attacks_on
from breakglass.rehearsal.attacks.needs import WITNESS
from breakglass.rehearsal.attacks.refused import unallowed
from breakglass.rehearsal.attacks.scene import Scene
from breakglass.settings import AccountRole

_POLICY: Final = "policy of {witness}"


def _deliver(scene: Scene) -> None:
    scene.deliver(scene.topology.witness_name, scene.topology.second_trails[0], "twin")


_DELIVERED: Final = Twin("CloudTrail delivers a second trail's log file", _deliver)


def _overwrite_as_logging_admin(scene: Scene) -> None:
    key, _ = scene.witness_record
    s3 = scene.client(scene.logging_admin, "s3")
    s3.put_object(Bucket=scene.topology.witness_name, Key=key, Body=b"forged")


def _set_up(scene: Scene, account: str) -> None:
    s3 = scene.client(scene.deployer(account), "s3")
    owner = {"ObjectOwnership": "BucketOwnerEnforced"}
    s3.put_bucket_ownership_controls(
        Bucket=scene.topology.witness_name, OwnershipControls={"Rules": [owner]}
    )


def _set_up_as_its_deployer(scene: Scene) -> None:
    _set_up(scene, scene.account(AccountRole.WITNESS))


def _deliver_the_vaults_trail(scene: Scene) -> None:
    second = scene.topology.second_trails[0]
    vaults = scene.vault_trail.arn
    scene.deliver(scene.topology.witness_name, second, "alien", trail_arn=vaults)


_HELD: Final = Held(
    Attacker.WITNESS_ADMIN,
    "The witness account's administrator",
    "witness",
    "the witness' bucket",
    account=lambda scene: scene.account(AccountRole.WITNESS),
    bucket=lambda scene: scene.topology.witness_name,
    record=lambda scene: scene.witness_record,
    needs=(WITNESS,),
)

ATTACKS: Final = (
    *attacks_on(_HELD),
    Attack(
        "logging-admin-writes-no-record-at-the-witness",
        "The logging account's administrator writes over the witness' copy",
        Attacker.LOGGING_ADMIN,
        _overwrite_as_logging_admin,
        f"{_POLICY}#OnlyCloudTrailWrites",
        _DELIVERED,
        (WITNESS,),
    ),
    Attack(
        "the-vaults-deployer-does-not-set-the-witness-up",
        "The logging account's deployer changes the witness' bucket, whose name its grants match",
        Attacker.KEEPER_DEPLOYER,
        lambda scene: _set_up(scene, scene.logging),
        f"{_POLICY}#OnlyTheDeployerSetsUp",
        Twin("The witness account's own deployer makes the same call", _set_up_as_its_deployer),
        (WITNESS,),
    ),
    Attack(
        "the-vaults-trail-does-not-reach-the-witness",
        "CloudTrail writes into the witness' bucket on behalf of the trail that fills the vault",
        Attacker.KEEPER_DEPLOYER,
        _deliver_the_vaults_trail,
        unallowed("s3:PutObject", Layer.RESOURCE, _POLICY),
        _DELIVERED,
        (WITNESS,),
    ),
)
