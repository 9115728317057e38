"""A sheet as SVG: one file, no script, no font and no image from elsewhere, light and dark."""

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Final

from breakglass.picture.shapes import Box, Flow, Line, Mark, Point, Sheet, Sign, Words

FONT: Final = "Inter,-apple-system,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif"
"""The reader's own fonts; none is loaded."""

CORNER: Final = 9
"""Radius of a line's corners."""

HEAD: Final = 7
"""Length of an arrowhead."""

LIGHT: Final = {
    "page": "#ffffff",
    "frame": "#f5f6f8",
    "frame-edge": "#e1e5ea",
    "account": "#ffffff",
    "account-edge": "#ccd3db",
    "chip": "#f3f5f7",
    "chip-edge": "#d6dce3",
    "ink": "#1a222d",
    "muted": "#586473",
    "entry": "#0d7d72",
    "entry-fill": "#e8f5f2",
    "entry-edge": "#a3d3cb",
    "entry-ink": "#0a5850",
    "alarm": "#c9500f",
    "alarm-fill": "#fdf0e7",
    "alarm-edge": "#f0c5a8",
    "alarm-ink": "#8f3a0b",
    "record": "#2b5fd0",
    "record-fill": "#ecf1fd",
    "record-edge": "#b5c8f4",
    "record-ink": "#21479b",
}
DARK: Final = {
    "page": "#0e131a",
    "frame": "#151b24",
    "frame-edge": "#28313d",
    "account": "#1b232e",
    "account-edge": "#3a4656",
    "chip": "#242e3b",
    "chip-edge": "#3d495a",
    "ink": "#e8edf3",
    "muted": "#a0acba",
    "entry": "#45c4b0",
    "entry-fill": "#15302e",
    "entry-edge": "#28625a",
    "entry-ink": "#9be4d7",
    "alarm": "#f4935a",
    "alarm-fill": "#35241b",
    "alarm-edge": "#74482d",
    "alarm-ink": "#ffc8a6",
    "record": "#82a6f8",
    "record-fill": "#1b2743",
    "record-edge": "#395488",
    "record-ink": "#bfd2ff",
}

_SIGNS: Final[Mapping[Sign, str]] = {
    Sign.PERSON: "M8 8.2a3.1 3.1 0 1 0 0-6.2a3.1 3.1 0 0 0 0 6.2zM2.4 14.2c.4-3 2.7-4.3 5.6-4.3"
    "s5.2 1.3 5.6 4.3",
    Sign.WORKFLOW: "M8 1.8a6.2 6.2 0 1 0 0 12.4a6.2 6.2 0 0 0 0-12.4zM6.6 5.4v5.2l4.2-2.6z",
    Sign.LOCK: "M3 7.2h10v6.8h-10zM5.2 7.2v-2.2a2.8 2.8 0 0 1 5.6 0v2.2M8 9.8v1.8",
    Sign.BELL: "M3 11.6c1.3-1.4 1.3-2.6 1.3-4.6a3.7 3.7 0 0 1 7.4 0c0 2 0 3.2 1.3 4.6zM6.6 13.6"
    "a1.5 1.5 0 0 0 2.8 0",
}


def render(sheet: Sheet, size: tuple[float, float], *, title: str, description: str) -> str:
    """The sheet as an SVG document of ``size``, with words for those who cannot see it."""
    wide, high = (_number(side) for side in size)
    sides = f'viewBox="0 0 {wide} {high}" width="{wide}" height="{high}"'
    told = 'role="img" aria-labelledby="title description"'
    parts: Iterable[str] = (
        f'<svg xmlns="http://www.w3.org/2000/svg" {sides} {told}>',
        f'<title id="title">{escape(title)}</title>',
        f'<desc id="description">{escape(description)}</desc>',
        f"<style>{_style()}</style>",
        f'<rect class="page" width="{wide}" height="{high}" rx="12"/>',
        *map(_box, sheet.boxes),
        *(part for line in sorted(sheet.lines, key=_bridges) for part in _line(line)),
        *map(_box, sheet.chips),
        *map(_mark, sheet.marks),
        *map(_words, sheet.words),
        "</svg>",
    )
    return "\n".join(parts) + "\n"


def _bridges(line: Line) -> bool:
    return line.bridge


# --- style -------------------------------------------------------------------------------------


