"""The invariants as a CrossGuard policy pack, one policy an invariant.

Needs the extra ``breakglass[policy]``. A pack is a folder with a ``PulumiPolicy.yaml`` and a
``__main__.py`` that says ``PolicyPack("breakglass", policies())``: see ``infra/policy_pack``.

The engine hands a policy over a stack what each resource has become, and a policy over one resource
what the program asks for. An invariant needs both, so one policy of the pack only notes what is
asked for; it also takes the pack's settings.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from pulumi_policy import (
    EnforcementLevel,
    Policy,
    PolicyConfigSchema,
    PolicyProviderResource,
    PolicyResource,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    StackValidationArgs,
    StackValidationPolicy,
)
from pulumi_policy import proxy as marks
from pulumi_policy.deserialize import serialize_properties

from breakglass.checking import CheckReport, Shortfall, check, exemptions, graph_of
from breakglass.checking.accounts import account_of
from breakglass.checking.asking import READABLE
from breakglass.checking.completing import completed
from breakglass.checking.graphs import provider_of, resources_of
from breakglass.errors import BreakGlassError, InvalidInput
from breakglass.proof.finding import Outcome, told
from breakglass.proof.invariants import INVARIANTS
from breakglass.rehearsal.engine import wire
from breakglass.rehearsal.engine.registration import STACK, Registration
from breakglass.rehearsal.engine.unknown import UNKNOWN

NAME: Final = "breakglass"

ASKED_FOR: Final = "what_is_asked_for"
"""The policy that notes what the program asks for, and takes the settings of the pack."""

TOLD: Final = "what_is_not_decided"
"""The policy that tells once what is NOT PROVIDED; it is advisory."""

MOST: Final = 5
"""So many counterexamples are shown of one invariant at one resource."""

FAIL: Final = "fail"
TELL: Final = "tell"

SETTINGS: Final[Mapping[str, dict[str, Any]]] = {
    "organisation": {
        "type": "string",
        "description": "Organisation file; what it would tell is inferred when omitted.",
    },
    "exceptions": {
        "type": "string",
        "description": "File of exceptions, as `breakglass check --exceptions` takes it.",
    },
    "until_applied": {
        "type": "string",
        "enum": [FAIL, TELL],
        "default": FAIL,
        "description": "Whether a preview fails for what is not known before it is applied.",
    },
}
"""What ``--policy-pack-config`` may say under `ASKED_FOR`. Paths are taken from the pack's folder:
the engine runs a pack there."""


def policies() -> list[Policy]:
    """Return the policies of a pack. They belong together: what one notes, the others ask of."""
    pack = _Pack()
    noting = ResourceValidationPolicy(
        ASKED_FOR,
        "What the program asks for is known to the other policies of the pack.",
        pack.note,
        EnforcementLevel.MANDATORY,
        PolicyConfigSchema(dict(SETTINGS)),
    )
    asking = [
        StackValidationPolicy(
            name, _meaning(name), partial(pack.ask, name), EnforcementLevel.MANDATORY
        )
        for name in (READABLE, *INVARIANTS)
    ]
    telling = StackValidationPolicy(
        TOLD,
        "What the program gives no means for is told, and is no fault.",
        pack.tell,
        EnforcementLevel.ADVISORY,
    )
    return [noting, *asking, telling]


def _meaning(name: str) -> str:
    """One sentence: what is shown before each violation."""
    if name == READABLE:
        return "All that a program declares can be read."
    said = import_module(INVARIANTS[name].__module__).__doc__ or name
    return " ".join(said.strip().partition("\n\n")[0].split())


@dataclass(slots=True)
class _Pack:
    """What the policies of one pack share while the engine asks them."""

    asked_for: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    """URN to inputs."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    answer: "_Answer | None" = None
    told: set[str] = field(default_factory=set)
    """The policies that were given the answer."""

    def note(self, args: ResourceValidationArgs, report: ReportViolation) -> None:
        """Keep what is asked for of one resource."""
        del report
        self.asked_for[args.urn] = _plain(args.props)
        self.settings = args.get_config() or self.settings

    def ask(self, name: str, args: StackValidationArgs, report: ReportViolation) -> None:
        """Report what one invariant finds; NOT PROVIDED is not applicable."""
        answer = self._answer(name, args)
        for (verdict, urn), texts in answer.failing(name).items():
            more = [f"and {len(texts) - MOST} more: see breakglass check"] * (len(texts) > MOST)
            report("\n".join([f"{verdict}: {texts[0]}", *texts[1:MOST], *more]), urn)
        for one in answer.report.expired:
            if one.invariant == name:
                report(f"An {one} ended on {one.until}: {one.reason}", None)
        for finding in answer.report.findings:
            if finding.name == name and finding.verdict is Outcome.NOT_PROVIDED:
                args.not_applicable(finding.reason)

    def tell(self, args: StackValidationArgs, report: ReportViolation) -> None:
        """Report once, for all of them, what is not provided and what a preview cannot know."""
        lines = self._answer(TOLD, args).lines()
        if lines:
            report("\n".join(lines), None)

    def _answer(self, policy: str, args: StackValidationArgs) -> "_Answer":
        """Ask all invariants, once for all policies: who asks again asks about another stack."""
        if self.answer is None or policy in self.told:
            self.answer = self._asked(_records(args.resources, self.asked_for))
            self.told = set()
        self.told.add(policy)
        return self.answer

    def _asked(self, records: Mapping[str, Registration]) -> "_Answer":
        managed = [*resources_of(records)]
        if not managed and all(one.type == STACK for one in records.values()):
            return _Answer(CheckReport("", (), (), (), (), (), (), {}))  # a stack that is destroyed
        if not self.asked_for:
            why = f"The policy {ASKED_FOR} is disabled, so nobody knows what the program asks for"
            return _refused(why)
        try:
            return self._checked(records)
        except BreakGlassError as error:
            return _refused(f"{error}")

    def _checked(self, records: Mapping[str, Registration]) -> "_Answer":
        stack, project = next(iter(records)).removeprefix("urn:pulumi:").split("::")[:2]
        org, exceptions = self._file("organisation"), self._file("exceptions")
        graph = graph_of(project, [stack], records, org=org)
        report = check(
            graph,
            today=datetime.now(tz=UTC).date(),
            exemptions=exemptions.load(exceptions) if exceptions else (),
            everything=tuple(resources_of(records)),
            stacks=(stack,),
        )
        unsure = any(one.unknown for one in resources_of(records))
        tolerant = unsure and self.settings.get("until_applied") == TELL
        return _Answer(report, _urns(records), tolerant=tolerant)

    def _file(self, setting: str) -> Path | None:
        said = self.settings.get(setting)
        if not said:
            return None
        file = Path(str(said))
        if not file.is_file():
            accepted = f"a file, from {Path.cwd()}"
            raise InvalidInput(f"{ASKED_FOR}: {setting}", str(said), accepted)
        return file


