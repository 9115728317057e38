"""Accounts: none leaves, works out of sight or is entered by whoever does not keep it."""

from typing import Final

from breakglass import names
from breakglass.errors import RehearsalError
from breakglass.rehearsal.attacks import belongings
from breakglass.rehearsal.attacks.attack import Attack, Twin
from breakglass.rehearsal.attacks.attackers import Attacker
from breakglass.rehearsal.attacks.needs import ORGANIZATIONS, TWO_SIDES
from breakglass.rehearsal.attacks.scene import GLOBAL, UNWATCHED, Scene
from breakglass.rehearsal.aws.callers import Caller
from breakglass.rehearsal.aws.clients import Client
from breakglass.settings import AccountRole

_DEFAULT_ADMIN: Final = "OrganizationAccountAccessRole"
"""What AWS puts into every account that an organisation makes; it trusts management."""

KEEPERS_ENTER: Final = "break-glass-entrants-{account}#OnlyKeepersEnter"
"""What closes an account to all but its keepers; ``{account}`` is its id."""

_KEEPERS_ENTER: Final = KEEPERS_ENTER.format(account="{logging}")


NOBODY_LEAVES: Final = "Whom AWS lets leave has left: no call beside it can be undone."
"""Why a twin of leaving the organisation is another call."""


def _organizations(scene: Scene, caller: Caller) -> Client:
    return scene.client(caller, "organizations", GLOBAL)


def _leave(scene: Scene) -> None:
    _organizations(scene, scene.workload_admin).leave_organization()


def _look_around(scene: Scene) -> None:
    _organizations(scene, scene.workload_admin).describe_organization()


def _close(scene: Scene, caller: Caller) -> None:
    """Have it decided: an account closes itself in the console, by no call of an SDK's."""
    account = f"arn:aws:account::{caller.account}:account"
    scene.demand(caller, "account:CloseAccount", account)


def _open_a_region(scene: Scene, caller: Caller) -> None:
    scene.client(caller, "account", GLOBAL).enable_region(RegionName=UNWATCHED)


def _managements_admin(scene: Scene) -> Caller:
    return scene.admin(scene.account(AccountRole.MANAGEMENT))


def _make_queue(scene: Scene, region: str) -> None:
    sqs = scene.client(scene.workload_admin, "sqs", region)
    url = sqs.create_queue(QueueName=belongings.APPLICATION)["QueueUrl"]
    scene.hand(scene.workload, "sqs", region).delete_queue(QueueUrl=url)


def sight_of(scene: Scene) -> str:
    """Id of the SCP that keeps accounts in sight."""
    management = scene.account(AccountRole.MANAGEMENT)
    listed = _organizations(scene, scene.emulator.root(management)).list_policies(
        Filter="SERVICE_CONTROL_POLICY"
    )["Policies"]
    name = names.organization_policy("sight")
    return next(str(policy["Id"]) for policy in listed if policy["Name"] == name)


def root_of(scene: Scene) -> str:
    """Id of the organisation's root."""
    organizations = scene.organisation.organizations
    if organizations is None:
        raise RehearsalError("the attack has not said that it needs AWS Organizations")
    return organizations.root_id


def _detach(scene: Scene) -> None:
    organizations = _organizations(scene, scene.workload_admin)
    organizations.detach_policy(PolicyId=sight_of(scene), TargetId=root_of(scene))


def _detach_as_deployer(scene: Scene) -> None:
    management = scene.account(AccountRole.MANAGEMENT)
    place = {"PolicyId": sight_of(scene), "TargetId": root_of(scene)}
    by_hand = _organizations(scene, scene.emulator.root(management))
    scene.afterwards(by_hand.attach_policy, **place)
    _organizations(scene, scene.deployer(management)).detach_policy(**place)


def _cross(scene: Scene, account: str) -> None:
    """Have management's administrator take the default role of a member account."""
    scene.emulator.assume_role(
        _managements_admin(scene),
        f"arn:aws:iam::{account}:role/{_DEFAULT_ADMIN}",
        session_name="admin",
        region=scene.home,
    )


def become(scene: Scene, side: str, account: str) -> None:
    """Have a side's pipeline take the deployer of an account."""
    scene.emulator.assume_role(
        scene.pipeline(side),
        scene.stage.existing.deployers[account],
        session_name="pipeline",
        region=scene.home,
    )


