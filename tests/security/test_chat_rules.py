"""W3 and W6 over the visitors' real socket: which conversation is resumed, and what counts as read."""

from datetime import timedelta

from sqlalchemy import update
from sqlmodel import col

from app import clock
from app.models import Ticket
from tests.security.rig import House, secret_of

A = secret_of("anna")


async def grown_old(house: House, days: int) -> None:
    await house.change(
        update(Ticket).where(col(Ticket.id) == 1).values(updated_at=clock.utcnow() - timedelta(days=days))
    )


async def test_W3_a_conversation_is_resumed_for_thirty_days_and_no_longer(house: House) -> None:
    async with house.visit(A) as anna:
        await anna.say("first")
        thread = anna.thread
    await grown_old(house, 29)
    for named in ({}, {"thread": thread, "last_seq": 0}):
        async with house.visit(A, **named) as anna:
            assert (anna.thread, len(anna.welcome["messages"])) == (thread, 1)
    await grown_old(house, 31)
    for named in ({}, {"thread": thread, "last_seq": 1}):
        async with house.visit(A, **named) as anna:
            assert anna.thread != thread and anna.welcome["messages"] == [], "named by the browser or not"
    async with house.visit(A, thread=thread, last_seq=1) as anna:
        assert (await anna.say("a month later"))["op"] == "said"
    assert house.rows("SELECT count(*) FROM ticket") == [(2,)]


async def test_W3_new_begins_another_conversation_and_the_old_one_stays_as_it_was(house: House) -> None:
    async with house.visit(A) as anna:
        await anna.say("about soy sauce")
        old = anna.thread
        await anna.tell(op="new")
        fresh = await anna.until("welcome")
        assert fresh["thread"] != old and (fresh["messages"], fresh["last_seq"]) == ([], 0)
        assert (await anna.say("about miso"))["message"]["seq"] == 1
    assert house.rows("SELECT ticket_id, text FROM message ORDER BY id") == [(1, "about soy sauce"), (2, "about miso")]


async def test_W6_read_is_what_the_visitor_said_they_saw_and_never_backwards(house: House) -> None:
    async with house.visit(A) as anna:
        await anna.say("hello")
        for number in (1, 2):
            answer = await house.api("POST", "/tickets/1/replies", json={"text": f"answer {number}"})
            assert answer.status_code == 201
            await anna.hears(f"answer {number}")
        read = "SELECT text FROM message WHERE direction = 'out' AND read_at IS NOT NULL ORDER BY seq"
        assert house.rows(read) == [], "delivered is not read"
        for seq, seen in ((2, 1), (1, 1), (3, 2), (2, 2)):
            await anna.tell(op="seen", seq=seq)
            await anna.ping()
            assert house.rows(read) == [(f"answer {n}",) for n in range(1, seen + 1)]
