"""Every attack, by who tries it."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from breakglass.page.anchors import attack_anchor
from breakglass.page.markup import Markup, Piece, between, code, tag, together
from breakglass.page.tables import Row, table
from breakglass.page.verdicts import TONES, Tone, chip, counted, legend, sign
from breakglass.rehearsal.attacks.attack import AttackResult, AttackVerdict, Rule
from breakglass.rehearsal.attacks.attackers import ATTACKERS, About
from breakglass.rehearsal.report import fault_of

MEANINGS: Final[Mapping[str, str]] = {
    AttackVerdict.DENIED: "The statement or rule that is meant to refuse it did.",
    AttackVerdict.DETECTED: "By design nothing refuses it, and a deployed rule tells of it.",
    AttackVerdict.RESIDUAL: "Nothing refuses it or tells of it so far; its row says what has to.",
    AttackVerdict.SUCCEEDED: "It went through, which it must not.",
    AttackVerdict.UNKNOWN: "It could not be decided, which is no pass.",
    AttackVerdict.NOT_PROVIDED: "Not tried: the organisation lacks what it is about.",
}
"""What each verdict says."""

COLUMNS: Final = ("verdict", "what was tried", "what refused it", "what would see it", "twin")

_ORDER: Final = (
    AttackVerdict.SUCCEEDED,
    AttackVerdict.UNKNOWN,
    AttackVerdict.RESIDUAL,
    AttackVerdict.DETECTED,
    AttackVerdict.DENIED,
    AttackVerdict.NOT_PROVIDED,
)
"""Most important first."""

_BY_DESIGN: Final = (AttackVerdict.DETECTED, AttackVerdict.RESIDUAL)

_LAYER: Final = re.compile(r" of (?P<layer>[^#]+?) denies it\.$")
"""Where the evaluator says in which layer a statement stands."""

_OWN: Final = "the resource's policy"


def attacks_section(attacks: Sequence[AttackResult]) -> Markup:
    """All attacks: counts, then a table for each attacker, open where something falls short."""
    groups = by_attacker(attacks)
    return tag(
        "section",
        tag("h2", "Attacks"),
        tag(
            "p",
            "Each attack has a twin: a legitimate act next to it that must succeed, or the"
            " refusal would prove nothing. What would see it are the deployed rules that match"
            " what CloudTrail would record of the attempt.",
        ),
        legend((one.verdict for one in attacks), MEANINGS),
        None if attacks else tag("p", sign(Tone.SHORT), "No attack was tried.", class_="alone"),
        _residual([one for one in attacks if one.verdict is AttackVerdict.RESIDUAL]),
        (_attacker(who, tried) for who, tried in groups.items()),
        _untried(groups) if attacks else None,
        id="attacks",
    )


def by_attacker(attacks: Iterable[AttackResult]) -> dict[str, list[AttackResult]]:
    """Attacks by attacker, in the threat model's order; what falls short first in each."""
    groups: dict[str, list[AttackResult]] = {str(who): [] for who in ATTACKERS}
    for one in attacks:
        groups.setdefault(one.attacker, []).append(one)
    return {who: sorted(tried, key=_importance) for who, tried in groups.items() if tried}


def _importance(attack: AttackResult) -> tuple[bool, int]:
    return not attack.falls_short, _ORDER.index(attack.verdict)


def _about(attacker: str) -> About:
    """What there is to say of an attacker; of one that is in no list, his key."""
    return {str(who): about for who, about in ATTACKERS.items()}.get(attacker, About(attacker, ""))


def _attacker(attacker: str, attacks: Sequence[AttackResult]) -> Markup:
    about = _about(attacker)
    short = any(one.falls_short for one in attacks)
    otherwise = sum(map(_otherwise, attacks))
    verdicts = counted((one.verdict for one in attacks), _ORDER)
    return tag(
        "details",
        tag(
            "summary",
            tag("h3", about.title),
            tag(
                "span",
                chip(f"{otherwise} not as it should be", Tone.SHORT) if otherwise else None,
                verdicts,
                class_="counts",
            ),
        ),
        tag("p", tag("b", "By design: "), about.by_design) if about.by_design else None,
        table("attacks", COLUMNS, map(_row, attacks), head=1, caption=f"Attacks: {about.title}"),
        class_="attacker",
        open=short,
    )


