"""W5: the visitors' line over plain HTTP is the socket by another way: the same frames, gap-free, and the same doors."""

import asyncio
from typing import Any
from uuid import uuid4

import httpx2
import pytest

from app.api import longpoll
from tests.security.rig import SHOP, House, secret_of

A, B = secret_of("anna"), secret_of("bert")


class OverHttp:
    """A widget behind a proxy that lets no WebSocket through."""

    def __init__(self, house: House, secret: str) -> None:
        self.house, self.secret = house, secret
        self.line, self.number = "", 0

    async def begin(self, *, origin: str = SHOP, **more: Any) -> httpx2.Response:
        hello = {"op": "hello", "widget": self.house.token("chat"), "visitor": self.secret, "last_seq": 0, **more}
        answer = await self.house.http.post("/chat/line", json=hello, headers={"Origin": origin})
        self.line, self.number = answer.json().get("line", ""), 0
        return answer

    async def listen(self) -> list[dict[str, Any]]:
        answer = await self.house.http.get(f"/chat/line/{self.line}", params={"after": self.number}, timeout=40)
        assert answer.status_code == 200
        found = answer.json()
        self.number = found["number"]
        return list(found["frames"])

    async def until(self, op: str, **more: Any) -> dict[str, Any]:
        """The next frame of a kind; `more`: of a message with these values."""
        while True:
            for frame in await self.listen():
                if frame["op"] == op and more.items() <= frame.get("message", {}).items():
                    return frame

    async def tell(self, *frames: dict[str, Any]) -> int:
        return (await self.house.http.post(f"/chat/line/{self.line}", json={"frames": frames})).status_code


def saying(text: str) -> dict[str, Any]:
    return {"op": "say", "client_id": str(uuid4()), "text": text, "files": []}


async def test_W5_a_visitor_talks_and_hears_over_http(house: House) -> None:
    anna = OverHttp(house, A)
    assert (await anna.begin()).status_code == 201
    assert (await anna.until("welcome"))["messages"] == []
    assert await anna.tell(saying("first"), saying("second")) == 204
    assert [(await anna.until("said"))["message"]["seq"], house.rows("SELECT text FROM message ORDER BY id")] == [
        1, [("first",), ("second",)],
    ]  # fmt: skip
    waiting = asyncio.create_task(anna.until("message", text="an answer"))
    assert (await house.api("POST", "/tickets/1/replies", json={"text": "an answer"})).status_code == 201
    heard = await asyncio.wait_for(waiting, 30)
    assert heard["message"]["seq"] == 3


async def test_W4_an_answer_that_was_lost_on_the_way_is_given_again(house: House) -> None:
    anna = OverHttp(house, A)
    await anna.begin()
    first = await anna.listen()
    anna.number = 0  # the answer never arrived
    assert await anna.listen() == first
    assert await anna.tell({"op": "ping"}) == 204
    assert [frame["op"] for frame in await anna.listen()] == ["pong"]


async def test_W4_who_asks_again_while_a_question_waits_hears_it_and_nothing_is_lost(house: House) -> None:
    anna = OverHttp(house, A)
    await anna.begin()
    await anna.until("welcome")
    dead = asyncio.create_task(anna.listen())  # its connection is lost, the server does not know
    await asyncio.sleep(0.1)
    alive = asyncio.create_task(anna.listen())
    assert await asyncio.wait_for(dead, 10) == []
    assert await anna.tell({"op": "ping"}) == 204
    assert [frame["op"] for frame in await asyncio.wait_for(alive, 10)] == ["pong"]


async def test_W4_a_new_line_brings_what_came_meanwhile(house: House) -> None:
    anna = OverHttp(house, A)
    await anna.begin()
    thread = (await anna.until("welcome"))["thread"]
    await anna.tell(saying("hello"))
    await anna.until("said")
    assert (await house.http.post(f"/chat/line/{anna.line}/end")).status_code == 204
    assert (await house.api("POST", "/tickets/1/replies", json={"text": "while you were away"})).status_code == 201
    await anna.begin(thread=thread, last_seq=1)
    assert [m["text"] for m in (await anna.until("welcome"))["messages"]] == ["while you were away"]


async def test_a_line_admits_whom_the_socket_admits(house: House) -> None:
    refusals = [
        (await OverHttp(house, A).begin(**more)).json()  # type: ignore[arg-type]
        for more in ({"origin": "https://evil.example"}, {"widget": "no-such"}, {"identity": "forged"}, {"op": "say"})
    ]
    assert refusals == [{"op": "refused", "code": c} for c in ("origin", "widget", "identity", "widget")]
    assert house.rows("SELECT count(*) FROM message") == [(0,)]


async def test_a_line_is_nobody_elses(house: House) -> None:
    """Its name is the key: what is guessed, over, or another visitor's conversation opens nothing."""
    anna, bert = OverHttp(house, A), OverHttp(house, B)
    await anna.begin()
    thread = (await anna.until("welcome"))["thread"]
    await anna.tell(saying("annas secret"))
    await bert.begin(thread=thread, last_seq=0)
    assert "annas secret" not in str(await bert.until("welcome"))
    for name in ("guessed", thread, A):
        assert (await house.http.get(f"/chat/line/{name}")).status_code == 404
        assert (await house.http.post(f"/chat/line/{name}", json={"frames": [saying("as anna")]})).status_code == 404
    assert await anna.tell({"op": "ping"}) == 204


async def test_W11_a_line_may_do_no_more_than_a_socket(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    anna = OverHttp(house, A)
    await anna.begin()
    for n in range(4):
        await anna.tell(*[saying(f"{n}.{each}") for each in range(10)])
    said = house.rows("SELECT count(*) FROM message")[0][0]
    assert said == 20
    monkeypatch.setattr(longpoll, "MOST", 3)
    names = []
    for n in range(5):
        await anna.begin(visitor=secret_of(f"crowd {n}"))
        names.append(anna.line)
    alive = [(await house.http.post(f"/chat/line/{name}", json={"frames": []})).status_code for name in names]
    assert alive == [404, 404, 204, 204, 204]


@pytest.mark.parametrize("frames", [{"frames": 1}, {"frames": ["x"]}, {}, {"frames": [{}] * 51}])
async def test_what_is_no_frame_is_refused_and_the_line_lives(house: House, frames: dict[str, Any]) -> None:
    anna = OverHttp(house, A)
    await anna.begin()
    answer = await house.http.post(f"/chat/line/{anna.line}", json=frames)
    assert answer.status_code == 422
    assert await anna.tell({"op": 7}, {"op": "say", "client_id": 5}, {"op": "ping"}) == 204
    assert (await anna.until("pong"))["op"] == "pong"
