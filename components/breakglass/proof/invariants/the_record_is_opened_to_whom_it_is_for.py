"""Vault and witness let CloudTrail deliver and the listed readers read, and nobody do more.

Decided by the bucket's own policy alone, over every S3 action: CloudTrail looks at the ACL and puts
objects for the trails that are declared, under the prefix of each trail's own account or
organisation (CloudTrail User Guide, "Amazon S3 bucket policy for CloudTrail"), handing them to the
bucket's owner; readers read every version of a record, and list them. Refused is everything else:
to them every other action and prefix, and everything to whoever else the policy names, to services
for other accounts or for nobody, to other accounts and to anybody.

The twin: each of them can do what he is let in for.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from breakglass import names
from breakglass.proof import declared
from breakglass.proof.declared import (
    Caller,
    Declared,
    Target,
    grants_of,
    policies_of,
    service,
    values_in,
)
from breakglass.proof.deliveries import is_of_the_organization, trails_into
from breakglass.proof.finding import Examination, Finding, without_a_side
from breakglass.proof.graph import EDGE, KEEPER, Account, Graph, Resource
from breakglass.proof.named import FOR_WHOM, apart, named_in, spoken_of, who
from breakglass.proof.s3_actions import all_of_them

NAME = "the_record_is_opened_to_whom_it_is_for"

_READS: Final = ("s3:GetObject", "s3:GetObjectRetention", "s3:GetObjectVersion")
_LISTINGS: Final = ("s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketVersions")
_ACL: Final = "s3:x-amz-acl"
_SECURE: Final = {"aws:SecureTransport": "true"}
_OWNS: Final = {**_SECURE, _ACL: "bucket-owner-full-control"}


def check(graph: Graph) -> Finding:
    """Decide the invariant on a graph."""
    if absent := without_a_side(NAME, graph, KEEPER, EDGE):
        return absent
    policies, look = policies_of(graph), Examination(NAME)
    for name, owner in graph.facts.record_buckets.items():
        bucket = policies.bucket(name, owner.id)
        if look.must(bucket.policy, f"{name} has no policy"):
            trails = list(trails_into(graph, name))
            readers = graph.facts.readers.get(name, ())
            for arn in readers:
                kits_own = f":role{names.PATH}" in arn
                look.must(not kits_own or policies.role(arn), f"The reader {arn} is not declared")
            _Opened(look, policies, bucket, owner).ask(trails, readers)
    return look.finding("Vault and witness are open to CloudTrail and their readers, no further.")


class _Opened:
    """One bucket of records by its own policy: nobody is at home there."""

    def __init__(
        self, look: Examination, policies: Declared, bucket: Target, owner: Account
    ) -> None:
        self._look, self._policies = look, policies
        self._bucket, self._owner = apart(bucket), owner

    def ask(self, trails: Sequence[Resource], readers: Sequence[str]) -> None:
        """Ask those who should be let in, then everybody else whom the policy names."""
        let_in = [_cloudtrail(trail) for trail in trails]
        for trail, caller in zip(trails, let_in, strict=True):
            self._delivers(trail, caller)
        for arn in readers:
            reader = declared.role(arn, f"The reader {arn}")
            self._reads(reader)
            let_in.append(reader)
        self._speaks_of(let_in)
        policy = self._bucket.policy
        region = self._policies.facts.home_region
        known = {who(caller) for caller in let_in}
        for caller in named_in(policy, self._owner.id, region) if policy else ():
            if who(caller) not in known:
                for on in (self._bucket, self._object("AWSLogs/x/y"), *self._prefixes(trails)):
                    self._refuse(caller, on, all_of_them())

    def _speaks_of(self, let_in: Sequence[Caller]) -> None:
        """No statement names anybody else, whatever another one denies him."""
        meant = {caller.principal.arn for caller in let_in}
        meant |= {f"arn:aws:iam::{caller.account}:root" for caller in let_in if caller.account}
        for text in spoken_of(self._bucket.policy) if self._bucket.policy else ():
            self._look.must(text in meant, f"The policy of {self._bucket.arn} names {text}")

    def _delivers(self, trail: Resource, caller: Caller) -> None:
        self._allow(caller, self._bucket, "s3:GetBucketAcl", _SECURE)
        self._refuse(caller, self._bucket, _but("s3:GetBucketAcl"))
        own = self._own(trail)
        for on in own:
            self._allow(caller, on, "s3:PutObject", _OWNS)
            self._refuse(caller, on, _but("s3:PutObject"))
            for acl in (None, *self._other_acls()):
                ask = self._policies.opened(caller, on, {**_SECURE, _ACL: acl}, guardrails=False)
                told = f"{caller.title} does not hand {on.arn} over"
                self._look.must_deny(ask("s3:PutObject"), told)
        strange = [self._object("x"), self._object("AWSLogs/x"), self._object("AWSLogs/x/y")]
        for on in strange:
            self._refuse(caller, on, all_of_them())

    def _other_acls(self) -> Iterator[str]:
        """ACLs that do not hand an object over to the bucket's owner; what the policy names too."""
        policy = self._bucket.policy
        named = values_in(policy).get(_ACL, ()) if policy else ()
        yield "public-read"
        yield from (acl for acl in named if acl != _OWNS[_ACL])

    def _reads(self, reader: Caller) -> None:
        record = self._object("AWSLogs/record")
        for on, reads in ((record, _READS), (self._bucket, _LISTINGS)):
            for action in reads:
                self._allow(reader, on, action, _SECURE)
            self._refuse(reader, on, _but(*reads))

    def _own(self, trail: Resource) -> list[Target]:
        """Where a trail's files go. The organisation's may become the account's own."""
        organization = self._policies.facts.organization
        below = [f"AWSLogs/{trail.account}/CloudTrail/x"]
        if is_of_the_organization(trail) and organization:
            below.append(f"AWSLogs/{organization}/{trail.account}/CloudTrail/x")
        return [self._object(key) for key in below]

    def _prefixes(self, trails: Sequence[Resource]) -> Iterator[Target]:
        for trail in trails:
            yield from self._own(trail)

    def _object(self, key: str) -> Target:
        return replace(self._bucket, arn=f"{self._bucket.arn}/{key}")

    def _allow(self, caller: Caller, on: Target, action: str, context: dict[str, str]) -> None:
        verdict = self._policies.decide(caller, action, on, context, guardrails=False)
        self._look.must_allow(verdict, f"{caller.title} calls {action} on {on.arn}")

    def _refuse(self, caller: Caller, on: Target, asked: Sequence[str]) -> None:
        """By what the policy lets through, whatever it denies besides."""
        on = replace(on, policy=grants_of(on.policy)) if on.policy else on
        absent = {key: None for key in FOR_WHOM if key not in caller.context}
        ask = self._policies.opened(caller, on, absent, guardrails=False)
        self._look.must_refuse(caller.title, ask, asked, on.arn)


def _cloudtrail(trail: Resource) -> Caller:
    title = f"CloudTrail for {trail.arn}"
    return service("cloudtrail.amazonaws.com", title, source_arn=trail.arn)


def _but(*allowed: str) -> tuple[str, ...]:
    return tuple(action for action in all_of_them() if action not in allowed)
