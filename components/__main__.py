"""Serve the components to programs in any language."""

import tomllib
from pathlib import Path

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

# The kit beside this file is not installed (see requirements.txt): no metadata tells its version.
PROJECT = Path(__file__).resolve().parents[1] / "pyproject.toml"

if __name__ == "__main__":
    version = tomllib.loads(PROJECT.read_text(encoding="utf-8"))["project"]["version"]
    component_provider_host(name="breakglass", components=COMPONENTS, version=version)
