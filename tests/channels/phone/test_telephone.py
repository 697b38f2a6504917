"""The demonstration's telephone: the page's API, and that it refuses what Twilio would refuse."""

from collections.abc import AsyncIterator

import httpx2
import pytest

from demo.telephone_leg import FINAL
from demo.telephone_people import CALLERS
from demo.telephone_twiml import LARGEST_DOCUMENT, Broken, read
from tests.channels.phone.rig import Desk
from tests.channels.phone.sample import ACCOUNT, NUMBER, TOKEN


@pytest.fixture
async def page(desk: Desk) -> AsyncIterator[httpx2.AsyncClient]:
    async with httpx2.AsyncClient(base_url=f"{desk.base}/demo/phone") as client:
        yield client


@pytest.fixture
async def rest(desk: Desk) -> AsyncIterator[httpx2.AsyncClient]:
    base = f"{desk.api_base}/2010-04-01/Accounts"
    async with httpx2.AsyncClient(base_url=base, auth=(ACCOUNT, TOKEN)) as client:
        yield client


async def test_a_visitor_calls_presses_keys_and_hangs_up(desk: Desk, page: httpx2.AsyncClient) -> None:
    state = (await page.get("/state")).json()
    assert [caller["name"] for caller in state["callers"]] == [caller.name for caller in CALLERS]
    assert len(state["callers"]) == 5
    call = (await page.post("/dial", json={"from": CALLERS[3].number})).json()["call"]
    await desk.cloud.until(lambda: desk.cloud.legs[call].doing == "Pause")
    state = (await page.get("/state")).json()
    assert state["calls"][0] | {"seconds": 0, "doing": ""} == {
        "call": call,
        "side": "customer",
        "direction": "in",
        "from": "+14155550123",
        "to": NUMBER,
        "status": "in-progress",
        "doing": "",
        "talking": False,
        "seconds": 0,
    }
    assert next(line["text"] for line in state["lines"]) == desk.phone.config.greeting("ja")
    await page.post("/press", json={"call": call, "keys": "1x#"})
    await page.post("/speak", json={"call": call, "seconds": 2, "text": "もしもし"})
    later = (await page.get("/state", params={"after": state["next"]})).json()
    assert [(line["who"], line["text"]) for line in later["lines"] if line["who"] == "you"] == [
        ("you", "[1#]"),
        ("you", "もしもし"),
    ]
    assert (await page.post("/hangup", json={"call": call})).json()["status"] == "completed"
    after_restart = (await page.get("/state", params={"after": 10_000})).json()
    assert after_restart["lines"][0]["n"] == 1


async def test_a_visitor_answers_the_agents_desk_phone(desk: Desk, page: httpx2.AsyncClient) -> None:
    call = await desk.cloud.dial()
    await desk.cloud.until(lambda: call.doing == "Pause")
    await desk.phone.send(desk.order("connect", call.sid, "+819055556666"))
    leg = desk.cloud.agent_legs[0]
    await desk.cloud.until(lambda: leg.status == "ringing")
    await page.post("/answer", json={"call": leg.sid})
    await desk.cloud.until(lambda: leg.doing == "Gather")
    await page.post("/press", json={"call": leg.sid, "keys": "1"})
    await desk.cloud.until(lambda: leg.doing == "Dial")
    shown = [one for one in (await page.get("/state")).json()["calls"] if one["side"] == "agent"]
    assert [(one["to"], one["status"]) for one in shown] == [("+819055556666", "in-progress")]


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"call": 7}', b'{"from": "+81120000000"}'])
async def test_nonsense_of_a_page_is_refused(page: httpx2.AsyncClient, body: bytes) -> None:
    assert (await page.post("/dial", content=body)).status_code == 400
    for act in ("press", "speak", "hangup", "answer", "decline"):
        assert (await page.post(f"/{act}", content=body)).status_code == 404
    assert (await page.get("/state", params={"after": "x"})).status_code == 200


async def test_rest_knows_its_customer(desk: Desk, rest: httpx2.AsyncClient) -> None:
    wrong = await rest.get(f"/{ACCOUNT}.json", auth=(ACCOUNT, "wrong"))
    assert (wrong.status_code, wrong.json()["code"]) == (401, 20003)
    assert (await rest.get("/AC-another.json")).status_code == 404
    assert (await rest.get(f"/{ACCOUNT}.json")).json()["status"] == "active"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"From": "+819000000000"}, 21210),
        ({"To": "090-5555-6666"}, 21211),
        ({"To": "+81-90"}, 21211),
        ({"Url": "ftp://x"}, 21205),
        ({"StatusCallbackEvent": "of-tomorrow"}, 21626),
    ],
)
async def test_rest_refuses_what_twilio_refuses(rest: httpx2.AsyncClient, change: dict[str, str], code: int) -> None:
    order = {"From": NUMBER, "To": "client:agent-7", "Url": "http://127.0.0.1:9/x"} | change
    refused = await rest.post(f"/{ACCOUNT}/Calls.json", data=order)
    assert (refused.status_code, refused.json()["code"]) == (400, code)


async def test_rest_shows_a_call_and_refuses_to_move_one_that_is_over(desk: Desk, rest: httpx2.AsyncClient) -> None:
    call = await desk.cloud.dial()
    await call.until(lambda: call.doing == "Pause")
    path = f"/{ACCOUNT}/Calls/{call.sid}.json"
    assert (await rest.get(path)).json()["status"] == "in-progress"
    assert (await rest.post(path, data={"Status": "on-hold"})).json()["code"] == 21218
    await call.hang_up()
    assert call.status in FINAL
    assert (await rest.post(path, data={"Url": "http://x/"})).json()["code"] == 21220
    assert (await rest.get(f"/{ACCOUNT}/Calls/CA0.json")).status_code == 404


@pytest.mark.parametrize(
    ("document", "code"),
    [
        (b"", 12100),
        (b"<Response><Say>", 12100),
        (b"<Reply/>", 12200),
        (b"<Response><Shout/></Response>", 12200),
        (b'<Response><Say tone="loud">x</Say></Response>', 12200),
        (b"<Response><Conference>x</Conference></Response>", 12200),
        (b"<Response><Gather><Record/></Gather></Response>", 12200),
        (b"<Response>" + b" " * LARGEST_DOCUMENT + b"</Response>", 11750),
    ],
)
def test_twiml_that_twilio_would_not_take(document: bytes, code: int) -> None:
    with pytest.raises(Broken) as caught:
        read(document)
    assert caught.value.code == code
