"""Articles that a customer is shown before a person answers: how often, in what words, and what they may tap (K9). Pure."""

# ruff: noqa: E501 - what people read is data

from collections.abc import Mapping, Sequence
from datetime import timedelta

MOST_OFFERS = 2  # of one ticket: then only people answer
TOP = 3
FRESH = timedelta(minutes=2)  # a later answer of a machine would come between people
BEGUN = timedelta(hours=24)  # how long ago the first unanswered message may have come
QUIET, READ_QUIET = timedelta(hours=72), timedelta(hours=24)  # K4: without a word for so long it was solved
SOLVED, PERSON = "solved", "person"
PREFIX = "articles"
WORDS: Mapping[str, Mapping[str, str]] = {
    "ja": {
        "lead": "お問い合わせありがとうございます。次の記事で解決するかもしれません。", "ask": "解決しましたか。担当者もこのあと内容を確認します。",
        SOLVED: "解決しました", PERSON: "担当者に相談", "mail": "解決したとき、担当者への相談をご希望のときは、次のページからお知らせください。このままお待ちいただいても、担当者がお返事します。",
        "thanks": "解決してよかったです。また何かありましたら、このままお送りください。",
        "wait": "承知しました。担当者が確認してお返事します。このままお待ちください。",
        "title": "記事で解決しましたか", "gone": "このページは見つかりません。リンクが途中で切れていないかご確認ください。",
    },
    "en": {
        "lead": "Thank you for writing to us. One of these articles may help:", "ask": "Did it help? A person will look at your message too.",
        SOLVED: "Yes, solved", PERSON: "Ask a person", "mail": "Please tell us on this page whether it helped, or that you would like a person. If you do nothing, a person will answer.",
        "thanks": "We are glad that it helped. Just write here whenever you need us.",
        "wait": "Of course. A person will read your message and answer here.",
        "title": "Did an article help?", "gone": "There is no such page. Please check that the link is complete.",
    },
}  # fmt: skip


def language_of(language: str) -> str:
    return "en" if language.startswith("en") else "ja"


def text(articles: Sequence[tuple[str, str]], language: str) -> str:
    """(title, address) each, as LINE, a chat and a plain mail carry it."""
    words = WORDS[language]
    told = "\n\n".join(f"・{title}\n{link}" for title, link in articles)
    return f"{words['lead']}\n\n{told}\n\n{words['ask']}"


def data(offer: int, what: str) -> str:
    return f"{PREFIX}:{offer}:{what}"


def choices(offer: int, language: str) -> list[tuple[str, str]]:
    """(label, data)."""
    return [(WORDS[language][what], data(offer, what)) for what in (SOLVED, PERSON)]


def is_ours(given: str) -> bool:
    return given.startswith(f"{PREFIX}:")


def tapped(given: str) -> tuple[int, str] | None:
    """The offer and what was chosen; None when it is none of ours."""
    prefix, _, rest = given.partition(":")
    number, _, what = rest.partition(":")
    genuine = prefix == PREFIX and what in (SOLVED, PERSON)
    return (int(number), what) if genuine and number.isascii() and number.isdigit() and len(number) <= 18 else None
