"""The rehearsal's resources as a provider plugin, for Pulumi's own engine.

The engine starts one plugin a provider instance and speaks gRPC to it; behind each is the applier
that the in-process run uses too (protocol: ``proto/pulumi/provider.proto`` in pulumi/pulumi).
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from importlib.metadata import version
from typing import Any, TypeVar

import grpc
from google.protobuf.empty_pb2 import Empty
from pulumi.runtime.proto import provider_pb2 as pb
from pulumi.runtime.proto import provider_pb2_grpc
from pulumi.runtime.proto.plugin_pb2 import PluginInfo

from breakglass.errors import BreakGlassError
from breakglass.rehearsal.engine import wire
from breakglass.rehearsal.engine.registration import PROVIDER, Applier, Registration

Answer = TypeVar("Answer")
Resource = (
    pb.CheckRequest
    | pb.DiffRequest
    | pb.CreateRequest
    | pb.ReadRequest
    | pb.UpdateRequest
    | pb.DeleteRequest
)


class Provider(provider_pb2_grpc.ResourceProviderServicer):
    """One provider instance of ``package`` (``aws``, ``github``): it is configured once."""

    def __init__(self, package: str, applier: Applier) -> None:
        self.package, self._applier = package, applier
        type_ = f"{PROVIDER}{package}"
        self._self = Registration(urn=f"urn:pulumi:::::{type_}::unconfigured", type=type_, name="")

    # The plugin itself

    def Handshake(  # noqa: N802 - the protocol's name
        self, request: pb.ProviderHandshakeRequest, context: grpc.ServicerContext
    ) -> pb.ProviderHandshakeResponse:
        """Ask for plain values: the engine unwraps secrets and wraps them again."""
        del request, context
        return pb.ProviderHandshakeResponse()

    def GetPluginInfo(  # noqa: N802 - the protocol's name
        self, request: Empty, context: grpc.ServicerContext
    ) -> PluginInfo:
        """Tell the version of the SDK that asks for this plugin."""
        del request, context
        return PluginInfo(version=version(f"pulumi-{self.package}"))

    def GetSchema(  # noqa: N802 - the protocol's name
        self, request: pb.GetSchemaRequest, context: grpc.ServicerContext
    ) -> pb.GetSchemaResponse:
        """Return a schema without resources; running a program asks for no more."""
        del request, context
        schema = {"name": self.package, "version": version(f"pulumi-{self.package}")}
        return pb.GetSchemaResponse(schema=json.dumps({**schema, "resources": {}}))

    def Cancel(  # noqa: N802 - the protocol's name
        self, request: Empty, context: grpc.ServicerContext
    ) -> Empty:
        """Nothing here takes long enough to be cancelled."""
        del request, context
        return Empty()

    def CheckConfig(  # noqa: N802 - the protocol's name
        self, request: pb.CheckRequest, context: grpc.ServicerContext
    ) -> pb.CheckResponse:
        """Accept the configuration, unless a key in it would not be read."""

        def check() -> Mapping[str, Any]:
            wire.provider_settings(wire.decode(request.news), request.urn)
            return wire.decode(request.news)

        return _checked(context, check)

    def DiffConfig(  # noqa: N802 - the protocol's name
        self, request: pb.DiffRequest, context: grpc.ServicerContext
    ) -> pb.DiffResponse:
        """Replace nothing when the configuration changes: the account stays what the role says."""
        del context
        same = wire.decode(request.old_inputs) == wire.decode(request.news)
        changes = pb.DiffResponse.DIFF_NONE if same else pb.DiffResponse.DIFF_SOME
        return pb.DiffResponse(changes=changes)

    def Configure(  # noqa: N802 - the protocol's name
        self, request: pb.ConfigureRequest, context: grpc.ServicerContext
    ) -> pb.ConfigureResponse:
        """Learn which account, region or owner this instance is for."""

        def configure() -> pb.ConfigureResponse:
            given = wire.decode(request.args)
            given.pop("version", None)
            urn, name = request.urn or self._self.urn, request.name
            settings = wire.provider_settings(given, name)
            self._self = replace(
                self._self, urn=urn, name=name, inputs=settings, id=request.id or name
            )
            return pb.ConfigureResponse(supportsPreview=True)

        return _answer(context, configure)

    # Resources

    def Check(  # noqa: N802 - the protocol's name
        self, request: pb.CheckRequest, context: grpc.ServicerContext
    ) -> pb.CheckResponse:
        """Fill in defaults and names; one that was given before stays."""
        before = {**wire.decode(request.olds), **wire.decode(request.old_outputs)}
        resource = replace(_resource(request), inputs=wire.decode(request.news), outputs=before)
        return _checked(context, lambda: self._applier.check(resource))

    def Diff(  # noqa: N802 - the protocol's name
        self, request: pb.DiffRequest, context: grpc.ServicerContext
    ) -> pb.DiffResponse:
        """Tell what changed and what of it asks for a replacement, which deletes first.

        Names are a function of the URN here, so old and new could not stand beside each other.
        """
        before, after = wire.decode(request.old_inputs), wire.decode(request.news)

        def diff() -> pb.DiffResponse:
            changed, replaced = self._applier.diff(_resource(request).type, before, after)
            changed = [key for key in changed if key not in request.ignoreChanges]
            replaced = [key for key in replaced if key in changed]
            return pb.DiffResponse(
                changes=pb.DiffResponse.DIFF_SOME if changed else pb.DiffResponse.DIFF_NONE,
                diffs=changed,
                replaces=replaced,
                deleteBeforeReplace=bool(replaced),
            )

        return _answer(context, diff)

    def Create(  # noqa: N802 - the protocol's name
        self, request: pb.CreateRequest, context: grpc.ServicerContext
    ) -> pb.CreateResponse:
        """Make it, or say in a preview what it would be."""
        resource = replace(_resource(request), inputs=wire.decode(request.properties))

        def create() -> pb.CreateResponse:
            id_, outputs = self._applier.create(resource, self._self, preview=request.preview)
            return pb.CreateResponse(id=id_, properties=wire.encode(outputs))

        return _answer(context, create)

    def Read(  # noqa: N802 - the protocol's name
        self, request: pb.ReadRequest, context: grpc.ServicerContext
    ) -> pb.ReadResponse:
        """Look at what is there, for a refresh, an import or ``Resource.get``."""
        known = replace(
            _resource(request),
            id=request.id,
            inputs=wire.decode(request.inputs),
            outputs=wire.decode(request.properties),
        )

        def read() -> pb.ReadResponse:
            outputs = self._applier.read(known, self._self)
            if outputs is None:
                return pb.ReadResponse()
            inputs = self._inputs_now(known, outputs)
            return pb.ReadResponse(
                id=known.id, properties=wire.encode(outputs), inputs=wire.encode(inputs)
            )

        return _answer(context, read)

    def Update(  # noqa: N802 - the protocol's name
        self, request: pb.UpdateRequest, context: grpc.ServicerContext
    ) -> pb.UpdateResponse:
        """Change it in place, or say in a preview what it would become."""
        resource = replace(
            _resource(request),
            id=request.id,
            inputs=wire.decode(request.news),
            outputs=wire.decode(request.olds),
        )

        def update() -> pb.UpdateResponse:
            before = wire.decode(request.old_inputs)
            outputs = self._applier.update(
                resource, self._self, before=before, preview=request.preview
            )
            return pb.UpdateResponse(properties=wire.encode(outputs))

        return _answer(context, update)

    def Delete(  # noqa: N802 - the protocol's name
        self, request: pb.DeleteRequest, context: grpc.ServicerContext
    ) -> Empty:
        """Delete it."""
        resource = replace(
            _resource(request),
            id=request.id,
            inputs=wire.decode(request.old_inputs),
            outputs=wire.decode(request.properties),
        )

        def delete() -> Empty:
            self._applier.delete(resource, self._self)
            return Empty()

        return _answer(context, delete)

    def Invoke(  # noqa: N802 - the protocol's name
        self, request: pb.InvokeRequest, context: grpc.ServicerContext
    ) -> pb.InvokeResponse:
        """Answer a function."""

        def invoke() -> pb.InvokeResponse:
            answer = self._applier.invoke(request.tok, wire.decode(request.args), self._self)
            return pb.InvokeResponse(**{"return": wire.encode(answer)})

        return _answer(context, invoke)

    def _inputs_now(self, known: Registration, outputs: Mapping[str, Any]) -> dict[str, Any]:
        """Return the inputs that would make what is there, as the program wrote them where equal.

        An import knows none: then every output that has a value stands for an input, and the engine
        refuses the import of a resource with more of them than the program gives.
        """
        if not known.inputs:
            return {key: value for key, value in outputs.items() if value is not None}
        drifted = self._applier.drifted(known, outputs)
        return {**known.inputs, **{key: outputs.get(key) for key in drifted}}


def _resource(request: Resource) -> Registration:
    type_ = request.urn.split("::", 3)[2].rpartition("$")[2]
    return Registration(urn=request.urn, type=type_, name=request.urn.split("::", 3)[3])


def _checked(
    context: grpc.ServicerContext, check: Callable[[], Mapping[str, Any]]
) -> pb.CheckResponse:
    """Answer a check; what the kit refuses is a failure that the engine shows at the resource."""

    def answer() -> pb.CheckResponse:
        try:
            return pb.CheckResponse(inputs=wire.encode(check()))
        except BreakGlassError as refusal:
            return pb.CheckResponse(failures=[pb.CheckFailure(reason=str(refusal))])

    return _answer(context, answer)


def _answer(context: grpc.ServicerContext, work: Callable[[], Answer]) -> Answer:
    try:
        return work()
    except Exception as error:
        kind = "" if isinstance(error, BreakGlassError) else f"{type(error).__name__}: "
        context.abort(grpc.StatusCode.UNKNOWN, f"{kind}{error}")
        raise
