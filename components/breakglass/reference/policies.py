"""The page of the example's policy documents, as the program sends them, with their sizes."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from breakglass.documents import Document, deployer
from breakglass.quotas import QUOTAS, Quota
from breakglass.reference.markdown import anchor, code, page, table
from breakglass.rehearsal.aws.prelude import before, deployer_policy
from breakglass.rehearsal.engine.program import run
from breakglass.rehearsal.engine.registration import Registration
from breakglass.rehearsal.stacks import programs_of
from breakglass.rehearsal.stage import backdrop
from breakglass.settings import Organisation, load

EXAMPLE: Final = Path("stacks/example.yaml")

_INTRODUCTION = """\
Every policy of [`stacks/example.yaml`](../../stacks/example.yaml), recorded while the program runs.
The deployers' policies come first: they must exist before the program runs. Documents that differ
only in account or region are shown once, with the number of their copies."""

_QUOTAS: Final[Mapping[tuple[str, str], Quota]] = {
    ("aws:iam/role:Role", "assumeRolePolicy"): Quota.TRUST_POLICY,
    ("aws:iam/policy:Policy", "policy"): Quota.MANAGED_POLICY,
    ("aws:iam/rolePolicy:RolePolicy", "policy"): Quota.ROLE_INLINE_POLICIES,
    ("aws:s3/bucketPolicy:BucketPolicy", "policy"): Quota.BUCKET_POLICY,
    ("aws:sqs/queuePolicy:QueuePolicy", "policy"): Quota.QUEUE_POLICY,
    ("aws:sns/topicPolicy:TopicPolicy", "policy"): Quota.TOPIC_POLICY,
    ("aws:cloudwatch/eventBusPolicy:EventBusPolicy", "policy"): Quota.BUS_POLICY,
}
"""Where a policy stands in a resource, and the quota that it is measured by."""

_GUARDRAILS: Final = {
    "SERVICE_CONTROL_POLICY": Quota.SCP,
    "RESOURCE_CONTROL_POLICY": Quota.RCP,
}


@dataclass(frozen=True, slots=True)
class _Policy:
    """One document, and what it is called by on the page."""

    title: str
    quota: Quota
    document: Document

    @property
    def size(self) -> int:
        """Its size as AWS counts it."""
        return QUOTAS.size(self.quota, self.document)

    def likeness(self, organisation: Organisation) -> str:
        """The document without account ids and regions."""
        text = re.sub(r"\d{12}", "<account>", json.dumps(self.document))
        return re.sub("|".join(organisation.watched_regions), "<region>", text)


def policies_page(project: Path) -> str:
    """A table of sizes, then each document."""
    organisation = load(project / EXAMPLE)
    groups = _alike(organisation, [*_deployers(organisation), *_recorded(project, organisation)])
    rows = [
        (
            f"[{first.title}](#{anchor(first.title)})",
            str(len(group)),
            str(max(one.size for one in group)),
            f"{QUOTAS.limit(first.quota):,}",
            first.quota.value,
        )
        for group in groups
        for first in group[:1]
    ]
    headers = ["Policy", "Copies", "Largest", "Quota", "Counted as"]
    return page(
        "Policies of the example",
        _INTRODUCTION,
        table(headers, rows),
        *(
            f"## {group[0].title}\n\n{code(json.dumps(group[0].document, indent=2), 'json')}"
            for group in groups
        ),
    )


def _alike(organisation: Organisation, policies: list[_Policy]) -> list[list[_Policy]]:
    """The documents in groups that differ in account or region only."""
    groups: dict[str, list[_Policy]] = {}
    for policy in policies:
        groups.setdefault(policy.likeness(organisation), []).append(policy)
    return list(groups.values())


def _deployers(organisation: Organisation) -> Iterator[_Policy]:
    """What must exist first: each account's deployer, and what the pipelines may do."""
    world = before(organisation)
    for account in world.accounts:
        title = f"deployer of {account.name}"
        yield _Policy(title, Quota.MANAGED_POLICY, deployer_policy(account, world))
        trust = deployer.trust(world.ci[account.side])
        yield _Policy(f"{title}: trust", Quota.TRUST_POLICY, trust)
    for side, arn in world.ci.items():
        roles = [one.deployer for one in world.accounts if world.ci[one.side] == arn]
        document = deployer.assume_deployers(roles)
        yield _Policy(f"pipeline of the {side} side", Quota.ROLE_INLINE_POLICIES, document)


def _recorded(project: Path, organisation: Organisation) -> Iterator[_Policy]:
    """What a preview of the program registers, both sides."""
    file = project / EXAMPLE
    with backdrop(organisation) as behind:
        for one in programs_of(project, file, organisation):
            with behind.applier(one.side) as applier:
                preview = run(project, one.stack, one.config, applier, preview=True)
            for record in preview.records.values():
                yield from _policies(record)


def _policies(record: Registration) -> Iterator[_Policy]:
    """The policies that a resource holds."""
    for property_ in ("assumeRolePolicy", "policy", "content"):
        quota = _quota(record.type, property_, record.inputs)
        if quota:
            trust = ": trust" if property_ == "assumeRolePolicy" else ""
            yield _Policy(f"{record.name}{trust}", quota, json.loads(record.inputs[property_]))


def _quota(type_: str, property_: str, inputs: Mapping[str, Any]) -> Quota | None:
    if type_ == "aws:organizations/policy:Policy" and property_ == "content":
        return _GUARDRAILS[inputs["type"]]
    return _QUOTAS.get((type_, property_))
