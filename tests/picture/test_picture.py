"""The picture shows what the settings say, and nothing in it stands on anything else."""

import xml.etree.ElementTree as ET
from collections.abc import Callable
from itertools import combinations
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from breakglass.picture import draw, not_provided, sheet_of
from breakglass.picture.shapes import NOTE, Flow, Rect, fit, listed, width
from breakglass.settings import Organisation, load, parse

ROOT = Path(__file__).parents[2]
EXAMPLE = (ROOT / "stacks" / "example.yaml").read_text(encoding="utf-8")
MINIMAL = (ROOT / "stacks" / "minimal.yaml").read_text(encoding="utf-8")


def words_of(organisation: Organisation) -> str:
    return " ".join(words.text for words in sheet_of(organisation)[0].words)


def faults_of(organisation: Organisation) -> list[str]:
    """Everything that stands on something else."""
    sheet, (wide, high) = sheet_of(organisation)
    page = Rect(0, 0, wide, high)
    faults = [f"{one.text!r} leaves the page" for one in sheet.words if not page.holds(one.rect)]
    for one, other in combinations(sheet.words, 2):
        if one.rect.meets(other.rect):
            faults.append(f"{one.text!r} stands on {other.text!r}")
    for one, other in combinations(sheet.chips, 2):
        if one.rect.meets(other.rect):
            faults.append(f"chip {one.rect} stands on {other.rect}")
    for line in sheet.lines:
        for piece in line.pieces:
            faults += [
                f"a {line.flow} line goes through {words.text!r}"
                for words in sheet.words
                if _thick(piece).meets(words.rect)
            ]
            faults += [
                f"a {line.flow} line goes through a chip at {chip.rect}"
                for chip in sheet.chips
                if _thick(piece).meets(_within(chip.rect))
            ]
    return faults


def crossings_of(organisation: Organisation) -> int:
    """How often lines of two kinds meet."""
    lines = sheet_of(organisation)[0].lines
    return sum(
        _thick(piece).meets(_thick(other_piece))
        for line, other in combinations(lines, 2)
        if line.flow is not other.flow
        for piece in line.pieces
        for other_piece in other.pieces
    )


def _thick(piece: Rect) -> Rect:
    return Rect(piece.x - 1, piece.y - 1, piece.width + 2, piece.height + 2)


def _within(place: Rect) -> Rect:
    return Rect(place.x + 2, place.y + 2, place.width - 4, place.height - 4)


def changed(text: str, **changes: object) -> Organisation:
    return parse({**yaml.safe_load(text), **changes})


# --- what is shown -----------------------------------------------------------------------------


def test_every_account_entry_and_scope_of_the_example_is_named(example: Organisation) -> None:
    shown = words_of(example)
    named = [*example.accounts, *example.entries, *example.scopes]
    assert [one.name for one in named if one.name not in shown] == []


def test_the_way_from_hub_to_pager_is_shown_step_by_step(example: Organisation) -> None:
    shown = words_of(example)
    for step in ("rules, 3 regions", "hub", "queue", "pipe", "topic", "pager", "tickets"):
        assert step in shown


def test_a_line_of_each_kind_reaches_the_keepers(example: Organisation) -> None:
    sheet, _ = sheet_of(example)
    assert {line.flow for line in sheet.lines if line.arrow} == set(Flow)


def test_a_secret_endpoint_is_not_printed() -> None:
    secret = [{"protocol": "https", "secret": "pager-key"}]
    assert "pager-key" not in words_of(changed(EXAMPLE, pager=secret))


def test_the_query_of_a_pager_address_is_not_printed() -> None:
    pager = [{"protocol": "https", "endpoint": "https://events.example.com/in?token=s3cr3t"}]
    shown = words_of(changed(EXAMPLE, pager=pager))
    assert "events.example.com/in" in shown
    assert "s3cr3t" not in shown


def test_the_minimal_organisation_is_told_what_it_lacks(minimal: Organisation) -> None:
    assert len(not_provided(minimal)) == 4
    assert words_of(minimal).count("NOT PROVIDED") == 4


def test_the_example_lacks_nothing(example: Organisation) -> None:
    assert not_provided(example) == []


def test_many_workloads_become_a_few_boxes(with_workloads: Callable[[int], Organisation]) -> None:
    shown = words_of(with_workloads(24))
    assert "8 accounts" in shown
    assert "16 accounts" in shown


def test_a_few_workloads_stand_one_by_one(with_workloads: Callable[[int], Organisation]) -> None:
    shown = words_of(with_workloads(4))
    assert all(f"team-0{number}" in shown for number in range(4))


# --- how it stands -----------------------------------------------------------------------------


def test_nothing_in_the_example_stands_on_anything_else(example: Organisation) -> None:
    assert faults_of(example) == []


def test_nothing_in_the_minimal_one_stands_on_anything_else(minimal: Organisation) -> None:
    assert faults_of(minimal) == []


