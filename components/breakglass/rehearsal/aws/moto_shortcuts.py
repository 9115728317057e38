"""What moto works out anew at each request and need not: kept after the first time.

None of it changes an answer. moto is pinned to 5.2.x; ``tests/rehearsal/test_moto_shortcuts.py``
fails when one of these moves.
"""

import io
import re
import string
from collections.abc import Callable, Mapping, Sequence
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Final

import boto3
import moto
from botocore.awsrequest import AWSPreparedRequest
from moto import backend_index, backends
from moto.core import base_backend, responses, utils
from moto.core.base_backend import AccountSpecificBackend, BackendDict
from moto.core.request import (
    PRESERVED_HEADER_NAMES_ENVIRON_KEY,
    Request,
    environ_key_for_header,
    normalize_request,
    should_preserve_original_header_name,
)
from moto.moto_api._internal.moto_random import MotoRandom
from werkzeug.exceptions import HTTPException

_KEPT = (
    (utils, "create_loader"),
    (responses, "camelcase_to_underscores"),
    (responses, "method_names_from_class"),
    (backends, "get_backend"),
)
Handler = Callable[..., tuple[int, Mapping[str, str], str | bytes]]
"""What answers a request: from the request, its URL and its headers to status, headers and body."""
Urls = Mapping[str, Handler]


def answered(request: AWSPreparedRequest) -> tuple[int, Mapping[str, str], str | bytes]:
    """Return moto's status, headers and body, from the handler that it would look for.

    moto goes over the URLs of 200 services for each request. Raises NotImplementedError where it
    has no handler.
    """
    handler = _handler_at(request.url.partition("?")[0])
    formed = _formed(request)
    try:
        return handler(formed, formed.raw_url, formed.headers)
    except HTTPException as refused:
        return refused.code or 500, dict(refused.get_headers()), refused.get_body()


_EVERY_BYTE: Final = 256
_LETTERS: Final = (string.ascii_letters.encode() * 5)[:_EVERY_BYTE]
_LETTERS_AND_DIGITS: Final = ((string.ascii_letters + string.digits).encode() * 5)[:_EVERY_BYTE]
_ANY_ACCOUNT: Final = "123456789012"
"""Where moto itself looks a URL up."""
_URLS_REMEMBERED: Final = 4096
"""One a service and region, and one an object that is read or written."""


@lru_cache(maxsize=_URLS_REMEMBERED)
def _handler_at(url: str) -> Handler:
    for service, form in backend_index.backend_url_patterns:
        if form.match(url):
            regions = backends.get_backend(service)[_ANY_ACCOUNT]  # type: ignore[call-overload]
            backend = regions["us-east-1" if "us-east-1" in regions else "aws"]
            for wanted, handler in backend.urls.items():
                if re.match(wanted, url):
                    return handler  # type: ignore[no-any-return]
    raise NotImplementedError(url)


def _formed(request: AWSPreparedRequest) -> Request:
    """Return the request as ``normalize_request`` forms it, what follows from its URL kept."""
    body = request.body.encode() if isinstance(request.body, str) else request.body or b""
    if not isinstance(body, bytes):  # a file, or chunks of one
        return normalize_request(request)
    headers = [
        (key, value.decode() if isinstance(value, bytes) else value)
        for key, value in request.headers.items()
        if key.lower() != "transfer-encoding"
    ]
    given: dict[str, str] = {}
    for key, value in headers:
        place = environ_key_for_header(key)
        given[place] = f"{given[place]}, {value}" if place in given else value
    environ = {**_environ_at(request.method, request.url), **given}
    environ["wsgi.input"] = io.BytesIO(body)
    environ[PRESERVED_HEADER_NAMES_ENVIRON_KEY] = {
        environ_key_for_header(key): key
        for key, _ in headers
        if should_preserve_original_header_name(key)
    }
    if body:
        environ["CONTENT_LENGTH"] = str(len(body))
    environ.setdefault("CONTENT_LENGTH", "0")
    return Request(environ)


