"""Texts of a policy that stand for many texts: wildcards, policy variables and ARN patterns.

A text is parsed once into pieces: literal text, ``*``, ``?`` and variables (IAM User Guide, "IAM
policy elements: Variables and tags"). Pieces without variables become one matcher for all texts of
an element; pieces with variables are resolved against the context of each request.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache

from breakglass.proof.model import ContextValue

Answer = bool | None
"""Kleene's three truth values; None is "cannot be decided"."""

Context = Mapping[str, ContextValue]
"""A request's context with the names of its keys in lower case."""

Matcher = Callable[[str], bool]

Template = Callable[[str, Context], Answer]
"""Whether a text matches a pattern whose variables take their values from a request."""

ARN_SEGMENTS = 6


class Wild(Enum):
    """A wildcard inside a text."""

    MANY = "*"
    ONE = "?"


@dataclass(frozen=True, slots=True)
class Variable:
    """``${key}`` or ``${key, 'default'}``; the key in lower case."""

    key: str
    default: str | None


Piece = str | Wild | Variable
Pieces = tuple[Piece, ...]

_VARIABLE = re.compile(r"\$\{\s*([^\s,{}']+)\s*(?:,\s*'([^']*)'\s*)?\}")
_ESCAPES = {"${*}": "*", "${?}": "?", "${$}": "$"}
_TOKEN = re.compile(r"\$\{[*?$]\}|\$\{|[*?]")


def parse(text: str, *, wildcards: bool, variables: bool) -> Pieces | None:
    """Return the pieces of a text, or None when it holds a ``${`` that is no policy variable.

    ``wildcards`` says whether ``*`` and ``?`` are special; ``variables`` whether the document's
    Version knows policy variables (2012-10-17 does, 2008-10-17 takes them as literal text).
    """
    pieces: list[Piece] = []
    position = 0
    while token := _TOKEN.search(text, position):
        pieces.append(text[position : token.start()])
        found, position = token.group(), token.end()
        if found in "*?":
            pieces.append(Wild(found) if wildcards else found)
        elif not variables:
            # in the old version the braces are text, and a wildcard between them is one
            pieces.append("${")
            position = token.start() + len("${")
        elif found in _ESCAPES:
            pieces.append(_ESCAPES[found])
        elif variable := _VARIABLE.match(text, token.start()):
            pieces.append(Variable(variable[1].lower(), variable[2]))
            position = variable.end()
        else:
            return None
    return _joined([*pieces, text[position:]])


def _joined(pieces: Iterable[Piece]) -> Pieces:
    """Return the pieces with neighbouring literals made one and empty ones dropped."""
    joined: list[Piece] = []
    for piece in pieces:
        if isinstance(piece, str) and joined and isinstance(joined[-1], str):
            joined[-1] += piece
        elif piece != "":
            joined.append(piece)
    return tuple(joined)


def has_variables(pieces: Pieces) -> bool:
    """Say whether the pieces depend on the request."""
    return any(isinstance(piece, Variable) for piece in pieces)


def variables_of(patterns: Iterable[Pieces]) -> frozenset[str]:
    """Return the keys without which some of the texts have no value."""
    return frozenset(
        piece.key
        for pieces in patterns
        for piece in pieces
        if isinstance(piece, Variable) and piece.default is None
    )


def matcher(patterns: Sequence[Pieces], *, arn: bool) -> Matcher:
    """Return one test for "is any of these", for patterns without variables.

    With ``arn`` a wildcard in one of the first five segments does not reach over a colon ("each of
    the six colon-delimited components of the ARN is checked separately").
    """
    exact = frozenset(_text(pieces) for pieces in patterns if _is_literal(pieces))
    prefixes = tuple(_text(pieces[:-1]) for pieces in patterns if _is_prefix(pieces, arn=arn))
    rest = [p for p in patterns if not _is_literal(p) and not _is_prefix(p, arn=arn)]
    simple = _simple(exact, prefixes)
    if not rest:
        return simple
    full = _expression(rest, arn=arn).fullmatch
    heads = tuple(p[0] if isinstance(p[0], str) else "" for p in rest)
    if not exact and not prefixes:
        return lambda text: text.startswith(heads) and full(text) is not None
    return lambda text: simple(text) or (text.startswith(heads) and full(text) is not None)


