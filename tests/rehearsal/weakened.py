"""A topology with one thing less in it: what an attack must notice, and how it is put back."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import Any

from breakglass import names
from breakglass.rehearsal.github.state import BypassActor, Repository, Ruleset
from breakglass.rehearsal.stage import Stage

GLOBAL = "us-east-1"
Document = dict[str, Any]
Edit = Callable[[Document], object]


def without(sid: str) -> Edit:
    """Drop a statement."""

    def edit(document: Document) -> None:
        document["Statement"].remove(statement(document, sid))

    return edit


def toothless(sid: str) -> Edit:
    """Have a statement cover nothing that matters, where a document must not lose its only one."""
    return lambda document: statement(document, sid).update(Action="sts:GetAccessKeyInfo")


def unconditional(sid: str, operator: str, key: str) -> Edit:
    """Drop one condition of a statement."""
    return lambda document: statement(document, sid)["Condition"][operator].pop(key)


def statement(document: Document, sid: str) -> Document:
    return next(each for each in document["Statement"] if each["Sid"] == sid)


@contextmanager
def edited(document: Document, edit: Edit, put: Callable[[str], object]) -> Iterator[None]:
    changed = json.loads(json.dumps(document))
    edit(changed)
    put(json.dumps(changed))
    try:
        yield
    finally:
        put(json.dumps(document))


@contextmanager
def vault_policy(stage: Stage, edit: Edit) -> Iterator[None]:
    account, bucket = stage.organisation.logging.id, stage.topology.vault_name
    s3 = stage.emulator.client(stage.emulator.root(account), "s3", GLOBAL)
    held = json.loads(s3.get_bucket_policy(Bucket=bucket)["Policy"])
    with edited(held, edit, lambda text: s3.put_bucket_policy(Bucket=bucket, Policy=text)):
        yield


@contextmanager
def trust(stage: Stage, account: str, role: str, edit: Edit) -> Iterator[None]:
    iam = stage.emulator.client(stage.emulator.root(account), "iam", GLOBAL)
    held = iam.get_role(RoleName=role)["Role"]["AssumeRolePolicyDocument"]
    with edited(
        held, edit, lambda text: iam.update_assume_role_policy(RoleName=role, PolicyDocument=text)
    ):
        yield


@contextmanager
def boundary(stage: Stage, edit: Edit) -> Iterator[None]:
    scope = stage.organisation.scopes[0]
    account = stage.topology.scope_accounts(scope)[0].id
    arn = names.boundary_arn(account, scope.name)
    iam = stage.emulator.client(stage.emulator.root(account), "iam", GLOBAL)
    before = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
    held = iam.get_policy_version(PolicyArn=arn, VersionId=before)["PolicyVersion"]["Document"]
    edit(held)
    made = iam.create_policy_version(
        PolicyArn=arn, PolicyDocument=json.dumps(held), SetAsDefault=True
    )["PolicyVersion"]["VersionId"]
    try:
        yield
    finally:
        iam.set_default_policy_version(PolicyArn=arn, VersionId=before)
        iam.delete_policy_version(PolicyArn=arn, VersionId=made)


@contextmanager
def guardrail(stage: Stage, name: str, edit: Edit) -> Iterator[None]:
    management = stage.organisation.accounts[0].id
    root = stage.emulator.root(management)
    organizations = stage.emulator.client(root, "organizations", GLOBAL)
    kinds = ("SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY")
    listed = [p for kind in kinds for p in organizations.list_policies(Filter=kind)["Policies"]]
    identifier = next(policy["Id"] for policy in listed if policy["Name"] == name)
    held = organizations.describe_policy(PolicyId=identifier)["Policy"]["Content"]
    with edited(
        json.loads(held),
        edit,
        lambda text: organizations.update_policy(PolicyId=identifier, Content=text),
    ):
        yield


@contextmanager
def hub_policy(stage: Stage, edit: Edit) -> Iterator[None]:
    account = stage.organisation.logging.id
    root = stage.emulator.root(account)
    events = stage.emulator.client(root, "events", stage.organisation.home_region)
    held = json.loads(events.describe_event_bus(Name=names.bus())["Policy"])
    with edited(
        held, edit, lambda text: events.put_permission(EventBusName=names.bus(), Policy=text)
    ):
        yield


@contextmanager
def ruleset(stage: Stage, name: str, change: Callable[[Ruleset], Ruleset]) -> Iterator[None]:
    """Change a ruleset of the repository under attack, as somebody with the right to would."""
    before = next(each for each in repository(stage).rulesets.values() if each.name == name)
    repository(stage).rulesets[before.id] = change(before)
    try:
        yield
    finally:
        repository(stage).rulesets[before.id] = before


def repository(stage: Stage) -> Repository:
    name = stage.organisation.github.repositories[0].name
    return stage.existing_github.organization.repositories[name]


def unpinned(floor: Ruleset) -> Ruleset:
    """Take anybody's word for the checks."""
    rule: Mapping[str, Any] = floor.rules["required_status_checks"]
    checks = [{"context": each["context"]} for each in rule["required_status_checks"]]
    anybody = {**rule, "required_status_checks": checks}
    return replace(floor, rules={**floor.rules, "required_status_checks": anybody})


def reviewed(floor: Ruleset) -> Ruleset:
    """Ask for a review on the floor, as for one that is not skippable."""
    review = {**floor.rules["pull_request"], "required_approving_review_count": 1}
    return replace(floor, rules={**floor.rules, "pull_request": review})


def with_bypass(app: int, mode: str) -> Callable[[Ruleset], Ruleset]:
    """Let the App past a ruleset."""
    actor = BypassActor("Integration", app, mode)
    return lambda held: replace(held, bypass_actors=(*held.bypass_actors, actor))


@contextmanager
def without_rules(stage: Stage, account: str, rule: str, bus: str = "default") -> Iterator[None]:
    """Disable a rule of the kit's in every region that has it."""
    root, done = stage.emulator.root(account), ExitStack()
    with done:
        for region in stage.organisation.watched_regions:
            events = stage.emulator.client(root, "events", region)
            name = names.named(rule)
            buses = [each["Name"] for each in events.list_event_buses()["EventBuses"]]
            if bus in buses and events.list_rules(EventBusName=bus, NamePrefix=name)["Rules"]:
                events.disable_rule(Name=name, EventBusName=bus)
                done.callback(events.enable_rule, Name=name, EventBusName=bus)
        yield
