"""The page tells all of a report, what matters first, and nothing in it reaches out."""

import re
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from itertools import pairwise
from pathlib import Path

import pytest
from page_reading import Element, read
from page_reports import AT, ATTACK, FINDING, REPORT, Hunted, Judged, Mutant

from breakglass.errors import InvalidInput
from breakglass.page import html
from breakglass.page.anchors import attack_anchor
from breakglass.picture import draw
from breakglass.proof.finding import Finding, Outcome
from breakglass.rehearsal.attacks.attack import AttackResult, AttackVerdict
from breakglass.rehearsal.attacks.attackers import ATTACKERS
from breakglass.rehearsal.report import Report
from breakglass.settings import load

ROOT = Path(__file__).parents[2]
PICTURE = draw(load(ROOT / "stacks" / "example.yaml"))

HOSTILE = (
    """</title></style><script>alert(1)</script><img src="http://evil.example/x" onerror='x'>&"""
)

SUCCEEDED = replace(
    ATTACK, name="went-through", verdict=AttackVerdict.SUCCEEDED, by="", reason="Nothing denies it."
)
BROKEN = Finding(
    "actor_cannot_touch",
    Outcome.BROKEN,
    "He may. (and 7 more)",
    ("He may.", *"abcdefg"),
    ("what?",),
)
UNKNOWN = Finding("nobody_knows", Outcome.UNKNOWN, "A key of no kind.", ("A key of no kind.",))
LACKING = Finding("needs_a_witness", Outcome.NOT_PROVIDED, "There is no witness.")
KILLED = Judged(Mutant("policy: Deny dropped"), "vault_is_locked")
SURVIVOR = Judged(Mutant("queue: policy dropped", "resource dropped", "queue"), None, Outcome.HOLDS)
EXCUSED = Judged(Mutant("scp: dropped"), None, Outcome.NOT_PROVIDED, "Without AWS Organizations.")


def page_of(report: Report = REPORT, hunt: Hunted | None = None) -> Element:
    return read(html(report, hunt, PICTURE, AT))


def with_attacks(*attacks: AttackResult) -> Element:
    return page_of(replace(REPORT, attacks=attacks))


def row_of(page: Element, attack: AttackResult) -> Element:
    return page.at(attack_anchor(attack.name))


# --- the verdict ---------------------------------------------------------------------------------


def test_a_report_without_fault_says_first_that_all_is_well_as_far_as_the_emulation_goes() -> None:
    page = page_of()
    assert page.all("h2")[0].text == "All is well, as far as the emulation goes"
    assert "short" not in (page.at("verdict").attributes["class"] or "").split()


def test_what_falls_short_is_told_in_full_and_leads_to_its_row() -> None:
    report = replace(REPORT, attacks=(ATTACK, SUCCEEDED), findings=(FINDING, BROKEN, UNKNOWN))
    page = page_of(report, Hunted((KILLED, SURVIVOR, EXCUSED)))
    verdict = page.at("verdict")
    assert page.all("h2")[0].text == "4 things fall short"
    lines = [line.text for line in verdict.all("ul")[0].all("li")]
    assert lines == [
        *report.shortfalls,
        "mutant queue: policy dropped: it survives",
    ]
    for link in verdict.all("a"):
        page.at((link.attributes["href"] or "").removeprefix("#"))


def test_one_thing_that_falls_short_is_told_as_one() -> None:
    assert with_attacks(SUCCEEDED).all("h2")[0].text == "1 thing falls short"


def test_a_report_in_which_nothing_was_asked_falls_short() -> None:
    page = page_of(replace(REPORT, attacks=(), findings=()))
    assert "no attack was tried" in page.at("verdict").text
    assert "No attack was tried." in page.at("attacks").text
    assert "No invariant was asked." in page.at("invariants").text


def test_the_verdict_names_what_it_does_not_speak_of() -> None:
    lacking = replace(ATTACK, verdict=AttackVerdict.NOT_PROVIDED)
    one_side = replace(REPORT, sides=("keeper",), attacks=(lacking,), findings=(LACKING,))
    told = page_of(one_side).at("verdict").text
    assert "Only the keeper side is rehearsed" in told
    assert "1 attack and 1 invariant" in told
    assert "No mutants were made." in told


