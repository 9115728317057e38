"""One boto3 client a (service, region) for the whole process, whoever calls.

A client costs 5 to 7 ms and some 2 MB, and sixty accounts times their services and regions would
need hundreds. So all callers share: who acts is a context variable that is read when a request is
checked and sent.
"""

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, Protocol

import boto3
import botocore.credentials
import botocore.session
from botocore.awsrequest import AWSResponse, create_request_object
from botocore.config import Config
from botocore.endpoint import Endpoint
from moto.core.botocore_stubber import MockRawResponse
from moto.core.models import botocore_stubber

from breakglass.errors import RehearsalError
from breakglass.proof.model import Verdict
from breakglass.rehearsal.aws import moto_shortcuts
from breakglass.rehearsal.aws.callers import Caller

Untyped = Any
"""A value of botocore's, which carries no types."""


class Checkpoints(Protocol):
    """What looks at each request on its way out and at each answer on its way in."""

    def prepare(self, caller: Caller, call: "OutgoingCall") -> None:
        """See the parameters as the caller gave them; change what must not reach the emulator."""

    def admit(self, caller: Caller, call: "OutgoingCall") -> dict[str, Any] | None:
        """Let the request through with None, answer it in moto's place, or raise AWS's error."""

    def settle(self, caller: Caller, call: "OutgoingCall", answer: dict[str, Any]) -> None:
        """See the answer; add what the emulator leaves out."""


@dataclass(slots=True)
class OutgoingCall:
    """One API call between the caller's code and the emulator."""

    service: str
    operation: str
    region: str
    params: dict[str, Any]
    """As the caller gave them."""
    sent: dict[str, Any]
    """As the emulator gets them; ``prepare`` may change these."""
    verdict: Verdict | None = None
    """What the guard said; None before it was asked, and where nobody asks."""


@dataclass(frozen=True, slots=True)
class _Acting:
    checkpoints: Checkpoints
    caller: Caller


_acting: ContextVar[_Acting] = ContextVar("acting")
_CONTEXT_KEY = "breakglass"
_SOME_DAY: Final = "20260101"
"""Part of a signature's scope; moto does not look at it."""
_IN_CHUNKS: Final = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
_making = threading.Lock()
_one_at_a_time = threading.RLock()
"""moto works under a lock a backend and the interpreter's own; threads that meet there wait 5 ms
(the interpreter's switch interval) time and again. One call at a time takes a third of the CPU, and
it makes S3's conditional put atomic, which in moto it is not."""


@contextmanager
def acting(checkpoints: Checkpoints, caller: Caller) -> Iterator[None]:
    """Make ``caller`` the one whose calls the shared clients send, in this thread."""
    token = _acting.set(_Acting(checkpoints, caller))
    try:
        yield
    finally:
        _acting.reset(token)


def _who() -> _Acting:
    """Return who acts; a request from nowhere has no account and must not go anywhere."""
    try:
        return _acting.get()
    except LookupError as error:
        raise RehearsalError(
            "a shared client was called without a caller: use Emulator.client(caller, ...), "
            "and no helper of boto3 that works in threads of its own"
        ) from error


class _ShortWay(Endpoint):  # type: ignore[misc]  # untyped
    """The way of a request to moto: never tried twice, and not signed.

    moto verifies no signature; it reads from the header who calls which service where. Signing,
    with what botocore asks of its plugins around it, takes as long as moto's answer does.
    """

    def _send_request(self, request_dict: Untyped, operation_model: Untyped) -> Untyped:
        """Send it once; an exception of moto's comes through as it is."""
        context = request_dict["context"]
        headers = _unsealed(_who().caller, operation_model, context["client_region"])
        request_dict["headers"].update(headers)
        if "X-Amz-Trailer" in request_dict["headers"]:
            # signing would say that the body is in chunks; unsaid, moto stores their frames too
            request_dict["headers"]["X-Amz-Content-SHA256"] = _IN_CHUNKS
        request = create_request_object(request_dict)
        request.stream_output = operation_model.has_streaming_output
        sent = self.prepare_request(request)
        answer, exception = self._do_get_response(sent, operation_model, context)
        if exception is not None:
            raise exception
        return answer

    def _send(self, request: Untyped) -> AWSResponse:
        """Hand it to moto, which sits in this process: nothing goes to any network."""
        status, headers, body = moto_shortcuts.answered(request)
        return AWSResponse(request.url, status, headers, MockRawResponse(body))


def _unsealed(caller: Caller, operation: Untyped, region: str) -> dict[str, str]:
    """Return the headers that signature version 4 would add, with a seal in name only.

    An operation that AWS takes from anybody has none.
    """
    if operation.resolved_auth_type == "none":
        return {}
    keys, service = caller.credentials, operation.service_model.signing_name
    scope = f"{keys.access_key}/{_SOME_DAY}/{region}/{service}/aws4_request"
    headers = {
        "Authorization": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=none"
    }
    if keys.token:
        headers["X-Amz-Security-Token"] = keys.token
    return headers


