"""A whole rehearsal stays on this machine."""

from pathlib import Path

from moto.sns.models import sns_backends

from breakglass.rehearsal.rehearse import rehearse
from breakglass.rehearsal.sockets import loopback_only
from breakglass.rehearsal.stage import stage
from breakglass.settings import Side, load

REPOSITORY = Path(__file__).parents[2]
MINIMAL = REPOSITORY / "stacks" / "minimal.yaml"
EXAMPLE = REPOSITORY / "stacks" / "example.yaml"


def test_a_rehearsal_opens_no_connection_outside_loopback() -> None:
    with loopback_only():
        report = rehearse(REPOSITORY, MINIMAL, load(MINIMAL))
    assert not report.falls_short


def test_no_pager_endpoint_of_the_settings_reaches_the_emulator() -> None:
    organisation = load(EXAMPLE)
    endpoints = {endpoint.endpoint for endpoint in organisation.pager}
    with loopback_only(), stage(REPOSITORY, EXAMPLE, organisation, side=Side.KEEPER):
        backend = sns_backends[organisation.logging.id][organisation.home_region]
        held = {subscription.endpoint for subscription in backend.subscriptions.values()}
    assert len(held) == len(endpoints)
    assert not held & endpoints