def _simple(exact: frozenset[str], prefixes: tuple[str, ...]) -> Matcher:
    """Return the cheapest test for "is one of these or begins with one of those"."""
    if "" in prefixes:
        return lambda _text: True
    if not prefixes:
        return exact.__contains__
    if not exact:
        return lambda text: text.startswith(prefixes)
    return lambda text: text in exact or text.startswith(prefixes)


def _is_literal(pieces: Pieces) -> bool:
    return all(isinstance(piece, str) for piece in pieces)


def _is_prefix(pieces: Pieces, *, arn: bool) -> bool:
    """Say whether the pieces are a literal and one ``*`` at the end, free to match anything."""
    if not pieces or pieces[-1] is not Wild.MANY or not _is_literal(pieces[:-1]):
        return False
    return not arn or _text(pieces).count(":") >= ARN_SEGMENTS - 1


def _text(pieces: Pieces) -> str:
    return "".join(piece for piece in pieces if isinstance(piece, str))


def _expression(patterns: Sequence[Pieces], *, arn: bool) -> re.Pattern[str]:
    return re.compile("|".join(_source(pieces, arn=arn) for pieces in patterns), re.DOTALL)


def _source(pieces: Pieces, *, arn: bool) -> str:
    """Return the regular expression of one pattern."""
    colons = 0
    source = ""
    for piece in pieces:
        if isinstance(piece, str):
            colons += piece.count(":")
            source += re.escape(piece)
        else:
            inside = "[^:]" if arn and colons < ARN_SEGMENTS - 1 else "."
            source += inside + ("*" if piece is Wild.MANY else "")
    return source


def is_arn_pattern(pieces: Pieces) -> bool:
    """Say whether the pieces have the six segments of an ARN."""
    return _text(pieces).count(":") >= ARN_SEGMENTS - 1


@lru_cache(maxsize=8192)
def _resolved_matcher(pieces: Pieces, arn: bool) -> Matcher:  # noqa: FBT001 - lru_cache keys are positional
    return matcher((pieces,), arn=arn)


def template(pieces: Pieces, *, wildcards: bool, arn: bool = False) -> Template:
    """Return the test of one pattern with variables.

    A variable without value and without default matches nothing ("There is no equal or like
    value"). Undecided are a variable whose value is unknown or multivalued, and, where
    ``wildcards`` are special, one whose value holds a wildcard: AWS does not say whether that one
    is special too.
    """
    open_end = pieces[-1] is Wild.MANY
    body = pieces[:-1] if open_end else pieces
    if Wild.MANY in body or Wild.ONE in body or (arn and not _leads_an_arn(body)):
        return _general(pieces, wildcards=wildcards, arn=arn)

    def test(text: str, context: Context) -> Answer:
        wanted = ""
        for piece in body:
            value = context.get(piece.key, piece.default) if type(piece) is Variable else piece
            if value is None:
                return False
            if not isinstance(value, str) or (
                wildcards and piece is not value and ("*" in value or "?" in value)
            ):
                return None
            wanted += value
        return text.startswith(wanted) if open_end else text == wanted

    return test


def _leads_an_arn(pieces: Pieces) -> bool:
    """Say whether the text before the first variable reaches the last segment of an ARN."""
    return isinstance(pieces[0], str) and pieces[0].count(":") >= ARN_SEGMENTS - 1


def _general(pieces: Pieces, *, wildcards: bool, arn: bool) -> Template:
    """Return the test of a pattern whose wildcards are anywhere: spelt out, then matched."""

    def test(text: str, context: Context) -> Answer:
        resolved: list[Piece] = []
        for piece in pieces:
            if not isinstance(piece, Variable):
                resolved.append(piece)
                continue
            value = context.get(piece.key, piece.default)
            if value is None:
                return False
            if not isinstance(value, str) or (wildcards and ("*" in value or "?" in value)):
                return None
            resolved.append(value)
        joined = _joined(resolved)
        if arn and not is_arn_pattern(joined):
            return None
        return _resolved_matcher(joined, arn)(text)

    return test
