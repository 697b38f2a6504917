"""What the demonstration's LINE remembers: people, chats, contents, tokens. Plain state, no network."""

import hashlib
import secrets
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

REPLY_LIFE_S = 60  # a reply token lives a minute from the webhook's delivery
REPLY_REACH_S = 20 * 60  # and is dead for good this long after the event
Json = dict[str, Any]


@dataclass
class Person:
    """A LINE user who plays the customer."""

    id: str
    name: str
    language: str
    following: bool = True
    picture_url: str = ""


@dataclass
class Bubble:
    """One message in a chat, of either side. `seq` rises with every change, so that a page can ask what is new."""

    seq: int
    id: str
    user: str
    side: str  # "customer" or "desk"
    kind: str
    at_ms: int
    text: str = ""
    url: str = ""  # of a picture that the desk sent
    name: str = ""  # of a file
    sender: str = ""  # the desk's alias
    via: str = ""  # "reply" or "push"
    read: bool = False
    unsent: bool = False
    quotes: str = ""  # the words of the message that it quotes
    shape: Json = field(default_factory=dict)  # the message as it went over the wire

    def told(self) -> Json:
        """For the page."""
        row = asdict(self)
        shape = row.pop("shape")
        row["sticker"] = shape if self.kind == "sticker" else {}
        row["parts"] = [*_parts(shape.get("contents"))] if shape.get("type") == "flex" else []
        row["choices"] = [each["action"]["label"] for each in self.choices]
        return row

    @property
    def choices(self) -> list[Json]:
        """The quick replies under the message."""
        found: list[Json] = self.shape.get("quickReply", {}).get("items", [])
        return found


def _parts(node: Any) -> Iterator[Json]:
    """A Flex message's words in order, with the page that a tap on them opens."""
    if not isinstance(node, dict):
        return
    if node.get("type") == "text":
        yield {"text": str(node.get("text", "")), "url": ""}
    inside = [node["body"]] if isinstance(node.get("body"), dict) else node.get("contents", [])
    for part in (one for each in inside for one in _parts(each)):
        yield {**part, "url": part["url"] or str(node.get("action", {}).get("uri", ""))}


@dataclass
class Content:
    """Bytes that the customer uploaded."""

    body: bytes
    media_type: str
    name: str = ""
    preparing: int = 0  # so many more requests hear "not yet"
    status: int = 200  # 404 or 410 once it is gone
    failed: bool = False  # could not be converted


@dataclass
class ReplyToken:
    chat: str
    event_at: float
    given_at: float
    used: bool = False


@dataclass
class Memory:
    """Everything that this LINE knows; times in seconds since 1970, from `clock`."""

    clock: Callable[[], float]
    people: dict[str, Person] = field(default_factory=dict)
    groups: dict[str, int] = field(default_factory=dict)  # group or room id, and how many people are in it
    bubbles: list[Bubble] = field(default_factory=list)
    contents: dict[str, Content] = field(default_factory=dict)
    replies: dict[str, ReplyToken] = field(default_factory=dict)
    retries: dict[str, tuple[str, Json]] = field(default_factory=dict)  # retry key: request id and answer
    quotable: dict[str, tuple[str, str]] = field(default_factory=dict)  # quote token: chat and message id
    reads: dict[str, str] = field(default_factory=dict)  # mark-as-read token: message id
    seq: int = 0
    used: int = 0  # messages counted this month

    def new_id(self) -> str:
        """A message id: digits, never the same again, even when the demonstration is started anew."""
        return f"{int(self.clock() * 1000)}{secrets.randbelow(100_000):05d}"

    def next_seq(self) -> int:
        self.seq += 1
        return self.seq

    def add(self, user: str, side: str, kind: str, **more: Any) -> Bubble:
        at_ms = int(self.clock() * 1000)
        number = more.pop("id", "") or self.new_id()
        bubble = Bubble(seq=self.next_seq(), id=number, user=user, side=side, kind=kind, at_ms=at_ms, **more)
        self.bubbles.append(bubble)
        return bubble

    def bubble(self, message_id: str) -> Bubble | None:
        return next((bubble for bubble in reversed(self.bubbles) if bubble.id == message_id), None)

    def changed(self, user: str = "", after: int = 0) -> list[Bubble]:
        """What is new or different since `after`, in the order of the changes."""
        rows = [bubble for bubble in self.bubbles if bubble.seq > after and user in ("", bubble.user)]
        return sorted(rows, key=lambda bubble: bubble.seq)

    def give_reply(self, token: str, chat: str, event_at: float) -> None:
        """A delivery, or a redelivery, starts the minute of its token; a used one stays used."""
        known = self.replies.get(token)
        self.replies[token] = ReplyToken(chat, event_at, self.clock(), used=known.used if known else False)

    def take_reply(self, token: str) -> str:
        """The chat that a reply token answers, once; "" when it is unknown, used or too old."""
        known, now = self.replies.get(token), self.clock()
        if not known or known.used or now - known.given_at > REPLY_LIFE_S or now - known.event_at > REPLY_REACH_S:
            return ""
        known.used = True
        return known.chat

    def quote_token(self, chat: str, message_id: str) -> str:
        """A token by which this message can be quoted in its chat, as often as one likes."""
        token = secrets.token_urlsafe(24)
        self.quotable[token] = (chat, message_id)
        return token

    def words_of(self, message_id: str) -> str:
        """What a quote of this message shows."""
        bubble = self.bubble(message_id)
        return (bubble.text or bubble.kind)[:60] if bubble and not bubble.unsent else ""

    def mark_read(self, user: str, side: str, until_ms: int) -> None:
        """The other side has seen the messages of `side`, up to a time."""
        for bubble in self.bubbles:
            if bubble.user == user and bubble.side == side and not bubble.read and bubble.at_ms <= until_ms:
                bubble.read, bubble.seq = True, self.next_seq()


def person(name: str, language: str) -> Person:
    """A user whose id is the same at every start."""
    return Person(id="U" + hashlib.sha256(name.encode()).hexdigest()[:32], name=name, language=language)


def cast() -> list[Person]:
    """The demonstration's customers."""
    names = (("田中 美咲", "ja"), ("佐藤 健一", "ja"), ("鈴木 花子", "ja"), ("Emily Carter", "en"))
    return [person(name, language) for name, language in names]
