"""L27: a customer's quote is shown with what it quotes, and an agent quotes in an answer. Over demo LINE, which refuses
tokens that it has not given out for that chat."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import httpx2
import pytest

from app.config import Settings
from app.models import Message
from tests.cast import Cast
from tests.conftest import Hands
from tests.jobs.rig import LineDesk, line_desk


@pytest.fixture
async def line(settings: Settings, cast: Cast, hands: Hands) -> AsyncIterator[LineDesk]:
    hands.now = datetime.now(UTC)
    async with line_desk(settings, cast, wall=lambda: hands.now.timestamp()) as desk:
        await desk.wrote("醤油は届きますか")
        await desk.wrote("味噌もお願いします")
        yield desk


async def messages(line: LineDesk) -> list[dict[str, Any]]:
    got = await line.http.get("/api/v1/tickets/1/messages", headers=line.cast.hanako.bearer)
    found: list[dict[str, Any]] = got.json()["items"]
    return found


async def answer(line: LineDesk, text: str, quotes: int) -> httpx2.Response:
    return await line.post("/tickets/1/replies", {"text": text, "quotes": quotes})


@pytest.mark.parametrize("pushed", [False, True])
async def test_L27_an_answer_quotes_by_reply_and_by_push(line: LineDesk, hands: Hands, pushed: bool) -> None:
    if pushed:
        hands.advance(minutes=5)
    first = (await messages(line))[0]
    made = await answer(line, "本日届きます", first["id"])
    assert made.status_code == 201, made.text
    assert made.json()["quoted"] == {
        "id": first["id"],
        "author": "customer",
        "kind": "text",
        "text": "醤油は届きますか",
    }
    assert await line.deliver() == 1
    shown = await line.shown(made.json()["id"])
    assert (shown["state"], shown["via"]) == ("sent", "push" if pushed else "reply")
    assert line.cloud.history(line.customer.id)[-1].quotes == "醤油は届きますか", "it stands on the customer's screen"
    assert shown["quotable"], "and can be quoted in its turn"


async def test_L27_our_own_answer_is_quoted_by_the_customer_and_by_us(line: LineDesk) -> None:
    ours = await line.reply("お調べします")
    await line.deliver()
    assert (
        await line.cloud.send_text(line.customer.id, "これですか", quoting=line.cloud.history(line.customer.id)[-1].id)
        == 200
    )
    last = next(each for each in await messages(line) if each["text"] == "これですか")
    assert (last["quoted"]["id"], last["quoted"]["text"]) == (ours, "お調べします")
    assert (await answer(line, "はい", ours)).status_code == 201
    await line.deliver()
    assert line.cloud.history(line.customer.id)[-1].quotes == "お調べします"


async def test_L27_what_is_quoted_and_then_taken_back_is_shown_no_more(line: LineDesk) -> None:
    first = (await messages(line))[0]
    made = (await answer(line, "本日届きます", first["id"])).json()["id"]
    await line.cloud.unsend(line.customer.id, line.cloud.history(line.customer.id)[0].id)
    assert await line.deliver() == 1
    shown = await line.shown(made)
    assert (shown["state"], shown["quoted"]["kind"], shown["quoted"]["text"]) == ("sent", "unsent", "")
    assert line.cloud.history(line.customer.id)[-1].quotes == ""
    assert (await answer(line, "もう一度", first["id"])).status_code == 422


async def test_L27_only_words_quote_and_only_in_their_own_conversation(line: LineDesk) -> None:
    other = line.cloud.users[1]
    assert await line.cloud.send_text(other.id, "別の人です") == 200
    async with line.parts.database.read() as session:
        strange = await session.get_one(Message, 3)
    assert strange.text == "別の人です"
    for number in (strange.id, 999_999):
        refused = await answer(line, "見せません", number)
        assert (refused.status_code, refused.json()["code"]) == (422, "cannot_quote")
    note = await line.post("/tickets/1/notes", {"text": "メモ"})
    assert (await answer(line, "メモの引用", note.json()["id"])).status_code == 422
    assert [each["text"] for each in await messages(line) if each["direction"] == "out"] == ["メモ"], "nothing was kept"


async def test_L27_a_quote_of_what_we_never_had_is_shown_as_unknown(line: LineDesk) -> None:
    assert await line.cloud.send_text(line.customer.id, "昔の話", quoting="46869990001") == 200
    old = next(each for each in await messages(line) if each["text"] == "昔の話")
    assert old["quoted"] == {"id": None, "author": "", "kind": "", "text": ""}
