"""The index is a reader of the log: what is committed is found, once, whatever dies meanwhile; and both databases agree."""

import random
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from app.actions.search import index as writing
from app.config import Settings
from app.db import Database
from app.jobs.search import FeedSearch, catch_up
from app.models import Account
from app.parts import Parts
from app.queries.search import index
from app.queries.search.index import State
from app.rules.search.document import Document, any_of, end_id, entry, first_id, scope_mark
from app.rules.search.fold import fold
from app.rules.search.query import parse
from app.rules.search.tokens import tokens
from tests.cast import START, Cast

SCOPE = any_of([scope_mark("ticket.read")])
SYLLABLES = [
    "返金", "解約", "サーバー", "ｻｰﾊﾞ", "らーめん", "refund", "refunds", "A-1234", "090-1234-5678", "1,980",
    "の", "を", "。", " ", "\n", "一",
]  # fmt: skip
TYPED = (
    "返金 ", "金 ", "サーバ ", "さーばー", "ref", "refund ", "A1234 ", "090 1234 5678", "1980 ", '"返金の"',
    "解約 返金 ", "一 refund ",
)  # fmt: skip


def document(number: int, words: str) -> Document:
    return Document(
        kind="message", number=number, text=words, at=START + timedelta(seconds=number // 3), scope="ticket.read"
    )


async def numbers(database: Database, typed: str) -> list[int]:
    async with database.read() as session:
        low, high = first_id("message"), end_id("message")
        terms = parse(typed, START.date()).terms
        hits = await index.find(session, terms, [SCOPE], low=low, high=high, most=1000)
    return [hit.number for hit in hits]


def fits(typed: str, words: str) -> bool:
    """What finding means, without any index."""
    folded, kept = fold(words), set(tokens(words))
    return all(
        set(term.tokens) <= kept and term.whole in folded and any(token.startswith(term.prefix) for token in kept)
        for term in parse(typed, START.date()).terms
    )


async def begun(parts: Parts) -> State:
    return await writing.start_anew(parts.search, "here", "0")


async def test_both_databases_find_what_the_rules_say_and_nothing_else(parts: Parts) -> None:
    """Written, changed and removed at random; each query is compared with the rules themselves: so both find the same."""
    chance = random.Random(11)
    texts: dict[int, str] = {}
    state = await begun(parts)
    for turn in range(6):
        changed = {
            chance.randrange(120): "".join(chance.choices(SYLLABLES, k=chance.randrange(1, 14))) for _ in range(60)
        }
        gone = {chance.randrange(120) for _ in range(10)} - set(changed)
        texts = {n: words for n, words in (texts | changed).items() if n not in gone}
        entries = [entry(document(n, words)) for n, words in changed.items()]
        refs = [("message", n) for n in (*changed, *gone)]
        then = replace(state, cursor=str(turn + 1))
        assert await writing.store(parts.search, state, then, entries=entries, refs=refs)
        state = then
    for typed in TYPED:
        expected = sorted(
            (n for n, words in texts.items() if fits(typed, words)), key=lambda n: (n // 3, n), reverse=True
        )
        assert await numbers(parts.search, typed) == expected, typed
        assert expected or typed == "A1234 ", typed


async def test_a_batch_is_stored_with_its_cursor_or_not_at_all(parts: Parts) -> None:
    """Two processes read the same events: the second finds the cursor moved, and changes nothing."""
    state = await begun(parts)
    then = replace(state, cursor="7")
    assert await writing.store(parts.search, state, then, entries=[entry(document(1, "返金"))], refs=[("message", 1)])
    late = [entry(document(2, "返金"))]
    assert not await writing.store(parts.search, state, replace(state, cursor="9"), entries=late, refs=[("message", 2)])
    assert await numbers(parts.search, "返金") == [1]
    async with parts.search.read() as session:
        assert await index.state(session) == then
    assert await writing.start_anew(parts.search, "here", "0", instead_of=state) == then, "theirs is kept"


async def test_a_death_between_reading_and_writing_loses_nothing(
    parts: Parts, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was there is walked, what comes is followed; each piece may fail, and is read again."""
    store, failures = writing.store, iter([True, False, True, True, False])

    async def dying(*given: object, **more: object) -> bool:
        if next(failures, False):
            raise OSError("killed before the commit")
        return await store(*given, **more)

    async with parts.database.write() as session:
        session.add_all([Account(name=f"三河物産 {n}", created_at=START) for n in range(3)])
    monkeypatch.setattr(writing, "store", dying)
    for _ in range(40):
        try:
            if not await FeedSearch(parts, rest=False).step():  # a new process each time: it knows only what was kept
                break
        except OSError:
            continue
    async with parts.search.read() as session:
        clauses = [any_of([scope_mark("person.read")])]
        terms = parse("三河物産", START.date()).terms
        hits = await index.find(session, terms, clauses, low=first_id("account"), high=end_id("account"), most=10)
    assert [hit.number for hit in hits] == [3, 2, 1]


async def test_an_index_of_another_version_database_or_day_is_made_anew(
    parts: Parts, cast: Cast, settings: Settings
) -> None:
    await catch_up(parts)
    for wrong in ("version = 'old'", "origin = 'elsewhere'", *(["cursor = '999999'"] if settings.is_sqlite else [])):
        async with parts.search.write() as session:
            await session.execute(text(f"UPDATE search_state SET {wrong}"))
        assert await catch_up(parts) > 0, wrong
        async with parts.search.read() as session:
            state = await index.state(session)
        assert state is not None and (state.kind, state.version != "old", state.origin != "elsewhere") == (
            "",
            True,
            True,
        )
    assert await catch_up(parts) == 0
