"""A file of accounts as spreadsheets write it: headings in Japanese or English, UTF-8 or CP932. Pure.

A line tells of an account, and of a contract or a person of it when it names one. What does not fit is said with its line.
"""

import csv
import io
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from app.errors import Invalid
from app.rules.success.tiers import ROLES, STAGES, TIERS

MOST_ROWS = 5000
# What a column may be called, folded: width, case and blanks do not count.
HEADINGS: Mapping[str, tuple[str, ...]] = {
    "code": ("顧客コード", "会社コード", "アカウントコード", "取引先コード", "code", "accountcode", "accountid"),
    "name": ("会社名", "顧客名", "アカウント名", "取引先名", "name", "account", "accountname", "company"),
    "tier": ("タッチ", "ティア", "階層", "区分", "tier", "touch"),
    "stage": ("段階", "ステージ", "ライフサイクル", "stage", "lifecycle"),
    "manager": ("担当", "担当者", "カスタマーサクセス担当", "担当メール", "manager", "csm", "owner", "manageremail"),
    "domain": ("ドメイン", "メールドメイン", "domain"),
    "goals": ("目標", "ゴール", "goal", "goals"),
    "note": ("備考", "メモ", "note", "notes"),
    "contract": ("契約番号", "契約コード", "contract", "contractcode", "contractnumber"),
    "product": ("商品", "製品", "プラン", "契約商品", "product", "plan"),
    "seats": ("席数", "ライセンス数", "ユーザー数", "seats", "licences", "licenses"),
    "value": ("契約金額", "年間契約額", "年額", "金額", "value", "arr", "yearlyvalue"),
    "currency": ("通貨", "currency"),
    "starts_on": ("契約開始日", "開始日", "startson", "start", "startdate"),
    "renews_on": ("契約更新日", "更新日", "renewson", "renewal", "renewaldate"),
    "notice_on": ("解約通知期限", "通知期限", "noticeon", "notice", "noticedate"),
    "person": ("氏名", "ご担当者名", "担当者名", "連絡先", "person", "contact", "contactname"),
    "email": ("メール", "メールアドレス", "email", "mail", "contactemail"),
    "role": ("役割", "role", "contactrole"),
}
WORDS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "tier": dict(zip(TIERS, (("ハイ", "ハイタッチ"), ("ロー", "ロータッチ"), ("テック", "テックタッチ")), strict=True)),
    "stage": dict(zip(STAGES, (("導入", "オンボーディング"), ("活用", "定着"), ("安定", "継続"), ("更新",),
                               ("危険", "リスク", "解約の恐れ"), ("解約", "解約済み", "離脱")), strict=True)),
    "role": dict(zip(ROLES, (("推進者", "チャンピオン"), ("決裁者", "スポンサー"), ("管理者",),
                             ("利用者", "ユーザー")), strict=True)),
}  # fmt: skip
LONGEST = {"code": 80, "name": 200, "domain": 255, "contract": 80, "product": 200, "person": 200, "email": 320}
ADDRESS = re.compile(r"[^@\s,<>]+@[^@\s,<>]+\.[^@\s,<>]+")
DOMAIN = re.compile(r"[a-z0-9.-]+\.[a-z]{2,}")
DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")
NO_TEXT = re.compile("[\0\uf8f0-\uf8f3]")  # the latter is what the codec makes of bytes that CP932 does not have
CONTRACT = ("product", "seats", "value", "currency", "starts_on", "renews_on", "notice_on")
REASONS = {
    "no_name": "the account has neither a code nor a name",
    "cells": "this line has more cells than there are headings",
    "long": "this is too long",
    "word": "this is none of the words for it",
    "number": "this is no whole number",
    "day": "this is no day of the calendar",
    "address": "this is no mail address",
    "domain": "this is no mail domain",
    "currency": "a currency has three letters",
    "contract": "a contract needs its number",
    "manager": "nobody with this address works here",
    "ambiguous": "several accounts have this name: give the code",
    "repeated": "an earlier line says something else of the same account",
    "notice": "the last day of notice comes after the renewal",
}


class UnreadableFile(Invalid):
    """This file is neither UTF-8 nor CP932 text with commas or tabs."""


class NoHeadings(Invalid):
    """The first line names no column that we know: there has to be a code or a name."""


class TooManyRows(Invalid):
    """5,000 lines at most: split the file."""


@dataclass(frozen=True, slots=True)
class Fault:
    line: int
    column: str
    reason: str


@dataclass(slots=True)
class Row:
    """What one line says: only what stands there. An empty cell says nothing."""

    line: int
    values: dict[str, Any] = field(default_factory=dict)

    @property
    def contract(self) -> dict[str, Any]:
        return {name: self.values[name] for name in CONTRACT if name in self.values}


