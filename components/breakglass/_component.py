"""What every component does the same way."""

from collections.abc import Sequence

import pulumi

from breakglass.documents import Document
from breakglass.quotas import Quota, Quotas, compact

PACKAGE = "breakglass"
"""Name of the Pulumi package; a component's type token is ``breakglass:index:<Class>``."""


def child_of(
    parent: pulumi.Resource,
    *,
    after: Sequence[pulumi.Resource] = (),
    protect: bool = False,
) -> pulumi.ResourceOptions:
    """Options of a child: its parent, what must exist before it, and the seat belt.

    ``protect`` keeps a hand from slipping on ``pulumi destroy``. It is no control: whoever can run
    the program can lift it.
    """
    return pulumi.ResourceOptions(
        parent=parent, depends_on=list(after) or None, protect=protect or None
    )


def rendered(document: Document, quota: Quota, what: str, quotas: Quotas) -> str:
    """A policy document as text. Raises QuotaExceeded, naming ``what``, where it is too large.

    ``quotas`` is the table with the values that AWS has raised for the organisation.
    """
    quotas.check_size(quota, what, document)
    return compact(document)
