"""The JSON API behind the demonstration's two telephones: the customer's, with a keypad, and the agent's desk phone.

GET  state?after=N            {"number", "callers": [{"name", "number"}], "calls": [...], "lines": [...], "next": N}
POST dial    {"from"}         a customer calls; answers {"call": CallSid}
POST press   {"call", "keys"} keys of the keypad
POST speak   {"call", "seconds", "text"?}
POST hangup  {"call"}
POST answer  {"call"}         a ringing telephone is picked up: the agent's, or a customer's whom the desk calls back
POST decline {"call"}

Each of "calls": {"call", "side": "customer"|"agent", "direction": "in"|"out", "from", "to", "status", "doing", "talking",
"seconds"}. A customer's telephone rings when side is "customer", direction "out" and status "ringing"; its owner is "to".
"""

import json
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from demo.telephone_leg import Leg
from demo.telephone_people import CALLERS, is_customer

if TYPE_CHECKING:
    from demo.telephone import TelephoneCloud

CALLS_SHOWN = 20
LONGEST_SPEECH_S = 600.0
KEYS = frozenset("0123456789*#")
Act = Callable[[Leg, dict[str, Any]], Awaitable[None]]


async def _press(leg: Leg, said: dict[str, Any]) -> None:
    leg.press("".join(key for key in str(said.get("keys", "")) if key in KEYS)[:32])


async def _speak(leg: Leg, said: dict[str, Any]) -> None:
    seconds = said.get("seconds", 1)
    heard = float(seconds) if isinstance(seconds, int | float) and not isinstance(seconds, bool) else 1.0
    leg.speak(min(max(heard, 0.1), LONGEST_SPEECH_S), str(said.get("text", ""))[:200])


async def _hangup(leg: Leg, said: dict[str, Any]) -> None:
    await leg.hang_up()


async def _answer(leg: Leg, said: dict[str, Any]) -> None:
    leg.answer()


async def _decline(leg: Leg, said: dict[str, Any]) -> None:
    leg.decline()


ACTS: dict[str, Act] = {
    "press": _press,
    "speak": _speak,
    "hangup": _hangup,
    "answer": _answer,
    "decline": _decline,
}


def control_routes(cloud: "TelephoneCloud") -> list[Route]:
    """The routes, to be mounted under a prefix of the demonstration's page."""

    async def state(request: Request) -> JSONResponse:
        after = request.query_params.get("after", "0")
        return JSONResponse(_state(cloud, int(after) if after.isascii() and after.isdecimal() else 0))

    async def dial(request: Request) -> JSONResponse:
        said = await _said(request)
        if said.get("from") not in {caller.number for caller in CALLERS}:
            return JSONResponse({"error": "unknown caller"}, 400)
        leg = await cloud.dial(str(said["from"]))
        return JSONResponse({"call": leg.sid}, 201)

    def act(name: str) -> Route:
        async def carry_out(request: Request) -> JSONResponse:
            said = await _said(request)
            leg = cloud.legs.get(str(said.get("call", "")))
            if leg is None:
                return JSONResponse({"error": "unknown call"}, 404)
            await ACTS[name](leg, said)
            return JSONResponse({"call": leg.sid, "status": leg.status})

        return Route(f"/{name}", carry_out, methods=["POST"])

    return [Route("/state", state), Route("/dial", dial, methods=["POST"]), *(act(name) for name in ACTS)]


async def _said(request: Request) -> dict[str, Any]:
    try:
        said = json.loads(await request.body())
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


def _state(cloud: "TelephoneCloud", after: int) -> dict[str, Any]:
    """What changed since line `after`. A page that outlived a restart asks for too much: it gets everything."""
    known = len(cloud.transcript)
    calls = list(cloud.legs.values())[-CALLS_SHOWN:]
    return {
        "number": cloud.number,
        "callers": [asdict(caller) for caller in CALLERS],
        "calls": [_call(leg) for leg in calls],
        "lines": [asdict(line) for line in cloud.transcript[after if after <= known else 0 :]],
        "next": known,
    }


def _call(leg: Leg) -> dict[str, Any]:
    return {
        "call": leg.sid,
        "side": "customer" if leg.direction == "inbound" or is_customer(leg.to) else "agent",
        "direction": "in" if leg.direction == "inbound" else "out",
        "from": leg.from_,
        "to": leg.to,
        "status": leg.status,
        "doing": leg.doing,
        "talking": bool(leg.with_sids),
        "seconds": leg.talk_seconds,
    }
