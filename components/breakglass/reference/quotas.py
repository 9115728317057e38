"""The page of the quotas that are checked before anything is applied."""

from breakglass.quotas import QUOTAS, Limit, Quota
from breakglass.reference.markdown import page, table

_INTRODUCTION = """\
What AWS counts and measures. `breakglass settings check` holds what follows from an organisation
file against this table. Each component measures once more while it is made, so that a document
which is too large fails in a preview. Sizes marked *without white space* are counted as AWS counts
them there."""


def quotas_page() -> str:
    """The table, dated, with the source of each value."""
    rows = [(f"`{q.name.lower()}`", q.value, *_limit(QUOTAS.limits[q])) for q in Quota]
    headers = ["Name", "What is counted", "Value", "At most on request", "Source", "Seen"]
    return page("Quotas", _INTRODUCTION, table(headers, rows))


def _limit(limit: Limit) -> tuple[str, str, str, str]:
    counted = ", without white space" if limit.without_white_space else ""
    maximum = "not said" if limit.maximum is None else f"{limit.maximum:,}"
    return f"{limit.value:,}{counted}", maximum, _source(limit.source), limit.seen.isoformat()


def _source(source: str) -> str:
    return f"[AWS]({source})" if source.startswith("https://") else source
