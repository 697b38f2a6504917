"""Hand-overs over HTTP, and by what the log tells: once each, one voice, the outcome comes back."""

from datetime import timedelta
from types import SimpleNamespace
from typing import cast

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlmodel import col

from app import clock
from app.actions.success import handovers as verbs
from app.jobs.success import FollowSuccess
from app.models import Event, Handover, Notification, Ticket
from app.parts import Parts
from app.queries.success import handovers as queries
from tests.api.conftest import Desk
from tests.api.success.shop import Shop


async def test_C3_one_voice_from_acceptance_to_the_outcome(desk: Desk) -> None:
    shop = await Shop(desk).open()
    hanako, success, lead = desk.cast.hanako, desk.cast.success, desk.cast.lead
    made = (await shop.offer(package={"promised": "明日までにお電話"})).json()
    assert (made["state"], made["to_id"], made["package"]["promised"]) == ("offered", success.id, "明日までにお電話")
    assert made["package"]["asked"] == "醤油が届きません" and made["package"]["requester"]["role"] == "champion"
    assert "contracts" not in made["package"]["account"], "an agent sees no contracts (C16)"
    assert (await shop.offer()).json()["code"] == "handed_over_already"
    assert (await shop.reply(success)).json()["code"] == "not_your_voice"
    assert (await shop.reply(hanako)).status_code == 201
    path = f"/handovers/{made['id']}"
    assert (await shop.call("POST", f"{path}/accept", hanako)).status_code == 403
    assert (await shop.call("POST", f"{path}/accept", success)).json()["state"] == "accepted"
    refused = await shop.reply(hanako)
    assert (refused.status_code, refused.json()["agent_id"]) == (403, success.id)
    assert (await shop.reply(lead)).status_code == 403
    assert (await shop.reply(lead, override=True)).status_code == 201
    assert (await shop.reply(success)).status_code == 201
    assert (await shop.call("GET", f"/tickets/{shop.number}/handovers", hanako)).json()["writer_id"] == success.id
    wordless = await shop.call("POST", f"{path}/close", success, outcome="saved", answer=" ")
    assert wordless.json()["code"] == "needs_reason"
    done = await shop.call("POST", f"{path}/close", success, outcome="saved", answer="続けていただけます")
    assert done.json()["state"] == "closed"
    assert (await shop.call("POST", f"{path}/return", success, reason="r")).json()["code"] == "not_so"
    assert (await shop.reply(hanako)).status_code == 201 and (await shop.reply(success)).status_code == 403
    async with desk.database.read() as session:
        log = (await session.scalars(select(Event).where(col(Event.kind).startswith("handover.")))).all()
        bell = (await session.scalars(select(Notification).where(col(Notification.agent_id) == hanako.id))).all()
    assert [each.kind for each in log] == ["handover.offered", "handover.accepted", "handover.closed"]
    assert log[-1].params["answer"] == "続けていただけます" and log[-1].ticket_id == shop.number
    assert "handover.closed" in [each.kind for each in bell]


async def test_C4_words_hand_over_once_while_it_is_open(desk: Desk) -> None:
    shop = await Shop(desk).open()
    await shop.follow()
    assert await shop.all() == []
    for number in (2, 3):
        await desk.say(number, "もう解約します")
        await shop.follow()
    found = await shop.all()
    assert [(each.cause, each.form, each.reason, each.offered_by) for each in found] == [
        ("words", "consult", "解約", None)
    ]
    again = FollowSuccess(cast(Parts, SimpleNamespace(database=desk.database)))  # another process, or after a crash
    while await again.step():
        pass
    assert len(await shop.all()) == 1
    with pytest.raises(IntegrityError):
        async with desk.database.write() as session:
            copy = {name: getattr(found[0], name) for name in ("ticket_id", "cause", "form", "offered_at", "due_at")}
            session.add(Handover(**copy))
            await session.flush()


async def test_C4_the_same_cause_three_times(desk: Desk) -> None:
    shop = await Shop(desk).open()
    for number, user in ((2, "U" + "2" * 32), (3, "U" + "3" * 32)):
        await desk.say(number, "また届きません", user)
    async with desk.database.write() as session:
        for ticket in (await session.scalars(select(Ticket))).all():
            ticket.account_id = shop.account
        numbers = list((await session.scalars(select(col(Ticket.id)).order_by(col(Ticket.id)))).all())
    counts = []
    for number in numbers:
        told = await shop.call(
            "PUT", f"/tickets/{number}/background", desk.cast.hanako, cause="配送遅れ", bottleneck="shown"
        )
        assert told.json()["cause"] == "配送遅れ"
        await shop.follow()
        counts.append(len(await shop.all()))
    assert counts == [0, 0, 1] and (await shop.all())[0].cause == "repeats"


async def test_C3_what_nobody_accepts_goes_to_the_leads_once(desk: Desk) -> None:
    shop = await Shop(desk).open()
    await shop.offer(form="inform")
    later = clock.utcnow() + timedelta(hours=5)
    for _ in range(2):
        async with desk.database.write() as session:
            await verbs.remind(session, await queries.overdue(session, later, 10), later)
    async with desk.database.read() as session:
        query = select(Notification).where(col(Notification.kind) == "handover.overdue")
        assert [each.agent_id for each in (await session.scalars(query)).all()] == [desk.cast.lead.id]
    listed = (await shop.call("GET", "/success/handovers?mine=true", desk.cast.success)).json()["items"]
    assert [(each["ticket"]["number"], each["state"]) for each in listed] == [(shop.number, "offered")]
    gone = await shop.call(
        "POST", f"/handovers/{listed[0]['id']}/decline", desk.cast.success, reason="サポートの範囲です"
    )
    assert gone.json()["answer"] == "サポートの範囲です"
    assert (await shop.call("GET", "/success/handovers?done=true", desk.cast.success)).json()["items"] != []
