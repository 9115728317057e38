"""What an invariant rests on: the properties that it reads, found by handing it a view that notes.

The view looks like the graph. What is read of a resource is noted with its path; of a property that
is JSON text all is noted, since whoever takes the text takes the whole. The name of a resource in
the program is no property, and facts of the settings are what is demanded: neither is noted.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import fields
from typing import Any, Final, NamedTuple

from breakglass.proof.graph import Facts, Graph, Resource
from breakglass.proof.mutants.mutant import ACCOUNT
from breakglass.proof.mutants.trees import Path

Note = Callable[[Path], None]

Read = tuple[int, Path]
"""Place of a resource in the graph, and a path in it."""


class Traced(NamedTuple):
    """What was read of a graph."""

    paths: frozenset[Read]
    types: frozenset[str]
    """Types of resources that were looked for: one more of them is noticed too."""


def reads(ask: Callable[[Graph], object], graph: Graph) -> Traced:
    """Return what is read of a graph while it is asked."""
    found: set[Read] = set()

    def noting(place: int) -> Note:
        return lambda path: found.add((place, path))

    view = _NotedGraph(
        graph.facts, [_traced(one, noting(place)) for place, one in enumerate(graph.resources)]
    )
    ask(view)
    return Traced(frozenset(found), frozenset(view.types))


class _NotedGraph(Graph):
    """A graph that notes which types are looked for."""

    __slots__ = ("types",)

    def __init__(self, facts: Facts, resources: Sequence[Resource]) -> None:
        super().__init__(facts, resources)
        object.__setattr__(self, "types", set())

    types: set[str]

    def of(self, type_: str, **inputs: object) -> Iterator[Resource]:
        """Yield as the graph does."""
        self.types.add(type_)
        return super().of(type_, **inputs)


def _traced(resource: Resource, note: Note) -> Resource:
    """A resource that notes what is read of it."""
    view = _Noted(**{field.name: getattr(resource, field.name) for field in fields(Resource)})
    object.__setattr__(view, "note", note)
    return view


class _Noted(Resource):
    """A resource that is looked at: only what is asked of it is noted."""

    __slots__ = ("note",)

    note: Note

    def __getattribute__(self, name: str) -> Any:  # noqa: ANN401 - whatever the resource has
        value = object.__getattribute__(self, name)
        if name not in _NOTED:
            return value
        note: Note = object.__getattribute__(self, "note")
        if name in {"inputs", "outputs"}:
            return _view(value, () if name == "inputs" else ("@outputs",), note)
        note(_NOTED[name])
        return value

    def __str__(self) -> str:
        own = (object.__getattribute__(self, key) for key in ("name", "account", "source"))
        return "{} in {} ({})".format(*own)  # in words only: nothing rests on it


_NOTED: Final[Mapping[str, Path]] = {
    "account": ACCOUNT,
    "inputs": (),
    "outputs": (),
    "region": ("region",),
}
"""What is noted of a resource, and where a change of it would be."""


def _view(value: Any, path: Path, note: Note) -> Any:  # noqa: ANN401 - any JSON value
    """The value, noted now if it is plain, and when it is looked into if it is not."""
    if isinstance(value, Mapping):
        return _Map(value, path, note)
    if isinstance(value, Sequence) and not isinstance(value, str):
        return _List(value, path, note)
    note(path)
    return value


class _Map(Mapping[str, Any]):
    """A mapping that notes which of its keys are asked for, and when it is looked at whole."""

    __slots__ = ("_note", "_path", "_value")

    def __init__(self, value: Mapping[str, Any], path: Path, note: Note) -> None:
        self._value, self._path, self._note = value, path, note

    def __getitem__(self, key: str) -> Any:  # noqa: ANN401 - likewise
        if key not in self._value:
            self._note((*self._path, key))
            raise KeyError(key)
        return _view(self._value[key], (*self._path, key), self._note)

    def __iter__(self) -> Iterator[str]:
        self._note(self._path)
        return iter(self._value)

    def __len__(self) -> int:
        self._note(self._path)
        return len(self._value)

    def __eq__(self, other: object) -> bool:
        self._note(self._path)
        return bool(self._value == (other._value if isinstance(other, _Map) else other))

    __hash__ = None  # type: ignore[assignment]  # as of a dictionary


class _List(Sequence[Any]):
    """A sequence that notes likewise."""

    __slots__ = ("_note", "_path", "_value")

    def __init__(self, value: Sequence[Any], path: Path, note: Note) -> None:
        self._value, self._path, self._note = value, path, note

    def __getitem__(self, place: Any) -> Any:  # noqa: ANN401 - a place or a slice
        self._note(self._path)
        if isinstance(place, slice):
            return [self[at] for at in range(*place.indices(len(self._value)))]
        return _view(self._value[place], (*self._path, place), self._note)

    def __len__(self) -> int:
        self._note(self._path)
        return len(self._value)

    def __eq__(self, other: object) -> bool:
        self._note(self._path)
        return bool(self._value == (other._value if isinstance(other, _List) else other))

    __hash__ = None  # type: ignore[assignment]  # as of a list
