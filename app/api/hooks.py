"""The hooks door: a bare ASGI endpoint, because a provider gives us two seconds and sends thousands (performance.md).

Order: verify, read, commit, answer. A forged request leaves nothing but an alarm on its channel.
"""

from typing import Any

from app import clock, log
from app.actions.inboxes import raise_alarm
from app.api.door import problem
from app.models import Inbox
from app.parts import Parts
from app.queries.inboxes import Open
from channels.contract import Answer, Forged, Hook

logger = log.get("hooks")
MOST_BYTES = 60 * 1024 * 1024
MOST_BUT_MAIL = 8 * 1024 * 1024  # a signature is checked when all of a body is here: strangers fill the memory with it
ALARM_EVERY_S = 60.0
Scope = dict[str, Any]


class HooksDoor:
    """POST and GET /hooks/{inbox token}[/{route}]. The token is unguessable; the signature is what counts."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._alarmed: dict[int, float] = {}

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        if scope["method"] not in ("POST", "GET"):  # "DOOR" is the word of our own doors: no client may say it
            await _refuse(scope, receive, send, 405, "method_not_allowed", "Only GET and POST.")
            return
        _, _, token, *rest = scope["path"].split("/", 3)
        opened = await self._parts.inboxes.by_token(token)
        if opened is None or opened.channel is None:
            await _refuse(scope, receive, send, 404, "no_such_hook", "There is no such hook.")
            return
        body = await _body(receive, MOST_BYTES if opened.row.kind == "email" else min(MOST_BYTES, MOST_BUT_MAIL))
        if body is None:
            await _refuse(scope, receive, send, 413, "too_large", "This is too large.")
            return
        await self._take(opened, self._hook(scope, rest[0] if rest else "", body), send)

    def _hook(self, scope: Scope, route: str, body: bytes) -> Hook:
        raw = scope.get("raw_path", scope["path"].encode()).decode("ascii", "replace").partition("?")[0]
        query = scope.get("query_string", b"").decode("ascii", "replace")
        return Hook(
            route=route.rstrip("/"),
            body=body,
            received_at=clock.utcnow(),
            headers={name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]},
            method=scope["method"],
            # T3: the URL as the provider signed it is built from the configured base, never from the Host header.
            url=f"{self._parts.settings.public_url}{raw}{'?' + query if query else ''}",
        )

    async def _take(self, opened: Open, hook: Hook, send: Any) -> None:
        assert opened.channel is not None
        try:
            opened.channel.verify(hook)
        except Forged as forged:
            await self._alarm(opened)
            await _answer(send, Answer(status=forged.status, body=b"", media_type="text/plain"))
            return
        placements = await self._parts.take(opened.brief, opened.channel, hook)
        await _answer(send, opened.channel.answer(hook, placements))

    async def _alarm(self, opened: Open) -> None:
        """Once a minute at most: who forges may not fill our log."""
        at = clock.monotonic()
        if at - self._alarmed.get(opened.row.id, -ALARM_EVERY_S) < ALARM_EVERY_S:
            return
        self._alarmed[opened.row.id] = at
        logger.warning("hook.forged", inbox=opened.row.id)
        async with self._parts.database.write() as session:
            inbox = await session.get(Inbox, opened.row.id)
            if inbox is not None:
                await raise_alarm(session, inbox, "forged", "", clock.utcnow())


async def _body(receive: Any, most: int) -> bytes | None:
    chunks, size = [], 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        chunk = message.get("body", b"")
        size += len(chunk)
        if size > most:
            return None
        chunks.append(chunk)
        if not message.get("more_body"):
            return b"".join(chunks)


async def _answer(send: Any, answer: Answer) -> None:
    headers = [
        (b"content-type", answer.media_type.encode()),
        (b"content-length", str(len(answer.body)).encode()),
    ]
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body})


async def _refuse(scope: Scope, receive: Any, send: Any, status: int, code: str, title: str) -> None:
    await problem(status, code, title)(scope, receive, send)
