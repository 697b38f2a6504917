"""Incoming mail by IMAP: the cursor is (UIDVALIDITY, UID), nothing is marked before it is proven to be kept (E25 to E28)."""

import asyncio
import imaplib
import re
import ssl
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from imap_tools import (
    BaseMailBox,
    ImapToolsError,
    MailBox,
    MailboxLoginError,
    MailBoxStartTls,
    MailBoxUnencrypted,
)

from channels.contract import Finding, Hook, TryAgain
from channels.email.config import DOOR, MailConfig

BATCH = 50
BATCH_BYTES = 64_000_000  # a batch ends before it holds more, but has one mail at least
HEADER = "BODY.PEEK[HEADER]"
WHOLE = "BODY.PEEK[]"

_FAILURES = (imaplib.IMAP4.error, ImapToolsError, OSError, TimeoutError)
_UID = re.compile(rb"\bUID (\d+)")
_SIZE = re.compile(rb"\bRFC822\.SIZE (\d+)")


@dataclass(frozen=True, slots=True)
class _Cursor:
    """Behind which mail the next batch begins. `proven`: up to where mails may be marked, once this cursor came back."""

    validity: int = 0
    uid: int = 0
    proven: int = 0
    since: str = ""  # the day on which this inbox began; a rescan goes back no further

    def stored(self) -> dict[str, Any]:
        return {"uidvalidity": self.validity, "uid": self.uid, "proven": self.proven, "since": self.since}


async def poll_mailbox(cursor: Mapping[str, Any], config: MailConfig) -> tuple[list[Hook], dict[str, Any]]:
    """At most a batch of mails behind the cursor, oldest first, and the cursor behind them. Raises TryAgain."""
    return await asyncio.to_thread(_poll, cursor, config)


async def check_imap(config: MailConfig) -> list[Finding]:
    """Signs in and opens the folder."""
    try:
        await asyncio.to_thread(_look, config)
    except TryAgain as problem:
        return [Finding(ok=False, code=f"email.{problem.code}", detail=problem.detail)]
    return [Finding(ok=True, code="email.imap_ok")]


def _look(config: MailConfig) -> None:
    with _opened(config, writable=False):
        pass


def _poll(stored: Mapping[str, Any], config: MailConfig) -> tuple[list[Hook], dict[str, Any]]:
    now = datetime.now(UTC)
    with _opened(config, writable=config.after_import == "seen") as box:
        cursor = _resumed(stored, box, config, now)
        if config.after_import == "seen" and cursor.uid > cursor.proven:
            box.client.uid("STORE", f"{cursor.proven + 1}:{cursor.uid}", "+FLAGS.SILENT", "(\\Seen)")
        uids = _batch(box, _newer(box, cursor))
        hooks = _fetched(box, uids, config, now)
    last = max(uids, default=cursor.uid)
    return hooks, _Cursor(cursor.validity, last, cursor.uid, cursor.since).stored()


@contextmanager
def _opened(config: MailConfig, *, writable: bool) -> Iterator[BaseMailBox]:
    """The folder, signed in. Every failure of the server or the network becomes TryAgain."""
    try:
        with _mailbox(config) as box:
            _sign_in(box, config)
            box.folder.set(config.imap_folder, readonly=not writable)
            yield box
    except MailboxLoginError as problem:
        raise TryAgain("imap_login", after=300, detail=_words(problem)) from problem
    except _FAILURES as problem:
        raise TryAgain("imap_unreachable", detail=_words(problem)) from problem


def _words(problem: Exception) -> str:
    return str(problem)[:300]


def _mailbox(config: MailConfig) -> BaseMailBox:
    host, port, timeout = config.imap_host, config.imap_port, config.timeout_s
    if config.imap_tls == "tls":
        return MailBox(host, port, timeout=timeout, ssl_context=ssl.create_default_context())
    if config.imap_tls == "starttls":
        return MailBoxStartTls(host, port, timeout=timeout, ssl_context=ssl.create_default_context())
    return MailBoxUnencrypted(host, port, timeout=timeout)


def _sign_in(box: BaseMailBox, config: MailConfig) -> None:
    if config.imap_auth == "xoauth2":
        box.xoauth2(config.imap_user, config.imap_token.get_secret_value(), initial_folder=None)
    else:
        box.login(config.imap_user, config.imap_password.get_secret_value(), initial_folder=None)


