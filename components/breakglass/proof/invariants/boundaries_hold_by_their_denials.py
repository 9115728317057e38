"""What a boundary denies it denies by itself, whatever else it or a scope lets through.

The Deny statements of each break-glass role's boundary are decided alone, as if the boundary and
the role's policies allowed everything, without guardrails: a scope may name ``*`` one day, and an
allow-list with one entry too many must not be the end of the log. Refused are every action on the
kit's own resources, by their names, and on its KMS keys, by their tag; giving that tag or taking
it; every catalogued call of the services that exist to log; and every role that the scope does not
list, to be passed or assumed. The last also where no other statement shuts IAM and STS whole.

The twin: the scope's own grants go through, and so do its listed roles.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache, lru_cache, partial
from typing import Any, Final

from breakglass import actions, names, tamper
from breakglass.proof import declared
from breakglass.proof.declared import (
    Caller,
    Declared,
    Target,
    Written,
    filled,
    limits_of,
    policies_of,
    statements_of,
)
from breakglass.proof.finding import Examination, Finding, without_a_side
from breakglass.proof.graph import EDGE, Graph, Scope

NAME = "boundaries_hold_by_their_denials"

_SECURE: Final = {"aws:SecureTransport": "true"}
_ANYBODY: Final = Written(
    "a trust policy for everybody",
    '{"Version":"2012-10-17","Statement":'
    '[{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:*"}]}',
)
_ANY_KEY: Final = Written(
    "a key policy for everybody",
    '{"Version":"2012-10-17","Statement":'
    '[{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"kms:*","Resource":"*"}]}',
)
_KIT: Final[Mapping[str, tuple[str, ...]]] = {
    "athena": ("arn:aws:athena:{place}:workgroup/break-glass-x",),
    "cloudwatch": ("arn:aws:cloudwatch:{place}:alarm:break-glass-x",),
    "events": (
        "arn:aws:events:{place}:event-bus/break-glass-x",
        "arn:aws:events:{place}:rule/break-glass-x",
    ),
    "glue": (
        "arn:aws:glue:{place}:database/break_glass_x",
        "arn:aws:glue:{place}:table/break_glass_x/x",
    ),
    "lambda": ("arn:aws:lambda:{place}:function:break-glass-x",),
    "logs": ("arn:aws:logs:{place}:log-group:/aws/lambda/break-glass-x",),
    "pipes": ("arn:aws:pipes:{place}:pipe/break-glass-x",),
    "s3": ("arn:aws:s3:::break-glass-x", "arn:aws:s3:::break-glass-x/x"),
    "scheduler": ("arn:aws:scheduler:{place}:schedule/x/break-glass-x",),
    "sns": ("arn:aws:sns:{place}:break-glass-x",),
    "sqs": ("arn:aws:sqs:{place}:break-glass-x",),
}
"""A resource of the kit's name in each service that has some."""


def check(graph: Graph) -> Finding:
    """Decide the invariant on a graph."""
    if absent := without_a_side(NAME, graph, EDGE):
        return absent
    policies, look = policies_of(graph), Examination(NAME)
    for scope in graph.facts.scopes:
        for arn in scope.roles.values():
            role = policies.role(arn)
            if look.must(role, f"The role {arn} is not declared") and role:
                boundary = policies.boundary(role)
                if look.must(boundary, "The role has no boundary", role) and boundary:
                    ask = partial(_holds, look, policies, scope, arn, boundary)
                    look.once(graph.facts, (scope.name, arn, boundary), ask)
    return look.finding("Each boundary holds by what it denies.")


