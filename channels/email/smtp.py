"""Outgoing mail: one SMTP transaction per message (E29)."""

import asyncio
import re
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import aiosmtplib

from channels.contract import Finding, Outbound, Sent, Site, TryAgain, Undeliverable
from channels.email.config import LIMITS, LINK_OVER, MailConfig
from channels.email.outgoing import Attached, compose, own_id, sender_address

PATIENCE_S = 300.0  # after a 4xx answer: greylisting asks for minutes (E29)
LONGEST_DETAIL = 300
_ADDRESS = re.compile(r"[^\s<>\x00-\x1f\x7f]{1,256}@[^\s<>@\x00-\x1f\x7f]{1,255}")  # cannot end its command early


async def send_mail(outbound: Outbound, config: MailConfig, site: Site) -> Sent:
    """Hands one message to the mail server. Raises TryAgain or Undeliverable; a lost answer is a TryAgain, because the
    Message-ID is the same at every attempt and receivers drop the second copy."""
    if not config.smtp_host:
        raise Undeliverable("smtp_missing")
    try:
        async with _connected(config) as client:
            refused, words = await _transact(client, outbound, config, site)
    except aiosmtplib.SMTPResponseException as problem:
        raise _failure(problem) from problem
    except aiosmtplib.SMTPNotSupported as problem:
        raise Undeliverable("smtp_unsupported", detail=str(problem)[:LONGEST_DETAIL]) from problem
    except (aiosmtplib.SMTPException, OSError, TimeoutError) as problem:
        raise TryAgain("smtp_unreachable", detail=str(problem)[:LONGEST_DETAIL]) from problem
    facts = {"answer": words[:LONGEST_DETAIL]} | ({"refused": refused} if refused else {})
    return Sent(external_ids=(own_id(outbound, config, site),), via="smtp", facts=facts)


async def check_smtp(config: MailConfig) -> list[Finding]:
    """Signs in and says NOOP; [] when no server is set."""
    if not config.smtp_host:
        return []
    try:
        async with _connected(config) as client:
            await client.noop()
    except TryAgain as problem:
        return [Finding(ok=False, code=f"email.{problem.code}", detail=problem.detail)]
    except (aiosmtplib.SMTPException, OSError, TimeoutError) as problem:
        return [Finding(ok=False, code="email.smtp_unreachable", detail=str(problem)[:LONGEST_DETAIL])]
    return [Finding(ok=True, code="email.smtp_ok")]


@asynccontextmanager
async def _connected(config: MailConfig) -> AsyncIterator[aiosmtplib.SMTP]:
    """A signed-in connection. A refused sign-in is a setting that somebody will mend: the message waits for it."""
    client = aiosmtplib.SMTP(
        hostname=config.smtp_host,
        port=config.smtp_port,
        use_tls=config.smtp_tls == "tls",
        start_tls=config.smtp_tls == "starttls",
        timeout=config.timeout_s,
        local_hostname=config.domain.encode("idna").decode("ascii"),
    )
    try:
        await client.connect()
        await _greet(client)
        await _sign_in(client, config)
        yield client
    except ssl.SSLError as problem:
        raise TryAgain("smtp_tls", detail=str(problem)[:LONGEST_DETAIL]) from problem
    finally:
        with suppress(aiosmtplib.SMTPException, OSError, TimeoutError):
            await client.quit()
        client.close()


async def _greet(client: aiosmtplib.SMTP) -> None:
    """EHLO, unless STARTTLS has said it already; HELO for servers that know no better."""
    if not client.is_ehlo_or_helo_needed:
        return
    try:
        await client.ehlo()
    except aiosmtplib.SMTPHeloError:
        await client.helo()


async def _sign_in(client: aiosmtplib.SMTP, config: MailConfig) -> None:
    if not config.smtp_user:
        return
    try:
        if config.smtp_auth == "xoauth2":
            await client.auth_xoauth2(config.smtp_user, config.smtp_token.get_secret_value())
        else:
            await client.login(config.smtp_user, config.smtp_password.get_secret_value())
    except (aiosmtplib.SMTPServerDisconnected, aiosmtplib.SMTPTimeoutError):
        raise
    except aiosmtplib.SMTPException as problem:
        raise TryAgain("smtp_login", after=PATIENCE_S, detail=str(problem)[:LONGEST_DETAIL]) from problem


