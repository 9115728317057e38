"""Policy documents compiled to statements, and whom the statements of a resource's policy name.

A document that AWS would refuse for its shape (no Effect, both Action and NotAction, a misspelt
element) is an `InvalidInput`. What AWS accepts but does not settle makes the statement undecided.
"""

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from breakglass.errors import InvalidInput
from breakglass.proof.conditions import Test, compile_condition, undecided
from breakglass.proof.model import (
    Decision,
    Layer,
    Policy,
    Principal,
    PrincipalKind,
    Request,
    Verdict,
)
from breakglass.proof.wildcards import (
    ARN_SEGMENTS,
    Answer,
    Context,
    Matcher,
    Pieces,
    Variable,
    has_variables,
    is_arn_pattern,
    matcher,
    parse,
    template,
    variables_of,
)

# How a resource's policy names a caller, weakest first (IAM User Guide, "Policy evaluation for
# requests within a single account", the principals under "Resource-based policies").
NOBODY = 0
ACCOUNT = 1
"""The caller's account: hands the decision on to the account's own policies."""
ENTITY = 2
"""The role, or the user behind a federated session: boundary and session policies limit it."""
DIRECT = 3
"""The user, the session, the service or everybody: no implicit deny of another policy limits it."""

Names = Callable[[Principal], tuple[int, int]]
"""How a caller is named for sure, and how it might be."""

PHRASES: Mapping[Layer, str] = {
    Layer.IDENTITY: "an identity policy",
    Layer.BOUNDARY: "the permissions boundary",
    Layer.SESSION: "a session policy",
    Layer.RESOURCE: "the resource's policy",
    Layer.SCP: "an SCP",
    Layer.RCP: "an RCP",
    Layer.GRANT: "a KMS grant",
}

_NAMING_LAYERS = frozenset({Layer.RESOURCE, Layer.RCP})
_VERSIONS = frozenset({"2008-10-17", "2012-10-17"})
_DOCUMENT_ELEMENTS = frozenset({"Version", "Id", "Statement"})
_STATEMENT_ELEMENTS = frozenset(
    {"Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource"}
    | {"NotResource", "Condition"}
)


@dataclass(frozen=True, slots=True, eq=False)
class Statement:
    """One statement, ready to be asked.

    ``tests`` are everything but the action, cheapest first, each with the words that a verdict uses
    for it. ``names`` is there for an Allow of a resource's policy, where the kind of grant matters;
    a Deny has it among its tests.
    """

    name: str
    layer: Layer
    denies: bool
    acts_on: Matcher
    tests: tuple[Test, ...]
    words: tuple[str, ...]
    names: Names | None
    verdict: Verdict
    """The answer when the statement applies."""

    def applies(self, request: Request, context: Context) -> Answer:
        """Say whether the statement applies to a request whose action it is known to cover."""
        answer: Answer = True
        for test in self.tests:
            outcome = test(request, context)
            if not outcome:
                if outcome is False:
                    return False
                answer = None
        return answer

    def doubt(self, request: Request, context: Context) -> Verdict:
        """Return the verdict that names the part of the statement that could not be decided."""
        parts = [
            words
            for test, words in zip(self.tests, self.words, strict=True)
            if test(request, context) is None
        ]
        part = parts[0] if parts else "whom its Principal element names"
        return Verdict(
            Decision.UNKNOWN,
            self.layer,
            self.name,
            f"Whether statement {self.name} of {PHRASES[self.layer]} applies"
            f" cannot be decided: {part}.",
        )

    def doubted(self, words: str) -> "Statement":
        """Return the same statement as one that may or may not count even where it applies."""
        return replace(self, tests=(*self.tests, undecided), words=(*self.words, words))


class Compiled:
    """The statements of one policy, and those of them that cover an action, found once each."""

    __slots__ = ("_covering", "_marks", "statements")

    _KEPT = 16384

    def __init__(self, statements: tuple[Statement, ...]) -> None:
        self.statements = statements
        self._covering: dict[str, tuple[Statement, ...]] = {}
        self._marks: dict[tuple[str, ...], tuple[int, ...]] = {}

    def marks(self, actions: tuple[str, ...]) -> tuple[int, ...]:
        """Return a number for each action: equal for those that the same statements cover."""
        found = self._marks.get(actions)
        if found is None:
            covering = [self.covering(action.lower()) for action in actions]
            numbers = {statements: number for number, statements in enumerate(covering)}
            found = self._marks[actions] = tuple(numbers[statements] for statements in covering)
        return found

    def covering(self, action: str) -> tuple[Statement, ...]:
        """Return the statements that cover an action, which is in lower case."""
        found = self._covering.get(action)
        if found is None:
            if len(self._covering) >= self._KEPT:
                self._covering.clear()  # only made-up actions can be that many
            found = tuple(one for one in self.statements if one.acts_on(action))
            self._covering[action] = found
        return found


