"""Cutting a long text into messages that LINE takes (L24, L25)."""

from itertools import islice

import regex

TEXT_UNITS = 5000  # UTF-16 code units of one text message (L24)

CLUSTER = regex.compile(r"\X")
URL = regex.compile(r"https?://[!-~]+")
PARAGRAPH = regex.compile(r"\n[ \t\u3000]*\n+")
LINE_END = regex.compile(r"\r?\n")
SENTENCE = regex.compile(r"[。！？!?]+[」』）)\]”’\"']*[ \u3000]*|\.\s+")
SPACE = regex.compile(r"\s+")

# The kinds of places where a cut may fall, best first, each with the share of the room that must be filled before it
# is taken: an early paragraph is no reason to send ten small messages.
PLACES = ((PARAGRAPH, 0.4), (LINE_END, 0.4), (SENTENCE, 0.3), (SPACE, 0.3))


def utf16_units(text: str) -> int:
    """How LINE counts: characters beyond U+FFFF are two."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def split(text: str, units: int = TEXT_UNITS) -> list[str]:
    """Parts of at most `units` UTF-16 units that join back to `text`; [] for "". ValueError below 2 units.

    Cuts after a paragraph, a line, a sentence or a space; never inside a grapheme cluster or a URL, unless one alone
    is longer than a message.
    """
    if units < 2:
        raise ValueError("one character may need two units")
    parts = []
    while utf16_units(text) > units:
        end = _cut(text, units)
        parts.append(text[:end])
        text = text[end:]
    return [*parts, text] if text else parts


def clip(text: str, clusters: int) -> str:
    """The first grapheme clusters of a text."""
    return "".join(found.group() for found in islice(CLUSTER.finditer(text), clusters))


def _cut(text: str, units: int) -> int:
    edges = _edges(text, units)
    if not edges:  # one cluster is longer than a message
        return _whole_characters(text, units)
    window = text[: edges[-1]]
    urls = [found.span() for found in URL.finditer(text, 0, min(len(text), edges[-1] + 2000))]
    allowed = {edge for edge in edges if not any(start < edge < end for start, end in urls)}
    for pattern, share in PLACES:
        ends = [found.end() for found in pattern.finditer(window) if found.end() in allowed]
        if ends and ends[-1] >= share * len(window):
            return int(ends[-1])
    return max(allowed, default=edges[-1])


def _edges(text: str, units: int) -> list[int]:
    """The ends of the grapheme clusters that fit, in order."""
    edges, used = [], 0
    for found in CLUSTER.finditer(text):
        used += utf16_units(found.group())
        if used > units:
            break
        edges.append(found.end())
    return edges


def _whole_characters(text: str, units: int) -> int:
    used = 0
    for index, char in enumerate(text):
        used += 2 if char > "\uffff" else 1
        if used > units:
            return index
    return len(text)
