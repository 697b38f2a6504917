"""Webhooks of those who are no provider, and of providers who say the same again."""

import base64
import hashlib
import hmac
from urllib.parse import urlencode

import httpx2
import orjson
import pytest

from tests.security.rig import LINE_SECRET, MIME_SECRET, TWILIO_TOKEN, House, html_letter, letter, line_text

CALL = {
    "CallSid": "CA" + "1" * 32, "From": "+819012345678", "To": "+815012345678", "CallStatus": "ringing",
    "Direction": "inbound", "AccountSid": "AC" + "0" * 32,
}  # fmt: skip


def signed(url: str, params: dict[str, str], token: str = TWILIO_TOKEN) -> dict[str, str]:
    text = url + "".join(key + params[key] for key in sorted(params))
    mac = base64.b64encode(hmac.digest(token.encode(), text.encode(), "sha1")).decode()
    return {"x-twilio-signature": mac, "content-type": "application/x-www-form-urlencoded"}


async def rings(house: House, params: dict[str, str] = CALL, *, route: str = "voice", **more: str) -> httpx2.Response:
    path = f"/hooks/{house.token('phone')}/{route}"
    headers = signed(house.url + path, params) | more
    return await house.http.post(path, content=urlencode(params), headers=headers)


def line_headers(body: bytes, secret: str = LINE_SECRET) -> dict[str, str]:
    return {"x-line-signature": base64.b64encode(hmac.digest(secret.encode(), body, "sha256")).decode()}


def stored(house: House) -> int:
    found: int = house.rows("SELECT (SELECT count(*) FROM raw_hook) + (SELECT count(*) FROM message)")[0][0]
    return found


async def test_L4_forged_line_hooks_leave_an_alarm_and_nothing_else(house: House) -> None:
    body = orjson.dumps({"destination": "U" + "0" * 32, "events": [line_text(1, "forged")]})
    good = line_headers(body)["x-line-signature"]
    tries = [
        {}, {"x-line-signature": ""}, {"x-line-signature": "é"}, line_headers(body, "other"), line_headers(body + b" "),
        {"x-line-signature": good[:-2]}, {"x-line-signature": good.lower()}, {"x-line-signature": good + good},
        {"x-line-signature": hashlib.sha256(body).hexdigest()},
    ]  # fmt: skip
    for headers in tries:
        encoded = [(name, value.encode("latin-1")) for name, value in headers.items()]
        answer = await house.http.post(f"/hooks/{house.token('line')}", content=body, headers=encoded)
        assert (answer.status_code, answer.content) == (401, b"")
    assert stored(house) == 0
    assert house.rows("SELECT alarm FROM inbox WHERE kind = 'line'") == [("forged",)]
    assert house.rows("SELECT count(*) FROM event WHERE kind = 'inbox.alarm'") == [(1,)], "an alarm a minute at most"


async def test_T1_forged_calls_are_refused(house: House) -> None:
    path = f"/hooks/{house.token('phone')}/voice"
    good = signed(house.url + path, CALL)
    content = urlencode(CALL)
    tries: list[tuple[str, str, dict[str, str], str]] = [
        ("POST", path, {"content-type": good["content-type"]}, content),
        ("POST", path, good | {"x-twilio-signature": "é"[:0] + "x"}, content),
        ("POST", path, signed(house.url + path, CALL, "other"), content),
        ("POST", path, good, content + "&Digits=1"),
        ("POST", path + "?a=1", good, content),
        ("POST", f"/hooks/{house.token('phone')}/status", good, content),
        ("POST", f"/hooks/{house.token('line')}/voice", good, content),
        ("POST", path, signed("http://evil.example" + path, CALL) | {"host": "evil.example"}, content),
        ("POST", path, signed(house.url + path, {}) | {"content-type": "application/json"}, '{"CallSid":"CA1"}'),
        ("GET", path, signed(house.url + path, CALL), content),
    ]
    for method, where, headers, body in tries:
        answer = await house.http.request(method, where, content=body, headers=headers)
        assert answer.status_code in (401, 403), (method, where)
    assert stored(house) == 0


async def test_T1_a_get_does_not_bring_a_body_past_the_signature(house: House) -> None:
    """A GET is signed by its URL alone: what stands in its body is nobody's word."""
    path = f"/hooks/{house.token('phone')}/voice"
    headers = signed(house.url + path, {})
    await house.http.request("GET", path, content=urlencode(CALL), headers=headers)
    assert house.rows("SELECT count(*) FROM message") == [(0,)]


async def test_J11_the_same_hook_again_changes_nothing(house: House) -> None:
    for _ in range(3):
        await house.line(line_text(1, "once"))
        await house.mail(letter(1))
        assert (await rings(house)).status_code == 200
    assert house.rows("SELECT count(*) FROM ticket") == [(3,)]
    assert house.rows("SELECT count(*) FROM message WHERE direction = 'in'") == [(3,)]
    assert house.rows("SELECT count(*) FROM call") == [(1,)]


