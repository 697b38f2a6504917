"""The agents' socket: what happens is on the screen, and what was missed comes with the cursor."""

import asyncio
import contextlib
from typing import Any

import orjson
import pytest
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from app import feed
from tests.api.conftest import Desk, heard
from tests.cast import START


async def hello(socket: ClientConnection, cursor: Any = None) -> dict[str, Any]:
    """The first frame after our hello."""
    await socket.send(orjson.dumps({"op": "hello", "cursor": cursor}).decode())
    frame: dict[str, Any] = orjson.loads(await socket.recv())
    return frame


async def texts(socket: ClientConnection, wanted: set[str]) -> tuple[list[str], str]:
    """Messages as they come until all that are wanted were there, and the last cursor."""
    found: list[str] = []
    cursor = ""
    while not wanted <= set(found):
        frame = await heard(socket, "news")
        found += [m["text"] for m in frame["messages"]]
        cursor = frame["cursor"]
    return found, cursor


async def test_a_message_is_on_the_screen_with_its_ticket(desk: Desk) -> None:
    async with desk.socket("/live", desk.cast.hanako) as socket:
        ready = await hello(socket)
        assert ready["op"] == "ready" and isinstance(ready["cursor"], str)
        await desk.say(1)
        frame = await heard(socket, "news")
        assert [e["kind"] for e in frame["events"]][:2] == ["ticket.opened", "message.received"]
        assert [t["number"] for t in frame["tickets"]] == [1]
        assert [m["text"] for m in frame["messages"]] == ["醤油が届きません"]


async def test_nothing_is_missed_between_two_connections(desk: Desk) -> None:
    async with desk.socket("/live", desk.cast.hanako) as socket:
        await hello(socket)
        await desk.say(1, "一")
        _, cursor = await texts(socket, {"一"})
    await desk.say(2, "二")
    await desk.say(3, "三")
    async with desk.socket("/live", desk.cast.hanako) as socket:
        assert (await hello(socket, cursor))["op"] == "ready"
        found, _ = await texts(socket, {"二", "三"})
        assert "一" not in found or found.count("一") == 1


async def test_no_gap_while_messages_arrive_and_sockets_come_and_go(desk: Desk) -> None:
    """A browser that loses its connection again and again sees every message."""
    many, seen, cursor = 60, [], None
    async with desk.socket("/live", desk.cast.hanako) as socket:
        cursor = (await hello(socket))["cursor"]

    async def customers() -> None:
        for n in range(many):
            await desk.say(n + 1, f"{n}", user=f"U{n % 7:032x}")

    writing = asyncio.create_task(customers())
    while {f"{n}" for n in range(many)} - set(seen):
        async with desk.socket("/live", desk.cast.hanako) as socket:
            frame = await hello(socket, cursor)
            assert frame["op"] == "ready"
            for _ in range(3):
                if not {f"{n}" for n in range(many)} - set(seen):
                    break
                news = await heard(socket, "news")
                seen += [m["text"] for m in news["messages"]]
                cursor = news["cursor"]
    await writing


async def test_too_large_a_gap_says_reload(desk: Desk) -> None:
    async with desk.database.read() as session:
        cursor = await feed.now_cursor(session)
    async with desk.database.write() as session:
        await feed.record(session, *[feed.event("x", desk.cast.hanako.agent.created_at) for _ in range(feed.MANY + 1)])
    async with desk.socket("/live", desk.cast.hanako) as socket:
        frame = await hello(socket, cursor)
        assert frame["op"] == "reset"
        await desk.say(1)
        found, _ = await texts(socket, {"醤油が届きません"})
        assert found


async def test_hellos_that_are_none(desk: Desk) -> None:
    """A cursor of another shape means reload; anything else ends the socket, and the next one works."""
    for cursor in ("x", "", "1.x", "x.1", "-", "9" * 40, "1.2.3", "９"):
        async with desk.socket("/live", desk.cast.hanako) as socket:
            assert (await hello(socket, cursor))["op"] in ("reset", "ready"), cursor
    for said in ("", "[]", "1", "null", '"x"', "{", '{"op":"hello","cursor":{}}', "\x00"):
        async with desk.socket("/live", desk.cast.hanako) as socket:
            await socket.send(said)
            with contextlib.suppress(ConnectionClosed):
                assert orjson.loads(await socket.recv())["op"] == "ready"
    async with desk.socket("/live", desk.cast.hanako) as socket:
        assert (await hello(socket))["op"] == "ready"


@pytest.mark.parametrize("who", ["outsider", None])
async def test_outsiders_are_closed_with_4401(desk: Desk, who: str | None) -> None:
    member = getattr(desk.cast, who) if who else None
    async with desk.socket("/live", member) as socket:
        with pytest.raises(ConnectionClosed) as closed:
            await socket.recv()
    assert closed.value.rcvd is not None and closed.value.rcvd.code == 4401


async def test_who_looks_at_the_same_ticket_is_seen_and_forgotten(desk: Desk) -> None:
    async with desk.socket("/live", desk.cast.jiro) as jiro:
        await hello(jiro)
        async with desk.socket("/live", desk.cast.hanako) as hanako:
            await hello(hanako)
            await hanako.send('{"op":"view","ticket":1,"typing":true}')
            frame = await heard(jiro, "viewers")
            assert frame == {"op": "viewers", "ticket": 1, "agents": [{"id": desk.cast.hanako.id, "typing": True}]}
            for nonsense in ('{"op":"view","ticket":"x"}', '{"op":"view","ticket":null}'):
                await hanako.send(nonsense)
        while (await heard(jiro, "viewers"))["agents"]:
            pass


async def test_C16_what_is_told_of_companies_comes_to_no_support_agents_screen(desk: Desk) -> None:
    async with desk.socket("/live", desk.cast.hanako) as support, desk.socket("/live", desk.cast.success) as success:
        before = [(await hello(socket))["cursor"] for socket in (support, success)]
        async with desk.database.write() as session:
            await feed.record(session, feed.event("health.changed", START, account=1, to="red", score=12))
        await desk.say(1)
        live = [await until(socket, "message.received") for socket in (support, success)]
    assert ["health.changed" in kinds for kinds in live] == [False, True]
    for member, cursor, there in ((desk.cast.hanako, before[0], False), (desk.cast.success, before[1], True)):
        async with desk.socket("/live", member) as socket:
            await hello(socket, cursor)
            assert ("health.changed" in await until(socket, "message.received")) is there


async def until(socket: ClientConnection, kind: str) -> list[str]:
    """The kinds of the events that come, up to the frame with this one."""
    kinds: list[str] = []
    while kind not in kinds:
        kinds += [event["kind"] for event in (await heard(socket, "news"))["events"]]
    return kinds


async def test_W5_who_reads_too_slowly_is_let_go_with_1013_and_holds_nobody_up(desk: Desk) -> None:
    tail = desk.running.product.api.state.tail
    loop = tail._task.get_loop()
    frame = b'{"op":"news","pad":"' + b"x" * 100_000 + b'"}'
    async with desk.socket("/live", desk.cast.hanako) as awake, desk.socket("/live", desk.cast.jiro) as asleep:
        await hello(awake)
        await hello(asleep)
        for _ in range(400):  # 40 MB: more than the buffers between the two and the queue of a socket hold
            loop.call_soon_threadsafe(tail.tell, frame)
            await heard(awake, "news")
        with pytest.raises(ConnectionClosed) as closed:
            while True:
                await asyncio.wait_for(asleep.recv(), 30)
        assert closed.value.rcvd is not None and closed.value.rcvd.code == 1013
