"""Each invariant bites: what somebody might change turns it BROKEN, and says so in words.

Every mutant is one small change of the recorded example, which holds (``test_verdicts.py``). The
mutants called "vacuous" make the intended use impossible: an invariant that holds of a topology
nobody can use holds of nothing.
"""

import json
from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import pytest
from mutations import (
    Mutation,
    added,
    allows,
    both,
    denies,
    document,
    drops_condition,
    drops_statement,
    facts,
    inputs,
    pattern,
    resource,
    sets,
    statement,
    without,
)

from breakglass.proof.finding import Outcome
from breakglass.proof.graph import Endpoint, Facts, Gate, Graph, Person
from breakglass.proof.invariants import INVARIANTS

TRAIL = "trail-organization-management-trail"
VAULT, WITNESS = "vault-bucket", "witness-bucket"
VAULT_ARN = "arn:aws:s3:::break-glass-vault-example-222222222222"
SHOP, PAYMENTS, BROKER, LOGGING = "555555555555", "666666666666", "444444444444", "222222222222"
SCOPE, TRUST = "scope-rds-failover-payments-role", "EnterForAnIncident"
ENTRY, SSO, WORKFLOW = "entry-hardware-key-role", "entry-sso-role", "entry-workflow-role"
SUBJECT = "token.actions.githubusercontent.com:sub"
RULE = "forwarding-app-us-east-1"
APP = {"actorType": "Integration", "actorId": 900001, "bypassMode": "pull_request"}
PAGES = "arn:aws:sqs:eu-west-1:222222222222:break-glass-page"
SLOW = json.dumps({"http": {"defaultThrottlePolicy": {"maxReceivesPerSecond": 1}}})


def metrics(alarm: Mapping[str, list[dict[str, Any]]]) -> list[dict[str, Any]]:
    """The queries of an alarm that have a metric."""
    return [query for query in alarm["metricQueries"] if "metric" in query]


def everybody(body: dict[str, object]) -> None:
    body["Principal"] = "*"


def moved(name: str, account: str) -> Mutation:
    return resource(name, lambda one: replace(one, account=account))


def bypass(**changes: object) -> Mutation:
    return sets("gate-shop-gate", bypassActors=[{**APP, **changes}])


def person(name: str, **changes: str) -> Mutation:
    def change(known: Facts) -> Mapping[str, object]:
        return {"people": [replace(p, **changes) if p.name == name else p for p in known.people]}

    return facts(change)


def pipeline(side: str, arn: str) -> Mutation:
    return facts(lambda known: {"pipelines": {**known.pipelines, side: arn}})


def workflow(**changes: str) -> Mutation:
    """The way in by a workflow is another one."""
    return facts(
        lambda known: {
            "entries": [
                replace(one, **changes) if one.kind == "github-oidc" else one
                for one in known.entries
            ]
        }
    )


def wildcard_deployers(body: dict[str, object]) -> None:
    like = {"aws:PrincipalArn": "arn:aws:iam::*:role/break*glass-deployer"}
    body["Condition"] = {"ArnNotLike": like}


def key(**inputs: object) -> Mutation:
    """A KMS key of the shop, which hands on to its account as AWS's default does."""
    arn = f"arn:aws:kms:eu-west-1:{SHOP}:key/x"
    account = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{SHOP}:root"},
        "Action": "kms:*",
        "Resource": "*",
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [account]})
    made = added("aws:kms/key:Key", "key", "forwarding-shop-forwarder", policy=policy, **inputs)
    return both(made, resource("key", lambda one: replace(one, outputs={"arn": arn})))


