"""KMS keys of the kit, told by their tag: nobody ends, shares or unmarks one.

No component makes a key yet, so one is made for the attacks, tagged as the kit's would be.
"""

import json
from collections.abc import Callable
from functools import cache
from typing import Final

from breakglass import names
from breakglass.documents.statement import allow, document
from breakglass.rehearsal.attacks.attack import Attack, Twin
from breakglass.rehearsal.attacks.attackers import Attacker
from breakglass.rehearsal.attacks.needs import ORGANIZATIONS
from breakglass.rehearsal.attacks.scene import OUTSIDER, Scene
from breakglass.rehearsal.aws.callers import Caller
from breakglass.rehearsal.aws.clients import Client

_ENDS: Final = "break-glass-keys#NobodyEndsAKey"
_CHANGES: Final = "break-glass-keys#OnlyTheDeployerChangesKeys"

Change = Callable[[Client, str], object]
"""What somebody does to a key, by its id, with a KMS client."""


@cache
def _made(account: str, *, of_the_kit: bool) -> Callable[[Scene], "_Key"]:
    return lambda scene: _Key(scene, account, of_the_kit=of_the_kit)


class _Key:
    """A key that is made once, and gone when the scene closes."""

    def __init__(self, scene: Scene, account: str, *, of_the_kit: bool) -> None:
        self._kms = scene.hand(account, "kms")
        self._tags = [{"TagKey": names.KEY_TAG, "TagValue": "keeper"}] if of_the_kit else []
        self._id = ""

    def __enter__(self) -> str:
        # for any other kind moto draws an RSA key
        kind = {"KeySpec": "ECC_NIST_P256", "KeyUsage": "SIGN_VERIFY"}
        self._id = self._kms.create_key(Tags=self._tags, **kind)["KeyMetadata"]["KeyId"]
        return self._id

    def __exit__(self, *_: object) -> None:
        self._kms.schedule_key_deletion(KeyId=self._id, PendingWindowInDays=7)


def _on_a_key(name: str, title: str, change: Change, by: str) -> Attack:
    """The logging account's administrator does it to a key of the kit's; to his own he may."""

    def attempt(scene: Scene) -> None:
        key = scene.lasting(_made(scene.logging, of_the_kit=True))
        change(scene.client(scene.logging_admin, "kms"), key)

    def twin(scene: Scene) -> None:
        key = scene.lasting(_made(scene.logging, of_the_kit=False))
        change(scene.client(scene.logging_admin, "kms"), key)

    return Attack(
        f"logging-admin-{name}",
        f"The logging account's administrator {title}",
        Attacker.LOGGING_ADMIN,
        attempt,
        by,
        Twin("The same administrator does it to a key of the account's own", twin),
        (ORGANIZATIONS,),
    )


def _share(kms: Client, key: str) -> None:
    stranger = f"arn:aws:iam::{OUTSIDER}:root"
    kms.create_grant(KeyId=key, GranteePrincipal=stranger, Operations=["Sign"])


def _unmark(kms: Client, key: str) -> None:
    kms.untag_resource(KeyId=key, TagKeys=[names.KEY_TAG])


def _open(kms: Client, key: str) -> None:
    everybody = allow("All", "kms:*", "*", principal={"AWS": "*"})
    kms.put_key_policy(KeyId=key, Policy=json.dumps(document(everybody)), PolicyName="default")


def _replace(kms: Client, key: str) -> None:
    kms.import_key_material(
        KeyId=key,
        ImportToken=b"token",
        EncryptedKeyMaterial=b"known to somebody",
        ExpirationModel="KEY_MATERIAL_DOES_NOT_EXPIRE",
    )


def _sign(scene: Scene, caller: Caller, *, of_the_kit: bool) -> None:
    """Have a key in the responder's account sign."""
    key = scene.lasting(_made(scene.workload, of_the_kit=of_the_kit))
    scene.client(caller, "kms").sign(KeyId=key, Message=b"forged", SigningAlgorithm="ECDSA_SHA_256")


ATTACKS: Final = (
    _on_a_key(
        "disables-no-key",
        "disables a key of the kit's",
        lambda kms, key: kms.disable_key(KeyId=key),
        _ENDS,
    ),
    _on_a_key("shares-no-key", "lets a stranger use a key of the kit's", _share, _CHANGES),
    _on_a_key("opens-no-key", "opens a key of the kit's to everybody", _open, _CHANGES),
    _on_a_key(
        "replaces-no-key",
        "replaces the material of a key of the kit's by some that he knows",
        _replace,
        _CHANGES,
    ),
    _on_a_key("unmarks-no-key", "takes the tag off by which a key is the kit's", _unmark, _CHANGES),
    _on_a_key(
        "ends-no-key",
        "has a key of the kit's deleted",
        lambda kms, key: kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7),
        _ENDS,
    ),
    Attack(
        "responder-uses-no-key",
        "A responder has a key of the kit's sign what he likes",
        Attacker.RESPONDER,
        lambda scene: _sign(scene, scene.responder, of_the_kit=True),
        "{boundary}#NoKitKey",
        Twin(
            "The account's administrator has a key of the account's own sign",
            lambda scene: _sign(scene, scene.workload_admin, of_the_kit=False),
        ),
        each_scope=True,
    ),
)
