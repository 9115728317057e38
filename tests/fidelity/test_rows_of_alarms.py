"""Rows of the table: rules, buses, queues, topics and pages."""

import json

import pytest
from botocore.exceptions import ClientError

from breakglass.rehearsal.sockets import loopback_only
from tests.fidelity.land import HOME, LOGGING, SHOP, Land, policy, refused, statement
from tests.fidelity.row import row

AREA = "Alarms"
_EVENTS = "https://docs.aws.amazon.com/eventbridge/latest/"
_SNS = "https://docs.aws.amazon.com/sns/latest/dg/"
_SQS = "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/"
PUT_RULE = f"{_EVENTS}APIReference/API_PutRule.html"
OPERATORS = f"{_EVENTS}userguide/eb-create-pattern-operators.html"
QUOTAS = f"{_EVENTS}userguide/eb-quota.html"
DELETE_BUS = f"{_EVENTS}APIReference/API_DeleteEventBus.html"
PATTERN = json.dumps({"source": ["aws.sts"]})


@row(AREA, "a rule's state", "one of three", PUT_RULE)
def test_a_rule_has_a_state_that_aws_knows(land: Land) -> None:
    events = land.client(land.admin(), "events")
    with refused("rule state"):
        events.put_rule(Name=land.new("rule"), EventPattern=PATTERN, State="FOO")
    for state in ("ENABLED", "DISABLED", "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"):
        events.put_rule(Name=land.new("rule"), EventPattern=PATTERN, State=state)


@row(AREA, "an operator that EventBridge does not have", "InvalidEventPattern", OPERATORS)
def test_a_pattern_has_documented_operators(land: Land) -> None:
    events = land.client(land.admin(), "events")
    for wrong in ({"source": [{"sounds-like": "sts"}]}, {"source": []}, {"source": "aws.sts"}):
        with refused("event patterns"):
            events.put_rule(Name=land.new("rule"), EventPattern=json.dumps(wrong))
    right = {"source": [{"prefix": "aws."}]}
    events.put_rule(Name=land.new("rule"), EventPattern=json.dumps(right))


@row(AREA, "an event pattern over 2048 characters", "refused unless the quota is raised", QUOTAS)
def test_a_pattern_has_a_length(land: Land) -> None:
    events = land.client(land.admin(), "events")
    for length, fits in ((2100, False), (1900, True)):
        pattern = json.dumps({"source": ["x" * length]})
        if fits:
            events.put_rule(Name=land.new("rule"), EventPattern=pattern)
        else:
            with refused("event pattern characters"):
                events.put_rule(Name=land.new("rule"), EventPattern=pattern)


@row(AREA, "a sixth target of a rule", "LimitExceeded", QUOTAS)
def test_a_rule_has_five_targets(land: Land) -> None:
    events, name = land.client(land.admin(), "events"), land.new("rule")
    events.put_rule(Name=name, EventPattern=PATTERN)
    _, queue = land.queue()
    events.put_targets(Rule=name, Targets=[{"Id": f"t{n}", "Arn": queue} for n in range(5)])
    with refused("targets of a rule"):
        events.put_targets(Rule=name, Targets=[{"Id": "t5", "Arn": queue}])


@row(AREA, "deleting a bus that has rules", "refused", DELETE_BUS)
def test_a_bus_with_rules_stays(land: Land) -> None:
    events, bus = land.client(land.admin(), "events"), land.new("bus")
    events.create_event_bus(Name=bus)
    events.put_rule(Name="r", EventBusName=bus, EventPattern=PATTERN)
    with refused("a bus with rules"):
        events.delete_event_bus(Name=bus)
    events.delete_rule(Name="r", EventBusName=bus)
    events.delete_event_bus(Name=bus)


