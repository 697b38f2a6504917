"""The page on which a customer says how satisfied they are: plain HTML that works without JavaScript. Pure."""

import base64
import hashlib
from dataclasses import dataclass
from html import escape

from app.rules.survey import CHANGEABLE, LONGEST_COMMENT, REASONS, SCORES
from app.rules.survey_words import FACES, REASON_WORDS, SCORE_WORDS, about, say, tongue

STYLE = """
:root { color-scheme: light dark; --ground: #f7f2e7; --paper: #fffdf7; --ink: #2b2620; --quiet: #5f574b; --line: #8d8373; --ai: #1f4e79; --on: #fff; --late: #a82c1d }
@media (prefers-color-scheme: dark) { :root { --ground: #191714; --paper: #24211d; --ink: #f1ebdf; --quiet: #b9b0a1; --line: #8d8373; --ai: #9cc4ec; --on: #14202c; --late: #ff9d8d } }
* { box-sizing: border-box }
body { margin: 0; padding: 24px 16px; background: var(--ground); color: var(--ink); font: 16px/1.7 "Hiragino Sans", "Noto Sans CJK JP", "Yu Gothic UI", system-ui, sans-serif }
main { max-width: 34rem; margin: 0 auto; padding: 24px; background: var(--paper); border: 1px solid var(--line); border-radius: 12px }
h1 { margin: 0 0 8px; font-size: 1.25rem; line-height: 1.5; overflow-wrap: anywhere }
p { margin: 0 0 12px } .quiet { color: var(--quiet); font-size: .875rem } .wrong { color: var(--late); font-weight: 600 }
fieldset { margin: 16px 0; padding: 0; border: 0; min-width: 0 } legend { padding: 0; font-weight: 600 }
.scores { display: grid; grid-template-columns: repeat(5, minmax(0, 1fr)); gap: 8px; margin-top: 8px }
.reasons { display: grid; gap: 8px; margin-top: 8px }
label.pick { display: flex; align-items: center; gap: 8px; min-height: 44px; padding: 8px 10px; border: 1px solid var(--line); border-radius: 10px; cursor: pointer }
.scores label.pick { flex-direction: column; justify-content: center; text-align: center; font-size: .8125rem; line-height: 1.3 }
label.pick:has(input:checked) { border-color: var(--ai); box-shadow: inset 0 0 0 1px var(--ai) }
label.pick:focus-within { outline: 3px solid var(--ai); outline-offset: 2px }
.face { font-size: 1.75rem; line-height: 1.2 } input[type=radio] { width: 18px; height: 18px; margin: 0; accent-color: var(--ai) }
textarea { display: block; width: 100%; min-height: 6rem; margin-top: 6px; padding: 8px 10px; border: 1px solid var(--line); border-radius: 8px; background: var(--ground); color: inherit; font: inherit }
form + p { margin: 16px 0 0 }
button { min-height: 44px; padding: 8px 24px; border: 0; border-radius: 22px; background: var(--ai); color: var(--on); font: inherit; font-weight: 600; cursor: pointer }
a { color: var(--ai) }
@media (max-width: 420px) { .scores { grid-template-columns: 1fr } .scores label.pick { flex-direction: row; justify-content: flex-start; font-size: 1rem } }
"""  # noqa: E501
STYLE_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
CSP = (
    f"default-src 'none'; style-src 'sha256-{STYLE_HASH}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the page knows."""

    language: str
    name: str  # who asks; "" when the desk has not said
    subject: str = ""
    score: int | None = None
    reason: str = ""
    comment: str = ""


def form(asked: Asked, *, wrong: bool = False) -> str:
    """The five faces. Nothing is answered before the button is pressed: whatever opens links only looks."""
    words = tongue(asked.language)
    picks = "".join(
        f'<label class="pick"><span class="face" aria-hidden="true">{FACES[score]}</span>'
        f'<input type="radio" name="score" value="{score}" required{" checked" if score == asked.score else ""}>'
        f"<span>{score} {SCORE_WORDS[words][score]}</span></label>"
        for score in SCORES
    )
    title = say("question", words, about=about(asked.subject, words))
    return _page(
        asked.language,
        f"<h1>{escape(title)}</h1>{_by(asked)}{_wrong(words) if wrong else ''}"
        f'<form method="post"><fieldset><legend>{say("choose", words)}</legend><div class="scores">{picks}</div></fieldset>'
        f"{_comment(asked)}<button>{say('send', words)}</button></form>"
        f'<p class="quiet">{say("private", words)}</p>',
    )


def reasons(asked: Asked) -> str:
    """The score is kept already; the reason is one more question."""
    words = tongue(asked.language)
    picks = "".join(
        f'<label class="pick"><input type="radio" name="reason" value="{each}" required'
        f"{' checked' if each == asked.reason else ''}><span>{REASON_WORDS[words][each]}</span></label>"
        for each in REASONS
    )
    return _page(
        asked.language,
        f"<h1>{say('why', words)}</h1><p>{_given(asked)}</p>"
        f'<form method="post"><input type="hidden" name="score" value="{asked.score}">'
        f'<fieldset><legend>{say("choose", words)}</legend><div class="reasons">{picks}</div></fieldset>'
        f"{_comment(asked)}<button>{say('send_reason', words)}</button></form>",
    )


def thanks(asked: Asked, *, changeable: bool) -> str:
    words = tongue(asked.language)
    change = ""
    if changeable:
        days = say("changeable", words, days=CHANGEABLE.days)
        change = f'<p class="quiet"><a href="?change=1">{say("change", words)}</a> {days}</p>'
    return _page(asked.language, f"<h1>{say('thanks', words)}</h1><p>{_given(asked)}</p>{change}{_by(asked)}")


def notice(key: str, language: str) -> str:
    return _page(language, f"<h1>{say(key, language)}</h1>")


def _page(language: str, body: str) -> str:
    words = tongue(language)
    return (
        f'<!doctype html><html lang="{words}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="robots" content="noindex, nofollow">'
        f"<title>{say('title', words)}</title><style>{STYLE}</style></head><body><main>{body}</main></body></html>"
    )


def _by(asked: Asked) -> str:
    return f'<p class="quiet">{escape(say("by", asked.language, name=asked.name))}</p>' if asked.name else ""


def _wrong(words: str) -> str:
    return f'<p class="wrong" role="alert">{say("choose", words)}</p>'


def _given(asked: Asked) -> str:
    score = asked.score or 0
    words = SCORE_WORDS[tongue(asked.language)].get(score, "")
    return escape(say("given", asked.language, score=f"{score} / 5 {words}"))


def _comment(asked: Asked) -> str:
    return (
        f'<label>{say("comment", asked.language)}<textarea name="comment" maxlength="{LONGEST_COMMENT}">\n'
        f"{escape(asked.comment)}</textarea></label><p></p>"
    )
