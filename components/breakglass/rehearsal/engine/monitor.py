"""What a Pulumi program asks of its engine, answered in this process.

Pulumi's mocks see neither parents nor dependencies nor options, and accept a URN twice. This
monitor stands where the engine stands and sees every request whole, as the engine would.
"""

import functools
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, TypeVar
from urllib.parse import unquote, urlsplit

import grpc
import pulumi
from google.protobuf.empty_pb2 import Empty
from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message
from pulumi._types import resource_pulumi_to_py_names
from pulumi.runtime.proto import (
    callback_pb2,
    callback_pb2_grpc,
    engine_pb2,
    engine_pb2_grpc,
    resource_pb2_grpc,
    source_pb2,
)
from pulumi.runtime.proto import resource_pb2 as pb
from pulumi.runtime.proto.provider_pb2 import CallResponse
from pulumi.type_token import get_type_token

from breakglass.errors import RehearsalError
from breakglass.rehearsal.engine import wire
from breakglass.rehearsal.engine.registration import (
    PROVIDER,
    STACK,
    Applier,
    Log,
    Options,
    Registration,
    RegistrationError,
)
from breakglass.rehearsal.engine.unknown import UNKNOWN, UNKNOWN_TEXT, unknown_paths

Answer = TypeVar("Answer")
Reply = TypeVar("Reply", pb.TransformResponse, pb.TransformInvokeResponse)

FEATURES: Final = (
    pb.RESOURCE_MONITOR_FEATURE_SECRETS,
    pb.RESOURCE_MONITOR_FEATURE_RESOURCE_REFERENCES,
    pb.RESOURCE_MONITOR_FEATURE_ALIAS_SPECS,
    pb.RESOURCE_MONITOR_FEATURE_DELETED_WITH,
    pb.RESOURCE_MONITOR_FEATURE_TRANSFORMS,
    pb.RESOURCE_MONITOR_FEATURE_INVOKE_TRANSFORMS,
)
"""What is not here (hooks, parameterized packages, state migrations) the SDK refuses by itself."""

FOREIGN_FEATURES: Final = (
    *FEATURES,
    pb.RESOURCE_MONITOR_FEATURE_RESOURCE_HOOKS,
    pb.RESOURCE_MONITOR_FEATURE_ERROR_HOOKS,
)
"""What is noted besides of a program that nobody of the kit wrote."""

TRANSFORMED: Final = {
    "depends_on": "dependencies",
    "protect": "protect",
    "ignore_changes": "ignoreChanges",
    "replace_on_changes": "replaceOnChanges",
    "version": "version",
    "aliases": "aliases",
    "provider": "provider",
    "custom_timeouts": "customTimeouts",
    "retain_on_delete": "retainOnDelete",
    "deleted_with": "deletedWith",
    "delete_before_replace": "deleteBeforeReplace",
    "additional_secret_outputs": "additionalSecretOutputs",
    "providers": "providers",
    "import": "importId",
    "hooks": "hooks",
}
"""Options as a transform sees them, and their names in the request."""

CALLED_FROM: Final[ContextVar[tuple[source_pb2.StackFrame, ...]]] = ContextVar(
    "the lines that lead to a function's call", default=()
)
"""Told by whoever runs the program in this process: the SDK sends no lines with a function."""

NEVER_RETURNED: Final = "#never-returned:"
"""Joins a URN and a property into a dependency: what carries it was read and never returned."""


