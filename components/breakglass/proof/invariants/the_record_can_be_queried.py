"""The table over the records shows all of them, and what is asked of it stays closed.

The table lies on the vault itself, at the prefix of its trails, with a partition for every account,
region and day (Athena User Guide, "Create a table for CloudTrail logs in Athena using partition
projection"): a table that leaves an account out shows a clean record. So does one that skips days,
that stands for another table, or that lacks a column of the records. The workgroup takes queries of
any size and writes results to a bucket of the kit in the vault's account whatever a query says
(Athena User Guide, "Override client-side settings"). That bucket, and any other that the kit
declares beside vault and witness, is as closed to the public as these, and takes nothing in the
clear.

The twin: there is a table, and each value of a partition is one of the organisation's.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from breakglass.proof import declared
from breakglass.proof.declared import Declared, Target, denials_of, policies_of
from breakglass.proof.deliveries import is_of_the_organization, trails_into
from breakglass.proof.finding import Examination, Finding, without_a_side
from breakglass.proof.graph import EDGE, KEEPER, LOGGING, Graph, Resource
from breakglass.proof.locked import must_be_closed
from breakglass.proof.s3_actions import all_of_them

NAME = "the_record_can_be_queried"

DATABASE: Final = "aws:glue/catalogDatabase:CatalogDatabase"
TABLE: Final = "aws:glue/catalogTable:CatalogTable"
WORKGROUP: Final = "aws:athena/workgroup:Workgroup"
BUCKET: Final = "aws:s3/bucket:Bucket"

_FIELDS: Final = """
    eventversion useridentity eventtime eventsource eventname awsregion sourceipaddress useragent
    errorcode errormessage requestparameters responseelements additionaleventdata requestid eventid
    readonly resources eventtype apiversion recipientaccountid serviceeventdetails sharedeventid
    vpcendpointid vpcendpointaccountid eventcategory addendum sessioncredentialfromconsole
    edgedevicedetails tlsdetails
"""
COLUMNS: Final = frozenset(_FIELDS.split())
"""What a record tells (CloudTrail User Guide, "CloudTrail record contents"), as Athena's guide
calls it: a column by any other name is empty."""

_WHO: Final = ("type", "principalid", "arn", "accountid", "username", "sourceidentity")
"""What a record tells of who it was."""

_PROJECTED: Final = (
    "projection.account.values",
    "projection.day.range",
    "projection.region.values",
)
_HARMLESS: Final = {
    "projection.day.interval": "1",
    "projection.day.interval.unit": "DAYS",
    "EXTERNAL": "TRUE",
    "classification": "cloudtrail",
}
"""What changes nothing: Athena's own ways."""


def check(graph: Graph) -> Finding:
    """Decide the invariant on a graph."""
    if absent := without_a_side(NAME, graph, KEEPER, EDGE):
        return absent
    look, policies = Examination(NAME), policies_of(graph)
    for one in graph.of(DATABASE):
        _is_its_own(look, one)
    tables = list(graph.of(TABLE))
    look.must(tables, "There is no table over the records")
    for table in tables:
        _shows_everything(look, graph, table)
    beside = {
        str(one.get("bucket")): one
        for one in graph.of(BUCKET)
        if one.get("bucket") not in graph.facts.record_buckets
    }
    workgroups = list(graph.of(WORKGROUP))
    look.must(workgroups, "There is no workgroup to ask in")
    for workgroup in workgroups:
        _writes_to(look, workgroup, beside)
    for bucket in beside.values():
        _closed(look, graph, policies, bucket)
    return look.finding("The records can be queried, all of them, and results stay closed.")


