"""An organisation file is hostile until parsed: what cannot be used is refused, all at once."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from shipped import GONE, STACKS, shipped

from breakglass.errors import InvalidInput, InvalidInputs
from breakglass.settings import load, parse, plain_yaml
from breakglass.settings.plain_yaml import LARGEST_FILE

Write = Callable[[str | bytes], Path]


@pytest.fixture
def written(tmp_path: Path) -> Write:
    def write(content: str | bytes) -> Path:
        file = tmp_path / "org.yaml"
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        return file

    return write


def faults_of(data: object) -> dict[str, str]:
    with pytest.raises(InvalidInputs) as caught:
        parse(data)
    return {fault.name: fault.accepted for fault in caught.value.faults}


# --- the file -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["example", "minimal"])
def test_the_shipped_files_are_organisations(name: str) -> None:
    organisation = load(STACKS / f"{name}.yaml")
    assert organisation.name == name
    assert organisation.logging.id == "222222222222"


def test_a_file_that_is_not_there_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"none\.yaml.*a readable UTF-8 file"):
        load(tmp_path / "none.yaml")


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="a readable UTF-8 file"):
        load(tmp_path)


def test_bytes_that_are_no_text_are_refused(written: Write) -> None:
    with pytest.raises(InvalidInput, match="a readable UTF-8 file"):
        load(written(b"name: \xff\xfe\x00"))


def test_a_file_larger_than_any_organisation_is_not_even_parsed(written: Write) -> None:
    with pytest.raises(InvalidInput, match=f"at most {LARGEST_FILE} bytes"):
        load(written(b"#" * (LARGEST_FILE + 1)))


def test_long_comments_are_taken(written: Write) -> None:
    text = (STACKS / "minimal.yaml").read_text(encoding="utf-8")
    assert load(written(f"{text}\n# {'x' * 100_000}\n")) == load(STACKS / "minimal.yaml")


@pytest.mark.parametrize("text", ["", "- a\n- b\n", "12", "just words", "null", "~"])
def test_what_is_no_mapping_is_refused_by_file(written: Write, text: str) -> None:
    with pytest.raises(InvalidInput, match=r"org\.yaml.*a mapping with the keys"):
        load(written(text))


# --- YAML without its traps -----------------------------------------------------------------------

LAUGHS = "a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\n"


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("a: 1\nb: 2\na: 3\n", "line 3, column 1: the key 'a' a second time"),
        ("x:\n  - {a: 1, a: 2}\n", "line 2, column 12: the key 'a' a second time"),
        ("a: 1\n'a': 2\n", "the key 'a' a second time"),
        (LAUGHS, r"line 2, column 8: the alias \*a; write the value out"),
        ("a: &a\n  b: *a\n", r"the alias \*a"),
        ("base: &base {x: 1}\nother:\n  <<: *base\n", "alias"),
        ("<<: {a: 1}\n", "a key that is no text"),
        ("1: 2\n", "a key that is no text"),
        ("? [a]\n: 1\n", "a key that is no text"),
        ("a: !!python/object/apply:os.system [id]\n", "the tag .*os.system"),
        ("a: !!binary aGk=\n", "the tag"),
        ("a: !mine 1\n", "the tag !mine"),
        ("[" * 10_000, "more than 32 levels"),
        ("{a: " * 10_000, "more than 32 levels"),
        ("- " * 10_000, "more than 32 levels"),
        ("a: 1\n---\na: 2\n", "another document"),
        ("a: [1\n", "line 2"),
        ("a: '", "unexpected end of stream"),
        ("a: \x07", "special characters are not allowed"),
        ("\ta: 1", "cannot start any token"),
        ("a: 2026-13-45", "month must be in 1..12"),
        ("a: 0b_", "invalid literal"),
        ("a: " + "9" * 5_000, "5000 digits"),
        ("a: " + ":".join(["1"] + ["59"] * 300) + ".5", "too large"),
    ],
)
def test_what_a_reader_would_overlook_is_refused_with_its_place(text: str, what: str) -> None:
    with pytest.raises(InvalidInput, match=what) as caught:
        plain_yaml.read(text, document="org.yaml")
    assert caught.value.name == "org.yaml"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a: 1\nb: {a: 2}\n", {"a": 1, "b": {"a": 2}}),
        ("- {a: 1}\n- {a: 2}\n", [{"a": 1}, {"a": 2}]),
        ("a: &unused [x]\n", {"a": ["x"]}),
        ("'1': 2\n", {"1": 2}),
        ("[" * 31 + "]" * 31, None),
        ("a: 2026-12-13", {"a": date(2026, 12, 13)}),
        ("a: yes\nb: 012\nc: '012'\n", {"a": True, "b": 10, "c": "012"}),
        ("", None),
    ],
)
def test_its_plain_twin_is_read(text: str, value: object) -> None:
    read = plain_yaml.read(text, document="org.yaml")
    assert read == value or (value is None and isinstance(read, list))


# --- structure ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "at", "accepted"),
    [
        ({"colour": "red"}, "colour", "one of name, production"),
        ({"accounts.0.rol": "broker"}, "accounts[0].rol", "one of name, id, role"),
        ({"github.repositories.0.gates.0.skip": 1}, "github.repositories[0].gates[0].skip", "one"),
        ({"accounts.0.id": "11111111111"}, "accounts[0].id", "[0-9]{12}"),
        ({"accounts.0.id": "\N{ARABIC-INDIC DIGIT ONE}" * 12}, "accounts[0].id", "[0-9]{12}"),
        ({"accounts.0.id": 111111111111}, "accounts[0].id", "a valid string"),
        ({"accounts.0.role": "wizard"}, "accounts[0].role", "'broker'"),
        ({"retention.days": 0}, "retention.days", "greater than or equal to 1"),
        ({"retention.days": True}, "retention.days", "a valid integer"),
        ({"retention.days": "400"}, "retention.days", "a valid integer"),
        ({"retention.days": 36501}, "retention.days", "less than or equal to 36500"),
        ({"retention.mode": "governance"}, "retention.mode", "'GOVERNANCE'"),
        ({"production": "no"}, "production", "a valid boolean"),
        ({"production": 1}, "production", "a valid boolean"),
        ({"home_region": GONE}, "home_region", "a value"),
        ({"pager": []}, "pager", "at least 1 item"),
        ({"regions": "eu-west-1"}, "regions", "a valid tuple"),
        ({"name": "an-organisation-of-long-name"}, "name", "at most 20 characters"),
        ({"name": "Acme"}, "name", "a string that should match pattern"),
        ({"scopes.0.name": "a-scope-whose-name-is-too-long"}, "scopes[0].name", "at most 28"),
        ({"entries.0.name": "x" * 29}, "entries[0].name", "at most 28 characters"),
        ({"incident_prefix": ""}, "incident_prefix", "pattern"),
        ({"incident_prefix": "*-"}, "incident_prefix", "pattern"),
        ({"people.0.side": "all"}, "people[0].side", "keeper or edge: nobody is both"),
        ({"people.0.name": True}, "people[0].name", "a valid string"),
        ({"scopes.0.bypass": "jit"}, "scopes[0].bypass", "not yet provided"),
        ({"scopes.0.grants.0.resources": ["sqs"]}, "scopes[0].grants[0].resources", "ARNs of the"),
        *(
            (
                {"scopes.0.grants.0.resources": [resource]},
                "scopes[0].grants[0].resources",
                "with service and resource",
            )
            for resource in ("arn:aws:*", "arn:aws:foo", "arn:aws:sqs:*:{account}:")
        ),
        (
            {"scopes.0.grants.0.resources": ["arn:aws:sqs:*:{acount}:*"]},
            "scopes[0].grants[0].resources",
            "the only placeholder",
        ),
        ({"scopes.0.administrator_reason": "because"}, "scopes[0].administrator_reason", "20"),
        ({"organizations.id": "o-1"}, "organizations.id", "pattern"),
        ({"github.base_url": "http://git.example.com/api/v3/"}, "github.base_url", "pattern"),
        ({"github.app.id": 0}, "github.app.id", "greater than 0"),
        ({"quotas": {"scp": True}}, "quotas.scp", "a valid integer"),
        ({"deployers.edge": "arn:aws:sts::444444444444:assumed-role/a/b"}, "deployers.edge", "iam"),
    ],
)
def test_a_fault_of_structure_names_place_and_what_would_do(
    changes: dict[str, Any], at: str, accepted: str
) -> None:
    assert accepted in faults_of(shipped(changes=changes))[at]


@pytest.mark.parametrize(
    "changes",
    [
        {"accounts.0.deployer_role_arn": None},
        {"github.repositories.0.gates.0.min_severity": "SEV3"},
        {"accounts.0.id": "000000000000"},
        {"retention.days": 1},
        {"retention.days": 36500},
        {"production": True},
        {"name": "a-name-of-20-letters"},
        {"scopes.0.name": "a-scope-whose-name-just-fits"},
        {"entries.0.name": "x" * 28},
        {"incident_prefix": "SUPPORT-"},
        {"scopes.0.bypass": "break-glass"},
        {"scopes.0.grants.0.resources": ["arn:aws:sqs:*:{account}:${aws:SourceIdentity}-*"]},
        {"github.base_url": "https://git.example.com/api/v3/"},
        {"quotas": {"scp": 10_241}},
        {"deployers.edge": "arn:aws:iam::444444444444:user/pipelines/ci"},
    ],
)
def test_its_well_formed_twin_is_taken(changes: dict[str, Any]) -> None:
    parse(shipped(changes=changes))


@pytest.mark.parametrize("part", ["canary", "revocation", "broker", "receiver"])
def test_a_part_that_is_not_built_is_refused_as_not_yet_provided(part: str) -> None:
    assert "not yet provided" in faults_of(shipped(changes={part: {"enabled": True}}))[part]
    parse(shipped(changes={part: None}))


def test_a_long_value_does_not_bury_the_message() -> None:
    with pytest.raises(InvalidInputs) as caught:
        parse(shipped(changes={"name": "x" * 100_000}))
    assert len(str(caught.value)) < 1_000
    assert caught.value.faults[0].seen == "x" * 100_000


# --- all faults at once ---------------------------------------------------------------------------


def test_every_fault_of_a_file_is_told_at_once() -> None:
    broken = {
        "accounts.0.id": "11111111111",
        "colour": "red",
        "retention.mode": "GOVERNANCE",
        "people.3.name": "ada",
        "scopes.0.grants.0.actions": ["ecs:Nonsense"],
        "scopes.1.accounts": ["nowhere"],
        "pager.0.endpoint": "http://pager.example.com",
        "github.app": GONE,
        "quotas": {"patience": 1},
        "regions": ["us-east-1"],
    }
    told = faults_of(shipped(changes=broken))
    assert {
        "accounts[0].id",
        "colour",
        "retention.mode",
        "people[].name",
        "pager[0].endpoint",
        "github.app",
        "quotas.patience",
        "regions",
    } - told.keys() == {"people[].name"}, "the rule over names needs the accounts, which are broken"


def test_a_broken_section_hides_no_fault_of_the_others() -> None:
    told = faults_of(shipped(changes={"github": "none", "deployers": 3, "retention.days": 0}))
    assert told.keys() == {"github", "deployers", "retention.days"}
    more = {"github": "none", "people.0.iam_user": "grace", "regions": ["eu-west-1"]}
    assert faults_of(shipped(changes=more)).keys() == {
        "github",
        "people[source_identity]",
        "regions",
    }
