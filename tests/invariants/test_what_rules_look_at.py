"""A rule that somebody may choose to be unseen by is no way of alarms."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from breakglass.proof.finding import Outcome
from breakglass.proof.graph import Graph, Resource
from breakglass.proof.invariants import INVARIANTS
from breakglass.proof.looks import FIELDS, blind_spot, naming
from breakglass.proof.pager import RULE

PAGES = "every_page_call_reaches_the_pager"
TICKETS = "every_ticket_call_reaches_the_tickets"
ACTIVATIONS = "every_activation_reaches_the_pager"

Edit = Callable[[dict[str, Any]], object]
Chosen = Callable[[Resource], bool]


def verdict(name: str, graph: Graph) -> Outcome:
    return INVARIANTS[name](graph).verdict


def looking(graph: Graph, edit: Edit, chosen: Chosen = lambda _: True) -> Graph:
    """The rules look at something else; all of them unless some are chosen."""

    def edited(rule: Resource) -> Resource:
        pattern = json.loads(rule.inputs["eventPattern"])
        edit(pattern)
        return replace(rule, inputs={**rule.inputs, "eventPattern": json.dumps(pattern)})

    rules = (edited(one) if one.type == RULE and chosen(one) else one for one in graph.resources)
    return Graph(graph.facts, [*rules])


def at(path: str, wanted: object) -> Edit:
    def edit(pattern: dict[str, Any]) -> None:
        *way, last = path.split(".")
        for key in way:
            pattern = pattern.setdefault(key, {})
        pattern[last] = wanted

    return edit


ALL_BUT_ONE = [{"exists": False}, {"anything-but": ["evil/1.0"]}]

BLINDING = [
    "id",
    "time",
    "resources",
    "detail.userAgent",
    "detail.sourceIPAddress",
    "detail.additionalEventData.MFAUsed",
    "detail.apiVersion",
    "detail.eventTime",
    "detail.eventVersion",
    "detail.requestParameters.durationSeconds",
    "detail.requestParameters.roleSessionName",
    "detail.responseElements.assumedRoleUser.arn",
    "detail.sessionCredentialFromConsole",
    "detail.sharedEventID",
    "detail.tlsDetails.tlsVersion",
    "detail.userIdentity.accessKeyId",
    "detail.userIdentity.invokedBy",
    "detail.userIdentity.principalId",
    "detail.userIdentity.sessionContext.sourceIdentity",
    "detail.userIdentity.sessionContext.attributes.mfaAuthenticated",
    "detail.vpcEndpointId",
]


@pytest.mark.parametrize("path", BLINDING)
def test_rules_blind_to_one_attacker_do_not_count(path: str, minimal: Graph) -> None:
    finding = INVARIANTS[ACTIVATIONS](looking(minimal, at(path, ALL_BUT_ONE)))
    assert finding.verdict is Outcome.BROKEN
    assert f"looks at {path}, and somebody may be unseen for it" in finding.reason


@pytest.mark.parametrize("name", [PAGES, TICKETS])
def test_blind_rules_lose_pages_and_tickets_too(name: str, minimal: Graph) -> None:
    blind = looking(minimal, at("detail.userAgent", ALL_BUT_ONE))
    assert verdict(name, blind) is Outcome.BROKEN


def test_the_same_rules_without_it_count(minimal: Graph) -> None:
    same = looking(minimal, lambda _: None)
    assert verdict(PAGES, same) is verdict(PAGES, minimal) is not Outcome.BROKEN
    assert verdict(ACTIVATIONS, same) is Outcome.HOLDS


def test_rules_that_are_dark_from_a_day_on_do_not_count(minimal: Graph) -> None:
    this_year = [{"exists": False}, {"prefix": "2026"}]
    assert verdict(PAGES, looking(minimal, at("time", this_year))) is Outcome.BROKEN


@pytest.mark.parametrize("where", ["hub", "one place"])
def test_one_blind_rule_is_enough_where_no_other_sees(where: str, example: Graph) -> None:
    def chosen(rule: Resource) -> bool:
        if where == "hub":
            return bool(rule.get("eventBusName"))
        return rule.name.startswith("forwarding-payments-eu-central-1")

    blind = looking(example, at("detail.userAgent", ALL_BUT_ONE), chosen)
    assert verdict(PAGES, blind) is Outcome.BROKEN


def test_a_blind_rule_beside_one_that_sees_takes_nothing_away(minimal: Graph) -> None:
    blind = looking(minimal, at("time", ALL_BUT_ONE))
    more = [replace(one, name=f"{one.name}-more") for one in blind.of(RULE)]
    both = Graph(minimal.facts, [*minimal.resources, *more])
    assert verdict(ACTIVATIONS, both) is Outcome.HOLDS


def test_rules_may_name_every_account_and_must_not_leave_one_out(minimal: Graph) -> None:
    ids = [account.id for account in minimal.facts.accounts]
    assert verdict(ACTIVATIONS, looking(minimal, at("account", ids))) is Outcome.HOLDS
    assert verdict(ACTIVATIONS, looking(minimal, at("account", ids[:1]))) is Outcome.BROKEN


# --- what may be looked for -----------------------------------------------------------------------


def detail(**fields: object) -> str:
    return json.dumps({"source": ["aws.x"], "detail": fields})


SIGN_IN = ["ConsoleLogin", "SwitchRole"]
KEY = "11111111-2222-3333-4444-555555555555"

SEEING = {
    "less than the kit's name": detail(requestParameters={"bucketName": [{"prefix": "break-"}]}),
    "the kit's name somewhere": detail(requestParameters={"name": [{"wildcard": "*break-glass*"}]}),
    "a user who may enter": detail(requestParameters={"userName": ["ada"]}),
    "a role of the path": detail(requestParameters={"roleArn": [{"wildcard": "*:role/x/*"}]}),
    "a permission set": detail(
        requestParameters={"roleArn": [{"wildcard": "*/AWSReservedSSO_Ops_*"}]}
    ),
    "a key by its id": detail(errorMessage=[{"wildcard": f"*{KEY}*"}]),
    "what was refused": detail(errorMessage=[{"wildcard": "*resource: *break*glass*"}]),
    "a role that was refused": detail(errorMessage=[{"wildcard": "*resource: *:role/emergency*"}]),
    "root signs in": detail(eventName=SIGN_IN, userIdentity={"type": ["Root"]}),
    "a role signs in": detail(
        eventName=SIGN_IN, userIdentity={"arn": [{"wildcard": "*assumed-role/emergency/*"}]}
    ),
    "whoever is no service assumes a role": detail(
        eventName=[{"prefix": "AssumeRole"}],
        userIdentity={"type": [{"anything-but": ["AWSService"]}]},
    ),
}

BLIND = {
    "one bucket of several": detail(
        requestParameters={"bucketName": ["break-glass-vault-acme-222222222222"]}
    ),
    "more than the kit's name": detail(
        requestParameters={"bucketName": [{"prefix": "break-glass-v"}]}
    ),
    "all names but one": detail(
        requestParameters={"bucketName": [{"anything-but": {"prefix": "break-glass-w"}}]}
    ),
    "one session of a permission set": detail(
        requestParameters={"roleArn": [{"wildcard": "*/AWSReservedSSO_Ops_0123"}]}
    ),
    "all roles but one": detail(requestParameters={"roleArn": [{"anything-but": "x"}]}),
    "who was refused": detail(
        errorMessage=[{"wildcard": "*assumed-role/*resource: *break*glass*"}]
    ),
    "why it was refused": detail(
        errorMessage=[{"wildcard": "*resource: *break*glass*because no identity-based*"}]
    ),
    "an end of the reason": detail(errorMessage=[{"wildcard": "*resource: *break*glass*action"}]),
    "any name that there is": detail(requestParameters={"bucketName": [{"exists": True}]}),
    "one session signs in": detail(
        eventName=SIGN_IN, userIdentity={"arn": [{"wildcard": "*break-glass*/ada"}]}
    ),
    "everybody but one signs in": detail(
        eventName=SIGN_IN, userIdentity={"userName": [{"anything-but": ["mallory"]}]}
    ),
    "users alone do anything": detail(userIdentity={"type": ["IAMUser"]}),
    "all but services do anything": detail(
        eventName=["StopLogging"], userIdentity={"type": [{"anything-but": ["AWSService"]}]}
    ),
    "all but users assume a role": detail(
        eventName=["AssumeRole"],
        userIdentity={"type": [{"anything-but": ["AWSService", "IAMUser"]}]},
    ),
}


@pytest.mark.parametrize("what", SEEING)
def test_a_rule_may_look_for(what: str) -> None:
    assert blind_spot(SEEING[what]) is None


@pytest.mark.parametrize("what", BLIND)
def test_a_rule_must_not_look_for(what: str) -> None:
    assert blind_spot(BLIND[what]) is not None


def test_every_field_has_a_reason() -> None:
    assert all(field.reason for field in (*FIELDS.values(), *naming().values()))
