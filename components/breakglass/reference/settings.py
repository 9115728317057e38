"""The page of the organisation file: every object and field, from its JSON Schema."""

from collections.abc import Mapping
from typing import Any

from breakglass.reference.markdown import anchor, page, prose, table
from breakglass.settings import schema

_INTRODUCTION = """\
An organisation file describes one organisation for both sides. It is checked whole before anything
is made, and every fault is told at once. The JSON Schema of this page is
[`stacks/org.schema.json`](../../stacks/org.schema.json); the first line of a file names it, so that
an editor can help."""

_BEYOND = """\
Some rules span fields, such as that no keeper uses an entry. They are functions in
[`settings/agreement.py`](../../components/breakglass/settings/agreement.py), one a rule."""


def settings_page() -> str:
    """Every object of the file, in the order in which the schema reaches it."""
    document = schema()
    kinds = document["$defs"]
    objects = [_object("The file", document)]
    objects += [_object(name, kinds[name]) for name in _reached(document, kinds)]
    return page("Settings", _INTRODUCTION, _BEYOND, *objects, _choices(kinds))


def _reached(document: Mapping[str, Any], kinds: Mapping[str, Any]) -> list[str]:
    """The objects that fields lead to, each once, the nearest to the top first."""
    found: dict[str, None] = {}
    waiting = [document]
    while waiting:
        for field in waiting.pop(0).get("properties", {}).values():
            for name in _names(field):
                if "properties" in kinds[name] and name not in found:
                    found[name] = None
                    waiting.append(kinds[name])
    return list(found)


def _names(field: Mapping[str, Any]) -> list[str]:
    """The definitions that a field's type names."""
    if "$ref" in field:
        return [field["$ref"].rpartition("/")[2]]
    inner = [*field.get("anyOf", []), *([field["items"]] if "items" in field else [])]
    return [name for one in inner for name in _names(one)]


def _object(name: str, document: Mapping[str, Any]) -> str:
    required = document.get("required", [])
    rows = [
        (f"`{field}`", _type(kind), _default(kind, required=field in required), _meaning(kind))
        for field, kind in document["properties"].items()
    ]
    fields = table(["Field", "Type", "Default", "Meaning"], rows)
    return f"## {name}\n\n{prose(document['description'])}\n\n{fields}"


def _type(field: Mapping[str, Any]) -> str:
    """What a field takes, in words, with its bounds."""
    if "$ref" in field:
        name = field["$ref"].rpartition("/")[2]
        return f"[{name}](#{anchor(name)})"
    if "anyOf" in field:
        return " or ".join(_type(one) for one in field["anyOf"] if one != {"type": "null"})
    match field["type"]:
        case "array":
            least = f", at least {field['minItems']}" if "minItems" in field else ""
            return f"list of {_type(field['items'])}{least}"
        case "object":
            return f"mapping to {_type(field['additionalProperties'])}"
        case "null":
            return "nothing"
    bounds = [f"{words} {field[key]}" for key, words in _BOUNDS.items() if key in field]
    pattern = [f"`{field['pattern']}`"] if "pattern" in field else []
    return ", ".join([str(field["type"]), *pattern, *bounds])


_BOUNDS = {
    "minimum": "at least",
    "exclusiveMinimum": "more than",
    "maximum": "at most",
    "minLength": "characters at least",
    "maxLength": "characters at most",
}


def _default(field: Mapping[str, Any], *, required: bool) -> str:
    if required:
        return "needed"
    value = field.get("default")
    if value in (None, [], {}):
        return "none"
    match value:
        case bool():
            return "yes" if value else "no"
        case list():
            return ", ".join(f"`{one}`" for one in value)
        case dict():
            return ", ".join(f"`{key}: {one}`" for key, one in value.items())
    return f"`{value}`"


def _meaning(field: Mapping[str, Any]) -> str:
    return str(field.get("description", ""))


def _choices(kinds: Mapping[str, Any]) -> str:
    """The values of each enumeration."""
    parts = [
        f"### {name}\n\n{prose(kind.get('description', ''))}\n\n"
        + ", ".join(f"`{value}`" for value in kind["enum"])
        for name, kind in kinds.items()
        if "enum" in kind
    ]
    return "\n\n".join(["## Choices", *parts])
