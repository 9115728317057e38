"""The management account, which no SCP binds: what happens there is seen."""

import json
from collections.abc import Callable
from typing import Final

from breakglass import names
from breakglass.documents.statement import allow, document
from breakglass.rehearsal.attacks import belongings
from breakglass.rehearsal.attacks.attack import (
    Act,
    Attack,
    Detected,
    Expected,
    Need,
    Residual,
    Twin,
)
from breakglass.rehearsal.attacks.attackers import Attacker
from breakglass.rehearsal.attacks.buckets import letting_everybody_in
from breakglass.rehearsal.attacks.guardrails import KEEPERS_ENTER, root_of, sight_of
from breakglass.rehearsal.attacks.needs import BROKER, ORGANIZATIONS, WITNESS
from breakglass.rehearsal.attacks.scene import GLOBAL, Scene
from breakglass.rehearsal.aws.callers import Caller
from breakglass.rehearsal.aws.clients import Client
from breakglass.settings import AccountRole

_UNBOUND: Final = "No SCP binds the management account, so it is seen instead of stopped."
_ONLY_THE_DEPLOYER: Final = "break-glass-record#OnlyTheDeployerWritesKitResources"


def _management(scene: Scene) -> str:
    return scene.account(AccountRole.MANAGEMENT)


def _admin(scene: Scene) -> Caller:
    return scene.admin(_management(scene))


def _as_admin(scene: Scene, service: str, region: str | None = None) -> Client:
    return scene.client(_admin(scene), service, region)


def _by_hand(scene: Scene, service: str, region: str | None = None) -> Client:
    return scene.hand(_management(scene), service, region)


def _look_around(scene: Scene) -> None:
    _as_admin(scene, "organizations", GLOBAL).describe_organization()


_LOOKS: Final = Twin("The same administrator looks at the organisation", _look_around)


def _governs(
    name: str, title: str, attempt: Act, expected: Expected = "", twin: Twin = _LOOKS
) -> Attack:
    return Attack(
        name,
        f"Management's administrator {title}",
        Attacker.MANAGEMENT_ADMIN,
        attempt,
        expected or Detected(_UNBOUND),
        twin,
        (ORGANIZATIONS,),
    )


# --- policies and accounts ---------------------------------------------------------------------


def _detach(scene: Scene) -> None:
    place = {"PolicyId": sight_of(scene), "TargetId": root_of(scene)}
    scene.afterwards(_by_hand(scene, "organizations", GLOBAL).attach_policy, **place)
    _as_admin(scene, "organizations", GLOBAL).detach_policy(**place)


def _rewrite(scene: Scene) -> None:
    by_hand, policy = _by_hand(scene, "organizations", GLOBAL), sight_of(scene)
    held = by_hand.describe_policy(PolicyId=policy)["Policy"]["Content"]
    scene.afterwards(by_hand.update_policy, PolicyId=policy, Content=held)
    nothing = json.dumps(document(allow("All", "*", "*")))
    _as_admin(scene, "organizations", GLOBAL).update_policy(PolicyId=policy, Content=nothing)


def _move_away(scene: Scene) -> None:
    by_hand, root = _by_hand(scene, "organizations", GLOBAL), root_of(scene)
    unit = by_hand.create_organizational_unit(ParentId=root, Name="elsewhere")
    elsewhere = unit["OrganizationalUnit"]["Id"]
    scene.afterwards(by_hand.delete_organizational_unit, OrganizationalUnitId=elsewhere)
    back = {"SourceParentId": elsewhere, "DestinationParentId": root}
    scene.afterwards(by_hand.move_account, AccountId=scene.logging, **back)
    _as_admin(scene, "organizations", GLOBAL).move_account(
        AccountId=scene.logging, SourceParentId=root, DestinationParentId=elsewhere
    )


def _delegate(scene: Scene) -> None:
    delegated = {"AccountId": scene.workload, "ServicePrincipal": "ssm.amazonaws.com"}
    by_hand = _by_hand(scene, "organizations", GLOBAL)
    scene.afterwards(by_hand.deregister_delegated_administrator, **delegated)
    _as_admin(scene, "organizations", GLOBAL).register_delegated_administrator(**delegated)


