"""What is asked about knowledge when a case is resolved (K3). Pure."""

from app.errors import Conflict, Invalid
from app.rules.lifecycle import SOLVED

OFF, ASK, REQUIRED = "off", "ask", "required"
MODES = (OFF, ASK, REQUIRED)
# Why a case has no article: nothing was asked, it happens once, it is about one customer's data, it is a duplicate.
REASONS = ("no_question", "one_off", "personal", "duplicate", "other")


class KnowledgeNeeded(Conflict):
    """Before this ticket is resolved: link an article, write one, or say why it needs none."""


class NeedsComment(Invalid):
    """Say in a few words why."""


def check_reason(reason: str, comment: str) -> None:
    """NeedsComment: "other" says nothing by itself."""
    if reason == "other" and not comment.strip():
        raise NeedsComment


def solves(before: str, to: str) -> bool:
    """Whether a change of status is a resolution, which is when the question is asked."""
    return to in SOLVED and before not in SOLVED


def is_open(mode: str, *, linked: bool, waived: bool) -> bool:
    """Whether the question has no answer yet. A team that is not asked has none to give."""
    return mode != OFF and not linked and not waived
