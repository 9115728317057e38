"""What the rehearsal's tests share."""

import sys
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest

sys.path.insert(0, str(Path(__file__).parent))  # where dict_applier is


@pytest.fixture
def project(tmp_path: Path) -> Callable[..., Path]:
    """Write a Pulumi project with the given program; further files by name."""

    def write(program: str, **modules: str) -> Path:
        infra = tmp_path / "infra"
        infra.mkdir(exist_ok=True)
        (tmp_path / "Pulumi.yaml").write_text("name: demo\nruntime: python\nmain: infra\n")
        for name, text in {"__main__": program, **modules}.items():
            (infra / f"{name}.py").write_text(dedent(text))
        return tmp_path

    return write
