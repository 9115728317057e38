"""Organisation trails as member accounts see them; moto shows them in their own account only."""

from typing import Any

from breakglass.rehearsal.aws import store


def show(answer: dict[str, Any], account: str, region: str) -> None:
    """Add to ``DescribeTrails`` the organisation trails that AWS shows in every member.

    CloudTrail user guide, "Creating a trail for an organization": members see it, by its ARN in the
    management account, in its home region and, for a multi-region trail, everywhere.
    """
    management = store.management_account(account)
    if management is None or management == account:
        return
    for trail in store.trails(management):
        if trail.is_org_trail and (trail.is_multi_region or trail.region_name == region):
            answer["trailList"].append(trail.description())
