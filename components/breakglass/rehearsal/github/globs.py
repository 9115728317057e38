"""The two pattern languages of GitHub: names of refs, and paths in CODEOWNERS."""

import re
from functools import cache


@cache
def glob(pattern: str) -> re.Pattern[str]:
    """Compile a ref or path pattern: ``*`` stays within one segment, ``**`` crosses them.

    GitHub, "Managing a branch protection rule": Ruby's ``File.fnmatch`` with ``FNM_PATHNAME``.
    """
    parts = re.split(r"(\*\*/|\*\*|\*|\?|\[[^\]]+\])", pattern)
    return re.compile("".join(_translate(part) for part in parts))


def _translate(part: str) -> str:
    wild = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    if part.startswith("[") and part.endswith("]"):
        return part.replace("[!", "[^", 1)
    return wild.get(part, re.escape(part))


def matches(pattern: str, name: str) -> bool:
    """Tell whether the whole name is meant by the pattern."""
    return glob(pattern).fullmatch(name) is not None


def owns(pattern: str, path: str) -> bool:
    """Tell whether a CODEOWNERS pattern means a file, by gitignore's rules.

    A slash within anchors the pattern at the root; a pattern of a directory means all below it,
    ``/*`` only its files.
    """
    anchored = "/" in pattern.rstrip("/")
    body = pattern.strip("/")
    rooted = body if anchored else f"**/{body}"
    if pattern.endswith("/"):
        return matches(f"{rooted}/**", path)
    return matches(rooted, path) or (not body.endswith("/*") and matches(f"{rooted}/**", path))
