"""What deployers ask for while a topology is made, read again, changed in place and ended."""

import tomllib
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from breakglass.documents import Document
from breakglass.proof.model import Verdict
from breakglass.rehearsal.aws.callers import Caller
from breakglass.rehearsal.aws.prelude import ExistingAccount, before, deployer_policy
from breakglass.rehearsal.engine.registration import Registration, Run
from breakglass.rehearsal.guard import Guard
from breakglass.rehearsal.performing import perform
from breakglass.rehearsal.resources.apply import Applier
from breakglass.rehearsal.resources.registry import properties_of
from breakglass.rehearsal.stacks import programs_of
from breakglass.rehearsal.stage import Backdrop, backdrop
from breakglass.settings import Organisation

REPOSITORY = Path(__file__).parents[2]

UNCHANGED = "aws:athena/workgroup:Workgroup"
"""The one type that moto cannot change."""
BY_HAND = "by hand"
"""What stands in the place of a type for calls that a person makes as the deployer."""
_TAGS = {"cost-centre": "security"}
_EMPTY = {str: "", dict: {}, list: []}
_CONSTANT = {"clientIdLists"}
"""What the kit gives always alike: GitHub's audience."""

Need = tuple[str, str]
"""Action and resource."""


@dataclass(frozen=True, slots=True)
class RealCall:
    """An action that the real provider needs for a type and no handler asks for."""

    type: str
    only: str
    """Input that must be set for it; empty when it is needed anyway."""
    action: str
    resource: str
    """ARN, with outputs of the resource, ``account`` and ``region`` as fields."""
    why: str

    def concerns(self, record: Registration) -> bool:
        """Whether the real provider needs it for this resource."""
        return self.type == record.type and bool(not self.only or record.inputs.get(self.only))


def real_calls() -> list[RealCall]:
    """Read the list."""
    return [
        RealCall(type_, only, *(column.strip() for column in row.split(" | ")))
        for key, table in _tables().items()
        for type_, _, only in [key.partition("?")]
        for row in table.get("calls", ())
    ]


def types_read() -> set[str]:
    """Give the types for which somebody read what the real provider calls."""
    return {key for key, table in _tables().items() if table["source"]} - {BY_HAND}


def _tables() -> dict[str, Any]:
    return tomllib.loads((Path(__file__).parent / "real_provider.toml").read_text("utf-8"))


@dataclass(frozen=True, slots=True)
class Made:
    """A resource of AWS as it stands, with its provider."""

    record: Registration
    provider: Registration

    @property
    def account(self) -> str:
        """Where it stands."""
        return str(self.provider.inputs["allowedAccountIds"][0])

    def need(self, call: RealCall) -> Need:
        """Fill in the ARN of a call."""
        region = self.record.outputs.get("region") or self.provider.inputs["region"]
        fields = {**self.record.outputs, "account": self.account, "region": region}
        return call.action, call.resource.format_map(fields)


@dataclass(slots=True)
class Life:
    """What deployers asked for while an organisation's topology came and went."""

    accounts: Sequence[ExistingAccount]
    policies: dict[str, Document]
    """Account id to the policy of its deployer."""
    asked: dict[str, set[Need]] = field(default_factory=lambda: defaultdict(set))
    """By account id, while handlers did the work."""
    really: dict[str, dict[Need, RealCall]] = field(default_factory=lambda: defaultdict(dict))
    """By account id, what the real provider would ask besides."""
    refused: list[str] = field(default_factory=list)
    """What of that the guard would refuse."""
    types: set[str] = field(default_factory=set)
    """Types of AWS that the program used."""


def live(organisation: Organisation, file: Path, calls: Collection[RealCall]) -> Life:
    """Apply both sides, refresh and change every AWS resource, destroy edge before keeper."""
    world = before(organisation)
    life = Life(world.accounts, {one.id: deployer_policy(one, world) for one in world.accounts})
    programs = programs_of(REPOSITORY, file, organisation)
    with backdrop(organisation) as behind, _listening(life.asked, behind.existing.deployers):
        made = {}
        for program in programs:
            with behind.applier(program.side) as applier:
                made[program.side] = list(_made(perform(program, applier)))
                _refresh_and_change(applier, made[program.side])
        for one in (one for of_side in made.values() for one in of_side):
            life.types.add(one.record.type)
            life.refused += _really(behind, one, calls, life.really[one.account])
        for side in reversed(made):
            with behind.applier(side) as applier:
                _destroy(applier, made[side])
    return life


@contextmanager
def _listening(asked: dict[str, set[Need]], deployers: Mapping[str, str]) -> Iterator[None]:
    """Note every action that the guard decides for a deployer."""
    decide = Guard.decide

    def noting(  # noqa: PLR0913, PLR0917 - the parameters of Guard.decide
        guard: Guard,
        caller: Caller,
        service: str,
        operation: str,
        params: Mapping[str, Any],
        region: str,
    ) -> Verdict:
        if caller.principal.arn == deployers.get(caller.account):
            requests = guard.requests(caller, service, operation, params, region)
            asked[caller.account] |= {(request.action, request.resource) for request in requests}
        return decide(guard, caller, service, operation, params, region)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Guard, "decide", noting)
        yield


def _made(stack: Run) -> Iterator[Made]:
    for record in stack.records.values():
        if record.custom and record.type.startswith("aws:"):
            yield Made(record, stack.records[record.provider.rpartition("::")[0]])


def _refresh_and_change(applier: Applier, made: list[Made]) -> None:
    """Read each resource; add a tag; take it off while everything else was empty before."""
    for one in made:
        record, provider = one.record, one.provider
        applier.read(record, provider)
        if record.type == UNCHANGED:
            continue
        emptied = {name: _emptied(name, value) for name, value in record.inputs.items()}
        if "tags" in properties_of(record.type):
            tagged = replace(record, inputs={**record.inputs, "tags": _TAGS})
            applier.update(tagged, provider, before=record.inputs, preview=False)
            emptied["tags"] = _TAGS
        applier.update(record, provider, before=emptied, preview=False)


def _emptied(name: str, value: object) -> object:
    return value if name in _CONSTANT else _EMPTY.get(type(value), value)


def _destroy(applier: Applier, made: list[Made]) -> None:
    """Delete what nothing depends on, until nothing is left."""
    left = {one.record.urn: one for one in made}
    while left:
        needed = {urn for one in left.values() for urn in one.record.dependencies}
        for urn in sorted(left.keys() - needed):
            one = left.pop(urn)
            applier.delete(one.record, one.provider)


def _really(
    behind: Backdrop, one: Made, calls: Collection[RealCall], needed: dict[Need, RealCall]
) -> Iterator[str]:
    """Ask the guard for what the real provider needs for a resource; yield what it refuses."""
    deployer = behind.existing.deployers[one.account]
    caller = behind.emulator.session(deployer, session_name="pulumi")
    for call in (call for call in calls if call.concerns(one.record)):
        action, resource = one.need(call)
        needed[action, resource] = call
        verdict = Guard().may(caller, action, resource, behind.organisation.home_region)
        if not verdict.allowed:
            yield f"{action} on {resource}: {verdict.reason}"