def _style() -> str:
    """The rules, once for light and once more for dark."""
    common = (
        f"text{{font-family:{FONT};font-variant-numeric:tabular-nums}}",
        ".heavy{font-weight:600}",
        ".spaced{letter-spacing:.09em}",
        "path,polyline{fill:none;stroke-linecap:round;stroke-linejoin:round}",
        ".line{stroke-width:1.9}.gap{stroke-width:7}.sign{stroke-width:1.5}",
    )
    dark = "".join(_colours(DARK))
    rules = (*common, *_colours(LIGHT), f"@media (prefers-color-scheme:dark){{{dark}}}")
    return "\n".join(("", *rules, ""))


def _colours(palette: Mapping[str, str]) -> Iterable[str]:
    """One rule a class."""
    colour = palette.__getitem__
    yield f".page{{fill:{colour('page')}}}"
    for box in ("frame", "account", "chip"):
        yield f".{box}{{fill:{colour(box)};stroke:{colour(f'{box}-edge')}}}"
    for flow in Flow:
        yield f".chip.{flow}{{fill:{colour(f'{flow}-fill')};stroke:{colour(f'{flow}-edge')}}}"
        yield f".line.{flow}{{stroke:{colour(flow)}}}.head.{flow}{{fill:{colour(flow)}}}"
        yield f".sign.{flow}{{stroke:{colour(flow)}}}"
        yield f"text.{flow}-ink{{fill:{colour(f'{flow}-ink')}}}"
    yield f"text.ink{{fill:{colour('ink')}}}text.muted{{fill:{colour('muted')}}}"
    yield f".sign.muted{{stroke:{colour('muted')}}}.gap{{stroke:{colour('frame')}}}"


# --- shapes ------------------------------------------------------------------------------------


def _box(box: Box) -> str:
    place = box.rect
    x, y, wide, high = map(_number, (place.x, place.y, place.width, place.height))
    return (
        f'<rect class="{box.look}" x="{x}" y="{y}" width="{wide}" height="{high}"'
        f' rx="{_number(box.radius)}"/>'
    )


def _words(words: Words) -> str:
    anchor = "" if words.anchor == "start" else f' text-anchor="{words.anchor}"'
    return (
        f'<text class="{words.type.look}" x="{_number(words.x)}" y="{_number(words.y)}"'
        f' font-size="{_number(words.type.size)}"{anchor}>{escape(words.text)}</text>'
    )


def _mark(mark: Mark) -> str:
    place = f"translate({_number(mark.x)} {_number(mark.y)})"
    return f'<path class="sign {mark.look}" transform="{place}" d="{_SIGNS[mark.sign]}"/>'


def _line(line: Line) -> Iterable[str]:
    points = line.points
    if line.arrow:
        points = (*points[:-1], _short_of(*points[-2:]))
    path = _path(points)
    if line.bridge:
        yield f'<path class="gap" d="{path}"/>'
    yield f'<path class="line {line.flow}" d="{path}"/>'
    if line.arrow:
        yield f'<path class="head {line.flow}" d="{_head(*line.points[-2:])}"/>'


def _path(points: Sequence[Point]) -> str:
    """Straight pieces with a quarter turn at each corner."""
    steps = [f"M{_at(points[0])}"]
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        radius = min(CORNER, _length(before, corner) / 2, _length(corner, after) / 2)
        into, out = _towards(corner, before, radius), _towards(corner, after, radius)
        steps.append(f"L{_at(into)}Q{_at(corner)} {_at(out)}")
    steps.append(f"L{_at(points[-1])}")
    return "".join(steps)


def _head(before: Point, end: Point) -> str:
    """A triangle whose tip is at ``end``."""
    back = _towards(end, before, HEAD)
    across = (end[1] - before[1], before[0] - end[0])
    length = _length(before, end) or 1
    side = (across[0] / length * HEAD * 0.55, across[1] / length * HEAD * 0.55)
    left = (back[0] + side[0], back[1] + side[1])
    right = (back[0] - side[0], back[1] - side[1])
    return f"M{_at(end)}L{_at(left)}L{_at(right)}z"


def _short_of(before: Point, end: Point) -> Point:
    """Where a line ends so that its arrowhead has a point."""
    return _towards(end, before, HEAD - 1)


def _towards(start: Point, goal: Point, length: float) -> Point:
    whole = _length(start, goal) or 1
    share = length / whole
    return (start[0] + (goal[0] - start[0]) * share, start[1] + (goal[1] - start[1]) * share)


def _length(one: Point, other: Point) -> float:
    return abs(one[0] - other[0]) + abs(one[1] - other[1])


def _at(point: Point) -> str:
    return f"{_number(point[0])} {_number(point[1])}"


def _number(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")