MUTANTS: Mapping[str, Mapping[str, Mutation]] = MappingProxyType(
    {
        "vault_is_elsewhere_and_locked": {
            "the vault is in a workload": moved(VAULT, SHOP),
            "the witness is in the vault's account": moved(WITNESS, LOGGING),
            "no vault": without(VAULT),
            "no object lock": sets(VAULT, objectLockEnabled=False),
            "a key of somebody's, in the bucket itself": sets(
                VAULT,
                serverSideEncryptionConfiguration={
                    "rule": {"applyServerSideEncryptionByDefault": {"sseAlgorithm": "aws:kms"}}
                },
            ),
            "a stranger hears of each record": added(
                "aws:s3/bucketNotification:BucketNotification",
                "more",
                VAULT,
                bucket=VAULT_ARN.rpartition(":")[2],
                queues=[{"queueArn": "arn:aws:sqs:eu-west-1:999999999999:x"}],
            ),
            "destroyed with its records": sets(VAULT, forceDestroy=True),
            "no default retention": without(f"{VAULT}-lock"),
            "a mode that can be bypassed": inputs(
                f"{VAULT}-lock", lambda i: i["rule"]["defaultRetention"].update(mode="GOVERNANCE")
            ),
            "a shorter retention": inputs(
                f"{WITNESS}-lock", lambda i: i["rule"]["defaultRetention"].update(days=399)
            ),
            "versioning suspended": sets(
                f"{VAULT}-versioning", versioningConfiguration={"status": "Suspended"}
            ),
            "no versioning": without(f"{WITNESS}-versioning"),
            "no policy": without(f"{VAULT}-policy"),
            "no public access block": without(f"{VAULT}-private"),
            "public policies let through": sets(f"{VAULT}-private", blockPublicPolicy=False),
            "ACLs count": sets(f"{VAULT}-ownership", rule={"objectOwnership": "ObjectWriter"}),
            "sealed with a KMS key": sets(
                f"{VAULT}-encryption",
                rules=[{"applyServerSideEncryptionByDefault": {"sseAlgorithm": "aws:kms"}}],
            ),
            "nothing said of encryption": without(f"{VAULT}-encryption"),
            "records expire": added(
                "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
                "expiry",
                VAULT,
                bucket="break-glass-vault-example-222222222222",
            ),
            "vacuous: no trail delivers": without(TRAIL),
            "vacuous: CloudTrail cannot write": drops_statement(
                f"{VAULT}-policy", "CloudTrailDelivers"
            ),
        },
        "actor_cannot_touch_the_vault": {
            "any trail of anybody delivers": drops_condition(
                f"{VAULT}-policy", "CloudTrailDelivers", "StringEquals", "aws:SourceArn"
            ),
            "any trail of that name delivers": statement(
                f"{VAULT}-policy",
                "CloudTrailDelivers",
                lambda body: body.update(
                    Condition={
                        "ArnLike": {"aws:SourceArn": "arn:aws:cloudtrail:*:*:trail/break-glass-*"}
                    }
                ),
            ),
            "everybody writes, and nobody is denied": both(
                statement(f"{VAULT}-policy", "CloudTrailDelivers", everybody),
                drops_condition(
                    f"{VAULT}-policy", "CloudTrailDelivers", "StringEquals", "aws:SourceArn"
                ),
                drops_statement(f"{VAULT}-policy", "OnlyCloudTrailWrites"),
                without("guardrails-records"),
            ),
            "a workload tags the vault": allows(
                f"{VAULT}-policy",
                Principal={"AWS": f"arn:aws:iam::{SHOP}:root"},
                Action="s3:TagResource",
                Resource=VAULT_ARN,
            ),
            "a responder tags the witness": both(
                allows(
                    f"{WITNESS}-policy",
                    Principal={"AWS": "*"},
                    Action="s3:TagResource",
                    Resource="*",
                    Condition={"StringLike": {"aws:PrincipalTag/IncidentId": "INC-*"}},
                ),
            ),
            "server access logs are delivered": allows(
                f"{VAULT}-policy",
                Principal={"Service": "logging.s3.amazonaws.com"},
                Action="s3:PutObject",
                Resource=f"{VAULT_ARN}/*",
            ),
            "the vault is a workload's": facts(
                lambda known: {
                    "accounts": [
                        replace(a, role="workload", side="edge") if a.role == "logging" else a
                        for a in known.accounts
                    ]
                    + [replace(known.accounts[4], role="logging", side="keeper")]
                }
            ),
            "vacuous: CloudTrail cannot look": drops_statement(
                f"{VAULT}-policy", "CloudTrailLooksAtTheAcl"
            ),
            "vacuous: nobody at all writes": denies(
                f"{WITNESS}-policy", Principal="*", Action="s3:*", Resource="*"
            ),
            "vacuous: the runbook is shut": document(
                "scope-prod-deploy-shop-boundary",
                lambda policy: policy["Statement"][0]["Action"].remove("ecs:UpdateService"),
            ),
            "vacuous: the responder has no policy": without("scope-prod-deploy-shop-scope"),
        },
        "actor_cannot_silence_the_alarms": {
            "the kit's resources are not guarded": without("guardrails-record-r-exam"),
            "guarded from all but what is named like a deployer": statement(
                "guardrails-record", "OnlyTheDeployerWritesKitResources", wildcard_deployers
            ),
            "dead letters can be taken": drops_statement(
                "guardrails-record", "OnlyThePagerTakesMessages"
            ),
            "dead letters can be hidden": statement(
                "guardrails-record",
                "OnlyThePagerTakesMessages",
                lambda body: body["Action"].remove("sqs:ReceiveMessage"),
            ),
            "alarms can be muted": statement(
                "guardrails-record",
                "OnlyTheDeployerWritesKitResources",
                lambda body: body["Action"].remove("cloudwatch:Put*"),
            ),
            "rules can be re-aimed": statement(
                "guardrails-record",
                "OnlyTheDeployerWritesKitResources",
                lambda body: body["Action"].remove("events:PutTargets"),
            ),
            "second trails can be narrowed": drops_statement(
                "guardrails-trails", "OnlyTheDeployerChangesTrails"
            ),
            "a deployer ends its own trail": drops_statement(
                "guardrails-trails", "NobodyEndsTheRecord"
            ),
            "a workload puts events on the hub": allows(
                "watch-hub-policy",
                Principal={"AWS": f"arn:aws:iam::{SHOP}:root"},
                Action="events:PutEvents",
                Resource="*",
            ),
            "an edge deployer empties the page queue": allows(
                "watch-page-queue-policy",
                Principal={"AWS": f"arn:aws:iam::{SHOP}:root"},
                Action="sqs:PurgeQueue",
                Resource="*",
            ),
            "anybody unsubscribes the pager": allows(
                "watch-page-topic-policy", Principal="*", Action="sns:Unsubscribe", Resource="*"
            ),
            "a workload rings the pager itself": allows(
                "watch-page-topic-policy",
                Principal={"AWS": f"arn:aws:iam::{SHOP}:root"},
                Action="sns:Publish",
                Resource="*",
            ),
            "a key that everybody may end": both(
                key(tags={"break-glass": "edge"}),
                drops_statement("guardrails-keys", "NobodyEndsAKey"),
            ),
            "vacuous: no deployer aims a rule": denies(
                "guardrails-record", Action="events:PutTargets", Resource="*"
            ),
            "vacuous: one deployer is forgotten": statement(
                "guardrails-trails",
                "OnlyTheDeployerChangesTrails",
                lambda body: body["Condition"]["ArnNotEquals"]["aws:PrincipalArn"].pop(),
            ),
        },
        "actor_cannot_touch_the_kits_principals": {
            "the path is open": without("guardrails-path-r-exam"),
            "guarded from all but what is named like a deployer": statement(
                "guardrails-path", "OnlyTheDeployerWritesKitPrincipals", wildcard_deployers
            ),
            "roles can be handed to a service": statement(
                "guardrails-path",
                "OnlyTheDeployerWritesKitPrincipals",
                lambda body: body["Action"].remove("iam:PassRole"),
            ),
            "boundaries can be taken off": statement(
                "guardrails-path",
                "OnlyTheDeployerWritesKitPrincipals",
                lambda body: body["Action"].remove("iam:DeleteRole*"),
            ),
            "roles are guarded and policies are not": statement(
                "guardrails-path",
                "OnlyTheDeployerWritesKitPrincipals",
                lambda body: body.update(Resource="arn:aws:iam::*:role/breakglass/*"),
            ),
            "a role of the kit beside the path": resource(
                "forwarding-shop-forwarder",
                lambda one: replace(
                    one, outputs={**one.outputs, "arn": f"arn:aws:iam::{SHOP}:role/forwarder"}
                ),
            ),
            "a workload is management": facts(
                lambda known: {
                    "accounts": [
                        *(a for a in known.accounts if a.role != "management"),
                        replace(known.accounts[4], role="management"),
                    ]
                }
            ),
            "accounts can leave": drops_statement("guardrails-sight", "NobodyLeaves"),
            "accounts can be closed": statement(
                "guardrails-sight",
                "NobodyLeaves",
                lambda body: body["Action"].remove("account:CloseAccount"),
            ),
            "vacuous: no deployer writes a trust policy": denies(
                "guardrails-path", Action="iam:UpdateAssumeRolePolicy", Resource="*"
            ),
        },
        "vault_holds_in_its_own_account": {
            "an administrator writes": drops_statement(f"{VAULT}-policy", "OnlyCloudTrailWrites"),
            "an administrator sets it up": drops_statement(
                f"{VAULT}-policy", "OnlyTheDeployerSetsUp"
            ),
            "the deployer unlocks it": drops_statement(f"{VAULT}-policy", "NobodyUnlocks"),
            "plain HTTP": drops_statement(f"{WITNESS}-policy", "NothingInTheClear"),
            "a role named like the deployer elsewhere": statement(
                f"{VAULT}-policy",
                "OnlyTheDeployerSetsUp",
                lambda body: body.update(
                    Condition={"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/*"}}
                ),
            ),
            "retention can be shortened": statement(
                f"{WITNESS}-policy",
                "OnlyCloudTrailWrites",
                lambda body: body.update(Action=["s3:PutObject", "s3:DeleteObject*"]),
            ),
            "records outside one prefix": statement(
                f"{VAULT}-policy",
                "OnlyCloudTrailWrites",
                lambda body: body.update(Resource=f"{VAULT_ARN}/ledger/*"),
            ),
            "vacuous: the deployer cannot set it up": statement(
                f"{VAULT}-policy", "OnlyTheDeployerSetsUp", lambda body: body.pop("Condition")
            ),
        },
        "every_account_is_recorded": {
            "the trail is off": sets(TRAIL, enableLogging=False),
            "one region": sets(TRAIL, isMultiRegionTrail=False),
            "no digests": sets(TRAIL, enableLogFileValidation=False),
            "no global services": sets(TRAIL, includeGlobalServiceEvents=False),
            "one account": sets(TRAIL, isOrganizationTrail=False),
            "not the management account's": moved(TRAIL, SHOP),
            "no reads": inputs(
                TRAIL,
                lambda i: i["advancedEventSelectors"][0]["fieldSelectors"].append(
                    {"field": "readOnly", "equals": ["false"]}
                ),
            ),
            "sealed with a key": sets(TRAIL, kmsKeyId="key"),
            "into another bucket": sets(TRAIL, s3BucketName="elsewhere"),
            "vacuous: another prefix": statement(
                f"{VAULT}-policy",
                "CloudTrailDelivers",
                lambda body: body.update(Resource=f"{VAULT_ARN}/AWSLogs/{LOGGING}/*"),
            ),
        },
        "second_trail_is_independent": {
            "a workload has none": without("trail-witness-shop-trail"),
            "into the vault": sets(
                "trail-witness-shop-trail", s3BucketName="break-glass-vault-example-222222222222"
            ),
            "off": sets("trail-witness-payments-trail", enableLogging=False),
            "one region": sets("trail-witness-broker-trail", isMultiRegionTrail=False),
            "the organisation's own": sets(
                "trail-witness-management-trail", isOrganizationTrail=True
            ),
            "calls on the vault's objects unseen": inputs(
                "trail-witness-logging-trail", lambda i: i["advancedEventSelectors"].pop()
            ),
            "reads of the vault's objects unseen": inputs(
                "trail-witness-logging-trail",
                lambda i: i["advancedEventSelectors"][1]["fieldSelectors"].append(
                    {"field": "readOnly", "equals": ["false"]}
                ),
            ),
            "a trail feeds itself": inputs(
                "trail-witness-logging-trail",
                lambda i: i["advancedEventSelectors"][1]["fieldSelectors"][2].update(
                    startsWiths=["arn:aws:s3:::break-glass-"]
                ),
            ),
            "the witness is the logging account": facts(
                lambda known: {
                    "accounts": [
                        replace(a, id=LOGGING) if a.role == "witness" else a for a in known.accounts
                    ]
                }
            ),
            "vacuous: CloudTrail cannot deliver": statement(
                f"{WITNESS}-policy",
                "CloudTrailDelivers",
                lambda body: body["Condition"]["StringEquals"]["aws:SourceArn"].pop(),
            ),
        },
        "entry_trust_demands_what_it_must": {
            "another user": statement(
                ENTRY,
                "EnterAsYourselfWithSecondFactor",
                lambda body: body["Principal"]["AWS"].append(f"arn:aws:iam::{BROKER}:user/mallory"),
            ),
            "the whole account": statement(
                ENTRY,
                "EnterAsYourselfWithSecondFactor",
                lambda body: body.update(Principal={"AWS": f"arn:aws:iam::{BROKER}:root"}),
            ),
            "a factor where there happens to be one": statement(
                ENTRY,
                "EnterAsYourselfWithSecondFactor",
                lambda body: body["Condition"].update(
                    BoolIfExists=body["Condition"].pop("Bool"),
                    NumericLessThanEqualsIfExists=body["Condition"].pop("NumericLessThanEquals"),
                ),
            ),
            "an hour-old factor": statement(
                ENTRY,
                "EnterAsYourselfWithSecondFactor",
                lambda body: body["Condition"].update(
                    NumericLessThanEquals={"aws:MultiFactorAuthAge": "3600"}
                ),
            ),
            "session tags": statement(
                ENTRY,
                "EnterAsYourselfWithSecondFactor",
                lambda body: body["Action"].append("sts:TagSession"),
            ),
            "anybody with the permission set": statement(
                SSO,
                "EnterAsYourselfFromIdentityCenter",
                lambda body: body["Condition"].update(
                    StringLike={"aws:PrincipalTag/user": "??*"},
                    StringEquals={
                        key: value
                        for key, value in body["Condition"]["StringEquals"].items()
                        if "PrincipalTag" not in key
                    },
                ),
            ),
            "a keeper with the permission set": statement(
                SSO,
                "EnterAsYourselfFromIdentityCenter",
                lambda body: body["Condition"]["StringEquals"]["aws:PrincipalTag/user"].append(
                    "joan@example.com"
                ),
            ),
            "vacuous: somebody listed stays out": statement(
                SSO,
                "EnterAsYourselfFromIdentityCenter",
                lambda body: body["Condition"]["StringEquals"]["aws:PrincipalTag/user"].pop(),
            ),
            "any permission set": statement(
                SSO,
                "EnterAsYourselfFromIdentityCenter",
                lambda body: body["Condition"].update(
                    ArnLike={"aws:PrincipalArn": f"arn:aws:iam::{BROKER}:role/aws-reserved/*"}
                ),
            ),
            "a role of that name without the path": statement(
                SSO,
                "EnterAsYourselfFromIdentityCenter",
                lambda body: body["Condition"].update(
                    ArnLike={"aws:PrincipalArn": f"arn:aws:iam::{BROKER}:role/*AWSReservedSSO_*"}
                ),
            ),
            "a job of any environment": both(
                drops_condition(WORKFLOW, "EnterFromTheEmergencyWorkflow", "StringEquals", SUBJECT),
                statement(
                    WORKFLOW,
                    "EnterFromTheEmergencyWorkflow",
                    lambda body: body["Condition"].update(
                        StringLike={SUBJECT: "repo:example-org/security:*"}
                    ),
                ),
            ),
            "any identity provider": statement(
                WORKFLOW,
                "EnterFromTheEmergencyWorkflow",
                lambda body: body.update(Principal="*", Condition={}),
            ),
            "no entry role": without(SSO),
            "vacuous: nobody enters": statement(
                ENTRY,
                "EnterAsYourselfWithSecondFactor",
                lambda body: body["Condition"]["StringEquals"].update(
                    {"sts:SourceIdentity": "nobody"}
                ),
            ),
            "vacuous: no identity can be set": statement(
                SSO,
                "EnterAsYourselfFromIdentityCenter",
                lambda body: body.update(Action="sts:AssumeRole"),
            ),
        },
        "break_glass_trust_demands_what_it_must": {
            "any incident": statement(
                SCOPE,
                TRUST,
                lambda body: body["Condition"]["StringLike"].update(
                    {"aws:RequestTag/IncidentId": "*"}
                ),
            ),
            "a short incident": statement(
                SCOPE,
                TRUST,
                lambda body: body["Condition"]["StringLike"].update(
                    {"aws:RequestTag/IncidentId": "INC-*"}
                ),
            ),
            "an empty reason": statement(
                SCOPE,
                "TagTheSession",
                lambda body: body["Condition"]["StringLike"].update({"aws:RequestTag/Reason": "*"}),
            ),
            "any severity": drops_condition(
                SCOPE, "TagTheSession", "StringEquals", "aws:RequestTag/Severity"
            ),
            "more tags": drops_condition(
                SCOPE, "TagTheSession", "ForAllValues:StringEquals", "aws:TagKeys"
            ),
            "an administrator of the account": statement(
                SCOPE,
                TRUST,
                lambda body: body["Principal"]["AWS"].append(f"arn:aws:iam::{PAYMENTS}:root"),
            ),
            "an outsider": allows(
                SCOPE,
                Principal={"AWS": "arn:aws:iam::999999999999:root"},
                Action="sts:AssumeRole",
            ),
            "everybody": statement(SCOPE, TRUST, everybody),
            "no role": without(SCOPE),
            "vacuous: only one region": statement(
                SCOPE,
                "TagTheSession",
                lambda body: body["Condition"]["StringEquals"].update(
                    {"aws:RequestedRegion": ["eu-west-1"]}
                ),
            ),
            "vacuous: no tags": drops_statement(SCOPE, "TagTheSession"),
            "vacuous: the entry role may not go on": without("entry-sso-onward"),
        },
        "no_session_over_an_hour": {
            "twelve hours": sets(SCOPE, maxSessionDuration=43_200),
            "two hours before the glass": sets(SSO, maxSessionDuration=7_200),
            "a user opens it directly": statement(
                SCOPE,
                TRUST,
                lambda body: body["Principal"]["AWS"].append(f"arn:aws:iam::{BROKER}:user/ada"),
            ),
            "an identity provider opens it directly": allows(
                SCOPE,
                Principal={"Federated": f"arn:aws:iam::{PAYMENTS}:saml-provider/corp"},
                Action="sts:AssumeRoleWithSAML",
            ),
            "everybody but one": allows(
                SCOPE,
                NotPrincipal={"AWS": f"arn:aws:iam::{SHOP}:root"},
                Action="sts:AssumeRole",
            ),
            "vacuous: nobody opens it": document(
                SCOPE, lambda policy: policy.update(Statement=policy["Statement"][2:])
            ),
        },
        "every_activation_reaches_the_pager": {
            "the rule is gone": without("forwarding-payments-us-east-1-activation"),
            "reading calls are not taken": sets(
                "forwarding-payments-eu-west-1-activation", state="ENABLED"
            ),
            "not on the hub either": sets("watch-hub-activation", state="ENABLED"),
            "refusals are not taken": pattern(
                "forwarding-broker-eu-central-1-activation",
                lambda p: p["detail"]["$or"].pop(1),
            ),
            "one region of one account": sets(
                "forwarding-shop-eu-central-1-activation", state="DISABLED"
            ),
        },
        "every_page_call_reaches_the_pager": {
            "a rule is off": sets(f"{RULE}-kit-1", state="DISABLED"),
            "a rule is off the old way": inputs(
                f"{RULE}-kit-1", lambda i: [i.update(isEnabled=False), i.pop("state")]
            ),
            "a rule is gone": without(f"{RULE}-organisation-1"),
            "a pattern is narrowed to successes": pattern(
                f"{RULE}-organisation-1",
                lambda p: p["detail"].update(errorCode=[{"exists": False}]),
            ),
            "a source is forgotten": pattern(
                "watch-hub-organisation-1", lambda p: p["source"].remove("aws.organizations")
            ),
            "a pattern leaves one account out": pattern(
                "watch-hub-kit-1", lambda p: p.update(account=[{"anything-but": [SHOP]}])
            ),
            "no target": without(f"{RULE}-kit-2-target"),
            "another target": sets(f"{RULE}-kit-2-target", arn="arn:aws:sqs:us-east-1:1:x"),
            "the event is rewritten": sets(f"{RULE}-kit-2-target", input='{"all": "quiet"}'),
            "a role that may not": without("forwarding-app-forwarder-policy"),
            "a role that EventBridge may not use": statement(
                "forwarding-app-forwarder",
                "ServiceForThisAccount",
                lambda body: body.update(Principal={"Service": "lambda.amazonaws.com"}),
            ),
            "the hub does not know the account": statement(
                "watch-hub-policy",
                "ForwardersOnly",
                lambda body: body["Principal"]["AWS"].pop(),
            ),
            "no hub policy": without("watch-hub-policy"),
            "the hub has no rule": without("watch-hub-organisation-1"),
            "the hub has no target": without("watch-hub-kit-1-target"),
            "the queue does not know the rule": statement(
                "watch-page-queue-policy",
                "TheseRulesSend",
                lambda body: body["Condition"]["ArnEquals"]["aws:SourceArn"].pop(),
            ),
            "the queue is sealed": sets("watch-page-queue", kmsMasterKeyId="alias/x"),
            "no pipe": without("watch-page-pipe"),
            "the pipe stands": sets("watch-page-pipe", desiredState="STOPPED"),
            "the pipe filters": inputs(
                "watch-page-pipe",
                lambda i: i["sourceParameters"].update(
                    filterCriteria={"filters": [{"pattern": "{}"}]}
                ),
            ),
            "the pipe may not publish": both(
                document("watch-page-pipe-policy", lambda policy: policy["Statement"].pop()),
                drops_statement("watch-page-topic-policy", "ThePipePublishes"),
            ),
            "the pipe may not take": document(
                "watch-page-pipe-policy",
                lambda policy: policy["Statement"][0]["Action"].remove("sqs:DeleteMessage"),
            ),
            "the topic refuses": denies(
                "watch-page-topic-policy", Principal="*", Action="sns:Publish", Resource="*"
            ),
            "nobody listens": without("watch-page-email-0"),
            "only to some": sets("watch-page-email-0", filterPolicy='{"x": ["y"]}'),
            "an endpoint that nobody subscribed": facts(
                lambda known: {"pager": [*known.pager, Endpoint("sms", "+4912345", "page")]}
            ),
            "pages go to the ticket queue": sets(
                "watch-hub-kit-1-target",
                arn="arn:aws:sqs:us-east-1:222222222222:break-glass-ticket",
            ),
        },
        "every_ticket_call_reaches_the_tickets": {
            "a name is forgotten": pattern(
                "watch-hub-ticket-1",
                lambda p: p["detail"]["$or"][0]["eventName"].pop(),
            ),
            "tickets wake people": inputs(
                "watch-hub-ticket-1-target",
                lambda i: i.update(arn=i["arn"].replace("ticket", "page")),
            ),
            "nobody takes tickets": without("watch-ticket-email-2"),
        },
        "ordinary_work_rings_nobody": {
            "a rule takes every call of a service": pattern(
                "watch-hub-kit-1", lambda p: [p.pop("detail"), p.pop("$or")]
            ),
            "any source rings": pattern(
                "forwarding-shop-us-east-1-kit-1", lambda p: p.pop("source")
            ),
            "a source of anybody's rings": pattern(
                "watch-hub-kit-1", lambda p: p["source"].append("shop.orders")
            ),
            "vacuous: nothing rings at all": without("watch-hub"),
        },
        "roles_do_only_what_they_are_for": {
            "an entry role reads": allows("entry-sso-onward", Action="s3:GetObject", Resource="*"),
            "an entry role enters anything": statement(
                "entry-hardware-key-onward",
                "EnterBreakGlassRoles",
                lambda body: body.update(Resource="*"),
            ),
            "an entry role does all but one thing": allows(
                "entry-sso-onward", NotAction="iam:*", Resource="*"
            ),
            "a role may more than its scope": allows(
                "scope-rds-failover-payments-scope", Action="s3:*", Resource="*"
            ),
            "a boundary lets everything through": statement(
                "scope-rds-failover-payments-boundary",
                "TheScopeAndNoMore",
                lambda body: body.update(Action="*"),
            ),
            "a role without a boundary": sets(SCOPE, permissionsBoundary=None),
            "a role passes an unlisted role": allows(
                "scope-rds-failover-payments-scope", Action="iam:PassRole", Resource="*"
            ),
            "a service acts for anybody": drops_condition(
                "forwarding-shop-forwarder",
                "ServiceForThisAccount",
                "StringEquals",
                "aws:SourceAccount",
            ),
            "vacuous: a boundary without the scope": statement(
                "scope-rds-failover-payments-boundary",
                "TheScopeAndNoMore",
                lambda body: body.update(Action="rds:DescribeDBClusters"),
            ),
        },
        "boundaries_hold_by_their_denials": {
            "the kit's own is not denied": drops_statement(
                "scope-rds-failover-payments-boundary", "NothingOnTheKit"
            ),
            "a service that logs is not denied": statement(
                "scope-rds-failover-payments-boundary",
                "NothingThatLogs",
                lambda body: body["Action"].remove("cloudtrail:*"),
            ),
            "roles are denied as a part of IAM alone": drops_statement(
                "scope-rds-failover-payments-boundary", "PassOnlyListedRoles"
            ),
            "vacuous: every key is the kit's": drops_condition(
                "scope-rds-failover-payments-boundary",
                "NoKitKey",
                "Null",
                "aws:ResourceTag/break-glass",
            ),
        },
        "denials_of_the_record_stand_alone": {
            "services delete": drops_statement(f"{VAULT}-policy", "NobodyDeletes"),
            "an access point is made": statement(
                f"{VAULT}-policy",
                "OnlyTheDeployerSetsUp",
                lambda body: body["Action"].remove("s3:CreateAccessPoint*"),
            ),
            "a stranger reads": statement(
                f"{WITNESS}-policy",
                "OnlyReadersRead",
                lambda body: body["Condition"]["ArnNotEquals"].update(
                    {"aws:PrincipalArn": f"arn:aws:iam::{LOGGING}:*"}
                ),
            ),
            "vacuous: CloudTrail is denied too": statement(
                f"{WITNESS}-policy", "OnlyCloudTrailWrites", lambda body: body.pop("Condition")
            ),
        },
        "the_record_is_opened_to_whom_it_is_for": {
            "any prefix": statement(
                f"{VAULT}-policy",
                "CloudTrailDelivers",
                lambda body: body.update(Resource=f"{VAULT_ARN}/*"),
            ),
            "one more reader": statement(
                f"{VAULT}-policy",
                "ReadersRead",
                lambda body: body["Principal"]["AWS"].append(f"arn:aws:iam::{SHOP}:root"),
            ),
            "vacuous: the witness cannot pull": statement(
                f"{VAULT}-policy",
                "ReadersList",
                lambda body: body["Condition"]["ArnEquals"]["aws:PrincipalArn"].pop(),
            ),
        },
        "the_record_can_be_queried": {
            "an account is left out": inputs(
                "vault-table",
                lambda i: i["parameters"].update({"projection.account.values": LOGGING}),
            ),
            "another place": inputs(
                "vault-table",
                lambda i: i["storageDescriptor"].update(location="s3://elsewhere/AWSLogs/"),
            ),
            "results go anywhere": inputs(
                "vault-workgroup",
                lambda i: i["configuration"].update(enforceWorkgroupConfiguration=False),
            ),
            "results are public": sets("vault-results-private", restrictPublicBuckets=False),
            "every second day": inputs(
                "vault-table", lambda i: i["parameters"].update({"projection.day.interval": "2"})
            ),
            "another table": sets(
                "vault-table", targetTable={"catalogId": "999999999999", "name": "clean"}
            ),
            "another account's catalogue": sets("vault-table", catalogId="999999999999"),
            "another database": sets(
                "vault-database", targetDatabase={"catalogId": "999999999999"}
            ),
            "nobody is told": inputs(
                "vault-table",
                lambda i: i["storageDescriptor"].update(
                    columns=[
                        one
                        for one in i["storageDescriptor"]["columns"]
                        if one["name"] != "useridentity"
                    ]
                ),
            ),
            "a column by another name": inputs(
                "vault-table",
                lambda i: i["storageDescriptor"]["columns"][3].update(name="source"),
            ),
            "no query": sets("vault-workgroup", state="DISABLED"),
            "small queries": inputs(
                "vault-workgroup",
                lambda i: i["configuration"].update(bytesScannedCutoffPerQuery=10485760),
            ),
            "vacuous: no table": without("vault-table"),
        },
        "resources_take_only_what_they_should": {
            "a rule of somebody else's": statement(
                "watch-page-queue-policy",
                "TheseRulesSend",
                lambda body: body.update(
                    Condition={"ArnLike": {"aws:SourceArn": "arn:aws:events:*:*:rule/*"}}
                ),
            ),
            "EventBridge may do all": statement(
                "watch-page-queue-policy", "TheseRulesSend", lambda body: body.update(Action="*")
            ),
            "in the clear": drops_statement("watch-page-topic-policy", "NothingInTheClear"),
            "any forwarder": statement(
                "watch-hub-policy",
                "ForwardersOnly",
                lambda body: body.update(Principal="*", Condition={}),
            ),
            "vacuous: the pipe cannot publish": drops_statement(
                "watch-page-topic-policy", "ThePipePublishes"
            ),
        },
        "each_part_is_with_its_whole": {
            "a lock of another bucket": sets(f"{VAULT}-lock", bucket="elsewhere"),
            "a policy in another account": moved(f"{VAULT}-policy", SHOP),
            "a target of no rule": sets("watch-hub-kit-1-target", rule="nothing"),
            "guardrails from elsewhere": moved("guardrails-path-r-exam", SHOP),
            "vacuous: a whole is gone": without("watch-page-topic"),
        },
        "the_alarms_way_is_watched": {
            "no alarm on what waits": without("watch-page-waiting"),
            "no alarm on what died": without("watch-page-dead-letters"),
            "no alarm on what the pager refused": without("watch-ticket-undelivered"),
            "an alarm that calls nobody": sets("watch-page-waiting", alarmActions=[]),
            "an alarm switched off": sets("watch-page-dead-letters", actionsEnabled=False),
            "an alarm that nothing reaches": sets("watch-page-waiting", threshold=100000),
            "no alarm in a region": without("forwarding-shop-eu-central-1-undelivered"),
            "an alarm over too few rules": inputs(
                "forwarding-shop-eu-central-1-undelivered",
                lambda i: i.update(metricQueries=i["metricQueries"][:2]),
            ),
            "a target without dead letters": sets(
                "forwarding-shop-eu-west-1-activation-target", deadLetterConfig=None
            ),
            "a queue without redrive": sets("watch-page-queue", redrivePolicy=None),
            "a queue that forgets": sets("watch-page-queue", messageRetentionSeconds=60),
            "vacuous: no way to the pager": both(
                without("watch-page-pipe"), without("watch-ticket-pipe")
            ),
            "a queue in the clear": sets("watch-ticket-queue", sqsManagedSseEnabled=False),
            "an alarm in a unit that AWS does not send": sets("watch-page-waiting", unit="Bytes"),
            "an alarm over another unit": inputs(
                "forwarding-shop-eu-central-1-undelivered",
                lambda i: [q["metric"].update(unit="Bytes") for q in metrics(i)],
            ),
            "an alarm over a stranger's metrics": inputs(
                "forwarding-shop-eu-central-1-undelivered",
                lambda i: [q.update(accountId="999999999999") for q in metrics(i)],
            ),
            "dead letters that nobody takes": sets(
                "watch-page-dead-letters-queue",
                redriveAllowPolicy=json.dumps({"redrivePermission": "denyAll"}),
            ),
            "dead letters of another queue": sets(
                "watch-page-dead-letters-queue",
                redriveAllowPolicy=json.dumps(
                    {"redrivePermission": "byQueue", "sourceQueueArns": [f"{PAGES}-else"]}
                ),
            ),
            "a log of all pages": sets(
                "watch-page-pipe",
                logConfiguration={
                    "level": "TRACE",
                    "includeExecutionDatas": ["ALL"],
                    "s3LogDestination": {"bucketName": "mallory", "bucketOwner": "999999999999"},
                },
            ),
            "a topic that takes its time": sets("watch-page-topic", deliveryPolicy=SLOW),
            "a listener who is told late": sets("watch-page-https-0", deliveryPolicy=SLOW),
        },
        "deployment_gates_hold": {
            "no environment": without("gate-shop-production-approval"),
            "a way in that nobody reviews": workflow(environment="staging"),
            "administrators go past it": sets(
                "gate-shop-production-approval", canAdminsBypass=True
            ),
            "whoever deploys approves": sets(
                "gate-shop-production-approval", preventSelfReview=False
            ),
            "nobody is asked": sets("gate-shop-production-approval", reviewers=[]),
            "the same environment in other letters, open": added(
                "github:index/repositoryEnvironment:RepositoryEnvironment",
                "more",
                "gate-shop-production-approval",
                repository="shop",
                environment="PRODUCTION",
                canAdminsBypass=True,
            ),
            "any tag, in other letters": added(
                "github:index/repositoryEnvironmentDeploymentPolicy:"
                "RepositoryEnvironmentDeploymentPolicy",
                "more",
                "gate-shop-production-approval",
                repository="Shop",
                environment="Production",
                tagPattern="*",
            ),
            "any branch": sets("gate-shop-production-approval-branch", branchPattern="*"),
            "vacuous: no branch is deployed": without("gate-shop-production-approval-branch"),
            "stale approvals": inputs(
                "gate-shop-gate",
                lambda i: i["rules"]["pullRequest"].update(dismissStaleReviewsOnPush=False),
            ),
            "the last pusher approves": inputs(
                "gate-security-floor",
                lambda i: i["rules"]["pullRequest"].update(requireLastPushApproval=False),
            ),
            "claims of one's own": sets("gate-security-claims", useDefault=False),
            "no claims": without("gate-security-claims"),
        },
        "enforce_admins_holds": {
            "no protection": without("gate-shop-protection"),
            "administrators are exempt": sets("gate-shop-protection", enforceAdmins=False),
            "force push": sets("gate-payments-protection", allowsForcePushes=True),
            "deletion": sets("gate-security-protection", allowsDeletions=True),
            "somebody force-pushes": sets("gate-shop-protection", forcePushBypassers=["/mallory"]),
            "no pull request": sets("gate-shop-protection", requiredPullRequestReviews=[]),
            "somebody needs no pull request": inputs(
                "gate-shop-protection",
                lambda i: i["requiredPullRequestReviews"][0].update(
                    pullRequestBypassers=["/mallory"]
                ),
            ),
            "another branch": sets("gate-shop-protection", pattern="develop"),
            "vacuous: locked": sets("gate-shop-protection", lockBranch=True),
            "vacuous: a classic review": inputs(
                "gate-shop-protection",
                lambda i: i["requiredPullRequestReviews"][0].update(requiredApprovingReviewCount=1),
            ),
            "vacuous: a classic check": sets(
                "gate-shop-protection", requiredStatusChecks=[{"contexts": ["unit"]}]
            ),
        },
        "the_app_is_the_only_bypass": {
            "always": bypass(bypassMode="always"),
            "exempt": bypass(bypassMode="exempt"),
            "another App": bypass(actorId=900_009),
            "a team": bypass(actorType="Team"),
            "Actions": both(bypass(actorId=15_368), facts(lambda _: {"app": 15_368})),
            "somebody else besides": inputs(
                "gate-shop-gate",
                lambda i: i["bypassActors"].append(
                    {"actorType": "OrganizationAdmin", "actorId": 1, "bypassMode": "always"}
                ),
            ),
            "a bypass of the floor": sets("gate-shop-floor", bypassActors=[APP]),
            "a bypass of the keepers' repository": sets("gate-security-floor", bypassActors=[APP]),
            "the repository of the workflow that enters is no keeper's": facts(
                lambda known: {
                    "repositories": [replace(r, keeper=False) for r in known.repositories]
                }
            ),
            "the workflow of another organisation": workflow(repository="other-org/security"),
            "the workflow of a repository that is not listed": workflow(
                repository="example-org/tools"
            ),
            "no floor": without("gate-payments-floor"),
            "a floor that only looks": sets("gate-payments-floor", enforcement="evaluate"),
            "a floor of another branch": inputs(
                "gate-payments-floor",
                lambda i: i["conditions"]["refName"].update(includes=["refs/heads/develop"]),
            ),
            "a floor with a hole": inputs(
                "gate-payments-floor",
                lambda i: i["conditions"]["refName"].update(excludes=["refs/heads/ma*"]),
            ),
            "an unpinned check": inputs(
                "gate-payments-floor",
                lambda i: i["rules"]["requiredStatusChecks"]["requiredChecks"][0].pop(
                    "integrationId"
                ),
            ),
            "a check is gone": inputs(
                "gate-payments-floor",
                lambda i: i["rules"]["requiredStatusChecks"]["requiredChecks"].pop(),
            ),
            "history can be rewritten": inputs(
                "gate-payments-floor", lambda i: i["rules"].update(nonFastForward=False)
            ),
            "pushes go in": inputs("gate-payments-floor", lambda i: i["rules"].pop("pullRequest")),
            "fewer reviews": inputs(
                "gate-security-floor",
                lambda i: i["rules"]["pullRequest"].update(requiredApprovingReviewCount=1),
            ),
            "the gate is gone": without("gate-shop-gate"),
            "vacuous: nobody skips": sets("gate-shop-gate", bypassActors=[]),
            "vacuous: the floor holds what may be skipped": inputs(
                "gate-shop-floor",
                lambda i: i["rules"]["requiredStatusChecks"]["requiredChecks"].append(
                    {"context": "unit"}
                ),
            ),
        },
        "keepers_and_actors_are_disjoint": {
            "a person twice": facts(
                lambda known: {"people": [*known.people, Person("ada", "keeper")]}
            ),
            "one login, two people": person("joan", github="ADA-example"),
            "one Identity Center user": person("joan", identity_center="ada@example.com"),
            "a keeper whom Identity Center calls as IAM calls an actor": person(
                "joan", identity_center="ada"
            ),
            "two actors of one source identity": person("linus", iam_user="Grace"),
            "a keeper enters": person("ada", side="keeper"),
            "one pipeline": pipeline("edge", "arn:aws:iam::222222222222:role/ci-keeper"),
            "pipelines in one account": pipeline("edge", f"arn:aws:iam::{LOGGING}:role/ci-edge"),
            "the keepers' pipeline in a workload": pipeline(
                "keeper", f"arn:aws:iam::{SHOP}:role/ci-keeper"
            ),
            "one deployer": facts(
                lambda known: {
                    "accounts": [
                        replace(a, deployer=known.accounts[1].deployer) for a in known.accounts
                    ]
                }
            ),
            "an account on both sides": facts(
                lambda known: {
                    "accounts": [*known.accounts, replace(known.accounts[1], side="edge")]
                }
            ),
            "a resource in an unknown account": moved("witness-pull", "777777777777"),
            "vacuous: no keeper": facts(
                lambda known: {"people": [p for p in known.people if p.side == "edge"]}
            ),
        },
        "nobody_outside_enters_a_keeper_account": {
            "logging is open": without(f"guardrails-entrants-{LOGGING}-{LOGGING}"),
            "the witness is open": without("guardrails-entrants-333333333333-333333333333"),
            "a wildcard account": statement(
                f"guardrails-entrants-{LOGGING}",
                "OnlyKeepersEnter",
                lambda body: body["Condition"].update(
                    ArnNotLike={"aws:PrincipalArn": "arn:aws:iam::*:role/*"}
                ),
            ),
            "management enters": statement(
                f"guardrails-entrants-{BROKER}",
                "OnlyKeepersEnter",
                lambda body: body["Condition"]["ArnNotLike"]["aws:PrincipalArn"].append(
                    "arn:aws:iam::111111111111:role/*"
                ),
            ),
            "vacuous: the pipeline is out": statement(
                "guardrails-entrants-333333333333",
                "OnlyKeepersEnter",
                lambda body: body.pop("Condition"),
            ),
            "vacuous: services are out": drops_condition(
                f"guardrails-entrants-{LOGGING}",
                "OnlyKeepersEnter",
                "BoolIfExists",
                "aws:PrincipalIsAWSService",
            ),
        },
        "guardrails_bind_every_member": {
            "the path is open": without("guardrails-path-r-exam"),
            "a role named like the deployer": statement(
                "guardrails-path", "OnlyTheDeployerWritesKitPrincipals", wildcard_deployers
            ),
            "bound in one account only": sets("guardrails-path-r-exam", targetId=LOGGING),
            "PassRole": statement(
                "guardrails-path",
                "OnlyTheDeployerWritesKitPrincipals",
                lambda body: body["Action"].remove("iam:Update*"),
            ),
            "rules can be switched off": statement(
                "guardrails-record",
                "OnlyTheDeployerWritesKitResources",
                lambda body: body["Action"].remove("events:Disable*"),
            ),
            "queues are forgotten": statement(
                "guardrails-record",
                "OnlyTheDeployerWritesKitResources",
                lambda body: body["Resource"].remove("arn:aws:sqs:*:*:break-glass-*"),
            ),
            "the hub can be opened": drops_statement(
                "guardrails-record", "OnlyTheDeployerOpensTheHub"
            ),
            "trails can be narrowed": drops_statement(
                "guardrails-trails", "OnlyTheDeployerChangesTrails"
            ),
            "trails can be stopped": drops_statement("guardrails-trails", "NobodyEndsTheRecord"),
            "keys can be ended": drops_statement("guardrails-keys", "NobodyEndsAKey"),
            "keys can be shared": drops_statement("guardrails-keys", "OnlyTheDeployerChangesKeys"),
            "accounts can leave": drops_statement("guardrails-sight", "NobodyLeaves"),
            "all regions are open": drops_statement("guardrails-sight", "OnlyWatchedRegions"),
            "root writes records": drops_statement(
                "guardrails-records", "OnlyServicesWriteRecords"
            ),
            "root drops the vault's policy": drops_statement(
                "guardrails-records", "OnlyTheDeployerSetsUp"
            ),
            "the witness is not guarded": without("guardrails-records-333333333333"),
            "vacuous: the deployer is bound too": statement(
                "guardrails-path",
                "OnlyTheDeployerWritesKitPrincipals",
                lambda body: body.pop("Condition"),
            ),
            "vacuous: nothing works any more": denies("guardrails-sight", Action="*", Resource="*"),
            "vacuous: every key is the kit's": statement(
                "guardrails-keys", "NobodyEndsAKey", lambda body: body.pop("Condition")
            ),
        },
    }
)

