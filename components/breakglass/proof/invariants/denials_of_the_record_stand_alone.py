"""What the policy of vault and witness denies it denies alone, whatever somebody lets through.

The Deny statements are decided as if everything else were allowed to everybody, without guardrails
and without what the statements that allow happen to leave out. Then no service and nobody else
takes a record away or shortens its lock; none but AWS's services writes; none but the bucket's
deployer sets it up, and where the lock is COMPLIANCE he does not unlock it; none but the listed
readers reads; and nobody speaks to it in the clear. Over every S3 action of the dated catalogue.

The twin: CloudTrail still delivers, readers read, and the deployer sets up; where the lock is not
COMPLIANCE he unlocks too.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from breakglass.proof import declared
from breakglass.proof.declared import (
    OUTSIDE,
    Caller,
    Declared,
    Target,
    denials_of,
    policies_of,
    service,
)
from breakglass.proof.finding import Examination, Finding, without_a_side
from breakglass.proof.graph import KEEPER, Account, Graph
from breakglass.proof.named import ELSEWHERE
from breakglass.proof.s3_actions import (
    all_of_them,
    changes_of_buckets,
    changes_of_objects,
    deletions,
    reads_of_objects,
)

NAME = "denials_of_the_record_stand_alone"

_UNLOCKING: Final = (
    "s3:DeleteBucketPolicy",
    "s3:PutBucketObjectLockConfiguration",
    "s3:PutBucketVersioning",
)
_SETTING_UP: Final = ("s3:PutBucketPolicy", "s3:PutEncryptionConfiguration")
_SECURE: Final = {"aws:SecureTransport": "true"}


def check(graph: Graph) -> Finding:
    """Decide the invariant on a graph."""
    if absent := without_a_side(NAME, graph, KEEPER):
        return absent
    policies, look = policies_of(graph), Examination(NAME)
    for bucket, owner in graph.facts.record_buckets.items():
        whole = policies.bucket(bucket, owner.id)
        if look.must(whole.policy, f"{bucket} has no policy") and whole.policy:
            # nobody is at home in the account, so that the root user's own rights count as little
            alone = Target(whole.arn, ELSEWHERE, denials_of(whole.policy))
            _Bucket(look, policies, alone, owner, graph.facts.readers.get(bucket, ())).ask()
    return look.finding("Each denial of the record's policies holds alone.")


class _Bucket:
    """One bucket of records, its denials alone."""

    def __init__(
        self,
        look: Examination,
        policies: Declared,
        bucket: Target,
        owner: Account,
        readers: Sequence[str],
    ) -> None:
        self._look, self._policies, self._bucket = look, policies, bucket
        self._record = replace(bucket, arn=f"{bucket.arn}/AWSLogs/record")
        self._owner = owner
        self._deployer = declared.role(owner.deployer, f"The deployer of {owner.name}")
        self._readers = [declared.role(arn, f"The reader {arn}") for arn in readers]

    def ask(self) -> None:
        """Ask everybody for everything."""
        for caller in (*self._services(), *self._people(), self._deployer, *self._readers):
            self._refuse(caller, self._record, deletions())
        for caller in (*self._people(), self._deployer, *self._readers):
            self._refuse(caller, self._record, changes_of_objects())
        for caller in (*self._services(), *self._people(), *self._readers):
            self._refuse(caller, self._bucket, changes_of_buckets())
        for caller in (*self._people(), self._deployer):
            self._refuse(caller, self._record, reads_of_objects())
        if self._policies.facts.lock_mode == "COMPLIANCE":
            self._refuse(self._deployer, self._bucket, _UNLOCKING)
        for caller in (*self._services(), *self._people(), self._deployer, *self._readers):
            self._refuse(caller, self._bucket, all_of_them(), secure=False)
            self._refuse(caller, self._record, all_of_them(), secure=False)
        self._intended()

    def _intended(self) -> None:
        for caller in self._services():
            self._allow(caller, self._record, "s3:PutObject")
            self._allow(caller, self._record, "s3:GetObject")
        for caller in self._readers:
            for action in reads_of_objects():
                self._allow(caller, self._record, action)
        compliance = self._policies.facts.lock_mode == "COMPLIANCE"
        for action in (*_SETTING_UP, *(() if compliance else _UNLOCKING)):
            self._allow(self._deployer, self._bucket, action)

    def _services(self) -> Iterator[Caller]:
        for name in ("cloudtrail.amazonaws.com", "s3.amazonaws.com"):
            arn = f"arn:aws:{name.partition('.')[0]}:eu-west-1:{self._owner.id}:x"
            yield service(name, name, source_arn=arn)

    def _people(self) -> Iterator[Caller]:
        """Everybody who has no business with the bucket: none of them is its deployer."""
        owner = self._owner
        yield from declared.administrators(owner.id, f"An administrator of {owner.name}")
        yield declared.root(owner.id, f"The root user of {owner.name}")
        name = owner.deployer.partition(":role")[2]
        yield declared.role(f"arn:aws:iam::{OUTSIDE}:role{name}", "A role outside named like it")
        beside = f"arn:aws:iam::{owner.id}:role/{owner.deployer.rpartition('/')[2]}"
        yield declared.role(beside, "A role beside it of the deployer's name")
        for account in self._policies.facts.accounts:
            if account.deployer != owner.deployer:
                yield declared.role(account.deployer, f"The deployer of {account.name}")
        for reader in self._readers:
            arn = reader.principal.arn.replace(reader.account, OUTSIDE)
            yield declared.role(arn, f"{arn}, named like a reader,")

    def _refuse(
        self, caller: Caller, on: Target, asked: Sequence[str], *, secure: bool = True
    ) -> None:
        transport = _SECURE if secure else {"aws:SecureTransport": "false"}
        ask = self._policies.opened(caller, on, transport, guardrails=False)
        title = caller.title if secure else f"{caller.title}, in the clear,"
        self._look.must_refuse(title, ask, asked, on.arn)

    def _allow(self, caller: Caller, on: Target, action: str) -> None:
        verdict = self._policies.decide(caller, action, on, _SECURE, guardrails=False)
        self._look.must_allow(verdict, f"{caller.title} calls {action} on {on.arn}")