async def _transact(
    client: aiosmtplib.SMTP, outbound: Outbound, config: MailConfig, site: Site
) -> tuple[list[str], str]:
    """(refused copies, the server's last words). The main recipient must be taken; a refused copy is only reported."""
    to = outbound.to.value
    copies = [one.value for one in outbound.cc if one.value != to and _ADDRESS.fullmatch(one.value)]
    if not _ADDRESS.fullmatch(to):
        raise Undeliverable("smtp_address_invalid", unreachable=True)
    content = await _fitting(client, outbound, config, site)
    options = [f"SIZE={len(content)}"] if client.supports_extension("size") else []
    if not all(one.isascii() for one in (to, *copies)):
        if not client.supports_extension("smtputf8"):
            raise Undeliverable("smtp_utf8")
        options.append("SMTPUTF8")
    sender = "" if outbound.params.get("auto") else sender_address(outbound, config)
    await _command(client, "MAIL", f"FROM:<{sender}>", *options)
    await _recipient(client, to)
    refused = [one for one in copies if not await _accepted(client, one)]
    answer = await client.data(content)
    return refused, answer.message


async def _command(client: aiosmtplib.SMTP, *words: str) -> None:
    """A command with its address verbatim: odd Japanese addresses survive (E18)."""
    answer = await client.execute_command(*(word.encode("utf-8") for word in words))
    if not 200 <= answer.code < 300:
        raise aiosmtplib.SMTPResponseException(answer.code, answer.message)


async def _recipient(client: aiosmtplib.SMTP, address: str) -> None:
    try:
        await _command(client, "RCPT", f"TO:<{address}>")
    except aiosmtplib.SMTPResponseException as problem:
        raise aiosmtplib.SMTPRecipientRefused(problem.code, problem.message, address) from problem


async def _accepted(client: aiosmtplib.SMTP, address: str) -> bool:
    with suppress(aiosmtplib.SMTPRecipientRefused):
        await _recipient(client, address)
        return True
    return False


async def _fitting(client: aiosmtplib.SMTP, outbound: Outbound, config: MailConfig, site: Site) -> bytes:
    """The mail, with files as links where they are too big, for us or for the server."""
    announced = client.esmtp_extensions.get("size", "")
    room = int(announced) if announced.isdigit() and int(announced) else None
    files = await _read(outbound)
    content = await asyncio.to_thread(compose, outbound, files, config, site)
    if room and len(content) > room:
        files = [Attached(one.file, None) for one in files]
        content = await asyncio.to_thread(compose, outbound, files, config, site)
    if room and len(content) > room:
        raise Undeliverable("smtp_too_large", detail=f"{len(content)} > {room}")
    return content


async def _read(outbound: Outbound) -> list[Attached]:
    """The files with their bytes, in order, as long as they fit; the rest become links."""
    left = LIMITS.total_bytes or LINK_OVER
    out: list[Attached] = []
    for file in outbound.files:
        fits = file.size <= min(LINK_OVER, left)
        left -= file.size if fits else 0
        out.append(Attached(file, await file.read() if fits else None))
    return out


def _failure(problem: aiosmtplib.SMTPResponseException) -> TryAgain | Undeliverable:
    """4xx: later. 5xx: never. A refused address is unreachable, unless the refusal is about us (5.7: policy)."""
    detail = f"{problem.code} {problem.message}"[:LONGEST_DETAIL]
    if problem.code < 500:
        return TryAgain("smtp_deferred", after=PATIENCE_S, detail=detail)
    if isinstance(problem, aiosmtplib.SMTPRecipientRefused):
        return Undeliverable("smtp_address_refused", detail=detail, unreachable=not problem.message.startswith("5.7."))
    return Undeliverable("smtp_refused", detail=detail)
