"""Which resource a counterexample is about, so that a reader is sent to its line."""

from collections.abc import Callable, Sequence

from breakglass.proof.graph import Resource

_POLICIES = {
    "aws:cloudwatch/eventBusPolicy:EventBusPolicy": "eventBusName",
    "aws:s3/bucketPolicy:BucketPolicy": "bucket",
}


def finder(resources: Sequence[Resource]) -> Callable[[str], Resource | None]:
    """Return what finds the resource of a line of evidence; None where it is about no one.

    First whom the line names with his source, then the policy whose statement it names, then the
    longest ARN or bucket name in it.
    """
    spoken = {str(one): one for one in resources}
    policies = {
        f"policy of {one.inputs.get(_POLICIES[one.type])}#": one
        for one in resources
        if one.type in _POLICIES
    }
    called: dict[str, Resource] = {}
    for one in resources:
        arn, bucket = one.outputs.get("arn"), one.inputs.get("bucket")
        if isinstance(arn, str) and not one.type.endswith("Policy"):
            called[arn] = one
        if one.type == "aws:s3/bucket:Bucket" and isinstance(bucket, str):
            called.setdefault(bucket, one)
        if one.type == "github:index/repositoryRuleset:RepositoryRuleset":
            called.setdefault(f"{one.inputs.get('repository')}:", one)

    def found(line: str) -> Resource | None:
        for names in (spoken, policies, called):
            there = [name for name in names if name in line]
            if there:
                return names[max(there, key=len)]
        return None

    return found
