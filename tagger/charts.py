"""Line and bar charts as inline SVG, for pages that must stand alone; their colours are those of CHART_CSS."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from markupsafe import Markup

CHART_CSS = """\
:root {
  --series-1: #1c5cb8; --series-2: #b4480a;
  --chart-ink: #1d2430; --chart-grid: #d8dde5; --chart-faint: #5b6675;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    --series-1: #7fb2ff; --series-2: #ffa55c;
    --chart-ink: #e4e8ee; --chart-grid: #38404d; --chart-faint: #a3adbb;
  }
}
svg.chart { display: block; width: 100%; max-width: 30rem; height: auto; overflow: visible; }
svg.chart text { font: 12px system-ui, sans-serif; fill: var(--chart-ink); }
svg.chart .tick { fill: var(--chart-faint); }
svg.chart .grid { stroke: var(--chart-grid); stroke-width: 1; }
svg.chart .axis { stroke: var(--chart-faint); stroke-width: 1; }
svg.chart .series { fill: none; stroke-width: 2; stroke-linejoin: round; }
svg.chart .whisker { stroke-width: 1.5; opacity: .65; }
svg.chart .reference { stroke: var(--chart-faint); stroke-width: 1.5; stroke-dasharray: 5 4; }
svg.chart .colour-1 { stroke: var(--series-1); }
svg.chart .colour-2 { stroke: var(--series-2); }
svg.chart .fill-1 { fill: var(--series-1); }
svg.chart .fill-2 { fill: var(--series-2); }
svg.chart .lone { fill: var(--chart-ink); }
"""

_WIDTH, _HEIGHT = 400, 350
_LEFT, _RIGHT, _TOP, _BOTTOM = 62, 390, 34, 302
_TICKS = 5
_LETTER = 6.4  # about the width of a letter, in the units of the drawing
_COLOURS = 2
_ROW, _ROW_BAR = 34, 11  # height of a row of a balance, and of its bars
_FIGURE_ROOM = 44  # beside the longest bars of a balance


@dataclass(frozen=True)
class Axis:
    """A linear axis, to draw from `low` to `high`.

    A `whole` one has no ticks between integers, one in `percent` has shares.
    """

    label: str
    low: float = 0.0
    high: float = 1.0
    whole: bool = False
    percent: bool = False

    def written(self, value: float) -> str:
        """Give what is written at a tick."""
        return f"{100 * value:g}\N{NO-BREAK SPACE}%" if self.percent else f"{value:g}"

    def share(self, value: float) -> float:
        """Say how far along the axis a value lies, from 0 to 1."""
        return (value - self.low) / (self.high - self.low)

    def ticks(self) -> list[float]:
        """Give round values, about five of them."""
        raw = (self.high - self.low) / _TICKS
        power = 10.0 ** math.floor(math.log10(raw))
        step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= raw * (1 - 1e-9))
        step = max(step, 1.0) if self.whole else step
        first, last = math.ceil(self.low / step - 1e-9), math.floor(self.high / step + 1e-9)
        return [round(number * step, 10) for number in range(first, last + 1)]


@dataclass(frozen=True)
class Point:
    """A point with what is written beside it, what the mouse tells of it, and how far its whisker reaches."""

    x: float
    y: float
    label: str = ""
    note: str = ""
    whisker: tuple[float, float] | None = None


@dataclass(frozen=True)
class Line:
    """Points of one kind: joined by a line, as dots alone, as a dashed line to compare with, or as diamonds."""

    name: str
    points: Sequence[Point]
    kind: Literal["line", "dots", "reference", "lone"] = "line"
    colour: int = 1


@dataclass(frozen=True)
class Bars:
    """One bar for each category."""

    name: str
    values: Sequence[float]
    colour: int = 1


@dataclass(frozen=True)
class Balance:
    """How much of one thing is lost and gained."""

    name: str
    lost: float
    gained: float


def line_chart(alternative: str, x: Axis, y: Axis, lines: Sequence[Line]) -> Markup:
    """Draw lines and dots over two axes; `alternative` says the same in words."""
    drawn = [_grid(y), _x_ticks(x), _axis_labels(x.label, y.label)]
    drawn += [_line(line, x, y) for line in lines]
    return _svg(alternative, [*drawn, _legend([(line.name, _key(line)) for line in lines])])


def bar_chart(alternative: str, categories: Sequence[str], label: str, y: Axis, groups: Sequence[Bars]) -> Markup:
    """Draw a group of bars for each category, with their values on top; `label` names the categories."""
    room = (_RIGHT - _LEFT) / max(len(categories), 1)
    drawn = [_grid(y), _axis_labels(label, y.label)]
    drawn += [
        _text(_LEFT + room * (place + 0.5), _BOTTOM + 17, name, "tick") for place, name in enumerate(categories)
    ]
    width = room * 0.76 / max(len(groups), 1)
    for number, group in enumerate(groups):
        for place, value in enumerate(group.values):
            left = _LEFT + room * (place + 0.12) + width * number
            drawn.append(_bar(left, _up(y, value), width * 0.92, _BOTTOM - _up(y, value), group.colour))
            drawn.append(_text(left + width * 0.46, _up(y, value) - 4, f"{value:g}"))
    return _svg(alternative, [*drawn, _legend([(group.name, _swatch(group.colour)) for group in groups])])


def balance_chart(alternative: str, rows: Sequence[Balance]) -> Markup:
    """Draw, under each row's name, a bar to the left for what is lost and one to the right for what is gained."""
    lost, gained = (max((getattr(row, side) for row in rows), default=0) for side in ("lost", "gained"))
    scale = (_WIDTH - 2 * _FIGURE_ROOM) / ((lost + gained) or 1)
    middle = _FIGURE_ROOM + scale * lost
    drawn = []
    for number, row in enumerate(rows):
        top = _TOP + _ROW * number
        drawn.append(_text(0, top + 11, row.name, "", "start"))
        drawn.append(_stroke(middle, top + 15, middle, top + 19 + _ROW_BAR, "axis"))
        drawn.append(_bar(middle - scale * row.lost, top + 17, scale * row.lost, _ROW_BAR, 2))
        drawn.append(_bar(middle, top + 17, scale * row.gained, _ROW_BAR, 1))
        if row.lost:
            drawn.append(_text(middle - scale * row.lost - 4, top + 26, f"−{row.lost:g}", "tick", "end"))
        if row.gained:
            drawn.append(_text(middle + scale * row.gained + 4, top + 26, f"+{row.gained:g}", "tick", "start"))
    legend = _legend([("lost", _swatch(2)), ("gained", _swatch(1))])
    return _svg(alternative, [*drawn, legend], _TOP + _ROW * len(rows) + 4)


