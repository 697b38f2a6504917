"""Markdown to HTML that can be shown anywhere, and to the plain text that a channel without markup can carry. Pure.

What an author writes is never HTML: tags come out as the characters that were typed, and nh3 is the second wall.
"""

import re
from collections.abc import Callable
from typing import Any

import nh3
from markdown_it import MarkdownIt
from markdown_it.common.utils import isMdAsciiPunct, isPunctChar
from markdown_it.parser_inline import ParserInline
from markdown_it.rules_inline.state_inline import Scanned, StateInline
from markdown_it.token import Token

FILE = re.compile(r"^file:([0-9a-f]{32})$")
_FILES = re.compile(r"!\[[^\]]*\]\(\s*file:([0-9a-f]{32})\b")
_WIDE = re.compile(r"[\u3000-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff00-\uffef]")
_TAGS = {
    "p", "br", "hr", "strong", "em", "s", "code", "pre", "blockquote", "ul", "ol", "li", "a", "img", "h3", "h4", "h5", "h6",
    "table", "thead", "tbody", "tr", "th", "td",
}  # fmt: skip
_ATTRIBUTES = {"a": {"href", "title"}, "img": {"src", "alt", "title", "loading"}, "ol": {"start"}}
_DEEPER = 2  # a page's own headings are the first two
Place = Callable[[str], str]  # a file's public id → where it can be fetched; "" when it cannot


class _Inline(StateInline):
    """Emphasis beside Japanese: CommonMark wants a space before `**「太字」**です`, and nobody writes one."""

    def scanDelims(self, start: int, canSplitWord: bool) -> Scanned:
        scanned = super().scanDelims(start, canSplitWord)
        before = self.src[start - 1] if start > 0 else " "
        after = self.src[start + scanned.length] if start + scanned.length < self.posMax else " "
        if self.src[start] != "*" or not (_WIDE.match(before) or _WIDE.match(after)):
            return scanned
        opens = not after.isspace() and (_WIDE.match(after) is not None or not _is_mark(after) or not before.isspace())
        closes = not before.isspace() and (
            _WIDE.match(before) is not None or not _is_mark(before) or not after.isspace()
        )
        return Scanned(opens, closes, scanned.length)


class _InlineParser(ParserInline):
    def parse(self, src: str, md: MarkdownIt, env: Any, tokens: list[Token]) -> list[Token]:
        state = _Inline(src, md, env, tokens)
        self.tokenize(state)
        for rule in self.ruler2.getRules(""):
            rule(state)
        return state.tokens


def _is_mark(char: str) -> bool:
    return isMdAsciiPunct(ord(char)) or isPunctChar(char)


class _Markdown(MarkdownIt):
    def validateLink(self, url: str) -> bool:
        return bool(re.match(r"^(https?:|mailto:|tel:|/|#)", url, re.I)) or bool(FILE.match(url))


def _parser() -> MarkdownIt:
    made = _Markdown("js-default", {"html": False, "linkify": False, "breaks": True, "maxNesting": 20})
    inline = _InlineParser()
    made.inline = inline
    return made


_MARKDOWN = _parser()


def files_of(text: str) -> set[str]:
    """The public ids of the pictures that it shows."""
    return set(_FILES.findall(text))


def to_html(text: str, place: Place) -> str:
    """HTML of a few safe tags. Pictures come from our own files only; links open as they are."""
    tokens = _MARKDOWN.parse(text)
    _settle(tokens, place)
    html = _MARKDOWN.renderer.render(tokens, _MARKDOWN.options, {})
    return nh3.clean(
        html, tags=_TAGS, attributes=_ATTRIBUTES, url_schemes={"http", "https", "mailto", "tel"},
        link_rel="noopener noreferrer",
    )  # fmt: skip


def _settle(tokens: list[Token], place: Place) -> None:
    """Headings go below the page's own, pictures get their address."""
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(int(token.tag[1]) + _DEEPER, 6)}"
        elif token.type == "image":
            found = FILE.match(str(token.attrs.get("src", "")))
            token.attrs["src"] = place(found[1]) if found else ""
            token.attrs["loading"] = "lazy"
        if token.children:
            _settle(token.children, place)


def to_plain(text: str) -> str:
    """As a person would type it into LINE or a text mail: no markup, lists with dots, links written out."""
    lines: list[str] = []
    numbers: list[int | None] = []
    for token in _MARKDOWN.parse(text):
        match token.type:
            case "bullet_list_open":
                numbers.append(None)
            case "ordered_list_open":
                numbers.append(int(token.attrs.get("start", 1)))
            case "bullet_list_close" | "ordered_list_close":
                numbers.pop()
                if not numbers:
                    lines.append("")
            case "list_item_open":
                lines.append(_bullet(numbers))
            case "inline":
                said = _said(token.children or [])
                if numbers and lines and lines[-1].endswith(("・", ". ")):
                    lines[-1] += said
                else:
                    lines.append(said)
            case "paragraph_close" | "heading_close" | "tr_close" if not numbers:
                lines.append("")
            case "fence" | "code_block":
                lines += [token.content.rstrip("\n"), ""]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _bullet(numbers: list[int | None]) -> str:
    indent, number = "  " * (len(numbers) - 1), numbers[-1]
    if number is None:
        return f"{indent}・"
    numbers[-1] = number + 1
    return f"{indent}{number}. "


def _said(children: list[Token]) -> str:
    parts: list[str] = []
    href = label = ""
    for token in children:
        match token.type:
            case "text" | "code_inline":
                parts.append(token.content)
                label += token.content
            case "softbreak" | "hardbreak":
                parts.append("\n")
            case "image":
                parts.append(f"[{token.content}]" if token.content else "")
            case "link_open":
                href, label = str(token.attrs.get("href", "")), ""
            case "link_close" if href and href not in (label, f"mailto:{label}"):
                parts.append(f" ({href})")
    return "".join(parts)
