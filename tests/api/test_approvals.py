"""承認: a lead reads it first. Never one's own, nothing is met before it goes, and approving twice sends once."""

import asyncio
from datetime import timedelta

from sqlalchemy import select, update
from sqlmodel import col

from app import clock
from app.models import Agent, Approval, Clock, Event, Message, Team, Ticket
from tests.api.conftest import Desk, heard
from tests.api.test_live import hello

REPLY = "明日お届けします"


async def _case(desk: Desk, *, agent: bool = False, team: bool = False) -> int:
    """A customer waits; Hanako, or everybody of the ticket's team, is to be read first."""
    await desk.say(1, "まだ届きません")
    async with desk.database.write() as session:
        ticket = (await session.scalars(select(Ticket))).one()
        if ticket.team_id is None:
            ticket.team_id = await session.scalar(select(col(Team.id)).limit(1))
        await session.execute(update(Team).where(col(Team.id) == ticket.team_id).values(needs_approval=team))
        await session.execute(update(Agent).where(col(Agent.id) == desk.cast.hanako.id).values(needs_approval=agent))
    return ticket.id


async def _out(desk: Desk) -> list[Message]:
    async with desk.database.read() as session:
        return list((await session.scalars(select(Message).where(col(Message.direction) == "out"))).all())


async def _asked(desk: Desk, number: int, **more: object) -> int:
    body = {"text": REPLY, "client_id": "client-1", **more}
    answer = await desk.client(desk.cast.hanako).post(f"/api/v1/tickets/{number}/approvals", json=body)
    assert answer.status_code in (200, 201), answer.text
    return int(answer.json()["id"])


async def test_an_answer_waits_for_a_lead_and_meets_its_clock_only_when_it_is_sent(desk: Desk) -> None:
    number = await _case(desk, agent=True)
    hanako, lead = desk.client(desk.cast.hanako), desk.client(desk.cast.lead)
    straight = await hanako.post(f"/api/v1/tickets/{number}/replies", json={"text": REPLY})
    assert (straight.status_code, straight.json()["code"]) == (409, "needs_approval")
    asked = await _asked(desk, number, then="pending")
    assert await _asked(desk, number) == asked, "the same again is the same request"
    row = (await lead.get("/api/v1/tickets?view=approval")).json()["items"][0]
    assert (row["number"], row["needs_reply_since"] is None, row["first_response_at"]) == (number, False, None)
    assert row["approval_since"] is not None
    assert (await lead.get("/api/v1/tickets/counts")).json()["views"]["approval"] == 1
    assert await _out(desk) == []
    async with desk.database.write() as session:
        await session.execute(update(Approval).values(asked_at=clock.utcnow() - timedelta(minutes=9)))
    sent = await lead.post(f"/api/v1/approvals/{asked}/approve", json={"text": "明後日お届けします"})
    assert sent.status_code == 200, sent.text
    assert (sent.json()["text"], sent.json()["agent_id"]) == ("明後日お届けします", desk.cast.hanako.id)
    meta = sent.json()["meta"]
    assert (meta["approved_by"], meta["approval_edited"]) == (desk.cast.lead.id, True)
    assert meta["approval_waited_s"] >= 540, "the time that it waited is told"
    async with desk.database.read() as session:
        clocks = {each.metric: each.met_at for each in (await session.scalars(select(Clock))).all()}
        ticket = await session.get_one(Ticket, number)
    assert ticket.first_response_at is not None and clocks["first_response"] == ticket.first_response_at
    assert ticket.status == "pending"
    assert (await lead.get("/api/v1/tickets?view=approval")).json()["items"] == []


async def test_approving_twice_at_once_sends_once(desk: Desk) -> None:
    number = await _case(desk, team=True)
    asked = await _asked(desk, number)
    who = (desk.client(desk.cast.lead), desk.client(desk.cast.owner), desk.client(desk.cast.lead))
    answers = await asyncio.gather(*(each.post(f"/api/v1/approvals/{asked}/approve", json={}) for each in who))
    assert [each.status_code for each in answers] == [200, 200, 200]
    assert len({each.json()["id"] for each in answers}) == len(await _out(desk)) == 1
    late = await who[0].post(f"/api/v1/approvals/{asked}/return", json={"comment": "x"})
    assert (late.status_code, late.json()["code"]) == (409, "approval_decided")
    taken = await desk.client(desk.cast.hanako).post(f"/api/v1/approvals/{asked}/withdraw")
    assert (taken.status_code, taken.json()["code"]) == (409, "approval_decided")