def compile_policy(policy: Policy, layer: Layer) -> Compiled:
    """Return the statements of a policy in the layer where it is attached.

    Equal documents are compiled once: the text of the document is the key.
    """
    try:
        text = policy.text or json.dumps(policy.document)
    except TypeError as error:
        raise InvalidInput(policy.name, policy.document, "a JSON policy document") from error
    return _compile(policy.name, text, layer)


@lru_cache(maxsize=4096)
def _compile(name: str, text: str, layer: Layer) -> Compiled:
    document = json.loads(text)
    _check_elements(name, document, _DOCUMENT_ELEMENTS)
    version = document.get("Version", "2008-10-17")  # AWS's default
    if version not in _VERSIONS:
        raise InvalidInput(f"{name} Version", version, "2012-10-17 or 2008-10-17")
    statements = document.get("Statement")
    if isinstance(statements, dict):
        statements = [statements]
    if not isinstance(statements, list) or not statements:
        raise InvalidInput(f"{name} Statement", statements, "a statement or a list of them")
    variables = version == "2012-10-17"
    return Compiled(
        tuple(
            _one(f"{name}#{_label(body, index)}", json.dumps(body), layer, variables)
            for index, body in enumerate(statements)
        )
    )


@lru_cache(maxsize=4096)  # policies that differ in one statement share the others
def _one(name: str, text: str, layer: Layer, variables: bool) -> Statement:  # noqa: FBT001 - lru_cache keys are positional
    return _statement(name, json.loads(text), layer, variables=variables)


def _label(body: object, index: int) -> str:
    sid = body.get("Sid") if isinstance(body, dict) else None
    return str(sid) if sid else str(index)


def _check_elements(name: str, body: object, known: Iterable[str]) -> None:
    if not isinstance(body, dict):
        raise InvalidInput(name, body, "a JSON object")
    for element in body:
        if element not in known:
            raise InvalidInput(name, element, f"one of {', '.join(sorted(known))}")


def _statement(name: str, body: dict[str, Any], layer: Layer, *, variables: bool) -> Statement:
    _check_elements(name, body, _STATEMENT_ELEMENTS)
    effect = body.get("Effect")
    if effect not in {"Allow", "Deny"}:
        raise InvalidInput(f"{name} Effect", effect, "Allow or Deny")
    denies = effect == "Deny"
    names = _principals(name, body, layer)
    tests = dict(_resource_test(name, body, layer, variables=variables))
    if names is not None and denies:
        tests["its Principal element"] = _naming_test(names)
    tests |= _condition_tests(name, body.get("Condition") or {}, variables=variables)
    return Statement(
        name=name,
        layer=layer,
        denies=denies,
        acts_on=_action_matcher(name, body),
        tests=tuple(tests.values()),
        words=tuple(f"{words} has no certain answer" for words in tests),
        names=None if denies else names,
        verdict=Verdict(
            Decision.DENIED if denies else Decision.ALLOWED,
            layer,
            name,
            f"Statement {name} of {PHRASES[layer]} {'denies' if denies else 'allows'} it.",
        ),
    )


def _one_of(name: str, body: dict[str, Any], element: str) -> tuple[list[str], bool]:
    """Return the texts of an element or of its ``Not`` form, and whether it was the latter."""
    present = [key for key in (element, f"Not{element}") if key in body]
    if len(present) != 1:
        raise InvalidInput(f"{name} {element}", present, f"either {element} or Not{element}")
    return _texts(f"{name} {present[0]}", body[present[0]]), present[0] != element


def _texts(name: str, value: object) -> list[str]:
    texts = [value] if isinstance(value, str) else value
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        raise InvalidInput(name, value, "a text or a list of texts")
    return texts


# --- Action ---------------------------------------------------------------------------------------


