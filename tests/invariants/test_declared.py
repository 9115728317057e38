"""What a caller can choose is left open, so a refusal holds for every value of it."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mutations import added, allows, denies, inputs, sets, statement
from recording import graph

from breakglass.errors import InvalidInput
from breakglass.proof import declared
from breakglass.proof.declared import Caller, Target, Written, filled, policies_of, principals_of
from breakglass.proof.finding import Outcome
from breakglass.proof.graph import Graph
from breakglass.proof.invariants import INVARIANTS
from breakglass.proof.model import Decision

BUCKET = "arn:aws:s3:::ledger"
OWNER = "222222222222"
MALLORY = declared.user("arn:aws:iam::555555555555:user/mallory", "Mallory")


def bucket(*statements: Mapping[str, Any]) -> Target:
    document = {"Version": "2012-10-17", "Statement": list(statements)}
    return Target(BUCKET, OWNER, Written("policy of ledger", json.dumps(document)))


def let_in(condition: Mapping[str, Any]) -> Mapping[str, Any]:
    return {
        "Sid": "In",
        "Effect": "Allow",
        "Principal": {"AWS": "*"},
        "Action": "s3:PutBucketTagging",
        "Resource": BUCKET,
        "Condition": condition,
    }


def decide(of: Graph, condition: Mapping[str, Any], caller: Caller = MALLORY) -> Decision:
    target = bucket(let_in(condition))
    return policies_of(of).opened(caller, target, guardrails=False)("s3:PutBucketTagging").decision


@pytest.mark.parametrize(
    ("condition", "decision"),
    [
        ({"StringEquals": {"aws:RequestTag/Key": "open"}}, Decision.ALLOWED),
        ({"StringLike": {"aws:UserAgent": "cli/????*"}}, Decision.ALLOWED),
        ({"Null": {"aws:TokenIssueTime": "true"}}, Decision.ALLOWED),
        ({"StringEquals": {"s3:prefix": "${aws:username}"}}, Decision.ALLOWED),
        ({"StringEquals": {"aws:username": "mallory"}}, Decision.ALLOWED),
        ({"StringEquals": {"aws:username": "ada"}}, Decision.DENIED),
        ({"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::222222222222:*"}}, Decision.DENIED),
        ({"Bool": {"aws:PrincipalIsAWSService": "true"}}, Decision.DENIED),
        ({"NumericGreaterThan": {"aws:EpochTime": "17"}}, Decision.UNKNOWN),
    ],
)
def test_what_he_can_choose_lets_him_in_and_what_aws_says_of_him_does_not(
    condition: Mapping[str, Any], decision: Decision, example: Graph
) -> None:
    assert decide(example, condition) is decision


def test_the_values_that_let_him_in_are_told(example: Graph) -> None:
    target = bucket(let_in({"StringEquals": {"aws:UserAgent": "curl"}}))
    verdict = policies_of(example).opened(MALLORY, target, guardrails=False)("s3:PutBucketTagging")
    assert "With aws:useragent=curl." in verdict.reason


KEYS = st.sampled_from(["aws:UserAgent", "aws:SourceIp", "s3:prefix"])
VALUES = st.sampled_from(["10.0.0.1", "a", "ab", "b*", "?b"])
CONDITIONS = st.dictionaries(
    st.sampled_from(["StringEquals", "StringLike", "StringNotEquals", "StringEqualsIfExists"]),
    st.dictionaries(KEYS, VALUES, min_size=1, max_size=2),
    max_size=3,
)


@given(condition=CONDITIONS, chosen=st.dictionaries(KEYS, VALUES, max_size=3))
def test_an_open_refusal_holds_for_every_value(
    condition: Mapping[str, Any], chosen: Mapping[str, str]
) -> None:
    policies, target = policies_of(graph("minimal")), bucket(let_in(condition))
    found = policies.decide(MALLORY, "s3:PutBucketTagging", target, chosen, guardrails=False)
    if found.allowed:
        assert decide(graph("minimal"), condition) is not Decision.DENIED


def test_nobody_known_has_no_arn_to_be_known_by(example: Graph) -> None:
    condition = {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::222222222222:*"}}
    assert decide(example, condition, declared.nobody()) is Decision.DENIED


@pytest.mark.parametrize(
    ("pattern", "text"), [("INC-????*", "INC-xxxxx"), ("role/*", "role/x"), ("plain", "plain")]
)
def test_a_pattern_is_filled_with_something_it_matches(pattern: str, text: str) -> None:
    assert filled(pattern) == text


def test_whoever_a_trust_policy_names_is_told_by_kind() -> None:
    document = {
        "Statement": [
            {"Effect": "Allow", "Principal": {"AWS": ["a", "b"], "Service": "c"}},
            {"Effect": "Allow", "Principal": "*"},
            {"Effect": "Deny", "Principal": {"AWS": "d"}},
        ]
    }
    named = list(principals_of(Written("trust", json.dumps(document))))
    assert named == [("AWS", "a"), ("AWS", "b"), ("Service", "c"), ("*", "*")]


# --- what no invariant can read is no verdict -----------------------------------------------------


def test_a_guardrail_on_a_unit_is_not_followed(example: Graph) -> None:
    mutant = sets("guardrails-path-r-exam", targetId="ou-exam-1234")(example)
    with pytest.raises(InvalidInput, match="ou-exam-1234"):
        INVARIANTS["guardrails_bind_every_member"](mutant)


def test_a_guardrail_on_an_account_that_is_none_of_ours_is_none_of_ours(example: Graph) -> None:
    more = added(
        "aws:organizations/policyAttachment:PolicyAttachment",
        "elsewhere",
        "guardrails-path",
        policyId="p-1",
        targetId="888888888888",
    )
    finding = INVARIANTS["guardrails_bind_every_member"](more(example))
    assert finding.verdict is Outcome.HOLDS


def test_a_policy_that_is_no_json_is_refused_by_name(example: Graph) -> None:
    mutant = sets("vault-bucket-policy", policy="{")(example)
    with pytest.raises(InvalidInput, match="policy of break-glass-vault"):
        INVARIANTS["actor_cannot_touch_the_vault"](mutant)


def test_a_policy_of_somebody_else_is_not_guessed(example: Graph) -> None:
    arn = "arn:aws:iam::aws:policy/PowerUserAccess"
    mutant = sets("scope-prod-deploy-shop-role", managedPolicyArns=[arn])(example)
    with pytest.raises(InvalidInput, match="PowerUserAccess"):
        INVARIANTS["actor_cannot_touch_the_vault"](mutant)


def test_administrator_access_within_a_boundary_is_understood(example: Graph) -> None:
    mutant = sets("scope-prod-deploy-shop-role", managedPolicyArns=[declared.ADMINISTRATOR])
    finding = INVARIANTS["actor_cannot_touch_the_vault"](mutant(example))
    assert finding.verdict is Outcome.HOLDS


def test_an_attached_policy_counts(example: Graph) -> None:
    attach = added(
        "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
        "more",
        "scope-prod-deploy-shop-role",
        role="break-glass-scope-prod-deploy",
        policyArn=declared.ADMINISTRATOR,
    )(example)
    arn = example.facts.scopes[0].roles["555555555555"]
    session = policies_of(attach).session(arn, "The responder")
    assert declared.EVERYTHING in session.identity


def test_what_aws_leaves_undocumented_is_unknown(example: Graph) -> None:
    mutant = allows(
        "vault-bucket-policy",
        NotPrincipal={"AWS": "arn:aws:iam::222222222222:root"},
        Action="s3:TagResource",
        Resource="arn:aws:s3:::break-glass-vault-example-222222222222",
    )(example)
    finding = INVARIANTS["actor_cannot_touch_the_vault"](mutant)
    assert finding.verdict is Outcome.UNKNOWN
    assert finding.falls_short


def test_another_deny_changes_nothing(example: Graph) -> None:
    mutant = denies(
        "vault-bucket-policy",
        Principal={"AWS": "arn:aws:iam::555555555555:root"},
        Action="s3:*",
        Resource="*",
    )(example)
    assert INVARIANTS["actor_cannot_touch_the_vault"](mutant).verdict is Outcome.HOLDS


def test_two_graphs_of_the_same_resources_are_read_each_for_itself(example: Graph) -> None:
    copy = replace(example)
    assert policies_of(copy) is not policies_of(example)
    mutant = statement(
        "vault-bucket-policy", "OnlyCloudTrailWrites", lambda body: body.update(Effect="Allow")
    )(copy)
    assert INVARIANTS["vault_holds_in_its_own_account"](mutant).verdict is Outcome.BROKEN
    assert INVARIANTS["vault_holds_in_its_own_account"](example).verdict is Outcome.HOLDS


def test_plain_event_selectors_of_a_trail_are_understood(example: Graph) -> None:
    name = "trail-organization-management-trail"
    whole = inputs(
        name,
        lambda i: i.update(
            advancedEventSelectors=[], eventSelectors=[{"includeManagementEvents": True}]
        ),
    )
    writes = sets(name, advancedEventSelectors=[], eventSelectors=[{"readWriteType": "WriteOnly"}])
    none = sets(name, advancedEventSelectors=[])
    recorded = INVARIANTS["every_account_is_recorded"]
    assert recorded(whole(example)).verdict is Outcome.HOLDS
    assert recorded(none(example)).verdict is Outcome.HOLDS
    assert recorded(writes(example)).verdict is Outcome.BROKEN
