"""The commands, each as a process of its own beside a running product: what it does, seen from outside; and wrong words
are one line and exit code 2."""

import asyncio
import json
import socket
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import httpx2
import pytest
from sqlalchemy import text, update
from sqlmodel import col

from app import clock
from app.actions import inboxes
from app.config import Settings
from app.db import Database
from app.models import Inbox, Message, RawHook
from app.security import Vault
from tests import servers
from tests.api.conftest import CONFIGS, line_text
from tests.cast import Cast
from tests.channels.line.sample import sign, webhook
from tests.servers import Told

OWNER, PASSWORD = "oya@shop.example", "a long password"
NOBODY = "http://127.0.0.1:9"  # the discard port
LINE = ("inbox", "add", "line", "--name", "LINE", "--set", "channel_id=1650000000", "--set", "access_token=token")


async def told(settings: Settings, *words: str, stdin: str = "") -> Told:
    return await asyncio.to_thread(partial(servers.told, servers.environment(settings), *words, stdin=stdin))


@pytest.fixture
def running(settings: Settings) -> Iterator[servers.Running]:
    with servers.product(settings, clocks=False) as made:
        yield made


def client(running: servers.Running, **headers: str) -> httpx2.AsyncClient:
    return httpx2.AsyncClient(base_url=running.url, headers=headers, timeout=20, verify=False)


# -- right use ----------------------------------------------------------------------------------------------------------


async def test_an_owner_a_token_and_an_inbox_are_there_at_once(running: servers.Running, tmp_path: Path) -> None:
    given = running.settings
    made = await told(given, "owner", f" {OWNER.title()} ", stdin=f"{PASSWORD}\n")
    assert (made.code, made.err) == (0, []) and given.public_url in made.out[0]
    async with client(running, **{"X-Mikawaya": "1"}) as browser:
        answer = await browser.post("/api/v1/session", json={"email": OWNER, "password": PASSWORD})
        assert answer.status_code == 200 and answer.json()["role"] == "owner", answer.text

    printed = await told(given, "token", OWNER.upper(), "--name", "a report")
    assert (printed.code, printed.err, len(printed.out)) == (0, [], 1)
    async with client(running, Authorization=f"Bearer {printed.out[0]}") as program:
        assert (await program.get("/api/v1/tickets?view=all")).json()["items"] == []

        secret = tmp_path / "secret.txt"
        secret.write_text("the-secret-of-the-channel\n")
        added = await told(given, *LINE, "--set", f"channel_secret=@{secret}", "--set", f"api_base={NOBODY}")
        hook = added.out[0].rpartition(" ")[2]
        assert (added.code, added.err) == (0, []) and hook.startswith(f"{given.public_url}/hooks/")
        body = webhook(line_text(1, "届きましたか")).body
        assert (await send(hook, body, "another secret")).status_code == 401
        assert (await send(hook, body, "the-secret-of-the-channel")).status_code == 200
        [ticket] = (await program.get("/api/v1/tickets?view=all")).json()["items"]
        assert ticket["channel"] == "line"

    [line] = (await told(given, "inbox", "list")).out
    assert "forged" in line and hook in line, "the alarm stands in the list"


async def send(hook: str, body: bytes, secret: str) -> httpx2.Response:
    async with httpx2.AsyncClient(timeout=20) as line:
        return await line.post(hook, content=body, headers={"x-line-signature": sign(body, secret)})


@pytest.fixture
async def line(settings: Settings, database: Database, cast: Cast) -> Inbox:
    """A LINE inbox at a desk with its people; LINE itself is away."""
    async with database.write() as session:
        return await inboxes.add(
            session, Vault(settings.key()), kind="line", name="LINE", config=CONFIGS["line"], now=clock.utcnow()
        )


def letter(inbox: Inbox, **given: Any) -> RawHook:
    body = webhook(line_text(7, "読めなかった言葉")).body
    return RawHook(
        **{"inbox_id": inbox.id, "body": body, "state": "failed", "error": "a bug", "received_at": clock.utcnow()} | given
    )  # fmt: skip


async def test_what_could_not_be_read_is_read_again(
    line: Inbox, cast: Cast, database: Database, running: servers.Running
) -> None:
    async with database.write() as session:
        session.add_all([letter(line), letter(line, body=None, file_key="0" * 64)])
    done = await told(running.settings, "replay")
    assert done.code == 2 and done.err == ["1 still cannot be read: their bytes are kept."]
    assert done.out[0].endswith(": taken") and "FileNotFoundError" in done.out[1] and done.out[2] == "1 read again"
    async with client(running, **cast.hanako.bearer) as hanako:
        [ticket] = (await hanako.get("/api/v1/tickets?view=all")).json()["items"]
        shown = (await hanako.get(f"/api/v1/tickets/{ticket['number']}")).json()
        assert [each["text"] for each in shown["messages"]] == ["読めなかった言葉"]
    async with database.write() as session:
        await session.execute(text("DELETE FROM raw_hook WHERE state = 'failed'"))
    assert await told(running.settings, "replay") == Told(0, ["0 read again"], [])


