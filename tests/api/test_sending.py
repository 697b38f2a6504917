"""Before an answer goes out: the server says what its writer should look at again, and refuses nothing."""

from typing import Any

from sqlalchemy import select

from app.models import Account, Thread, Ticket
from tests.api.conftest import Desk


async def test_an_answer_is_looked_at_again_and_may_go_all_the_same(desk: Desk) -> None:
    await desk.say(1, "見積書をください")
    hanako = desk.client(desk.cast.hanako)
    async with desk.database.write() as session:
        thread = (await session.scalars(select(Thread))).one()
        ticket = await session.get_one(Ticket, thread.ticket_id)
        account = Account(name="蔵元", domain="kura.example", created_at=ticket.created_at)
        session.add(account)
        await session.flush()
        ticket.account_id = account.id
        thread.participants = [{"value": "boss@kura.example", "name": ""}, {"value": "who@other.example", "name": ""}]
    path = f"/api/v1/tickets/{ticket.id}/replies/check"

    async def found(**asked: Any) -> list[tuple[str, list[str]]]:
        answer = await hanako.post(path, json=asked)
        assert answer.status_code == 200, answer.text
        return [(each["code"], each["about"]) for each in answer.json()]

    words = "見積書を添付します。\nhttp://192.168.0.4/quote"
    assert await found(text=words) == [("forgotten_attachment", []), ("internal_link", ["http://192.168.0.4/quote"])]
    assert await found(text="承知しました。", thread_id=thread.id) == [("outside_recipient", ["who@other.example"])]
    assert await found(text="見積書を添付します。", files=1) == []
    assert (await hanako.post(path, json={"text": "x", "thread_id": 99})).json()["code"] == "no_thread"
    assert (await desk.client().post(path, json={"text": "x"})).status_code == 401
    sent = await hanako.post(f"/api/v1/tickets/{ticket.id}/replies", json={"text": words})
    assert sent.status_code == 201, "warned, never refused"
