"""The nouns: tables and enums, no logic beyond properties. Importing this room registers every table."""

from app.models.desk import Agent, ApiToken, Audit, Login, Presence, Role, Tag, Team, TeamMember
from app.models.event import Event
from app.models.hours import Calendar, CalendarVersion, Holiday
from app.models.inbox import HookState, Inbox, RawHook
from app.models.message import (
    Attachment,
    Audience,
    Call,
    CallState,
    Delivery,
    EarlyWord,
    FileState,
    Message,
    Order,
)
from app.models.people import Account, AccountPerson, Identity, Person
from app.models.ticket import (
    Assignment,
    Clock,
    Episode,
    Priority,
    Resolution,
    Status,
    Thread,
    Ticket,
    TicketTag,
)

__all__ = [
    "Account", "AccountPerson", "Agent", "ApiToken", "Assignment", "Attachment", "Audience", "Audit", "Calendar",
    "CalendarVersion", "Call", "CallState", "Clock", "Delivery", "EarlyWord", "Episode", "Event", "FileState",
    "Holiday", "HookState", "Identity", "Inbox", "Login", "Message", "Order", "Person", "Presence", "Priority",
    "RawHook", "Resolution", "Role", "Status", "Tag", "Team", "TeamMember", "Thread", "Ticket", "TicketTag",
]  # fmt: skip
