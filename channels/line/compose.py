"""What is to be said, as LINE's message objects: pure (L24-L26, L30)."""

import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

from channels.contract import Choice, File, Outbound
from channels.line.flex import flex
from channels.line.parse import CHOICE
from channels.line.rates import MOST_BYTES
from channels.line.split import clip, split

Message = Mapping[str, Any]

OBJECTS = 5  # message objects in one request (L24)
ROOM = MOST_BYTES - 2_000  # for the objects of a request: what stands around them is short
IMAGE_BYTES = 10_000_000
URL_LENGTH = 2000
SENDER_CLUSTERS = 20
LABEL_CLUSTERS = 20
GROUP = re.compile(r"[CR][0-9a-f]{32}")
FILES = {"ja": "添付ファイル", "en": "Attachments"}


def target(outbound: Outbound) -> str:
    """Whom a push goes to: the group or room if the conversation is one, else the person."""
    if GROUP.fullmatch(outbound.conversation):
        return outbound.conversation
    return outbound.to.value or outbound.conversation


def requests(outbound: Outbound, *, insecure: bool = False) -> list[list[Message]]:
    """The message objects, five a request, in the order in which they are read. [] when there is nothing to say.

    `insecure` lets images have an http URL, which LINE itself refuses: for servers that only play LINE.
    """
    images = [file for file in outbound.files if _is_image(file, insecure)]
    links = [file for file in outbound.files if file not in images]
    said = [] if outbound.leaflet else split(outbound.text)
    texts = [*said, *(split(_links(links, outbound.language)) if links else ())]
    messages: list[Message] = [{"type": "text", "text": text} for text in texts if text.strip()]
    if outbound.leaflet:
        messages.insert(0, flex(outbound.leaflet))
    messages += [_image(file) for file in images]
    if sender := sender_name(outbound.sender_name):
        messages = [{**message, "sender": {"name": sender}} for message in messages]
    if outbound.quote and texts:  # a picture cannot quote (L27)
        messages[0] = {**messages[0], "quoteToken": outbound.quote}
    if messages and outbound.choices:  # LINE shows those of the last message only
        messages[-1] = {**messages[-1], "quickReply": {"items": [_item(choice) for choice in outbound.choices]}}
    return _divided(messages)


def _divided(messages: Sequence[Message]) -> list[list[Message]]:
    """At most five objects a request, and at most two megabytes (L23, L24)."""
    requests: list[list[Message]] = []
    size = 0
    for message in messages:
        weight = bytes_of(message)
        if not requests or len(requests[-1]) == OBJECTS or size + weight > ROOM:
            requests.append([])
            size = 0
        requests[-1].append(message)
        size += weight
    return requests


def bytes_of(message: Message) -> int:
    """As the SDK writes it: with escapes."""
    return len(json.dumps(message)) + 2


def too_large(request: Sequence[Message]) -> bool:
    """LINE would refuse it (L23)."""
    return sum(bytes_of(message) for message in request) > ROOM


def sender_name(alias: str) -> str:
    """The agent's alias as LINE takes it; "" when it does not: at most 20 characters, and not LINE's own name (L30)."""
    name = clip(" ".join(alias.split()), SENDER_CLUSTERS)
    return "" if "LINE" in unicodedata.normalize("NFKC", name).upper() else name


def _item(choice: Choice) -> dict[str, Any]:
    label = clip(choice.label, LABEL_CLUSTERS)
    shown = {"label": label, "displayText": label}
    return {"type": "action", "action": {"type": "postback", "data": f"{CHOICE}{choice.data}", **shown}}


def _is_image(file: File, insecure: bool) -> bool:
    urls = (file.url, file.preview_url)
    return (
        file.media_type in ("image/jpeg", "image/png")
        and file.size <= IMAGE_BYTES
        and all(len(url) <= URL_LENGTH and url.startswith(("https://", "http://")) for url in urls)
        and (insecure or all(url.startswith("https://") for url in urls))
    )


def _image(file: File) -> dict[str, Any]:
    return {"type": "image", "originalContentUrl": file.url, "previewImageUrl": file.preview_url}


def _links(files: Sequence[File], language: str) -> str:
    """LINE has no outgoing file message (L26): the customer gets a link to each."""
    heading = FILES.get(language, FILES["ja" if language.startswith("ja") else "en"])
    return "\n\n".join([f"📎 {heading}", *(f"{file.name}\n{file.url}" for file in files)])
