"""Search finds what a person takes for the same, wherever it stands (K7)."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.rules.search.fold import fold
from app.rules.search.query import Query, Term, parse
from app.rules.search.snippet import found, snippet
from app.rules.search.tokens import tokens

TODAY = date(2026, 11, 22)
JAPANESE = st.text(alphabet="返金解約サーバーらーめんｶﾞｷﾞ一々〆ゝ髙﨑 　\n-〜～。、abcXYZ019ＡＢ１２@.", max_size=60)


def finds(typed: str, text: str) -> bool:
    """What an index does with a query and a text."""
    folded, kept = fold(text), set(tokens(text))
    return all(fits(term, folded, kept) for term in parse(typed, TODAY).terms)


def fits(term: Term, folded: str, kept: set[str]) -> bool:
    begins = not term.prefix or any(token.startswith(term.prefix) for token in kept)
    return set(term.tokens) <= kept and begins and term.whole in folded


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("返金", "先日の件、返金をお願いします"), ("解約", "契約を解約したい"), ("金", "料金の件"), ("ぬ", "いぬ"),
        ("ヘンキン", "へんきんはいつ"), ("へんきん", "ﾍﾝｷﾝはいつ"), ("サーバ", "サーバーが落ちた"),
        ("サーバー", "サーバが落ちた"),
        ("サーバー", "サーバーエラー"), ("らーめん", "ら〜めん"), ("ラーメン", "らーーめん"), ("ＬＩＮＥ", "LINEで注文"),
        ("注文番号", "ご注\n文番 号を"), ("山田太郎", "山田　太郎様"), ("高橋", "髙橋です"), ("一か月", "一ヶ月前"),
        ("refund", "Two REFUNDS, please"), ("Refunds", "a refund"), ("reg", "registered"),
        ("09012345678", "電話は０９０－１２３４－５６７８"), ("090-1234-5678", "電話は090 1234 5678まで"),
        ("090 1234 5678", "+819012345678"),
        ("(03)1234-5678", "03-1234-5678"), ("5678", "090-1234-5678"), ("090-1234", "090-1234-5678"),
        ("A12345", "注文A-12345の件"), ("A-12345", "注文a12345"), ("1980", "¥1,980でした"), ("10〜20", "10～20"),
        ("taro@example.co.jp", "From: Taro@Example.co.jp"), ("taro@exam", "taro@example.co.jp"),
        ('"返金を お願い"', "返金をお願いします"),
    ],
)  # fmt: skip
def test_k7_found_however_it_is_written(typed: str, text: str) -> None:
    assert finds(typed, text)


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("ビル", "ビールを一本"), ("返金額", "返金と金額"), ("fund", "refunded"), ("taro@example.co.jp", "example.co.jp taro"),
        ('"big order"', "order, and a big one"), ("解約", "契約の解除"), ("1980", "19800"), ("1980 ", "19801"),
    ],
)  # fmt: skip
def test_k7_not_found_when_it_is_not_there(typed: str, text: str) -> None:
    assert not finds(typed + " ", text)


@given(JAPANESE | st.text(max_size=40))
def test_folding_what_is_folded_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.text(max_size=60) | JAPANESE)
def test_tokens_are_letters_and_digits_only(text: str) -> None:
    assert all(token.isalnum() or token.strip("々〆ヽヾー〇") == "" or len(token) <= 2 for token in tokens(text))
    assert not any(
        character.isspace() or character in "'\"\\:*&|!<>()" for token in tokens(text) for character in token
    )


@given(st.text(alphabet="返金解約サバらめん注文一", max_size=40), st.data())
def test_any_piece_of_a_japanese_text_finds_it(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    piece = text[start : data.draw(st.integers(start, len(text)))]
    assert finds(piece, "前置き" + text + "です。")


@given(st.text(max_size=400) | JAPANESE)
def test_any_typing_is_a_query(typed: str) -> None:
    assert isinstance(parse(typed, TODAY), Query)


@given(JAPANESE, JAPANESE)
def test_a_snippet_says_nothing_that_is_not_in_the_text(text: str, typed: str) -> None:
    shown = snippet(text, parse(typed, TODAY).marks)
    said = "".join(piece for piece, _ in shown).strip("…")
    assert said in " ".join(text.split())
    assert all(0 <= first < last <= len(text) for first, last in found(text, parse(typed, TODAY).marks))


def test_a_snippet_marks_the_hit_as_it_was_written() -> None:
    text = "どうも。" * 20 + "<b>ﾍﾝｷﾝ</b>の件、電話は090-1234-5678です" + "。よろしく" * 40
    shown = snippet(text, parse("へんきん 09012345678", TODAY).marks)
    assert [piece for piece, marked in shown if marked] == ["ﾍﾝｷﾝ", "090-1234-5678"]
    assert shown[0] == shown[-1] == ("…", False) and sum(len(piece) for piece, _ in shown) < 125


def test_filters_are_read_and_what_is_not_understood_is_told() -> None:
    typed = '返金 from:山田 FROM:"佐藤 花子" channel：ＬＩＮＥ status:解決済み tag:"大 口" assignee:me before:2026-11-01 after:7d'
    asked = parse(typed, TODAY)
    assert asked.terms == (Term(("返金",)),)
    assert asked.filters == {
        "from": ("山田", "佐藤 花子"), "channel": ("line",), "status": ("resolved",), "tag": ("大 口",), "assignee": ("me",),
    }  # fmt: skip
    assert (asked.before, asked.after) == (date(2026, 11, 1), date(2026, 11, 15))
    odd = parse("status:foo before:2026-02-30 from: url:x", TODAY)
    assert odd.wrong == (("status", "foo"), ("before", "2026-02-30")) and not odd.filters
    assert [term.tokens for term in odd.terms] == [("url",)] and odd.terms[0].prefix == ""
