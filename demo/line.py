"""LINE, played by a small server of our own: its REST endpoints, and the customers who write.

    cloud = LineCloud(secret, token, "http://127.0.0.1:8000/hooks/abc")
    app = Starlette(routes=[Mount("/line", routes=cloud.routes())])     # what the product calls instead of LINE
    await cloud.send_text(cloud.users[0].id, "注文した醤油がまだ届きません。")  # a signed webhook to the product

It is written from LINE's reference, not from our channel: it refuses what LINE refuses. `next_status`, `drop_answer`
and `delay` make it fail as LINE may.
"""

import asyncio
import base64
import hashlib
import hmac
import json
import secrets
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

import httpx2
from starlette.routing import Route

from demo.line_chat import Bubble, Content, Json, Memory, Person, cast
from demo.line_page import PageSide
from demo.line_wire import Call, Fault, WireSide

BOT = "U" + hashlib.sha256(b"mikawaya").hexdigest()[:32]
HOOK_TIMEOUT_S = 2.0  # LINE waits no longer for a webhook's answer


class LineCloud:
    """One official account of LINE, with its users."""

    def __init__(
        self,
        channel_secret: str,
        access_token: str,
        hook_url: str,
        *,
        bot_user_id: str = BOT,
        channel_id: str = "1650000000",
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.channel_secret, self.channel_id = channel_secret, channel_id
        self.hook_url, self.bot_user_id = hook_url, bot_user_id
        self.tokens = {access_token}
        self.memory = Memory(clock, people={person.id: person for person in cast()})
        self.calls: deque[Call] = deque(maxlen=5000)  # the requests that came, for tests
        self.last_event: Json = {}  # the last event that was sent
        self.http_allowed = True  # LINE itself wants https for pictures
        self.hook_active = True
        self.quota_limit: int | None = 200  # messages a month, None without limit
        self.redeliveries = 1  # how often a webhook that got no 2xx is sent again
        self.redelivery_pause_s = 0.5
        self._faults: list[Fault] = []
        self._last_events: list[Json] = []

    @property
    def users(self) -> list[Person]:
        return list(self.memory.people.values())

    def routes(self) -> list[Route]:
        """LINE's own endpoints; both api_base and data_base of the product's inbox point at where they are mounted."""
        return WireSide(self).routes()

    def controls(self) -> list[Route]:
        """The JSON API of the page on which a visitor plays the customer."""
        return PageSide(self).routes()

    def history(self, user: str) -> list[Bubble]:
        """One customer's chat, both sides, oldest first."""
        return [bubble for bubble in self.memory.bubbles if bubble.user == user]

    # The customer

    async def send_text(self, user: str, text: str, *, quoting: str = "") -> int:
        """A text message. Returns the HTTP status of the webhook, 0 when nobody answered, as all of these do."""
        quoted = {"quotedMessageId": quoting} if quoting else {}
        shown = {"text": text, "quotes": self.memory.words_of(quoting) if quoting else ""}
        return await self._say(user, "text", {"text": text, **quoted}, **shown)

    async def send_image(self, user: str, body: bytes, media_type: str = "image/jpeg") -> int:
        return await self._upload(user, "image", {}, Content(body, media_type))

    async def send_video(self, user: str, body: bytes, duration_ms: int = 1000) -> int:
        return await self._upload(user, "video", {"duration": duration_ms}, Content(body, "video/mp4"))

    async def send_audio(self, user: str, body: bytes, duration_ms: int = 1000) -> int:
        return await self._upload(user, "audio", {"duration": duration_ms}, Content(body, "audio/x-m4a"))

    async def send_file(self, user: str, name: str, body: bytes, media_type: str = "application/octet-stream") -> int:
        return await self._upload(
            user, "file", {"fileName": name, "fileSize": len(body)}, Content(body, media_type, name)
        )

    async def send_sticker(self, user: str, package: str = "446", sticker: str = "1989", *, text: str = "") -> int:
        shape: Json = {"packageId": package, "stickerId": sticker, "stickerResourceType": "STATIC"}
        shape |= {"keywords": ["ありがとう", "thanks"]} | ({"text": text} if text else {})
        return await self._say(user, "sticker", shape, text=text or "ありがとう")

    async def send_location(
        self, user: str, title: str = "", address: str = "", *, latitude: float = 35.6812, longitude: float = 139.7671
    ) -> int:
        shape: Json = {"title": title} if title else {}
        shape |= {"address": address, "latitude": latitude, "longitude": longitude}
        return await self._say(user, "location", shape, text=" ".join(part for part in (title, address) if part))

    async def choose(self, user: str, message_id: str, index: int) -> int:
        """The customer taps a quick reply: what it displays stands in the chat, a postback goes to the desk."""
        bubble = self.memory.bubble(message_id)
        if bubble is None or bubble.user != user or not 0 <= index < len(bubble.choices):
            return 404
        action = bubble.choices[index]["action"]
        self.memory.add(user, "customer", "text", text=action.get("displayText", ""))
        return await self.post([self.postback(user, action["data"])])

    def postback(self, user: str, data: str) -> Json:
        return self.event("postback", user, {"postback": {"data": data}, "replyToken": secrets.token_hex(16)})

    async def unsend(self, user: str, message_id: str) -> int:
        """The customer takes a message back; its content is gone at once."""
        if bubble := self.memory.bubble(message_id):
            bubble.unsent, bubble.text, bubble.seq = True, "", self.memory.next_seq()
        if content := self.memory.contents.get(message_id):
            content.status, content.body = 410, b""
        return await self.post([self.event("unsend", user, {"unsend": {"messageId": message_id}})])

    async def follow(self, user: str) -> int:
        self.memory.people[user].following = True
        token = {"replyToken": secrets.token_hex(16)}
        return await self.post([self.event("follow", user, {"follow": {"isUnblocked": True}, **token})])

    async def unfollow(self, user: str) -> int:
        """The customer blocks the account."""
        self.memory.people[user].following = False
        return await self.post([self.event("unfollow", user, {})])

    async def raw(self, events: Sequence[Any]) -> int:
        """Any events, as they are, in one signed webhook."""
        return await self.post(list(events))

    async def redeliver(self) -> int:
        """The last webhook once more, as LINE sends it again: same events, same ids, `isRedelivery` true."""
        return await self._once(_redelivered(self._last_events))

    def event(self, kind: str, user: str, more: Json, *, group: str = "") -> Json:
        """An event of one user, as LINE writes it, in a group if one is named."""
        source = {"type": "group", "groupId": group, "userId": user} if group else {"type": "user", "userId": user}
        return {
            "type": kind,
            **more,
            "webhookEventId": "01" + secrets.token_hex(12).upper(),
            "deliveryContext": {"isRedelivery": False},
            "timestamp": int(self.memory.clock() * 1000),
            "source": source,
            "mode": "active",
        }

    # What goes wrong

    def next_status(self, status: int, *, times: int = 1, path: str = "", processed: bool = False) -> None:
        """The next requests are answered with this status; when `processed`, they take effect all the same."""
        self._faults += [Fault(path, status=status, processed=processed) for _ in range(times)]

    def drop_answer(self, *, path: str = "") -> None:
        """The next request takes effect and is never answered."""
        self._faults.append(Fault(path, dropped=True))

    def delay(self, seconds: float, *, path: str = "") -> None:
        self._faults.append(Fault(path, delay_s=seconds))

    def next_fault(self, path: str) -> Fault:
        for fault in self._faults:
            if fault.path in path:
                self._faults.remove(fault)
                return fault
        return Fault()

    # The webhook

    async def post(self, events: list[Any]) -> int:
        """Sends a webhook, again if it is not taken. Returns the last status."""
        self._last_events = events
        status = await self._once(events)
        for _ in range(self.redeliveries):
            if 200 <= status < 300:
                break
            await asyncio.sleep(self.redelivery_pause_s)
            status = await self._once(_redelivered(events))
        return status

    async def _once(self, events: list[Any]) -> int:
        for event in (event for event in events if isinstance(event, dict)):
            self._start_reply(event)
        body = json.dumps({"destination": self.bot_user_id, "events": events}, ensure_ascii=False).encode()
        proof = base64.b64encode(hmac.new(self.channel_secret.encode(), body, hashlib.sha256).digest()).decode()
        headers = {"content-type": "application/json; charset=utf-8", "x-line-signature": proof}
        try:
            async with httpx2.AsyncClient(timeout=HOOK_TIMEOUT_S, trust_env=False) as client:
                answer = await client.post(self.hook_url, content=body, headers=headers)
        except httpx2.HTTPError:
            return 0
        return answer.status_code

    def _start_reply(self, event: Json) -> None:
        source, token = event.get("source"), event.get("replyToken")
        if not isinstance(source, dict) or not isinstance(token, str):
            return
        chat = source.get("groupId") or source.get("roomId") or source.get("userId")
        if group := source.get("groupId") or source.get("roomId"):
            self.memory.groups.setdefault(group, 5)
        at = event.get("timestamp")
        self.memory.give_reply(token, str(chat), at / 1000 if isinstance(at, int) else self.memory.clock())

    async def _upload(self, user: str, kind: str, shape: Json, content: Content) -> int:
        number = self.memory.new_id()
        self.memory.contents[number] = content
        provider = {} if kind == "file" else {"contentProvider": {"type": "line"}}
        return await self._say(user, kind, {"id": number, **provider, **shape}, name=content.name)

    async def _say(self, user: str, kind: str, shape: Json, **shown: str) -> int:
        message = {"type": kind, "id": shape.get("id") or self.memory.new_id(), **shape}
        if kind not in ("audio", "file", "location"):
            message["quoteToken"] = self.memory.quote_token(user, message["id"])
        message["markAsReadToken"] = secrets.token_urlsafe(24)
        self.memory.reads[message["markAsReadToken"]] = message["id"]
        bubble = self.memory.add(user, "customer", kind, id=message["id"], shape=message, **shown)
        more = {"message": message, "replyToken": secrets.token_hex(16)}
        self.last_event = self.event("message", user, more) | {"timestamp": bubble.at_ms}
        return await self.post([self.last_event])


def _redelivered(events: list[Any]) -> list[Any]:
    again = {"deliveryContext": {"isRedelivery": True}}
    return [{**event, **again} if isinstance(event, dict) else event for event in events]