def _svg(alternative: str, drawn: Iterable[Markup], height: float = _HEIGHT) -> Markup:
    return _element(
        "svg", *drawn, class_="chart", viewBox=f"0 0 {_WIDTH} {height:g}", role="img", aria_label=alternative
    )


def _grid(y: Axis) -> Markup:
    drawn = []
    for value in y.ticks():
        kind = "axis" if value == y.low else "grid"
        drawn.append(_stroke(_LEFT, _up(y, value), _RIGHT, _up(y, value), kind))
        drawn.append(_text(_LEFT - 6, _up(y, value) + 4, y.written(value), "tick", "end"))
    return Markup().join(drawn)


def _x_ticks(x: Axis) -> Markup:
    drawn = []
    for value in x.ticks():
        drawn.append(_stroke(_along(x, value), _BOTTOM, _along(x, value), _BOTTOM + 4, "axis"))
        drawn.append(_text(_along(x, value), _BOTTOM + 17, x.written(value), "tick"))
    return Markup().join(drawn)


def _axis_labels(across: str, up: str) -> Markup:
    middle = (_TOP + _BOTTOM) / 2
    turned = _element("text", up, x=12, y=middle, text_anchor="middle", transform=f"rotate(-90 12 {middle})")
    return _text((_LEFT + _RIGHT) / 2, _BOTTOM + 38, across) + turned


