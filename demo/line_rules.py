"""What LINE accepts as messages, written from its reference and independent of our own sender."""

import uuid
from typing import Any
from urllib.parse import urlsplit

KINDS = {"text", "textV2", "sticker", "image", "video", "audio", "location", "imagemap", "template", "flex", "coupon"}
TEXT_UNITS = 5000
URL_LENGTH = 2000
SENDER_LENGTH = 20
ALT_LENGTH = 1500
QUICK_REPLIES, LABEL_LENGTH, DATA_LENGTH = 13, 20, 300
REQUIRED = {
    "sticker": ("packageId", "stickerId"),
    "location": ("title", "address", "latitude", "longitude"),
    "audio": ("originalContentUrl", "duration"),
}


def problems(messages: Any, *, http_allowed: bool) -> list[dict[str, str]]:
    """What is wrong with a request's messages, as LINE's `details`; [] when all is well."""
    if not isinstance(messages, list) or not 1 <= len(messages) <= 5:
        return [_wrong("messages", "Size must be between 1 and 5")]
    found = []
    for index, message in enumerate(messages):
        found += _of_message(message, f"messages[{index}]", http_allowed)
    return found


def is_uuid(text: str) -> bool:
    try:
        return str(uuid.UUID(text)) == text.lower()
    except ValueError:
        return False


def _of_message(message: Any, at: str, http_allowed: bool) -> list[dict[str, str]]:
    kind = message.get("type") if isinstance(message, dict) else None
    if kind not in KINDS:
        return [_wrong(f"{at}.type", "Must be one of the following values: [text, sticker, image, ...]")]
    found = [_wrong(f"{at}.{key}", "May not be empty") for key in REQUIRED.get(kind, ()) if message.get(key) is None]
    if kind in ("text", "textV2"):
        found += _of_text(message.get("text"), f"{at}.text")
    if kind in ("image", "video"):
        for key in ("originalContentUrl", "previewImageUrl"):
            found += _of_url(message.get(key), f"{at}.{key}", http_allowed)
    if kind == "flex":
        found += _of_flex(message, at)
    return found + _of_sender(message.get("sender"), at) + _of_quick_reply(message.get("quickReply"), at)


def _of_text(text: Any, at: str) -> list[dict[str, str]]:
    if not isinstance(text, str) or not text.strip():
        return [_wrong(at, "May not be empty")]
    if len(text.encode("utf-16-le", "surrogatepass")) > 2 * TEXT_UNITS:
        return [_wrong(at, f"Length must be between 0 and {TEXT_UNITS}")]
    return []


def _of_flex(message: Any, at: str) -> list[dict[str, str]]:
    """One bubble or a carousel, with what a notification says instead."""
    found = []
    if not isinstance(alt := message.get("altText"), str) or not 1 <= len(alt) <= ALT_LENGTH:
        found.append(_wrong(f"{at}.altText", f"Length must be between 1 and {ALT_LENGTH}"))
    contents = message.get("contents")
    if not isinstance(contents, dict) or contents.get("type") not in ("bubble", "carousel"):
        found.append(_wrong(f"{at}.contents", "Must be a bubble or a carousel"))
    return found


def _of_url(url: Any, at: str, http_allowed: bool) -> list[dict[str, str]]:
    if not isinstance(url, str) or not url:
        return [_wrong(at, "May not be empty")]
    if len(url) > URL_LENGTH:
        return [_wrong(at, f"Length must be between 0 and {URL_LENGTH}")]
    allowed = {"https", "http"} if http_allowed else {"https"}
    return [] if urlsplit(url).scheme in allowed else [_wrong(at, "Must be a valid HTTPS URL")]


def _of_sender(sender: Any, at: str) -> list[dict[str, str]]:
    name = sender.get("name", "") if isinstance(sender, dict) else ""
    if len(name) > SENDER_LENGTH * 4 or "line" in name.lower():
        return [_wrong(f"{at}.sender.name", "The sender name is not allowed")]
    return []


def _of_quick_reply(given: Any, at: str) -> list[dict[str, str]]:
    if given is None:
        return []
    items = given.get("items") if isinstance(given, dict) else None
    if not isinstance(items, list) or not 1 <= len(items) <= QUICK_REPLIES:
        return [_wrong(f"{at}.quickReply.items", f"Size must be between 1 and {QUICK_REPLIES}")]
    found = []
    for index, item in enumerate(items):
        action = item.get("action") if isinstance(item, dict) else None
        where = f"{at}.quickReply.items[{index}].action"
        if not isinstance(action, dict) or action.get("type") not in ("postback", "message", "uri"):
            found.append(_wrong(f"{where}.type", "Must be one of the following values: [postback, message, uri, ...]"))
            continue
        limits = {"label": LABEL_LENGTH, "data": DATA_LENGTH, "displayText": DATA_LENGTH}
        found += [
            _wrong(f"{where}.{name}", f"Length must be between 0 and {most}")
            for name, most in limits.items() if len(str(action.get(name, ""))) > most
        ]  # fmt: skip
    return found


def _wrong(at: str, message: str) -> dict[str, str]:
    return {"message": message, "property": at}
