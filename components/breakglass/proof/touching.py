"""Who may change what the kit has: the question that two invariants ask of different things."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from breakglass.proof.declared import (
    EVERYTHING,
    OUTSIDE,
    Caller,
    Declared,
    Target,
    principals_of,
    role,
)
from breakglass.proof.finding import Examination
from breakglass.proof.graph import KEEPER
from breakglass.proof.kit import Thing, changes, without_a_resource

Exceptions = Mapping[str, str]
"""Actions that an administrator of the thing's own account may call, each with the reason."""

_NEVER_HIS_OWN: Final = ("", OUTSIDE)


def nobody_may_change(
    look: Examination,
    policies: Declared,
    things: Iterable[Thing],
    callers: Sequence[Caller],
    exceptions: Exceptions,
) -> None:
    """Demand that each thing is out of reach of all but its account's deployer.

    He is refused what cannot be made good again, where the lock is COMPLIANCE. Without AWS
    Organizations nothing binds the administrators of the thing's own account: they are not asked.
    """
    facts = policies.facts
    bound = facts.organization is not None
    for thing in things:
        owner = thing.target.owner
        account = facts.account(owner)
        deployer = None if account is None else account.deployer
        for caller in _within_reach(policies, thing.target, callers):
            at_home = _administers(caller, owner)
            if at_home and not bound:
                continue
            if caller.principal.arn == deployer:
                asked = thing.kind.ends if facts.lock_mode == "COMPLIANCE" else ()
            else:
                asked = changes(thing.kind)
            left = [action for action in asked if not (at_home and action in exceptions)]
            _refused(look, policies, caller, thing, left)
        if deployer is not None and thing.kind.deploying:
            _deploys(look, policies, role(deployer, f"The deployer of {owner}"), thing)


def _within_reach(
    policies: Declared, target: Target, callers: Sequence[Caller]
) -> Sequence[Caller]:
    """Those who might have a way to a thing: all, where its own policy names anybody.

    What names nobody is reached from its own account alone (IAM User Guide, "Cross account resource
    access in IAM"). Of that, outsiders are asked all the same, and the edge side's deployers what
    belongs to a keeper: they are administrators whom the guardrails exempt, so whoever else comes
    from their accounts can do no more.
    """
    if any(kind != "Service" for kind, _ in principals_of(target.policy)):
        return callers
    near = {target.owner, *_NEVER_HIS_OWN}
    owner = policies.facts.account(target.owner)
    kept = owner is None or owner.side == KEEPER
    strongest = {one.deployer for one in policies.facts.accounts} if kept else set()
    return [one for one in callers if one.account in near or one.principal.arn in strongest]


def _administers(caller: Caller, account: str) -> bool:
    """Whether somebody is taken as an administrator, or the root user, of an account."""
    return caller.account == account and caller.identity in ((EVERYTHING,), ())


def _refused(
    look: Examination, policies: Declared, caller: Caller, thing: Thing, asked: Sequence[str]
) -> None:
    loose = without_a_resource(thing.kind)
    named = [action for action in asked if action not in loose]
    anything = Target("*", thing.target.owner)
    for target, some in ((thing.target, named), (anything, [a for a in asked if a in loose])):
        if some:
            ask = policies.opened(caller, target, thing.context)
            on = thing.target.arn
            look.must_refuse(caller.title, ask, some, on)


def _deploys(look: Examination, policies: Declared, deployer: Caller, thing: Thing) -> None:
    """The twin: what must be changed can be changed."""
    region = thing.target.arn.split(":")[3] or "us-east-1"
    context = {**thing.context, "aws:RequestedRegion": region, "aws:SecureTransport": "true"}
    verdict = policies.decide(deployer, thing.kind.deploying, thing.target, context)
    look.must_allow(verdict, f"{deployer.title} calls {thing.kind.deploying} on {thing.target.arn}")
