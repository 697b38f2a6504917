"""When silence is worth a question (L12). Pure.

An inbox has its own rhythm: one that rests every night and weekend is not ill on a Sunday. The longest silence between
two pieces of news is remembered, and forgotten by half in four weeks.
"""

from datetime import datetime, timedelta

ASK_AFTER = timedelta(hours=6)  # of silence: then the provider is asked whether it still reaches us
ASK_EVERY = timedelta(hours=3)  # while the silence lasts
LEAST = timedelta(hours=24)  # a shorter silence is never unusual by itself
TIMES = 2  # so many of its longest silences
KNOWN_AFTER = timedelta(days=14)  # a younger inbox has no rhythm yet
HALF_LIFE_S = 28 * 86400.0


def rhythm(longest_s: int, gap: timedelta) -> int:
    """The longest usual silence in seconds, after one more of `gap`."""
    passed = max(gap.total_seconds(), 0)
    return int(max(passed, longest_s * 0.5 ** (passed / HALF_LIFE_S)))


def asks(news_at: datetime | None, asked_at: datetime | None, now: datetime) -> bool:
    """The provider is to be asked: this inbox used to hear from it, and has not for long."""
    if news_at is None or now - news_at < ASK_AFTER:
        return False
    return asked_at is None or now - asked_at >= ASK_EVERY


def unusual_at(created_at: datetime, news_at: datetime, longest_s: int) -> datetime:
    """From when on its silence is unusual, although the provider says that it reaches us."""
    return max(news_at + max(LEAST, TIMES * timedelta(seconds=longest_s)), created_at + KNOWN_AFTER)
