"""An evaluation as a picture: what is served at each threshold, rightly and wrongly."""

from collections.abc import Sequence
from html import escape

from msgspec import Struct

from .rates import Rate
from .report import Report
from .table import percent

_WIDTH, _HEIGHT = 760, 440
_LEFT, _RIGHT, _TOP, _BOTTOM = 64, 216, 88, 56
"""Room around the lines: for the axes, and for what the lines are called."""

_STYLE = """
svg { background: #ffffff; color: #1f2328; font: 13px system-ui, sans-serif }
text { fill: currentColor } .quiet { opacity: .7 } .grid { stroke: currentColor; opacity: .15 }
.right { stroke: #0969da; fill: #0969da } .wrong { stroke: #cf222e; fill: #cf222e }
path.line { fill: none; stroke-width: 2.5 } path.alone { stroke-dasharray: 5 4; stroke-width: 1.5 }
path.band { stroke: none; opacity: .15 } text.right, text.wrong { stroke: none }
@media (prefers-color-scheme: dark) {
  svg { background: #0d1117; color: #e6edf3 }
  .right { stroke: #58a6ff; fill: #58a6ff } .wrong { stroke: #ff7b72; fill: #ff7b72 }
}
"""


class _Line(Struct, frozen=True):
    name: str
    kind: str
    """Its colour: `right` or `wrong`."""
    alone: bool
    points: list[tuple[float, Rate]]


def chart(found: Report) -> str:
    """SVG; light or dark as its reader is."""
    least = found.thresholds[0].threshold
    title = escape(_title(found))
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img">',
            f"<title>{title}</title>",
            f"<style>{_STYLE}</style>",
            f'<text x="{_LEFT}" y="28" font-size="17" font-weight="600">{title}</text>',
            f'<text x="{_LEFT}" y="50" class="quiet">{escape(_subtitle(found))}</text>',
            *_axes(least),
            *_drawn(_lines(found), least),
            *_chosen(found.threshold, least),
            "</svg>",
            "",
        ]
    )


def _title(found: Report) -> str:
    right, wrong = found.guarded.hit_rate, found.guarded.wrong_rate
    return f"Served rightly {percent(right.share)}, wrongly {percent(wrong.share)}, at {found.threshold:g}"


def _subtitle(found: Report) -> str:
    counts = found.guarded
    return (
        f"{counts.positives:,} pairs that one answer serves, {counts.negatives:,} that need different answers; "
        f"{found.embedder}"
    )


def _x(threshold: float, least: float) -> float:
    return _LEFT + (threshold - least) / (1 - least) * (_WIDTH - _LEFT - _RIGHT)


def _y(share: float) -> float:
    return _TOP + (1 - share) * (_HEIGHT - _TOP - _BOTTOM)


def _axes(least: float) -> list[str]:
    drawn = [_text((_LEFT + _WIDTH - _RIGHT) / 2, _HEIGHT - 12, "similarity from which on it is served", "middle")]
    for at in range(0, 101, 20):
        drawn.append(f'<path class="grid" d="M{_LEFT} {_y(at / 100):.1f}H{_WIDTH - _RIGHT}"/>')
        drawn.append(_text(_LEFT - 10, _y(at / 100) + 4, f"{at}%", "end"))
    for at in range(round(least * 100), 101, 10):
        drawn.append(_text(_x(at / 100, least), _HEIGHT - _BOTTOM + 22, f"{at / 100:.1f}", "middle"))
    return drawn


def _text(x: float, y: float, text: str, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" class="quiet">{escape(text)}</text>'


def _lines(found: Report) -> list[_Line]:
    def line(kind: str, alone: bool) -> _Line:
        counts = [(at.threshold, at.cosine if alone else at.guarded) for at in found.thresholds]
        points = [(threshold, each.hit_rate if kind == "right" else each.wrong_rate) for threshold, each in counts]
        how = "cosine alone" if alone else "with guards"
        return _Line(f"{'rightly' if kind == 'right' else 'wrongly'}, {how}", kind, alone, points)

    alone = [line("right", True), line("wrong", True)]
    return [line("right", False), line("wrong", False), *alone] if found.guards else alone


def _drawn(lines: Sequence[_Line], least: float) -> list[str]:
    drawn = []
    for line in lines:
        if not line.alone:
            upper = [_at(threshold, rate.high, least) for threshold, rate in line.points]
            lower = [_at(threshold, rate.low, least) for threshold, rate in reversed(line.points)]
            drawn.append(f'<path class="band {line.kind}" d="M{"L".join(upper + lower)}Z"/>')
        path = "L".join(_at(threshold, rate.share, least) for threshold, rate in line.points)
        drawn.append(f'<path class="{_classes(line)}" d="M{path}"/>')
    return drawn + _names(lines)


def _at(threshold: float, share: float, least: float) -> str:
    return f"{_x(threshold, least):.1f} {_y(share):.1f}"


def _names(lines: Sequence[_Line]) -> list[str]:
    """A legend, with a piece of each line."""
    drawn, left = [], _WIDTH - _RIGHT + 20
    for at, line in enumerate(lines):
        height = _TOP + 8 + 24 * at
        drawn.append(f'<path class="{_classes(line)}" d="M{left} {height}h24"/>')
        drawn.append(f'<text x="{left + 32}" y="{height + 4}" class="{line.kind}">{escape(line.name)}</text>')
    return drawn


def _classes(line: _Line) -> str:
    return f"line {'alone ' if line.alone else ''}{line.kind}"


def _chosen(threshold: float, least: float) -> list[str]:
    if threshold < least:
        return []
    at = _x(threshold, least)
    return [
        f'<path class="grid" style="opacity:.6" d="M{at:.1f} {_TOP - 6}V{_HEIGHT - _BOTTOM}"/>',
        _text(at, _TOP - 10, f"{threshold:g}", "middle"),
    ]
