"""Calling back (T22), over real HTTP on both sides: the screens' API here, the provider there."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from pydantic import TypeAdapter
from sqlalchemy import select, update
from sqlmodel import col

from app.api.shapes import MessageOut, TicketDetail
from app.config import Settings
from app.models import Clock, Delivery, Episode, Identity, Inbox, Order, Person, Thread, Ticket
from channels.phone.words import WORDS
from demo.telephone_leg import FINAL, Leg
from tests.cast import Cast
from tests.telephone import AGENT, CUSTOMER, NUMBER, Desk, open_desk

JA = WORDS["ja"]


@pytest.fixture
async def desk(settings: Settings, cast: Cast) -> AsyncIterator[Desk]:
    async with open_desk(settings, cast) as opened:
        yield opened
        assert opened.cloud.alerts == [], "Twilio's debugger would show these"


async def promises(desk: Desk, ticket: int) -> tuple[list[str], list[bool], Any]:
    """The ticket's clocks, whether its episodes were answered, and since when it needs a reply."""
    async with desk.parts.database.read() as session:
        clocks = (await session.scalars(select(Clock).where(col(Clock.ticket_id) == ticket))).all()
        episodes = (await session.scalars(select(Episode).where(col(Episode.ticket_id) == ticket))).all()
        row = await session.get_one(Ticket, ticket)
    return [each.state for each in clocks], [each.answered_at is not None for each in episodes], row.needs_reply_since


async def test_T22_a_missed_call_is_called_back(desk: Desk) -> None:
    ticket = await desk.missed()
    begun = await desk.post(f"/tickets/{ticket}/calls", {"via": "browser"})
    assert begun.status_code == 201
    message = MessageOut.model_validate(begun.json())
    assert (message.kind, message.direction, message.author, message.state) == ("call", "out", "agent", "noted")
    assert message.call is not None
    assert (message.call.direction, message.call.state, message.call.outcome) == ("out", "connecting", "")
    assert (message.meta, message.seq) == ({"to": CUSTOMER, "via": "browser"}, 2)  # in the missed call's own thread
    await desk.deliver()
    (agent,) = desk.cloud.agent_legs
    assert (agent.to, agent.from_) == (f"client:agent-{desk.cast.hanako.id}", NUMBER)
    await agent.until(lambda: agent.doing == "Dial")
    assert agent.heard == [JA["calling"]]
    await desk.deliver()
    (customer,) = desk.cloud.customer_legs
    assert (customer.to, customer.from_) == (CUSTOMER, NUMBER)  # T23: our own number, never another
    await customer.until(lambda: customer.status == "ringing")
    assert (await desk.call(ticket))["state"] == "dialling"
    assert (await promises(desk, ticket))[2] is not None
    customer.answer()
    await customer.until(lambda: customer.with_sids == {agent.sid})
    await desk.cloud.settle()
    talking = await desk.call(ticket)
    assert (talking["state"], talking["agent_id"]) == ("connected", desk.cast.hanako.id)
    assert talking["answered_at"] is not None
    assert await promises(desk, ticket) == (["met"], [True], None)
    await customer.hang_up()
    await agent.until(lambda: agent.status in FINAL)
    await desk.cloud.settle()
    await desk.deliver()
    over = await desk.call(ticket)
    assert (over["state"], over["outcome"], over["reason"], over["failure"]) == ("ended", "answered", "completed", "")
    assert over["duration_s"] is not None
    TypeAdapter(TicketDetail).validate_python(await desk.get(f"/tickets/{ticket}"))


async def test_T14_the_agents_telephone_rings_first_and_needs_a_key(desk: Desk) -> None:
    ticket = await desk.missed()
    agent, customer = await desk.talking(ticket, "phone")
    assert (agent.to, agent.heard) == (AGENT, [JA["press_to_call"], JA["calling"]])
    await agent.hang_up()  # the other end may hang up as well: nobody is left alone in the room (T16)
    await desk.cloud.settle()
    await desk.deliver()
    await customer.until(lambda: customer.status in FINAL)
    await desk.cloud.settle()
    over = await desk.call(ticket)
    assert (over["state"], over["outcome"]) == ("ended", "answered")


