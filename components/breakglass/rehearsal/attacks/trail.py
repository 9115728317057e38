"""The trails: nobody below the keeper stops, deletes, narrows or re-aims what fills the buckets."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from breakglass import names
from breakglass.rehearsal.attacks import belongings
from breakglass.rehearsal.attacks.attack import Act, Attack, Detected, Need, Twin
from breakglass.rehearsal.attacks.attackers import Attacker
from breakglass.rehearsal.attacks.needs import BROKER, ORGANIZATIONS, PRODUCTION, WITNESS
from breakglass.rehearsal.attacks.scene import OUTSIDER, Scene
from breakglass.rehearsal.aws.clients import Client
from breakglass.settings import AccountRole

Change = Callable[[Client, str], object]
"""What somebody does to a trail, by its name, with a CloudTrail client."""


@dataclass(frozen=True, slots=True)
class _Place:
    """An account with a trail of the kit's, and its administrator."""

    attacker: Attacker
    whose: str
    """Who attacks, as sentences begin."""
    account: Callable[[Scene], str]
    needs: tuple[Need, ...] = ()


_WORKLOAD: Final = _Place(
    Attacker.WORKLOAD_ADMIN, "A workload's administrator", lambda scene: scene.workload
)
_BROKER: Final = _Place(
    Attacker.BROKER_ADMIN,
    "The broker account's administrator",
    lambda scene: scene.account(AccountRole.BROKER),
    (BROKER,),
)
_LOGGING: Final = _Place(
    Attacker.LOGGING_ADMIN, "The logging account's administrator", lambda scene: scene.logging
)


def _local_trail(scene: Scene, account: str | None = None) -> str:
    """Name of the kit's trail in an account: a second one, or one into the vault."""
    trails = (*scene.topology.second_trails, *scene.topology.trails)
    there = account or scene.workload
    return names.trail(next(t.noun for t in trails if t.account.id == there))


def _narrowing(
    name: str,
    title: str,
    change: Change,
    refused_by: str,
    at: _Place = _WORKLOAD,
) -> Attack:
    """An account's administrator does it to the kit's trail there; to his own he may."""

    def attempt(scene: Scene) -> None:
        account = at.account(scene)
        client = scene.client(scene.admin(account), "cloudtrail")
        change(client, _local_trail(scene, account))

    return Attack(
        f"{at.attacker}-{name}",
        f"{at.whose} {title}",
        at.attacker,
        attempt,
        refused_by,
        Twin(
            "The same administrator does it to a trail of the account's own",
            _on_own(change, at.account),
        ),
        (ORGANIZATIONS, WITNESS, *at.needs),
    )


def _on_own(change: Change, account_of: Callable[[Scene], str]) -> Act:
    """An account's administrator does it to a trail of the account's own."""

    def act(scene: Scene) -> None:
        account = account_of(scene)
        with belongings.trail(scene, account) as own:
            change(scene.client(scene.admin(account), "cloudtrail"), own)

    return act


def _stop(cloudtrail: Client, trail: str) -> None:
    cloudtrail.stop_logging(Name=trail)


def _select_nothing_but_writes(cloudtrail: Client, trail: str) -> None:
    selector = {"ReadWriteType": "WriteOnly", "IncludeManagementEvents": True}
    cloudtrail.put_event_selectors(TrailName=trail, EventSelectors=[selector])


def _delete(cloudtrail: Client, trail: str) -> None:
    cloudtrail.delete_trail(Name=trail)


def _forget_global_services(cloudtrail: Client, trail: str) -> None:
    cloudtrail.update_trail(Name=trail, IncludeGlobalServiceEvents=False)


def _aim_elsewhere(scene: Scene) -> None:
    with belongings.open_bucket(scene, scene.workload) as elsewhere:
        cloudtrail = scene.client(scene.workload_admin, "cloudtrail")
        cloudtrail.update_trail(Name=_local_trail(scene), S3BucketName=elsewhere)


def _aim_as_declared(scene: Scene) -> None:
    cloudtrail = scene.client(scene.deployer(scene.workload), "cloudtrail")
    cloudtrail.update_trail(Name=_local_trail(scene), S3BucketName=scene.topology.witness_name)