def _holds(
    look: Examination, policies: Declared, scope: Scope, arn: str, boundary: Written
) -> None:
    account = arn.split(":")[4]
    title = f"Whoever has {scope.name} in {account}, were all allowed,"
    caller = replace(declared.role(arn, title), boundary=limits_of(boundary))
    asked = _Asked(look, policies, caller, f"{policies.facts.home_region}:{account}")
    for service, arns in _KIT.items():
        for kit in arns:
            asked.refused(kit.format(place=asked.place), _all_of(service))
    key = f"arn:aws:kms:{asked.place}:key/x"
    tagged = {f"aws:ResourceTag/{names.KEY_TAG}": "keeper"}
    asked.refused(key, _all_of("kms"), tagged, _ANY_KEY)
    tags = {"aws:TagKeys": [names.KEY_TAG]}
    asked.refused(key, ("kms:TagResource", "kms:UntagResource"), tags, _ANY_KEY)
    asked.allowed(key, "kms:Decrypt", _ANY_KEY)
    asked.allowed(key, "kms:TagResource", _ANY_KEY)
    asked.refused("*", _that_log(scope))
    by_itself = replace(caller, boundary=limits_of(_without_whole_services(boundary)))
    alone = _Asked(look, policies, by_itself, asked.place)
    _other_roles(alone, scope, account)
    _intended(asked, scope, account)


class _Asked:
    """One caller in one place."""

    def __init__(self, look: Examination, policies: Declared, caller: Caller, place: str) -> None:
        self._look, self._policies, self._caller = look, policies, caller
        self.place = place

    def refused(
        self,
        arn: str,
        asked: Sequence[str],
        chosen: Mapping[str, Any] | None = None,
        policy: Written | None = None,
    ) -> None:
        """Demand that each action is refused on a resource, which has ``policy``."""
        target = Target(arn, self._caller.account, policy)
        context = {**_SECURE, **(chosen or {})}
        ask = self._policies.opened(self._caller, target, context, guardrails=False)
        self._look.must_refuse(self._caller.title, ask, asked, arn)

    def allowed(self, arn: str, action: str, policy: Written | None = None) -> None:
        """Demand that an action goes through."""
        target, caller = Target(arn, self._caller.account, policy), self._caller
        verdict = self._policies.decide(caller, action, target, _SECURE, guardrails=False)
        self._look.must_allow(verdict, f"{caller.title} calls {action} on {arn}")


def _other_roles(asked: _Asked, scope: Scope, account: str) -> None:
    """Every role but the listed ones, the kit's and an application's."""
    for name in ("breakglass/break-glass-x", "web-shop"):
        arn = f"arn:aws:iam::{account}:role/{name}"
        asked.refused(arn, ("iam:PassRole",))
        asked.refused(arn, tuple(sorted(actions.matching("sts:AssumeRole*"))), policy=_ANYBODY)
    for action, listed in (
        ("iam:PassRole", scope.pass_roles),
        ("sts:AssumeRole", scope.assume_roles),
    ):
        for arn in listed:
            asked.allowed(arn, action)


def _intended(asked: _Asked, scope: Scope, account: str) -> None:
    for grant in scope.grants:
        for action in grant.actions:
            known = min(actions.matching(action)) if "*" in action else action
            for resource in grant.resources:
                asked.allowed(filled(resource.replace("{account}", account)), known)


@cache
def _all_of(service: str) -> tuple[str, ...]:
    return tuple(sorted(actions.of_service(service)))


def _that_log(scope: Scope) -> tuple[str, ...]:
    """Every catalogued call of the services that exist to log, and of IAM; not a scope's own."""
    granted = {action for grant in scope.grants for action in grant.actions}
    listed = {"iam:PassRole", "sts:AssumeRole"}
    return tuple(action for action in _catalogued() if action not in granted | listed)


@cache
def _catalogued() -> tuple[str, ...]:
    calls = tamper.catalogue().of(services=(*tamper.LOGGING_SERVICES, "iam"))
    return tuple(sorted({action for call in calls for action in call.iam_actions}))


@lru_cache(maxsize=256)
def _without_whole_services(boundary: Written) -> Written:
    """The boundary without what it says of whole services on every resource."""
    kept = [one for one in map(_single_calls, statements_of(boundary)) if one]
    document = {"Version": "2012-10-17", "Statement": kept}
    return Written(f"single denials of {boundary.name}", json.dumps(document))


def _single_calls(statement: Mapping[str, Any]) -> Mapping[str, Any]:
    named = statement.get("Action") or []
    listed = [named] if isinstance(named, str) else list(named)
    if statement.get("Resource") != "*" or "Condition" in statement:
        return statement
    single = [action for action in listed if not action.endswith(":*")]
    return {**statement, "Action": single} if single else {}