def test_name_and_time_in_utc_stand_at_the_top() -> None:
    east = AT.astimezone(timezone(timedelta(hours=9)))
    page = read(html(REPORT, None, PICTURE, east))
    assert page.all("h1")[0].text == "example"
    assert page.all("time")[0].text == "2026-03-29 14:05:06 UTC"
    assert page.all("time")[0].attributes["datetime"] == "2026-03-29T14:05:06Z"


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(InvalidInput, match="zone"):
        html(REPORT, None, PICTURE, datetime(2026, 3, 29))  # noqa: DTZ001 - what is refused


def test_the_figures_are_those_of_the_report() -> None:
    (figures,) = [one for one in page_of().all("dl") if one.attributes.get("class") == "figures"]
    tiles = [tile.text for tile in figures.all("div")]
    assert tiles == [
        "accounts 1 and GitHub",
        "resources 1 201",
        "attacks 1 1 denied",
        "invariants 1 1 HOLDS",
        "mutants \N{EN DASH} not run",
        "time 7.2 s",
        "memory 290 MiB at most, in one process",
    ]


# --- attacks -------------------------------------------------------------------------------------


def test_an_attack_is_told_with_what_refused_it_what_would_see_it_and_its_twin() -> None:
    cells = [cell.text for cell in row_of(page_of(), ATTACK).all("td")]
    assert cells == [
        "denied",
        "NobodyEndsTheRecord break-glass-trails, an SCP",
        "StopLogging page: break-glass-kit-2, 555555555555, eu-west-1",
        "The responder looks at a service succeeded",
    ]


def test_attacks_stand_below_their_attacker_in_the_order_of_the_threat_model() -> None:
    last = replace(ATTACK, name="from-outside", attacker="outsider")
    stranger = replace(ATTACK, name="from-nowhere", attacker="martian")
    page = with_attacks(stranger, last, ATTACK)
    titles = [one.all("h3")[0].text for one in page.at("attacks").all("details")]
    known = [ATTACKERS[one].title for one in ATTACKERS if one in {"responder", "outsider"}]
    assert titles == [*known, "martian"]
    assert "No attack is tried as:" in page.at("attacks").text


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"verdict": AttackVerdict.SUCCEEDED, "by": "", "reason": "None denies."}, "None denies."),
        ({"verdict": AttackVerdict.UNKNOWN, "error": "no such call"}, "no such call"),
        ({"by": "other#Statement"}, "where break-glass-trails#NobodyEndsTheRecord should"),
        ({"twin_succeeded": False}, "the legitimate act next to it was refused too"),
    ],
)
def test_an_attack_that_falls_short_is_marked_unfolded_and_told(
    change: dict[str, object], told: str
) -> None:
    short = replace(ATTACK, **change)  # type: ignore[arg-type] # varied
    row = row_of(page := with_attacks(short), short)
    assert "short" in (row.attributes["class"] or "")
    assert told in row.text
    assert [one.attributes["class"] for one in page.all("details") if "open" in one.attributes] == [
        "attacker"
    ]


def test_attackers_without_fault_stay_folded() -> None:
    assert not any("open" in one.attributes for one in page_of().all("details"))


@pytest.mark.parametrize("verdict", [AttackVerdict.DETECTED, AttackVerdict.RESIDUAL])
def test_what_goes_through_by_design_says_why_and_is_no_fault(verdict: AttackVerdict) -> None:
    by_design = replace(
        ATTACK, verdict=verdict, by="", expected_by="", reason="Somebody has to.", rules=(),
        unseen="Nothing listens.",
    )  # fmt: skip
    page = with_attacks(by_design)
    row = row_of(page, by_design)
    assert row.all("td")[0].text == verdict
    assert "Somebody has to." in row.text
    assert "Nothing listens." in row.text
    assert page.all("h2")[0].text.startswith("All is well")


def test_what_nothing_refuses_nor_tells_of_is_listed_before_all_attacks() -> None:
    residual = replace(
        ATTACK, name="in-the-dark", title="He goes unseen", verdict=AttackVerdict.RESIDUAL, by="",
        expected_by="", reason="Somebody has to.", rules=(), unseen="Nothing listens.",
    )  # fmt: skip
    page = with_attacks(ATTACK, residual)
    (listed,) = [one for one in page.all("div") if one.attributes.get("class") == "residuals"]
    assert [line.text for line in listed.all("li")] == ["He goes unseen Somebody has to."]
    assert listed.all("a")[0].attributes["href"] == "#attack-in-the-dark"
    assert "Neither refused nor seen so far: 1 attack" in page.at("verdict").text
    assert "Nothing, by design" in row_of(page, residual).text


