"""Each provider instance of the engine has a server of its own, all in one process."""

import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import grpc
import pytest
from dict_applier import DictApplier
from google.protobuf.empty_pb2 import Empty
from pulumi.runtime.proto import provider_pb2 as pb
from pulumi.runtime.proto import provider_pb2_grpc

from breakglass.rehearsal.engine import plugins, wire
from breakglass.rehearsal.engine.unknown import UNKNOWN

TYPE = "aws:iam/role:Role"
URN = f"urn:pulumi:dev::demo::kit:index:Entry${TYPE}::responder"
SECONDS = 20

Stub = provider_pb2_grpc.ResourceProviderStub
Start = Callable[..., Stub]


@contextmanager
def launched(package: str, **environment: str) -> Iterator[subprocess.Popen[str]]:
    """Start a launcher as the engine does, but with this interpreter."""
    launcher = plugins.LAUNCHERS[package] / f"pulumi-resource-{package}"
    with subprocess.Popen(  # noqa: S603 - the kit's own launcher
        [sys.executable, "-IS", str(launcher), "127.0.0.1:1"],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.terminate()


@pytest.fixture
def applier() -> DictApplier:
    return DictApplier()


@pytest.fixture
def start(applier: DictApplier) -> Iterator[Start]:
    """Start a provider instance, configured for an account."""
    with ExitStack() as running:
        daemon = running.enter_context(plugins.serve(applier))

        def start(account: str = "555555555555", package: str = "aws") -> Stub:
            process = running.enter_context(launched(package, **daemon.environment))
            assert process.stdout is not None
            address = f"127.0.0.1:{process.stdout.readline().strip()}"
            provider = Stub(running.enter_context(grpc.insecure_channel(address)))
            role = f'[{{"roleArn": "arn:aws:iam::{account}:role/deployer"}}]'
            settings = wire.encode({"assumeRoles": role, "version": "7.51.1"})
            provider.Configure(pb.ConfigureRequest(args=settings, name="it"), timeout=SECONDS)
            return provider

        yield start


def create(provider: Stub, *, preview: bool = False, **inputs: object) -> tuple[str, Any]:
    properties = wire.encode(inputs)
    made = provider.Create(pb.CreateRequest(urn=URN, properties=properties, preview=preview))
    return made.id, wire.decode(made.properties)


def test_two_instances_do_not_mix_their_accounts(start: Start, applier: DictApplier) -> None:
    first, second = start("111111111111"), start("222222222222")
    create(first, name="deployer")
    create(second, name="deployer")
    assert set(applier.cloud) == {
        ("111111111111", TYPE, "deployer"),
        ("222222222222", TYPE, "deployer"),
    }


def test_a_plugin_tells_version_and_an_empty_schema(start: Start) -> None:
    provider = start(package="github")
    assert provider.GetPluginInfo(Empty()).version.startswith("6.")
    assert '"name": "github"' in provider.GetSchema(pb.GetSchemaRequest()).schema
    assert not provider.Handshake(pb.ProviderHandshakeRequest()).accept_secrets
    assert provider.Cancel(Empty()) == Empty()


def test_a_check_names_what_the_program_left_unnamed_and_keeps_the_name(start: Start) -> None:
    provider = start()
    news = wire.encode({"path": "/breakglass/"})
    named = wire.decode(provider.Check(pb.CheckRequest(urn=URN, news=news)).inputs)
    assert named["name"].startswith("responder-")
    olds = wire.encode({"name": "before"})
    kept = provider.Check(pb.CheckRequest(urn=URN, news=news, olds=olds))
    assert wire.decode(kept.inputs) == {"name": "before", "path": "/breakglass/"}


def test_a_check_refuses_a_type_without_handler_with_the_reason(start: Start) -> None:
    urn = "urn:pulumi:dev::demo::aws:sns/topic:Topic::pages"
    refused = start().Check(pb.CheckRequest(urn=urn))
    assert [failure.reason for failure in refused.failures] == [
        "no handler for aws:sns/topic:Topic"
    ]


def test_a_configuration_in_snake_case_is_refused_and_one_in_camel_case_is_not(
    start: Start,
) -> None:
    provider = start()
    snake = wire.encode({"assumeRoles": '[{"role_arn": "arn"}]'})
    camel = wire.encode({"assumeRoles": '[{"roleArn": "arn"}]'})
    refused = provider.CheckConfig(pb.CheckRequest(urn=URN, news=snake))
    assert "assumeRoles[0].role_arn" in refused.failures[0].reason
    assert provider.CheckConfig(pb.CheckRequest(urn=URN, news=camel)).inputs == camel


def test_a_changed_configuration_replaces_nothing(start: Start) -> None:
    request = pb.DiffRequest(old_inputs=wire.encode({"region": "a"}), news=wire.encode({}))
    changed = start().DiffConfig(request)
    assert changed.changes == pb.DiffResponse.DIFF_SOME
    assert not changed.replaces


def test_a_diff_tells_changes_and_what_asks_for_a_replacement(start: Start) -> None:
    before = wire.encode({"name": "a", "path": "/", "tags": {}})
    after = wire.encode({"name": "b", "path": "/", "tags": {"x": "y"}})
    request = pb.DiffRequest(urn=URN, old_inputs=before, news=after)
    diff = start().Diff(request)
    assert (list(diff.diffs), list(diff.replaces)) == (["name", "tags"], ["name"])
    assert diff.deleteBeforeReplace


def test_an_ignored_change_is_none(start: Start) -> None:
    before, after = wire.encode({"name": "a"}), wire.encode({"name": "b"})
    request = pb.DiffRequest(urn=URN, old_inputs=before, news=after, ignoreChanges=["name"])
    assert start().Diff(request).changes == pb.DiffResponse.DIFF_NONE


def test_a_preview_makes_nothing(start: Start, applier: DictApplier) -> None:
    id_, outputs = create(start(), preview=True, name="responder")
    assert id_ == ""
    assert outputs["arn"] is UNKNOWN
    assert applier.cloud == {}


def test_a_resource_is_made_read_changed_and_deleted(start: Start, applier: DictApplier) -> None:
    provider = start()
    inputs, changed = {"name": "responder", "hours": 1}, {"name": "responder", "hours": 2}
    id_, outputs = create(provider, **inputs)
    assert outputs["arn"] == "arn:555555555555:responder"

    read = provider.Read(pb.ReadRequest(urn=URN, id=id_, inputs=wire.encode(inputs)))
    assert (read.id, wire.decode(read.properties)) == (id_, outputs)
    assert wire.decode(read.inputs) == inputs

    update = pb.UpdateRequest(
        urn=URN, id=id_, old_inputs=wire.encode(inputs), news=wire.encode(changed)
    )
    assert wire.decode(provider.Update(update).properties)["hours"] == 2

    drift = provider.Read(pb.ReadRequest(urn=URN, id=id_, inputs=wire.encode(inputs)))
    assert wire.decode(drift.inputs) == changed

    provider.Delete(pb.DeleteRequest(urn=URN, id=id_, old_inputs=wire.encode(changed)))
    assert applier.cloud == {}
    assert provider.Read(pb.ReadRequest(urn=URN, id=id_)).id == ""


def test_an_error_reaches_the_engine_with_its_kind(start: Start) -> None:
    provider = start()
    create(provider, name="responder")
    with pytest.raises(grpc.RpcError, match="FileExistsError: responder"):
        create(provider, name="responder")


def test_a_function_is_answered_for_the_account_of_the_instance(start: Start) -> None:
    request = pb.InvokeRequest(tok="aws:index/getCallerIdentity:getCallerIdentity")
    answer = getattr(start("111111111111").Invoke(request), "return")
    assert wire.decode(answer)["accountId"] == "111111111111"


def test_launchers_end_with_the_daemon() -> None:
    with ExitStack() as running:
        with plugins.serve(DictApplier()) as daemon:
            process = running.enter_context(launched("aws", **daemon.environment))
            assert process.stdout is not None
            assert process.stdout.readline().strip().isdigit()
        assert process.wait(SECONDS) == 0


def ask_until_gone(provider: Stub) -> None:
    for _ in range(10_000):  # the server notices a moment later
        provider.GetPluginInfo(Empty(), timeout=SECONDS)


def test_a_server_ends_with_its_launcher() -> None:
    with plugins.serve(DictApplier()) as daemon:
        with launched("aws", **daemon.environment) as process:
            assert process.stdout is not None
            address = f"127.0.0.1:{process.stdout.readline().strip()}"
        with grpc.insecure_channel(address) as channel, pytest.raises(grpc.RpcError):
            ask_until_gone(Stub(channel))
        assert daemon.started == ["aws"]


@pytest.mark.parametrize(
    ("environment", "complaint"),
    [
        ({}, "BREAKGLASS_REHEARSAL is not set"),
        ({"BREAKGLASS_REHEARSAL": "127.0.0.1:1"}, "ConnectionRefusedError"),
    ],
)
def test_a_launcher_without_rehearsal_says_so(environment: dict[str, str], complaint: str) -> None:
    with launched("aws", **environment) as process:
        _, errors = process.communicate(timeout=SECONDS)
        assert complaint in errors
        assert process.returncode != 0


def test_every_launcher_is_the_same_executable_text() -> None:
    launchers = [folder / f"pulumi-resource-{name}" for name, folder in plugins.LAUNCHERS.items()]
    assert len({launcher.read_text() for launcher in launchers}) == 1
    assert all(launcher.stat().st_mode & stat.S_IXUSR for launcher in launchers)
