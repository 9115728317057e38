"""Whether a stack is for production, as far as its name says."""

import re
from collections.abc import Iterable
from typing import Final

_NO_PRODUCTION: Final = re.compile(
    r"(?<![a-z])("
    r"(non|pre)[-_.]?(prod(uction)?|prd|live)"
    r"|demo|dev(el|elop|eloper|elopment)?|ephemeral|integration|lab|local(host)?|play(ground)?"
    r"|preview|qa|sandbox|sbx|scratch|stag(e|ing)|stg|test(ing|s)?|trial|uat"
    r")(?![a-z])",
    re.IGNORECASE,
)
_PRODUCTION: Final = re.compile(r"(?<![a-z])(live|prd|prod(uction)?)(?![a-z])", re.IGNORECASE)


def is_production(stacks: Iterable[str]) -> bool | None:
    """Tell whether one of some stacks is for production; None where a name does not say.

    Of ``organisation/project/stack`` the last counts.
    """
    said = [_of(name.rpartition("/")[2]) for name in stacks]
    if True in said:
        return True
    return None if None in said else False


def _of(name: str) -> bool | None:
    rest = _NO_PRODUCTION.sub("", name)
    none, some = rest != name, _PRODUCTION.search(rest) is not None
    return some if none != some else None
