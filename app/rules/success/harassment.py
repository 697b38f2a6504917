"""Customer harassment (カスハラ, J6): the kinds of it, and who may see what. Pure.

Whoever works on a ticket sees that it was reported and how this person is now spoken with: they need it. What happened, in
whose words, and the figures are for designated staff, and for who reported it. Nobody is blocked by a report.
"""

from app.errors import Invalid

CATEGORIES = ("abuse", "threat", "holding", "repetition", "demand", "exposure", "sexual", "other")
OWN = ("reason", "care", "category", "lifted_why")


class NeedsGrounds(Invalid):
    """Say what happened: without a reason nobody is reported, and nothing is lifted."""


class ReviewPassed(Invalid):
    """The day of the review lies in the past, or is missing."""


def seen(report: dict[str, object], *, designated: bool, viewer: int) -> dict[str, object]:
    """The report as this person may see it."""
    if designated or report["by_id"] == viewer:
        return report
    return report | dict.fromkeys(OWN, "") | {"evidence": []}
