"""Inside: a responder does not get out of his box, whichever scope's role he holds."""

import json
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from breakglass import names
from breakglass.documents.statement import allow, document
from breakglass.rehearsal.attacks import belongings, runbook
from breakglass.rehearsal.attacks.alarms import FORWARDED
from breakglass.rehearsal.attacks.attack import Act, Attack, Change, Need, Own, Twin
from breakglass.rehearsal.attacks.attackers import Attacker
from breakglass.rehearsal.attacks.governing import become_root
from breakglass.rehearsal.attacks.guardrails import NOBODY_LEAVES
from breakglass.rehearsal.attacks.needs import ORGANIZATIONS, SCOPES, granted
from breakglass.rehearsal.attacks.scene import ADMINISTRATOR_ACCESS, GLOBAL, UNWATCHED, Scene
from breakglass.rehearsal.attacks.vault import DELIVERED
from breakglass.rehearsal.aws.callers import Caller
from breakglass.rehearsal.aws.clients import Client

_NOT_THE_LOG: Final = "{boundary}#NothingThatLogs"
_NOT_THE_KIT: Final = "{boundary}#NothingOnTheKit"


def _tries(
    name: str, title: str, attempt: Act, refused_by: str, twin: Twin, *needs: Need
) -> Attack:
    return Attack(
        f"responder-{name}",
        f"A responder {title}",
        Attacker.RESPONDER,
        attempt,
        refused_by,
        twin,
        needs,
        each_scope=True,
    )


def _at(  # noqa: PLR0913, PLR0917 - an attack has these parts
    name: str,
    title: str,
    service: str,
    change: Change,
    of_the_kit: Callable[[Scene], Any],
    own: Own,
    *,
    by: str = _NOT_THE_KIT,
) -> Attack:
    """A responder does it to a thing of the kit's; the account's administrator may, to another.

    The responder's box lets him do it to nothing at all, so that the call is another caller's.
    """
    region = GLOBAL if service == "iam" else None

    def attempt(scene: Scene) -> None:
        change(scene.client(scene.responder, service, region), of_the_kit(scene))

    def twin(scene: Scene) -> None:
        with own(scene, scene.workload) as thing:
            change(scene.client(scene.workload_admin, service, region), thing)

    legitimate = Twin("The account's administrator does it to a thing of the account's own", twin)
    return _tries(name, title, attempt, by, legitimate)


def _own_role(scene: Scene) -> str:
    return names.role("scope", scene.scope.name)


# --- out of the box ----------------------------------------------------------------------------


def _admins_role(scene: Scene) -> str:
    """ARN of the role of the account's administrator, which trusts his account."""
    return scene.workload_admin.principal.arn


def _take_the_admins_role(scene: Scene, caller: Caller) -> None:
    scene.emulator.assume_role(caller, _admins_role(scene), session_name="out", region=scene.home)


def _change_scope(scene: Scene) -> None:
    """Go on to the role of another scope, or to the same one in another account."""
    roles = [arn for arn in scene.topology.break_glass_role_arns if arn != scene.scope_role]
    scene.emulator.assume_role(
        scene.responder,
        roles[0],
        session_name="out",
        tags={},
        region=scene.home,
    )


def _become_root(scene: Scene) -> None:
    task = {"arn": "arn:aws:iam::aws:policy/root-task/S3UnlockBucketPolicy"}
    scene.client(scene.responder, "sts").assume_root(
        TargetPrincipal=scene.logging, TaskPolicyArn=task
    )


def _widen(iam: Client, policy: str) -> None:
    everything = json.dumps(document(allow("All", "*", "*")))
    iam.create_policy_version(PolicyArn=policy, PolicyDocument=everything, SetAsDefault=True)


def _arm(iam: Client, role: str) -> None:
    iam.attach_role_policy(RoleName=role, PolicyArn=ADMINISTRATOR_ACCESS)


def _hand_over(scene: Scene, caller: Caller) -> None:
    """Have it decided: CloudTrail and IAM know PassRole only as a part of other calls."""
    scene.demand(caller, "iam:PassRole", _admins_role(scene))


def _make_user(scene: Scene, caller: Caller) -> None:
    scene.client(caller, "iam", GLOBAL).create_user(UserName="sleeper")


def _make_user_as_admin(scene: Scene) -> None:
    scene.afterwards(scene.hand(scene.workload, "iam", GLOBAL).delete_user, UserName="sleeper")
    _make_user(scene, scene.workload_admin)


