"""Write the reference of the project in the current folder."""

from itertools import chain
from pathlib import Path

from breakglass.reference import generated, pages_with_files, rehearsed


def main() -> None:
    """Write what has changed, and name it."""
    project = Path.cwd()
    for file, text in chain(generated(project), rehearsed(project), pages_with_files(project)):
        if not file.is_file() or file.read_text(encoding="utf-8") != text:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
            print(f"wrote {file.relative_to(project)}")  # noqa: T201 - a command says what it did


if __name__ == "__main__":
    main()
