"""Files: what is uploaded comes back as it was, never as a page of ours."""

import asyncio
import io
from urllib.parse import quote

import pytest
from PIL import Image
from sqlalchemy import select

from app.actions import uploads
from app.models import Attachment
from tests.api.conftest import Desk

HTML = b"<script>alert(1)</script>"


def png() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (2000, 10), "red").save(out, "PNG")
    return out.getvalue()


async def send(desk: Desk, content: bytes, name: str, media_type: str) -> dict[str, str]:
    answer = await desk.client(desk.cast.hanako).post("/api/v1/files", files={"file": (name, content, media_type)})
    assert answer.status_code == 201, answer.text
    found: dict[str, str] = answer.json()
    return found


HARMLESS = [
    ("a.html", "text/html", HTML), ("a.svg", "image/svg+xml", b"<svg onload='alert(1)'/>"), ("a.png", "text/html", HTML),
    ("x.xhtml", "application/xhtml+xml", HTML), ("a.pdf", "application/pdf", b"%PDF-"), ("a.js", "text/javascript", b"1"),
    ("a", "nonsense", b"x"), ("a.html", "text/html; charset=utf-8", HTML), ("a.xml", "application/xml", HTML),
]  # fmt: skip


async def test_nothing_but_pictures_and_sound_is_shown_in_place(desk: Desk) -> None:
    for name, media_type, content in HARMLESS:
        made = await send(desk, content, name, media_type)
        answer = await desk.client(desk.cast.jiro).get(f"/api/v1/files/{made['id']}")
        assert answer.status_code == 200 and answer.content == content
        assert answer.headers["content-type"] == "application/octet-stream", name
        assert answer.headers["content-disposition"].startswith("attachment")
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "default-src 'none'" in answer.headers["content-security-policy"]


async def test_pictures_are_shown_with_a_small_preview(desk: Desk) -> None:
    made = await send(desk, png(), "写真.png", "image/png")
    client = desk.client(desk.cast.jiro)
    picture = await client.get(made["url"])
    assert picture.headers["content-type"] == "image/png"
    assert picture.headers["content-disposition"] == f"inline; filename*=UTF-8''{quote('写真.png')}"
    preview = await client.get(made["preview_url"])
    assert preview.headers["content-type"] == "image/jpeg"
    assert Image.open(io.BytesIO(preview.content)).size == (1024, 5)


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("../../etc/passwd", "_.._etc_passwd"), ("a\x00b\n.txt", "ab_.txt"), ("‮gpj.exe", "_gpj.exe"), ("", "file"),
        ("か\u3099.txt", "が.txt"), ("x" * 300 + ".pdf", "x" * 196 + ".pdf"), (".", "file"), ('q"<>|?.txt', "q_____.txt"),
    ],
)  # fmt: skip
def test_E17_names_are_made_safe(name: str, safe: str) -> None:
    assert uploads.safe_name(name).lstrip(". ") == safe
    assert len(uploads.safe_name(name)) <= 200


RANGES = [
    ("bytes=0-3", 206, b"0123"), ("bytes=5-", 206, b"56789"), ("bytes=9-99", 206, b"9"), ("bytes=10-", 200, b"0123456789"),
    ("bytes=5-2", 200, b"0123456789"), ("bytes=-3", 200, b"0123456789"), ("bytes=a-b", 200, b"0123456789"),
    ("items=0-3", 200, b"0123456789"), ("bytes=0-1,3-4", 200, b"0123456789"), ("bytes=0-0", 206, b"0"),
]  # fmt: skip


async def test_ranges(desk: Desk) -> None:
    made = await send(desk, b"0123456789", "a.mp3", "audio/mpeg")
    for wanted, status, body in RANGES:
        answer = await desk.client(desk.cast.jiro).get(f"/api/v1/files/{made['id']}", headers={"range": wanted})
        assert (answer.status_code, answer.content) == (status, body), wanted
        assert answer.headers["x-content-type-options"] == "nosniff"


async def test_L26_a_signed_link_is_the_key_and_nothing_else_is(desk: Desk) -> None:
    made = await send(desk, b"ten bytes!", "説明.pdf", "application/pdf")
    vault = desk.running.product.parts.vault
    good = vault.sign("file", made["id"])
    client = desk.client()
    answer = await client.get(f"/f/{made['id']}/{good}/{quote('説明.pdf')}")
    assert answer.status_code == 200 and answer.content == b"ten bytes!"
    wrong = [
        "x",
        "あ",
        "%00",
        good[:-1],
        good + "a",
        vault.sign("other", made["id"]),
        vault.sign("file", "other"),
        "%F0%9F%91%8D",
    ]
    for signature in wrong:
        assert (await client.get(f"/f/{made['id']}/{signature}/a")).status_code == 404, signature
    assert (await client.get(f"/f/unknown/{vault.sign('file', 'unknown')}/a")).status_code == 404
    assert (await client.get(f"/f/{made['id']}/{good}/preview.jpg")).content == b"ten bytes!"


async def test_too_large_an_upload_is_refused(desk: Desk) -> None:
    content = b"x" * (desk.running.settings.max_upload_mb * 1024 * 1024 + 1)
    answer = await desk.client(desk.cast.hanako).post("/api/v1/files", files={"file": ("a", content, "text/plain")})
    assert answer.status_code == 413 and answer.json()["code"] == "too_large"
    async with desk.database.read() as session:
        assert (await session.scalars(select(Attachment))).all() == []


async def test_storing_a_file_holds_up_nobody(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk and a preview take their time: meanwhile webhooks must be written."""
    began, go_on, here = asyncio.Event(), asyncio.Event(), asyncio.get_running_loop()
    keep = uploads.keep

    async def slow(*given: object) -> uploads.Kept:
        here.call_soon_threadsafe(began.set)
        await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(go_on.wait(), here))
        return await keep(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(uploads, "keep", slow)
    sending = asyncio.create_task(send(desk, b"x", "a.txt", "text/plain"))
    await began.wait()
    try:
        made = await desk.client(desk.cast.jiro).post("/api/v1/tags", json={"name": "meanwhile"}, timeout=5)
        assert made.status_code == 201
    finally:
        go_on.set()
        await sending