def _make_key(scene: Scene, caller: Caller) -> None:
    with belongings.user(scene, scene.workload) as user:
        scene.client(caller, "iam", GLOBAL).create_access_key(UserName=user)


def _say_who(scene: Scene, caller: Caller) -> None:
    scene.client(caller, "sts").get_caller_identity()


def _outlive(scene: Scene) -> None:
    """Work on when the hour is over."""
    _say_who(scene, replace(scene.responder, expires=datetime.now(UTC) - timedelta(seconds=1)))


def _renew(scene: Scene) -> None:
    scene.emulator.session_token(scene.responder, region=scene.home)


def _renew_as_a_user(scene: Scene) -> None:
    with belongings.user(scene, scene.workload) as name:
        user = scene.emulator.user(f"arn:aws:iam::{scene.workload}:user/{name}")
        scene.emulator.session_token(user, region=scene.home)


def _stretch_the_console(scene: Scene) -> None:
    scene.emulator.signin_token(scene.responder, duration=43_200, region=scene.home)


def _open_the_console(scene: Scene) -> None:
    scene.emulator.signin_token(scene.responder, region=scene.home)


# --- at the record and the alarms --------------------------------------------------------------


def _write(scene: Scene) -> None:
    s3 = scene.client(scene.responder, "s3")
    key = scene.key_of(scene.vault_trail, "forged")
    s3.put_object(Bucket=scene.topology.vault_name, Key=key, Body=b"forged")


def _read(scene: Scene) -> None:
    key, _ = scene.record
    scene.client(scene.responder, "s3").get_object(Bucket=scene.topology.vault_name, Key=key)


def _read_own(scene: Scene) -> None:
    own = belongings.kept_bucket(scene, scene.workload)
    scene.client(scene.workload_admin, "s3").get_object(Bucket=own, Key="file")


def _forge(scene: Scene) -> None:
    event = {"Source": "forged", "DetailType": "forged", "Detail": "{}"}
    scene.client(scene.responder, "events").put_events(
        Entries=[event | {"EventBusName": scene.topology.hub_arn}]
    )


def _dead_letters(scene: Scene) -> str:
    """URL of the account's queue of events that did not reach the hub."""
    return f"https://sqs.{scene.home}.amazonaws.com/{scene.workload}/{names.queue('undelivered')}"


def _purge(scene: Scene) -> None:
    scene.client(scene.responder, "sqs").purge_queue(QueueUrl=_dead_letters(scene))


def _purge_the_applications(scene: Scene) -> None:
    with belongings.queue(scene, scene.workload) as url:
        scene.client(scene.responder, "sqs").purge_queue(QueueUrl=url)


# --- the account -------------------------------------------------------------------------------


def _leave(scene: Scene) -> None:
    scene.client(scene.responder, "organizations", GLOBAL).leave_organization()


def _look_for_queues(scene: Scene, caller: Caller, region: str) -> None:
    scene.client(caller, "sqs", region).list_queues()


