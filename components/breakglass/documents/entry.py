"""What an entry role may do: assume break-glass roles, and nothing else."""

from collections.abc import Sequence

from breakglass.documents.statement import Document, allow, document
from breakglass.documents.trust import WORKFLOW_IDENTITY


def assume_break_glass_roles(role_arns: Sequence[str], *, workflow: bool = False) -> Document:
    """Let an entry role go on to the listed break-glass roles.

    The source identity was set on entry and cannot change (IAM user guide, "Monitor and control
    actions taken with assumed roles"), yet a chained call needs ``sts:SetSourceIdentity`` for it
    again. The OIDC path has none yet, since GitHub cannot send one, and gets a fixed one here.
    """
    pin = {"StringEquals": {"sts:SourceIdentity": WORKFLOW_IDENTITY}} if workflow else None
    return document(
        allow(
            "EnterBreakGlassRoles", ["sts:AssumeRole", "sts:SetSourceIdentity"], role_arns, when=pin
        ),
        allow("TagTheSession", "sts:TagSession", role_arns),
    )
