"""Changes that weaken nothing, each with the reason: listed, not passed over.

A change is listed here for one of three causes: nothing rests on what it touches; what it touches
is AWS's or GitHub's default; or it makes the topology stricter, so that only the intended use could
suffer, which each invariant's twin asks for. ``docs/explanation/mutants.md`` is written for people.
"""

import json
from collections.abc import Callable, Sequence
from fnmatch import fnmatchcase
from typing import Final, NamedTuple

from breakglass.proof.graph import Resource
from breakglass.proof.mutants.mutant import Change
from breakglass.proof.mutants.policies import STRICTER
from breakglass.proof.mutants.trees import at, spelt


class Harmless(NamedTuple):
    """Changes of which none weakens anything. ``*`` stands for anything."""

    type: str
    """Pulumi's token."""
    path: str
    """Where, places in lists left out."""
    kind: str
    """What sort of change."""
    reason: str
    words: str = "*"
    """The change in words."""
    only: "Only | None" = None
    """Of which resources, and changes of them; None for all."""


Only = Callable[[Resource, Change], bool]


def _sources(rule: Resource) -> set[str]:
    return {*json.loads(rule.get("eventPattern") or "{}").get("source", ())}


def _forwards_pages(rule: Resource, _: Change) -> bool:
    return not rule.get("eventBusName") and "ticket" not in str(rule.get("name"))


def _leaves_reads_out(rule: Resource, _: Change) -> bool:
    return bool(rule.get("state") == "ENABLED")


def _is_of_sts(rule: Resource, _: Change) -> bool:
    return "aws.sts" in _sources(rule)


def _names_a_permission_set(rule: Resource, change: Change) -> bool:
    return bool(at(rule.inputs, (*change.path[:-1], "serviceEventDetails")))


def _has_no_data_events(rule: Resource, _: Change) -> bool:
    return not {"aws.s3", "aws.sqs"} & _sources(rule)


def _records_no_objects(trail: Resource, _: Change) -> bool:
    return len(trail.get("advancedEventSelectors") or ()) == 1


def _keeps_no_records(bucket: Resource, _: Change) -> bool:
    return not bucket.get("objectLockEnabled")


def _can_be_passed(ruleset: Resource, _: Change) -> bool:
    return bool(ruleset.get("bypassActors"))


def _demands_no_review(ruleset: Resource, _: Change) -> bool:
    return not ruleset.get("rules", "pullRequest", "requiredApprovingReviewCount")


def _demands_reviews(ruleset: Resource, change: Change) -> bool:
    return not _demands_no_review(ruleset, change)


def _says_no(resource: Resource, change: Change) -> bool:
    """Whether what is dropped is false, zero or empty."""
    return not at(resource.inputs, change.path)


def _has_no_variables(resource: Resource, change: Change) -> bool:
    return "${" not in str(at(resource.inputs, change.path[:1]))


def _stays_above_zero(alarm: Resource, _: Change) -> bool:
    return bool((alarm.get("threshold") or 0) > 1)


def _is_a_week(_: Resource, change: Change) -> bool:
    return isinstance(change.new, int) and change.new >= _WEEK


_WEEK: Final = 7 * 24 * 3600

_LABEL: Final = "a name for people"
_BY_ITSELF: Final = "a policy speaks of what it is attached to, and of nothing else"
_ALWAYS_THERE: Final = "AWS puts the key into every such request"
_DEFAULT: Final = "what AWS does where nothing is said"
_GITHUBS: Final = "what GitHub does where nothing is said"
_STRICT: Final = "it demands more"
_LONGER: Final = "what is kept longer is not lost"
_PREFIXED: Final = "any name under the kit's prefix is guarded alike"
_RESULTS: Final = "results of queries are no records: they can be had again"
_TICKETS: Final = (
    "the place's rule for tickets takes the call whatever it aims at; which tier it is, the hub's"
    " own pattern says, and that is changed apart"
)

_RULE: Final = "aws:cloudwatch/eventRule:EventRule"
_TARGET: Final = "aws:cloudwatch/eventTarget:EventTarget"
_ALARM: Final = "aws:cloudwatch/metricAlarm:MetricAlarm"
_TRAIL: Final = "aws:cloudtrail/trail:Trail"
_TABLE: Final = "aws:glue/catalogTable:CatalogTable"
_ROLE: Final = "aws:iam/role:Role"
_POLICY: Final = "aws:organizations/policy:Policy"
_PIPE: Final = "aws:pipes/pipe:Pipe"
_QUEUE: Final = "aws:sqs/queue:Queue"
_PROTECTION: Final = "github:index/branchProtection:BranchProtection"
_ENVIRONMENT: Final = "github:index/repositoryEnvironment:RepositoryEnvironment"
_RULESET: Final = "github:index/repositoryRuleset:RepositoryRuleset"

