"""Sizes are counted as AWS counts them, and what AWS would refuse is refused before."""

from datetime import date

import pytest

from breakglass.errors import InvalidInput, QuotaExceeded
from breakglass.quotas import QUOTAS, Quota


def test_every_quota_has_a_value_a_source_and_a_date() -> None:
    assert set(QUOTAS.limits) == set(Quota)
    for limit in QUOTAS.limits.values():
        assert limit.value >= 1
        assert limit.source
        assert limit.seen >= date(2026, 11, 1)
        assert limit.maximum is None or limit.maximum >= limit.value


@pytest.mark.parametrize(
    ("quota", "value"),
    [
        (Quota.EVENT_PATTERN, 2_048),
        (Quota.RULES_PER_BUS, 300),
        (Quota.WILDCARD_RULES_PER_BUS, 30),
        (Quota.TARGETS_PER_RULE, 5),
        (Quota.BUS_POLICY, 10_240),
        (Quota.SCP, 10_240),
        (Quota.SCPS_PER_TARGET, 10),
        (Quota.RCP, 5_120),
        (Quota.RCPS_PER_TARGET, 5),
        (Quota.MANAGED_POLICY, 6_144),
        (Quota.ROLE_INLINE_POLICIES, 10_240),
        (Quota.TRUST_POLICY, 2_048),
        (Quota.ROLE_NAME, 64),
    ],
)
def test_the_quotas_that_the_design_rests_on_are_what_aws_gives_by_default(
    quota: Quota, value: int
) -> None:
    assert QUOTAS.limit(quota) == value


def test_white_space_between_parts_counts_only_where_aws_counts_it() -> None:
    spaced = '{ "a" : [ "b c" ] }'
    assert QUOTAS.size(Quota.MANAGED_POLICY, spaced) == len('{"a":["b c"]}')
    assert QUOTAS.size(Quota.EVENT_PATTERN, spaced) == len(spaced)
    assert QUOTAS.size(Quota.EVENT_PATTERN, {"a": ["b c"]}) == len('{"a":["b c"]}')


def test_bytes_are_counted_where_the_quota_is_in_bytes() -> None:
    assert QUOTAS.size(Quota.BUCKET_POLICY, {"a": "ü"}) == 10
    assert QUOTAS.size(Quota.MANAGED_POLICY, {"a": "ü"}) == 9


def test_a_document_at_the_limit_is_taken_and_one_over_is_refused_by_name() -> None:
    fits = "x" * 2_048
    assert QUOTAS.check_size(Quota.EVENT_PATTERN, "pattern of r", fits) == 2_048
    with pytest.raises(QuotaExceeded) as refusal:
        QUOTAS.check_size(Quota.EVENT_PATTERN, "pattern of r", fits + "x")
    assert (refusal.value.what, refusal.value.size, refusal.value.limit) == (
        "pattern of r",
        2_049,
        2_048,
    )


def test_a_count_at_the_limit_is_taken_and_one_over_is_refused() -> None:
    QUOTAS.check_count(Quota.TARGETS_PER_RULE, "targets of r", 5)
    with pytest.raises(QuotaExceeded, match="targets of r: 6 is over the quota of 5"):
        QUOTAS.check_count(Quota.TARGETS_PER_RULE, "targets of r", 6)


def test_an_account_with_a_raised_quota_overrides_it_and_the_table_stays_as_it_was() -> None:
    raised = QUOTAS.override({"event_pattern": 4_096})
    assert raised.limit(Quota.EVENT_PATTERN) == 4_096
    assert QUOTAS.limit(Quota.EVENT_PATTERN) == 2_048


@pytest.mark.parametrize(
    ("values", "accepted"),
    [
        ({"event_pattern": 4_097}, "1 to 4096"),
        ({"scp": 0}, "at least 1"),
        ({"patterns": 1}, "one of event_pattern"),
    ],
)
def test_an_override_that_aws_would_not_grant_is_refused(
    values: dict[str, int], accepted: str
) -> None:
    with pytest.raises(InvalidInput, match=accepted):
        QUOTAS.override(values)