ATTACKS: Final = (
    _tries(
        "takes-no-other-role",
        "goes on to the role of the account's administrator, which trusts his account",
        lambda scene: _take_the_admins_role(scene, scene.responder),
        "{boundary}#{going_on}",
        Twin(
            "The account's administrator takes it",
            lambda scene: _take_the_admins_role(scene, scene.workload_admin),
        ),
    ),
    _tries(
        "takes-no-other-scope",
        "goes on to another break-glass role",
        _change_scope,
        "{boundary}#{going_on}",
        Twin("Somebody past the way in takes a break-glass role", lambda scene: scene.activate()),
        SCOPES,
    ),
    _tries(
        "takes-no-root-session",
        "takes a root session of the logging account",
        _become_root,
        _NOT_THE_LOG,
        Twin("The management account's administrator takes one, which pages", become_root),
        ORGANIZATIONS,
    ),
    _tries(
        "hands-no-role-over",
        "hands the administrator's role to a service",
        lambda scene: _hand_over(scene, scene.responder),
        "{boundary}#{handing_over}",
        Twin(
            "The account's administrator may hand it over",
            lambda scene: _hand_over(scene, scene.workload_admin),
        ),
    ),
    _tries(
        "makes-no-user",
        "makes a user that would outlive his session",
        lambda scene: _make_user(scene, scene.responder),
        _NOT_THE_LOG,
        Twin("The account's administrator makes that user", _make_user_as_admin),
    ),
    _tries(
        "makes-no-access-key",
        "makes access keys that would outlive his session",
        lambda scene: _make_key(scene, scene.responder),
        _NOT_THE_LOG,
        Twin(
            "The account's administrator makes keys of that user",
            lambda scene: _make_key(scene, scene.workload_admin),
        ),
    ),
    _at(
        "takes-no-boundary-off",
        "takes the boundary off his role",
        "iam",
        lambda iam, role: iam.delete_role_permissions_boundary(RoleName=role),
        _own_role,
        belongings.role,
        by=_NOT_THE_LOG,
    ),
    _at(
        "widens-no-boundary",
        "gives his boundary a version that allows everything",
        "iam",
        _widen,
        lambda scene: names.boundary_arn(scene.workload, scene.scope.name),
        belongings.policy,
        by=_NOT_THE_LOG,
    ),
    _at(
        "arms-no-role",
        "attaches AdministratorAccess to his role",
        "iam",
        _arm,
        _own_role,
        belongings.role,
        by=_NOT_THE_LOG,
    ),
    Attack(
        "responder-works-for-an-hour",
        "A responder works on when his hour is over",
        Attacker.RESPONDER,
        _outlive,
        "sessions end",
        Twin(
            "The same responder makes the call within it",
            lambda scene: _say_who(scene, scene.responder),
        ),
    ),
    Attack(
        "responder-renews-no-session",
        "A responder has STS give him new credentials for his session",
        Attacker.RESPONDER,
        _renew,
        "GetSessionToken: long-term credentials only",
        Twin("A user of the account has STS give him some", _renew_as_a_user),
    ),
    Attack(
        "responder-stretches-no-console",
        "A responder asks the console's federation endpoint for twelve hours",
        Attacker.RESPONDER,
        _stretch_the_console,
        "console: a chained session is not stretched",
        Twin("The responder opens the console for what is left of his hour", _open_the_console),
    ),
    _tries(
        "writes-no-record",
        "writes a log file of his own into the vault",
        _write,
        _NOT_THE_KIT,
        DELIVERED,
    ),
    _tries(
        "reads-no-record",
        "reads who did what",
        _read,
        _NOT_THE_KIT,
        Twin("The account's administrator reads an object of the account's own", _read_own),
    ),
    _at(
        "drops-no-vault-policy",
        "drops the vault's policy",
        "s3",
        lambda s3, bucket: s3.delete_bucket_policy(Bucket=bucket),
        lambda scene: scene.topology.vault_name,
        lambda scene, account: nullcontext(belongings.kept_bucket(scene, account)),
    ),
    _at(
        "disables-no-rule",
        "disables the rule that told of him",
        "events",
        lambda events, rule: events.disable_rule(Name=rule),
        lambda _: names.named("activation"),
        belongings.rule,
    ),
    _at(
        "mutes-no-alarm",
        "deletes the alarm of lost events",
        "cloudwatch",
        lambda cloudwatch, alarm: cloudwatch.delete_alarms(AlarmNames=[alarm]),
        lambda _: names.alarm("undelivered"),
        belongings.alarm,
    ),
    _tries(
        "forges-no-event", "puts an event of his own on the hub", _forge, _NOT_THE_KIT, FORWARDED
    ),
    _at(
        "takes-no-lost-event",
        "takes an event that did not reach the hub",
        "sqs",
        lambda sqs, url: sqs.receive_message(QueueUrl=url),
        _dead_letters,
        belongings.queue,
    ),
    Attack(
        "responder-purges-no-queue-of-the-kit",
        "A responder whose scope purges queues purges the events that did not reach the hub",
        Attacker.RESPONDER,
        _purge,
        _NOT_THE_KIT,
        Twin(
            "The same responder purges the application's queue",
            _purge_the_applications,
        ),
        (granted("sqs:PurgeQueue"),),
    ),
    _tries(
        "leaves-no-organization",
        "takes the account out of the organisation",
        _leave,
        _NOT_THE_LOG,
        replace(runbook.FOLLOWED, unlike=NOBODY_LEAVES),
        ORGANIZATIONS,
    ),
    _tries(
        "works-in-no-unwatched-region",
        "looks for queues in a region that has no rules",
        lambda scene: _look_for_queues(scene, scene.responder, UNWATCHED),
        "break-glass-sight#OnlyWatchedRegions",
        Twin(
            "The account's administrator looks for them in the home region",
            lambda scene: _look_for_queues(scene, scene.workload_admin, scene.home),
        ),
        ORGANIZATIONS,
    ),
)
