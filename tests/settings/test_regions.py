"""The Regions that there are, as AWS's own SDK has them."""

import botocore.session

from breakglass.regions import AWS_REGIONS


def test_the_regions_are_those_of_the_sdk_that_is_pinned() -> None:
    known = botocore.session.get_session().get_available_regions("sqs", partition_name="aws")
    assert frozenset(known) == AWS_REGIONS
