"""The kit's principals: nobody but an account's deployer writes them, and it makes none unseen."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

from breakglass import names
from breakglass.documents.statement import allow, document
from breakglass.proof.model import Layer
from breakglass.rehearsal.attacks import belongings
from breakglass.rehearsal.attacks.attack import Attack, Detected, Residual, Twin
from breakglass.rehearsal.attacks.attackers import Attacker
from breakglass.rehearsal.attacks.needs import ORGANIZATIONS, WITNESS, entry
from breakglass.rehearsal.attacks.refused import unallowed
from breakglass.rehearsal.attacks.scene import (
    ADMINISTRATOR_ACCESS,
    GLOBAL,
    OUTSIDER,
    Scene,
)
from breakglass.rehearsal.aws.callers import Caller
from breakglass.rehearsal.aws.clients import Client
from breakglass.settings import EntryKind

_ONLY_THE_DEPLOYER: Final = "break-glass-path#OnlyTheDeployerWritesKitPrincipals"
_EVERYTHING: Final = json.dumps(document(allow("All", "*", "*")))
_EVERYBODY: Final = json.dumps(document(allow("All", "sts:AssumeRole", principal={"AWS": "*"})))

Change = Callable[[Client, str], object]
"""What somebody does to a role, by its name, with an IAM client."""


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


def _on_the_entry(name: str, title: str, change: Change) -> Attack:
    """The administrator of the account in which people enter does it to an entry role."""

    def attempt(scene: Scene) -> None:
        account = scene.entry_user.account
        iam = scene.client(scene.admin(account), "iam", GLOBAL)
        change(iam, scene.entry_role(EntryKind.IAM_USER).rpartition("/")[2])

    def twin(scene: Scene) -> None:
        account = scene.entry_user.account
        with belongings.role(scene, account) as own:
            change(scene.client(scene.admin(account), "iam", GLOBAL), own)

    return Attack(
        name,
        title,
        Attacker.BROKER_ADMIN,
        attempt,
        _ONLY_THE_DEPLOYER,
        Twin("The same administrator does it to a role of the account's own", twin),
        (ORGANIZATIONS, entry(EntryKind.IAM_USER)),
    )


def _trust_everybody(iam: Client, role: str) -> None:
    iam.update_assume_role_policy(RoleName=role, PolicyDocument=_EVERYBODY)


def _allow_everything(iam: Client, role: str) -> None:
    iam.put_role_policy(RoleName=role, PolicyName="everything", PolicyDocument=_EVERYTHING)


def _delete(scene: Scene, **named: str) -> None:
    """Delete a role without policies: IAM keeps one that has some."""
    with belongings.bare_role(scene, scene.workload, **named) as role:
        scene.client(scene.workload_admin, "iam", GLOBAL).delete_role(RoleName=role)


def _tag(iam: Client, role: str) -> None:
    iam.tag_role(RoleName=role, Tags=[{"Key": "team", "Value": "admin"}])


def _new_boundary(scene: Scene) -> None:
    """Have the boundary of the break-glass role allow everything."""
    scene.client(scene.workload_admin, "iam", GLOBAL).create_policy_version(
        PolicyArn=names.boundary_arn(scene.workload, scene.scope.name),
        PolicyDocument=_EVERYTHING,
        SetAsDefault=True,
    )


def _own_policy(scene: Scene) -> None:
    with belongings.policy(scene, scene.workload) as own:
        scene.client(scene.workload_admin, "iam", GLOBAL).create_policy_version(
            PolicyArn=own, PolicyDocument=_EVERYTHING, SetAsDefault=True
        )


# --- somebody who is called like the deployer ---------------------------------------------------

_DEPLOYER: Final = names.role("deployer")


def _as_a_namesake(scene: Scene, account: str, path: str) -> Caller:
    """A role that has the deployer's name, and everything, in an account that is not its own."""
    iam = scene.hand(account, "iam", GLOBAL)
    arn = f"arn:aws:iam::{account}:role{path}{_DEPLOYER}"
    iam.create_role(RoleName=_DEPLOYER, Path=path, AssumeRolePolicyDocument=_EVERYBODY)
    scene.afterwards(iam.delete_role, RoleName=_DEPLOYER)
    iam.attach_role_policy(RoleName=_DEPLOYER, PolicyArn=ADMINISTRATOR_ACCESS)
    scene.afterwards(iam.detach_role_policy, RoleName=_DEPLOYER, PolicyArn=ADMINISTRATOR_ACCESS)
    return scene.emulator.session(arn, session_name="namesake")


def _set_up_as_a_namesake(scene: Scene) -> None:
    _set_up(scene, _as_a_namesake(scene, OUTSIDER, names.PATH))


