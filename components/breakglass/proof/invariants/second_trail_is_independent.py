"""What the vault's owner could lose, the witness has: a second trail of every account but its own.

It is the account's own trail, not the organisation's, so that management cannot stop both at once;
it is as whole as the first; it delivers to another account than the vault's. The trail of the
vault's account also records every call on the vault's objects, and no trail records the objects of
the bucket that it delivers to, since it would feed itself (CloudTrail User Guide, "Logging data
events").

NOT PROVIDED without a witness account. The twin: CloudTrail can deliver each of them.
"""

from breakglass.proof.declared import policies_of
from breakglass.proof.deliveries import (
    TRAIL,
    delivers,
    is_of_the_organization,
    must_record_everything,
    records_objects,
    trails_into,
)
from breakglass.proof.finding import Examination, Finding, not_provided, without_a_side
from breakglass.proof.graph import EDGE, KEEPER, LOGGING, WITNESS, Graph

NAME = "second_trail_is_independent"


def check(graph: Graph) -> Finding:
    """Decide the invariant on a graph."""
    facts = graph.facts
    if facts.witness is None:
        return not_provided(NAME, "There is no witness account, so nothing outlives the vault's.")
    if absent := without_a_side(NAME, graph, KEEPER, EDGE):
        return absent
    policies, look = policies_of(graph), Examination(NAME)
    witness, logging = facts.of(WITNESS)[0], facts.of(LOGGING)[0]
    bucket = policies.bucket(facts.witness, witness.id)
    look.must(witness.id != logging.id, "The witness stands in the vault's account")
    look.must(facts.witness != facts.vault, "The witness' bucket is the vault")
    trails = list(trails_into(graph, facts.witness))
    for account in facts.accounts:
        own = [t for t in trails if t.account == account.id and not is_of_the_organization(t)]
        if account.id != witness.id:
            look.must(own, f"{account.name} has no second trail of its own")
        if account.id == logging.id:
            watched = any(records_objects(trail, f"arn:aws:s3:::{facts.vault}") for trail in own)
            look.must(watched, "No second trail records the calls on the vault's objects")
    for trail in trails:
        must_record_everything(look, trail)
        look.must_allow(delivers(policies, trail, bucket), f"{trail} delivers to the witness")
    for trail in graph.of(TRAIL):
        own_bucket = f"arn:aws:s3:::{trail.get('s3BucketName')}"
        look.must(not records_objects(trail, own_bucket), "A trail feeds itself", trail)
    return look.finding("Each account has a second record that the first one's owner cannot reach.")
