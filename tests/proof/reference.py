"""A slow, plain second reading of AWS's evaluation logic, to hold the fast one to.

It shares nothing with `breakglass.proof` but the model. Its idea differs too: it decides twice with
two truth values, once with every doubt resolved against the caller and once in the caller's favour;
where the two agree the decision is certain, where they differ it is UNKNOWN.
"""

import base64
import ipaddress
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timezone
from fractions import Fraction

from breakglass.proof.model import (
    UNKNOWN_VALUE,
    Decision,
    Layers,
    Policy,
    Principal,
    PrincipalKind,
    Request,
)

RCP_SERVICES = (
    "appstream dsql clouddirectory cloudfront cloudsearch logs networkmonitor cognito-identity"
    " cognito-idp comprehend comprehendmedical firehose dynamodb dax autoscaling ecr ecr-public"
    " gamelift inspector-scan kendra kinesisvideo memorydb aoss personalize polly s3 swf sqs"
    " textract timestream-influxdb transcribe translate workspaces appconfig autoscaling-plans"
    " budgets servicediscovery cloudtrail-data codeartifact codebuild codecommit codepipeline"
    " compute-optimizer cost-optimization-hub events fms fis health rolesanywhere kms opensearch"
    " pricing pca-connector-ad resource-groups secretsmanager sts signin support transfer"
    " notifications wafv2 xray"
)
KMS_ACROSS = (
    "encrypt decrypt reencryptfrom reencryptto generatedatakey generatedatakeywithoutplaintext"
    " generatedatakeypair generatedatakeypairwithoutplaintext generaterandom generatemac verifymac"
    " sign verify derivesharedsecret creategrant describekey getkeyrotationstatus getpublickey"
    " listgrants retiregrant revokegrant"
)
MAYBE = "maybe"  # the third truth value; True and False are the other two
Tri = bool | str
Flag = bool
Body = Mapping
Context = Mapping


def decide(request: Request, layers: Layers) -> Decision:
    worst = _allowed(request, layers, doubt_helps=False)
    best = _allowed(request, layers, doubt_helps=True)
    if worst == best:
        return Decision.ALLOWED if best else Decision.DENIED
    return Decision.UNKNOWN


# --- the decision in two values -----------------------------------------------------------------


def _allowed(request: Request, layers: Layers, *, doubt_helps: Flag) -> bool:  # noqa: C901, PLR0911, PLR0912, PLR0915 - AWS's flow chart, in one piece
    who = request.principal
    context = _lowered(request.context)
    service = request.action.lower().split(":")[0]
    home = who.account == request.resource_account
    entity = who.kind in (PrincipalKind.USER, PrincipalKind.ROLE)
    root = who.kind == PrincipalKind.ROOT
    linked = ":role/aws-service-role/" in who.arn
    federated_user = who.kind == PrincipalKind.USER and "federated-user" in (who.session_arn or "")

    def resolve(answer: Tri, *, helps: Flag) -> bool:
        return doubt_helps == helps if answer == MAYBE else answer

    def statements(policies: Sequence[Policy]) -> Iterator[tuple[Body, Flag]]:
        for policy in policies:
            listed = policy.document["Statement"]
            for body in listed if isinstance(listed, list) else [listed]:
                yield body, policy.document.get("Version") == "2012-10-17"

    def denied(policies: Sequence[Policy], *, names: Flag = False, doubtful: Flag = False) -> bool:
        for body, modern in statements(policies):
            if body["Effect"] == "Deny":
                parts = [_covers(body, request, context, modern)]
                if names:
                    parts.append(_strength(body, who, 1))
                if doubtful:
                    parts.append(MAYBE)
                if resolve(_and(parts), helps=False):
                    return True
        return False

    def allows(policies: Sequence[Policy]) -> bool:
        return any(
            resolve(_covers(body, request, context, modern), helps=True)
            for body, modern in statements(policies)
            if body["Effect"] == "Allow"
        )

    def resource_allows(strength: int) -> bool:
        return layers.resource is not None and any(
            resolve(
                _and([_covers(body, request, context, modern), _strength(body, who, strength)]),
                helps=True,
            )
            for body, modern in statements([layers.resource])
            if body["Effect"] == "Allow"
        )

    boundary = [layers.boundary] if layers.boundary else []
    resource = [layers.resource] if layers.resource else []
    # explicit denies
    if entity and (denied(layers.identity) or denied(boundary)):
        return False
    if (entity or root) and denied(layers.session):
        return False
    owner = root and home
    if owner and request.action.lower() in (
        "s3:getbucketpolicy",
        "s3:putbucketpolicy",
        "s3:deletebucketpolicy",
    ):
        resource_denies = False
    else:
        mending = owner and request.action.lower() in (
            "sqs:setqueueattributes",
            "sqs:removepermission",
        )
        resource_denies = denied(resource, names=True, doubtful=mending)
    if resource_denies:
        return False
    if (entity or root) and not linked and any(denied(level) for level in layers.scps):
        return False
    if not linked and request.action.lower() != "kms:retiregrant":
        reached = RCP_SERVICES.split()
        left_out = ["sns", "cloudtrail", "iam", "config", "guardduty"]
        if service not in left_out and any(
            denied(level, names=True, doubtful=service not in reached) for level in layers.rcps
        ):
            return False
    if root and request.action.lower() == "sts:assumerole":
        return False
    # SCPs
    if (entity or root) and not linked and not all(allows(level) for level in layers.scps):
        return False
    # who grants
    if not entity and not root:
        return resource_allows(3)
    session = allows(layers.session) and (
        doubt_helps or all(allows([policy]) for policy in layers.session)
    )
    limited = (not entity or not boundary or allows(boundary)) and (
        (not layers.session and not federated_user) or session
    )
    own = limited and (root or allows(layers.identity))
    direct = resource_allows(3) or (resource_allows(2) and limited)
    if not home:
        if request.action.lower() == "sts:assumeroot":
            return own and doubt_helps
        if service == "kms" and request.action.lower().split(":")[1] not in KMS_ACROSS.split():
            return False
        return own and resource_allows(1)
    action = request.action.lower()
    trust = action.startswith("sts:assumerole") or (
        action in ("sts:tagsession", "sts:setsourceidentity") and ":role/" in request.resource
    )
    if trust or (service == "kms" and ":key/" in request.resource):
        return direct or (resource_allows(1) and own)
    return own or direct