def _narrow_as_its_deployer(scene: Scene, account: str, trail: str) -> None:
    by_hand = scene.hand(account, "cloudtrail")
    held = by_hand.get_event_selectors(TrailName=trail)["AdvancedEventSelectors"]
    scene.afterwards(by_hand.put_event_selectors, TrailName=trail, AdvancedEventSelectors=held)
    _select_nothing_but_writes(scene.client(scene.deployer(account), "cloudtrail"), trail)


def _narrow_as_edge(scene: Scene) -> None:
    _narrow_as_its_deployer(scene, scene.workload, _local_trail(scene))


def _narrow_as_keeper(scene: Scene) -> None:
    trail = scene.vault_trail
    _narrow_as_its_deployer(scene, trail.account.id, trail.arn)


def _read_as_edge(scene: Scene) -> None:
    cloudtrail = scene.client(scene.deployer(scene.workload), "cloudtrail")
    cloudtrail.get_event_selectors(TrailName=_local_trail(scene))


def _read_as_keeper(scene: Scene) -> None:
    _of_the_keeper(scene).get_event_selectors(TrailName=scene.vault_trail.arn)


def _stop_as_responder(scene: Scene) -> None:
    scene.client(scene.responder, "cloudtrail").stop_logging(Name=_local_trail(scene))


def _stop_as_keeper(scene: Scene) -> None:
    _of_the_keeper(scene).stop_logging(Name=scene.vault_trail.arn)


def _of_the_keeper(scene: Scene) -> Client:
    return scene.client(scene.deployer(scene.vault_trail.account.id), "cloudtrail")


def _delete_as_edge(scene: Scene) -> None:
    _delete(scene.client(scene.deployer(scene.workload), "cloudtrail"), _local_trail(scene))


def _workload(scene: Scene) -> str:
    return scene.workload


def vaults_account(scene: Scene) -> str:
    """Account of the trail that fills the vault."""
    return scene.vault_trail.account.id


STOPPED: Final = Twin(
    "The account's administrator stops a trail of the account's own", _on_own(_stop, _workload)
)
DELETED: Final = Twin(
    "The account's administrator deletes a trail of the account's own",
    _on_own(_delete, vaults_account),
)


def _aim_at_his_own(scene: Scene, account: str, trail: str) -> None:
    """Have an account's deployer aim a trail at a bucket of the account's own that takes it."""
    by_hand = scene.hand(account, "cloudtrail")
    held = by_hand.get_trail(Name=trail)["Trail"]["S3BucketName"]
    scene.afterwards(by_hand.update_trail, Name=trail, S3BucketName=held)
    with belongings.open_bucket(scene, account) as elsewhere:
        cloudtrail = scene.client(scene.deployer(account), "cloudtrail")
        cloudtrail.update_trail(Name=trail, S3BucketName=elsewhere)


def _aim_as_edge(scene: Scene) -> None:
    _aim_at_his_own(scene, scene.workload, _local_trail(scene))


def _aim_as_keeper(scene: Scene) -> None:
    _aim_at_his_own(scene, vaults_account(scene), scene.vault_trail.arn)


def _blind_the_organization(scene: Scene) -> None:
    cloudtrail = scene.client(scene.workload_admin, "cloudtrail")
    cloudtrail.stop_logging(Name=scene.vault_trail.arn)


def _trail_into_the_vault(scene: Scene) -> None:
    cloudtrail = scene.client(scene.outsider, "cloudtrail")
    cloudtrail.create_trail(Name="stranger", S3BucketName=scene.topology.vault_name)


def _trail_into_his_own(scene: Scene) -> None:
    with belongings.open_bucket(scene, OUTSIDER) as own:
        cloudtrail = scene.client(scene.outsider, "cloudtrail")
        cloudtrail.create_trail(Name="stranger", S3BucketName=own)
    scene.afterwards(scene.hand(OUTSIDER, "cloudtrail").delete_trail, Name="stranger")