def test_an_attack_that_was_not_tried_says_why_and_claims_no_twin() -> None:
    lacking = replace(
        ATTACK, verdict=AttackVerdict.NOT_PROVIDED, by="", reason="there is no witness",
        rules=(), event={}, twin_succeeded=False,
    )  # fmt: skip
    cells = [cell.text for cell in row_of(with_attacks(lacking), lacking).all("td")]
    assert cells == ["not provided", "there is no witness", "", ""]


def test_what_falls_short_stands_first_of_its_attacker() -> None:
    page = with_attacks(ATTACK, replace(ATTACK, name="b", twin_succeeded=False), SUCCEEDED)
    rows = page.at("attacks").all("tbody")[0].all("tr")
    assert [row.attributes["id"] for row in rows] == [
        "attack-went-through",
        "attack-b",
        "attack-stop-the-trail",
    ]


# --- invariants ----------------------------------------------------------------------------------


def test_invariants_stand_with_their_verdicts_the_worst_first() -> None:
    page = page_of(replace(REPORT, findings=(FINDING, LACKING, UNKNOWN, BROKEN)))
    rows = page.at("invariants").all("tbody")[0].all("tr")
    assert [row.all("td")[0].text for row in rows] == ["BROKEN", "UNKNOWN", "NOT PROVIDED", "HOLDS"]
    assert [row.all("td")[1].text for row in rows[1:]] == [
        "A key of no kind.",
        "There is no witness.",
        "The vault is locked. 7 asked",
    ]


def test_all_evidence_is_told_and_what_could_not_be_decided_besides() -> None:
    row = page_of(replace(REPORT, findings=(BROKEN,))).at("invariant-actor-cannot-touch")
    assert row.all("td")[1].text == "He may. 7 more a b c d e f g Not decided besides: what?"


# --- mutants -------------------------------------------------------------------------------------


def test_where_no_hunt_was_made_the_page_says_how_to_make_one() -> None:
    told = page_of().at("mutants").text
    assert "not run No mutant was made" in told
    assert "breakglass rehearse --mutants" in told


def test_mutants_are_counted_by_kind_and_survivors_are_listed() -> None:
    hunt = Hunted((KILLED, KILLED, SURVIVOR, EXCUSED), ("aws:sqs/queue:Queue fifoQueue",))
    section = page_of(hunt=hunt).at("mutants")
    tables = {one.attributes["class"]: one for one in section.all("table")}
    kinds = [[cell.text for cell in row.all("td")] for row in tables["kinds"].all("tr")[1:]]
    assert kinds == [["3", "2", "0", "1"], ["1", "0", "1", "0"]]
    listed = [one for one in section.all("table") if one.attributes["class"] == "listed-mutants"]
    assert "queue: policy dropped" in listed[0].text
    assert "vault is locked 2" in tables["killers"].text
    assert "Without AWS Organizations." in section.text
    assert "Read by invariants and changed by no mutant (1)" in section.text


def test_where_all_mutants_are_killed_nothing_survives() -> None:
    page = page_of(hunt=Hunted((KILLED,)))
    assert page.all("h2")[0].text.startswith("All is well")
    assert "Survivors" not in page.at("mutants").text
    assert "Everything that an invariant reads" in page.at("mutants").text


# --- what is left out, and what stands where -----------------------------------------------------


def test_what_is_not_modelled_what_is_dropped_and_every_account_are_told() -> None:
    page = page_of()
    for one in REPORT.not_modelled:
        assert one.what in page.at("not-modelled").text
    assert "moto traces nothing" in page.at("kept-inputs").text
    assert "222222222222" in page.at("accounts").text
    assert "s3 1200" in page.at("accounts").text


# --- the page itself -----------------------------------------------------------------------------


def hostile() -> Report:
    attack = replace(
        ATTACK, name=HOSTILE, title=HOSTILE, attacker=HOSTILE, by=HOSTILE, reason=HOSTILE,
        twin=HOSTILE, error=HOSTILE, unseen=HOSTILE, rules=(),
        event={"detail": {"eventName": HOSTILE}},
    )  # fmt: skip
    finding = Finding(HOSTILE, Outcome.BROKEN, HOSTILE, (HOSTILE, HOSTILE), (HOSTILE,))
    account = replace(REPORT.accounts[0], name=HOSTILE, id=HOSTILE, resources={HOSTILE: 1})
    return replace(
        REPORT, organisation=f"{HOSTILE}\x00\x1b\ud800", attacks=(attack,), findings=(finding,),
        accounts=(account,),
    )  # fmt: skip


