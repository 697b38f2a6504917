"""Articles in the chat's window before the visitor asks (K9), and what may be counted of it (K4)."""

import json
from datetime import timedelta
from typing import Any

from sqlalchemy import select, update
from sqlmodel import col
from websockets.asyncio.client import ClientConnection

from app import clock
from app.actions.knowledge import visits
from app.models import ArticleViews, ArticleVisit, Message, MissedSearch
from tests.api.conftest import Desk, heard
from tests.api.knowledge.test_figures import figures
from tests.api.knowledge.test_help import publish

SECRET = "v" * 43


async def _switched_on(desk: Desk) -> None:
    wanted = {"inbox_ids": [desk.inboxes["chat"].id]}
    answer = await desk.client(desk.cast.owner).put("/api/v1/knowledge/offers", json=wanted)
    assert answer.status_code == 200, answer.text


async def _tell(socket: ClientConnection, **frame: Any) -> None:
    await socket.send(json.dumps(frame))


async def _hello(desk: Desk, socket: ClientConnection, page: str = "", secret: str = SECRET) -> dict[str, Any]:
    token = desk.inboxes["chat"].token
    await _tell(socket, op="hello", widget=token, visitor=secret, thread=None, last_seq=0, language="ja", page=page)
    return await heard(socket, "welcome")


async def _found(socket: ClientConnection, q: str = "", title: str = "", **more: Any) -> dict[str, Any]:
    await _tell(socket, op="find", q=q, title=title, **more)
    return await heard(socket, "found")


async def _visits(desk: Desk) -> list[ArticleVisit]:
    async with desk.database.read() as session:
        return list((await session.scalars(select(ArticleVisit).order_by(col(ArticleVisit.id)))).all())


async def test_K9_a_visitor_reads_what_fits_their_page_or_their_words_and_only_what_is_public(desk: Desk) -> None:
    broken = await publish(
        desk,
        title="瓶が割れて届いたとき",
        issue="<b>割れて</b>届いた",
        resolution="**写真**を送ってください",
        keywords="破損",
    )
    pause = await publish(desk, title="定期便のお休み")
    hidden = await publish(desk, title="瓶が割れたときの社内手順", audience="internal", keywords="破損")
    shared = await publish(desk, title="割れた瓶の返金", audience="customer", keywords="破損")
    async with desk.socket("/chat", origin="https://shop.example") as socket:
        assert (await _hello(desk, socket))["config"]["articles"] is False
        await _tell(socket, op="find", q="", title="")
        await _tell(socket, op="ping")
        assert json.loads(await socket.recv()) == {"op": "pong"}, "an inbox that shows none answers nothing"
    await _switched_on(desk)
    async with desk.socket("/chat", origin="https://shop.example") as socket:
        assert (await _hello(desk, socket, "https://shop.example/teikibin"))["config"]["articles"] is True
        popular = await _found(socket)
        assert (popular["why"], {each["id"] for each in popular["articles"]}) == ("popular", {broken, pause})
        fits = await _found(socket, title="定期便をお休みする | 三河屋")
        assert (fits["why"], fits["articles"][0]["id"]) == ("page", pause)
        sought = await _found(socket, "破損")
        assert [each["id"] for each in sought["articles"]] == [broken]
        await _tell(socket, op="read", article=broken)
        shown = (await heard(socket, "article"))["article"]
        assert shown["parts"][0]["nodes"] == [["p", {}, ["<b>割れて</b>届いた"]], "\n"]
        assert ["strong", {}, ["写真"]] in shown["parts"][1]["nodes"][0][2]
        for number in (hidden, shared, 999_999):
            await _tell(socket, op="read", article=number)
            assert (await heard(socket, "article"))["article"] is None
            await _tell(socket, op="helped", article=number)
        for wrong in ("1", -1, None, [1], 2**60):
            await _tell(socket, op="read", article=wrong)
        await _found(socket, "存在しない", done=False)
        await _found(socket, "存在しない", done=True)
    [visit] = await _visits(desk)
    assert (visit.article_id, visit.solved_at) == (broken, None)
    async with desk.database.read() as session:
        assert [each.views for each in (await session.scalars(select(ArticleViews))).all()] == [1]
        assert len((await session.scalars(select(MissedSearch))).all()) == 1, "words half written were not looked for"


async def test_K4_reading_before_asking_counts_both_ways_and_never_an_unknown_reader(desk: Desk) -> None:
    """Six read four days ago: solved, solved but back in 71 h, silent, back in 23 h, was here before, and one today."""
    await _switched_on(desk)
    article = await publish(desk, title="瓶が割れて届いたとき")
    now = clock.utcnow()
    past = now - timedelta(days=4)
    for number, (solved, wrote) in enumerate([(1, None), (1, 71), (0, None), (0, 23), (0, -1), (0, None)]):
        secret = f"{number}" * 43
        async with desk.socket("/chat", origin="https://shop.example") as socket:
            await _hello(desk, socket, secret=secret)
            if wrote is not None:
                await _tell(socket, op="say", client_id=f"client-{number}", text="割れていました", files=[])
                said = await heard(socket, "said")
            await _tell(socket, op="read", article=article)
            await heard(socket, "article")
            if solved:
                await _tell(socket, op="helped", article=article)
                await _tell(socket, op="ping")
                await heard(socket, "pong")
        if number == 5:
            continue
        async with desk.database.write() as session:
            latest = select(col(ArticleVisit.id)).order_by(col(ArticleVisit.id).desc()).limit(1)
            whose = col(ArticleVisit.id) == latest.scalar_subquery()
            at = {"opened_at": past, "day": past.date()} | ({"solved_at": past} if solved else {})
            await session.execute(update(ArticleVisit).where(whose).values(**at))
            if wrote is not None:
                when = past + timedelta(hours=wrote)
                await session.execute(
                    update(Message).where(col(Message.id) == said["message"]["id"]).values(created_at=when)
                )
    found = await figures(desk)
    explicit, implicit = found["widget_explicit"], found["widget_implicit"]
    assert (explicit["numerator"], explicit["denominator"]) == (1, 4)
    assert (implicit["numerator"], implicit["denominator"]) == (1, 2)


async def test_K4_a_visitor_counts_once_a_day_in_two_tabs_and_solved_stays(desk: Desk) -> None:
    article = await publish(desk, title="瓶が割れて届いたとき")
    who, now = (desk.inboxes["chat"].id, "chat::abc"), clock.utcnow()
    async with desk.database.write() as session:
        await visits.solved(session, who, article, now)
        await visits.opened(session, who, (article, 1), now + timedelta(seconds=1))
    async with desk.database.write() as session:
        await visits.opened(session, who, (article, 1), now + timedelta(seconds=2))
    [visit] = await _visits(desk)
    assert (visit.solved_at, visit.opened_at) == (now, now)
