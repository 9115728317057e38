"""Whatever is done to a shipped file, it is an organisation or all its faults are told."""

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from shipped import shipped

from breakglass.errors import InvalidInput, InvalidInputs
from breakglass.settings import Organisation, parse, plain_yaml

SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=40),
    st.dates(),
    st.sampled_from(
        [
            "",
            "*",
            "arn:aws:iam::1:role/x",
            "https://",
            "{account}",
            "\n",
            "\N{FULLWIDTH DIGIT ONE}",
            "ada",
        ]
    ),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(SCALARS, inner, max_size=3)
    ),
    max_leaves=5,
)
FILES = {name: shipped(name) for name in ("example", "minimal")}


def places(value: Any, way: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:  # noqa: ANN401 - YAML
    """Every place of a document, its root left out."""
    steps = value.items() if isinstance(value, dict) else enumerate(value)
    for step, inner in steps:
        yield (*way, step)
        if isinstance(inner, dict | list):
            yield from places(inner, (*way, step))


PLACES = [(name, way) for name, data in FILES.items() for way in places(data)]


def taken_or_told(data: object) -> None:
    told: tuple[InvalidInput, ...] = ()
    try:
        assert isinstance(parse(data), Organisation)
    except InvalidInputs as refusal:
        told = refusal.faults
    assert all(fault.name and fault.accepted for fault in told)


@settings(max_examples=300)
@given(changes=st.lists(st.tuples(st.sampled_from(PLACES), VALUES), min_size=1, max_size=3))
def test_a_file_with_any_value_anywhere_is_taken_or_told(
    changes: list[tuple[tuple[str, tuple[Any, ...]], object]],
) -> None:
    data = shipped(changes[0][0][0])
    for (_, way), value in changes:
        _change(data, way, value)
    taken_or_told(data)


def _change(data: Any, way: tuple[Any, ...], value: object) -> None:  # noqa: ANN401 - YAML
    """Set a value, where an earlier change has left the place."""
    *steps, last = way
    try:
        for step in steps:
            data = data[step]
        data[last] = value
    except (KeyError, IndexError, TypeError):
        return


@settings(max_examples=60)
@given(place=st.sampled_from(PLACES), data=st.data())
def test_a_file_with_two_values_exchanged_is_taken_or_told(
    place: tuple[str, tuple[Any, ...]], data: st.DataObject
) -> None:
    name, way = place
    other = data.draw(st.sampled_from([one for file, one in PLACES if file == name]))
    changed = shipped(name)
    _change(changed, way, _at(FILES[name], other))
    taken_or_told(changed)


def _at(data: Any, way: tuple[Any, ...]) -> Any:  # noqa: ANN401 - YAML
    for step in way:
        data = data[step]
    return data


@settings(max_examples=200)
@given(text=st.text(st.sampled_from(list("ab:-[]{}&*!?|>'\"#%@,\n\t 0.<~_é\x00")), max_size=30))
def test_any_text_is_plain_yaml_or_refused(text: str) -> None:
    with suppress(InvalidInput):
        plain_yaml.read(text, document="org.yaml")
