"""Whom articles may be offered to now, which, and what may be tapped under an offer."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.models import ArticleOffer, Delivery, Episode, Inbox, Message, Status, Ticket
from app.queries.knowledge import help as readers
from app.queries.knowledge.articles import words_of
from app.rules.knowledge import offer as rules
from app.rules.knowledge.suggest import SURE, suggest
from app.security import Vault
from channels.contract import Choice
from channels.leaflet import Leaflet, Link

KIND = "articles"  # of the messages that offer
PURPOSE = "article-offer"  # of a link's signature


async def any_offering(session: AsyncSession) -> bool:
    on = col(Inbox.offers_articles).is_(True), col(Inbox.enabled).is_(True)
    return await session.scalar(select(col(Inbox.id)).where(*on).limit(1)) is not None


async def waiting(session: AsyncSession, now: datetime, most: int) -> Sequence[int]:
    """Fresh questions that nobody has answered, of tickets that were not offered articles too often or want a person.

    Only unanswered episodes are looked at: a piece of an index, whatever is in the database.
    """
    ticket = col(Message.ticket_id) == col(Episode.ticket_id)
    query = select(col(Message.id)).join(Episode, ticket & (col(Message.id) >= col(Episode.message_id)))
    query = query.join(Ticket, col(Ticket.id) == col(Message.ticket_id)).join(
        Inbox, col(Inbox.id) == col(Message.inbox_id)
    )
    query = query.where(
        col(Episode.opened_at) > now - rules.BEGUN, col(Episode.answered_at).is_(None), col(Episode.void).is_(False),
        col(Message.created_at) > now - rules.FRESH, col(Message.direction) == "in", col(Message.kind) == "text",
        col(Message.auto).is_(False), col(Message.state) == Delivery.RECEIVED, col(Message.unsent_at).is_(None),
        col(Inbox.offers_articles).is_(True), col(Inbox.enabled).is_(True), col(Ticket.status) == Status.OPEN,
        col(Ticket.first_response_at).is_(None), ~exists().where(col(ArticleOffer.question_id) == col(Message.id)),
    )  # fmt: skip
    return (await session.scalars(query.order_by(col(Message.id)).limit(most))).all()


async def may_offer(session: AsyncSession, ticket_id: int) -> bool:
    """Never more than twice, and never again to who asked for a person."""
    query = select(func.count(), func.count(col(ArticleOffer.person_at))).where(
        col(ArticleOffer.ticket_id) == ticket_id
    )
    offers, wanted = (await session.execute(query)).one()
    return bool(offers < rules.MOST_OFFERS and not wanted)


async def fitting(session: AsyncSession, text: str, ticket_id: int, language: str) -> list[readers.Live]:
    """Public and validated ones that surely fit, the best first, none that this ticket was offered before."""
    held = (await session.scalars(select(ArticleOffer).where(col(ArticleOffer.ticket_id) == ticket_id))).all()
    before = {number for each in held for number in each.article_ids}
    found = {each.text.id: each for each in await readers.everything(session) if each.article.id not in before}
    corpus = [words_of(number, each.version) for number, each in found.items()]
    best: dict[int, readers.Live] = {}
    for number, score in suggest(text, corpus, most=rules.TOP * 2):
        live = found[number]
        if score >= SURE and (live.article.id not in best or live.text.locale == language):
            best[live.article.id] = live
    return list(best.values())[: rules.TOP]


def _language(message: Message) -> str:
    return str(message.meta.get("language", "ja"))


def choices(message: Message) -> tuple[Choice, ...]:
    """What may be tapped under this message."""
    if message.kind != KIND:
        return ()
    meta = message.meta
    return tuple(Choice(*each) for each in rules.choices(int(meta.get("offer", 0)), _language(message)))


async def shown(session: AsyncSession, messages: Sequence[Message]) -> dict[int, dict[str, Any]]:
    """By message that offers: what may be tapped, and what was."""
    offering = {int(each.meta.get("offer", 0)): each for each in messages if each.kind == KIND}
    if not offering:
        return {}
    query = select(ArticleOffer).where(col(ArticleOffer.id).in_(offering))
    return {
        offering[each.id].id: {
            "choices": [{"label": one.label, "data": one.data} for one in choices(offering[each.id])],
            "chosen": _chosen(each),
        }
        for each in (await session.scalars(query)).all()
    }


def _chosen(offer: ArticleOffer) -> str | None:
    if offer.person_at is not None:
        return rules.data(offer.id, rules.PERSON)
    return rules.data(offer.id, rules.SOLVED) if offer.solved_at is not None else None


def token(vault: Vault, number: int) -> str:
    return f"{number}-{vault.sign(PURPOSE, str(number))}"


def number_of(given: str, vault: Vault) -> int | None:
    """The offer behind a link; None when we did not sign it."""
    return readers.number_of(given, vault, PURPOSE)


def on_the_way_out(message: Message, url: str, vault: Vault, *, tappable: bool) -> str:
    """The text with links that tell that they were opened; by mail with a page to answer on.

    Made for the way out only: who reads the conversation here must not be counted as the customer, nor answer for them.
    """
    signed, language = token(vault, int(message.meta["offer"])), _language(message)
    lines = [f"{line}?o={signed}" if line.startswith(f"{url}/help/") else line for line in message.text.split("\n")]
    text = "\n".join(lines)
    return text if tappable else f"{text}\n\n{rules.WORDS[language]['mail']}\n{url}/help/{language}/offers/{signed}"


def leaflet(message: Message, vault: Vault) -> Leaflet | None:
    """The same as a list, for channels that can show one; None for an offer of before there was one."""
    signed, words = token(vault, int(message.meta["offer"])), rules.WORDS[_language(message)]
    links = tuple(Link(title, f"{place}?o={signed}") for title, place in message.meta.get("links", ()))
    return Leaflet(lead=words["lead"], links=links, ask=words["ask"]) if links else None
