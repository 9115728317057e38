"""The reference, written from the code: settings, components, catalogue, quotas, policies.

``python -m breakglass.reference`` writes it, the picture and the schema of the organisation file,
and fills the code blocks of pages that name a file. A test fails where a file is not what would be
written.
"""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final

from breakglass.cli import endings
from breakglass.picture import draw
from breakglass.reference.command_line import command_line_page
from breakglass.reference.components import components_page
from breakglass.reference.included import with_files
from breakglass.reference.policies import EXAMPLE, policies_page
from breakglass.reference.quotas import quotas_page
from breakglass.reference.settings import settings_page
from breakglass.reference.tamper import tamper_page
from breakglass.reference.threat_model import PAGE as THREAT_MODEL
from breakglass.reference.threat_model import written
from breakglass.rehearsal import not_modelled
from breakglass.settings import load, schema_text

__all__ = ["PAGES", "generated", "pages_with_files", "rehearsed", "with_files"]

PAGES: Final[Mapping[str, Callable[[Path], str]]] = {
    "docs/reference/settings.md": lambda _: settings_page(),
    "docs/reference/components.md": lambda _: components_page(),
    "docs/reference/tamper-catalogue.md": lambda _: tamper_page(),
    "docs/reference/quotas.md": lambda _: quotas_page(),
    "docs/reference/policies.md": policies_page,
    "docs/reference/command-line.md": lambda _: command_line_page(),
    "docs/reference/exit-codes.md": lambda _: endings.page(),
    "docs/explanation/not-modelled.md": lambda _: not_modelled.page(),
    "docs/topology.svg": lambda project: draw(load(project / EXAMPLE)),
    "stacks/org.schema.json": lambda _: schema_text(),
}
"""Every generated file, by its path in the project, and what writes its text."""


def generated(project: Path) -> Iterator[tuple[Path, str]]:
    """Each generated file of ``project`` with the text that it should hold."""
    for path, write in PAGES.items():
        yield project / path, write(project)


def rehearsed(project: Path) -> Iterator[tuple[Path, str]]:
    """The page that takes a rehearsal, some ten seconds, with the text that it should hold."""
    yield project / THREAT_MODEL, written(project)


def pages_with_files(project: Path) -> Iterator[tuple[Path, str]]:
    """Each page under ``docs`` with the text that it should hold, files filled in."""
    for page in sorted((project / "docs").rglob("*.md")):
        yield page, with_files(page.read_text(encoding="utf-8"), project)
