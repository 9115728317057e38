"""What a program asks of its providers while it runs, answered without one.

Who and where it is, and policy documents that are only put together, are answered; all that would
be looked up in the cloud is a marked text (`breakglass.checking.unknowns`) where a text is asked
for, and nothing where it is a number or a truth value.
"""

import json
import warnings
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib import import_module
from typing import Any, get_args, get_origin

from breakglass.checking.accounts import Whose
from breakglass.checking.forms import partition
from breakglass.checking.unknowns import stand_in
from breakglass.proof.graph import NO_ORGANIZATION

Values = dict[str, Any]


def answer(token: str, args: Mapping[str, Any], whose: Whose, region: str) -> Values:
    """Answer a function such as ``aws:index/getRegion:getRegion``."""
    match token:
        case "aws:index/getCallerIdentity:getCallerIdentity":
            arn = f"arn:{partition(region)}:iam::{whose.id}:user/whoever-runs-the-program"
            return {"accountId": whose.id, "arn": arn, "userId": "AIDA", "id": whose.id}
        case "aws:index/getRegion:getRegion":
            name = str(args.get("region") or region)
            said = {"name": name, "region": name, "id": name, "description": name}
            return {**said, "endpoint": f"ec2.{name}.amazonaws.com"}
        case "aws:index/getPartition:getPartition":
            name = partition(region)
            suffix = "amazonaws.com.cn" if name == "aws-cn" else "amazonaws.com"
            reverse = ".".join(reversed(suffix.split(".")))
            return {"partition": name, "dnsSuffix": suffix, "id": name, "reverseDnsPrefix": reverse}
        case "aws:organizations/getOrganization:getOrganization":
            return {**_looked_up(token), "id": NO_ORGANIZATION}
        case "aws:iam/getPolicyDocument:getPolicyDocument":
            text = json.dumps(policy_document(args))
            return {**args, "json": text, "minifiedJson": text, "id": "document"}
        case _:
            return _looked_up(token)


# --- policy documents -----------------------------------------------------------------------------


def policy_document(args: Mapping[str, Any]) -> Values:
    """Put a document together as the provider does (``aws.iam.get_policy_document``).

    Statements of ``overridePolicyDocuments`` take the place of those with the same Sid; ``&{`` is
    how a policy variable is written there.
    """
    statements: dict[str, Values] = {}
    for document in args.get("sourcePolicyDocuments") or ():
        _add(statements, _statements(document))
    _add(statements, (_statement(one) for one in args.get("statements") or ()))
    for document in args.get("overridePolicyDocuments") or ():
        _add(statements, _statements(document))
    found: Values = {"Version": args.get("version") or "2012-10-17"}
    if args.get("policyId"):
        found["Id"] = args["policyId"]
    return {**found, "Statement": [*statements.values()]}


def _add(to: dict[str, Values], statements: Iterator[Values]) -> None:
    for one in statements:
        to[one.get("Sid") or f"#{len(to)}"] = one


def _statements(document: str) -> Iterator[Values]:
    found = json.loads(document).get("Statement") or []
    yield from ([found] if isinstance(found, dict) else found)


def _statement(given: Mapping[str, Any]) -> Values:
    made: Values = {"Effect": given.get("effect") or "Allow"}
    if given.get("sid"):
        made["Sid"] = given["sid"]
    for ours, element in (
        ("actions", "Action"),
        ("notActions", "NotAction"),
        ("resources", "Resource"),
        ("notResources", "NotResource"),
    ):
        if given.get(ours):
            made[element] = [_variables(text) for text in given[ours]]
    for ours, element in (("principals", "Principal"), ("notPrincipals", "NotPrincipal")):
        if given.get(ours):
            made[element] = _principals(given[ours])
    if given.get("conditions"):
        made["Condition"] = _conditions(given["conditions"])
    return made


def _principals(given: list[Mapping[str, Any]]) -> str | Values:
    found: Values = {}
    for one in given:
        identifiers = [_variables(text) for text in one["identifiers"]]
        if one["type"] == "*":
            return "*"
        found[one["type"]] = [*found.get(one["type"], []), *identifiers]
    return found


def _conditions(given: list[Mapping[str, Any]]) -> Values:
    found: Values = {}
    for one in given:
        keys = found.setdefault(one["test"], {})
        values = [_variables(text) for text in one["values"]]
        keys[one["variable"]] = [*keys.get(one["variable"], []), *values]
    return found


def _variables(text: str) -> str:
    return text.replace("&{", "${")


# --- what would be looked up ----------------------------------------------------------------------


def _looked_up(token: str) -> Values:
    where = token.partition("/")[0].replace(":", "-")
    return {
        name: _standing_for(annotation, f"{where}-{token.rpartition(':')[2]}-{name}")
        for name, annotation in _answers_of(token).items()
    }


def _standing_for(annotation: Any, what: str) -> Any:  # noqa: ANN401 - a type, and a value of it
    options = [one for one in get_args(annotation) if one is not type(None)]
    if annotation is str:
        return stand_in(what)
    if get_origin(annotation) in {list, Sequence} and options == [str]:
        return [stand_in(f"{what}-{number}") for number in range(3)]  # as many as zones, mostly
    if type(None) in get_args(annotation) and len(options) == 1:
        return _standing_for(options[0], what)
    return None


@cache
def _answers_of(token: str) -> Mapping[str, Any]:
    """Return the properties of a function's answer by the SDK's class; none without the SDK."""
    package, module, name = token.split(":")
    path = module.split("/", 1)[0]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # a service's own, on first use
            sdk = import_module(f"pulumi_{package}" + ("" if path == "index" else f".{path}"))
    except ModuleNotFoundError:
        return {}
    result = getattr(sdk, f"{name[:1].upper()}{name[1:]}Result", None)
    return {
        getattr(found.fget, "_pulumi_name", key): found.fget.__annotations__.get("return")
        for key, found in vars(result or object).items()
        if isinstance(found, property)
    }
