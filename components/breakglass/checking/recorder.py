"""What stands for the cloud while a program is recorded: it makes nothing, and knows names."""

from collections.abc import Mapping
from typing import Any

from breakglass.checking import functions
from breakglass.checking.accounts import account_of, region_of
from breakglass.checking.forms import called, named
from breakglass.errors import RehearsalError
from breakglass.rehearsal.engine.registration import Registration
from breakglass.rehearsal.engine.unknown import UNKNOWN

Values = dict[str, Any]


class Recorder:
    """The ``monitor.Applier`` of a check.

    Outputs are what was asked for, and what follows from a name; all else is unknown, as in a
    preview.
    """

    def check(self, resource: Registration) -> Values:
        """Return the inputs with an automatic name and without empty ones."""
        return named(resource)

    def create(
        self, resource: Registration, provider: Registration, *, preview: bool
    ) -> tuple[str, Values]:
        """Return what it will be called."""
        del preview
        inputs = dict(resource.inputs)
        region = region_of(inputs, provider)
        id_, outputs = called(resource, inputs, account_of(provider).id, region)
        return id_, {**inputs, **({"region": region} if region else {}), **outputs}

    def read(self, resource: Registration, provider: Registration) -> Values:
        """Return what is known of something that somebody else made: what it was asked for by."""
        if resource.type == "pulumi:pulumi:StackReference":
            return {"name": resource.id, "outputs": UNKNOWN, "secretOutputNames": UNKNOWN}
        _, outputs = self.create(resource, provider, preview=True)
        return outputs

    def update(
        self,
        resource: Registration,
        provider: Registration,
        *,
        before: Mapping[str, Any],
        preview: bool,
    ) -> Values:
        """Refuse: a check has no state, so nothing changes."""
        del provider, before, preview
        raise RehearsalError(f"{resource.urn}: a check updates nothing")

    def delete(self, resource: Registration, provider: Registration) -> None:
        """Refuse, likewise."""
        del provider
        raise RehearsalError(f"{resource.urn}: a check deletes nothing")

    def diff(
        self, type_: str, before: Mapping[str, Any], after: Mapping[str, Any]
    ) -> tuple[list[str], list[str]]:
        """Tell no difference: what is imported is taken to be as the program has it."""
        del type_, before, after
        return [], []

    def drifted(self, resource: Registration, seen: Mapping[str, Any]) -> list[str]:
        """Tell no drift, likewise."""
        del resource, seen
        return []

    def invoke(self, token: str, args: Mapping[str, Any], provider: Registration) -> Values:
        """Answer a function."""
        return functions.answer(token, args, account_of(provider), region_of(args, provider))
