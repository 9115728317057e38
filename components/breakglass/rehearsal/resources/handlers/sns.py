# ruff: noqa: A002, ARG002, S105 - the protocol's parameter names; a type token is no password
"""SNS: topics, their policies and subscriptions."""

import json
from typing import ClassVar, Final

from breakglass.rehearsal.resources.handlers.base import (
    Cloud,
    Handler,
    Inputs,
    removed,
    tag_list,
    tag_map,
    unless_missing,
)

_GONE = ("NotFound", "NotFoundException")
_TOPIC: Final = {
    "displayName": "DisplayName",
    "kmsMasterKeyId": "KmsMasterKeyId",
    "policy": "Policy",
    "deliveryPolicy": "DeliveryPolicy",
    "signatureVersion": "SignatureVersion",
    "tracingConfig": "TracingConfig",
    "fifoTopic": "FifoTopic",
    "contentBasedDeduplication": "ContentBasedDeduplication",
    "archivePolicy": "ArchivePolicy",
    "fifoThroughputScope": "FifoThroughputScope",
    "maximumMessageSize": "MaximumMessageSize",
}
_FEEDBACK: Final = frozenset(
    f"{protocol}{outcome}"
    for protocol in ("application", "firehose", "http", "lambda", "sqs")
    for outcome in (
        "FailureFeedbackRoleArn",
        "SuccessFeedbackRoleArn",
        "SuccessFeedbackSampleRate",
    )
)
_SUBSCRIPTION: Final = {
    "deliveryPolicy": "DeliveryPolicy",
    "filterPolicy": "FilterPolicy",
    "filterPolicyScope": "FilterPolicyScope",
    "rawMessageDelivery": "RawMessageDelivery",
    "redrivePolicy": "RedrivePolicy",
    "replayPolicy": "ReplayPolicy",
    "subscriptionRoleArn": "SubscriptionRoleArn",
}
_BOOLEANS: Final = frozenset({"fifoTopic", "contentBasedDeduplication", "rawMessageDelivery"})
_NUMBERS: Final = frozenset({"signatureVersion", "maximumMessageSize"})


def _text(value: object) -> str:
    """Return a value as SNS takes attributes: text, lower-case booleans."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _value(name: str, text: str | None) -> object:
    """Return an attribute as Pulumi has it."""
    if name in _BOOLEANS:
        return text == "true"
    return int(text) if text and name in _NUMBERS else text


class Topic(Handler):
    """aws.sns.Topic; the id is the ARN."""

    token = "aws:sns/topic:Topic"
    name_property = "name"
    replace_on = frozenset({"name", "namePrefix", "fifoTopic", "region"})
    no_value = _FEEDBACK | {"namePrefix", "beginningArchiveTime"}
    shared = frozenset({"policy"})

    def create(self, cloud: Cloud, inputs: Inputs) -> str:
        """Create the topic with its attributes."""
        made = cloud.client("sns").create_topic(
            Name=inputs["name"],
            Attributes={api: _text(inputs[n]) for n, api in _TOPIC.items() if n in inputs},
            Tags=tag_list(cloud.tags(inputs)),
        )
        return str(made["TopicArn"])

    def read(self, cloud: Cloud, id: str, inputs: Inputs) -> Inputs | None:
        """Return the topic."""
        sns = cloud.client("sns")
        found = unless_missing(lambda: sns.get_topic_attributes(TopicArn=id), *_GONE)
        if found is None:
            return None
        attributes = found["Attributes"]
        return {
            **{name: _value(name, attributes.get(api)) for name, api in _TOPIC.items()},
            "arn": id,
            "name": id.rsplit(":", 1)[-1],
            "owner": attributes["Owner"],
            "tagsAll": tag_map(sns.list_tags_for_resource(ResourceArn=id)["Tags"]),
        }

    def update(self, cloud: Cloud, id: str, inputs: Inputs, before: Inputs) -> None:
        """Set each attribute that differs; one that is gone is set to nothing."""
        sns = cloud.client("sns")
        for name, api in _TOPIC.items():
            if inputs.get(name) != before.get(name):
                value = _text(inputs[name]) if name in inputs else ""
                sns.set_topic_attributes(TopicArn=id, AttributeName=api, AttributeValue=value)
        tags = cloud.tags(inputs)
        sns.untag_resource(ResourceArn=id, TagKeys=removed(cloud.tags(before), tags))
        sns.tag_resource(ResourceArn=id, Tags=tag_list(tags))

    def delete(self, cloud: Cloud, id: str, inputs: Inputs) -> None:
        """Delete the topic."""
        cloud.client("sns").delete_topic(TopicArn=id)


class TopicPolicy(Handler):
    """aws.sns.TopicPolicy; deleting it brings SNS's default policy back."""

    token = "aws:sns/topicPolicy:TopicPolicy"
    replace_on = frozenset({"arn", "region"})

    def create(self, cloud: Cloud, inputs: Inputs) -> str:
        """Set the policy."""
        self._set(cloud, inputs["arn"], inputs["policy"])
        return str(inputs["arn"])

    def read(self, cloud: Cloud, id: str, inputs: Inputs) -> Inputs | None:
        """Return the policy."""
        sns = cloud.client("sns")
        found = unless_missing(lambda: sns.get_topic_attributes(TopicArn=id), *_GONE)
        if found is None:
            return None
        attributes = found["Attributes"]
        return {"arn": id, "policy": attributes["Policy"], "owner": attributes["Owner"]}

    def update(self, cloud: Cloud, id: str, inputs: Inputs, before: Inputs) -> None:
        """Set the new policy."""
        self._set(cloud, id, inputs["policy"])

    def delete(self, cloud: Cloud, id: str, inputs: Inputs) -> None:
        """Set what a new topic has: its own account may use it."""
        statement = {
            "Sid": "__default_statement_ID",
            "Effect": "Allow",
            "Principal": {"AWS": "*"},
            "Action": ["SNS:GetTopicAttributes", "SNS:Subscribe", "SNS:Publish"],
            "Resource": id,
            "Condition": {"StringEquals": {"AWS:SourceOwner": cloud.account}},
        }
        self._set(cloud, id, json.dumps({"Version": "2008-10-17", "Statement": [statement]}))

    def _set(self, cloud: Cloud, arn: str, policy: str) -> None:
        cloud.client("sns").set_topic_attributes(
            TopicArn=arn, AttributeName="Policy", AttributeValue=policy
        )


