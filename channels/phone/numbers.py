"""Telephone numbers: E.164 and nothing else inside the product (T22)."""

import re
import unicodedata

import phonenumbers

from channels.contract import Address

WITHHELD = "anonymous"

# What Twilio puts into `From` when there is no caller ID: words, or the same words typed on a keypad (T8).
_NO_CALLER_ID = {
    "",
    "anonymous",
    "restricted",
    "blocked",
    "unknown",
    "unavailable",
    "266696687",  # ANONYMOUS
    "7378742833",  # RESTRICTED
    "2562533",  # BLOCKED
    "8656696",  # UNKNOWN
    "86282452253",  # UNAVAILABLE
}
_CALLER_ID_PREFIX = re.compile(r"^18[46](?=0)")  # 184 hides and 186 shows the caller's number: no part of it


def e164(text: str, region: str = "JP") -> str | None:
    """A number as people write it, as E.164; None when it is none that can be dialled from abroad (110, nonsense)."""
    plain = unicodedata.normalize("NFKC", text).strip()
    plain = plain.removeprefix("tel:")
    if region == "JP":
        plain = _CALLER_ID_PREFIX.sub("", re.sub(r"^(18[46])[\s-]+", r"\1", plain))
    try:
        number = phonenumbers.parse(plain, region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def is_withheld(caller: str) -> bool:
    """Whether Twilio's `From` says that the caller hides their number (非通知, T8)."""
    return caller.strip().lower().lstrip("+") in _NO_CALLER_ID


def caller_address(caller: str, call: str, *, name: str = "", region: str = "JP") -> Address:
    """Who calls. Withheld numbers are nobody's: their scope is the call, so that two of them never become one person."""
    if is_withheld(caller):
        return Address(kind="phone", value=WITHHELD, scope=call)
    # A number that the library does not know is still the only way to call back: keep it as Twilio gave it.
    return Address(kind="phone", value=e164(caller, region) or caller.strip(), name=name)
