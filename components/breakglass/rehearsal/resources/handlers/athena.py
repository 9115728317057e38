# ruff: noqa: A002, ARG002, S105 - the protocol's parameter names; a type token is no password
"""Athena: work groups."""

from typing import ClassVar

from breakglass.rehearsal.resources.handlers.base import (
    Cloud,
    Handler,
    Inputs,
    camel,
    given,
    pascal,
    tag_list,
    tag_map,
    unless_missing,
)

# where Pulumi and the API spell a key differently
_SPELLINGS = (
    ("PublishCloudwatchMetricsEnabled", "PublishCloudWatchMetricsEnabled"),
    ("EnforceWorkgroupConfiguration", "EnforceWorkGroupConfiguration"),
)


class Workgroup(Handler):
    """aws.athena.Workgroup; it runs nothing."""

    token = "aws:athena/workgroup:Workgroup"
    name_property = "name"
    replace_on = frozenset({"name", "region"})
    provider_only: ClassVar = {"forceDestroy": False}

    def create(self, cloud: Cloud, inputs: Inputs) -> str:
        """Create the work group."""
        cloud.client("athena").create_work_group(
            Name=inputs["name"],
            Tags=tag_list(cloud.tags(inputs)),
            Configuration=_configuration(inputs),
            **given(Description=inputs.get("description")),
        )
        return str(inputs["name"])

    def read(self, cloud: Cloud, id: str, inputs: Inputs) -> Inputs | None:
        """Return the work group."""
        athena = cloud.client("athena")
        found = unless_missing(
            lambda: athena.get_work_group(WorkGroup=id), "InvalidRequestException"
        )
        if found is None or "WorkGroup" not in found:
            return None
        group = found["WorkGroup"]
        arn = f"arn:aws:athena:{cloud.region}:{cloud.account}:workgroup/{id}"
        return {
            "arn": arn,
            "name": group["Name"],
            "description": group.get("Description"),
            "state": group["State"],
            "configuration": _shown_configuration(group.get("Configuration", {})),
            "tagsAll": tag_map(athena.list_tags_for_resource(ResourceARN=arn)["Tags"]),
        }

    def update(self, cloud: Cloud, id: str, inputs: Inputs, before: Inputs) -> None:
        """Change the work group: the emulator cannot, and says so."""
        updates = _configuration(inputs)
        if "ResultConfiguration" in updates:
            updates["ResultConfigurationUpdates"] = updates.pop("ResultConfiguration")
        cloud.client("athena").update_work_group(
            WorkGroup=id,
            ConfigurationUpdates=updates,
            **given(Description=inputs.get("description"), State=inputs.get("state")),
        )

    def delete(self, cloud: Cloud, id: str, inputs: Inputs) -> None:
        """Delete the work group, named queries included if the program says so."""
        cloud.client("athena").delete_work_group(
            WorkGroup=id, RecursiveDeleteOption=inputs.get("forceDestroy", False)
        )


def _configuration(inputs: Inputs) -> Inputs:
    configuration: Inputs = pascal(inputs.get("configuration", {}))
    for pulumi, api in _SPELLINGS:
        if pulumi in configuration:
            configuration[api] = configuration.pop(pulumi)
    encryption = configuration.get("ResultConfiguration", {}).get("EncryptionConfiguration")
    if encryption and "KmsKeyArn" in encryption:
        encryption["KmsKey"] = encryption.pop("KmsKeyArn")
    return configuration


def _shown_configuration(configuration: Inputs) -> Inputs:
    spelled = dict(configuration)
    for pulumi, api in _SPELLINGS:
        if api in spelled:
            spelled[pulumi] = spelled.pop(api)
    shown: Inputs = camel(spelled)
    encryption = shown.get("resultConfiguration", {}).get("encryptionConfiguration")
    if encryption and "kmsKey" in encryption:
        encryption["kmsKeyArn"] = encryption.pop("kmsKey")
    return shown


HANDLERS = (Workgroup(),)
