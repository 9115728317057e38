"""What an account sends to the hub: the catalogue's rules in every enabled region."""

from collections.abc import Mapping, Sequence
from typing import NotRequired, TypedDict

import pulumi
from pulumi_aws import cloudwatch, iam, sqs

from breakglass import _alarms, names
from breakglass._arguments import check
from breakglass._component import PACKAGE, child_of, rendered
from breakglass.documents import trust, watch
from breakglass.quotas import QUOTAS, Quota, compact
from breakglass.tamper import rules


class ForwardingArgs(TypedDict):
    """Arguments of Forwarding."""

    account_id: str
    """Account that forwards, twelve digits: that of the provider."""
    home_region: str
    """Region of trails and hub."""
    regions: Sequence[str]
    """All enabled regions; each gets rules."""
    bus_arn: pulumi.Input[str]
    """ARN of the hub."""
    entry_users: NotRequired[Sequence[str]]
    """IAM users who may break the glass: their console sign-ins page; none when omitted."""
    permission_sets: NotRequired[Sequence[str]]
    """Identity Center permission sets through which people enter; none when omitted."""
    kms_key_arns: NotRequired[Sequence[str]]
    """KMS keys of the kit in this account, by full ARN: calls on them page; none when omitted."""
    quotas: NotRequired[Mapping[str, int]]
    """AWS quotas that were raised for the account, by their name in ``breakglass.quotas``."""


class Forwarding(pulumi.ComponentResource):
    """Rules in every region that put activations and tamper calls on the hub.

    Make it with the provider of the account that is watched, management included: SCPs do not bind
    that one, so what happens there must be seen fast.
    """

    forwarder_arn: pulumi.Output[str]
    """ARN of the role that the hub's policy must name."""

    def __init__(
        self, name: str, args: ForwardingArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__(f"{PACKAGE}:index:Forwarding", name, {}, opts)
        check(ForwardingArgs, args)

        role, permission = self._forwarder(name, args)
        for region in args["regions"]:
            self._region(name, args, region, role, permission)

        self.forwarder_arn = role.arn
        self.register_outputs({"forwarderArn": self.forwarder_arn})

    def _forwarder(self, name: str, args: ForwardingArgs) -> tuple[iam.Role, iam.RolePolicy]:
        """The role with which EventBridge puts events on a bus of another account."""
        role = iam.Role(
            f"{name}-forwarder",
            name=names.role("forwarder"),
            path=names.PATH,
            description="Puts activations and tamper calls on the hub",
            assume_role_policy=rendered(
                trust.service(watch.EVENTS, args["account_id"]),
                Quota.TRUST_POLICY,
                "trust of the forwarder",
                QUOTAS.override(args.get("quotas", {})),
            ),
            opts=child_of(self),
        )
        permission = iam.RolePolicy(
            f"{name}-forwarder-policy",
            name=names.policy("forward"),
            role=role.name,
            policy=pulumi.Output.json_dumps(
                pulumi.Output.from_input(args["bus_arn"]).apply(watch.forward)
            ),
            opts=child_of(self),
        )
        return role, permission

    def _region(
        self,
        name: str,
        args: ForwardingArgs,
        region: str,
        role: iam.Role,
        permission: iam.RolePolicy,
    ) -> None:
        """The rules of one region, each with the hub as target, and where lost events go."""
        account = args["account_id"]
        packed = _rules(args, region)
        dead = _alarms.queue(
            self,
            f"{name}-{region}-dead-letters",
            "undelivered",
            account=account,
            region=region,
            rule_arns=[names.rule_arn(region, account, rule.name) for rule in packed],
        )
        for one in packed:
            rule = cloudwatch.EventRule(
                f"{name}-{region}-{_alarms.short(one)}",
                name=one.name,
                event_pattern=compact(one.pattern),
                state=one.state.value,
                region=region,
                opts=child_of(self),
            )
            cloudwatch.EventTarget(
                f"{name}-{region}-{_alarms.short(one)}-target",
                rule=rule.name,
                target_id="hub",
                arn=args["bus_arn"],
                role_arn=role.arn,
                dead_letter_config=cloudwatch.EventTargetDeadLetterConfigArgs(arn=dead.arn),
                region=region,
                opts=child_of(self, after=[permission]),
            )
        self._alarm(name, region, [rule.name for rule in packed], dead)

    def _alarm(self, name: str, region: str, rule_names: Sequence[str], dead: sqs.Queue) -> None:
        """One alarm for what can go wrong on the way: an event given up, or a dead letter.

        It has no action: an alarm can only call a topic of its own region. Its change of state is
        an event, and a forwarding rule takes that to the hub.
        """
        failed = [
            _metric(f"failed{index}", "FailedInvocations", "AWS/Events", {"RuleName": rule})
            for index, rule in enumerate(rule_names)
        ]
        letters = _metric(
            "letters", "ApproximateNumberOfMessagesVisible", "AWS/SQS", {"QueueName": dead.name}
        )
        lost = cloudwatch.MetricAlarmMetricQueryArgs(
            id="lost", expression="SUM(METRICS())", label="Events lost", return_data=True
        )
        cloudwatch.MetricAlarm(
            f"{name}-{region}-undelivered",
            name=names.alarm("undelivered"),
            alarm_description="An event of the break-glass path did not reach the hub",
            metric_queries=[lost, *failed, letters],
            comparison_operator="GreaterThanThreshold",
            threshold=0,
            evaluation_periods=1,
            treat_missing_data="notBreaching",
            region=region,
            opts=child_of(self),
        )


def _rules(args: ForwardingArgs, region: str) -> tuple[rules.PackedRule, ...]:
    """The rules that this region needs: its keys are its own."""
    keys = [arn for arn in args.get("kms_key_arns", []) if arn.split(":")[3] == region]
    return _alarms.packed(rules.region_class(region, args["home_region"]), args, keys)


def _metric(
    query: str, metric: str, namespace: str, dimensions: dict[str, pulumi.Input[str]]
) -> cloudwatch.MetricAlarmMetricQueryArgs:
    """One metric of the alarm's sum, by the minute."""
    return cloudwatch.MetricAlarmMetricQueryArgs(
        id=query,
        metric=cloudwatch.MetricAlarmMetricQueryMetricArgs(
            metric_name=metric,
            namespace=namespace,
            dimensions=dimensions,
            period=60,
            stat="Maximum" if namespace == "AWS/SQS" else "Sum",
        ),
    )
