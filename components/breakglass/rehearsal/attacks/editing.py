"""Who edits organisation file, stack file or state: what is refused, where, and what only pages.

Plain faults of the file are refused before anything is applied. What the file may say, and must
not come true, is refused in the cloud: by the locked bucket, the deployer's policy or pipeline.
"""

import json
from collections.abc import Callable
from typing import Any, Final

from breakglass import names
from breakglass.documents.statement import allow, document
from breakglass.errors import InvalidInput, InvalidInputs, RehearsalError
from breakglass.proof.model import Layer
from breakglass.rehearsal.attacks import belongings, buckets
from breakglass.rehearsal.attacks.attack import Act, Attack, Detected, Need, Residual, Twin
from breakglass.rehearsal.attacks.attackers import Attacker
from breakglass.rehearsal.attacks.guardrails import KEEPERS_ENTER, become
from breakglass.rehearsal.attacks.needs import (
    COMPLIANCE,
    FLOOR_CHECK,
    KEEPER_REPOSITORY,
    NOT_SMALL,
    ORGANIZATIONS,
    PRODUCTION,
    TWO_SIDES,
    entry,
)
from breakglass.rehearsal.attacks.refused import Refused, unallowed
from breakglass.rehearsal.attacks.scene import GLOBAL, Scene
from breakglass.rehearsal.attacks.trail import DELETED
from breakglass.rehearsal.attacks.vault import SHORTENED
from breakglass.rehearsal.aws import store
from breakglass.rehearsal.aws.clients import Client
from breakglass.settings import EntryKind, Organisation, Side, check_side, parse
from breakglass.settings.agreement import ACTIONS_APP
from breakglass.tamper import Tier

Plain = dict[str, Any]
Edit = Callable[[Plain], object]
"""Changes the plain data of an organisation file."""

_ELSEWHERE: Final = "777777777777"
"""An account of the editor's own."""


# --- the organisation file ---------------------------------------------------------------------


def _edited(scene: Scene, edit: Edit) -> Organisation:
    """Read the organisation file as it is after an edit."""
    data = scene.organisation.model_dump(mode="json")
    edit(data)
    try:
        return parse(data)
    except InvalidInputs as refused:
        first = refused.faults[0]
        raise Refused(f"settings: {first.name}", str(first)) from refused


def _says(edit: Edit) -> Act:
    return lambda scene: _edited(scene, edit)


def _named(things: list[Plain], name: object) -> Plain:
    return next(thing for thing in things if thing["name"] == name)


def _entry(data: Plain, kind: str) -> Plain:
    return next(each for each in data["entries"] if each["kind"] == kind)


def _keeper(data: Plain) -> Plain:
    return next(person for person in data["people"] if person["side"] == "keeper")


def _add_a_person(data: Plain) -> None:
    data["people"].append({"name": "mallory", "side": "edge", "iam_user": "mallory"})
    _entry(data, "iam-user")["people"].append("mallory")


def _let_a_keeper_in(data: Plain) -> None:
    keeper = _keeper(data)
    keeper["iam_user"] = "keeper"
    _entry(data, "iam-user")["people"].append(keeper["name"])


def _be_two_people(data: Plain) -> None:
    """List an actor's identity under a keeper's name."""
    name = _entry(data, "iam-user")["people"][0]
    _keeper(data)["iam_user"] = _named(data["people"], name)["iam_user"]


def _govern_the_lock(data: Plain) -> None:
    data["retention"] = {"mode": "GOVERNANCE", "days": 1}


def _enter_at_the_keepers(data: Plain) -> None:
    account = next(each for each in data["accounts"] if each["role"] == "logging")
    _entry(data, "iam-user")["account"] = account["name"]


def _be_both_sides(data: Plain) -> None:
    data["deployers"]["edge"] = data["deployers"]["keeper"]


def _read_from_the_edge(data: Plain) -> None:
    account = next(each for each in data["accounts"] if each["role"] == "workload")
    data["readers"] = [f"arn:aws:iam::{account['id']}:role/curious"]


