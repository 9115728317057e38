"""The graph says of each resource whose account it is in, and which line made it."""

from dataclasses import replace

import pytest
from recording import graph, organisation

from breakglass.errors import InvalidInput
from breakglass.proof.graph import Graph
from breakglass.rehearsal.engine.registration import Registration
from breakglass.rehearsal.evidence import facts, graph_of
from breakglass.settings import Side

URN = "urn:pulumi:s::p::"
BY_ROLE = Registration(
    f"{URN}pulumi:providers:aws::a",
    "pulumi:providers:aws",
    "a",
    inputs={
        "assumeRoles": [
            {"roleArn": "arn:aws:iam::111111111111:role/hub"},
            {"roleArn": "arn:aws:iam::222222222222:role/d"},
        ],
        "region": "eu-west-1",
    },
)
BY_ID = replace(BY_ROLE, inputs={"allowedAccountIds": ["333333333333"], "region": "eu-west-1"})
QUEUE = Registration(
    f"{URN}aws:sqs/queue:Queue::q",
    "aws:sqs/queue:Queue",
    "q",
    inputs={"name": "q"},
    provider=f"{BY_ROLE.urn}::1",
    source="infra/__main__.py:12",
)


def recorded(*records: Registration) -> Graph:
    return graph_of(organisation("minimal"), {r.urn: r for r in records}, [Side.ALL])


def test_a_resource_is_in_the_account_of_the_last_role_that_its_provider_assumes() -> None:
    (queue,) = recorded(BY_ROLE, QUEUE).resources
    assert (queue.account, queue.region) == ("222222222222", "eu-west-1")
    assert str(queue) == "q in 222222222222 (infra/__main__.py:12)"


def test_without_a_role_the_provider_is_bound_to_one_account_id() -> None:
    (queue,) = recorded(BY_ID, QUEUE).resources
    assert queue.account == "333333333333"


def test_the_region_of_a_resource_stands_over_its_providers() -> None:
    (queue,) = recorded(BY_ROLE, replace(QUEUE, inputs={"region": "us-east-1"})).resources
    assert queue.region == "us-east-1"


@pytest.mark.parametrize("bound", [{}, {"allowedAccountIds": ["1" * 12, "2" * 12]}])
def test_a_provider_that_may_be_anywhere_is_refused(bound: dict[str, list[str]]) -> None:
    with pytest.raises(InvalidInput, match="allowedAccountIds"):
        recorded(replace(BY_ROLE, inputs=bound), QUEUE)


def test_the_default_provider_is_refused() -> None:
    with pytest.raises(InvalidInput, match="provider of q"):
        recorded(replace(QUEUE, provider=""))


def test_components_and_providers_are_no_resources() -> None:
    component = replace(QUEUE, urn=f"{URN}x", type="breakglass:index:Watch", custom=False)
    assert [one.name for one in recorded(BY_ROLE, QUEUE, component).resources] == ["q"]


def test_the_program_leaves_a_line_with_every_resource() -> None:
    assert all(one.source for one in graph("example").resources)


def test_the_sides_that_were_applied_are_told() -> None:
    settings = organisation("example")
    assert facts(settings, [Side.EDGE]).sides == ["edge"]
    assert facts(settings, [Side.EDGE, Side.KEEPER]).sides == ["keeper", "edge"]
    assert facts(settings, [Side.ALL]).sides == ["keeper", "edge"]


def test_the_claims_of_a_workflow_are_those_of_the_settings() -> None:
    workflow = facts(organisation("example"), [Side.ALL]).entries[2]
    assert workflow.claims == {
        "aud": ["sts.amazonaws.com"],
        "sub": ["repo:example-org/security:environment:break-glass"],
        "repository_id": ["700000001"],
        "job_workflow_ref": [
            "example-org/security/.github/workflows/break-glass.yml@refs/heads/main"
        ],
    }


def test_an_owners_id_adds_the_immutable_subject() -> None:
    settings = organisation("example")
    workflow = settings.entries[2].model_copy(update={"owner_id": 42})
    changed = settings.model_copy(update={"entries": (workflow,)})
    assert facts(changed, [Side.ALL]).entries[0].claims["sub"] == [
        "repo:example-org/security:environment:break-glass",
        "repo:example-org@42/security@700000001:environment:break-glass",
    ]
