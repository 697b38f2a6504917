"""Visitors of the web chat: each their own conversation, from the shop's pages only, and no more than a shop can bear."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
import websockets
from sqlalchemy import update
from sqlmodel import col

from app import clock
from app.actions import uploads
from app.api import throttle, visit
from app.config import Settings
from app.errors import TooMany
from app.models import Attachment
from tests.security.conftest import opened
from tests.security.rig import SHOP, House, identity_jwt, secret_of

A, B = secret_of("anna"), secret_of("bert")


async def reply(house: House, number: int, text: str, **more: object) -> None:
    answer = await house.api("POST", f"/tickets/{number}/replies", json={"text": text, **more})
    assert answer.status_code == 201


def texts(frames: list[dict[str, object]]) -> str:
    return str(frames)


async def test_J11_knowing_the_name_of_a_conversation_opens_nothing(house: House) -> None:
    async with house.visit(A) as anna, house.visit(B) as bert:
        await anna.say("annas secret")
        for _ in range(2):
            await bert.tell(op="hello", thread=anna.thread, last_seq=0, visitor=A, widget=house.token("chat"))
            frames = [await bert.until("welcome"), *await bert.ping()]
            assert "annas secret" not in texts(frames)
            assert frames[0]["thread"] != anna.thread
        said = await bert.say("I am Anna", thread=anna.thread, visitor=anna.thread.partition(":")[0])
        assert said["op"] == "said"
        await reply(house, 1, "only for Anna")
        heard = await anna.hears("only for Anna")
        assert "I am Anna" not in texts(heard)
        assert "only for Anna" not in texts(await bert.ping())
        await bert.tell(op="seen", seq=99)
        await bert.ping()
    assert house.rows("SELECT count(DISTINCT ticket_id), count(*) FROM message WHERE direction = 'in'") == [(2, 2)]
    assert house.rows("SELECT count(*) FROM message WHERE direction = 'out' AND read_at IS NOT NULL") == [(0,)]


async def test_J11_the_first_hello_cannot_claim_a_conversation_either(house: House) -> None:
    async with house.visit(A) as anna:
        await anna.say("annas secret")
        thread = anna.thread
    async with house.visit(B, thread=thread, last_seq=0) as bert:
        assert bert.welcome["messages"] == []
        assert bert.thread != thread
        assert (await bert.say("hi"))["op"] == "said"
    public = thread.partition(":")[0]  # what agents and our log know: not the key
    for token in (public, public * 2, thread, "x" * 43, ""):
        async with house.visit(token) as guess:
            assert guess.welcome["messages"] == []


async def test_W2_a_user_cannot_speak_in_the_conversation_of_one_whose_name_begins_alike(house: House) -> None:
    """Users are numbered by the shop: "7" and "7:1" are two."""
    widget = house.token("chat")
    async with house.visit(A, identity=identity_jwt("7:1", widget)) as owner:
        await owner.say("of user 7:1")
        thread = owner.thread
        async with house.visit(B, identity=identity_jwt("7", widget), thread=thread) as other:
            await other.say("of user 7")
            await reply(house, 1, "for 7:1")
            assert "of user 7'" not in texts(await owner.hears("for 7:1"))
            assert "for 7:1" not in texts(await other.ping())
    assert house.rows("SELECT count(DISTINCT ticket_id) FROM message WHERE direction = 'in'") == [(2,)]


async def test_W2_only_the_shop_says_who_a_visitor_is(house: House) -> None:
    widget, at = house.token("chat"), 4102444800
    good = identity_jwt("7", widget)
    head, claims, mac = good.split(".")
    none = "eyJhbGciOiJub25lIn0"
    forged = [
        identity_jwt("7", widget, secret="x" * 32), identity_jwt("7", "another-widget"), f"{none}.{claims}.",
        f"{none}.{claims}.{mac}", f"{head}.{claims}.", f"{head}.{claims}", identity_jwt("7", widget, exp=at),
        identity_jwt("7", widget, iat=0, exp=60), identity_jwt("", widget), identity_jwt("7", widget, jti=""), "x" * 9000,
        identity_jwt("7", widget, exp=float("1e308")), "é.é.é",
    ]  # fmt: skip
    for token in forged:
        async with house.visit(A, identity=token) as visitor:
            assert visitor.welcome == {"op": "refused", "code": "identity"}, token[:60]
    async with house.visit(A, identity=good) as visitor:
        await visitor.say("truly 7", verified={"sub": "8"}, visitor="u:8")
    assert house.rows("SELECT value, verified FROM identity") == [("u:7", 1)]


async def test_W2_what_a_visitor_types_proves_nothing(house: House) -> None:
    """A typed mail address is a claim: the mail customer's history stays theirs."""
    claim = {"name": "Sato", "email": "sato@customer.example", "verified": {"sub": "1"}}
    async with house.visit(A) as visitor:
        await visitor.say("I am Sato", **claim)
    assert house.rows("SELECT kind, verified, scope FROM identity") == [("chat", 0, "")]
    assert (await house.ticket(1))["messages"][0]["meta"].get("verified") is None


