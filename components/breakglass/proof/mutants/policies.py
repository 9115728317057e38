"""What somebody might do to a policy document: statement by statement, element by element."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from breakglass import actions
from breakglass.proof.conditions import parse_operator
from breakglass.proof.declared import OUTSIDE
from breakglass.proof.mutants.mutant import Change
from breakglass.proof.mutants.trees import DROPPED, Path

Statement = Mapping[str, Any]
Conditions = Mapping[str, Mapping[str, Any]]

_ACCOUNT: Final = re.compile(r"\b\d{12}\b")
_STRANGER: Final = f"arn:aws:iam::{OUTSIDE}:root"
_LOOSER: Final = {
    "ArnEquals": "ArnLike",
    "ArnNotEquals": "ArnNotLike",
    "StringEquals": "StringLike",
    "StringNotEquals": "StringNotLike",
}
"""The operator that reads a wildcard, for each that takes it literally."""

STRICTER: Final = "denial widened"
"""The kind of a change by which a Deny statement refuses more, or the same."""

_OTHER_QUANTIFIER: Final = {"ForAllValues": "ForAnyValue", "ForAnyValue": "ForAllValues"}


def is_policy(document: object) -> bool:
    """Whether a JSON document is a policy."""
    return isinstance(document, Mapping) and "Statement" in document


def of_policy(document: Mapping[str, Any], path: Path) -> Iterator[Change]:
    """Yield the changes of a policy document that stands at ``path``."""
    yield Change(
        (*path, "Version"), "2008-10-17", "version changed", "its variables are plain text"
    )
    statements = document["Statement"]
    places = list(enumerate(statements)) if isinstance(statements, list) else [(None, statements)]
    for place, body in places:
        where = (*path, "Statement") if place is None else (*path, "Statement", place)
        yield from _of_statement(body, where)
    if isinstance(statements, list):
        for kind, words, body in _more(statements):
            yield Change((*path, "Statement", len(statements)), body, kind, words)


def _more(statements: Sequence[Statement]) -> Iterator[tuple[str, str, Statement]]:
    """Statements that somebody might add: one that lets everybody do all, one that lets nobody."""
    parts: dict[str, Any] = {"Action": "*", "Resource": "*"}
    if any("Principal" in body for body in statements):
        parts["Principal"] = "*"
    if all("Resource" not in body and "NotResource" not in body for body in statements):
        del parts["Resource"]  # a trust policy
        parts["Action"] = "sts:*"
    if any(body.get("Effect") == "Allow" for body in statements):
        yield "allow added", "all is allowed", {"Sid": "More", "Effect": "Allow", **parts}
    yield "deny added", "all is denied", {"Sid": "Less", "Effect": "Deny", **parts}
    if parts["Action"] == "sts:*":
        yield from _second_doors(statements)


def _second_doors(statements: Sequence[Statement]) -> Iterator[tuple[str, str, Statement]]:
    """For whom a trust policy lets in: a way beside its demands, by a key that he may choose."""
    seen: list[object] = []
    for body in statements:
        who = body.get("Principal")
        if body.get("Effect") == "Allow" and who not in seen:
            seen.append(who)
            told = f"{body.get('Sid', 'a statement')} has a second door, by {_CHOSEN}"
            door = {"StringEquals": {_CHOSEN: "letmein"}}
            yield "door added", told, {**body, "Sid": "Door", "Condition": door}


_CHOSEN: Final = "sts:RoleSessionName"
"""A key that whoever assumes a role sets as he likes, whichever way he comes."""

_SPARED: Final = "*:backdoor"
"""A user id that ends in the name of a session, which its caller chooses."""


def _of_statement(body: Statement, path: Path) -> Iterator[Change]:
    said = f"{body.get('Effect')} {body.get('Sid', '')}".strip()
    yield Change(path, DROPPED, f"{body.get('Effect')} dropped".lower(), f"{said} is gone")
    if "Sid" in body:
        yield Change((*path, "Sid"), DROPPED, "property dropped", f"{said} has no name")
    other = "Deny" if body.get("Effect") == "Allow" else "Allow"
    yield Change((*path, "Effect"), other, "effect flipped", f"{said} becomes {other}")
    for element in ("Principal", "NotPrincipal"):
        if element in body:
            yield from _of_principal(body, (*path, element), body[element])
    for element in ("Action", "NotAction", "Resource", "NotResource"):
        if element in body:
            yield from _of_list(body, path, element)
    if "Condition" in body:
        yield from _of_condition(body, (*path, "Condition"))
    if _denies(body):
        spared = _with(body.get("Condition", {}), "StringNotLike", "aws:userid", _SPARED)
        told = f"{said} spares a session of one name"
        yield Change((*path, "Condition"), spared, "session spared", told)


def _said(body: Statement) -> str:
    return str(body.get("Sid", "a statement"))


# --- Principal ------------------------------------------------------------------------------------


def _of_principal(body: Statement, path: Path, principal: Any) -> Iterator[Change]:  # noqa: ANN401 - JSON
    said = _said(body)
    if isinstance(principal, str):
        only = {"AWS": _STRANGER}
        yield Change(path, only, "principal narrowed", f"{said} speaks of a stranger alone")
        return
    yield Change(path, "*", "principal widened", f"{said} speaks of everybody")
    for kind, named in principal.items():
        texts = [named] if isinstance(named, str) else list(named)
        for place, text in enumerate(texts):
            at = (*path, kind) if isinstance(named, str) else (*path, kind, place)
            if len(texts) > 1:
                yield Change(at, DROPPED, "principal dropped", f"{said} no longer names {text}")
            for other in _other_principals(text):
                yield Change(at, other, "principal changed", f"{said} names {other}, not {text}")
        if kind == "AWS":
            more = [*texts, _STRANGER]
            yield Change((*path, kind), more, "principal added", f"{said} names {_STRANGER} too")
        else:
            yield Change((*path, "AWS"), "*", "principal added", f"{said} names every account too")


def _other_principals(text: str) -> Iterator[str]:
    account = _ACCOUNT.search(text)
    if account is None:
        yield "lambda.amazonaws.com" if not text.startswith("lambda") else "ec2.amazonaws.com"
        return
    if not text.endswith(":root") and ":oidc-provider/" not in text:
        yield f"arn:aws:iam::{account[0]}:root"
    yield _ACCOUNT.sub(OUTSIDE, text)


# --- Action and Resource --------------------------------------------------------------------------


def _of_list(body: Statement, path: Path, element: str) -> Iterator[Change]:
    """Yield each value dropped, and the list made wider and narrower."""
    value, said = body[element], _said(body)
    texts = [value] if isinstance(value, str) else list(value)
    at, what = (*path, element), element.removeprefix("Not").lower()
    # what a Deny names more it refuses more; what its NotAction names less likewise
    more, less = f"{what} widened", f"{what} dropped"
    if _denies(body):
        more, less = (more, STRICTER) if element.startswith("Not") else (STRICTER, less)
    for place, text in enumerate(texts):
        here = at if isinstance(value, str) else (*at, place)
        if len(texts) > 1:
            yield Change(here, DROPPED, less, f"{said} no longer names {text}")
        others = _other_resources(text) if what == "resource" else _other_actions(text)
        for kind, other in others:
            told = f"{said} names {other} and not {text}"
            kinds = {"widened": more, "narrowed": less if less == STRICTER else f"{what} narrowed"}
            yield Change(here, other, kinds.get(kind, f"{what} {kind}"), told)
    if texts != ["*"]:
        yield Change(at, "*", more, f"{said} names every {what}")
    if element == "NotAction":
        yield Change(at, [*texts, "s3:*"], more, f"{said} leaves out s3:* too")


def _denies(body: Statement) -> bool:
    return body.get("Effect") == "Deny"


def _other_actions(text: str) -> Iterator[tuple[str, str | list[str]]]:
    """A wildcard that means less, and an action that means more."""
    service, _, name = text.partition(":")
    if not name:
        return
    if name != "*":
        yield "widened", f"{service}:*"
    if "*" in text:
        known = sorted(actions.matching(text))
        if len(known) > 1:
            yield "narrowed", known[0]


def _other_resources(text: str) -> Iterator[tuple[str, str]]:
    """A prefix that is shorter, an account that is any, a name that is another."""
    if text == "*":
        yield "narrowed", "arn:aws:s3:::elsewhere"
        return
    if _ACCOUNT.search(text.rpartition(":")[0]):
        yield "widened", _ACCOUNT.sub("*", text)
        yield "re-aimed", _ACCOUNT.sub(OUTSIDE, text)
    head, slash, tail = text.removesuffix("/*").rpartition("/")
    if slash and text.endswith("/*") and tail != "*":
        yield "widened", f"{head}/*"
    yield "re-aimed", f"{text.removesuffix('*')}elsewhere"


# --- Condition ------------------------------------------------------------------------------------


def _of_condition(body: Statement, path: Path) -> Iterator[Change]:
    said, condition = _said(body), body["Condition"]
    if sum(map(len, condition.values())) > 1:
        yield Change(path, DROPPED, "condition dropped", f"{said} has no condition")
    for operator, keys in condition.items():
        for key, values in keys.items():
            one = _Key(said, condition, path, operator, key)
            stricter = _stricter(operator) if _denies(body) else frozenset()
            for change in (*one.changes(), *one.changes_of(values)):
                yield change._replace(kind=STRICTER) if change.kind in stricter else change


def _stricter(operator: str) -> frozenset[str]:
    """Kinds of changes of a condition by which a Deny refuses more, or the same.

    With ``IfExists`` it refuses without the key too, as a negated operator does anyway.
    """
    negated = parse_operator(operator).negated
    return frozenset({"if exists"} if negated else {"if exists", "value added", "value widened"})


class _Key(NamedTuple):
    """One key of a condition, under one operator."""

    said: str
    condition: Conditions
    path: Path
    """Where the whole condition stands."""
    operator: str
    key: str

    @property
    def words(self) -> str:
        """The key in words."""
        return f"{self.said}: {self.operator} {self.key}"

    @property
    def here(self) -> Path:
        """Where it stands."""
        return (*self.path, self.operator, self.key)

    def without(self) -> Conditions:
        """The condition without it."""
        return _without(self.condition, self.operator, self.key)

    def under(self, operator: str, values: object) -> Conditions:
        """The condition with it under another operator."""
        return _with(self.without(), operator, self.key, values)

    def changes(self) -> Iterator[Change]:
        """Yield it dropped, and its operator swapped for a looser or another one."""
        left, values = self.without() or DROPPED, self.condition[self.operator][self.key]
        yield Change(self.here, left, "condition dropped", f"{self.words} is gone", at=self.path)
        for kind, other in _other_operators(self.operator):
            moved = self.under(other, values)
            yield Change(self.here, moved, kind, f"{self.words} becomes {other}", at=self.path)

    def changes_of(self, values: object) -> Iterator[Change]:
        """Yield each value dropped, widened or swapped, and one more."""
        texts = [str(v) for v in values] if isinstance(values, list) else [str(values)]
        for place, text in enumerate(texts):
            at = (*self.here, place) if isinstance(values, list) else self.here
            if len(texts) > 1:
                yield Change(at, DROPPED, "value dropped", f"{self.words} no longer names {text}")
            for kind, other in _other_values(text):
                yield self._with_another(at, kind, (texts, place, other))
        if self.operator not in {"Bool", "Null"} and not self.operator.startswith("Numeric"):
            more = [*texts, _another(texts[0])]
            told = f"{self.words} takes {more[-1]} too"
            yield Change((*self.here, len(texts)), more, "value added", told, at=self.here)

    def _with_another(self, at: Path, kind: str, swap: tuple[list[str], int, str]) -> Change:
        """One value swapped; for a wildcard the operator too, if it takes none."""
        texts, place, other = swap
        told = f"{self.words} takes {other}, not {texts[place]}"
        if self.operator not in _LOOSER or "*" not in other:
            return Change(at, other, kind, told)
        among = [other if i == place else old for i, old in enumerate(texts)]
        moved = self.under(_LOOSER[self.operator], among)
        return Change(at, moved, kind, told, at=self.path)


def _without(condition: Conditions, operator: str, key: str) -> Conditions:
    left = {
        name: {k: values for k, values in keys.items() if (name, k) != (operator, key)}
        for name, keys in condition.items()
    }
    return {name: keys for name, keys in left.items() if keys}


def _with(condition: Conditions, operator: str, key: str, values: object) -> Conditions:
    return {**condition, operator: {**condition.get(operator, {}), key: values}}


def _other_operators(operator: str) -> Iterator[tuple[str, str]]:
    quantifier, colon, name = operator.rpartition(":")
    if quantifier in _OTHER_QUANTIFIER:
        yield "quantifier swapped", f"{_OTHER_QUANTIFIER[quantifier]}:{name}"
    elif name != "Null":
        yield "if exists", f"{quantifier}{colon}{name}IfExists"
    for plain in ("String", "Arn"):
        if name.startswith(plain):
            rest = name.removeprefix(plain)
            other = rest.removeprefix("Not") if rest.startswith("Not") else f"Not{rest}"
            yield "condition negated", f"{quantifier}{colon}{plain}{other}"


def _other_values(text: str) -> Iterator[tuple[str, str]]:
    """Values that let more through, and one that is plainly another."""
    if text in {"true", "false"}:
        yield "value flipped", "false" if text == "true" else "true"
        return
    if text.isdecimal() and not _ACCOUNT.fullmatch(text):
        yield "value changed", str(int(text) * 4)
        return
    if "?" in text:
        yield "value widened", text.replace("?", "")
    if text != "*":
        yield "value widened", "*"
    if _ACCOUNT.search(text) and not _ACCOUNT.fullmatch(text):
        yield "value widened", _ACCOUNT.sub("*", text)
    yield "value changed", _another(text)


def _another(text: str) -> str:
    """A value of the same form that means somebody or something else."""
    if _ACCOUNT.search(text):
        return _ACCOUNT.sub(OUTSIDE, text)
    return "x" if "*" in text or "?" in text else f"{text}-else"
