"""Whose answers a lead reads before they go out, and who may let them go. Pure."""

from app.rules.permissions import may

APPROVE = "reply.approve"


def is_needed(role: str, *, of_agent: bool, of_team: bool) -> bool:
    """What is set for a person holds whoever they are; what is set for a team does not hold for those who approve there."""
    return of_agent or (of_team and not may(role, APPROVE))


def may_decide(role: str, decider_id: int, author_id: int) -> bool:
    """Four eyes: never one's own."""
    return may(role, APPROVE) and decider_id != author_id
