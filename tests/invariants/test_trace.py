"""What an invariant rests on is what it reads; and a property is a tree, through JSON text too."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from breakglass.proof.graph import Graph, Resource
from breakglass.proof.mutants.made import Made
from breakglass.proof.mutants.trace import Read, reads
from breakglass.proof.mutants.trees import DROPPED, Path, at, changed, document, leaves, spelt

POLICY = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "s3:*"}]})
TYPE = "aws:x/x:X"


def one(name: str = "it", **inputs: object) -> Resource:
    return Resource(TYPE, name, "1", "eu-west-1", inputs, {"arn": f"arn:{name}", "url": "u"}, name)


@pytest.fixture
def read(minimal: Graph) -> Callable[..., frozenset[Read]]:
    """What is read of some resources when they are asked."""

    def read(ask: Callable[[Graph], object], *resources: Resource) -> frozenset[Read]:
        return reads(ask, Graph(minimal.facts, resources)).paths

    return read


Reading = Callable[..., frozenset[Read]]


def first(graph: Graph) -> Resource:
    return next(graph.of(TYPE))


# --- what is read ------------------------------------------------------------------------------


def test_what_nobody_asks_for_is_not_noted(read: Reading) -> None:
    assert read(lambda _: None, one(days=1)) == frozenset()
    assert read(lambda graph: first(graph).get("days"), one(days=1, other=2)) == {(0, ("days",))}


def test_a_name_the_type_and_the_line_are_no_properties(read: Reading) -> None:
    def named(graph: Graph) -> str:
        resource = first(graph)
        return f"{resource} {resource.name} {resource.type} {resource.source}"

    assert read(named, one(days=1)) == frozenset()


def test_what_is_read_of_one_resource_is_not_noted_of_its_neighbour(read: Reading) -> None:
    def second(graph: Graph) -> object:
        return [*graph.of(TYPE)][1].get("days")

    assert read(second, one("a", days=1), one("b", days=1)) == {(1, ("days",))}


def test_who_looks_for_a_value_reads_it_of_all_that_could_have_it(read: Reading) -> None:
    def found(graph: Graph) -> object:
        return [*graph.of(TYPE, days=2)]

    assert read(found, one("a", days=1), one("b", days=2)) == {(0, ("days",)), (1, ("days",))}


def test_who_takes_a_text_that_is_json_reads_all_of_it(read: Reading) -> None:
    def parsed(graph: Graph) -> object:
        return json.loads(first(graph).get("policy"))["Statement"]

    assert read(parsed, one(policy=POLICY)) == {(0, ("policy",))}


@pytest.mark.parametrize(
    "ask",
    [
        len,
        list,
        lambda value: value == {"days": 1},
        lambda value: {**value},
        lambda value: "days" in list(value),
        lambda value: value.items() and list(value.items()),
    ],
)
def test_who_takes_a_whole_reads_the_whole(ask: Callable[[Any], object], read: Reading) -> None:
    assert (0, ("rule",)) in read(
        lambda graph: ask(first(graph).get("rule")), one(rule={"days": 1})
    )


def test_a_view_says_what_the_graph_says(read: Reading) -> None:
    """A view that answered otherwise would trace another invariant than the one that is asked."""
    resource = one(rule={"days": 1, "more": [1, [2]]}, list=["a", "b"], absent=None)
    said: list[object] = []

    def ask(graph: Graph) -> None:
        it = first(graph)
        said.append(
            (
                {**it.get("rule")} == resource.get("rule"),
                list(it.get("list")) == ["a", "b"],
                it.get("list")[0:1] == ["a"],
                "b" in it.get("list"),
                it.get("rule") == {"days": 1, "more": [1, [2]]},
                it.get("rule", "nothing") is None,
                it.get("absent") is None,
                it.get("rule", "more")[1][0] == 2,
                it.arn == "arn:it",
                len(it.get("list")) == 2,
            )
        )

    read(ask, resource)
    assert said == [(True,) * 10]


def test_types_that_are_looked_for_are_noted_though_there_is_none(minimal: Graph) -> None:
    traced = reads(lambda graph: [*graph.of("aws:y/y:Y")], Graph(minimal.facts, [one()]))
    assert (traced.types, traced.paths) == ({"aws:y/y:Y"}, frozenset())


# --- what is read and never changed ------------------------------------------------------------


def untouched(minimal: Graph, resource: Resource, *path: str) -> list[str]:
    return list(Made(Graph(minimal.facts, [resource])).untouched([(0, path)]))


def test_what_is_read_and_no_mutant_touches_is_told(minimal: Graph) -> None:
    labelled = json.dumps({**json.loads(POLICY), "Id": "kit"})
    assert untouched(minimal, one(policy=labelled), "policy") == ["it policy.Id"]


def test_what_is_read_and_changed_is_not_told(minimal: Graph) -> None:
    assert untouched(minimal, one(policy=POLICY), "policy") == []
    assert untouched(minimal, one(rule={"days": 1, "list": [1, {}]}), "rule") == []


def test_what_nobody_reads_is_not_told_though_no_mutant_touches_it(minimal: Graph) -> None:
    labelled = one(policy=json.dumps({**json.loads(POLICY), "Id": "kit"}), name="n")
    assert untouched(minimal, labelled, "name") == []


def test_what_the_cloud_answers_and_what_is_absent_is_not_told(minimal: Graph) -> None:
    assert untouched(minimal, one(days=1), "@outputs", "arn") == []
    assert untouched(minimal, one(days=1), "@account") == []
    assert untouched(minimal, one(days=1), "absent") == []


# --- trees -------------------------------------------------------------------------------------

TREE = {"rule": {"days": 1}, "list": ["a", "b"], "policy": POLICY}
ACTION = ("policy", "Statement", 0, "Action")


def test_a_change_is_made_through_json_text_and_stays_text() -> None:
    after = changed(TREE, ACTION, "s3:Get*")
    assert json.loads(after["policy"])["Statement"][0]["Action"] == "s3:Get*"
    assert at(after, ACTION) == "s3:Get*"
    assert at(TREE, ACTION) == "s3:*"
    whole = changed(TREE, ("policy",), {"Statement": []})
    assert json.loads(whole["policy"]) == {"Statement": []}


def test_a_text_that_is_no_json_is_replaced_by_whatever_is_given() -> None:
    assert changed({"a": "text"}, ("a",), ["b"]) == {"a": ["b"]}
    assert changed({"a": POLICY}, ("a",), "text") == {"a": "text"}


@pytest.mark.parametrize(
    ("path", "new", "after"),
    [
        (("rule", "days"), 2, {"rule": {"days": 2}}),
        (("rule", "days"), DROPPED, {"rule": {}}),
        (("rule",), DROPPED, {}),
        (("more", "a"), 1, {"rule": {"days": 1}, "more": {"a": 1}}),
        (("more", 0, "a"), 1, {"rule": {"days": 1}, "more": [{"a": 1}]}),
    ],
)
def test_a_value_is_changed_dropped_or_made_with_all_on_the_way(
    path: Path, new: object, after: object
) -> None:
    assert changed({"rule": {"days": 1}}, path, new) == after


def test_a_member_is_changed_dropped_or_added() -> None:
    assert changed(["a", "b"], (1,), "c") == ["a", "c"]
    assert changed(["a", "b"], (0,), DROPPED) == ["b"]
    assert changed(["a", "b"], (2,), "c") == ["a", "b", "c"]


def test_a_key_is_no_place_in_a_list() -> None:
    with pytest.raises(TypeError, match="'days' is no place in a list"):
        changed(["a"], ("days",), 1)


def test_a_place_that_is_not_there_has_no_value() -> None:
    for path in (("list", 2), ("list", "a"), ("rule", "days", "more"), ("none", 0)):
        assert at(TREE, path) is None


def test_leaves_are_the_plain_values_and_what_is_empty() -> None:
    found = dict(leaves({"a": {}, "b": [], "c": [1, {"d": None}], "policy": POLICY}))
    assert found == {
        ("a",): {},
        ("b",): [],
        ("c", 0): 1,
        ("c", 1, "d"): None,
        ("policy", "Version"): "2012-10-17",
        ("policy", "Statement", 0, "Effect"): "Deny",
        ACTION: "s3:*",
    }


@pytest.mark.parametrize("text", ["", "[1]", "{not json", '"{}"', 7, None])
def test_a_text_is_a_document_only_where_it_is_an_object(text: object) -> None:
    assert document(text) is None
    assert document('{"a": 1}') == {"a": 1}


def test_a_path_is_spelt_for_people() -> None:
    assert spelt(ACTION) == "policy.Statement[0].Action"


KEYS = st.sampled_from(["a", "b", "c"])
PLAIN = st.none() | st.booleans() | st.integers(0, 9) | st.sampled_from(["", "{", "text"])
SMALL = st.dictionaries(KEYS, PLAIN | st.lists(PLAIN, max_size=2), min_size=1, max_size=2)
TREES = st.dictionaries(KEYS, PLAIN | st.lists(SMALL, max_size=2) | SMALL.map(json.dumps))


@given(tree=TREES, data=st.data())
def test_a_change_is_where_it_was_made_and_nowhere_else(
    tree: dict[str, object], data: st.DataObject
) -> None:
    before = dict(leaves(tree))
    path = data.draw(st.sampled_from(sorted(before, key=repr)))
    if path:
        assert dict(leaves(changed(tree, path, "new"))) == {**before, path: "new"}
    assert dict(leaves(tree)) == before
