"""J6 over HTTP: reported with a reason, seen by designated staff, the evidence kept, nobody blocked. And where it is a complaint,
nobody sells (C14)."""

from datetime import timedelta

from sqlalchemy import select
from sqlmodel import col

from app import clock
from app.models import Attachment, FileState, Harassment, Message, Notification, Ticket
from app.queries.success.harassment import unlocked
from tests.api.conftest import BOT, Desk, line_text
from tests.api.success.shop import Shop

REPORT = {"category": "threat", "reason": "「店を燃やす」と三度言われた", "care": "聴覚に障害があるとのこと"}


async def report(shop: Shop) -> int:
    made = await shop.call("POST", f"/tickets/{shop.number}/harassment", shop.desk.cast.hanako, **REPORT)
    assert made.status_code == 201, made.text
    number: int = made.json()["id"]
    return number


async def test_J6_a_report_needs_a_reason_and_its_words_are_for_designated_staff(desk: Desk) -> None:
    shop, cast = await Shop(desk).open(), desk.cast
    path = f"/tickets/{shop.number}/harassment"
    for wrong in ({"reason": ""}, {"reason": "  "}, {"category": "rude"}):
        assert (await shop.call("POST", path, cast.hanako, **REPORT | wrong)).status_code == 422
    number = await report(shop)
    assert (await shop.call("POST", path, cast.jiro, **REPORT)).json()["code"] == "reported_already"
    for who, sees in (
        (cast.lead, True),
        (cast.owner, True),
        (cast.hanako, True),
        (cast.jiro, False),
        (cast.success, False),
    ):
        (shown,) = (await shop.call("GET", path, who)).json()["items"]
        assert shown["id"] == number and bool(shown["reason"]) is bool(shown["care"]) is bool(shown["category"]) is sees
    assert (await shop.call("GET", "/harassment", cast.jiro)).status_code == 403
    listed = (await shop.call("GET", "/harassment", cast.lead)).json()
    assert [(each["category"], each["ticket"]["number"]) for each in listed["items"]] == [("threat", shop.number)]
    assert [(each["category"], each["reports"], each["lifted"]) for each in listed["months"]] == [("threat", 1, 0)]
    async with desk.database.read() as session:
        query = select(Notification).where(col(Notification.kind) == "harassment.flagged")
        (bell,) = (await session.scalars(query)).all()
    assert bell.agent_id == cast.lead.id and "燃やす" not in str(bell.params), "the bell says that, not what"
    await desk.say(2, "まだか")
    async with desk.database.read() as session:
        assert len((await session.scalars(select(Message))).all()) == 2, "nobody is blocked by a report"
    await shop.follow()
    assert [(each.cause, each.form) for each in await shop.all()] == [("harassment", "inform")]


async def test_J6_a_lead_takes_over_arranges_with_a_day_of_review_and_lifts(desk: Desk) -> None:
    shop, cast = await Shop(desk).open(), desk.cast
    number = await report(shop)
    for method, what, body in (
        ("POST", "take", {}),
        ("PUT", "arrangement", {"arranged": "x"}),
        ("POST", "lift", {"reason": "x"}),
    ):
        assert (await shop.call(method, f"/harassment/{number}/{what}", cast.hanako, **body)).status_code == 403
    assert (await shop.call("POST", f"/harassment/{number}/take", cast.lead)).json()["taken_by"] == cast.lead.id
    async with desk.database.read() as session:
        assert (await session.get_one(Ticket, shop.number)).assignee_id == cast.lead.id
    day, past = (clock.utcnow() + timedelta(days=30)).date().isoformat(), "2026-01-01"
    path, words = f"/harassment/{number}/arrangement", "電話は二人で受ける。書面で答える"
    for without in ({}, {"review_on": past}):
        assert (await shop.call("PUT", path, cast.lead, arranged=words, **without)).json()["code"] == "review_passed"
    assert (await shop.call("PUT", path, cast.lead, arranged=words, review_on=day)).json()["review_on"] == day
    seen = (await shop.call("GET", f"/tickets/{shop.number}/harassment", cast.jiro)).json()["arrangements"]
    assert [(each["arranged"], each["review_on"]) for each in seen] == [(words, day)], "who works with them has to know"
    assert (await shop.call("POST", f"/harassment/{number}/lift", cast.lead, reason="謝罪があった")).status_code == 200
    assert (await shop.call("POST", f"/harassment/{number}/lift", cast.lead, reason="x")).json()["code"] == "lifted"
    assert (await shop.call("GET", f"/tickets/{shop.number}/harassment", cast.jiro)).json()["arrangements"] == []


async def test_J6_while_a_report_stands_nothing_of_the_ticket_is_lost(desk: Desk) -> None:
    shop, cast = await Shop(desk).open(), desk.cast
    number = await report(shop)
    await desk.say(7, "燃やすぞ")
    async with desk.database.write() as session:
        message = (await session.scalars(select(Message).order_by(col(Message.id).desc()))).first()
        assert message is not None
        session.add(Attachment(
            public_id="f" * 32, message_id=message.id, state=FileState.GONE, file_key="k" * 64, created_at=clock.utcnow(),
        ))  # fmt: skip
    taken_back = line_text(8, "") | {"type": "unsend", "unsend": {"messageId": "7"}}
    assert (await desk.webhook(taken_back)).status_code == 200, BOT
    async with desk.database.read() as session:
        gone = await session.get_one(Message, message.id)
        kept = await session.get_one(Harassment, number)
        assert (
            gone.unsent_at is not None and gone.text == "" and [each["text"] for each in kept.evidence] == ["燃やすぞ"]
        )
        assert (await session.scalars(select(Attachment).where(unlocked()))).all() == [], "its bytes stay"
    (hidden,) = (await shop.call("GET", f"/tickets/{shop.number}/harassment", cast.jiro)).json()["items"]
    assert hidden["evidence"] == []
    await shop.call("POST", f"/harassment/{number}/lift", cast.lead, reason="解決した")
    async with desk.database.read() as session:
        assert len((await session.scalars(select(Attachment).where(unlocked()))).all()) == 1


async def test_C14_a_hint_quotes_the_customer_and_complaints_are_no_place_for_it(desk: Desk) -> None:
    shop, cast = await Shop(desk).open("二号店でも使いたいのですが"), desk.cast
    async with desk.database.read() as session:
        message = (await session.scalars(select(Message))).one()
    path, seen = f"/tickets/{shop.number}/messages/{message.id}/hint", f"/tickets/{shop.number}/handovers"
    await shop.call("PUT", f"/tickets/{shop.number}/background", cast.hanako, kind="trouble")
    refused = await shop.call("POST", path, cast.hanako, note="")
    assert (refused.status_code, refused.json()["code"]) == (409, "no_sales_here")
    by_form = await shop.offer(cause="expansion", form="inform")
    assert (
        by_form.json()["code"] == "no_sales_here" and not (await shop.call("GET", seen, cast.hanako)).json()["may_hint"]
    )
    await shop.call("PUT", f"/tickets/{shop.number}/background", cast.hanako, kind="strategy")
    made = (await shop.call("POST", path, cast.hanako, note="二号店の話")).json()
    assert (made["cause"], made["form"], made["package"]["evidence"]["quote"]) == (
        "expansion", "inform", "二号店でも使いたいのですが",
    )  # fmt: skip
    assert (await shop.call("POST", f"/handovers/{made['id']}/accept", cast.success)).status_code == 200
    other = await shop.call("POST", f"/tickets/{shop.number}/messages/{message.id + 99}/hint", cast.hanako, note="")
    assert (other.status_code, other.json()["code"]) == (404, "no_words")