def _close(scene: Scene) -> None:
    _as_admin(scene, "organizations", GLOBAL).close_account(AccountId=scene.logging)


def _remove(scene: Scene) -> None:
    organizations = _as_admin(scene, "organizations", GLOBAL)
    organizations.remove_account_from_organization(AccountId=scene.logging)


# --- the trail and the rules -------------------------------------------------------------------


def _trails(scene: Scene) -> Client:
    return _as_admin(scene, "cloudtrail")


def _stop(scene: Scene) -> None:
    name = scene.vault_trail.arn
    scene.afterwards(_by_hand(scene, "cloudtrail").start_logging, Name=name)
    _trails(scene).stop_logging(Name=name)


def _stop_every_trail(scene: Scene) -> None:
    by_hand = _by_hand(scene, "cloudtrail")
    own = [t.arn for t in scene.topology.second_trails if t.account.id == _management(scene)]
    for name in (*own, scene.vault_trail.arn):
        scene.afterwards(by_hand.start_logging, Name=name)
        _trails(scene).stop_logging(Name=name)


def _narrow(scene: Scene) -> None:
    name, by_hand = scene.vault_trail.arn, _by_hand(scene, "cloudtrail")
    held = by_hand.get_event_selectors(TrailName=name)["AdvancedEventSelectors"]
    scene.afterwards(by_hand.put_event_selectors, TrailName=name, AdvancedEventSelectors=held)
    writes = {"ReadWriteType": "WriteOnly", "IncludeManagementEvents": True}
    _trails(scene).put_event_selectors(TrailName=name, EventSelectors=[writes])


def _delete_the_trail(scene: Scene) -> None:
    trail, by_hand = scene.vault_trail.arn, _by_hand(scene, "cloudtrail")
    held = by_hand.get_trail(Name=trail)["Trail"]
    selectors = by_hand.get_event_selectors(TrailName=trail)["AdvancedEventSelectors"]
    kept = {key: held[key] for key in ("Name", "S3BucketName", "IncludeGlobalServiceEvents")}
    kept["IsMultiRegionTrail"] = held["IsMultiRegionTrail"]
    kept["EnableLogFileValidation"] = held["LogFileValidationEnabled"]
    kept["IsOrganizationTrail"] = held["IsOrganizationTrail"]
    scene.afterwards(by_hand.start_logging, Name=trail)
    scene.afterwards(by_hand.put_event_selectors, TrailName=trail, AdvancedEventSelectors=selectors)
    scene.afterwards(by_hand.create_trail, **kept)
    _trails(scene).delete_trail(Name=trail)


def _aim_elsewhere(scene: Scene) -> None:
    trail, by_hand = scene.vault_trail.arn, _by_hand(scene, "cloudtrail")
    held = by_hand.get_trail(Name=trail)["Trail"]["S3BucketName"]
    scene.afterwards(by_hand.update_trail, Name=trail, S3BucketName=held)
    with belongings.open_bucket(scene, _management(scene)) as elsewhere:
        _trails(scene).update_trail(Name=trail, S3BucketName=elsewhere)


def _detach_in_the_dark(scene: Scene) -> None:
    _stop(scene)
    _detach(scene)


def _stop_own(scene: Scene) -> None:
    with belongings.trail(scene, _management(scene)) as own:
        _trails(scene).stop_logging(Name=own)


_STOPS_OWN: Final = Twin("The same administrator stops a trail of his own", _stop_own)


def _disable(scene: Scene, chosen: Callable[[str], bool]) -> None:
    """Disable the rules of management's home region whose names are chosen."""
    events, by_hand = _as_admin(scene, "events"), _by_hand(scene, "events")
    for rule in by_hand.list_rules(NamePrefix=names.PREFIX)["Rules"]:
        if chosen(rule["Name"]):
            scene.afterwards(by_hand.put_rule, **_as_it_is(rule))
            events.disable_rule(Name=rule["Name"])


def _as_it_is(rule: dict[str, str]) -> dict[str, str]:
    return {key: rule[key] for key in ("Name", "EventPattern", "State")}


def _disable_own(scene: Scene) -> None:
    with belongings.rule(scene, _management(scene)) as own:
        _as_admin(scene, "events").disable_rule(Name=own)