def _believe_any_workflow(data: Plain) -> None:
    repositories = data["github"]["repositories"]
    checks = (
        gate
        for repository in repositories
        for gate in repository["gates"]
        if gate["kind"] == "check" and not gate["skippable"]
    )
    next(checks)["integration_id"] = ACTIONS_APP


def _skip_at_the_keepers(data: Plain) -> None:
    keepers = (each for each in data["github"]["repositories"] if each.get("keeper"))
    next(keepers)["gates"][0]["skippable"] = True


def _grant_everything(data: Plain) -> None:
    data["scopes"][0]["grants"].append({"actions": ["*"], "resources": ["*"]})


def _reach_a_keeper(data: Plain) -> None:
    account = next(each for each in data["accounts"] if each["role"] == "logging")
    data["scopes"][0]["accounts"].append(account["name"])


def _take_a_role_of_the_kit(data: Plain) -> None:
    account = next(each for each in data["accounts"] if each["role"] == "workload")
    data["scopes"][0]["assume_roles"] = [names.forwarder_arn(account["id"])]


def _watch_less(data: Plain) -> None:
    data["regions"] = [region for region in data["regions"] if region != GLOBAL]


def _ring_nobody(data: Plain) -> None:
    data["pager"] = [{**data["pager"][0], "tier": "ticket"}]


_ADDS: Final = Twin("The same editor adds a person who may enter", _says(_add_a_person))


def _in_the_file(name: str, title: str, edit: Edit, by: str, *needs: Need) -> Attack:
    """Say what the settings refuse; beside it what they take."""
    return Attack(
        f"editor-{name}",
        f"Who edits the organisation file {title}",
        Attacker.EDITOR,
        _says(edit),
        f"settings: {by}",
        _ADDS,
        (entry(EntryKind.IAM_USER), *needs),
    )


# --- the stack file ----------------------------------------------------------------------------


def _check_side(organisation: Organisation, side: Side) -> None:
    try:
        check_side(organisation, side)
    except InvalidInput as refused:
        raise Refused(f"program: {refused.name}", str(refused)) from refused


def _one_stack(scene: Scene) -> None:
    _check_side(scene.organisation, Side.ALL)


def _a_stack_a_side(scene: Scene) -> None:
    _check_side(scene.organisation, Side.KEEPER)
    _check_side(scene.organisation, Side.EDGE)


def _call_it_small(scene: Scene) -> None:
    """Declare the organisation small, and have the edge's pipeline apply the keeper side too."""
    organisation = _edited(scene, lambda data: data.update(small=True))
    _check_side(organisation, Side.ALL)
    become(scene, "edge", scene.logging)


# --- what then happens in the cloud ------------------------------------------------------------


def _shorten(scene: Scene) -> None:
    """Give the records a day in the file; the keeper's deployer then applies it."""
    organisation = _edited(scene, lambda data: data["retention"].update(days=1))
    rule = {"Mode": organisation.retention.mode.value, "Days": organisation.retention.days}
    s3 = scene.client(scene.deployer(scene.logging), "s3")
    buckets.set_lock(s3, scene.topology.vault_name, Rule={"DefaultRetention": rule})


def _destroy_the_vault(scene: Scene) -> None:
    """Do what ``pulumi destroy`` does once the state says that nothing is protected."""
    scene.client(scene.deployer(scene.logging), "s3").delete_bucket(
        Bucket=scene.topology.vault_name
    )


def _delete_own(scene: Scene) -> None:
    with belongings.empty_bucket(scene, scene.logging) as own:
        scene.client(scene.logging_admin, "s3").delete_bucket(Bucket=own)


def _destroy_the_trail(scene: Scene) -> None:
    trail = scene.vault_trail
    cloudtrail = scene.client(scene.deployer(trail.account.id), "cloudtrail")
    cloudtrail.delete_trail(Name=trail.arn)