async def test_J11_a_hook_of_one_inbox_is_no_hook_of_another(house: House) -> None:
    body = orjson.dumps({"destination": "U" + "0" * 32, "events": [line_text(1, "x")]})
    mac = {"x-mikawaya-signature": hmac.new(LINE_SECRET.encode(), body, hashlib.sha256).hexdigest()}
    for kind in ("email", "chat", "phone"):
        answer = await house.http.post(f"/hooks/{house.token(kind)}", content=body, headers=line_headers(body) | mac)
        assert answer.status_code in (401, 403), kind
    assert stored(house) == 0


async def test_J11_disabled_and_guessed_hooks_do_not_exist(house: House) -> None:
    await house.api("PATCH", f"/inboxes/{house.inbox('line')}", json={"enabled": False})
    house.look_again()
    assert (await house.line(line_text(1, "too late"))).status_code == 404
    token = house.token("email")
    for guess in (token[:-1], token + "x", token.lower(), token[::-1], "%2e%2e%2f", "*", "", "x" * 20_000):
        answer = await house.http.post(f"/hooks/{guess}/mime", content=b"x", headers={"x-mikawaya-signature": "x"})
        assert answer.status_code == 404, guess[:20]
    assert stored(house) == 0
    tokens = [each for _, each in house._inboxes.values()]
    assert len(set(tokens)) == 4
    assert min(map(len, tokens)) >= 43, "256 bits"


@pytest.mark.parametrize("secret", ["", "x", MIME_SECRET + "x"])
async def test_J11_mail_by_http_needs_the_shared_secret(house: House, secret: str) -> None:
    assert (await house.mail(letter(1), secret=secret)).status_code == 401
    for header in (
        {"x-envelope-to": "a@b"},
        {"x-imap-error": "x"},
        {"x-mikawaya-signature": "é".encode().decode("latin-1")},
    ):
        answer = await house.http.post(
            f"/hooks/{house.token('email')}/mime",
            content=b"x",
            headers=[(k, v.encode("latin-1")) for k, v in header.items()],
        )
        assert answer.status_code == 401
    assert stored(house) == 0


async def test_E1_headers_of_the_request_are_no_envelope(house: House) -> None:
    """Who has the secret is a relay, and may say the envelope; whoever has not says nothing. An error is ours to say."""
    answer = await house.mail(html_letter(1, "<p>x"), **{"x-imap-error": "too_large", "x-method": "DOOR"})
    assert answer.status_code == 200
    assert house.rows("SELECT kind FROM message") == [("text",)]


HOSTILE = [
    b"", b"null", b"[]", b"{}", b'{"events":null}', b'{"events":{}}', b'{"events":[null,1,"x",[]]}',
    b'{"events":[{"type":"message"}]}', b'{"events":[{"type":"message","source":5,"message":7,"timestamp":"x"}]}',
    b'{"events":[{"type":["message"],"source":{"type":"user","userId":{"a":1}},"message":{"id":[],"type":"text"}}]}',
    b"[" * 100_000, b'{"events":' + b"[" * 1000 + b"]" * 1000 + b"}", b"\xff\xfe", b'{"destination":"' + b"U" * 100_000,
    orjson.dumps({"events": [line_text(1, "x" * 500_000)]}),
    orjson.dumps({"events": [line_text(2, "x", timestamp=2**63)]}), orjson.dumps({"events": [line_text(3, "x", timestamp=-5)]}),
    orjson.dumps({"events": [line_text(4, "\x00\x0b nul")]}), orjson.dumps({"events": [line_text(5, "x", user="U" * 5000)]}),
    orjson.dumps({"events": [line_text(6, "x", webhookEventId="x" * 5000)]}),
    orjson.dumps({"events": [{**line_text(7, "x"), "message": {"id": "x" * 5000, "type": "text", "text": "long id"}}]}),
    orjson.dumps({"events": [{**line_text(8, "x"), "message": {"id": "8", "type": "location", "latitude": 1e308}}]}),
    orjson.dumps({"events": [{**line_text(9, "x"), "message": {"id": "9", "type": "image", "contentProvider":
                 {"type": "external", "originalContentUrl": "file:///etc/passwd"}}}]}),
]  # fmt: skip


async def test_L11_signed_nonsense_is_answered_200_and_kept(house: House) -> None:
    """A provider's bug, or a stolen secret: never an error of ours, never a hook that comes for ever."""
    for number, body in enumerate(HOSTILE):
        answer = await house.http.post(f"/hooks/{house.token('line')}", content=body, headers=line_headers(body))
        assert answer.status_code in (200, 401), number
    assert (await house.line(line_text(99, "and the next one works"))).status_code == 200
    assert house.rows("SELECT count(*) FROM message WHERE text = 'and the next one works'") == [(1,)]
    raws, failed = house.rows("SELECT count(*), sum(state = 'failed') FROM raw_hook")[0]
    assert raws >= len(HOSTILE) - 2
    assert failed == 0, house.rows("SELECT error FROM raw_hook WHERE state = 'failed'")


async def test_J11_strangers_cannot_fill_the_memory_with_hooks(house: House) -> None:
    """The signature can be checked only when the whole body is here: only mails may be large."""
    large = b"x" * (9 * 1024 * 1024)
    for kind, status in (("line", 413), ("phone", 413), ("chat", 413), ("email", 401)):
        answer = await house.http.post(f"/hooks/{house.token(kind)}/mime", content=large)
        assert answer.status_code == status, kind
    assert stored(house) == 0