_DISABLES_OWN: Final = Twin("The same administrator disables a rule of his own", _disable_own)


# --- root and default roles in the members -----------------------------------------------------


def become_root(scene: Scene, task: str = "S3UnlockBucketPolicy") -> Caller:
    """Have management's administrator take a root session of logging."""
    return scene.emulator.root_session(_admin(scene), scene.logging, task, region=scene.home)


def _drop_as_root(scene: Scene) -> None:
    root = become_root(scene, "S3UnlockBucketPolicy")
    scene.client(root, "s3").delete_bucket_policy(Bucket=scene.topology.vault_name)


def _replace_as_root(scene: Scene) -> None:
    root = become_root(scene, "S3UnlockBucketPolicy")
    vault = scene.topology.vault_name
    scene.client(root, "s3").put_bucket_policy(Bucket=vault, Policy=letting_everybody_in(vault))


def _replace_own_as_root(scene: Scene) -> None:
    root = become_root(scene, "S3UnlockBucketPolicy")
    own = belongings.kept_bucket(scene, scene.logging)
    scene.client(root, "s3").put_bucket_policy(Bucket=own, Policy=letting_everybody_in(own))


def _drop_own_as_root(scene: Scene) -> None:
    root = become_root(scene, "S3UnlockBucketPolicy")
    own = belongings.kept_bucket(scene, scene.logging)
    scene.client(root, "s3").delete_bucket_policy(Bucket=own)


def _unlock_the_pages_as_root(scene: Scene) -> None:
    root = become_root(scene, "SQSUnlockQueuePolicy")
    url = f"https://sqs.{scene.home}.amazonaws.com/{scene.logging}/{names.queue('page')}"
    scene.client(root, "sqs").set_queue_attributes(QueueUrl=url, Attributes={"Policy": ""})


def _unlock_own_as_root(scene: Scene) -> None:
    root = become_root(scene, "SQSUnlockQueuePolicy")
    with belongings.queue(scene, scene.logging) as url:
        scene.client(root, "sqs").set_queue_attributes(QueueUrl=url, Attributes={"Policy": ""})


def _let_root_in(scene: Scene) -> None:
    _as_admin(scene, "iam", GLOBAL).enable_organizations_root_sessions()


def _send_stack_sets(scene: Scene) -> None:
    _as_admin(scene, "cloudformation").activate_organizations_access()


def _enter_by(name: str, account: Callable[[Scene], str]) -> Act:
    """Enter an account by a role that trusts management, as AWS's own tools make them."""

    def act(scene: Scene) -> None:
        there = account(scene)
        with belongings.trusting_role(scene, there, name, _management(scene)) as arn:
            scene.emulator.assume_role(
                _admin(scene), arn, session_name="management", region=scene.home
            )

    return act


def _into(
    name: str, title: str, role: str, account: Callable[[Scene], str], by: str, *needs: Need
) -> Attack:
    workload = _enter_by(role, lambda scene: scene.workload)
    return Attack(
        name,
        f"Management's administrator enters {title}",
        Attacker.MANAGEMENT_ADMIN,
        _enter_by(role, account),
        by,
        Twin("The same administrator enters a workload by the like", workload),
        (ORGANIZATIONS, *needs),
    )


