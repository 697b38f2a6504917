"""What the doors keep in memory of an inbox."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from app.rules.upkeep.hearing import rhythm

HEARD_EVERY = timedelta(seconds=20)


@dataclass(slots=True)
class Inboxed:
    """What the batch needs to know of an inbox; kept in memory by the doors."""

    id: int
    kind: str
    team_id: int | None = None
    first_response_s: int = 3600
    language: str = "ja"
    heard_at: datetime | None = None
    tells_names: bool = False  # the channel can be asked who an address is (L34)
    news_at: datetime | None = None
    quiet_s: int = 0

    def quiet(self, now: datetime, *, news: bool = True) -> bool:
        """`heard_at` is worth a write: it is only a health sign. `news`: the hook says something."""
        return _old(self.heard_at, now) or (news and _old(self.news_at, now))

    def hear(self, at: datetime, *, news: bool) -> dict[str, Any]:
        """Remembers that it was heard; returns what of that its row keeps."""
        self.heard_at = at
        if news:
            self.quiet_s = rhythm(self.quiet_s, at - self.news_at) if self.news_at else 0
            self.news_at = at
        return {"id": self.id, "heard_at": self.heard_at, "news_at": self.news_at, "quiet_s": self.quiet_s}


def _old(at: datetime | None, now: datetime) -> bool:
    return at is None or now - at > HEARD_EVERY
