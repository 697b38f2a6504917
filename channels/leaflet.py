"""Pages to read, as a list: part of the channel contract."""

from dataclasses import dataclass
from typing import NamedTuple


class Link(NamedTuple):
    """A page to read."""

    title: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaflet:
    """Pages with words before and after them: what `Outbound.text` says too, for channels that can show a list."""

    lead: str
    links: tuple[Link, ...]
    ask: str
