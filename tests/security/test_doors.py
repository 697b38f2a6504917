"""What strangers may send to any door: never an error of ours, never more than a door takes, never a page without its policy."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2
import orjson
import pytest
import websockets

from app.api.limits import MOST_JSON
from tests.security.rig import House, letter, line_text, secret_of

BIG = 2**70
HOSTILE_READS = [
    f"/api/v1/tickets/{BIG}", f"/api/v1/tickets/{2**63}", "/api/v1/tickets/-1", "/api/v1/tickets?q=%00",
    "/api/v1/tickets?q=%ED%A0%80", "/api/v1/tickets?view=%00", f"/api/v1/tickets?view=team:{BIG}",
    "/api/v1/tickets?cursor=%00", f"/api/v1/tickets?assignee={BIG}", f"/api/v1/tickets?person={BIG}&tag={BIG}",
    "/api/v1/accounts?limit=-5", "/api/v1/accounts?q=%00", f"/api/v1/accounts?limit={BIG}",
    "/api/v1/dead-letters?limit=-1", f"/api/v1/persons/{BIG}", f"/api/v1/messages/{BIG}/raw", "/api/v1/files/%00",
    f"/api/v1/tickets/1/messages?before={BIG}", f"/api/v1/inboxes/{BIG}", f"/api/v1/phone/token?inbox={BIG}",
    "/assets/%00", "/%00.js", f"/assets/{'a' * 5000}", f"/{'b' * 300}.js", f"/{'%2e%2e%2f' * 400}x.js",
    "/f/x/%C3%A9/file", "/f/%00/%00/%00", "/hooks/", "/hooks/%00", "/hooks//", "/widget/frame.html?widget=%00",
]  # fmt: skip
HOSTILE_WRITES: list[tuple[str, str, bytes]] = [
    ("POST", "/tags", rb'{"name":"\ud800"}'),
    ("POST", "/tags", rb'{"name":"a\u0000b"}'),
    ("POST", "/tags", b"[" * 100_000),
    ("POST", "/tags", b'{"name":' + b"9" * 5000 + b"}"),
    ("POST", "/teams", b'{"name":"x","member_ids":[999]}'),
    ("POST", "/teams", b'{"name":"y","member_ids":[9999999999999999999999]}'),
    ("POST", "/agents", b'{"email":"x@y.example","name":"n","password":"0123456789","team_ids":[77]}'),
    ("POST", "/agents", rb'{"email":"x@y.example","name":"n","password":"012345678\ud8009"}'),
    ("PATCH", "/persons/1", rb'{"name":"\u0000\ud800"}'),
    ("PATCH", "/persons/1", b'{"account_id":999}'),
    ("PATCH", "/tickets/1", rb'{"subject":"a\u0000b\ud800"}'),
    ("PATCH", "/tickets/1", b'{"team_id":999}'),
    ("PATCH", "/tickets/1", b'{"tag_ids":[99999999999999999999999]}'),
    ("PATCH", "/tickets/1", b'{"status":"snoozed","snoozed_until":"9999-12-31T23:59:59+00:00"}'),
    ("POST", "/tickets/1/notes", rb'{"text":"\ud800x","client_id":"\ud800"}'),
    ("POST", "/tickets/1/notes", rb'{"text":"x","attachments":["\ud800"]}'),
    ("POST", "/tickets/1/notes", rb'{"text":"x","attachments":["\u0000"]}'),
    ("POST", "/tickets/1/replies", b'{"text":"x","thread_id":99999999999999999999}'),
    ("PATCH", "/inboxes/1", b'{"team_id":999}'),
    ("POST", "/tickets", rb'{"inbox_id":2,"to":"a\u0000b@c","subject":"s","text":"t"}'),
    ("POST", "/inboxes", b'{"kind":"email","name":"z","config":{"address":5}}'),
    ("POST", "/inboxes", b'{"kind":"chat","name":"z","config":{"allowed_origins":["http://[::1"]}}'),
    ("POST", "/inboxes", b'{"kind":"chat","name":"z","config":{"title_ja":' + b"[" * 900 + b"]" * 900 + b"}}"),
    ("POST", "/inboxes", rb'{"kind":"chat","name":"z","config":{"title_ja":"\ud800"}}'),
    ("POST", "/session", rb'{"email":"\ud800@x","password":"x"}'),
    ("POST", "/session", rb'{"email":"\u0000@x","password":"\u0000\ud800"}'),
]  # fmt: skip

HERE = str(Path(__file__).resolve().parents[2]).encode()  # no error may tell where it runs


async def test_J11_no_value_breaks_a_door(house_on_both: House) -> None:
    assert (await house_on_both.line(line_text(1, "hello"))).status_code == 200
    owner = house_on_both.cast.owner.bearer
    answers: dict[str, int] = {}
    for path in HOSTILE_READS:
        answers[path[:60]] = (await house_on_both.http.get(path, headers=owner)).status_code
    json = owner | {"content-type": "application/json"}
    for number, (method, path, body) in enumerate(HOSTILE_WRITES):
        answer = await house_on_both.http.request(method, f"/api/v1{path}", content=body, headers=json)
        answers[f"{number} {method} {path} {body[:40]!r}"] = answer.status_code
    assert {path: status for path, status in answers.items() if status >= 500} == {}


async def test_J11_a_file_name_in_a_strange_charset(house: House) -> None:
    body = (
        b'--x\r\nContent-Disposition: form-data; name="file"; filename="\\ud800\\u202egpj.exe"\r\n'
        b"Content-Type: text/plain\r\n\r\nhi\r\n--x--\r\n"
    )
    kind = {"content-type": "multipart/form-data; boundary=x; charset=unicode_escape"}
    answer = await house.api("POST", "/files", content=body, headers=kind)
    assert answer.status_code == 201
    assert answer.json()["name"] == "_gpj.exe"
    answer = await house.http.get(answer.json()["url"], headers=house.cast.owner.bearer)
    assert answer.headers["content-disposition"] == "attachment; filename*=UTF-8''_gpj.exe"


RANGES = [
    ("bytes=0-3", 206, b"0123"), ("bytes=8-", 206, b"89"), ("bytes=8-99", 206, b"89"), ("bytes=5-2", 200, b"0123456789"),
    ("bytes=10-", 200, b"0123456789"), ("bytes=-3", 200, b"0123456789"), ("bytes=0-1,3-4", 200, b"0123456789"),
    (f"bytes={'9' * 5000}", 200, b"0123456789"), (f"bytes=0-{'9' * 5000}", 200, b"0123456789"),
]  # fmt: skip


async def test_J11_ranges_of_any_kind(house: House) -> None:
    made = await house.api("POST", "/files", files={"file": ("a.png", b"0123456789", "image/png")})
    for asked, status, content in RANGES:
        answer = await house.api("GET", f"/files/{made.json()['id']}", headers={"range": asked})
        assert (answer.status_code, answer.content) == (status, content), asked[:20]
        assert answer.headers["content-security-policy"] == "default-src 'none'; sandbox"


async def test_J11_a_body_above_the_limit_is_refused_before_it_is_read(house: House) -> None:
    async def endless(head: bytes = b"") -> AsyncIterator[bytes]:
        yield head
        for _ in range(64):
            yield b"x" * 1_000_000

    for path in ("/api/v1/session", "/api/v1/tags", "/api/v1/tickets/1/notes"):
        announced = await house.http.post(path, content=b"x" * (MOST_JSON + 1))
        assert announced.status_code == 413, path
    json = {"content-type": "application/json"}
    assert (await house.http.post("/api/v1/session", content=endless(), headers=json)).status_code == 413
    form = {"content-type": "multipart/form-data; boundary=x"}
    head = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'
    assert (await house.http.post("/api/v1/files", content=endless(head), headers=form)).status_code == 413
    large = {"file": ("a.png", b"x" * (house.running.settings.max_upload_mb * 1024 * 1024 + 1), "image/png")}
    assert (await house.upload(secret_of("a"), files=large)).status_code == 413
    assert house.rows("SELECT count(*) FROM attachment") == [(0,)]


PAGES = [
    "/", "/tickets/1", "/index.html", "/widget/frame.html", "/widget//frame.html", "/assets/..%2findex.html",
    "/assets/%2e%2e%2fwidget%2fframe.html", "/widget/%2e%2fframe.html", "/%2e%2e%2f%2e%2e%2fpyproject.toml",
    "/assets/..%2f..%2f..%2fpyproject.toml", "/assets/%2fetc%2fpasswd", "/assets//etc/passwd", "//etc/passwd.x",
]  # fmt: skip


async def test_W1_no_way_leads_to_a_page_without_its_policy(house: House) -> None:
    """A page without a policy could be framed by anybody (clickjacking), whatever the inbox allows."""
    async with httpx2.AsyncClient(trust_env=False) as browser:
        for path in PAGES:
            answer = await browser.get(httpx2.URL(house.url + path))
            policy = answer.headers.get("content-security-policy", "")
            assert answer.status_code == 404 or "frame-ancestors" in policy, path
            assert b"[project]" not in answer.content, path
            assert b"root:" not in answer.content, path
    framed = await house.http.get("/widget/frame.html", params={"widget": house.token("chat")})
    assert framed.headers["content-security-policy"].endswith("frame-ancestors 'self' https://shop.example")


async def test_J11_our_pages_load_nothing_from_elsewhere(house: House) -> None:
    for path in ("/", f"/widget/frame.html?widget={house.token('chat')}"):
        answer = await house.http.get(path)
        assert "https://" not in answer.text.replace("https://www.w3.org", ""), path


SOCKET_NONSENSE: list[Any] = [
    b"\x00binary", "[]", "null", "[" * 5000, '{"op":"seen","seq":9223372036854775808}',
    '{"op":"seen","seq":18446744073709551615}', '{"op":"seen","seq":-1}', '{"op":["say"]}',
    '{"op":"hello","last_seq":18446744073709551615}', '{"op":"say","client_id":"abcdefgh","text":"x","files":5}',
    '{"op":"say","client_id":"abcdefgi","text":{"a":1}}', '{"op":"say","client_id":"\\u0000abcdefg","text":"x"}',
    '{"op":"say","client_id":"abcdefgj","text":"\\u0000\\u202e"}', '{"op":"say","client_id":"abcdefgk","files":[[1]]}',
]  # fmt: skip


async def test_J11_frames_that_are_none(house: House, caplog: pytest.LogCaptureFixture) -> None:
    """They are ignored, or the socket is closed; they never raise in the server."""
    for nonsense in SOCKET_NONSENSE:
        async with house.visit(secret_of("w")) as visitor:
            await visitor.say("hello")
            await visitor.socket.send(nonsense)
            try:
                await visitor.ping()
            except websockets.ConnectionClosed:
                assert isinstance(nonsense, bytes), nonsense
    agent = {"additional_headers": house.cast.hanako.bearer, "proxy": None}
    firsts = ['{"cursor":"99999999999999999999999"}', '{"cursor":"x"}', "[]", "null", b"bytes", "{", '{"cursor":""}']
    for first in firsts:
        async with websockets.connect(house.url.replace("http", "ws") + "/live", **agent) as socket:  # type: ignore[arg-type]
            with contextlib.suppress(websockets.ConnectionClosed):
                for frame in (first, '{"op":"view","ticket":9223372036854775808}', b"bytes"):
                    await socket.send(frame)
            await asyncio.wait_for(socket.wait_closed(), 10)
    assert [record for record in caplog.records if record.exc_info] == []


async def test_W11_a_flood_of_frames_closes_the_socket(house: House) -> None:
    async with house.visit(secret_of("flood")) as visitor:
        with pytest.raises(websockets.ConnectionClosed) as closed:
            for _ in range(1000):
                await visitor.tell(op="seen", seq=1)
                await visitor.ping()
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1008


async def test_J11_a_frame_above_a_megabyte_closes_the_socket(house: House) -> None:
    async with house.visit(secret_of("big")) as visitor:
        with pytest.raises(websockets.ConnectionClosed):
            await visitor.socket.send(orjson.dumps({"op": "say", "text": "x" * 2_000_000}).decode())
            await visitor.ping()


async def test_J11_only_our_own_doors_speak_as_doors(house: House) -> None:
    """The method DOOR is how our sockets and pollers hand things over."""
    said = orjson.dumps({"visitor": "v", "thread": "v:1", "client_id": "12345678", "text": "forged"})
    for method in ("DOOR", "door", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"):
        for route in ("chat", "email"):
            for tail in ("message", "smtp", "imap"):
                answer = await house.http.request(method, f"/hooks/{house.token(route)}/{tail}", content=said)
                assert answer.status_code in (400, 405), method
    for kind in ("chat", "email", "line", "phone"):
        for tail in ("", "message", "smtp", "imap", "mime", "voice", "status"):
            forged = {"x-method": "DOOR", "x-http-method-override": "DOOR"}
            path = f"/hooks/{house.token(kind)}/{tail}?method=DOOR"
            answer = await house.http.post(path, content=said, headers=forged)
            assert answer.status_code in (401, 403), (kind, tail)
    assert house.rows("SELECT count(*) FROM raw_hook") == [(0,)]


async def test_J11_errors_say_nothing_of_the_inside(house: House) -> None:
    """Problem documents carry codes and words of ours: no paths, no SQL, no values."""
    await house.mail(letter(1))
    for number, (method, path, body) in enumerate(HOSTILE_WRITES):
        answer = await house.api(method, path, content=body, headers={"content-type": "application/json"})
        if answer.status_code >= 400:
            assert answer.headers["content-type"] == "application/problem+json", number
            for inside in (b"sqlite", b"SELECT", b"INSERT", b"Traceback", HERE, b".py", b"0123456789"):
                assert inside not in answer.content, (number, inside)
