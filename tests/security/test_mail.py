"""Mails of people who are not who they say, or want what is not theirs."""

import base64
import io
import re
from dataclasses import replace
from typing import Any

import pytest
from PIL import Image

from app.actions.receive import receive
from app.db import Database
from app.security import Vault
from app.text import clean_html
from channels.contract import Address, File, Outbound, Site
from channels.email import outgoing, replies
from channels.email.config import MailConfig
from tests.actions.world import RULES, arrival, mail
from tests.cast import START, Cast, inbox, person
from tests.security.rig import House, html_letter, letter

SATO, EVE = "sato@customer.example", "eve@evil.example"


async def mails(house: House, *raws: str) -> None:
    for raw in raws:
        assert (await house.mail(raw)).status_code == 200


def placed(house: House) -> list[tuple[int, str]]:
    """(ticket, who wrote) of every customer's message."""
    found = house.rows(
        "SELECT m.ticket_id, i.value FROM message m JOIN identity i ON i.id = m.identity_id "
        "WHERE m.direction = 'in' ORDER BY m.id"
    )
    return [(row[0], row[1]) for row in found]


def copied_to(house: House, ticket: int = 1) -> str:
    return str(house.rows("SELECT participants FROM thread WHERE ticket_id = ?", ticket))


# -- E7 -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "head",
    ["In-Reply-To: <m1@customer.example>", "References: <x@y> <m1@customer.example>",
     "In-Reply-To: <m1@customer.example>\nReferences: <m1@customer.example>"],
)  # fmt: skip
async def test_E7_a_stranger_who_quotes_a_message_id_gets_a_ticket_of_their_own(house: House, head: str) -> None:
    await mails(house, letter(1), letter(2, "let me in", sender=EVE, head=f"{head}\nCc: eve2@evil.example"))
    assert placed(house) == [(1, SATO), (2, EVE)]
    assert "evil" not in copied_to(house)
    (thread,) = (await house.ticket(1))["threads"]
    assert thread["current"], "a stranger's mail must not retire the customer's conversation"
    await mails(house, letter(3, head="In-Reply-To: <m1@customer.example>"), letter(4, sender=EVE, head=head))
    assert [ticket for ticket, _ in placed(house)][2] == 1
    assert 1 not in [ticket for ticket, who in placed(house) if who == EVE]


async def test_E7_a_strangers_mail_with_the_same_message_id_gets_a_ticket_of_its_own(house: House) -> None:
    copy = letter(1, "I am somebody else", sender=EVE, head="Cc: eve2@evil.example")
    await mails(house, letter(1), copy)
    assert placed(house) == [(1, SATO), (2, EVE)]
    assert "evil" not in copied_to(house)
    assert (await house.ticket(1))["threads"][0]["current"]
    await mails(house, letter(2, head="References: <m1@customer.example>"))
    assert placed(house)[-1] == (1, SATO)


async def test_E7_copies_in_one_batch_are_tickets_of_their_own(database: Database, cast: Cast) -> None:
    async with database.write() as session:
        box = await inbox(session, "email")
    theirs = [
        mail(number, who=who, conversation="same", meta={"message_id": "same"}, external_id=f"same#{number}")
        for number, who in enumerate(("sato", "eve", "sato"))
    ]
    theirs[1] = replace(theirs[1], sender=person("eve", kind="email", value=EVE))
    async with database.write() as session:
        places = await receive(session, [arrival(box, *theirs)], now=START, rules=RULES)
    tickets = [each.ticket for each in places[0]]
    assert tickets[0] == tickets[2] != tickets[1]


async def test_E26_the_customers_own_copy_is_one_message(house: House) -> None:
    await mails(house, letter(1), letter(1), letter(1) + "\n\n")
    assert placed(house) == [(1, SATO)]


async def reply_address(house: House) -> str:
    """As our answers carry it: the customer has it, and whoever they forward the mail to."""
    parts = house.running.product.parts
    opened = await parts.inboxes.by_id(house.inbox("email"))
    assert opened is not None
    channel: Any = opened.channel
    (found,) = house.rows("SELECT id FROM thread WHERE ticket_id = 1")
    return str(replies.reply_address("support@mikawaya.example", found[0], channel.site.key))