# --- what the pack found --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Answer:
    """The report on one stack."""

    report: CheckReport
    urns: Mapping[tuple[str, str, str], str] = field(default_factory=dict)
    """Type, account and name of a resource to its URN."""
    tolerant: bool = False
    """Whether what is not decided is only told."""

    def failing(self, name: str) -> dict[tuple[Outcome, str | None], list[str]]:
        """What is a violation of one invariant: texts by verdict and URN."""
        found: dict[tuple[Outcome, str | None], list[str]] = {}
        for one in self.report.shortfalls:
            if one.invariant == name and not self._told(one):
                found.setdefault((one.verdict, self._urn_of(one)), []).append(one.text)
        return found

    def lines(self) -> list[str]:
        """What is told and fails nothing."""
        absent = [
            f"{one.verdict} {one.name}: {one.reason}"
            for one in self.report.findings
            if one.verdict is Outcome.NOT_PROVIDED
        ]
        unsure = [
            f"{one.verdict} {one.invariant}: {one.text}"
            for one in self.report.shortfalls
            if self._told(one)
        ]
        return [*absent, *unsure]

    def _urn_of(self, shortfall: Shortfall) -> str | None:
        """Return the URN of what falls short, where it is about one resource."""
        one = shortfall.resource
        return None if one is None else self.urns.get((one.type, one.account, one.name))

    def _told(self, shortfall: Shortfall) -> bool:
        return self.tolerant and shortfall.verdict is Outcome.UNKNOWN


def _refused(why: str) -> _Answer:
    """Nothing can be asked: each policy fails, whichever of them is enforced; one says why."""
    see = f"Nothing could be asked: see {READABLE}"
    findings = [
        told(READABLE, Outcome.UNKNOWN, (why,)),
        *(told(name, Outcome.UNKNOWN, (see,)) for name in INVARIANTS),
    ]
    shortfalls = [Shortfall(one.name, one.verdict, one.reason, None) for one in findings]
    return _Answer(CheckReport("", (), findings, shortfalls, (), (), (), {}))


def _urns(records: Mapping[str, Registration]) -> Mapping[tuple[str, str, str], str]:
    """Type, account and name of each resource to its URN."""
    return {
        (one.type, account_of(provider_of(one, records)).id, one.name): urn
        for urn, one in records.items()
        if one.custom
    }


# --- what the engine hands over -------------------------------------------------------------------


def _records(
    resources: Sequence[PolicyResource], asked_for: Mapping[str, Mapping[str, Any]]
) -> dict[str, Registration]:
    given = [_record(one, asked_for.get(one.urn)) for one in resources]
    return completed([*given, *_providers(resources)])


def _record(one: PolicyResource, asked_for: Mapping[str, Any] | None) -> Registration:
    became = _plain(one.props)
    return Registration(
        urn=one.urn,
        type=one.resource_type,
        name=one.name,
        custom=one.provider is not None,
        parent=one.parent.urn if one.parent else "",
        inputs=became if asked_for is None else asked_for,
        outputs=became,
        provider=f"{one.provider.urn}::{one.provider.name}" if one.provider else "",
        property_dependencies={
            key: tuple(source.urn for source in sources)
            for key, sources in one.property_dependencies.items()
        },
        source=one.resource_type,  # the engine tells no line
    )


def _providers(resources: Iterable[PolicyResource]) -> list[Registration]:
    found: dict[str, PolicyProviderResource] = {
        one.provider.urn: one.provider for one in resources if one.provider
    }
    return [
        Registration(
            urn=urn,
            type=one.resource_type,
            name=one.name,
            inputs=wire.provider_settings(_plain(one.props), one.name),
            id=one.name,
        )
        for urn, one in found.items()
    ]


_UNKNOWN: Final = frozenset(
    value
    for name, value in vars(marks).items()
    if name.startswith("UNKNOWN_") and isinstance(value, str)
)
"""The texts that stand for what is not known yet, by type."""


def _plain(properties: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return properties as values: whole numbers as such, without the provider's own notes."""
    return {
        key: _value(one)
        for key, one in sorted(serialize_properties(properties).items())
        if not key.startswith("__") and one is not None
    }


def _value(given: object) -> object:
    match given:
        case str():
            return UNKNOWN if given in _UNKNOWN else given
        case float() if given.is_integer():
            return int(given)
        case Mapping() if wire.MARK in given:
            return UNKNOWN  # a file or an archive
        case Mapping():
            return {
                key: _value(one) for key, one in sorted(given.items()) if not key.startswith("__")
            }
        case list():
            return [_value(one) for one in given]
        case _:
            return given
