"""Inside: a responder does not get out of his box, and nobody else gets into the kit's roles."""

import json
from collections.abc import Callable
from typing import Any, Final

from breakglass import names
from breakglass.documents.statement import allow, document
from breakglass.proof.model import Layer
from breakglass.rehearsal.attacks import belongings, runbook
from breakglass.rehearsal.attacks.attack import Act, Attack, Twin
from breakglass.rehearsal.attacks.attackers import Attacker
from breakglass.rehearsal.attacks.needs import ORGANIZATIONS
from breakglass.rehearsal.attacks.refused import unallowed
from breakglass.rehearsal.attacks.scene import ADMINISTRATOR_ACCESS, GLOBAL, Scene
from breakglass.rehearsal.aws.clients import Client

_ONLY_THE_DEPLOYER: Final = "break-glass-path#OnlyTheDeployerWritesKitPrincipals"
_EVERYBODY: Final = json.dumps(document(allow("All", "sts:AssumeRole", principal={"AWS": "*"})))

Change = Callable[[Client, str], object]
"""What somebody does to a role, by its name, with an IAM client."""


# --- the responder -----------------------------------------------------------------------------


def _as_responder(name: str, title: str, attempt: Act, refused_by: str) -> Attack:
    return Attack(name, title, Attacker.RESPONDER, attempt, refused_by, runbook.FOLLOWED)


def _iam(scene: Scene) -> Client:
    return scene.client(scene.responder, "iam", GLOBAL)


def _chain_out(scene: Scene) -> None:
    admin = scene.workload_admin.principal.arn
    scene.emulator.assume_role(scene.responder, admin, session_name="out", region=scene.home)


def _unbind(scene: Scene) -> None:
    _iam(scene).delete_role_permissions_boundary(RoleName=names.role("scope", scene.scope.name))


def _widen_the_boundary(scene: Scene) -> None:
    everything = json.dumps(document(allow("All", "*", "*")))
    _iam(scene).create_policy_version(
        PolicyArn=names.boundary_arn(scene.workload, scene.scope.name),
        PolicyDocument=everything,
        SetAsDefault=True,
    )


def _hand_a_role_over(scene: Scene) -> None:
    scene.client(scene.responder, "lambda").create_function(
        FunctionName="out",
        Role=scene.workload_admin.principal.arn,
        Code={"ZipFile": b"out"},
    )


# --- the kit's roles ---------------------------------------------------------------------------


def _on_a_role(name: str, title: str, change: Change) -> Attack:
    """A workload's administrator does it to the break-glass role; to his own role he may."""

    def attempt(scene: Scene) -> None:
        iam = scene.client(scene.workload_admin, "iam", GLOBAL)
        change(iam, names.role("scope", scene.scope.name))

    def twin(scene: Scene) -> None:
        with belongings.role(scene, scene.workload) as own:
            change(scene.client(scene.workload_admin, "iam", GLOBAL), own)

    legitimate = Twin("The same administrator does it to a role of the account's own", twin)
    return Attack(
        name,
        title,
        Attacker.WORKLOAD_ADMIN,
        attempt,
        _ONLY_THE_DEPLOYER,
        legitimate,
        (ORGANIZATIONS,),
    )


def _make_role(scene: Scene, path: str) -> None:
    iam = scene.client(scene.workload_admin, "iam", GLOBAL)
    iam.create_role(RoleName="lookalike", Path=path, AssumeRolePolicyDocument=_EVERYBODY)


def _make_own_role(scene: Scene) -> None:
    _make_role(scene, "/checkout/")
    scene.hand(scene.workload, "iam", GLOBAL).delete_role(RoleName="lookalike")


def _target(scene: Scene, rule: str, role_arn: str) -> None:
    target = {"Id": "bus", "Arn": scene.topology.hub_arn, "RoleArn": role_arn}
    scene.client(scene.workload_admin, "events").put_targets(Rule=rule, Targets=[target])


def _hand_the_forwarder_over(scene: Scene) -> None:
    with belongings.rule(scene, scene.workload) as rule:
        _target(scene, rule, names.forwarder_arn(scene.workload))


def _hand_his_own_over(scene: Scene) -> None:
    with (
        belongings.rule(scene, scene.workload) as rule,
        belongings.role(scene, scene.workload) as role,
    ):
        _target(scene, rule, f"arn:aws:iam::{scene.workload}:role/{role}")


# --- the deployer ------------------------------------------------------------------------------


def _deployers_iam(scene: Scene) -> Client:
    return scene.client(scene.deployer(scene.workload), "iam", GLOBAL)


def _deployer_name(scene: Scene) -> str:
    return scene.stage.existing.deployers[scene.workload].rpartition("/")[2]


def _free_itself(scene: Scene) -> None:
    everything = json.dumps(document(allow("All", "*", "*")))
    _deployers_iam(scene).put_role_policy(
        RoleName=_deployer_name(scene), PolicyName="free", PolicyDocument=everything
    )