@row(AREA, "an event that a pattern matches", "goes to the rule's targets", OPERATORS)
def test_an_event_goes_where_its_pattern_sends_it(land: Land) -> None:
    events, name = land.hand(LOGGING, "events"), land.new("rule")
    url, queue = land.queue()
    events.put_rule(Name=name, EventPattern=json.dumps({"source": [{"wildcard": f"{name}.*"}]}))
    events.put_targets(Rule=name, Targets=[{"Id": "q", "Arn": queue}])
    for source in (f"{name}.ours", "theirs"):
        events.put_events(Entries=[{"Source": source, "DetailType": "d", "Detail": "{}"}])
    assert [json.loads(m["Body"])["source"] for m in land.received(url)] == [f"{name}.ours"]


@row(
    AREA,
    "a subscription's filter",
    "lets matching messages through",
    f"{_SNS}sns-subscription-filter-policies.html",
)
def test_a_subscription_filters(land: Land) -> None:
    sns, (url, queue) = land.hand(LOGGING, "sns"), land.queue()
    topic = sns.create_topic(Name=land.new("topic"))["TopicArn"]
    wanted = {"FilterPolicy": json.dumps({"tier": ["page"]})}
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue, Attributes=wanted)
    for tier in ("page", "record"):
        attribute = {"tier": {"DataType": "String", "StringValue": tier}}
        sns.publish(TopicArn=topic, Message=tier, MessageAttributes=attribute)
    assert [json.loads(m["Body"])["Message"] for m in land.received(url)] == ["page"]


@row(
    AREA,
    "a message that is never deleted",
    "goes to the dead letters after so many tries",
    f"{_SQS}sqs-dead-letter-queues.html",
)
def test_a_message_goes_to_the_dead_letters(land: Land) -> None:
    (url, _), (dead_url, dead) = land.queue(), land.queue()
    sqs = land.hand(LOGGING, "sqs")
    redrive = json.dumps({"deadLetterTargetArn": dead, "maxReceiveCount": 1})
    sqs.set_queue_attributes(
        QueueUrl=url, Attributes={"RedrivePolicy": redrive, "VisibilityTimeout": "0"}
    )
    sqs.send_message(QueueUrl=url, MessageBody="x")
    assert len(land.received(url)) == 1
    assert land.received(url) == []
    assert len(land.received(dead_url)) == 1


# --- where it differs --------------------------------------------------------------------------


@row(
    AREA,
    "an API call",
    "makes an event through CloudTrail",
    f"{_EVENTS}userguide/eb-service-event-cloudtrail.html",
    "makes no event",
    follows="That a page arrives has to be seen in the accounts; that a call's record matches a"
    " deployed rule whose targets end at the pager is decided.",
    gap="A call makes no event, so nothing travels from a rule to the pager.",
)
def test_a_call_makes_no_event(land: Land) -> None:
    events, name = land.hand(LOGGING, "events", "us-east-1"), land.new("rule")
    sqs = land.hand(LOGGING, "sqs", "us-east-1")
    url = sqs.create_queue(QueueName=name)["QueueUrl"]
    events.put_rule(Name=name, EventPattern=json.dumps({"source": ["aws.iam"]}))
    queue = f"arn:aws:sqs:us-east-1:{LOGGING}:{name}"
    events.put_targets(Rule=name, Targets=[{"Id": "q", "Arn": queue}])
    land.user()
    assert "Messages" not in sqs.receive_message(QueueUrl=url)


@row(
    AREA,
    "a disabled rule",
    "delivers nothing",
    f"{_EVENTS}APIReference/API_DisableRule.html",
    "delivers what is put on its bus",
    follows="A rule's state is read by an invariant; what a disabled rule misses is not rehearsed.",
    gap="A disabled rule still delivers what is put on its bus.",
)
def test_a_disabled_rule_delivers(land: Land) -> None:
    events, name = land.hand(LOGGING, "events"), land.new("rule")
    url, queue = land.queue()
    events.put_rule(Name=name, EventPattern=json.dumps({"source": [name]}), State="DISABLED")
    events.put_targets(Rule=name, Targets=[{"Id": "q", "Arn": queue}])
    events.put_events(Entries=[{"Source": name, "DetailType": "d", "Detail": "{}"}])
    assert len(land.received(url)) == 1


