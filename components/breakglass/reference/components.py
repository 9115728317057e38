"""The page of the components: arguments and outputs, as other languages see them too."""

from collections.abc import Mapping
from typing import Any

from pulumi import ComponentResource
from pulumi.provider.experimental.analyzer import Analyzer
from pulumi.provider.experimental.schema import generate_schema

import breakglass
from breakglass.reference.markdown import anchor, page, prose, table

_COMPONENTS: tuple[type[ComponentResource], ...] = (
    breakglass.EntryRole,
    breakglass.BreakGlassRole,
    breakglass.LogVault,
    breakglass.AuditTrail,
    breakglass.Witness,
    breakglass.Forwarding,
    breakglass.Watch,
    breakglass.Guardrails,
    breakglass.GitHubGate,
)

_INTRODUCTION = """\
Nine components, each usable alone, and `BreakGlass`, which composes one side of them. Python spells
the arguments as here (`account_id`); the other languages spell them `accountId`. Every component
takes `opts` too: its provider decides the account. Examples are in the
[how-to guides](../README.md#how-to-guides)."""


def components_page() -> str:
    """Every component with its arguments and outputs, then the objects that arguments take."""
    document = _schema()
    parts = [_component(kind.__name__, document["resources"]) for kind in _COMPONENTS]
    return page("Components", _INTRODUCTION, *parts, _composition(), _objects(document["types"]))


def _schema() -> dict[str, Any]:
    """The schema that the plugin serves."""
    seen = Analyzer("breakglass").analyze(list(_COMPONENTS))
    spec = generate_schema(
        name="breakglass",
        version="0.1.0",
        namespace=None,
        components=seen["component_definitions"],
        type_definitions=seen["type_definitions"],
        dependencies=list(seen["dependencies"]),
    )
    document: dict[str, Any] = spec.to_json()
    return document


def _component(name: str, resources: Mapping[str, Any]) -> str:
    resource = resources[f"breakglass:index:{name}"]
    arguments = _rows(resource["inputProperties"], resource.get("requiredInputs", []))
    outputs = [
        (f"`{_snake(output)}`", _type(kind), kind.get("description", ""))
        for output, kind in resource["properties"].items()
    ]
    return "\n\n".join(
        (
            f"## {name}",
            prose(resource["description"]),
            table(["Argument", "Type", "Needed", "Meaning"], arguments),
            table(["Output", "Type", "Meaning"], outputs),
        )
    )


def _rows(properties: Mapping[str, Any], required: list[str]) -> list[tuple[str, str, str, str]]:
    return [
        (
            f"`{_snake(name)}`",
            _type(kind),
            "yes" if name in required else "no",
            kind.get("description", ""),
        )
        for name, kind in properties.items()
    ]


def _type(kind: Mapping[str, Any]) -> str:
    if "$ref" in kind:
        name = kind["$ref"].rpartition(":")[2]
        return f"[{name}](#{anchor(name)})"
    if kind["type"] == "array":
        return f"list of {_type(kind['items'])}"
    if "additionalProperties" in kind:
        return f"mapping to {_type(kind['additionalProperties'])}"
    return str(kind["type"])


def _composition() -> str:
    return f"""\
## BreakGlass

{prose(breakglass.BreakGlass.__doc__ or "")}

| Argument | Type | Meaning |
| --- | --- | --- |
| `organisation` | `breakglass.settings.Organisation` | The checked [settings](settings.md). |
| `side` | `breakglass.settings.Side` | `keeper`, `edge`, or `all`. |
| `providers` | `breakglass.Providers` | {prose(breakglass.Providers.__doc__ or "")} |
| `pager_secrets` | mapping to secret strings | The endpoint of each pager that names a secret. |

`outputs` maps export names to values; `infra/__main__.py` exports all of them."""


def _objects(types: Mapping[str, Any]) -> str:
    parts = ["## Objects and choices"]
    for token, kind in sorted(types.items()):
        parts.append(f"### {token.rpartition(':')[2]}")
        parts.append(prose(kind.get("description") or ""))
        if "enum" in kind:
            parts.append(", ".join(f"`{choice['value']}`" for choice in kind["enum"]))
        else:
            rows = _rows(kind["properties"], kind.get("required", []))
            parts.append(table(["Field", "Type", "Needed", "Meaning"], rows))
    return "\n\n".join(parts)


def _snake(name: str) -> str:
    """``accountId`` as Python has it."""
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)
