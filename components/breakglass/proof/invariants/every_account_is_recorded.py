"""Every account of the topology is recorded into the vault, in all regions, reads included.

By the organisation's trail, made in the management account, or by a trail of its own: on, with
global services, with digests, with all management calls (AssumeRole is a read), without a KMS key
that somebody can disable (CloudTrail User Guide, "Concepts").

The twin: CloudTrail can deliver each of them.
"""

from breakglass.proof.declared import policies_of
from breakglass.proof.deliveries import (
    delivers,
    is_of_the_organization,
    must_record_everything,
    trails_into,
)
from breakglass.proof.finding import Examination, Finding, without_a_side
from breakglass.proof.graph import EDGE, KEEPER, LOGGING, MANAGEMENT, Graph

NAME = "every_account_is_recorded"


def check(graph: Graph) -> Finding:
    """Decide the invariant on a graph."""
    if absent := without_a_side(NAME, graph, KEEPER, EDGE):
        return absent
    policies, look, facts = policies_of(graph), Examination(NAME), graph.facts
    vault = policies.bucket(facts.vault, facts.of(LOGGING)[0].id)
    trails = list(trails_into(graph, facts.vault))
    management = {account.id for account in facts.of(MANAGEMENT)}
    recorded = {trail.account for trail in trails}
    if any(is_of_the_organization(t) and t.account in management for t in trails):
        recorded |= {account.id for account in facts.accounts}
    for account in facts.accounts:
        if account.id not in recorded and facts.lacks:  # another program may have made it
            look.not_provided(f"No trail of {account.name} is declared here")
            continue
        look.must(account.id in recorded, f"No trail of {account.name} delivers to the vault")
    for trail in trails:
        must_record_everything(look, trail)
        look.must_allow(delivers(policies, trail, vault), f"{trail} delivers to the vault")
    return look.finding("Every account is recorded whole.")