@pytest.mark.parametrize("how", ["busy", "failed", "no-answer"])
async def test_T22_a_customer_who_is_not_reached_keeps_their_call_back(desk: Desk, how: str) -> None:
    ticket = await desk.missed()
    before = await promises(desk, ticket)
    agent, customer = await desk.dialled(ticket)
    assert customer.ring_s == desk.inbox.config["dial_s"]
    await customer.finish(how)  # how the network ended it
    await desk.cloud.settle()
    await desk.deliver()
    await agent.until(lambda: agent.status in FINAL)
    await desk.cloud.settle()
    over = await desk.call(ticket)
    assert (over["state"], over["outcome"], over["reason"]) == ("ended", "unreached", how)
    assert agent.heard == [JA["calling"], JA[how]]  # the agent is told, and not left on the line
    assert await promises(desk, ticket) == before
    assert before[2] is not None
    again = await desk.post(f"/tickets/{ticket}/calls", {"via": "browser"})
    assert again.status_code == 201


async def test_an_agent_who_does_not_pick_up_calls_nobody(desk: Desk) -> None:
    ticket = await desk.missed()
    await desk.post(f"/tickets/{ticket}/calls", {"via": "phone"})
    await desk.deliver()
    (agent,) = desk.cloud.agent_legs
    await agent.until(lambda: agent.status == "ringing")
    agent.decline()
    await agent.until(lambda: agent.status in FINAL)
    await desk.cloud.settle()
    await desk.deliver()
    over = await desk.call(ticket)
    assert (over["state"], over["outcome"], over["reason"]) == ("ended", "canceled", "busy")
    assert desk.cloud.customer_legs == []


async def test_hanging_up_while_the_agents_telephone_rings(desk: Desk) -> None:
    ticket = await desk.missed()
    begun = (await desk.post(f"/tickets/{ticket}/calls", {"via": "phone"})).json()["call"]
    await desk.deliver()
    (agent,) = desk.cloud.agent_legs
    await agent.until(lambda: agent.status == "ringing")
    got = await desk.post(f"/calls/{begun['id']}/hangup")
    assert (got.json()["state"], got.json()["outcome"]) == ("ended", "canceled")
    await desk.deliver()
    await agent.until(lambda: agent.status in FINAL)
    assert desk.cloud.customer_legs == []


async def test_hanging_up_before_anything_rang_rings_nobody(desk: Desk) -> None:
    ticket = await desk.missed()
    begun = (await desk.post(f"/tickets/{ticket}/calls")).json()["call"]
    await desk.post(f"/calls/{begun['id']}/hangup")
    await desk.deliver()
    assert desk.cloud.agent_legs == []
    assert await desk.orders(begun["id"]) == [("connect", Delivery.DISCARDED)]


@pytest.mark.parametrize("who", ["screen", "agent"])
async def test_hanging_up_while_the_customers_telephone_rings(desk: Desk, who: str) -> None:
    ticket = await desk.missed()
    agent, customer = await desk.dialled(ticket)
    if who == "screen":
        await desk.post(f"/calls/{(await desk.call(ticket))['id']}/hangup")
    else:
        await agent.hang_up()
        await desk.cloud.settle()
    await desk.deliver()
    await customer.until(lambda: customer.status == "canceled")
    await agent.until(lambda: agent.status in FINAL)
    await desk.cloud.settle()
    over = await desk.call(ticket)
    assert (over["state"], over["outcome"], over["reason"]) == ("ended", "unreached", "canceled")
    assert (await promises(desk, ticket))[2] is not None


