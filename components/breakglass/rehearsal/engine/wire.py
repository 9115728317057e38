"""Property values as Pulumi sends them between program, engine and provider.

A value that cannot be known yet, a secret, a resource and an output travel as marked strings and
objects; a provider's own settings travel as JSON text. Here they are plain Python values. The
marks are those of ``sdk/go/common/resource/plugin/rpc.go`` in pulumi/pulumi; a test holds them to
the SDK's.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from google.protobuf.struct_pb2 import NULL_VALUE, ListValue, Struct, Value

from breakglass.errors import RehearsalError
from breakglass.rehearsal.engine.unknown import UNKNOWN, UNKNOWN_TEXT, Unknown

MARK: Final = "4dabf18193072939515e22adb298388d"
SECRET: Final = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 - a mark, not a secret
OUTPUT: Final = "d0e6a833031e9bbcd3f4e8bde6ca49a4"
RESOURCE: Final = "5cf8f73096256a8f31e491e813e4eb8e"


def decode(properties: Struct) -> dict[str, Any]:
    """Return the properties as plain values, secrets unwrapped, keys sorted, ``UNKNOWN`` kept.

    Protobuf has only floating point numbers: a whole number becomes an ``int`` again. A resource
    becomes its id, a component its URN. Raises ``RehearsalError`` for an asset or an archive.
    """
    return _Decoder().fields(properties, "")


def decode_with_secrets(
    properties: Struct, *, assets: bool = False
) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Decode, and tell which paths (``tags.token``, ``rules[0].key``) were secret.

    With ``assets`` an asset or an archive is taken as ``UNKNOWN`` instead of refused.
    """
    decoder = _Decoder(assets=assets)
    return decoder.fields(properties, ""), tuple(decoder.secrets)


def encode(properties: Mapping[str, Any], secret: Sequence[str] = ()) -> Struct:
    """Return the wire form; the top-level properties named in ``secret`` are marked as secrets."""
    struct = Struct()
    for key, value in properties.items():
        wrapped = _secret(value) if key in secret and value is not None else _encode(value)
        struct.fields[key].CopyFrom(wrapped)
    return struct


def provider_settings(inputs: Mapping[str, Any], who: str) -> dict[str, Any]:
    """Return a provider's inputs with their JSON text read: lists, objects and booleans as values.

    The SDK leaves the keys of a dictionary literal as they are, and the real provider then does not
    see ``role_arn`` (pulumi/pulumi-aws issue 5271). So a snake_case key is a ``RehearsalError``,
    except under ``tags``, whose keys are the user's. ``who`` names the provider in the error.
    """
    settings = {key: _from_json(value) for key, value in inputs.items()}
    for path in _snake_case_keys(settings):
        raise RehearsalError(
            f"{who}: property {path} is written in snake_case, which the provider does not read; "
            "use the SDK's argument class (for example aws.ProviderAssumeRoleArgs) or camelCase"
        )
    return settings


class _Decoder:
    """One pass over a property bag; remembers where the secrets were."""

    def __init__(self, *, assets: bool = False) -> None:
        self.secrets: list[str] = []
        self._assets = assets

    def fields(self, struct: Struct, path: str) -> dict[str, Any]:
        return {
            key: self.value(struct.fields[key], f"{path}.{key}" if path else key)
            for key in sorted(struct.fields)
        }

    def value(self, value: Value, path: str) -> object:
        match value.WhichOneof("kind"):
            case "bool_value":
                return value.bool_value
            case "string_value":
                return UNKNOWN if value.string_value == UNKNOWN_TEXT else value.string_value
            case "number_value":
                return _number(value.number_value)
            case "list_value":
                items = enumerate(value.list_value.values)
                return [self.value(item, f"{path}[{index}]") for index, item in items]
            case "struct_value":
                marked = MARK in value.struct_value.fields
                return (self.marked if marked else self.fields)(value.struct_value, path)
            case _:
                return None

    def marked(self, struct: Struct, path: str) -> object:
        fields = struct.fields
        match fields[MARK].string_value:
            case s if s == SECRET:
                self.secrets.append(path)
                return self.value(fields["value"], path)
            case s if s == OUTPUT:
                if "secret" in fields and fields["secret"].bool_value:
                    self.secrets.append(path)
                return self.value(fields["value"], path) if "value" in fields else UNKNOWN
            case s if s == RESOURCE:
                return self.value(fields["id" if "id" in fields else "urn"], path) or UNKNOWN
            case _ if self._assets:
                return UNKNOWN
            case _:
                raise RehearsalError(
                    f"property {path} is an asset or archive; the rehearsal carries only values"
                )


def _number(number: float) -> float:
    return int(number) if number.is_integer() else number


def _encode(value: object) -> Value:
    match value:
        case None:
            return Value(null_value=NULL_VALUE)
        case bool():
            return Value(bool_value=value)
        case int() | float():
            return Value(number_value=value)
        case str() | Unknown():
            return Value(string_value=value if isinstance(value, str) else UNKNOWN_TEXT)
        case list() | tuple():
            return Value(list_value=ListValue(values=[_encode(item) for item in value]))
        case Mapping():
            return Value(struct_value=encode(value))
        case _:
            raise RehearsalError(
                f"{value!r} is a {type(value).__name__}: a property is a string, a number, "
                "a boolean, a list, a mapping or None"
            )


def _secret(value: object) -> Value:
    fields = {MARK: Value(string_value=SECRET), "value": _encode(value)}
    return Value(struct_value=Struct(fields=fields))


def _from_json(value: object) -> object:
    """Read what the SDK wrote as JSON text; a number stays text, account ids look like numbers."""
    if isinstance(value, str) and (value[:1] in ("[", "{") or value in ("true", "false")):
        return json.loads(value)
    return value


def _snake_case_keys(value: object, path: str = "") -> Iterator[str]:
    match value:
        case Mapping():
            for key, inner in value.items():
                here = f"{path}.{key}" if path else key
                if "_" in key:
                    yield here
                elif key != "tags":
                    yield from _snake_case_keys(inner, here)
        case list():
            for index, inner in enumerate(value):
                yield from _snake_case_keys(inner, f"{path}[{index}]")