ATTACKS: Final = (
    Attack(
        "responder-stops-no-trail",
        "A responder stops the trail of the account that he is in",
        Attacker.RESPONDER,
        _stop_as_responder,
        "{boundary}#NothingThatLogs",
        STOPPED,
        each_scope=True,
    ),
    _narrowing(
        "stops-no-trail",
        "stops the kit's trail in his account",
        _stop,
        "break-glass-trails#NobodyEndsTheRecord",
    ),
    *(
        _narrowing(
            "stops-no-trail",
            "stops the kit's trail in his account",
            _stop,
            "break-glass-trails#NobodyEndsTheRecord",
            place,
        )
        for place in (_BROKER, _LOGGING)
    ),
    _narrowing(
        "deletes-no-trail",
        "deletes the kit's trail in his account",
        _delete,
        "break-glass-trails#NobodyEndsTheRecord",
        _BROKER,
    ),
    _narrowing(
        "deselects-no-calls-on-the-vault",
        "has the trail that records the vault's objects record none",
        _select_nothing_but_writes,
        "break-glass-trails#OnlyTheDeployerChangesTrails",
        _LOGGING,
    ),
    _narrowing(
        "deletes-no-trail",
        "deletes the kit's trail in his account",
        _delete,
        "break-glass-trails#NobodyEndsTheRecord",
    ),
    _narrowing(
        "deselects-no-reads",
        "has the trail record writes only, so that AssumeRole is lost",
        _select_nothing_but_writes,
        "break-glass-trails#OnlyTheDeployerChangesTrails",
    ),
    _narrowing(
        "forgets-no-global-services",
        "has the trail leave out IAM and STS",
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
        STOPPED,
        (ORGANIZATIONS,),
    ),
    Attack(
        "keeper-deployer-stops-no-trail",
        "The keeper's deployer stops the trail that fills the vault",
        Attacker.KEEPER_DEPLOYER,
        _stop_as_keeper,
        "break-glass-deployer#NothingIrreversible",
        Twin(
            "The account's administrator stops a trail of the account's own",
            _on_own(_stop, vaults_account),
        ),
        (PRODUCTION,),
    ),
    Attack(
        "edge-deployer-deletes-no-trail",
        "A workload's deployer deletes the kit's trail in its account",
        Attacker.EDGE_DEPLOYER,
        _delete_as_edge,
        "break-glass-deployer#NothingIrreversible",
        Twin(
            "The account's administrator deletes a trail of the account's own",
            _on_own(_delete, _workload),
        ),
        (PRODUCTION,),
    ),
    Attack(
        "edge-deployer-narrows-its-trail",
        "A workload's deployer has the second trail of its account record writes only",
        Attacker.EDGE_DEPLOYER,
        _narrow_as_edge,
        Detected("A deployer aims and selects what its trails record."),
        Twin("The same deployer reads what the trail records", _read_as_edge),
        (WITNESS,),
    ),
    Attack(
        "edge-deployer-aims-its-trail-elsewhere",
        "A workload's deployer aims the second trail of its account at a bucket of its own",
        Attacker.EDGE_DEPLOYER,
        _aim_as_edge,
        Detected("A deployer aims and selects what its trails record."),
        Twin("The same deployer reads what the trail records", _read_as_edge),
        (WITNESS,),
    ),
    Attack(
        "keeper-deployer-aims-the-vaults-trail-elsewhere",
        "The keeper's deployer aims the trail that fills the vault at a bucket of its own",
        Attacker.KEEPER_DEPLOYER,
        _aim_as_keeper,
        Detected("A deployer aims and selects what its trails record."),
        Twin("The same deployer reads what the trail records", _read_as_keeper),
    ),
    Attack(
        "keeper-deployer-narrows-the-vaults-trail",
        "The keeper's deployer has the trail that fills the vault record writes only",
        Attacker.KEEPER_DEPLOYER,
        _narrow_as_keeper,
        Detected("A deployer aims and selects what its trails record."),
        Twin("The same deployer reads what the trail records", _read_as_keeper),
    ),
    Attack(
        "a-stranger-makes-no-trail-into-the-vault",
        "Somebody outside the organisation makes a trail that delivers into the vault",
        Attacker.OUTSIDER,
        _trail_into_the_vault,
        "CloudTrail: the bucket takes its log files",
        Twin("The same stranger makes a trail into a bucket of his own", _trail_into_his_own),
    ),
)
