"""Trails: where they deliver, what they record, and whether the bucket lets them."""

from collections.abc import Iterator, Mapping
from typing import Any

from breakglass.proof.declared import Declared, Target, service
from breakglass.proof.finding import Examination
from breakglass.proof.graph import NO_ORGANIZATION, Graph, Resource
from breakglass.proof.model import Verdict

TRAIL = "aws:cloudtrail/trail:Trail"


def trails_into(graph: Graph, bucket: str) -> Iterator[Resource]:
    """Yield the trails that deliver to a bucket."""
    return graph.of(TRAIL, s3BucketName=bucket)


def is_of_the_organization(trail: Resource) -> bool:
    """Whether it records every account of the organisation."""
    return bool(trail.get("isOrganizationTrail"))


def delivers(policies: Declared, trail: Resource, bucket: Target) -> Verdict:
    """Decide whether CloudTrail can put a trail's log file, as it does it; a refusal counts first.

    It looks at the bucket's ACL, then puts with an ACL of its own; the organisation's trail puts
    below the id of the organisation, whether or not anything names it (CloudTrail User Guide,
    "Amazon S3 bucket policy for CloudTrail").
    """
    caller = service("cloudtrail.amazonaws.com", "CloudTrail", source_arn=trail.arn)
    looks = policies.decide(caller, "s3:GetBucketAcl", bucket)
    organization = policies.facts.organization or NO_ORGANIZATION
    below = f"{organization}/" if is_of_the_organization(trail) else ""
    prefix = f"{trail.get('s3KeyPrefix')}/" if trail.get("s3KeyPrefix") else ""
    arn = f"{bucket.arn}/{prefix}AWSLogs/{below}{trail.account}/CloudTrail/log.json.gz"
    file, acl = Target(arn, bucket.owner, bucket.policy), "bucket-owner-full-control"
    puts = policies.decide(caller, "s3:PutObject", file, {"s3:x-amz-acl": acl})
    return puts if looks.allowed else looks


def must_record_everything(look: Examination, trail: Resource) -> None:
    """Demand that a trail is on, whole and checkable."""
    look.must(trail.get("enableLogging") is not False, "A trail does not log", trail)
    look.must(trail.get("isMultiRegionTrail"), "A trail does not record every region", trail)
    services = trail.get("includeGlobalServiceEvents") is not False
    look.must(services, "A trail leaves out the global services", trail)
    look.must(trail.get("enableLogFileValidation"), "A trail writes no digests", trail)
    look.must(records_all_calls(trail), "A trail leaves out management calls or reads", trail)
    key = trail.get("kmsKeyId")
    look.must(not key, "A trail is encrypted with a key that somebody can disable", trail)


def records_all_calls(trail: Resource) -> bool:
    """Whether every management call, reads too, is recorded: without selectors, that is so."""
    advanced = trail.get("advancedEventSelectors") or ()
    plain = trail.get("eventSelectors") or ()
    if not advanced and not plain:
        return True
    if advanced and plain:  # CloudTrail takes one or the other, and the last that is put counts
        return False
    return any(_is_all_management(one) for one in advanced) or any(
        one.get("includeManagementEvents", True)
        and one.get("readWriteType", "All") == "All"
        and not one.get("excludeManagementEventSources")
        for one in plain
    )


def _is_all_management(selector: Mapping[str, Any]) -> bool:
    return _fields(selector) == {"eventCategory": {"equals": ["Management"]}}


def records_objects(trail: Resource, bucket_arn: str) -> bool:
    """Whether every call on the objects of a bucket is recorded, reads too."""
    wanted = {
        "eventCategory": {"equals": ["Data"]},
        "resources.type": {"equals": ["AWS::S3::Object"]},
    }
    for selector in trail.get("advancedEventSelectors") or ():
        fields = _fields(selector)
        where = fields.pop("resources.ARN", {"startsWiths": [f"{bucket_arn}/"]})
        starts = where.get("startsWiths", ()) if where.keys() == {"startsWiths"} else ()
        if fields == wanted and any(f"{bucket_arn}/".startswith(start) for start in starts):
            return True
    return False


def _fields(selector: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The field selectors by field, each with the operators that are set."""
    return {
        str(one.get("field")): {
            key: value for key, value in one.items() if key != "field" and value
        }
        for one in selector.get("fieldSelectors", ())
    }