async def test_only_a_lead_decides_and_never_about_their_own(desk: Desk) -> None:
    number = await _case(desk, agent=True)
    asked = await _asked(desk, number)
    for member in (desk.cast.hanako, desk.cast.jiro, desk.cast.success):
        client = desk.client(member)
        assert (await client.post(f"/api/v1/approvals/{asked}/approve", json={})).status_code == 403
        assert (await client.post(f"/api/v1/approvals/{asked}/return", json={"comment": "x"})).status_code == 403
    assert (await desk.client(desk.cast.jiro).post(f"/api/v1/approvals/{asked}/withdraw")).status_code == 403
    async with desk.database.write() as session:
        await session.execute(update(Agent).where(col(Agent.id) == desk.cast.lead.id).values(needs_approval=True))
    lead, body = desk.client(desk.cast.lead), {"text": REPLY, "client_id": "client-2"}
    assert (await lead.post(f"/api/v1/tickets/{number}/replies", json=body)).status_code == 409
    own = (await lead.post(f"/api/v1/tickets/{number}/approvals", json=body)).json()["id"]
    refused = await lead.post(f"/api/v1/approvals/{own}/approve", json={})
    assert (refused.status_code, refused.json()["code"]) == (403, "not_your_own")
    assert (await desk.client(desk.cast.owner).post(f"/api/v1/approvals/{own}/approve", json={})).status_code == 200


async def test_it_is_returned_with_a_comment_or_taken_back_and_colleagues_hear_of_it(desk: Desk) -> None:
    number = await _case(desk, agent=True)
    hanako, lead = desk.client(desk.cast.hanako), desk.client(desk.cast.lead)
    async with desk.socket("/live", desk.cast.lead) as socket:
        await hello(socket)
        asked = await _asked(desk, number)
        news = await heard(socket, "news")
        assert [each["kind"] for each in news["events"]] == ["approval.asked"]
        assert [each["approval_since"] is not None for each in news["tickets"]] == [True]
    assert (await lead.post(f"/api/v1/approvals/{asked}/return", json={"comment": ""})).status_code == 422
    assert (await lead.post(f"/api/v1/approvals/{asked}/return", json={"comment": "日付を確かめて"})).status_code == 200
    shown = (await hanako.get(f"/api/v1/tickets/{number}/approvals")).json()
    assert shown["needed"] is True
    assert [(each["state"], each["comment"], each["text"]) for each in shown["items"]] == [
        ("returned", "日付を確かめて", REPLY)
    ]
    assert (await lead.post(f"/api/v1/approvals/{asked}/approve", json={})).json()["code"] == "approval_decided"
    assert (await hanako.post(f"/api/v1/approvals/{asked}/withdraw")).status_code == 200
    assert (await hanako.get(f"/api/v1/tickets/{number}/approvals")).json()["items"] == []
    async with desk.database.read() as session:
        kinds = (
            await session.scalars(
                select(col(Event.kind)).where(col(Event.kind).like("approval.%")).order_by(col(Event.id))
            )
        ).all()
    assert list(kinds) == ["approval.asked", "approval.returned", "approval.withdrawn"]
    assert await _out(desk) == []


async def test_what_the_customer_added_meanwhile_is_read_before_it_is_approved(desk: Desk) -> None:
    number = await _case(desk, team=True)
    asked = await _asked(desk, number)
    async with desk.database.read() as session:
        seen = max((await session.scalars(select(col(Message.id)))).all())
    await desk.say(2, "やはりキャンセルします")
    lead = desk.client(desk.cast.lead)
    held = await lead.post(f"/api/v1/approvals/{asked}/approve", json={"seen": seen})
    assert (held.status_code, held.json()["code"]) == (409, "news_since")
    assert await _out(desk) == []
    assert (await lead.post(f"/api/v1/approvals/{asked}/approve", json={"seen": seen + 1})).status_code == 200


async def test_a_team_is_read_by_its_leads_who_answer_themselves(desk: Desk) -> None:
    number = await _case(desk, team=True)
    hanako, lead = desk.client(desk.cast.hanako), desk.client(desk.cast.lead)
    assert (await hanako.post(f"/api/v1/tickets/{number}/replies", json={"text": REPLY})).status_code == 409
    assert (await hanako.get(f"/api/v1/tickets/{number}/approvals")).json() == {"needed": True, "items": []}
    assert (await lead.post(f"/api/v1/tickets/{number}/replies", json={"text": REPLY})).status_code == 201
