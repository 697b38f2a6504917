"""What LINE tells us (L7-L11, L15-L17; domain 1.2 and 1.3)."""

import json
import random
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from channels.contract import Edited, Inbound, Noticed, Reach, Unsent
from tests.channels.line.sample import NOW, channel, fixture, hook, webhook

USER, OTHER = "U4af4980629a1b2c3d4e5f60718293a4b", "U0123456789abcdef0123456789abcdef"
GROUP = "Ca56f94637c0123456789abcdef012345"


def read(name: str, **config: Any) -> list[Any]:
    return channel(**config).parse(webhook(*fixture(name)))


def test_every_event_belongs_to_its_own_source() -> None:
    first, second, *_ = read("messages")
    assert (first.sender.value, first.conversation) == (USER, USER)
    assert (second.sender.value, second.conversation) == (OTHER, OTHER)


def test_text_with_emojis_quote_and_reply_token() -> None:
    first, second, *_ = read("messages")
    assert (first.kind, first.text) == ("text", "注文した醤油がまだ届きません。(love)")
    assert first.external_id == "600000000000000001"
    assert first.sent_at == datetime(2026, 3, 2, 9, 0, 0, 100_000, tzinfo=UTC)
    assert first.handle.token == f"{1:032x}" and first.handle.received_at == NOW
    assert first.meta["emojis"][0]["emojiId"] == "001"
    assert (first.meta["quote_token"], first.meta["read_token"]) == ("yHAz4Ua2wx7", "30yhdy232")
    assert (second.meta["quotes"], second.answers) == ("500000000000000009", ()), (
        "a quote is shown, and moves nothing (L27)"
    )
    assert first.sender.verified and first.opens and first.reopens


def test_media_is_fetched_by_its_own_road() -> None:
    image, external, video, audio, file = read("messages")[2:7]
    assert image.parts[0].remote == "content:600000000000000003"
    assert image.meta["image_set"]["total"] == 2
    assert external.parts[0].remote == "external:https://example.com/a.jpg"
    assert (video.parts[0].remote, video.parts[0].duration_ms) == ("media:600000000000000005", 60000)
    assert (audio.kind, audio.parts[0].media_type) == ("audio", "audio/mp4")
    assert (file.parts[0].name, file.parts[0].size) == ("領収書fdp.pdf", 2138)


def test_place_and_stickers() -> None:
    place, sticker, spoken = read("messages")[7:]
    assert place.text == "三河屋 本店\n東京都千代田区丸の内1-9-1"
    assert (place.meta["latitude"], place.meta["longitude"]) == (35.6812, 139.7671)
    assert (sticker.kind, sticker.text, sticker.meta["keywords"]) == ("sticker", "", ["ありがとう", "thanks"])
    assert spoken.text == "お世話になります"
    assert not sticker.reopens and sticker.opens
    assert read("messages", sticker_reopens=True)[8].reopens


def test_L7_an_identity_is_unique_within_its_provider() -> None:
    assert read("messages", provider_id="p1")[0].sender.key == f"line:p1:{USER}"
    assert read("messages")[0].sender.key == f"line:1650000000:{USER}"


def test_L15_a_group_opens_a_ticket_by_mention_only() -> None:
    chatter, mention, nameless, room = read("groups")[:4]
    assert (chatter.conversation, chatter.sender.value) == (GROUP, USER)
    assert chatter.meta["source"] == "group" and chatter.meta["group"] == GROUP
    assert not chatter.opens and not chatter.reopens
    assert mention.opens and mention.reopens
    assert nameless.sender.value == GROUP
    assert (room.meta["source"], room.sender.value) == ("room", OTHER)
    assert all(item.opens for item in read("groups", group_policy="all")[:4])
    assert not any(item.opens for item in read("groups", group_policy="never")[:4])


def test_events_of_a_group() -> None:
    joined, came, left, edited, gone = read("groups")[4:]
    assert (joined.code, joined.conversation, gone.code) == ("line.joined", GROUP, "line.left")
    assert came.params["joined"]["members"][0]["userId"] == OTHER
    assert left.code == "line.member_left"
    assert isinstance(edited, Edited) and edited.external_id == "600000000000000021"
    assert edited.text == "今夜の集まりは8時です"


def test_events_of_the_account() -> None:
    followed, blocked, unsent, postback, linked, failed, *others = read("account")
    assert isinstance(followed, Reach) and followed.reachable and followed.code == "followed"
    assert isinstance(blocked, Reach) and not blocked.reachable and blocked.code == "blocked"
    assert blocked.sender.value == OTHER
    assert isinstance(unsent, Unsent) and unsent.external_id == "600000000000000003"
    assert postback.params["postback"]["data"] == "csat=5&ticket=42" and postback.params["event"]
    assert linked.sender.value == USER and failed.sender is None
    assert [item.code for item in others] == [
        "line.membership",
        "line.video_watched",
        "line.beacon",
        "line.module",
        "line.activated",
        "line.deactivated",
        "line.bot_suspended",
        "line.bot_resumed",
        "line.delivery",
    ]