async def test_T18_a_customer_who_picks_up_when_the_agent_has_gone_hears_so(desk: Desk) -> None:
    ticket = await desk.missed()
    agent, customer = await desk.dialled(ticket)
    await agent.hang_up()
    await desk.cloud.settle()  # the order to end the customer's leg is not carried out yet
    customer.answer()
    await customer.until(lambda: customer.status in FINAL)
    await desk.cloud.settle()
    assert customer.heard == [JA["sorry"]]
    await desk.deliver()
    over = await desk.call(ticket)
    assert (over["state"], over["outcome"], over["answered_at"]) == ("ended", "unreached", None)
    assert (await promises(desk, ticket))[2] is not None


async def test_L20_a_lost_answer_is_not_repeated_and_the_call_goes_on_by_its_words(desk: Desk) -> None:
    ticket = await desk.missed()
    call = (await desk.post(f"/tickets/{ticket}/calls")).json()["call"]
    desk.cloud.lose_next_answer()
    await desk.deliver_once()
    (agent,) = desk.cloud.agent_legs
    await agent.until(lambda: agent.doing == "Dial")
    assert (await desk.orders(call["id"]))[0] == ("connect", Delivery.UNCONFIRMED)
    desk.cloud.lose_next_answer()
    await desk.deliver_once()
    (customer,) = desk.cloud.customer_legs
    assert (await desk.orders(call["id"]))[1] == ("dial", Delivery.UNCONFIRMED)
    shown = await desk.call(ticket)
    assert (shown["state"], shown["failure"]) == ("dialling", "answer_lost")
    customer.answer()
    await customer.until(lambda: customer.with_sids)
    await desk.cloud.settle()
    assert (await desk.call(ticket))["state"] == "connected"
    assert len(desk.cloud.legs) == 3


@pytest.mark.parametrize("which", ["connect", "dial"])
async def test_T29_an_order_that_twilio_refuses_ends_the_call(desk: Desk, which: str) -> None:
    ticket = await desk.missed()
    call = (await desk.post(f"/tickets/{ticket}/calls")).json()["call"]
    if which == "dial":
        await desk.deliver_once()
        (agent,) = desk.cloud.agent_legs
        await agent.until(lambda: agent.doing == "Dial")
    desk.cloud.fail_next(400, 21215)  # the country is not allowed
    await desk.deliver()
    over = await desk.call(ticket)
    wanted = {"connect": "canceled", "dial": "unreached"}[which]
    assert (over["state"], over["outcome"], over["reason"], over["failure"]) == ("ended", wanted, "failed", "refused")
    if which == "dial":
        await agent.until(lambda: agent.status in FINAL)
        assert agent.heard == [JA["calling"], JA["failed"]]
    assert [kind for kind, _ in await desk.orders(call["id"])] == [
        "connect", *(["dial", "hangup"] if which == "dial" else [])
    ]  # fmt: skip


