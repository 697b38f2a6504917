"""Tables as files that a spreadsheet opens as they are: UTF-8 with its mark, no formula from what people wrote. Pure."""

import csv
import io
from collections.abc import Iterable, Sequence

MARK = "\ufeff"  # without it Excel takes Japanese for another encoding
STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")


def cell(value: object) -> str:
    """Numbers stay numbers; a text that a spreadsheet would compute is marked as one."""
    if value is None:
        return ""
    if isinstance(value, int | float):
        return repr(value)
    said = str(value)
    full_width = said.translate({0xFF1D: "=", 0xFF0B: "+", 0xFF0D: "-", 0xFF20: "@"})
    return f"'{said}" if full_width.lstrip(" ").startswith(STARTS) or said.startswith(STARTS) else said


def sheet(rows: Iterable[Sequence[object]]) -> bytes:
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows([cell(each) for each in row] for row in rows)
    return (MARK + out.getvalue()).encode()
