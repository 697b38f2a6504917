"""Asking how satisfied a customer is, and taking the answer. All that is said to them is automatic: it meets no clock."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app import feed
from app.actions import desk, reply
from app.errors import Conflict, Invalid, Missing
from app.models import (
    Agent,
    Audit,
    Delivery,
    Identity,
    Inbox,
    Message,
    Notification,
    Person,
    Resolution,
    Status,
    Survey,
    SurveySetup,
    Thread,
    Ticket,
)
from app.queries import survey as queries
from app.queries.sla import staff
from app.rules import lifecycle, policies
from app.rules import survey as rules
from app.rules.survey_words import about, say
from app.text import plain
from channels import channel_type
from channels.contract import Chosen, Placement


class NoSurvey(Missing):
    """There is no such question."""


class SurveyClosed(Conflict):
    """This question can no longer be answered."""


class NoInboxToAsk(Invalid):
    """There is no such inbox."""


async def ask_due(session: AsyncSession, now: datetime, most: int) -> int:
    """Judges the resolutions whose time has come, in their order. One process at a time: the setup's row is locked."""
    setup = await queries.setup(session, lock=True)
    found = await queries.due(session, setup, now, most)
    for each in found:
        await _judge(session, each, now)
        setup.reached_at, setup.reached_id = each.resolved_at, each.id
    await session.flush()
    return len(found)


async def _judge(session: AsyncSession, resolution: Resolution, now: datetime) -> None:
    inbox = await session.get(Inbox, resolution.inbox_id) if resolution.inbox_id else None
    if inbox is None or not inbox.surveyed:
        return
    ticket = await desk.locked(session, resolution.ticket_id)
    person = await session.get_one(Person, ticket.person_id)
    survey = Survey(
        resolution_id=resolution.id, ticket_id=ticket.id, person_id=person.id, asked_at=now, channel=resolution.channel,
        inbox_id=resolution.inbox_id, team_id=resolution.team_id, agent_id=resolution.agent_id or ticket.assignee_id,
        language=person.language or inbox.language,
    )  # fmt: skip
    thread, survey.why = await _way(session, ticket, resolution, now)
    if thread is None:
        survey.state = "skipped"
        session.add(survey)
        await session.flush()
        return
    survey.thread_id = thread.id
    session.add(survey)
    await session.flush()
    survey.message_id = await _say(session, ticket, thread, survey, "score", now)
    await session.flush()


async def _way(
    session: AsyncSession, ticket: Ticket, resolution: Resolution, now: datetime
) -> tuple[Thread | None, str]:
    """The thread to ask in, or why not."""
    if ticket.status == Status.SPAM:
        return None, "spam"
    if resolution.reopened_at is not None or ticket.status not in lifecycle.SOLVED:
        return None, "reopened"
    if not await queries.wrote(session, ticket.id):
        return None, "silent"
    try:
        thread = await reply.thread_of(session, ticket, None)
    except reply.NoThread:
        return None, "phone"
    if not await queries.answered(session, ticket.id):
        return None, "unanswered"
    if await queries.rests(session, ticket.person_id, now):
        return None, "recent"
    identity = await session.get_one(Identity, thread.identity_id)
    if channel_type(thread.channel).limits.groups and identity.value != thread.conversation:
        return None, "group"
    try:
        await reply.check_reach(session, thread)
    except reply.CannotReply:
        return None, "unreachable"
    return thread, ""


async def _say(session: AsyncSession, ticket: Ticket, thread: Thread, survey: Survey, asks: str, now: datetime) -> int:
    """Queues one message of the machine: a question ("score", "reason") or the thanks. The ticket stays as it is."""
    key = {"score": "ask", "reason": "ask_reason"}.get(asks, "thanks")
    subject = thread.subject  # where customers see none, they know none; another conversation's is not theirs
    text = say(key, survey.language, about=about(subject, survey.language))
    thread.last_seq += 1
    message = Message(
        ticket_id=ticket.id, thread_id=thread.id, inbox_id=thread.inbox_id, seq=thread.last_seq, direction="out",
        author="machine", auto=True, kind=queries.KIND, subject=thread.subject, text=plain(text), sent_at=now, created_at=now,
        meta={"survey": survey.id, "asks": asks, "language": survey.language, "about": subject},
        state=Delivery.QUEUED, send_key=str(uuid.uuid4()), retry_at=now,
    )  # fmt: skip
    await reply.store(session, message, [])
    params: dict[str, Any] = {"survey": survey.id}
    kind = "survey.asked" if asks == "score" else "message.queued"
    await feed.record(session, feed.event(kind, now, ticket=ticket.id, message=message.id, **params))
    return message.id


