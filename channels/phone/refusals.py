"""What an HTTP error of Twilio means (T29)."""

from collections.abc import Mapping

from twilio.base.exceptions import TwilioRestException

from channels.contract import TryAgain, Undeliverable

AUTHENTICATION = frozenset({20003, 20005})
TOO_MANY = 20429


def refusal(error: TwilioRestException, memory: Mapping[str, int] | None = None) -> TryAgain | Undeliverable:
    """TryAgain for what passes, Undeliverable with Twilio's code for what does not."""
    code = str(error.code or error.status)
    if error.status == 429 or error.code == TOO_MANY:
        return TryAgain("rate_limited", detail=code, memory=memory)
    if error.status >= 500:
        return TryAgain("provider_error", detail=code, memory=memory)
    if error.status == 401 or error.code in AUTHENTICATION or (error.status == 403 and not _names_a_call(error)):
        return Undeliverable("credentials", detail=code)
    return Undeliverable("refused", detail=code)


def _names_a_call(error: TwilioRestException) -> bool:
    """13xxx and 21xxx are about this one call (a country that is not allowed, a wrong number), not about the account."""
    return int(error.code or 0) // 1000 in {13, 21}