MUTANTS_OF_MINIMAL = {"every_page_call_reaches_the_pager"}
"""Two accounts in one region are enough for these, and twenty times as fast."""

TABLE = [
    pytest.param(name, mutation, id=f"{name}: {what}")
    for name, mutations in MUTANTS.items()
    for what, mutation in mutations.items()
]


def test_every_invariant_has_mutants_and_a_vacuous_one() -> None:
    assert set(MUTANTS) == set(INVARIANTS)
    pagers = {name for name in INVARIANTS if "_reaches_the_" in name}
    for name, mutations in MUTANTS.items():
        # that an event reaches the pager is itself the intended use
        assert name in pagers or any(what.startswith("vacuous") for what in mutations), name


@pytest.mark.parametrize(("name", "mutation"), TABLE)
def test_a_mutant_is_killed(name: str, mutation: Mutation, example: Graph, minimal: Graph) -> None:
    graph = minimal if name in MUTANTS_OF_MINIMAL else example
    finding = INVARIANTS[name](mutation(graph))
    assert finding.verdict is Outcome.BROKEN, finding
    assert finding.reason
    assert finding.evidence


@pytest.mark.parametrize(
    "mutation",
    [
        pytest.param(without("watch-page-https-0"), id="one of two listens"),
        pytest.param(
            pattern("forwarding-payments-eu-central-1-kit-1", lambda p: p["source"].pop()),
            id="one source in one region of one account",
        ),
        pytest.param(
            statement(
                "guardrails-sight",
                "OnlyWatchedRegions",
                lambda body: body["Condition"]["StringNotEquals"]["aws:RequestedRegion"].remove(
                    "eu-west-1"
                ),
            ),
            id="a guardrail in the way of the hub's region",
        ),
    ],
)
def test_a_page_that_is_lost_in_the_example_is_missed(mutation: Mutation, example: Graph) -> None:
    finding = INVARIANTS["every_page_call_reaches_the_pager"](mutation(example))
    assert finding.verdict is Outcome.BROKEN
    assert "rings nobody" in finding.reason