def _action_matcher(name: str, body: dict[str, Any]) -> Matcher:
    """Return the test of an action in lower case: actions "are case insensitive"."""
    texts, negated = _one_of(name, body, "Action")
    patterns = [parse(text.lower(), wildcards=True, variables=False) for text in texts]
    among = matcher([pieces for pieces in patterns if pieces is not None], arn=False)
    return (lambda action: not among(action)) if negated else among


# --- Resource -------------------------------------------------------------------------------------


def _resource_test(
    name: str, body: dict[str, Any], layer: Layer, *, variables: bool
) -> Iterable[tuple[str, Test]]:
    """Yield the test of the resource with its words, or nothing where every resource is meant.

    A resource's own policy may leave the element out: a trust policy has none.
    """
    if layer is Layer.RESOURCE and "Resource" not in body and "NotResource" not in body:
        return
    texts, negated = _one_of(name, body, "Resource")
    if "*" in texts and not negated:
        return
    yield (
        f"its {'Not' if negated else ''}Resource element",
        _compiled_resources(texts, negated=negated, variables=variables),
    )


def _compiled_resources(texts: Sequence[str], *, negated: bool, variables: bool) -> Test:
    """Return the test of a Resource element; ARNs are case-sensitive, segment by segment.

    Undecided are an ARN with fewer than six segments (completed by AWS in a way that no page
    tells), a variable before the fifth colon ("You can't use a variable to replace parts of the ARN
    before the fifth colon"), and a match beside a variable that has no value, which "might cause
    the entire statement to be invalid" ("IAM policy elements: Variables and tags").
    """
    if "*" in texts:
        return lambda _request, _context: not negated
    parsed = [parse(text, wildcards=True, variables=variables) for text in texts]
    read = [pieces for pieces in parsed if pieces is not None and _is_settled(pieces)]
    varied = [template(p, wildcards=True, arn=True) for p in read if has_variables(p)]
    needed = variables_of(pieces for pieces in parsed if pieces is not None)
    among = matcher([pieces for pieces in read if not has_variables(pieces)], arn=True)
    otherwise: Answer = None if len(read) < len(texts) else False

    if not varied and otherwise is False:
        if negated:
            return lambda request, _context: not among(request.resource)
        return lambda request, _context: among(request.resource)

    def test(request: Request, context: Context) -> Answer:
        answer: Answer = among(request.resource) or otherwise
        for matches in varied:
            if answer:
                break
            found = matches(request.resource, context)
            answer = answer if found is False else found
        if answer and not negated and not needed <= context.keys():
            return None  # negated, both readings leave the resource out
        return (None if answer is None else not answer) if negated else answer

    return test


def _is_settled(pieces: Pieces) -> bool:
    """Say whether AWS documents what a Resource text matches."""
    before = pieces[0] if isinstance(pieces[0], str) else ""
    if has_variables(pieces):
        colons = 0
        for piece in pieces:
            if isinstance(piece, str):
                colons += piece.count(":")
            elif colons < ARN_SEGMENTS - 1 and isinstance(piece, Variable):
                return False
    return before.startswith("arn:") and is_arn_pattern(pieces)


# --- Principal ------------------------------------------------------------------------------------


def _principals(name: str, body: dict[str, Any], layer: Layer) -> Names | None:
    """Return how the statement names callers; None in the layers whose statements name nobody."""
    present = [key for key in ("Principal", "NotPrincipal") if key in body]
    if layer not in _NAMING_LAYERS:
        if present:
            raise InvalidInput(name, present[0], f"no such element in {PHRASES[layer]}")
        return None
    if len(present) != 1:
        raise InvalidInput(f"{name} Principal", present, "either Principal or NotPrincipal")
    if present == ["NotPrincipal"]:
        # AWS's page and other evaluators disagree on sessions and accounts
        return lambda _principal: (NOBODY, DIRECT)
    return _Named.read(f"{name} Principal", body["Principal"]).how


_ACCOUNT_ARN = re.compile(r"(?:arn:aws[a-z-]*:iam::)?(\d{12})(?::root)?")