def _and(answers: Iterable[Tri]) -> Tri:
    answers = list(answers)
    if False in answers:
        return False
    return MAYBE if MAYBE in answers else True


def _or(answers: Iterable[Tri]) -> Tri:
    answers = list(answers)
    if True in answers:
        return True
    return MAYBE if MAYBE in answers else False


def _not(answer: Tri) -> Tri:
    return MAYBE if answer == MAYBE else not answer


def _lowered(context: Context) -> Context:
    lowered = {}
    for key, value in context.items():
        lowered[key.lower()] = UNKNOWN_VALUE if key.lower() in lowered else value
    return lowered


def _list(value: object) -> list:
    return value if isinstance(value, list) else [value]


# --- statements ---------------------------------------------------------------------------------


def _covers(body: Body, request: Request, context: Context, modern: Flag) -> Tri:
    parts = []
    if "Action" in body:
        parts.append(any(_action(text, request.action) for text in _list(body["Action"])))
    else:
        parts.append(not any(_action(text, request.action) for text in _list(body["NotAction"])))
    if "Resource" in body:
        texts = _list(body["Resource"])
        found = _or(_resource(t, request, context, modern) for t in texts)
        parts.append(_beside_nothing(found, texts, context, modern))
    elif "NotResource" in body:
        found = _or(_resource(t, request, context, modern) for t in _list(body["NotResource"]))
        parts.append(_not(found))
    for operator, keys in body.get("Condition", {}).items():
        for key, values in keys.items():
            texts = [_text(value) for value in _list(values)]
            parts.append(_condition(operator, key.lower(), texts, context, modern))
    return _and(parts)


def _beside_nothing(found: Tri, texts: list[str], context: Context, modern: Flag) -> Tri:
    """A match in a list of which another text has no value: AWS's page says both yes and no."""
    lost = modern and any(_symbols(t, context, modern, True) is None for t in texts if t != "*")  # noqa: FBT003 - a plain interpreter
    return MAYBE if found is True and lost and "*" not in texts else found


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _action(pattern: str, action: str) -> bool:
    return _glob([*pattern.lower()], action.lower())


def _resource(text: str, request: Request, context: Context, modern: Flag) -> Tri:
    if text == "*":
        return True
    if text.count(":") < 5 or not text.startswith("arn:"):
        return MAYBE
    if modern and "${" in ":".join(text.split(":")[:5]):
        return MAYBE
    return _pattern(text, request.resource, context, modern, arn=True)


def _strength(body: Body, who: Principal, least: int) -> Tri:
    """Whether it names the caller at least so strongly: 1 account, 2 role, 3 directly."""
    if "NotPrincipal" in body:
        return MAYBE
    element = body["Principal"]
    if element == "*":
        return True
    return _or(
        _named(kind, text, who, least) for kind, texts in element.items() for text in _list(texts)
    )


