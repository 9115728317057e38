# ruff: noqa: A002, ARG002, S105 - the protocol's parameter names; a type token is no password
"""CloudTrail: trails."""

from breakglass.rehearsal.resources.handlers.base import (
    Cloud,
    Handler,
    Inputs,
    given,
    removed,
    tag_list,
    tag_map,
    unless_missing,
)

# property, API parameter, value when the program gives none
_SETTINGS = (
    ("s3BucketName", "S3BucketName", None),
    ("s3KeyPrefix", "S3KeyPrefix", None),
    ("snsTopicName", "SnsTopicName", None),
    ("includeGlobalServiceEvents", "IncludeGlobalServiceEvents", True),
    ("isMultiRegionTrail", "IsMultiRegionTrail", False),
    ("enableLogFileValidation", "EnableLogFileValidation", False),
    ("isOrganizationTrail", "IsOrganizationTrail", False),
    ("cloudWatchLogsGroupArn", "CloudWatchLogsLogGroupArn", None),
    ("cloudWatchLogsRoleArn", "CloudWatchLogsRoleArn", None),
    ("kmsKeyId", "KmsKeyId", None),
)
_FIELD_OPERATORS = {
    "equals": "Equals",
    "notEquals": "NotEquals",
    "startsWiths": "StartsWith",
    "notStartsWiths": "NotStartsWith",
    "endsWiths": "EndsWith",
    "notEndsWiths": "NotEndsWith",
}


class Trail(Handler):
    """aws.cloudtrail.Trail; the id is the ARN."""

    token = "aws:cloudtrail/trail:Trail"
    name_property = "name"
    replace_on = frozenset({"name", "region"})
    unordered = frozenset({"insightSelectors"})

    def create(self, cloud: Cloud, inputs: Inputs) -> str:
        """Create the trail, select its events, start it."""
        made = cloud.client("cloudtrail").create_trail(
            Name=inputs["name"], TagsList=tag_list(cloud.tags(inputs)), **_settings(inputs)
        )
        self._select(cloud, made["TrailARN"], inputs)
        self._switch(cloud, made["TrailARN"], inputs)
        return str(made["TrailARN"])

    def read(self, cloud: Cloud, id: str, inputs: Inputs) -> Inputs | None:
        """Return the trail with its selectors and whether it logs."""
        cloudtrail = cloud.client("cloudtrail")
        shown = cloudtrail.describe_trails(trailNameList=[id])["trailList"]
        trail = next((one for one in shown if one["TrailARN"] == id), None)  # moto shows all
        if trail is None:
            return None
        selectors = cloudtrail.get_event_selectors(TrailName=id)
        insights = unless_missing(
            lambda: cloudtrail.get_insight_selectors(TrailName=id), "InsightNotEnabledException"
        )
        tags = cloudtrail.list_tags(ResourceIdList=[id])["ResourceTagList"]
        return {
            **{name: trail.get(parameter, default) for name, parameter, default in _SETTINGS},
            "enableLogFileValidation": trail["LogFileValidationEnabled"],
            "name": trail["Name"],
            "arn": id,
            "homeRegion": trail.get("HomeRegion", id.split(":")[3]),
            "snsTopicArn": trail.get("SnsTopicARN"),
            "enableLogging": cloudtrail.get_trail_status(Name=id)["IsLogging"],
            "eventSelectors": [_shown(s) for s in selectors.get("EventSelectors", ())],
            "advancedEventSelectors": [
                _shown_advanced(s) for s in selectors.get("AdvancedEventSelectors", ())
            ],
            "insightSelectors": [
                {"insightType": selector["InsightType"]}
                for selector in (insights or {}).get("InsightSelectors", ())
            ],
            "tagsAll": tag_map(tags[0]["TagsList"]) if tags else {},
        }

    def update(self, cloud: Cloud, id: str, inputs: Inputs, before: Inputs) -> None:
        """Change settings, selectors, state and tags."""
        cloudtrail = cloud.client("cloudtrail")
        cloudtrail.update_trail(Name=id, **_settings(inputs))
        self._select(cloud, id, inputs)
        self._switch(cloud, id, inputs)
        tags = cloud.tags(inputs)
        old = [{"Key": key} for key in removed(cloud.tags(before), tags)]
        if old:
            cloudtrail.remove_tags(ResourceId=id, TagsList=old)
        if tags:
            cloudtrail.add_tags(ResourceId=id, TagsList=tag_list(tags))

    def delete(self, cloud: Cloud, id: str, inputs: Inputs) -> None:
        """Delete the trail."""
        cloud.client("cloudtrail").delete_trail(Name=id)

    def _select(self, cloud: Cloud, arn: str, inputs: Inputs) -> None:
        cloudtrail = cloud.client("cloudtrail")
        if inputs.get("advancedEventSelectors"):
            cloudtrail.put_event_selectors(
                TrailName=arn,
                AdvancedEventSelectors=[_advanced(s) for s in inputs["advancedEventSelectors"]],
            )
        elif inputs.get("eventSelectors"):
            cloudtrail.put_event_selectors(
                TrailName=arn, EventSelectors=[_selector(s) for s in inputs["eventSelectors"]]
            )
        if inputs.get("insightSelectors"):
            types = [{"InsightType": s["insightType"]} for s in inputs["insightSelectors"]]
            cloudtrail.put_insight_selectors(TrailName=arn, InsightSelectors=types)

    def _switch(self, cloud: Cloud, arn: str, inputs: Inputs) -> None:
        """Start or stop logging; a trail of Pulumi's logs unless told otherwise."""
        cloudtrail = cloud.client("cloudtrail")
        switch = cloudtrail.start_logging
        if not inputs.get("enableLogging", True):
            switch = cloudtrail.stop_logging
        switch(Name=arn)


def _settings(inputs: Inputs) -> Inputs:
    return given(**{api: inputs.get(name, default) for name, api, default in _SETTINGS})


def _selector(selector: Inputs) -> Inputs:
    return {
        "ReadWriteType": selector.get("readWriteType", "All"),
        "IncludeManagementEvents": selector.get("includeManagementEvents", True),
        "ExcludeManagementEventSources": selector.get("excludeManagementEventSources", []),
        "DataResources": [
            {"Type": resource["type"], "Values": resource["values"]}
            for resource in selector.get("dataResources", ())
        ],
    }


def _shown(selector: Inputs) -> Inputs:
    return {
        "readWriteType": selector.get("ReadWriteType", "All"),
        "includeManagementEvents": selector.get("IncludeManagementEvents", True),
        "excludeManagementEventSources": selector.get("ExcludeManagementEventSources", []),
        "dataResources": [
            {"type": resource["Type"], "values": resource["Values"]}
            for resource in selector.get("DataResources", ())
        ],
    }


def _advanced(selector: Inputs) -> Inputs:
    fields = [
        {
            "Field": field["field"],
            **{api: field[name] for name, api in _FIELD_OPERATORS.items() if field.get(name)},
        }
        for field in selector["fieldSelectors"]
    ]
    return given(Name=selector.get("name"), FieldSelectors=fields)


def _shown_advanced(selector: Inputs) -> Inputs:
    fields = [
        {
            "field": field["Field"],
            **{name: field[api] for name, api in _FIELD_OPERATORS.items() if field.get(api)},
        }
        for field in selector["FieldSelectors"]
    ]
    return {"name": selector.get("Name"), "fieldSelectors": fields}


HANDLERS = (Trail(),)
