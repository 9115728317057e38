"""What the emulation keeps of moto's work is still where moto looks for it."""

import io
import json
from collections.abc import Iterator
from functools import partial
from typing import Any

import boto3
import pytest
from botocore.awsrequest import AWSRequest
from moto import backend_index, backends
from moto.core import base_backend, loaders, responses, utils
from moto.core.base_backend import BackendDict
from moto.core.models import botocore_stubber
from moto.core.request import Request, normalize_request
from moto.events.models import events_backends
from moto.events.responses import EventsHandler
from moto.iam.aws_managed_policies import aws_managed_policies_data
from moto.moto_api._internal import mock_random
from moto.sqs.models import sqs_backends

from breakglass.rehearsal.aws import clients, moto_shortcuts, store


@pytest.fixture(autouse=True)
def _taken() -> None:
    clients.shared_client("sts", "us-east-1")


def kept(module: object, name: str) -> Any:  # noqa: ANN401 - of many types
    return vars(module)[name]


def test_moto_loads_every_services_model_with_one_loader() -> None:
    create_loader = kept(utils, "create_loader")
    before = create_loader.cache_info().hits
    assert create_loader() is create_loader()
    utils._load_service_model("sqs", "service-2")
    assert create_loader.cache_info().hits > before + 1


@pytest.mark.parametrize("service", ["events", "glue", "iam", "s3", "sqs"])
def test_a_services_model_is_the_one_that_moto_would_load(service: str) -> None:
    own = loaders.create_loader().load_service_model(service, "service-2")
    assert utils._load_service_model(service, "service-2") == own


def test_moto_still_dispatches_by_the_names_of_its_methods() -> None:
    assert "put_rule" in kept(responses, "method_names_from_class")(EventsHandler)


def test_each_service_has_its_own_urls_and_keeps_them() -> None:
    events, sqs = (found["111111111111"]["eu-west-1"] for found in (events_backends, sqs_backends))
    assert events.urls is events.urls
    assert events.urls != sqs.urls
    assert dict(events.urls) == moto_shortcuts._worked_out(events)


def test_each_service_has_its_own_backend() -> None:
    assert kept(backends, "get_backend")("events") is events_backends
    assert kept(backends, "get_backend")("sqs") is sqs_backends


def test_an_account_has_the_backends_that_moto_made_for_it() -> None:
    first = events_backends["333333333333"]
    assert events_backends["333333333333"] is first
    assert first is moto_shortcuts._made_sure_of(events_backends, "333333333333")
    BackendDict.reset()
    assert events_backends["333333333333"] is not first


@pytest.mark.parametrize("service", ["events", "glue", "iam", "s3", "sqs"])
def test_a_service_has_the_regions_that_moto_would_ask_for(service: str) -> None:
    own = boto3.Session()
    partitions = own.get_available_partitions()
    asked_for = [
        region for each in partitions for region in own.get_available_regions(service, each)
    ]
    of_all_accounts = base_backend.BackendDict(object, service)
    here = of_all_accounts["444444444444"]
    assert here.regions == asked_for
    assert ("eu-west-1" in here.regions) is (service != "iam")


@pytest.mark.parametrize("name", ["AdministratorAccess", "ReadOnlyAccess", "AWSSupportAccess"])
def test_a_managed_policy_is_the_one_that_moto_has(name: str) -> None:
    assert store._aws_managed(name) == json.loads(aws_managed_policies_data)[name]


def test_there_is_no_managed_policy_of_another_name() -> None:
    assert store._aws_managed("Administrator") is None


def test_a_random_text_is_as_long_and_of_the_letters_that_are_asked_for() -> None:
    text = mock_random.get_random_string(1000)
    assert len(text) == 1000
    assert {kind(text) for kind in (str.islower, str.isupper, str.isdigit)} == {False}
    assert mock_random.get_random_string(500, include_digits=False).isalpha()
    assert mock_random.get_random_string(500, lower_case=True).islower()


