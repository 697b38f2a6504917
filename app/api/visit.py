"""A visitor of the chat: who they are at the doors, and how much they may do."""

import hashlib
import re
from dataclasses import dataclass, field
from typing import Any

import orjson

from app.api.throttle import Throttle
from app.live import Ear
from app.queries.inboxes import Open
from app.queries.visitors import Conversation
from channels.contract import Address

TOKEN = re.compile(r"^[A-Za-z0-9_-]{40,60}$")
MANY, WINDOW_S = 20, 10.0  # messages that a visitor may say in ten seconds (W11)
FRAMES = 200  # frames of any kind in ten seconds: each costs a look into the database
UPLOADS, UPLOAD_WINDOW_S = 20, 600.0
LOOKS, LOOK_WINDOW_S = 60, 60.0  # for articles: each compares all of them
CROWD = 5  # a peer may do as much as so many visitors: an office, a family


def visitor_id(secret: str) -> str:
    """The public id behind the secret token: who knows it cannot speak for them."""
    return hashlib.sha256(secret.encode()).hexdigest()[:32]


class Brakes:
    """W11: counted by visitor and by peer, not by socket. Who comes again, or as somebody else, begins nothing anew."""

    def __init__(self) -> None:
        self._said, self._frames, self._uploads = Throttle(WINDOW_S), Throttle(WINDOW_S), Throttle(UPLOAD_WINDOW_S)
        self._looks = Throttle(LOOK_WINDOW_S)

    def say(self, peer: str, visitor: str) -> None:
        """Raises TooMany, as the others do."""
        self._said.check(**_shares(peer, visitor, MANY))

    def frame(self, peer: str, visitor: str = "") -> None:
        """Coming counts as one, before we know who it is."""
        self._frames.check(**_shares(peer, visitor, FRAMES))

    def upload(self, peer: str, visitor: str) -> None:
        self._uploads.check(**_shares(peer, visitor, UPLOADS))

    def look(self, peer: str, visitor: str) -> None:
        self._looks.check(**_shares(peer, visitor, LOOKS))


def _shares(peer: str, visitor: str, share: int) -> dict[str, int]:
    return {f"peer {peer}": share * CROWD} | ({f"visitor {visitor}": share} if visitor else {})


@dataclass(slots=True, eq=False)
class Visit:
    """One open socket of a visitor."""

    opened: Open
    secret: str
    identity: dict[str, str] | None
    language: str
    page: str
    talk: Conversation
    peer: str
    ear: Ear = field(default_factory=Ear)
    typed_at: float = 0.0

    @property
    def visitor(self) -> str:
        return visitor_id(self.secret)

    @property
    def address(self) -> Address:
        if self.identity:
            return Address(kind="chat", scope=self.opened.row.token, value=f"u:{self.identity['sub']}")
        return Address(kind="chat", value=self.visitor)

    def tell(self, **frame: Any) -> None:
        self.ear.put(orjson.dumps(frame, option=orjson.OPT_UTC_Z))