async def test_E7_a_changed_reply_address_proves_nothing(house: House) -> None:
    await mails(house, letter(1))
    good = await reply_address(house)
    local, mac = good.partition("@")[0].rsplit(".", 1)
    other = "a" if mac[-1] != "a" else "b"
    forged = [
        f"{local}.{mac[:-1]}{other}", f"{local}.{mac[:-1]}", f"{local}.", f"{local}.{'a' * 16}", f"support+t2.{mac}",
        f"support+t01.{mac}", f"support+t1.{mac}.{mac}", "support+t1", f"support+t-1.{mac}",
        f"support+t{'9' * 400}.{mac}",
    ]  # fmt: skip
    for number, tag in enumerate(forged, 10):
        await mails(house, letter(number, sender=EVE).replace("support@", f"{tag}@"))
    assert {ticket for ticket, who in placed(house) if who == EVE}.isdisjoint({1})
    key = Vault(b"another installation, another key").derive("inbox x")
    foreign = replies.reply_address("support@mikawaya.example", 1, key)
    await mails(house, letter(90, sender=EVE, head=f"Delivered-To: {foreign}\nX-Original-To: {foreign}"))
    assert placed(house)[-1][0] != 1


async def test_E7_who_only_holds_the_reply_address_cannot_have_our_answers_sent_elsewhere(house: House) -> None:
    """They may write (the address proves that our mail reached them), but an agent lets them in, and they add nobody."""
    await mails(house, letter(1))
    address = await reply_address(house)
    forward = letter(2, "thanks", sender=EVE, head="Cc: eve2@evil.example").replace("support@mikawaya.example", address)
    await mails(house, forward)
    assert "evil" not in copied_to(house)
    first, second = (await house.ticket(1))["messages"]
    assert (first["state"], second["state"]) == ("received", "held")
    await mails(house, letter(3, head="References: <m1@customer.example>\nCc: wife@customer.example"))
    assert "wife@customer.example" in copied_to(house)
    assert (await house.api("POST", f"/messages/{first['id']}/approve")).status_code == 409
    approved = await house.api("POST", f"/messages/{second['id']}/approve")
    assert (approved.status_code, approved.json()["state"]) == (200, "received")
    assert EVE in copied_to(house) and "eve2@evil.example" not in copied_to(house)
    assert (await house.api("POST", f"/messages/{second['id']}/refuse")).status_code == 409


async def test_E7_a_forged_sender_is_marked_and_adds_nobody(house: House) -> None:
    """Who knows a Message-ID can write as the customer: our own server's verdict is kept, a foreign one is not read."""
    verdict = "Authentication-Results: mx.mikawaya.example; dmarc=fail header.from=customer.example"
    liar = "Authentication-Results: mx.evil.example; dmarc=pass header.from=customer.example"
    forged = letter(2, "send it to Eve", head=f"{verdict}\n{liar}\nReferences: <m1@customer.example>\nCc: {EVE}")
    await mails(house, letter(1), forged, letter(3, head=f"{liar}\nReferences: <m1@customer.example>"))
    shown = (await house.ticket(1))["messages"]
    assert [message["meta"]["auth"] for message in shown] == ["none", "fail", "none"]
    assert "evil" not in copied_to(house)


# -- loops --------------------------------------------------------------------------------------------------------------


async def test_E9_our_own_mail_that_comes_back_opens_nothing(house: House) -> None:
    installation = house.running.product.parts.vault.installation
    await mails(house, letter(1), letter(2, head=f"X-Mikawaya-Loop: {installation}"))
    await mails(house, letter(3, sender="support@mikawaya.example", head=f"X-Mikawaya-Loop: {installation}"))
    assert placed(house) == [(1, SATO)]
    assert house.rows("SELECT count(*) FROM raw_hook") == [(3,)]
    await mails(house, letter(4, head="X-Mikawaya-Loop: another"))
    assert len(placed(house)) == 2


# -- headers of what we send --------------------------------------------------------------------------------------------

INJECTION = "x\r\nBcc: eve@evil.example\r\n\r\nbody\nX: y\x00\x0b\x0c\x85\u2028Bcc: z"


async def test_J11_no_value_begins_another_header_of_our_mails(house: House) -> None:
    """Subjects, names and files that hold line ends, as a mail on the wire."""
    config = MailConfig(address="support@mikawaya.example", signature=INJECTION)
    site = Site(public_url="https://d.example", hook_url="https://d.example/hooks/t", key=b"k" * 32, installation="abc")

    async def read() -> bytes:
        return b"x"

    file = File(
        name=INJECTION, media_type=f"text/html{INJECTION}", size=1, url="https://d/f", read=read, content_id=INJECTION
    )
    evil = Address(kind="email", value=f"a@b.example{INJECTION}", name=INJECTION)
    outbound = Outbound(
        key="k", to=evil, cc=(evil,), conversation="c", now=START, thread=1, message=2, ticket=3, text="hello",
        html="<p>x</p>", subject=INJECTION, sender_name=INJECTION, answers=(INJECTION, "good@id"), files=(file,),
        language="ja", params={"from": f"support@mikawaya.example{INJECTION}"},
    )  # fmt: skip
    raw = outgoing.compose(outbound, [outgoing.Attached(file, b"x")], config, site)
    head, _, body = raw.partition(b"\r\n\r\n")
    names = re.findall(rb"^([!-9;-~]+):", head, re.M)
    assert sorted(names) == sorted(set(names)), "a header twice"
    assert {name.lower() for name in names} <= {
        b"from", b"to", b"cc", b"reply-to", b"subject", b"date", b"message-id", b"in-reply-to", b"references",
        b"x-mikawaya-loop", b"mime-version", b"content-type", b"content-transfer-encoding",
    }  # fmt: skip
    for part in body.split(b"\r\n--=_"):
        fields = re.findall(rb"^([A-Za-z-]+):", part.partition(b"\r\n\r\n")[0], re.M)
        assert not {b"Bcc", b"X"} & set(fields)
    assert b"\r" not in raw.replace(b"\r\n", b"")
    assert b"\n" not in raw.replace(b"\r\n", b"")


