"""The way of an alarm in a program without a hub: rules that lead to people by themselves."""

import textwrap

import pytest
from foreign import Checked

from breakglass.checking import CheckReport

PAGER = "every_page_call_reaches_the_pager"

HEARD = textwrap.dedent("""
    import json
    import pulumi
    import pulumi_aws as aws

    there = pulumi.ResourceOptions(provider=aws.Provider(
        "work", region="us-east-1", allowed_account_ids=["555555555555"]))
    pattern = {"source": ["aws.cloudtrail"], "detail-type": ["AWS API Call via CloudTrail"]}

    topic = aws.sns.Topic("alarms", name="alarms", opts=there)
    aws.sns.TopicPolicy("alarms", arn=topic.arn, opts=there, policy=topic.arn.apply(
        lambda arn: json.dumps({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"},
             "Action": "sns:Publish", "Resource": arn}]})))
    aws.sns.TopicSubscription("pager", topic=topic.arn, protocol="https",
                              endpoint="https://pager.example.com/in", opts=there)
    rule = aws.cloudwatch.EventRule("stopped", name="stopped",
                                    event_pattern=json.dumps(pattern), opts=there)
    aws.cloudwatch.EventTarget("page", rule=rule.name, arn=topic.arn, opts=there)
""").lstrip()

WEAK = {
    "a filter on the pager's subscription": (
        'protocol="https",',
        'protocol="https", filter_policy=json.dumps({"severity": ["high"]}),',
        "A filter lets through only some: pager",
    ),
    "a topic that nobody is subscribed to": (
        'aws.sns.TopicSubscription("pager", topic=topic.arn',
        'aws.sns.TopicSubscription("pager", topic="arn:aws:sns:us-east-1:555555555555:other"',
        "Nobody is subscribed to alarms",
    ),
    "a rule that is aimed at nothing": (
        "rule=rule.name",
        'rule="other"',
        "is aimed at nothing",
    ),
    "a rule that is off": (
        'EventRule("stopped",',
        'EventRule("stopped", state="DISABLED",',
        "The rule is off: stopped",
    ),
    "a topic whose policy lets in somebody else": (
        "events.amazonaws.com",
        "s3.amazonaws.com",
        "cannot hand what it takes to alarms",
    ),
    "a topic without a policy": (
        "aws.sns.TopicPolicy(",
        "(lambda *given, **named: None)(",
        "cannot hand what it takes to alarms",
    ),
    "a topic under a key that somebody can disable": (
        'Topic("alarms",',
        'Topic("alarms", kms_master_key_id="alias/alarms",',
        "sealed with a key that somebody can disable",
    ),
    "a topic under a key of AWS's own": (
        'Topic("alarms",',
        'Topic("alarms", kms_master_key_id="alias/aws/sns",',
        "under alias/aws/sns, which EventBridge cannot use",
    ),
    "a topic in another Region": (
        'Topic("alarms", name="alarms",',
        'Topic("alarms", name="alarms", region="eu-west-1",',
        "is in another Region than stopped",
    ),
    "a topic of another program in another Region": (
        "rule=rule.name, arn=topic.arn",
        'rule=rule.name, arn="arn:aws:sns:eu-west-1:555555555555:elsewhere"',
        "is in another Region than stopped",
    ),
}


def verdict_of(report: CheckReport, name: str = PAGER) -> str:
    return next(one.verdict.value for one in report.findings if one.name == name)


def said(report: CheckReport, name: str = PAGER) -> str:
    found = next(one for one in report.findings if one.name == name)
    return "\n".join((found.reason, *found.evidence))


def changed(old: str, new: str) -> str:
    assert HEARD.count(old) == 1, old
    return HEARD.replace(old, new)


def test_a_rule_that_leads_to_a_topic_that_is_heard_is_no_fault(checked: Checked) -> None:
    report = checked(HEARD)
    assert not report.falls_short
    assert verdict_of(report) == "NOT PROVIDED"
    assert "No rule here takes every call that pages" in said(report)


