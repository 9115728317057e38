# ruff: noqa: A002, ARG002, S105 - the protocol's parameter names; a type token is no password
"""EventBridge Pipes."""

from breakglass.rehearsal.resources.handlers.base import (
    Cloud,
    Handler,
    Inputs,
    camel,
    given,
    pascal,
    removed,
    unless_missing,
)

_PARAMETERS = (
    "enrichmentParameters",
    "logConfiguration",
    "sourceParameters",
    "targetParameters",
)
_SETTINGS = ("description", "desiredState", "enrichment", "kmsKeyIdentifier", "roleArn", "target")


class Pipe(Handler):
    """aws.pipes.Pipe; it is stored and carries nothing."""

    token = "aws:pipes/pipe:Pipe"
    name_property = "name"
    replace_on = frozenset({"name", "namePrefix", "source", "region"})
    no_value = frozenset({"namePrefix"})

    def create(self, cloud: Cloud, inputs: Inputs) -> str:
        """Create the pipe."""
        cloud.client("pipes").create_pipe(
            Name=inputs["name"],
            Source=inputs["source"],
            Tags=cloud.tags(inputs),
            **_pipe(inputs),
        )
        return str(inputs["name"])

    def read(self, cloud: Cloud, id: str, inputs: Inputs) -> Inputs | None:
        """Return the pipe."""
        pipes = cloud.client("pipes")
        found = unless_missing(lambda: pipes.describe_pipe(Name=id), "NotFoundException")
        if found is None:
            return None
        return {
            **{name: found.get(name[:1].upper() + name[1:]) for name in _SETTINGS},
            **{name: camel(found.get(name[:1].upper() + name[1:])) for name in _PARAMETERS},
            "arn": found["Arn"],
            "name": id,
            "source": found["Source"],
            "tagsAll": found.get("Tags", {}),
        }

    def update(self, cloud: Cloud, id: str, inputs: Inputs, before: Inputs) -> None:
        """Change settings and tags."""
        pipes = cloud.client("pipes")
        arn = pipes.update_pipe(Name=id, **_pipe(inputs))["Arn"]
        tags = cloud.tags(inputs)
        gone = removed(cloud.tags(before), tags)
        if gone:
            pipes.untag_resource(resourceArn=arn, tagKeys=gone)
        if tags:
            pipes.tag_resource(resourceArn=arn, tags=tags)

    def delete(self, cloud: Cloud, id: str, inputs: Inputs) -> None:
        """Delete the pipe."""
        cloud.client("pipes").delete_pipe(Name=id)


def _pipe(inputs: Inputs) -> Inputs:
    wanted = {name: inputs.get(name) for name in _SETTINGS}
    wanted |= {name: pascal(inputs.get(name)) for name in _PARAMETERS}
    return given(**{name[:1].upper() + name[1:]: value for name, value in wanted.items()})


HANDLERS = (Pipe(),)
