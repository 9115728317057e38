"""``breakglass rehearse --html``; the rehearsal itself is the report that a test gives."""

from dataclasses import replace
from pathlib import Path

import pytest
from page_reading import read
from page_reports import REPORT
from typer.testing import CliRunner

from breakglass.cli.app import app
from breakglass.rehearsal import rehearse
from breakglass.rehearsal.report import Report

MINIMAL = Path(__file__).parents[2] / "stacks" / "minimal.yaml"

run = CliRunner(env={"NO_COLOR": "1", "COLUMNS": "100"})


def found(monkeypatch: pytest.MonkeyPatch, report: Report) -> None:
    """Let every rehearsal end in one report."""
    monkeypatch.setattr(rehearse, "rehearse", lambda *_, **__: report)


def test_the_page_is_written_beside_what_the_screen_shows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found(monkeypatch, REPORT)
    file = tmp_path / "report.html"
    result = run.invoke(app, ["rehearse", "--org", str(MINIMAL), "--html", str(file)])
    assert result.exit_code == 0
    assert "All is well" in result.stdout
    page = read(file.read_text(encoding="utf-8"))
    assert page.all("h2")[0].text.startswith("All is well")
    assert "Break-glass topology of minimal" in page.at("topology").text
    assert [one.name for one in tmp_path.iterdir()] == ["report.html"]


def test_the_page_alone_goes_to_standard_output(monkeypatch: pytest.MonkeyPatch) -> None:
    found(monkeypatch, REPORT)
    result = run.invoke(app, ["rehearse", "--org", str(MINIMAL), "--html", "-"])
    assert result.exit_code == 0
    assert read(result.stdout).all("h1")[0].text == "example"


def test_a_page_of_what_falls_short_is_written_and_the_command_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found(monkeypatch, replace(REPORT, attacks=()))
    file = tmp_path / "report.html"
    result = run.invoke(app, ["rehearse", "--org", str(MINIMAL), "--html", str(file)])
    assert result.exit_code == 1
    assert "no attack was tried" in read(file.read_text(encoding="utf-8")).at("verdict").text
