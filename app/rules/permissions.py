"""Who may do what: one plain table. Pure."""

from app.models import Role

_READ = {"ticket.read", "person.read"}
_AGENT = _READ | {
    "ticket.work",
    "ticket.reply",
    "note.write",
    "person.write",
    "call.answer",
    "file.write",
    "account.write",
    "report.own",
    "article.write",
    "handover.offer",
    "customer.answer",
}
# Customer success: accounts with their contracts, people and use. Agents see a short card of them (C16).
_SUCCESS = {"success.read", "success.write", "handover.offer", "handover.take", "customer.answer"}
_LEAD = _AGENT | {
    *_SUCCESS,
    "success.setup",
    "harassment.read",
    "ticket.spam",
    "reply.approve",
    "deadletter.read",
    "deadletter.retry",
    "raw.read",
    "tag.write",
    "team.write",
    "view.share",
    "calendar.write",
    "policy.write",
    "automation.write",
    "presence.write",
    "call.take",
    "report.read",
    "article.publish",
}
_OWNER = _LEAD | {"setting.write", "agent.write", "audit.read"}

GRANTS: dict[str, frozenset[str]] = {
    Role.OWNER: frozenset(_OWNER),
    Role.LEAD: frozenset(_LEAD),
    Role.AGENT: frozenset(_AGENT | {"ticket.spam", "raw.read", "tag.write"}),
    Role.SUCCESS: frozenset(
        _READ | _SUCCESS | {"note.write", "person.write", "file.write", "account.write", "article.write"}
    ),
}


def may(role: str, permission: str) -> bool:
    return permission in GRANTS.get(role, frozenset())


# What the log tells of companies themselves: their colour, their use, what is planned with them (C16).
_OF_SUCCESS = (
    "health.",
    "alert.",
    "rhythm.",
    "playbook.",
    "outreach.written",
    "account.used",
    "account.tier",
    "success.",
)


def may_hear(role: str, kind: str) -> bool:
    """Whether an event of the log may come to the screens of this role."""
    return not kind.startswith(_OF_SUCCESS) or may(role, "success.read")
