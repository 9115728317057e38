"""Each thing that somebody might do to a topology, on a resource as small as can be."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pytest

from breakglass.proof.declared import OUTSIDE
from breakglass.proof.graph import Graph, Resource
from breakglass.proof.mutants import HARMLESS, mutate
from breakglass.proof.mutants.made import Made
from breakglass.proof.mutants.policies import STRICTER

HOME = "111111111111"
KEEPER = f"arn:aws:iam::{HOME}:role/keeper"
READER = f"arn:aws:iam::{HOME}:role/reader"
TRAIL = f"arn:aws:cloudtrail:eu-west-1:{HOME}:trail/t"


def resource(type_: str, **inputs: object) -> Resource:
    return Resource(type_, "it", HOME, "eu-west-1", inputs, {"arn": "arn:aws:x"})


def policy(*statements: Mapping[str, Any]) -> Resource:
    text = json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
    return resource("aws:s3/bucketPolicy:BucketPolicy", policy=text)


def statements(one: Resource) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(one.get("policy"))["Statement"]
    return found


@pytest.fixture
def settings(minimal: Graph) -> Graph:
    """A graph of nothing: the settings alone."""
    return Graph(minimal.facts, [])


def made(settings: Graph, *resources: Resource, kind: str = "") -> Iterator[Sequence[Resource]]:
    """Yield what stands there once each mutant of a kind, or of any, was made."""
    graph = Graph(settings.facts, resources)
    for one in mutate(graph):
        if kind in {"", one.kind}:
            yield one.applied(graph).resources


def alone(settings: Graph, of: Resource, kind: str = "") -> list[Resource]:
    """The resource as each mutant leaves it, and it alone."""
    return [there[0] for there in made(settings, of, kind=kind) if len(there) == 1]


DENY = {"Sid": "No", "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*"}
READ = {
    "Sid": "Read",
    "Effect": "Allow",
    "Principal": {"AWS": [KEEPER, READER]},
    "Action": "s3:GetObject",
    "Resource": "arn:aws:s3:::logs/*",
}


# --- policies ----------------------------------------------------------------------------------


def test_a_denial_is_dropped_and_nothing_else(settings: Graph) -> None:
    (left,) = alone(settings, policy(READ, DENY), "deny dropped")
    assert statements(left) == [READ]


def test_an_allowance_is_dropped_and_nothing_else(settings: Graph) -> None:
    (left,) = alone(settings, policy(READ, DENY), "allow dropped")
    assert statements(left) == [DENY]


def test_an_effect_is_flipped_either_way(settings: Graph) -> None:
    effects = [
        tuple(one["Effect"] for one in statements(left))
        for left in alone(settings, policy(READ, DENY), "effect flipped")
    ]
    assert effects == [("Deny", "Deny"), ("Allow", "Allow")]


def test_a_principal_is_widened_to_everybody(settings: Graph) -> None:
    (left,) = alone(settings, policy(READ), "principal widened")
    assert statements(left) == [{**READ, "Principal": "*"}]


def test_a_principal_is_widened_to_its_account_and_swapped_for_a_strangers(
    settings: Graph,
) -> None:
    changed = alone(settings, policy(READ), "principal changed")
    named = [statements(left)[0]["Principal"]["AWS"] for left in changed]
    root, stranger = f"arn:aws:iam::{HOME}:root", KEEPER.replace(HOME, OUTSIDE)
    assert [root, READER] in named
    assert [stranger, READER] in named


def test_a_stranger_is_named_besides(settings: Graph) -> None:
    (left,) = alone(settings, policy(READ), "principal added")
    named = statements(left)[0]["Principal"]["AWS"]
    assert named == [KEEPER, READER, f"arn:aws:iam::{OUTSIDE}:root"]


def test_every_account_is_named_besides_a_service(settings: Graph) -> None:
    delivery = {**READ, "Principal": {"Service": "cloudtrail.amazonaws.com"}}
    (left,) = alone(settings, policy(delivery), "principal added")
    assert statements(left)[0]["Principal"] == {**delivery["Principal"], "AWS": "*"}  # type: ignore[dict-item] # a mapping, as it stands above


def test_a_denial_of_everybody_is_narrowed_to_a_stranger(settings: Graph) -> None:
    (left,) = alone(settings, policy(DENY), "principal narrowed")
    assert statements(left)[0]["Principal"] == {"AWS": f"arn:aws:iam::{OUTSIDE}:root"}


def test_an_account_becomes_any(settings: Graph) -> None:
    aimed = {**READ, "Resource": f"arn:aws:sqs:eu-west-1:{HOME}:page"}
    widened = [
        statements(left)[0]["Resource"]
        for left in alone(settings, policy(aimed), "resource widened")
    ]
    assert f"{aimed['Resource']}".replace(HOME, "*") in widened
    assert "*" in widened


def test_an_action_is_widened_to_its_service_and_to_all(settings: Graph) -> None:
    widened = alone(settings, policy(READ), "action widened")
    assert [statements(left)[0]["Action"] for left in widened] == ["s3:*", "*"]


def test_what_a_denial_refuses_more_is_no_mutant(settings: Graph) -> None:
    """It is counted as harmless: nothing is weaker."""
    denial = {**DENY, "Action": "s3:DeleteObject"}
    assert STRICTER not in {one.kind for one in mutate(Graph(settings.facts, [policy(denial)]))}
    (row,) = (row for row in HARMLESS if row.kind == STRICTER)
    assert row in dict(Made(Graph(settings.facts, [policy(denial)])).harmless)


def test_an_exception_of_a_denial_is_widened(settings: Graph) -> None:
    only = {"Sid": "Only", "Effect": "Deny", "Principal": "*", "NotAction": ["s3:GetObject"]}
    widened = alone(settings, policy({**only, "Resource": "*"}), "action widened")
    assert ["s3:GetObject", "s3:*"] in [statements(left)[0]["NotAction"] for left in widened]


def conditions(settings: Graph, kind: str, condition: Mapping[str, Any]) -> list[Any]:
    """The condition as each mutant of a kind leaves it; None where it is gone."""
    changed = alone(settings, policy({**READ, "Condition": condition}), kind)
    return [statements(left)[0].get("Condition") for left in changed]


def test_a_source_is_unpinned(settings: Graph) -> None:
    pinned = {"StringEquals": {"aws:SourceArn": TRAIL}}
    assert conditions(settings, "condition dropped", pinned) == [None]
    assert conditions(settings, "value widened", pinned) == [
        {"StringLike": {"aws:SourceArn": ["*"]}},
        {"StringLike": {"aws:SourceArn": [TRAIL.replace(HOME, "*")]}},
    ]


def test_a_tag_key_is_dropped(settings: Graph) -> None:
    keys = ["IncidentId", "Reason"]
    listed = {"ForAllValues:StringEquals": {"aws:TagKeys": keys}}
    left = conditions(settings, "value dropped", listed)
    assert left == [{"ForAllValues:StringEquals": {"aws:TagKeys": [one]}} for one in keys[::-1]]
    asked = {"StringLike": {f"aws:RequestTag/{key}": "????*" for key in keys}}
    left = conditions(settings, "condition dropped", asked)
    assert left[0] is None
    assert left[1:] == [{"StringLike": {f"aws:RequestTag/{key}": "????*"}} for key in keys[::-1]]


def test_a_tag_key_is_added_and_the_quantifier_swapped(settings: Graph) -> None:
    listed = {"ForAllValues:StringEquals": {"aws:TagKeys": ["Reason"]}}
    ((key, more),) = (one.popitem() for one in conditions(settings, "value added", listed))
    assert (key, more["aws:TagKeys"][0], len(more["aws:TagKeys"])) == (*listed, "Reason", 2)
    swapped = conditions(settings, "quantifier swapped", listed)
    assert swapped == [{"ForAnyValue:StringEquals": {"aws:TagKeys": ["Reason"]}}]


def test_a_value_may_be_short_and_a_key_absent(settings: Graph) -> None:
    asked = {"StringLike": {"aws:RequestTag/Reason": "????*"}}
    widened = conditions(settings, "value widened", asked)
    assert widened == [{"StringLike": {"aws:RequestTag/Reason": "*"}}] * len(widened)
    (loose,) = conditions(settings, "if exists", asked)
    assert loose == {"StringLikeIfExists": {"aws:RequestTag/Reason": "????*"}}


def test_a_condition_of_truth_is_flipped_and_one_of_time_stretched(settings: Graph) -> None:
    mfa = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
    (flipped,) = conditions(settings, "value flipped", mfa)
    assert flipped == {"Bool": {"aws:MultiFactorAuthPresent": "false"}}
    age = {"NumericLessThan": {"aws:MultiFactorAuthAge": "900"}}
    (stretched,) = conditions(settings, "value changed", age)
    assert stretched == {"NumericLessThan": {"aws:MultiFactorAuthAge": "3600"}}


def test_a_statement_that_allows_all_is_added(settings: Graph) -> None:
    (more,) = alone(settings, policy(READ), "allow added")
    assert statements(more)[0] == READ
    assert statements(more)[1] == {
        "Sid": "More",
        "Effect": "Allow",
        "Action": "*",
        "Resource": "*",
        "Principal": "*",
    }
    assert not alone(settings, policy(DENY), "allow added")  # where nothing is allowed: a guardrail


def test_a_way_beside_what_a_trust_demands_is_added_once_for_whom_it_lets_in(
    settings: Graph,
) -> None:
    enters = {"Effect": "Allow", "Principal": {"AWS": KEEPER}, "Action": "sts:AssumeRole"}
    demands = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
    first = {"Sid": "Enter", **enters, "Condition": demands}
    tags = {"Sid": "Tag", **enters, "Action": "sts:TagSession"}
    (door,) = alone(settings, policy(first, tags), "door added")
    chosen = {"StringEquals": {"sts:RoleSessionName": "letmein"}}
    assert statements(door) == [first, tags, {"Sid": "Door", **enters, "Condition": chosen}]
    assert not alone(settings, policy(READ), "door added")  # of a bucket: it is no trust


def test_a_denial_spares_a_session_of_one_name(settings: Graph) -> None:
    spared = {"StringNotLike": {"aws:userid": "*:backdoor"}}
    (bare,) = alone(settings, policy(DENY), "session spared")
    assert statements(bare) == [{**DENY, "Condition": spared}]
    clear = {"Bool": {"aws:SecureTransport": "false"}}
    (more,) = alone(settings, policy({**DENY, "Condition": clear}), "session spared")
    assert statements(more) == [{**DENY, "Condition": {**clear, **spared}}]
    assert not alone(settings, policy(READ), "session spared")


# --- properties --------------------------------------------------------------------------------

TRAIL_TYPE = "aws:cloudtrail/trail:Trail"
LOCK = "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration"
RULESET = "github:index/repositoryRuleset:RepositoryRuleset"


@pytest.mark.parametrize("flag", [True, False])
def test_a_flag_is_flipped_either_way(settings: Graph, flag: bool) -> None:  # noqa: FBT001 - the flag
    trail = resource(TRAIL_TYPE, enableLogFileValidation=flag)
    (left,) = alone(settings, trail, "flag flipped")
    assert left.get("enableLogFileValidation") is not flag


def test_a_property_is_no_longer_given(settings: Graph) -> None:
    trail = resource(TRAIL_TYPE, name="t", enableLogFileValidation=True)
    left = [dict(one.inputs) for one in alone(settings, trail, "property dropped")]
    assert {"name": "t"} in left


@pytest.mark.parametrize(("days", "fewer"), [(365, 182), (2, 1), (1, 0)])
def test_a_retention_is_shortened(settings: Graph, days: int, fewer: int) -> None:
    lock = resource(LOCK, rule={"defaultRetention": {"mode": "COMPLIANCE", "days": days}})
    (left,) = alone(settings, lock, "number lowered")
    assert left.get("rule", "defaultRetention", "days") == fewer


def test_a_longer_retention_is_harmless(settings: Graph) -> None:
    lock = resource(LOCK, rule={"defaultRetention": {"days": 365}})
    assert not alone(settings, lock, "number raised")
    window = resource("aws:cloudwatch/metricAlarm:MetricAlarm", threshold=1)
    assert alone(settings, window, "number raised")


def test_a_lock_is_weakened_to_governance(settings: Graph) -> None:
    lock = resource(LOCK, rule={"defaultRetention": {"mode": "COMPLIANCE", "days": 1}})
    (left,) = alone(settings, lock, "word changed")
    assert left.get("rule", "defaultRetention", "mode") == "GOVERNANCE"


def test_a_bypass_mode_is_swapped_for_each_other(settings: Graph) -> None:
    app: dict[str, object] = {
        "actorType": "Integration",
        "actorId": 7,
        "bypassMode": "pull_request",
    }
    ruleset = resource(RULESET, bypassActors=[app])
    modes = [one.get("bypassActors")[0] for one in alone(settings, ruleset, "word changed")]
    assert {**app, "bypassMode": "always"} in modes
    assert {**app, "bypassMode": "exempt"} in modes


def test_another_who_may_pass_is_added(settings: Graph) -> None:
    ruleset = resource(RULESET, bypassActors=[])
    added = [one.get("bypassActors") or [{}] for one in alone(settings, ruleset, "property added")]
    assert {"User", "OrganizationAdmin", "RepositoryRole", "Integration"} <= {
        one[0].get("actorType") for one in added
    }


def test_a_list_is_emptied_and_loses_each_member(settings: Graph) -> None:
    alarm = resource("aws:cloudwatch/metricAlarm:MetricAlarm", alarmActions=["a", "b"])
    (empty,) = alone(settings, alarm, "list emptied")
    assert empty.get("alarmActions") == []
    left = [one.get("alarmActions") for one in alone(settings, alarm, "member dropped")]
    assert left == [["b"], ["a"]]


def test_an_arn_is_aimed_elsewhere(settings: Graph) -> None:
    topic = f"arn:aws:sns:eu-west-1:{HOME}:page"
    pipe = resource("aws:pipes/pipe:Pipe", target=topic)
    aims = [one.get("target") for one in alone(settings, pipe, "re-aimed")]
    assert aims == [topic.replace(HOME, OUTSIDE), f"{topic}-else"]


# --- patterns ----------------------------------------------------------------------------------


def patterns(settings: Graph, kind: str, pattern: Mapping[str, Any]) -> list[Any]:
    rule = resource("aws:cloudwatch/eventRule:EventRule", eventPattern=json.dumps(pattern))
    return [json.loads(left.get("eventPattern")) for left in alone(settings, rule, kind)]


SEEN = {"source": ["aws.s3"], "detail": {"eventName": ["DeleteBucket", "PutObject"]}}


def test_a_pattern_is_narrowed_to_an_account_a_region_and_refused_calls(settings: Graph) -> None:
    narrowed = patterns(settings, "pattern narrowed", SEEN)
    assert {**SEEN, "account": ["000000000000"]} in narrowed
    assert {**SEEN, "region": ["eu-south-9"]} in narrowed
    refused = {**SEEN["detail"], "errorCode": [{"exists": False}]}  # type: ignore[dict-item] # a mapping, as it stands above
    assert {**SEEN, "detail": refused} in narrowed


def test_a_pattern_is_emptied_of_a_key(settings: Graph) -> None:
    """An event bus takes no pattern of nothing, so the last key stays."""
    widened = patterns(settings, "pattern widened", SEEN)
    assert widened == [{"detail": SEEN["detail"]}, {"source": SEEN["source"]}]
    assert patterns(settings, "pattern widened", {"source": ["aws.s3"]}) == []


def test_a_pattern_loses_a_call_and_an_alternative(settings: Graph) -> None:
    left = patterns(settings, "value dropped", SEEN)
    assert [one["detail"]["eventName"] for one in left] == [["PutObject"], ["DeleteBucket"]]
    either = {"$or": [{"region": ["a"]}, {"region": ["b"]}, {"region": ["c"]}]}
    left = patterns(settings, "alternative dropped", either)
    assert [len(one["$or"]) for one in left] == [2, 2, 2]
    assert patterns(settings, "alternative dropped", {"$or": either["$or"][:2]}) == [
        {"region": ["b"]},
        {"region": ["a"]},
    ]


def test_a_call_of_a_pattern_becomes_another(settings: Graph) -> None:
    left = patterns(settings, "value changed", {"source": [{"prefix": "aws.s"}, "aws.kms*"]})
    assert {"source": [{"prefix": "aws.s-else"}, "aws.kms*"]} in left
    assert {"source": [{"prefix": "aws.s"}, "aws.kms-else*"]} in left


# --- resources ---------------------------------------------------------------------------------

TARGET = "aws:cloudwatch/eventTarget:EventTarget"


def test_a_target_is_removed_and_its_neighbour_left(settings: Graph) -> None:
    targets = [resource(TARGET, rule=rule, arn="arn:aws:x") for rule in ("a", "b")]
    left = list(made(settings, *targets, kind="resource dropped"))
    assert [[one.get("rule") for one in there] for there in left] == [["b"], ["a"]]


def tiers() -> list[Resource]:
    return [
        resource(TARGET, eventBusName="hub", rule=tier, arn=f"arn:aws:sqs:eu-west-1:{HOME}:{tier}")
        for tier in ("page", "ticket")
    ]


def test_a_call_is_re_tiered_either_way(settings: Graph) -> None:
    left = [
        [f"{one.get('rule')} to {one.get('arn').rpartition(':')[2]}" for one in there]
        for there in made(settings, *tiers(), kind="re-tiered")
    ]
    assert left == [["page to ticket", "ticket to ticket"], ["page to page", "ticket to page"]]


def test_without_another_tier_nothing_is_re_tiered(settings: Graph) -> None:
    assert list(made(settings, tiers()[0], kind="re-tiered")) == []
    place = [resource(TARGET, rule=one.get("rule"), arn=one.get("arn")) for one in tiers()]
    assert list(made(settings, *place, kind="re-tiered")) == []


def test_a_resource_is_added_beside(settings: Graph) -> None:
    role = resource("aws:iam/role:Role", name="r")
    besides = [there[1] for there in made(settings, role, kind="resource added")]
    assert {one.type.rpartition(":")[2] for one in besides} == {
        "RolePolicyAttachment",
        "RolePolicy",
    }
    assert {one.get("role") for one in besides} == {"r"}
    assert all(one.arn != role.arn for one in besides)


def test_a_resource_is_made_in_an_account_of_the_other_side(settings: Graph) -> None:
    by_side = {one.side: one.id for one in settings.facts.accounts}
    for home in by_side.values():
        arn = f"arn:aws:sqs:eu-west-1:{home}:q"
        queue = Resource("aws:sqs/queue:Queue", "q", home, "eu-west-1", {"name": "q"}, {"arn": arn})
        (left,) = alone(settings, queue, "moved")
        assert left.account != home
        assert left.account in by_side.values()
        assert left.arn == arn.replace(home, left.account)


def test_a_name_that_changes_is_in_the_arn_too(settings: Graph) -> None:
    arn = f"arn:aws:iam::{HOME}:role/kit/r"
    role = Resource(
        "aws:iam/role:Role", "r", HOME, "", {"name": "r", "path": "/kit/"}, {"arn": arn}
    )
    arns = [one.arn for one in alone(settings, role, "word changed")]
    assert f"{arn}-else" in arns
    dropped = [one.arn for one in alone(settings, role, "property dropped")]
    assert f"arn:aws:iam::{HOME}:role/r" in dropped


# --- what is alike -----------------------------------------------------------------------------


def test_what_differs_in_its_region_alone_is_changed_once(settings: Graph) -> None:
    twin = [resource(TRAIL_TYPE, enableLogging=True) for _ in range(2)]
    assert len(list(made(settings, *twin, kind="flag flipped"))) == 1
    other = [twin[0], resource(TRAIL_TYPE, enableLogging=True, isMultiRegionTrail=True)]
    assert len(list(made(settings, *other, kind="flag flipped"))) == 3


def test_a_pattern_that_many_rules_have_is_changed_in_all_at_once(settings: Graph) -> None:
    rules = [
        resource("aws:cloudwatch/eventRule:EventRule", eventPattern=json.dumps(SEEN), region=region)
        for region in ("eu-west-1", "us-east-1")
    ]
    for there in made(settings, *rules, kind="value dropped"):
        assert there[0].get("eventPattern") == there[1].get("eventPattern") != json.dumps(SEEN)