def test_hostile_text_stays_text() -> None:
    mutant = Mutant(HOSTILE, HOSTILE, HOSTILE, HOSTILE)
    hunt = Hunted((Judged(mutant, None, Outcome.HOLDS, HOSTILE),), (HOSTILE,))
    text = html(hostile(), hunt, PICTURE, AT)
    text.encode("utf-8")
    page = read(text)
    assert page.all("script") == []
    assert page.all("img") == []
    assert len(page.all("style")) == 2
    assert not any(name.startswith("on") for one in page.everything() for name in one.attributes)
    assert HOSTILE.replace("  ", " ") in page.all("h1")[0].text
    assert not re.search(r"[\x00-\x08\x0b-\x1f]", text)


def test_nothing_is_loaded_from_anywhere() -> None:
    text = html(REPORT, None, PICTURE, AT)
    page = read(text)
    loading = {"script", "link", "img", "iframe", "object", "embed", "audio", "video", "base"}
    assert [one.tag for one in page.everything() if one.tag in loading] == []
    for one in page.everything():
        assert {"src", "srcset", "action", "data", "style", "xlink:href"} & set(
            one.attributes
        ) == set()
        href = one.attributes.get("href")
        assert href is None or href.startswith("#")
    assert "@import" not in text
    assert "url(" not in text
    policy = page.all("meta")[1].attributes
    assert policy["http-equiv"] == "Content-Security-Policy"
    assert (policy["content"] or "").startswith("default-src 'none'; style-src 'unsafe-inline';")


def test_every_link_leads_somewhere_and_no_id_is_there_twice() -> None:
    page = page_of(hunt=Hunted((KILLED, SURVIVOR)))
    ids = [one.attributes["id"] for one in page.everything() if "id" in one.attributes]
    assert len(ids) == len(set(ids))
    links = [one.attributes["href"] or "" for one in page.everything() if "href" in one.attributes]
    assert {link.removeprefix("#") for link in links} <= set(ids)
    named = " ".join(one.attributes.get("aria-labelledby") or "" for one in page.everything())
    assert set(named.split()) <= set(ids)


def test_the_same_report_gives_the_same_page() -> None:
    assert html(REPORT, None, PICTURE, AT) == html(REPORT, None, PICTURE, AT)


def test_headings_go_down_by_single_steps_below_one_first() -> None:
    page = page_of(hunt=Hunted((KILLED, SURVIVOR)))
    levels = [int(one.tag[1]) for one in page.everything() if one.tag in {"h1", "h2", "h3", "h4"}]
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_every_cell_has_a_heading_that_a_reader_can_be_told() -> None:
    page = page_of(hunt=Hunted((KILLED, SURVIVOR)))
    for table in page.all("table"):
        assert table.all("caption")[0].text
        columns = [one.text for one in table.all("thead")[0].all("th")]
        assert {one.attributes["scope"] for one in table.all("thead")[0].all("th")} == {"col"}
        for row in table.all("tbody")[0].all("tr"):
            cells = [one for one in row.inside if isinstance(one, Element)]
            assert [cell.attributes["data-label"] for cell in cells] == columns
            assert [c.attributes["scope"] for c in cells if c.tag == "th"] == ["row"]


def test_no_verdict_is_told_by_its_colour_alone() -> None:
    page = page_of(hunt=Hunted((KILLED, SURVIVOR)))
    chips = [one for one in page.all("span") if "chip" in (one.attributes["class"] or "").split()]
    assert chips
    assert all(chip.text and chip.all("use") for chip in chips)


# --- the picture in it ---------------------------------------------------------------------------


def test_the_picture_is_in_the_page_with_its_words() -> None:
    (picture,) = page_of().at("topology").all("svg")
    assert picture.at("topology-title").text == "Break-glass topology of example"
    assert picture.attributes["aria-labelledby"] == "topology-title topology-description"


def test_the_rules_of_the_picture_reach_nothing_else() -> None:
    (style,) = page_of().at("topology").all("style")
    text = "".join(one for one in style.inside if isinstance(one, str))
    selectors = re.findall(r"([^{}]+)\{[^{}]*\}", text.replace("@media", "\n@media"))
    plain = [one.rpartition("{")[2] for one in selectors]
    assert len(plain) > 40
    for selector in ",".join(plain).split(","):
        assert selector.strip().startswith(".topology "), selector
    assert "@media screen and (prefers-color-scheme:dark)" in text