@pytest.mark.parametrize("change", WEAK.values(), ids=WEAK)
def test_a_rule_that_nobody_hears_is_broken_with_its_line(
    checked: Checked, change: tuple[str, str, str]
) -> None:
    old, new, words = change
    report = checked(changed(old, new))
    assert verdict_of(report) == "BROKEN"
    assert words in said(report)
    assert "__main__.py:" in said(report)


PATTERN = '{"source": ["aws.cloudtrail"], "detail-type": ["AWS API Call via CloudTrail"]}'

WITHOUT_A_WORD_OF_CLOUDTRAIL = {
    "by what an event is called": (
        '{"detail": {"eventSource": ["cloudtrail.amazonaws.com"], "eventName": ["StopLogging"]}}'
    ),
    "by a sign-in": '{"source": ["aws.signin"], "detail": {"eventName": ["ConsoleLogin"]}}',
    "by who calls": '{"detail": {"userIdentity": {"type": ["Root"]}}}',
    "by the end of its kind": '{"source": ["aws.iam"], "detail-type": [{"suffix": "CloudTrail"}]}',
    "by the start of its kind": '{"source": ["aws.rds"], "detail-type": [{"prefix": "AWS API"}]}',
    "by a service": '{"source": ["aws.guardduty"]}',
    "by an account": '{"account": ["555555555555"]}',
    "by the first of several": '{"$or": [{"source": ["aws.cloudtrail"]}, {"source": ["acme"]}]}',
    "by one of several": (
        '{"$or": [{"source": ["acme"]}, {"detail": {"eventName": ["StopLogging"]}}]}'
    ),
}
OF_SOMETHING_ELSE = {
    "a service's own events": (
        '{"source": ["aws.ec2"], "detail-type": ["EC2 Instance State-change Notification"]}'
    ),
    "what goes on in a bucket of records": (
        '{"source": ["aws.s3"], "detail-type": ["Object Created"],'
        ' "detail": {"bucket": {"name": ["acme-cloudtrail-logs"]}}}'
    ),
    "what no call has": '{"source": ["aws.ec2"], "detail": {"state": ["running"]}}',
    "the program's own events": '{"source": ["acme"], "detail": {"eventName": ["OrderPlaced"]}}',
    "a partner's events": '{"source": ["aws.partner/acme.com/1"], "detail": {"eventName": ["x"]}}',
    "another account's events": '{"account": ["999999999999"], "source": ["aws.ec2"]}',
}


@pytest.mark.parametrize(
    "pattern", WITHOUT_A_WORD_OF_CLOUDTRAIL.values(), ids=WITHOUT_A_WORD_OF_CLOUDTRAIL
)
@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('EventRule("stopped",', 'EventRule("stopped", state="DISABLED",', "The rule is off"),
        ("rule=rule.name", 'rule="other"', "is aimed at nothing"),
    ],
    ids=["off", "without a target"],
)
def test_a_rule_that_does_not_name_cloudtrail_must_be_heard_too(
    checked: Checked, pattern: str, old: str, new: str, words: str
) -> None:
    asked = changed(PATTERN, pattern)
    assert verdict_of(checked(asked)) == "NOT PROVIDED", said(checked(asked))
    report = checked(asked.replace(old, new))
    assert verdict_of(report) == "BROKEN"
    assert words in said(report)


@pytest.mark.parametrize("pattern", OF_SOMETHING_ELSE.values(), ids=OF_SOMETHING_ELSE)
def test_a_rule_on_something_else_may_be_off(checked: Checked, pattern: str) -> None:
    report = checked(
        changed(PATTERN, pattern).replace(
            'EventRule("stopped",', 'EventRule("stopped", state="DISABLED",'
        )
    )
    assert verdict_of(report) == "NOT PROVIDED"
    assert "declares no rule on CloudTrail's events" in said(report)


def of(
    detail: str, source: str = "aws.cloudtrail", kind: str = "AWS API Call via CloudTrail"
) -> str:
    return f'{{"source": ["{source}"], "detail-type": ["{kind}"], "detail": {{{detail}}}}}'