async def test_W1_foreign_pages_may_not_show_the_widget(house: House) -> None:
    for origin in ("https://evil.example", "null", f"{SHOP}.evil.example", "http://shop.example", f"{SHOP}:8443"):
        async with house.visit(A, origin=origin) as visitor:
            assert visitor.welcome == {"op": "refused", "code": "origin"}, origin
    for widget in ("", "x", house.token("line"), house.token("email"), house.token("phone")):
        async with house.visit(A, widget=widget) as visitor:
            assert visitor.welcome == {"op": "refused", "code": "widget"}
    await house.api("PATCH", f"/inboxes/{house.inbox('chat')}", json={"enabled": False})
    house.look_again()
    async with house.visit(A) as visitor:
        assert visitor.welcome == {"op": "refused", "code": "widget"}


async def test_J11_internal_words_never_reach_the_visitor(house: House) -> None:
    async with house.visit(A) as visitor:
        await visitor.say("hello")
        for audience in ("internal", "success"):
            await house.api("POST", "/tickets/1/notes", json={"text": f"{audience} words", "audience": audience})
        await reply(house, 1, "public words")
        frames = [*await visitor.hears("public words"), *await visitor.ping()]
        assert "internal words" not in texts(frames)
        assert "success words" not in texts(frames)
    async with house.visit(A) as again:
        shown = str(again.welcome)
        assert "public words" in shown
        for hidden in ("internal words", "success words", "大家'", house.cast.owner.agent.email, "ticket"):
            assert hidden not in shown


async def test_W11_who_only_looks_leaves_no_rows(house: House) -> None:
    tables = ("person", "identity", "ticket", "thread", "message", "raw_hook", "event")
    before = [house.rows(f"SELECT count(*) FROM {table}") for table in tables]
    for number in range(40):
        async with house.visit(secret_of(str(number))) as visitor:
            await visitor.tell(op="new")
            await visitor.tell(op="typing")
            await visitor.tell(op="seen", seq=5)
            await visitor.ping()
    assert [house.rows(f"SELECT count(*) FROM {table}") for table in tables] == before
    assert house.running.product.api.state.visitors._visits == {}


async def test_W11_nobody_says_more_than_a_person_can(house: House) -> None:
    async with house.visit(A) as visitor:
        answers = [await visitor.say(f"spam {number}") for number in range(30)]
    assert [answer["op"] for answer in answers] == ["said"] * 20 + ["error"] * 10
    assert answers[-1]["code"] == "too_many"
    async with house.visit(B) as visitor:
        assert (await visitor.say("x" * 10_001))["code"] == "too_long"
    assert house.rows("SELECT count(*) FROM message") == [(20,)]


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """All that a test does happens in one window of the brakes, however slow the machine is."""
    monkeypatch.setattr(visit, "WINDOW_S", 1e6)


@pytest.fixture
async def behind_a_proxy(at_once: None, settings: Settings) -> AsyncIterator[House]:
    async with opened(settings.model_copy(update={"trusted_proxies": ("127.0.0.1",)})) as made:
        yield made


async def test_W11_coming_again_resets_nothing(at_once: None, house: House) -> None:
    """The same visitor, on one socket after the other and on two at a time."""
    answers = []
    for number in range(5):
        async with house.visit(A) as one, house.visit(A) as two:
            for each in (one, two):
                answers += [(await each.say(f"spam {number}"))["op"] for _ in range(3)]
    assert answers == ["said"] * 20 + ["error"] * 10
    async with house.visit(B) as visitor:
        assert (await visitor.say("and I?"))["op"] == "said", "nobody else pays for it"


async def test_W11_a_peer_gains_nothing_by_being_many(behind_a_proxy: House) -> None:
    """A new visitor for each message: five visitors' share is all that one address has."""
    house, answers = behind_a_proxy, []
    spammer = {"X-Forwarded-For": "203.0.113.7"}
    for number in range(110):
        async with house.visit(secret_of(f"spam {number}"), headers=spammer) as visitor:
            answers.append(await visitor.say("spam"))
    assert [answer["op"] for answer in answers] == ["said"] * 100 + ["error"] * 10
    assert answers[-1]["code"] == "too_many"
    async with house.visit(B, headers={"X-Forwarded-For": "203.0.113.8"}) as visitor:
        assert (await visitor.say("醤油はありますか"))["op"] == "said", "another address"
    assert house.rows("SELECT count(*) FROM message") == [(101,)]


