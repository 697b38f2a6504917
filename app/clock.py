"""The only place that reads the time. Tests patch `utcnow` and nothing else."""

import time
from datetime import UTC, datetime


def utcnow() -> datetime:
    """Now, in UTC, zone-aware."""
    return datetime.now(UTC)


def monotonic() -> float:
    """Seconds on a clock that never steps back."""
    return time.monotonic()
