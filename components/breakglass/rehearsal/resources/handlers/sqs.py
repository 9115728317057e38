# ruff: noqa: A002, ARG002, S105 - the protocol's parameter names; a type token is no password
"""SQS: queues, their policies and who may send them dead letters."""

from typing import Final

from breakglass.rehearsal.resources.handlers.base import (
    Cloud,
    Handler,
    Inputs,
    removed,
    unless_missing,
)

_GONE = ("AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist")
_NUMBERS: Final = {
    "delaySeconds": "DelaySeconds",
    "kmsDataKeyReusePeriodSeconds": "KmsDataKeyReusePeriodSeconds",
    "maxMessageSize": "MaximumMessageSize",
    "messageRetentionSeconds": "MessageRetentionPeriod",
    "receiveWaitTimeSeconds": "ReceiveMessageWaitTimeSeconds",
    "visibilityTimeoutSeconds": "VisibilityTimeout",
}
_BOOLEANS: Final = {
    "contentBasedDeduplication": "ContentBasedDeduplication",
    "fifoQueue": "FifoQueue",
    "sqsManagedSseEnabled": "SqsManagedSseEnabled",
}
_TEXTS: Final = {
    "deduplicationScope": "DeduplicationScope",
    "fifoThroughputLimit": "FifoThroughputLimit",
    "kmsMasterKeyId": "KmsMasterKeyId",
    "policy": "Policy",
    "redriveAllowPolicy": "RedriveAllowPolicy",
    "redrivePolicy": "RedrivePolicy",
}
_DEFAULTS: Final = {
    "delaySeconds": "0",
    "kmsDataKeyReusePeriodSeconds": "300",
    "maxMessageSize": "262144",
    "messageRetentionSeconds": "345600",
    "receiveWaitTimeSeconds": "0",
    "visibilityTimeoutSeconds": "30",
    "contentBasedDeduplication": "false",
    "sqsManagedSseEnabled": "true",
}
"""What an attribute goes back to (SQS API reference, SetQueueAttributes; SSE since 2022)."""
_ALL: Final = {**_NUMBERS, **_BOOLEANS, **_TEXTS}


def _text(value: object) -> str:
    """Return a value as SQS takes attributes: text, lower-case booleans."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _attributes(cloud: Cloud, url: str) -> Inputs | None:
    """Return all attributes of a queue, or None when it is gone."""
    sqs = cloud.client("sqs")
    found = unless_missing(
        lambda: sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"]), *_GONE
    )
    return None if found is None else dict(found["Attributes"])


def _set(cloud: Cloud, url: str, attributes: dict[str, str]) -> None:
    cloud.client("sqs").set_queue_attributes(QueueUrl=url, Attributes=attributes)


class Queue(Handler):
    """aws.sqs.Queue; the id is the URL."""

    token = "aws:sqs/queue:Queue"
    name_property = "name"
    replace_on = frozenset({"name", "namePrefix", "fifoQueue", "region"})
    no_value = frozenset({"namePrefix"})
    shared = frozenset({"policy", "redrivePolicy", "redriveAllowPolicy"})

    def create(self, cloud: Cloud, inputs: Inputs) -> str:
        """Create the queue; FifoQueue is only ever said as true."""
        attributes = {api: _text(inputs[name]) for name, api in _ALL.items() if name in inputs}
        if attributes.get("FifoQueue") == "false":
            del attributes["FifoQueue"]
        made = cloud.client("sqs").create_queue(
            QueueName=inputs["name"], Attributes=attributes, tags=cloud.tags(inputs)
        )
        return str(made["QueueUrl"])

    def read(self, cloud: Cloud, id: str, inputs: Inputs) -> Inputs | None:
        """Return the queue."""
        found = _attributes(cloud, id)
        if found is None:
            return None
        numbers = {name: found.get(api) for name, api in _NUMBERS.items()}
        return {
            **{name: None if text is None else int(text) for name, text in numbers.items()},
            **{name: found.get(api) == "true" for name, api in _BOOLEANS.items()},
            **{name: found.get(api) for name, api in _TEXTS.items()},
            "arn": found["QueueArn"],
            "name": found["QueueArn"].rsplit(":", 1)[-1],
            "url": id,
            "tagsAll": cloud.client("sqs").list_queue_tags(QueueUrl=id).get("Tags", {}),
        }

    def update(self, cloud: Cloud, id: str, inputs: Inputs, before: Inputs) -> None:
        """Set each attribute that differs."""
        changed = {
            api: _text(inputs[name]) if name in inputs else _DEFAULTS.get(name, "")
            for name, api in _ALL.items()
            if inputs.get(name) != before.get(name)
        }
        if changed:
            _set(cloud, id, changed)
        tags = cloud.tags(inputs)
        sqs = cloud.client("sqs")
        gone = removed(cloud.tags(before), tags)
        if gone:
            sqs.untag_queue(QueueUrl=id, TagKeys=gone)
        if tags:
            sqs.tag_queue(QueueUrl=id, Tags=tags)

    def delete(self, cloud: Cloud, id: str, inputs: Inputs) -> None:
        """Delete the queue."""
        cloud.client("sqs").delete_queue(QueueUrl=id)


class QueuePolicy(Handler):
    """aws.sqs.QueuePolicy; the id is the queue's URL."""

    token = "aws:sqs/queuePolicy:QueuePolicy"
    replace_on = frozenset({"queueUrl", "region"})

    def create(self, cloud: Cloud, inputs: Inputs) -> str:
        """Set the policy."""
        _set(cloud, inputs["queueUrl"], {"Policy": inputs["policy"]})
        return str(inputs["queueUrl"])

    def read(self, cloud: Cloud, id: str, inputs: Inputs) -> Inputs | None:
        """Return the policy."""
        found = _attributes(cloud, id)
        if found is None or not found.get("Policy"):
            return None
        return {"queueUrl": id, "policy": found["Policy"]}

    def update(self, cloud: Cloud, id: str, inputs: Inputs, before: Inputs) -> None:
        """Set the new policy."""
        self.create(cloud, inputs)

    def delete(self, cloud: Cloud, id: str, inputs: Inputs) -> None:
        """Take the policy off."""
        _set(cloud, id, {"Policy": ""})


class RedriveAllowPolicy(Handler):
    """aws.sqs.RedriveAllowPolicy; the id is the queue's URL."""

    token = "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy"
    replace_on = frozenset({"queueUrl", "region"})

    def create(self, cloud: Cloud, inputs: Inputs) -> str:
        """Set which queues may send their dead letters here."""
        _set(cloud, inputs["queueUrl"], {"RedriveAllowPolicy": inputs["redriveAllowPolicy"]})
        return str(inputs["queueUrl"])

    def read(self, cloud: Cloud, id: str, inputs: Inputs) -> Inputs | None:
        """Return the policy."""
        found = _attributes(cloud, id)
        if found is None:
            return None
        return {"queueUrl": id, "redriveAllowPolicy": found.get("RedriveAllowPolicy")}

    def update(self, cloud: Cloud, id: str, inputs: Inputs, before: Inputs) -> None:
        """Set the new policy."""
        self.create(cloud, inputs)

    def delete(self, cloud: Cloud, id: str, inputs: Inputs) -> None:
        """Take the policy off."""
        _set(cloud, id, {"RedriveAllowPolicy": ""})


HANDLERS = (Queue(), QueuePolicy(), RedriveAllowPolicy())
