"""What a responder does by right: a call of the scope's runbook that the emulation executes."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Final

from breakglass.errors import RehearsalError
from breakglass.rehearsal.attacks import belongings
from breakglass.rehearsal.attacks.attack import Twin
from breakglass.rehearsal.attacks.scene import Scene

_SERVICE: Final = belongings.APPLICATION


@contextmanager
def _service(scene: Scene) -> Iterator[str]:
    """A running service of the application's in the workload account; gives its cluster."""
    ecs = scene.hand(scene.workload, "ecs")
    ecs.create_cluster(clusterName=_SERVICE)
    container = {"name": _SERVICE, "image": _SERVICE, "memory": 64}
    task = ecs.register_task_definition(family=_SERVICE, containerDefinitions=[container])
    revision = task["taskDefinition"]["taskDefinitionArn"]
    ecs.create_service(
        cluster=_SERVICE, serviceName=_SERVICE, taskDefinition=revision, desiredCount=0
    )
    try:
        yield _SERVICE
    finally:
        ecs.delete_service(cluster=_SERVICE, service=_SERVICE, force=True)
        ecs.deregister_task_definition(taskDefinition=revision)
        ecs.delete_cluster(cluster=_SERVICE)


def _update_service(scene: Scene) -> None:
    cluster = scene.lasting(_service)
    ecs = scene.client(scene.responder, "ecs")
    ecs.update_service(cluster=cluster, service=_SERVICE, desiredCount=0)


def _describe_instances(scene: Scene) -> None:
    scene.client(scene.responder, "rds").describe_db_instances()


def _purge_queue(scene: Scene) -> None:
    with belongings.queue(scene, scene.workload) as url:
        scene.client(scene.responder, "sqs").purge_queue(QueueUrl=url)


_CALLS: Final[Mapping[str, Callable[[Scene], None]]] = {
    "sqs:PurgeQueue": _purge_queue,
    "ecs:UpdateService": _update_service,
    "rds:DescribeDBInstances": _describe_instances,
}
"""Calls that the rehearsal can make, by the action that a scope grants.

The lightest comes first: for ECS and RDS moto loads all of EC2, 130 MiB and 1.6 s.
"""


def follow(scene: Scene) -> None:
    """Make the first call that the responder's scope grants and the rehearsal knows.

    Raises `RehearsalError` where there is none.
    """
    granted = {action for grant in scene.scope.grants for action in grant.actions}
    known = [call for action, call in _CALLS.items() if {action, "*"} & granted]
    if not known:
        raise RehearsalError(
            f"scope {scene.scope.name} grants none of {', '.join(_CALLS)}: "
            "add a call of its runbook to rehearsal/attacks/runbook.py"
        )
    known[0](scene)


FOLLOWED: Final = Twin("The responder follows the runbook", follow)