@pytest.mark.parametrize(
    "url",
    [
        "https://events.eu-west-1.amazonaws.com/",
        "https://s3.eu-west-1.amazonaws.com/records/AWSLogs/1.json",
        "https://s3.amazonaws.com/records",
        "https://iam.amazonaws.com/",
        "https://222222222222.s3-control.eu-west-1.amazonaws.com/v20180820/accesspoint/all",
        "https://lambda.eu-west-1.amazonaws.com/2015-03-31/functions/all/invocations",
    ],
)
def test_a_request_finds_the_handler_that_moto_finds(
    monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    asked: list[object] = []
    handler = moto_shortcuts._handler_at(url)
    for backend in {type(found): found for found in _backends_at(url)}.values():
        answers = {form: partial(_told, asked, found) for form, found in backend.urls.items()}
        monkeypatch.setitem(moto_shortcuts._urls_by_class, type(backend), answers)
    request = AWSRequest("GET", url, headers={"x": "y"}).prepare()
    botocore_stubber.process_request(request)
    assert asked == [handler]


def _told(asked: list[object], handler: object, *_: object) -> tuple[int, dict[str, str], str]:
    asked.append(handler)
    return 200, {}, ""


def _backends_at(url: str) -> Iterator[base_backend.BaseBackend]:
    for service, form in backend_index.backend_url_patterns:
        if form.match(url):
            regions = backends.get_backend(service)["123456789012"]  # type: ignore[call-overload]
            yield regions["us-east-1" if "us-east-1" in regions else "aws"]


def test_what_is_kept_is_kept_once() -> None:
    names, urls = kept(responses, "method_names_from_class"), vars(base_backend.BaseBackend)["urls"]
    moto_shortcuts.take(clients._session())
    assert kept(responses, "method_names_from_class") is names
    assert vars(base_backend.BaseBackend)["urls"].fget is urls.fget


@pytest.mark.parametrize(
    "request_",
    [
        AWSRequest("GET", "https://s3.eu-west-1.amazonaws.com/records?versions&prefix=a%2Fb+c"),
        AWSRequest("GET", "https://s3.eu-west-1.amazonaws.com/records/a%20b//%C3%A9"),
        AWSRequest("PUT", "https://s3.amazonaws.com/records/k", data=b""),
        AWSRequest(
            "PUT",
            "https://s3.amazonaws.com:8443/records/k",
            headers={"x-amz-meta-my_key": "1", "x-amz-meta-my-key": "2", "Expect": "100-continue"},
            data=b"kept",
        ),
        AWSRequest(
            "POST",
            "https://events.eu-west-1.amazonaws.com/",
            headers={"X-Amz-Target": b"AWSEvents.PutRule", "Content-Type": "application/json"},
            data='{"Name": "\u00e9"}',
        ),
        AWSRequest(
            "POST",
            "https://iam.amazonaws.com/",
            headers={"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"},
            data={"Action": "GetRole", "RoleName": "a b"},
        ),
        AWSRequest(
            "POST",
            "https://iam.amazonaws.com/",
            headers={"Content-Type": "application/x-www-form-urlencoded"},
        ),
    ],
    ids=lambda request: f"{request.method} {request.url}",
)
def test_a_request_is_formed_as_moto_forms_it(request_: AWSRequest) -> None:
    for _ in range(2):  # also when its URL is known
        own = normalize_request(request_.prepare())
        formed = moto_shortcuts._formed(request_.prepare())
        assert told(formed) == told(own)
        assert type(formed) is type(own)
        assert dict(formed.headers) == dict(own.headers)
        assert (formed.data, dict(formed.form)) == (own.data, dict(own.form))


def test_a_file_is_read_as_moto_reads_it() -> None:
    url = "https://s3.amazonaws.com/records/k"
    own, formed = (
        form(AWSRequest("PUT", url, data=io.BytesIO(b"a file")).prepare())
        for form in (normalize_request, moto_shortcuts._formed)
    )
    assert (told(formed), formed.data) == (told(own), b"a file")


def told(request: Request) -> dict[str, Any]:
    """What a request's environment says, without the streams and the request itself."""
    streams = {"wsgi.input", "wsgi.errors", "werkzeug.request"}
    return {key: value for key, value in request.environ.items() if key not in streams}


def test_an_actions_method_has_the_name_that_moto_gives_it() -> None:
    assert kept(responses, "camelcase_to_underscores")("PutBucketACL") == "put_bucket_acl"
    assert kept(responses, "camelcase_to_underscores").cache_info().currsize
