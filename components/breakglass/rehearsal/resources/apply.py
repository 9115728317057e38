"""Resources brought about in the emulation, each read back and compared with what was asked for."""

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from breakglass.errors import BreakGlassError, RehearsalError
from breakglass.rehearsal.engine.registration import Registration
from breakglass.rehearsal.engine.unknown import UNKNOWN
from breakglass.rehearsal.resources.comparison import Difference, differences, ordered, same
from breakglass.rehearsal.resources.overlay import OVERLAY
from breakglass.rehearsal.resources.registry import PropertiesOf, Registry, properties_of

Values = dict[str, Any]
CloudOf = Callable[[Registration, str | None], Any]
"""From a provider, and a resource's own region if it has one, to the cloud that handlers get."""

_PROVIDER = "pulumi:providers:"
_PATH = re.compile(r"[.\[]")
"""What ends the first word of a path, its property."""
_INDEX = re.compile(r"\[\d+\]")


@dataclass(frozen=True, slots=True)
class Kept:
    """An input that the emulator dropped and that is kept beside it."""

    urn: str
    property: str
    value: Any
    reason: str


@dataclass(slots=True)
class Applier:
    """The ``monitor.Applier`` that makes resources in the emulation.

    ``clouds`` gives by package (``aws``, ``github``) what a provider's settings lead to.
    """

    registry: Registry
    clouds: Mapping[str, CloudOf]
    overlay: Mapping[tuple[str, str], str] = field(default_factory=lambda: OVERLAY)
    kept: list[Kept] = field(default_factory=list)
    """What the overlay kept, for the report."""
    properties: PropertiesOf = properties_of
    """Every output property of a type, as the SDK has it."""

    def check(self, resource: Registration) -> Values:
        """Return the inputs with an automatic name and without empty ones."""
        if resource.type.startswith(_PROVIDER):
            return dict(resource.inputs)
        handler = self.registry.handler(resource.type)
        known = self.properties(resource.type)
        inputs = {name: value for name, value in resource.inputs.items() if value is not None}
        for name in inputs:
            if name not in known:
                raise _fault(resource, f"{name} is no property of {resource.type}")
        named = handler.name_property
        if named is not None and named not in inputs:
            inputs[named] = resource.outputs.get(named) or _automatic_name(resource, named)
        return inputs

    def create(
        self, resource: Registration, provider: Registration, *, preview: bool
    ) -> tuple[str, Values]:
        """Make the resource, read it back, compare."""
        handler = self.registry.handler(resource.type)
        if preview:
            return "", self._foreseen(resource)
        inputs = dict(resource.inputs)
        with _explained(resource, "create"):
            made = handler.create(self._cloud(resource, provider), inputs)
        return made, self._read_back(resource, provider, made)

    def read(self, resource: Registration, provider: Registration) -> Values | None:
        """Return what the emulation has now."""
        seen = self._seen(resource, provider, resource.id)
        if seen is None:
            return None
        for difference in self._differing(resource, seen):
            if (resource.type, _plain(difference.path)) in self.overlay:
                _put(seen, difference.path, difference.wanted)
        return seen

    def update(
        self,
        resource: Registration,
        provider: Registration,
        *,
        before: Mapping[str, Any],
        preview: bool,
    ) -> Values:
        """Change the resource in place, read it back, compare."""
        if preview:
            return {**resource.outputs, **resource.inputs}
        handler = self.registry.handler(resource.type)
        with _explained(resource, "update"):
            handler.update(
                self._cloud(resource, provider), resource.id, dict(resource.inputs), dict(before)
            )
        return self._read_back(resource, provider, resource.id)

    def delete(self, resource: Registration, provider: Registration) -> None:
        """Delete the resource."""
        handler = self.registry.handler(resource.type)
        with _explained(resource, "delete"):
            handler.delete(self._cloud(resource, provider), resource.id, dict(resource.inputs))

    def diff(
        self, type_: str, before: Mapping[str, Any], after: Mapping[str, Any]
    ) -> tuple[list[str], list[str]]:
        """Return the inputs that differ in meaning, and those of them that replace."""
        if type_.startswith(_PROVIDER):
            changed = [n for n in sorted({*before, *after}) if before.get(n) != after.get(n)]
            return changed, []
        handler = self.registry.handler(type_)
        changed = [
            name
            for name in sorted({*before, *after})
            if not same(before.get(name), after.get(name), _normal(handler, name))
        ]
        return changed, [name for name in changed if name in handler.replace_on]

    def drifted(self, resource: Registration, seen: Mapping[str, Any]) -> list[str]:
        """Return the inputs that no longer read back."""
        paths = (difference.path for difference in self._differing(resource, dict(seen)))
        return list(dict.fromkeys(_PATH.split(path, 1)[0] for path in paths))

    def invoke(self, token: str, args: Mapping[str, Any], provider: Registration) -> Values:
        """Answer a function."""
        function = self.registry.function(token)
        cloud = self.clouds[token.split(":", 1)[0]](provider, args.get("region"))
        try:
            return function(cloud, args)
        except (ClientError, BotoCoreError) as error:
            raise RehearsalError(f"{token}: {error}") from error

    # --- parts ---------------------------------------------------------------------------------

    def _cloud(self, resource: Registration, provider: Registration) -> Any:  # noqa: ANN401 - AWS's or GitHub's
        package = resource.type.split(":", 1)[0]
        return self.clouds[package](provider, resource.inputs.get("region"))

    def _read_back(self, resource: Registration, provider: Registration, made: str) -> Values:
        """Return what was made; an input that is neither there nor in the overlay is an error."""
        seen = self._seen(resource, provider, made)
        if seen is None:
            raise _fault(resource, "was made and is not there when read back")
        for difference in self._differing(resource, seen):
            reason = self.overlay.get((resource.type, _plain(difference.path)))
            if reason is None:
                raise _fault(
                    resource,
                    f"{difference.path} was asked to be {difference.wanted!r} and reads back as "
                    f"{difference.seen!r}; the emulator or the handler drops it",
                )
            _put(seen, difference.path, difference.wanted)
            self.kept.append(Kept(resource.urn, difference.path, difference.wanted, reason))
        return seen

    def _seen(self, resource: Registration, provider: Registration, made: str) -> Values | None:
        """Return every property of the SDK's class, as the emulation has it."""
        handler = self.registry.handler(resource.type)
        cloud = self._cloud(resource, provider)
        inputs = dict(resource.inputs)
        with _explained(resource, "read"):
            told = handler.read(cloud, made, inputs)
        if told is None:
            return None
        known = self.properties(resource.type)
        seen = {**dict.fromkeys(getattr(handler, "no_value", ()))}
        defaults = getattr(handler, "provider_only", {})
        seen |= {name: inputs.get(name, default) for name, default in defaults.items()}
        seen |= told
        seen |= {name: None for name in getattr(handler, "shared", ()) if name not in inputs}
        if "region" in known:
            seen.setdefault("region", cloud.region)
        if "tagsAll" in seen:
            seen.setdefault("tags", _own_tags(cloud, inputs, seen["tagsAll"] or {}))
        silent = sorted(known - set(seen))
        if silent:
            raise _fault(resource, f"the handler does not say what {', '.join(silent)} is")
        return seen

    def _differing(self, resource: Registration, seen: Values) -> Iterator[Difference]:
        """Yield the inputs that do not read back."""
        handler = self.registry.handler(resource.type)
        for name, wanted in resource.inputs.items():
            normal = _normal(handler, name)
            yield from list(differences(normal(wanted), normal(seen.get(name)), name))

    def _foreseen(self, resource: Registration) -> Values:
        """Return the outputs that a preview knows: the inputs, and what is only the provider's."""
        handler = self.registry.handler(resource.type)
        return {
            **dict.fromkeys(self.properties(resource.type), UNKNOWN),
            **dict.fromkeys(getattr(handler, "no_value", ())),
            **getattr(handler, "provider_only", {}),
            **resource.inputs,
        }


