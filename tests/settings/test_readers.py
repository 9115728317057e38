"""Only a role of the keeper side reads the record."""

from pathlib import Path

import pytest

from breakglass.errors import InvalidInputs
from breakglass.settings import load, parse

EXAMPLE = load(Path(__file__).parents[2] / "stacks" / "example.yaml").model_dump(mode="json")


def test_a_role_in_the_logging_account_may_be_a_reader() -> None:
    role = "arn:aws:iam::222222222222:role/auditor"
    assert parse({**EXAMPLE, "readers": [role]}).readers == (role,)


def test_a_role_in_a_workload_is_no_reader() -> None:
    with pytest.raises(InvalidInputs, match="readers: 'arn:aws:iam::555555555555:role/curious'"):
        parse({**EXAMPLE, "readers": ["arn:aws:iam::555555555555:role/curious"]})


def test_a_reader_is_listed_once() -> None:
    role = "arn:aws:iam::222222222222:role/auditor"
    with pytest.raises(InvalidInputs, match="each value once"):
        parse({**EXAMPLE, "readers": [role, role]})
