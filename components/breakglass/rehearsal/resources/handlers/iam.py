# ruff: noqa: A002, ARG002, S105 - the protocol's parameter names; a type token is no password
"""IAM: roles and their policies, managed policies, OIDC providers."""

import json
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

_GONE = "NoSuchEntity"
MOST_VERSIONS = 5
"""Of a managed policy (IAM user guide, quotas)."""


def _iam(cloud: Cloud) -> Answer:
    return cloud.client("iam", region="us-east-1")


class Role(Handler):
    """aws.iam.Role; ``inlinePolicies`` and ``managedPolicyArns`` have resources of their own."""

    token = "aws:iam/role:Role"
    name_property = "name"
    replace_on = frozenset({"name", "namePrefix", "path"})
    no_value = frozenset({"namePrefix", "inlinePolicies", "managedPolicyArns"})
    provider_only: ClassVar = {"forceDetachPolicies": False}

    def create(self, cloud: Cloud, inputs: Inputs) -> str:
        """Create the role with its boundary in one call."""
        _iam(cloud).create_role(
            RoleName=inputs["name"],
            AssumeRolePolicyDocument=inputs["assumeRolePolicy"],
            MaxSessionDuration=inputs.get("maxSessionDuration", 3600),
            Path=inputs.get("path", "/"),
            Tags=tag_list(cloud.tags(inputs)),
            **given(
                Description=inputs.get("description"),
                PermissionsBoundary=inputs.get("permissionsBoundary"),
            ),
        )
        return str(inputs["name"])

    def read(self, cloud: Cloud, id: str, inputs: Inputs) -> Inputs | None:
        """Return the role as IAM describes it."""
        found = unless_missing(lambda: _iam(cloud).get_role(RoleName=id), _GONE)
        if found is None:
            return None
        role = found["Role"]
        return {
            "arn": role["Arn"],
            "assumeRolePolicy": json.dumps(role["AssumeRolePolicyDocument"]),
            "createDate": role["CreateDate"].isoformat(),
            "description": role.get("Description", ""),
            "maxSessionDuration": role.get("MaxSessionDuration", 3600),
            "name": role["RoleName"],
            "path": role["Path"],
            "permissionsBoundary": role.get("PermissionsBoundary", {}).get(
                "PermissionsBoundaryArn"
            ),
            "tagsAll": tag_map(role.get("Tags", ())),
            "uniqueId": role["RoleId"],
        }

    def update(self, cloud: Cloud, id: str, inputs: Inputs, before: Inputs) -> None:
        """Change trust, description, session length, boundary and tags."""
        iam = _iam(cloud)
        iam.update_assume_role_policy(RoleName=id, PolicyDocument=inputs["assumeRolePolicy"])
        iam.update_role(
            RoleName=id,
            Description=inputs.get("description", ""),
            MaxSessionDuration=inputs.get("maxSessionDuration", 3600),
        )
        boundary = inputs.get("permissionsBoundary")
        if boundary is not None:
            iam.put_role_permissions_boundary(RoleName=id, PermissionsBoundary=boundary)
        elif before.get("permissionsBoundary") is not None:
            iam.delete_role_permissions_boundary(RoleName=id)
        tags = cloud.tags(inputs)
        iam.untag_role(RoleName=id, TagKeys=removed(cloud.tags(before), tags))
        iam.tag_role(RoleName=id, Tags=tag_list(tags))

    def delete(self, cloud: Cloud, id: str, inputs: Inputs) -> None:
        """Delete the role; with ``forceDetachPolicies`` its policies too."""
        iam = _iam(cloud)
        if inputs.get("forceDetachPolicies"):
            for attached in iam.list_attached_role_policies(RoleName=id)["AttachedPolicies"]:
                iam.detach_role_policy(RoleName=id, PolicyArn=attached["PolicyArn"])
            for name in iam.list_role_policies(RoleName=id)["PolicyNames"]:
                iam.delete_role_policy(RoleName=id, PolicyName=name)
        iam.delete_role(RoleName=id)


