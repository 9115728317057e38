"""A break-glass role is entered with an incident, a reason, a gate and a severity, or not at all.

Asked of every break-glass role and every entry, as STS decides a chained AssumeRole: with
``sts:TagSession`` for the tags and ``sts:SetSourceIdentity`` for the identity. Let in is the proper
activation alone, in every watched region and for each severity of the scope (the twin). Kept out is
each tag missing, empty, too short, of another form, not transitive or alone; a tag besides; a
region without rules; whatever else the trust policy names; a session that does not say who it is;
and whoever does not come through an entry role, whatever he sends. Kept out by the trust policy
itself, as if there were no guardrails and the entry role's own policy allowed everything; and where
one thing is wrong, whatever else is sent, so that no second statement lets in by another key.
"""

from dataclasses import replace
from functools import partial

from breakglass.proof import actors, declared
from breakglass.proof.activation import Activation, as_named, improper, proper, strangers
from breakglass.proof.declared import Declared, policies_of, values_in
from breakglass.proof.finding import Examination, Finding, without_a_side
from breakglass.proof.graph import EDGE, Entry, Graph, Scope

NAME = "break_glass_trust_demands_what_it_must"


def check(graph: Graph) -> Finding:
    """Decide the invariant on a graph."""
    if absent := without_a_side(NAME, graph, EDGE):
        return absent
    policies, look = policies_of(graph), Examination(NAME)
    for scope in graph.facts.scopes:
        for account, arn in scope.roles.items():
            if look.must(policies.role(arn), f"No break-glass role {arn} is declared"):
                for entry in graph.facts.entries:
                    _asked_by(look, policies, entry, scope, arn)
                _asked_by_strangers(look, policies, account, arn)
    return look.finding("Nothing but a proper activation opens a break-glass role.")


def _asked_by(look: Examination, policies: Declared, entry: Entry, scope: Scope, arn: str) -> None:
    if look.must(policies.role(entry.role_arn), f"No entry role {entry.role_arn}"):
        trust, session = policies.trust(arn), policies.session(entry.role_arn, "")
        guardrails = policies.scps(session.account), policies.rcps(trust.owner)
        whose = (entry.name, session.identity, session.boundary, guardrails)
        ask = partial(_only_properly, look, policies, entry, scope, arn)
        look.once(policies.facts, (scope.name, trust, whose), ask)


def _only_properly(
    look: Examination, policies: Declared, entry: Entry, scope: Scope, arn: str
) -> None:
    good = proper(policies.facts, scope, entry)
    for region in policies.facts.regions:
        _let_in(look, policies, entry, arn, replace(good, region=region))
    for severity in scope.severities:
        tags = {**good.tags, "Severity": severity}
        _let_in(look, policies, entry, arn, replace(good, tags=tags))
    trust = policies.trust(arn).policy
    named = as_named(policies.facts, scope, good, values_in(trust)) if trust else ()
    caller = declared.role(entry.role_arn, f"A session of {entry.name}")
    for what, bad in (*improper(policies.facts, good), *named):
        verdict = policies.assume_somehow(
            caller, arn, bad.otherwise_than(good), likely=good.request()
        )
        look.must_deny(verdict, f"{caller.title} opens {arn} {what}")


def _let_in(
    look: Examination, policies: Declared, entry: Entry, arn: str, good: Activation
) -> None:
    caller = good.caller(policies, entry)
    verdict = policies.assume(caller, arn, good.context())
    look.must_allow(verdict, f"{caller.title} opens {arn} in {good.region} as it should")


def _asked_by_strangers(look: Examination, policies: Declared, account: str, arn: str) -> None:
    """Whatever they send: every condition key is left open."""
    responders = (one for one in actors.responders(policies) if "scope" in one.principal.arn)
    for caller in (*strangers(policies, account), *actors.entrants(policies), *responders):
        verdict = policies.assume_somehow(caller, arn)
        look.must_deny(verdict, f"{caller.title} opens {arn} without an entry")
