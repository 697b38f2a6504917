"""What outreach says to customers around the letter itself: its sender, and the page on which they refuse more of it."""

from collections.abc import Mapping
from html import escape

from app.rules.survey_page import STYLE
from app.rules.survey_words import tongue

WORDS: Mapping[str, Mapping[str, str]] = {
    "ja": {
        "sender": "────────────\n送信者: {name}\n住所: {address}\nお問い合わせ・苦情: {contact}",
        "stop": "今後このようなご案内が不要な方は、次のページから配信を停止できます。\n{link}",
        "title": "ご案内の配信停止",
        "ask": "{name}からのご案内の配信を停止しますか。",
        "channel": "このご案内 ({channel}) だけを停止する",
        "never": "すべての連絡を断る (お問い合わせへの返信は届きます)",
        "choose": "停止する範囲",
        "button": "配信を停止する",
        "done": "配信を停止しました。",
        "done_never": "今後、こちらからの連絡は行いません。",
        "still": "お問い合わせへの返信と、契約に必要なお知らせは、これまでどおりお届けします。",
        "still_never": "お問い合わせいただいたときの返信は、これまでどおりお届けします。",
        "gone": "このページは見つかりません。リンクが途中で切れていないかご確認ください。",
        "busy": "ただいま混み合っています。1分ほど待ってからもう一度お試しください。",
        "email": "メール",
        "line": "LINE",
        "we": "当店",
    },
    "en": {
        "sender": "────────────\nSender: {name}\nAddress: {address}\nQuestions and complaints: {contact}",
        "stop": "If you no longer wish to receive messages like this, you can stop them on this page.\n{link}",
        "title": "Stop these messages",
        "ask": "Stop messages of {name} like the one you received?",
        "channel": "Stop only these messages ({channel})",
        "never": "Stop everything (answers to your own inquiries still come)",
        "choose": "What to stop",
        "button": "Stop",
        "done": "You will receive no more of these messages.",
        "done_never": "We will not contact you any more.",
        "still": "You still receive answers to your inquiries, and notices that your contract needs.",
        "still_never": "You still receive answers to your own inquiries.",
        "gone": "There is no such page. Please check that the link is complete.",
        "busy": "We are very busy right now. Please try again in a minute.",
        "email": "mail",
        "line": "LINE",
        "we": "our shop",
    },
}


def say(key: str, language: str, **values: str) -> str:
    return WORDS[tongue(language)][key].format(**values)


def signed(text: str, language: str, sender: Mapping[str, str]) -> str:
    """A promotion with its sender (J4). The link that stops it is added on the way out only."""
    values = {name: str(sender.get(name, "")) for name in ("name", "address", "contact")}
    return f"{text.rstrip()}\n\n{say('sender', language, **values)}"


def form(language: str, channel: str, name: str) -> str:
    """Nothing is stopped before the button is pressed: whatever opens links only looks."""
    picks = "".join(
        f'<label class="pick"><input type="radio" name="scope" value="{value}"{" checked" if value == "channel" else ""}>'
        f"<span>{escape(say(value, language, channel=say(channel, language)))}</span></label>"
        for value in ("channel", "never")
    )
    title = escape(say("ask", language, name=name or say("we", language)))
    return _page(
        language,
        f'<h1>{title}</h1><form method="post"><fieldset><legend>{say("choose", language)}</legend>'
        f'<div class="reasons">{picks}</div></fieldset><button>{say("button", language)}</button></form>',
    )


def stopped(language: str, *, never: bool) -> str:
    done, still = ("done_never", "still_never") if never else ("done", "still")
    return _page(language, f"<h1>{say(done, language)}</h1><p>{say(still, language)}</p>")


def notice(key: str, language: str) -> str:
    return _page(language, f"<h1>{say(key, language)}</h1>")


def _page(language: str, body: str) -> str:
    words = tongue(language)
    return (
        f'<!doctype html><html lang="{words}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="robots" content="noindex, nofollow">'
        f"<title>{say('title', words)}</title><style>{STYLE}</style></head><body><main>{body}</main></body></html>"
    )
