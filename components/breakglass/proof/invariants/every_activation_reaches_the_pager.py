"""Nobody breaks the glass unseen: each activation, and each refusal of one, rings.

A successful AssumeRole shows in the role's account, in whatever watched region it was made, and
names the role in its parameters. A refused one shows in the caller's account alone, without
parameters; only its error message names the role (IAM User Guide, "Logging IAM and AWS STS API
calls with AWS CloudTrail"). AssumeRole is a reading call, so the rules must take all management
events.
"""

from collections.abc import Iterator

from breakglass.proof.declared import policies_of
from breakglass.proof.finding import Examination, Finding, without_a_side
from breakglass.proof.graph import EDGE, KEEPER, Graph
from breakglass.proof.pager import Event, Pager

NAME = "every_activation_reaches_the_pager"


def check(graph: Graph) -> Finding:
    """Decide the invariant on a graph."""
    if absent := without_a_side(NAME, graph, KEEPER, EDGE):
        return absent
    look, pager = Examination(NAME), Pager(policies_of(graph))
    for region in graph.facts.regions:
        for what, account, event in (*_activations(graph, region), *_refusals(graph, region)):
            why = pager.unheard(account, region, event, read_only=True)
            look.must(why is None, f"{what} in {region} rings nobody: {why}")
    return look.finding("Every activation rings, and every refusal.")


def _activations(graph: Graph, region: str) -> Iterator[tuple[str, str, Event]]:
    for scope in graph.facts.scopes:
        for account, arn in scope.roles.items():
            detail = {"requestParameters": {"roleArn": arn, "roleSessionName": "ada"}}
            yield f"The activation of {arn}", account, _event(account, region, detail)


def _refusals(graph: Graph, region: str) -> Iterator[tuple[str, str, Event]]:
    facts = graph.facts
    wanted = [entry.role_arn for entry in facts.entries if entry.kind != "github-oidc"]
    wanted += [arn for scope in facts.scopes for arn in scope.roles.values()]
    for account in {entry.account for entry in facts.entries}:
        for arn in wanted:
            message = (
                f"User: arn:aws:sts::{account}:assumed-role/x/y is not authorized to perform: "
            )
            message += f"sts:AssumeRole on resource: {arn}"
            refused = {"errorCode": "AccessDenied", "errorMessage": message}
            detail = {"requestParameters": None, **refused}
            yield f"A refused call for {arn}", account, _event(account, region, detail)


def _event(account: str, region: str, detail: Event) -> Event:
    """An AssumeRole as EventBridge delivers it."""
    return {
        "version": "0",
        "detail-type": "AWS API Call via CloudTrail",
        "source": "aws.sts",
        "account": account,
        "region": region,
        "resources": [],
        "detail": {
            "eventSource": "sts.amazonaws.com",
            "eventName": "AssumeRole",
            "awsRegion": region,
            "readOnly": True,
            "managementEvent": True,
            "eventType": "AwsApiCall",
            "eventCategory": "Management",
            "recipientAccountId": account,
            "userIdentity": {"type": "AssumedRole", "accountId": account},
            **detail,
        },
    }