class RolePolicy(Handler):
    """aws.iam.RolePolicy; the id is ``role:name``."""

    token = "aws:iam/rolePolicy:RolePolicy"
    name_property = "name"
    replace_on = frozenset({"name", "namePrefix", "role"})
    no_value = frozenset({"namePrefix"})

    def create(self, cloud: Cloud, inputs: Inputs) -> str:
        """Put the inline policy."""
        _iam(cloud).put_role_policy(
            RoleName=inputs["role"],
            PolicyName=inputs["name"],
            PolicyDocument=inputs["policy"],
        )
        return f"{inputs['role']}:{inputs['name']}"

    def read(self, cloud: Cloud, id: str, inputs: Inputs) -> Inputs | None:
        """Return the document."""
        role, name = id.split(":", 1)
        found = unless_missing(
            lambda: _iam(cloud).get_role_policy(RoleName=role, PolicyName=name), _GONE
        )
        if found is None:
            return None
        return {"role": role, "name": name, "policy": json.dumps(found["PolicyDocument"])}

    def update(self, cloud: Cloud, id: str, inputs: Inputs, before: Inputs) -> None:
        """Put the new document."""
        self.create(cloud, inputs)

    def delete(self, cloud: Cloud, id: str, inputs: Inputs) -> None:
        """Delete the inline policy."""
        role, name = id.split(":", 1)
        _iam(cloud).delete_role_policy(RoleName=role, PolicyName=name)


class Policy(Handler):
    """aws.iam.Policy; the id is the ARN."""

    token = "aws:iam/policy:Policy"
    name_property = "name"
    replace_on = frozenset({"name", "namePrefix", "path", "description"})
    no_value = frozenset({"namePrefix", "delayAfterPolicyCreationInMs"})

    def create(self, cloud: Cloud, inputs: Inputs) -> str:
        """Create the managed policy."""
        made = _iam(cloud).create_policy(
            PolicyName=inputs["name"],
            PolicyDocument=inputs["policy"],
            Path=inputs.get("path", "/"),
            Tags=tag_list(cloud.tags(inputs)),
            **given(Description=inputs.get("description")),
        )
        return str(made["Policy"]["Arn"])

    def read(self, cloud: Cloud, id: str, inputs: Inputs) -> Inputs | None:
        """Return the policy with its default version."""
        iam = _iam(cloud)
        found = unless_missing(lambda: iam.get_policy(PolicyArn=id), _GONE)
        if found is None:
            return None
        policy = found["Policy"]
        version = iam.get_policy_version(PolicyArn=id, VersionId=policy["DefaultVersionId"])
        return {
            "arn": id,
            "attachmentCount": policy["AttachmentCount"],
            "description": policy.get("Description", ""),
            "name": policy["PolicyName"],
            "path": policy["Path"],
            "policy": json.dumps(version["PolicyVersion"]["Document"]),
            "policyId": policy["PolicyId"],
            "tagsAll": tag_map(policy.get("Tags", ())),
        }

    def update(self, cloud: Cloud, id: str, inputs: Inputs, before: Inputs) -> None:
        """Make a new default version; the oldest goes when there would be too many."""
        iam = _iam(cloud)
        if inputs["policy"] != before.get("policy"):
            old = self._other_versions(iam, id)
            if len(old) >= MOST_VERSIONS - 1:
                iam.delete_policy_version(PolicyArn=id, VersionId=old[0])
            iam.create_policy_version(
                PolicyArn=id, PolicyDocument=inputs["policy"], SetAsDefault=True
            )
        tags = cloud.tags(inputs)
        iam.untag_policy(PolicyArn=id, TagKeys=removed(cloud.tags(before), tags))
        iam.tag_policy(PolicyArn=id, Tags=tag_list(tags))

    def delete(self, cloud: Cloud, id: str, inputs: Inputs) -> None:
        """Delete all versions and the policy."""
        iam = _iam(cloud)
        for version in self._other_versions(iam, id):
            iam.delete_policy_version(PolicyArn=id, VersionId=version)
        iam.delete_policy(PolicyArn=id)

    def _other_versions(self, iam: Answer, arn: str) -> list[str]:
        """Return the ids of the versions that are not the default one, oldest first."""
        versions = iam.list_policy_versions(PolicyArn=arn)["Versions"]
        others = [found["VersionId"] for found in versions if not found["IsDefaultVersion"]]
        return sorted(others, key=lambda version: int(version.removeprefix("v")))


