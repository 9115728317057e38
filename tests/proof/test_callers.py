"""What kind of caller asks decides which layers count."""

from dataclasses import replace
from typing import Any

import pytest

from breakglass.proof.evaluate import Evaluator, evaluate
from breakglass.proof.model import (
    UNKNOWN_VALUE,
    Decision,
    KmsGrant,
    Layer,
    Layers,
    Policy,
    Principal,
    PrincipalKind,
    Request,
)

HOME, OTHER = "111111111111", "222222222222"
USER_ARN = f"arn:aws:iam::{HOME}:user/alice"
USER = Principal(USER_ARN, None, HOME, PrincipalKind.USER)
FEDERATED_USER = replace(USER, session_arn=f"arn:aws:sts::{HOME}:federated-user/bob")
ROLE = Principal(f"arn:aws:iam::{HOME}:role/ops/deploy", None, HOME, PrincipalKind.ROLE)
SESSION_ARN = f"arn:aws:sts::{HOME}:assumed-role/deploy/ci"
LINKED = replace(ROLE, arn=f"arn:aws:iam::{HOME}:role/aws-service-role/x.amazonaws.com/X")
ROOT = Principal(f"arn:aws:iam::{HOME}:root", None, HOME, PrincipalKind.ROOT)
CLOUDTRAIL = Principal("cloudtrail.amazonaws.com", None, "", PrincipalKind.SERVICE)
PROVIDER = f"arn:aws:iam::{HOME}:oidc-provider/token.actions.githubusercontent.com"
GITHUB = Principal(PROVIDER, None, "", PrincipalKind.FEDERATED)
NOBODY = Principal("*", None, "", PrincipalKind.ANONYMOUS)
OBJECT, TARGET = "arn:aws:s3:::vault/a", f"arn:aws:iam::{HOME}:role/breakglass/break-glass-prod"
KEY = f"arn:aws:kms:eu-west-1:{HOME}:key/1234"


def policy(name: str, effect: str = "Allow", action: str = "*", **elements: Any) -> Policy:  # noqa: ANN401 - JSON
    body = {"Sid": "S", "Effect": effect, "Action": action, "Resource": "*"} | elements
    return Policy(name, {"Version": "2012-10-17", "Statement": body})


FULL, NO_S3 = policy("full"), policy("no-s3", "Deny", "s3:*")


def bucket(principal: object, effect: str = "Allow", **elements: Any) -> Policy:  # noqa: ANN401 - JSON
    return policy("bucket", effect, Principal=principal, **elements)


def ask(
    who: Principal,
    layers: Layers,
    action: str = "s3:PutObject",
    resource: str = OBJECT,
    **context: Any,  # noqa: ANN401 - context values
) -> Decision:
    account = HOME
    keys = {key.replace("__", ":"): value for key, value in context.items()}
    return evaluate(Request(who, action, resource, account, keys), layers).decision


def test_a_service_needs_nothing_but_the_resource_policy() -> None:
    assert ask(CLOUDTRAIL, Layers(resource=bucket({"Service": CLOUDTRAIL.arn}))) == "allowed"
    assert ask(CLOUDTRAIL, Layers(identity=[FULL], resource=bucket({"Service": "x"}))) == "denied"
    assert ask(CLOUDTRAIL, Layers(identity=[FULL])) == "denied"


def test_scps_do_not_bind_a_service_and_rcps_do() -> None:
    granted = Layers(resource=bucket({"Service": CLOUDTRAIL.arn}))
    assert ask(CLOUDTRAIL, replace(granted, scps=[[NO_S3]])) == "allowed"
    rcp = policy("rcp", "Deny", "s3:*", Principal="*")
    assert ask(CLOUDTRAIL, replace(granted, rcps=[[rcp]])) == "denied"


def test_everybody_means_a_service_and_every_aws_principal_leaves_it_open() -> None:
    assert ask(CLOUDTRAIL, Layers(resource=bucket("*"))) == "allowed"
    assert ask(CLOUDTRAIL, Layers(resource=bucket({"AWS": "*"}))) == "unknown"
    assert ask(USER, Layers(resource=bucket({"AWS": "*"}))) == "allowed"


def test_nobody_known_gets_what_everybody_gets() -> None:
    assert ask(NOBODY, Layers(resource=bucket("*"))) == "allowed"
    assert ask(NOBODY, Layers(resource=bucket({"AWS": HOME}))) == "denied"


def test_a_federated_identity_assumes_what_trusts_its_provider() -> None:
    request = {"action": "sts:AssumeRoleWithWebIdentity", "resource": TARGET}
    trust = bucket({"Federated": PROVIDER}, **if_sub("repo:o/r:environment:prod"))
    right = {"token.actions.githubusercontent.com__sub": "repo:o/r:environment:prod"}
    assert ask(GITHUB, Layers(resource=trust), **request, **right) == "allowed"
    assert ask(GITHUB, Layers(resource=trust), **request) == "denied"
    assert ask(GITHUB, Layers(resource=bucket({"Federated": "x"})), **request) == "denied"


