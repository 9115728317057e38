"""The only place that makes providers: one an account, one for GitHub."""

import pulumi
import pulumi_aws as aws
import pulumi_github as github

from breakglass import Providers
from breakglass.settings import Account, Organisation, Side


def providers(organisation: Organisation, side: Side) -> Providers:
    """A provider for each account of ``side``, and GitHub's on the edge side.

    GitHub's token comes from the ambient ``GITHUB_TOKEN``, so it is in no state and no argument
    list.
    """
    accounts = {
        account.name: _account(account, organisation.home_region)
        for account in organisation.on(side)
    }
    return Providers(accounts, None if side is Side.KEEPER else _github(organisation))


def _account(account: Account, region: str) -> aws.Provider:
    """Act in ``account`` as its deployer, and in no other account by mistake."""
    return aws.Provider(
        account.name,
        region=region,
        profile=account.profile,
        assume_roles=[
            aws.ProviderAssumeRoleArgs(
                role_arn=account.deployer, session_name=f"breakglass-{pulumi.get_stack()}"[:64]
            )
        ],
        allowed_account_ids=[account.id],
    )


def _github(organisation: Organisation) -> github.Provider:
    return github.Provider(
        "github", owner=organisation.github.organization, base_url=organisation.github.base_url
    )
