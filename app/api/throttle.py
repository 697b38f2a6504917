"""How often somebody may try something, in this process."""

from collections import deque
from ipaddress import IPv6Address, ip_address

from starlette.requests import HTTPConnection

from app import clock
from app.errors import TooMany

MOST_KEYS = 10_000  # above it, whoever tried least recently is forgotten: the memory has an end


def peer_of(connection: HTTPConnection) -> str:
    """Who is counted: the address, or the network of an IPv6 address, of which one household has 2**64."""
    given = connection.client.host if connection.client else ""
    try:
        address = ip_address(given)
    except ValueError:
        return given
    if not isinstance(address, IPv6Address):
        return str(address)
    return str(address.ipv4_mapped or IPv6Address(int(address) >> 64 << 64))


class Throttle:
    """Counts tries by key within a sliding window."""

    def __init__(self, window_s: float) -> None:
        self._window_s = window_s
        self._tries: dict[str, deque[float]] = {}

    def check(self, **most: int) -> None:
        """Counts one try for each key, or none of them: TooMany when one has had its share."""
        at = clock.monotonic()
        full = [key for key, share in most.items() if self._recent(key, at) >= share]
        for key in full:
            self._tries[key] = self._tries.pop(key)
        if full:
            raise TooMany
        for key in most:
            tries = self._tries.pop(key, None) or deque()
            tries.append(at)
            self._tries[key] = tries  # at the end, as above: the order is by the last try
        while len(self._tries) > MOST_KEYS:
            del self._tries[next(iter(self._tries))]

    def forget(self, *keys: str) -> None:
        for key in keys:
            self._tries.pop(key, None)

    def _recent(self, key: str, at: float) -> int:
        tries = self._tries.get(key)
        while tries and at - tries[0] > self._window_s:
            tries.popleft()
        if tries is not None and not tries:
            del self._tries[key]
        return len(tries or ())
