"""No statement of a record's policy and no condition of a trust policy is idle.

Each is taken away alone; some invariant must miss it. What none misses is listed with the reason.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from mutations import Mutation, drops_condition, drops_statement, without

from breakglass.proof.finding import Outcome
from breakglass.proof.graph import Graph
from breakglass.proof.invariants import INVARIANTS

RECORDS = ("vault-bucket-policy", "witness-bucket-policy")
ON_RECORDS = ("vault_holds_in_its_own_account", "actor_cannot_touch_the_vault")
ON_RESOURCES = (
    "vault_is_elsewhere_and_locked",
    "every_account_is_recorded",
    "second_trail_is_independent",
    "nobody_outside_enters_a_keeper_account",
    "guardrails_bind_every_member",
)
TRUST = ("entry_trust_demands_what_it_must", "break_glass_trust_demands_what_it_must")

SAID_TWICE = {
    "NobodyDeletes": "OnlyCloudTrailWrites denies it to all but services, who are granted nothing",
    "OnlyReadersRead": "nothing can be written by reading; who reads is no invariant yet",
    "ReadersRead": "the same: it lets the listed readers in",
    "ReadersList": "the same",
}
SAID_TWICE_IN_TRUST = {
    ("EnterAsYourselfWithSecondFactor", "Bool", "aws:MultiFactorAuthPresent"): (
        "only a call with a second factor has an age of it, which is demanded too"
    ),
    ("TagTheSession", "ForAllValues:StringEquals", "sts:TransitiveTagKeys"): (
        "STS takes only keys of tags, and aws:TagKeys lists those"
    ),
}


Part = tuple[str, Mutation]
"""A part in words, and its removal."""


def policies(of: Graph, type_: str, key: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for one in of.resources:
        if one.type == type_:
            yield one.name, json.loads(str(one.get(key)))


def statements_of_records(of: Graph) -> Iterator[Part]:
    for name, policy in policies(of, "aws:s3/bucketPolicy:BucketPolicy", "policy"):
        for body in policy["Statement"] if name in RECORDS else ():
            if body["Sid"] not in SAID_TWICE:
                yield f"{name}#{body['Sid']}", drops_statement(name, body["Sid"])


def conditions_of_trust(of: Graph) -> Iterator[Part]:
    for name, policy in policies(of, "aws:iam/role:Role", "assumeRolePolicy"):
        for body in policy["Statement"] if name.startswith(("scope-", "entry-")) else ():
            for operator, keys in body["Condition"].items():
                for key in keys:
                    if (body["Sid"], operator, key) not in SAID_TWICE_IN_TRUST:
                        words = f"{name}#{body['Sid']} {operator} {key}"
                        yield words, drops_condition(name, body["Sid"], operator, key)


def keepers_of_the_record(of: Graph) -> Iterator[Part]:
    kinds = ("aws:s3", "aws:cloudtrail", "aws:organizations/policyAttachment")
    for one in of.resources:
        if one.type.startswith(kinds) and not one.name.startswith("vault-results"):
            yield one.name, without(one.name)


def survivors(of: Graph, parts: Iterable[Part], names: Sequence[str]) -> list[str]:
    """What can be taken away without any of the invariants missing it."""
    return [
        words
        for words, removal in parts
        if not any(INVARIANTS[n](removal(of)).verdict is Outcome.BROKEN for n in names)
    ]


def test_no_statement_that_guards_a_record_is_idle(example: Graph) -> None:
    parts = list(statements_of_records(example))
    assert len(parts) >= 10
    assert survivors(example, parts, ON_RECORDS) == []


def test_no_condition_of_a_trust_policy_is_idle(example: Graph) -> None:
    parts = list(conditions_of_trust(example))
    assert len(parts) >= 40
    assert survivors(example, parts, TRUST) == []


def test_no_resource_that_keeps_the_record_is_idle(example: Graph) -> None:
    parts = list(keepers_of_the_record(example))
    assert len(parts) >= 25
    assert survivors(example, parts, ON_RESOURCES) == []
