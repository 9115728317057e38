"""The break-glass topology of one organisation: settings, providers, components, exports."""

from pathlib import Path

import pulumi
from providers import providers
from stack_file import stack_file

from breakglass import BreakGlass
from breakglass.settings import load, side_of

config = pulumi.Config("breakglass")
organisation = load(Path(pulumi.get_root_directory()) / "stacks" / config.require("organisation"))
side = side_of(organisation, stack_file())

glass = BreakGlass(
    "break-glass",
    organisation,
    side,
    providers(organisation, side),
    pager_secrets={
        endpoint.secret: config.require_secret(endpoint.secret)
        for endpoint in organisation.pager
        if endpoint.secret
    },
)

for name, output in glass.outputs.items():
    pulumi.export(name, output)
