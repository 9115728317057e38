"""Values survive the wire; what has no true form on it is refused by name."""

import json

import pytest
from google.protobuf.struct_pb2 import Struct
from hypothesis import given
from hypothesis import strategies as st
from pulumi.runtime import rpc

from breakglass.errors import RehearsalError
from breakglass.rehearsal.engine import wire
from breakglass.rehearsal.engine.unknown import UNKNOWN, UNKNOWN_TEXT, unknown_paths

SCALARS = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text() | st.just(UNKNOWN)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(st.text(), VALUES, max_size=5))
def test_every_value_comes_back_as_it_went(properties: dict[str, object]) -> None:
    assert wire.decode(wire.encode(properties)) == properties


def test_the_marks_are_those_of_the_sdk() -> None:
    assert rpc.UNKNOWN == UNKNOWN_TEXT
    assert rpc._special_sig_key == wire.MARK
    assert rpc._special_secret_sig == wire.SECRET
    assert rpc._special_output_value_sig == wire.OUTPUT
    assert rpc._special_resource_sig == wire.RESOURCE


def test_a_whole_number_is_an_integer_again_and_a_fraction_stays_one() -> None:
    assert wire.decode(wire.encode({"seconds": 3600.0, "share": 0.5})) == {
        "seconds": 3600,
        "share": 0.5,
    }
    assert isinstance(wire.decode(wire.encode({"seconds": 3600.0}))["seconds"], int)


def test_a_secret_is_unwrapped_and_its_path_is_told() -> None:
    properties = wire.encode({"token": "s3cr3t", "tags": {}}, secret=["token"])
    properties.fields["tags"].struct_value.CopyFrom(wire.encode({"pin": "1234"}, secret=["pin"]))
    assert wire.decode_with_secrets(properties) == (
        {"tags": {"pin": "1234"}, "token": "s3cr3t"},
        ("tags.pin", "token"),
    )


def marked(mark: str, **fields: object) -> Struct:
    struct = Struct()
    struct["it"] = {wire.MARK: mark, **fields}
    return struct


@pytest.mark.parametrize(
    ("struct", "value"),
    [
        (marked(wire.RESOURCE, urn="urn:x", id="bucket"), "bucket"),
        (marked(wire.RESOURCE, urn="urn:component"), "urn:component"),
        (marked(wire.RESOURCE, urn="urn:x", id=""), UNKNOWN),
        (marked(wire.OUTPUT, value="known"), "known"),
        (marked(wire.OUTPUT, secret=False), UNKNOWN),
    ],
)
def test_a_resource_is_its_id_and_an_output_its_value(struct: Struct, value: object) -> None:
    assert wire.decode(struct) == {"it": value}


def test_a_secret_output_is_unwrapped_and_its_path_is_told() -> None:
    struct = marked(wire.OUTPUT, value="v", secret=True)
    assert wire.decode_with_secrets(struct) == ({"it": "v"}, ("it",))


def test_an_archive_is_refused_by_path() -> None:
    with pytest.raises(RehearsalError, match="property it is an asset or archive"):
        wire.decode(marked("0def7320c3a5731c473e5ecbe6d01bc7", path="."))


def test_a_value_that_is_none_of_the_wires_is_refused() -> None:
    with pytest.raises(RehearsalError, match="is a set"):
        wire.encode({"accounts": {"1", "2"}})


def test_unknown_values_are_found_by_path() -> None:
    value = {"a": [1, {"b": UNKNOWN}], "c": UNKNOWN, "d": "known"}
    assert sorted(unknown_paths(value)) == ["a[1].b", "c"]


def test_a_providers_settings_are_read_from_their_json() -> None:
    inputs = {
        "region": "eu-west-1",
        "assumeRoles": json.dumps([{"roleArn": "arn:aws:iam::222222222222:role/deployer"}]),
        "skipRegionValidation": "true",
        "allowedAccountIds": '["222222222222"]',
    }
    assert wire.provider_settings(inputs, "aws") == {
        "region": "eu-west-1",
        "assumeRoles": [{"roleArn": "arn:aws:iam::222222222222:role/deployer"}],
        "skipRegionValidation": True,
        "allowedAccountIds": ["222222222222"],
    }


def test_a_snake_case_key_in_a_providers_json_is_refused_by_path() -> None:
    with pytest.raises(RehearsalError, match=r"logging: property assumeRoles\[0\]\.role_arn"):
        wire.provider_settings({"assumeRoles": '[{"role_arn": "arn"}]'}, "logging")


def test_a_tag_may_be_named_in_snake_case() -> None:
    settings = wire.provider_settings({"defaultTags": '{"tags": {"cost_center": "7"}}'}, "logging")
    assert settings == {"defaultTags": {"tags": {"cost_center": "7"}}}
