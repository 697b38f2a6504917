"""An article's safe HTML as plain values, for a page that takes no markup from strings (Trusted Types). Pure."""

from html.parser import HTMLParser

Node = str | list[object]  # a text, or [tag, attributes, children]
_EMPTY = frozenset({"br", "hr", "img"})


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.top: list[Node] = []
        self._open: list[tuple[str, list[Node]]] = [("", self.top)]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        inside: list[Node] = []
        self._open[-1][1].append([tag, {name: value or "" for name, value in attrs}, inside])
        if tag not in _EMPTY:
            self._open.append((tag, inside))

    def handle_endtag(self, tag: str) -> None:
        if len(self._open) > 1 and self._open[-1][0] == tag:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        self._open[-1][1].append(data)


def tree(html: str) -> list[Node]:
    """Of HTML that has been through the sanitiser: its tags are closed where they belong."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.top