WELL = {
    "an alarm in the unit of its metric": sets("watch-page-waiting", unit="Seconds"),
    "an alarm over its own account's metrics": inputs(
        "forwarding-shop-eu-central-1-undelivered",
        lambda i: [q.update(accountId=SHOP) for q in metrics(i)],
    ),
    "dead letters of the page queue": sets(
        "watch-page-dead-letters-queue",
        redriveAllowPolicy=json.dumps({"redrivePermission": "byQueue", "sourceQueueArns": [PAGES]}),
    ),
    "every day": inputs(
        "vault-table", lambda i: i["parameters"].update({"projection.day.interval": "1"})
    ),
    "its own catalogue": sets("vault-table", catalogId=LOGGING),
    "a workgroup that is on": sets("vault-workgroup", state="ENABLED"),
    "the kit hears of each record": added(
        "aws:s3/bucketNotification:BucketNotification",
        "more",
        VAULT,
        bucket=VAULT_ARN.rpartition(":")[2],
        queues=[{"queueArn": PAGES}],
    ),
}
"""The twins of mutants that are set up wrong."""


@pytest.mark.parametrize("what", WELL)
def test_what_is_set_up_as_it_must_be_holds(what: str, example: Graph) -> None:
    graph = WELL[what](example)
    for name in (
        "the_alarms_way_is_watched",
        "the_record_can_be_queried",
        "vault_is_elsewhere_and_locked",
    ):
        assert INVARIANTS[name](graph).verdict is Outcome.HOLDS


def test_an_environment_of_another_name_may_be_open(example: Graph) -> None:
    kind = "github:index/repositoryEnvironment:RepositoryEnvironment"
    more = added(kind, "more", "gate-shop-protection", repository="shop", environment="preview")
    assert INVARIANTS["deployment_gates_hold"](more(example)).verdict is Outcome.HOLDS


def test_a_gate_more_than_the_rulesets_hold_is_missed(example: Graph) -> None:
    gate = Gate("licences", "check", skippable=False, context="licences", integration_id=7)
    mutant = facts(
        lambda known: {
            "repositories": [replace(r, gates=[*r.gates, gate]) for r in known.repositories]
        }
    )(example)
    finding = INVARIANTS["the_app_is_the_only_bypass"](mutant)
    assert finding.verdict is Outcome.BROKEN
    assert "does not hold licences" in finding.reason
