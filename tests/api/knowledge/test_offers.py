"""Articles for customers before a person answers (K9): twice at most, a person one step away, no clock met, counted (K4)."""

import asyncio
import re
from datetime import timedelta
from typing import Any

from sqlalchemy import select, update
from sqlmodel import col

from app import clock
from app.actions.knowledge import offers as verbs
from app.jobs.offers import OfferArticles
from app.models import ArticleOffer, Clock, Message, Ticket
from app.parts import Parts
from app.queries.knowledge import offers as queries
from app.security import Vault
from tests.api.conftest import Desk
from tests.api.knowledge.test_figures import figures
from tests.api.knowledge.test_help import publish, seen
from tests.servers import KEY

USER = "U" + "1" * 32


async def _switch(desk: Desk, *kinds: str) -> None:
    wanted = {"inbox_ids": [desk.inboxes[kind].id for kind in kinds]}
    answer = await desk.client(desk.cast.owner).put("/api/v1/knowledge/offers", json=wanted)
    assert answer.status_code == 200, answer.text
    assert (await desk.client(desk.cast.lead).put("/api/v1/knowledge/offers", json=wanted)).status_code == 403


async def _articles(desk: Desk) -> int:
    number = await publish(desk, title="瓶が割れて届いたとき", issue="割れて届いた", keywords="破損", slug="hason")
    await publish(desk, title="瓶が割れて届いたときの社内手順", audience="internal", keywords="割れ 破損")
    await publish(desk, title="割れた瓶の返金", audience="customer", keywords="瓶が割れて届いた")
    for title in ("定期便のお休み", "送料の一覧", "賞味期限の見方", "ギフト包装のご案内"):
        await publish(desk, title=title)
    return number


async def _run(parts: Parts) -> int:
    return await OfferArticles(parts).step()


async def _sent(desk: Desk) -> list[Message]:
    async with desk.database.read() as session:
        query = select(Message).where(col(Message.author) == "machine").order_by(col(Message.id))
        return list((await session.scalars(query)).all())


async def _tap(desk: Desk, data: str, user: str = USER) -> None:
    event: dict[str, Any] = {
        "type": "postback", "webhookEventId": f"01TAP{abs(hash((data, user))):021d}"[:26], "mode": "active",
        "timestamp": int(clock.utcnow().timestamp() * 1000), "deliveryContext": {"isRedelivery": False},
        "source": {"type": "user", "userId": user}, "replyToken": "f" * 32, "postback": {"data": f"choice:{data}"},
    }  # fmt: skip
    assert (await desk.webhook(event)).status_code == 200


async def _offer(desk: Desk) -> ArticleOffer:
    async with desk.database.read() as session:
        return (await session.scalars(select(ArticleOffer).order_by(col(ArticleOffer.id)))).all()[-1]


async def test_K9_only_public_articles_at_most_twice_and_no_clock_is_met(desk: Desk, parts: Parts) -> None:
    article = await _articles(desk)
    await desk.say(1, "しょうゆの瓶が割れて届きました")
    assert await _run(parts) == 0, "no inbox offers any"
    await _switch(desk, "line")
    assert await _run(parts) == 1 and await _run(parts) == 0
    [message] = await _sent(desk)
    assert (await _offer(desk)).article_ids == [article]
    assert "/help/ja/articles/hason" in message.text and "社内" not in message.text and "返金" not in message.text
    async with desk.database.read() as session:
        ticket = (await session.scalars(select(Ticket))).one()
        running = (await session.scalars(select(Clock).where(col(Clock.metric) == "first_response"))).one()
    assert (ticket.first_response_at, running.state, running.met_at) == (None, "running", None)
    assert ticket.needs_reply_since is not None, "somebody still waits"
    await desk.say(2, "瓶が割れて届いた件です")
    assert await _run(parts) == 0, "the same article is not shown again"
    for number in range(3, 6):
        await publish(desk, title=f"瓶が割れて届いたとき その{number}", keywords="破損")
        await desk.say(number, "瓶が割れて届いた件です")
        await _run(parts)
    assert len(await _sent(desk)) == 2, "never more than twice"


