"""What moto works out anew at each request and need not: kept after the first time.

None of it changes an answer. moto is pinned to 5.2.x; ``tests/rehearsal/test_moto_shortcuts.py``
fails when one of these moves.
"""

from functools import cache

from moto.core import responses, utils

_KEPT = ((utils, "create_loader"), (responses, "method_names_from_class"))


def take() -> None:
    """Keep moto's loader of AWS's models, and the names of each response class's methods.

    A new loader lists botocore's 400 folders and parses the models again, for each service; the
    names are looked up by inspecting the class at each request.
    """
    for module, name in _KEPT:
        given = vars(module)[name]
        if not hasattr(given, "cache_info"):
            vars(module)[name] = cache(given)
