"""What the stack file says in the kit's namespace."""

from pulumi.runtime import config


def stack_file() -> dict[str, object]:
    """Every value by its full key: `pulumi.Config` reads only keys that one knows."""
    given = {**config.get_config_env(), **config.CONFIG.get()}
    return {key: value for key, value in given.items() if key.startswith("breakglass:")}
