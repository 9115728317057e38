"""Both sides of the minimal organisation, composed."""

from pathlib import Path

import pulumi
import pulumi_github as github
from kit import BreakGlass
from places import of

from breakglass import Providers
from breakglass.settings import Side, load

organisation = load(Path(pulumi.Config("whole").require("organisation")))
accounts = {account.name: of(account.id).provider for account in organisation.accounts}
BreakGlass(
    "break-glass",
    organisation,
    Side.ALL,
    Providers(accounts, github.Provider("github", owner="minimal-org")),
)