ROOT = '"eventName": ["ConsoleLogin"], "userIdentity": {"type": ["Root"]}'
SIGN_IN = "AWS Console Sign In via CloudTrail"
STATE = 'EventRule("stopped", state="ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS",'
TAKES_NOTHING = {
    "a letter too few": (of('"eventName": ["StopLoging"]'), "but StopLogging is one"),
    "a letter too few in one of two": (
        of('"eventName": ["DeleteTrail", "StopLoging"]'),
        "but StopLogging is one",
    ),
    "a name that nothing has": (of('"eventName": ["Frobnicate"]'), "is called Frobnicate"),
    "a service that is none": (
        of('"eventName": ["StopLogging"]', "aws.cloudtrial"),
        "aws.cloudtrail",
    ),
    "an event source that is none": (
        of('"eventSource": ["cloudtrial.amazonaws.com"]'),
        "cloudtrail.amazonaws.com",
    ),
    "a kind that is none": (
        of('"eventName": ["StopLogging"]', kind="AWS API call via CloudTrail"),
        "AWS API Call via CloudTrail is one",
    ),
    "a reading call": (of('"eventName": ["AssumeRole"]', "aws.sts"), "is a reading call"),
}


@pytest.mark.parametrize(("pattern", "words"), TAKES_NOTHING.values(), ids=TAKES_NOTHING)
def test_a_rule_that_takes_no_call_is_unknown(checked: Checked, pattern: str, words: str) -> None:
    report = checked(changed(PATTERN, pattern))
    assert verdict_of(report) == "UNKNOWN", said(report)
    assert words in said(report)


@pytest.mark.parametrize(
    "pattern",
    [
        of('"eventName": ["AuthorizeSecurityGroupIngress"]', "aws.ec2"),
        of('"eventName": ["UpdateFunctionCode20150331v2"]', "aws.lambda"),
        of('"eventName": [{"prefix": "Stop"}]'),
        of('"errorCode": ["AccessDenied"]', "aws.rds"),
    ],
    ids=["one that is not catalogued", "one with a version", "a prefix", "whatever is refused"],
)
def test_a_rule_on_some_other_call_of_aws_is_no_fault(checked: Checked, pattern: str) -> None:
    report = checked(changed(PATTERN, pattern))
    assert verdict_of(report) == "NOT PROVIDED", said(report)


def test_a_rule_on_a_reading_call_takes_it_in_the_state_for_it(checked: Checked) -> None:
    asked = changed(PATTERN, of('"eventName": ["AssumeRole"]', "aws.sts"))
    assert verdict_of(checked(asked.replace('EventRule("stopped",', STATE))) == "NOT PROVIDED"


@pytest.mark.parametrize(
    ("pattern", "name"),
    [
        (of(ROOT, "aws.signin", SIGN_IN), "ConsoleLogin"),
        (of('"eventName": ["CreateAccessKey"]', "aws.iam"), "CreateAccessKey"),
        ('{"source": ["aws.organizations"]}', ""),
    ],
    ids=["a root user who signs in", "a call of IAM", "a service"],
)
def test_a_rule_on_what_shows_in_us_east_1_is_unknown_elsewhere(
    checked: Checked, pattern: str, name: str
) -> None:
    asked = changed(PATTERN, pattern)
    assert verdict_of(checked(asked)) == "NOT PROVIDED", said(checked(asked))
    report = checked(asked.replace("us-east-1", "eu-west-1"))
    assert verdict_of(report) == "UNKNOWN", said(report)
    assert f"{name} shows in us-east-1 alone, and not in eu-west-1" in said(report)
    china = checked(asked.replace("us-east-1", "cn-north-1"))
    assert verdict_of(china) != "UNKNOWN", said(china)


