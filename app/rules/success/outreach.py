"""Outreach (J4): who may be written to, in which words, and what the latest word of each person means. Pure.

Advertising goes only to who agreed on that channel; a service notice also to who did not. Nothing goes to who refused all.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from app.errors import Invalid
from app.rules import templates
from app.rules.success.playbooks import words

PURPOSES = ("service", "promotion")
CHANNELS = ("email", "line")
SOURCES = ("form", "paper", "phone", "card", "trade", "reply", "other", "page", "mail_header")
BY_THEMSELVES = ("page", "mail_header")  # written down by no agent
VARIABLES = (
    "person.name", "person.kana", "account.name", "agent.name", "agent.alias", "contract.product", "contract.renews_on",
    "contract.notice_on",
)  # fmt: skip
SENDER = ("name", "address", "contact")  # what a promotion has to say of its sender
MOST = 500  # people in one letter


class WrongLetter(Invalid):
    """These words cannot be sent."""


@dataclass(frozen=True, slots=True)
class Word:
    """What somebody said of being written to."""

    channel: str
    says: str


@dataclass(frozen=True, slots=True)
class Standing:
    """What holds now for one person on one channel."""

    promotion: str = ""  # "yes", "no"; empty: they have said nothing
    never: bool = False


def standing(said: Iterable[Word], channel: str) -> Standing:
    """`said` in the order in which it was said: the latest counts. A word about any channel is one about each."""
    promotion, never = "", False
    for each in said:
        if each.says in ("never", "contact"):
            never = each.says == "never"
        elif each.channel in (channel, "any"):
            promotion = each.says
    return Standing(promotion, never)


@dataclass(frozen=True, slots=True)
class Person:
    """What is known of somebody to whom a letter is to go."""

    standing: Standing
    has_address: bool
    reachable: bool = True
    written: bool = False  # another copy of the same letter goes to them already
    wanting: bool = False  # a variable has nothing to say and no other words


def refused(purpose: str, person: Person) -> str:
    """Why a letter does not go to them; empty: it does."""
    reasons = (
        ("twice", person.written),
        ("never", person.standing.never),
        ("no", purpose == "promotion" and person.standing.promotion == "no"),
        ("no_address", not person.has_address),
        ("unreachable", not person.reachable),
        ("no_consent", purpose == "promotion" and person.standing.promotion != "yes"),
        ("variable", person.wanting),
    )
    return next((reason for reason, holds in reasons if holds), "")


def check(texts: Mapping[str, Mapping[str, str]], channel: str) -> None:
    """WrongLetter when there is nothing to say, or a variable that nobody knows."""
    said = [each for each in texts.values() if each.get("text", "").strip()]
    if not said:
        raise WrongLetter(reason="empty")
    if channel == "email" and any(not each.get("subject", "").strip() for each in said):
        raise WrongLetter(reason="subject")
    for each in texts.values():
        if found := [
            *templates.faults(each.get("subject", ""), VARIABLES),
            *templates.faults(each.get("text", ""), VARIABLES),
        ]:
            raise WrongLetter(reason=found[0])


def filled(texts: Mapping[str, Mapping[str, str]], language: str, values: Mapping[str, str]) -> tuple[str, str, bool]:
    """(subject, text, whether something that is to be said is not known)."""
    parts = [
        words({tongue: each.get(part, "") for tongue, each in texts.items()}, language) for part in ("subject", "text")
    ]
    wanting = any(templates.wanting(each, values) for each in parts)
    subject, text = (templates.render(each, values) for each in parts)
    return subject, text, wanting


def unsigned(sender: Mapping[str, str]) -> list[str]:
    """What a promotion would have to say of its sender, and cannot."""
    return [name for name in SENDER if not str(sender.get(name, "")).strip()]
