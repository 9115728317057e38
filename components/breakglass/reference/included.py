"""Files inside pages: a code block that names a path holds that file, letter by letter."""

import re
from pathlib import Path
from typing import Final

from breakglass.errors import InvalidInput

_BLOCK: Final = re.compile(r"^```(\w+) path=(\S+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def with_files(text: str, project: Path) -> str:
    """The page with every marked block filled from its file.

    Raises InvalidInput for a path that is no file of the project.
    """
    return _BLOCK.sub(lambda block: _filled(block, project), text)


def _filled(block: re.Match[str], project: Path) -> str:
    language, path = block[1], block[2]
    file = project / path
    if not file.is_file():
        raise InvalidInput(f"code block path={path}", path, "the path of a file of the project")
    return f"```{language} path={path}\n{file.read_text(encoding='utf-8').strip()}\n```"
