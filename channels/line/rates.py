"""How often LINE may be asked, per channel and endpoint (L23): token buckets. Pure: the time comes in.

A bucket holds half of what a window allows and is refilled with the other half, so that no window of that length, wherever
it begins, ever sees more than LINE allows. Each process counts its own; where several send for one channel and LINE
says 429 all the same, the message waits as long as LINE asks.
"""

from collections.abc import Mapping
from dataclasses import dataclass

Rates = Mapping[str, tuple[int, float]]
OTHERS = ""
RATES: Rates = {  # so many requests in so many seconds
    "reply": (2000, 1.0),
    "push": (2000, 1.0),
    "endpoint": (1000, 60.0),
    "test_endpoint": (60, 3600.0),
    OTHERS: (2000, 1.0),
}
MOST_BYTES = 2_000_000  # of a request's body


@dataclass(slots=True)
class Bucket:
    """`room` requests at once, then `per_s` a second."""

    room: float
    per_s: float
    left: float
    at: float

    def take(self, now: float) -> float:
        """0 when one was taken, else the seconds until there is one."""
        self.left = min(self.room, self.left + max(0.0, now - self.at) * self.per_s)
        self.at = now
        if self.left < 1:
            return (1 - self.left) / self.per_s
        self.left -= 1
        return 0.0


class Buckets:
    """Those of one channel: a bucket for each endpoint, made when it is first asked."""

    def __init__(self, rates: Rates) -> None:
        self._rates = rates
        self._buckets: dict[str, Bucket] = {}

    def take(self, endpoint: str, now: float) -> float:
        bucket = self._buckets.get(endpoint)
        if bucket is None:
            most, window_s = self._rates.get(endpoint) or self._rates[OTHERS]
            room = max(1.0, most / 2)
            bucket = self._buckets[endpoint] = Bucket(room, room / window_s, room, now)
        return bucket.take(now)
