"""The REST calls of Twilio that the product makes, with its checks and its error codes."""

import base64
import hmac
import re
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from demo.telephone_leg import FINAL, Leg

if TYPE_CHECKING:
    from demo.telephone import TelephoneCloud

_DIALLED = re.compile(r"^(\+[1-9]\d{6,14}|client:[\w.@-]{1,121}|sips?:\S+@\S+)$")
_EVENTS = {"initiated", "ringing", "answered", "completed"}
Form = Mapping[str, list[str]]
Door = Callable[[Request, Form], Awaitable[Response]]


class LostAnswer(Response):
    """The work is done, the connection breaks."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 201, "headers": [(b"content-length", b"1000")]})


def problem(status: int, code: int, message: str) -> JSONResponse:
    more = f"https://www.twilio.com/docs/errors/{code}"
    return JSONResponse({"code": code, "message": message, "more_info": more, "status": status}, status)


def rest_routes(cloud: "TelephoneCloud") -> list[Route]:
    rest = Rest(cloud)
    home = "/2010-04-01/Accounts/{account}"
    return [
        Route(home + ".json", rest.door(rest.account), methods=["GET"]),
        Route(home + "/Calls.json", rest.door(rest.create), methods=["POST"]),
        Route(home + "/Calls/{sid}.json", rest.door(rest.fetch), methods=["GET"]),
        Route(home + "/Calls/{sid}.json", rest.door(rest.update), methods=["POST"]),
        Route(home + "/Calls/{sid}/Recordings.json", rest.door(rest.recordings), methods=["GET"]),
        Route(home + "/IncomingPhoneNumbers.json", rest.door(rest.numbers), methods=["GET"]),
        Route(home + "/Recordings/{name}", rest.door(rest.recording), methods=["GET"]),
    ]


class Rest:
    def __init__(self, cloud: "TelephoneCloud"):
        self.cloud = cloud

    def door(self, answer: Door) -> Callable[[Request], Awaitable[Response]]:
        """Authentication, then the fault that a test asked for, then the work."""

        async def guarded(request: Request) -> Response:
            if not self._is_known(request.headers.get("authorization", "")):
                return problem(401, 20003, "Authenticate")
            if request.path_params["account"] != self.cloud.account_sid:
                return problem(404, 20404, "The requested resource was not found")
            status, code = self.cloud.faults.pop(0) if self.cloud.faults else (200, 0)
            if status >= 400:
                return problem(status, code, "A fault that the test asked for")
            got = await answer(request, _form(await request.body()))
            return LostAnswer() if status == 0 else got

        return guarded

    async def account(self, request: Request, form: Form) -> Response:
        return JSONResponse({"sid": self.cloud.account_sid, "status": "active", "friendly_name": "Demonstration"})

    async def create(self, request: Request, form: Form) -> Response:
        to, from_, url = _first(form, "To"), _first(form, "From"), _first(form, "Url")
        if from_ != self.cloud.number:
            return problem(400, 21210, "'From' is not a number of this account")
        if not _DIALLED.match(to):
            return problem(400, 21211, "Invalid 'To' phone number")
        if not url.startswith(("http://", "https://")):
            return problem(400, 21205, "Url is not a valid URL")
        events = frozenset(form.get("StatusCallbackEvent", ["completed"]))
        if not events <= _EVENTS:
            return problem(400, 21626, "Invalid StatusCallbackEvent")
        leg = self.cloud.ring(to, url, _first(form, "StatusCallback"), events, float(_first(form, "Timeout") or 60))
        return JSONResponse(self._shown(leg), 201)

    async def fetch(self, request: Request, form: Form) -> Response:
        leg = self.cloud.legs.get(request.path_params["sid"])
        return (
            problem(404, 20404, "The requested resource was not found")
            if leg is None
            else JSONResponse(self._shown(leg))
        )

    async def update(self, request: Request, form: Form) -> Response:
        leg = self.cloud.legs.get(request.path_params["sid"])
        if leg is None:
            return problem(404, 20404, "The requested resource was not found")
        if leg.status in FINAL:
            return problem(400, 21220, "Call is not in-progress. Cannot redirect.")
        if url := _first(form, "Url"):
            if leg.status != "in-progress":
                return problem(400, 21220, "Call is not in-progress. Cannot redirect.")
            leg.redirect(url)
        elif _first(form, "Status") in {"completed", "canceled"}:
            await leg.finish("completed" if leg.status == "in-progress" else "canceled")
        else:
            return problem(400, 21218, "Invalid Status")
        return JSONResponse(self._shown(leg))

    async def numbers(self, request: Request, form: Form) -> Response:
        wanted = request.query_params.get("PhoneNumber", self.cloud.number)
        owned = {"sid": self.cloud.sid("PN", self.cloud.number), "phone_number": self.cloud.number}
        listed = [owned | self.cloud.number_settings] if wanted == self.cloud.number else []
        return JSONResponse({"incoming_phone_numbers": listed, "page": 0, "page_size": 50, "next_page_uri": None})

    async def recordings(self, request: Request, form: Form) -> Response:
        """Those of one call."""
        found = [kept for kept in self.cloud.recordings.values() if kept.call == request.path_params["sid"]]
        listed = [{"sid": one.sid, "status": "completed", "duration": str(round(one.seconds))} for one in found]
        return JSONResponse({"recordings": listed, "page": 0, "page_size": 50, "next_page_uri": None})

    async def recording(self, request: Request, form: Form) -> Response:
        sid, _, ending = request.path_params["name"].partition(".")
        kept = self.cloud.recordings.get(sid)
        if kept is None:
            return problem(404, 20404, "The requested resource was not found")
        if ending == "json":
            status = "processing" if self.cloud.media_misses else "completed"
            return JSONResponse(
                {"sid": sid, "call_sid": kept.call, "status": status, "duration": str(round(kept.seconds))}
            )
        if ending not in {"", "wav"} or self.cloud.media_misses:
            self.cloud.media_misses = max(0, self.cloud.media_misses - 1)
            return problem(404, 20404, "The requested resource was not found")
        return Response(kept.content, media_type="audio/x-wav")

    def _is_known(self, authorization: str) -> bool:
        expected = base64.b64encode(f"{self.cloud.account_sid}:{self.cloud.auth_token}".encode()).decode()
        return hmac.compare_digest(f"Basic {expected}".encode(), authorization.encode())

    def _shown(self, leg: Leg) -> dict[str, Any]:
        return {
            "sid": leg.sid,
            "account_sid": self.cloud.account_sid,
            "to": leg.to,
            "from": leg.from_,
            "status": leg.status,
            "direction": leg.direction,
            "end_time": leg.ended_at or None,
            "duration": str(leg.talk_seconds) if leg.status in FINAL else None,
            "api_version": "2010-04-01",
            "uri": f"/2010-04-01/Accounts/{self.cloud.account_sid}/Calls/{leg.sid}.json",
        }


def _form(body: bytes) -> Form:
    found: dict[str, list[str]] = {}
    for key, value in parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True):
        found.setdefault(key, []).append(value)
    return found


def _first(form: Form, name: str) -> str:
    return form.get(name, [""])[0]
