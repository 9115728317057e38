# ruff: noqa: A002, ARG002, S105 - the protocol's parameter names; a type token is no password
"""Organizations: policies and where they are attached."""

from breakglass.rehearsal.resources.handlers.base import (
    Answer,
    Cloud,
    Handler,
    Inputs,
    removed,
    tag_list,
    tag_map,
    unless_missing,
)

_GONE = "PolicyNotFoundException"


def _organizations(cloud: Cloud) -> Answer:
    return cloud.client("organizations", region="us-east-1")


class Policy(Handler):
    """aws.organizations.Policy."""

    token = "aws:organizations/policy:Policy"
    name_property = "name"
    replace_on = frozenset({"type"})
    no_value = frozenset({"skipDestroy"})

    def create(self, cloud: Cloud, inputs: Inputs) -> str:
        """Create the policy."""
        made = _organizations(cloud).create_policy(
            Name=inputs["name"],
            Content=inputs["content"],
            Description=inputs.get("description", ""),
            Type=inputs.get("type", "SERVICE_CONTROL_POLICY"),
            Tags=tag_list(cloud.tags(inputs)),
        )
        return str(made["Policy"]["PolicySummary"]["Id"])

    def read(self, cloud: Cloud, id: str, inputs: Inputs) -> Inputs | None:
        """Return the policy."""
        organizations = _organizations(cloud)
        found = unless_missing(lambda: organizations.describe_policy(PolicyId=id), _GONE)
        if found is None:
            return None
        summary = found["Policy"]["PolicySummary"]
        tags = organizations.list_tags_for_resource(ResourceId=id)["Tags"]
        return {
            "arn": summary["Arn"],
            "name": summary["Name"],
            "description": summary.get("Description", ""),
            "type": summary["Type"],
            "content": found["Policy"]["Content"],
            "tagsAll": tag_map(tags),
        }

    def update(self, cloud: Cloud, id: str, inputs: Inputs, before: Inputs) -> None:
        """Change name, description, content and tags."""
        organizations = _organizations(cloud)
        organizations.update_policy(
            PolicyId=id,
            Name=inputs["name"],
            Description=inputs.get("description", ""),
            Content=inputs["content"],
        )
        tags = cloud.tags(inputs)
        organizations.untag_resource(ResourceId=id, TagKeys=removed(cloud.tags(before), tags))
        organizations.tag_resource(ResourceId=id, Tags=tag_list(tags))

    def delete(self, cloud: Cloud, id: str, inputs: Inputs) -> None:
        """Delete the policy."""
        _organizations(cloud).delete_policy(PolicyId=id)


class PolicyAttachment(Handler):
    """aws.organizations.PolicyAttachment; the id is ``target:policy``."""

    token = "aws:organizations/policyAttachment:PolicyAttachment"
    replace_on = frozenset({"policyId", "targetId"})
    no_value = frozenset({"skipDestroy"})

    def create(self, cloud: Cloud, inputs: Inputs) -> str:
        """Attach the policy."""
        target, policy = inputs["targetId"], inputs["policyId"]
        _organizations(cloud).attach_policy(PolicyId=policy, TargetId=target)
        return f"{target}:{policy}"

    def read(self, cloud: Cloud, id: str, inputs: Inputs) -> Inputs | None:
        """Return the attachment if the target still has it."""
        target, policy = id.split(":", 1)
        organizations = _organizations(cloud)
        found = unless_missing(
            lambda: organizations.list_targets_for_policy(PolicyId=policy), _GONE
        )
        targets = [] if found is None else found["Targets"]
        if not any(entry["TargetId"] == target for entry in targets):
            return None
        return {"policyId": policy, "targetId": target}

    def update(self, cloud: Cloud, id: str, inputs: Inputs, before: Inputs) -> None:
        """Do nothing: every input replaces."""

    def delete(self, cloud: Cloud, id: str, inputs: Inputs) -> None:
        """Detach the policy."""
        target, policy = id.split(":", 1)
        _organizations(cloud).detach_policy(PolicyId=policy, TargetId=target)


HANDLERS = (Policy(), PolicyAttachment())