class TopicSubscription(Handler):
    """aws.sns.TopicSubscription; the id is the ARN."""

    token = "aws:sns/topicSubscription:TopicSubscription"
    replace_on = frozenset({"topic", "protocol", "endpoint", "region"})
    provider_only: ClassVar = {
        "endpointAutoConfirms": False,
        "confirmationTimeoutInMinutes": 1,
    }

    def create(self, cloud: Cloud, inputs: Inputs) -> str:
        """Subscribe."""
        made = cloud.client("sns").subscribe(
            TopicArn=inputs["topic"],
            Protocol=inputs["protocol"],
            Endpoint=inputs["endpoint"],
            Attributes={
                api: _text(inputs[name]) for name, api in _SUBSCRIPTION.items() if name in inputs
            },
            ReturnSubscriptionArn=True,
        )
        return str(made["SubscriptionArn"])

    def read(self, cloud: Cloud, id: str, inputs: Inputs) -> Inputs | None:
        """Return the subscription."""
        sns = cloud.client("sns")
        found = unless_missing(lambda: sns.get_subscription_attributes(SubscriptionArn=id), *_GONE)
        if found is None:
            return None
        attributes = found["Attributes"]
        return {
            **{name: _value(name, attributes.get(api)) for name, api in _SUBSCRIPTION.items()},
            "arn": id,
            "topic": attributes["TopicArn"],
            "protocol": attributes["Protocol"],
            "endpoint": attributes["Endpoint"],
            "ownerId": attributes["Owner"],
            "pendingConfirmation": attributes["PendingConfirmation"] == "true",
            "confirmationWasAuthenticated": attributes["ConfirmationWasAuthenticated"] == "true",
        }

    def update(self, cloud: Cloud, id: str, inputs: Inputs, before: Inputs) -> None:
        """Set each attribute that differs."""
        sns = cloud.client("sns")
        for name, api in _SUBSCRIPTION.items():
            if inputs.get(name) != before.get(name):
                value = _text(inputs[name]) if name in inputs else ""
                sns.set_subscription_attributes(
                    SubscriptionArn=id, AttributeName=api, AttributeValue=value
                )

    def delete(self, cloud: Cloud, id: str, inputs: Inputs) -> None:
        """Unsubscribe."""
        cloud.client("sns").unsubscribe(SubscriptionArn=id)


HANDLERS = (Topic(), TopicPolicy(), TopicSubscription())
