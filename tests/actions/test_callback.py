"""A call that we make hears its provider in every order (T6): the words of one story always tell the same story."""

import itertools
import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.actions import callback, calls, desk, legs
from app.models import Call, Clock, Episode, Identity, Inbox, Message, Order, Person, Thread, Ticket
from app.parts import Parts
from app.queries.inboxed import Inboxed
from channels.contract import CallUpdate
from channels.phone.numbers import dialled
from tests.actions.told import assert_calls_retold
from tests.cast import Cast

NOW = datetime(2026, 7, 1, 3, 0, tzinfo=UTC)
AGENT, CUSTOMER = "CA" + "a" * 32, "CA" + "c" * 32


class Line:
    """An inbox that one can call from."""

    dial_s = 40

    def dialled(self, value: str, *, costly: bool = False) -> str:
        return dialled(value, costly=costly)


def at(second: float) -> datetime:
    return NOW + timedelta(seconds=second)


def agent(event: str, second: float, reason: str = "") -> CallUpdate:
    return CallUpdate(call="", at=at(second), event=f"agent_{event}", leg=AGENT, reason=reason)


def customer(event: str, second: float, reason: str = "", seconds: int | None = None) -> CallUpdate:
    return CallUpdate(call="", at=at(second), event=event, leg=CUSTOMER, reason=reason, duration_s=seconds)


JOINED = [agent("ringing", 1), agent("joined", 3)]
STORIES = {
    "the customer hangs up": [
        *JOINED, customer("customer_ringing", 5), customer("connected", 9),
        customer("ended", 40, "completed", 31), agent("left", 41, "completed"),
    ],
    "the agent hangs up": [
        *JOINED, customer("customer_ringing", 5), customer("connected", 9),
        agent("left", 40, "completed"), customer("ended", 42, "completed", 33),
    ],
    "busy": [*JOINED, customer("ended", 6, "busy", 0), agent("left", 9, "completed")],
    "no answer": [
        *JOINED, customer("customer_ringing", 5), customer("ended", 45, "no-answer", 0), agent("left", 47, "completed")
    ],
    "the agent gives up": [
        *JOINED, customer("customer_ringing", 5), agent("left", 9, "completed"), customer("ended", 10, "canceled", 0)
    ],
    "the agent does not pick up": [agent("ringing", 1), agent("left", 21, "no-answer")],
}  # fmt: skip
ANSWERED = {"state": "ended", "outcome": "answered", "reason": "completed", "answered_at": at(9), "ended_at": at(40)}
KEPT = {"answered_at": None, "clock": "running", "needs_reply_since": NOW, "episode": None}
MET = {"clock": "met", "needs_reply_since": None, "episode": at(9)}
OUTCOMES = {
    "the customer hangs up": {**ANSWERED, **MET, "duration_s": 31},
    "the agent hangs up": {**ANSWERED, **MET, "duration_s": 33},
    "busy": {**KEPT, "state": "ended", "outcome": "unreached", "reason": "busy", "ended_at": at(6)},
    "no answer": {**KEPT, "state": "ended", "outcome": "unreached", "reason": "no-answer", "ended_at": at(45)},
    "the agent gives up": {**KEPT, "state": "ended", "outcome": "unreached", "reason": "canceled", "ended_at": at(9)},
    "the agent does not pick up": {
        **KEPT, "state": "ended", "outcome": "canceled", "reason": "no-answer", "ended_at": at(21)
    },
}  # fmt: skip


class Desk:
    """A ticket that needs a call-back; each story is told in a transaction that is taken back afterwards."""

    def __init__(self, parts: Parts, cast: Cast, inbox: Inboxed, ticket: int) -> None:
        self.parts, self.cast, self.inbox, self.ticket = parts, cast, inbox, ticket

    async def tell(self, session: AsyncSession, words: Sequence[CallUpdate]) -> dict[str, Any]:
        """What is known when the words were told in this order."""
        story = await session.begin_nested()
        ticket = await desk.locked(session, self.ticket)
        call = await callback.call_back(
            session, ticket, self.cast.hanako.agent, callback.Wish(via="browser"),
            lines={self.inbox.id: Line()}, now=NOW,
        )  # fmt: skip
        for word in words:
            key = call.order_key if word.event.startswith("agent") else legs.step_key(call, "dial")
            await calls.progress(session, self.inbox, replace(word, call=call.external_id, order=key), word.at)
        found = await self._known(session, call)
        await story.rollback()
        session.expunge_all()
        return found

    async def _known(self, session: AsyncSession, call: Call) -> dict[str, Any]:
        await session.flush()
        ticket = await session.get_one(Ticket, self.ticket)
        assert await assert_calls_retold(session, ticket.id) > 0, (
            "told again from the log, in whatever order it was told"
        )
        clock = (await session.scalars(select(Clock).where(col(Clock.ticket_id) == ticket.id))).one()
        episode = (await session.scalars(select(Episode).where(col(Episode.ticket_id) == ticket.id))).one()
        names = ("state", "outcome", "reason", "answered_at", "ended_at", "duration_s", "agent_id", "customer_leg")
        live = col(Order.call_id) == call.id, col(Order.state) == "queued", col(Order.kind) != "hangup"
        return {
            **{name: getattr(call, name) for name in names},
            "clock": clock.state,
            "needs_reply_since": ticket.needs_reply_since,
            "episode": episode.answered_at,
            "left_to_ring": len((await session.scalars(select(Order).where(*live))).all()),
        }