ATTACKS: Final = (
    _governs(
        "management-detaches-a-guardrail", "detaches the SCP that keeps accounts in sight", _detach
    ),
    _governs("management-rewrites-a-guardrail", "has that SCP allow everything instead", _rewrite),
    _governs(
        "management-moves-logging-away",
        "moves the logging account to a unit that has other policies",
        _move_away,
    ),
    _governs(
        "management-delegates-to-a-workload",
        "makes a workload account the administrator of a service in all accounts",
        _delegate,
    ),
    _governs(
        "management-closes-logging",
        "closes the logging account",
        _close,
        Detected(f"{_UNBOUND} The witness' copies outlive the account."),
    ),
    _governs("management-removes-logging", "takes logging out of the organisation", _remove),
    _governs(
        "management-lets-root-sessions-in",
        "lets root sessions into the member accounts",
        _let_root_in,
    ),
    _governs(
        "management-sends-stack-sets",
        "lets stack sets act in every account, keepers' among them",
        _send_stack_sets,
        Detected("No policy reaches the service's own role; what a stack makes is under the SCPs."),
    ),
    _governs(
        "management-takes-a-root-session",
        "takes a root session of logging",
        become_root,
        Detected("A setting of the organisation lets root sessions in, and no policy."),
    ),
    _governs(
        "management-stops-the-organization-trail",
        "stops the organisation's trail",
        _stop,
        Detected("No SCP binds the management account; a second trail still tells of it."),
        _STOPS_OWN,
    ),
    _governs(
        "management-narrows-the-organization-trail",
        "has the organisation's trail record writes only",
        _narrow,
        twin=_STOPS_OWN,
    ),
    _governs(
        "management-deletes-the-organization-trail",
        "deletes the organisation's trail",
        _delete_the_trail,
        Detected("No SCP binds the management account; a second trail still tells of it."),
        _STOPS_OWN,
    ),
    _governs(
        "management-aims-the-organization-trail-elsewhere",
        "aims the organisation's trail at a bucket of his own",
        _aim_elsewhere,
        twin=_STOPS_OWN,
    ),
    _governs(
        "management-detaches-a-guardrail-in-the-dark",
        "stops the organisation's trail and then detaches the SCP that keeps accounts in sight",
        _detach_in_the_dark,
        Detected("No SCP binds the management account; a second trail still tells of it."),
    ),
    _governs(
        "management-stops-every-trail-at-once",
        "stops every trail of his account before the first is told",
        _stop_every_trail,
        Residual(
            "The last event of an account is lost with its last trail; the silence that follows is"
            " watched by nothing before canaries and a switch outside AWS are provided."
        ),
        _STOPS_OWN,
    ),
    _governs(
        "management-disables-a-rule",
        "disables the rule of his account that tells of activations",
        lambda scene: _disable(scene, lambda name: name.endswith("activation")),
        twin=_DISABLES_OWN,
    ),
    _governs(
        "management-disables-every-rule-at-once",
        "disables every rule of his account in a region before the first is told",
        lambda scene: _disable(scene, lambda _: True),
        Residual(
            "A rule does not tell of its own end: the trails record it, and only a sweep of the log"
            " files, not provided yet, reads it there."
        ),
        _DISABLES_OWN,
    ),
    Attack(
        "root-drops-no-vault-policy",
        "Management's administrator drops the vault's policy in a root session of logging",
        Attacker.MANAGEMENT_ADMIN,
        _drop_as_root,
        _ONLY_THE_DEPLOYER,
        Twin("The same session drops the policy of another bucket", _drop_own_as_root),
        (ORGANIZATIONS,),
    ),
    Attack(
        "root-replaces-no-vault-policy",
        "Management's administrator replaces the vault's policy in a root session of logging",
        Attacker.MANAGEMENT_ADMIN,
        _replace_as_root,
        _ONLY_THE_DEPLOYER,
        Twin("The same session replaces the policy of another bucket", _replace_own_as_root),
        (ORGANIZATIONS,),
    ),
    Attack(
        "root-unlocks-no-queue",
        "Management's administrator drops the page queue's policy in a root session of logging",
        Attacker.MANAGEMENT_ADMIN,
        _unlock_the_pages_as_root,
        _ONLY_THE_DEPLOYER,
        Twin("The same session drops the policy of another queue", _unlock_own_as_root),
        (ORGANIZATIONS,),
    ),
    _into(
        "management-takes-no-stack-set-role-in-logging",
        "logging by the role of a stack set",
        "stacksets-exec-0123456789abcdef",
        lambda scene: scene.logging,
        KEEPERS_ENTER.format(account="{logging}"),
    ),
    _into(
        "management-takes-no-control-tower-role-in-the-witness",
        "the witness by Control Tower's role",
        "AWSControlTowerExecution",
        lambda scene: scene.account(AccountRole.WITNESS),
        KEEPERS_ENTER.format(account="{witness_account}"),
        WITNESS,
    ),
    _into(
        "management-takes-no-control-tower-role-in-the-broker",
        "the broker's account by Control Tower's role",
        "AWSControlTowerExecution",
        lambda scene: scene.account(AccountRole.BROKER),
        KEEPERS_ENTER.format(account="{broker}"),
        BROKER,
    ),
)