async def test_W11_frames_are_counted_by_peer_and_visitor(
    behind_a_proxy: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house, peer = behind_a_proxy, {"X-Forwarded-For": "203.0.113.7"}
    monkeypatch.setattr(visit, "FRAMES", 4)
    async with house.visit(A, headers=peer) as visitor:
        for _ in range(4):
            await visitor.ping()
        await visitor.tell(op="ping")
        assert await visitor.until("refused") == {"op": "refused", "code": "busy"}
        with pytest.raises(websockets.ConnectionClosed):
            await visitor.next()
    welcomes = []
    for number in range(16):
        async with house.visit(secret_of(f"look {number}"), headers=peer) as visitor:
            welcomes.append(visitor.welcome)
    assert [each["op"] for each in welcomes] == ["welcome"] * 15 + ["refused"]
    assert welcomes[-1]["code"] == "busy"
    async with house.visit(A, headers={"X-Forwarded-For": "203.0.113.8"}) as visitor:
        await visitor.tell(op="ping")
        assert (await visitor.until("pong", "refused"))["op"] == "refused", "the same visitor from elsewhere"
    async with house.visit(B, headers={"X-Forwarded-For": "203.0.113.8"}) as visitor:
        await visitor.ping()


def test_J11_the_brakes_memory_has_an_end_and_keeps_whom_it_stops(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throttle, "MOST_KEYS", 50)
    brake = throttle.Throttle(1e6)
    brake.check(stubborn=1)
    for number in range(500):
        brake.check(**{f"stranger {number}": 3})
        if number % 40 == 0:
            with pytest.raises(TooMany):
                brake.check(stubborn=1)
    assert len(brake._tries) == 50


async def test_W3_the_same_words_twice_are_one_message_and_ids_are_each_visitors_own(house: House) -> None:
    async with house.visit(A) as anna, house.visit(B) as bert:
        for visitor in (anna, anna, bert):
            assert (await visitor.say("hi", client_id="same-client-id"))["op"] == "said"
    assert house.rows("SELECT count(*), count(DISTINCT ticket_id) FROM message") == [(2, 2)]


# -- files --------------------------------------------------------------------------------------------------------------


async def up(house: House, visitor: str, name: str = "a.txt", kind: str = "text/plain") -> dict[str, object]:
    answer = await house.upload(visitor, files={"file": (name, b"content", kind)})
    assert answer.status_code == 201
    found: dict[str, object] = answer.json()
    return found


async def test_J11_an_upload_is_taken_by_its_own_visitor_only_once(house: House) -> None:
    mine = await up(house, A)
    async with house.visit(B) as bert:
        said = await bert.say("look what I found", files=[mine["id"]])
        assert said["message"]["files"] == []
    async with house.visit(A) as anna:
        said = await anna.say("my file", files=[mine["id"]])
        assert [each["id"] for each in said["message"]["files"]] == [mine["id"]]
        again = await anna.say("again", files=[mine["id"]])
        assert again["message"]["files"] == []


async def test_W11_no_message_takes_a_file_that_is_about_to_be_removed(house: House) -> None:
    """Unsent files are removed after a day: shortly before, none may be promised any more."""
    made = [await up(house, A), await up(house, A)]
    for each, age in zip(made, (timedelta(hours=22), uploads.UNSENT_FOR - timedelta(minutes=30)), strict=True):
        old = update(Attachment).where(col(Attachment.public_id) == each["id"])
        await house.change(old.values(created_at=clock.utcnow() - age))
    async with house.visit(A) as anna:
        said = await anna.say("both", files=[each["id"] for each in made])
    assert [each["id"] for each in said["message"]["files"]] == [made[0]["id"]]


async def test_J11_a_visitor_cannot_take_an_agents_upload(house: House) -> None:
    made = await house.api("POST", "/files", files={"file": ("plan.txt", b"secret", "text/plain")})
    async with house.visit(A) as anna:
        said = await anna.say("mine", files=[made.json()["id"], "x", "' OR 1=1 --", "%"])
    assert said["message"]["files"] == []


async def test_W10_uploads_need_a_widget_and_are_counted(house: House) -> None:
    for widget, visitor in (("x", A), (house.token("line"), A), (house.token("chat"), "short"), ("", "")):
        answer = await house.upload(visitor, widget=widget, files={"file": ("a", b"x")})
        assert answer.status_code == 403
    in_address = {"widget": house.token("chat"), "visitor": A}  # which stands in the logs of every proxy
    answer = await house.http.post("/chat/files", params=in_address, files={"file": ("a", b"x")})
    assert answer.status_code == 403
    for _ in range(20):
        await up(house, A)
    assert (await house.upload(A, files={"file": ("a", b"x")})).status_code == 429
    assert house.rows("SELECT count(*) FROM attachment") == [(20,)]


async def test_J11_the_key_of_a_visitor_is_kept_nowhere(house: House) -> None:
    async with house.visit(A) as visitor:
        await visitor.say("hello", files=[(await up(house, A))["id"]])
        await visitor.tell(op="hello", visitor=A, thread=visitor.thread, page=f"https://shop.example/?v={1}")
        await visitor.ping()
    assert house.where(A) == []
    assert A not in (await house.api("GET", "/tickets/1")).text


async def test_J11_a_socket_without_a_hello_is_closed(house: House) -> None:
    async with websockets.connect(house.url.replace("http", "ws") + "/chat", origin=SHOP, proxy=None) as socket:  # type: ignore[arg-type]
        await socket.send('{"op":"say","client_id":"12345678","text":"hi"}')
        assert '"refused"' in str(await socket.recv())
        with pytest.raises(websockets.ConnectionClosed):
            await socket.recv()