@row(
    AREA,
    "pipes and alarms",
    "a pipe moves messages, an alarm follows its metric",
    f"{_EVENTS}userguide/eb-pipes.html",
    "both are stored and run nothing",
    follows="That an alarm rings and a pipe moves has to be seen in the accounts.",
    gap="Pipes move nothing, and no CloudWatch alarm changes its state.",
)
def test_no_pipe_moves_and_no_alarm_rings(land: Land) -> None:
    url, queue = land.queue()
    topic = land.hand(LOGGING, "sns").create_topic(Name=land.new("topic"))["TopicArn"]
    role = land.role(LOGGING, land.new("piper"))
    land.hand(LOGGING, "pipes").create_pipe(
        Name=land.new("pipe"), Source=queue, Target=topic, RoleArn=role
    )
    land.hand(LOGGING, "sqs").send_message(QueueUrl=url, MessageBody="x")
    assert len(land.received(url)) == 1
    cloudwatch, name = land.hand(LOGGING, "cloudwatch"), land.new("alarm")
    cloudwatch.put_metric_alarm(
        AlarmName=name,
        MetricName="m",
        Namespace="n",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanThreshold",
        Statistic="Sum",
    )
    before = cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"][0]["StateValue"]
    cloudwatch.put_metric_data(Namespace="n", MetricData=[{"MetricName": "m", "Value": 5}])
    after = cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"][0]["StateValue"]
    assert before == after != "ALARM"


@row(
    AREA,
    "a subscription to an address",
    "waits for confirmation, then gets messages over the network",
    f"{_SNS}sns-http-https-endpoint-as-subscriber.html",
    "confirmed at once; pages stay in the rehearsal",
    follows="That the vendor's endpoint takes a page has to be tried with the vendor.",
    gap="A subscription needs no confirmation, and no page leaves the machine.",
)
def test_a_page_stays_here(land: Land) -> None:
    sns, endpoint = land.hand(LOGGING, "sns"), "https://pager.example.com/enqueue"
    topic = sns.create_topic(Name=land.new("topic"))["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="https", Endpoint=endpoint)
    with loopback_only():
        sns.publish(TopicArn=topic, Message="a page")
    assert [(p.endpoint, p.message) for p in land.emulator.pages][-1] == (endpoint, "a page")


@row(
    AREA,
    "delivery",
    "at least once, in any order, perhaps late",
    f"{_EVENTS}userguide/eb-rule-dlq.html",
    "once, in order, at once",
    follows="A receiver that cannot bear a double or a late message is not found out.",
    gap="Delivery is neither late, nor doubled, nor lost.",
)
def test_messages_come_once_and_in_order(land: Land) -> None:
    sns, (url, queue) = land.hand(LOGGING, "sns"), land.queue()
    topic = sns.create_topic(Name=land.new("topic"))["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue)
    for number in range(5):
        sns.publish(TopicArn=topic, Message=str(number))
    assert [json.loads(m["Body"])["Message"] for m in land.received(url)] == list("01234")


@row(
    AREA,
    "how a topic signs its messages",
    "version 1 or 2, as set",
    f"{_SNS}sns-verify-signature-of-message.html",
    "dropped by the emulator, kept beside it",
    follows="That the version is declared shows in the outputs alone.",
    gap=("aws:sns/topic:Topic", "signatureVersion"),
)
def test_a_topic_forgets_its_signature(land: Land) -> None:
    sns = land.hand(LOGGING, "sns")
    topic = sns.create_topic(Name=land.new("topic"), Attributes={"SignatureVersion": "2"})
    read = sns.get_topic_attributes(TopicArn=topic["TopicArn"])["Attributes"]
    assert "SignatureVersion" not in read


@row(
    AREA,
    "the tracing of a topic",
    "PassThrough or Active, as set",
    f"{_SNS}sns-active-tracing.html",
    "dropped by the emulator, kept beside it",
    follows="That tracing is declared shows in the outputs alone.",
    gap=("aws:sns/topic:Topic", "tracingConfig"),
)
def test_a_topic_forgets_its_tracing(land: Land) -> None:
    sns = land.hand(LOGGING, "sns")
    topic = sns.create_topic(Name=land.new("topic"), Attributes={"TracingConfig": "Active"})
    read = sns.get_topic_attributes(TopicArn=topic["TopicArn"])["Attributes"]
    assert "TracingConfig" not in read


@pytest.mark.parametrize("allowed", ["denyAll", "allowAll"])
@row(
    AREA,
    "whose dead letters a queue takes",
    "those of the queues that its redrive permission names",
    f"{_SQS}sqs-configure-dead-letter-queue-redrive.html",
    "dropped by the emulator, kept beside it: any queue's",
    follows="That a stranger's dead letters are kept out is declared and read by an invariant.",
    gap=("aws:sqs/redriveAllowPolicy:RedriveAllowPolicy", "redriveAllowPolicy"),
)
def test_any_queues_dead_letters_are_taken(land: Land, allowed: str) -> None:
    (url, _), (dead_url, dead) = land.queue(), land.queue()
    sqs = land.hand(LOGGING, "sqs")
    permission = json.dumps({"redrivePermission": allowed})
    sqs.set_queue_attributes(QueueUrl=dead_url, Attributes={"RedriveAllowPolicy": permission})
    redrive = json.dumps({"deadLetterTargetArn": dead, "maxReceiveCount": 1})
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"RedrivePolicy": redrive})
    assert (
        "RedrivePolicy"
        in sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    )


