"""What the emulation keeps of moto's work is still where moto looks for it."""

from typing import Any

import pytest
from moto import backends
from moto.core import base_backend, responses, utils
from moto.events.models import events_backends
from moto.events.responses import EventsHandler
from moto.sqs.models import sqs_backends

from breakglass.rehearsal.aws import moto_shortcuts


@pytest.fixture(autouse=True)
def _taken() -> None:
    moto_shortcuts.take()


def kept(module: object, name: str) -> Any:  # noqa: ANN401 - of many types
    return vars(module)[name]


def test_moto_loads_every_services_model_with_one_loader() -> None:
    create_loader = kept(utils, "create_loader")
    before = create_loader.cache_info().hits
    assert create_loader() is create_loader()
    utils._load_service_model("sns", "service-2")
    assert create_loader.cache_info().hits > before + 1


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


def test_what_is_kept_is_kept_once() -> None:
    names, urls = kept(responses, "method_names_from_class"), vars(base_backend.BaseBackend)["urls"]
    moto_shortcuts.take()
    assert kept(responses, "method_names_from_class") is names
    assert vars(base_backend.BaseBackend)["urls"].fget is urls.fget
