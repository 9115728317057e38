"""Entering a role: every permission that AssumeRole needs, on both sides, on each hop."""

import json

import pytest
from emulated_town import HOME, LOGGING, SHOP, Town, Untyped, policy, refused, statement

from breakglass.rehearsal.aws.callers import Caller

TAGS = {"IncidentId": "INC-1234"}


def _trust(arn: str | list[str], *actions: str, **condition: object) -> str:
    return json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": {"AWS": arn},
                    "Action": list(actions),
                    **({"Condition": condition} if condition else {}),
                }
            ],
        }
    )


@pytest.fixture
def entrant(town: Town) -> Caller:
    """A session that may ask STS for anything."""
    return town.session(town.role(SHOP, "entrant", statement("Allow", "sts:*")))


def _enter(town: Town, who: Caller, role: str, **more: Untyped) -> Caller:
    return town.emulator.assume_role(who, role, session_name="hop", region=HOME, **more)


def test_tags_need_a_permission_of_their_own_in_the_trust_policy(
    town: Town, entrant: Caller
) -> None:
    arn = entrant.principal.arn
    without = town.role(LOGGING, "without", trust=_trust(arn, "sts:AssumeRole"))
    with_tags = town.role(LOGGING, "with", trust=_trust(arn, "sts:AssumeRole", "sts:TagSession"))
    assert _enter(town, entrant, without)
    assert refused(lambda: _enter(town, entrant, without, tags=TAGS)).verdict.layer == "resource"
    assert _enter(town, entrant, with_tags, tags=TAGS).session_tags == TAGS


def test_a_trust_policy_reads_the_tags_of_the_request(town: Town, entrant: Caller) -> None:
    wanted = {"aws:RequestTag/IncidentId": "INC-????*"}
    only = {"aws:TagKeys": ["IncidentId"], "sts:TransitiveTagKeys": ["IncidentId"]}
    role = town.role(
        LOGGING,
        "tagged",
        trust=_trust(
            entrant.principal.arn,
            "sts:AssumeRole",
            "sts:TagSession",
            StringLike=wanted,
            **{"ForAllValues:StringEquals": only},
        ),
    )
    assert _enter(town, entrant, role, tags=TAGS, transitive_tags=["IncidentId"])
    refused(lambda: _enter(town, entrant, role))
    refused(lambda: _enter(town, entrant, role, tags={"IncidentId": ""}))
    refused(lambda: _enter(town, entrant, role, tags={**TAGS, "team": "admin"}))


def test_a_source_identity_needs_a_permission_of_its_own_on_every_hop(
    town: Town, entrant: Caller
) -> None:
    arn = entrant.principal.arn
    closed = town.role(LOGGING, "closed", trust=_trust(arn, "sts:AssumeRole"))
    refused(lambda: _enter(town, entrant, closed, source_identity="ada"))

    both = ("sts:AssumeRole", "sts:SetSourceIdentity")
    first = town.role(LOGGING, "first", statement("Allow", "sts:*"), trust=_trust(arn, *both))
    ada = _enter(town, entrant, first, source_identity="ada")
    forgetful = town.role(LOGGING, "forgetful", trust=_trust(first, "sts:AssumeRole"))
    mindful = town.role(LOGGING, "mindful", trust=_trust(first, *both))
    denied = refused(lambda: _enter(town, ada, forgetful))
    assert denied.verdict.layer == "resource"
    assert _enter(town, ada, mindful).source_identity == "ada"


def test_a_user_enters_as_himself_with_a_second_factor(town: Town) -> None:
    iam = town.hand(LOGGING, "iam")
    for name in ("ada", "grace"):
        iam.create_user(UserName=name)
        iam.put_user_policy(
            UserName=name,
            PolicyName="enter",
            PolicyDocument=policy(statement("Allow", ["sts:AssumeRole", "sts:SetSourceIdentity"])),
        )
    device = iam.create_virtual_mfa_device(VirtualMFADeviceName="ada")["VirtualMFADevice"]
    mfa = device["SerialNumber"]
    iam.enable_mfa_device(
        UserName="ada", SerialNumber=mfa, AuthenticationCode1="000000", AuthenticationCode2="000001"
    )
    users = [f"arn:aws:iam::{LOGGING}:user/{name}" for name in ("ada", "grace")]
    role = town.role(
        LOGGING,
        "entry",
        trust=_trust(
            users,
            "sts:AssumeRole",
            "sts:SetSourceIdentity",
            Bool={"aws:MultiFactorAuthPresent": "true"},
            StringEquals={"sts:SourceIdentity": "${aws:username}"},
        ),
    )
    ada = town.emulator.user(users[0])
    assert _enter(town, ada, role, source_identity="ada", mfa=mfa)
    refused(lambda: _enter(town, ada, role, source_identity="ada"))
    refused(lambda: _enter(town, ada, role, source_identity="grace", mfa=mfa))


def test_a_role_opens_only_in_the_regions_that_its_trust_names(town: Town, entrant: Caller) -> None:
    role = town.role(
        LOGGING,
        "watched",
        trust=_trust(
            entrant.principal.arn,
            "sts:AssumeRole",
            StringEquals={"aws:RequestedRegion": [HOME]},
        ),
    )
    enter = town.emulator.assume_role
    assert enter(entrant, role, session_name="hop", region=HOME)
    refused(lambda: enter(entrant, role, session_name="hop", region="eu-central-1"))


def test_a_role_of_the_same_name_under_another_path_is_not_the_deployer(town: Town) -> None:
    real = town.role(LOGGING, "deployer", path="/breakglass/")
    false = town.role(SHOP, "deployer", statement("Allow", "*"))
    bucket = town.bucket(
        LOGGING,
        "records",
        statement(
            "Deny",
            "s3:PutBucketPolicy",
            "arn:aws:s3:::records",
            Principal="*",
            Condition={"ArnNotEquals": {"aws:PrincipalArn": real}},
        ),
    )
    assert bucket.endswith("records")
    iam = town.hand(LOGGING, "iam")
    iam.put_role_policy(
        RoleName="deployer", PolicyName="inline", PolicyDocument=policy(statement("Allow", "s3:*"))
    )
    assert town.decide(town.session(real), "s3", "PutBucketPolicy", Bucket="records").allowed
    assert not town.decide(town.session(false), "s3", "PutBucketPolicy", Bucket="records").allowed


def test_a_web_identity_enters_by_the_trust_policy_alone(town: Town) -> None:
    issuer = "token.actions.githubusercontent.com"
    town.hand(LOGGING, "iam").create_open_id_connect_provider(
        Url=f"https://{issuer}", ClientIDList=["sts.amazonaws.com"]
    )
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Federated": f"arn:aws:iam::{LOGGING}:oidc-provider/{issuer}"},
                "Action": "sts:AssumeRoleWithWebIdentity",
                "Condition": {"StringEquals": {f"{issuer}:sub": "repo:o/r:environment:glass"}},
            }
        ],
    }
    role = town.role(LOGGING, "workflow", trust=json.dumps(trust))

    def enter(subject: str) -> Caller:
        return town.emulator.assume_role_with_web_identity(
            role,
            issuer=issuer,
            claims={"sub": subject, "aud": "sts.amazonaws.com"},
            session_name="run",
            region=HOME,
        )

    assert enter("repo:o/r:environment:glass")
    refused(lambda: enter("repo:o/fork:environment:glass"))