def fold(words: str) -> str:
    return re.sub(r"[\s_\-・]", "", unicodedata.normalize("NFKC", words)).casefold()


_KNOWN = {fold(said): name for name, all_said in HEADINGS.items() for said in all_said}
_WORDS = {
    kind: {fold(said): word for word, all_said in words.items() for said in (word, *all_said)}
    for kind, words in WORDS.items()
}


def text_of(content: bytes) -> str:
    """UTF-8 with or without its mark, UTF-16 with one, or what Japanese spreadsheets write. Raises UnreadableFile."""
    marked = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    for charset in ("utf-16",) if marked else ("utf-8-sig", "cp932"):
        try:
            said = content.decode(charset)
        except UnicodeDecodeError:
            continue
        if not NO_TEXT.search(said):
            return said
    raise UnreadableFile


def read(content: bytes) -> tuple[list[Row], list[Fault], list[str]]:
    """The lines that fit, what is wrong with the others, and the columns that are not ours.

    Raises UnreadableFile, NoHeadings, TooManyRows.
    """
    said = text_of(content)
    head = said.split("\n", 1)[0]
    lines = csv.reader(io.StringIO(said, newline=""), delimiter="\t" if "\t" in head and "," not in head else ",")
    try:
        headings = next(lines, [])
        names = [_KNOWN.get(fold(each), "") for each in headings]
        if not {"code", "name"} & set(names):
            raise NoHeadings
        rows, faults = _rows(lines, names)
    except csv.Error as wrong:
        raise UnreadableFile from wrong
    return rows, faults, [each for each, name in zip(headings, names, strict=True) if each.strip() and not name]


def _rows(lines: Any, names: list[str]) -> tuple[list[Row], list[Fault]]:
    rows: list[Row] = []
    faults: list[Fault] = []
    begins = lines.line_num + 1
    for cells in lines:
        line, begins = begins, lines.line_num + 1
        if not any(each.strip() for each in cells):
            continue
        if len(rows) + len(faults) >= MOST_ROWS:
            raise TooManyRows
        row = Row(line)
        found = list(_fill(row, cells, names))
        faults += found
        if not found:
            rows.append(row)
    return rows, faults


def _fill(row: Row, cells: list[str], names: list[str]) -> Iterator[Fault]:
    if any(each.strip() for each in cells[len(names) :]):
        yield Fault(row.line, "", "cells")
    for name, cell in zip(names, cells, strict=False):
        said = unicodedata.normalize("NFC", cell).strip()
        if not name or not said:
            continue
        value, reason = _value(name, said)
        if reason:
            yield Fault(row.line, name, reason)
        else:
            row.values[name] = value
    if not {"code", "name"} & row.values.keys():
        yield Fault(row.line, "name", "no_name")
    if row.contract and "contract" not in row.values:
        yield Fault(row.line, "contract", "contract")
    renews, notice = row.values.get("renews_on"), row.values.get("notice_on")
    if renews and notice and notice > renews:
        yield Fault(row.line, "notice_on", "notice")


def _value(name: str, said: str) -> tuple[Any, str]:
    """What a cell means, or why it means nothing."""
    folded = fold(said)
    if name in _WORDS:
        return _WORDS[name].get(folded), "" if folded in _WORDS[name] else "word"
    if len(said) > LONGEST.get(name, 10_000):
        return None, "long"
    match name:
        case "seats" | "value":
            plain = re.sub(r"[,、¥円\\$]", "", unicodedata.normalize("NFKC", said)).strip()
            fits = plain.isdecimal() and int(plain) < (2**31 if name == "seats" else 2**62)
            return (int(plain), "") if fits else (None, "number")
        case "starts_on" | "renews_on" | "notice_on":
            return _day(unicodedata.normalize("NFKC", said))
        case "email" | "manager":
            address = unicodedata.normalize("NFKC", said).lower()
            return (address, "") if ADDRESS.fullmatch(address) else (None, "address")
        case "domain":
            domain = unicodedata.normalize("NFKC", said).lower().lstrip("@")
            return (domain, "") if DOMAIN.fullmatch(domain) else (None, "domain")
        case "currency":
            letters = unicodedata.normalize("NFKC", said).upper()
            return (letters, "") if re.fullmatch(r"[A-Z]{3}", letters) else (None, "currency")
    return said, ""


def _day(said: str) -> tuple[date | None, str]:
    found = DAY.fullmatch(said.split(" ")[0])
    try:
        return (date(*(int(part) for part in found.groups())), "") if found else (None, "day")
    except ValueError:
        return None, "day"