class Monitor(resource_pb2_grpc.ResourceMonitorServicer):
    """Pulumi's resource monitor: in process as it is, or as a gRPC servicer (see ``listening``).

    ``config`` holds the stack's configuration, ``namespace:key`` to text; the default provider of a
    package is configured from its namespace. ``root`` is the project's folder: source lines are
    told relative to it. In a ``preview`` nothing is made. Of a program that is ``foreign`` remote
    components, assets and hooks are noted, of any other they are refused.
    """

    def __init__(  # noqa: PLR0913 - what the engine knows of a deployment
        self,
        applier: Applier,
        *,
        project: str,
        stack: str,
        organization: str = "organization",
        config: Mapping[str, str] | None = None,
        root: Path | None = None,
        preview: bool = False,
        foreign: bool = False,
    ) -> None:
        self.project, self.stack, self.organization = project, stack, organization
        self.preview, self.foreign = preview, foreign
        self.exports: dict[str, Any] = {}
        self.failures: list[RegistrationError] = []
        self._applier, self._config, self._root = applier, dict(config or {}), root or Path.cwd()
        self._records: dict[str, Registration] = {}
        self._claimed: dict[str, str] = {}
        self._never_returned: set[str] = set()
        self._transforms: list[callback_pb2.Callback] = []
        self._invoke_transforms: list[callback_pb2.Callback] = []
        self._channels: dict[str, grpc.Channel] = {}
        self._lock = threading.Lock()

    @property
    def records(self) -> dict[str, Registration]:
        """Everything registered so far, by URN, in the order of the URNs."""
        with self._lock:
            return dict(sorted(self._records.items()))

    def close(self) -> None:
        """Let go of the connections to the program's transforms."""
        for channel in self._channels.values():
            channel.close()
        self._channels.clear()

    # The protocol: pulumi/proto/pulumi/resource.proto

    def GetDeploymentInfo(  # noqa: N802 - the protocol's name
        self, request: Empty, context: grpc.ServicerContext | None = None
    ) -> pb.DeploymentInfo:
        """Tell the program what it is part of."""
        del request, context
        return pb.DeploymentInfo(
            project=self.project,
            stack=self.stack,
            organization=self.organization,
            dryRun=self.preview,
            supportedFeatures=FOREIGN_FEATURES if self.foreign else FEATURES,
        )

    def RegisterResource(  # noqa: N802 - the protocol's name
        self, request: pb.RegisterResourceRequest, context: grpc.ServicerContext | None = None
    ) -> pb.RegisterResourceResponse:
        """Make a resource, or note a component, and answer with its outputs."""
        urn = self._urn(request)
        source = self._source(request)
        return self._answer(urn, source, context, lambda: self._register(request, urn, source))

    def ReadResource(  # noqa: N802 - the protocol's name
        self, request: pb.ReadResourceRequest, context: grpc.ServicerContext | None = None
    ) -> pb.ReadResourceResponse:
        """Look up a resource that the program does not manage (``Resource.get``)."""
        urn = self._urn(request)
        source = self._source(request)
        return self._answer(urn, source, context, lambda: self._read(request, urn, source))

    def ExistsResource(  # noqa: N802 - the protocol's name
        self, request: pb.ExistsResourceRequest, context: grpc.ServicerContext | None = None
    ) -> pb.ExistsResourceResponse:
        """Refuse: whether a resource exists is not asked by any program of the kit."""

        def refuse() -> pb.ExistsResourceResponse:
            raise RehearsalError("Resource.exists is not rehearsed; use Resource.get")

        return self._answer(f"{request.type} {request.id}", "", context, refuse)

    def RegisterResourceOutputs(  # noqa: N802 - the protocol's name
        self,
        request: pb.RegisterResourceOutputsRequest,
        context: grpc.ServicerContext | None = None,
    ) -> Empty:
        """Note a component's outputs; the stack's are its exports."""
        source = self._claimed.get(request.urn, "")
        return self._answer(request.urn, source, context, lambda: self._outputs(request))

    def Invoke(  # noqa: N802 - the protocol's name
        self, request: pb.ResourceInvokeRequest, context: grpc.ServicerContext | None = None
    ) -> pb.ResourceInvokeResponse:
        """Answer a function of a provider."""
        source = self._source(request)
        return self._answer(request.tok, source, context, lambda: self._invoke(request))

    def Call(  # noqa: N802 - the protocol's name
        self, request: pb.ResourceCallRequest, context: grpc.ServicerContext | None = None
    ) -> CallResponse:
        """Answer a method of a resource: a function whose ``__self__`` is the resource."""

        def call() -> CallResponse:
            return CallResponse(**{"return": self._function(request)})

        return self._answer(request.tok, self._source(request), context, call)

    def RegisterStackTransform(  # noqa: N802 - the protocol's name
        self, request: callback_pb2.Callback, context: grpc.ServicerContext | None = None
    ) -> Empty:
        """Run this transform over every resource from now on."""
        del context
        self._transforms.append(request)
        return Empty()

    def RegisterStackInvokeTransform(  # noqa: N802 - the protocol's name
        self, request: callback_pb2.Callback, context: grpc.ServicerContext | None = None
    ) -> Empty:
        """Run this transform over every function call from now on."""
        del context
        self._invoke_transforms.append(request)
        return Empty()

    def RegisterResourceHook(  # noqa: N802 - the protocol's name
        self,
        request: pb.RegisterResourceHookRequest,
        context: grpc.ServicerContext | None = None,
    ) -> Empty:
        """Call nothing: which resources have it, their own requests say."""
        del request, context
        return Empty()

    def RegisterErrorHook(  # noqa: N802 - the protocol's name
        self, request: pb.RegisterErrorHookRequest, context: grpc.ServicerContext | None = None
    ) -> Empty:
        """Call nothing, likewise."""
        del request, context
        return Empty()

    def SignalAndWaitForShutdown(  # noqa: N802 - the protocol's name
        self, request: Empty, context: grpc.ServicerContext | None = None
    ) -> Empty:
        """Nothing outlives the program here."""
        del request, context
        return Empty()

    # What the answers are made of

    def _answer(
        self,
        subject: str,
        source: str,
        context: grpc.ServicerContext | None,
        work: Callable[[], Answer],
    ) -> Answer:
        try:
            return work()
        except Exception as error:
            failure = RegistrationError(subject, source, error)
            self.failures.append(failure)
            if context is not None:
                context.abort(grpc.StatusCode.UNKNOWN, str(failure))
            raise failure from error

    def _register(
        self, request: pb.RegisterResourceRequest, urn: str, source: str
    ) -> pb.RegisterResourceResponse:
        self._claim(urn, source)
        resource = self._registration(self._transformed(request), urn, source)
        self._refuse_unknown(resource.inputs, resource.property_dependencies)
        done = self._done(resource)
        self._keep(done)
        return self._response(done)

    def _done(self, resource: Registration) -> Registration:
        if not resource.custom:
            return resource
        if resource.type.startswith(PROVIDER):
            settings = wire.provider_settings(resource.inputs, resource.name)
            return replace(resource, inputs=settings, id=resource.name, outputs=resource.inputs)
        provider = self._provider(resource.provider, resource.type, resource.options.version)
        checked = replace(resource, inputs=self._applier.check(resource))
        return self._imported(checked, provider) or self._created(checked, provider)

    def _created(self, resource: Registration, provider: Registration) -> Registration:
        id_, outputs = self._applier.create(resource, provider, preview=self.preview)
        if not id_ and not self.preview:
            raise RehearsalError("no id came back from its creation")
        return replace(resource, id=id_, outputs=outputs)

    def _imported(self, resource: Registration, provider: Registration) -> Registration | None:
        if not resource.options.import_id:
            return None
        found = self._found(replace(resource, id=resource.options.import_id), provider)
        seen = {key: found.outputs.get(key) for key in resource.inputs}
        changed, _ = self._applier.diff(resource.type, seen, resource.inputs)
        if changed:
            raise RehearsalError(
                f"cannot import {resource.options.import_id}: {', '.join(changed)} differ from "
                "what is there; import asks for inputs that match"
            )
        return found

    def _read(
        self, request: pb.ReadResourceRequest, urn: str, source: str
    ) -> pb.ReadResourceResponse:
        self._claim(urn, source)
        inputs, secrets = wire.decode_with_secrets(request.properties)
        self._refuse_unknown({"id": _known(request.id), **inputs}, {})
        resource = Registration(
            urn=urn,
            type=request.type,
            name=request.name,
            parent=request.parent,
            inputs=inputs,
            id=request.id,
            provider=request.provider,
            dependencies=tuple(sorted(request.dependencies)),
            secrets=secrets,
            options=Options(read=True, version=request.version),
            source=source,
        )
        provider = self._provider(request.provider, request.type, request.version)
        found = self._found(resource, provider)
        if not self.preview and (absent := _absent(found)):
            raise RehearsalError(f"reading it, no handler returned {', '.join(absent)}")
        self._keep(found)
        return pb.ReadResourceResponse(urn=urn, id=found.id, properties=_sent(found, found.outputs))

    def _found(self, resource: Registration, provider: Registration) -> Registration:
        outputs = self._applier.read(resource, provider)
        if outputs is None:
            raise RehearsalError(f"there is no {resource.type} with the id {resource.id!r}")
        return replace(resource, outputs=outputs)

    def _outputs(self, request: pb.RegisterResourceOutputsRequest) -> Empty:
        outputs = wire.decode(request.outputs)
        self._refuse_unknown(outputs, {})
        resource = self._records[request.urn]
        self._keep(replace(resource, outputs=outputs))
        if resource.type == STACK:
            self.exports = outputs
        return Empty()

    def _invoke(self, request: pb.ResourceInvokeRequest) -> pb.ResourceInvokeResponse:
        for callback in self._invoke_transforms:
            request = self._invoke_transformed(request, callback)
        if request.tok == "pulumi:pulumi:getResource":
            resource = self._records[wire.decode(request.args)["urn"]]
            answer = {"urn": resource.urn, "id": resource.id, "state": resource.outputs}
            return pb.ResourceInvokeResponse(**{"return": wire.encode(answer)})
        return pb.ResourceInvokeResponse(**{"return": self._function(request)})

    def _function(self, request: pb.ResourceInvokeRequest | pb.ResourceCallRequest) -> Message:
        provider = self._provider(request.provider, request.tok, request.version)
        return wire.encode(self._applier.invoke(request.tok, wire.decode(request.args), provider))

    # Registrations

    def _registration(
        self, request: pb.RegisterResourceRequest, urn: str, source: str
    ) -> Registration:
        if request.remote and not self.foreign:
            raise RehearsalError("a remote component is not rehearsed; use it as a Python class")
        inputs, secrets = wire.decode_with_secrets(request.object, assets=self.foreign)
        return Registration(
            urn=urn,
            type=request.type,
            name=request.name,
            custom=request.custom,
            parent=request.parent,
            inputs=inputs,
            provider=request.provider,
            dependencies=tuple(sorted(request.dependencies)),
            property_dependencies={
                key: tuple(sorted(dependencies.urns))
                for key, dependencies in sorted(request.propertyDependencies.items())
                if dependencies.urns
            },
            secrets=secrets,
            options=_options(request),
            source=source,
        )

    def _response(self, resource: Registration) -> pb.RegisterResourceResponse:
        absent = () if self.preview else _absent(resource)
        marks = {key: f"{resource.urn}{NEVER_RETURNED}{key}" for key in absent}
        with self._lock:
            self._never_returned.update(marks.values())
        return pb.RegisterResourceResponse(
            urn=resource.urn,
            id=resource.id,
            object=_sent(resource, _told(resource) | dict.fromkeys(absent, UNKNOWN)),
            propertyDependencies={
                key: pb.RegisterResourceResponse.PropertyDependencies(urns=[mark])
                for key, mark in marks.items()
            },
        )

    def _refuse_unknown(
        self, values: Mapping[str, Any], origins: Mapping[str, Iterable[str]]
    ) -> None:
        """Outside a preview nothing is unknown, except what was read and never returned."""
        if self.preview:
            return
        for key, value in values.items():
            for path in unknown_paths(value, key):
                marks = [urn for urn in origins.get(key, ()) if NEVER_RETURNED in urn]
                raise RehearsalError(f"{path} has no value: {self._blame(marks)}")

    def _blame(self, marks: Iterable[str]) -> str:
        with self._lock:
            suspects = sorted(marks or self._never_returned)
        origins = []
        for mark in suspects:
            urn, _, key = mark.partition(NEVER_RETURNED)
            origins.append(f"{key} of {urn} ({self._claimed.get(urn) or 'no source line'})")
        return f"the program reads {' or '.join(origins)}, which no handler returned"

    def _claim(self, urn: str, source: str) -> None:
        with self._lock:
            if urn in self._claimed:
                first = self._claimed[urn] or "no source line"
                raise RehearsalError(
                    f"duplicate resource URN: made at {first} already; give it a name of its own"
                )
            self._claimed[urn] = source

    def _keep(self, resource: Registration) -> None:
        with self._lock:
            self._records[resource.urn] = resource

    def _urn(self, request: pb.RegisterResourceRequest | pb.ReadResourceRequest) -> str:
        """Build the URN as the engine does: the types of the parents, but not the stack's, lead."""
        parent_type = request.parent.split("::", 3)[2] if request.parent else STACK
        type_ = request.type if parent_type == STACK else f"{parent_type}${request.type}"
        return f"urn:pulumi:{self.stack}::{self.project}::{type_}::{request.name}"

    def _source(
        self,
        request: pb.RegisterResourceRequest
        | pb.ReadResourceRequest
        | pb.ResourceInvokeRequest
        | pb.ResourceCallRequest,
    ) -> str:
        """Tell the innermost line that is no library's; the SDK's guess misses providers."""
        for frame in request.stackTrace.frames or CALLED_FROM.get():
            shown = _shown(frame.pc.uri, self._root)
            if shown:
                return f"{shown}:{frame.pc.line}"
        return ""

    # Providers

    def _provider(self, reference: str, token: str, version: str) -> Registration:
        if not reference:
            return self._default_provider(token.partition(":")[0], version)
        urn = reference.rpartition("::")[0]
        if urn not in self._records:
            raise RehearsalError(f"its provider {urn} was never registered")
        return self._records[urn]

    def _default_provider(self, package: str, version: str) -> Registration:
        """Return the provider that the engine makes when the program names none."""
        name = "_".join(["default", *version.split(".")]) if version else "default"
        type_ = f"{PROVIDER}{package}"
        urn = f"urn:pulumi:{self.stack}::{self.project}::{type_}::{name}"
        with self._lock:
            if urn not in self._records:
                given = {
                    key.removeprefix(f"{package}:"): value
                    for key, value in sorted(self._config.items())
                    if key.startswith(f"{package}:")
                }
                settings = wire.provider_settings(given, name)
                self._records[urn] = Registration(urn, type_, name, inputs=settings, id=name)
            return self._records[urn]

    # Transforms run in the program, which the monitor calls back

    def _transformed(self, request: pb.RegisterResourceRequest) -> pb.RegisterResourceRequest:
        for callback in [*request.transforms, *self._transforms]:
            given = _set_fields(request)
            options = {option: given[name] for option, name in TRANSFORMED.items() if name in given}
            answer = self._call_back(
                callback,
                pb.TransformRequest(
                    type=request.type,
                    name=request.name,
                    custom=request.custom,
                    parent=request.parent,
                    properties=request.object,
                    options=pb.TransformResourceOptions(**options),
                ),
                pb.TransformResponse,
            )
            request = _with_transform(request, answer)
        return request

    def _invoke_transformed(
        self, request: pb.ResourceInvokeRequest, callback: callback_pb2.Callback
    ) -> pb.ResourceInvokeRequest:
        options = pb.TransformInvokeOptions(provider=request.provider, version=request.version)
        question = pb.TransformInvokeRequest(token=request.tok, args=request.args, options=options)
        answer = self._call_back(callback, question, pb.TransformInvokeResponse)
        changed = pb.ResourceInvokeRequest()
        changed.CopyFrom(request)
        changed.args.CopyFrom(answer.args)
        if answer.HasField("options"):
            changed.provider, changed.version = answer.options.provider, answer.options.version
        return changed

    def _call_back(
        self, callback: callback_pb2.Callback, question: Message, answer: type[Reply]
    ) -> Reply:
        with self._lock:
            if callback.target not in self._channels:
                self._channels[callback.target] = grpc.insecure_channel(callback.target)
            channel = self._channels[callback.target]
        request = callback_pb2.CallbackInvokeRequest(
            token=callback.token, request=question.SerializeToString()
        )
        response: bytes = callback_pb2_grpc.CallbacksStub(channel).Invoke(request).response
        reply: Reply = answer.FromString(response)
        return reply