def _set_up_as_deployer(scene: Scene) -> None:
    _set_up(scene, scene.deployer(scene.logging))


def _set_up(scene: Scene, caller: Caller) -> None:
    """Put who owns the vault's objects, as it stands: AWS's default, which the kit spells out."""
    vault, owner = scene.topology.vault_name, {"ObjectOwnership": "BucketOwnerEnforced"}
    scene.client(caller, "s3").put_bucket_ownership_controls(
        Bucket=vault, OwnershipControls={"Rules": [owner]}
    )


def _write_as_a_namesake(scene: Scene) -> None:
    """Write a kit principal as a role of that name outside the kit's path."""
    with _renamed(scene) as namesake:
        _trust_everybody(scene.client(namesake, "iam", GLOBAL), names.role("forwarder"))


@contextmanager
def _renamed(scene: Scene) -> Iterator[Caller]:
    """A role outside the path whose name ends like the deployer's: IAM knows each name once."""
    iam, name = scene.hand(scene.workload, "iam", GLOBAL), f"my-{_DEPLOYER}"
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=_EVERYBODY)
    iam.attach_role_policy(RoleName=name, PolicyArn=ADMINISTRATOR_ACCESS)
    try:
        arn = f"arn:aws:iam::{scene.workload}:role/{name}"
        yield scene.emulator.session(arn, session_name="namesake")
    finally:
        iam.detach_role_policy(RoleName=name, PolicyArn=ADMINISTRATOR_ACCESS)
        iam.delete_role(RoleName=name)


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
    _allow_everything(_deployers_iam(scene), _deployer_name(scene))


def _put_again(scene: Scene) -> None:
    """Put the forwarder's policy as it stands."""
    iam, role = _deployers_iam(scene), names.role("forwarder")
    policy = names.policy("forward")
    held: dict[str, Any] = iam.get_role_policy(RoleName=role, PolicyName=policy)["PolicyDocument"]
    iam.put_role_policy(RoleName=role, PolicyName=policy, PolicyDocument=json.dumps(held))


def _trust_again(scene: Scene) -> None:
    """Put the forwarder's trust policy as it stands."""
    iam, role = _deployers_iam(scene), names.role("forwarder")
    held = json.dumps(iam.get_role(RoleName=role)["Role"]["AssumeRolePolicyDocument"])
    iam.update_assume_role_policy(RoleName=role, PolicyDocument=held)


def _arm_a_kit_role(scene: Scene) -> None:
    place = {"RoleName": names.role("forwarder"), "PolicyArn": ADMINISTRATOR_ACCESS}
    _deployers_iam(scene).attach_role_policy(**place)
    scene.afterwards(scene.hand(scene.workload, "iam", GLOBAL).detach_role_policy, **place)


def _arm_an_ordinary_role(scene: Scene) -> None:
    with belongings.role(scene, scene.workload) as role:
        iam = scene.client(scene.workload_admin, "iam", GLOBAL)
        iam.attach_role_policy(RoleName=role, PolicyArn=ADMINISTRATOR_ACCESS)


def _hand_over(scene: Scene, role: str) -> None:
    """Have the rule of activations put events on the hub with a role."""
    name, by_hand = names.named("activation"), scene.hand(scene.workload, "events")
    held = by_hand.list_targets_by_rule(Rule=name)["Targets"]
    scene.afterwards(by_hand.put_targets, Rule=name, Targets=held)
    events = scene.client(scene.deployer(scene.workload), "events")
    events.put_targets(Rule=name, Targets=[{**held[0], "RoleArn": role}])


def _hand_the_admins_role_over(scene: Scene) -> None:
    _hand_over(scene, scene.workload_admin.principal.arn)


def _hand_the_declared_role_over(scene: Scene) -> None:
    _hand_over(scene, names.forwarder_arn(scene.workload))


_MADE: Final = names.role("helper")


def _make_as_deployer(scene: Scene, name: str) -> None:
    """Make a role that anybody may take, with everything."""
    by_hand = scene.hand(scene.workload, "iam", GLOBAL)
    _deployers_iam(scene).create_role(
        RoleName=name, Path=names.PATH, AssumeRolePolicyDocument=_EVERYBODY
    )
    scene.afterwards(by_hand.delete_role, RoleName=name)
    scene.afterwards(by_hand.delete_role_policy, RoleName=name, PolicyName="everything")
    _allow_everything(_deployers_iam(scene), name)


def _its_role(scene: Scene) -> Caller:
    """The role that the deployer made."""
    _make_as_deployer(scene, _MADE)
    arn = names.role_arn(scene.workload, "helper")
    return scene.emulator.session(arn, session_name="helper")


