# ruff: noqa: A002, ARG002, S105 - the protocol's parameter names; a type token is no password
"""EventBridge: buses, their policies, rules and targets."""

from typing import ClassVar

from breakglass.rehearsal.resources.handlers.base import (
    Cloud,
    Handler,
    Inputs,
    camel,
    given,
    pascal,
    removed,
    tag_list,
    tag_map,
    unless_missing,
)

_GONE = "ResourceNotFoundException"


class EventBus(Handler):
    """aws.cloudwatch.EventBus."""

    token = "aws:cloudwatch/eventBus:EventBus"
    name_property = "name"
    replace_on = frozenset({"name", "eventSourceName", "region"})
    no_value = frozenset({"eventSourceName", "logConfig"})

    def create(self, cloud: Cloud, inputs: Inputs) -> str:
        """Create the bus."""
        cloud.client("events").create_event_bus(
            Name=inputs["name"],
            Tags=tag_list(cloud.tags(inputs)),
            **_bus(inputs),
        )
        return str(inputs["name"])

    def read(self, cloud: Cloud, id: str, inputs: Inputs) -> Inputs | None:
        """Return the bus."""
        events = cloud.client("events")
        found = unless_missing(lambda: events.describe_event_bus(Name=id), _GONE)
        if found is None:
            return None
        dead_letters = found.get("DeadLetterConfig") or {}
        tags = events.list_tags_for_resource(ResourceARN=found["Arn"])["Tags"]
        return {
            "arn": found["Arn"],
            "name": found["Name"],
            "description": found.get("Description"),
            "kmsKeyIdentifier": found.get("KmsKeyIdentifier"),
            "deadLetterConfig": {"arn": dead_letters["Arn"]} if dead_letters else None,
            "tagsAll": tag_map(tags),
        }

    def update(self, cloud: Cloud, id: str, inputs: Inputs, before: Inputs) -> None:
        """Change tags; anything else needs UpdateEventBus, which the emulator lacks."""
        events = cloud.client("events")
        if _bus(inputs) != _bus(before):
            events.update_event_bus(Name=id, **_bus(inputs))
        arn = events.describe_event_bus(Name=id)["Arn"]
        tags = cloud.tags(inputs)
        events.untag_resource(ResourceARN=arn, TagKeys=removed(cloud.tags(before), tags))
        events.tag_resource(ResourceARN=arn, Tags=tag_list(tags))

    def delete(self, cloud: Cloud, id: str, inputs: Inputs) -> None:
        """Delete the bus."""
        cloud.client("events").delete_event_bus(Name=id)


def _bus(inputs: Inputs) -> Inputs:
    dead_letters = inputs.get("deadLetterConfig")
    return given(
        Description=inputs.get("description"),
        KmsKeyIdentifier=inputs.get("kmsKeyIdentifier"),
        DeadLetterConfig={"Arn": dead_letters["arn"]} if dead_letters else None,
    )


class EventBusPolicy(Handler):
    """aws.cloudwatch.EventBusPolicy; the id is the bus's name."""

    token = "aws:cloudwatch/eventBusPolicy:EventBusPolicy"
    replace_on = frozenset({"eventBusName", "region"})

    def create(self, cloud: Cloud, inputs: Inputs) -> str:
        """Put the whole policy."""
        bus = inputs.get("eventBusName", "default")
        cloud.client("events").put_permission(EventBusName=bus, Policy=inputs["policy"])
        return str(bus)

    def read(self, cloud: Cloud, id: str, inputs: Inputs) -> Inputs | None:
        """Return the policy."""
        events = cloud.client("events")
        found = unless_missing(lambda: events.describe_event_bus(Name=id), _GONE)
        if found is None or not found.get("Policy"):
            return None
        return {"eventBusName": id, "policy": found["Policy"]}

    def update(self, cloud: Cloud, id: str, inputs: Inputs, before: Inputs) -> None:
        """Put the new policy; statements that are gone go."""
        self.delete(cloud, id, before)
        self.create(cloud, inputs)

    def delete(self, cloud: Cloud, id: str, inputs: Inputs) -> None:
        """Remove every statement."""
        cloud.client("events").remove_permission(EventBusName=id, RemoveAllPermissions=True)