def _normal(handler: Any, name: str) -> Callable[[Any], Any]:  # noqa: ANN401 - AWS's or GitHub's
    """Return what brings values of an input into one form."""
    own = getattr(handler, "normal", None)
    unordered = name in getattr(handler, "unordered", ())

    def normal(value: Any) -> Any:  # noqa: ANN401 - any property value
        if value is None:
            return None
        formed = value if own is None else own(name, value)
        return ordered(formed) if unordered else formed

    return normal


def _own_tags(cloud: Any, inputs: Values, all_tags: Mapping[str, str]) -> Values:  # noqa: ANN401 - AWS's or GitHub's
    """Return the tags that are the resource's own and not the provider's defaults."""
    own = inputs.get("tags") or {}
    return {k: v for k, v in all_tags.items() if k in own or k not in cloud.default_tags}


def _automatic_name(resource: Registration, property_: str) -> str:
    """Return ``<resource name or given prefix>-<7 hex>``, the same for the same URN."""
    digest = hashlib.sha256(resource.urn.encode()).hexdigest()[:7]
    prefix = resource.inputs.get(f"{property_}Prefix") or resource.inputs.get("namePrefix")
    return f"{prefix}{digest}" if prefix else f"{resource.name}-{digest}"


def _plain(path: str) -> str:
    """Return a path without the numbers of list items."""
    return _INDEX.sub("", path)


def _put(values: Values, path: str, value: object) -> None:
    """Set the value at a path, making the objects on the way that the emulator dropped."""
    place: Any = values
    steps = [int(s) if s.isdigit() else s for s in re.split(r"[.\[\]]+", path) if s]
    for step, following in pairwise(steps):
        if not isinstance(step, int) and place.get(step) is None:
            place[step] = [] if isinstance(following, int) else {}
        place = place[step]
    place[steps[-1]] = value


def _fault(resource: Registration, what: str) -> RehearsalError:
    return RehearsalError(f"{resource.urn} ({resource.source}): {what}")


@contextmanager
def _explained(resource: Registration, doing: str) -> Iterator[None]:
    """Make an API's error name the resource and the line that declared it."""
    try:
        yield
    except (ClientError, BotoCoreError, KeyError, ValueError) as error:
        raise _fault(resource, f"{doing}: {type(error).__name__}: {error}") from error
    except BreakGlassError as error:
        if resource.urn in str(error):
            raise
        raise _fault(resource, f"{doing}: {error}") from error
