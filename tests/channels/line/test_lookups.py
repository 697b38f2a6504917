"""What is asked of LINE: contents (L13), profiles (L34), the connection test (L12), the quota (L21)."""

import pytest

from channels.contract import Address, Inbound, Part, TryAgain, Undeliverable
from channels.line import Line
from tests.channels.line.conftest import Desk, open_line
from tests.channels.line.sample import channel

JPEG = b"\xff\xd8\xff" + bytes(2000)


def received(desk: Desk) -> Part:
    item = desk.items[-1]
    assert isinstance(item, Inbound)
    return item.parts[0]


async def test_L13_a_picture_is_downloaded_once_it_is_ready(desk: Desk) -> None:
    await desk.cloud.send_image(desk.user, JPEG)
    part = received(desk)
    desk.cloud.memory.contents[part.remote.split(":")[1]].preparing = 1
    with pytest.raises(TryAgain) as caught:
        await desk.line.fetch(part)
    fetched = await desk.line.fetch(part)
    assert caught.value.code == "content_preparing"
    assert (fetched.content, fetched.media_type) == (JPEG, "image/jpeg")
    assert fetched.name == part.remote.split(":")[1] + ".jpg"


async def test_L13_video_and_audio_wait_for_their_conversion(desk: Desk) -> None:
    await desk.cloud.send_video(desk.user, b"video")
    part = received(desk)
    content = desk.cloud.memory.contents[part.remote.split(":")[1]]
    content.preparing = 1
    with pytest.raises(TryAgain):
        await desk.line.fetch(part)
    assert (await desk.line.fetch(part)).content == b"video"
    content.failed = True
    with pytest.raises(Undeliverable) as caught:
        await desk.line.fetch(part)
    assert caught.value.code == "content_gone"
    await desk.cloud.send_audio(desk.user, b"audio")
    assert (await desk.line.fetch(received(desk))).name.endswith(".m4a")


async def test_L13_a_file_keeps_its_name(desk: Desk) -> None:
    await desk.cloud.send_file(desk.user, "領収書.pdf", b"%PDF-1.7", "application/pdf")
    fetched = await desk.line.fetch(received(desk))
    assert (fetched.name, fetched.media_type, fetched.content) == ("領収書.pdf", "application/pdf", b"%PDF-1.7")


async def test_L13_what_was_unsent_is_gone(desk: Desk) -> None:
    await desk.cloud.send_image(desk.user, JPEG)
    part = received(desk)
    await desk.cloud.unsend(desk.user, part.remote.split(":")[1])
    with pytest.raises(Undeliverable) as caught:
        await desk.line.fetch(part)
    assert (caught.value.code, caught.value.detail) == ("content_gone", "LINE answered 410")
    with pytest.raises(Undeliverable):
        await desk.line.fetch(Part(name="", remote="content:1"))
    with pytest.raises(Undeliverable):
        await desk.line.fetch(Part(name="", remote="content:../../v2/bot/info"))


@pytest.mark.parametrize(
    ("status", "expected", "code"),
    [(500, TryAgain, "provider_error"), (429, TryAgain, "provider_error"), (401, Undeliverable, "credentials")],
)
async def test_fetching_meets_trouble(desk: Desk, status: int, expected: type[Exception], code: str) -> None:
    await desk.cloud.send_image(desk.user, JPEG)
    desk.cloud.next_status(status, path="/content")
    with pytest.raises(expected) as caught:
        await desk.line.fetch(received(desk))
    assert caught.value.args == (code,)


async def test_L33_fetching_renews_a_stateless_token(desk: Desk) -> None:
    line = open_line(desk.cloud, desk.url, access_token="")
    await desk.cloud.send_image(desk.user, JPEG)
    await line.fetch(received(desk))
    desk.cloud.tokens.clear()
    assert (await line.fetch(received(desk))).content == JPEG
    await line.close()


@pytest.mark.parametrize(
    "url",
    [
        "{desk}/page/users",
        "http://localhost:1/",
        "file:///etc/passwd",
        "",
        "http://[::1]/",
        "http://8.8.8.8:99999999/",
        "http://a\x01/",
    ],
)
async def test_L13_an_external_address_may_not_be_private(desk: Desk, url: str) -> None:
    with pytest.raises(Undeliverable) as caught:
        await desk.line.fetch(Part(name="", remote="external:" + url.replace("{desk}", desk.url)))
    assert caught.value.code == "content_refused"


async def test_L34_a_profile_is_what_line_tells(desk: Desk) -> None:
    asked = Address(kind="line", value=desk.user, scope="1650000000", verified=True)
    found = await desk.line.profile(asked)
    assert found is not None and (found.name, found.language, found.key) == ("田中 美咲", "ja", asked.key)
    desk.cloud.memory.groups["Ca1"] = 3
    group = await desk.line.profile(Address(kind="line", value="Ca1"))
    assert group is not None and group.name == "町内会"


async def test_L34_a_customer_who_blocked_us_has_no_profile(desk: Desk) -> None:
    await desk.cloud.unfollow(desk.user)
    assert await desk.line.profile(Address(kind="line", value=desk.user)) is None
    desk.cloud.next_status(503)
    with pytest.raises(TryAgain):
        await desk.line.profile(Address(kind="line", value=desk.user))


async def codes(line: Line) -> dict[str, bool]:
    return {finding.code: finding.ok for finding in await line.check()}


async def test_L12_the_connection_test_finds_all_well(desk: Desk) -> None:
    found = await desk.line.check()
    assert [(each.code, each.ok) for each in found] == [
        ("line_token", True),
        ("line_account", True),
        ("line_webhook", True),
        ("line_quota", True),
    ]
    assert "@mikawaya" in found[1].detail and found[3].detail == "0 / 200"


async def test_L12_the_connection_test_names_what_is_wrong(desk: Desk) -> None:
    desk.cloud.hook_active = False
    assert await codes(desk.line) == {
        "line_token": True,
        "line_account": True,
        "line_webhook_off": False,
        "line_quota": True,
    }
    desk.cloud.hook_active, desk.cloud.bot_user_id = True, "U" + "0" * 32
    assert (await codes(desk.line))["line_other_account"] is False
    desk.cloud.hook_url = "https://elsewhere.example/hooks/x"
    assert (await codes(desk.line))["line_webhook_elsewhere"] is False
    desk.cloud.hook_url, desk.cloud.quota_limit = "", 0
    found = await codes(desk.line)
    assert (found["line_webhook_elsewhere"], found["line_quota"]) == (False, False)
    desk.cloud.tokens.clear()
    assert await codes(desk.line) == {"line_token": False}


async def test_the_connection_test_hears_that_the_door_refuses(desk: Desk) -> None:
    desk.statuses += [500, 500]
    assert (await codes(desk.line))["line_webhook_fails"] is False


async def test_the_connection_test_survives_that_nobody_answers() -> None:
    line = channel(api_base="http://127.0.0.1:1")
    assert await codes(line) == {"line_no_answer": False}
    await line.close()


async def test_L21_the_quota_is_limit_and_use(desk: Desk) -> None:
    desk.cloud.memory.used = 7
    assert await desk.line.quota() == {"limit": 200, "used": 7}
    desk.cloud.quota_limit = None
    assert await desk.line.quota() == {"limit": None, "used": 7}
    desk.cloud.next_status(500)
    with pytest.raises(TryAgain):
        await desk.line.quota()
