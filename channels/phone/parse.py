"""From Twilio's requests to the contract's items. Pure; what is not known becomes `Noticed` (T6, T7)."""

from collections.abc import Callable, Mapping

from channels.contract import CallUpdate, Hook, Inbound, Item, Noticed, Part
from channels.phone.numbers import caller_address, is_withheld
from channels.phone.routes import CallHook, read

FINAL = frozenset({"completed", "busy", "no-answer", "failed", "canceled"})  # T7
UNFINISHED = frozenset({"queued", "initiated", "ringing", "in-progress"})


def parse(hook: Hook, region: str = "JP") -> list[Item]:
    """The items of one request. An empty list means: known, and nothing that anybody has to hear of."""
    call = read(hook)
    if call.route == "voice":
        return [_incoming(call, region)]
    if call.route == "conference":
        return [_conference(call)]
    known = _ROUTES.get(call.route)
    items = known(call) if known is not None and call.sid else None
    return [unsupported(call)] if items is None else items


def unsupported(call: CallHook) -> Noticed:
    told = {"route": call.route, "status": call.param("CallStatus")}
    return Noticed(code="phone.unsupported", at=call.received_at, conversation=call.call or call.sid, params=told)


def _incoming(call: CallHook, region: str) -> Item:
    if not call.sid or call.is_internal:
        return unsupported(call)
    caller = call.param("From")
    meta: dict[str, object] = {"to": call.param("To")}
    if is_withheld(caller):
        meta["withheld"] = True
    if call.param("ForwardedFrom"):
        meta["forwarded_from"] = call.param("ForwardedFrom")
    return Inbound(
        kind="call",
        external_id=call.sid,
        conversation=call.sid,
        sender=caller_address(caller, call.sid, name=call.param("CallerName"), region=region),
        sent_at=call.at,
        meta=meta,
    )


def _waiting(call: CallHook) -> list[Item]:
    return [_customer(call, "waiting")]


def _left(call: CallHook) -> list[Item] | None:
    result = call.param("QueueResult")
    return [_customer(call, "left_queue", reason=result)] if result else None


def _connected(call: CallHook) -> list[Item]:
    return [_customer(call, "connected")]


def _status(call: CallHook) -> list[Item] | None:
    status = call.param("CallStatus")
    if status in FINAL:
        return [_customer(call, "ended", reason=status, duration_s=call.number("CallDuration"))]
    return [] if status in UNFINISHED else None


def _answered(call: CallHook) -> list[Item] | None:
    """The customer whom we called picked up."""
    return _of_leg(call, "connected")


def _customer_status(call: CallHook) -> list[Item] | None:
    status = call.param("CallStatus")
    if status in FINAL:
        return _of_leg(call, "ended", reason=status, duration_s=call.number("CallDuration"))
    if status == "ringing":
        return _of_leg(call, "customer_ringing")
    return [] if status in UNFINISHED else None


def _survey(call: CallHook) -> list[Item]:
    return [_customer(call, "asking")]


def _rated(call: CallHook) -> list[Item]:
    return [_customer(call, "rated", reason=call.param("Digits")[:8])]


def _told(call: CallHook) -> list[Item]:
    return []


def _agent(call: CallHook) -> list[Item] | None:
    """The agent's leg asks what to do: it joins, or it is still an offer until somebody presses 1 (T14)."""
    return _of_leg(call, "agent_joined" if call.is_taken else "agent_ringing")


def _agent_done(call: CallHook) -> list[Item] | None:
    return _of_leg(call, "agent_left", reason=call.param("DialCallStatus") or "completed")


def _agent_status(call: CallHook) -> list[Item] | None:
    status = call.param("CallStatus")
    if status in FINAL:
        return _of_leg(call, "agent_left", reason=status, duration_s=call.number("CallDuration"))
    if status == "ringing":
        return _of_leg(call, "agent_ringing")
    return [] if status in UNFINISHED else None  # answered is not yet accepted: `agent_joined` comes from /agent


def _recording(call: CallHook) -> list[Item] | None:
    """Both the end of <Record> and its callback tell of the recording: either may be lost (T6), both name the same."""
    status, url = call.param("RecordingStatus"), call.param("RecordingUrl")
    sid = call.param("RecordingSid") or url.rpartition("/")[2]
    if status == "absent":
        told = {"recording": sid, "error": call.param("ErrorCode")}
        return [Noticed(code="phone.recording_absent", at=call.received_at, conversation=call.sid, params=told)]
    if status == "in-progress":
        return []
    if status not in {"", "completed"} or not url or not sid.isalnum():
        return None
    seconds = call.number("RecordingDuration")
    return [_customer(call, "recorded", recording=recording_part(sid, url, seconds), duration_s=seconds)]


def recording_part(sid: str, url: str, seconds: int | None) -> Part:
    """The same recording is the same part, whoever told of it."""
    return Part(
        name=f"voicemail-{sid}.wav",
        media_type="audio/wav",
        remote=f"recording:{url}",
        duration_ms=None if seconds is None else seconds * 1000,
    )


def _conference(call: CallHook) -> Noticed:
    told = {"event": call.param("StatusCallbackEvent"), "leg": call.sid, "conference": call.param("ConferenceSid")}
    return Noticed(code="phone.conference", at=call.at, conversation=call.call, params=told)


def _customer(
    call: CallHook, event: str, *, reason: str = "", duration_s: int | None = None, recording: Part | None = None
) -> CallUpdate:
    return CallUpdate(
        call=call.sid,
        at=call.at,
        event=event,
        reason=reason,
        duration_s=duration_s,
        sequence=call.number("SequenceNumber"),
        recording=recording,
    )


def _of_leg(call: CallHook, event: str, *, reason: str = "", duration_s: int | None = None) -> list[Item] | None:
    """Of a leg that we made. None when our own parameter is missing: nobody could tell whose that is."""
    if not call.call:
        return None
    update = CallUpdate(
        call=call.call,
        at=call.at,
        event=event,
        reason=reason,
        leg=call.sid,
        order=call.order,
        duration_s=duration_s,
        sequence=call.number("SequenceNumber"),
    )
    return [update]


_ROUTES: Mapping[str, Callable[[CallHook], list[Item] | None]] = {
    "wait": _waiting,
    "left": _left,
    "join": _connected,
    "status": _status,
    "agent": _agent,
    "agent-done": _agent_done,
    "agent-status": _agent_status,
    "customer": _answered,
    "customer-status": _customer_status,
    "told": _told,
    "survey": _survey,
    "rated": _rated,
    "recording": _recording,
    "recorded": _recording,
}
