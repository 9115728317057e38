"""The cases that other evaluators get wrong, each with AWS's documented answer and a twin.

The twin changes the one thing that decides, so that a case cannot pass by luck.
"""

from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

import pytest

from breakglass.proof.evaluate import evaluate
from breakglass.proof.model import (
    Decision,
    Layers,
    Policy,
    Principal,
    PrincipalKind,
    Request,
)

HOME, OTHER = "111111111111", "222222222222"
USER = Principal(f"arn:aws:iam::{HOME}:user/alice", None, HOME, PrincipalKind.USER)
ROLE_ARN = f"arn:aws:iam::{HOME}:role/breakglass/break-glass-entry"
SESSION_ARN = f"arn:aws:sts::{HOME}:assumed-role/break-glass-entry/alice"
ROLE = Principal(ROLE_ARN, SESSION_ARN, HOME, PrincipalKind.ROLE)
OBJECT = "arn:aws:s3:::ledger/home/alice/1.json"
KEY = f"arn:aws:kms:eu-west-1:{HOME}:key/11111111-2222-3333-4444-555555555555"
TARGET = f"arn:aws:iam::{HOME}:role/breakglass/break-glass-prod"


def statement(effect: str = "Allow", **elements: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    body: dict[str, Any] = {"Effect": effect, "Action": "*", "Resource": "*"}
    for name in ("Action", "Resource"):
        if f"Not{name}" in elements:
            del body[name]
    return body | elements


def policy(*statements: dict[str, Any], version: str = "2012-10-17", name: str = "p") -> Policy:
    return Policy(name, {"Version": version, "Statement": list(statements)})


FULL = policy(statement(), name="FullAWSAccess")
NOTHING_HERE = policy(statement(Action="ec2:*"), name="ec2-only")
MFA = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}


def if_(operator: str, key: str, *values: str) -> dict[str, Any]:
    return {"Condition": {operator: {key: list(values)}}}


@dataclass
class Case:
    """A request under layers, as AWS decides it."""

    says: str
    aws: Decision
    layers: Layers
    who: Principal = USER
    action: str = "s3:PutObject"
    resource: str = OBJECT
    account: str = HOME
    context: dict[str, Any] = field(default_factory=dict)


def allow(says: str, layers: Layers, **request: Any) -> Case:  # noqa: ANN401 - fields of Case
    return Case(says, Decision.ALLOWED, layers, **request)


def deny(says: str, layers: Layers, **request: Any) -> Case:  # noqa: ANN401 - fields of Case
    return Case(says, Decision.DENIED, layers, **request)


def unknown(says: str, layers: Layers, **request: Any) -> Case:  # noqa: ANN401 - fields of Case
    return Case(says, Decision.UNKNOWN, layers, **request)


def identity(*statements: dict[str, Any], version: str = "2012-10-17") -> Layers:
    return Layers(identity=[policy(*statements, version=version)])


def bucket(principal: object, effect: str = "Allow", **elements: Any) -> Policy:  # noqa: ANN401 - JSON
    return policy(statement(effect, Principal=principal, **elements), name="bucket")


OTHERS = {"NotResource": "arn:aws:s3:::other/*"}
OWN = {"Resource": "arn:aws:s3:::ledger/home/${aws:username}/*"}
ALICE, BOB = {"aws:username": "alice"}, {"aws:username": "bob"}
VIA_TAG = {"Resource": "arn:aws:s3:::ledger/home/${aws:PrincipalTag/who, 'alice'}/*"}
TOPIC_PATTERN = "arn:aws:someservice:*:111122223333:finance/*"
CROSSING = "arn:aws:someservice:us-east-2:999999999999:store/abc:111122223333:finance/document.txt"
FITTING = "arn:aws:someservice:us-east-2:111122223333:finance/document.txt"
ELSEWHERE = statement("Deny", Action="sqs:*")
RCP_HERE = policy(statement("Deny", Principal="*", Action="s3:*"), name="rcp")
RCP_ELSEWHERE = policy(statement("Deny", Principal="*", Action="sqs:*"), name="rcp")
EXCEPT_BOB = {"AWS": [f"arn:aws:iam::{HOME}:user/bob", f"arn:aws:iam::{HOME}:root"]}


