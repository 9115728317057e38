"""No second door: a key that the caller may choose opens nothing that a refusal should shut.

The session's name, an IAM user's name and a service that calls on behalf are his to choose; so is
every key of a request that a demand does not speak of.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest
from mutations import Mutation, allows

from breakglass.proof import declared
from breakglass.proof.declared import Target, Written, policies_of
from breakglass.proof.finding import Outcome
from breakglass.proof.graph import Graph, Resource
from breakglass.proof.invariants import INVARIANTS
from breakglass.proof.model import Decision

Condition = Mapping[str, Mapping[str, object]]

SESSION: Condition = {"StringNotLike": {"aws:userid": "*:backdoor"}}
USER: Condition = {"StringNotEquals": {"aws:username": "backdoor"}}
SERVICE: Condition = {"Bool": {"aws:ViaAWSService": "false"}}
FEDERATED: Condition = {"StringNotEquals": {"aws:PrincipalType": "FederatedUser"}}

GUARDRAIL, BUCKET = "aws:organizations/policy:Policy", "aws:s3/bucketPolicy:BucketPolicy"
BOUNDARY = "aws:iam/policy:Policy"
ENTRY, WORKFLOW = "entry-hardware-key-role", "entry-workflow-role"
SCOPE = "scope-rds-failover-payments-role"
ADA = "arn:aws:iam::444444444444:user/ada"


def falls_short(graph: Graph) -> bool:
    """Whether an invariant misses something; the first that does is enough."""
    return any(check(graph).falls_short for check in INVARIANTS.values())


# --- who may get past a Deny ------------------------------------------------------------------


def spares(condition: Condition, *types: str, name: str = "", sid: str = "") -> Mutation:
    """Each Deny of policies of some types holds under one condition more."""

    def mutate(graph: Graph) -> Graph:
        changed = [
            _sparing(one, condition, sid) if one.type in types and name in one.name else one
            for one in graph.resources
        ]
        assert changed != list(graph.resources)
        return Graph(graph.facts, changed)

    return mutate


def _sparing(one: Resource, condition: Condition, sid: str) -> Resource:
    key = next(key for key in ("content", "policy") if key in one.inputs)
    policy = json.loads(str(one.get(key)))
    for body in policy["Statement"]:
        if body["Effect"] == "Deny" and sid in str(body.get("Sid")):
            said = body.setdefault("Condition", {})
            for operator, keys in condition.items():
                said[operator] = {**said.get(operator, {}), **keys}
    return replace(one, inputs={**one.inputs, key: json.dumps(policy)})


@pytest.mark.parametrize(
    ("condition", "types"),
    [
        (SESSION, (GUARDRAIL,)),
        (SESSION, (BUCKET,)),
        (SESSION, (BOUNDARY,)),
        (SESSION, (GUARDRAIL, BUCKET, BOUNDARY)),
        (USER, (GUARDRAIL,)),
        (USER, (BUCKET,)),
        (USER, (GUARDRAIL, BUCKET)),
        (SERVICE, (GUARDRAIL,)),
        (SERVICE, (BUCKET,)),
        (SERVICE, (BOUNDARY,)),
        (FEDERATED, (BUCKET,)),
        ({"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/*"}}, (BUCKET,)),
    ],
)
def test_a_deny_that_spares_what_the_caller_chooses_is_no_deny(
    condition: Condition, types: tuple[str, ...], example: Graph
) -> None:
    assert falls_short(spares(condition, *types)(example))


def test_a_deny_that_spares_nobody_still_holds(example: Graph) -> None:
    nobody: Condition = {"StringNotEquals": {"aws:PrincipalAccount": "000000000000"}}
    assert not falls_short(spares(nobody, BOUNDARY)(example))


def test_one_statement_that_spares_a_session_of_a_name_is_missed(example: Graph) -> None:
    mutant = spares(SESSION, BUCKET, name="vault-bucket-policy", sid="NobodyDeletes")(example)
    finding = INVARIANTS["denials_of_the_record_stand_alone"](mutant)
    assert finding.verdict is Outcome.BROKEN
    assert "aws:userid=x:backdoor" in finding.reason


def denied_but(condition: Condition) -> Target:
    everybody = {"Principal": "*", "Action": "*", "Resource": "*"}
    statements = [
        {"Effect": "Allow", **everybody},
        {"Effect": "Deny", **everybody, "Condition": condition},
    ]
    text = json.dumps({"Version": "2012-10-17", "Statement": statements})
    return Target("arn:aws:s3:::ledger", "222222222222", Written("policy of ledger", text))


@pytest.mark.parametrize(
    ("who", "condition", "decision"),
    [
        ("role", SESSION, Decision.ALLOWED),
        ("user", SESSION, Decision.ALLOWED),
        ("root", SESSION, Decision.DENIED),
        ("role", USER, Decision.DENIED),
        ("user", USER, Decision.ALLOWED),
        ("root", USER, Decision.DENIED),
        ("role", SERVICE, Decision.ALLOWED),
        ("user", SERVICE, Decision.ALLOWED),
        ("root", SERVICE, Decision.ALLOWED),
        ("role", {"Bool": {"aws:ViaAWSService": "true"}}, Decision.ALLOWED),
        ("role", {"Bool": {"aws:ViaAWSService": ["true", "false"]}}, Decision.UNKNOWN),
        ("role", FEDERATED, Decision.DENIED),
        ("user", FEDERATED, Decision.ALLOWED),
        ("role", {"StringNotLike": {"aws:PrincipalArn": "*backdoor"}}, Decision.DENIED),
    ],
)
def test_whom_a_deny_spares_is_known_by_what_aws_says_of_him(
    who: str, condition: Condition, decision: Decision, example: Graph
) -> None:
    role, user = declared.administrators("555555555555", "Mallory")
    callers = {"role": role, "user": user, "root": declared.root("555555555555", "Root")}
    ask = policies_of(example).opened(callers[who], denied_but(condition), guardrails=False)
    assert ask("s3:DeleteObjectVersion").decision is decision


def test_nobody_without_credentials_is_told_to_be_no_service(example: Graph) -> None:
    """AWS leaves the key out for him, so a Deny of who is told to be none does not reach him."""
    told: Condition = {"Bool": {"aws:PrincipalIsAWSService": "false"}}
    absent: Condition = {"BoolIfExists": {"aws:PrincipalIsAWSService": "false"}}
    for condition, decision in ((told, Decision.ALLOWED), (absent, Decision.DENIED)):
        ask = policies_of(example).opened(
            declared.nobody(), denied_but(condition), guardrails=False
        )
        assert ask("s3:PutObject").decision is decision


# --- a second way in --------------------------------------------------------------------------

ODD: Mapping[str, Condition] = {
    "an external id": {"StringEquals": {"sts:ExternalId": "letmein"}},
    "a user agent": {"StringLike": {"aws:UserAgent": "*letmein*"}},
    "an address": {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}},
    "a session's name": {"StringEquals": {"sts:RoleSessionName": "letmein"}},
    "an endpoint": {"StringEquals": {"aws:SourceVpce": "vpce-1"}},
    "a tag of his": {"StringEquals": {"aws:PrincipalTag/x": "y"}},
    "a user id": {"StringLike": {"aws:userid": "*:letmein"}},
    "an hour": {"DateGreaterThan": {"aws:CurrentTime": "2020-01-01T00:00:00Z"}},
    "a token's hour": {"DateLessThan": {"aws:TokenIssueTime": "2030-01-01T00:00:00Z"}},
    "a session tag": {"StringEquals": {"aws:RequestTag/k": "v"}},
    "a session's length": {"NumericEquals": {"sts:DurationSeconds": "901"}},
    "a service that calls for him": {"Bool": {"aws:ViaAWSService": "true"}},
    "an odd region and name": {
        "StringEquals": {"aws:RequestedRegion": "us-gov-1", "sts:SourceIdentity": "evil"}
    },
    "an old second factor of one age": {"NumericEquals": {"aws:MultiFactorAuthAge": "7777"}},
}


@pytest.mark.parametrize("what", ODD)
def test_an_entry_has_no_second_door(what: str, example: Graph) -> None:
    door = allows(
        ENTRY,
        Principal={"AWS": ADA},
        Action=["sts:AssumeRole", "sts:SetSourceIdentity"],
        Condition=ODD[what],
    )
    assert INVARIANTS["entry_trust_demands_what_it_must"](door(example)).falls_short


@pytest.mark.parametrize("what", ODD)
def test_a_break_glass_role_has_no_second_door(what: str, example: Graph) -> None:
    entry = example.facts.entries[0].role_arn
    door = allows(
        SCOPE,
        Principal={"AWS": entry},
        Action=["sts:AssumeRole", "sts:SetSourceIdentity", "sts:TagSession"],
        Condition=ODD[what],
    )
    assert INVARIANTS["break_glass_trust_demands_what_it_must"](door(example)).falls_short


def test_a_door_by_an_external_id_is_told_in_words(example: Graph) -> None:
    condition = ODD["an external id"]
    door = allows(ENTRY, Principal={"AWS": ADA}, Action="sts:AssumeRole", Condition=condition)
    finding = INVARIANTS["entry_trust_demands_what_it_must"](door(example))
    assert finding.verdict is Outcome.BROKEN
    assert any("no MFA" in line and "sts:externalid=letmein" in line for line in finding.evidence)


ISSUER = "token.actions.githubusercontent.com"


@pytest.mark.parametrize(
    "claim",
    [
        {f"{ISSUER}:actor": "mallory"},
        {f"{ISSUER}:actor_id": "1"},
        {f"{ISSUER}:ref": "refs/heads/main"},
        {f"{ISSUER}:repository_owner": "mallory"},
        {f"{ISSUER}:sub": "repo:mallory/x:ref:main", f"{ISSUER}:repository_id": "666"},
        {"sts:RoleSessionName": "letmein"},
    ],
)
def test_a_workflow_that_proves_something_else_is_no_workflow_of_ours(
    claim: Mapping[str, str], example: Graph
) -> None:
    (entry,) = [one for one in example.facts.entries if one.kind == "github-oidc"]
    door = allows(
        WORKFLOW,
        Principal={"Federated": entry.principals[0]},
        Action="sts:AssumeRoleWithWebIdentity",
        Condition={"StringEquals": {f"{ISSUER}:aud": "sts.amazonaws.com", **claim}},
    )
    finding = INVARIANTS["entry_trust_demands_what_it_must"](door(example))
    assert finding.verdict is Outcome.BROKEN


def _same_again(name: str) -> Mutation:
    """A trust says what it says twice, the second time under one condition more."""

    def mutate(graph: Graph) -> Graph:
        (found,) = [one for one in graph.resources if one.name == name]
        policy: dict[str, Any] = json.loads(str(found.get("assumeRolePolicy")))
        again = json.loads(json.dumps(policy["Statement"][0])) | {"Sid": "Again"}
        again["Condition"]["IpAddress"] = {"aws:SourceIp": "203.0.113.0/24"}
        policy["Statement"].append(again)
        text = json.dumps(policy)
        return Graph(
            graph.facts,
            [
                replace(one, inputs={**one.inputs, "assumeRolePolicy": text})
                if one is found
                else one
                for one in graph.resources
            ],
        )

    return mutate


@pytest.mark.parametrize(
    ("name", "invariant"),
    [
        (ENTRY, "entry_trust_demands_what_it_must"),
        ("entry-sso-role", "entry_trust_demands_what_it_must"),
        (WORKFLOW, "entry_trust_demands_what_it_must"),
        (SCOPE, "break_glass_trust_demands_what_it_must"),
    ],
)
def test_a_second_statement_that_demands_all_of_it_and_more_is_no_door(
    name: str, invariant: str, example: Graph
) -> None:
    assert INVARIANTS[invariant](_same_again(name)(example)).verdict is Outcome.HOLDS


def test_a_door_for_who_is_nobody_here_is_missed_by_name(example: Graph) -> None:
    door: Callable[[Graph], Graph] = allows(
        ENTRY,
        Principal={"AWS": "arn:aws:iam::444444444444:user/mallory"},
        Action="sts:AssumeRole",
        Condition=ODD["an external id"],
    )
    assert INVARIANTS["entry_trust_demands_what_it_must"](door(example)).falls_short