def _named(kind: str, text: str, who: Principal, least: int) -> Tri:  # noqa: C901, PLR0911 - one case after the other
    apart = who.kind in (PrincipalKind.SERVICE, PrincipalKind.FEDERATED)
    if kind == "Service":
        return who.kind == PrincipalKind.SERVICE and text == who.arn
    if kind == "Federated":
        return who.kind == PrincipalKind.FEDERATED and text == who.arn
    if kind != "AWS":
        return MAYBE
    if text == "*":
        return MAYBE if apart else True
    if "*" in text or "?" in text:
        return MAYBE
    if apart or who.kind == PrincipalKind.ANONYMOUS:
        return False
    if text in (who.account, f"arn:aws:iam::{who.account}:root"):
        return who.kind == PrincipalKind.ROOT or least == 1
    if text == who.session_arn:
        return True
    if text == who.arn:
        return (who.kind == PrincipalKind.USER and who.session_arn is None) or least <= 2
    if who.kind == PrincipalKind.ROLE and who.session_arn is None:
        role = who.arn.split("/")[-1]
        if text.startswith(f"arn:aws:sts::{who.account}:assumed-role/{role}/"):
            return MAYBE
    return False


# --- texts --------------------------------------------------------------------------------------

STAR, ONE = object(), object()


def _glob(pattern: list, text: str) -> bool:
    """Match characters, of which "*" is any run and "?" any one."""
    if not pattern:
        return text == ""
    head, rest = pattern[0], pattern[1:]
    if head == "*":
        return any(_glob(rest, text[cut:]) for cut in range(len(text) + 1))
    if text == "":
        return False
    return head in ("?", text[0]) and _glob(rest, text[1:])


def _pattern(  # noqa: PLR0913 - the parts of one comparison
    text: str,
    value: str,
    context: Context,
    modern: Flag,
    *,
    arn: Flag = False,
    wildcards: Flag = True,
) -> Tri:
    """Whether a value matches a policy's text with its variables and wildcards."""
    symbols = _symbols(text, context, modern, wildcards)
    if symbols in (None, MAYBE):
        return False if symbols is None else MAYBE
    if not arn:
        return _literal_glob(symbols, value)
    wanted, seen = _segments(symbols), value.split(":", 5)
    if len(wanted) < 6:
        return MAYBE
    return len(seen) == 6 and all(
        _literal_glob(one, other) for one, other in zip(wanted, seen, strict=True)
    )


def _segments(symbols: list) -> list[list]:
    parts = [[]]
    for symbol in symbols:
        if symbol == ":" and len(parts) < 6:
            parts.append([])
        else:
            parts[-1].append(symbol)
    return parts


def _literal_glob(symbols: list, text: str) -> bool:
    if not symbols:
        return text == ""
    head, rest = symbols[0], symbols[1:]
    if head is STAR:
        return any(_literal_glob(rest, text[cut:]) for cut in range(len(text) + 1))
    return bool(text) and (head is ONE or head == text[0]) and _literal_glob(rest, text[1:])


def _symbols(text: str, context: Context, modern: Flag, wildcards: Flag) -> list | str | None:
    """Spell a text out; None when a variable has no value, MAYBE in doubt."""
    symbols = []
    while text:
        if modern and text.startswith("${"):
            inside, closed, text = text[2:].partition("}")
            if not closed:
                return MAYBE
            if inside in ("*", "?", "$"):
                symbols.append(inside)
                continue
            key, comma, default = inside.partition(",")
            value = context.get(key.strip().lower(), default.strip()[1:-1] if comma else None)
            if value is None:
                return None
            if not isinstance(value, str) or (wildcards and ("*" in value or "?" in value)):
                return MAYBE
            symbols.extend(value)
        else:
            head, text = text[0], text[1:]
            special = {"*": STAR, "?": ONE} if wildcards else {}
            symbols.append(special.get(head, head))
    return symbols


# --- conditions ---------------------------------------------------------------------------------


def _condition(operator: str, key: str, texts: list[str], context: Context, modern: Flag) -> Tri:  # noqa: C901, PLR0911 - one case after the other
    if not texts:
        return MAYBE
    present, value = key in context, context.get(key)
    if operator == "Null":
        if not set(texts) <= {"true", "false"} or value is UNKNOWN_VALUE:
            return MAYBE
        values = [value] if isinstance(value, str) else list(value or [])
        if values and not any(values):
            return MAYBE
        return ("false" if values else "true") in texts
    prefix, _, name = operator.rpartition(":")
    if_exists = name.endswith("IfExists")
    name = name.removesuffix("IfExists")
    negated = "Not" in name
    base = name.replace("Not", "", 1)
    if prefix not in ("", "ForAllValues", "ForAnyValue") or base not in OPERATORS:
        return MAYBE
    if negated and name not in NEGATED:
        return MAYBE
    if value is UNKNOWN_VALUE:
        return MAYBE
    values = [value] if isinstance(value, str) else list(value or [])

    def one(item: str) -> Tri:
        found = _or(OPERATORS[base](item, text, context, modern) for text in texts)
        if base.startswith(("String", "Arn")):
            found = _beside_nothing(found, texts, context, modern)
        return _not(found) if negated else found

    if prefix == "ForAllValues":
        return True if not any(values) else _and(one(item) for item in values)
    if prefix == "ForAnyValue":
        return _or(one(item) for item in values) if present else if_exists
    if not values:
        return negated or if_exists
    return one(values[0]) if len(values) == 1 else MAYBE


