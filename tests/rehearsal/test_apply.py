"""What the applier adds to handlers: names, comparison, strictness, errors that say where."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, ClassVar

import pytest
from emulated import HOME, WORKLOAD, AllowsEverything, applier, declared, made, provider
from hypothesis import given
from hypothesis import strategies as st

from breakglass.errors import RehearsalError
from breakglass.rehearsal.aws.emulator import Emulator
from breakglass.rehearsal.resources.apply import Applier
from breakglass.rehearsal.resources.comparison import differences
from breakglass.rehearsal.resources.handlers.base import Cloud, Inputs
from breakglass.rehearsal.resources.handlers.sqs import Queue
from breakglass.rehearsal.resources.registry import Registry

QUEUE = "aws:sqs/queue:Queue"


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    with Emulator(AllowsEverything()) as accounts:
        yield accounts


def test_a_resource_without_name_gets_its_own_and_the_same_each_time(emulator: Emulator) -> None:
    apply = applier(emulator)
    first = apply.check(declared(QUEUE, "pages", {}))["name"]
    assert first == apply.check(declared(QUEUE, "pages", {}))["name"]
    assert first != apply.check(declared(QUEUE, "letters", {}))["name"]
    assert first.startswith("pages-")
    assert len(first) == len("pages-") + 7


def test_a_name_that_was_given_once_is_kept(emulator: Emulator) -> None:
    known = replace(declared(QUEUE, "pages", {}), outputs={"name": "pages-old"})
    assert applier(emulator).check(known)["name"] == "pages-old"


def test_a_property_that_the_type_does_not_have_is_refused_with_its_line(
    emulator: Emulator,
) -> None:
    with pytest.raises(RehearsalError, match=r"__main__\.py:7\): delay_seconds is no property"):
        applier(emulator).check(declared(QUEUE, "pages", {"delay_seconds": 5}))


class ForgetsTheDelay(Queue):
    """A handler with a fault: what it makes has no delay."""

    def create(self, cloud: Cloud, inputs: Inputs) -> str:
        return super().create(cloud, {**inputs, "delaySeconds": 0})


class SaysNothingOfTheUrl(Queue):
    """A handler with a fault: an output is missing."""

    def read(self, cloud: Cloud, id: str, inputs: Inputs) -> Inputs | None:  # noqa: A002 - Pulumi's word
        told = super().read(cloud, id, inputs) or {}
        return {name: value for name, value in told.items() if name != "url"}


def with_handler(emulator: Emulator, handler: object) -> Applier:
    return replace(applier(emulator), registry=Registry.of([handler], {}))


def test_an_input_that_is_dropped_is_an_error_with_property_values_and_line(
    emulator: Emulator,
) -> None:
    apply = with_handler(emulator, ForgetsTheDelay())
    with pytest.raises(
        RehearsalError,
        match=r"pages \(infra/__main__\.py:7\): delaySeconds was asked to be 5 and reads back as 0",
    ):
        made(apply, declared(QUEUE, "pages", {"name": "slow", "delaySeconds": 5}))


def test_an_output_that_the_handler_leaves_out_is_an_error(emulator: Emulator) -> None:
    apply = with_handler(emulator, SaysNothingOfTheUrl())
    with pytest.raises(RehearsalError, match="does not say what url is"):
        made(apply, declared(QUEUE, "pages", {"name": "mute"}))


def test_an_error_of_the_api_names_resource_and_line(emulator: Emulator) -> None:
    lost = {"bucket": "nowhere", "policy": json.dumps({"Version": "2012-10-17", "Statement": []})}
    with pytest.raises(RehearsalError, match=r"__main__\.py:7\): create: NoSuchBucket"):
        made(applier(emulator), declared("aws:s3/bucketPolicy:BucketPolicy", "lost", lost))


def test_documents_that_mean_the_same_are_no_change(emulator: Emulator) -> None:
    document = {"Version": "2012-10-17", "Statement": []}
    before = {"name": "q", "policy": json.dumps(document, indent=4), "delaySeconds": 0}
    after = {"name": "q", "policy": json.dumps(document, sort_keys=True), "delaySeconds": 0}
    assert applier(emulator).diff(QUEUE, before, after) == ([], [])


def test_a_change_tells_what_differs_and_what_replaces(emulator: Emulator) -> None:
    before = {"name": "old", "delaySeconds": 0}
    after = {"name": "new", "delaySeconds": 5}
    assert applier(emulator).diff(QUEUE, before, after) == (["delaySeconds", "name"], ["name"])


def test_default_tags_are_on_the_resource_and_not_among_its_own(emulator: Emulator) -> None:
    defaults = {"defaultTags": {"tags": {"project": "breakglass"}}}
    queue = declared(QUEUE, "tagged", {"tags": {"owner": "keeper"}})
    outputs = made(applier(emulator), queue, **defaults).outputs
    assert outputs["tags"] == {"owner": "keeper"}
    assert outputs["tagsAll"] == {"owner": "keeper", "project": "breakglass"}


def test_a_resource_may_name_its_own_region(emulator: Emulator) -> None:
    queue = declared(QUEUE, "abroad", {"name": "abroad", "region": "eu-central-1"})
    outputs = made(applier(emulator), queue).outputs
    assert outputs["arn"] == f"arn:aws:sqs:eu-central-1:{WORKLOAD}:abroad"


@pytest.mark.parametrize(
    "settings",
    [
        {"assumeRoles": [{"role_arn": "arn:aws:iam::555555555555:role/deployer"}]},
        {"defaultTags": {"tags": {}, "other_key": 1}},
        {"access_key": "AKIA"},
    ],
)
def test_a_provider_setting_in_snake_case_is_refused(
    emulator: Emulator, settings: Mapping[str, Any]
) -> None:
    apply = applier(emulator)
    with pytest.raises(RehearsalError, match="wants camelCase"):
        apply.invoke("aws:index/getRegion:getRegion", {}, provider(**settings))


def test_a_provider_assumes_the_role_that_it_names(emulator: Emulator) -> None:
    trust = json.dumps({"Version": "2012-10-17", "Statement": []})
    iam = emulator.client(emulator.root(WORKLOAD), "iam", "us-east-1")
    arn = iam.create_role(RoleName="deployer", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    there = provider(assumeRoles=[{"roleArn": arn, "sessionName": "kit", "duration": "60m"}])
    identity = applier(emulator, "111111111111").invoke(
        "aws:index/getCallerIdentity:getCallerIdentity", {}, there
    )
    assert identity["arn"] == f"arn:aws:sts::{WORKLOAD}:assumed-role/deployer/kit"
    assert identity["accountId"] == WORKLOAD


def test_region_and_partition_are_the_providers(emulator: Emulator) -> None:
    apply = applier(emulator)
    assert apply.invoke("aws:index/getRegion:getRegion", {}, provider())["region"] == HOME
    assert apply.invoke("aws:index/getPartition:getPartition", {}, provider())["id"] == "aws"


def test_a_function_that_nobody_answers_is_refused_by_name(emulator: Emulator) -> None:
    with pytest.raises(RehearsalError, match="no function aws:ec2/getAmi:getAmi"):
        applier(emulator).invoke("aws:ec2/getAmi:getAmi", {}, provider())


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(codec="ascii")),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abc"), inner, max_size=3),
    max_leaves=5,
)


class TestComparison:
    MORE: ClassVar[dict[str, Any]] = {"added by AWS": 1}

    @given(JSON)
    def test_a_value_is_never_different_from_itself(self, value: object) -> None:
        assert list(differences(value, value, "it")) == []

    @given(st.dictionaries(st.text("abc"), JSON, max_size=3))
    def test_defaults_that_aws_adds_are_no_difference(self, value: dict[str, Any]) -> None:
        assert list(differences(value, {**self.MORE, **value}, "it")) == []

    @given(st.dictionaries(st.text("abc", min_size=1), st.integers(), min_size=1))
    def test_a_value_that_is_gone_is_found_by_its_path(self, value: dict[str, int]) -> None:
        paths = [difference.path for difference in differences(value, {}, "it")]
        assert paths == [f"it.{name}" for name in value]