def _stop_with_its_role(scene: Scene) -> None:
    trails = (*scene.topology.second_trails, *scene.topology.trails)
    local = next(trail.arn for trail in trails if trail.account.id == scene.workload)
    scene.client(_its_role(scene), "cloudtrail").stop_logging(Name=local)


def _disable_with_its_role(scene: Scene) -> None:
    activation = names.named("activation")
    scene.client(_its_role(scene), "events").disable_rule(Name=activation)


def _stop_own_with_its_role(scene: Scene) -> None:
    role = _its_role(scene)
    with belongings.trail(scene, scene.workload) as own:
        scene.client(role, "cloudtrail").stop_logging(Name=own)


def _work_with_its_role(scene: Scene) -> None:
    role = _its_role(scene)
    with belongings.rule(scene, scene.workload) as own:
        scene.client(role, "events").disable_rule(Name=own)


def _read_a_policy(scene: Scene) -> None:
    role, policy = names.role("forwarder"), names.policy("forward")
    _deployers_iam(scene).get_role_policy(RoleName=role, PolicyName=policy)


def _entry_iam(scene: Scene) -> tuple[Client, str]:
    """The client of the deployer where people enter, and the name of the entry role."""
    deployer = scene.deployer(scene.entry_user.account)
    role = scene.entry_role(EntryKind.IAM_USER).rpartition("/")[2]
    return scene.client(deployer, "iam", GLOBAL), role


def _open_the_entry(scene: Scene) -> None:
    iam, role = _entry_iam(scene)
    by_hand = scene.hand(scene.entry_user.account, "iam", GLOBAL)
    held = json.dumps(by_hand.get_role(RoleName=role)["Role"]["AssumeRolePolicyDocument"])
    scene.afterwards(by_hand.update_assume_role_policy, RoleName=role, PolicyDocument=held)
    _trust_everybody(iam, role)


def _read_the_entry(scene: Scene) -> None:
    iam, role = _entry_iam(scene)
    iam.get_role(RoleName=role)


def _widen_as_deployer(scene: Scene) -> None:
    arn = names.boundary_arn(scene.workload, scene.scope.name)
    by_hand = scene.hand(scene.workload, "iam", GLOBAL)
    before = by_hand.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
    made = _deployers_iam(scene).create_policy_version(
        PolicyArn=arn, PolicyDocument=_EVERYTHING, SetAsDefault=True
    )["PolicyVersion"]["VersionId"]
    scene.afterwards(by_hand.delete_policy_version, PolicyArn=arn, VersionId=made)
    scene.afterwards(by_hand.set_default_policy_version, PolicyArn=arn, VersionId=before)


