"""Reading an organisation file: hostile until parsed, and every fault told at once."""

import inspect
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, TypeAdapter, ValidationError

from breakglass.errors import InvalidInput, InvalidInputs
from breakglass.settings import plain_yaml
from breakglass.settings.agreement import RULES
from breakglass.settings.model import Organisation


def load(file: Path) -> Organisation:
    """Read and check the organisation in ``file``.

    What follows from it is measured too, once the rest is sound.
    Raises InvalidInput where the file cannot be read as plain YAML, InvalidInputs with all its
    faults otherwise.
    """
    from breakglass.sizes import exceeded  # noqa: PLC0415 - what measures settings imports them

    document = str(file)
    organisation = parse(
        plain_yaml.read(plain_yaml.text_of(file), document=document), document=document
    )
    if faults := exceeded(organisation):
        raise InvalidInputs(document, faults)
    return organisation


def parse(data: object, *, document: str = "organisation") -> Organisation:
    """Check plain data; ``document`` names it in the errors."""
    if not isinstance(data, Mapping):
        raise InvalidInput(document, data, "a mapping with the keys of the organisation schema")
    faults = _structure(data)
    sections = _sound_sections(data)
    for rule in RULES:
        wanted = inspect.signature(rule).parameters
        if wanted.keys() <= sections.keys():
            faults += rule(**{name: sections[name] for name in wanted})
    if faults:
        raise InvalidInputs(document, faults)
    return Organisation.model_validate(data)


def _structure(data: Mapping[Any, Any]) -> list[InvalidInput]:
    """What pydantic finds: missing and unknown keys, wrong types, values out of range."""
    try:
        Organisation.model_validate(data)
    except ValidationError as error:
        return [
            InvalidInput(_path(fault["loc"]), _seen(fault), _accepted(fault))
            for fault in error.errors(include_url=False)
        ]
    return []


def _seen(fault: Any) -> object:  # noqa: ANN401 - pydantic's error details, read by key
    return "nothing" if fault["type"] == "missing" else fault["input"]


def _accepted(fault: Any) -> str:  # noqa: ANN401 - pydantic's error details, read by key
    """Pydantic's message, as the end of a sentence that begins with "give"."""
    if fault["type"] == "missing":
        return "a value"
    if fault["type"] == "extra_forbidden":
        fields = _object_at(fault["loc"][:-1]).model_fields
        provided = [name for name, field in fields.items() if field.annotation is not type(None)]
        return f"one of {', '.join(provided)}"
    message = str(fault["msg"]).removeprefix("Value error, ").removeprefix("Input should be ")
    subject, should, rule = message.partition(" should ")
    return f"a {subject.lower()} that should {rule}" if should else message


def _object_at(location: tuple[int | str, ...]) -> type[BaseModel]:
    """The class of the object at a place of the file."""
    found: type[BaseModel] = Organisation
    for part in location:
        if isinstance(part, str):
            found = next(_objects(found.model_fields[part].annotation))
    return found


def _objects(annotation: Any) -> Iterator[type[BaseModel]]:  # noqa: ANN401 - any annotation
    """The classes in an annotation such as ``tuple[Account, ...]``."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from _objects(inner)


def _path(location: tuple[int | str, ...]) -> str:
    """``accounts[0].id`` from pydantic's ``("accounts", 0, "id")``."""
    parts = (f"[{part}]" if isinstance(part, int) else f".{part}" for part in location)
    return "".join(parts).lstrip(".")


def _sound_sections(data: Mapping[Any, Any]) -> dict[str, Any]:
    """The top-level values that parse by themselves, defaults included."""
    sections: dict[str, Any] = {}
    for name, field in Organisation.model_fields.items():
        if name not in data:
            if not field.is_required():
                sections[name] = field.get_default(call_default_factory=True)
            continue
        try:
            sections[name] = TypeAdapter(field.rebuild_annotation()).validate_python(data[name])
        except ValidationError:
            continue  # already told by _structure
    return sections
