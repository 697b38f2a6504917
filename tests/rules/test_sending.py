"""Warnings before an answer goes out: in both languages, and never about what is quoted."""

import pytest

from app.rules.sending import forgets_attachment, internal_links, outside, own_words


@pytest.mark.parametrize(
    ("text", "forgotten"),
    [
        ("見積書を添付いたします。", True),
        ("資料は添付のとおりです", True),
        ("請求書をお付けしました", True),
        ("Please find the attached invoice.", True),
        ("I've attached the photo.", True),
        ("The form is attached.", True),
        ("割れた瓶の写真を添付してください。", False),
        ("Could you attach a photo?", False),
        ("お届けは明日です。", False),
        ("承知しました。\n> 注文書を添付いたします。", False),
        ("OK.\n\nOn Mon, 2 Nov 2026 at 9:00, Sato <s@a.example> wrote:\nI have attached the form.", False),
        ("はい。\n2026年11月2日(月) 9:00 佐藤 <s@a.example>:\n書類を添付します", False),
        ("We are attached to our customers.", False),
    ],
)
def test_a_forgotten_attachment(text: str, forgotten: bool) -> None:
    assert forgets_attachment(text, 0) is forgotten
    assert forgets_attachment(text, 1) is False


def test_a_link_that_only_colleagues_can_open() -> None:
    def found(text: str) -> list[str]:
        return internal_links(text, "https://desk.example.com", ("/help/", "/f/"))

    assert found("こちらです https://desk.example.com/knowledge/12。") == ["https://desk.example.com/knowledge/12"]
    assert found("https://desk.example.com/help/ja/articles/a https://desk.example.com/f/x/y") == []
    inner = ["http://192.168.0.4/wiki", "http://localhost:3000/", "http://wiki/page", "https://wiki.internal/a"]
    assert found("\n".join(inner)) == inner
    assert found("> http://192.168.0.4/wiki\nhttps://mikawaya.example/ http://[") == []


def test_a_recipient_outside_the_company() -> None:
    to = ["a@Kura.example", "b@other.example", "c@home.example"]
    assert outside(to, ["C@home.example"], ["kura.example"]) == ["b@other.example"]
    assert outside(to, [], [""]) == [], "no company is known: nobody is outside"
    assert own_words("a\n>b\nc") == "a\nc"