def _prepare(params: Untyped, model: Untyped, context: Untyped, **_: Untyped) -> None:
    """Keep the parameters as given and let the emulation change what is sent."""
    who = _who()
    call = OutgoingCall(
        service=model.service_model.service_name,
        operation=model.name,
        region=context["client_region"],
        params=dict(params),
        sent=params,
    )
    context[_CONTEXT_KEY] = call
    who.checkpoints.prepare(who.caller, call)


def _admit(params: Untyped, context: Untyped, **_: Untyped) -> Untyped:
    """Decide the call (botocore has checked its form) and tell moto in which account it happens.

    Returning a response keeps botocore from sending the request.
    """
    who = _who()
    answer = who.checkpoints.admit(who.caller, context[_CONTEXT_KEY])
    params["headers"]["x-moto-account-id"] = _place_of(context[_CONTEXT_KEY], who.caller)
    return None if answer is None else (AWSResponse(params["url"], 200, {}, None), answer)


def _place_of(call: OutgoingCall, caller: Caller) -> str:
    """Return the account in which a call happens: the caller's, or that of the bus it names.

    moto looks for a bus of another account's ARN in the caller's.
    """
    if (call.service, call.operation) != ("events", "PutEvents"):
        return caller.account
    buses = [str(entry.get("EventBusName", "")) for entry in call.params["Entries"]]
    owners = {bus.split(":")[4] for bus in buses if bus.startswith("arn:")}
    if len(owners) > 1:
        raise RehearsalError(f"PutEvents to the buses of {sorted(owners)} in one call")
    return next(iter(owners), caller.account)


def _settle(parsed: Untyped, context: Untyped, **_: Untyped) -> None:
    """Show the answer to the emulation."""
    who = _who()
    who.checkpoints.settle(who.caller, context[_CONTEXT_KEY], parsed)


@cache
def _session() -> boto3.Session:
    """Return the one session, with the checkpoints on its way in and out."""
    core = botocore.session.Session()
    core._credentials = botocore.credentials.Credentials("unused", "unused")  # noqa: SLF001 - no public setter takes an object
    core.unregister("before-send", botocore_stubber)  # moto's own hook: `_ShortWay` is quicker
    core.register("before-parameter-build", _prepare)
    core.register("before-call", _admit)
    core.register("after-call", _settle)
    session = boto3.Session(botocore_session=core, region_name="us-east-1")
    moto_shortcuts.take(session)
    return session


_CONFIG = Config(
    retries={"total_max_attempts": 1},
    # virtual-host names collide with service hosts in moto: a bucket "logs" is not found
    s3={"addressing_style": "path"},
    account_id_endpoint_mode="disabled",
    # else botocore puts one together for each request, a tenth of the request's time
    user_agent="breakglass-rehearsal",
    parameter_validation=True,
)


@cache
def _shared(service: str, region: str) -> Untyped:
    client = _session().client(service, region_name=region, config=_CONFIG)
    client._endpoint.__class__ = _ShortWay  # noqa: SLF001 - boto3 takes no endpoint of ours; a test pins it
    return client


def shared_client(service: str, region: str) -> Untyped:
    """Return the process's only client of ``service`` in ``region``."""
    with _making:  # making two clients of one session at once is not safe in boto3
        return _shared(service, region)


def make_ready(services: Iterable[str], region: str) -> None:
    """Make the clients of these services in ``region``, and load what answers them."""
    for service in services:
        shared_client(service, region)
        moto_shortcuts.load(service)


class Client:
    """A boto3 client in one caller's hand: same methods, each call made as that caller."""

    def __init__(self, checkpoints: Checkpoints, caller: Caller, service: str, region: str) -> None:
        self._checkpoints = checkpoints
        self._caller = caller
        self._client = shared_client(service, region)

    def __getattr__(self, name: str) -> Untyped:
        """Return the client's attribute; a method acts as the caller."""
        attribute = getattr(self._client, name)
        if name in {"exceptions", "meta"} or not callable(attribute):
            return attribute
        return self._as_caller(attribute)

    def _as_caller(self, method: Callable[..., Any]) -> Callable[..., Any]:
        """Return ``method`` made to act as the caller; what moto lacks is an error that says so."""

        def call(*args: Untyped, **kwargs: Untyped) -> Untyped:
            with _one_at_a_time, acting(self._checkpoints, self._caller):
                try:
                    return method(*args, **kwargs)
                except NotImplementedError as error:
                    name = f"{self._client.meta.service_model.service_name}.{method.__name__}"
                    raise RehearsalError(f"the emulator does not implement {name}") from error

        return call

    def get_paginator(self, operation: str) -> "Pages":
        """Return a paginator; its pages are fetched at once."""
        paginator = self._client.get_paginator(operation)
        return Pages(self._as_caller(lambda **given: list(paginator.paginate(**given))))


@dataclass(frozen=True, slots=True)
class Pages:
    """A paginator in one caller's hand."""

    fetch: Callable[..., list[dict[str, Any]]]

    def paginate(self, **params: Untyped) -> Iterator[dict[str, Any]]:
        """Yield the pages that ``params`` give."""
        yield from self.fetch(**params)
