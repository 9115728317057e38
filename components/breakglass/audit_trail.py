"""A CloudTrail trail that delivers into a locked bucket of another account.

A component of its own, because a Pulumi component's children live in one provider's account: the
bucket is in the keeper's account, the trail in the account that is recorded.
"""

from collections.abc import Sequence
from typing import NotRequired, TypedDict

import pulumi
from pulumi_aws import cloudtrail

from breakglass import names
from breakglass._arguments import check
from breakglass._component import PACKAGE, child_of
from breakglass.errors import InvalidInput


class AuditTrailArgs(TypedDict):
    """Arguments of AuditTrail."""

    trail: str
    """What the trail is for; its name is ``break-glass-<trail>``."""
    bucket_name: pulumi.Input[str]
    """Locked bucket that it delivers to. Its policy must name this trail already."""
    home_region: str
    """Region that the trail belongs to; it records all of them."""
    organization: NotRequired[bool]
    """Whether it records every account of the organisation; then make it with management's
    provider.
    """
    watched_bucket_arns: NotRequired[Sequence[str]]
    """Buckets whose object calls it records. Never the one that it delivers to: it would feed
    itself.
    """


class AuditTrail(pulumi.ComponentResource):
    """A trail over all regions, reads included, with digests, into another account's bucket."""

    trail_arn: pulumi.Output[str]
    """ARN of the trail."""

    def __init__(
        self, name: str, args: AuditTrailArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__(f"{PACKAGE}:index:AuditTrail", name, {}, opts)
        check(AuditTrailArgs, args)
        _refuse_feeding_itself(args)

        trail = cloudtrail.Trail(
            f"{name}-trail",
            name=names.trail(args["trail"]),
            s3_bucket_name=args["bucket_name"],
            is_organization_trail=args.get("organization", False),
            is_multi_region_trail=True,
            include_global_service_events=True,
            enable_log_file_validation=True,
            enable_logging=True,
            advanced_event_selectors=_selectors(args.get("watched_bucket_arns", [])),
            region=args["home_region"],
            opts=child_of(self, protect=True),
        )

        self.trail_arn = trail.arn
        self.register_outputs({"trailArn": self.trail_arn})


def _refuse_feeding_itself(args: AuditTrailArgs) -> None:
    """Refuse a trail whose every delivery would be a record to deliver."""
    own = f"arn:aws:s3:::{args['bucket_name']}"
    if own in args.get("watched_bucket_arns", []):
        raise InvalidInput("watched_bucket_arns", own, "buckets that it does not deliver to")


def _selectors(
    watched_bucket_arns: Sequence[str],
) -> list[cloudtrail.TrailAdvancedEventSelectorArgs]:
    """All management events, reads too (AssumeRole is one), and calls on watched objects."""
    management = _selector("Every management call", _field("eventCategory", "Management"))
    if not watched_bucket_arns:
        return [management]
    objects = _selector(
        "Every call on the records",
        _field("eventCategory", "Data"),
        _field("resources.type", "AWS::S3::Object"),
        cloudtrail.TrailAdvancedEventSelectorFieldSelectorArgs(
            field="resources.ARN", starts_withs=[f"{arn}/" for arn in watched_bucket_arns]
        ),
    )
    return [management, objects]


def _selector(
    name: str, *fields: cloudtrail.TrailAdvancedEventSelectorFieldSelectorArgs
) -> cloudtrail.TrailAdvancedEventSelectorArgs:
    return cloudtrail.TrailAdvancedEventSelectorArgs(name=name, field_selectors=list(fields))


def _field(field: str, value: str) -> cloudtrail.TrailAdvancedEventSelectorFieldSelectorArgs:
    return cloudtrail.TrailAdvancedEventSelectorFieldSelectorArgs(field=field, equals=[value])
