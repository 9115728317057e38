"""A document that AWS would refuse for its shape is refused by policy and element."""

from typing import Any

import pytest

from breakglass.errors import InvalidInput
from breakglass.proof.evaluate import Evaluator
from breakglass.proof.model import Layers, Policy

GOOD = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
NAMED = {**GOOD, "Principal": "*"}


def compile_(document: Any, layer: str = "identity") -> None:  # noqa: ANN401 - any JSON
    policy = Policy("kit", document)
    fields: dict[str, Any] = {
        "identity": {"identity": [policy]},
        "resource": {"resource": policy},
        "scp": {"scps": [[policy]]},
    }
    Evaluator(Layers(**fields[layer]))


def modern(*statements: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON
    return {"Version": "2012-10-17", "Statement": list(statements)}


@pytest.mark.parametrize(
    ("document", "layer", "named"),
    [
        ([], "identity", "kit"),
        ({"Version": "2012-10-17"}, "identity", "kit Statement"),
        ({"Version": "2012-10-17", "Statement": []}, "identity", "kit Statement"),
        ({"Version": "2012-10-18", "Statement": [GOOD]}, "identity", "kit Version"),
        ({"version": "2012-10-17", "Statement": [GOOD]}, "identity", "'version'"),
        (modern("Allow"), "identity", "kit#0"),
        (modern({**GOOD, "Effect": "allow"}), "identity", "kit#0 Effect"),
        (modern({**GOOD, "Conditions": {}}), "identity", "'Conditions'"),
        (modern({"Effect": "Allow", "Resource": "*"}), "identity", "kit#0 Action"),
        (modern({**GOOD, "NotAction": "*"}), "identity", "kit#0 Action"),
        (modern({**GOOD, "Action": 3}), "identity", "kit#0 Action"),
        (modern({"Effect": "Allow", "Action": "*"}), "identity", "kit#0 Resource"),
        (modern({**GOOD, "Sid": "Mine", "NotResource": "*"}), "identity", "kit#Mine Resource"),
        (modern(NAMED), "identity", "'Principal'"),
        (modern(NAMED), "scp", "'Principal'"),
        (modern(GOOD), "resource", "kit#0 Principal"),
        (modern({**GOOD, "Principal": "me"}), "resource", "kit#0 Principal"),
        (modern({**NAMED, "NotPrincipal": "*"}), "resource", "kit#0 Principal"),
        (modern({**GOOD, "Condition": {"Bool": "true"}}), "identity", "kit#0 Condition"),
        (modern({**GOOD, "Condition": {"Bool": {"k": {}}}}), "identity", "kit#0 Bool k"),
        (modern({**GOOD, "Condition": {"Bool": {"k": {1, 2}}}}), "identity", "kit"),
    ],
)
def test_a_malformed_document_is_refused_by_name(document: Any, layer: str, named: str) -> None:  # noqa: ANN401 - any JSON
    with pytest.raises(InvalidInput) as caught:
        compile_(document, layer)
    assert named in str(caught.value)


@pytest.mark.parametrize(
    ("document", "layer"),
    [
        (modern(GOOD), "identity"),
        (modern(GOOD), "scp"),
        (modern(NAMED), "resource"),
        ({"Statement": GOOD}, "identity"),
        ({**modern(GOOD), "Id": "x"}, "identity"),
        (modern({**GOOD, "Condition": {"Bool": {"k": [True, "false", 1]}}}), "identity"),
        (modern({"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": "*"}), "resource"),
    ],
)
def test_its_well_formed_twin_is_taken(document: dict[str, Any], layer: str) -> None:
    compile_(document, layer)