def _disable_as_deployer(scene: Scene) -> None:
    by_hand = scene.hand(scene.workload, "events")
    events = scene.client(scene.deployer(scene.workload), "events")
    for rule in by_hand.list_rules(NamePrefix=names.PREFIX)["Rules"]:
        held = {key: rule[key] for key in ("Name", "EventPattern", "State")}
        scene.afterwards(by_hand.put_rule, **held)
        events.put_rule(**held | {"State": "DISABLED"})


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
    _on_a_role(
        "workload-admin-edits-no-trust",
        "A workload's administrator has the break-glass role trust everybody",
        _trust_everybody,
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
    _on_a_role(
        "workload-admin-writes-no-policy",
        "A workload's administrator gives the break-glass role a policy of its own",
        _allow_everything,
    ),
    Attack(
        "workload-admin-deletes-no-kit-role",
        "A workload's administrator deletes a role under the kit's path that has no policies",
        Attacker.WORKLOAD_ADMIN,
        lambda scene: _delete(scene, name=belongings.SPARE, path=names.PATH),
        _ONLY_THE_DEPLOYER,
        Twin("The same administrator deletes one under another path", _delete),
        (ORGANIZATIONS,),
    ),
    _on_a_role(
        "workload-admin-tags-no-kit-role",
        "A workload's administrator puts a tag on the break-glass role, which a policy may believe",
        _tag,
    ),
    Attack(
        "workload-admin-widens-no-boundary",
        "A workload's administrator has the boundary of the break-glass role allow everything",
        Attacker.WORKLOAD_ADMIN,
        _new_boundary,
        _ONLY_THE_DEPLOYER,
        Twin("The same administrator has a policy of his own allow everything", _own_policy),
        (ORGANIZATIONS,),
    ),
    _on_the_entry(
        "broker-admin-edits-no-trust",
        "The administrator of the entry's account has the entry role trust everybody",
        _trust_everybody,
    ),
    _on_the_entry(
        "broker-admin-arms-no-entry-role",
        "The administrator of the entry's account gives the entry role a policy of its own",
        _allow_everything,
    ),
    Attack(
        "a-strangers-deployer-sets-nothing-up",
        "A role of an account outside that is called like the deployer changes the vault",
        Attacker.OUTSIDER,
        _set_up_as_a_namesake,
        "policy of {vault}#OnlyTheDeployerSetsUp",
        Twin("The deployer of the logging account puts the setting once more", _set_up_as_deployer),
    ),
    Attack(
        "a-namesake-of-the-deployer-writes-no-kit-role",
        "A workload's administrator writes a kit role as a role that is called like the deployer",
        Attacker.WORKLOAD_ADMIN,
        _write_as_a_namesake,
        _ONLY_THE_DEPLOYER,
        Twin("The account's deployer puts the role's trust once more", _trust_again),
        (ORGANIZATIONS,),
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
        "edge-deployer-makes-no-role-of-another-name",
        "A workload's deployer makes a role under the kit's path by a name that no rule knows",
        Attacker.EDGE_DEPLOYER,
        lambda scene: _make_as_deployer(scene, "helper"),
        unallowed("iam:CreateRole", Layer.IDENTITY, "break-glass-deployer"),
        Twin(
            "The same deployer makes one by a name of the kit's",
            lambda scene: _make_as_deployer(scene, _MADE),
        ),
    ),
    Attack(
        "edge-deployer-hands-no-other-role-over",
        "A workload's deployer has a rule of the kit act with the administrator's role",
        Attacker.EDGE_DEPLOYER,
        _hand_the_admins_role_over,
        unallowed("iam:PassRole", Layer.IDENTITY, "break-glass-deployer"),
        Twin(
            "The same deployer hands over the role that is declared", _hand_the_declared_role_over
        ),
    ),
    Attack(
        "edge-deployer-makes-a-role",
        "A workload's deployer makes a role of the kit's name with a policy that allows everything",
        Attacker.EDGE_DEPLOYER,
        lambda scene: _make_as_deployer(scene, _MADE),
        Detected("A deployer makes the kit's roles and writes their policies; SCPs bind them too."),
        Twin("The same deployer reads the forwarder's policy", _read_a_policy),
    ),
    Attack(
        "a-role-of-the-deployers-stops-no-trail",
        "A role that a workload's deployer made for itself stops the account's trail",
        Attacker.EDGE_DEPLOYER,
        _stop_with_its_role,
        "break-glass-trails#NobodyEndsTheRecord",
        Twin("The same role stops a trail of the account's own", _stop_own_with_its_role),
        (ORGANIZATIONS, WITNESS),
    ),
    Attack(
        "a-role-of-the-deployers-disables-no-rule",
        "A role that a workload's deployer made for itself disables a rule of the kit",
        Attacker.EDGE_DEPLOYER,
        _disable_with_its_role,
        "break-glass-record#OnlyTheDeployerWritesKitResources",
        Twin("The same role works on what is the account's own", _work_with_its_role),
        (ORGANIZATIONS,),
    ),
    Attack(
        "edge-deployer-opens-the-way-in",
        "The edge's deployer has an entry role trust everybody",
        Attacker.EDGE_DEPLOYER,
        _open_the_entry,
        Detected("A deployer declares who is trusted; nobody but him writes it, and it pages."),
        Twin("The same deployer reads whom the entry role trusts", _read_the_entry),
        (entry(EntryKind.IAM_USER),),
    ),
    Attack(
        "edge-deployer-widens-a-boundary",
        "A workload's deployer has the boundary of the break-glass role allow everything",
        Attacker.EDGE_DEPLOYER,
        _widen_as_deployer,
        Detected("A deployer writes the boundaries; SCPs bind who then has the role."),
        Twin("The same deployer reads the forwarder's policy", _read_a_policy),
    ),
    Attack(
        "edge-deployer-disables-every-rule-at-once",
        "A workload's deployer puts every rule of its account in a region as a disabled one",
        Attacker.EDGE_DEPLOYER,
        _disable_as_deployer,
        Residual(
            "A rule does not tell of its own end: the trails record it, and only a sweep of the log"
            " files, not provided yet, reads it there."
        ),
        Twin("The same deployer reads the forwarder's policy", _read_a_policy),
    ),
    Attack(
        "edge-deployer-arms-no-kit-role",
        "A workload's deployer attaches AdministratorAccess to a role of the kit",
        Attacker.EDGE_DEPLOYER,
        _arm_a_kit_role,
        unallowed("iam:AttachRolePolicy", Layer.IDENTITY, "break-glass-deployer"),
        Twin("The account's administrator attaches it to an ordinary role", _arm_an_ordinary_role),
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
