"""Vault and witness are in accounts of their own, locked, closed and versioned.

Elsewhere: never in an account that an actor administers, and the witness never with the vault.
Locked: Object Lock with a default retention of the settings' days, in COMPLIANCE mode in production
(S3 User Guide, "Locking objects with Object Lock": only there not even root can shorten it), on a
versioned bucket with a policy, encrypted with S3's own key (whoever disables a KMS key stops
delivery), closed to the public, without ACLs and without a rule that expires or moves records.
Closed: by its own policy too, which shows nothing to strangers. A public access block only keeps
S3 from taking such a policy, and whoever removes it opens the record.

The twin: a trail delivers there, and CloudTrail can.
"""

from functools import partial

from breakglass.proof import declared
from breakglass.proof.declared import Declared, Target, policies_of
from breakglass.proof.deliveries import delivers, trails_into
from breakglass.proof.finding import Examination, Finding, without_a_side
from breakglass.proof.graph import EDGE, KEEPER, WITNESS, Account, Graph, Resource
from breakglass.proof.locked import must_be_closed, must_stay, only
from breakglass.proof.s3_actions import reads

NAME = "vault_is_elsewhere_and_locked"

_DAYS_OF_A_YEAR = 365


def check(graph: Graph) -> Finding:
    """Decide the invariant on a graph."""
    if absent := without_a_side(NAME, graph, KEEPER):
        return absent
    policies, look = policies_of(graph), Examination(NAME)
    for bucket, owner in graph.facts.record_buckets.items():
        _elsewhere(look, graph, bucket, owner)
        _locked(look, graph, bucket)
        target = policies.bucket(bucket, owner.id)
        look.once(graph.facts, target, partial(_shown_to_nobody, look, policies, target))
        _reached(look, policies, bucket, owner)
    return look.finding("Vault and witness stand apart, locked and closed.")


def _elsewhere(look: Examination, graph: Graph, bucket: str, owner: Account) -> None:
    declared = list(graph.of("aws:s3/bucket:Bucket", bucket=bucket))
    look.must(len(declared) == 1, f"The bucket {bucket} is declared {len(declared)} times")
    actors = {account.id for account in graph.facts.accounts if account.side == EDGE}
    for one in declared:
        look.must(one.account not in actors, "An actor's account holds the record", one)
        look.must(one.account == owner.id, f"The record is not kept in {owner.name}", one)
        look.must(one.get("objectLockEnabled"), "The bucket was made without Object Lock", one)
        must_stay(look, graph, one)
        must_be_closed(look, graph, one)
    if owner.role == WITNESS:
        vault = next(iter(graph.facts.record_buckets.values()))
        look.must(owner.id != vault.id, "The witness stands in the vault's account")


def _locked(look: Examination, graph: Graph, bucket: str) -> None:
    versioning = only(look, graph, "bucketVersioning:BucketVersioning", bucket)
    if versioning:
        status = versioning.get("versioningConfiguration", "status")
        look.must(status == "Enabled", "The bucket is not versioned", versioning)
    lock = only(look, graph, "bucketObjectLockConfiguration:BucketObjectLockConfiguration", bucket)
    if lock:
        _retention(look, graph, lock)


def _retention(look: Examination, graph: Graph, lock: Resource) -> None:
    rule = lock.get("rule", "defaultRetention") or {}
    days = (rule.get("days") or 0) + _DAYS_OF_A_YEAR * (rule.get("years") or 0)
    mode = "COMPLIANCE" if graph.facts.production else graph.facts.lock_mode
    look.must(rule.get("mode") == mode, f"The lock is {rule.get('mode')} and not {mode}", lock)
    wanted = graph.facts.retention_days
    look.must(days >= wanted, f"A record is locked for {days} days and not for {wanted}", lock)
    if graph.facts.production is None and rule.get("mode") == mode != "COMPLIANCE":
        look.doubts(
            f"The lock is {mode}: is the stack for production? Its name does not say: {lock}"
        )


def _shown_to_nobody(look: Examination, policies: Declared, bucket: Target) -> None:
    """No stranger reads a record, or anything of the bucket, whatever he sends."""
    record = Target(f"{bucket.arn}/AWSLogs/record", bucket.owner, bucket.policy)
    outside = declared.administrator(declared.OUTSIDE, "An administrator of an account outside")
    for caller in (declared.nobody(), outside):
        for on in (bucket, record):
            ask = policies.opened(caller, on, guardrails=False)
            look.must_refuse(caller.title, ask, reads(), on.arn)


def _reached(look: Examination, policies: Declared, bucket: str, owner: Account) -> None:
    target = policies.bucket(bucket, owner.id)
    look.must(target.policy, f"{bucket} has no policy")
    trails = list(trails_into(policies.graph, bucket))
    if not trails and policies.facts.lacks:  # another program may have made it
        look.not_provided(f"No trail that delivers to {bucket} is declared here")
    elif look.must(trails, f"No trail delivers to {bucket}"):
        for trail in trails:
            look.must_allow(delivers(policies, trail, target), f"{trail} delivers to {bucket}")