async def test_a_busy_moment_of_twilio_is_tried_again(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """T24: one call a second. The order knows that nothing was made, so it may be repeated."""
    ticket = await desk.missed()
    call = (await desk.post(f"/tickets/{ticket}/calls")).json()["call"]
    desk.cloud.fail_next(429, 20429)
    await desk.deliver()
    assert await desk.orders(call["id"]) == [("connect", Delivery.QUEUED)]
    async with desk.parts.database.write() as session:
        await session.execute(update(Order).values(retry_at=Order.created_at))
    await desk.deliver()
    assert len(desk.cloud.agent_legs) == 1


async def test_one_live_outgoing_call_an_agent_and_one_a_customer(desk: Desk) -> None:
    first, second = await desk.missed(), await desk.missed("+818033334444")
    assert first != second
    begun = (await desk.post(f"/tickets/{first}/calls")).json()["call"]
    refused = await desk.post(f"/tickets/{second}/calls")
    assert (refused.status_code, refused.json()["code"], refused.json()["call"]) == (
        409,
        "already_calling",
        begun["id"],
    )
    refused = await desk.post(f"/tickets/{first}/calls", by=desk.cast.jiro)
    assert (refused.status_code, refused.json()["code"]) == (409, "call_going_on")
    assert (await desk.post(f"/tickets/{second}/calls", by=desk.cast.jiro)).status_code == 201
    await desk.post(f"/calls/{begun['id']}/hangup")
    assert (await desk.post(f"/tickets/{first}/calls")).status_code == 201


async def number_of(desk: Desk, ticket: int, value: str, scope: str = "") -> int:
    """Gives the ticket's person this number, on file only; the id of the identity."""
    async with desk.parts.database.write() as session:
        row = await session.get_one(Ticket, ticket)
        made = Identity(
            person_id=row.person_id, key=f"phone:{scope}:{value}", kind="phone", value=value, scope=scope,
            created_at=row.created_at,
        )  # fmt: skip
        session.add(made)
        await session.flush()
        return made.id


NOT_DIALLED = [
    ("110", 422, "emergency_number"),
    ("118", 422, "emergency_number"),
    ("119", 422, "emergency_number"),
    ("+81990504123", 422, "premium_number"),
    ("12345", 422, "wrong_number"),
    ("+81570000123", 409, "costly_number"),
]


async def test_T22_numbers_that_are_not_dialled(desk: Desk) -> None:
    ticket = await desk.missed()
    for value, status, code in NOT_DIALLED:
        identity = await number_of(desk, ticket, value)
        refused = await desk.post(f"/tickets/{ticket}/calls", {"identity_id": identity})
        assert (refused.status_code, refused.json()["code"], refused.json()["number"]) == (status, code, value)
        agreed = await desk.post(f"/tickets/{ticket}/calls", {"identity_id": identity, "confirmed": True})
        assert agreed.status_code == (201 if code == "costly_number" else status)


async def test_T8_a_withheld_number_cannot_be_called(desk: Desk) -> None:
    ticket = await desk.missed("+266696687")
    refused = await desk.post(f"/tickets/{ticket}/calls")
    assert (refused.status_code, refused.json()["code"]) == (409, "withheld_number")
    await number_of(desk, ticket, "+818033334444")  # somebody asked them and wrote it down
    begun = await desk.post(f"/tickets/{ticket}/calls")
    assert begun.json()["meta"]["to"] == "+818033334444"


async def test_a_case_that_began_elsewhere_is_called_too(desk: Desk) -> None:
    async with desk.parts.database.write() as session:
        now = desk.cast.team.created_at
        inbox = Inbox(kind="email", name="mail", token="mail-token", created_at=now)
        person = Person(name="佐藤", created_at=now)
        session.add_all([inbox, person])
        await session.flush()
        ticket = Ticket(channel="email", inbox_id=inbox.id, person_id=person.id, created_at=now, updated_at=now)
        session.add(ticket)
    refused = await desk.post(f"/tickets/{ticket.id}/calls")
    assert (refused.status_code, refused.json()["code"]) == (409, "no_number")
    await number_of(desk, ticket.id, CUSTOMER)
    begun = await desk.post(f"/tickets/{ticket.id}/calls")
    assert begun.status_code == 201
    call = begun.json()["call"]
    live = {"id": call["id"], "direction": "out", "state": "connecting", "started_at": call["started_at"]}
    known = live | {"agent_id": desk.cast.hanako.id, "team_id": None, "rings": None}
    assert (await desk.get(f"/tickets/{ticket.id}"))["ticket"]["call"] == known
    async with desk.parts.database.read() as session:
        thread = (await session.scalars(select(Thread).where(col(Thread.ticket_id) == ticket.id))).one()
    assert (thread.channel, thread.inbox_id, thread.conversation[:4]) == ("phone", desk.inbox.id, "out:")


async def test_without_a_telephone_inbox_or_a_telephone_of_ones_own(desk: Desk) -> None:
    ticket = await desk.missed()
    refused = await desk.post(f"/tickets/{ticket}/calls", {"via": "phone"}, by=desk.cast.jiro)
    assert (refused.status_code, refused.json()["code"]) == (409, "no_phone")
    assert (await desk.post("/tickets/999/calls")).status_code == 404
    assert (await desk.post(f"/tickets/{ticket}/calls", by=desk.cast.success)).status_code == 403
    await desk.http.patch(
        f"/api/v1/inboxes/{desk.inbox.id}", json={"enabled": False}, headers=desk.cast.owner.bearer
    )  # fmt: skip
    refused = await desk.post(f"/tickets/{ticket}/calls")
    assert (refused.status_code, refused.json()["code"]) == (409, "no_phone_inbox")


async def test_a_browser_telephone_that_is_not_set_up_is_said_so(desk: Desk) -> None:
    got = await desk.http.get(
        "/api/v1/phone/token", params={"inbox": desk.inbox.id}, headers=desk.cast.hanako.bearer
    )  # fmt: skip
    assert (got.status_code, got.json()["code"]) == (409, "no_softphone")


async def test_T18_a_caller_who_hangs_up_while_an_agent_is_rung_frees_the_agent(desk: Desk) -> None:
    leg = await desk.waiting()
    number = (await desk.get("/tickets"))["items"][0]["number"]
    call = await desk.call(number)
    assert (await desk.post(f"/calls/{call['id']}/answer", {"via": "phone"})).json()["state"] == "connecting"
    await desk.deliver()
    (agent,) = desk.cloud.agent_legs
    await agent.until(lambda: agent.status == "ringing")
    await desk.cloud.settle()
    await leg.hang_up()
    await desk.cloud.settle()
    await desk.deliver()
    await agent.until(lambda: agent.status == "canceled")
    over = await desk.call(number)
    assert (over["state"], over["outcome"]) == ("ended", "missed")


async def lost_ring(desk: Desk) -> tuple[Leg, Leg, int]:
    """A caller, the agent's telephone that rings although nobody knows it, and the call, which waits on."""
    caller = await desk.waiting()
    call = await desk.call((await desk.get("/tickets"))["items"][0]["number"])
    desk.cloud.hold_callbacks()
    await desk.post(f"/calls/{call['id']}/answer", {"via": "phone"})
    desk.cloud.lose_next_answer()
    await desk.deliver_once()
    (agent,) = desk.cloud.agent_legs
    await agent.until(lambda: agent.status == "ringing")
    assert (await desk.row(call["id"])).state == "waiting"
    assert await desk.orders(call["id"]) == [("connect", Delivery.UNCONFIRMED)]
    return caller, agent, call["id"]


async def test_L20_an_agent_who_is_rung_after_all_gets_the_caller(desk: Desk) -> None:
    caller, agent, call = await lost_ring(desk)
    await desk.cloud.release_callbacks()
    agent.answer()
    await agent.until(lambda: agent.doing == "Gather")
    agent.press("1")
    await agent.until(lambda: agent.doing == "Dial")
    await desk.deliver()
    await caller.until(lambda: caller.with_sids == {agent.sid})
    row = await desk.row(call)
    assert (row.state, row.agent_id, row.agent_leg) == ("connected", desk.cast.hanako.id, agent.sid)


async def test_T17_an_agent_who_comes_late_hears_that_the_call_is_taken(desk: Desk) -> None:
    _, late, call = await lost_ring(desk)
    await desk.cloud.release_callbacks([])
    assert (await desk.post(f"/calls/{call}/answer", {"via": "browser"}, by=desk.cast.jiro)).status_code == 200
    late.answer()
    await late.until(lambda: late.status in FINAL)
    assert late.heard == [JA["taken"]]
    row = await desk.row(call)
    assert (row.state, row.agent_id) == ("connecting", desk.cast.jiro.id)
