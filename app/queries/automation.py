"""What rules look at: the rules themselves, and the facts of any number of tickets in a few statements."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, and_, bindparam, case, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.models import (
    Account,
    Agent,
    Attachment,
    Automation,
    AutomationWake,
    Clock,
    Delivery,
    Event,
    Identity,
    Inbox,
    Message,
    Person,
    Team,
    Ticket,
    TicketTag,
)
from app.models.columns import NEVER, table_of
from app.queries import hours
from app.rules.automation import Facts, leaves
from app.rules.hours import Hours

READER = "automation"
# Events about a customer's word: two of them about the same one are one match.
ABOUT_WORDS = frozenset({"ticket.opened", "ticket.reopened", "message.received"})

_NUMBERS: BindParameter[Any] = bindparam("numbers", expanding=True)
_RULES = (
    select(Automation)
    .where(col(Automation.active).is_(True), col(Automation.archived_at).is_(None))
    .order_by(col(Automation.position), col(Automation.id))
)
_TICKETS = (
    select(
        *(getattr(Ticket, name) for name in (
            "id", "status", "priority", "channel", "origin", "inbox_id", "team_id", "assignee_id", "account_id", "subject",
            "reopened", "created_at", "resolved_at", "person_id",
        )),
        col(Person.name).label("person_name"),
        func.coalesce(func.nullif(col(Person.language), ""), col(Inbox.language)).label("language"),
        func.coalesce(col(Account.name), "").label("account_name"),
        func.coalesce(col(Account.tier), "").label("tier"),
    )
    .join(Inbox, col(Inbox.id) == col(Ticket.inbox_id))
    .join(Person, col(Person.id) == col(Ticket.person_id))
    .outerjoin(Account, col(Account.id) == col(Ticket.account_id))
    .where(col(Ticket.id).in_(_NUMBERS))
)  # fmt: skip
_TAGS = select(col(TicketTag.ticket_id), col(TicketTag.tag_id)).where(col(TicketTag.ticket_id).in_(_NUMBERS))
_HEARD = and_(
    col(Message.direction) == "in",
    col(Message.auto).is_(False),
    col(Message.state).not_in((Delivery.HELD, Delivery.REFUSED)),
)
_SAID = and_(col(Message.direction) == "out", col(Message.author) == "agent", col(Message.state) != Delivery.DISCARDED)
_WORDS = (
    select(
        col(Message.ticket_id),
        func.max(case((_HEARD, col(Message.sent_at)))).label("customer_at"),
        func.max(case((_SAID, col(Message.sent_at)))).label("reply_at"),
        func.min(col(Message.id)).label("first"),
        func.max(case((col(Message.direction) == "in", col(Message.id)))).label("latest"),
        func.max(case((_HEARD, col(Message.id)), (_SAID, col(Message.id)))).label("human"),
    )
    .where(col(Message.ticket_id).in_(_NUMBERS), col(Message.audience) == "public")
    .group_by(col(Message.ticket_id))
)
_MESSAGES = select(
    col(Message.id), col(Message.text), col(Message.subject), col(Message.author), col(Message.auto), col(Message.state),
    select(col(Attachment.id)).where(col(Attachment.message_id) == col(Message.id)).exists().label("files"),
).where(col(Message.id).in_(_NUMBERS))  # fmt: skip
_ADDRESSES = select(col(Identity.person_id), col(Identity.value), col(Identity.name)).where(
    col(Identity.person_id).in_(_NUMBERS)
)
_CLOCKS = select(
    col(Clock.ticket_id), col(Clock.metric), col(Clock.state), col(Clock.due_at), col(Clock.breached_at)
).where(col(Clock.ticket_id).in_(_NUMBERS), col(Clock.state).in_(("running", "paused")))
_DUE = (
    select(col(AutomationWake.ticket_id), col(AutomationWake.automation_id))
    .where(col(AutomationWake.at) <= bindparam("now", type_=table_of(AutomationWake).c.at.type))
    .order_by(col(AutomationWake.at))
    .limit(bindparam("most"))
)


@dataclass(frozen=True, slots=True)
class Rule:
    """One that is on."""

    id: int
    version: int
    stop: bool
    kinds: frozenset[str]
    timed: bool
    conditions: Mapping[str, Any]
    actions: Sequence[Mapping[str, Any]]
    since: datetime
    walked: int | None

    @property
    def calendars(self) -> set[int]:
        return calendars(self.conditions)


def rule(row: Automation) -> Rule:
    return Rule(
        row.id, row.version, row.stop, frozenset(row.trigger.get("on", ())), "time" in row.trigger, row.conditions,
        row.actions, row.since or row.created_at, row.walked,
    )  # fmt: skip


def calendars(conditions: Mapping[str, Any]) -> set[int]:
    return {leaf["calendar_id"] for _, leaf in leaves(conditions) if leaf.get("calendar_id") is not None}


async def rules(session: AsyncSession) -> list[Rule]:
    """Those that are on, in their order."""
    return [rule(row) for row in (await session.scalars(_RULES)).all()]


async def due(session: AsyncSession, now: datetime, most: int) -> list[tuple[int, int]]:
    """(ticket, rule) pairs whose time has come."""
    return [(number, rule_id) for number, rule_id in await session.execute(_DUE, {"now": now, "most": most})]


async def behind(session: AsyncSession, number: int, most: int) -> list[int]:
    """The next tickets behind this one."""
    query = select(col(Ticket.id)).where(col(Ticket.id) > number).order_by(col(Ticket.id)).limit(most)
    return list((await session.scalars(query)).all())


# -- facts --------------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Known:
    """What is known of some tickets at one moment."""

    now: datetime
    tickets: dict[int, dict[str, Any]] = field(default_factory=dict)
    messages: dict[int, dict[str, Any]] = field(default_factory=dict)
    first: dict[int, int] = field(default_factory=dict)
    latest: dict[int, int] = field(default_factory=dict)
    episodes: dict[int, str] = field(default_factory=dict)
    held: set[int] = field(default_factory=set)  # messages that nobody has let in yet
    hours: dict[int, Hours] = field(default_factory=dict)

    def facts(self, number: int, message: int | None = None) -> Facts:
        """With the words of this message, else of the customer's latest one."""
        chosen = message if message in self.messages else self.latest.get(number)
        return Facts(self.now, {**self.tickets[number], **self.messages.get(chosen or 0, {})}, self.hours)

    def about(self, event: Event) -> int | None:
        """The message that an event is about."""
        if event.message_id is not None or event.kind not in ABOUT_WORDS:
            return event.message_id
        return (self.first if event.kind == "ticket.opened" else self.latest).get(event.ticket_id or 0)


