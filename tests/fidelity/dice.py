"""Random requests under random layers, for comparing evaluators by the thousand.

Hypothesis shrinks what fails but draws too slowly for thousands of cases, so these are thrown with
a seed: the same seed gives the same cases.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from breakglass.proof.model import (
    ContextValue,
    Layers,
    Policy,
    Principal,
    PrincipalKind,
    Request,
)

HOME, OTHER = "111111111111", "222222222222"
USER, ROLE = f"arn:aws:iam::{HOME}:user/u", f"arn:aws:iam::{HOME}:role/p/r"
SESSION = f"arn:aws:sts::{HOME}:assumed-role/r/s"
LINKED = f"arn:aws:iam::{HOME}:role/aws-service-role/x.amazonaws.com/x"
KEY = "arn:aws:kms:eu-west-1:{}:key/k"
CALLERS = (
    Principal(USER, None, HOME, PrincipalKind.USER),
    Principal(ROLE, SESSION, HOME, PrincipalKind.ROLE),
    Principal(LINKED, f"arn:aws:sts::{HOME}:assumed-role/x/s", HOME, PrincipalKind.ROLE),
)
CALLS = (
    ("s3:PutObject", "arn:aws:s3:::b/u/x"),
    ("s3:GetObject", "arn:aws:s3:::b/u/*"),
    ("kms:Decrypt", KEY),
    ("kms:ScheduleKeyDeletion", KEY),
    ("sts:AssumeRole", "arn:aws:iam::{}:role/t"),
    ("iam:PassRole", ROLE),
    ("events:PutRule", "arn:aws:events:eu-west-1:{}:rule/r"),
)
ACTIONS = ("*", "s3:*", "S3:put?bject", "s3:PutObject", "kms:*", "sts:Assume*", "iam:*", "e*:Put*")
RESOURCES = (
    "*",
    "arn:aws:s3:::b/*",
    "arn:aws:s3:::b/${aws:username}/*",
    "arn:aws:s3:::b/${aws:PrincipalTag/t, 'u'}/?",
    "arn:aws:s3:::b/u/${*}",
    "arn:aws:*:*:*:*",
    "arn:aws:s3:b",
    "arn:aws:kms:*:111111111111:key/?",
    "arn:aws:iam::*:role/*",
)
NAMED: Sequence[Any] = (
    "*",
    {"AWS": "*"},
    {"AWS": HOME},
    {"AWS": f"arn:aws:iam::{HOME}:root"},
    {"AWS": [USER, ROLE]},
    {"AWS": SESSION},
    {"AWS": [OTHER, "arn:aws:iam::111111111111:role/*"]},
    {"Service": "logs.amazonaws.com"},
    {"AWS": USER, "CanonicalUser": "c"},
)
TEXTS = ("a", "B", "u", "5", "true", "", "*", "YQ==", "YR==")
TAGS, STRING, BOOL = "aws:TagKeys", "aws:PrincipalTag/t", "aws:MultiFactorAuthPresent"
DATE, ADDRESS, ARN = "aws:CurrentTime", "aws:SourceIp", "aws:SourceArn"
VALUES: dict[str, Sequence[ContextValue]] = {
    STRING: TEXTS,
    "aws:RequestTag/r": TEXTS,
    BOOL: ("true", "false", "TRUE"),
    "aws:MultiFactorAuthAge": ("0", "5", "5.0", "900", "-1", "soon"),
    DATE: ("2026-11-22T12:00:00Z", "2026-11-22", "1795348800", "soon"),
    ADDRESS: ("10.0.0.1", "192.0.2.1", "2001:db8::1"),
    ARN: ("arn:aws:iam::1:role/x", "arn:aws:s3:::b", "arn:aws:sns:r:1:a:b"),
    TAGS: ([], ["a"], ["a", "B"], ["a", "u", "5"], "a"),
    "kms:CallerAccount": (HOME, OTHER),
}
WANTED: dict[str, Sequence[str]] = {
    STRING: (*TEXTS, "?", "A", "b", "${aws:username}", "${aws:RequestTag/r}", "${*}"),
    BOOL: ("true", "false"),
    "aws:MultiFactorAuthAge": ("5", "5.00", "900", "0", "soon"),
    DATE: ("2026-11-22T12:00:00Z", "2026-11-23", "1795348800"),
    ADDRESS: ("10.0.0.0/8", "10.0.0.1", "192.0.2.0/24", "2001:db8::/32"),
    ARN: ("arn:aws:iam::*:*", "arn:aws:s3:::b", "arn:aws:sns:*:b", "*", "arn:*"),
    TAGS: ("a", "B", "u", "*"),
}
WANTED["aws:RequestTag/r"] = WANTED[STRING]
WANTED["kms:CallerAccount"] = (HOME, OTHER)
_ORDER = ("Equals", "NotEquals", "LessThan", "LessThanEquals", "GreaterThan", "GreaterThanEquals")
_WORDS = ("Equals", "NotEquals", "Like", "NotLike")
_STRINGS = (
    *(f"String{word}" for word in _WORDS),
    "StringEqualsIgnoreCase",
    "StringNotEqualsIgnoreCase",
)
OPERATORS: dict[str, Sequence[str]] = {
    STRING: (*_STRINGS, "BinaryEquals"),
    "aws:RequestTag/r": _STRINGS,
    BOOL: ("Bool", "StringEquals"),
    "aws:MultiFactorAuthAge": tuple(f"Numeric{word}" for word in _ORDER),
    DATE: tuple(f"Date{word}" for word in _ORDER),
    ADDRESS: ("IpAddress", "NotIpAddress"),
    ARN: (*(f"Arn{word}" for word in _WORDS), "StringLike"),
    TAGS: (*(f"{q}:String{w}" for q in ("ForAllValues", "ForAnyValue") for w in _WORDS), "Null"),
    "kms:CallerAccount": ("StringEquals", "StringNotEquals"),
}


@dataclass(frozen=True)
class Case:
    """One request under layers."""

    request: Request
    layers: Layers


def cases(seed: int, count: int) -> Iterator[Case]:
    """Throw so many cases."""
    dice = Dice(Random(seed))  # noqa: S311 - not for secrets
    return (dice.case() for _ in range(count))


class Dice:
    """What the cases are made of."""

    def __init__(self, chance: Random) -> None:
        self._chance = chance
        self._policies = 0

    def case(self) -> Case:
        """Half of the cases are about whole layers, half about one condition."""
        request = self._request()
        return Case(request, self._layers() if self._in(2) else self._layer_of_one(request))

    def _one(self, values: Sequence[Any]) -> Any:  # noqa: ANN401 - of anything
        return self._chance.choice(values)

    def _some(self, values: Sequence[Any]) -> list[Any]:
        return self._chance.sample(values, self._chance.choice((1, 1, 2)))

    def _in(self, times: int) -> bool:
        return self._chance.randrange(times) == 0

    def _request(self) -> Request:
        who: Principal = self._one((CALLERS[0], CALLERS[0], CALLERS[1], CALLERS[1], CALLERS[2]))
        action, resource = self._one(CALLS)
        owner = self._one((HOME, HOME, OTHER))
        keys = self._chance.sample(list(VALUES), 4)
        context: dict[str, ContextValue] = {key: self._one(VALUES[key]) for key in keys}
        context |= {"aws:PrincipalArn": who.arn, "aws:PrincipalAccount": HOME}
        if who.kind == PrincipalKind.USER:
            context["aws:username"] = "u"
        return Request(who, action, resource.format(owner), owner, context)

    def _layer_of_one(self, request: Request) -> Layers:
        """One statement that covers the call, under a condition on what the call carries."""
        body: dict[str, Any] = {"Action": "*", "Resource": "*", "Condition": {}}
        for key in self._some([key for key in request.context if key in OPERATORS] or [STRING]):
            operator, wanted = self._condition(key)
            body["Condition"].setdefault(operator, {})[key] = wanted
        full = {"Effect": "Allow", "Action": "*", "Resource": "*"}
        bodies = (
            [{"Effect": "Allow", **body}] if self._in(2) else [full, {"Effect": "Deny", **body}]
        )
        own = self._named_policy("identity", bodies)
        theirs = self._named_policy("resource", [{**full, "Principal": {"AWS": HOME}}])
        return Layers(identity=[own], resource=theirs)

    def _layers(self) -> Layers:
        return Layers(
            identity=[self._policy("identity") for _ in range(self._one((0, 1, 1, 2)))],
            boundary=self._policy("boundary") if self._in(3) else None,
            session=[self._policy("session") for _ in range(self._one((0, 0, 0, 1, 2)))],
            resource=self._policy("resource", named=True) if self._in(2) else None,
            scps=[
                [self._policy("scp") for _ in range(self._one((1, 2)))]
                for _ in range(self._one((0, 0, 1, 2)))
            ],
            rcps=[[self._policy("rcp", named=True)]] if self._in(5) else [],
        )

    def _policy(self, name: str, *, named: bool = False) -> Policy:
        bodies = [self._statement(named=named) for _ in range(self._one((1, 1, 2)))]
        if not self._in(4):
            full = {"Effect": "Allow", "Action": "*", "Resource": "*"}
            bodies.append({**full, "Principal": self._one(NAMED)} if named else full)
        return self._named_policy(name, bodies)

    def _named_policy(self, name: str, bodies: list[dict[str, Any]]) -> Policy:
        """Give each policy a name of its own, by which a verdict leads back to it."""
        self._policies += 1
        version = "2008-10-17" if self._in(8) else "2012-10-17"
        return Policy(f"{name}-{self._policies}", {"Version": version, "Statement": bodies})

    def _statement(self, *, named: bool) -> dict[str, Any]:
        body: dict[str, Any] = {"Effect": self._one(("Allow", "Deny"))}
        body["NotAction" if self._in(5) else "Action"] = self._some(ACTIONS)
        body["NotResource" if self._in(5) else "Resource"] = self._some(RESOURCES)
        if not self._in(3):
            body["Condition"] = {}
            for key in self._some(list(OPERATORS)):
                operator, wanted = self._condition(key)
                body["Condition"].setdefault(operator, {})[key] = wanted
        if named:
            body["NotPrincipal" if self._in(8) else "Principal"] = self._one(NAMED)
        return body

    def _condition(self, key: str) -> tuple[str, list[str]]:
        operator = self._one(OPERATORS[key])
        if operator == "Null" or self._in(8):
            return "Null", [self._one(("true", "false"))]
        if ":" not in operator and self._in(4):
            operator += "IfExists"
        if operator.startswith("Binary"):
            return operator, [self._one(("YQ==", "YR==", "Qg=="))]
        return operator, self._some(WANTED[key])
