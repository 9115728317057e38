"""What a stack file says: which organisation, which side, and the secrets of its pagers."""

from collections.abc import Iterator, Mapping

from breakglass.errors import InvalidInput, InvalidInputs, nearest
from breakglass.settings.model import Organisation, Side

NAMESPACE = "breakglass"
"""What the keys of a stack file begin with, before a colon."""


def side_of(organisation: Organisation, given: Mapping[str, object]) -> Side:
    """Return the side of a stack, from all that its file says in the kit's namespace, by full key.

    Raises InvalidInputs with every fault: a side that there is not, or that production forbids, and
    a key that nothing reads. No unknown key's value is told: it may be a secret.
    """
    faults = [*_unknown_keys(organisation, given), *_side_faults(organisation, given)]
    if faults:
        raise InvalidInputs("stack file", faults)
    return Side(str(given[f"{NAMESPACE}:side"]))


def check_side(organisation: Organisation, side: Side) -> None:
    """Refuse one stack over both sides in production: it would be actor and keeper at once."""
    if side is Side.ALL and organisation.production and not organisation.small:
        raise InvalidInput(
            "breakglass:side",
            "all",
            "keeper or edge, each with its own stack; or small: true in the organisation",
        )


def _unknown_keys(
    organisation: Organisation, given: Mapping[str, object]
) -> Iterator[InvalidInput]:
    secrets = (endpoint.secret for endpoint in organisation.pager if endpoint.secret)
    known = [f"{NAMESPACE}:{key}" for key in ("organisation", "side", *secrets)]
    for key in given.keys() - set(known):
        yield InvalidInput("stack file", key, nearest(key, known))


def _side_faults(organisation: Organisation, given: Mapping[str, object]) -> Iterator[InvalidInput]:
    key = f"{NAMESPACE}:side"
    side = given.get(key)
    if side not in set(Side):
        yield InvalidInput(key, side, nearest(str(side), Side))
        return
    try:
        check_side(organisation, Side(str(side)))
    except InvalidInput as fault:
        yield fault