async def known(
    session: AsyncSession,
    numbers: Collection[int],
    now: datetime,
    *,
    messages: Iterable[int] = (),
    asked: Iterable[int] = (),
) -> Known:
    """`asked`: the calendars that count."""
    found = Known(now)
    asking = {"numbers": list(numbers)}
    tags: dict[int, set[int]] = {}
    for number, tag in await session.execute(_TAGS, asking):
        tags.setdefault(number, set()).add(tag)
    for row in (await session.execute(_TICKETS, asking)).mappings():
        found.tickets[row["id"]] = _ticket(row, tags.get(row["id"], set()))
    await _words(session, found, asking)
    wanted = {*messages, *found.first.values(), *found.latest.values()}
    for row in (await session.execute(_MESSAGES, {"numbers": list(wanted)})).mappings():
        found.messages[row["id"]] = _message(row)
        if row["state"] in (Delivery.HELD, Delivery.REFUSED):
            found.held.add(row["id"])
    await _clocks(session, found, asking)
    await _addresses(session, found)
    for number in asked:
        if (calendar := await hours.current(session, number)) is not None:
            found.hours[number] = calendar[1]
    return found


def _ticket(row: Mapping[Any, Any], tags: set[int]) -> dict[str, Any]:
    return {
        **{name: row[name] for name in ("status", "priority", "channel", "origin", "subject", "reopened", "tier")},
        "inbox": row["inbox_id"], "team": row["team_id"], "assignee": row["assignee_id"], "account": row["account_id"],
        "account_name": row["account_name"], "person_name": row["person_name"], "person_language": row["language"],
        "hours_since_created": row["created_at"], "hours_since_resolved": row["resolved_at"], "tag": tags,
        "breached": set(), "clock_due": None, "person": row["person_id"],
    }  # fmt: skip


def _message(row: Mapping[Any, Any]) -> dict[str, Any]:
    return {
        "message_text": row["text"], "message_subject": row["subject"], "message_by": row["author"],
        "message_auto": row["auto"], "message_has_attachment": bool(row["files"]),
    }  # fmt: skip


async def _words(session: AsyncSession, found: Known, asking: Mapping[str, Any]) -> None:
    human: dict[int, int] = {}
    for row in (await session.execute(_WORDS, asking)).mappings():
        number = row["ticket_id"]
        found.tickets[number] |= {"hours_since_customer": row["customer_at"], "hours_since_reply": row["reply_at"]}
        found.first[number], human[number] = row["first"], row["human"] or 0
        if row["latest"] is not None:
            found.latest[number] = row["latest"]
    for number, ticket in found.tickets.items():
        # A rule on time runs once in each: until a person writes, or the status changes.
        found.episodes[number] = f"{ticket['status']}.{ticket['reopened']}.{human.get(number, 0)}"


async def _clocks(session: AsyncSession, found: Known, asking: Mapping[str, Any]) -> None:
    for number, metric, state, due_at, breached_at in await session.execute(_CLOCKS, asking):
        ticket = found.tickets[number]
        if breached_at is not None:
            ticket["breached"].add(metric)
        elif state == "running" and due_at != NEVER:
            ticket["clock_due"] = min(ticket["clock_due"] or due_at, due_at)


async def _addresses(session: AsyncSession, found: Known) -> None:
    people: dict[int, list[tuple[str, str]]] = {}
    asking = {"numbers": list({each["person"] for each in found.tickets.values()})}
    for person, value, name in await session.execute(_ADDRESSES, asking):
        people.setdefault(person, []).append((value, name))
    for ticket in found.tickets.values():
        identities = people.get(ticket["person"], [])
        ticket["person_address"] = tuple(value for value, _ in identities)
        ticket["person_name"] = ticket["person_name"] or next((name for _, name in identities if name), "")


async def variables(session: AsyncSession, ticket: Ticket, agent: Agent | None) -> dict[str, str]:
    """What a template may say. Without an agent, the ticket's own."""
    person = await session.get_one(Person, ticket.person_id)
    names = select(col(Identity.name)).where(col(Identity.person_id) == person.id, col(Identity.name) != "")
    speaker = agent or (await session.get(Agent, ticket.assignee_id) if ticket.assignee_id is not None else None)
    account = await session.get(Account, ticket.account_id) if ticket.account_id is not None else None
    team = await session.get(Team, ticket.team_id) if ticket.team_id is not None else None
    return {
        "ticket.number": str(ticket.id),
        "ticket.subject": ticket.subject,
        "person.name": person.name or await session.scalar(names.limit(1)) or "",
        "person.kana": person.kana,
        "account.name": account.name if account else "",
        "agent.name": speaker.name if speaker else "",
        "agent.alias": (speaker.alias or speaker.name) if speaker else "",
        "team.name": team.name if team else "",
        "inbox.name": (await session.get_one(Inbox, ticket.inbox_id)).name,
    }
