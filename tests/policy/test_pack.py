"""The policy pack says of a stack what ``breakglass check`` says of the program."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from breakglass.checking import CheckReport, check, child, graph_of
from breakglass.checking.asking import READABLE
from breakglass.checking.completing import completed
from breakglass.checking.graphs import resources_of
from breakglass.checking.recorder import Recorder
from breakglass.policy_pack import ASKED_FOR, TELL, TOLD
from breakglass.proof.finding import Outcome
from breakglass.proof.invariants import INVARIANTS
from breakglass.rehearsal.engine.registration import Registration
from breakglass.rehearsal.engine.unknown import UNKNOWN
from tests.support.policy_pack import agree, found_of
from tests.support.recorded import recorded as recording

PROJECT = Path(__file__).parents[2]
TODAY = date(2026, 11, 22)
NAMES = [READABLE, *INVARIANTS]

STACKS = [
    ("infra", "example-keeper", "example.yaml"),
    ("infra", "example-edge", "example.yaml"),
    ("infra", "minimal", "minimal.yaml"),
    ("infra", "minimal", None),
    ("examples/foreign/as_found", "prod", None),
    ("examples/foreign/mended", "prod", None),
]
AS_FOUND = "examples/foreign/as_found"

Records = Mapping[str, Registration]
Engine = Callable[..., Any]


class NotApplied(Recorder):
    """Knows no more than the engine does in a preview: what is asked for."""

    def create(
        self, resource: Registration, provider: Registration, *, preview: bool
    ) -> tuple[str, dict[str, Any]]:
        del provider, preview
        return "", dict(resource.inputs)


@cache
def recorded(program: str, stack: str) -> Records:
    """Return what a check records, with types for lines: the engine tells a pack no line."""
    records = recording(PROJECT / program, stack).records
    return {urn: replace(one, source=one.type) for urn, one in records.items()}


def file(organisation: str | None) -> Path | None:
    return PROJECT / "stacks" / organisation if organisation else None


def check_of(program: str, stack: str, organisation: str | None) -> CheckReport:
    records = recorded(program, stack)
    name = next(iter(records)).split("::")[1]
    graph = graph_of(name, (stack,), records, org=file(organisation))
    return check(graph, today=TODAY, everything=tuple(resources_of(records)))


def settings(organisation: str | None, **more: str) -> dict[str, str]:
    return {"organisation": str(file(organisation)), **more} if organisation else more


@pytest.mark.parametrize(("program", "stack", "organisation"), STACKS)
def test_a_pack_finds_in_a_stack_what_a_check_finds_in_its_program(
    engine: Engine, program: str, stack: str, organisation: str | None
) -> None:
    asked = engine(**settings(organisation)).preview(recorded(program, stack))
    report = check_of(program, stack, organisation)
    for name in NAMES:
        assert agree(asked.of(name), found_of(report, name)), name
    absent = {f.name: f.reason for f in report.findings if f.verdict is Outcome.NOT_PROVIDED}
    assert asked.not_applicable == absent
    told = [f"NOT PROVIDED {name}: {reason}" for name, reason in absent.items()]
    assert asked.of(TOLD) == told
    assert asked.fails == report.falls_short


def test_a_violation_is_shown_at_its_resource(engine: Engine) -> None:
    asked = engine().preview(recorded(AS_FOUND, "prod"))
    shown = {one.urn.split("::", 2)[2] for one in asked.violations if "43200 seconds" in one.text}
    assert shown == {"aws:iam/role:Role::break-glass-admin"}


def test_what_is_not_provided_is_told_once_and_fails_nothing(engine: Engine) -> None:
    asked = engine().preview(recorded("examples/foreign/mended", "prod"))
    assert [one.policy for one in asked.violations] == [TOLD]
    assert not asked.fails


# --- a preview, before anything is there ----------------------------------------------------------


@pytest.fixture
def not_applied(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], Records]:
    """Record a program as the engine knows it before anything is applied."""
    monkeypatch.setattr(child, "Recorder", NotApplied)
    return recorded.__wrapped__


def test_a_preview_of_the_kit_decides_as_much_as_a_check(
    engine: Engine, not_applied: Callable[[str, str], Records]
) -> None:
    records = not_applied("infra", "minimal")
    assert not any(one.id for one in records.values() if one.custom and one.provider)
    asked = engine(**settings("minimal.yaml")).preview(records)
    assert asked == engine(**settings("minimal.yaml")).preview(recorded("infra", "minimal"))


def test_a_document_that_is_not_known_yet_fails_a_preview(
    engine: Engine, not_applied: Callable[[str, str], Records]
) -> None:
    asked = engine().preview(not_applied(AS_FOUND, "prod"))
    (unsure,) = [text for text in asked.of("actor_cannot_touch_the_vault") if "UNKNOWN" in text]
    assert unsure.startswith("UNKNOWN: policy of audit-logs in 777777777777")
    assert unsure.endswith("is not known before it is applied")


def test_it_may_only_be_told_until_it_is_applied(
    engine: Engine, not_applied: Callable[[str, str], Records]
) -> None:
    asked = engine(until_applied=TELL).preview(not_applied(AS_FOUND, "prod"))
    assert not any("UNKNOWN" in one.text for one in asked.violations if one.mandatory)
    assert "UNKNOWN actor_cannot_touch_the_vault: policy of audit-logs" in "\n".join(asked.of(TOLD))
    assert asked.fails, "what is BROKEN already fails as before"


def test_applied_it_fails_whatever_the_setting(engine: Engine) -> None:
    asked = engine(until_applied=TELL).preview(recorded(AS_FOUND, "prod"))
    assert any(text.startswith("UNKNOWN") for text in asked.of("entry_trust_demands_what_it_must"))


def test_what_a_dynamic_provider_does_is_not_known_whatever_its_language(engine: Engine) -> None:
    records = dict(recorded("examples/foreign/mended", "prod"))
    for language in ("python:dynamic:Resource", "nodejs:dynamic:Resource"):
        urn = f"urn:pulumi:prod::harbour::pulumi-{language}::it"
        records[urn] = Registration(urn, f"pulumi-{language}", "it")
    asked = engine().preview(records)
    assert len(asked.of(READABLE)) == 2
    assert "A dynamic provider may do anything" in asked.of(READABLE)[0]


# --- references -----------------------------------------------------------------------------------

PROVIDER = Registration("urn:pulumi:s::p::pulumi:providers:aws::in", "pulumi:providers:aws", "in")


def resource(type_: str, name: str, **inputs: object) -> Registration:
    token = f"aws:{type_}"
    urn = f"urn:pulumi:s::p::{token}::{name}"
    return Registration(urn, token, name, inputs=inputs, provider=f"{PROVIDER.urn}::in")


def bucket(name: str) -> Registration:
    return resource("s3/bucket:Bucket", name, bucket=f"acme-{name}")


def versioning(of: object, *sources: Registration) -> Registration:
    found = resource("s3/bucketVersioning:BucketVersioning", "versioning", bucket=of)
    return replace(found, property_dependencies={"bucket": tuple(one.urn for one in sources)})


def test_a_reference_to_one_bucket_is_its_name() -> None:
    logs = bucket("logs")
    part = versioning(UNKNOWN, logs)
    assert completed([PROVIDER, logs, part])[part.urn].inputs["bucket"] == "acme-logs"


def test_a_reference_that_comes_from_two_buckets_stays_unknown() -> None:
    logs, old = bucket("logs"), bucket("old")
    part = versioning(UNKNOWN, logs, old)
    assert completed([PROVIDER, logs, old, part])[part.urn].inputs["bucket"] is UNKNOWN


def test_what_is_known_is_never_changed() -> None:
    logs = replace(bucket("logs"), outputs={"arn": "arn:aws-cn:s3:::acme-logs"})
    part = versioning("another", logs)
    done = completed([PROVIDER, logs, part])
    assert done[part.urn].inputs["bucket"] == "another"
    assert done[logs.urn].outputs["arn"] == "arn:aws-cn:s3:::acme-logs"


# --- settings -------------------------------------------------------------------------------------


def test_without_the_policy_that_notes_all_others_fail(engine: Engine) -> None:
    asked = engine().stack(recorded(AS_FOUND, "prod"))
    assert f"The policy {ASKED_FOR} is disabled" in asked.of(READABLE)[0]
    assert all(asked.of(name) for name in NAMES)


def test_an_organisation_file_that_is_not_there_fails_with_its_name(engine: Engine) -> None:
    asked = engine(organisation="nowhere.yaml").preview(recorded(AS_FOUND, "prod"))
    assert "'nowhere.yaml' is not accepted; give a file, from" in asked.of(READABLE)[0]
    assert all(asked.of(name) for name in NAMES)


def test_a_stack_that_is_destroyed_falls_short_of_nothing(engine: Engine) -> None:
    assert engine().preview({}).violations == ()


def test_one_pack_is_asked_of_one_stack_after_another(engine: Engine) -> None:
    pack = engine()
    assert pack.preview(recorded(AS_FOUND, "prod")).fails
    assert not pack.preview(recorded("examples/foreign/mended", "prod")).fails


def test_an_exception_lets_pass_until_its_end(engine: Engine, tmp_path: Path) -> None:
    exceptions = tmp_path / "exceptions.yaml"

    def enforced(until: str) -> list[str]:
        exceptions.write_text(
            "exceptions:\n  - invariant: enforce_admins_holds\n    resource: '*'\n"
            f"    reason: nobody deploys from it\n    until: {until}\n"
        )
        asked = engine(exceptions=str(exceptions)).preview(recorded(AS_FOUND, "prod"))
        found: list[str] = asked.of("enforce_admins_holds")
        return found

    soon = datetime.now(tz=UTC).date() + timedelta(days=30)  # the pack looks at the clock
    assert enforced(soon.isoformat()) == []
    assert enforced("2020-01-31")[-1].startswith(
        "An exemption of every resource from enforce_admins_holds"
    )