def _put_again(scene: Scene) -> None:
    """Put the forwarder's policy as it stands."""
    iam, role = _deployers_iam(scene), names.role("forwarder")
    policy = names.policy("forward")
    held: dict[str, Any] = iam.get_role_policy(RoleName=role, PolicyName=policy)["PolicyDocument"]
    iam.put_role_policy(RoleName=role, PolicyName=policy, PolicyDocument=json.dumps(held))


def _arm_a_kit_role(scene: Scene) -> None:
    _deployers_iam(scene).attach_role_policy(
        RoleName=names.role("forwarder"), PolicyArn=ADMINISTRATOR_ACCESS
    )


def _become_another_side(scene: Scene) -> None:
    scene.emulator.assume_role(
        scene.deployer(scene.workload),
        scene.scope_role,
        session_name="deployer",
        tags=scene.tags,
        transitive_tags=list(scene.tags),
        source_identity="deployer",
        region=scene.home,
    )


ATTACKS: Final = (
    _as_responder(
        "responder-takes-no-other-role",
        "A responder goes on to the role of the account's administrator, which trusts his account",
        _chain_out,
        "{boundary}#{going_on}",
    ),
    _as_responder(
        "responder-hands-no-role-over",
        "A responder has a function run under the administrator's role",
        _hand_a_role_over,
        "{handing_over}",
    ),
    _as_responder(
        "responder-makes-no-user",
        "A responder makes a user that would outlive his session",
        lambda scene: _iam(scene).create_user(UserName="sleeper"),
        "{boundary}#NothingThatLogs",
    ),
    _as_responder(
        "responder-makes-no-access-key",
        "A responder makes access keys that would outlive his session",
        lambda scene: _iam(scene).create_access_key(UserName="sleeper"),
        "{boundary}#NothingThatLogs",
    ),
    _as_responder(
        "responder-takes-no-boundary-off",
        "A responder takes the boundary off his role",
        _unbind,
        "{boundary}#NothingThatLogs",
    ),
    _as_responder(
        "responder-widens-no-boundary",
        "A responder gives his boundary a version that allows everything",
        _widen_the_boundary,
        "{boundary}#NothingThatLogs",
    ),
    _on_a_role(
        "workload-admin-edits-no-trust",
        "A workload's administrator has the break-glass role trust everybody",
        lambda iam, role: iam.update_assume_role_policy(RoleName=role, PolicyDocument=_EVERYBODY),
    ),
    _on_a_role(
        "workload-admin-takes-no-boundary-off",
        "A workload's administrator takes the boundary off the break-glass role",
        lambda iam, role: iam.delete_role_permissions_boundary(RoleName=role),
    ),
    _on_a_role(
        "workload-admin-arms-no-kit-role",
        "A workload's administrator attaches AdministratorAccess to the break-glass role",
        lambda iam, role: iam.attach_role_policy(RoleName=role, PolicyArn=ADMINISTRATOR_ACCESS),
    ),
    _on_a_role(
        "workload-admin-stretches-no-session",
        "A workload's administrator lets the break-glass role's sessions last for twelve hours",
        lambda iam, role: iam.update_role(RoleName=role, MaxSessionDuration=43200),
    ),
    Attack(
        "workload-admin-makes-no-role-under-the-path",
        "A workload's administrator makes a role under the kit's path",
        Attacker.WORKLOAD_ADMIN,
        lambda scene: _make_role(scene, names.PATH),
        _ONLY_THE_DEPLOYER,
        Twin("The same administrator makes it under another path", _make_own_role),
        (ORGANIZATIONS,),
    ),
    Attack(
        "workload-admin-hands-no-kit-role-over",
        "A workload's administrator has a rule of his own act as the kit's forwarder",
        Attacker.WORKLOAD_ADMIN,
        _hand_the_forwarder_over,
        _ONLY_THE_DEPLOYER,
        Twin("The same administrator hands over a role of his own", _hand_his_own_over),
        (ORGANIZATIONS,),
    ),
    Attack(
        "edge-deployer-frees-not-itself",
        "A workload's deployer gives itself a policy that allows everything",
        Attacker.EDGE_DEPLOYER,
        _free_itself,
        "break-glass-deployer#NeverItself",
        Twin("The same deployer puts the forwarder's declared policy", _put_again),
    ),
    Attack(
        "edge-deployer-arms-no-kit-role",
        "A workload's deployer attaches AdministratorAccess to a role of the kit",
        Attacker.EDGE_DEPLOYER,
        _arm_a_kit_role,
        unallowed("iam:AttachRolePolicy", Layer.IDENTITY, "break-glass-deployer"),
        Twin("The same deployer puts the forwarder's declared policy", _put_again),
    ),
    Attack(
        "edge-deployer-breaks-no-glass",
        "A workload's deployer takes the break-glass role that it makes",
        Attacker.EDGE_DEPLOYER,
        _become_another_side,
        unallowed("sts:AssumeRole", Layer.RESOURCE, "trust policy of {scope}"),
        Twin("A responder takes it by both hops", lambda scene: scene.activate()),
    ),
)
