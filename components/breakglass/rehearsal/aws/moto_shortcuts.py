"""What moto works out anew at each request and need not: kept after the first time.

None of it changes an answer. moto is pinned to 5.2.x; ``tests/rehearsal/test_moto_shortcuts.py``
fails when one of these moves.
"""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from moto import backends
from moto.core import base_backend, responses, utils

_KEPT = (
    (utils, "create_loader"),
    (responses, "method_names_from_class"),
    (backends, "get_backend"),
)
Urls = Mapping[str, Callable[..., Any]]


def take() -> None:
    """Keep these, once for the process.

    moto's loader of AWS's models: a new one lists botocore's 400 folders and parses the models
    again, for each service. The names of each response class's methods, found by inspecting the
    class at each request. Each service's backend, and its URLs, among which a request finds its
    handler: they follow from the backend's class.
    """
    for module, name in _KEPT:
        given = vars(module)[name]
        if not hasattr(given, "cache_info"):
            vars(module)[name] = cache(given)
    base_backend.BaseBackend.urls = property(_urls)  # type: ignore[method-assign,assignment]


_worked_out: Callable[[Any], Urls] = vars(base_backend.BaseBackend)["urls"].fget
_urls_by_class: dict[type, Urls] = {}


def _urls(backend: Any) -> Urls:  # noqa: ANN401 - moto's backends share no useful type
    kind = type(backend)
    if kind not in _urls_by_class:
        _urls_by_class[kind] = _worked_out(backend)
    return _urls_by_class[kind]
