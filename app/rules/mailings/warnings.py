"""Which warnings of deadlines come by mail too, and what that mail says. Pure.

"away" (at first): breaches, when no browser of theirs is connected. "breaches": always. "all": every step, always. "never".
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import escape
from zoneinfo import ZoneInfo

from app.rules.mailings.letter import Letter

SETTLE = timedelta(seconds=60)  # what comes within a minute comes in one mail
REST = timedelta(minutes=15)  # nobody gets another before that: what comes meanwhile waits for the next
CONNECTED = timedelta(minutes=2)  # a browser that was heard of within this time is there
MOST_LINES = 50
BREACH = 100  # percent
WORDS = {
    "ja": {
        "subject": "【SLA】期限切れ{late}件・期限前の警告{soon}件", "late": "期限切れ", "soon": "{percent}% 経過",
        "due": "期限 {at}", "more": "ほかに{n}件", "first_response": "初回応答", "next_response": "次の応答",
        "resolution": "解決", "callback": "折り返し", "assignment": "担当決め",
        "why": "このメールは三河屋から自動でお送りしています。受け取り方は「自分の設定」で変えられます。",
    },
    "en": {
        "subject": "[SLA] {late} past the deadline, {soon} warned", "late": "past the deadline",
        "soon": "{percent} % of the time used", "due": "due {at}", "more": "and {n} more",
        "first_response": "first response", "next_response": "next response", "resolution": "resolution",
        "callback": "call-back", "assignment": "assignment",
        "why": "Mikawaya sends this by itself. What you get by mail is chosen under “My settings”.",
    },
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Warned:
    """One warning: the latest step of one promise of one ticket."""

    ticket: int
    subject: str
    metric: str
    percent: int
    due_at: datetime


def wanted(mode: str, percent: int, *, connected: bool) -> bool:
    """Whether an agent wants this warning by mail."""
    match mode:
        case "all":
            return True
        case "breaches":
            return percent >= BREACH
        case "away":
            return percent >= BREACH and not connected
        case _:
            return False


def compose(warned: Sequence[Warned], *, language: str, zone: str, url: str) -> Letter:
    """One letter of all of them: those past the deadline first, the oldest deadline first. A ticket's promise stands once."""
    latest = {(each.ticket, each.metric): each for each in sorted(warned, key=lambda each: each.percent)}
    ordered = sorted(latest.values(), key=lambda each: (each.percent < BREACH, each.due_at, each.ticket))
    words, late = WORDS["en" if language == "en" else "ja"], sum(each.percent >= BREACH for each in latest.values())
    subject = words["subject"].format(late=late, soon=len(latest) - late)
    lines = [(_line(each, words, zone), f"{url}/tickets/{each.ticket}") for each in ordered[:MOST_LINES]]
    more = words["more"].format(n=len(ordered) - MOST_LINES) if len(ordered) > MOST_LINES else ""
    text = "\n".join([*(f"・{said}\n  {link}" for said, link in lines), *([more] if more else []), "", words["why"]])
    items = "".join(f'<li><a href="{escape(link)}">{escape(said)}</a></li>' for said, link in lines)
    html = f"<ul>{items}</ul><p>{escape(more)}</p><p><small>{escape(words['why'])}</small></p>"
    return Letter(subject=subject, text=text, html=html)


def _line(each: Warned, words: dict[str, str], zone: str) -> str:
    state = words["late"] if each.percent >= BREACH else words["soon"].format(percent=each.percent)
    due = words["due"].format(at=f"{each.due_at.astimezone(ZoneInfo(zone)):%m/%d %H:%M}")
    return f"#{each.ticket} {each.subject} — {words.get(each.metric, each.metric)}: {state} ({due})"
