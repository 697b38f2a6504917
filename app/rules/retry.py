"""When to try again. Pure. One policy for everything that is sent or fetched."""

SEND_S = (5, 15, 60, 300, 900, 1800, 3600, 7200, 14400, 28800, 43200, 86400)  # the last attempt comes after two days
HOOK_S = (5, 30, 120, 600, 1800, 3600, 7200, 14400, 21600, 36000)  # webhooks: the last attempt comes within 24 hours
FETCH_S = (1, 2, 4, 8, 15, 30, 60, 60, 60, 60, 60, 60, 120, 120, 300)  # L13: at most about 15 minutes


def send_delay(attempts: int, asked: float | None = None) -> float | None:
    """Seconds until the next attempt after `attempts` failures; None: give up. The provider's own wish comes first."""
    if attempts > len(SEND_S):
        return None
    wait = float(SEND_S[max(attempts, 1) - 1])  # none was made when our own limit held it back
    return max(asked, 0.5) if asked is not None else wait


def fetch_delay(attempts: int, asked: float | None = None) -> float | None:
    if attempts > len(FETCH_S):
        return None
    return max(asked, 0.2) if asked is not None else float(FETCH_S[attempts - 1])


def hook_delay(attempts: int) -> float | None:
    return float(HOOK_S[attempts - 1]) if attempts <= len(HOOK_S) else None
