"""Files: served so that no browser runs them, opened so that none breaks us, found by those who may."""

import io
import struct
import zlib
from typing import Any

import pytest
from PIL import Image

from app.files import Files
from tests.security.rig import House, secret_of

HTML = b"<html><script>alert(1)</script>"
UPLOADS = [
    ("a.html", "text/html", HTML), ("a.svg", "image/svg+xml", b"<svg onload=alert(1)>"),
    ("a.xhtml", "application/xhtml+xml", HTML),
    ("a.png", "image/png", HTML), ("a.gif", "image/gif", b"GIF89a" + HTML), ("a.jpg", "IMAGE/JPEG; charset=x", HTML),
    ("a.pdf", "application/pdf", b"%PDF-1.4"), ("a.js", "text/javascript", b"alert(1)"), ("a", "text/html\r\nX: y", HTML),
    ("a.xml", "text/xml", b"<?xml-stylesheet href='x'?>"), ("a.swf", "application/x-shockwave-flash", b"FWS"),
    ("a.mp4", "video/mp4", HTML), ("a.bin", "", HTML), ("a.eml", "message/rfc822", HTML), ("a.css", "text/css", b"*{}"),
]  # fmt: skip
INLINE = {"image/png", "image/gif", "image/jpeg", "video/mp4"}


def harmless(headers: Any) -> None:
    """No browser shows it as a page: its type is one that runs nothing, and it is not guessed."""
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["content-security-policy"] == "default-src 'none'; sandbox"
    how = headers["content-disposition"].partition(";")[0]
    kind = headers["content-type"].partition(";")[0]
    assert (how, kind) == ("attachment", "application/octet-stream") or (how == "inline" and kind in INLINE)


@pytest.mark.parametrize(("name", "kind", "content"), UPLOADS)
async def test_W10_no_upload_is_served_as_a_page(house: House, name: str, kind: str, content: bytes) -> None:
    head = f'--x\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'.encode()
    body = head + (b"Content-Type: " + kind.encode() + b"\r\n" if kind else b"") + b"\r\n" + content + b"\r\n--x--\r\n"
    form = {"content-type": "multipart/form-data; boundary=x"}
    made = await house.upload(secret_of("a"), content=body, headers=form)
    assert made.status_code == 201
    shared = made.json()["url"].removeprefix(house.url)
    for path in (shared, shared + ".html", f"/api/v1/files/{made.json()['id']}"):
        answer = await house.http.get(path, headers=house.cast.owner.bearer)
        assert answer.content == content
        harmless(answer.headers)
    assert made.json()["preview_url"] is None