HARMLESS: Final[Sequence[Harmless]] = (
    # --- what is stricter
    Harmless(
        "*", "*", STRICTER, "a Deny that refuses more; the twins ask for what must go through"
    ),
    Harmless(_QUEUE, "messageRetentionSeconds", "number raised", _LONGER),
    Harmless("*BucketObjectLockConfiguration", "rule.*", "number raised", _LONGER),
    Harmless(_ROLE, "maxSessionDuration", "number lowered", "a shorter session"),
    Harmless(_RULESET, "rules.requiredStatusChecks.strict*", "flag flipped", _STRICT),
    Harmless(
        _RULESET,
        "rules.pullRequest.requireCodeOwnerReview",
        "flag flipped",
        _STRICT,
        words="* is True",
        only=_demands_reviews,
    ),
    Harmless(_RULESET, "*.requiredApproving*", "number raised", _STRICT, only=_demands_reviews),
    # --- what AWS or GitHub does by itself
    Harmless(_ROLE, "maxSessionDuration", "property dropped", "IAM's own default is an hour"),
    Harmless(
        _RULE, "state", "property dropped", "a rule is ENABLED by default", only=_leaves_reads_out
    ),
    Harmless(_TRAIL, "enableLogging", "property dropped", _DEFAULT),
    Harmless(_TRAIL, "includeGlobalServiceEvents", "property dropped", _DEFAULT),
    Harmless(_TRAIL, "isOrganizationTrail", "property dropped", _DEFAULT, only=_says_no),
    Harmless(_TRAIL, "advancedEventSelectors", "*dropped", _DEFAULT, only=_records_no_objects),
    Harmless(_ALARM, "treatMissingData", "*", _DEFAULT, words="*is* missing*"),
    Harmless(_ALARM, "treatMissingData", "property dropped", _DEFAULT),
    Harmless(_PROTECTION, "allows*", "property dropped", _GITHUBS),
    Harmless(_RULESET, "rules*.require*", "property dropped", _GITHUBS, only=_says_no),
    Harmless(_RULESET, "bypassActors", "property dropped", _GITHUBS, only=_says_no),
    Harmless(_RULESET, "conditions.refName.excludes", "property dropped", _GITHUBS),
    Harmless(_ENVIRONMENT, "reviewers.users", "property dropped", _GITHUBS, only=_says_no),
    Harmless(_ENVIRONMENT, "*.protectedBranches", "property dropped", _GITHUBS),
    Harmless("*", "*.aws:PrincipalArn", "if exists", _ALWAYS_THERE),
    Harmless("*", "*.aws:RequestedRegion", "if exists", _ALWAYS_THERE),
    # --- names for people
    Harmless("*", "*.Sid", "property dropped", _LABEL),
    Harmless("*", "*.Version", "version changed", "it has no variables", only=_has_no_variables),
    Harmless("*", "description", "*", _LABEL),
    Harmless("*", "alarmDescription", "*", _LABEL),
    Harmless(_TARGET, "targetId", "*", _LABEL),
    Harmless(_ALARM, "metricQueries.label", "*", _LABEL),
    Harmless(_ALARM, "metricQueries.id", "*", _LABEL),
    Harmless(
        _ALARM, "*stat", "word changed", "of counts the sum and the maximum", words="*is Sum*"
    ),
    Harmless(
        _ALARM, "*stat", "word changed", "of counts the maximum and the sum", words="*is Maximum*"
    ),
    Harmless(_ALARM, "*period", "number lowered", "an alarm comes sooner"),
    Harmless(
        _ALARM, "threshold", "number lowered", "an alarm comes sooner", only=_stays_above_zero
    ),
    Harmless(
        _QUEUE, "messageRetentionSeconds", "number lowered", "a week is enough", only=_is_a_week
    ),
    Harmless(_QUEUE, "redrivePolicy.maxReceiveCount", "number lowered", "dead letters come sooner"),
    Harmless("aws:s3/bucket:Bucket", "forceDestroy", "*", _RESULTS, only=_keeps_no_records),
    Harmless("aws:s3/bucket:Bucket", "", "resource added", _RESULTS, "*expire*", _keeps_no_records),
    Harmless("aws:s3/bucket:Bucket", "", "resource added", _RESULTS, "*moved*", _keeps_no_records),
    Harmless("aws:athena/*", "*.outputLocation", "word changed", "a folder of the same bucket"),
    Harmless(_TRAIL, "advancedEventSelectors.name", "*", _LABEL),
    Harmless("aws:iam/rolePolicy:RolePolicy", "name", "*", _LABEL),
    Harmless(_POLICY, "name", "*", _LABEL),
    Harmless(_RULESET, "name", "*", _LABEL),
    Harmless("aws:athena/workgroup:Workgroup", "name", "*", _LABEL),
    Harmless("aws:glue/*", "name", "*", _LABEL),
    Harmless(_ALARM, "name", "word changed", _PREFIXED),
    Harmless(_PIPE, "name", "word changed", _PREFIXED),
    Harmless(_PIPE, "targetParameters.inputTemplate", "word changed", "it says a word more"),
    Harmless(_PIPE, "targetParameters*", "property dropped", "a page is then the event itself"),
    # --- how a query reads
    Harmless(
        _TABLE,
        "storageDescriptor.columns.type",
        "*",
        "a column of another type ends a query; it shows no clean record",
    ),
    Harmless(_TABLE, "storageDescriptor.inputFormat", "*", "how a file is read, not which"),
    Harmless(_TABLE, "storageDescriptor.outputFormat", "*", "nothing is written through the table"),
    Harmless(_TABLE, "storageDescriptor.serDeInfo*", "*", "how a file is read, not which"),
    # --- policies
    Harmless("aws:sqs/*", "policy.Statement.Resource", "resource widened", _BY_ITSELF),
    Harmless("aws:sns/*", "policy.Statement.Resource", "resource widened", _BY_ITSELF),
    Harmless("aws:cloudwatch/*", "policy.Statement.Resource", "resource widened", _BY_ITSELF),
    Harmless(
        _ROLE,
        "*.ForAnyValue:*.sts:TransitiveTagKeys",
        "value added",
        "ForAllValues holds the keys to the four",
    ),
    # --- rules
    Harmless(
        _RULE,
        "state",
        "word changed",
        "no reading call is in the pattern",
        words="*is ENABLED_WITH_ALL*",
        only=_leaves_reads_out,
    ),
    Harmless(
        _RULE,
        "eventPattern.detail.readOnly",
        "pattern narrowed",
        "its state leaves reading calls out anyway",
        only=_leaves_reads_out,
    ),
    Harmless(
        _RULE,
        "eventPattern.*errorCode",
        "pattern widened",
        "only a refusal's message names what was refused",
    ),
    Harmless(
        _RULE,
        "eventPattern.detail.$or.eventName",
        "pattern widened",
        "of Identity Center's events only this one names the role",
        only=_names_a_permission_set,
    ),
    Harmless(
        _RULE,
        "eventPattern.detail.$or.eventName",
        "pattern widened",
        "whatever is refused on a role of the path may ring",
        words="detail.$or[1].*",
        only=_is_of_sts,
    ),
    Harmless(
        _POLICY,
        "content.Statement.Action",
        "action narrowed",
        "what else begins so acts on something else",
        words="*DisableAlarmActions and not*",
    ),
    Harmless(
        _RULE,
        "eventPattern*.managementEvent",
        "pattern widened",
        "CloudTrail has no data events of these services that name the kit",
        only=_has_no_data_events,
    ),
    *(
        Harmless(_RULE, "eventPattern*", "*", _TICKETS, words=f"*{word}*", only=_forwards_pages)
        for word in (
            "DeactivateMFADevice",
            "CreateProfile",
            "roleArns",
            "rolesanywhere",
            "StopLogging",
        )
    ),
    # --- GitHub
    Harmless(
        _RULESET, "rules.deletion", "*", "the floor refuses it to everybody", only=_can_be_passed
    ),
    Harmless(
        _RULESET,
        "rules.nonFastForward",
        "*",
        "the floor refuses it to everybody",
        only=_can_be_passed,
    ),
    Harmless(
        _RULESET,
        "rules.pullRequest.dismissStaleReviewsOnPush",
        "*",
        "no approval is demanded that could be stale",
        only=_demands_no_review,
    ),
)
"""Every harmless change. One that matches no row and survives is a missing invariant."""


def harmless(resource: Resource, change: Change) -> Harmless | None:
    """The row that says why a change is harmless; None where none does."""
    path = spelt(tuple(step for step in change.path if isinstance(step, str)))
    return next((row for row in HARMLESS if _is_of(row, resource, change, path)), None)


def _is_of(row: Harmless, resource: Resource, change: Change, path: str) -> bool:
    return (
        fnmatchcase(resource.type, row.type)
        and fnmatchcase(path, row.path)
        and fnmatchcase(change.kind, row.kind)
        and fnmatchcase(change.words, row.words.replace("[", "[[]"))
        and (row.only is None or row.only(resource, change))
    )
