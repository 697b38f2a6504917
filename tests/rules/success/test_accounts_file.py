"""C1: a file of accounts, as Excel in Japan writes it."""

from datetime import date

import pytest

from app.rules.success import accounts_file
from app.rules.success.accounts_file import Fault, NoHeadings, UnreadableFile
from app.rules.success.tiers import Ladder, Worth, by_rule, worth

TABLE = (
    "顧客コード,会社名,タッチ,年間契約額,契約番号,更新日,解約通知期限,メールアドレス,役割,天気\r\n"
    'A-1,株式会社髙島,ハイタッチ,"1,200,000円",K-1,2027/3/31,2026年12月31日,TARO@example.jp,決裁者,晴れ\r\n'
)


@pytest.mark.parametrize("charset", ["utf-8-sig", "utf-8", "cp932", "utf-16"])
def test_C1_excels_encodings_say_the_same(charset: str) -> None:
    rows, faults, ignored = accounts_file.read(TABLE.encode(charset))
    assert faults == [] and ignored == ["天気"]
    assert rows[0].line == 2 and rows[0].values == {
        "code": "A-1", "name": "株式会社髙島", "tier": "high", "value": 1_200_000, "contract": "K-1",
        "renews_on": date(2027, 3, 31), "notice_on": date(2026, 12, 31), "email": "taro@example.jp", "role": "sponsor",
    }  # fmt: skip


def test_C1_what_does_not_fit_is_said_with_its_line_and_the_rest_is_read() -> None:
    said = (
        'code,name,tier,value,contract,renews_on,備考\n,,high,,,,\nB,二行目,中,,,,"一\n二"\nC,三,,abc,K,,\n'
        "D,四,,1,K,2027-02-30,\nE,五,,9,,,\nＦ,六,tech,,,,\nG,七,,,,,,余り\n"
    )
    rows, faults, _ = accounts_file.read(said.encode())
    assert [(r.line, r.values["name"]) for r in rows] == [(8, "六")]
    assert faults == [
        Fault(2, "name", "no_name"), Fault(3, "tier", "word"), Fault(5, "value", "number"),
        Fault(6, "renews_on", "day"), Fault(7, "contract", "contract"), Fault(9, "", "cells"),
    ]  # fmt: skip


def test_C1_what_is_no_table_is_refused() -> None:
    with pytest.raises(NoHeadings):
        accounts_file.read("住所,電話\n東京,03".encode())
    for content in (b"\x89PNG\r\n\x1a\n\x00\x00", b"name\n\xff\xfe\xfd"):
        with pytest.raises((UnreadableFile, NoHeadings)):
            accounts_file.read(content)


def test_C1_the_tier_follows_what_running_contracts_are_worth() -> None:
    ladder, today = Ladder(1000, 100, "JPY"), date(2026, 7, 1)
    held = [
        Worth(900, "JPY"),
        Worth(100, "JPY", starts_on=today),
        Worth(5000, "USD"),
        Worth(5000, "JPY", ended_on=today),
    ]
    assert worth(held, "JPY", today) == 1000
    assert [by_rule(ladder, value) for value in (1000, 999, 100, 99)] == ["high", "low", "low", "tech"]
    assert by_rule(Ladder(), 10**9) == ""
