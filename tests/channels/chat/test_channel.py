"""The chat channel behind the contract: verify, parse, answer, send, settings."""

import json
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from channels.contract import Address, Channel, Forged, Hook, Inbound, Noticed, Outbound, Part
from tests.channels.chat.sample import CLIENT_ID, NOW, THREAD, VISITOR, WIDGET, channel, forged, hooks, said


def parsed(hook: Hook) -> Any:
    (item,) = channel().parse(hook)
    return item


def test_the_channel_is_one():
    chat: Channel = channel()
    assert (chat.kind, chat.limits.files, chat.limits.idempotent) == ("chat", "any", True)


def test_W1_only_the_door_speaks_for_visitors():
    for hook in hooks():
        channel().verify(hook)
    for hook in (forged(), Hook(route="", method="GET", body=b"", received_at=NOW)):
        with pytest.raises(Forged):
            channel().verify(hook)


def test_W4_a_message_is_known_by_its_visitor_and_client_id():
    assert parsed(said(page="https://shop.example/soy", language="ja")) == Inbound(
        external_id=f"c:{VISITOR}:{CLIENT_ID}",
        conversation=THREAD,
        sender=Address(kind="chat", value=VISITOR, language="ja"),
        sent_at=NOW,
        text="醤油はまだありますか?",
        meta={"client_id": CLIENT_ID, "page": "https://shop.example/soy"},
    )
    assert parsed(said(visitor="another")).external_id != parsed(said()).external_id
    later = Hook(route="message", method="DOOR", body=said().body, received_at=NOW + timedelta(minutes=1))
    assert parsed(later).external_id == parsed(said()).external_id


def test_W2_unsigned_attributes_never_overwrite_verified_ones():
    verified = {"sub": "42", "email": "s@example.jp", "name": "佐藤 花子", "company": "佐藤商店"}
    item = parsed(said(verified=verified, name="店長", email="boss@example.jp"))
    assert item.sender == Address(kind="chat", scope=WIDGET, value="u:42", name="佐藤 花子", verified=True)
    assert item.meta["verified"] == verified
    nameless = parsed(said(verified={"sub": "42"}, name="店長"))
    assert nameless.sender.name == ""
    assert nameless.meta["name"] == "店長"


def test_W2_what_is_typed_proves_nothing():
    item = parsed(said(name="佐藤", email="sato@example.jp", verified=None))
    assert item.sender == Address(kind="chat", value=VISITOR, name="佐藤")
    assert item.meta["email"] == "sato@example.jp"


def test_W10_files_are_named_by_their_public_id():
    files = [
        {"public_id": "f1", "name": "../../棚\u202e.jpg", "media_type": "image/jpeg", "size": 9},
        {"public_id": "f2", "name": "C:\\temp\\a.pdf", "size": -1},
        {"name": "without an id"},
        "f3",
    ]
    item = parsed(said(files=files))
    assert item.parts == (
        Part(name="棚.jpg", media_type="image/jpeg", remote="upload:f1", size=9),
        Part(name="a.pdf", remote="upload:f2"),
    )
    assert item.kind == "text"


@pytest.mark.parametrize(
    ("types", "kind"),
    [
        (["image/png"], "image"),
        (["image/png", "image/jpeg"], "image"),
        (["video/mp4"], "video"),
        (["audio/ogg"], "audio"),
        (["application/pdf"], "file"),
        (["image/png", "application/pdf"], "file"),
    ],
)
def test_files_without_words_are_of_their_kind(types: list[str], kind: str):
    files = [{"public_id": str(at), "name": "x", "media_type": name} for at, name in enumerate(types)]
    assert parsed(said(text=" ", files=files)).kind == kind


@pytest.mark.parametrize(
    "hook",
    [
        Hook(route="message", method="DOOR", body=b"{", received_at=NOW),
        Hook(route="message", method="DOOR", body=b"[]", received_at=NOW),
        Hook(route="message", method="DOOR", body=b'{"text": "\\ud800"}', received_at=NOW),
        Hook(route="reaction", method="DOOR", body=said().body, received_at=NOW),
        said(text=""),
        said(text="\0 "),
        said(client_id=None),
        said(visitor=7),
        said(thread=""),
    ],
    ids=lambda hook: f"{hook.route} {hook.body[:60]!r}",
)
def test_novelty_is_noticed(hook: Hook):
    item = parsed(hook)
    assert isinstance(item, Noticed)
    assert item.code == "chat.unsupported"


