"""The JSON API behind the page where a visitor plays a LINE customer.

    GET  users                       who can be played
    GET  history?user=U...           the chat: {"after": n, "messages": [...]}
    GET  events?user=U...&after=n    what is new or changed since n, in the same form
    POST say                         {"user", "text", "quoting"?: id} or {"user", "sticker": true} or {"user", "location": {...}},
                                     or a form with `user` and `file`
    POST unsend                      {"user", "id"}
    POST choose                      {"user", "id", "index"}: a tap on a quick reply under that message
    POST block                       {"user", "blocked": true|false}
    POST read                        {"user"}: the customer looks at the chat
    GET  content/{id}                what the customer uploaded

Every POST answers {"status": n}: the status that the product gave the webhook, 0 when it did not answer.
"""

import json
from typing import TYPE_CHECKING

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from demo.line_chat import Json

if TYPE_CHECKING:
    from demo.line import LineCloud

SHOWN = {"image/jpeg", "image/png", "image/gif", "image/webp", "video/mp4", "audio/x-m4a", "audio/mp4"}
LARGEST_UPLOAD = 20_000_000


class PageSide:
    """The routes of one cloud's page."""

    def __init__(self, cloud: "LineCloud") -> None:
        self.cloud, self.memory = cloud, cloud.memory

    def routes(self) -> list[Route]:
        return [
            Route("/users", self._users, methods=["GET"]),
            Route("/history", self._events, methods=["GET"]),
            Route("/events", self._events, methods=["GET"]),
            Route("/say", self._say, methods=["POST"]),
            Route("/unsend", self._unsend, methods=["POST"]),
            Route("/choose", self._choose, methods=["POST"]),
            Route("/block", self._block, methods=["POST"]),
            Route("/read", self._read, methods=["POST"]),
            Route("/content/{id}", self._content, methods=["GET"]),
        ]

    async def _users(self, request: Request) -> Response:
        return JSONResponse([vars(person) for person in self.cloud.users])

    async def _events(self, request: Request) -> Response:
        after = request.query_params.get("after", "0")
        if not after.isdecimal():
            return _wrong("after must be a number")
        rows = self.memory.changed(request.query_params.get("user", ""), int(after))
        return JSONResponse({"after": self.memory.seq, "messages": [row.told() for row in rows]})

    async def _say(self, request: Request) -> Response:
        if request.headers.get("content-type", "").startswith("multipart/"):
            return await self._say_file(request)
        asked = await _json(request)
        user = str(asked.get("user", ""))
        if user not in self.memory.people:
            return _wrong("nobody of that name")
        if isinstance(text := asked.get("text"), str) and text:
            return _status(await self.cloud.send_text(user, text, quoting=str(asked.get("quoting", ""))))
        if asked.get("sticker"):
            return _status(await self.cloud.send_sticker(user))
        if "location" in asked:
            place = asked["location"] if isinstance(asked["location"], dict) else {}
            title, address = (
                str(place.get("title", "三河屋 本店")),
                str(place.get("address", "東京都千代田区丸の内1-9-1")),
            )
            return _status(await self.cloud.send_location(user, title, address))
        return _wrong("nothing to say")

    async def _say_file(self, request: Request) -> Response:
        async with request.form(max_files=1) as form:
            user, file = str(form.get("user", "")), form.get("file")
            if user not in self.memory.people or not isinstance(file, UploadFile):
                return _wrong("a user and a file are needed")
            body, name = await file.read(LARGEST_UPLOAD + 1), file.filename or "file"
            media_type = file.content_type or "application/octet-stream"
        if len(body) > LARGEST_UPLOAD:
            return _wrong("the file is too large", 413)
        if media_type.startswith("image/"):
            return _status(await self.cloud.send_image(user, body, media_type))
        return _status(await self.cloud.send_file(user, name, body, media_type))

    async def _unsend(self, request: Request) -> Response:
        asked = await _json(request)
        bubble = self.memory.bubble(str(asked.get("id", "")))
        if bubble is None or bubble.side != "customer" or bubble.user != asked.get("user"):
            return _wrong("no such message")
        return _status(await self.cloud.unsend(bubble.user, bubble.id))

    async def _choose(self, request: Request) -> Response:
        asked = await _json(request)
        index = asked.get("index")
        if not isinstance(index, int):
            return _wrong("index must be a number")
        return _status(await self.cloud.choose(str(asked.get("user", "")), str(asked.get("id", "")), index))

    async def _block(self, request: Request) -> Response:
        asked = await _json(request)
        user = str(asked.get("user", ""))
        if user not in self.memory.people:
            return _wrong("nobody of that name")
        return _status(await (self.cloud.unfollow(user) if asked.get("blocked") else self.cloud.follow(user)))

    async def _read(self, request: Request) -> Response:
        self.memory.mark_read(str((await _json(request)).get("user", "")), "desk", int(self.memory.clock() * 1000))
        return _status(200)

    async def _content(self, request: Request) -> Response:
        found = self.memory.contents.get(request.path_params["id"])
        if found is None or found.status != 200:
            return _wrong("it is gone", 404)
        headers = {"x-content-type-options": "nosniff"}
        if found.media_type not in SHOWN:
            headers["content-disposition"] = "attachment"
        return Response(found.body, media_type=found.media_type, headers=headers)


async def _json(request: Request) -> Json:
    try:
        read = json.loads(await request.body())
    except ValueError:
        return {}
    return read if isinstance(read, dict) else {}


def _status(status: int) -> Response:
    return JSONResponse({"status": status})


def _wrong(message: str, status: int = 400) -> Response:
    return JSONResponse({"message": message}, status)