def _enter_logging(scene: Scene) -> None:
    """Have a workload's administrator take a role of the logging account that trusts his."""
    with belongings.trusting_role(scene, scene.logging, "guest", scene.workload) as role:
        scene.emulator.assume_role(
            scene.workload_admin, role, session_name="guest", region=scene.home
        )


ATTACKS: Final = (
    Attack(
        "no-account-leaves",
        "A workload's administrator takes his account out of the organisation",
        Attacker.WORKLOAD_ADMIN,
        _leave,
        "break-glass-sight#NobodyLeaves",
        Twin("The same administrator looks at the organisation", _look_around, NOBODY_LEAVES),
        (ORGANIZATIONS,),
    ),
    Attack(
        "no-account-closes",
        "A workload's administrator closes his account",
        Attacker.WORKLOAD_ADMIN,
        lambda scene: _close(scene, scene.workload_admin),
        "break-glass-sight#NobodyLeaves",
        Twin(
            "Management's administrator, whom no SCP binds, may close his",
            lambda scene: _close(scene, _managements_admin(scene)),
        ),
        (ORGANIZATIONS,),
    ),
    Attack(
        "no-account-opens-a-region",
        "A workload's administrator opens a region that has no rules",
        Attacker.WORKLOAD_ADMIN,
        lambda scene: _open_a_region(scene, scene.workload_admin),
        "break-glass-sight#NobodyLeaves",
        Twin(
            "Management's administrator, whom no SCP binds, opens it for his",
            lambda scene: _open_a_region(scene, _managements_admin(scene)),
        ),
        (ORGANIZATIONS,),
    ),
    Attack(
        "nothing-happens-in-an-unwatched-region",
        "A workload's administrator works in a region that has no rules",
        Attacker.WORKLOAD_ADMIN,
        lambda scene: _make_queue(scene, UNWATCHED),
        "break-glass-sight#OnlyWatchedRegions",
        Twin(
            "The same administrator does it in the home region",
            lambda scene: _make_queue(scene, scene.home),
        ),
        (ORGANIZATIONS,),
    ),
    Attack(
        "no-member-detaches-a-guardrail",
        "A workload's administrator detaches an SCP",
        Attacker.WORKLOAD_ADMIN,
        _detach,
        "Organizations: the management account only",
        Twin("Management's deployer, who keeps it, detaches it", _detach_as_deployer),
        (ORGANIZATIONS,),
    ),
    Attack(
        "management-takes-no-default-role-in-logging",
        "Management's administrator enters logging by the role that AWS puts into every account",
        Attacker.MANAGEMENT_ADMIN,
        lambda scene: _cross(scene, scene.logging),
        _KEEPERS_ENTER,
        Twin(
            "The same administrator enters a workload by it",
            lambda scene: _cross(scene, scene.workload),
        ),
        (ORGANIZATIONS,),
    ),
    Attack(
        "edge-pipeline-deploys-no-keeper-account",
        "The edge's pipeline takes the deployer of the logging account",
        Attacker.EDGE_DEPLOYER,
        lambda scene: become(scene, "edge", scene.logging),
        _KEEPERS_ENTER,
        Twin(
            "The keeper's pipeline takes it",
            lambda scene: become(scene, "keeper", scene.logging),
        ),
        (ORGANIZATIONS, TWO_SIDES),
    ),
    Attack(
        "edge-pipeline-deploys-no-management",
        "The edge's pipeline takes the deployer of the management account, where no RCP reaches",
        Attacker.EDGE_DEPLOYER,
        lambda scene: become(scene, "edge", scene.account(AccountRole.MANAGEMENT)),
        "sts:AssumeRole: No statement of break-glass-deploys allows it (identity policy)",
        Twin(
            "The keeper's pipeline takes it",
            lambda scene: become(scene, "keeper", scene.account(AccountRole.MANAGEMENT)),
        ),
        (ORGANIZATIONS, TWO_SIDES),
    ),
    Attack(
        "no-workload-admin-enters-logging",
        "A workload's administrator takes a role of the logging account",
        Attacker.WORKLOAD_ADMIN,
        _enter_logging,
        _KEEPERS_ENTER,
        Twin(
            "The keeper's pipeline takes the deployer there",
            lambda scene: become(scene, "keeper", scene.logging),
        ),
        (ORGANIZATIONS, TWO_SIDES),
    ),
)