async def chosen(session: AsyncSession, inbox_id: int, item: Chosen, now: datetime) -> Placement:
    """A tap in the channel itself. The same again, a stranger's, or one that comes too late changes nothing."""
    tapped = rules.tapped(item.data)
    survey = await _locked(session, tapped.survey) if tapped else None
    thread = await session.get(Thread, survey.thread_id) if survey and survey.thread_id else None
    if tapped is None or survey is None or thread is None or thread.inbox_id != inbox_id:
        return Placement(item=item)
    placed = Placement(item=item, ticket=survey.ticket_id, thread=thread.id)
    identity = await session.get_one(Identity, thread.identity_id)
    if identity.key != item.sender.key or not rules.may_answer(survey.asked_at, survey.answered_at, now):
        return placed
    if tapped.score == survey.score or (tapped.reason and (tapped.reason == survey.reason or survey.score is None)):
        return placed
    if item.handle is not None and thread.current:
        thread.handle, thread.handle_at = item.handle.token, item.handle.received_at
    await _answer(session, survey, tapped.score or survey.score or 0, tapped.reason, survey.comment, now)
    asks = "reason" if tapped.score is not None and rules.is_low(tapped.score) else "thanks"
    ticket = await session.get_one(Ticket, survey.ticket_id)
    if identity.reachable:
        await _say(session, ticket, thread, survey, asks, now)
    return placed


async def answer(session: AsyncSession, number: int, given: dict[str, Any], now: datetime) -> Survey:
    """On the page: {"score", "reason", "comment"}. Raises NoSurvey, SurveyClosed."""
    survey = await _locked(session, number)
    if survey is None:
        raise NoSurvey
    if not rules.may_answer(survey.asked_at, survey.answered_at, now):
        raise SurveyClosed
    comment = plain(given["comment"])[: rules.LONGEST_COMMENT]
    await _answer(session, survey, given["score"], given["reason"], comment, now)
    return survey


async def rated(session: AsyncSession, survey: Survey, score: int, now: datetime) -> None:
    """On the telephone: no reason is asked. One that comes too late changes nothing."""
    if rules.may_answer(survey.asked_at, survey.answered_at, now):
        await _answer(session, survey, score, survey.reason, survey.comment, now)


async def _locked(session: AsyncSession, number: int) -> Survey | None:
    query = select(Survey).where(col(Survey.id) == number, col(Survey.state) != "skipped").with_for_update()
    return (await session.scalars(query)).first()


async def _answer(session: AsyncSession, survey: Survey, score: int, reason: str, comment: str, now: datetime) -> None:
    """The latest answer counts. Leads hear of a low score once, when it becomes low."""
    reason = reason if rules.is_low(score) else ""
    if (survey.score, survey.reason, survey.comment) == (score, reason, comment):
        return
    fell = rules.is_low(score) and not rules.is_low(survey.score)
    changed = survey.answered_at is not None
    survey.score, survey.reason, survey.comment, survey.state = score, reason, comment, "answered"
    survey.answered_at, survey.changed_at = survey.answered_at or now, now
    await session.flush()
    to = await _warn(session, survey, now) if fell else []
    params: dict[str, Any] = {"survey": survey.id, "score": score, "reason": reason, "comment": comment}
    params |= {"changed": changed, "to": to, "resolved_by": survey.agent_id}
    told = feed.event("survey.answered", now, ticket=survey.ticket_id, message=survey.message_id, **params)
    await feed.record(session, told)


async def _warn(session: AsyncSession, survey: Survey, now: datetime) -> list[int]:
    people = await (await session.connection()).run_sync(staff)
    to = policies.told(["leads"], people, assignee=None, team=survey.team_id, owner=None)
    params = {"score": survey.score}
    session.add_all([
        Notification(agent_id=each, kind="survey.low", ticket_id=survey.ticket_id, params=params, created_at=now)
        for each in to
    ])  # fmt: skip
    await session.flush()
    return to


async def change_setup(
    session: AsyncSession, given: dict[str, Any], inbox_ids: set[int], *, by: Agent, now: datetime
) -> SurveySetup:
    """Which inboxes ask, how long after the resolution, and in whose name. Raises NoInboxToAsk."""
    setup = await queries.setup(session, lock=True)
    inboxes = (await session.scalars(select(Inbox).order_by(col(Inbox.id)))).all()
    if not inbox_ids <= {each.id for each in inboxes}:
        raise NoInboxToAsk(fields=[{"at": "inbox_ids", "says": NoInboxToAsk.title()}])
    setup.delay_s, setup.name = given["delay_s"], plain(given["name"]).strip()
    for each in inboxes:
        each.surveyed = each.id in inbox_ids
    session.add(Audit(at=now, agent_id=by.id, code="survey.changed"))
    await session.flush()
    await feed.record(session, feed.event("survey.changed", now, agent=by.id))
    return setup
