"""Who calls in the demonstration."""

from dataclasses import dataclass

ANONYMOUS = "+266696687"  # how Twilio writes a caller who hides the number: "ANONYMOUS" on a keypad


@dataclass(frozen=True)
class Caller:
    """Somebody whom a visitor of the demonstration can be."""

    name: str
    number: str


CALLERS = (
    Caller("佐藤 花子", "+819011112222"),
    Caller("鈴木 一郎", "+818033334444"),
    Caller("高橋商店", "+81355556666"),
    Caller("Emily Carter", "+14155550123"),
    Caller("非通知", ANONYMOUS),
)


def is_customer(number: str) -> bool:
    """Whether this telephone is a customer's; any other one that we call is an agent's."""
    return any(number == caller.number for caller in CALLERS)
