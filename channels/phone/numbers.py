"""Telephone numbers: E.164 and nothing else inside the product (T22)."""

import re
import unicodedata

import phonenumbers

from channels.contract import Address, Undeliverable

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
_EMERGENCY = re.compile(r"^(?:\+81|0081)?(?:110|118|119)$")  # police, coast guard, fire brigade
_PREMIUM = {phonenumbers.PhoneNumberType.PREMIUM_RATE}  # 0990
_COSTLY = {phonenumbers.PhoneNumberType.UAN, phonenumbers.PhoneNumberType.SHARED_COST}  # 0570
_SATELLITE = {870, 881, 882, 883}
_CALLER_ID_PREFIX = re.compile(r"^18[46](?=0)")  # 184 hides and 186 shows the caller's number: no part of it


def e164(text: str, region: str = "JP") -> str | None:
    """A number as people write it, as E.164; None when it is none that can be dialled from abroad (110, nonsense)."""
    number = _read(_plain(text, region), region)
    return None if number is None else phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def dialled(text: str, region: str = "JP", *, costly: bool = False) -> str:
    """E.164 of a number that an agent may call. Raises Undeliverable with the codes of `channels.telephony.Dials` (T22)."""
    if is_withheld(text):
        raise Undeliverable("withheld_number")
    plain = _plain(text, region)
    short = re.sub(r"[\s()-]", "", plain)
    if _EMERGENCY.match(short) or phonenumbers.is_emergency_number(short, region):
        raise Undeliverable("emergency_number", detail=short)
    number = _read(plain, region)
    if number is None:
        raise Undeliverable("wrong_number")
    kind = phonenumbers.number_type(number)
    if kind in _PREMIUM:
        raise Undeliverable("premium_number")
    if not costly and (kind in _COSTLY or number.country_code in _SATELLITE):
        raise Undeliverable("costly_number")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _plain(text: str, region: str) -> str:
    plain = unicodedata.normalize("NFKC", text).strip().removeprefix("tel:")
    if region != "JP":
        return plain
    joined = re.sub(r"^(18[46])[\s-]+", r"\1", plain)
    # 184110 still calls the police.
    return (
        joined[3:]
        if joined[:3] in {"184", "186"} and _EMERGENCY.match(joined[3:])
        else _CALLER_ID_PREFIX.sub("", joined)
    )


def _read(plain: str, region: str) -> phonenumbers.PhoneNumber | None:
    try:
        number = phonenumbers.parse(plain, region)
    except phonenumbers.NumberParseException:
        return None
    return number if phonenumbers.is_valid_number(number) else None


def is_withheld(caller: str) -> bool:
    """Whether Twilio's `From` says that the caller hides their number (非通知, T8)."""
    return caller.strip().lower().lstrip("+") in _NO_CALLER_ID


def caller_address(caller: str, call: str, *, name: str = "", region: str = "JP") -> Address:
    """Who calls. Withheld numbers are nobody's: their scope is the call, so that two of them never become one person."""
    if is_withheld(caller):
        return Address(kind="phone", value=WITHHELD, scope=call)
    # A number that the library does not know is still the only way to call back: keep it as Twilio gave it.
    return Address(kind="phone", value=e164(caller, region) or caller.strip(), name=name)
