"""What the emulation keeps of moto's work is still where moto looks for it."""

from moto.core import responses, utils
from moto.events.responses import EventsHandler

from breakglass.rehearsal.aws import moto_shortcuts
from breakglass.rehearsal.aws.clients import shared_client


def test_moto_loads_its_models_with_one_loader() -> None:
    shared_client("events", "eu-west-1")
    asked = utils.create_loader.cache_info().hits
    utils.get_service_model.cache_clear()
    utils.get_service_model("events")
    utils.get_service_model("sns")
    assert utils.create_loader.cache_info().hits >= asked + 1
    assert utils.create_loader() is utils.create_loader()


def test_moto_still_dispatches_by_the_names_of_its_methods() -> None:
    moto_shortcuts.take()
    assert "put_rule" in responses.method_names_from_class(EventsHandler)


def test_shortcuts_are_taken_once() -> None:
    moto_shortcuts.take()
    taken = responses.method_names_from_class
    moto_shortcuts.take()
    assert responses.method_names_from_class is taken