class EventRule(Handler):
    """aws.cloudwatch.EventRule; the id is ``bus/rule``."""

    token = "aws:cloudwatch/eventRule:EventRule"
    name_property = "name"
    replace_on = frozenset({"name", "namePrefix", "eventBusName", "region"})
    no_value = frozenset({"namePrefix", "isEnabled"})
    provider_only: ClassVar = {"forceDestroy": False}

    def create(self, cloud: Cloud, inputs: Inputs) -> str:
        """Put the rule."""
        bus = inputs.get("eventBusName", "default")
        cloud.client("events").put_rule(
            Tags=tag_list(cloud.tags(inputs)), **_rule(inputs, bus, inputs["name"])
        )
        return f"{bus}/{inputs['name']}"

    def read(self, cloud: Cloud, id: str, inputs: Inputs) -> Inputs | None:
        """Return the rule."""
        bus, name = id.rsplit("/", 1)
        events = cloud.client("events")
        found = unless_missing(lambda: events.describe_rule(Name=name, EventBusName=bus), _GONE)
        if found is None:
            return None
        tags = events.list_tags_for_resource(ResourceARN=found["Arn"])["Tags"]
        return {
            "arn": found["Arn"],
            "name": found["Name"],
            "eventBusName": bus,
            "eventPattern": found.get("EventPattern"),
            "scheduleExpression": found.get("ScheduleExpression"),
            "description": found.get("Description"),
            "roleArn": found.get("RoleArn"),
            "state": found["State"],
            "tagsAll": tag_map(tags),
        }

    def update(self, cloud: Cloud, id: str, inputs: Inputs, before: Inputs) -> None:
        """Put the rule whole: PutRule clears what it is not given."""
        bus, name = id.rsplit("/", 1)
        events = cloud.client("events")
        arn = events.put_rule(**_rule(inputs, bus, name))["RuleArn"]
        tags = cloud.tags(inputs)
        events.untag_resource(ResourceARN=arn, TagKeys=removed(cloud.tags(before), tags))
        events.tag_resource(ResourceARN=arn, Tags=tag_list(tags))

    def delete(self, cloud: Cloud, id: str, inputs: Inputs) -> None:
        """Delete the rule; its targets are gone before."""
        bus, name = id.rsplit("/", 1)
        cloud.client("events").delete_rule(Name=name, EventBusName=bus)


def _rule(inputs: Inputs, bus: str, name: str) -> Inputs:
    return given(
        Name=name,
        EventBusName=bus,
        EventPattern=inputs.get("eventPattern"),
        ScheduleExpression=inputs.get("scheduleExpression"),
        Description=inputs.get("description"),
        RoleArn=inputs.get("roleArn"),
        State=inputs.get("state", "ENABLED"),
    )


class EventTarget(Handler):
    """aws.cloudwatch.EventTarget; the id is ``bus/rule/target``."""

    token = "aws:cloudwatch/eventTarget:EventTarget"
    name_property = "targetId"
    replace_on = frozenset({"rule", "targetId", "eventBusName", "region"})
    no_value = frozenset(
        {
            "appsyncTarget",
            "batchTarget",
            "ecsTarget",
            "httpTarget",
            "kinesisTarget",
            "redshiftTarget",
            "runCommandTargets",
            "sagemakerPipelineTarget",
        }
    )
    provider_only: ClassVar = {"forceDestroy": False}

    def create(self, cloud: Cloud, inputs: Inputs) -> str:
        """Put the target."""
        bus = inputs.get("eventBusName", "default")
        answer = cloud.client("events").put_targets(
            Rule=inputs["rule"], EventBusName=bus, Targets=[_target(inputs)]
        )
        if answer["FailedEntryCount"]:
            raise ValueError(f"PutTargets failed: {answer['FailedEntries']}")
        return f"{bus}/{inputs['rule']}/{inputs['targetId']}"

    def read(self, cloud: Cloud, id: str, inputs: Inputs) -> Inputs | None:
        """Return the target."""
        bus, rule, target_id = id.rsplit("/", 2)
        events = cloud.client("events")
        found = unless_missing(
            lambda: events.list_targets_by_rule(Rule=rule, EventBusName=bus), _GONE
        )
        targets = [] if found is None else found["Targets"]
        target = next((entry for entry in targets if entry["Id"] == target_id), None)
        if target is None:
            return None
        transformer = target.get("InputTransformer")
        return {
            "eventBusName": bus,
            "rule": rule,
            "targetId": target_id,
            "arn": target["Arn"],
            "roleArn": target.get("RoleArn"),
            "input": target.get("Input"),
            "inputPath": target.get("InputPath"),
            "inputTransformer": transformer
            and {
                "inputPaths": transformer.get("InputPathsMap", {}),
                "inputTemplate": transformer["InputTemplate"],
            },
            "deadLetterConfig": camel(target.get("DeadLetterConfig")),
            "retryPolicy": camel(target.get("RetryPolicy")),
            "sqsTarget": camel(target.get("SqsParameters")),
        }

    def update(self, cloud: Cloud, id: str, inputs: Inputs, before: Inputs) -> None:
        """Put the target whole."""
        self.create(cloud, inputs)

    def delete(self, cloud: Cloud, id: str, inputs: Inputs) -> None:
        """Remove the target."""
        bus, rule, target_id = id.rsplit("/", 2)
        cloud.client("events").remove_targets(Rule=rule, EventBusName=bus, Ids=[target_id])


def _target(inputs: Inputs) -> Inputs:
    transformer = inputs.get("inputTransformer")
    return given(
        Id=inputs["targetId"],
        Arn=inputs["arn"],
        RoleArn=inputs.get("roleArn"),
        Input=inputs.get("input"),
        InputPath=inputs.get("inputPath"),
        InputTransformer=transformer
        and {
            "InputPathsMap": transformer.get("inputPaths", {}),
            "InputTemplate": transformer["inputTemplate"],
        },
        DeadLetterConfig=pascal(inputs.get("deadLetterConfig")),
        RetryPolicy=pascal(inputs.get("retryPolicy")),
        SqsParameters=pascal(inputs.get("sqsTarget")),
    )


HANDLERS = (EventBus(), EventBusPolicy(), EventRule(), EventTarget())
