"""What a kind of channel can carry: part of the channel contract."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """By these the app judges a channel; it never asks for its name."""

    text_units: int | None = None  # longest text of one message at the provider
    unit: str = "chars"  # how it is counted: "chars" or "utf16" (L24)
    parts_per_send: int | None = None  # LINE: 5 objects a request
    html: bool = False
    subject: bool = False
    files: str = "any"  # "any", "link" (all but images become links, L26), "none"
    image_bytes: int | None = None
    total_bytes: int | None = None
    idempotent: bool = True
    handle_life_s: int | None = None  # how long after receipt a Handle may still be chosen (L18)
    counted: bool = False  # messages cost (L22)
    groups: bool = False  # a conversation may be a group's: then it is not the sender's own address
    desk_mail: bool = False  # it may carry mails to the desk's own people (`Outbound.params["desk"]`)
    choices: int = 0  # how many choices a message may carry; 0: the app says them in another way
    silent: bool = False  # it can send without a sound
    quotes: bool = False  # an answer may quote a message of its conversation (L27)
