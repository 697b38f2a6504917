"""Our own mail door, SMTP or LMTP, for the mail server in front of us (E27). Not for the open internet."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any
from weakref import WeakSet

from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import SMTP, Envelope, Session

from channels.contract import Hook
from channels.email.config import DOOR, MailConfig
from channels.email.replies import plain_address

Take = Callable[[Hook], Awaitable[None]]
LONGEST_LINE = 1_048_576  # bytes: real mails have lines over 998 (E19)


class _Smtp(SMTP):
    line_length_limit = LONGEST_LINE


class _Lmtp(LMTP):
    line_length_limit = LONGEST_LINE


class _Doorman:
    """aiosmtpd's hooks: who may be written to, and what becomes of a mail."""

    def __init__(self, take: Take, config: MailConfig) -> None:
        self.take, self.config = take, config

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Only our own addresses, with or without a reply tag: this is no relay."""
        if plain_address(address.strip()) not in self.config.own:
            return "550 5.1.1 No such mailbox"
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Acknowledged only when it is kept; whatever goes wrong, the sender keeps it and comes again."""
        try:
            await self.take(_hook(session, envelope))
            answer = "250 2.0.0 Kept"
        except Exception:  # the door's own rim: a 451 costs a retry, a 250 or a lost connection could cost the mail
            answer = "451 4.3.0 Not kept, try again later"
        return "\r\n".join([answer] * len(envelope.rcpt_tos)) if isinstance(server, LMTP) else answer


def _hook(session: Session, envelope: Envelope) -> Hook:
    headers = {"x-envelope-from": (envelope.mail_from or "").strip("<>"), "x-envelope-to": ", ".join(envelope.rcpt_tos)}
    if isinstance(session.peer, tuple):
        headers["x-peer"] = str(session.peer[0])
    body = envelope.original_content or b""
    return Hook(route="smtp", method=DOOR, body=body, headers=headers, received_at=datetime.now(UTC))


async def open_door(take: Take, config: MailConfig) -> tuple[int | None, Callable[[], Awaitable[None]]]:
    """(the port, how to stop). No port set: no door, and stopping does nothing. OSError when the port is taken."""
    if config.listen_port is None:
        return None, _nothing
    loop = asyncio.get_running_loop()
    protocols: WeakSet[SMTP] = WeakSet()

    def connected() -> SMTP:
        kind = _Lmtp if config.listen_protocol == "lmtp" else _Smtp
        made = kind(
            _Doorman(take, config),
            data_size_limit=config.max_bytes,
            enable_SMTPUTF8=True,
            hostname=config.domain.encode("idna").decode("ascii"),
            ident="Mikawaya",
            loop=loop,
        )
        protocols.add(made)
        return made

    server = await loop.create_server(connected, config.listen_host, config.listen_port)
    port: int = server.sockets[0].getsockname()[1]

    async def stop() -> None:
        server.close()
        for one in list(protocols):
            _hang_up(one)
        await server.wait_closed()

    return port, stop


def _hang_up(protocol: Any) -> None:
    if protocol.transport is not None:
        protocol.transport.close()


async def _nothing() -> None:
    return None