@pytest.fixture
async def waiting(parts: Parts, cast: Cast) -> Desk:
    """A missed call: a clock runs, an episode is open."""
    async with parts.database.write() as session:
        inbox, person = Inbox(kind="phone", name="電話", token="t", created_at=NOW), Person(created_at=NOW)
        session.add_all([inbox, person])
        await session.flush()
        number = "+819011112222"
        who = Identity(person_id=person.id, key=f"phone::{number}", kind="phone", value=number, created_at=NOW)
        ticket = Ticket(
            channel="phone", inbox_id=inbox.id, person_id=person.id, created_at=NOW, updated_at=NOW,
            needs_reply_since=NOW, due_at=at(3600),
        )  # fmt: skip
        session.add_all([who, ticket])
        await session.flush()
        thread = Thread(
            ticket_id=ticket.id, inbox_id=inbox.id, identity_id=who.id, channel="phone", conversation="CA1", last_seq=1,
            created_at=NOW,
        )  # fmt: skip
        session.add(thread)
        await session.flush()
        missed = Message(
            ticket_id=ticket.id, thread_id=thread.id, inbox_id=inbox.id, seq=1, direction="in", kind="call",
            sent_at=NOW, created_at=NOW,
        )  # fmt: skip
        session.add(missed)
        await session.flush()
        session.add_all([
            Episode(ticket_id=ticket.id, message_id=missed.id, channel="phone", opened_at=NOW),
            Clock(
                ticket_id=ticket.id, metric="first_response", started_at=NOW, target_s=3600, due_at=at(3600),
                counts_from=NOW, left_s=3600, wake_at=at(3600),
            ),
        ])  # fmt: skip
    return Desk(parts, cast, Inboxed(inbox.id, "phone"), ticket.id)


@pytest.mark.parametrize("story", STORIES)
async def test_T6_every_order_of_a_storys_words_ends_alike(waiting: Desk, story: str) -> None:
    async with waiting.parts.database.write() as session:
        wanted = await waiting.tell(session, STORIES[story])
        assert wanted | OUTCOMES[story] == wanted
        assert (wanted["agent_id"], wanted["left_to_ring"]) == (waiting.cast.hanako.id, 0)
        orders = list(itertools.permutations(STORIES[story]))
        for words in random.Random(6).sample(orders, min(len(orders), 36)):
            assert await waiting.tell(session, words) == wanted, [word.event for word in words]


@pytest.mark.parametrize("story", STORIES)
async def test_T6_words_that_come_twice_change_nothing(waiting: Desk, story: str) -> None:
    async with waiting.parts.database.write() as session:
        wanted = await waiting.tell(session, STORIES[story])
        assert await waiting.tell(session, [*STORIES[story], *STORIES[story]]) == wanted
        assert await waiting.tell(session, [word for word in STORIES[story] for _ in range(2)]) == wanted
        assert await waiting.tell(session, [*reversed(STORIES[story]), *STORIES[story]]) == wanted


async def test_T18_who_picks_up_after_the_agent_left_was_not_answered(waiting: Desk) -> None:
    """The words may come in any order behind the agent's leaving: nobody spoke with this customer."""
    left = agent("left", 9, "completed")
    rest = [customer("customer_ringing", 5), customer("connected", 9.5), customer("ended", 12, "completed", 3)]
    async with waiting.parts.database.write() as session:
        for words in itertools.permutations(rest):
            told = await waiting.tell(session, [*JOINED, left, *words])
            assert (told["outcome"], told["answered_at"], told["clock"]) == ("unreached", None, "running")


async def test_words_of_another_order_are_not_believed(waiting: Desk) -> None:
    """A leg that was asked for by somebody else's order neither joins nor answers."""
    async with waiting.parts.database.write() as session:
        story = await session.begin_nested()
        ticket = await desk.locked(session, waiting.ticket)
        call = await callback.call_back(
            session, ticket, waiting.cast.hanako.agent, callback.Wish(via="browser"),
            lines={waiting.inbox.id: Line()}, now=NOW,
        )  # fmt: skip
        for word in (*JOINED, customer("connected", 9), agent("left", 10)):
            placed = await calls.progress(
                session, waiting.inbox, replace(word, call=call.external_id, order="other"), at(9)
            )
            if word.event.startswith("agent"):
                assert placed.facts["state"] == "taken"
        assert (call.state, call.answered_at) == ("connecting", None)
        await story.rollback()


@given(number=st.from_regex(r"\A(\+81|0081)?(110|118|119)\Z") | st.sampled_from(["184110", "186 119", "911", "112"]))
def test_T22_emergency_numbers_are_never_dialled(number: str) -> None:
    with pytest.raises(Exception, match=r"emergency_number|wrong_number"):
        dialled(number, costly=True)