def _residual(attacks: Sequence[AttackResult]) -> Markup | None:
    """What goes through unseen, once more: it is no fault, and what to know of a topology."""
    if not attacks:
        return None
    lines = (
        tag("li", tag("a", one.title, href=f"#{attack_anchor(one.name)}"), tag("small", one.reason))
        for one in attacks
    )
    return tag(
        "div",
        tag("h3", "Residual: what nothing refuses and nothing tells of"),
        tag("ul", lines),
        class_="residuals",
    )


def _untried(groups: Mapping[str, object]) -> Markup | None:
    """Name the attackers as whom nothing is tried."""
    missing = [about.title for who, about in ATTACKERS.items() if str(who) not in groups]
    if not missing:
        return None
    return tag("p", "No attack is tried as: ", "; ".join(missing), ".", class_="muted")


def _row(attack: AttackResult) -> Row:
    return Row(
        (
            _verdict(attack),
            together(attack.title, tag("small", attack.name)),
            _refused(attack),
            _seen(attack),
            _twin(attack),
        ),
        id=attack_anchor(attack.name),
        short=attack.falls_short,
    )


def _verdict(attack: AttackResult) -> Markup:
    """The verdict; what went otherwise than it should beside its verdict is said too."""
    fault = chip("falls short", Tone.SHORT) if _otherwise(attack) else None
    return together(chip(attack.verdict), fault)


def _otherwise(attack: AttackResult) -> bool:
    """Whether it falls short though its verdict alone is none that does."""
    return attack.falls_short and TONES[attack.verdict] is not Tone.SHORT


# --- what refused it ---------------------------------------------------------------------------


def _refused(attack: AttackResult) -> Piece:
    """The statement before its policy, or the rule and what it said; first what is wrong."""
    fault = tag("strong", fault_of(attack), class_="fault") if attack.falls_short else None
    return together(fault, _by(attack))


def _by(attack: AttackResult) -> Piece:
    policy, _, statement = attack.by.rpartition("#")
    if policy:
        layer = _LAYER.search(attack.reason)
        told = f"{policy}. {attack.reason}"
        if layer:  # a resource's own policy already says so by its name
            told = policy if layer["layer"] == _OWN else f"{policy}, {layer['layer']}"
        return together(code(statement), tag("small", told))
    said = attack.reason if attack.reason.rstrip(".") != attack.by.rstrip(".") else None
    if attack.verdict in _BY_DESIGN and not attack.by:
        return together("Nothing, by design", tag("small", said))
    if not attack.by:
        return said if said and said not in fault_of(attack) else None
    rule = attack.by if " " in attack.by else code(attack.by)
    return together(rule, tag("small", said) if said else None)


# --- what would see it, and its twin -----------------------------------------------------------


def _seen(attack: AttackResult) -> Piece:
    """The event as CloudTrail names it, and the rules that match it, or why none does."""
    name = (attack.event.get("detail") or {}).get("eventName")
    event = code(name) if name else None
    if attack.rules:
        return together(event, map(_rule, attack.rules))
    return together(event, tag("small", attack.unseen)) if attack.unseen else event


def _rule(rule: Rule) -> Markup:
    where = f", {rule.account}, {rule.region}"
    return tag("small", tag("b", rule.tier), ": ", rule.name, where)


def _twin(attack: AttackResult) -> Piece:
    if attack.verdict is AttackVerdict.NOT_PROVIDED:
        return None
    tone, word = (Tone.WELL, "succeeded") if attack.twin_succeeded else (Tone.SHORT, "refused")
    return between(" ", (attack.twin, tag("small", sign(tone), word, class_=f"told {tone}")))