@dataclass(frozen=True, slots=True)
class _Named:
    """A Principal element, sorted by kind."""

    everybody: bool
    every_aws: bool
    arns: frozenset[str]
    accounts: frozenset[str]
    services: frozenset[str]
    providers: frozenset[str]
    doubtful: bool
    """A canonical user id, a wildcard inside an ARN, or a kind that AWS does not list."""

    @classmethod
    def read(cls, name: str, element: object) -> "_Named":
        """Sort the texts of a Principal element."""
        if element == "*":
            element = {"*": "*"}
        if not isinstance(element, dict):
            raise InvalidInput(name, element, '"*" or an object of AWS, Service and Federated')
        kinds = {
            kind: frozenset(_texts(f"{name} {kind}", texts)) for kind, texts in element.items()
        }
        aws = kinds.pop("AWS", frozenset())
        accounts = {text: found[1] for text in aws if (found := _ACCOUNT_ARN.fullmatch(text))}
        everybody = kinds.pop("*", frozenset()) == {"*"}
        services, providers = kinds.pop("Service", frozenset()), kinds.pop("Federated", frozenset())
        return cls(
            everybody=everybody,
            every_aws="*" in aws,
            arns=aws - accounts.keys(),
            accounts=frozenset(accounts.values()),
            services=services,
            providers=providers,
            doubtful=bool(kinds) or any("*" in text or "?" in text for text in aws - {"*"}),
        )

    def how(self, principal: Principal) -> tuple[int, int]:
        """Say how the element names a caller, for sure and perhaps."""
        sure = self._surely(principal)
        return sure, (DIRECT if self._perhaps(principal) else sure)

    def _surely(self, principal: Principal) -> int:
        if self.everybody:
            return DIRECT
        if principal.kind == PrincipalKind.SERVICE:
            return DIRECT if principal.arn in self.services else NOBODY
        if principal.kind == PrincipalKind.FEDERATED:
            return DIRECT if principal.arn in self.providers else NOBODY
        if self.every_aws:
            return DIRECT
        return self._surely_aws(principal)

    def _surely_aws(self, principal: Principal) -> int:
        if principal.kind == PrincipalKind.ANONYMOUS:
            return NOBODY
        if principal.session_arn in self.arns:
            return DIRECT
        if principal.arn in self.arns:
            limited = principal.kind == PrincipalKind.ROLE or principal.session_arn is not None
            return ENTITY if limited else DIRECT
        if principal.account in self.accounts:
            return DIRECT if principal.kind == PrincipalKind.ROOT else ACCOUNT
        return NOBODY

    def _perhaps(self, principal: Principal) -> bool:
        if self.doubtful:
            return True
        if principal.kind in {PrincipalKind.SERVICE, PrincipalKind.FEDERATED}:
            return self.every_aws  # no page says whether {"AWS": "*"} means them, as "*" does
        if principal.kind == PrincipalKind.ROLE and principal.session_arn is None:
            sessions = _sessions_of(principal)
            return any(arn.startswith(sessions) for arn in self.arns)
        return False


def _sessions_of(role: Principal) -> str:
    """Return what the ARNs of a role's sessions begin with; they do not carry the role's path."""
    return f"arn:aws:sts::{role.account}:assumed-role/{role.arn.rpartition('/')[2]}/"


def _naming_test(names: Names) -> Test:
    """Return the test of a Deny's Principal element: named in whatever way."""

    def test(request: Request, _context: Context) -> Answer:
        sure, possible = names(request.principal)
        return True if sure else (None if possible else False)

    return test


# --- Condition ------------------------------------------------------------------------------------


def _condition_tests(name: str, block: object, *, variables: bool) -> dict[str, Test]:
    """Return the tests of a Condition block under the words that a verdict uses for them."""
    if not isinstance(block, dict) or not all(isinstance(keys, dict) for keys in block.values()):
        raise InvalidInput(f"{name} Condition", block, "{operator: {key: value}}")
    return {
        f"its condition {operator} on {key}": compile_condition(
            operator,
            key,
            _condition_values(f"{name} {operator} {key}", values),
            variables=variables,
        )
        for operator, keys in block.items()
        for key, values in keys.items()
    }


def _condition_values(name: str, values: object) -> list[str]:
    """Return the values as texts; JSON's booleans and numbers are accepted, as IAM does."""
    listed = values if isinstance(values, list) else [values]
    return [_condition_value(name, value) for value in listed]


def _condition_value(name: str, value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (str, int, float)):
        return str(value)
    raise InvalidInput(name, value, "a text, a number or a boolean")
