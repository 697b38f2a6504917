"""Search over mixed messages, newest 20 hits: the product's index beside a bare query of the same tokens."""

import asyncio
import random
import sqlite3
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial

from sqlalchemy import text

from app.actions.search import index as writing
from app.db import Database
from app.queries.search import index
from app.queries.search.index import State
from app.rules.search.document import Clause, Document, any_of, end_id, entry, first_id, scope_mark
from app.rules.search.query import parse
from app.rules.search.tokens import tokens
from bench.stage import KEPT, Postgres, median, percentile, scratch
from bench.words import BASE_S

AIM_MS = {"SQLite": 20.0, "PostgreSQL": 200.0}
AIM_INDEXING_MS, BATCH = 0.2, 200
SCOPE: list[Clause] = [any_of([scope_mark("ticket.read")])]
START = datetime.fromtimestamp(BASE_S, UTC)
LOW, HIGH = first_id("message"), end_id("message")
JAPANESE = (
    "先日 注文 した 醤油 が まだ 届き ません 送料 請求 書 の 確認 を お願い "
    "します 定期便 味噌 サーバー エラー ログイン できない 電話 担当 者 から 連絡 が "
    "ほしい 住所 変更 手続き 商品 破損 交換 支払い 方法 領収書 "
)
ENGLISH = (
    "please could you check the order it has not arrived yet invoice shipping address change account "
    "login error payment thanks again delivery bottle sauce miso subscription "
)
JA, EN = JAPANESE.split(), ENGLISH.split()
RARE_JA, RARE_EN = ["返金", "解約", "金庫", "鯖寿"], ["refund", "warranty", "ombudsman", "zephyr"]
SHARES = [0.05, 0.005, 0.0005, 0.00002]  # of the messages have these words: from common to rare
QUERIES = {
    "two characters, common": ["注文 ", "確認 ", "送料 "],
    "two characters, from 5 % to 0.002 %": [f"{each} " for each in RARE_JA],
    "English, common": ["order ", "please ", "invoice "], "English, from 5 % to 0.002 %": [f"{each} " for each in RARE_EN],
    "while typing (a beginning)": ["ord", "inv", "re"], "one character": ["金 ", "届 ", "庫 "],
    "side by side": ["サーバーエラー ", "定期便 ", '"送料請求書" '], "two words": ["返金 確認 ", "解約 order ", "金庫 送料 "],
}  # fmt: skip


def run(*, quick: bool) -> list[str]:
    """The section's lines."""
    count = 100_000 if quick else 1_000_000
    with scratch() as folder:
        path = folder / "search.db"
        lines = asyncio.run(_measured("SQLite", f"sqlite+aiosqlite:///{path}", count))
    try:
        cluster = Postgres(KEPT / "cluster")
    except LookupError as missing:
        return [*lines, f"PostgreSQL was left out: {missing}."]
    KEPT.chmod(0o755)
    cluster.start()
    try:
        cluster.sql("DROP DATABASE IF EXISTS search")
        cluster.sql("CREATE DATABASE search")
        url = cluster.url("search").replace("postgresql://", "postgresql+asyncpg://")
        lines += asyncio.run(_measured("PostgreSQL", url, count))
        cluster.sql("DROP DATABASE search")
    finally:
        cluster.stop()
    return lines


def _text(chance: random.Random) -> str:
    """Two thirds Japanese; some with words that few have."""
    japanese = chance.random() < 0.67
    words = chance.choices(JA if japanese else EN, k=chance.randrange(10, 60))
    for word, share in zip(RARE_JA if japanese else RARE_EN, SHARES, strict=True):
        if chance.random() < share:
            words[chance.randrange(len(words))] = word
    return ("" if japanese else " ").join(words)


async def _measured(name: str, url: str, count: int) -> list[str]:
    database = Database(url)
    try:
        took = await _filled(database, count)
        if not database.is_sqlite:
            async with database.write() as session:
                await session.execute(text("ANALYZE search_doc"))
        return await _section(name, database, count, took)
    finally:
        await database.close()


async def _filled(database: Database, count: int) -> list[float]:
    """Milliseconds a message: folding, tokens and the commit, as the clock does it."""
    chance, took = random.Random(7), []
    state: State = await writing.start_anew(database, "bench", "0")
    for start in range(0, count, BATCH):
        numbers = range(start + 1, start + BATCH + 1)
        texts = {number: _text(chance) for number in numbers}
        begun = time.perf_counter()
        documents = [
            Document(
                kind="message", number=number, text=words, at=START + timedelta(seconds=17 * number),
                scope="ticket.read", marks=("_cline", f"_i{number % 5000}"),
            )
            for number, words in texts.items()
        ]  # fmt: skip
        then = replace(state, cursor=str(numbers[-1]))
        refs = [("message", number) for number in numbers]
        await writing.store(database, state, then, entries=[entry(each) for each in documents], refs=refs)
        took.append((time.perf_counter() - begun) * 1000 / BATCH)
        state = then
    return took


async def _section(name: str, database: Database, count: int, indexing: list[float]) -> list[str]:
    each = sum(indexing) / len(indexing)
    lines = [
        f"### {name}, {count:,} messages",
        "",
        f"Indexing, {BATCH} a commit: mean {each:.3f} ms a message (aim {AIM_INDEXING_MS}),"
        f" p99 of the commits {percentile(indexing, 0.99):.3f} ms a message.",
        "",
        f"| newest 20 of | p50 | p99 (aim {AIM_MS[name]:.0f} ms) | floor p50 | p50 / floor |",
        "|---|---|---|---|---|",
    ]
    for what, typed in QUERIES.items():
        took = await _timed([partial(_find, database, words) for words in typed])
        bare = await _timed([partial(_bare, database, words) for words in typed])
        ratio = median(took) / median(bare)
        lines.append(
            f"| {what} | {median(took):.2f} | {percentile(took, 0.99):.2f} | {median(bare):.2f} | {ratio:.2f} |"
        )
    return [*lines, ""]


async def _find(database: Database, words: str) -> None:
    async with database.read() as session:
        terms = parse(words, START.date()).terms
        await index.find(session, terms, SCOPE, low=LOW, high=HIGH, most=20)


async def _bare(database: Database, words: str) -> None:
    """Pairs and words alone, without scope, range or a look at the text, straight to the database."""
    wanted = [each for part in words.replace('"', "").split() for each in tokens(part) if len(each) > 1] or tokens(
        words
    )
    if database.is_sqlite:
        match = " AND ".join(f'"{each}"' for each in wanted)
        await asyncio.to_thread(_fts, database.url.partition("///")[2], match)
        return
    async with database.reader.connect() as connection:
        match = " & ".join(f"'{each}'" for each in wanted)
        query = "SELECT id FROM search_doc WHERE tokens @@ CAST(:match AS tsquery) ORDER BY id DESC LIMIT 20"
        (await connection.execute(text(query), {"match": match})).all()


_open: dict[str, sqlite3.Connection] = {}


def _fts(path: str, match: str) -> None:
    connection = _open.setdefault(path, sqlite3.connect(path, check_same_thread=False))
    query = "SELECT rowid FROM search_fts WHERE search_fts MATCH ? ORDER BY rowid DESC LIMIT 20"
    connection.execute(query, (match,)).fetchall()


async def _timed(ways: list[Callable[[], Awaitable[None]]], turns: int = 40) -> list[float]:
    """Milliseconds, after a first round that is not counted."""
    took = []
    for turn in range(turns + 1):
        for way in ways:
            begun = time.perf_counter()
            await way()
            if turn:
                took.append((time.perf_counter() - begun) * 1000)
    return took
