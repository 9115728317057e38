"""A break-glass path for AWS and GitHub, as Pulumi components.

The components are loaded when they are first asked for: policy documents, names and the tamper
catalogue are used where there is no Pulumi.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from breakglass.audit_trail import AuditTrail, AuditTrailArgs
    from breakglass.break_glass import BreakGlass, Providers
    from breakglass.break_glass_role import BreakGlassRole, BreakGlassRoleArgs
    from breakglass.entry_role import EntryRole, EntryRoleArgs, EntryRoleKind
    from breakglass.forwarding import Forwarding, ForwardingArgs
    from breakglass.github_gate import GateKind, GitHubGate, GitHubGateArgs
    from breakglass.guardrails import Guardrails, GuardrailsArgs
    from breakglass.log_vault import LockMode, LogVault, LogVaultArgs
    from breakglass.watch import AlarmTier, Watch, WatchArgs
    from breakglass.witness import Witness, WitnessArgs

__all__ = [
    "AlarmTier",
    "AuditTrail",
    "AuditTrailArgs",
    "BreakGlass",
    "BreakGlassRole",
    "BreakGlassRoleArgs",
    "EntryRole",
    "EntryRoleArgs",
    "EntryRoleKind",
    "Forwarding",
    "ForwardingArgs",
    "GateKind",
    "GitHubGate",
    "GitHubGateArgs",
    "Guardrails",
    "GuardrailsArgs",
    "LockMode",
    "LogVault",
    "LogVaultArgs",
    "Providers",
    "Watch",
    "WatchArgs",
    "Witness",
    "WitnessArgs",
]

_MODULES = {
    "AlarmTier": "watch",
    "EntryRoleKind": "entry_role",
    "GateKind": "github_gate",
    "GitHubGate": "github_gate",
    "LockMode": "log_vault",
    "Providers": "break_glass",
    "AuditTrail": "audit_trail",
    "BreakGlass": "break_glass",
    "BreakGlassRole": "break_glass_role",
    "EntryRole": "entry_role",
    "Forwarding": "forwarding",
    "Guardrails": "guardrails",
    "LogVault": "log_vault",
    "Watch": "watch",
    "Witness": "witness",
}


def __getattr__(name: str) -> object:
    """Load the component, or its arguments, from its module."""
    module = _MODULES.get(name.removesuffix("Args"))
    if module is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{module}"), name)
