"""The nouns: tables and enums, no logic beyond properties. Importing this room registers every table."""

from app.models.automation import (
    Automation,
    AutomationRun,
    AutomationWake,
    LogReader,
    Macro,
    Webhook,
    WebhookDelivery,
)
from app.models.cases import Merge, TicketLink
from app.models.desk import Agent, ApiToken, Audit, Login, Presence, Role, Tag, Team, TeamMember
from app.models.event import Event
from app.models.handover import Background, Handover
from app.models.hours import Calendar, CalendarVersion, Holiday
from app.models.inbox import HookState, Inbox, RawHook
from app.models.knowledge import (
    Article,
    ArticleAudience,
    ArticleCategory,
    ArticleFeedback,
    ArticleFiling,
    ArticleLink,
    ArticleSlug,
    ArticleText,
    ArticleVersion,
    Confidence,
    MissedSearch,
)
from app.models.mailing import CopyState, Mailing, MailingCopy, ReportMail
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
from app.models.playbook import Playbook, PlaybookRun, PlaybookStep, PlaybookVersion
from app.models.renewal import ContractValue, Renewal
from app.models.report import Snapshot, SnapshotPart
from app.models.routing import (
    AgentSkill,
    Decision,
    Mode,
    Offer,
    PresenceSpan,
    Queued,
    Requirement,
    RoutingSetup,
    Skill,
    Strategy,
    TeamRouting,
)
from app.models.sla import ClockEntry, Notification, Policy, PolicyVersion, Recount
from app.models.success import Contract, SuccessSetup, UsageEvent
from app.models.survey import Survey, SurveySetup
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
    "Account", "AccountPerson", "Agent", "AgentSkill", "ApiToken", "Article", "ArticleAudience", "ArticleCategory",
    "ArticleFeedback", "ArticleFiling", "ArticleLink",
    "ArticleSlug", "ArticleText", "ArticleVersion", "Assignment", "Attachment",
    "Audience", "Audit", "Automation", "AutomationRun", "AutomationWake", "Background", "Calendar", "CalendarVersion",
    "Call", "CallState", "Clock", "ClockEntry", "Confidence", "Contract", "ContractValue", "CopyState", "Decision", "Delivery",
    "EarlyWord", "Episode", "Event", "FileState", "Handover", "Holiday", "HookState", "Identity", "Inbox",
    "LogReader", "Login", "Macro", "Mailing", "MailingCopy", "Merge", "Message", "MissedSearch", "Mode",
    "Notification", "Offer", "Order", "Person",
    "Playbook", "PlaybookRun", "PlaybookStep", "PlaybookVersion", "Policy", "PolicyVersion", "Presence", "PresenceSpan",
    "Priority",
    "Queued", "RawHook", "Recount", "Renewal", "ReportMail", "Requirement", "Resolution", "Role", "RoutingSetup", "Skill",
    "Snapshot", "SnapshotPart", "Status", "Strategy", "SuccessSetup", "Survey", "SurveySetup", "Tag", "Team",
    "TeamMember", "TeamRouting", "Thread", "Ticket", "TicketLink", "TicketTag", "UsageEvent", "Webhook",
    "WebhookDelivery",
]  # fmt: skip