def test_L11_novelties_are_kept_and_never_an_error() -> None:
    hologram, event, satellite, empty, *_ = read("novelties")
    assert isinstance(hologram, Inbound) and hologram.kind == "unsupported"
    assert hologram.meta["type"] == "hologram" and hologram.handle
    assert (event.code, event.params["type"], event.sender.value) == ("line.unsupported", "telepathy", USER)
    assert (satellite.code, satellite.sender) == ("line.unsupported", None)
    assert empty.code == "line.unsupported"


def test_one_broken_event_does_not_cost_the_others() -> None:
    good = fixture("messages")[0]
    items = channel().parse(webhook(None, good, 7, {"type": "message", "message": {"type": "text"}}))
    assert [type(item) for item in items].count(Inbound) == 1
    assert len(items) == 4


def test_L10_standby_is_read_only() -> None:
    standby = read("novelties")[4]
    assert standby.meta["standby"] is True and standby.handle is None
    token = fixture("messages")[0] | {"mode": "standby"}
    [item] = channel().parse(webhook(token))
    assert isinstance(item, Inbound) and item.handle is None


def test_L8_a_redelivered_message_is_the_same_message() -> None:
    event = fixture("messages")[0]
    again = event | {"deliveryContext": {"isRedelivery": True}}
    assert channel().parse(webhook(event)) == channel().parse(webhook(again))


def test_L16_a_token_is_dead_twenty_minutes_after_the_event() -> None:
    event = fixture("messages")[0]
    for minutes, alive in ((19, True), (21, False)):
        at = int((NOW - timedelta(minutes=minutes)).timestamp() * 1000)
        [item] = channel().parse(webhook(event | {"timestamp": at}))
        assert isinstance(item, Inbound) and (item.handle is not None) is alive


@settings(max_examples=30)
@given(seed=st.integers(), repeats=st.integers(0, 3))
def test_P1_order_and_repetition_of_events_change_nothing(seed: int, repeats: int) -> None:
    events = [event for name in ("messages", "groups", "account", "novelties") for event in fixture(name)]
    rng = random.Random(seed)
    mixed = [*events, *rng.choices(events, k=repeats)]
    rng.shuffle(mixed)
    items = channel().parse(webhook(*mixed))
    once = [item for index, item in enumerate(items) if item not in items[:index]]
    assert once == channel().parse(webhook(*events))
    assert len(items) == len(mixed)


LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
JSON = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner))
KEYS = (
    "type",
    "message",
    "source",
    "timestamp",
    "replyToken",
    "mode",
    "webhookEventId",
    "unsend",
    "joined",
    "postback",
)
INNER = ("id", "type", "text", "userId", "groupId", "mention", "mentionees", "contentProvider", "keywords", "fileName")
KINDS = st.sampled_from(["message", "messageEdited", "unsend", "follow", "join", "text", "image", "file", "sticker"])
BODIES = st.dictionaries(st.sampled_from(INNER), KINDS | JSON)
EVENTS = st.dictionaries(st.sampled_from(KEYS), KINDS | BODIES | JSON)


@settings(max_examples=300, deadline=None)
@given(events=st.lists(EVENTS | JSON, max_size=4))
def test_P7_no_json_is_an_error(events: list[Any]) -> None:
    body = json.dumps({"destination": "x", "events": events}).encode()
    items = channel().parse(hook(body))
    assert len(items) == len(events)
    assert all(item.external_id for item in items if isinstance(item, Inbound))


@settings(max_examples=100, deadline=None)
@given(body=st.binary(max_size=60) | JSON.map(lambda value: json.dumps(value).encode()))
def test_P7_no_bytes_are_an_error(body: bytes) -> None:
    for item in channel().parse(hook(body)):
        assert isinstance(item, Noticed) and item.code == "line.unsupported"


def test_texts_that_no_database_takes_are_repaired() -> None:
    event = json.dumps(fixture("messages")[0]).replace("(love)", r"\u0000 \ud83d x \ud83c\udf4e")
    [item] = channel().parse(hook(b'{"events":[%s]}' % event.encode()))
    assert isinstance(item, Inbound) and item.text.endswith("\ufffd \ufffd x 🍎")
    item.text.encode()


def test_a_body_nested_without_end_is_noticed() -> None:
    [item] = channel().parse(hook(b'{"events":' + b"[" * 100_000))
    assert isinstance(item, Noticed)