def _resumed(stored: Mapping[str, Any], box: BaseMailBox, config: MailConfig, now: datetime) -> _Cursor:
    """Where to go on: at the present for a new inbox, at its first day when the server renumbered (the app drops what it
    has already), else behind the last mail."""
    validity = _number(box, "UIDVALIDITY")
    if not stored:
        start = 0 if config.import_existing else max(_number(box, "UIDNEXT") - 1, 0)
        since = "" if config.import_existing else f"{now - timedelta(days=1):%Y-%m-%d}"
        return _Cursor(validity, start, start, since)
    since = str(stored.get("since", ""))
    if stored.get("uidvalidity") != validity:
        return _Cursor(validity, 0, 0, since)
    uid = int(stored.get("uid", 0))
    return _Cursor(validity, uid, min(int(stored.get("proven", uid)), uid), since)


def _number(box: BaseMailBox, name: str) -> int:
    values = box.client.response(name)[1]
    last = values[-1] if values else None
    return int(last) if isinstance(last, bytes) and last.isdigit() else 0


def _newer(box: BaseMailBox, cursor: _Cursor) -> list[int]:
    """UIDs behind the cursor, ascending. `n:*` always names the last mail, hence the filter."""
    words = ["UID", f"{cursor.uid + 1}:*"]
    if cursor.since:
        words += ["SINCE", f"{_imap_day(cursor.since)}"]
    status, found = box.client.uid("SEARCH", *words)
    if status != "OK":
        raise imaplib.IMAP4.error(f"SEARCH: {status}")
    listed = found[0].split() if found and isinstance(found[0], bytes) else []
    return sorted(uid for uid in map(int, listed) if uid > cursor.uid)


def _imap_day(day: str) -> str:
    """RFC 3501's date, whose month is English whatever the locale says."""
    year, month, date = day.split("-")
    names = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
    return f"{int(date)}-{names[int(month) - 1]}-{year}"


def _batch(box: BaseMailBox, uids: Sequence[int]) -> dict[int, int]:
    """The next UIDs with their sizes in bytes, within the batch's limits."""
    wanted = uids[:BATCH]
    if not wanted:
        return {}
    _, answers = box.client.uid("FETCH", _set(wanted), "(UID RFC822.SIZE)")
    sizes: dict[int, int] = {}
    for line in answers:
        flat = line[0] if isinstance(line, tuple) else line or b""
        named, told = _UID.search(flat), _SIZE.search(flat)
        if named and told:
            sizes[int(named[1])] = int(told[1])
    batch: dict[int, int] = {}
    total = 0
    for uid in wanted:  # a mail deleted meanwhile has no size and is passed over
        total += sizes.get(uid, 0)
        if batch and total > BATCH_BYTES:
            break
        batch[uid] = sizes.get(uid, -1)
    return batch


def _fetched(box: BaseMailBox, sizes: Mapping[int, int], config: MailConfig, now: datetime) -> list[Hook]:
    """Hooks in the order of their UIDs. What the server cannot give is represented by its header or by nothing at all,
    with the reason: one bad mail must not block the rest (E27)."""
    fitting = [uid for uid, size in sizes.items() if 0 <= size <= config.max_bytes]
    found = _bodies(box, fitting, WHOLE)
    hooks: list[Hook] = []
    for uid, size in sizes.items():
        if size < 0:
            continue
        error = "too_large" if size > config.max_bytes else ""
        raw, at = found.get(uid) or _bodies(box, [uid], HEADER if error else WHOLE).get(uid) or (None, None)
        if raw is None:
            error = error or "unfetchable"
            raw, at = _bodies(box, [uid], HEADER).get(uid) or (f"X-IMAP-UID: {uid}\r\n\r\n".encode(), None)
        headers = {"x-imap-uid": str(uid)} | ({"x-imap-error": error} if error else {})
        received = min(at, now) if at else now
        hooks.append(Hook(route="imap", method=DOOR, body=raw, headers=headers, received_at=received))
    return hooks


def _bodies(box: BaseMailBox, uids: Sequence[int], what: str) -> dict[int, tuple[bytes, datetime | None]]:
    """{uid: (bytes, time of receipt)} of what the server gives; {} when it refuses."""
    if not uids:
        return {}
    try:
        status, answers = box.client.uid("FETCH", _set(uids), f"(UID INTERNALDATE {what})")
    except imaplib.IMAP4.abort:
        raise
    except imaplib.IMAP4.error:
        return {}
    out: dict[int, tuple[bytes, datetime | None]] = {}
    for at, answer in enumerate(answers if status == "OK" else []):
        if not isinstance(answer, tuple):
            continue
        tail = answers[at + 1] if at + 1 < len(answers) else b""
        told = answer[0] + b" " + (tail if isinstance(tail, bytes) else b"")
        if uid := _UID.search(told):
            out[int(uid[1])] = (answer[1], _received(told))
    return out


def _received(told: bytes) -> datetime | None:
    parsed = imaplib.Internaldate2tuple(told)
    return datetime(*parsed[:6]).astimezone(UTC) if parsed else None


def _set(uids: Sequence[int]) -> str:
    return ",".join(map(str, uids))
