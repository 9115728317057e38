"""The bucket's own policy holds against administrators of the account that keeps the record.

Asked without SCPs and RCPs, so it holds where there is no organisation and where the guardrails
were taken off. No administrator, root included, writes, changes or deletes a record; none but the
deployer sets the bucket up; where the lock is COMPLIANCE the deployer cannot unlock it either; and
nobody speaks to it in the clear.
What the root user may always do to a bucket policy (S3 API Reference, PutBucketPolicy) is left to
the RCP: see `guardrails_bind_every_member`.

Actions that change neither a record nor what guards it are left out by name
(`breakglass.proof.s3_actions`). The twin: the deployer can still set the bucket up.
"""

from collections.abc import Sequence

from breakglass.proof import declared
from breakglass.proof.declared import Caller, Declared, Target, policies_of
from breakglass.proof.finding import Examination, Finding, without_a_side
from breakglass.proof.graph import KEEPER, Account, Graph
from breakglass.proof.s3_actions import changes_of_buckets, changes_of_objects

NAME = "vault_holds_in_its_own_account"

_ROOT_ALWAYS_MAY = {"s3:DeleteBucketPolicy", "s3:PutBucketPolicy"}

_UNLOCKING = (
    "s3:DeleteBucketPolicy",
    "s3:PutBucketObjectLockConfiguration",
    "s3:PutBucketVersioning",
)

_SETTING_UP = (
    "s3:PutBucketPolicy",
    "s3:PutBucketPublicAccessBlock",
    "s3:PutEncryptionConfiguration",
)


def check(graph: Graph) -> Finding:
    """Decide the invariant on a graph."""
    if absent := without_a_side(NAME, graph, KEEPER):
        return absent
    policies, look = policies_of(graph), Examination(NAME)
    for bucket, owner in graph.facts.record_buckets.items():
        target = policies.bucket(bucket, owner.id)
        _administrators(look, policies, target, owner)
        _deployer(look, policies, target, owner)
        clear = {"aws:SecureTransport": "false"}
        for caller in declared.administrators(owner.id, f"An administrator of {owner.name}"):
            ask = policies.opened(caller, target, clear, guardrails=False)
            told = f"{caller.title} may speak to {bucket} in the clear"
            look.must_deny(ask("s3:ListBucket"), told)
    return look.finding("No administrator of the record's own account can change a record.")


def _administrators(look: Examination, policies: Declared, bucket: Target, owner: Account) -> None:
    admins = list(declared.administrators(owner.id, f"An administrator of {owner.name}"))
    root = declared.root(owner.id, f"The root user of {owner.name}")
    for caller in (*admins, root):
        _refused(look, policies, caller, _some_object(bucket), changes_of_objects())
    for caller in admins:
        _refused(look, policies, caller, bucket, changes_of_buckets())
    left = [action for action in changes_of_buckets() if action not in _ROOT_ALWAYS_MAY]
    _refused(look, policies, root, bucket, left)


def _deployer(look: Examination, policies: Declared, bucket: Target, owner: Account) -> None:
    caller = declared.role(owner.deployer, f"The deployer of {owner.name}")
    _refused(look, policies, caller, _some_object(bucket), changes_of_objects())
    if policies.facts.lock_mode == "COMPLIANCE":
        _refused(look, policies, caller, bucket, _UNLOCKING)
    for action in _SETTING_UP:
        verdict = policies.decide(
            caller, action, bucket, {"aws:SecureTransport": "true"}, guardrails=False
        )
        look.must_allow(verdict, f"{caller.title} calls {action} on {bucket.arn}")


def _some_object(bucket: Target) -> Target:
    return Target(f"{bucket.arn}/AWSLogs/record", bucket.owner, bucket.policy)


def _refused(
    look: Examination, policies: Declared, caller: Caller, on: Target, actions: Sequence[str]
) -> None:
    ask = policies.opened(caller, on, guardrails=False)
    look.must_refuse(caller.title, ask, actions, on.arn)
