"""LINE's webhooks as the contract's values: pure, tolerant, one event at a time (L1, L8-L11, domain 1.2 and 1.3).

Every event is attributed to its own source. Nothing here raises on what LINE may one day send: an event that is
unknown, or broken, becomes a `Noticed`, a message of an unknown kind becomes an 'unsupported' message.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from channels.contract import Address, Chosen, Edited, Handle, Hook, Inbound, Item, Noticed, Reach, Unsent
from channels.line.config import LineConfig
from channels.line.content import content_of

Json = Mapping[str, Any]

CHOICE = "choice:"  # what the data of a postback of ours begins with
TOKEN_LIFE = timedelta(minutes=20)  # a redelivered event's reply token is dead after this (L16)

# Events that are no message: what the log calls them, and which of their properties it keeps.
NOTICES: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "join": ("line.joined", ()),
    "leave": ("line.left", ()),
    "memberJoined": ("line.member_joined", ("joined",)),
    "memberLeft": ("line.member_left", ("left",)),
    "postback": ("line.postback", ("postback",)),
    "accountLink": ("line.account_link", ("link",)),
    "membership": ("line.membership", ("membership",)),
    "videoPlayComplete": ("line.video_watched", ("videoPlayComplete",)),
    "beacon": ("line.beacon", ("beacon",)),
    "module": ("line.module", ("module",)),
    "activated": ("line.activated", ("chatControl",)),
    "deactivated": ("line.deactivated", ()),
    "botSuspended": ("line.bot_suspended", ()),
    "botResumed": ("line.bot_resumed", ()),
    "delivery": ("line.delivery", ("delivery",)),
}


class Broken(Exception):
    """An event lacks what its type promises."""


def read_hook(hook: Hook, config: LineConfig) -> list[Item]:
    """Everything that one webhook tells, in the order of its events' times (L9). Never raises."""
    body = read_json(hook.body)
    events = body.get("events") if isinstance(body, dict) else None
    if not isinstance(events, list):
        return [Noticed(code="line.unsupported", at=hook.received_at, params={"reason": "no events"})]
    if len(events) > 1:
        events = sorted(events, key=_order)
    return [read_event(event, hook.received_at, config) for event in events]


def read_event(event: Any, received_at: datetime, config: LineConfig) -> Item:
    """One event. What cannot be read is `Noticed`; its bytes stay in the hook."""
    if type(event) is not dict:
        return Noticed(code="line.unsupported", at=received_at, params={"reason": "no object"})
    at = _time(event.get("timestamp"), received_at)
    try:
        kind = event.get("type")
        if kind == "message":
            return _message(event, at, received_at, config)
        if kind == "postback" and (data := _choice(event)):
            return _chosen(event, data, at, received_at, config)
        return _other(kind, event, at, config)
    except Broken as broken:
        return _unsupported(event, at, config, str(broken))


def read_json(body: bytes) -> Any:
    """The JSON of a body, None when it is none. What no database takes (NUL, half a surrogate pair) is replaced."""
    try:
        if b"\\u0000" not in body:
            return orjson.loads(body)
    except ValueError:
        pass
    try:
        return _clean(json.loads(body.decode("utf-8", "replace")))
    except (ValueError, RecursionError):
        return None


def _message(event: Json, at: datetime, received_at: datetime, config: LineConfig) -> Inbound:
    message = event.get("message")
    if type(message) is not dict or not (external_id := _string(message.get("id"))):
        raise Broken("no message")
    sender, conversation, meta = _source(event, config)
    seen = content_of(message)
    meta.update(seen.meta)
    opens = "group" not in meta or _group_opens(message, config)
    standby = event.get("mode") == "standby"
    if standby:  # another module owns the chat: shown, never answered (L10)
        meta["standby"] = True
    quoted = message.get("quotedMessageId")
    if (
        type(quoted) is str and quoted
    ):  # L27: only shown. Where it belongs is said by the conversation, whatever it quotes
        meta["quotes"] = quoted
    return Inbound(
        external_id=external_id,
        conversation=conversation,
        sender=sender,
        sent_at=at,
        kind=seen.kind,
        text=seen.text,
        parts=seen.parts,
        handle=None if standby else _handle(event, at, received_at),
        opens=opens,
        reopens=opens and (seen.kind != "sticker" or config.sticker_reopens),
        meta=meta,
    )


def _choice(event: Json) -> str:
    """The data of a choice that we offered; "" when the postback is somebody else's (a rich menu)."""
    postback = event.get("postback")
    data = postback.get("data") if type(postback) is dict else None
    return data.removeprefix(CHOICE) if type(data) is str and data.startswith(CHOICE) else ""


