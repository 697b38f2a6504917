"""What a channel on somebody's web page may offer besides: the part of the channel contract that speaks of the page."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol, runtime_checkable


@runtime_checkable
class Embeds(Protocol):
    """A channel whose customers sit at a socket of ours, on somebody's web page (W1, W2)."""

    resume_days: int  # how long an anonymous conversation may be resumed

    def admits(self, origin: str) -> bool:
        """Whether a page of this origin may show it."""

    def frame_ancestors(self) -> str:
        """The value of CSP's frame-ancestors."""

    def identify(self, token: str, now: datetime) -> Mapping[str, str]:
        """Who the page's owner says the visitor is: {"sub", "email", "name", "company"}. Raises Forged."""

    def look(self, language: str) -> Mapping[str, Any]:
        """What the page shows of the settings."""
