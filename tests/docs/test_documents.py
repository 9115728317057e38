"""The documents say what is there: links lead somewhere, generated pages are current."""

import re
import subprocess
from pathlib import Path

import pulumi
import pytest
from pages import PAGES, PROJECT, Page, page

import breakglass
from breakglass import reference
from breakglass.errors import InvalidInput

COMPONENTS = sorted(
    name
    for name in breakglass.__all__
    if isinstance(kind := getattr(breakglass, name), type)
    and issubclass(kind, pulumi.ComponentResource)
)
DECISIONS = [one for one in PAGES if one.file.parent.name == "decisions"]


@pytest.mark.parametrize("one", PAGES, ids=str)
def test_every_link_leads_to_a_file_and_a_heading(one: Page) -> None:
    for link in one.links():
        path, _, fragment = link.partition("#")
        target = (one.file.parent / path).resolve() if path else one.file
        assert target.exists(), f"{one} links to {link}"
        if fragment:
            assert fragment in Page(target).anchors, f"{one} links to {link}"


def test_every_page_is_reached_from_the_readme() -> None:
    waiting, reached = [PROJECT / "README.md"], set()
    while waiting:
        file = waiting.pop()
        reached.add(file)
        targets = ((file.parent / link.partition("#")[0]).resolve() for link in Page(file).links())
        waiting += [one for one in targets if one.suffix == ".md" and one not in reached]
    assert {one.file for one in PAGES} <= reached


def kebab(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "-", name).lower().replace("git-hub", "github")


@pytest.mark.parametrize("name", COMPONENTS)
def test_every_component_has_a_how_to_with_an_example_and_its_traps(name: str) -> None:
    guide = page(f"docs/how-to/{kebab(name)}.md")
    assert guide.headings[0].startswith(f"{name}: ")
    assert {"Example", "What must hold before", "Traps"} <= set(guide.headings)
    assert any(mark.startswith("path=") for block in guide.blocks for mark in block.marks)


@pytest.mark.parametrize("one", DECISIONS, ids=str)
def test_every_decision_has_its_four_parts(one: Page) -> None:
    title, *parts = one.headings
    assert parts == ["Status", "Context", "Decision", "Consequences"]
    assert title.startswith(f"{int(one.file.name[:4])}. ")


def test_decisions_are_numbered_without_a_gap() -> None:
    numbers = [int(one.file.name[:4]) for one in DECISIONS]
    assert numbers == list(range(1, len(numbers) + 1))


@pytest.mark.parametrize("path", reference.PAGES)
def test_what_is_generated_is_current(path: str) -> None:
    written = (PROJECT / path).read_text(encoding="utf-8")
    assert written == reference.PAGES[path](PROJECT), "run `make docs`"


@pytest.mark.parametrize("one", PAGES, ids=str)
def test_a_code_block_that_names_a_file_holds_it(one: Page) -> None:
    assert one.text == reference.with_files(one.text, PROJECT), "run `make docs`"


def test_a_code_block_is_filled_from_its_file(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("x = 1\n")
    filled = reference.with_files("```python path=a.py\nold\n```\n", tmp_path)
    assert filled == "```python path=a.py\nx = 1\n```\n"
    assert reference.with_files(filled, tmp_path) == filled


def test_a_code_block_of_no_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"b\.py"):
        reference.with_files("```python path=b.py\n```\n", tmp_path)


def test_the_commands_that_are_named_exist() -> None:
    phony = re.search(r"^\.PHONY: (.+)$", (PROJECT / "Makefile").read_text(), re.MULTILINE)
    assert phony
    targets = set(phony[1].split())
    for one in PAGES:
        code = "\n".join([*re.findall("`[^`]+`", one.prose), *(b.text for b in one.blocks)])
        named = set(re.findall("^`?make ([a-z]+)", code, re.MULTILINE))
        assert named <= targets, one


@pytest.mark.parametrize("one", [p for p in PAGES if any(b.language == "sh" for b in p.blocks)])
def test_shell_in_pages_is_shell(one: Page) -> None:
    for block in one.blocks:
        if block.language == "sh" and "<" not in block.text.replace("< <(", ""):
            done = subprocess.run(
                ["bash", "-n"],  # noqa: S607 - the one on the PATH
                input=block.text,
                capture_output=True,
                text=True,
                check=False,
            )
            assert done.returncode == 0, f"{one}: {done.stderr}"


@pytest.mark.parametrize(
    "one", [p for p in PAGES if any("run" in b.marks for b in p.blocks)], ids=str
)
def test_code_that_is_marked_to_run_runs(
    one: Page, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(PROJECT)
    for block in one.blocks:
        if "run" in block.marks:
            exec(compile(block.text, str(one), "exec"), {})  # noqa: S102 - the page's own code
    assert capsys.readouterr().out
