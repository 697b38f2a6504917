"""What is secret stays it, and what a customer takes back is nowhere any more."""

import hashlib
import io
import os
from pathlib import Path
from typing import Any

import orjson
import pytest
from PIL import Image
from sqlalchemy import insert
from structlog.testing import capture_logs

from app.config import Settings
from app.jobs.sweep import Sweep
from app.models import Attachment
from app.security import Vault
from tests.cast import START
from tests.security.rig import SECRETS, House, html_letter, letter, line_text
from tests.servers import KEY


async def busy(house: House) -> None:
    """A little of everything, failures included."""
    await house.line(line_text(1, "hello"))
    await house.line(line_text(2, "forged"), secret="x")
    await house.mail(letter(1))
    await house.mail(html_letter(1, "<p>x"))
    await house.mail(b"\xff\x00 no mail at all")
    await house.api("POST", "/tickets/1/replies", json={"text": "hi"})
    for kind in ("line", "email", "chat", "phone"):
        await house.api("PATCH", f"/inboxes/{house.inbox(kind)}", json={"config": {"nonsense": "x"}})


async def test_J11_secrets_are_encrypted_in_the_database(house: House) -> None:
    await busy(house)
    for secret in (*SECRETS, KEY):
        assert house.where(secret) == []
    for member in (house.cast.hanako, house.cast.owner):
        assert house.where(member.token) == []
        assert house.where(member.cookie) == []
    raw = (house.running.settings.var / "mikawaya.db").read_bytes()
    raw += b"".join(each.read_bytes() for each in house.running.settings.var.glob("mikawaya.db-*"))
    assert [secret for secret in (*SECRETS, KEY) if secret.encode() in raw] == []


async def test_J11_no_answer_of_the_api_tells_a_secret(house: House) -> None:
    await busy(house)
    document = (await house.http.get("/api/openapi.json")).json()
    asked = []
    for path, methods in document["paths"].items():
        if "get" in methods and path.startswith("/api/"):
            for number in range(1, 5):
                where = path
                for name in ("number", "message_id", "person_id", "inbox_id", "public_id", "call_id", "agent_id"):
                    where = where.replace("{" + name + "}", str(number))
                answer = await house.http.get(where, headers=house.cast.owner.bearer)
                asked.append(where)
                heap = answer.text + str(answer.headers)
                assert [secret for secret in (*SECRETS, KEY, "argon2", "password_hash") if secret in heap] == [], where
    assert len(asked) > 40
    shown = (await house.api("GET", f"/inboxes/{house.inbox('email')}")).json()
    assert shown["secrets_set"] == ["imap_password", "mime_secret", "smtp_password"]
    for kind in ("agent", "lead", "success"):
        member = house.cast.roles[kind]
        desk = (await house.api("GET", "/desk", by=member)).text
        assert [token for _, token in house._inboxes.values() if token in desk] == [], "hooks are for the owner's eyes"


async def test_J11_a_wrong_secret_is_not_told_back(house: House) -> None:
    for kind, config in (
        ("chat", {"identity_secret": "short-and-secret"}),
        ("phone", {"account_sid": "AC1", "auth_token": "very-secret-1", "number": "+81"}),
        ("line", {"channel_id": "", "channel_secret": "very-secret-2", "access_token": "very-secret-3", "x": 1}),
        ("email", {"address": "no", "imap_password": "very-secret-4", "smtp_password": {"a": "very-secret-5"}}),
    ):
        answer = await house.api("POST", "/inboxes", json={"kind": kind, "name": "x", "config": config})
        assert answer.status_code == 422
        assert "secret-" not in answer.text.replace("identity_secret", "")
        assert "and-secret" not in answer.text
    for body in ({"email": "a@b", "password": ["very-secret"]}, {"email": 5, "password": "very-secret"}):
        assert "very-secret" not in (await house.http.post("/api/v1/session", json=body)).text


async def test_J11_a_secret_that_is_left_out_or_emptied_is_kept(house: House) -> None:
    """A form that shows nothing must not erase or reveal."""
    inbox = house.inbox("line")
    changed = await house.api("PATCH", f"/inboxes/{inbox}", json={"config": {"channel_secret": ""}, "name": "LINE 2"})
    assert changed.status_code == 200
    assert (await house.line(line_text(1, "still signed by the same"))).status_code == 200


@pytest.mark.parametrize("kind", ["line", "email", "chat", "phone"])
async def test_J11_nothing_prints_its_secrets(house: House, kind: str) -> None:
    parts = house.running.product.parts
    opened: Any = await parts.inboxes.by_id(house.inbox(kind))
    channel = opened.channel
    printed = " ".join(map(repr, (channel, channel.config, parts.settings, parts.vault, parts, opened, channel.site)))
    printed += str(channel.config) + str(vars(parts.settings))
    assert [secret for secret in (*SECRETS, KEY) if secret in printed] == []
    assert repr(channel.site.key)[2:-1] not in printed