def _arn_like(item: str, text: str, context: Context, modern: Flag) -> Tri:
    found = _pattern(text, item, context, modern, arn=True)
    return MAYBE if found is False and item.count(":") < 5 else found


def _equals(item: str, text: str, context: Context, modern: Flag) -> Tri:
    return _pattern(text, item, context, modern, wildcards=False)


def _equals_ignoring_case(item: str, text: str, context: Context, modern: Flag) -> Tri:
    lowered = {k: v.lower() if isinstance(v, str) else v for k, v in context.items()}
    return _pattern(text.lower(), item.lower(), lowered, modern, wildcards=False)


def _compared(read: Callable, holds: Callable) -> Callable:
    def compare(item: str, text: str, _context: Context, _modern: Flag) -> Tri:
        one, other = read(item), read(text)
        return MAYBE if one is None or other is None else holds(one, other)

    return compare


def _number(text: str) -> Fraction | None:
    digits = text.lstrip("+-") if text[:1] in "+-" else text
    whole, dot, part = digits.partition(".")
    fine = whole.isdigit() and (part.isdigit() if dot else True) and text.isascii()
    return Fraction(text) if fine else None


def _date(text: str) -> Fraction | None:
    if text.isdigit() and len(text) > 4:
        return Fraction(text)
    for shape in (
        "%Y-%m",
        "%Y-%m-%d",
        "%Y-%m-%dT%H:%M%z",
        "%Y-%m-%dT%H:%M:%S%z",
        "%Y-%m-%dT%H:%M:%S.%f%z",
    ):
        try:
            moment = datetime.strptime(text, shape)  # noqa: DTZ007 - two of the shapes have no zone
        except ValueError:
            continue
        if not moment.tzinfo:
            moment = moment.replace(tzinfo=timezone.utc)  # noqa: UP017 - plain on purpose
        return Fraction(int(moment.timestamp())) + Fraction(moment.microsecond, 10**6)
    return None


def _boolean(text: str) -> bool | None:
    return {"true": True, "false": False}.get(text.lower())


def _bytes(text: str) -> bytes | None:
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        return None


def _in_network(item: str, text: str, _context: Context, _modern: Flag) -> Tri:
    try:
        address = ipaddress.ip_address(item)
        network = ipaddress.ip_network(text, strict=False)
    except ValueError:
        return MAYBE
    if network.version == 6 and "/" not in text:
        return MAYBE
    return address in network


OPERATORS = {
    "StringEquals": _equals,
    "StringEqualsIgnoreCase": _equals_ignoring_case,
    "StringLike": lambda item, text, context, modern: _pattern(text, item, context, modern),
    "ArnEquals": _arn_like,
    "ArnLike": _arn_like,
    "NumericEquals": _compared(_number, lambda a, b: a == b),
    "NumericLessThan": _compared(_number, lambda a, b: a < b),
    "NumericLessThanEquals": _compared(_number, lambda a, b: a <= b),
    "NumericGreaterThan": _compared(_number, lambda a, b: a > b),
    "NumericGreaterThanEquals": _compared(_number, lambda a, b: a >= b),
    "DateEquals": _compared(_date, lambda a, b: a == b),
    "DateLessThan": _compared(_date, lambda a, b: a < b),
    "DateLessThanEquals": _compared(_date, lambda a, b: a <= b),
    "DateGreaterThan": _compared(_date, lambda a, b: a > b),
    "DateGreaterThanEquals": _compared(_date, lambda a, b: a >= b),
    "Bool": _compared(_boolean, lambda a, b: a == b),
    "BinaryEquals": _compared(_bytes, lambda a, b: a == b),
    "IpAddress": _in_network,
}
NEGATED = {
    "StringNotEquals",
    "StringNotEqualsIgnoreCase",
    "StringNotLike",
    "ArnNotEquals",
    "ArnNotLike",
    "NumericNotEquals",
    "DateNotEquals",
    "NotIpAddress",
}