def _line(line: Line, x: Axis, y: Axis) -> Markup:
    """Draw one line: its stroke, then its points with whiskers and labels."""
    places = [(_along(x, point.x), _up(y, point.y)) for point in line.points]
    drawn = []
    if line.kind in ("line", "reference"):
        colour = "reference" if line.kind == "reference" else f"colour-{_colour(line.colour)}"
        path = " ".join(f"{left:.1f},{top:.1f}" for left, top in places)
        drawn.append(_element("polyline", points=path, class_=f"series {colour}"))
    if line.kind != "reference":
        drawn += [_point(line, point, y, *place) for point, place in zip(line.points, places, strict=True)]
    return Markup().join(drawn)


def _point(line: Line, point: Point, y: Axis, left: float, top: float) -> Markup:
    drawn = []
    if point.whisker:
        low, high = (_up(y, value) for value in point.whisker)
        drawn.append(_stroke(left, low, left, high, f"whisker colour-{_colour(line.colour)}"))
    drawn.append(_diamond(left, top, point.note) if line.kind == "lone" else _dot(left, top, line.colour, point.note))
    if point.label and left + 7 + _LETTER * len(point.label) > _WIDTH:
        drawn.append(_text(left - 7, top + 13, point.label, "tick", "end"))
    elif point.label:
        drawn.append(_text(left + 7, top - 6, point.label, "tick", "start"))
    return Markup().join(drawn)


def _dot(left: float, top: float, colour: int, note: str = "") -> Markup:
    return _element("circle", _told(note), cx=f"{left:.1f}", cy=f"{top:.1f}", r=3.5, class_=f"fill-{_colour(colour)}")


def _diamond(left: float, top: float, note: str = "") -> Markup:
    path = f"M{left:.1f} {top - 7:.1f}l7 7l-7 7l-7 -7z"
    return _element("path", _told(note), d=path, class_="lone")


def _bar(left: float, top: float, width: float, height: float, colour: int) -> Markup:
    return _element(
        "rect",
        x=f"{left:.1f}",
        y=f"{top:.1f}",
        width=f"{width:.1f}",
        height=f"{height:.1f}",
        class_=f"fill-{_colour(colour)}",
    )


def _legend(entries: Sequence[tuple[str, Markup]]) -> Markup:
    """Write the names of what is drawn in one row above it, each after its key."""
    drawn, left = [], float(_LEFT)
    for name, key in entries:
        drawn.append(_element("g", key, transform=f"translate({left:.1f} 12)"))
        drawn.append(_text(left + 24, 16, name, "", "start"))
        left += 24 + _LETTER * len(name) + 16
    return Markup().join(drawn)


def _key(line: Line) -> Markup:
    if line.kind == "lone":
        return _diamond(12, 0)
    if line.kind == "reference":
        return _stroke(0, 0, 18, 0, "reference")
    stroke = _stroke(0, 0, 18, 0, f"series colour-{_colour(line.colour)}") if line.kind == "line" else Markup()
    return stroke + _dot(9, 0, line.colour)


def _swatch(colour: int) -> Markup:
    return _element("rect", x=6, y=-6, width=12, height=12, class_=f"fill-{_colour(colour)}")


def _stroke(x1: float, y1: float, x2: float, y2: float, kind: str) -> Markup:
    return _element("line", x1=f"{x1:.1f}", y1=f"{y1:.1f}", x2=f"{x2:.1f}", y2=f"{y2:.1f}", class_=kind)


def _text(left: float, top: float, text: str, kind: str = "", anchor: str = "middle") -> Markup:
    return _element("text", text, x=f"{left:.1f}", y=f"{top:.1f}", class_=kind, text_anchor=anchor)


def _told(note: str) -> Markup:
    return _element("title", note) if note else Markup()


def _element(tag: str, *inner: str, **attributes: object) -> Markup:
    """Give one element; whatever is not markup already is escaped, and `_` in names stands for `-`."""
    written = Markup().join(
        Markup(' {}="{}"').format(name.rstrip("_").replace("_", "-"), value) for name, value in attributes.items()
    )
    return Markup("<{0}{1}>{2}</{0}>").format(tag, written, Markup().join(inner))


def _along(x: Axis, value: float) -> float:
    return _LEFT + x.share(value) * (_RIGHT - _LEFT)


def _up(y: Axis, value: float) -> float:
    return _BOTTOM - y.share(value) * (_BOTTOM - _TOP)


def _colour(number: int) -> int:
    """Give the number of a colour that there is: they come round again."""
    return (number - 1) % _COLOURS + 1