async def test_J11_logs_hold_no_secret_and_no_words_of_customers(
    house: House, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    words = "内緒の注文番号 4711\nlevel=critical event=forged"
    caplog.set_level("INFO")
    with capture_logs() as lines:
        await busy(house)
        await house.line(line_text(5, words))
        await house.mail(letter(5, words, sender='"内緒 4711\n" <sato@customer.example>'))
        await house.http.post("/api/v1/session", json={"email": f"a\n{words}@b", "password": "hunter2-4711"})
    written = capfd.readouterr()
    heap = str(lines) + caplog.text + written.out + written.err
    for secret in (*SECRETS, KEY, house.cast.owner.token, "4711", "内緒", "hunter2"):
        assert secret not in heap


def test_J11_keys_of_purposes_are_different() -> None:
    vault = Vault(KEY.encode())
    assert len({vault.derive("a"), vault.derive("b"), vault.derive("inbox x"), vault.derive("inbox y")}) == 4
    assert vault.sign("file", "x") != vault.sign("other", "x")
    assert not vault.signed("file", "x", vault.sign("other", "x"))
    for wrong in (
        "",
        "é",
        "a" * 26,
        vault.sign("file", "y"),
        vault.sign("file", "x")[:-1],
        vault.sign("file", "x") + "a",
    ):
        assert not vault.signed("file", "x", wrong)
    sealed = vault.seal({"a": "secret"})
    assert "secret" not in sealed
    with pytest.raises(Exception, match="MIKAWAYA_SECRET_KEY"):
        Vault(b"another key" * 5).unseal(sealed)


async def test_J11_the_key_file_is_the_owners_alone(tmp_path: Path) -> None:
    made = Settings(var=tmp_path / "fresh").key()
    kept = tmp_path / "fresh" / "secret.key"
    assert len(made) >= 32
    assert kept.stat().st_mode & 0o077 == 0


# -- taken back ---------------------------------------------------------------------------------------------------------

SECRET = "間違えて送りました、口座番号は0012345です"


def unsend(number: int, at: int = 90) -> dict[str, Any]:
    event = line_text(at, "")
    event["type"], event["unsend"] = "unsend", {"messageId": str(500000000000000000 + number)}
    event.pop("message")
    event.pop("replyToken")
    return event


def edit(number: int, text: str, at: int = 80) -> dict[str, Any]:
    event = line_text(at, text)
    event["type"] = "messageEdited"
    event["message"]["id"] = str(500000000000000000 + number)
    return event


ORDERS: dict[str, list[dict[str, Any]]] = {
    "after": [line_text(1, SECRET), unsend(1)],
    "before": [unsend(1), line_text(1, SECRET)],
    "redelivered": [line_text(1, SECRET), line_text(1, SECRET, deliveryContext={"isRedelivery": True}), unsend(1)],
    "redelivered afterwards": [line_text(1, SECRET), unsend(1), line_text(1, SECRET)],
    "edited": [line_text(1, SECRET), edit(1, "直しました"), unsend(1)],
    "edited to it": [line_text(1, "はじめ"), edit(1, SECRET), unsend(1)],
    "edited before": [edit(1, SECRET), line_text(1, "はじめ"), unsend(1)],
    "second of two": [line_text(2, "前の言葉"), line_text(1, SECRET), unsend(1)],
}


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("together", [False, True], ids=["one by one", "in one hook"])
async def test_J11_what_is_taken_back_is_nowhere(house: House, order: str, together: bool) -> None:
    events = ORDERS[order]
    for given in [events] if together else [[event] for event in events]:
        assert (await house.line(*given)).status_code == 200
    assert house.where(SECRET) == []
    assert house.where("0012345") == []
    for ticket in await house.tickets():
        assert "0012345" not in orjson.dumps(await house.ticket(ticket["number"])).decode()
    if order == "second of two" and not together:
        assert house.where("前の言葉") != []


async def test_J11_the_files_of_what_is_taken_back_are_gone_too(house: House) -> None:
    """The bytes leave the store when no other message has them."""
    pictures = []
    for colour in ("red", "blue"):
        out = io.BytesIO()
        Image.new("RGB", (64, 64), colour).save(out, "PNG")
        pictures.append(out.getvalue())
    files = house.running.product.parts.files
    keys = [await files.put(each) for each in pictures]
    previews = [await files.preview(each, "image/png") for each in pictures]
    assert keys[0] == hashlib.sha256(pictures[0]).hexdigest()
    for number in (1, 2):
        await house.line(line_text(number, "picture"))
    held = [(1, 0), (1, 1), (2, 1)]  # the second picture is in a message that stays, too
    await house.change(insert(Attachment).values([
        {"public_id": f"p{n}", "message_id": message, "name": "a.png", "media_type": "image/png", "size": 1,
         "file_key": keys[which], "preview_key": previews[which], "created_at": START}
        for n, (message, which) in enumerate(held)
    ]))  # fmt: skip
    before = (await house.api("GET", "/files/p0")).status_code
    await house.line(unsend(1))
    assert (before, (await house.api("GET", "/files/p0")).status_code) == (200, 404)
    sweep = Sweep(house.running.product.parts)
    assert await sweep.step() == 0, "bytes of this moment may be wanted by a message that is being written"
    for key in (*keys, *previews):
        os.utime(files.path(key), (1, 1))
    assert await Sweep(house.running.product.parts).step() == 2
    assert await Sweep(house.running.product.parts).step() == 0
    assert not files.path(keys[0]).exists()
    assert not files.path(previews[0]).exists()
    assert files.path(keys[1]).exists()
    assert files.path(previews[1]).exists()