def _destroy_a_rule(scene: Scene) -> None:
    """Delete the rule of activations, as for a state that no longer knows it."""
    by_hand = scene.hand(scene.workload, "events")
    events = scene.client(scene.deployer(scene.workload), "events")
    name = names.named("activation")
    held = by_hand.describe_rule(Name=name)
    targets = by_hand.list_targets_by_rule(Rule=name)["Targets"]
    scene.afterwards(by_hand.put_targets, Rule=name, Targets=targets)
    kept = {key: held[key] for key in ("Name", "EventPattern", "State")}
    scene.afterwards(by_hand.put_rule, **kept)
    events.remove_targets(Rule=name, Ids=[target["Id"] for target in targets])
    events.delete_rule(Name=name)


def _look_at_a_rule(scene: Scene) -> None:
    events = scene.client(scene.deployer(scene.workload), "events")
    events.describe_rule(Name=names.named("activation"))


def _move_logging(scene: Scene) -> None:
    """Put an account of one's own in logging's place; the keeper's pipeline then goes there."""

    def move(data: Plain) -> None:
        account = next(each for each in data["accounts"] if each["role"] == "logging")
        account["id"] = _ELSEWHERE
        data["deployers"]["keeper"] = f"arn:aws:iam::{_ELSEWHERE}:role/ci-keeper"
        data.pop("readers", None)

    _edited(scene, move)
    keepers = scene.stage.existing.ci["keeper"].split(":")[4]
    deployer = names.role("deployer")
    with belongings.trusting_role(scene, _ELSEWHERE, deployer, keepers, path=names.PATH) as role:
        scene.emulator.assume_role(
            scene.pipeline("keeper"), role, session_name="pipeline", region=scene.home
        )


def _change_sides(scene: Scene) -> None:
    """Have the keeper's pipeline deploy a workload, as if it were a keeper's account."""
    become(scene, "keeper", scene.workload)


# --- what only pages ---------------------------------------------------------------------------


def _deployers_iam(scene: Scene, account: str) -> Client:
    return scene.client(scene.deployer(account), "iam", GLOBAL)


def _apply_the_new_person(scene: Scene) -> None:
    _edited(scene, _add_a_person)
    account = scene.entry_user.account
    role = scene.entry_role(EntryKind.IAM_USER).rpartition("/")[2]
    by_hand = scene.hand(account, "iam", GLOBAL)
    held = json.dumps(by_hand.get_role(RoleName=role)["Role"]["AssumeRolePolicyDocument"])
    scene.afterwards(by_hand.update_assume_role_policy, RoleName=role, PolicyDocument=held)
    everybody = {"AWS": f"arn:aws:iam::{account}:root"}
    trust = json.dumps(document(allow("Enter", "sts:AssumeRole", principal=everybody)))
    _deployers_iam(scene, account).update_assume_role_policy(RoleName=role, PolicyDocument=trust)


def _look_at_the_entry(scene: Scene) -> None:
    role = scene.entry_role(EntryKind.IAM_USER).rpartition("/")[2]
    _deployers_iam(scene, scene.entry_user.account).get_role(RoleName=role)


def _apply_a_wider_scope(scene: Scene) -> None:
    role, by_hand = names.role("scope", scene.scope.name), scene.hand(scene.workload, "iam", GLOBAL)
    policy = names.policy("scope")
    held = by_hand.get_role_policy(RoleName=role, PolicyName=policy)["PolicyDocument"]
    scene.afterwards(
        by_hand.put_role_policy,
        RoleName=role,
        PolicyName=policy,
        PolicyDocument=json.dumps(held),
    )
    wider = json.dumps(document(allow("Wider", "ec2:*", "*")))
    _deployers_iam(scene, scene.workload).put_role_policy(
        RoleName=role, PolicyName=policy, PolicyDocument=wider
    )


def _look_at_the_scope(scene: Scene) -> None:
    role = names.role("scope", scene.scope.name)
    _deployers_iam(scene, scene.workload).get_role(RoleName=role)


def _page_topic(scene: Scene) -> str:
    return names.topic_arn(scene.home, scene.logging, Tier.PAGE.value)


def _ring_somebody_else(scene: Scene) -> None:
    sns, by_hand = _keepers_sns(scene), scene.hand(scene.logging, "sns")
    made = sns.subscribe(
        TopicArn=_page_topic(scene),
        Protocol="email",
        Endpoint="mallory@example.com",
        ReturnSubscriptionArn=True,
    )
    scene.afterwards(by_hand.unsubscribe, SubscriptionArn=made["SubscriptionArn"])


