"""Colours can be read in both themes, and paper shows what the screen folds."""

import re
from importlib.resources import files

import pytest

STYLE = files("breakglass.page").joinpath("style.css").read_text(encoding="utf-8")
LIGHT, DARK = (
    dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", block))
    for block in re.findall(r":root \{([^}]*--paper[^}]*)\}", STYLE)
)
TONES = ("well", "seen", "residual", "lacking", "short")
PAIRS = [
    *((ink, paper) for ink in ("ink", "muted", "link") for paper in ("paper", "surface")),
    *((ink, f"{tone}-wash") for tone in ("well", "short") for ink in ("ink", "link", tone)),
    *((tone, paper) for tone in TONES for paper in ("paper", "surface", f"{tone}-fill")),
]
ENOUGH = 4.5
"""WCAG 2.2, 1.4.3 "Contrast (Minimum)"."""


def light_of(colour: str) -> float:
    """Relative luminance (WCAG 2.2, "relative luminance")."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((light_of(one), light_of(other)))
    return (lighter + 0.05) / (darker + 0.05)


def test_black_on_white_has_the_most_contrast() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)


@pytest.mark.parametrize(("ink", "paper"), PAIRS)
@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_words_can_be_told_from_what_they_stand_on(
    theme: dict[str, str], ink: str, paper: str
) -> None:
    assert contrast(theme[ink], theme[paper]) >= ENOUGH


def test_both_themes_give_every_colour() -> None:
    assert set(LIGHT) == set(DARK)


def test_dark_is_for_screens_and_paper_unfolds() -> None:
    assert "@media screen and (prefers-color-scheme: dark)" in STYLE
    paper = STYLE.partition("@media print")[2]
    assert "details::details-content" in paper
    assert "break-inside: avoid" in paper


def test_the_style_is_one_that_an_element_can_hold() -> None:
    assert STYLE.isascii()
    assert "<" not in STYLE
