"""The JSON Schema is current, the shipped files keep to it, and their first line leads to it."""

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from shipped import GONE, STACKS, shipped

from breakglass.settings import schema, schema_text

REMARKS = {"$schema", "$defs", "title", "description", "default"}
PYTHON = {
    "object": dict,
    "array": list,
    "string": str,
    "boolean": bool,
    "integer": int,
    "null": type(None),
}


def test_the_schema_file_is_what_the_settings_say_now() -> None:
    assert (STACKS / "org.schema.json").read_text(encoding="utf-8") == schema_text()


@pytest.mark.parametrize("file", sorted(STACKS.glob("[a-z]*.yaml")), ids=lambda file: file.stem)
def test_the_first_line_leads_an_editor_to_the_schema(file: Path) -> None:
    first, *_ = file.read_text(encoding="utf-8").splitlines()
    reference = first.removeprefix("# yaml-language-server: $schema=")
    assert (file.parent / reference).resolve() == STACKS / "org.schema.json"


def test_every_field_says_what_it_means() -> None:
    parts = [schema(), *schema()["$defs"].values()]
    fields = [(part["title"], name, field) for part in parts for name, field in _fields(part)]
    assert [(title, name) for title, name, field in fields if "description" not in field] == []


def _fields(part: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    yield from part.get("properties", {}).items()


@pytest.mark.parametrize("name", ["example", "minimal"])
def test_a_shipped_file_keeps_to_the_schema(name: str) -> None:
    assert list(violations(schema(), shipped(name))) == []


@pytest.mark.parametrize(
    ("changes", "at"),
    [
        ({"colour": 1}, "colour"),
        ({"name": GONE}, "name"),
        ({"accounts.0.id": "1"}, "accounts.0.id"),
        ({"accounts.0.id": 111111111111}, "accounts.0.id"),
        ({"retention.days": 0}, "retention.days"),
        ({"people.0.side": "both"}, "people.0.side"),
        ({"pager": []}, "pager"),
        ({"github.plan": None}, "github.plan"),
    ],
)
def test_what_the_loader_refuses_the_schema_refuses_too(changes: dict[str, Any], at: str) -> None:
    assert list(violations(schema(), shipped(changes=changes))) == [at]


Value = Any
HOLDS: Mapping[str, Callable[[Value, Value], bool]] = {
    "type": lambda value, wanted: type(value) is PYTHON[wanted],
    "enum": lambda value, wanted: value in wanted,
    "const": lambda value, wanted: bool(value == wanted),
    "pattern": lambda value, wanted: re.search(wanted, value) is not None,
    "minLength": lambda value, wanted: len(value) >= wanted,
    "maxLength": lambda value, wanted: len(value) <= wanted,
    "minItems": lambda value, wanted: len(value) >= wanted,
    "minimum": lambda value, wanted: bool(value >= wanted),
    "maximum": lambda value, wanted: bool(value <= wanted),
    "exclusiveMinimum": lambda value, wanted: bool(value > wanted),
}
INNER = {"properties", "additionalProperties", "required", "items"}
DEFINITIONS = schema()["$defs"]


def violations(rule: Mapping[str, Any], value: Value, at: str = "") -> Iterator[str]:
    """The places that break a rule. A keyword that is neither known nor a remark is an error."""
    if "$ref" in rule:
        rule = DEFINITIONS[rule["$ref"].rpartition("/")[2]]
    if "anyOf" in rule:
        if all([*violations(one, value, at)] for one in rule["anyOf"]):
            yield at
        return
    checked = sorted(rule.keys() - REMARKS - INNER, key=lambda keyword: keyword != "type")
    if not all(HOLDS[keyword](value, rule[keyword]) for keyword in checked):
        yield at
    elif isinstance(value, dict):
        yield from _in_object(rule, value, at)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from violations(rule["items"], item, f"{at}.{index}")


def _in_object(rule: Mapping[str, Any], value: dict[str, Any], at: str) -> Iterator[str]:
    properties, others = rule.get("properties", {}), rule.get("additionalProperties", False)
    for name in rule.get("required", ()):
        if name not in value:
            yield f"{at}.{name}".lstrip(".")
    for name, inner in value.items():
        place = f"{at}.{name}".lstrip(".")
        if name in properties or others:
            yield from violations(properties.get(name, others), inner, place)
        else:
            yield place
