"""Quotes and signatures are folded, never deleted, in linear time (E22 to E24)."""

import sys
from types import FrameType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from channels.email.quotes import HEAD, fold, folded_at

NEW = "ご連絡ありがとうございます。\n注文番号は123です。\n"

BODIES = {
    "gmail_ja": NEW
    + "\n2026年5月11日(月) 21:28 三河屋サポート <support@mikawaya.example>:\n\n> 番号を教えてください\n> よろしく\n",
    "gmail_ja_wrapped": NEW
    + "\n2026年5月11日(月) 21:28 三河屋サポートセンター\n<support@mikawaya.example>:\n> 番号を教えてください\n",
    "gmail_ja_older": NEW + "\n2009/07/25 12:15 に 名前<a@b.example> さんは書きました:\n> 番号\n",
    "gmail_en": NEW + "\nOn Mon, May 11, 2026 at 9:28 PM Support <support@mikawaya.example> wrote:\n\n> number?\n",
    "gmail_en_wrapped": NEW
    + "\nOn Mon, May 11, 2026 at 9:28 PM Mikawaya Support Centre\n<support@mikawaya.example> wrote:\n\n> number?\n",
    "gmail_ja_from_html": NEW
    + "\n2026年5月11日(月) 21:28 サポート <support@mikawaya.example>:\n\n番号を教えてください\n三河屋\n",
    "outlook_ja": NEW
    + "\n差出人: サポート <support@mikawaya.example>\n送信日時: 2026年5月11日 21:28\n宛先: 山田\n件名: RE: 注文\n\n番号\n",
    "outlook_ja_wide": NEW + "\n差出人：サポート\n日時：2026年5月11日\n宛先：山田\n件名：注文\n\n番号\n",
    "outlook_en": NEW
    + "\nFrom: Support <support@mikawaya.example>\nSent: Monday, May 11, 2026 9:28 PM\nTo: Y\nSubject: x\n\nnumber?\n",
    "outlook_line": NEW
    + "\n________________________________\nFrom: Support\nSent: Monday\nTo: Y\nSubject: x\n\nnumber?\n",
    "outlook_old_ja": NEW + "\n-----元のメッセージ-----\nFrom: x\n番号\n",
    "outlook_old_en": NEW + "\n-----Original Message-----\nFrom: x\nnumber?\n",
    "yahoo_jp": NEW
    + "\n----- Original Message -----\nFrom: サポート <support@mikawaya.example>\nDate: 2026/5/11, Mon\n番号\n",
    "iphone_ja": NEW + "\niPhoneから送信\n\n2026/05/11 21:28、サポート <support@mikawaya.example>のメール:\n\n> 番号\n",
    "iphone_en": NEW
    + "\nSent from my iPhone\n\n> On May 11, 2026, at 21:28, Support <s@mikawaya.example> wrote:\n> \n> number?\n",
    "thunderbird_ja": NEW + "\nOn 2026/05/11 21:28, サポート wrote:\n> 番号\n",
    "becky": NEW + "\nOn Mon, 11 May 2026 21:28:00 +0900\nサポート <support@mikawaya.example> wrote:\n\n> 番号\n",
    "evolution": NEW + "\n2006-11-08 (水) の 11:31 +0100 に X さんは書きました:\n> 番号\n",
    "apple_ja": NEW + "\n2026/05/11 21:28、サポート <support@mikawaya.example>のメッセージ:\n\n> 番号\n",
    "forward_en": NEW + "\n---------- Forwarded message ---------\nFrom: X\n本文\n",
    "forward_ja": NEW + "\n---------- 転送メッセージ ----------\n差出人: X\n本文\n",
    "signature_dashes": NEW + "\n-- \n山田花子\n",
    "signature_rule": NEW
    + "\n━━━━━━━━━━━━━━━━\n株式会社山田商店 山田花子\nTEL 03-0000-0000 FAX 03-0000-0001\nhttps://yamada.example\n━━━━━━━━━━━━━━━━\n",
    "signature_ornament": NEW + "\n_/_/_/_/_/_/_/_/_/_/\n山田花子\n〒100-0001 東京都\nE-mail: hanako@example.jp\n",
    "signature_android": NEW + "\nAndroidから送信\n",
    "delimiter": NEW + "\n-- この線より上に返信してください --\n番号を教えてください\n",
    "full_width_marks": NEW + "\n＞番号を教えてください\n",
}


@pytest.mark.parametrize("name", BODIES)
def test_E22_E23_the_new_part_is_what_is_shown(name: str) -> None:
    visible, folded = fold(BODIES[name])
    assert visible.rstrip() == NEW.rstrip()
    assert visible + folded == BODIES[name]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n\n",
        NEW,
        "From: の欄に何を書けばよいですか。\n宛先も教えてください。\n",
        "> これだけ引用\n",
        "2026年5月11日の注文について:\n- 醤油\n- 味噌\n",
        "お客様へのメール:\n届いていません。\n",
        "品名 ━━━━━━━━\n醤油\n━━━━━━━━━━\n味噌\n",
        "Forwarded only:\n",
        "---------- Forwarded message ---------\nFrom: X\n転送だけ\n",
        "不在票が入っていました。\n2026/05/11 21:28 に届いたそうです。\n再配達をお願いします。\n",
    ],
)
def test_E22_what_only_looks_like_a_quote_stays(text: str) -> None:
    assert fold(text) == (text, "")
    assert folded_at(text) is None


def test_E23_replies_between_quotes_survive() -> None:
    text = "On Mon, May 11, 2026, Support wrote:\n> 番号は?\n123です\n> 住所は?\n東京です\n> 以上\n> よろしく\n"
    visible, folded = fold(text)
    assert "123です" in visible and "東京です" in visible
    assert folded == "> 以上\n> よろしく\n"


def test_folded_at_is_the_index_of_the_first_folded_character() -> None:
    text = BODIES["gmail_ja"]
    at = folded_at(text)
    assert at is not None and text[at:].startswith("2026年5月11日")


@given(
    st.lists(st.sampled_from([*"".join(BODIES.values()).splitlines(), "", "> x", "-- ", "普通の文です。"]), max_size=30)
)
@settings(max_examples=150, deadline=None)
def test_E22_nothing_is_ever_lost(lines: list[str]) -> None:
    text = "\n".join(lines)
    visible, folded = fold(text)
    assert visible + folded == text
    assert visible.strip() or not text.strip() or folded == ""


def steps(text: str) -> int:
    """How many Python calls and built-in calls folding takes."""
    count = 0

    def counted(frame: FrameType, event: str, argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(counted)
    try:
        fold(text)
    finally:
        sys.setprofile(None)
    return count


HOSTILE = [
    "On ",
    "On On On\n",
    "From: \n",
    "From: x\nTo: y\n",
    "> \n",
    "\n",
    "-- \n",
    "━━━━━━━━\n",
    "2026年5月11日(月) 21:28 x\n",
    "iPhoneから送信\n",
    "________________________________\n",
    "> x\n-- \niPhoneから送信\n\n",
    "a\n> x\nOn Mon, 1 x wrote:\n",
]


@pytest.mark.parametrize("unit", HOSTILE)
def test_E22_hostile_bodies_take_linear_steps(unit: str) -> None:
    small, large = steps("x\n" + unit * 500), steps("x\n" + unit * 4000)
    assert large <= small * 8 * 1.5 + 500


def test_E22_patterns_see_a_bounded_piece_of_each_line() -> None:
    assert HEAD <= 300
    text = "On " + "x" * 1_000_000 + " wrote:\n> y\n"
    assert "".join(fold(text)) == text
