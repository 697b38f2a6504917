"""Files: uploads of agents and visitors, downloads for agents, signed links for everybody else (L26). Never inline HTML."""

import re
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, Header, Request, Response, UploadFile
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.actions import uploads
from app.api.door import Here, Now, Reader, Reading, having, json_response
from app.api.shapes import AttachmentOut
from app.api.throttle import peer_of
from app.api.visit import TOKEN, Brakes, visitor_id
from app.errors import Forbidden, Missing, TooLarge
from app.models import Agent, Attachment, FileState
from app.queries.messages import attachment
from app.queries.visitors import link
from channels.embedding import Embeds

router = APIRouter(tags=["files"])
SHOWN = frozenset({"image/jpeg", "image/png", "image/gif", "image/webp"})
PLAYED = frozenset({"audio/mpeg", "audio/mp4", "audio/x-m4a", "audio/wav", "audio/x-wav", "audio/aac", "video/mp4"})
RANGE = re.compile(r"bytes=([0-9]{1,12})-([0-9]{0,12})")
HEADERS = {"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "default-src 'none'; sandbox"}
YEAR = "private, max-age=31536000, immutable"
Visiting = Annotated[str, Header(alias="x-mikawaya-visitor")]  # a secret: what stands in an address stands in logs
Uploader = Annotated[Agent, Depends(having("file.write"))]


class NoFile(Missing):
    """There is no such file."""


class NoVisitor(Forbidden):
    """Say hello first."""


def download(content: bytes, name: str, media_type: str, *, inline: bool = False) -> Response:
    """Bytes as a download; only pictures, sound and video that we know are shown in place."""
    how = "inline" if inline and media_type in SHOWN | PLAYED else "attachment"
    kind = media_type if how == "inline" else "application/octet-stream"
    disposition = f"{how}; filename*=UTF-8''{quote(name or 'file', safe='')}"
    return Response(
        content, media_type=kind, headers={**HEADERS, "Content-Disposition": disposition, "Cache-Control": YEAR}
    )


def ranged(answer: Response, request: Request) -> Response:
    """One byte range, for players that seek; anything else gets the whole."""
    asked, body = RANGE.fullmatch(request.headers.get("range", "")), bytes(answer.body)
    answer.headers["Accept-Ranges"] = "bytes"
    if asked is None:
        return answer
    start, end = int(asked[1]), min(int(asked[2] or len(body)), len(body) - 1)
    if start > end:
        return answer
    part = Response(body[start : end + 1], 206, media_type=answer.media_type)
    for name in ("content-disposition", "cache-control", "x-content-type-options", "content-security-policy"):
        part.headers[name] = answer.headers[name]
    part.headers["Content-Range"] = f"bytes {start}-{end}/{len(body)}"
    part.headers["Accept-Ranges"] = "bytes"
    return part


async def _found(session: AsyncSession, public_id: str) -> Attachment:
    file = (await session.scalars(select(Attachment).where(col(Attachment.public_id) == public_id))).first()
    if file is None or file.state != FileState.READY:
        raise NoFile
    return file


async def read_upload(file: UploadFile, most_mb: int) -> bytes:
    """The bytes of an upload; TooLarge above the limit."""
    content = await file.read(most_mb * 1024 * 1024 + 1)
    if len(content) > most_mb * 1024 * 1024:
        raise TooLarge
    return content


@router.post("/api/v1/files", status_code=201, response_model=AttachmentOut)
async def upload(agent: Uploader, here: Here, now: Now, file: UploadFile) -> Response:
    """The bytes first, then the writer's turn: a disk and a preview take longer than webhooks can wait."""
    content = await read_upload(file, here.settings.max_upload_mb)
    kept = await uploads.keep(here.files, content, file.filename or "", file.content_type or "")
    async with here.database.write() as session:
        made = await uploads.add(session, kept, agent_id=agent.id, now=now)
    return json_response(attachment(made), 201)


@router.post("/chat/files", status_code=201, include_in_schema=False)
async def upload_by_visitor(
    request: Request, here: Here, now: Now, widget: str, file: UploadFile, visitor: Visiting = ""
) -> Response:
    """A visitor's file, before the message that takes it. Open to whoever holds a visitor token of an open widget."""
    opened = await here.inboxes.by_token(widget)
    if opened is None or not isinstance(opened.channel, Embeds) or not TOKEN.fullmatch(visitor):
        raise NoVisitor
    brakes: Brakes = request.app.state.brakes
    brakes.upload(peer_of(request), visitor_id(visitor))
    content = await read_upload(file, here.settings.max_upload_mb)
    kept = await uploads.keep(here.files, content, file.filename or "", file.content_type or "")
    async with here.database.write() as session:
        made = await uploads.add(session, kept, agent_id=None, now=now, visitor=visitor_id(visitor))
    return json_response(link(made, here.vault, here.settings.public_url), 201)


@router.get("/api/v1/files/{public_id}")
async def get_file(session: Reading, agent: Reader, here: Here, request: Request, public_id: str) -> Response:
    file = await _found(session, public_id)
    body = await here.files.get(file.file_key)
    return ranged(download(body, file.name, file.media_type, inline=True), request)


@router.get("/api/v1/files/{public_id}/preview")
async def get_preview(session: Reading, agent: Reader, here: Here, public_id: str) -> Response:
    file = await _found(session, public_id)
    if not file.preview_key:
        raise NoFile
    return download(await here.files.get(file.preview_key), "preview.jpg", "image/jpeg", inline=True)


@router.get("/f/{public_id}/{signature}/{name}", include_in_schema=False)
async def shared(session: Reading, here: Here, request: Request, public_id: str, signature: str, name: str) -> Response:
    """A file that a customer, or LINE for them, fetches by an unguessable link. Open by design: the link is the key."""
    if not here.vault.signed("file", public_id, signature):
        raise NoFile
    file = await _found(session, public_id)
    if name == "preview.jpg" and file.preview_key:
        return download(await here.files.get(file.preview_key), "preview.jpg", "image/jpeg", inline=True)
    body = await here.files.get(file.file_key)
    return ranged(download(body, file.name, file.media_type, inline=True), request)
