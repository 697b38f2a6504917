"""What is said, as LINE's message objects (L24, L26, L30)."""

import subprocess
import sys
from dataclasses import replace

import pytest
from linebot.v3.messaging import FlexMessage

from channels.contract import Address, Choice, Fetched, File, Outbound, Undeliverable
from channels.leaflet import Leaflet, Link
from channels.line import fetch
from channels.line.compose import requests, sender_name, target
from channels.line.content import clean_name
from demo.line_rules import problems
from tests.channels.line.conftest import Desk
from tests.channels.line.sample import NOW
from tests.channels.line.test_lookups import received


async def read() -> bytes:
    return b""


PICTURE = File(
    name="a.png",
    media_type="image/png",
    size=10,
    url="https://d/a",
    read=read,
    preview_url="https://d/p",
    content_id="",
)


def order(*files: File, text: str = "", **more: str) -> Outbound:
    to = Address(kind="line", value="U1")
    return Outbound(key="k", to=to, conversation="U1", now=NOW, text=text, files=files, **more)  # type: ignore[arg-type]


def kinds(outbound: Outbound, *, insecure: bool = False) -> list[str]:
    return [message["type"] for request in requests(outbound, insecure=insecure) for message in request]


@pytest.mark.parametrize(
    "change",
    [
        {"media_type": "image/gif"},
        {"size": 10_000_001},
        {"preview_url": ""},
        {"url": "http://d/a"},
        {"url": "https://d/" + "a" * 2000},
    ],
)
def test_L26_what_line_would_refuse_as_a_picture_is_a_link(change: dict[str, object]) -> None:
    assert kinds(order(PICTURE)) == ["image"]
    assert kinds(order(replace(PICTURE, **change))) == ["text"]  # type: ignore[arg-type]


def test_a_picture_over_http_is_for_the_demonstration() -> None:
    plain = replace(PICTURE, url="http://d/a", preview_url="http://d/p")
    assert kinds(order(plain), insecure=True) == ["image"]


def test_L26_links_speak_the_customers_language() -> None:
    pdf = replace(PICTURE, name="quote.pdf", media_type="application/pdf")
    [[message]] = requests(order(pdf, language="en"))
    assert message["text"] == "📎 Attachments\n\nquote.pdf\nhttps://d/a"


def test_nothing_to_say_is_no_request() -> None:
    assert requests(order(text=" \n\u3000")) == []
    assert [len(request) for request in requests(order(*[PICTURE] * 6, text="x"))] == [5, 2]


@pytest.mark.parametrize(
    ("alias", "name"),
    [
        ("佐藤", "佐藤"),
        (" 三河屋\n 佐藤 ", "三河屋 佐藤"),
        ("👨‍👩‍👧" * 21, "👨‍👩‍👧" * 20),
        ("LINE公式", ""),
        ("Ｌｉｎｅ", ""),
        ("", ""),
    ],
)
def test_L30_the_senders_name(alias: str, name: str) -> None:
    assert sender_name(alias) == name
    [[message]] = requests(order(text="x", sender_name=alias))
    assert message.get("sender") == ({"name": name} if name else None)


def test_a_groups_answer_goes_to_the_group_and_not_to_its_member() -> None:
    group = "C" + "0" * 32
    assert target(replace(order(), conversation=group)) == group
    assert target(order()) == "U1"


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("C:\\Users\\me\\請求書.xlsx", "請求書.xlsx"),
        ("../../etc/passwd", "passwd"),
        ("か\u3099.txt", "が.txt"),
        ("a\u202egpj.exe", "agpj.exe"),
        ("x" * 300 + ".pdf", "x" * 196 + ".pdf"),
        ("y" * 300, "y" * 200),
        ("..", ""),
        (7, ""),
    ],
)
def test_E17_file_names_are_cleaned(given: object, kept: str) -> None:
    assert clean_name(given) == kept


async def test_L13_a_content_beyond_the_cap_is_refused(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    await desk.cloud.send_image(desk.user, bytes(1001))
    monkeypatch.setattr(fetch, "LARGEST", 1000)
    with pytest.raises(Undeliverable) as caught:
        await desk.line.fetch(received(desk))
    assert caught.value.code == "content_too_large"
    monkeypatch.setattr(fetch, "LARGEST", 1001)
    assert isinstance(await desk.line.fetch(received(desk)), Fetched)


def test_the_hooks_door_does_not_pay_for_the_sdk() -> None:
    """verify and parse need neither the SDK nor an HTTP client."""
    code = (
        "import sys, channels.line; print([m for m in ('linebot', 'aiohttp', 'httpx2', 'regex') if m in sys.modules])"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"


def test_K9_pages_to_read_are_a_flex_list_that_line_accepts_and_whose_lines_open_them() -> None:
    links = (Link("割れて届いたとき", "https://d/help/ja/articles/a?o=1-x"), Link("あ" * 300, "https://d/b"))
    leaflet = Leaflet(lead="こちらの記事をどうぞ。", links=links, ask="解決しましたか。")
    told = replace(order(text="unused"), leaflet=leaflet, choices=(Choice("はい", "x"),))
    [[message]] = requests(told)
    parsed = FlexMessage.from_dict({key: value for key, value in message.items() if key != "quickReply"})
    assert parsed is not None and parsed.alt_text.startswith("こちらの記事をどうぞ。\n・割れて届いたとき")
    lines = [each for each in message["contents"]["body"]["contents"] if each["type"] == "box"]
    assert [each["action"]["uri"] for each in lines] == [each.url for each in links]
    assert message["quickReply"]["items"], "solved, or a person: under the list"
    assert problems([message], http_allowed=False) == []
    assert problems([{**message, "altText": ""}, {**message, "contents": {}}], http_allowed=False) != []
