"""A call that goes the short way to moto is answered as one that goes botocore's own way."""

import inspect
from typing import Any

import pytest
from botocore.endpoint import Endpoint
from botocore.exceptions import ClientError
from emulated import HOME, LOGGING, AllowsEverything
from moto.core.models import botocore_stubber

from breakglass.rehearsal.aws.clients import _ShortWay, shared_client
from breakglass.rehearsal.aws.emulator import Emulator

SERVICES = ("s3", "sqs", "events", "iam", "sts")
"""Of every protocol that the program's services speak: REST and XML, queries, JSON."""
HERE = {"LocationConstraint": HOME}


def told(answer: dict[str, Any]) -> dict[str, Any]:
    """An answer without the numbers that moto rolls anew each time."""
    return {key: value for key, value in answer.items() if key != "ResponseMetadata"}


def call(service: str, operation: str, **params: object) -> dict[str, Any]:
    with Emulator(AllowsEverything()) as emulator:
        client = emulator.client(emulator.root(LOGGING), service, HOME)
        return told(getattr(client, operation)(**params))


@pytest.mark.parametrize("service", SERVICES)
def test_every_client_goes_the_short_way(service: str) -> None:
    assert type(shared_client(service, HOME)._endpoint) is _ShortWay


@pytest.mark.parametrize(
    ("service", "operation", "params"),
    [
        ("s3", "create_bucket", {"Bucket": "records", "CreateBucketConfiguration": HERE}),
        ("sqs", "create_queue", {"QueueName": "q", "Attributes": {"DelaySeconds": "1"}}),
        ("events", "put_rule", {"Name": "r", "EventPattern": '{"source":["aws.s3"]}'}),
        ("iam", "list_roles", {}),
        ("sts", "get_caller_identity", {}),
    ],
)
def test_an_answer_is_the_same_both_ways(
    monkeypatch: pytest.MonkeyPatch, service: str, operation: str, params: dict[str, Any]
) -> None:
    short = call(service, operation, **params)
    with monkeypatch.context() as patch:
        client = shared_client(service, HOME)
        patch.setattr(client._endpoint, "__class__", Endpoint)
        client.meta.events.register("before-send", botocore_stubber)
        long = call(service, operation, **params)
        client.meta.events.unregister("before-send", botocore_stubber)
    if service == "sts":  # the long way signs with keys that are nobody's
        assert short["Account"] == long["Account"] == LOGGING
    else:
        assert short == long


def test_a_fault_of_the_service_is_told_the_short_way_too() -> None:
    with pytest.raises(ClientError) as refused:
        call("sqs", "get_queue_url", QueueName="none")
    assert refused.value.response["Error"]["Code"].endswith("NonExistentQueue")


def test_what_the_short_way_rests_on_is_still_botocores() -> None:
    """If this fails after an upgrade, look at botocore.endpoint before touching ``_ShortWay``."""
    sends, answers = (
        list(inspect.signature(way).parameters)
        for way in (Endpoint._send_request, Endpoint._do_get_response)
    )
    assert sends == ["self", "request_dict", "operation_model"]
    assert answers == ["self", "request", "operation_model", "context"]
    assert "self._send_request(" in inspect.getsource(Endpoint.make_request)
