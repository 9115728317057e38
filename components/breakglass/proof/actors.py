"""Who might turn against the record: everybody on the edge side, and everybody outside.

Keepers are not here: what binds them is in `guardrails_bind_every_member` and
`vault_holds_in_its_own_account`.
"""

from collections.abc import Iterator

from breakglass.proof import declared
from breakglass.proof.declared import OUTSIDE, Caller, Declared, filled
from breakglass.proof.graph import EDGE, KEEPER, Account


def everybody(policies: Declared) -> list[Caller]:
    """Every actor: responders, those before an entry, administrators, deployers, outsiders."""
    return [
        *responders(policies),
        *entrants(policies),
        *edge_owners(policies),
        *outsiders(),
    ]


def responders(policies: Declared) -> Iterator[Caller]:
    """Sessions of break-glass and entry roles, with the policies that they really have."""
    for scope in policies.facts.scopes:
        for account, arn in scope.roles.items():
            if policies.role(arn):
                yield policies.session(arn, f"The break-glass role {scope.name} in {account}")
    for entry in policies.facts.entries:
        if policies.role(entry.role_arn):
            yield policies.session(entry.role_arn, f"The entry role {entry.name}")


def entrants(policies: Declared) -> Iterator[Caller]:
    """Those before an entry, in their own identity. A token is none: it calls only STS."""
    for entry in policies.facts.entries:
        if entry.kind not in {"github-oidc", "saml"}:
            for arn in entry.principals:
                yield declared.principal(filled(arn), f"{filled(arn)}, who may enter {entry.name},")


def edge_owners(policies: Declared) -> Iterator[Caller]:
    """Administrators, root users and deployers of broker and workloads, and their pipeline.

    Also whoever gives a role of his own the deployer's name: it is not under the kit's path.
    """
    for account in policies.facts.accounts:
        if account.side == EDGE:
            yield from declared.administrators(account.id, f"An administrator of {account.name}")
            yield declared.root(account.id, f"The root user of {account.name}")
            yield declared.role(account.deployer, f"The deployer of {account.name}")
            yield declared.role(
                f"arn:aws:iam::{account.id}:role/{account.deployer.rpartition('/')[2]}",
                f"A role of {account.name} named like the deployer",
            )
    pipelines = policies.facts.pipelines
    if pipelines[EDGE] != pipelines[KEEPER]:  # else it keeps too: keepers_and_actors_are_disjoint
        yield declared.principal(pipelines[EDGE], "The edge side's pipeline")


def outsiders() -> Iterator[Caller]:
    """Strangers: an administrator, one who names his role like a deployer, and nobody at all."""
    yield from declared.administrators(OUTSIDE, "An administrator of an account outside")
    lookalike = f"arn:aws:iam::{OUTSIDE}:role/breakglass/break-glass-deployer"
    yield declared.role(lookalike, "A role outside that is named like the deployer")
    yield declared.nobody()


def edge_accounts(policies: Declared) -> list[Account]:
    """The accounts of the edge side."""
    return [account for account in policies.facts.accounts if account.side == EDGE]
