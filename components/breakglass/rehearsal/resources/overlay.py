"""Inputs that moto is known to drop, each with the reason why the rehearsal goes on without it.

What is listed is kept beside the emulation: it shows in the resource's outputs and in the report,
and nothing in the emulation acts on it. What is dropped and not listed stops the rehearsal.
``tests/rehearsal/test_overlay.py`` fails when moto begins to keep one of these.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

OVERLAY: Final[Mapping[tuple[str, str], str]] = MappingProxyType(
    {
        ("aws:s3/bucketNotification:BucketNotification", "eventbridge"): (
            "moto keeps no EventBridge configuration of a bucket"
        ),
        ("aws:sns/topic:Topic", "signatureVersion"): (
            "moto signs everything with version 2 and keeps no attribute"
        ),
        ("aws:sns/topic:Topic", "tracingConfig"): "moto traces nothing",
        ("aws:sqs/redriveAllowPolicy:RedriveAllowPolicy", "redriveAllowPolicy"): (
            "moto lets any queue send its dead letters anywhere"
        ),
        ("aws:sqs/queue:Queue", "redriveAllowPolicy"): (
            "moto lets any queue send its dead letters anywhere"
        ),
        ("aws:kms/key:Key", "rotationPeriodInDays"): "moto rotates every 365 days or never",
    }
)
"""(type token, property or path such as ``retryPolicy.maximumRetryAttempts``) to the reason."""
