"""Inside: a responder does not get out of his box, whichever scope's role he holds."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final

from breakglass import names
from breakglass.documents.statement import allow, document
from breakglass.rehearsal.attacks import belongings, runbook
from breakglass.rehearsal.attacks.attack import Act, Attack, Need, Twin
from breakglass.rehearsal.attacks.attackers import Attacker
from breakglass.rehearsal.attacks.needs import ORGANIZATIONS, SCOPES, granted
from breakglass.rehearsal.attacks.scene import ADMINISTRATOR_ACCESS, GLOBAL, UNWATCHED, Scene
from breakglass.rehearsal.aws.clients import Client

_NOT_THE_LOG: Final = "{boundary}#NothingThatLogs"
_NOT_THE_KIT: Final = "{boundary}#NothingOnTheKit"


def _tries(name: str, title: str, attempt: Act, refused_by: str, *needs: Need) -> Attack:
    return Attack(
        f"responder-{name}",
        f"A responder {title}",
        Attacker.RESPONDER,
        attempt,
        refused_by,
        runbook.FOLLOWED,
        needs,
        each_scope=True,
    )


def _iam(scene: Scene) -> Client:
    return scene.client(scene.responder, "iam", GLOBAL)


def _own_role(scene: Scene) -> str:
    return names.role("scope", scene.scope.name)


# --- out of the box ----------------------------------------------------------------------------


def _chain_out(scene: Scene) -> None:
    admin = scene.workload_admin.principal.arn
    scene.emulator.assume_role(scene.responder, admin, session_name="out", region=scene.home)


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


def _unbind(scene: Scene) -> None:
    _iam(scene).delete_role_permissions_boundary(RoleName=_own_role(scene))


def _widen_the_boundary(scene: Scene) -> None:
    everything = json.dumps(document(allow("All", "*", "*")))
    _iam(scene).create_policy_version(
        PolicyArn=names.boundary_arn(scene.workload, scene.scope.name),
        PolicyDocument=everything,
        SetAsDefault=True,
    )


def _arm(scene: Scene) -> None:
    _iam(scene).attach_role_policy(RoleName=_own_role(scene), PolicyArn=ADMINISTRATOR_ACCESS)


def _hand_a_role_over(scene: Scene) -> None:
    scene.client(scene.responder, "lambda").create_function(
        FunctionName="out",
        Role=scene.workload_admin.principal.arn,
        Code={"ZipFile": b"out"},
    )


def _outlive(scene: Scene) -> None:
    """Work on when the hour is over."""
    ended = replace(scene.responder, expires=datetime.now(UTC) - timedelta(seconds=1))
    scene.client(ended, "sts").get_caller_identity()


def _renew(scene: Scene) -> None:
    scene.emulator.session_token(scene.responder, region=scene.home)


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


def _drop(scene: Scene) -> None:
    s3 = scene.client(scene.responder, "s3")
    s3.delete_bucket_policy(Bucket=scene.topology.vault_name)


def _disable(scene: Scene) -> None:
    scene.client(scene.responder, "events").disable_rule(Name=names.named("activation"))


def _mute(scene: Scene) -> None:
    alarms = [names.alarm("undelivered")]
    scene.client(scene.responder, "cloudwatch").delete_alarms(AlarmNames=alarms)


def _forge(scene: Scene) -> None:
    event = {"Source": "forged", "DetailType": "forged", "Detail": "{}"}
    scene.client(scene.responder, "events").put_events(
        Entries=[event | {"EventBusName": scene.topology.hub_arn}]
    )


def _dead_letters(scene: Scene) -> str:
    """URL of the account's queue of events that did not reach the hub."""
    return f"https://sqs.{scene.home}.amazonaws.com/{scene.workload}/{names.queue('undelivered')}"


def _take(scene: Scene) -> None:
    scene.client(scene.responder, "sqs").receive_message(QueueUrl=_dead_letters(scene))


def _purge(scene: Scene) -> None:
    scene.client(scene.responder, "sqs").purge_queue(QueueUrl=_dead_letters(scene))


