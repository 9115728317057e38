"""What the tests of a check share: the folder of the foreign program, and a day."""

import sys
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path

import pytest

from breakglass.checking import CheckReport, report_of
from breakglass.checking.exemptions import Exemption
from tests.support.recorded import recorded

sys.path.insert(0, str(Path(__file__).parent))  # where foreign is

TODAY = date(2026, 11, 22)


@pytest.fixture
def checked(tmp_path: Path) -> Callable[..., CheckReport]:
    """Check a program, given as its text, with further files and other documents."""
    from foreign import written  # noqa: PLC0415 - the path is set above

    def check(
        program: str,
        *exemptions: Exemption,
        stack: str = "dev",
        files: Mapping[str, str] | None = None,
        **documents: object,
    ) -> CheckReport:
        folder = written(tmp_path / "acme", program, files, **documents)
        return report_of(recorded(folder, stack), today=TODAY, exemptions=exemptions)

    return check
