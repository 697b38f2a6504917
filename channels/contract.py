"""The channel contract: the only vocabulary that the app and its channels share.

A channel translates between one provider's wire and the values below. It knows no ticket, no database and no agent; the
app knows no provider. All here are frozen values or exceptions; the protocols say what a channel must and may offer.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar, NamedTuple, Protocol, runtime_checkable

from pydantic import BaseModel

from channels.leaflet import Leaflet as Leaflet
from channels.limits import Limits as Limits


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """Where an inbox lives: what a channel may know of the installation around it."""

    public_url: str  # scheme and host that customers and providers reach, without a trailing slash
    hook_url: str  # {public_url}/hooks/{inbox token}: the base of every webhook and callback of this inbox
    key: bytes = field(repr=False)  # 32 bytes, this inbox's own signing key (reply addresses, callback parameters)
    installation: str  # a short id of this installation, for loop headers (E9)
    private_hosts: frozenset[str] = frozenset()  # private hosts that outgoing requests may reach all the same


@dataclass(frozen=True, slots=True, kw_only=True)
class Hook:
    """One thing that a provider handed us: an HTTP request, or a mail with its envelope. The bytes are untouched."""

    route: str  # what follows the inbox token in the path: "", "voice", "status"; for mail "mime", "smtp", "imap"
    body: bytes
    received_at: datetime
    headers: Mapping[str, str] = field(default_factory=dict)  # names in lower case; a mail's envelope stands here too
    method: str = "POST"
    url: str = ""  # as the provider called it: the public URL with its raw query (T3)


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Who is at the other end, on one channel."""

    kind: str  # "line", "email", "phone", "chat"
    value: str  # normalised: LINE user or group id, lower-cased mail address, E.164 number, visitor id
    scope: str = ""  # what the value is unique within: LINE's provider id (L7), the chat inbox; "" for mail, phone
    name: str = ""
    verified: bool = False  # proven by the channel (signed chat identity, LINE's signed webhook), never a mail's From
    language: str = ""  # BCP 47, where the channel tells
    picture_url: str = ""

    @property
    def key(self) -> str:
        """The unique key of the identity: one row in the database."""
        return f"{self.kind}:{self.scope}:{self.value}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """An attachment as it comes in: either its bytes, or where to fetch them."""

    name: str  # a file name without a path, cleaned (E17); "" when the provider gives none
    media_type: str = "application/octet-stream"
    content: bytes | None = None
    remote: str = ""  # given back to `fetch` when content is None
    size: int | None = None
    content_id: str = ""  # a mail's cid, without angle brackets
    inline: bool = False
    duration_ms: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Handle:
    """A reply handle: lets one answer go out on better terms while it is fresh (LINE's reply token, L16)."""

    token: str
    received_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Inbound:
    """One message of a customer."""

    external_id: str  # unique within the inbox: a second one with the same id is a duplicate (L8, E26, W4)
    conversation: str  # the provider's own thread: LINE user or group, CallSid, visitor thread, first Message-ID
    sender: Address
    sent_at: datetime  # the provider's event time, zone-aware
    kind: str = "text"  # text image video audio file sticker location call unsupported
    text: str = ""
    html: str = ""  # as it came: the app sanitises it
    subject: str = ""
    parts: tuple[Part, ...] = ()
    thread: int | None = None  # our thread, proven by our own signature (E1, first)
    answers: tuple[str, ...] = ()  # external ids of the messages it answers, most trusted first (E1, second)
    ticket_hint: int | None = None  # a ticket number read from text: a hint that proves nothing (E1, fourth)
    participants: tuple[Address, ...] = ()  # others on the conversation: To and Cc that are not ours (E4)
    handle: Handle | None = None
    auto: bool = False  # written by a machine (E8): never needs a reply, never reopens, meets no clock
    opens: bool = True  # may open a ticket; False: logged only, unless one is open (group chatter, L15)
    reopens: bool = True  # may reopen a resolved ticket (a thank-you sticker may not)
    meta: Mapping[str, Any] = field(default_factory=dict)  # JSON that the screens know how to show


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsent:
    """The customer took a message back (LINE's unsend): its content must not be shown or used again."""

    external_id: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Edited:
    """The customer changed a message; the latest `at` wins, and it may come before the original."""

    external_id: str
    text: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """A customer can, or can no longer, be reached on this channel (LINE follow and unfollow)."""

    sender: Address
    reachable: bool
    at: datetime
    code: str = ""  # "followed", "blocked", "bounced"


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What became of a message that we sent: a mail's bounce, a read mark."""

    external_id: str  # the id that our `Sent` carried
    state: str  # "delivered", "read", "delayed", "bounced"
    at: datetime
    recipient: str = ""
    reason: str = ""
    permanent: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CallUpdate:
    """Progress of a telephone call. They come in any order, twice or never (T6)."""

    call: str  # the `external_id` of the Inbound that began it (the customer's leg), or our own name of a call we make
    at: datetime
    # "waiting" "left_queue" "agent_ringing" "agent_joined" "agent_left" "customer_ringing" "connected" "recorded" "ended";
    # "asking": the customer, whom the agent has left, hears how to rate; "rated": what they pressed then
    event: str
    # for "ended" and "agent_left": completed busy no-answer failed canceled; "left_queue": QueueResult; "rated": the key
    reason: str = ""
    # the id at the provider of the agent's leg; "customer_ringing", "connected", "ended": of the customer's
    leg: str = ""
    order: str = ""  # our `Outbound.key` that asked for this leg
    duration_s: int | None = None
    sequence: int | None = None
    recording: Part | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Noticed:
    """Something worth a line in the log, which is no message: joined a group, postback, unknown event (L11)."""

    code: str  # "line.postback", "line.unsupported", ...
    at: datetime
    sender: Address | None = None
    conversation: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """The customer tapped a choice of a message of ours. It is no message of theirs."""

    sender: Address
    conversation: str
    data: str  # `Choice.data`
    at: datetime
    handle: Handle | None = None


Update = Unsent | Edited | Reach | Receipt | CallUpdate | Noticed | Chosen
Item = Inbound | Update


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """Where the app put one item. For calls `facts` says what the caller may be told."""

    item: Item
    ticket: int | None = None
    thread: int | None = None
    message: int | None = None
    opened: bool = False
    duplicate: bool = False
    # calls: {"waited_s": int, "position": int, "state": "waiting|connecting|connected|voicemail|ended", "language": "ja"};
    # for "rated": {"rated": whether that was an answer}
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the provider hears back."""

    status: int = 200
    body: bytes = b""
    media_type: str = "text/plain"


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """An attachment as it goes out."""

    name: str
    media_type: str
    size: int
    url: str  # public, signed, long-lived (L26); a GET answers the bytes as a download
    read: Callable[[], Awaitable[bytes]]
    preview_url: str = ""  # images: a JPEG of at most 1 MB
    content_id: str = ""  # set when the HTML shows it inline


class Choice(NamedTuple):
    """One answer that the customer may tap. `data` comes back as `Chosen.data`."""

    label: str  # at most 20 characters
    data: str  # at most 250 characters


@dataclass(frozen=True, slots=True, kw_only=True)
class Outbound:
    """One thing to send. The same value is given at every attempt, but for attempt, memory and now."""

    key: str  # UUID, the provider's idempotency key where there is one (L19)
    to: Address
    conversation: str
    now: datetime
    kind: str = "message"  # "message", or for calls "connect", "join", "dial", "hangup"
    thread: int = 0
    message: int = 0
    ticket: int = 0
    text: str = ""
    html: str = ""
    subject: str = ""
    files: tuple[File, ...] = ()
    leaflet: Leaflet | None = None  # instead of `text`, where the channel can show it
    choices: tuple[Choice, ...] = ()  # never more than the channel's `limits.choices`
    cc: tuple[Address, ...] = ()
    answers: tuple[str, ...] = ()  # external ids of the thread, oldest first (mail's References)
    handle: Handle | None = None  # given only to the message that claimed it, and then at every attempt of it
    silent: bool = False  # without a sound, where `limits.silent`
    quote: str = ""  # the provider's token of the message that it quotes, where `limits.quotes` (L27)
    spare: bool = False  # nobody waits for it: it may not use up what is kept for answers (L22)
    sender_name: str = ""  # the agent's public alias (L30)
    language: str = "ja"
    attempt: int = 1  # counted when claimed: 2 may mean that the first died half way
    memory: Mapping[str, Any] = field(default_factory=dict)  # what TryAgain of an earlier attempt kept
    # calls: "call" is CallUpdate.call or the leg; connect: "agent" is "client:..." or "+81..."; dial: "to"; hangup: "reason"
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """The provider took it. That is not yet 'delivered' (L17)."""

    external_ids: tuple[str, ...] = ()  # the provider's ids, in order
    via: str = ""  # "reply", "push", "smtp", "socket", "call"
    cost: int = 0  # counted messages (L22)
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    content: bytes
    media_type: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One line of a connection test."""

    ok: bool
    code: str  # translated by the screens: "check.<code>"
    detail: str = ""


class Forged(Exception):
    """The signature is wrong or missing. `status` is what the provider hears: 401 for LINE, 403 for Twilio."""

    status: ClassVar[int] = 401


class TryAgain(Exception):
    """Not now. `after` in seconds, None lets the one retry loop decide; `memory` is given back at the next attempt.

    `asked` False: nothing of it has left us, so it was no attempt, and waiting makes it no more likely to be given up.
    """

    def __init__(
        self, code: str, *, after: float | None = None, detail: str = "", memory: Mapping[str, Any] | None = None,
        asked: bool = True,
    ):  # fmt: skip
        super().__init__(code)
        self.code, self.after, self.detail, self.memory, self.asked = code, after, detail, dict(memory or {}), asked


class Undeliverable(Exception):
    """Never: another attempt would fail too. `code` is translated by the screens ("failure.<code>")."""

    def __init__(self, code: str, *, detail: str = "", unreachable: bool = False):
        super().__init__(code)
        self.code, self.detail, self.unreachable = code, detail, unreachable


class Unconfirmed(Exception):
    """It may have gone out and the provider cannot be asked: a person decides (L20)."""

    def __init__(self, code: str, *, detail: str = ""):
        super().__init__(code)
        self.code, self.detail = code, detail


class Channel(Protocol):
    """What every kind of channel offers. One object serves one inbox and holds no state but its configuration."""

    kind: ClassVar[str]
    Config: ClassVar[type[BaseModel]]  # its JSON Schema draws the settings form; secrets are SecretStr
    limits: ClassVar[Limits]

    def __init__(self, config: Any, site: Site) -> None: ...

    def verify(self, hook: Hook) -> None:
        """Pure. Raises Forged, and nothing else, when the provider did not sign these bytes."""

    def parse(self, hook: Hook) -> list[Item]:
        """Pure, after `verify`. Never raises on novelty: what it does not know becomes `Noticed` or 'unsupported'."""

    def answer(self, hook: Hook, placements: Sequence[Placement]) -> Answer:
        """Pure. What the provider wants to hear once the batch is committed: 200, TwiML."""

    async def send(self, outbound: Outbound) -> Sent:
        """The only I/O. Raises TryAgain, Undeliverable or Unconfirmed."""

    async def close(self) -> None:
        """Lets go of connections."""


@runtime_checkable
class Fetches(Protocol):
    """Attachments that must be fetched from the provider."""

    async def fetch(self, part: Part) -> Fetched:
        """Raises TryAgain (still preparing) or Undeliverable (gone)."""


@runtime_checkable
class Polls(Protocol):
    """An inbox that is asked for news. The cursor is stored in the transaction that keeps the hooks (E25, E27)."""

    async def poll(self, cursor: Mapping[str, Any]) -> tuple[list[Hook], dict[str, Any]]:
        """Returns at most a batch of hooks, oldest first, and the cursor behind them. Raises TryAgain."""


@runtime_checkable
class Listens(Protocol):
    """An inbox that opens a door of its own (SMTP, LMTP)."""

    async def listen(self, take: Callable[[Hook], Awaitable[None]]) -> Callable[[], Awaitable[None]]:
        """Starts listening, returns how to stop. A mail is acknowledged only after `take` returned (E27)."""


@runtime_checkable
class Profiles(Protocol):
    """A channel that can be asked who an address is (L34)."""

    async def profile(self, address: Address) -> Address | None:
        """The address with name, picture and language filled in; None when the provider does not tell."""


@runtime_checkable
class Checks(Protocol):
    """A channel that can test its own settings."""

    async def check(self) -> list[Finding]:
        """Asks the provider with these settings; never raises on a failure of theirs."""


@runtime_checkable
class Quota(Protocol):
    """A channel whose messages are counted (L22)."""

    async def quota(self) -> Mapping[str, int | None]:
        """{"limit": int|None, "used": int}"""
