"""Names are pure, one prefix and one path mark them, and AWS takes each of them."""

import re
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from breakglass import names
from breakglass.errors import InvalidInput

ACCOUNT, REGION = "222222222222", "eu-west-1"
ANY_TEXT = st.text(max_size=300)
SLUGS = st.text("abcz0189-", min_size=1, max_size=27).map(lambda text: f"a{text}")
ACCOUNTS = st.integers(0, 10**12 - 1).map(lambda number: f"{number:012}")

# what AWS takes: alphabet and length, from the references that breakglass.names lists
TAKEN: dict[str, tuple[Callable[[str], str], str]] = {
    "role": (names.role, r"[A-Za-z0-9_+=,.@-]{1,64}"),
    "policy": (names.policy, r"[A-Za-z0-9_+=,.@-]{1,128}"),
    "trail": (names.trail, r"[A-Za-z0-9][A-Za-z0-9._-]{1,126}[A-Za-z0-9]"),
    "queue": (names.queue, r"[A-Za-z0-9_-]{1,80}"),
    "topic": (names.topic, r"[A-Za-z0-9_-]{1,256}"),
    "pipe": (names.pipe, r"[.A-Za-z0-9_-]{1,64}"),
    "alarm": (names.alarm, r"[ -~]{1,255}"),
    "bucket": (
        lambda noun: names.bucket(noun, "acme", ACCOUNT),
        r"[a-z0-9][a-z0-9-]{1,61}[a-z0-9]",
    ),
    "organization policy": (names.organization_policy, r"(?s).{1,128}"),
}


@pytest.mark.parametrize(("give", "aws"), TAKEN.values(), ids=TAKEN)
@given(noun=ANY_TEXT)
def test_a_name_is_one_that_aws_takes_or_refused(
    give: Callable[[str], str], aws: str, noun: str
) -> None:
    try:
        name = give(noun)
    except InvalidInput as refusal:
        assert not re.fullmatch(aws, str(refusal.seen))  # noqa: PT017 - which of both is the point
    else:
        assert re.fullmatch(aws, name)
        assert name.startswith("break-glass-")


@pytest.mark.parametrize(
    ("give", "longest"),
    [
        (names.role, 64),
        (names.policy, 128),
        (names.trail, 128),
        (names.queue, 80),
        (names.topic, 256),
        (names.pipe, 64),
        (names.alarm, 255),
        (names.organization_policy, 128),
        (lambda noun: names.bucket(noun, "acme", ACCOUNT), 63),
    ],
)
def test_a_name_at_the_limit_is_taken_and_one_over_is_refused(
    give: Callable[[str], str], longest: int
) -> None:
    fits = "x" * (longest - len(give("x")) + 1)
    assert len(give(fits)) == longest
    with pytest.raises(InvalidInput, match=f"at most {longest} characters"):
        give(f"{fits}x")


@pytest.mark.parametrize("wrong", ["ö", "a b", "a/b", "a\n", "a:b", "a*"])
def test_letters_that_aws_does_not_take_are_refused(wrong: str) -> None:
    for give in (names.role, names.policy, names.trail, names.queue, names.topic, names.pipe):
        with pytest.raises(InvalidInput):
            give(wrong)


@pytest.mark.parametrize("wrong", ["Vault", "va_ult", "va.ult"])
def test_a_bucket_takes_lower_case_letters_digits_and_hyphens_only(wrong: str) -> None:
    with pytest.raises(InvalidInput, match="bucket name"):
        names.bucket(wrong, "acme", ACCOUNT)
    assert names.bucket("vault", "acme", ACCOUNT) == "break-glass-vault-acme-222222222222"


@given(slug=SLUGS, organisation=SLUGS, account=ACCOUNTS)
def test_whatever_an_organisation_file_may_say_has_a_name(
    slug: str, organisation: str, account: str
) -> None:
    names.entry_role_arn(account, slug)
    names.break_glass_role_arn(account, slug)
    names.boundary_arn(account, slug)
    for noun in ("vault", "witness", "athena-results"):
        names.bucket_arn(noun, organisation[:20].rstrip("-"), account)


@given(one=st.tuples(ACCOUNTS, SLUGS), other=st.tuples(ACCOUNTS, SLUGS))
def test_no_two_scopes_or_entries_share_an_arn(
    one: tuple[str, str], other: tuple[str, str]
) -> None:
    for give in (names.entry_role_arn, names.break_glass_role_arn, names.boundary_arn):
        assert (give(*one) == give(*other)) == (one == other)
    assert names.entry_role_arn(*one) != names.break_glass_role_arn(*other)
    assert names.deployer_arn(one[0]) not in (
        names.entry_role_arn(*other),
        names.break_glass_role_arn(*other),
    )


def test_every_principal_of_the_kit_is_under_its_path() -> None:
    arns = (
        names.entry_role_arn(ACCOUNT, "sso"),
        names.break_glass_role_arn(ACCOUNT, "deploy"),
        names.boundary_arn(ACCOUNT, "deploy"),
        names.deployer_arn(ACCOUNT),
        names.forwarder_arn(ACCOUNT),
    )
    pattern = rf"arn:aws:iam::{ACCOUNT}:(role|policy)/breakglass/break-glass-[a-z-]+"
    assert all(re.fullmatch(pattern, arn) for arn in arns)


@pytest.mark.parametrize(
    ("given_", "wanted"),
    [
        (
            names.trail_arn("org", REGION, ACCOUNT),
            "cloudtrail:eu-west-1:2:trail/{}org",
        ),
        (names.rule_arn(REGION, ACCOUNT, "break-glass-a"), "events:eu-west-1:2:rule/{}a"),
        (
            names.hub_rule_arn(REGION, ACCOUNT, "break-glass-a"),
            "events:eu-west-1:2:rule/{}hub/{}a",
        ),
        (names.bus_arn(REGION, ACCOUNT), "events:eu-west-1:2:event-bus/{}hub"),
        (names.queue_arn(REGION, ACCOUNT, "page"), "sqs:eu-west-1:2:{}page"),
        (names.topic_arn(REGION, ACCOUNT, "page"), "sns:eu-west-1:2:{}page"),
        (names.bucket_arn("vault", "acme", ACCOUNT), "s3:::{}vault-acme-2"),
        (
            names.oidc_provider_arn(ACCOUNT),
            "iam::2:oidc-provider/token.actions.githubusercontent.com",
        ),
    ],
)
def test_an_arn_has_the_form_that_aws_gives_it(given_: str, wanted: str) -> None:
    expected = wanted.replace("{}", "break-glass-").replace("2", "222222222222")
    assert given_ == f"arn:aws:{expected}"


@pytest.mark.parametrize(
    ("region", "path"),
    [
        ("us-east-1", "aws-reserved/sso.amazonaws.com/"),
        ("eu-west-1", "aws-reserved/sso.amazonaws.com/eu-west-1/"),
    ],
)
def test_identity_centers_role_has_its_region_in_the_path_but_for_us_east_1(
    region: str, path: str
) -> None:
    pattern = names.identity_center_role_pattern(ACCOUNT, region, "Emergency")
    assert pattern == f"arn:aws:iam::{ACCOUNT}:role/{path}AWSReservedSSO_Emergency_*"