def all_but_bob(action: str) -> Policy:
    return policy(statement("Deny", NotPrincipal=EXCEPT_BOB, Action=action), name="bucket")


TAGS = ["IncidentId", "Reason"]
ONLY_TAGS = if_("ForAllValues:StringEquals", "aws:TagKeys", *TAGS)
ANY_TAG = if_("ForAnyValue:StringEquals", "aws:TagKeys", *TAGS)
ORG = "aws:PrincipalOrgID"


def to_key(*statements: dict[str, Any], own: tuple[Policy, ...] = (FULL,)) -> Layers:
    return Layers(identity=own, resource=policy(*statements, name="key"))


def trust(principal: object, own: tuple[Policy, ...] = (FULL,), **elements: Any) -> Layers:  # noqa: ANN401 - JSON
    body = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"} | elements
    return Layers(identity=own, resource=policy(body, name="trust"))


ASSUME = {"action": "sts:AssumeRole", "resource": TARGET}
DECRYPT = {"action": "kms:Decrypt", "resource": KEY}
ROOT_OF_HOME = {"AWS": f"arn:aws:iam::{HOME}:root"}

CASES = [
    # elements
    deny(
        "a Deny with NotResource reaches all else",
        identity(statement(), statement("Deny", **OTHERS)),
    ),
    allow(
        "and spares the resource it names",
        identity(statement(), statement("Deny", **OTHERS)),
        resource="arn:aws:s3:::other/1",
    ),
    deny("? in a Deny's action", identity(statement(), statement("Deny", Action="s3:Put?bject"))),
    allow("? is one character", identity(statement(), statement("Deny", Action="s3:Put?Object"))),
    deny("a Deny in capitals", identity(statement(), statement("Deny", Action="S3:PUTOBJECT"))),
    allow("NotAction allows the rest", identity(statement(NotAction="iam:*"))),
    deny("NotAction leaves out what it names", identity(statement(NotAction="s3:*"))),
    deny(
        "a resource in other case", identity(statement(Resource=OBJECT.replace("ledger", "Ledger")))
    ),
    allow("the resource in its own case", identity(statement(Resource=OBJECT))),
    allow(
        "* beside another resource is everything", identity(statement(Resource=["*", OBJECT + "x"]))
    ),
    deny("NotResource * is nothing", identity(statement(NotResource=["*", OBJECT + "x"]))),
    unknown(
        "an ARN of five segments is settled nowhere",
        identity(statement(Resource="arn:aws:sns:*:t")),
        action="sns:Publish",
        resource=f"arn:aws:sns:eu-west-1:{HOME}:t",
    ),
    # variables
    allow("own prefix by variable", identity(statement(**OWN)), context=ALICE),
    deny("another's prefix by variable", identity(statement(**OWN)), context=BOB),
    deny("a variable without value matches nothing", identity(statement(**OWN))),
    allow("a variable's default", identity(statement(**VIA_TAG))),
    deny(
        "a value before the default",
        identity(statement(**VIA_TAG)),
        context={"aws:PrincipalTag/who": "bob"},
    ),
    allow(
        "a Deny on the own prefix, writing elsewhere",
        identity(statement(), statement("Deny", **OWN)),
        context=BOB,
    ),
    deny(
        "a Deny on the own prefix", identity(statement(), statement("Deny", **OWN)), context=ALICE
    ),
    deny(
        "a Deny with NotResource of a variable without value",
        identity(statement(), statement("Deny", NotResource=OWN["Resource"])),
    ),
    deny(
        "a variable under 2008-10-17 is text",
        identity(statement(**OWN), version="2008-10-17"),
        context=ALICE,
    ),
    allow(
        "that text itself matches",
        identity(statement(**OWN), version="2008-10-17"),
        resource="arn:aws:s3:::ledger/home/${aws:username}/1",
    ),
    deny(
        "${*} is no wildcard", identity(statement(Resource="arn:aws:s3:::ledger/home/${*}/1.json"))
    ),
    allow(
        "${*} is an asterisk",
        identity(statement(Resource="arn:aws:s3:::ledger/${*}/${?}/${$}")),
        resource="arn:aws:s3:::ledger/*/?/$",
    ),
    unknown(
        "a variable before the fifth colon",
        identity(statement(Resource="arn:aws:iam::${aws:PrincipalAccount}:role/x")),
        action="iam:GetRole",
        resource=f"arn:aws:iam::{HOME}:role/x",
        context={"aws:PrincipalAccount": HOME},
    ),
    # keys that are there and keys that are not
    deny("StringEquals without the key", identity(statement(**if_("StringEquals", ORG, "o-1")))),
    allow(
        "StringEquals with the key",
        identity(statement(**if_("StringEquals", ORG, "o-1"))),
        context={"AWS:principalorgid": "o-1"},
    ),
    allow(
        "a Deny with StringLike * without the key",
        identity(statement(), statement("Deny", **if_("StringLike", ORG, "*"))),
    ),
    deny(
        "a Deny with StringNotEquals without the key",
        identity(statement(), statement("Deny", **if_("StringNotEquals", ORG, "o-1"))),
    ),
    deny("ForAnyValue without the key", identity(statement(**ANY_TAG))),
    allow(
        "ForAnyValue with one value",
        identity(statement(**ANY_TAG)),
        context={"aws:TagKeys": ["x", "Reason"]},
    ),
    allow("ForAllValues without the key", identity(statement(**ONLY_TAGS))),
    deny(
        "ForAllValues with one too many",
        identity(statement(**ONLY_TAGS)),
        context={"aws:TagKeys": ["x", *TAGS]},
    ),
    allow(
        "a Deny with Bool MFA=false without the key",
        identity(
            statement(), statement("Deny", **if_("Bool", "aws:MultiFactorAuthPresent", "false"))
        ),
    ),
    deny(
        "a Deny with BoolIfExists MFA=false without the key",
        identity(
            statement(),
            statement("Deny", **if_("BoolIfExists", "aws:MultiFactorAuthPresent", "false")),
        ),
    ),
    allow("Null true without the key", identity(statement(**if_("Null", ORG, "true")))),
    deny(
        "Null true with the key",
        identity(statement(**if_("Null", ORG, "true"))),
        context={ORG: "o-1"},
    ),
    deny(
        "ArnLike does not reach over a colon",
        identity(statement(**if_("ArnLike", "aws:SourceArn", TOPIC_PATTERN))),
        context={"aws:SourceArn": CROSSING},
    ),
    allow(
        "ArnLike within the segments",
        identity(statement(**if_("ArnLike", "aws:SourceArn", TOPIC_PATTERN))),
        context={"aws:SourceArn": FITTING},
    ),
    allow(
        "StringLike does reach over a colon",
        identity(statement(**if_("StringLike", "aws:SourceArn", TOPIC_PATTERN))),
        context={"aws:SourceArn": CROSSING},
    ),
    # across accounts
    deny("identity alone across accounts", Layers(identity=[FULL]), account=OTHER),
    deny(
        "the resource alone across accounts",
        Layers(resource=bucket({"AWS": USER.arn})),
        account=OTHER,
    ),
    allow(
        "both sides across accounts",
        Layers(identity=[FULL], resource=bucket({"AWS": HOME})),
        account=OTHER,
    ),
    # kinds of grant
    deny(
        "the boundary lacks it, the bucket names the role",
        Layers(identity=[FULL], boundary=NOTHING_HERE, resource=bucket({"AWS": ROLE_ARN})),
        who=ROLE,
    ),
    allow(
        "the boundary lacks it, the bucket names the session",
        Layers(identity=[FULL], boundary=NOTHING_HERE, resource=bucket({"AWS": SESSION_ARN})),
        who=ROLE,
    ),
    allow(
        "the boundary lacks it, the bucket names the user",
        Layers(boundary=NOTHING_HERE, resource=bucket({"AWS": USER.arn})),
    ),
    allow(
        "the boundary has it, the bucket names the role, no identity policy",
        Layers(boundary=FULL, resource=bucket({"AWS": ROLE_ARN})),
        who=ROLE,
    ),
    deny(
        "a session policy lacks it, the bucket names the role",
        Layers(identity=[FULL], session=[NOTHING_HERE], resource=bucket({"AWS": ROLE_ARN})),
        who=ROLE,
    ),
    allow(
        "a session policy lacks it, the bucket names the session",
        Layers(identity=[FULL], session=[NOTHING_HERE], resource=bucket({"AWS": SESSION_ARN})),
        who=ROLE,
    ),
    deny("the bucket names the account, no identity policy", Layers(resource=bucket(ROOT_OF_HOME))),
    allow(
        "the bucket names everybody", Layers(boundary=NOTHING_HERE, resource=bucket("*")), who=ROLE
    ),
    # organisation
    allow(
        "FullAWSAccess and a deny-list at one level, another action",
        Layers(identity=[FULL], scps=[[FULL, policy(ELSEWHERE)]]),
    ),
    deny(
        "FullAWSAccess and a deny-list at one level, this action",
        Layers(identity=[FULL], scps=[[FULL, policy(statement("Deny", Action="s3:Put*"))]]),
    ),
    deny(
        "a deny-list alone at a level", Layers(identity=[FULL], scps=[[FULL], [policy(ELSEWHERE)]])
    ),
    deny(
        "a level without this service",
        Layers(identity=[FULL], scps=[[FULL], [NOTHING_HERE], [FULL]]),
    ),
    allow(
        "union within a level",
        Layers(identity=[FULL], scps=[[NOTHING_HERE, policy(statement(Action="s3:*"))]]),
    ),
    allow("an RCP on another action", Layers(identity=[FULL], rcps=[[RCP_ELSEWHERE]])),
    deny("an RCP over an identity Allow", Layers(identity=[FULL], rcps=[[], [RCP_HERE]])),
    # NotPrincipal
    unknown(
        "a Deny with NotPrincipal of bob and his account, alice asks",
        Layers(identity=[FULL], resource=all_but_bob("*")),
    ),
    allow(
        "NotPrincipal on another action does not matter",
        Layers(identity=[FULL], resource=all_but_bob("s3:Get*")),
    ),
    # policies that must allow by themselves
    deny("the key policy is silent", to_key(statement(Principal={"AWS": f"{OTHER}"})), **DECRYPT),
    allow(
        "the key policy hands on to the account",
        to_key(statement(Principal=ROOT_OF_HOME)),
        **DECRYPT,
    ),
    deny(
        "the key policy hands on and the account says nothing",
        to_key(statement(Principal=ROOT_OF_HOME), own=()),
        **DECRYPT,
    ),
    allow(
        "the key policy names the user",
        to_key(statement(Principal={"AWS": USER.arn}), own=()),
        **DECRYPT,
    ),
    deny("no key policy at all", Layers(identity=[FULL]), **DECRYPT),
    deny("trust needs MFA, key missing", trust(ROOT_OF_HOME, Condition=MFA), **ASSUME),
    allow(
        "trust needs MFA, key there",
        trust(ROOT_OF_HOME, Condition=MFA),
        context={"aws:MultiFactorAuthPresent": "true"},
        **ASSUME,
    ),
    deny("no trust policy", Layers(identity=[FULL]), **ASSUME),
    allow("trust names the user, no identity policy", trust({"AWS": USER.arn}, own=()), **ASSUME),
    deny("trust names the account, no identity policy", trust(ROOT_OF_HOME, own=()), **ASSUME),
    deny(
        "TagSession is not in the trust",
        trust(ROOT_OF_HOME),
        action="sts:TagSession",
        resource=TARGET,
    ),
]


@pytest.mark.parametrize("case", CASES, ids=[case.says for case in CASES])
def test_aws_answer_is_given(case: Case, reference: ModuleType) -> None:
    request = Request(case.who, case.action, case.resource, case.account, case.context)
    verdict = evaluate(request, case.layers)
    assert verdict.decision is case.aws, verdict
    assert verdict.reason.endswith((".", ")."))
    assert reference.decide(request, case.layers) is case.aws
