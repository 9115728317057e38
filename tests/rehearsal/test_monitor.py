"""The monitor answers the engine's protocol, called directly or over gRPC."""

import asyncio
from collections.abc import Callable

import pulumi
import pytest
from dict_applier import DictApplier
from pulumi.runtime import settings
from pulumi.runtime.proto import engine_pb2
from pulumi.runtime.proto import resource_pb2 as pb

from breakglass.errors import RehearsalError
from breakglass.rehearsal.engine import wire
from breakglass.rehearsal.engine.monitor import Engine, Monitor, listening
from breakglass.rehearsal.engine.registration import RegistrationError

QUEUE = "aws:sqs/queue:Queue"


@pytest.fixture
def monitor() -> Monitor:
    return Monitor(DictApplier(), project="demo", stack="dev")


def register(monitor: Monitor, type_: str, name: str, **fields: object) -> str:
    request = pb.RegisterResourceRequest(type=type_, name=name, **fields)
    return str(monitor.RegisterResource(request).urn)


def test_the_types_of_the_parents_lead_the_urn_but_for_the_stack(monitor: Monitor) -> None:
    stack = register(monitor, "pulumi:pulumi:Stack", "demo-dev")
    outer = register(monitor, "kit:index:Outer", "outer", parent=stack)
    inner = register(monitor, "kit:index:Inner", "inner", parent=outer)
    queue = register(monitor, QUEUE, "a::b", parent=inner, custom=True)
    assert stack == "urn:pulumi:dev::demo::pulumi:pulumi:Stack::demo-dev"
    assert queue == f"urn:pulumi:dev::demo::kit:index:Outer$kit:index:Inner${QUEUE}::a::b"


def test_a_resource_is_found_again_by_its_urn(monitor: Monitor) -> None:
    urn = register(monitor, QUEUE, "pages", custom=True)
    request = pb.ResourceInvokeRequest(
        tok="pulumi:pulumi:getResource", args=wire.encode({"urn": urn})
    )
    found = wire.decode(getattr(monitor.Invoke(request), "return"))
    assert found["id"] == monitor.records[urn].id
    assert found["state"]["arn"] == f"arn:000000000000:{found['id']}"


def test_a_method_is_answered_as_a_function(monitor: Monitor) -> None:
    args = wire.encode({"username": "keeper"})
    request = pb.ResourceCallRequest(tok="github:index/getUser:getUser", args=args)
    answer = getattr(monitor.Call(request), "return")
    assert wire.decode(answer)["nodeId"] == "U_keeper"


def refused(ask: Callable[[], object], message: str) -> None:
    with pytest.raises(RegistrationError, match=message):
        ask()


def test_a_provider_that_was_never_registered_is_refused(monitor: Monitor) -> None:
    provider = "urn:pulumi:dev::demo::pulumi:providers:aws::gone::id"
    refused(
        lambda: register(monitor, QUEUE, "pages", custom=True, provider=provider),
        "provider .*::gone was never registered",
    )


def test_what_is_not_rehearsed_is_refused_by_name(monitor: Monitor) -> None:
    exists = pb.ExistsResourceRequest(type=QUEUE, id="pages")
    refused(lambda: monitor.ExistsResource(exists), r"Resource\.exists is not rehearsed")
    refused(
        lambda: register(monitor, "kit:index:Vault", "v", remote=True),
        "a remote component is not rehearsed",
    )


def test_a_failure_is_kept_with_its_subject(monitor: Monitor) -> None:
    with pytest.raises(RegistrationError) as caught:
        register(monitor, "aws:sns/topic:Topic", "pages", custom=True)
    assert monitor.failures == [caught.value]
    assert isinstance(caught.value.__cause__, RehearsalError)
    assert "(no source line)" in str(caught.value)


def test_the_engine_keeps_the_root_and_the_log() -> None:
    engine = Engine()
    engine.SetRootResource(engine_pb2.SetRootResourceRequest(urn="urn:stack"))
    engine.Log(engine_pb2.LogRequest(severity=engine_pb2.WARNING, message="look", urn="urn:x"))
    assert engine.GetRootResource(engine_pb2.GetRootResourceRequest()).urn == "urn:stack"
    assert [(log.severity, log.message, log.urn) for log in engine.logs] == [
        ("WARNING", "look", "urn:x")
    ]


def run_remotely(monitor: Monitor, program: Callable[[], None]) -> None:
    async def main(address: str) -> None:
        names = {"project": monitor.project, "stack": monitor.stack}
        settings.configure(settings.Settings(**names, monitor=address, engine=address))
        await pulumi.runtime.run_in_stack(program)

    with listening(monitor, Engine()) as address:
        asyncio.run(main(address))


def test_a_program_elsewhere_is_served_over_grpc(monitor: Monitor) -> None:
    class Queue(pulumi.CustomResource):
        arn: pulumi.Output[str]

        def __init__(self, name: str) -> None:
            super().__init__(QUEUE, name, {"arn": None})

    run_remotely(monitor, lambda: pulumi.export("arn", Queue("pages").arn))
    assert monitor.exports["arn"].startswith("arn:000000000000:pages-")


def test_a_failure_crosses_grpc_with_its_subject(monitor: Monitor) -> None:
    def program() -> None:
        pulumi.CustomResource("aws:sns/topic:Topic", "pages")

    with pytest.raises(Exception, match=r"Topic::pages .*no handler for aws:sns/topic:Topic"):
        run_remotely(monitor, program)
