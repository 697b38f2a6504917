"""Answers go out, once, on the cheapest road (L16-L22), over real HTTP to the demonstration's LINE."""

import asyncio
import socket
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from channels.contract import Address, File, Handle, Outbound, Sent, TryAgain, Unconfirmed, Undeliverable
from channels.line import Line
from tests.channels.line.conftest import Desk, open_line
from tests.channels.line.sample import NOW

KEY = "0b0f1d0e-6a39-4f0a-9a55-3d6c2a7d4e11"
PUSH, REPLY = "/line/v2/bot/message/push", "/line/v2/bot/message/reply"
GROUP = "Ca56f94637c0123456789abcdef012345"


def order(desk: Desk, text: str = "本日お届けします。", **more: Any) -> Outbound:
    to = Address(kind="line", value=desk.user, scope=desk.cloud.channel_id)
    return Outbound(**{"key": KEY, "to": to, "conversation": desk.user, "now": NOW, "text": text, **more})


def again(outbound: Outbound, memory: Mapping[str, Any] | None = None) -> Outbound:
    """The same thing at its next attempt; without a memory, the first died half way."""
    return replace(outbound, attempt=outbound.attempt + 1, memory=memory or {})


def shown(desk: Desk) -> list[str]:
    """What stands on the customer's screen from our side."""
    return [bubble.text for bubble in desk.cloud.history(desk.user) if bubble.side == "desk"]


def asked(desk: Desk, path: str) -> list[Any]:
    return [call for call in desk.cloud.calls if call.path == path]


async def test_L16_the_reply_token_goes_first_and_costs_nothing(desk: Desk) -> None:
    handle = (await desk.heard()).handle
    sent = await desk.line.send(order(desk, handle=handle))
    assert (sent.via, sent.cost, shown(desk)) == ("reply", 0, ["本日お届けします。"])
    assert sent.external_ids == (desk.cloud.history(desk.user)[-1].id,)
    assert sent.facts["quote_tokens"][0] and sent.facts["request_ids"][0]
    assert not asked(desk, PUSH) and "x-line-retry-key" not in asked(desk, REPLY)[0].headers


async def test_L19_a_push_carries_a_retry_key_from_its_first_attempt(desk: Desk) -> None:
    first = await desk.line.send(order(desk))
    second = await desk.line.send(again(order(desk)))
    assert (first.via, first.cost) == ("push", 1)
    assert second.external_ids == first.external_ids
    assert [call.status for call in asked(desk, PUSH)] == [200, 409]
    assert len({call.headers["x-line-retry-key"] for call in asked(desk, PUSH)}) == 1
    assert shown(desk) == ["本日お届けします。"]


async def test_L20_a_dead_token_at_the_first_try_becomes_a_push(desk: Desk) -> None:
    sent = await desk.line.send(order(desk, handle=Handle(token="dead", received_at=NOW)))
    assert (sent.via, shown(desk)) == ("push", ["本日お届けします。"])


async def test_L20_a_reply_without_an_answer_is_tried_again_and_never_pushed(desk: Desk) -> None:
    patient = order(desk, handle=(await desk.heard()).handle)
    hasty = open_line(desk.cloud, desk.url, timeout_s=2)
    desk.cloud.drop_answer(path="/reply")
    with pytest.raises(TryAgain) as caught:
        await hasty.send(patient)
    await hasty.close()
    assert caught.value.memory["reply_tried"] is True and caught.value.after is not None
    with pytest.raises(Unconfirmed):
        await desk.line.send(again(patient, caught.value.memory))
    assert shown(desk) == ["本日お届けします。"] and not asked(desk, PUSH)


async def test_L20_a_crash_half_way_is_unconfirmed_too(desk: Desk) -> None:
    outbound = order(desk, handle=(await desk.heard()).handle)
    await desk.line.send(outbound)  # and then the process died before it wrote that down
    with pytest.raises(Unconfirmed):
        await desk.line.send(again(outbound))
    assert len(shown(desk)) == 1 and not asked(desk, PUSH)


async def test_L20_a_reply_that_failed_before_it_took_effect_arrives_at_the_second_try(desk: Desk) -> None:
    outbound = order(desk, handle=(await desk.heard()).handle)
    desk.cloud.next_status(500, path="/reply")
    with pytest.raises(TryAgain) as caught:
        await desk.line.send(outbound)
    sent = await desk.line.send(again(outbound, caught.value.memory))
    assert (sent.via, shown(desk)) == ("reply", ["本日お届けします。"])