def if_sub(sub: str) -> dict[str, Any]:
    return {"Condition": {"StringEquals": {"token.actions.githubusercontent.com:sub": sub}}}


def test_root_is_allowed_by_default_and_bound_by_scps() -> None:
    assert ask(ROOT, Layers()) == "allowed"
    assert ask(ROOT, Layers(identity=[NO_S3], boundary=NO_S3)) == "allowed"
    assert ask(ROOT, Layers(scps=[[FULL, NO_S3]])) == "denied"
    assert ask(ROOT, Layers(session=[NO_S3])) == "denied"


def test_root_is_bound_by_a_resource_policy_but_for_mending_it() -> None:
    locked = Layers(resource=bucket("*", "Deny"))
    assert ask(ROOT, locked) == "denied"
    assert ask(ROOT, locked, "s3:DeleteBucketPolicy", "arn:aws:s3:::vault") == "allowed"
    assert ask(USER, locked, "s3:DeleteBucketPolicy", "arn:aws:s3:::vault") == "denied"
    queue = f"arn:aws:sqs:eu-west-1:{HOME}:q"
    assert ask(ROOT, locked, "sqs:SetQueueAttributes", queue) == "unknown"
    assert ask(ROOT, locked, "sqs:PurgeQueue", queue) == "denied"


def test_an_scp_keeps_root_from_mending_the_bucket_policy() -> None:
    scp = policy("scp", "Deny", "s3:DeleteBucketPolicy")
    assert ask(ROOT, Layers(scps=[[FULL, scp]]), "s3:DeleteBucketPolicy") == "denied"


def test_root_assumes_no_role() -> None:
    trust = bucket({"AWS": HOME})
    assert ask(ROOT, Layers(resource=trust), "sts:AssumeRole", TARGET) == "denied"
    assert ask(USER, Layers([FULL], resource=trust), "sts:AssumeRole", TARGET) == "allowed"


def test_service_linked_roles_are_under_no_scp_and_no_rcp() -> None:
    rcp = policy("rcp", "Deny", "s3:*", Principal="*")
    bound = Layers(identity=[FULL], scps=[[NO_S3]], rcps=[[rcp]])
    assert ask(LINKED, bound) == "allowed"
    assert ask(ROLE, bound) == "denied"


def test_a_federated_user_has_nothing_without_a_session_policy() -> None:
    assert ask(FEDERATED_USER, Layers(identity=[FULL])) == "denied"
    assert ask(FEDERATED_USER, Layers(identity=[FULL], session=[FULL])) == "allowed"
    assert ask(USER, Layers(identity=[FULL])) == "allowed"


def test_naming_the_user_behind_a_federated_session_leaves_its_limits() -> None:
    named = Layers(resource=bucket({"AWS": USER_ARN}))
    assert ask(FEDERATED_USER, named) == "denied"
    assert ask(USER, named) == "allowed"
    direct = Layers(resource=bucket({"AWS": FEDERATED_USER.session_arn}))
    assert ask(FEDERATED_USER, direct) == "allowed"


def test_a_grant_to_some_session_of_a_role_is_open_while_the_session_is_not_known() -> None:
    named = Layers(resource=bucket({"AWS": SESSION_ARN}))
    assert ask(ROLE, named) == "unknown"
    assert ask(replace(ROLE, session_arn=SESSION_ARN), named) == "allowed"
    assert ask(replace(ROLE, session_arn=SESSION_ARN + "2"), named) == "denied"


@pytest.mark.parametrize(
    "principal",
    [{"CanonicalUser": "79a5"}, {"AWS": f"arn:aws:iam::{HOME}:user/al*"}, {"Moon": "x"}],
)
def test_a_principal_that_cannot_be_read_leaves_it_open(principal: dict[str, str]) -> None:
    assert ask(USER, Layers(resource=bucket(principal))) == "unknown"
    assert ask(USER, Layers([FULL], resource=bucket(principal, "Deny"))) == "unknown"
    assert ask(USER, Layers(resource=bucket(principal | {"Service": "x"}))) == "unknown"


def test_rcps_reach_the_services_that_aws_lists_and_no_others() -> None:
    rcp = Layers(identity=[FULL], rcps=[[policy("rcp", "Deny", Principal="*")]])
    assert ask(USER, rcp, "s3:PutObject") == "denied"
    assert ask(USER, rcp, "iam:CreateUser", "*") == "allowed"
    assert ask(USER, rcp, "ec2:RunInstances", "*") == "unknown"
    assert ask(USER, replace(rcp, grants=[GRANT]), "kms:RetireGrant", "*") == "allowed"


def test_assume_root_hangs_on_a_setting_of_the_organisation() -> None:
    member = f"arn:aws:iam::{OTHER}:root"
    request = Request(USER, "sts:AssumeRoot", member, OTHER)
    assert evaluate(request, Layers(identity=[FULL])).decision is Decision.UNKNOWN
    assert evaluate(request, Layers()).decision is Decision.DENIED


