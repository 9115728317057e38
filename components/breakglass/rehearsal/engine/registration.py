"""What a program declares, and what came of it, as plain values.

Nothing of Pulumi is loaded for them: they go from one process to another.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from breakglass.errors import BreakGlassError, RehearsalError

STACK: Final = "pulumi:pulumi:Stack"
PROVIDER: Final = "pulumi:providers:"


@dataclass(frozen=True, slots=True)
class Options:
    """The options of one registration, by the names that ``pulumi.ResourceOptions`` has."""

    protect: bool = False
    retain_on_delete: bool = False
    delete_before_replace: bool = False
    ignore_changes: tuple[str, ...] = ()
    replace_on_changes: tuple[str, ...] = ()
    additional_secret_outputs: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    """URNs or old names, as text."""
    import_id: str = ""
    deleted_with: str = ""
    version: str = ""
    """Of the provider plugin, as the SDK asked for it."""
    providers: Mapping[str, str] = field(default_factory=dict)
    """Package to provider reference, for components."""
    timeouts: Mapping[str, str] = field(default_factory=dict)
    """``create``, ``update``, ``delete`` to a duration such as ``5m``."""
    read: bool = False
    """True for ``Resource.get``: the program looks a resource up and does not manage it."""
    remote: bool = False
    """True for a component that a plugin makes: what is in it is not seen here."""
    hooks: tuple[str, ...] = ()
    """Names of the program's functions that an update calls around it: none is called here."""


@dataclass(frozen=True, slots=True)
class Registration:
    """One resource as the program declared it, and what came of it."""

    urn: str
    type: str
    """Type token, for example ``aws:s3/bucket:Bucket``."""
    name: str
    custom: bool = True
    """False for components."""
    parent: str = ""
    """URN of the parent; the stack's for a resource that has none."""
    inputs: Mapping[str, Any] = field(default_factory=dict)
    """camelCase; ints are ints, secrets unwrapped, what a preview cannot know is ``UNKNOWN``.
    A provider's lists, objects and booleans, JSON text on the wire, are values here."""
    id: str = ""
    """The provider's id; empty while unknown."""
    outputs: Mapping[str, Any] = field(default_factory=dict)
    provider: str = ""
    """``<urn>::<id>`` of the provider; empty means the default provider of the package."""
    dependencies: tuple[str, ...] = ()
    property_dependencies: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Input to the URNs that its value came from."""
    secrets: tuple[str, ...] = ()
    """Paths of the inputs that were secret, for example ``tags.token``."""
    options: Options = field(default_factory=Options)
    source: str = ""
    """Where the program made it: ``infra/__main__.py:12``."""


class Applier(Protocol):
    """Whatever brings resources about: the same one behind the in-process run and the real engine.

    It is called from several threads at once, for resources that do not depend on each other.
    An exception fails the resource; nothing that depends on it is tried.
    """

    def check(self, resource: Registration) -> dict[str, Any]:
        """Return the inputs with defaults and automatic names filled in.

        Called before ``create`` and ``update``. A name that ``resource.outputs`` has is kept.
        Raises ``RehearsalError`` for a type without handler or an input that the provider would
        refuse.
        """

    def create(
        self, resource: Registration, provider: Registration, *, preview: bool
    ) -> tuple[str, dict[str, Any]]:
        """Make it; return its id and every output property (``None`` for one that has no value).

        ``resource.inputs`` are those that ``check`` returned. In a preview nothing is made, the id
        is empty and an output that cannot be known is ``UNKNOWN``.
        """

    def read(self, resource: Registration, provider: Registration) -> dict[str, Any] | None:
        """Return every output property of the resource ``resource.id``, or None when it is gone.

        ``resource.inputs`` are the last known ones, empty for an import or ``Resource.get``.
        """

    def update(
        self,
        resource: Registration,
        provider: Registration,
        *,
        before: Mapping[str, Any],
        preview: bool,
    ) -> dict[str, Any]:
        """Change it from the inputs ``before`` to ``resource.inputs``; return every output."""

    def delete(self, resource: Registration, provider: Registration) -> None:
        """Delete ``resource.id``; ``resource.inputs`` are the last known ones."""

    def diff(
        self, type_: str, before: Mapping[str, Any], after: Mapping[str, Any]
    ) -> tuple[list[str], list[str]]:
        """Return the inputs that differ, and those of them that cannot change in place.

        Documents that mean the same are the same, however they are written.
        """

    def drifted(self, resource: Registration, seen: Mapping[str, Any]) -> list[str]:
        """Return the inputs of ``resource`` that ``seen``, what ``read`` returned, is no longer.

        What the cloud shows beyond an input, a default for one, is no drift.
        """

    def invoke(self, token: str, args: Mapping[str, Any], provider: Registration) -> dict[str, Any]:
        """Answer a function such as ``aws:index/getRegion:getRegion``."""


class RegistrationError(RehearsalError):
    """A request of the program that failed: whose it was and which line made it.

    ``subject`` is a URN, or the token of a function; ``source`` such as ``infra/__main__.py:12``.
    The original exception is the ``__cause__``.
    """

    def __init__(self, subject: str, source: str, error: Exception) -> None:
        self.subject, self.source = subject, source
        where = f"{subject} ({source or 'no source line'}): "
        kind = "" if isinstance(error, BreakGlassError) else f"{type(error).__name__}: "
        super().__init__(f"{where}{kind}{str(error).removeprefix(where)}")


@dataclass(frozen=True, slots=True)
class Log:
    """A line that the program or its SDK wrote to the engine's log."""

    severity: str
    """``DEBUG``, ``INFO``, ``WARNING`` or ``ERROR``."""
    message: str
    urn: str = ""


@dataclass(frozen=True, slots=True)
class Unfinished:
    """Asynchronous work that is still under way when the program ends; Pulumi drops it there."""

    name: str
    """Of the coroutine."""
    source: str
    """The line that it waits at: ``infra/__main__.py:12``."""


@dataclass(frozen=True, slots=True)
class Run:
    """What a program registered, exported and logged."""

    records: Mapping[str, Registration]
    """By URN, in the order of the URNs."""
    exports: Mapping[str, Any]
    """Secrets unwrapped; in a preview ``UNKNOWN`` where it cannot be known."""
    logs: tuple[Log, ...]
    unfinished: tuple[Unfinished, ...] = ()
