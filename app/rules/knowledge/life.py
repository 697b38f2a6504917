"""The life of an article: which step comes after which, and who may take it (K1, K2). Pure.

An agent writes, and says when a resolution is known. To call it true, to show it to customers, to move what customers see
and to put it away is for whoever may publish. What customers see is a version: an edit shows nothing until it is published.
"""

from datetime import datetime, timedelta

from app.errors import Conflict, Forbidden, Invalid
from app.models import ArticleAudience, Confidence

LOCALES = ("ja", "en")
WRITE, PUBLISH = "article.write", "article.publish"
REVIEW_AFTER = timedelta(days=180)  # K5: nothing stays true for ever
PARTS = ("issue", "environment", "cause", "resolution")
FIELDS = ("title", *PARTS, "keywords")
_WRITERS = {(Confidence.WIP, Confidence.NOT_VALIDATED), (Confidence.NOT_VALIDATED, Confidence.WIP)}


class NeedsResolution(Invalid):
    """An article without a resolution is work in progress."""


class NotPublishable(Conflict):
    """Only a validated article that is meant for customers can be published."""


class EmptyText(Invalid):
    """An article needs a title, and what happens or what to do."""


class PublishWindow(Invalid):
    """It must end after it begins, and in the future."""


class MayNotPublish(Forbidden):
    """This needs the right to publish."""


def check_text(title: str, issue: str, resolution: str) -> None:
    """EmptyText."""
    if not title.strip() or not (issue.strip() or resolution.strip()):
        raise EmptyText


def check_step(was: str, to: str, *, resolved: bool, publisher: bool) -> None:
    """From one state to another. `resolved`: a resolution is written. NeedsResolution, MayNotPublish."""
    if was == to:
        return
    if (was, to) not in _WRITERS and not publisher:
        raise MayNotPublish(permission=PUBLISH)
    if to in (Confidence.NOT_VALIDATED, Confidence.VALIDATED) and not resolved:
        raise NeedsResolution


def check_publish(state: str, audience: str, resolution: str) -> None:
    """NotPublishable."""
    if state != Confidence.VALIDATED or audience == ArticleAudience.INTERNAL or not resolution.strip():
        raise NotPublishable


def check_window(begins: datetime | None, ends: datetime | None, now: datetime) -> None:
    """PublishWindow."""
    if ends is not None and ends <= max(begins or now, now):
        raise PublishWindow


def stays_live(state: str, audience: str) -> bool:
    """Whether customers may go on seeing it."""
    return state == Confidence.VALIDATED and audience != ArticleAudience.INTERNAL


def is_outdated(based_on: int | None, source_version: int) -> bool:
    """K6: the text that it translates has moved on."""
    return based_on is not None and based_on < source_version


def review_due(review_at: datetime | None, state: str, now: datetime) -> bool:
    return review_at is not None and review_at <= now and state != Confidence.ARCHIVED
