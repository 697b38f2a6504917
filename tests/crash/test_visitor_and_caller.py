"""kill -9 around the commit of a visitor's words and of a caller's webhooks: told means kept, and again is not twice."""

import asyncio
import json
from typing import Any

import httpx2
import pytest
from twilio.request_validator import RequestValidator
from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException

from app.config import Settings
from tests.crash.rig import ON_SQLITE, Desk, open_desk, serving

pytestmark = pytest.mark.timeout(400)
MOMENTS = ("intake.written", "intake.committed")
SECRET = "v" * 43
ACCOUNT, TOKEN, CALL = "AC" + "0" * 32, "the-auth-token", "CA" + "a1" * 16


async def say(desk: Desk) -> bool:
    """The visitor's browser says one thing under one id of its own. Whether it was told that it is kept."""
    hello = {"op": "hello", "widget": desk.token, "visitor": SECRET, "thread": None, "last_seq": 0, "language": "ja"}
    try:
        async with connect(f"{desk.url.replace('http', 'ws')}/chat", proxy=None) as socket:
            await socket.send(json.dumps(hello))
            assert json.loads(await socket.recv())["op"] == "welcome"
            await socket.send(json.dumps({"op": "say", "client_id": "a-browser-s-own-id", "text": "在庫はありますか"}))
            while True:
                frame = json.loads(await asyncio.wait_for(socket.recv(), 60))
                if frame["op"] == "said":
                    return True
    except (WebSocketException, OSError):
        return False


@ON_SQLITE
@pytest.mark.parametrize("point", MOMENTS)
async def test_W4_a_visitors_words_are_kept_once(settings: Settings, point: str) -> None:
    desk = await open_desk(settings, "chat", {})
    async with serving(desk.settings, point) as product:
        assert not await say(desk), "it died before it could tell"
        await product.died()
    assert len(await desk.rows("SELECT id FROM message")) == (1 if point == "intake.committed" else 0)
    async with serving(desk.settings):
        assert await say(desk) and await say(desk), "the widget sends it again until it is told"
        assert [each["text"] for each in (await desk.only_ticket())["messages"]] == ["在庫はありますか"]
    await desk.is_sound()


async def twilio(desk: Desk, route: str, **params: str) -> httpx2.Response | None:
    """One signed request; the retry of a request carries the same idempotency token (T4)."""
    form = {"AccountSid": ACCOUNT, "CallSid": CALL, "From": "+819011112222", "To": "+815012345678"} | params
    url = f"{desk.hook}/{route}"
    headers = {
        "X-Twilio-Signature": RequestValidator(TOKEN).compute_signature(url, form),
        "I-Twilio-Idempotency-Token": f"token-of-{route}",
    }
    try:
        async with httpx2.AsyncClient(timeout=20, trust_env=False) as client:
            return await client.post(url, data=form, headers=headers)
    except httpx2.HTTPError:
        return None


async def phone_desk(settings: Settings) -> Desk:
    given: dict[str, Any] = {"account_sid": ACCOUNT, "auth_token": TOKEN, "number": "+815012345678"}
    return await open_desk(settings, "phone", given | {"api_base": "http://127.0.0.1:9"})


@ON_SQLITE
@pytest.mark.parametrize("point", ["intake.committed"])
async def test_T4_a_call_that_twilio_announces_again_is_one_call(settings: Settings, point: str) -> None:
    desk = await phone_desk(settings)
    ringing = {"CallStatus": "ringing", "Direction": "inbound"}
    async with serving(desk.settings, point) as product:
        assert await twilio(desk, "voice", **ringing) is None
        await product.died()
    async with serving(desk.settings):
        answers = [await twilio(desk, "voice", **ringing) for _ in range(2)]
        assert all(each is not None and each.status_code == 200 and "<Enqueue" in each.text for each in answers)
        assert len((await desk.only_ticket())["messages"]) == 1
    assert await desk.rows("SELECT COUNT(*) FROM call") == [(1,)]
    await desk.is_sound()


@ON_SQLITE
@pytest.mark.parametrize("point", ["intake.committed"])
async def test_T6_the_end_of_a_call_that_is_told_again_is_one_end(settings: Settings, point: str) -> None:
    desk = await phone_desk(settings)
    over = {"CallStatus": "completed", "CallDuration": "31", "SequenceNumber": "3"}
    async with serving(desk.settings, point, nth=2) as product:
        assert await twilio(desk, "voice", CallStatus="ringing", Direction="inbound") is not None
        assert await twilio(desk, "status", **over) is None
        await product.died()
    async with serving(desk.settings):
        for _ in range(2):
            answer = await twilio(desk, "status", **over)
            assert answer is not None and answer.status_code == 200
        assert len((await desk.only_ticket())["messages"]) == 1
    assert await desk.rows("SELECT state, outcome FROM call") == [("ended", "missed")]
    assert await desk.rows("SELECT COUNT(*) FROM event WHERE kind = 'call.ended'") == [(1,)]
    await desk.is_sound()