def _shows_everything(look: Examination, graph: Graph, table: Resource) -> None:
    facts = graph.facts
    organization = any(map(is_of_the_organization, trails_into(graph, facts.vault)))
    below = f"/{facts.organization}" if organization else ""
    location = f"s3://{facts.vault}/AWSLogs{below}"
    storage = table.get("storageDescriptor") or {}
    look.must(storage.get("location") == f"{location}/", "It does not lie on the records", table)
    look.must(table.get("tableType") == "EXTERNAL_TABLE", "Dropping it drops the records", table)
    keys = [(one.get("name"), one.get("type")) for one in table.get("partitionKeys") or ()]
    wanted = [(key, "string") for key in ("account", "region", "day")]
    look.must(keys == wanted, "It is not split by account, region and day", table)
    parameters: Mapping[str, Any] = table.get("parameters") or {}
    projected = {
        "projection.enabled": "true",
        "projection.account.type": "enum",
        "projection.region.type": "enum",
        "projection.day.type": "date",
        "projection.day.format": "yyyy/MM/dd",
        "storage.location.template": f"{location}/${{account}}/CloudTrail/${{region}}/${{day}}",
    }
    for key, value in projected.items():
        look.must(parameters.get(key) == value, f"{key} is {parameters.get(key)}", table)
    for key, known in (
        ("account", {account.id for account in facts.accounts}),
        ("region", set(facts.regions)),
    ):
        shown = set(str(parameters.get(f"projection.{key}.values")).split(","))
        look.must(shown == known, f"It does not show the same {key}s as there are", table)
    days = str(parameters.get("projection.day.range"))
    look.must(days.endswith(",NOW"), f"It shows the days {days} alone", table)
    for key in sorted({*parameters} - {*projected, *_PROJECTED}):
        look.must(parameters[key] == _HARMLESS.get(key), f"{key} is {parameters[key]}", table)
    look.must(not table.get("targetTable"), "It stands for another table", table)
    catalog = table.get("catalogId")
    look.must(catalog in {None, table.account}, "It is in another account's catalogue", table)
    columns = storage.get("columns") or ()
    types = {str(one.get("name")): str(one.get("type")) for one in columns}
    lacking = sorted(COLUMNS - types.keys())
    look.must(not lacking, f"It has no column for {', '.join(lacking)}", table)
    who = types.get("useridentity", "")
    untold = [part for part in _WHO if f"{part}:" not in who]
    look.must(not untold, f"Who it was does not tell {', '.join(untold)}", table)


def _is_its_own(look: Examination, database: Resource) -> None:
    look.must(not database.get("targetDatabase"), "It stands for another database", database)
    look.must(not database.get("federatedDatabase"), "It stands for another database", database)
    catalog = database.get("catalogId")
    look.must(catalog in {None, database.account}, "It is in another account's catalogue", database)


def _writes_to(look: Examination, workgroup: Resource, beside: Mapping[str, Resource]) -> None:
    configuration = workgroup.get("configuration") or {}
    enforced = configuration.get("enforceWorkgroupConfiguration") is True
    look.must(enforced, "A query may put its results anywhere", workgroup)
    look.must(workgroup.get("state") in {None, "ENABLED"}, "It takes no query", workgroup)
    most = configuration.get("bytesScannedCutoffPerQuery")
    look.must(not most, f"It ends a query after {most} bytes", workgroup)
    location = str((configuration.get("resultConfiguration") or {}).get("outputLocation"))
    bucket = beside.get(location.removeprefix("s3://").partition("/")[0])
    own = bucket is not None and bucket.account == workgroup.account
    look.must(own, f"Results go to {location}, which is not the kit's", workgroup)


def _closed(look: Examination, graph: Graph, policies: Declared, bucket: Resource) -> None:
    logging, name = graph.facts.of(LOGGING)[0], str(bucket.get("bucket"))
    look.must(bucket.account == logging.id, "It is not in the vault's account", bucket)
    must_be_closed(look, graph, bucket)
    target = policies.bucket(name, bucket.account)
    if not look.must(target.policy, f"{name} has no policy") or target.policy is None:
        return
    alone = replace(target, policy=denials_of(target.policy))
    caller = declared.administrator(bucket.account, "An administrator")
    for on in (alone, replace(alone, arn=f"{alone.arn}/x")):
        ask = policies.opened(caller, on, {"aws:SecureTransport": "false"}, guardrails=False)
        look.must_refuse(f"{caller.title}, in the clear,", ask, all_of_them(), on.arn)
    _is_used(look, policies, target)


def _is_used(look: Examination, policies: Declared, bucket: Target) -> None:
    """Whoever queries writes results, and strangers do not."""
    result = replace(bucket, arn=f"{bucket.arn}/x")
    someone = declared.administrator(bucket.owner, "Whoever queries")
    secure = {"aws:SecureTransport": "true"}
    verdict = policies.decide(someone, "s3:PutObject", result, secure, guardrails=False)
    look.must_allow(verdict, f"{someone.title} writes results to {bucket.arn}")
    for caller in (declared.administrator(declared.OUTSIDE, "An outsider"), declared.nobody()):
        for on in (bucket, result):
            ask = policies.opened(caller, on, guardrails=False)
            look.must_refuse(caller.title, ask, all_of_them(), on.arn)
