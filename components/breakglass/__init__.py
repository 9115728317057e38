"""A break-glass path for AWS and GitHub, as Pulumi components."""
