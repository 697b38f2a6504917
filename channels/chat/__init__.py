"""Web chat: a widget on the customer's site, a socket between it and us (W1-W13).

The socket door stands in front of this channel: it hands over what visitors say as hooks with the method "DOOR", and
delivers answers by reading the committed log. So `verify` trusts the door and `send` has nothing left to do.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from channels.chat.config import ChatConfig, admits
from channels.chat.identity import read_identity
from channels.chat.parse import parse_chosen, parse_said
from channels.contract import Answer, Forged, Hook, Item, Limits, Noticed, Outbound, Placement, Sent, Site

__all__ = ["DOOR", "TEXT_LIMIT", "Chat", "ChatConfig"]

DOOR = "DOOR"  # the method of a hook that our own socket door made
TEXT_LIMIT = 10_000  # longest message of a visitor, in characters; the door refuses more with "too_long"


class Chat:
    """One widget. Its public name is the inbox token, the last part of the hook URL."""

    kind: ClassVar[str] = "chat"
    Config: ClassVar[type[ChatConfig]] = ChatConfig
    limits: ClassVar[Limits] = Limits(files="any", idempotent=True, choices=13)

    def __init__(self, config: ChatConfig, site: Site) -> None:
        self.config = config
        self.site = site
        self.resume_days = config.resume_days
        self.widget = site.hook_url.rstrip("/").rpartition("/")[2]
        self.resume_days = config.resume_days

    def verify(self, hook: Hook) -> None:
        """Only the socket door may speak for visitors: it knows them by their secret tokens."""
        if hook.method != DOOR:
            raise Forged("chat takes messages through its socket only")

    def parse(self, hook: Hook) -> list[Item]:
        """Route "message" carries what a visitor said, "choice" what they tapped; anything else is noticed and kept."""
        if hook.route == "choice":
            return [parse_chosen(hook.body, hook.received_at, self.widget)]
        if hook.route != "message":
            return [Noticed(code="chat.unsupported", at=hook.received_at, params={"route": hook.route[:60]})]
        return [parse_said(hook.body, hook.received_at, self.widget)]

    def answer(self, hook: Hook, placements: Sequence[Placement]) -> Answer:
        """The door waits for the commit, not for words."""
        return Answer()

    async def send(self, outbound: Outbound) -> Sent:
        """The committed message is the delivery: every socket of the visitor reads the log, now or when it is back."""
        return Sent(external_ids=(f"s:{outbound.key}",), via="socket")

    async def close(self) -> None:
        """There is no connection to let go of."""

    def identify(self, token: str, now: datetime) -> dict[str, str]:
        """Who the customer's site says the visitor is (W2): {"sub", "email", "name", "company"}, "" where not given.

        Pure. Raises Forged unless the token is signed with this inbox's identity secret and is for this widget.
        """
        return read_identity(token, key=self.config.identity_secret.get_secret_value(), audience=self.widget, now=now)

    def admits(self, origin: str) -> bool:
        """Whether a page of this origin may show the widget (W1); an empty list admits all."""
        return admits(self.config.allowed_origins, origin)

    def frame_ancestors(self) -> str:
        """The value of the CSP directive `frame-ancestors` for the widget's frame: the browser's own lock (W1)."""
        return " ".join(["'self'", *self.config.allowed_origins]) if self.config.allowed_origins else "*"

    def look(self, language: str) -> Mapping[str, Any]:
        """What the widget shows of the settings, in "ja" or "en": the socket's welcome `config`, without `online`."""
        config = self.config
        titles, welcomes = (config.title_ja, config.title_en), (config.welcome_ja, config.welcome_en)
        mine, other = (1, 0) if language == "en" else (0, 1)
        return {
            "title": titles[mine] or titles[other],
            "welcome": welcomes[mine] or welcomes[other],
            "color": config.color,
            "privacy_url": config.privacy_url,
            "ask_name": config.ask_name,
            "ask_email": config.ask_email,
            "language": "en" if language == "en" else "ja",
        }
