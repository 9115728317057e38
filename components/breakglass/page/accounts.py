"""What was applied, and where."""

from collections import Counter
from collections.abc import Sequence

from breakglass.page.markup import Markup, Piece, code, tag, together
from breakglass.page.tables import Row, table
from breakglass.rehearsal.report import Applied


def accounts_section(accounts: Sequence[Applied]) -> Markup:
    """Each account with what stands in it."""
    columns = ("account", "id", "role", "side", "resources", "what they are")
    return tag(
        "section",
        tag("h2", "Accounts and resources"),
        table("accounts", columns, map(_row, accounts), caption="Accounts and resources"),
        id="accounts",
    )


def _row(account: Applied) -> Row:
    cells: tuple[Piece, ...] = (account.name, account.id, account.role, account.side)
    return Row((*cells, account.total, _resources(account)))


def _resources(account: Applied) -> Markup:
    """By service, then, folded, by type."""
    services: Counter[str] = Counter()
    for token, count in account.resources.items():
        services[_service(token)] += count
    ordered = sorted(services.items(), key=lambda item: (-item[1], item[0]))
    types = (tag("li", code(token), f" {count}") for token, count in account.resources.items())
    return together(
        tag("p", ", ".join(f"{service}\N{NO-BREAK SPACE}{count}" for service, count in ordered)),
        tag("details", tag("summary", f"{len(account.resources)} types"), tag("ul", types)),
    )


def _service(token: str) -> str:
    """``sns`` from ``aws:sns/topic:Topic``; ``github`` from a type of GitHub's."""
    package, _, rest = token.partition(":")
    return rest.partition("/")[0] if package == "aws" else package
