"""Which resolutions are to be asked about, whom that concerns, and what was answered."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import exists, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.models import Audience, Delivery, Inbox, Message, Resolution, Survey, SurveySetup, Ticket
from app.rules import survey as rules
from app.rules import survey_words as words
from app.security import Vault
from channels.contract import Choice

KIND = "survey"  # of the messages that ask
PURPOSE = "survey"  # of a page's signature


def page(url: str, vault: Vault, number: int) -> str:
    """Where this question can be answered: who has the link may."""
    return f"{url}/rate/{number}-{vault.sign(PURPOSE, str(number))}"


def number_of(token: str, vault: Vault) -> int | None:
    """The question behind a page's token; None when we did not sign it."""
    number, _, signature = token.partition("-")
    genuine = number.isascii() and number.isdigit() and len(number) <= 18
    return int(number) if genuine and vault.signed(PURPOSE, number, signature) else None


async def any_asked(session: AsyncSession) -> bool:
    """Whether any inbox asks at all."""
    asks = col(Inbox.surveyed).is_(True), col(Inbox.enabled).is_(True)
    return await session.scalar(select(col(Inbox.id)).where(*asks).limit(1)) is not None


async def setup(session: AsyncSession, *, lock: bool = False) -> SurveySetup:
    """Locked, it lets one process at a time judge resolutions."""
    query = select(SurveySetup).where(col(SurveySetup.id) == 1)
    return (await session.scalars(query.with_for_update() if lock else query)).one()


async def due(session: AsyncSession, desk: SurveySetup, now: datetime, most: int) -> Sequence[Resolution]:
    """The resolutions behind the one that was judged last whose delay is over: a piece of an index."""
    until = now - timedelta(seconds=desk.delay_s)
    query = select(Resolution).where(col(Resolution.resolved_at) <= until)
    query = query.where(col(Resolution.resolved_at) > until - rules.LATE)
    if desk.reached_at is not None:
        place = tuple_(col(Resolution.resolved_at), col(Resolution.id))
        query = query.where(place > (desk.reached_at, desk.reached_id))
    query = query.order_by(col(Resolution.resolved_at), col(Resolution.id))
    return (await session.scalars(query.limit(most))).all()


async def wrote(session: AsyncSession, number: int) -> bool:
    """A customer wrote in this ticket, and no machine."""
    said = col(Message.ticket_id) == number, col(Message.direction) == "in", col(Message.auto).is_(False)
    held = col(Message.state).not_in((Delivery.HELD, Delivery.REFUSED))
    return bool(await session.scalar(select(exists().where(*said, held))))


async def answered(session: AsyncSession, number: int) -> bool:
    """An agent wrote back."""
    ours = col(Message.ticket_id) == number, col(Message.author) == "agent", col(Message.audience) == Audience.PUBLIC
    gone = col(Message.state).not_in((Delivery.FAILED, Delivery.DISCARDED))
    return bool(await session.scalar(select(exists().where(*ours, gone))))


async def rests(session: AsyncSession, person: int, now: datetime) -> bool:
    """This person was asked not long ago."""
    lately = col(Survey.person_id) == person, col(Survey.asked_at) > now - rules.REST
    return bool(await session.scalar(select(exists().where(*lately, col(Survey.state) != "skipped"))))


def choices(message: Message) -> tuple[Choice, ...]:
    """What may be tapped under this message."""
    if message.kind != KIND:
        return ()
    meta = message.meta
    found = words.choices(str(meta.get("asks", "")), int(meta.get("survey", 0)), str(meta.get("language", "")))
    return tuple(Choice(label, data) for label, data in found)


async def shown(session: AsyncSession, messages: Sequence[Message]) -> dict[int, dict[str, Any]]:
    """By message that asks: what may be tapped, and what was."""
    asking = {each.id: choices(each) for each in messages if each.kind == KIND}
    ids = {int(each.meta.get("survey", 0)) for each in messages if each.kind == KIND}
    if not asking:
        return {}
    known = {each.id: each for each in (await session.scalars(select(Survey).where(col(Survey.id).in_(ids)))).all()}
    found = {}
    for each in messages:
        survey = known.get(int(each.meta.get("survey", 0))) if each.kind == KIND else None
        if survey is None or not asking[each.id]:
            continue
        what: Any = survey.reason if each.meta.get("asks") == "reason" else survey.score
        found[each.id] = {
            "choices": [{"label": choice.label, "data": choice.data} for choice in asking[each.id]],
            "chosen": rules.data(survey.id, what) if what else None,
        }
    return found


async def of_page(session: AsyncSession, number: int) -> tuple[Survey, Ticket, str] | None:
    """The question with its ticket, and who asks."""
    query = select(Survey, Ticket).join(Ticket, col(Ticket.id) == col(Survey.ticket_id)).where(col(Survey.id) == number)
    found = (await session.execute(query.where(col(Survey.state) != "skipped"))).first()
    return (found[0], found[1], (await setup(session)).name) if found else None
