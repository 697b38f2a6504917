"""How much a client may send: FastAPI reads a body before it knows who sends it."""

from collections.abc import MutableMapping
from typing import Any

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.door import problem
from app.errors import TooLarge

UPLOADS = frozenset({"/api/v1/files", "/chat/files"})
MOST_JSON = 4 * 1024 * 1024  # bytes: 500,000 characters of HTML with everything in JSON's escapes
AROUND_FILE = 64 * 1024  # bytes of a multipart body beside the file


class BodyLimit:
    """ASGI middleware: 413 for a body above the limit of its route, by its announced length or by what really comes."""

    def __init__(self, app: ASGIApp, *, most_upload: int) -> None:
        self._app, self._most_upload = app, most_upload + AROUND_FILE

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        most = self._most_upload if scope["path"] in UPLOADS else MOST_JSON
        if _announced(scope) > most:
            await problem(TooLarge.status, TooLarge.code(), TooLarge.title())(scope, receive, send)
            return
        await self._app(scope, _counted(receive, most), send)


def _announced(scope: MutableMapping[str, Any]) -> int:
    given = dict(scope["headers"]).get(b"content-length", b"0")
    return int(given) if given.isdigit() and len(given) < 19 else 2**63 * bool(given.strip(b"0"))


def _counted(receive: Receive, most: int) -> Receive:
    size = 0

    async def counted() -> Message:
        nonlocal size
        message = await receive()
        size += len(message.get("body", b""))
        if size > most:
            raise HTTPException(TooLarge.status)
        return message

    return counted