def test_a_user_may_sign_in_anywhere(checked: Checked) -> None:
    anybody = changed(PATTERN, of('"eventName": ["ConsoleLogin"]', "aws.signin", SIGN_IN))
    there = anybody.replace("us-east-1", "eu-west-1")
    assert verdict_of(checked(there)) == "NOT PROVIDED", said(checked(there))


def test_rules_on_every_call_that_are_heard_hold(checked: Checked) -> None:
    """By prefix, so that it takes what comes from other services too."""
    everything = changed(
        '{"source": ["aws.cloudtrail"], "detail-type": ["AWS API Call via CloudTrail"]}',
        '{"source": [{"prefix": "aws."}], "detail-type": [{"suffix": "via CloudTrail"}]}',
    ).replace(
        'EventRule("stopped",',
        'EventRule("stopped", state="ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS",',
    )
    assert verdict_of(checked(everything)) == "HOLDS", said(checked(everything))


HUB = """
bus = aws.cloudwatch.EventBus("hub", name="hub", opts=there)
aws.cloudwatch.EventTarget("forward", rule=rule.name, arn=bus.arn, opts=there)
onward = aws.cloudwatch.EventRule("onward", name="onward", event_bus_name=bus.name,
                                  event_pattern=json.dumps(pattern), opts=there)
aws.cloudwatch.EventTarget("onward", rule=onward.name, event_bus_name=bus.name,
                           arn=topic.arn, opts=there)
"""
OVER_A_HUB = changed(
    'aws.cloudwatch.EventTarget("page", rule=rule.name, arn=topic.arn, opts=there)\n', HUB
)
NARROWER = OVER_A_HUB.replace(
    "event_bus_name=bus.name,\n                                  event_pattern=json.dumps(pattern)",
    'event_bus_name=bus.name, event_pattern=json.dumps({**pattern, "region": ["eu-west-1"]})',
)


def test_a_rule_that_leads_over_a_bus_to_people_is_no_fault(checked: Checked) -> None:
    report = checked(OVER_A_HUB)
    assert not report.falls_short
    assert verdict_of(report) == "NOT PROVIDED"


@pytest.mark.parametrize(
    ("program", "words"),
    [
        (NARROWER, "No rule of hub in 555555555555"),
        (OVER_A_HUB.replace('"onward", rule=onward.name', '"onward", rule="x"'), "at nothing"),
        (OVER_A_HUB[: OVER_A_HUB.index("onward = ")], "where no rule takes anything"),
    ],
    ids=["a narrower rule", "a rule without a target", "no rule"],
)
def test_a_bus_that_loses_what_is_forwarded_is_broken(
    checked: Checked, program: str, words: str
) -> None:
    report = checked(program)
    assert verdict_of(report) == "BROKEN"
    assert words in said(report)


FUNCTION = """
worker = aws.lambda_.Function("worker", name="worker", role="arn:aws:iam::555555555555:role/worker",
    runtime="python3.12", handler="a.b", s3_bucket="code", s3_key="worker.zip", opts=there)
aws.cloudwatch.EventTarget("page", rule=rule.name, arn=worker.arn, opts=there)
"""
PERMISSION = """
aws.lambda_.Permission("may", action="lambda:InvokeFunction", function=worker.name, opts=there,
                       principal="events.amazonaws.com", source_arn=SOURCE)
"""
TO_A_FUNCTION = changed(
    'aws.cloudwatch.EventTarget("page", rule=rule.name, arn=topic.arn, opts=there)\n', FUNCTION
)


def test_a_function_that_may_be_invoked_leads_out_of_sight(checked: Checked) -> None:
    report = checked(TO_A_FUNCTION + PERMISSION.replace("SOURCE", "rule.arn"))
    assert verdict_of(report) == "NOT PROVIDED"
    assert "Who is told by worker" in said(report)


@pytest.mark.parametrize("permission", ["", PERMISSION.replace("SOURCE", "topic.arn")])
def test_a_function_that_may_not_be_invoked_is_broken(checked: Checked, permission: str) -> None:
    report = checked(TO_A_FUNCTION + permission)
    assert verdict_of(report) == "BROKEN"
    assert "may not invoke worker" in said(report)


