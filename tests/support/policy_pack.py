"""What a policy pack shows, compared with what a check finds."""

import re

from breakglass.checking import CheckReport

_MORE = re.compile(r"and (\d+) more: see breakglass check$")


def lines(text: str) -> list[str]:
    """The lines of one violation, each with its verdict where it has one."""
    verdict, colon, _ = text.partition(": ")
    if verdict not in {"BROKEN", "UNKNOWN"}:
        return text.splitlines()
    first, *others = text.splitlines()
    return [first, *(f"{verdict}{colon}{other}" for other in others)]


def found_of(report: CheckReport, invariant: str) -> list[str]:
    """What a check finds of one invariant, as a pack words it."""
    return [f"{one.verdict}: {one.text}" for one in report.shortfalls if one.invariant == invariant]


def agree(shown: list[str], found: list[str]) -> bool:
    """Whether a pack shows what was found: all of it, or says of how many it shows some."""
    more = [int(number[1]) for line in shown if (number := _MORE.search(line))]
    told = [line for line in shown if not _MORE.search(line)]
    if not more:
        return sorted(told) == sorted(found)
    return len(told) + sum(more) == len(found) and set(told) <= set(found)
