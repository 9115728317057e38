"""No person, account, deployer or pipeline is on both sides.

Whoever can act and keep at once can break the glass and lose the record of it. Identities are
compared by every name a person has, and each belongs to one person; a pipeline is as much its
account's administrator's as its own, so neither side's pipeline lives in an account of the other
side, nor both in one account.

NOT PROVIDED where the settings say that one team is both sides. The twin: each side has somebody.
"""

from breakglass.proof.finding import Examination, Finding, not_provided
from breakglass.proof.graph import EDGE, KEEPER, Facts, Graph, Person

NAME = "keepers_and_actors_are_disjoint"


def check(graph: Graph) -> Finding:
    """Decide the invariant on a graph."""
    facts = graph.facts
    if facts.small:
        return not_provided(NAME, "The organisation is declared small: one team is both sides.")
    look = Examination(NAME)
    _people(look, facts)
    _deployers(look, facts)
    _pipelines(look, facts)
    _accounts(look, graph)
    return look.finding("Nobody and nothing is on both sides.")


def _people(look: Examination, facts: Facts) -> None:
    owners: dict[str, list[Person]] = {}
    for person in facts.people:
        for identity in _identities(person):
            owners.setdefault(identity, []).append(person)
    for identity, people in owners.items():
        both = " and ".join(f"{one.name} ({one.side})" for one in people)
        look.must(len(people) == 1, f"{identity} is {both}")
    for side, duty in ((KEEPER, "keeps the record"), (EDGE, "can break the glass")):
        look.must(any(one.side == side for one in facts.people), f"Nobody {duty}")
    known = {person.name: person.side for person in facts.people}
    for entry in facts.entries:
        for name in entry.people:
            look.must(known.get(name) == EDGE, f"{name}, who enters {entry.name}, is no actor")


def _identities(person: Person) -> set[str]:
    """Every name of a person, without case.

    IAM's and Identity Center's are of one kind: either becomes the source identity in the record.
    """
    said = {one.lower() for one in (person.iam_user, person.identity_center) if one}
    return {
        f"the person {person.name}",
        *(f"the source identity {one}" for one in said),
        *([f"the GitHub user {person.github.lower()}"] if person.github else []),
    }


def _deployers(look: Examination, facts: Facts) -> None:
    by_side = {
        side: {account.deployer for account in facts.accounts if account.side == side}
        for side in (KEEPER, EDGE)
    }
    both = by_side[KEEPER] & by_side[EDGE]
    look.must(not both, f"One role deploys both sides: {', '.join(sorted(both))}")
    for account in facts.accounts:
        home = account.deployer.split(":")[4]
        look.must(home == account.id, f"{account.name} is deployed from the account {home}")


def _pipelines(look: Examination, facts: Facts) -> None:
    keeper, edge = facts.pipelines[KEEPER], facts.pipelines[EDGE]
    look.must(keeper != edge, f"{edge} runs the pipelines of both sides")
    homes = {side: arn.split(":")[4] for side, arn in facts.pipelines.items()}
    look.must(homes[KEEPER] != homes[EDGE], f"Both pipelines live in the account {homes[EDGE]}")
    for side, home in homes.items():
        account = facts.account(home)
        apart = account is None or account.side == side
        look.must(
            apart, f"The {side} side's pipeline lives in {home}, an account of the other side"
        )


def _accounts(look: Examination, graph: Graph) -> None:
    """Each account is on one side, and no resource stands in an account that nobody listed."""
    facts = graph.facts
    sides: dict[str, set[str]] = {}
    for account in facts.accounts:
        sides.setdefault(account.id, set()).add(account.side)
    for id_, found in sides.items():
        look.must(len(found) == 1, f"The account {id_} is on both sides")
    for resource in graph.resources:
        if resource.type.startswith("aws:") and resource.account not in sides:
            look.must(False, "It stands in an account of no side", resource)  # noqa: FBT003 - likewise
