# ruff: noqa: A002, ARG002, S105 - the protocol's parameter names; a type token is no password
"""KMS: keys and aliases."""

from typing import ClassVar

from breakglass.rehearsal.resources.handlers.base import (
    Answer,
    Cloud,
    Handler,
    Inputs,
    given,
    removed,
    tag_list,
    tag_map,
    unless_missing,
)

_GONE = "NotFoundException"


class Key(Handler):
    """aws.kms.Key; deleting schedules its deletion."""

    token = "aws:kms/key:Key"
    replace_on = frozenset(
        {"customerMasterKeySpec", "customKeyStoreId", "keyUsage", "multiRegion", "region"}
    )
    no_value = frozenset({"customKeyStoreId", "xksKeyId"})
    provider_only: ClassVar = {
        "bypassPolicyLockoutSafetyCheck": False,
        "deletionWindowInDays": None,
    }

    def create(self, cloud: Cloud, inputs: Inputs) -> str:
        """Create the key, then rotation and state."""
        kms = cloud.client("kms")
        made = kms.create_key(
            Tags=tag_list(cloud.tags(inputs), key="TagKey", value="TagValue"),
            MultiRegion=inputs.get("multiRegion", False),
            BypassPolicyLockoutSafetyCheck=inputs.get("bypassPolicyLockoutSafetyCheck", False),
            **given(
                Description=inputs.get("description"),
                KeySpec=inputs.get("customerMasterKeySpec"),
                KeyUsage=inputs.get("keyUsage"),
                Policy=inputs.get("policy"),
            ),
        )
        key = str(made["KeyMetadata"]["KeyId"])
        self._switch(kms, key, inputs, {})
        return key

    def read(self, cloud: Cloud, id: str, inputs: Inputs) -> Inputs | None:
        """Return the key; one that waits for its deletion is gone."""
        kms = cloud.client("kms")
        found = unless_missing(lambda: kms.describe_key(KeyId=id), _GONE)
        if found is None or found["KeyMetadata"]["KeyState"] == "PendingDeletion":
            return None
        key = found["KeyMetadata"]
        rotation = unless_missing(
            lambda: kms.get_key_rotation_status(KeyId=id), "UnsupportedOperationException"
        )
        tags = kms.list_resource_tags(KeyId=id)["Tags"]
        return {
            "arn": key["Arn"],
            "keyId": id,
            "description": key.get("Description", ""),
            "customerMasterKeySpec": key["KeySpec"],
            "keyUsage": key.get("KeyUsage", "ENCRYPT_DECRYPT"),
            "multiRegion": key.get("MultiRegion", False),
            "isEnabled": key["Enabled"],
            "policy": kms.get_key_policy(KeyId=id, PolicyName="default")["Policy"],
            "enableKeyRotation": bool(rotation and rotation["KeyRotationEnabled"]),
            "rotationPeriodInDays": (rotation or {}).get("RotationPeriodInDays"),
            "tagsAll": tag_map(tags, key="TagKey", value="TagValue"),
        }

    def update(self, cloud: Cloud, id: str, inputs: Inputs, before: Inputs) -> None:
        """Change description, policy, rotation, state and tags."""
        kms = cloud.client("kms")
        kms.update_key_description(KeyId=id, Description=inputs.get("description", ""))
        if inputs.get("policy") and inputs["policy"] != before.get("policy"):
            kms.put_key_policy(KeyId=id, PolicyName="default", Policy=inputs["policy"])
        self._switch(kms, id, inputs, before)
        tags = cloud.tags(inputs)
        kms.untag_resource(KeyId=id, TagKeys=removed(cloud.tags(before), tags))
        kms.tag_resource(KeyId=id, Tags=tag_list(tags, key="TagKey", value="TagValue"))

    def delete(self, cloud: Cloud, id: str, inputs: Inputs) -> None:
        """Schedule the deletion, 30 days ahead unless told otherwise."""
        cloud.client("kms").schedule_key_deletion(
            KeyId=id, PendingWindowInDays=inputs.get("deletionWindowInDays") or 30
        )

    def _switch(self, kms: Answer, key: str, inputs: Inputs, before: Inputs) -> None:
        """Turn rotation and the key itself on or off where that changes."""
        if inputs.get("enableKeyRotation"):
            period = given(RotationPeriodInDays=inputs.get("rotationPeriodInDays"))
            kms.enable_key_rotation(KeyId=key, **period)
        elif before.get("enableKeyRotation"):
            kms.disable_key_rotation(KeyId=key)
        if inputs.get("isEnabled", True) == before.get("isEnabled", True):
            return
        switch = kms.enable_key if inputs.get("isEnabled", True) else kms.disable_key
        switch(KeyId=key)


class Alias(Handler):
    """aws.kms.Alias; the id is the name, ``alias/…``."""

    token = "aws:kms/alias:Alias"
    replace_on = frozenset({"name", "namePrefix", "region"})
    no_value = frozenset({"namePrefix"})

    def create(self, cloud: Cloud, inputs: Inputs) -> str:
        """Create the alias."""
        cloud.client("kms").create_alias(
            AliasName=inputs["name"], TargetKeyId=inputs["targetKeyId"]
        )
        return str(inputs["name"])

    def read(self, cloud: Cloud, id: str, inputs: Inputs) -> Inputs | None:
        """Return the alias."""
        pages = cloud.client("kms").get_paginator("list_aliases").paginate()
        aliases = (alias for page in pages for alias in page["Aliases"])
        alias = next((found for found in aliases if found["AliasName"] == id), None)
        if alias is None:
            return None
        key = alias["TargetKeyId"]
        return {
            "name": id,
            "arn": alias["AliasArn"],
            "targetKeyId": key,
            "targetKeyArn": f"arn:aws:kms:{cloud.region}:{cloud.account}:key/{key}",
        }

    def update(self, cloud: Cloud, id: str, inputs: Inputs, before: Inputs) -> None:
        """Aim the alias at another key."""
        cloud.client("kms").update_alias(AliasName=id, TargetKeyId=inputs["targetKeyId"])

    def delete(self, cloud: Cloud, id: str, inputs: Inputs) -> None:
        """Delete the alias."""
        cloud.client("kms").delete_alias(AliasName=id)

    def normal(self, name: str, value: object) -> object:
        """Compare keys by their id, given by ARN or not."""
        return str(value).rsplit("/", 1)[-1] if name == "targetKeyId" else value


HANDLERS = (Key(), Alias())
