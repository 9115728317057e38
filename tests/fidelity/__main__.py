"""Write the page of fidelity: ``make docs``, or ``python -m tests.fidelity``."""

from pathlib import Path

from tests.fidelity.page import PATH, page

(Path(__file__).parents[2] / PATH).write_text(page(), encoding="utf-8")
