"""What the doors keep in memory of an inbox."""

from dataclasses import dataclass
from datetime import datetime, timedelta

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

    def quiet(self, now: datetime) -> bool:
        """`heard_at` is worth a write: it is only a health sign."""
        return self.heard_at is None or now - self.heard_at > HEARD_EVERY
