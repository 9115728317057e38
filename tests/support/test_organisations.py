"""The generated organisations are ones that could be written by hand."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from breakglass.errors import InvalidInputs
from breakglass.settings import AccountRole, parse
from tests.support.organisations import FEWEST_ACCOUNTS, REGIONS, generate


@settings(max_examples=12)
@given(
    accounts=st.integers(FEWEST_ACCOUNTS, 60),
    regions=st.integers(2, len(REGIONS)),
    repositories=st.integers(1, 30),
)
def test_an_organisation_of_any_size_is_accepted(
    accounts: int, regions: int, repositories: int
) -> None:
    organisation = parse(generate(accounts, regions, repositories))
    assert len(organisation.accounts) == accounts
    assert len(organisation.regions) == regions
    assert len(organisation.github.repositories) == repositories


@pytest.mark.parametrize("accounts", [FEWEST_ACCOUNTS, 5, 6, 60])
def test_each_workload_has_a_scope_to_enter(accounts: int) -> None:
    organisation = parse(generate(accounts, 3, 2))
    entered = {name for scope in organisation.scopes for name in scope.accounts}
    assert entered == {account.name for account in organisation.of(AccountRole.WORKLOAD)}


def test_the_same_size_is_the_same_organisation() -> None:
    assert generate(20, 3, 3) == generate(20, 3, 3)


def test_one_region_alone_is_refused() -> None:
    with pytest.raises(InvalidInputs, match="us-east-1"):
        parse(generate(5, 1, 1))