class Engine(engine_pb2_grpc.EngineServicer):
    """The rest of what a program asks: a log, and the URN of its stack."""

    def __init__(self) -> None:
        self.logs: list[Log] = []
        self._root = ""

    def Log(  # noqa: N802 - the protocol's name
        self, request: engine_pb2.LogRequest, context: grpc.ServicerContext | None = None
    ) -> Empty:
        """Keep a line of the log."""
        del context
        severity = engine_pb2.LogSeverity.Name(request.severity)
        self.logs.append(Log(severity, request.message, request.urn))
        return Empty()

    def GetRootResource(  # noqa: N802 - the protocol's name
        self,
        request: engine_pb2.GetRootResourceRequest,
        context: grpc.ServicerContext | None = None,
    ) -> engine_pb2.GetRootResourceResponse:
        """Tell the URN of the stack."""
        del request, context
        return engine_pb2.GetRootResourceResponse(urn=self._root)

    def SetRootResource(  # noqa: N802 - the protocol's name
        self,
        request: engine_pb2.SetRootResourceRequest,
        context: grpc.ServicerContext | None = None,
    ) -> engine_pb2.SetRootResourceResponse:
        """Learn the URN of the stack."""
        del context
        self._root = request.urn
        return engine_pb2.SetRootResourceResponse()