async def test_K9_solved_or_a_person_by_a_tap_of_the_customer_alone(desk: Desk, parts: Parts) -> None:
    await _articles(desk)
    await _switch(desk, "line")
    await desk.say(1, "しょうゆの瓶が割れて届きました")
    await _run(parts)
    made = await _offer(desk)
    solved, person = f"articles:{made.id}:solved", f"articles:{made.id}:person"
    assert [each.data for each in queries.choices((await _sent(desk))[0])] == [solved, person]
    await _tap(desk, solved, user="U" + "2" * 32)
    assert (await _offer(desk)).solved_at is None, "another customer's tap"
    await _tap(desk, solved)
    hanako = desk.client(desk.cast.hanako)
    row = (await hanako.get(f"/api/v1/tickets/{made.ticket_id}")).json()["ticket"]
    assert (row["status"], row["first_response_at"]) == ("resolved", None)
    linked = (await hanako.get(f"/api/v1/tickets/{made.ticket_id}/articles")).json()
    assert [each["how"] for each in linked] == ["sent"]
    await _tap(desk, person)
    assert (await _offer(desk)).person_at is not None
    row = (await hanako.get(f"/api/v1/tickets/{made.ticket_id}")).json()["ticket"]
    assert row["status"] == "open", "a person is one step away"
    await _tap(desk, f"articles:{made.id}:nonsense")
    await _tap(desk, "articles:9²:solved")
    assert len(await _sent(desk)) == 3, "the offer, the thanks, and that a person comes"
    await publish(desk, title="瓶が割れて届いたとき 2", keywords="破損")
    await desk.say(7, "瓶が割れて届いた件です")
    assert await _run(parts) == 0, "who asked for a person is shown nothing more"


async def test_K9_a_mail_carries_its_links_and_a_page_that_only_a_person_answers(desk: Desk, parts: Parts) -> None:
    await _articles(desk)
    await _switch(desk, "line")
    await desk.say(1, "しょうゆの瓶が割れて届きました")
    await _run(parts)
    made, message, vault = await _offer(desk), (await _sent(desk))[0], Vault(KEY.encode())
    text = queries.on_the_way_out(message, parts.settings.public_url, vault, tappable=False)
    listed = queries.leaflet(message, vault)
    assert listed is not None and [each.title for each in listed.links] == ["瓶が割れて届いたとき"]
    assert all(each.url in text for each in listed.links), (
        "the list's links tell that they were opened, as the mail's do"
    )
    place = re.search(r"/help/ja/offers/\S+", text)
    opened = re.search(r"/help/ja/articles/\S+\?o=\S+", text)
    assert place and opened and "/offers/" not in message.text and "?o=" not in message.text
    reader = desk.client()
    await seen(reader, opened[0])
    page = await seen(reader, place[0])
    assert "解決しました" in page and "担当者に相談" in page and (await _offer(desk)).solved_at is None
    while (await _offer(desk)).opened_at is None:  # it is counted after the answer
        await asyncio.sleep(0.02)
    await seen(reader, place[0][:-1] + "_", 404)
    assert (await reader.post(place[0], data={"what": "x"})).status_code == 422
    assert (await reader.post(place[0], data={"what": "solved"})).status_code == 200
    assert (await _offer(desk)).solved_at is not None and made.solved_at is None


async def test_K4_deflection_both_ways_counts_only_whose_time_is_over(desk: Desk, parts: Parts) -> None:
    """Five were offered articles four days ago: solved, solved but back, read and silent, read but back, neither."""
    await _articles(desk)
    await _switch(desk, "line")
    for number in range(1, 6):
        await desk.say(number, "しょうゆの瓶が割れて届きました", user="U" + f"{number:032d}")
    assert await _run(parts) == 5
    recent = await figures(desk)
    assert (recent["deflection_explicit"]["value"], recent["deflection_explicit"]["denominator"]) == (None, 0)
    past = clock.utcnow() - timedelta(days=4)
    async with desk.database.write() as session:
        made = (await session.scalars(select(ArticleOffer).order_by(col(ArticleOffer.id)))).all()
        await session.execute(update(Message).values(created_at=past))
        await session.execute(update(ArticleOffer).values(at=past))
        for each in made[:2]:
            await verbs.answer(session, each.id, "solved", past)
        for each in made[2:4]:
            await verbs.opened(session, each.id, past)
    for number, hours in ((2, 71), (4, 23)):
        await desk.say(number + 10, "やはりお願いします", user="U" + f"{number:032d}")
        async with desk.database.write() as session:
            latest = select(Message.id).order_by(col(Message.id).desc()).limit(1)  # type: ignore[call-overload]
            at = past + timedelta(hours=hours)
            await session.execute(
                update(Message).where(col(Message.id) == latest.scalar_subquery()).values(created_at=at)
            )
    found = await figures(desk)
    explicit, implicit = found["deflection_explicit"], found["deflection_implicit"]
    assert (explicit["numerator"], explicit["denominator"]) == (1, 5)
    assert (implicit["numerator"], implicit["denominator"]) == (1, 2)