def _chosen(event: Json, data: str, at: datetime, received_at: datetime, config: LineConfig) -> Chosen:
    sender, conversation, _ = _source(event, config)
    handle = None if event.get("mode") == "standby" else _handle(event, at, received_at)
    return Chosen(sender=sender, conversation=conversation, data=data, at=at, handle=handle)


def _other(kind: Any, event: Json, at: datetime, config: LineConfig) -> Item:
    if kind == "unsend":
        return Unsent(external_id=_inner_id(event, "unsend", "messageId"), at=at)
    if kind == "messageEdited":
        text = _inner(event, "message").get("text")
        if type(text) is not str:
            raise Broken("no text")
        return Edited(external_id=_inner_id(event, "message", "id"), text=text, at=at)
    if kind == "follow" or kind == "unfollow":
        sender, _, meta = _source(event, config)
        if "group" in meta:
            raise Broken("no user")
        followed = kind == "follow"
        return Reach(sender=sender, reachable=followed, at=at, code="followed" if followed else "blocked")
    if type(kind) is str and kind in NOTICES:
        code, keys = NOTICES[kind]
        return _notice(code, event, at, config, {key: event[key] for key in keys if key in event})
    raise Broken("unknown event")


def _unsupported(event: Json, at: datetime, config: LineConfig, reason: str) -> Noticed:
    return _notice("line.unsupported", event, at, config, {"type": _string(event.get("type")), "reason": reason})


def _notice(code: str, event: Json, at: datetime, config: LineConfig, params: dict[str, Any]) -> Noticed:
    try:
        sender, conversation, _ = _source(event, config)
    except Broken:  # a failed account link and the channel's own events have no source
        return Noticed(code=code, at=at, params={"event": _string(event.get("webhookEventId")), **params})
    params = {"event": _string(event.get("webhookEventId")), **params}
    return Noticed(code=code, at=at, sender=sender, conversation=conversation, params=params)


def _source(event: Json, config: LineConfig) -> tuple[Address, str, dict[str, Any]]:
    """Who sent it, in which conversation, and what the screens show of that. A group's member may be nameless (L15)."""
    source = event.get("source")
    if type(source) is not dict:
        raise Broken("no source")
    user = source.get("userId")
    if type(user) is not str or not user:
        user = ""
    group = source.get("groupId") or source.get("roomId")
    if type(group) is str and group:
        meta = {"source": "group" if "groupId" in source else "room", "group": group}
        return _address(user or group, config), group, meta
    if not user:
        raise Broken("nobody in the source")
    return _address(user, config), user, {"source": "user"}


def _address(value: str, config: LineConfig) -> Address:
    return Address(kind="line", value=value, scope=config.scope, verified=True)


def _handle(event: Json, at: datetime, received_at: datetime) -> Handle | None:
    token = event.get("replyToken")
    if type(token) is not str or not token or received_at - at > TOKEN_LIFE:
        return None
    return Handle(token=token, received_at=received_at)


def _group_opens(message: Json, config: LineConfig) -> bool:
    """Group chatter is logged; a mention of the account is a question to it (L15)."""
    if config.group_policy != "mention":
        return config.group_policy == "all"
    mention = message.get("mention")
    named = mention.get("mentionees") if type(mention) is dict else None
    return type(named) is list and any(type(one) is dict and one.get("isSelf") is True for one in named)


def _time(value: Any, otherwise: datetime) -> datetime:
    """The event's own time, in milliseconds since 1970; when it is none, the time of receipt."""
    try:
        return datetime.fromtimestamp(value / 1000, UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        return otherwise


def _order(event: Any) -> tuple[float, str]:
    if type(event) is not dict:
        return (0, "")
    at = event.get("timestamp")
    return (at if isinstance(at, int | float) else 0, _string(event.get("webhookEventId")))


def _inner(event: Json, name: str) -> Json:
    found = event.get(name)
    if type(found) is not dict:
        raise Broken(f"no {name}")
    return found


def _inner_id(event: Json, name: str, key: str) -> str:
    found = _string(_inner(event, name).get(key))
    if not found:
        raise Broken(f"no {name}.{key}")
    return found


def _string(value: Any) -> str:
    if type(value) is str:
        return value
    return str(value) if type(value) is int else ""


def _clean(value: Any) -> Any:
    if type(value) is str:
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace").replace("\0", "\ufffd")
    if type(value) is list:
        return [_clean(one) for one in value]
    if type(value) is dict:
        return {_clean(key): _clean(one) for key, one in value.items()}
    return value
