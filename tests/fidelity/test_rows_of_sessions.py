"""Rows of the table: how one becomes somebody else, and for how long."""

import pytest

from breakglass.errors import InvalidInput
from breakglass.rehearsal.aws import identities
from tests.fidelity.land import ANYTHING, LOGGING, SHOP, Land, denied, refused, statement
from tests.fidelity.row import row

AREA = "Sessions"
_IAM = "https://docs.aws.amazon.com/IAM/latest/UserGuide/"
_STS = "https://docs.aws.amazon.com/STS/latest/APIReference/"
ASSUME = f"{_STS}API_AssumeRole.html"
COMMON = f"{_STS}CommonErrors.html"
TOKEN = f"{_STS}API_GetSessionToken.html"
ACROSS = f"{_IAM}reference_policies_evaluation-logic-cross-account.html"
PRINCIPAL = f"{_IAM}reference_policies_elements_principal.html"
TAGS = f"{_IAM}id_session-tags.html"
IDENTITY = f"{_IAM}id_credentials_temp_control-access_monitor.html"
MFA = f"{_IAM}id_credentials_mfa_configure-api-require.html"
WEB = f"{_STS}API_AssumeRoleWithWebIdentity.html"
OIDC = f"{_IAM}id_roles_providers_create_oidc.html"

