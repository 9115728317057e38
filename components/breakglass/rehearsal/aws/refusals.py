"""What the emulated AWS says no with: botocore's own error, plus why.

Code that handles real AWS errors handles these unchanged; a drill reads the reason from them.
"""

from botocore.exceptions import ClientError

from breakglass.proof.model import Verdict


def _response(code: str, message: str, status: int) -> dict[str, object]:
    """Return the parsed body that botocore would have made of AWS's answer."""
    return {
        "Error": {"Code": code, "Message": message},
        "ResponseMetadata": {"HTTPStatusCode": status, "HTTPHeaders": {}, "RetryAttempts": 0},
    }


class GuardDenied(ClientError):  # type: ignore[misc]  # noqa: N818 - untyped base; AWS's word
    """Policies do not allow the call. ``verdict`` names the layer and the statement."""

    def __init__(self, operation: str, verdict: Verdict) -> None:
        self.verdict = verdict
        super().__init__(_response("AccessDenied", verdict.reason, 403), operation)


class PlatformRefusal(ClientError):  # type: ignore[misc]  # noqa: N818 - likewise
    """AWS refuses the call by a rule of the service that no policy statement says.

    ``platform_rule`` is the rule in a few words, for a report: "role chaining: one hour".
    """

    def __init__(self, operation: str, code: str, message: str, *, rule: str) -> None:
        self.platform_rule = rule
        status = 403 if code.startswith(("AccessDenied", "ExpiredToken")) else 400
        super().__init__(_response(code, message, status), operation)