# --- KMS grants ---------------------------------------------------------------------------------

GRANT = KmsGrant(ROLE.arn, frozenset({"Decrypt", "RetireGrant"}), name="g-1")
SEALED = replace(GRANT, encryption_context_equals={"ledger": "v1"})
AT_LEAST = replace(GRANT, encryption_context_subset={"ledger": "v1"})


def decrypt(grant: KmsGrant, who: Principal = ROLE, **context: Any) -> str:  # noqa: ANN401 - context values
    key = policy("key", Principal={"AWS": OTHER})
    layers = Layers(resource=key, grants=[grant])
    keys = {f"kms:EncryptionContext:{k}": v for k, v in context.items()}
    if context:
        keys["kms:EncryptionContextKeys"] = list(context)
    return evaluate(Request(who, "kms:Decrypt", KEY, HOME, keys), layers).decision


def test_a_grant_allows_its_grantee_its_operations_alone() -> None:
    assert decrypt(GRANT) == "allowed"
    assert decrypt(GRANT, USER) == "denied"
    assert decrypt(replace(GRANT, operations=frozenset({"Encrypt"}))) == "denied"


def test_a_grant_holds_with_the_encryption_context_it_demands() -> None:
    assert decrypt(SEALED, ledger="v1") == "allowed"
    assert decrypt(SEALED, ledger="v2") == "denied"
    assert decrypt(SEALED, ledger="v1", more="x") == "denied"
    assert decrypt(SEALED) == "denied"
    assert decrypt(AT_LEAST, ledger="v1", more="x") == "allowed"
    assert decrypt(AT_LEAST, ledger=UNKNOWN_VALUE) == "unknown"


def test_a_deny_overrides_a_grant() -> None:
    layers = Layers(resource=bucket("*", "Deny"), grants=[GRANT])
    assert ask(ROLE, layers, "kms:Decrypt", KEY) == "denied"


def test_whether_a_boundary_limits_a_grant_is_left_open() -> None:
    layers = Layers(boundary=policy("b", action="s3:*"), resource=bucket("x"), grants=[GRANT])
    assert ask(ROLE, replace(layers, resource=None), "kms:Decrypt", KEY) == "unknown"
    assert ask(ROLE, replace(layers, resource=None, boundary=FULL), "kms:Decrypt", KEY) == "allowed"


# --- what the verdict says ----------------------------------------------------------------------


def test_a_verdict_names_layer_and_statement() -> None:
    boundary = policy("break-glass-boundary-prod", "Deny", "s3:*")
    request = Request(USER, "s3:PutObject", OBJECT, HOME)
    verdict = evaluate(request, Layers(identity=[FULL], boundary=boundary))
    assert verdict.layer == Layer.BOUNDARY
    assert verdict.statement == "break-glass-boundary-prod#S"
    assert not verdict.allowed
    assert verdict.reason == (
        "Statement break-glass-boundary-prod#S of the permissions boundary denies it."
    )


@pytest.mark.parametrize(
    ("layers", "layer", "reason"),
    [
        (Layers(), "identity", "There is no identity policy that allows it."),
        (Layers([FULL], policy("b", action="iam:*")), "boundary", "b"),
        (Layers([FULL], session=[policy("s", action="iam:*")]), "session", "s"),
        (Layers([FULL], scps=[[FULL], []]), "scp", "level 2 of 2"),
    ],
)
def test_an_implicit_deny_names_the_layer_that_is_silent(
    layers: Layers, layer: str, reason: str
) -> None:
    verdict = evaluate(Request(USER, "s3:PutObject", OBJECT, HOME), layers)
    assert (verdict.decision, verdict.layer, verdict.statement) == ("denied", layer, None)
    assert reason in verdict.reason


def test_an_unknown_verdict_names_the_condition_that_could_not_be_decided() -> None:
    doubtful = policy("p", Condition={"StringMatches": {"aws:username": "x"}})
    verdict = evaluate(Request(USER, "s3:PutObject", OBJECT, HOME), Layers(identity=[doubtful]))
    assert verdict.decision is Decision.UNKNOWN
    assert "StringMatches on aws:username" in verdict.reason
    assert verdict.statement == "p#S"


def test_one_evaluator_answers_each_caller_by_its_own_rules() -> None:
    decide = Evaluator(Layers(identity=[FULL], scps=[[FULL, NO_S3]])).decide
    asked = [Request(who, "s3:PutObject", OBJECT, HOME) for who in (USER, LINKED, USER)]
    assert [decide(request).allowed for request in asked] == [False, True, False]


def test_any_spelling_of_an_action_is_the_same_action(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Evaluator, "_PLANS_KEPT", 2)
    decide = Evaluator(Layers(identity=[policy("p", action="S3:putObject")])).decide
    for action in ("s3:PutObject", "S3:PUTOBJECT", "s3:putobject", "s3:PUTobject"):
        assert decide(Request(USER, action, OBJECT, HOME)).allowed