@row(
    AREA,
    "a queue that is made with a redrive permission",
    "keeps it",
    f"{_SQS}sqs-configure-dead-letter-queue-redrive.html",
    "dropped by the emulator, kept beside it",
    follows="As above.",
    gap=("aws:sqs/queue:Queue", "redriveAllowPolicy"),
)
def test_a_new_queue_forgets_its_permission(land: Land) -> None:
    sqs = land.hand(LOGGING, "sqs")
    permission = {"RedriveAllowPolicy": json.dumps({"redrivePermission": "denyAll"})}
    url = sqs.create_queue(QueueName=land.new("queue"), Attributes=permission)["QueueUrl"]
    read = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    assert "RedriveAllowPolicy" not in read


@row(
    AREA,
    "a queue of another account in a rule",
    "its policy must take from the rule",
    f"{_EVENTS}userguide/eb-use-resource-based.html",
)
def test_a_rule_sends_where_the_queues_policy_names_it(land: Land) -> None:
    url, arn = land.queue()
    rule = f"arn:aws:events:{HOME}:{SHOP}:rule/r"
    service = land.emulator.service("events.amazonaws.com", source_arn=rule)
    message = {"QueueUrl": url, "MessageBody": "x"}
    assert not land.decide(service, "sqs", "SendMessage", **message).allowed
    body = statement(
        "Allow",
        "sqs:SendMessage",
        arn,
        Principal={"Service": "events.amazonaws.com"},
        Condition={"ArnEquals": {"aws:SourceArn": rule}},
    )
    land.hand(LOGGING, "sqs").set_queue_attributes(
        QueueUrl=url, Attributes={"Policy": policy(body)}
    )
    assert land.decide(service, "sqs", "SendMessage", **message).allowed


@row(AREA, "a bus that is not there", "ResourceNotFound", PUT_RULE)
def test_a_rule_needs_its_bus(land: Land) -> None:
    events = land.client(land.admin(), "events")
    with pytest.raises(ClientError, match="ResourceNotFound"):
        events.put_rule(Name="r", EventBusName="nowhere", EventPattern=PATTERN)
    events.put_rule(Name=land.new("rule"), EventBusName="default", EventPattern=PATTERN)
