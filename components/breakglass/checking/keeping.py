"""Whether a record is kept apart: in another account than those that it is of."""

import json
import re
from collections.abc import Container, Iterator
from typing import Final

from breakglass.checking.belonging import BUCKET_POLICY, TRAIL
from breakglass.errors import BreakGlassError
from breakglass.proof.declared import Written, statements_of
from breakglass.proof.deliveries import is_of_the_organization
from breakglass.proof.graph import Graph, Resource

EVERY_MEMBER: Final = "every member of the organisation"
"""Stands for the accounts that an organisation's trail records."""

_ACCOUNT: Final = re.compile(r"(?<!\d)\d{12}(?!\d)")
_ORGANIZATION: Final = re.compile(r"\bo-[a-z0-9]{10,32}\b")
_CLOUDTRAIL: Final = "cloudtrail.amazonaws.com"


def recorded_in(graph: Graph, bucket: str) -> set[str]:
    """Return whose record a bucket holds, as far as trails and its own policy tell."""
    found = set[str]()
    for one in graph.resources:
        if one.type == TRAIL and one.inputs.get("s3BucketName") == bucket:
            found.add(one.account)
            if "isOrganizationTrail" in one.unknown or is_of_the_organization(one):
                found.add(EVERY_MEMBER)
        if one.type == BUCKET_POLICY and one.inputs.get("bucket") == bucket:
            found |= {*_let_in(one)}
    return found


def is_apart(recorded: set[str], owner: str, told: Container[str]) -> bool | None:
    """Tell whether a bucket of ``owner`` holds another account's record; None where nobody knows.

    ``told`` are the accounts of which the program says which they are.
    """
    others = recorded - {owner}
    if EVERY_MEMBER in others or not recorded:
        return True
    if not others:
        return False
    return True if owner in told and any(one in told for one in others) else None


def _let_in(policy: Resource) -> Iterator[str]:
    """The accounts for which a bucket's policy lets CloudTrail in."""
    text = policy.inputs.get("policy")
    try:
        written = statements_of(Written("", text)) if isinstance(text, str) else ()
    except BreakGlassError:  # told by whoever asks for the policy
        return
    for statement in written:
        said = json.dumps(statement)
        if statement.get("Effect") == "Allow" and _CLOUDTRAIL in said:
            yield from _ACCOUNT.findall(said)
            if _ORGANIZATION.search(said):
                yield EVERY_MEMBER