async def test_L20_a_reply_that_was_surely_not_sent_may_still_be_pushed(desk: Desk) -> None:
    """429 is an answer: nothing went out, so the dead token of the second attempt is no reason for doubt."""
    outbound = order(desk, handle=Handle(token="dead", received_at=NOW))
    desk.cloud.next_status(429, path="/reply")
    with pytest.raises(TryAgain) as caught:
        await desk.line.send(outbound)
    assert caught.value.code == "rate_limited"
    assert (await desk.line.send(again(outbound, caught.value.memory))).via == "push"
    with pytest.raises(Unconfirmed):  # a third attempt after a crash of the second is in doubt again
        await desk.line.send(replace(outbound, attempt=3, memory=caught.value.memory))


async def test_L20_a_push_in_place_of_a_reply_does_not_go_back_to_the_reply(desk: Desk) -> None:
    outbound = order(desk, handle=Handle(token="dead", received_at=NOW))
    desk.cloud.next_status(500, path="/push", processed=True)
    with pytest.raises(TryAgain) as caught:
        await desk.line.send(outbound)
    sent = await desk.line.send(again(outbound, caught.value.memory))
    assert (sent.via, len(shown(desk)), len(asked(desk, REPLY))) == ("push", 1, 1)


async def test_nobody_listens_at_the_address(desk: Desk) -> None:
    """A connection that was refused has surely sent nothing: the reply stays certain."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        line = open_line(desk.cloud, f"http://127.0.0.1:{unused.getsockname()[1]}")
        outbound = order(desk, handle=Handle(token="dead", received_at=NOW))
        with pytest.raises(TryAgain) as caught:
            await line.send(outbound)
        await line.close()
    assert (caught.value.code, "reply_tried" in caught.value.memory) == ("no_answer", False)
    assert (await desk.line.send(again(outbound, caught.value.memory))).via == "push"


async def test_L19_a_push_without_an_answer_arrives_once(desk: Desk) -> None:
    hasty = open_line(desk.cloud, desk.url, timeout_s=2)
    desk.cloud.drop_answer(path="/push")
    with pytest.raises(TryAgain) as caught:
        await hasty.send(order(desk))
    await hasty.close()
    sent = await desk.line.send(again(order(desk), caught.value.memory))
    assert len(shown(desk)) == 1 and sent.external_ids[0]


async def test_L19_a_retry_key_is_not_trusted_for_ever(desk: Desk) -> None:
    desk.cloud.next_status(503)
    with pytest.raises(TryAgain) as caught:
        await desk.line.send(order(desk))
    late = replace(again(order(desk), caught.value.memory), now=NOW + timedelta(hours=24))
    with pytest.raises(Unconfirmed):
        await desk.line.send(late)


async def test_L24_more_than_five_objects_are_several_requests_in_order(desk: Desk) -> None:
    text = "".join(f"{n:04d}{'あ' * 4995}\n" for n in range(12))
    sent = await desk.line.send(order(desk, text, handle=(await desk.heard()).handle))
    assert "".join(shown(desk)) == text
    assert [len(call.body["messages"]) for call in desk.cloud.calls] == [5, 5, 2]
    assert (sent.via, sent.cost, len(sent.external_ids)) == ("push", 2, 12)


async def test_progress_is_remembered_between_attempts(desk: Desk) -> None:
    text = "".join(f"{n:04d}{'い' * 4995}\n" for n in range(12))
    outbound = order(desk, text, handle=(await desk.heard()).handle)
    desk.cloud.next_status(500, path="/push")
    with pytest.raises(TryAgain) as caught:
        await desk.line.send(outbound)
    sent = await desk.line.send(again(outbound, caught.value.memory))
    assert "".join(shown(desk)) == text
    assert len(asked(desk, REPLY)) == 1 and len(set(sent.external_ids)) == 12


async def test_L21_an_exhausted_quota_is_told_from_a_rate(desk: Desk) -> None:
    desk.cloud.quota_limit = 1
    await desk.line.send(order(desk))
    with pytest.raises(Undeliverable) as refused:
        await desk.line.send(order(desk, key="0b0f1d0e-6a39-4f0a-9a55-3d6c2a7d4e12"))
    assert (refused.value.code, refused.value.detail) == ("quota_exhausted", "1 of 1 are used")
    desk.cloud.quota_limit = 200
    desk.cloud.next_status(429)
    with pytest.raises(TryAgain) as rate:
        await desk.line.send(order(desk))
    assert rate.value.code == "rate_limited"


@pytest.mark.parametrize(
    ("status", "code"), [(401, "credentials"), (403, "credentials"), (400, "refused"), (404, "refused")]
)
@pytest.mark.parametrize("path", ["/reply", "/push"])
async def test_what_another_attempt_cannot_mend(desk: Desk, status: int, code: str, path: str) -> None:
    handle = (await desk.heard()).handle if path == "/reply" else None
    desk.cloud.next_status(status, path=path)
    with pytest.raises(Undeliverable) as caught:
        await desk.line.send(order(desk, handle=handle))
    assert caught.value.code == code and str(status) in caught.value.detail
    assert not shown(desk)


async def test_an_unknown_customer_and_an_empty_message_are_refused(desk: Desk) -> None:
    stranger = Address(kind="line", value="Uffffffffffffffffffffffffffffffff")
    with pytest.raises(Undeliverable) as caught:
        await desk.line.send(order(desk, to=stranger, conversation=stranger.value))
    assert "'to'" in caught.value.detail
    with pytest.raises(Undeliverable):
        await desk.line.send(order(desk, " \n"))


async def test_L22_a_push_to_a_group_says_that_its_cost_is_a_minimum(desk: Desk) -> None:
    desk.cloud.memory.groups[GROUP] = 5
    sent = await desk.line.send(order(desk, conversation=GROUP))
    assert asked(desk, PUSH)[0].body["to"] == GROUP
    assert (sent.cost, sent.facts["cost_is_minimum"]) == (1, True)


async def test_L26_pictures_go_as_pictures_and_the_rest_as_links(desk: Desk) -> None:
    files = (file("写真.jpg", "image/jpeg", preview_url=f"{desk.url}/p.jpg"), file("見積書.pdf", "application/pdf"))
    await desk.line.send(order(desk, files=files, sender_name="佐藤"))
    text, link, picture = desk.cloud.history(desk.user)
    assert (text.text, picture.kind, picture.url) == ("本日お届けします。", "image", "https://desk.example/写真.jpg")
    assert link.text == "📎 添付ファイル\n\n見積書.pdf\nhttps://desk.example/見積書.pdf"
    assert {bubble.sender for bubble in (text, link, picture)} == {"佐藤"}


async def test_L33_stateless_tokens_are_issued_kept_and_renewed(desk: Desk) -> None:
    line = open_line(desk.cloud, desk.url, access_token="")
    try:
        await asyncio.gather(*(line.send(order(desk, key=KEY[:-1] + str(n))) for n in range(3)))
        assert len(asked(desk, "/line/oauth2/v3/token")) == 1
        desk.cloud.tokens.clear()  # LINE has forgotten it: 401, a new one, and the message goes out
        assert isinstance(await line.send(order(desk, key=KEY[:-1] + "9")), Sent)
        assert len(asked(desk, "/line/oauth2/v3/token")) == 2
    finally:
        await line.close()


async def test_L33_a_wrong_secret_is_a_matter_of_credentials(desk: Desk) -> None:
    line = open_line(desk.cloud, desk.url, access_token="", channel_id="42")
    with pytest.raises(Undeliverable) as caught:
        await line.send(order(desk))
    await line.close()
    assert caught.value.code == "credentials"


async def test_L5_tokens_are_issued_by_the_next_secret_once_the_old_one_is_dead(desk: Desk) -> None:
    line = open_line(desk.cloud, desk.url, access_token="", next_channel_secret="the next one")
    desk.cloud.channel_secret = "the next one"
    assert (await line.send(order(desk))).via == "push"
    assert (await desk.cloud.send_text(desk.user, "x"), desk.statuses) == (401, [])
    desk.line, old = line, desk.line
    await old.close()
    assert await desk.cloud.send_text(desk.user, "x") == 200


async def test_close_twice_and_without_use(desk: Desk) -> None:
    unused: Line = open_line(desk.cloud, desk.url)
    await unused.close()
    await desk.line.send(order(desk))
    await desk.line.close()
    await desk.line.close()


def file(name: str, media_type: str, *, preview_url: str = "") -> File:
    async def read() -> bytes:
        return b""

    url = f"https://desk.example/{name}"
    return File(name=name, media_type=media_type, size=1000, url=url, read=read, preview_url=preview_url)
