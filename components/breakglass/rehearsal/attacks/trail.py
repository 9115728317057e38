"""The trails: nobody below the keeper stops, deletes, narrows or re-aims what fills the buckets."""

from collections.abc import Callable
from typing import Final

from breakglass import names
from breakglass.errors import RehearsalError
from breakglass.rehearsal.attacks import belongings, runbook
from breakglass.rehearsal.attacks.attack import Attack, Twin
from breakglass.rehearsal.attacks.attackers import Attacker
from breakglass.rehearsal.attacks.needs import ORGANIZATIONS, PRODUCTION, WITNESS
from breakglass.rehearsal.attacks.scene import Scene
from breakglass.rehearsal.aws.clients import Client

Change = Callable[[Client, str], object]
"""What somebody does to a trail, by its name, with a CloudTrail client."""


def _local_trail(scene: Scene) -> str:
    """Name of the kit's trail in the workload account: a second one, or one into the vault."""
    trails = (*scene.topology.second_trails, *scene.topology.trails)
    return names.trail(next(t.noun for t in trails if t.account.id == scene.workload))


def _narrowing(name: str, title: str, change: Change, refused_by: str) -> Attack:
    """A workload's administrator does it to the kit's trail; to his own he may."""

    def attempt(scene: Scene) -> None:
        change(scene.client(scene.workload_admin, "cloudtrail"), _local_trail(scene))

    def twin(scene: Scene) -> None:
        with belongings.trail(scene, scene.workload) as own:
            change(scene.client(scene.workload_admin, "cloudtrail"), own)

    legitimate = Twin("The same administrator does it to a trail of the account's own", twin)
    needs = (ORGANIZATIONS, WITNESS)
    return Attack(name, title, Attacker.WORKLOAD_ADMIN, attempt, refused_by, legitimate, needs)


def _select_nothing_but_writes(cloudtrail: Client, trail: str) -> None:
    selector = {"ReadWriteType": "WriteOnly", "IncludeManagementEvents": True}
    cloudtrail.put_event_selectors(TrailName=trail, EventSelectors=[selector])


def _forget_global_services(cloudtrail: Client, trail: str) -> None:
    cloudtrail.update_trail(Name=trail, IncludeGlobalServiceEvents=False)


def _aim_elsewhere(scene: Scene) -> None:
    with belongings.bucket(scene, scene.workload) as elsewhere:
        cloudtrail = scene.client(scene.workload_admin, "cloudtrail")
        cloudtrail.update_trail(Name=_local_trail(scene), S3BucketName=elsewhere)


def _aim_as_declared(scene: Scene) -> None:
    cloudtrail = scene.client(scene.deployer(scene.workload), "cloudtrail")
    cloudtrail.update_trail(Name=_local_trail(scene), S3BucketName=scene.topology.witness_name)


def _stop_as_responder(scene: Scene) -> None:
    scene.client(scene.responder, "cloudtrail").stop_logging(Name=_local_trail(scene))


def _stop_as_keeper(scene: Scene) -> None:
    _of_the_keeper(scene).stop_logging(Name=scene.vault_trail.arn)


def _start_as_keeper(scene: Scene) -> None:
    _of_the_keeper(scene).start_logging(Name=scene.vault_trail.arn)


def _of_the_keeper(scene: Scene) -> Client:
    return scene.client(scene.deployer(scene.vault_trail.account.id), "cloudtrail")


def _delete_as_edge(scene: Scene) -> None:
    cloudtrail = scene.client(scene.deployer(scene.workload), "cloudtrail")
    cloudtrail.delete_trail(Name=_local_trail(scene))


def _start_as_edge(scene: Scene) -> None:
    cloudtrail = scene.client(scene.deployer(scene.workload), "cloudtrail")
    cloudtrail.start_logging(Name=_local_trail(scene))


def _blind_the_organization(scene: Scene) -> None:
    cloudtrail = scene.client(scene.workload_admin, "cloudtrail")
    cloudtrail.stop_logging(Name=scene.vault_trail.arn)