@contextmanager
def listening(monitor: Monitor, engine: Engine, workers: int = 8) -> Iterator[str]:
    """Serve both over gRPC on loopback, for a program in another process; yield the address."""
    server = grpc.server(ThreadPoolExecutor(workers))
    resource_pb2_grpc.add_ResourceMonitorServicer_to_server(monitor, server)
    engine_pb2_grpc.add_EngineServicer_to_server(engine, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        yield f"127.0.0.1:{port}"
    finally:
        server.stop(grace=None).wait()


@functools.cache
def _shown(uri: str, root: Path) -> str:
    """Give the path of a source file as it is told; empty for a library's and for no file."""
    path = Path(unquote(urlsplit(uri).path))
    if not uri or "site-packages" in path.parts:
        return ""
    return str(path.relative_to(root) if path.is_relative_to(root) else Path(*path.parts[-2:]))


def _options(request: pb.RegisterResourceRequest) -> Options:
    timeouts = request.customTimeouts if request.HasField("customTimeouts") else None
    return Options(
        protect=request.protect,
        retain_on_delete=request.retainOnDelete,
        delete_before_replace=request.deleteBeforeReplace,
        ignore_changes=tuple(request.ignoreChanges),
        replace_on_changes=tuple(request.replaceOnChanges),
        additional_secret_outputs=tuple(request.additionalSecretOutputs),
        aliases=tuple(alias.urn or alias.spec.name or alias.spec.type for alias in request.aliases),
        import_id=request.importId,
        deleted_with=request.deletedWith,
        version=request.version,
        providers=dict(request.providers),
        remote=request.remote,
        hooks=tuple(name for _, names in request.hooks.ListFields() for name in names),
        timeouts=MessageToDict(timeouts) if timeouts else {},
    )


def _sent(resource: Registration, outputs: Mapping[str, Any]) -> Message:
    """Encode outputs as the engine would: what went in as a secret comes out as one."""
    secret = {path.split(".")[0].split("[")[0] for path in resource.secrets}
    return wire.encode(outputs, [*secret, *resource.options.additional_secret_outputs])


def _known(id_: str) -> object:
    return UNKNOWN if id_ == UNKNOWN_TEXT else id_


def _told(resource: Registration) -> dict[str, Any]:
    """Return the outputs without those that have no value, a third of them all.

    The SDK takes what it is not told for None, but for an input: there it would take the input.
    """
    return {
        name: value
        for name, value in resource.outputs.items()
        if value is not None or name in resource.inputs
    }


def _absent(resource: Registration) -> tuple[str, ...]:
    """Return the properties that the resource's class has and nobody gave a value."""
    if not resource.custom or resource.type.startswith(PROVIDER):
        return ()
    known = resource.inputs.keys() | resource.outputs.keys()
    return tuple(sorted(_properties(resource.type) - known))


@functools.cache
def _properties(token: str) -> frozenset[str]:
    """Return the properties, inputs and outputs, of the SDK's class for a type token."""
    classes = (cls for cls in _subclasses(pulumi.CustomResource) if get_type_token(cls) == token)
    return frozenset(name for cls in classes for name in resource_pulumi_to_py_names(cls))


def _subclasses(cls: type[pulumi.Resource]) -> Iterator[type[pulumi.Resource]]:
    for subclass in cls.__subclasses__():
        yield subclass
        yield from _subclasses(subclass)


def _set_fields(message: Message) -> dict[str, Any]:
    return {descriptor.name: value for descriptor, value in message.ListFields()}


def _with_transform(
    request: pb.RegisterResourceRequest, answer: pb.TransformResponse
) -> pb.RegisterResourceRequest:
    fields = _set_fields(request) | {"object": answer.properties}
    if answer.HasField("options"):
        options = _set_fields(answer.options)
        kept = {name: value for name, value in fields.items() if name not in TRANSFORMED.values()}
        given = {name: options[option] for option, name in TRANSFORMED.items() if option in options}
        fields = kept | given
    return pb.RegisterResourceRequest(**fields)
