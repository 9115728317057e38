# ruff: noqa: A002, ARG002, S105 - the protocol's parameter names; a type token is no password
"""CloudWatch: metric alarms."""

from breakglass.rehearsal.resources.handlers.base import (
    Cloud,
    Handler,
    Inputs,
    given,
    removed,
    tag_list,
    tag_map,
)

# property, API parameter
_SETTINGS = (
    ("actionsEnabled", "ActionsEnabled"),
    ("alarmActions", "AlarmActions"),
    ("alarmDescription", "AlarmDescription"),
    ("comparisonOperator", "ComparisonOperator"),
    ("datapointsToAlarm", "DatapointsToAlarm"),
    ("evaluateLowSampleCountPercentiles", "EvaluateLowSampleCountPercentile"),
    ("evaluationPeriods", "EvaluationPeriods"),
    ("extendedStatistic", "ExtendedStatistic"),
    ("insufficientDataActions", "InsufficientDataActions"),
    ("metricName", "MetricName"),
    ("namespace", "Namespace"),
    ("okActions", "OKActions"),
    ("period", "Period"),
    ("statistic", "Statistic"),
    ("threshold", "Threshold"),
    ("thresholdMetricId", "ThresholdMetricId"),
    ("treatMissingData", "TreatMissingData"),
    ("unit", "Unit"),
)
_QUERY = (
    ("id", "Id"),
    ("accountId", "AccountId"),
    ("expression", "Expression"),
    ("label", "Label"),
    ("period", "Period"),
    ("returnData", "ReturnData"),
)


class MetricAlarm(Handler):
    """aws.cloudwatch.MetricAlarm."""

    token = "aws:cloudwatch/metricAlarm:MetricAlarm"
    name_property = "name"
    replace_on = frozenset({"name", "region"})
    no_value = frozenset(
        {"evaluationCriteria", "evaluationInterval", "evaluationWindow", "warmUpConfiguration"}
    )
    unordered = frozenset({"alarmActions", "insufficientDataActions", "okActions"})

    def create(self, cloud: Cloud, inputs: Inputs) -> str:
        """Put the alarm."""
        cloud.client("cloudwatch").put_metric_alarm(
            Tags=tag_list(cloud.tags(inputs)), **_alarm(inputs)
        )
        return str(inputs["name"])

    def read(self, cloud: Cloud, id: str, inputs: Inputs) -> Inputs | None:
        """Return the alarm."""
        cloudwatch = cloud.client("cloudwatch")
        found = cloudwatch.describe_alarms(AlarmNames=[id])["MetricAlarms"]
        if not found:
            return None
        alarm = found[0]
        tags = cloudwatch.list_tags_for_resource(ResourceARN=alarm["AlarmArn"])["Tags"]
        return {
            **{name: alarm.get(api) for name, api in _SETTINGS},
            "name": alarm["AlarmName"],
            "arn": alarm["AlarmArn"],
            "dimensions": _shown_dimensions(alarm.get("Dimensions")),
            "metricQueries": [_shown_query(query) for query in alarm.get("Metrics", ())],
            "treatMissingData": alarm.get("TreatMissingData", "missing"),
            "tagsAll": tag_map(tags),
        }

    def update(self, cloud: Cloud, id: str, inputs: Inputs, before: Inputs) -> None:
        """Put the alarm whole."""
        cloudwatch = cloud.client("cloudwatch")
        cloudwatch.put_metric_alarm(**_alarm(inputs))
        arn = cloudwatch.describe_alarms(AlarmNames=[id])["MetricAlarms"][0]["AlarmArn"]
        tags = cloud.tags(inputs)
        gone = removed(cloud.tags(before), tags)
        if gone:  # moto knows no alarm that never had a tag
            cloudwatch.untag_resource(ResourceARN=arn, TagKeys=gone)
        if tags:
            cloudwatch.tag_resource(ResourceARN=arn, Tags=tag_list(tags))

    def delete(self, cloud: Cloud, id: str, inputs: Inputs) -> None:
        """Delete the alarm."""
        cloud.client("cloudwatch").delete_alarms(AlarmNames=[id])


def _alarm(inputs: Inputs) -> Inputs:
    return given(
        AlarmName=inputs["name"],
        Dimensions=_dimensions(inputs.get("dimensions")),
        Metrics=[_query(query) for query in inputs["metricQueries"]]
        if inputs.get("metricQueries")
        else None,
        **{api: inputs.get(name) for name, api in _SETTINGS},
    )


def _dimensions(dimensions: Inputs | None) -> list[Inputs] | None:
    if dimensions is None:
        return None
    return [{"Name": name, "Value": dimensions[name]} for name in sorted(dimensions)]


def _shown_dimensions(dimensions: list[Inputs] | None) -> Inputs:
    return {entry["Name"]: entry["Value"] for entry in dimensions or ()}


def _query(query: Inputs) -> Inputs:
    metric = query.get("metric")
    return given(
        MetricStat=given(
            Metric=given(
                Namespace=metric.get("namespace"),
                MetricName=metric["metricName"],
                Dimensions=_dimensions(metric.get("dimensions")),
            ),
            Period=metric["period"],
            Stat=metric["stat"],
            Unit=metric.get("unit"),
        )
        if metric
        else None,
        **{api: query.get(name) for name, api in _QUERY},
    )


def _shown_query(query: Inputs) -> Inputs:
    shown = {name: query.get(api) for name, api in _QUERY}
    stat = query.get("MetricStat")
    if stat:
        shown["metric"] = {
            "namespace": stat["Metric"].get("Namespace"),
            "metricName": stat["Metric"]["MetricName"],
            "dimensions": _shown_dimensions(stat["Metric"].get("Dimensions")),
            "period": stat["Period"],
            "stat": stat["Stat"],
            "unit": stat.get("Unit"),
        }
    return shown


HANDLERS = (MetricAlarm(),)