class RolePolicyAttachment(Handler):
    """aws.iam.RolePolicyAttachment; the id is ``role/policy ARN``."""

    token = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
    replace_on = frozenset({"role", "policyArn"})

    def create(self, cloud: Cloud, inputs: Inputs) -> str:
        """Attach the policy."""
        role, arn = inputs["role"], inputs["policyArn"]
        _iam(cloud).attach_role_policy(RoleName=role, PolicyArn=arn)
        return f"{role}/{arn}"

    def read(self, cloud: Cloud, id: str, inputs: Inputs) -> Inputs | None:
        """Return the attachment if the role still has it."""
        role, arn = id.split("/", 1)
        iam = _iam(cloud)
        found = unless_missing(lambda: iam.list_attached_role_policies(RoleName=role), _GONE)
        attached = [] if found is None else found["AttachedPolicies"]
        if not any(policy["PolicyArn"] == arn for policy in attached):
            return None
        return {"role": role, "policyArn": arn}

    def update(self, cloud: Cloud, id: str, inputs: Inputs, before: Inputs) -> None:
        """Do nothing: every input replaces."""

    def delete(self, cloud: Cloud, id: str, inputs: Inputs) -> None:
        """Detach the policy."""
        role, arn = id.split("/", 1)
        _iam(cloud).detach_role_policy(RoleName=role, PolicyArn=arn)


class OpenIdConnectProvider(Handler):
    """aws.iam.OpenIdConnectProvider; IAM keeps its URL without ``https://``."""

    token = "aws:iam/openIdConnectProvider:OpenIdConnectProvider"
    replace_on = frozenset({"url"})
    unordered = frozenset({"clientIdLists", "thumbprintLists"})

    def create(self, cloud: Cloud, inputs: Inputs) -> str:
        """Create the provider."""
        made = _iam(cloud).create_open_id_connect_provider(
            Url=inputs["url"],
            ClientIDList=inputs["clientIdLists"],
            Tags=tag_list(cloud.tags(inputs)),
            **given(ThumbprintList=inputs.get("thumbprintLists")),
        )
        return str(made["OpenIDConnectProviderArn"])

    def read(self, cloud: Cloud, id: str, inputs: Inputs) -> Inputs | None:
        """Return the provider."""
        found = unless_missing(
            lambda: _iam(cloud).get_open_id_connect_provider(OpenIDConnectProviderArn=id), _GONE
        )
        if found is None:
            return None
        return {
            "arn": id,
            "url": found["Url"],
            "clientIdLists": found["ClientIDList"],
            "thumbprintLists": found.get("ThumbprintList", []),
            "tagsAll": tag_map(found.get("Tags", ())),
        }

    def update(self, cloud: Cloud, id: str, inputs: Inputs, before: Inputs) -> None:
        """Change thumbprints, audiences and tags."""
        iam = _iam(cloud)
        if "thumbprintLists" in inputs:
            iam.update_open_id_connect_provider_thumbprint(
                OpenIDConnectProviderArn=id, ThumbprintList=inputs["thumbprintLists"]
            )
        wanted, present = set(inputs["clientIdLists"]), set(before["clientIdLists"])
        for audience in sorted(wanted - present):
            iam.add_client_id_to_open_id_connect_provider(
                OpenIDConnectProviderArn=id, ClientID=audience
            )
        for audience in sorted(present - wanted):
            iam.remove_client_id_from_open_id_connect_provider(
                OpenIDConnectProviderArn=id, ClientID=audience
            )
        tags = cloud.tags(inputs)
        iam.untag_open_id_connect_provider(
            OpenIDConnectProviderArn=id, TagKeys=removed(cloud.tags(before), tags)
        )
        iam.tag_open_id_connect_provider(OpenIDConnectProviderArn=id, Tags=tag_list(tags))

    def delete(self, cloud: Cloud, id: str, inputs: Inputs) -> None:
        """Delete the provider."""
        _iam(cloud).delete_open_id_connect_provider(OpenIDConnectProviderArn=id)

    def normal(self, name: str, value: object) -> object:
        """Compare URLs without their scheme."""
        return str(value).removeprefix("https://") if name == "url" else value


HANDLERS = (Role(), RolePolicy(), Policy(), RolePolicyAttachment(), OpenIdConnectProvider())