def _purge_the_applications(scene: Scene) -> None:
    with belongings.queue(scene, scene.workload) as url:
        scene.client(scene.responder, "sqs").purge_queue(QueueUrl=url)


# --- the account -------------------------------------------------------------------------------


def _leave(scene: Scene) -> None:
    scene.client(scene.responder, "organizations", GLOBAL).leave_organization()


def _work_out_of_sight(scene: Scene) -> None:
    scene.client(scene.responder, "sqs", UNWATCHED).list_queues()


ATTACKS: Final = (
    _tries(
        "takes-no-other-role",
        "goes on to the role of the account's administrator, which trusts his account",
        _chain_out,
        "{boundary}#{going_on}",
    ),
    _tries(
        "takes-no-other-scope",
        "goes on to another break-glass role",
        _change_scope,
        "{boundary}#{going_on}",
        SCOPES,
    ),
    _tries(
        "takes-no-root-session",
        "takes a root session of the logging account",
        _become_root,
        _NOT_THE_LOG,
    ),
    _tries(
        "hands-no-role-over",
        "has a function run under the administrator's role",
        _hand_a_role_over,
        "{handing_over}",
    ),
    _tries(
        "makes-no-user",
        "makes a user that would outlive his session",
        lambda scene: _iam(scene).create_user(UserName="sleeper"),
        _NOT_THE_LOG,
    ),
    _tries(
        "makes-no-access-key",
        "makes access keys that would outlive his session",
        lambda scene: _iam(scene).create_access_key(UserName="sleeper"),
        _NOT_THE_LOG,
    ),
    _tries("takes-no-boundary-off", "takes the boundary off his role", _unbind, _NOT_THE_LOG),
    _tries(
        "widens-no-boundary",
        "gives his boundary a version that allows everything",
        _widen_the_boundary,
        _NOT_THE_LOG,
    ),
    _tries("arms-no-role", "attaches AdministratorAccess to his role", _arm, _NOT_THE_LOG),
    Attack(
        "responder-works-for-an-hour",
        "A responder works on when his hour is over",
        Attacker.RESPONDER,
        _outlive,
        "sessions end",
        runbook.FOLLOWED,
    ),
    Attack(
        "responder-renews-no-session",
        "A responder has STS give him new credentials for his session",
        Attacker.RESPONDER,
        _renew,
        "GetSessionToken: long-term credentials only",
        runbook.FOLLOWED,
    ),
    Attack(
        "responder-stretches-no-console",
        "A responder asks the console's federation endpoint for twelve hours",
        Attacker.RESPONDER,
        _stretch_the_console,
        "console: a chained session is not stretched",
        Twin("The responder opens the console for what is left of his hour", _open_the_console),
    ),
    _tries("writes-no-record", "writes a log file of his own into the vault", _write, _NOT_THE_KIT),
    _tries("reads-no-record", "reads who did what", _read, _NOT_THE_KIT),
    _tries("drops-no-vault-policy", "drops the vault's policy", _drop, _NOT_THE_KIT),
    _tries("disables-no-rule", "disables the rule that told of him", _disable, _NOT_THE_KIT),
    _tries("mutes-no-alarm", "deletes the alarm of lost events", _mute, _NOT_THE_KIT),
    _tries("forges-no-event", "puts an event of his own on the hub", _forge, _NOT_THE_KIT),
    _tries("takes-no-lost-event", "takes an event that did not reach the hub", _take, _NOT_THE_KIT),
    Attack(
        "responder-purges-no-queue-of-the-kit",
        "A responder whose scope purges queues purges the events that did not reach the hub",
        Attacker.RESPONDER,
        _purge,
        _NOT_THE_KIT,
        Twin("The same responder purges the application's queue", _purge_the_applications),
        (granted("sqs:PurgeQueue"),),
    ),
    _tries(
        "leaves-no-organization",
        "takes the account out of the organisation",
        _leave,
        _NOT_THE_LOG,
        ORGANIZATIONS,
    ),
    _tries(
        "works-in-no-unwatched-region",
        "looks for queues in a region that has no rules",
        _work_out_of_sight,
        "break-glass-sight#OnlyWatchedRegions",
        ORGANIZATIONS,
    ),
)
