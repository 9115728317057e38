"""Which handler makes which resource type, and which function answers which invoke."""

import warnings
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Any, Final, Self

from breakglass.errors import RehearsalError
from breakglass.rehearsal.resources.handlers import (
    athena,
    cloudtrail,
    cloudwatch,
    events,
    github,
    glue,
    iam,
    invokes,
    kms,
    organizations,
    pipes,
    s3,
    sns,
    sqs,
)

Function = Callable[[Any, Mapping[str, Any]], dict[str, Any]]
"""Of an invoke: cloud and arguments in, result out."""

PropertiesOf = Callable[[str], frozenset[str]]
"""Of a resource type: every output property, in camelCase."""

_AWS = (athena, cloudtrail, cloudwatch, events, glue, iam, kms, organizations, pipes, s3, sns, sqs)
SERVICES: Final = tuple(module.__name__.rpartition(".")[2] for module in _AWS)
"""The boto3 services that handlers call: each has a module of its name."""


@dataclass(frozen=True, slots=True)
class Registry:
    """Handlers by type token and functions by function token."""

    handlers: Mapping[str, Any]
    functions: Mapping[str, Function]

    @classmethod
    def of(cls, handlers: Iterable[Any], functions: Mapping[str, Function]) -> Self:
        """Return the registry of these handlers; two for one type are an error."""
        by_token: dict[str, Any] = {}
        for handler in handlers:
            if handler.token in by_token:
                raise RehearsalError(f"two handlers for {handler.token}")
            by_token[handler.token] = handler
        return cls(by_token, functions)

    def handler(self, token: str) -> Any:  # noqa: ANN401 - GitHub's and AWS's handlers share a protocol but for the cloud
        """Return the handler of a resource type; a type without one is an error."""
        try:
            return self.handlers[token]
        except KeyError as error:
            raise RehearsalError(
                f"no handler for {token}; there is one for {', '.join(sorted(self.handlers))}"
            ) from error

    def function(self, token: str) -> Function:
        """Return the function behind an invoke; one that is not known is an error."""
        try:
            return self.functions[token]
        except KeyError as error:
            raise RehearsalError(
                f"no function {token}; there is {', '.join(sorted(self.functions))}"
            ) from error


def aws() -> Registry:
    """Return the registry of the AWS types."""
    return Registry.of((handler for module in _AWS for handler in module.HANDLERS), invokes.INVOKES)


def complete() -> Registry:
    """Return the registry of every type and function, AWS's and GitHub's."""
    amazon = aws()
    handlers = (*amazon.handlers.values(), *github.HANDLERS)
    return Registry.of(handlers, {**amazon.functions, **github.INVOKES})


@cache
def properties_of(token: str) -> frozenset[str]:
    """Return every output property that the SDK's class of a resource type has, in camelCase.

    The class is found as Pulumi's SDKs lay it out: ``aws:s3/bucket:Bucket`` is
    ``pulumi_aws.s3.Bucket``.
    """
    from pulumi._types import resource_types  # noqa: PLC0415 - whoever asks nothing needs no SDK

    package, path, name = token.split(":")
    module = path.split("/", 1)[0]
    with warnings.catch_warnings():
        # a service's module warns of its own deprecated classes when it loads, on first use
        warnings.simplefilter("ignore", DeprecationWarning)
        sdk = import_module(f"pulumi_{package}" + ("" if module == "index" else f".{module}"))
        return frozenset(resource_types(getattr(sdk, name)))
