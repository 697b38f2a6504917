"""The provider's side of LINE's wire: the endpoints of api.line.me and api-data.line.me, on one server."""

import asyncio
import json
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from demo.line_chat import Json
from demo.line_rules import is_uuid, problems

if TYPE_CHECKING:
    from demo.line import LineCloud

Endpoint = Callable[[Request], Awaitable[Response]]


@dataclass
class Fault:
    """Something that goes wrong with the next request whose path contains `path`."""

    path: str = ""
    status: int = 0  # answered instead of the true answer
    processed: bool = False  # although the request took effect
    dropped: bool = False  # it took effect, and no answer ever comes
    delay_s: float = 0


@dataclass
class Call:
    """A request that LINE received, and what it answered (0: nothing)."""

    method: str
    path: str
    headers: Json
    body: Any
    status: int = 0


class NoAnswer(Response):
    """Waits until the client hangs up."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass


class WireSide:
    """The routes of one cloud. Every one but the token endpoints asks for a valid access token."""

    def __init__(self, cloud: "LineCloud") -> None:
        self.cloud, self.memory = cloud, cloud.memory

    def routes(self) -> list[Route]:
        post, get = ["POST"], ["GET"]
        return [
            Route("/v2/bot/message/reply", self._guarded(self._reply), methods=post),
            Route("/v2/bot/message/push", self._guarded(self._push), methods=post),
            Route("/v2/bot/message/quota", self._guarded(self._quota), methods=get),
            Route("/v2/bot/message/quota/consumption", self._guarded(self._consumption), methods=get),
            Route("/v2/bot/message/{id}/content", self._guarded(self._content), methods=get),
            Route("/v2/bot/message/{id}/content/transcoding", self._guarded(self._transcoding), methods=get),
            Route("/v2/bot/profile/{id}", self._guarded(self._profile), methods=get),
            Route("/v2/bot/group/{id}/summary", self._guarded(self._group), methods=get),
            Route("/v2/bot/info", self._guarded(self._info), methods=get),
            Route("/v2/bot/channel/webhook/endpoint", self._guarded(self._endpoint), methods=get),
            Route("/v2/bot/channel/webhook/test", self._guarded(self._test), methods=post),
            Route("/v2/bot/chat/markAsRead", self._guarded(self._mark_read), methods=post),
            Route("/v2/bot/chat/loading/start", self._guarded(self._loading), methods=post),
            Route("/v2/oauth/accessToken", self._guarded(self._token, open_to_all=True), methods=post),
            Route("/oauth2/v3/token", self._guarded(self._token, open_to_all=True), methods=post),
        ]

    def _guarded(self, endpoint: Endpoint, *, open_to_all: bool = False) -> Endpoint:
        async def guarded(request: Request) -> Response:
            body = await request.body()
            call = Call(request.method, request.url.path, dict(request.headers), _read(body))
            self.cloud.calls.append(call)
            fault = self.cloud.next_fault(request.url.path)
            await asyncio.sleep(fault.delay_s)
            if fault.status and not fault.processed:
                answer: Response = _refusal(fault.status, "an injected fault")
            elif not open_to_all and not self._authorised(request):
                answer = _refusal(401, "Authentication failed. Confirm that the access token is valid.")
            else:
                answer = await endpoint(request)
                if fault.status:
                    answer = _refusal(fault.status, "an injected fault")
            call.status = 0 if fault.dropped else answer.status_code
            answer.headers.setdefault("x-line-request-id", secrets.token_hex(16))
            return NoAnswer() if fault.dropped else answer

        return guarded

    def _authorised(self, request: Request) -> bool:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        return scheme == "Bearer" and token in self.cloud.tokens

    async def _reply(self, request: Request) -> Response:
        body = _read(await request.body())
        if "x-line-retry-key" in request.headers:
            return _refusal(400, "The retry key is not supported on this endpoint")
        if found := problems(body.get("messages"), http_allowed=self.cloud.http_allowed):
            return _refusal(400, f"The request body has {len(found)} error(s)", found)
        known = self.memory.replies.get(str(body.get("replyToken", "")))
        if known and self._misquotes(body["messages"], known.chat):
            return _refusal(400, "Invalid quote token")
        chat = self.memory.take_reply(str(body.get("replyToken", "")))
        if not chat:
            return _refusal(400, "Invalid reply token")
        return JSONResponse({"sentMessages": self._show(chat, body["messages"], "reply")})

    async def _push(self, request: Request) -> Response:
        body, key = _read(await request.body()), request.headers.get("x-line-retry-key", "")
        if key and not is_uuid(key):
            return _refusal(400, "Invalid retry key")
        if key in self.memory.retries:
            accepted, answer = self.memory.retries[key]
            told = {"message": "The retry key is already accepted", **answer}
            return JSONResponse(told, 409, {"x-line-accepted-request-id": accepted})
        if found := problems(body.get("messages"), http_allowed=self.cloud.http_allowed):
            return _refusal(400, f"The request body has {len(found)} error(s)", found)
        to = str(body.get("to", ""))
        if to not in self.memory.people and to not in self.memory.groups:
            return _refusal(400, "The property, 'to', in the request body is invalid")
        if self._misquotes(body["messages"], to):
            return _refusal(400, "Invalid quote token")
        limit = self.cloud.quota_limit
        if limit is not None and self.memory.used >= limit:
            return _refusal(429, "You have reached your monthly limit.")
        answer = {"sentMessages": self._show(to, body["messages"], "push")}
        request_id = secrets.token_hex(16)
        if key:
            self.memory.retries[key] = (request_id, answer)
        return JSONResponse(answer, headers={"x-line-request-id": request_id})

    def _misquotes(self, messages: list[Json], chat: str) -> bool:
        """A quote token serves in its own chat only, and on words and stickers only."""
        given = [each for each in messages if each.get("quoteToken")]
        wrong = [each for each in given if each["type"] not in ("text", "textV2", "sticker")]
        return bool(wrong) or any(self.memory.quotable.get(each["quoteToken"], ("", ""))[0] != chat for each in given)

    def _show(self, chat: str, messages: list[Json], via: str) -> list[Json]:
        """Puts messages on the customer's screen. Who has blocked the account sees nothing; LINE does not say so."""
        known = self.memory.people.get(chat)
        reached = self.memory.groups.get(chat, 1) if known is None or known.following else 0
        self.memory.used += reached if via == "push" else 0
        sent = []
        for message in messages:
            number = self.memory.new_id()
            if reached:
                _, about = self.memory.quotable.get(str(message.get("quoteToken", "")), ("", ""))
                seen = _seen(message) | {"quotes": self.memory.words_of(about)}
                self.memory.add(chat, "desk", message["type"], id=number, via=via, **seen)
            able = message["type"] not in ("audio", "location")
            quoted = {"quoteToken": self.memory.quote_token(chat, number)} if able else {}
            sent.append({"id": number, **quoted})
        return sent

    async def _quota(self, request: Request) -> Response:
        limit = self.cloud.quota_limit
        return JSONResponse({"type": "none"} if limit is None else {"type": "limited", "value": limit})

    async def _consumption(self, request: Request) -> Response:
        return JSONResponse({"totalUsage": self.memory.used})

    async def _content(self, request: Request) -> Response:
        found = self.memory.contents.get(request.path_params["id"])
        if found is None or found.status != 200:
            return _refusal(found.status if found else 404, "Not found")
        if found.preparing:
            found.preparing -= 1
            return Response(status_code=202)
        return Response(found.body, media_type=found.media_type)

    async def _transcoding(self, request: Request) -> Response:
        found = self.memory.contents.get(request.path_params["id"])
        if found is None or found.status != 200:
            return _refusal(found.status if found else 404, "Not found")
        if found.preparing:
            found.preparing -= 1
            return JSONResponse({"status": "processing"})
        return JSONResponse({"status": "failed" if found.failed else "succeeded"})

    async def _profile(self, request: Request) -> Response:
        found = self.memory.people.get(request.path_params["id"])
        if found is None or not found.following:
            return _refusal(404, "Not found")
        told = {"userId": found.id, "displayName": found.name, "language": found.language}
        return JSONResponse(told | ({"pictureUrl": found.picture_url} if found.picture_url else {}))

    async def _group(self, request: Request) -> Response:
        group = request.path_params["id"]
        if group not in self.memory.groups:
            return _refusal(404, "Not found")
        return JSONResponse({"groupId": group, "groupName": "町内会"})

    async def _info(self, request: Request) -> Response:
        names = {"userId": self.cloud.bot_user_id, "basicId": "@mikawaya", "displayName": "三河屋"}
        return JSONResponse({**names, "chatMode": "bot", "markAsReadMode": "manual"})

    async def _endpoint(self, request: Request) -> Response:
        if not self.cloud.hook_url:
            return _refusal(404, "Webhook endpoint not found")
        return JSONResponse({"endpoint": self.cloud.hook_url, "active": self.cloud.hook_active})

    async def _test(self, request: Request) -> Response:
        status = await self.cloud.post([])
        timestamp = f"{int(self.memory.clock())}"
        reason = "OK" if status == 200 else "ERROR_STATUS_CODE" if status else "COULD_NOT_CONNECT"
        told = {"success": status == 200, "timestamp": timestamp, "statusCode": status, "reason": reason}
        return JSONResponse({**told, "detail": str(status)})

    async def _mark_read(self, request: Request) -> Response:
        message = self.memory.reads.get(str(_read(await request.body()).get("markAsReadToken", "")))
        bubble = self.memory.bubble(message) if message else None
        if bubble is None:
            return _refusal(400, "Invalid mark as read token")
        self.memory.mark_read(bubble.user, "customer", bubble.at_ms)
        return JSONResponse({})

    async def _loading(self, request: Request) -> Response:
        return JSONResponse({}, 202)

    async def _token(self, request: Request) -> Response:
        form = dict(parse_qsl((await request.body()).decode()))
        cloud, given = self.cloud, (form.get("client_id"), form.get("client_secret"))
        if form.get("grant_type") != "client_credentials" or given != (cloud.channel_id, cloud.channel_secret):
            return JSONResponse({"error": "invalid_client", "error_description": "invalid client_secret"}, 400)
        token = secrets.token_urlsafe(32)
        cloud.tokens.add(token)
        life = 900 if request.url.path.endswith("/oauth2/v3/token") else 2_592_000
        return JSONResponse({"token_type": "Bearer", "access_token": token, "expires_in": life})


def _seen(message: Json) -> Json:
    sender = message.get("sender")
    return {
        "text": str(message.get("text") or message.get("altText") or ""),
        "url": str(message.get("originalContentUrl") or ""),
        "sender": str(sender.get("name", "")) if isinstance(sender, dict) else "",
        "shape": message,
    }


def _refusal(status: int, message: str, details: list[Json] | list[dict[str, str]] | None = None) -> JSONResponse:
    return JSONResponse({"message": message, **({"details": details} if details else {})}, status)


def _read(body: bytes) -> Json:
    try:
        read = json.loads(body)
    except ValueError:
        return {}
    return read if isinstance(read, dict) else {}