def test_no_lines_cross_in_the_shipped_organisations(
    example: Organisation, minimal: Organisation
) -> None:
    assert (crossings_of(example), crossings_of(minimal)) == (0, 0)


@settings(max_examples=10)
@given(data=st.data())
def test_nothing_stands_on_anything_else_whatever_the_organisation(data: st.DataObject) -> None:
    workloads = data.draw(st.integers(1, 26), label="workloads")
    people = data.draw(st.integers(1, 9), label="people")
    scopes = data.draw(st.integers(1, 8), label="scopes")
    endpoints = data.draw(st.integers(1, 7), label="endpoints")
    repositories = data.draw(st.integers(1, 9), label="repositories")
    apart = data.draw(st.booleans(), label="without AWS Organizations")
    base = yaml.safe_load(EXAMPLE)
    long = "a-rather-long-name-of-28-abc"
    names = [f"{long[:25]}{number:02d}" for number in range(workloads)]
    actors = [
        {"name": f"p{number}", "side": "edge", "iam_user": f"user{number}"}
        for number in range(people)
    ]
    keepers = [person for person in base["people"] if person["side"] == "keeper"]
    accounts = [a for a in base["accounts"] if a["role"] != "workload"]
    if apart:
        accounts = [a for a in accounts if a["role"] != "management"]
        base["organizations"] = None
    base["accounts"] = accounts + [
        {"name": name, "role": "workload", "id": str(700000000000 + number)}
        for number, name in enumerate(names)
    ]
    base["people"] = actors + keepers
    base["entries"] = [
        {
            "name": "keys",
            "kind": "iam-user",
            "account": "broker",
            "people": [p["name"] for p in actors],
        },
        {"name": "more", "kind": "iam-user", "account": names[0], "people": ["p0"]},
        base["entries"][2],
    ]
    base["scopes"] = [
        {**base["scopes"][0], "name": f"scope-{number}", "accounts": names[number % workloads :]}
        for number in range(scopes)
    ]
    base["pager"] = [
        {"protocol": "email", "endpoint": f"on-call-{number}@example.com"}
        for number in range(endpoints)
    ]
    _, gated, keepers_own = base["github"]["repositories"]
    base["github"]["repositories"] = [
        *({**gated, "name": f"repository-{number}"} for number in range(repositories)),
        keepers_own,
    ]
    assert faults_of(parse(base)) == []


# --- the file ----------------------------------------------------------------------------------


def test_the_document_is_well_formed_and_says_what_it_shows(example: Organisation) -> None:
    root = ET.fromstring(draw(example))  # noqa: S314 - written by the code under test
    assert root.findtext("{*}title") == "Break-glass topology of example"
    assert "hardware-key" in root.findtext("{*}desc", "")
    assert root.get("role") == "img"


def test_a_name_that_looks_like_markup_is_escaped(example: Organisation) -> None:
    repository = example.github.repositories[0].gates[0].model_copy(update={"id": "<b>&"})
    github = example.github.model_copy(
        update={
            "repositories": (
                example.github.repositories[0].model_copy(update={"gates": (repository,)}),
            )
        }
    )
    ET.fromstring(draw(example.model_copy(update={"github": github})))  # noqa: S314 - as above


def test_nothing_is_loaded_from_elsewhere(example: Organisation) -> None:
    text = draw(example)
    assert "http" not in text.replace("http://www.w3.org/2000/svg", "")
    assert "<script" not in text


def test_the_picture_is_the_same_each_time(example: Organisation) -> None:
    assert draw(example) == draw(load(ROOT / "stacks" / "example.yaml"))


def test_the_picture_in_the_documents_is_current(example: Organisation) -> None:
    assert (ROOT / "docs" / "topology.svg").read_text(encoding="utf-8") == draw(example), (
        "write it anew: breakglass graph --org stacks/example.yaml -o docs/topology.svg"
    )


# --- words -------------------------------------------------------------------------------------


@given(st.text(max_size=60), st.floats(10, 400))
def test_words_that_are_fitted_fit(text: str, room: float) -> None:
    assert width(fit(text, NOTE, room), NOTE) <= max(room, width("…", NOTE))


def test_a_list_says_how_many_it_leaves_out() -> None:
    assert listed(["ada", "grace", "linus"], NOTE, 80) == "ada, grace +1"


@pytest.mark.parametrize("items", [["ada"], ["ada", "grace"]])
def test_a_list_that_fits_is_whole(items: list[str]) -> None:
    assert listed(items, NOTE, 200) == ", ".join(items)


def test_one_keeper_keeps_the_record_and_two_keep_it() -> None:
    assert "keeps the record" in words_of(parse(yaml.safe_load(MINIMAL)))
    assert "keep the record" in words_of(parse(yaml.safe_load(EXAMPLE)))
