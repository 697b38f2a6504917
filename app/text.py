"""Text: cleaning HTML, shortening, folding."""

import re
from collections.abc import Mapping
from itertools import islice
from typing import Any

import nh3
import regex

from app.markup import TooDeep, well_nested

MOST_HTML = 1_000_000  # characters; above it the plain text is shown instead
MOST_PREVIEW = 200  # code points: a cluster may have many
MOST_DEPTH = 400  # the parser is quadratic in nesting
MOST_TAGS = 30_000
_SPACE = re.compile(r"\s+")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")

_ATTRIBUTES = {
    "*": {"style", "align", "dir", "lang", "title"},
    "a": {"href"},
    "img": {"src", "alt", "width", "height"},
    "td": {"colspan", "rowspan", "width", "height", "valign", "bgcolor"},
    "th": {"colspan", "rowspan", "width", "height", "valign", "bgcolor"},
    "table": {"width", "border", "cellpadding", "cellspacing", "bgcolor"},
    "font": {"color", "size", "face"},
    "ol": {"start", "type"},
    "blockquote": {"type"},
}
_STYLES = {
    "color", "background-color", "font-weight", "font-style", "font-size", "font-family", "text-align",
    "text-decoration", "padding", "padding-left", "margin", "margin-left", "border", "border-left", "width",
    "line-height", "vertical-align", "white-space",
}  # fmt: skip


def clean_html(html: str) -> str:
    """What may be shown of a customer's HTML: no script, form, frame or event handler. Empty when it is too big to clean.

    Remote images keep their address; the screen shows them only when asked (E19). `cid:` images are resolved there too.
    """
    if not html or len(html) > MOST_HTML:
        return ""
    try:
        regular = well_nested(html, deepest=MOST_DEPTH, most=MOST_TAGS)
    except TooDeep:
        return ""
    return nh3.clean(
        regular,
        attributes=_ATTRIBUTES,
        url_schemes={"http", "https", "mailto", "tel", "cid"},
        link_rel="noopener noreferrer nofollow",
        filter_style_properties=_STYLES,
        clean_content_tags={"script", "style", "title", "head"},
    )


def preview(text: str, most: int = 160) -> str:
    """One line of at most `most` grapheme clusters."""
    line = text[: most * 8]
    if not line.isprintable() or "  " in line:
        line = _SPACE.sub(" ", _CONTROL.sub("", line))
    line = line.strip()
    if len(line) <= most:
        return line
    end = 0
    for cluster in islice(regex.finditer(r"\X", line), most - 1):
        if cluster.end() > MOST_PREVIEW - 1:
            break
        end = cluster.end()
    return line[: end or MOST_PREVIEW - 1] + "…"


def plain(text: str) -> str:
    """Text as the database can hold it: no NUL, half surrogates or control characters but tab and line ends."""
    if text.isprintable():  # most is
        return text
    return _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def storable(value: Any) -> Any:
    """JSON as PostgreSQL can hold it: `plain` strings all the way down."""
    if type(value) is str:
        return plain(value)
    if type(value) is dict or isinstance(value, Mapping):
        if _printable(value):  # most are
            return dict(value)
        return {plain(str(key)): storable(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [storable(each) for each in value]
    return value


def _printable(value: Mapping[Any, Any]) -> bool:
    """All of it is text without a control character, names and values."""
    try:
        return "".join([*value, *value.values()]).isprintable()
    except TypeError:
        return False
