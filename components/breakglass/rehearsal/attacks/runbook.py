"""What a responder does by right: a call of the scope's runbook."""

from collections.abc import Callable, Mapping
from typing import Final

from breakglass import actions
from breakglass.errors import RehearsalError
from breakglass.rehearsal.attacks import belongings
from breakglass.rehearsal.attacks.attack import Twin
from breakglass.rehearsal.attacks.scene import Scene


def _purge_queue(scene: Scene) -> None:
    with belongings.queue(scene, scene.workload) as url:
        scene.client(scene.responder, "sqs").purge_queue(QueueUrl=url)


_CALLS: Final[Mapping[str, Callable[[Scene], None]]] = {"sqs:PurgeQueue": _purge_queue}
"""Calls that the rehearsal makes, by the action that a scope grants.

Only what is light: for ECS and RDS moto loads all of EC2, 130 MiB and 1.6 s.
"""


def follow(scene: Scene) -> None:
    """Make a call that the responder's scope grants; where moto is too heavy, have it decided.

    The decision is that of every policy in force, on a resource that the grant matches.
    """
    granted = {action for grant in scene.scope.grants for action in grant.actions}
    known = [call for action, call in _CALLS.items() if {action, "*"} & granted]
    if known:
        known[0](scene)
        return
    action, resource = _first_grant(scene)
    scene.demand(scene.responder, action, resource)


def _first_grant(scene: Scene) -> tuple[str, str]:
    """An action that the scope grants, and a resource that it grants it on."""
    for grant in scene.scope.grants:
        for action in (found for name in grant.actions for found in actions.matching(name)):
            resource = grant.resources[0].replace("{account}", scene.workload)
            return action, resource if resource == "*" else resource.replace("*", "application")
    raise RehearsalError(f"scope {scene.scope.name} grants nothing that exists")


FOLLOWED: Final = Twin("The responder follows the runbook", follow)