async def test_the_index_is_made_anew(line: Inbox, cast: Cast, running: servers.Running) -> None:
    body = webhook(line_text(1, "たまりの在庫")).body
    hook = f"{running.url}/hooks/{line.token}"
    assert (await send(hook, body, CONFIGS["line"]["channel_secret"])).status_code == 200
    async with client(running, **cast.hanako.bearer) as hanako:

        async def found() -> bool:
            answer = await hanako.get("/api/v1/search", params={"q": "たまりの在庫"})
            assert answer.status_code == 200, answer.text
            return "たまりの在庫" in json.dumps(answer.json(), ensure_ascii=False)

        assert not await found(), "no clock runs here: nothing is indexed yet"
        done = await told(running.settings, "reindex")
        assert done.code == 0 and done.out[-1].endswith("pieces read")
        assert await found()


async def test_the_doctor_finds_nothing_at_a_sound_desk(settings: Settings, database: Database, cast: Cast) -> None:
    async with database.write() as session:
        await inboxes.add(session, Vault(settings.key()), kind="chat", name="chat", config={}, now=clock.utcnow())
    found = await told(settings, "doctor")
    assert (found.code, found.err) == (0, []) and {each[:6] for each in found.out} == {"ok    "}, found


async def test_the_doctor_finds_what_is_wrong(
    line: Inbox, cast: Cast, database: Database, running: servers.Running
) -> None:
    hook, body = f"{running.url}/hooks/{line.token}", webhook(line_text(1, "届きません")).body
    assert (await send(hook, body, "forged")).status_code == 401
    assert (await send(hook, body, CONFIGS["line"]["channel_secret"])).status_code == 200
    async with client(running, **cast.hanako.bearer) as hanako:
        assert (await hanako.post("/api/v1/tickets/1/replies", json={"text": "お調べします"})).status_code == 201
    then = clock.utcnow() - timedelta(minutes=10)
    async with database.write() as session:
        await session.execute(update(Message).where(col(Message.direction) == "out").values(retry_at=then))
        misfit = Inbox(kind="email", name="mail", token="t" * 43, config={"address": 7}, created_at=then)
        session.add_all([letter(line), misfit])
    found = await told(running.settings, "doctor")
    assert (found.code, found.err[-1]) == (2, "Something above is wrong.")
    wrong = "\n".join(each for each in found.out if each.startswith("wrong"))
    for words in (
        "1 messages are 5 minutes late",
        "1 hooks could not be read",
        "LINE: forged",
        "its settings do not fit",
    ):
        assert words in wrong, found.out


# -- wrong use ----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Settings:
    var = tmp_path_factory.mktemp("shop")
    (var / "mikawaya.db").write_bytes(sqlite_template.read_bytes())
    (var / "latin.txt").write_bytes("né".encode("latin-1"))
    return Settings(var=var)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("token", "nobody@shop.example"), "no active agent nobody@shop.example"),
        (("owner", OWNER), "at least 10 characters"),
        (("inbox", "add", "chat", "--name", " "), "--name"),
        (("inbox", "add", "chat", "--name", "Chat", "--language", "fr"), "--language"),
        (LINE, "channel_secret: Field required"),
        ((*LINE, "--set", "channel_secret=@/nowhere"), "/nowhere cannot be read"),
        ((*LINE, "--set", "channel_secret=@{var}/latin.txt"), "no UTF-8"),
        ((*LINE, "--set", "channel_secret=x", "--set", "colour=red"), "colour"),
        (("inbox", "fields", "fax"), "no kind 'fax'"),
        (("serve", "--port", "65536"), "--port"),
        (("brew",), "brew"),
    ],
)  # fmt: skip
def test_wrong_words_are_one_line(shop: Settings, words: tuple[str, ...], says: str) -> None:
    given = [each.replace("{var}", str(shop.var)) for each in words]
    done = servers.told(servers.environment(shop), *given, stdin="short\n")
    assert (done.code, done.out, len(done.err)) == (2, [], 1), done
    assert says in done.err[0]


@pytest.mark.parametrize("words", [("owner", OWNER), ("doctor",), ("jobs",)])
def test_a_database_without_tables_is_one_line(tmp_path: Path, words: tuple[str, ...]) -> None:
    done = servers.told(servers.environment(Settings(var=tmp_path)), *words)
    assert (done.code, done.out, len(done.err)) == (2, [], 1) and "migrate" in done.err[0]


def test_a_taken_port_is_one_line(shop: Settings) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        done = servers.told(servers.environment(shop), "serve", "--port", port)
    assert done.code == 2 and done.err == [f"Port {port} is in use: choose another with --port N or MIKAWAYA_PORT."]
