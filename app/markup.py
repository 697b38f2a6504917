"""Strangers' HTML made regular before it is parsed: every tag closed, in order, no deeper than asked.

A real HTML parser repairs crossed and unclosed tags by rules that let 40 kB of them grow to 24 MB (each unclosed <b> is
opened again in each later paragraph) and that take quadratic time. Markup that is nested properly cannot do that.
"""

import re
from collections.abc import Collection, Iterator

import nh3

KNOWN = frozenset(nh3.ALLOWED_TAGS)
VOID = frozenset({"br", "hr", "img", "wbr", "col", "area"})
# What stands inside these is no text: it goes with them.
DROPPED = ("script", "style", "title", "textarea", "xmp", "iframe", "noembed", "noframes", "noscript", "plaintext")
BLOCKS = frozenset({
    "p", "div", "table", "ul", "ol", "dl", "blockquote", "pre", "hr", "center", "h1", "h2", "h3", "h4", "h5", "h6",
    "article", "aside", "details", "summary", "figure", "figcaption", "footer", "header", "hgroup", "nav", "li", "dd", "dt",
})  # fmt: skip
ROWS = frozenset({"table", "tbody", "thead", "tfoot"})
PARENTS = {
    "caption": frozenset({"table"}), "colgroup": frozenset({"table"}), "col": frozenset({"table", "colgroup"}),
    "tbody": frozenset({"table"}), "thead": frozenset({"table"}), "tfoot": frozenset({"table"}), "tr": ROWS,
    "td": ROWS | {"tr"}, "th": ROWS | {"tr"},
}  # fmt: skip
GRID = ROWS | {"tr", "colgroup"}  # only parts of a table stand directly in these
WALLS = frozenset({"table", "td", "th", "caption"})  # a tag does not close what is open beyond them
# A new one ends the one before it, when that is open still: (which, what it does not look beyond).
ENDS = {
    "a": ({"a"}, WALLS),
    "li": ({"li"}, WALLS | {"ul", "ol", "dl", "blockquote"}),
    "dd": ({"dd", "dt"}, WALLS | {"ul", "ol", "dl", "blockquote"}),
    "dt": ({"dd", "dt"}, WALLS | {"ul", "ol", "dl", "blockquote"}),
}
MOST_ATTRIBUTES = 100  # of one tag
_NAME = r"[a-zA-Z][^\t\n\f\r />]*+"
# One attribute as the HTML standard's tokenizer reads it. Possessive, so that no input makes it try twice.
_VALUE = r"\"([^\"]*+)\"|'([^']*+)'|([^\t\n\f\r >\"'][^\t\n\f\r >]*+)|"
_ATTRIBUTE = re.compile(rf"[\t\n\f\r /]*+(=?[^\t\n\f\r />=]*+)(?:[\t\n\f\r ]*+=[\t\n\f\r ]*+(?:{_VALUE}))?+")
_PIECE = re.compile(rf"<!--(?:>|->|.*?(?:--!?>|\Z))|<(?:[!?]|/(?![a-zA-Z]))[^>]*+>?|<(/?)({_NAME})", re.DOTALL)
_ESCAPED = str.maketrans({'"': "&quot;", "<": "&lt;", ">": "&gt;"})
_PLAIN_NAME = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:.-]*")


class TooDeep(Exception):
    """More nesting, or more tags, than anybody writes."""


def well_nested(text: str, *, deepest: int, most: int) -> str:
    """The same HTML with only known tags, closed in order. TooDeep above `deepest` levels or `most` tags."""
    out: list[str] = []
    stack: list[str] = []
    tags = 0
    for closing, name, attributes, words in _tokens(text):
        out.append(words.replace("<", "&lt;"))
        if name not in KNOWN:
            continue
        tags += 1
        if closing:
            _close(name, stack, out)
        else:
            _open(name, attributes, stack, out)
        if tags > most or len(stack) > deepest:
            raise TooDeep
    out.extend(f"</{each}>" for each in reversed(stack))
    return "".join(out)


def _end(names: Collection[str], walls: Collection[str], stack: list[str], out: list[str]) -> None:
    """Closes the innermost of these that is open on this side of a wall, and what is open inside of it."""
    for at in range(len(stack) - 1, -1, -1):
        if stack[at] in names:
            out.extend(f"</{each}>" for each in reversed(stack[at:]))
            del stack[at:]
            return
        if stack[at] in walls:
            return


def _close(name: str, stack: list[str], out: list[str]) -> None:
    _end({name}, {"table"} if name in PARENTS else WALLS, stack, out)


def _open(name: str, attributes: str, stack: list[str], out: list[str]) -> None:
    if name in PARENTS:
        if "table" not in stack:
            return
        while stack[-1] not in PARENTS[name]:
            out.append(f"</{stack.pop()}>")
    elif stack and stack[-1] in GRID:
        return
    if name in BLOCKS:
        _end({"p"}, WALLS, stack, out)
    if name in ENDS:
        _end(*ENDS[name], stack, out)
    out.append(f"<{name}{attributes}>")
    if name not in VOID:
        stack.append(name)


def _tokens(text: str) -> Iterator[tuple[bool, str, str, str]]:
    """(closing, tag in lower case, its attributes, the text before it); the tag is empty for what is no tag."""
    at = 0
    while found := _PIECE.search(text, at):
        words, name = text[at : found.start()], (found[2] or "").lower()
        if not name:
            at = found.end()
            yield False, "", "", words
            continue
        attributes, at = _attributes(text, found.end(), name in KNOWN and not found[1])
        if at < 0:  # the document ends within a tag: no tag, as in a browser
            yield False, "", "", words
            return
        if name in DROPPED and not found[1]:
            at = _end_of(name, text, at)
        yield bool(found[1]), name, attributes, words
    yield False, "", "", text[at:]


def _attributes(text: str, at: int, wanted: bool) -> tuple[str, int]:
    """A tag's attributes, written so that they can be read in one way only, and where the tag ends; -1: nowhere."""
    kept: list[str] = []
    while True:
        found = _ATTRIBUTE.match(text, at)
        assert found is not None  # it matches nothing at all, too
        at, moved = found.end(), found.end() > at
        if wanted and _PLAIN_NAME.fullmatch(found[1]):
            value = next((each for each in found.groups()[1:] if each is not None), "")
            kept.append(f' {found[1]}="{value.translate(_ESCAPED)}"')
            if len(kept) > MOST_ATTRIBUTES:
                raise TooDeep
        if at >= len(text):
            return "", -1
        if text[at] == ">":
            return "".join(kept), at + 1
        if not moved:
            return "", -1  # a quote that never ends


def _end_of(name: str, text: str, at: int) -> int:
    if name == "plaintext":
        return len(text)
    found = re.compile(rf"</{name}[\t\n\f\r />]", re.IGNORECASE).search(text, at)
    return found.start() if found else len(text)
