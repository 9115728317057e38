"""Each overlay entry is one that the emulator really drops; a stale one fails."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from emulated import HOME, WORKLOAD, AllowsEverything, applier, declared, made

from breakglass.errors import RehearsalError
from breakglass.rehearsal.aws.emulator import Emulator
from breakglass.rehearsal.resources.overlay import OVERLAY

QUEUE_URL = f"https://sqs.{HOME}.amazonaws.com/{WORKLOAD}/base"
DENY_ALL = json.dumps({"redrivePermission": "denyAll"})

# inputs that hold nothing in doubt but the property of the entry
WITH: dict[tuple[str, str], dict[str, Any]] = {
    ("aws:s3/bucketNotification:BucketNotification", "eventbridge"): {
        "bucket": "plain",
        "eventbridge": True,
    },
    ("aws:sns/topic:Topic", "signatureVersion"): {"name": "signed", "signatureVersion": 2},
    ("aws:sns/topic:Topic", "tracingConfig"): {"name": "traced", "tracingConfig": "Active"},
    ("aws:sqs/redriveAllowPolicy:RedriveAllowPolicy", "redriveAllowPolicy"): {
        "queueUrl": QUEUE_URL,
        "redriveAllowPolicy": DENY_ALL,
    },
    ("aws:sqs/queue:Queue", "redriveAllowPolicy"): {
        "name": "picky",
        "redriveAllowPolicy": DENY_ALL,
    },
    ("aws:kms/key:Key", "rotationPeriodInDays"): {
        "enableKeyRotation": True,
        "rotationPeriodInDays": 180,
    },
}


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    with Emulator(AllowsEverything()) as accounts:
        hand = accounts.root(WORKLOAD)
        place = {"LocationConstraint": HOME}
        s3 = accounts.client(hand, "s3", HOME)
        s3.create_bucket(Bucket="plain", CreateBucketConfiguration=place)
        accounts.client(hand, "sqs", HOME).create_queue(QueueName="base")
        yield accounts


def test_every_entry_is_tried_here() -> None:
    assert set(WITH) == set(OVERLAY)


@pytest.mark.parametrize("entry", WITH)
def test_the_emulator_drops_what_the_overlay_keeps(
    entry: tuple[str, str], emulator: Emulator
) -> None:
    token, property_ = entry
    strict = replace(applier(emulator), overlay={})
    with pytest.raises(RehearsalError, match=f"{property_} was asked to be"):
        made(strict, declared(token, "strict", WITH[entry]))


@pytest.mark.parametrize("entry", WITH)
def test_what_the_overlay_keeps_is_in_the_outputs_and_in_the_report(
    entry: tuple[str, str], emulator: Emulator
) -> None:
    token, property_ = entry
    apply = applier(emulator)
    inputs = WITH[entry] | ({"name": "kept"} if "name" in WITH[entry] else {})
    resource = made(apply, declared(token, "kept", inputs))
    assert resource.outputs[property_] == inputs[property_]
    assert [(kept.property, kept.reason) for kept in apply.kept] == [(property_, OVERLAY[entry])]
