"""No actor writes, deletes, overwrites or weakens what vault and witness keep.

Asked of every actor (`breakglass.proof.actors`), for every S3 action of the dated action catalogue
that is no read (access levels Write, Permissions management, Tagging), on both buckets or on their
objects, as the action has it, under all declared layers. Every condition key that a policy asks for
and AWS does not pin is left open, so a refusal holds for transport, headers, region, tags and the
source identity of any value. AWS services that write to buckets are asked too, on behalf of an
actor's own account.

The twin: the kit's trails can still deliver, and every responder can do his runbook.

Decided action by action over a finite catalogue; access points and grants of other accounts reach a
bucket only through its policy (S3 User Guide, "Configuring cross-account access points").
"""

from collections.abc import Iterator

from breakglass import actions
from breakglass.proof import actors
from breakglass.proof.declared import (
    OUTSIDE,
    Caller,
    Declared,
    Target,
    filled,
    policies_of,
    resources_in,
    service,
    statements_of,
)
from breakglass.proof.deliveries import delivers, trails_into
from breakglass.proof.finding import Examination, Finding, without_a_side
from breakglass.proof.graph import EDGE, KEEPER, Graph, Scope
from breakglass.proof.s3_actions import writes_to_buckets, writes_to_objects

NAME = "actor_cannot_touch_the_vault"

_WRITING_SERVICES = (
    "cloudtrail.amazonaws.com",
    "config.amazonaws.com",
    "delivery.logs.amazonaws.com",
    "logging.s3.amazonaws.com",
    "s3.amazonaws.com",
)
"""Services that write into buckets for whoever sets them up."""

_OF_SERVICES = (
    "s3:DeleteObject",
    "s3:PutBucketAcl",
    "s3:PutBucketPolicy",
    "s3:PutObject",
    "s3:PutObjectAcl",
    "s3:ReplicateObject",
)
"""What services do to a bucket and its objects."""


def check(graph: Graph) -> Finding:
    """Decide the invariant on a graph."""
    if absent := without_a_side(NAME, graph, KEEPER, EDGE):
        return absent
    policies, look = policies_of(graph), Examination(NAME)
    for bucket, owner in graph.facts.record_buckets.items():
        target = policies.bucket(bucket, owner.id)
        objects = _objects(target)
        for caller in actors.everybody(policies):
            ask = policies.opened(caller, target)
            look.must_refuse(caller.title, ask, writes_to_buckets(), target.arn)
            for thing in objects:
                ask = policies.opened(caller, thing)
                look.must_refuse(caller.title, ask, writes_to_objects(), thing.arn)
        for caller in _deputies(policies):
            for thing in (target, *objects, _own_prefix(target, caller)):
                ask = policies.opened(caller, thing)
                look.must_refuse(caller.title, ask, _OF_SERVICES, thing.arn)
        for trail in trails_into(graph, bucket):
            look.must_allow(delivers(policies, trail, target), f"{trail} delivers to {bucket}")
    for scope in graph.facts.scopes:
        _runbook(look, policies, scope)
    return look.finding("No actor can write, delete, overwrite or weaken the record.")


def _objects(bucket: Target) -> list[Target]:
    """Some object, and one for each statement of the bucket's policy that names a prefix."""
    statements = () if bucket.policy is None else statements_of(bucket.policy)
    named = [resources_in(body) for body in statements]
    prefixes = [next((arn for arn in arns if "/" in arn), bucket.arn) for arns in named]
    arns = dict.fromkeys((f"{bucket.arn}/record", *map(filled, prefixes)))
    return [Target(arn, bucket.owner, bucket.policy) for arn in arns if arn != bucket.arn]


def _own_prefix(bucket: Target, caller: Caller) -> Target:
    """Where CloudTrail puts the records of the account that the service acts for."""
    account = caller.context["aws:SourceAccount"]
    return Target(f"{bucket.arn}/AWSLogs/{account}/x", bucket.owner, bucket.policy)


def _deputies(policies: Declared) -> Iterator[Caller]:
    """Services that an actor sets up in his own account, aimed at the vault."""
    region = policies.facts.home_region
    for account in [*(one.id for one in actors.edge_accounts(policies)), OUTSIDE]:
        for name in _WRITING_SERVICES:
            kind = name.partition(".")[0]
            arn = f"arn:aws:{kind}:{region}:{account}:{_THINGS.get(kind, '')}break-glass-mallory"
            yield service(name, f"{name}, set up in {account},", source_arn=arn)


_THINGS = {"cloudtrail": "trail/", "delivery": "delivery-source:", "config": "config-rule/"}


def _runbook(look: Examination, policies: Declared, scope: Scope) -> None:
    """Each grant of the runbook can be used, on a resource that is not the kit's."""
    for account, arn in scope.roles.items():
        if not look.must(policies.role(arn), f"No break-glass role {arn} is declared"):
            continue
        caller = policies.session(arn, f"The responder of {scope.name}")
        context = {"aws:RequestedRegion": policies.facts.home_region, "aws:SecureTransport": "true"}
        for grant in scope.grants:
            for action in grant.actions:
                known = min(actions.matching(action)) if "*" in action else action
                for resource in grant.resources:
                    on = Target(filled(resource.replace("{account}", account)), account)
                    verdict = policies.decide(caller, known, on, context)
                    look.must_allow(verdict, f"{caller.title} calls {known} on {on.arn}")