async def test_J11_agents_cannot_write_to_more_than_one_address(house: House) -> None:
    for to in (
        "a@b.example,c@d.example",
        "a@b.example\r\nBcc: c@d",
        "<a@b.example>",
        "a@b.example c",
        "a b@c",
        "@",
        "a@",
    ):
        asked = {"inbox_id": house.inbox("email"), "to": to, "subject": "s", "text": "t"}
        assert (await house.api("POST", "/tickets", json=asked)).status_code == 422, to


# -- HTML ---------------------------------------------------------------------------------------------------------------

LIVE = [
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "<svg onload=alert(1)>", "<svg><script>alert(1)</script>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)></style>", "<iframe srcdoc='<script>alert(1)</script>'>",
    "<a href=javascript:alert(1)>x</a>", "<a href='java\tscript:alert(1)'>x</a>", "<a href=&#106;avascript:alert(1)>x</a>",
    "<a href='data:text/html,<script>alert(1)</script>'>x</a>", "<form action=//evil><input name=p></form>",
    "<base href=//evil>", "<meta http-equiv=refresh content='0;url=//evil'>", "<link rel=stylesheet href=//evil/x.css>",
    "<style>@import '//evil/x.css';</style>", "<p style='position:fixed;inset:0;z-index:9'>x</p>",
    "<p style='background:url(//evil/x)'>x</p>", "<p style='background-image:url(//evil/x)'>x</p>",
    "<p style='color:red;behavior:url(x.htc)'>x</p>", "<table background=//evil/x><tr><td background=//evil/y>x</table>",
    "<video src=//evil poster=//evil/p></video>", "<audio src=//evil autoplay></audio>", "<object data=//evil></object>",
    "<embed src=//evil>", "<input type=image src=//evil>", "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<textarea></textarea><img src=x onerror=alert(1)></textarea>", "<title></title><img src=x onerror=alert(1)>",
    "<template><script>alert(1)</script></template>", "<x><y onclick=alert(1)>z", "<p onclick=alert(1)>x",
    "<!--><img src=x onerror=alert(1)>-->",
    "<img src=\"x\" srcset=\"//evil/x 1x\">", "<a href=x ping=//evil>x</a>", "<p id=app class=x>x",
    "<a name=x id=getElementById>x",
    "<img src='cid:x\" onerror=alert(1)'>", "<p title='\"><script>alert(1)</script>'>x", "<<script>alert(1)</script>",
    "<img/src/onerror=alert(1)//>", "<a href=\"x\"title='a>b<c'onclick=alert(1)>x", "<b <script>alert(1)</script>0",
]  # fmt: skip
DEAD = re.compile(
    r"<(?!/?(?:a|abbr|b|blockquote|br|center|code|div|em|h[1-6]|hr|i|img|li|ol|p|pre|s|small|span|strong|sub|sup|table|tbody|td|th|thead|tr|u|ul)\b)"
    r"|<[^>]*\son\w+\s*=|javascript:|data:|position|url\(|srcset|@import|\sid=|\sclass=|background=|ping=|\sname=|\saction=",
    re.IGNORECASE,
)


@pytest.mark.parametrize("html", LIVE)
def test_E19_nothing_live_survives_the_cleaning(html: str) -> None:
    for wrapped in (html, f"<table><tr><td>{html}</td></tr></table>", f"<b><i>{html}", f"</p></td>{html}<p>after"):
        cleaned = clean_html(wrapped)
        assert DEAD.search(re.sub(r'(title|src)="[^"]*"', r"\1=", cleaned)) is None, cleaned
        assert not re.search(r'(src|href)="\s*(javascript|data|vbscript)', cleaned, re.IGNORECASE), cleaned
        assert clean_html(cleaned) == cleaned, "what is clean stays as it is"


