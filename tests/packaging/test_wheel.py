"""The wheel holds the package with all its data, and nothing else."""

import email
import tomllib
import zipfile
from pathlib import Path
from typing import Any

import pytest

PROJECT = Path(__file__).parents[2]
PACKAGE = PROJECT / "components" / "breakglass"
EXECUTABLE = 0o111


@pytest.fixture(scope="module")
def project() -> dict[str, Any]:
    text = (PROJECT / "pyproject.toml").read_text(encoding="utf-8")
    described: dict[str, Any] = tomllib.loads(text)["project"]
    return described


@pytest.fixture(scope="module")
def held(wheel: Path) -> dict[str, zipfile.ZipInfo]:
    with zipfile.ZipFile(wheel) as archive:
        return {info.filename: info for info in archive.infolist()}


def test_every_file_of_the_package_is_in_the_wheel_data_included(
    held: dict[str, zipfile.ZipInfo],
) -> None:
    files = {
        str(file.relative_to(PACKAGE.parent))
        for file in PACKAGE.rglob("*")
        if file.is_file() and "__pycache__" not in file.parts
    }
    assert files - held.keys() == set()
    assert {name for name in held if ".dist-info/" not in name} == files


@pytest.mark.parametrize(
    "name",
    [
        "py.typed",
        "actions/catalogue.txt",
        "tamper/calls/cloudtrail.toml",
        "rehearsal/guard/operations.toml",
        "rehearsal/guard/unscoped.toml",
    ],
)
def test_data_that_the_package_reads_is_there(held: dict[str, zipfile.ZipInfo], name: str) -> None:
    assert held[f"breakglass/{name}"].file_size == (PACKAGE / name).stat().st_size


@pytest.mark.parametrize("package", ["aws", "github"])
def test_the_plugins_can_be_executed(held: dict[str, zipfile.ZipInfo], package: str) -> None:
    plugin = held[f"breakglass/rehearsal/engine/plugins/{package}/pulumi-resource-{package}"]
    assert (plugin.external_attr >> 16) & EXECUTABLE == EXECUTABLE
    assert (held["breakglass/__init__.py"].external_attr >> 16) & EXECUTABLE == 0


def test_the_wheel_says_what_the_project_says(wheel: Path, project: dict[str, Any]) -> None:
    with zipfile.ZipFile(wheel) as archive:
        folder = f"breakglass-{project['version']}.dist-info"
        metadata = email.message_from_bytes(archive.read(f"{folder}/METADATA"))
        entry_points = archive.read(f"{folder}/entry_points.txt").decode()
    assert (metadata["Name"], metadata["Version"]) == (project["name"], project["version"])
    assert metadata["License-Expression"] == "Apache-2.0"
    assert metadata["Requires-Python"] == project["requires-python"]
    assert f"breakglass = {project['scripts']['breakglass']}" in entry_points


def test_only_pulumi_and_readers_of_settings_are_needed_to_use_a_component(
    wheel: Path, project: dict[str, Any]
) -> None:
    with zipfile.ZipFile(wheel) as archive:
        folder = f"breakglass-{project['version']}.dist-info"
        metadata = email.message_from_bytes(archive.read(f"{folder}/METADATA"))
    needed = metadata.get_all("Requires-Dist", [])
    always = {one.split("<")[0].split(">")[0] for one in needed if "extra ==" not in one}
    assert always == {"pulumi", "pulumi-aws", "pulumi-github", "pydantic", "pyyaml"}