NAMES = [
    'a"; filename=evil.exe', "a\r\nSet-Cookie: x=y", "../../etc/passwd", "..\\..\\boot.ini", "a\u202egpj.exe", "\x00.txt",
    "あ" * 300 + ".txt", "a%0d%0aX: y", "", ".", "..", "CON", "a;b=c", "<script>alert(1)</script>.png", "%2e%2e%2f",
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
async def test_J11_names_of_files_stay_names(house: House, name: str) -> None:
    made = await house.api("POST", "/files", files={"file": (name or "x", b"x", "text/plain")})
    kept = made.json()["name"]
    assert not set(kept) & set('/\\:*?"<>|\r\n\x00\u202e')
    assert kept.strip(". ") == kept != ""
    assert len(kept) <= 200
    answer = await house.http.get(made.json()["url"], headers=house.cast.owner.bearer)
    disposition = answer.headers["content-disposition"]
    assert disposition.isascii()
    assert disposition.startswith("attachment; filename*=UTF-8''")
    assert disposition.count(";") == 1
    assert "set-cookie" not in answer.headers


async def test_J11_a_link_opens_its_own_file_and_no_other(house: House) -> None:
    made = [
        (await house.upload(secret_of("a"), files={"file": (f"{n}.txt", b"x%d" % n, "text/plain")})).json()
        for n in range(2)
    ]
    ids = [each["id"] for each in made]
    signs = [each["url"].split("/")[-2] for each in made]
    vault = house.running.product.parts.vault
    wrong = [
        signs[1], "", "a" * 26, signs[0][:-1], signs[0] + "a", "é", "%00", vault.sign("other", ids[0]), vault.sign("file", ""),
        vault.sign("", f"file\0{ids[0]}"),
    ]  # fmt: skip
    for signature in wrong:
        for name in ("file", "preview.jpg"):
            assert (await house.http.get(f"/f/{ids[0]}/{signature}/{name}")).status_code == 404, signature
    assert (await house.http.get(f"/f/{ids[0]}/{signs[0]}/any%2fname.html")).status_code == 404
    assert (await house.http.get(f"/f/{ids[0]}/{signs[0]}/any.html")).content == b"x0"
    for path in (f"/api/v1/files/{ids[0]}", f"/api/v1/files/{ids[0]}/preview"):
        assert (await house.http.get(path)).status_code == 401


@pytest.mark.parametrize(
    "key", ["", "..", "../" * 10 + "etc/passwd", "a" * 63, "a" * 65, "/" * 64, "." * 64, "a" * 63 + "/"]
)
async def test_J11_no_key_leaves_the_store(tmp_path: Any, key: str) -> None:
    files = Files(tmp_path / "files")
    with pytest.raises(FileNotFoundError):
        await files.get(key)
    with pytest.raises(FileNotFoundError):
        await files.remove(key)


def png(width: int, height: int, data: bytes = b"") -> bytes:
    """A PNG that claims this size."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


BOMBS = {
    "50k x 50k": png(50_000, 50_000, zlib.compress(bytes(1_000_000), 9)),
    "2 GB wide": png(2**31 - 1, 1),
    "flat": png(0, 0),
    "just over": png(8000, 7501, zlib.compress(bytes(10_000))),
    "text chunk": png(10, 10)[:33]
    + struct.pack(">I", 60)
    + b"zTXt"
    + b"a\0\0"
    + zlib.compress(bytes(10**7), 9)[:57]
    + bytes(4),
    "cut": png(100, 100, zlib.compress(bytes(30_100)))[:60],
    "gif": b"GIF89a\xff\xff\xff\xff\xf7\x00\x00" + bytes(768) + b",\0\0\0\0\xff\xff\xff\xff\x00\x08\xff",
}


@pytest.mark.filterwarnings("ignore")  # Pillow warns of large pictures
@pytest.mark.parametrize("name", BOMBS)
async def test_J11_picture_bombs_are_kept_and_not_opened(house: House, name: str) -> None:
    answer = await house.api("POST", "/files", files={"file": ("a.png", BOMBS[name], "image/png")})
    assert answer.status_code == 201
    assert answer.json()["preview_url"] is None
    assert (await house.http.get(answer.json()["url"], headers=house.cast.owner.bearer)).content == BOMBS[name]


@pytest.mark.parametrize("kind", ["TIFF", "BMP", "PPM", "EPS", "PCX", "ICO", "TGA"])
async def test_J11_only_the_formats_of_the_web_are_opened(tmp_path: Any, kind: str) -> None:
    """Whatever the sender calls it: Pillow would start Ghostscript for an EPS."""
    out = io.BytesIO()
    Image.new("RGB", (16, 16), "red").save(out, kind)
    assert await Files(tmp_path).preview(out.getvalue(), "image/png") == ""


async def test_W10_previews_say_nothing_of_place_and_device(tmp_path: Any) -> None:
    exif, out = Image.Exif(), io.BytesIO()
    exif[0x010F], exif[0x0110] = "Maker", "Model 4711"
    exif.get_ifd(0x8825)[1] = "N"
    Image.new("RGB", (16, 16)).save(out, "JPEG", exif=exif)
    files = Files(tmp_path)
    small = await files.get(await files.preview(out.getvalue(), "image/jpeg"))
    assert b"4711" in out.getvalue()
    assert b"4711" not in small
    assert not Image.open(io.BytesIO(small)).getexif()