def _ring_nobody_any_more(scene: Scene) -> None:
    """Take every pager off the topic, as the program does for one that the file no longer has."""
    sns, by_hand = _keepers_sns(scene), scene.hand(scene.logging, "sns")
    listed = by_hand.list_subscriptions_by_topic(TopicArn=_page_topic(scene))["Subscriptions"]
    if not listed:
        raise RehearsalError("nobody is subscribed to the pager's topic")
    scene.afterwards(store.keep_subscriptions(_page_topic(scene)))
    for one in listed:
        sns.unsubscribe(SubscriptionArn=one["SubscriptionArn"])


def _keepers_sns(scene: Scene) -> Client:
    return scene.client(scene.deployer(scene.logging), "sns")


def _look_at_the_topic(scene: Scene) -> None:
    _keepers_sns(scene).get_topic_attributes(TopicArn=_page_topic(scene))


_REVIEWED: Final = "The file is reviewed in the keepers' repository; what it changes pages."

ATTACKS: Final = (
    _in_the_file(
        "makes-no-keeper-an-actor",
        "lists a keeper among those who enter",
        _let_a_keeper_in,
        "entries[{user_entry}].people",
    ),
    _in_the_file(
        "is-not-two-people",
        "gives a keeper the identity of an actor",
        _be_two_people,
        "people[source_identity]",
    ),
    _in_the_file(
        "weakens-no-lock-in-production",
        "asks for a lock that can be bypassed",
        _govern_the_lock,
        "retention.mode",
        PRODUCTION,
    ),
    _in_the_file(
        "opens-no-way-in-at-the-keepers",
        "puts the way in into the logging account",
        _enter_at_the_keepers,
        "entries[{user_entry}].account",
    ),
    _in_the_file(
        "gives-no-pipeline-both-sides",
        "gives both sides to one pipeline",
        _be_both_sides,
        "deployers",
        NOT_SMALL,
    ),
    _in_the_file(
        "lets-no-edge-role-read",
        "lets a workload's role read the records",
        _read_from_the_edge,
        "readers",
    ),
    _in_the_file(
        "believes-no-workflow",
        "takes the floor's check from any workflow",
        _believe_any_workflow,
        "github.repositories[{floor_repository}].gates[{floor_check}].integration_id",
        FLOOR_CHECK,
    ),
    _in_the_file(
        "skips-no-gate-at-the-keepers",
        "lets a gate of the keepers' own repository be skipped",
        _skip_at_the_keepers,
        "github.repositories[{keeper_repository}].gates[{keeper_gate}].skippable",
        KEEPER_REPOSITORY,
    ),
    _in_the_file(
        "grants-not-everything",
        "grants a scope every action",
        _grant_everything,
        "scopes[{scope_name}].grants",
    ),
    _in_the_file(
        "reaches-into-no-keeper-account",
        "gives a scope a role in the logging account",
        _reach_a_keeper,
        "scopes[{scope_name}].accounts",
    ),
    _in_the_file(
        "hands-no-kit-role-out",
        "lets a scope go on to a role of the kit",
        _take_a_role_of_the_kit,
        "scopes[{scope_name}].assume_roles",
    ),
    _in_the_file(
        "leaves-no-global-service-unwatched",
        "takes us-east-1 off the watched regions",
        _watch_less,
        "regions",
    ),
    _in_the_file(
        "leaves-somebody-to-ring",
        "has tickets written and nobody paged",
        _ring_nobody,
        "pager[tier=page]",
    ),
    Attack(
        "editor-runs-no-stack-over-both-sides",
        "Who edits a stack file has one production stack hold both sides",
        Attacker.EDITOR,
        _one_stack,
        "program: breakglass:side",
        Twin("The same editor has each side's stack hold its side", _a_stack_a_side),
        (PRODUCTION, NOT_SMALL),
    ),
    Attack(
        "editor-calls-it-not-small",
        "Who edits the organisation file declares it small, and one pipeline applies both sides",
        Attacker.EDITOR,
        _call_it_small,
        KEEPERS_ENTER.format(account="{logging}"),
        Twin(
            "The keeper's pipeline takes the logging account's deployer",
            lambda scene: become(scene, "keeper", scene.logging),
        ),
        (ORGANIZATIONS, TWO_SIDES),
    ),
    Attack(
        "editor-shortens-no-retention",
        "Who edits the organisation file gives records a day, and the keeper's deployer applies it",
        Attacker.EDITOR,
        _shorten,
        "policy of {vault}#NobodyUnlocks",
        SHORTENED,
        (COMPLIANCE,),
    ),
    Attack(
        "editor-unprotects-no-vault",
        "Who edits the state takes `protect` off the vault, and its deployer deletes it",
        Attacker.EDITOR,
        _destroy_the_vault,
        unallowed("s3:DeleteBucket", Layer.IDENTITY, "break-glass-deployer"),
        Twin("The account's administrator deletes an empty bucket of his own", _delete_own),
        (PRODUCTION,),
    ),
    Attack(
        "editor-unprotects-no-trail",
        "Who edits the state takes `protect` off a trail, and its deployer deletes it",
        Attacker.EDITOR,
        _destroy_the_trail,
        "break-glass-deployer#NothingIrreversible",
        DELETED,
        (PRODUCTION,),
    ),
    Attack(
        "editor-unprotects-a-rule",
        "Who edits the state takes `protect` off a rule, and its deployer deletes it",
        Attacker.EDITOR,
        _destroy_a_rule,
        Detected("A deployer keeps the rules; another rule tells of the end of one."),
        Twin("The same deployer reads the rule", _look_at_a_rule),
    ),
    Attack(
        "editor-moves-no-logging-account",
        "Who edits the organisation file puts an account of his own in logging's place",
        Attacker.EDITOR,
        _move_logging,
        unallowed("sts:AssumeRole", Layer.IDENTITY, "break-glass-deploys"),
        Twin(
            "The keeper's pipeline takes the deployer of the real one",
            lambda scene: become(scene, "keeper", scene.logging),
        ),
        (ORGANIZATIONS, TWO_SIDES),
    ),
    Attack(
        "editor-moves-no-account-to-the-other-side",
        "Who edits the organisation file has the keeper's pipeline deploy a workload",
        Attacker.EDITOR,
        _change_sides,
        unallowed("sts:AssumeRole", Layer.IDENTITY, "break-glass-deploys"),
        Twin(
            "The edge's pipeline takes that deployer",
            lambda scene: become(scene, "edge", scene.workload),
        ),
        (ORGANIZATIONS, TWO_SIDES),
    ),
    Attack(
        "editor-adds-a-person",
        "Who edits the organisation file adds an accomplice, and the edge's deployer trusts him",
        Attacker.EDITOR,
        _apply_the_new_person,
        Detected(_REVIEWED),
        Twin("The same deployer reads whom the entry role trusts", _look_at_the_entry),
        (entry(EntryKind.IAM_USER),),
    ),
    Attack(
        "editor-widens-a-scope",
        "Who edits the organisation file grants a scope more, and the edge's deployer writes it",
        Attacker.EDITOR,
        _apply_a_wider_scope,
        Detected(_REVIEWED),
        Twin("The same deployer reads the scope's role", _look_at_the_scope),
    ),
    Attack(
        "editor-has-another-pager-listen",
        "Who edits a stack file's secrets has pages sent to himself too",
        Attacker.EDITOR,
        _ring_somebody_else,
        Detected("A deployer subscribes the endpoints; the others hear of a new one."),
        Twin("The same deployer reads the topic", _look_at_the_topic),
    ),
    Attack(
        "editor-has-no-pager-listen",
        "Who edits the organisation file takes every pager away, and the deployer applies it",
        Attacker.EDITOR,
        _ring_nobody_any_more,
        Residual(
            "The page about the last pager reaches nobody; a switch outside AWS that misses a"
            " heartbeat is not provided yet, so review of the file is what stands."
        ),
        Twin("The same deployer reads the topic", _look_at_the_topic),
    ),
)