@lru_cache(maxsize=_URLS_REMEMBERED)
def _environ_at(method: str, url: str) -> Mapping[str, Any]:
    """Return a request's environment without headers and body."""
    environ = Request.from_primitives(method, url, {}).environ
    return {
        key: value
        for key, value in environ.items()
        if key not in {"CONTENT_LENGTH", "werkzeug.request"}
    }


def take(session: boto3.Session) -> None:
    """Keep these, once for the process; ``session`` is the one that its clients are made of.

    moto's loader of AWS's models: a new one lists botocore's 400 folders and parses the models
    again, for each service; and the models themselves, where it adds nothing to botocore's. The
    names of each response class's methods, found by inspecting the class at each request, and that
    of an action's. Each
    service's backend, and its URLs, among which a request finds its handler: they follow from the
    backend's class. An account's backends, which moto makes sure of under a lock whenever it reads
    them. A service's regions, which it asks of a session of its own for each account. The letters
    of a random id, chosen at once, not one by one.
    """
    for module, name in _KEPT:
        given = vars(module)[name]
        if not hasattr(given, "cache_info"):
            vars(module)[name] = cache(given)
    vars(utils)["_load_service_model"] = _model
    base_backend.BaseBackend.urls = property(_urls)  # type: ignore[method-assign,assignment]
    BackendDict.__getitem__ = _of_account  # type: ignore[method-assign]
    AccountSpecificBackend.get_session = lambda: session  # type: ignore[method-assign,assignment]
    AccountSpecificBackend._generate_regions = _regions  # type: ignore[method-assign,assignment]  # noqa: SLF001 - a test pins it
    MotoRandom.get_random_string = _random_string  # type: ignore[method-assign,assignment]


def load(service: str) -> None:
    """Load what answers calls of a boto3 service: its first call would."""
    _ = backends.get_backend(service)[_ANY_ACCOUNT]  # type: ignore[call-overload]
    utils.get_service_model(service)


_worked_out: Callable[[Any], Urls] = vars(base_backend.BaseBackend)["urls"].fget
_urls_by_class: dict[type, Urls] = {}


def _urls(backend: Any) -> Urls:  # noqa: ANN401 - moto's backends share no useful type
    kind = type(backend)
    if kind not in _urls_by_class:
        _urls_by_class[kind] = _worked_out(backend)
    return _urls_by_class[kind]


_made_sure_of: Callable[[Any, str], Any] = BackendDict.__getitem__


def _of_account(service: BackendDict[Any], account: str) -> Any:  # noqa: ANN401 - moto's own type
    """Return a service's backends in an account: what is there was made sure of already."""
    found = dict.get(service, account)
    return _made_sure_of(service, account) if found is None else found


def _model(service: str, name: str) -> dict[str, Any]:
    """Return a service's model: the one that the clients have, unless moto adds to it."""
    adds = any(Path(moto.__file__).parent.glob(f"{service}/*/{name}.moto-extras.json*"))
    session = AccountSpecificBackend.get_session()
    loader = vars(utils)["create_loader"]() if adds else session._loader  # noqa: SLF001 - a test pins it
    return dict(loader.load_service_model(service, name))


def _regions(_: object, service: str) -> list[str]:
    return list(_regions_of(service))


@cache
def _regions_of(service: str) -> Sequence[str]:
    session = AccountSpecificBackend.get_session()
    partitions = session.get_available_partitions()
    return [one for each in partitions for one in session.get_available_regions(service, each)]


def _random_string(
    random: MotoRandom,
    length: int = 20,
    include_digits: bool = True,  # noqa: FBT001, FBT002 - as moto calls it
    lower_case: bool = False,  # noqa: FBT001, FBT002 - as moto calls it
) -> str:
    letters = _LETTERS_AND_DIGITS if include_digits else _LETTERS
    text = random.randbytes(length).translate(letters).decode()
    return text.lower() if lower_case else text
