"""The help centre's pages: plain HTML that works without JavaScript, with a keyboard and with a screen reader. Pure."""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from html import escape
from urllib.parse import quote

from app.rules.knowledge.help_words import LONGEST_COMMENT, REASON_WORDS, REASONS, TONGUES, say
from app.rules.knowledge.life import PARTS

STYLE = """
:root { color-scheme: light dark; --ground: #f7f2e7; --paper: #fffdf7; --ink: #2b2620; --quiet: #5f574b; --line: #8d8373;
  --ai: #1f4e79; --on: #fff; --soft: #efe7d6; --late: #a82c1d }
@media (prefers-color-scheme: dark) { :root { --ground: #191714; --paper: #24211d; --ink: #f1ebdf; --quiet: #b9b0a1;
  --line: #8d8373; --ai: #9cc4ec; --on: #14202c; --soft: #2f2b25; --late: #ff9d8d } }
* { box-sizing: border-box }
body { margin: 0; background: var(--ground); color: var(--ink);
  font: 1rem/1.8 "Hiragino Sans", "Noto Sans CJK JP", "Yu Gothic UI", system-ui, sans-serif; overflow-wrap: anywhere;
  line-break: strict }
a { color: var(--ai); text-underline-offset: 3px } :focus-visible { outline: 3px solid var(--ai); outline-offset: 2px }
.skip { position: absolute; left: -999px } .skip:focus { left: 8px; top: 8px; padding: 8px; background: var(--paper) }
header, main, footer { max-width: 46rem; margin: 0 auto; padding: 16px }
header { display: flex; flex-wrap: wrap; gap: 8px 24px; align-items: center; justify-content: space-between }
.brand { font-weight: 600; font-size: 1.125rem; text-decoration: none }
  nav ul { display: flex; flex-wrap: wrap; gap: 4px 16px; margin: 0; padding: 0; list-style: none }
.path { font-size: .875rem }
h1 { margin: 8px 0 16px; font-size: 1.5rem; line-height: 1.4 } h2 { margin: 28px 0 8px; font-size: 1.125rem }
  h3, h4 { font-size: 1rem }
form.seek { display: flex; gap: 8px; margin: 0 0 8px } form.seek input { flex: 1; min-width: 0 }
input[type=search], textarea, select { min-height: 44px; padding: 8px 12px; border: 1px solid var(--line);
  border-radius: 8px; background: var(--paper); color: inherit; font: inherit }
textarea, select { display: block; width: 100%; margin-top: 4px } textarea { min-height: 5rem }
button { min-height: 44px; padding: 8px 24px; border: 0; border-radius: 22px; background: var(--ai); color: var(--on);
  font: inherit; font-weight: 600; cursor: pointer }
.quiet { color: var(--quiet); font-size: .875rem } .wrong { color: var(--late); font-weight: 600 }
.list { margin: 0; padding: 0; list-style: none } .list li { border-bottom: 1px solid var(--soft) }
  .list a { display: block; padding: 10px 4px; min-height: 44px }
article { padding: 20px; background: var(--paper); border-radius: 12px } article img { max-width: 100%; height: auto }
.scroll { overflow-x: auto } table { border-collapse: collapse }
  td, th { padding: 6px 12px; border: 1px solid var(--line); text-align: start }
blockquote { margin: 0 0 12px; padding-left: 12px; border-left: 3px solid var(--line) }
  code { background: var(--soft); padding: 0 4px } pre { overflow-x: auto }
.note { padding: 8px 12px; background: var(--soft); border-radius: 8px }
form.say { margin-top: 32px; padding: 20px; background: var(--paper); border-radius: 12px }
  fieldset { margin: 0 0 12px; padding: 0; border: 0 } legend { padding: 0; font-weight: 600 }
.pick { display: inline-flex; align-items: center; gap: 8px; min-height: 44px; padding-inline-end: 24px }
  .pick input { width: 20px; height: 20px; accent-color: var(--ai) } form.say label { display: block; margin-bottom: 12px }
  form.say label.pick { display: inline-flex; margin: 0 }
@media print { header, form, footer, .skip { display: none } }
"""
STYLE_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()


