"""The email channel: mail by an SMTP or LMTP door, by IMAP, by raw MIME over HTTP; answers by SMTP."""

import hashlib
import hmac
import importlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, ClassVar

from pydantic import BaseModel

from channels.contract import Answer, Finding, Forged, Hook, Inbound, Item, Limits, Outbound, Placement, Sent, Site
from channels.email.charsets import CHOICES
from channels.email.config import DOOR, LIMITS, MailConfig
from channels.email.door import open_door
from channels.email.inbound import parse_mail, reread_mail
from channels.email.smtp import check_smtp, send_mail


class Email:
    """One mail inbox. `port`: where its own door listens, once it does."""

    kind: ClassVar[str] = "email"
    Config: ClassVar[type[BaseModel]] = MailConfig
    limits: ClassVar[Limits] = LIMITS
    charsets: ClassVar[tuple[str, ...]] = CHOICES

    def __init__(self, config: MailConfig, site: Site) -> None:
        self.config = config
        self.site = site
        self.port: int | None = None

    def verify(self, hook: Hook) -> None:
        """Mail from our own door and poller is trusted; what comes by HTTP must be signed with the shared secret."""
        if hook.method == DOOR and hook.route in ("smtp", "imap"):
            return
        secret = self.config.mime_secret.get_secret_value()
        if hook.method == DOOR or hook.route != "mime" or not secret:
            raise Forged
        due = hmac.new(secret.encode(), hook.body, hashlib.sha256).hexdigest()
        given = hook.headers.get("x-mikawaya-signature", "").strip().lower()
        if not hmac.compare_digest(due.encode(), given.encode("utf-8", "replace")):
            raise Forged

    def parse(self, hook: Hook) -> list[Item]:
        """One message, or the receipts of a delivery report, or a note. Pure and total."""
        return parse_mail(hook, self.config, self.site)

    def reread(self, hook: Hook, charset: str) -> Inbound | None:
        """The same mail, its words in another of `charsets` (E14)."""
        return reread_mail(hook, self.config, self.site, charset)

    def answer(self, hook: Hook, placements: Sequence[Placement]) -> Answer:
        """Mail servers only want to know that it is kept."""
        return Answer()

    async def send(self, outbound: Outbound) -> Sent:
        """By SMTP, under a Message-ID that is the same at every attempt."""
        return await send_mail(outbound, self.config, self.site)

    async def poll(self, cursor: Mapping[str, Any]) -> tuple[list[Hook], dict[str, Any]]:
        """The next batch from the IMAP mailbox."""
        if not self.config.imap_host:
            return [], dict(cursor)
        hooks, behind = await _imap().poll_mailbox(cursor, self.config)
        return hooks, behind

    async def listen(self, take: Callable[[Hook], Awaitable[None]]) -> Callable[[], Awaitable[None]]:
        """Opens the SMTP or LMTP door, when a port is set."""
        self.port, stop = await open_door(take, self.config)
        return stop

    async def check(self) -> list[Finding]:
        """Signs in at both servers."""
        reads = await _imap().check_imap(self.config) if self.config.imap_host else []
        findings = [*reads, *await check_smtp(self.config)]
        return findings or [Finding(ok=False, code="email.no_server")]

    async def close(self) -> None:
        """Nothing is kept open between calls."""


def _imap() -> Any:
    """Loaded for inboxes that have a mailbox to poll."""
    return importlib.import_module("channels.email.imap")
