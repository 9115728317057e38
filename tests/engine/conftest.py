"""Pulumi's own engine on a project, with the rehearsal's plugins in place of the real ones."""

import json
import os
import shutil
import site
import subprocess
import sys
import venv
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from breakglass.rehearsal.engine import plugins
from breakglass.rehearsal.engine.registration import Applier

REPOSITORY = Path(__file__).parents[2]
sys.path.insert(0, str(REPOSITORY / "tests" / "rehearsal"))  # where dict_applier is

NEEDED = ("pulumi", "pulumi-language-python", "pulumi-language-python-exec")
SECONDS = 300


class Stack:
    """One stack of a project under the engine; every command returns its JSON or its text."""

    def __init__(self, project: Path, name: str, environment: Mapping[str, str]) -> None:
        self.project, self.name, self._environment = project, name, dict(environment)
        self.pulumi("stack", "init", name)

    def pulumi(self, *arguments: str) -> str:
        """Run ``pulumi`` and return what it wrote; a failure shows all of it."""
        done = self.attempt(*arguments)
        assert done.returncode == 0, f"pulumi {' '.join(arguments)}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def attempt(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run ``pulumi``, whatever comes of it."""
        return subprocess.run(  # noqa: S603 - the arguments are the tests' own
            ["pulumi", *arguments, "--non-interactive"],  # noqa: S607 - the one on the PATH
            cwd=self.project,
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )

    def preview(self) -> dict[str, int]:
        """Preview; return how many resources each operation would touch."""
        return dict(json.loads(self.pulumi("preview", "--json"))["changeSummary"])

    def up(self) -> dict[str, int]:
        """Bring the stack up; return how many resources each operation touched."""
        self.pulumi("up", "--yes", "--skip-preview")
        return self.last_changes()

    def refresh(self) -> dict[str, int]:
        """Refresh the state; return how many resources each operation touched."""
        self.pulumi("refresh", "--yes", "--skip-preview")
        return self.last_changes()

    def destroy(self) -> dict[str, int]:
        """Destroy everything; return how many resources each operation touched."""
        self.pulumi("destroy", "--yes", "--skip-preview")
        return self.last_changes()

    def last_changes(self) -> dict[str, int]:
        """Return how many resources each operation of the last update touched."""
        history = json.loads(self.pulumi("stack", "history", "--json", "--page-size", "1"))
        return dict(history[0]["resourceChanges"])

    def exports(self) -> dict[str, Any]:
        """Return the stack's outputs, secrets in the clear."""
        return dict(json.loads(self.pulumi("stack", "output", "--json", "--show-secrets")))

    def urns(self) -> set[str]:
        """Return the URN of every resource in the state."""
        state = json.loads(self.pulumi("stack", "export"))
        return {resource["urn"] for resource in state["deployment"].get("resources", [])}


@pytest.fixture(scope="session")
def engine_environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment of ``pulumi``, with a virtual environment that the engine may upgrade."""
    missing = [program for program in NEEDED if shutil.which(program) is None]
    if missing:
        pytest.skip(f"not on the PATH: {', '.join(missing)}")
    home = tmp_path_factory.mktemp("engine")
    venv.create(home / "venv", symlinks=True)
    packages = next((home / "venv").glob("lib/python*/site-packages"))
    roots = [*site.getsitepackages(), str(REPOSITORY / "components")]
    (packages / "running.pth").write_text("\n".join(roots))
    kept = {"PATH", "LANG", "TMPDIR"}
    environment = {key: value for key, value in os.environ.items() if key in kept}
    return {
        **environment,
        "HOME": str(home),
        "PATH": f"{home}/venv/bin:{environment['PATH']}",
        "VIRTUAL_ENV": str(home / "venv"),
        "PULUMI_HOME": str(home / "pulumi"),
        "PULUMI_CONFIG_PASSPHRASE": "rehearsal",
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
        "PYTHONDONTWRITEBYTECODE": "1",
    }


@pytest.fixture
def engine(
    engine_environment: dict[str, str], tmp_path: Path
) -> Iterator[Callable[[Path, str, Applier], Stack]]:
    """Put a copy of a project under the engine, its resources applied by the given applier."""
    daemons = []

    def start(project: Path, name: str, applier: Applier) -> Stack:
        daemon = plugins.serve(applier)
        address = daemon.__enter__()
        daemons.append(daemon)
        copy = tmp_path / "engine" / name
        _copy_with_plugins(project, copy, Path(engine_environment["VIRTUAL_ENV"]))
        (tmp_path / "state").mkdir(exist_ok=True)
        backend = {"PULUMI_BACKEND_URL": f"file://{tmp_path}/state"}
        return Stack(copy, name, {**engine_environment, **backend, **address.environment})

    yield start
    for daemon in daemons:
        daemon.__exit__(None, None, None)


def _copy_with_plugins(project: Path, copy: Path, virtualenv: Path) -> None:
    ignored = shutil.ignore_patterns(".git", ".venv", "__pycache__", "node_modules", ".*_cache")
    shutil.copytree(project, copy, ignore=ignored)
    settings = yaml.safe_load((copy / "Pulumi.yaml").read_text())
    options = {"toolchain": "pip", "virtualenv": str(virtualenv)}
    settings["runtime"] = {"name": "python", "options": options}
    settings["plugins"] = {
        "providers": [
            {"name": package, "path": str(folder)} for package, folder in plugins.LAUNCHERS.items()
        ]
    }
    (copy / "Pulumi.yaml").write_text(yaml.safe_dump(settings))
