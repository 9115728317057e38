"""Attacks where no policy refuses anything: what else is in the way of each."""

from unittest import mock

from breakglass import processes
from breakglass.proof.model import Decision, Layer, Verdict
from breakglass.rehearsal.attacks import Attack
from breakglass.rehearsal.attacks.scene import Scene
from breakglass.rehearsal.guard import Guard

ALLOWED = Verdict(Decision.ALLOWED, Layer.IDENTITY, None, "No policy is asked.")

COPIES = 20
"""Copies of the process in which the attacks are tried, some in each: a copy takes 0.1 s."""

LOCKED = "Access Denied"
"""What S3 says of a version that is retained."""
FULL = "BucketNotEmpty"

SECOND = {
    **dict.fromkeys(
        (
            "logging-admin-bypasses-no-retention",
            "logging-admin-deletes-no-version-of-a-record",
            "logging-admin-shortens-no-retention",
            "not-even-cloudtrail-deletes-a-record",
            "witness-admin-bypasses-no-retention",
            "witness-admin-deletes-no-version-of-a-record",
            "witness-admin-shortens-no-retention",
        ),
        LOCKED,
    ),
    **dict.fromkeys(
        (
            "editor-unprotects-no-vault",
            "logging-admin-deletes-no-bucket",
            "witness-admin-deletes-no-bucket",
        ),
        FULL,
    ),
    "logging-admin-suspends-no-versioning": "the versioning state cannot be changed",
    "witness-admin-suspends-no-versioning": "the versioning state cannot be changed",
    "workload-admin-stops-no-organization-trail": "a member cannot change an organisation trail",
    "responder-takes-no-root-session": "does not implement sts.assume_root",
    "responder-leaves-no-organization": "does not implement organizations.leave_organization",
    "no-account-leaves": "does not implement organizations.leave_organization",
    "no-token-for-another-audience-enters": "Incorrect token audience",
    "a-stranger-sends-no-page": "QueueDoesNotExist",
}
"""What else is in the way: a rule of the platform, or the emulator, which has no such call, or
looks for a queue in the caller's account alone."""


def without_policies(tried: list[Attack], scene: Scene) -> dict[str, str]:
    """Try attacks where no policy refuses anything; give what is in the way of each."""
    with mock.patch.object(Guard, "decide", return_value=ALLOWED):
        return {attack.name: in_the_way(attack, scene) for attack in tried}


def in_the_way(attack: Attack, scene: Scene) -> str:
    try:
        attack.attempt(scene)
    except Exception as refused:  # noqa: BLE001 - whatever it is
        return f"{type(refused).__name__}: {refused}"
    return ""


def in_a_copy(tried: list[Attack], scene: Scene) -> dict[str, str]:
    """Try attacks in a copy of this process, with which all that they do is gone."""
    return processes.beside(lambda: without_policies(tried, scene))()


def is_known(name: str, said: str) -> bool:
    return SECOND[name] in said if name in SECOND else not said


def unrefused(tried: list[Attack], scene: Scene) -> dict[str, str]:
    """What is in the way of each attack, where something else is than `SECOND` says."""
    # made before the copies are, which would make them each time
    assert all((scene.record, scene.witness_record, [scene.responder]))
    left: dict[str, str] = {}
    for index in range(COPIES):
        left |= in_a_copy(tried[index::COPIES], scene)
    # one that went through may be in the way of the next: those alone
    for attack in tried:
        if not is_known(attack.name, left[attack.name]):
            left |= in_a_copy([attack], scene)
    return {name: said for name, said in left.items() if not is_known(name, said)}