def _look_at_the_organizations(scene: Scene) -> None:
    cloudtrail = scene.client(scene.workload_admin, "cloudtrail")
    shown = [trail["TrailARN"] for trail in cloudtrail.describe_trails()["trailList"]]
    if scene.vault_trail.arn not in shown:
        raise RehearsalError(f"the organisation's trail is not among {shown}")


def _trail_into_the_vault(scene: Scene) -> None:
    cloudtrail = scene.client(scene.outsider, "cloudtrail")
    cloudtrail.create_trail(Name="stranger", S3BucketName=scene.topology.vault_name)


def _own_trail(scene: Scene) -> None:
    with belongings.trail(scene, scene.workload) as own:
        scene.client(scene.workload_admin, "cloudtrail").start_logging(Name=own)


ATTACKS: Final = (
    Attack(
        "responder-stops-no-trail",
        "A responder stops the trail of the account that he is in",
        Attacker.RESPONDER,
        _stop_as_responder,
        "{boundary}#NothingThatLogs",
        runbook.FOLLOWED,
    ),
    _narrowing(
        "workload-admin-stops-no-trail",
        "A workload's administrator stops the kit's trail in his account",
        lambda cloudtrail, trail: cloudtrail.stop_logging(Name=trail),
        "break-glass-trails#NobodyEndsTheRecord",
    ),
    _narrowing(
        "workload-admin-deletes-no-trail",
        "A workload's administrator deletes the kit's trail in his account",
        lambda cloudtrail, trail: cloudtrail.delete_trail(Name=trail),
        "break-glass-trails#NobodyEndsTheRecord",
    ),
    _narrowing(
        "workload-admin-deselects-no-reads",
        "A workload's administrator has the trail record writes only, so that AssumeRole is lost",
        _select_nothing_but_writes,
        "break-glass-trails#OnlyTheDeployerChangesTrails",
    ),
    _narrowing(
        "workload-admin-forgets-no-global-services",
        "A workload's administrator has the trail leave out IAM and STS",
        _forget_global_services,
        "break-glass-trails#OnlyTheDeployerChangesTrails",
    ),
    Attack(
        "workload-admin-aims-no-trail-elsewhere",
        "A workload's administrator aims the trail at a bucket of his own",
        Attacker.WORKLOAD_ADMIN,
        _aim_elsewhere,
        "break-glass-trails#OnlyTheDeployerChangesTrails",
        Twin("The account's deployer aims it where it is declared to aim", _aim_as_declared),
        (ORGANIZATIONS, WITNESS),
    ),
    Attack(
        "workload-admin-stops-no-organization-trail",
        "A workload's administrator stops the organisation's trail, which he sees in his account",
        Attacker.WORKLOAD_ADMIN,
        _blind_the_organization,
        "break-glass-trails#NobodyEndsTheRecord",
        Twin("The same administrator looks at that trail", _look_at_the_organizations),
        (ORGANIZATIONS,),
    ),
    Attack(
        "keeper-deployer-stops-no-trail",
        "The keeper's deployer stops the trail that fills the vault",
        Attacker.KEEPER_DEPLOYER,
        _stop_as_keeper,
        "break-glass-deployer#NothingIrreversible",
        Twin("The same deployer starts it", _start_as_keeper),
        (PRODUCTION,),
    ),
    Attack(
        "edge-deployer-deletes-no-trail",
        "A workload's deployer deletes the kit's trail in its account",
        Attacker.EDGE_DEPLOYER,
        _delete_as_edge,
        "break-glass-deployer#NothingIrreversible",
        Twin("The same deployer starts it", _start_as_edge),
        (PRODUCTION,),
    ),
    Attack(
        "a-stranger-makes-no-trail-into-the-vault",
        "Somebody outside the organisation makes a trail that delivers into the vault",
        Attacker.OUTSIDER,
        _trail_into_the_vault,
        "CloudTrail: the bucket takes its log files",
        Twin("A workload's administrator runs a trail into a bucket of his own", _own_trail),
    ),
)
