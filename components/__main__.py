"""Serve the components to programs in any language."""

from importlib.metadata import version

from pulumi.provider.experimental import component_provider_host

from breakglass import (
    AuditTrail,
    BreakGlassRole,
    EntryRole,
    Forwarding,
    GitHubGate,
    Guardrails,
    LogVault,
    Watch,
    Witness,
)

# BreakGlass spans accounts, with a provider for each, and can be used from Python only.
COMPONENTS = [
    AuditTrail,
    BreakGlassRole,
    EntryRole,
    Forwarding,
    GitHubGate,
    Guardrails,
    LogVault,
    Watch,
    Witness,
]

if __name__ == "__main__":
    component_provider_host(name="breakglass", components=COMPONENTS, version=version("breakglass"))
