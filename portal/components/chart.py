"""Line charts drawn on the server: labelled lines, a summary in words, and the same figures as a table."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

WIDE: Final = 640
NARROW: Final = 340
HEIGHT: Final = 180
LEFT, RIGHT, TOP, BOTTOM = 40, 96, 12, 24


@dataclass(frozen=True)
class Series:
    """One line: its name and one value per label; None leaves a hole (nothing reported is not zero)."""

    name: str
    values: Sequence[float | None]


def _ceiling(series: Sequence[Series]) -> float:
    """Return a round axis end at or above every value: 1, 2 or 5 times a power of ten."""
    top = max((v for s in series for v in s.values if v is not None), default=0) or 1
    power = 10.0 ** (len(str(int(top))) - 1)
    return next(step * power for step in (1, 2, 5, 10) if step * power >= top)


def _x(n: int, count: int, width: int) -> float:
    return round(LEFT + (width - LEFT - RIGHT) * (n / max(count - 1, 1)), 1)


def _y(value: float, ceiling: float) -> float:
    return round(HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * value / ceiling, 1)


def _path(values: Sequence[float | None], ceiling: float, width: int) -> str:
    """Return SVG path commands; the pen lifts over holes."""
    commands, down = [], False
    for n, value in enumerate(values):
        if value is not None:
            commands.append(f"{'L' if down else 'M'}{_x(n, len(values), width)} {_y(value, ceiling)}")
        down = value is not None
    return "".join(commands)


def _line(n: int, series: Series, ceiling: float, width: int) -> SafeString:
    last = next((i for i in reversed(range(len(series.values))) if series.values[i] is not None), None)
    if last is None:
        return SafeString("")
    value = series.values[last] or 0
    x, y = _x(last, len(series.values), width), _y(value, ceiling)
    return format_html(
        '<path class="s{0}" d="{1}"/><circle class="s{0}" cx="{2}" cy="{3}" r="3"/><text class="s{0}" x="{4}" y="{5}">{6} {7}</text>',
        n,
        _path(series.values, ceiling, width),
        x,
        y,
        x + 8,
        y + 4,
        series.name,
        f"{value:g}",
    )


def _grid(ceiling: float, unit: str, width: int) -> SafeString:
    ticks = [0, ceiling / 2, ceiling]
    return format_html_join(
        "",
        '<path class="grid" d="M{} {}H{}"/><text x="{}" y="{}" text-anchor="end">{}</text>',
        ((LEFT, _y(t, ceiling), width - RIGHT, LEFT - 6, _y(t, ceiling) + 4, f"{t:g}{unit}") for t in ticks),
    )


def _table(labels: Sequence[str], series: Sequence[Series]) -> SafeString:
    head = format_html_join("", '<th scope="col">{}</th>', ((s.name,) for s in series))
    rows = format_html_join(
        "",
        "<tr><td>{}</td>{}</tr>",
        (
            (
                label,
                format_html_join(
                    "", '<td class="num">{}</td>', (("\N{EN DASH}" if s.values[n] is None else f"{s.values[n]:g}",) for s in series)
                ),
            )
            for n, label in enumerate(labels)
        ),
    )
    return format_html('<table><thead><tr><th scope="col">{}</th>{}</tr></thead><tbody>{}</tbody></table>', _("Time"), head, rows)


def line_chart(
    *, title: str, labels: Sequence[str], series: Sequence[Series], summary: str, unit: str = "", narrow: bool = False
) -> SafeString:
    """Return a figure with at most three lines over `labels`; `summary` says in words what the picture shows.

    `narrow` draws for a side column, so that the labels keep their size there.
    """
    if len(series) > 3 or any(len(s.values) != len(labels) for s in series):
        raise ValueError("a chart takes at most three lines, each with one value per label")
    ceiling, width = _ceiling(series), NARROW if narrow else WIDE
    lines = format_html_join("", "{}", ((_line(n, s, ceiling, width),) for n, s in enumerate(series)))
    ends = [(0, "start"), (len(labels) - 1, "end")] if len(labels) > 1 else [(0, "start")]
    axis = format_html_join(
        "",
        '<text x="{}" y="{}" text-anchor="{}">{}</text>',
        ((_x(n, len(labels), width), HEIGHT - 6, anchor, labels[n]) for n, anchor in ends if labels),
    )
    return format_html(
        '<figure class="chart {}"><svg viewBox="0 0 {} {}" role="img" aria-label="{}">{}{}{}</svg><figcaption>{}</figcaption>'
        '<details class="data"><summary>{}</summary>{}</details></figure>',
        "narrow" if narrow else "wide",
        width,
        HEIGHT,
        f"{title}. {summary}",
        _grid(ceiling, unit, width),
        lines,
        axis,
        summary,
        _("Show as table"),
        _table(labels, series),
    )