BOMBS = {
    "unclosed": "".join(f"<p><b title={n}></p>" for n in range(6000)),
    "closed by nothing": "".join(f"<p><b title={n}></x></p>" for n in range(6000)),
    "closed in an attribute": "".join(f'<p><b title="</b>{n}"></p>' for n in range(6000)),
    "closed in a comment": "".join(f"<p><b title={n}><!--</b>--></p>" for n in range(6000)),
    "closed in a cell": "".join(f"<p><b title={n}><table><td></b></table></p>" for n in range(6000)),
    "closed in raw text": "".join(f"<p><b title={n}><textarea></b></textarea></p>" for n in range(6000)),
    "closed in svg": "".join(f"<p><b title={n}><svg><desc></b></desc></svg></p>" for n in range(6000)),
    "between cells": "<table>" + "".join(f"<b title={n}><tr>" for n in range(6000)),
    "in lists": "<ul>" + "".join(f"<li><b title={n}>" for n in range(6000)),
    "in links": "".join(f"<a href={n}><b title={n}><div>" for n in range(6000)),
    "deep": "<div></x>" * 100_000,
    "deep and self-closed": "<div/>" * 150_000,
    "deep behind attributes": '<div title="<">' * 60_000,
    "comments": "<!--" * 200_000,
    "attributes": "<b " + "a " * 400_000 + ">",
    "quotes": "<b x=" + "'\"" * 400_000,
}


@pytest.mark.parametrize("name", BOMBS)
def test_J11_html_does_not_grow(name: str) -> None:
    """40 kB of crossed tags once became 24 MB and took 400 MB of memory; six times that would have ended the process."""
    assert len(clean_html(BOMBS[name])) <= 4 * len(BOMBS[name])


def test_E19_ordinary_mail_looks_as_before() -> None:
    kept = (
        '<div style="color:red">拝啓 &amp; <b>太字</b><br>次の行</div><ul><li>一</li><li>二</li></ul>'
        '<table width="600"><tbody><tr><td align="center">A</td><td>B</td></tr></tbody></table>'
        "<blockquote><p>引用</p></blockquote>"
    )
    assert clean_html(kept) == kept
    assert clean_html("<p>A<p>B<ul><li>1<li>2</ul>") == "<p>A</p><p>B</p><ul><li>1</li><li>2</li></ul>"
    assert clean_html("<td>loose</td> 3 < 4 && 5 > 4") == "loose 3 &lt; 4 &amp;&amp; 5 &gt; 4"
    assert clean_html('<a href="https://x.example/?a=1&amp;b=2">x</a>').startswith(
        '<a href="https://x.example/?a=1&amp;b=2"'
    )
    outlook = (
        "<!--[if mso]><table><tr><td><![endif]--><p>本文</p><!--[if mso]></td></tr></table><![endif]--><o:p></o:p>"
    )
    assert clean_html(outlook) == "<p>本文</p>"


async def test_J11_a_letter_with_a_bomb_is_a_ticket_all_the_same(house: House) -> None:
    await mails(house, html_letter(1, BOMBS["deep"]), html_letter(2, BOMBS["unclosed"]))
    assert [row[0] for row in house.rows("SELECT length(html) < 1000000 FROM message")] == [1, 1]


@pytest.mark.filterwarnings("ignore")  # Pillow warns of what it reads
async def test_J11_a_picture_with_broken_exif_does_not_stop_the_mail(house: House) -> None:
    """Pillow answers some broken EXIF with a TypeError: the mail would come again and again, and block its mailbox."""
    exif, out = Image.Exif(), io.BytesIO()
    exif[0x112], exif[0x11A] = 6, (72, 1)
    Image.new("RGB", (20, 12)).save(out, "JPEG", exif=exif)
    good = out.getvalue()
    at = good.index(b"Exif\0\0")
    broken = 0
    for number in range(at + 6, at + 60):
        for value in (0, 1, 2, 7, 255):
            bad = good[:number] + bytes([value]) + good[number + 1 :]
            await house.running.product.parts.files.preview(bad, "image/jpeg")
            broken += 1
    raw = (
        "Message-ID: <e1@customer.example>\nFrom: sato@customer.example\nTo: support@mikawaya.example\nSubject: 写真\n"
        "MIME-Version: 1.0\nContent-Type: image/jpeg; name=a.jpg\nContent-Transfer-Encoding: base64\n\n"
        f"{base64.b64encode(good[: at + 8] + bytes(60) + good[at + 68 :]).decode()}\n"
    )
    await mails(house, raw)
    assert broken == 270
    assert placed(house) == [(1, SATO)]