def test_text_keeps_its_lines_and_loses_only_what_a_database_refuses():
    assert parsed(said(text="一行目\r\n\r\n三行目\0 ")).text == "一行目\n\n三行目"


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)
names = st.sampled_from(
    ["visitor", "thread", "client_id", "text", "name", "email", "page", "verified", "files", "language"]
)


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(body=st.binary(max_size=80) | st.dictionaries(names, json_values).map(lambda body: json.dumps(body).encode()))
def test_P1_parse_never_raises_and_repeats_itself(body: bytes):
    hook = Hook(route="message", method="DOOR", body=body, received_at=NOW)
    assert parsed(hook) == parsed(hook)


@settings(max_examples=80, suppress_health_check=[HealthCheck.too_slow])
@given(
    changes=st.dictionaries(st.sampled_from(["name", "email", "page", "verified", "files", "language"]), json_values)
)
def test_P1_no_optional_field_can_lose_a_message(changes: dict[str, Any]):
    item = parsed(said(**changes))
    assert (item.text, item.external_id) == ("醤油はまだありますか?", f"c:{VISITOR}:{CLIENT_ID}")


async def test_send_is_the_committed_row():
    outbound = Outbound(key="7f", to=Address(kind="chat", value=VISITOR), conversation=THREAD, now=NOW, text="はい")
    chat = channel()
    first, again = await chat.send(outbound), await chat.send(outbound)
    assert (first.external_ids, first.via, first.cost) == (("s:7f",), "socket", 0)
    assert first == again
    assert chat.answer(said(), []).status == 200
    await chat.close()


@pytest.mark.parametrize(
    ("allowed", "origin", "admitted"),
    [
        ([], "https://anywhere.example", True),
        (["https://shop.example"], "https://shop.example", True),
        ([" HTTPS://Shop.Example/ "], "https://shop.example", True),
        (["https://shop.example"], "http://shop.example", False),
        (["https://shop.example"], "https://shop.example:8443", False),
        (["https://shop.example"], "https://shop.example.evil.example", False),
        (["https://*.shop.example"], "https://www.shop.example", True),
        (["https://*.shop.example"], "https://shop.example", False),
        (["https://*.shop.example"], "https://evilshop.example", False),
        (["https://*.shop.example"], "https://www.shop.example@evil.example", False),
        (["https://*.shop.example"], "http://www.shop.example", False),
        (["https://*.shop.example"], "https://www.shop.example:444444", False),
        (["https://shop.example"], "null", False),
        (["https://shop.example"], "", False),
    ],
)
def test_W1_allowed_origins(allowed: list[str], origin: str, admitted: bool):
    assert channel(allowed_origins=allowed).admits(origin) is admitted


def test_W1_frame_ancestors_say_the_same_to_the_browser():
    assert channel().frame_ancestors() == "*"
    listed = channel(allowed_origins=["https://shop.example", "https://*.shop.example"])
    assert listed.frame_ancestors() == "'self' https://shop.example https://*.shop.example"


@pytest.mark.parametrize(
    "config",
    [
        {"allowed_origins": ["shop.example"]},
        {"allowed_origins": ["https://shop.example/path"]},
        {"allowed_origins": ["https://shop.example; script-src *"]},
        {"color": "red"},
        {"color": "#12345"},
        {"identity_secret": "short"},
        {"privacy_url": "javascript:alert(1)"},
        {"resume_days": 0},
    ],
    ids=str,
)
def test_a_setting_that_does_not_fit_is_refused(config: dict[str, Any]):
    with pytest.raises(ValidationError):
        channel(**config)


def test_the_look_follows_the_language():
    chat = channel(title_ja="三河屋", title_en="", color="#aa0011", ask_email=True)
    english, japanese = chat.look("en"), chat.look("ja")
    assert (english["title"], english["language"]) == ("三河屋", "en")
    assert japanese["welcome"].startswith("いらっしゃいませ")
    assert english["welcome"].startswith("Hello")
    assert (japanese["color"], japanese["ask_email"], japanese["ask_name"]) == ("#aa0011", True, False)


def test_every_setting_has_a_title_in_both_languages_and_the_secret_is_marked():
    fields = channel().Config.model_json_schema()["properties"]
    assert all(shown["title_ja"] and shown["title_en"] for shown in fields.values())
    assert {name for name, shown in fields.items() if shown.get("format") == "password"} == {"identity_secret"}
