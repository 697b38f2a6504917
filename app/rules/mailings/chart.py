"""A figure's days as a picture that every mail program shows. Pure: values in, PNG bytes out.

It holds digits only. What it is called and what it says stands as text around it and in its alternative text: a server
needs no Japanese font, and who cannot see the picture reads the same.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from math import ceil, log10

from PIL import Image, ImageDraw, ImageFont

from app.rules.kpi import DURATION, MEAN, RATIO

WIDTH, HEIGHT = 1120, 320  # shown at half: sharp on fine screens
LEFT, RIGHT, TOP, BOTTOM = 110, 36, 20, 50
INK, LINE, BAR, LAST, PAPER = "#57534e", "#d6d3d1", "#3d6ea8", "#1d4477", "#ffffff"
LETTER = 24
MOST_LABELS = 8
UNITS = ((86400, "d"), (3600, "h"), (60, "min"), (1, "s"))


@dataclass(frozen=True, slots=True)
class Axis:
    """Up to where the bars may go, and what the lines are called."""

    top: float
    lines: tuple[tuple[float, str], ...]


def axis(kind: str, most: float) -> Axis:
    """Half and whole of a round number that nothing exceeds."""
    if kind == RATIO:
        return Axis(1, ((0.5, "50%"), (1, "100%")))
    if kind == MEAN:
        return Axis(5, ((2.5, "2.5"), (5, "5")))
    unit, sign = next(((n, f" {s}") for n, s in UNITS if most >= n), (1, " s")) if kind == DURATION else (1, "")
    top = _round_up(most / unit)
    return Axis(top * unit, tuple((top * part * unit, f"{top * part:,g}{sign}") for part in (0.5, 1)))


def _round_up(value: float) -> float:
    """1, 2, 4, 6, 8 or 10 of its power of ten, 2 at least: its half is a whole number too."""
    if value <= 2:
        return 2
    power = 10 ** int(log10(value))
    return next((float(n * power) for n in (2, 4, 6, 8) if n * power >= value), ceil(value / power / 10) * 10.0 * power)


def bars(kind: str, days: Sequence[tuple[date, float | None]]) -> bytes:
    """One bar a day; a day without data has none, and a point on the line says that it is a day without data."""
    image = Image.new("RGB", (WIDTH, HEIGHT), PAPER)
    draw, font = ImageDraw.Draw(image), ImageFont.load_default(LETTER)
    scale = axis(kind, max((value for _, value in days if value is not None), default=0))
    floor, room = HEIGHT - BOTTOM, HEIGHT - TOP - BOTTOM
    for height, said in ((0.0, "0"), *scale.lines):
        y = floor - room * height / scale.top
        draw.line((LEFT, y, WIDTH - RIGHT, y), LINE, 2)
        draw.text((LEFT - 14, y), said, INK, font, anchor="rm")
    step = (WIDTH - LEFT - RIGHT) / max(len(days), 1)
    every = ceil(len(days) / MOST_LABELS) or 1
    for n, (day, value) in enumerate(days):
        x, half = LEFT + step * (n + 0.5), min(step * 0.34, 40)
        if value is None:
            draw.ellipse((x - 3, floor - 12, x + 3, floor - 6), LINE)
        else:
            tall = max(room * min(value / scale.top, 1), 2 if value else 0)
            draw.rectangle((x - half, floor - tall, x + half, floor), LAST if n == len(days) - 1 else BAR)
        if (len(days) - 1 - n) % every == 0:
            draw.text((x, floor + 12), f"{day.month}/{day.day}", INK, font, anchor="ma")
    out = io.BytesIO()
    image.quantize(16).save(out, "PNG", optimize=True)
    return out.getvalue()
