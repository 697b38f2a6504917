"""Satisfaction in the web chat: buttons under the machine's question, a tap that is no message. On both databases."""

import asyncio
import json
from datetime import timedelta
from typing import Any

from sqlalchemy import select, update
from sqlmodel import col

from app import clock
from app.actions import survey
from app.models import Inbox, Message, Survey
from tests.api.conftest import Desk, heard


async def hello(desk: Desk, socket: Any, visitor: str | None = None, thread: str | None = None) -> dict[str, Any]:
    token = desk.inboxes["chat"].token
    frame = {"op": "hello", "widget": token, "visitor": visitor, "thread": thread, "last_seq": 0, "language": "ja"}
    await socket.send(json.dumps(frame))
    return await heard(socket, "welcome")


async def asked(desk: Desk, socket: Any) -> dict[str, Any]:
    """A visitor asked, was answered and then asked how it was: their welcome when they look again."""
    first = await hello(desk, socket)
    await socket.send(json.dumps({"op": "say", "client_id": "12345678-1234", "text": "送料は?", "files": []}))
    await heard(socket, "said")
    answer = {"text": "無料です", "then": "resolved"}
    assert (await desk.client(desk.cast.hanako).post("/api/v1/tickets/1/replies", json=answer)).status_code == 201
    async with desk.database.write() as session:
        await session.execute(update(Inbox).values(surveyed=True))
        assert await survey.ask_due(session, clock.utcnow() + timedelta(minutes=11), 10) == 1
    welcome = await hello(desk, socket, first["visitor"], first["thread"])
    while welcome["messages"][-1]["from"] != "machine":  # the resolution is told by a welcome too
        welcome = await heard(socket, "welcome")
    return welcome


async def test_a_visitor_taps_and_sees_what_was_chosen(desk: Desk) -> None:
    async with asyncio.timeout(20), desk.socket("/chat", origin="https://shop.example") as socket:
        welcome = await asked(desk, socket)
        question = welcome["messages"][-1]
        assert (question["from"], question["asks"]["chosen"]) == ("machine", None)
        low = question["asks"]["choices"][-1]
        assert low["label"] == "😞 とても悪い" and "rate" not in json.dumps(welcome)
        await socket.send(json.dumps({"op": "choose", "data": low["data"]}))
        said = [(await heard(socket, "message"))["message"] for _ in range(2)]
        known = {each["id"]: each for each in said}
        assert known[question["id"]]["asks"]["chosen"] == low["data"]
        (why,) = [each for each in said if each["id"] != question["id"]]
        assert why["asks"]["choices"][0]["label"] == "待ち時間"
    async with desk.database.read() as session:
        assert (await session.scalars(select(Survey))).one().score == 1
        assert len((await session.scalars(select(Message).where(col(Message.direction) == "in"))).all()) == 1


async def test_J11_another_visitor_s_question_cannot_be_answered(desk: Desk) -> None:
    async with asyncio.timeout(20), desk.socket("/chat", origin="https://shop.example") as socket:
        data = (await asked(desk, socket))["messages"][-1]["asks"]["choices"][0]["data"]
    async with asyncio.timeout(20), desk.socket("/chat", origin="https://shop.example") as socket:
        await hello(desk, socket)
        for given in (data, "survey:1:x", 7, None, "x" * 5000):
            await socket.send(json.dumps({"op": "choose", "data": given}))
        await socket.send(json.dumps({"op": "ping"}))
        await heard(socket, "pong")
    async with desk.database.read() as session:
        assert (await session.scalars(select(Survey))).one().score is None
