"""Parameters for any operation, made from botocore's model of its input."""

from collections.abc import Iterator
from typing import Any

import botocore.session

_SESSION = botocore.session.get_session()
_ROLE = "arn:aws:iam::222222222222:role/handed-over"
_DEEPEST = 5

Shape = Value = Any  # botocore carries no types


def operations(service: str) -> list[str]:
    return list(_SESSION.get_service_model(service).operation_names)


def parameters(service: str, operation: str) -> dict[str, Value]:
    """Every parameter of the operation with some value of its type."""
    shape = _SESSION.get_service_model(service).operation_model(operation).input_shape
    return {} if shape is None else _value(shape, shape.name, frozenset(), 0)


def role_parameters(service: str, operation: str) -> list[str]:
    """Paths of the text parameters whose names speak of a role's ARN."""
    shape = _SESSION.get_service_model(service).operation_model(operation).input_shape
    return [] if shape is None else list(_roles(shape, "", frozenset(), 0))


def _value(shape: Shape, name: str, seen: frozenset[str], depth: int) -> Value:  # noqa: PLR0911 - one a type
    match shape.type_name:
        case "structure":
            if shape.name in seen or depth > _DEEPEST:
                return {}
            inside = seen | {shape.name}
            return {k: _value(v, k, inside, depth + 1) for k, v in shape.members.items()}
        case "list":
            return [_value(shape.member, name, seen, depth + 1)]
        case "map":
            return {"key": _value(shape.value, name, seen, depth + 1)}
        case "string":
            return _text(name)
        case "blob":
            return b"0" * 64
        case "boolean":
            return True
        case "integer" | "long":
            return 1
    return None


def _text(name: str) -> str:
    lower = name.lower()
    if lower.endswith(("role", "rolearn")):
        return _ROLE
    if lower.endswith("arn"):
        return "arn:aws:thing:eu-west-1:222222222222:thing/one"
    if lower.endswith("url"):
        return "https://sqs.eu-west-1.amazonaws.com/222222222222/one"
    if lower == "resourceids":
        return "vpc-1"
    if lower == "copysource":
        return "source/key"
    return "{}" if lower == "eventpattern" else "one"


def _roles(shape: Shape, path: str, seen: frozenset[str], depth: int) -> Iterator[str]:
    if shape.type_name == "structure" and shape.name not in seen and depth <= _DEEPEST:
        for name, member in shape.members.items():
            yield from _roles(member, f"{path}.{name}", seen | {shape.name}, depth + 1)
    elif shape.type_name == "list":
        yield from _roles(shape.member, path, seen, depth + 1)
    elif shape.type_name == "map":
        yield from _roles(shape.value, path, seen, depth + 1)
    elif shape.type_name == "string":
        name = path.rpartition(".")[2].lower()
        if "role" in name and name.endswith(("role", "rolearn")):
            yield path
