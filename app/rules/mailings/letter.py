"""A report as a letter: text, HTML with charts, and a sheet. Pure.

The HTML is what mail programs have in common: tables, styles on the elements, pictures that come with the mail. Nothing in
it is fetched from anywhere.
"""

import importlib
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from html import escape
from typing import Any

from app.rules.kpi import FIGURES
from app.rules.kpi_words import definition, name
from app.rules.mailings.words import changed, say, told
from app.rules.sheet import sheet

INK, SOFT, LINE, GOOD, BAD, LINK = "#1c1917", "#57534e", "#d6d3d1", "#166534", "#9f1239", "#1d4477"
CELL = f"padding:8px 10px;border-bottom:1px solid {LINE};vertical-align:top"
RIGHT = f"{CELL};text-align:right;white-space:nowrap"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One figure. `shown` as the API gives it; `days`: its values of each day, None without data."""

    code: str
    shown: Mapping[str, Any]
    days: Sequence[tuple[date, float | None]] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """Everything that a report's letter says."""

    name: str
    language: str
    first: date
    last: date
    zone: str
    basis: str
    url: str
    lines: Sequence[Line]
    filters: Sequence[str] = ()
    terms: Mapping[str, Any] = field(default_factory=dict)  # what the definitions need to be said

    @property
    def empty(self) -> bool:
        """Nothing was counted at all."""
        return not any(line.shown["numerator"] or line.shown["denominator"] for line in self.lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    subject: str
    text: str
    html: str
    files: Sequence[dict[str, Any]] = ()


def compose(report: Told) -> Letter:
    return Letter(subject=_subject(report), text=_text(report), html=_html(report), files=_files(report))


def _days(report: Told) -> str:
    key = "one_day" if report.first == report.last else "days"
    return say(key, report.language, first=report.first.isoformat(), last=report.last.isoformat())


def _subject(report: Told) -> str:
    return say("subject", report.language, name=report.name, days=_days(report))[:200]


def _head(report: Told) -> list[str]:
    ja = report.language
    lines = [say("period", ja, days=_days(report), zone=report.zone), say(f"basis_{report.basis}", ja)]
    return [*lines, say("filters", ja, list=" · ".join(report.filters))] if report.filters else lines


def made_of(line: Line, language: str) -> str:
    """What the figure was made of, in its own unit."""
    figure, shown = FIGURES[line.code], line.shown
    if figure.fact == "span":
        parts = [told("duration", shown[part], language) for part in ("numerator", "denominator")]
        return say("of", language, n=parts[0], d=parts[1])
    if figure.kind == "ratio":
        return say("of", language, n=f"{shown['numerator']:,g}", d=f"{shown['denominator']:,g}")
    counted = shown["numerator"] if figure.kind == "count" else shown["denominator"]
    said = say("counted", language, n=f"{counted:,g}")
    if figure.kind == "duration" and shown["p50"] is not None:
        p50, p90 = (told("duration", shown[part], language) for part in ("p50", "p90"))
        said += " · " + say("spread", language, p50=p50, p90=p90)
    return said


def _better(line: Line, language: str) -> tuple[str, str]:
    """(words, colour) of a change that is for the better or the worse; empty when nobody can say."""
    change, good = line.shown["change"], FIGURES[line.code].good
    if not change or not good or not float(f"{change:.4f}"):
        return "", SOFT
    return (say("up", language), GOOD) if (change > 0) == (good == "up") else (say("down", language), BAD)


def _text(report: Told) -> str:
    ja = report.language
    lines = [report.name, *_head(report), ""]
    for line in report.lines:
        kind = FIGURES[line.code].kind
        better = _better(line, ja)[0]
        lines += [
            f"■ {name(line.code, ja)}: {told(kind, line.shown['value'], ja)}  ({made_of(line, ja)})",
            f"   {say('before', ja)}: {told(kind, line.shown['before'], ja)}  "
            f"{say('change', ja)}: {changed(kind, line.shown['change'])}{f' ({better})' if better else ''}",
        ]
    return "\n".join([*lines, "", say("open", ja), report.url, "", say("why", ja)])


def _html(report: Told) -> str:
    ja = report.language
    heads = [say(key, ja) for key in ("figure", "value", "made_of", "before", "change")]
    row = "".join(
        f'<th scope="col" style="{CELL if n in (0, 2) else RIGHT};color:{SOFT};font-weight:600;text-align:'
        f'{"left" if n in (0, 2) else "right"}">{escape(head)}</th>'
        for n, head in enumerate(heads)
    )
    table = "".join(_row(line, ja) for line in report.lines)
    charts = "".join(_chart(n, line, ja) for n, line in enumerate(report.lines) if line.days)
    said = "<br>".join(escape(line) for line in _head(report))
    font = "font-family:'Hiragino Kaku Gothic ProN','Yu Gothic',Meiryo,'Noto Sans JP',Arial,sans-serif"
    return (
        f'<div lang="{"en" if ja == "en" else "ja"}" style="{font};font-size:14px;line-height:1.6;color:{INK};'
        f'background-color:#ffffff;padding:16px"><h1 style="font-size:20px;margin:0 0 4px">{escape(report.name)}</h1>'
        f'<p style="margin:0 0 16px;color:{SOFT}">{said}</p>'
        f'<table cellspacing="0" cellpadding="0" style="border-collapse:collapse;width:100%;max-width:720px">'
        f"<thead><tr>{row}</tr></thead><tbody>{table}</tbody></table>"
        f'<p style="margin:16px 0"><a href="{escape(report.url)}" style="color:{LINK}">{escape(say("open", ja))}</a></p>'
        + (f'<h2 style="font-size:16px;margin:24px 0 8px">{escape(say("by_day", ja))}</h2>{charts}' if charts else "")
        + f'<p style="margin:24px 0 0;color:{SOFT};font-size:12px">{escape(say("why", ja))}</p></div>'
    )


def _row(line: Line, ja: str) -> str:
    kind, (words, colour) = FIGURES[line.code].kind, _better(line, ja)
    moved = escape(changed(kind, line.shown["change"]))
    moved += f'<br><span style="font-size:12px">{escape(words)}</span>' if words else ""
    return (
        f'<tr><th scope="row" style="{CELL};text-align:left;font-weight:400">{escape(name(line.code, ja))}</th>'
        f'<td style="{RIGHT};font-weight:600">{escape(told(kind, line.shown["value"], ja))}</td>'
        f'<td style="{CELL};color:{SOFT}">{escape(made_of(line, ja))}</td>'
        f'<td style="{RIGHT};color:{SOFT}">{escape(told(kind, line.shown["before"], ja))}</td>'
        f'<td style="{RIGHT};color:{colour}">{moved}</td></tr>'
    )


def _chart(number: int, line: Line, ja: str) -> str:
    called, kind = name(line.code, ja), FIGURES[line.code].kind
    values = ", ".join(f"{day.month}/{day.day} {told(kind, value, ja)}" for day, value in line.days)
    alt = escape(say("alt", ja, name=called, values=values))
    return (
        f'<p style="margin:16px 0 4px;font-weight:600">{escape(called)}</p>'
        f'<img src="cid:chart{number}" alt="{alt}" width="560" height="160" '
        f'style="width:100%;max-width:560px;height:auto;border:1px solid {LINE}">'
    )


def _files(report: Told) -> list[dict[str, Any]]:
    bars = importlib.import_module("app.rules.mailings.chart").bars  # Pillow comes with it: 4 MB, once a week
    pictures = [
        _file(f"{line.code}.png", "image/png", bars(FIGURES[line.code].kind, line.days), f"chart{n}")
        for n, line in enumerate(report.lines)
        if line.days
    ]
    called = say("file", report.language, first=report.first.isoformat(), last=report.last.isoformat())
    return [*pictures, _file(called, "text/csv", _sheet(report))]


def _file(called: str, media_type: str, content: bytes, content_id: str = "") -> dict[str, Any]:
    return {
        "name": called, "media_type": media_type, "content_id": content_id, "base64": b64encode(content).decode("ascii")
    }  # fmt: skip


def _sheet(report: Told) -> bytes:
    """The figures, and under them the charts' days."""
    ja = report.language
    head = [say(key, ja) for key in ("figure", "value", "numerator", "denominator", "p50", "p90", "before")]
    rows: list[list[object]] = [[report.name, *_head(report)], [*head, ""]]
    for line in report.lines:
        parts = [line.shown[part] for part in ("value", "numerator", "denominator", "p50", "p90", "before")]
        rows.append([name(line.code, ja), *parts, definition(line.code, ja, report.terms)])
    days = [day for day, _ in max((line.days for line in report.lines), key=len, default=())]
    rows += [[], [say("day", ja), *(name(line.code, ja) for line in report.lines)]]
    known = [dict(line.days) for line in report.lines]
    return sheet([*rows, *([day.isoformat(), *(each.get(day) for each in known)] for day in days)])
