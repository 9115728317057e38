"""What a responder does by right: the calls of the scope's runbook."""

from collections.abc import Callable, Mapping
from typing import Final

from breakglass import actions
from breakglass.errors import RehearsalError
from breakglass.rehearsal.attacks import belongings
from breakglass.rehearsal.attacks.attack import Twin
from breakglass.rehearsal.attacks.scene import Scene
from breakglass.rehearsal.aws.clients import Client


def _purge_queue(scene: Scene) -> None:
    with belongings.queue(scene, scene.workload) as url:
        scene.client(scene.responder, "sqs").purge_queue(QueueUrl=url)


def _rds(scene: Scene) -> Client:
    return scene.client(scene.responder, "rds")


_CALLS: Final[Mapping[str, Callable[[Scene], object]]] = {
    "sqs:PurgeQueue": _purge_queue,
    "rds:DescribeDBClusters": lambda scene: _rds(scene).describe_db_clusters(),
    "rds:FailoverDBCluster": lambda scene: _rds(scene).failover_db_cluster(
        DBClusterIdentifier=belongings.APPLICATION
    ),
    "rds:RebootDBInstance": lambda scene: _rds(scene).reboot_db_instance(
        DBInstanceIdentifier=belongings.APPLICATION
    ),
}
"""Calls that the rehearsal makes, by the action that a scope grants.

Only what is light: for ECS moto loads all of EC2, 130 MiB and 1.6 s. Calls on databases are decided
and not carried out.
"""


def follow(scene: Scene) -> None:
    """Make the calls that the responder's scope grants; have one decided where none is light.

    The decision is that of every policy in force, on a resource that the grant matches.
    """
    granted = {action for grant in scene.scope.grants for action in grant.actions}
    known = [call for action, call in _CALLS.items() if {action, "*"} & granted]
    for call in known:
        call(scene)
    if not known:
        action, resource = _first_grant(scene)
        scene.demand(scene.responder, action, resource)


def _first_grant(scene: Scene) -> tuple[str, str]:
    """An action that the scope grants, and a resource that it grants it on."""
    for grant in scene.scope.grants:
        for action in (found for name in grant.actions for found in actions.matching(name)):
            resource = grant.resources[0].replace("{account}", scene.workload)
            return action, resource if resource == "*" else resource.replace("*", "application")
    raise RehearsalError(f"scope {scene.scope.name} grants nothing that exists")


FOLLOWED: Final = Twin("The responder follows the runbook", follow, each_scope=True)