QUEUE = """
queue = aws.sqs.Queue("alarms", name="alarms", opts=there)
aws.cloudwatch.EventTarget("wait", rule=rule.name, arn=queue.arn, opts=there)
"""
TO_A_QUEUE = changed(
    'aws.cloudwatch.EventTarget("page", rule=rule.name, arn=topic.arn, opts=there)\n', QUEUE
)
LET_IN = """
aws.sqs.QueuePolicy("alarms", queue_url=queue.url, opts=there, policy=queue.arn.apply(
    lambda arn: json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"},
         "Action": "sqs:SendMessage", "Resource": arn}]})))
"""


def test_a_queue_that_takes_from_eventbridge_leads_out_of_sight(checked: Checked) -> None:
    report = checked(TO_A_QUEUE + LET_IN)
    assert verdict_of(report) == "NOT PROVIDED"
    assert "Who is told by alarms" in said(report)


def test_a_queue_that_refuses_eventbridge_is_broken(checked: Checked) -> None:
    assert verdict_of(checked(TO_A_QUEUE)) == "BROKEN"


@pytest.mark.parametrize(
    ("other", "words"),
    [
        ('region="eu-west-1"', "is in another Region than stopped"),
        ('kms_master_key_id="alias/aws/sqs"', "under alias/aws/sqs, which EventBridge cannot use"),
    ],
    ids=["in another Region", "under a key of AWS's own"],
)
def test_a_queue_that_eventbridge_cannot_send_to_is_broken(
    checked: Checked, other: str, words: str
) -> None:
    program = (TO_A_QUEUE + LET_IN).replace('name="alarms", opts', f'name="alarms", {other}, opts')
    assert other in program
    report = checked(program)
    assert verdict_of(report) == "BROKEN"
    assert words in said(report)


def test_a_region_that_nothing_tells_may_be_that_of_the_rule(checked: Checked) -> None:
    nowhere = HEARD.replace('region="us-east-1", ', "")
    assert verdict_of(checked(nowhere)) == "NOT PROVIDED"
    named = nowhere.replace(
        "rule=rule.name, arn=topic.arn",
        'rule=rule.name, arn="arn:aws:sns:eu-west-1:555555555555:elsewhere"',
    )
    report = checked(named)
    assert verdict_of(report) == "UNKNOWN"
    assert "is not told" in said(report)


def test_a_bus_in_another_region_leads_on_to_people_there(checked: Checked) -> None:
    """Events cross Regions from bus to bus, and in no other way."""
    abroad = OVER_A_HUB.replace('"hub", name="hub"', '"hub", name="hub", region="eu-west-1"')
    for name in ('Topic("alarms", name="alarms"', 'EventTarget("onward"', 'EventRule("onward"'):
        assert abroad.count(name) == 1
        abroad = abroad.replace(name, f'{name}, region="eu-west-1"')
    assert verdict_of(checked(abroad)) == "NOT PROVIDED", said(checked(abroad))


def test_a_way_out_of_sight_does_not_hide_one_that_is_broken(checked: Checked) -> None:
    deaf = HEARD.replace("events.amazonaws.com", "s3.amazonaws.com")
    assert verdict_of(checked(deaf + QUEUE + LET_IN)) == "BROKEN"


def test_a_second_target_that_is_heard_makes_good_for_one_that_is_not(checked: Checked) -> None:
    assert verdict_of(checked(HEARD + QUEUE)) == "NOT PROVIDED"


def test_a_policy_in_the_topic_itself_is_read(checked: Checked) -> None:
    inline = HEARD.replace("aws.sns.TopicPolicy(", "(lambda *given, **named: None)(").replace(
        'Topic("alarms",',
        'Topic("alarms", policy=json.dumps({"Version": "2012-10-17", "Statement": [{'
        '"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"},'
        ' "Action": "sns:Publish", "Resource": "*"}]}),',
    )
    assert not checked(inline).falls_short
