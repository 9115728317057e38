"""What somebody might do to an event pattern: make it see less, or more than it should."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from breakglass.proof.mutants.mutant import Change
from breakglass.proof.mutants.trees import DROPPED, Path, spelt

_OR: Final = "$or"

_UNSEEN: Final[Sequence[tuple[Path, object]]] = (
    (("time",), [{"exists": False}, {"prefix": "2026"}]),
    (("detail", "userAgent"), [{"exists": False}, {"anything-but": ["evil/1.0"]}]),
    (("detail", "userIdentity"), {"userName": [{"exists": False}]}),
)
"""Fields that a pattern takes with nearly every value: blind to one attacker, or from a day on."""


def of_pattern(pattern: Mapping[str, Any], path: Path) -> Iterator[Change]:
    """Yield the changes of a pattern that stands at ``path``."""
    yield from _of_object(pattern, path, path)
    for key, wanted in (("account", ["000000000000"]), ("region", ["eu-south-9"])):
        yield Change((*path, key), wanted, "pattern narrowed", f"it takes {key} {wanted[0]} alone")
    if _OR in pattern and "detail" not in pattern:
        return
    for way, seen in _UNSEEN:
        told = f"it takes {spelt(way)} only as {seen}"
        yield Change((*path, *way), seen, "pattern blinded", told)
    for key, value in (("errorCode", [{"exists": False}]), ("readOnly", [False])):
        told = f"it takes only {key} {value[0]}"
        yield Change((*path, "detail", key), value, "pattern narrowed", told)


def _of_object(node: Mapping[str, Any], path: Path, root: Path) -> Iterator[Change]:
    for key, below in node.items():
        here = (*path, key)
        if key == _OR:
            yield from _of_alternatives(node, path, root)
            continue
        if len(node) > 1:
            told = f"{spelt(here[len(root) :])} may be anything"
            yield Change(here, DROPPED, "pattern widened", told)
        if isinstance(below, Mapping):
            yield from _of_object(below, here, root)
        else:
            yield from _of_leaf(below, here, root)


def _of_alternatives(node: Mapping[str, Any], path: Path, root: Path) -> Iterator[Change]:
    """Yield each alternative dropped; AWS takes an ``$or`` of two and more alone."""
    alternatives, rest = node[_OR], {key: value for key, value in node.items() if key != _OR}
    for place, one in enumerate(alternatives):
        here = (*path, _OR, place)
        told = f"it no longer takes {_brief(one)}"
        if len(alternatives) > 2:  # noqa: PLR2004 - see above
            yield Change(here, DROPPED, "alternative dropped", told)
        elif not (rest.keys() & alternatives[1 - place].keys()):
            merged = {**rest, **alternatives[1 - place]}
            yield Change(here, merged, "alternative dropped", told, at=path)
        yield from _of_object(one, here, root)


def _of_leaf(values: list[Any], path: Path, root: Path) -> Iterator[Change]:
    """Yield each value dropped, or changed where it stands alone."""
    where = spelt(path[len(root) :])
    for place, value in enumerate(values):
        here = (*path, place)
        if len(values) > 1:
            yield Change(here, DROPPED, "value dropped", f"{where} may not be {_brief(value)}")
        for step, other in _others(value):
            told = f"{where} is to be {_brief(other)}, not {_brief(value)}"
            yield Change((*here, *step), other, "value changed", told)


def _others(value: object) -> Iterator[tuple[Path, object]]:
    """Yield other values, each with the way to it below an operator."""
    if isinstance(value, bool):
        yield (), not value
    elif isinstance(value, str):
        text = value.removesuffix("*")
        yield (), f"{text}-else{value[len(text) :]}"
    elif isinstance(value, Mapping):
        for operator, operand in value.items():
            yield from (((operator, *step), other) for step, other in _others(operand))
    elif isinstance(value, list):
        for place, one in enumerate(value):
            yield from (((place, *step), other) for step, other in _others(one))


def _brief(value: object) -> str:
    text = str(value)
    most = 60
    return text if len(text) <= most else f"{text[:most]}..."
