"""Actions that are put into one group are decided alike."""

from dataclasses import replace

from hypothesis import given, settings

from breakglass.proof.evaluate import Evaluator, evaluate
from breakglass.proof.model import Layers, Request
from tests.support.policies import layers_of_policies, requests

ACTIONS = (
    "iam:CreateRole",
    "kms:Decrypt",
    "kms:PutKeyPolicy",
    "s3:DeleteObject",
    "s3:GetObject",
    "s3:PutObject",
    "sns:Publish",
    "sqs:SetQueueAttributes",
    "sts:AssumeRole",
    "sts:TagSession",
)


@settings(max_examples=100)
@given(requests(), layers_of_policies)
def test_no_request_tells_the_actions_of_a_group_apart(request_: Request, under: Layers) -> None:
    groups = Evaluator(under).alike(ACTIONS)
    assert sorted(action for group in groups for action in group) == sorted(ACTIONS)
    for group in groups:
        decided = {evaluate(replace(request_, action=one), under).decision for one in group}
        assert len(decided) == 1, group