def policy(origin: str) -> str:
    """CSP: our own pictures, this style, forms to ourselves; no script at all."""
    return (
        f"default-src 'none'; style-src 'sha256-{STYLE_HASH}'; img-src 'self' {origin}; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One article in a list."""

    title: str
    locale: str
    slug: str
    categories: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One article as its page."""

    title: str
    parts: Mapping[str, str]  # HTML
    published_at: datetime
    outdated: bool
    feedback: str  # where the form goes
    address: str  # of this page, with its host
    others: Mapping[str, str] = field(default_factory=dict)  # locale → address
    shared: bool = False


def address(entry_locale: str, slug: str) -> str:
    return f"/help/{entry_locale}/articles/{quote(slug)}"


def home(locale: str, entries: Sequence[Entry], categories: Sequence[str]) -> str:
    """By category, each article wherever it is filed."""
    groups = [(name, [each for each in entries if name in each.categories]) for name in categories]
    groups.append((say("other", locale), [each for each in entries if not each.categories]))
    body = "".join(f"<h2>{escape(name)}</h2>{_list(locale, found)}" for name, found in groups if found)
    head = f"<h1>{say('title', locale)}</h1><p>{say('lead', locale)}</p>{_seek(locale, '')}"
    return page(locale, say("title", locale), head + (body or f"<p>{say('none', locale)}</p>"))


def results(locale: str, q: str, entries: Sequence[Entry]) -> str:
    if not q:
        told = f"<h1>{say('search', locale)}</h1>{_seek(locale, q)}<p>{say('ask', locale)}</p>"
    elif entries:
        told = (
            f"<h1>{escape(say('results', locale, q=q, n=len(entries)))}</h1>{_seek(locale, q)}{_list(locale, entries)}"
        )
    else:
        told = f"<h1>{escape(say('nothing', locale, q=q))}</h1>{_seek(locale, q)}<p>{say('nothing_help', locale)}</p>"
    return page(locale, say("search", locale), told, robots="noindex")


def article(locale: str, shown: Shown, *, wrong: bool = False) -> str:
    parts = "".join(
        f'<h2>{say(name, locale)}</h2><div class="scroll">{shown.parts[name]}</div>'
        for name in PARTS if shown.parts[name].strip()
    )  # fmt: skip
    notes = "".join(
        f'<p class="note">{say(key, locale)}</p>'
        for key, fits in (("outdated", shown.outdated), ("shared", shown.shared)) if fits
    )  # fmt: skip
    day = shown.published_at.date().isoformat()
    body = (
        f'<p class="path"><a href="/help/{locale}">{say("home", locale)}</a></p>'
        f"<article><h1>{escape(shown.title)}</h1>{notes}{parts}"
        f'<p class="quiet">{say("updated", locale)}: <time datetime="{day}">{day}</time></p></article>'
        f"{_say(locale, shown, wrong)}"
    )
    links = "".join(
        f'<link rel="alternate" hreflang="{other}" href="{escape(url)}">'
        for other, url in {**shown.others, locale: shown.address}.items()
    )
    links = "" if shown.shared else f'<link rel="canonical" href="{escape(shown.address)}">{links}'
    robots = "noindex, nofollow" if shown.shared else ""
    return page(locale, shown.title, body, others=shown.others, links=links, robots=robots)


def asked(locale: str, words: Mapping[str, str], place: str) -> str:
    """Whether an article helped, or a person is wanted: two buttons."""
    buttons = " ".join(
        f'<button name="what" value="{each}">{escape(words[each])}</button>' for each in ("solved", "person")
    )
    body = f'<h1>{escape(words["title"])}</h1><form method="post" action="{escape(place)}">{buttons}</form>'
    return page(locale, words["title"], body, robots="noindex, nofollow")


def told(locale: str, words: str) -> str:
    body = f'<h1>{escape(words)}</h1><p><a href="/help/{locale}">{say("home", locale)}</a></p>'
    return page(locale, say("title", locale), body, robots="noindex, nofollow")


def notice(locale: str, key: str) -> str:
    body = f'<h1>{say(key, locale)}</h1>{_seek(locale, "")}<p><a href="/help/{locale}">{say("home", locale)}</a></p>'
    return page(locale, say("title", locale), body, robots="noindex")


def page(
    locale: str, title: str, body: str, *, others: Mapping[str, str] | None = None, links: str = "", robots: str = ""
) -> str:
    tongues = "".join(
        f'<li><a href="{escape((others or {}).get(each, f"/help/{each}"))}" lang="{each}" hreflang="{each}">{name}</a></li>'
        for each, name in TONGUES.items() if each != locale
    )  # fmt: skip
    named = title if title == say("title", locale) else f"{title} | {say('title', locale)}"
    told = f'<meta name="robots" content="{robots}">' if robots else ""
    return (
        f'<!doctype html><html lang="{locale}"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">{told}{links}'
        f"<title>{escape(named)}</title><style>{STYLE}</style></head><body>"
        f'<a class="skip" href="#main">{say("skip", locale)}</a>'
        f'<header><a class="brand" href="/help/{locale}">三河屋 {say("title", locale)}</a>'
        f'<nav aria-label="{say("languages", locale)}"><ul>{tongues}</ul></nav></header>'
        f'<main id="main">{body}</main></body></html>'
    )


def sitemap(pages: Sequence[tuple[str, datetime, Mapping[str, str]]]) -> str:
    """(address, changed at, locale → address of each language) of each public page."""
    told = "".join(
        f"<url><loc>{escape(place)}</loc><lastmod>{at.date().isoformat()}</lastmod>"
        + "".join(
            f'<xhtml:link rel="alternate" hreflang="{locale}" href="{escape(other)}"/>'
            for locale, other in others.items()
        )
        + "</url>"
        for place, at, others in pages
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" '
        f'xmlns:xhtml="http://www.w3.org/1999/xhtml">{told}</urlset>'
    )


def _seek(locale: str, q: str) -> str:
    return (
        f'<form class="seek" role="search" action="/help/{locale}/search"><input type="search" name="q" maxlength="200" '
        f'value="{escape(q)}" aria-label="{say("search", locale)}" placeholder="{say("search", locale)}">'
        f"<button>{say('go', locale)}</button></form>"
    )


def _list(locale: str, entries: Sequence[Entry]) -> str:
    rows = "".join(
        f'<li><a href="{address(each.locale, each.slug)}" lang="{each.locale}">{escape(each.title)}'
        + (
            f' <span class="quiet" lang="{locale}">({_only(locale, each.locale)})</span>'
            if each.locale != locale
            else ""
        )
        + "</a></li>"
        for each in entries
    )
    return f'<ul class="list">{rows}</ul>'


def _only(locale: str, other: str) -> str:
    """K6: it is there in the other language only, and that is said."""
    return say("only", locale) if other == "ja" else "English"


def _say(locale: str, shown: Shown, wrong: bool) -> str:
    picks = "".join(
        f'<label class="pick"><input type="radio" name="helpful" value="{key}" required>{say(key, locale)}</label>'
        for key in ("yes", "no")
    )
    reasons = "".join(f'<option value="{key}">{REASON_WORDS[locale][key]}</option>' for key in REASONS)
    told = f'<p class="wrong" role="alert">{say("choose", locale)}</p>' if wrong else ""
    return (
        f'<form class="say" method="post" action="{escape(shown.feedback)}">{told}<fieldset>'
        f"<legend>{say('helpful', locale)}</legend>{picks}</fieldset><label>{say('reason', locale)}"
        f'<select name="reason"><option value="">{say("pick", locale)}</option>{reasons}</select></label>'
        f'<label>{say("comment", locale)}<textarea name="comment" maxlength="{LONGEST_COMMENT}"></textarea></label>'
        f"<button>{say('send', locale)}</button></form>"
    )