ENTER = statement("Allow", ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"])
ALL = ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"]
ISSUER = "token.actions.githubusercontent.com"


@row(AREA, "a role of another account", "both accounts must allow", ACROSS)
def test_a_role_of_another_account_needs_both_sides(land: Land) -> None:
    opened = land.trusting({"AWS": SHOP})
    with denied():
        land.assume(land.user(SHOP), opened)  # his own account says nothing
    with denied():
        land.assume(land.user(LOGGING, ENTER), opened)  # the role does not name his account
    land.assume(land.user(SHOP, ENTER), opened)


@row(AREA, "a role that does not exist", "AccessDenied", ASSUME)
def test_a_role_that_does_not_exist_is_not_assumed(land: Land) -> None:
    user = land.user(LOGGING, ENTER)
    with denied():
        land.assume(user, f"arn:aws:iam::{LOGGING}:role/nowhere")
    land.assume(user, land.trusting({"AWS": LOGGING}))


@row(
    AREA, "a trust policy that names the account", "delegates to the account's policies", PRINCIPAL
)
def test_a_trust_in_the_account_hands_on_to_its_policies(land: Land) -> None:
    for spelt in (LOGGING, f"arn:aws:iam::{LOGGING}:root"):
        role = land.trusting({"AWS": spelt})
        with denied():
            land.assume(land.user(), role)
        land.assume(land.user(LOGGING, ENTER), role)


@row(AREA, "a trust policy for everybody", "everybody, under its conditions", PRINCIPAL)
def test_a_trust_in_everybody_is_read_and_not_a_crash(land: Land) -> None:
    land.assume(land.user(LOGGING, ENTER), land.trusting("*"))
    with denied():
        land.assume(land.user(), land.trusting({"Service": "lambda.amazonaws.com"}))


@row(AREA, "names that begin alike", "a principal is matched whole", PRINCIPAL)
def test_a_longer_name_is_another_user(land: Land) -> None:
    user = land.user()
    iam = land.hand(LOGGING, "iam", "us-east-1")
    iam.create_user(UserName=f"{user.arn.rsplit('/', 1)[-1]}x")
    role = land.trusting({"AWS": f"{user.arn}x"})
    with denied():
        land.assume(user, role)
    land.assume(land.emulator.user(f"{user.arn}x"), role)


@row(AREA, "a Deny in a trust policy", "denies", PRINCIPAL)
def test_a_deny_in_a_trust_policy_denies(land: Land) -> None:
    user = land.user(LOGGING, ENTER)
    with denied():
        land.assume(user, land.trusting({"AWS": LOGGING}, Effect="Deny"))
    land.assume(user, land.trusting({"AWS": LOGGING}, Effect="Allow"))


@row(AREA, "a trust policy that asks for a second factor", "the key is absent without one", MFA)
def test_a_trust_policy_asks_for_the_factor_of_the_request(land: Land) -> None:
    factor = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
    role = land.trusting({"AWS": LOGGING}, Condition=factor)
    user = land.user(LOGGING, ENTER)
    with denied():
        land.assume(user, role)
    iam = land.hand(LOGGING, "iam", "us-east-1")
    made = iam.create_virtual_mfa_device(VirtualMFADeviceName=land.new("device"))
    serial = made["VirtualMFADevice"]["SerialNumber"]
    iam.enable_mfa_device(
        UserName=user.arn.rsplit("/", 1)[-1],
        SerialNumber=serial,
        AuthenticationCode1="123456",
        AuthenticationCode2="654321",
    )
    land.assume(user, role, mfa=serial)
    with refused("MFA: only a user's own device"):
        land.assume(land.user(LOGGING, ENTER), role, mfa=serial)


@row(AREA, "DurationSeconds over the role's maximum", "the call fails", ASSUME)
def test_a_session_is_no_longer_than_the_role_allows(land: Land) -> None:
    user = land.user(LOGGING, ENTER)
    role = land.trusting({"AWS": LOGGING}, longest=7200)
    with refused("at most the role's MaxSessionDuration"):
        land.assume(user, role, duration=7201)
    land.assume(user, role, duration=7200)


@row(AREA, "a session over twelve hours", "900 to 43200 seconds", ASSUME)
def test_no_session_is_longer_than_twelve_hours(land: Land) -> None:
    user, role = land.user(LOGGING, ENTER), land.trusting({"AWS": LOGGING}, longest=43_200)
    with refused("900 to 43200"):
        land.assume(user, role, duration=43_201)
    land.assume(user, role, duration=43_200)


@row(AREA, "a chained session", "one hour at most, whatever the role allows", ASSUME)
def test_a_chained_session_lasts_an_hour(land: Land) -> None:
    role = land.trusting({"AWS": LOGGING}, longest=43_200)
    first = land.assume(land.user(LOGGING, ENTER), role, duration=43_200)
    with refused("role chaining: one hour"):
        land.assume(first, role, duration=3601)
    land.assume(first, role, duration=3600)


@row(AREA, "credentials that are over", "ExpiredToken", COMMON)
def test_credentials_end_with_their_hour(land: Land) -> None:
    session = land.assume(land.user(LOGGING, ENTER), land.trusting({"AWS": LOGGING}), duration=900)
    sts = land.client(session, "sts")
    sts.get_caller_identity()
    with land.clock.later(seconds=900), refused("sessions end"):
        sts.get_caller_identity()


@row(AREA, "session tags", "need sts:TagSession in the trust policy", TAGS)
def test_tags_need_a_permission_of_their_own(land: Land) -> None:
    user = land.user(LOGGING, ENTER)
    with denied() as seen:
        land.assume(user, land.trusting({"AWS": LOGGING}), tags={"IncidentId": "INC-1"})
    assert "TagSession" in str(seen[0]) or seen[0].verdict.layer == "resource"
    land.assume(user, land.trusting({"AWS": LOGGING}, Action=ALL), tags={"IncidentId": "INC-1"})


@row(AREA, "the tags of a session", "are aws:PrincipalTag of each of its calls", TAGS)
def test_session_tags_are_keys_of_later_requests(land: Land) -> None:
    role = land.trusting({"AWS": LOGGING}, Action=ALL)
    session = land.assume(land.user(LOGGING, ENTER), role, tags={"IncidentId": "INC-1"})
    context = identities.at(session, land.clock.now).context
    assert context["aws:PrincipalTag/IncidentId"] == "INC-1"


@row(AREA, "transitive tags", "go on to the next session and are not overridden", TAGS)
def test_transitive_tags_go_along_the_chain(land: Land) -> None:
    role = land.trusting({"AWS": LOGGING}, Action=ALL)
    tags = {"IncidentId": "INC-1", "Gate": "review"}
    first = land.assume(land.user(LOGGING, ENTER), role, tags=tags, transitive_tags=["IncidentId"])
    assert land.assume(first, role).session_tags == {"IncidentId": "INC-1"}
    with refused("transitive tags: inherited"):
        land.assume(first, role, tags={"incidentid": "INC-2"})


@row(AREA, "more than fifty tags, or too long ones", "the call fails", TAGS)
def test_tags_have_a_number_and_a_length(land: Land) -> None:
    user, role = land.user(LOGGING, ENTER), land.trusting({"AWS": LOGGING}, Action=ALL)
    with refused("session tags: at most 50"):
        land.assume(user, role, tags={f"k{n}": "v" for n in range(51)})
    with refused("session tags: key 1 to 128"):
        land.assume(user, role, tags={"k" * 129: "v"})
    land.assume(user, role, tags={f"k{n}": "v" for n in range(50)})


@row(AREA, "a source identity", "needs sts:SetSourceIdentity on every hop", IDENTITY)
def test_a_source_identity_needs_a_permission(land: Land) -> None:
    user = land.user(LOGGING, ENTER)
    with denied():
        land.assume(user, land.trusting({"AWS": LOGGING}), source_identity="ada")
    land.assume(user, land.trusting({"AWS": LOGGING}, Action=ALL), source_identity="ada")


@row(AREA, "another source identity on the next hop", "cannot be changed once set", IDENTITY)
def test_a_source_identity_is_never_changed(land: Land) -> None:
    role = land.trusting({"AWS": LOGGING}, Action=ALL)
    first = land.assume(land.user(LOGGING, ENTER), role, source_identity="ada")
    with refused("SourceIdentity: fixed"):
        land.assume(first, role, source_identity="bob")
    assert land.assume(first, role).source_identity == "ada"


@row(AREA, "a session policy", "limits its session", f"{_IAM}access_policies.html")
def test_a_session_policy_limits(land: Land) -> None:
    role = land.trusting({"AWS": LOGGING})
    document = {"Version": "2012-10-17", "Statement": [statement("Allow", "s3:*")]}
    narrow = land.assume(land.user(LOGGING, ENTER), role, policy=document)
    land.client(narrow, "s3").list_buckets()
    with denied():
        land.client(narrow, "sqs").list_queues()


@row(AREA, "GetSessionToken from a role's session", "long-term credentials only", TOKEN)
def test_a_role_session_gets_no_session_token(land: Land) -> None:
    user = land.user(LOGGING, ENTER)
    with refused("GetSessionToken: long-term credentials only"):
        session = land.assume(user, land.trusting({"AWS": LOGGING}))
        land.emulator.session_token(session, region="eu-west-1")
    land.emulator.session_token(user, region="eu-west-1")


@row(AREA, "a token of a provider that the account does not have", "InvalidIdentityToken", WEB)
def test_a_token_needs_its_provider_and_audience(land: Land) -> None:
    claims = {"aud": "sts.amazonaws.com", "sub": "repo:o/r:ref:refs/heads/main"}
    provider = f"arn:aws:iam::{LOGGING}:oidc-provider/{ISSUER}"
    role = land.trusting({"Federated": provider}, Action="sts:AssumeRoleWithWebIdentity")

    def enter(**more: str) -> None:
        land.emulator.assume_role_with_web_identity(
            role,
            issuer=ISSUER,
            claims={**claims, **more},
            session_name="run",
            region="eu-west-1",
        )

    with refused("the account has the provider"):
        enter()
    land.hand(LOGGING, "iam", "us-east-1").create_open_id_connect_provider(
        Url=f"https://{ISSUER}", ClientIDList=["sts.amazonaws.com"], ThumbprintList=["a" * 40]
    )
    with refused("the audience is one of the provider's"):
        enter(aud="else")
    enter()


@row(
    AREA,
    "the signature of a token",
    "verified with the provider's keys before any policy",
    OIDC,
    "claims are given and taken as verified",
    follows="That GitHub's keys are the right ones is AWS's matter; what a forged token could say"
    " is tried as claims.",
    gap="The signature of a GitHub token is not verified.",
)
def test_claims_are_taken_as_verified(land: Land) -> None:
    issuer = "tokens.example.com"
    land.hand(SHOP, "iam", "us-east-1").create_open_id_connect_provider(
        Url=f"https://{issuer}", ClientIDList=["sts.amazonaws.com"], ThumbprintList=["a" * 40]
    )
    provider = f"arn:aws:iam::{SHOP}:oidc-provider/{issuer}"
    role = land.trusting({"Federated": provider}, SHOP, Action="sts:AssumeRoleWithWebIdentity")
    entered = land.emulator.assume_role_with_web_identity(
        role,
        issuer=issuer,
        claims={"aud": "sts.amazonaws.com"},
        session_name="run",
        region="eu-west-1",
    )
    assert entered.context[f"{issuer}:aud"] == "sts.amazonaws.com"


@row(
    AREA,
    "passwords and codes",
    "a code is one of the device's, now",
    MFA,
    "any code of the right device is taken",
    follows="Whether a device is a real one, and who holds it, is not rehearsed; that a policy asks"
    " for it, and for how old it may be, is.",
    gap="Nobody signs in: no password, no console, no second factor is checked.",
)
def test_any_code_of_the_own_device_counts(land: Land) -> None:
    user, iam = land.user(LOGGING, ENTER), land.hand(LOGGING, "iam", "us-east-1")
    made = iam.create_virtual_mfa_device(VirtualMFADeviceName=land.new("device"))
    serial = made["VirtualMFADevice"]["SerialNumber"]
    iam.enable_mfa_device(
        UserName=user.arn.rsplit("/", 1)[-1],
        SerialNumber=serial,
        AuthenticationCode1="123456",
        AuthenticationCode2="654321",
    )
    token = land.client(user, "sts").get_session_token(SerialNumber=serial, TokenCode="999999")
    session = land.emulator.holder_of(token["Credentials"]["AccessKeyId"])
    assert session.context["aws:MultiFactorAuthPresent"] == "true"


@row(
    AREA,
    "an Identity Center session",
    "attributes come from the identity provider",
    "https://docs.aws.amazon.com/singlesignon/latest/userguide/attributesforaccesscontrol.html",
    "whoever opens the session says its attributes",
    follows="That the provider sends the right attribute has to be tried in the organisation.",
    gap="The identity provider behind Identity Center is not there.",
)
def test_whoever_opens_a_session_says_its_attributes(land: Land) -> None:
    role = land.role(
        LOGGING,
        "AWSReservedSSO_BreakGlass_0123456789abcdef",
        ANYTHING,
        path="/aws-reserved/sso.amazonaws.com/eu-west-1/",
    )
    session = land.session(role, tags={"person": "ada"})
    context = identities.at(session, land.clock.now).context
    assert context["aws:PrincipalTag/person"] == "ada"


@row(AREA, "keys of a user who does not exist", "the call fails", COMMON)
def test_nobody_calls_as_a_user_who_does_not_exist(land: Land) -> None:
    with pytest.raises(InvalidInput, match="user/nobody"):
        land.emulator.user(f"arn:aws:iam::{LOGGING}:user/nobody")
    assert land.client(land.user(), "sts").get_caller_identity()["Account"] == LOGGING
