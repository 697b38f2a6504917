"""The knowledge base's judgments: what an article may become, how it reads, what changed, what is found."""

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.rules.knowledge import diff, life, markdown, search, slugs

PICTURE = "0123456789abcdef" * 2


class Tags(HTMLParser):
    """What a browser would see: (tag, attribute, value)."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [(tag, "", ""), *((tag, name, value or "") for name, value in attrs)]


def nowhere(public_id: str) -> str:
    return f"/f/{public_id}"


@pytest.mark.parametrize(
    ("was", "to", "resolved", "publisher", "refusal"),
    [
        ("wip", "not_validated", True, False, None),
        ("wip", "not_validated", False, False, life.NeedsResolution),
        ("not_validated", "wip", True, False, None),
        ("not_validated", "validated", True, False, life.MayNotPublish),
        ("not_validated", "validated", True, True, None),
        ("wip", "validated", False, True, life.NeedsResolution),
        ("validated", "archived", True, False, life.MayNotPublish),
        ("archived", "not_validated", True, True, None),
        ("validated", "validated", True, False, None),
    ],
)
def test_K2_states_and_who_may_change_them(
    was: str, to: str, resolved: bool, publisher: bool, refusal: type[Exception] | None
) -> None:
    if refusal is None:
        life.check_step(was, to, resolved=resolved, publisher=publisher)
        return
    with pytest.raises(refusal):
        life.check_step(was, to, resolved=resolved, publisher=publisher)


@pytest.mark.parametrize(
    ("state", "audience", "resolution", "fits"),
    [
        ("validated", "public", "x", True), ("validated", "customer", "x", True), ("validated", "internal", "x", False),
        ("not_validated", "public", "x", False), ("archived", "public", "x", False), ("validated", "public", " ", False),
    ],
)  # fmt: skip
def test_K2_only_validated_articles_for_customers_are_published(
    state: str, audience: str, resolution: str, fits: bool
) -> None:
    if fits:
        life.check_publish(state, audience, resolution)
        return
    with pytest.raises(life.NotPublishable):
        life.check_publish(state, audience, resolution)


def test_emphasis_beside_japanese_needs_no_space() -> None:
    assert markdown.to_html("これは**「太字」**です。**注意:**必ず", nowhere) == (
        "<p>これは<strong>「太字」</strong>です。<strong>注意:</strong>必ず</p>\n"
    )
    assert "<em>plain</em>" in markdown.to_html("a *plain* word, 2 * 3 * 4", nowhere)


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "[a](javascript:alert(1))", "![a](javascript:alert(1))",
        "[a](data:text/html,x)", '[a](https://e.example "x\\" onclick=alert(1)")', "<svg/onload=alert(1)>", "[a](vbscript:x)",
    ],
)  # fmt: skip
def test_K10_what_an_author_writes_is_never_script(text: str) -> None:
    seen = Tags()
    seen.feed(markdown.to_html(text, nowhere))
    assert {tag for tag, _, _ in seen.found} <= {"p", "a", "img", "br"}
    assert {name for _, name, _ in seen.found} <= {"", "href", "title", "rel", "src", "alt", "loading"}
    assert not [
        value for _, name, value in seen.found if name in ("href", "src") and not re.match("$|https://|/f/", value)
    ]


@given(st.text(alphabet="<>*_`[]()!\"'&;:/ \n#-|=abあ「", max_size=120))
def test_K10_no_text_makes_a_tag_of_its_own(text: str) -> None:
    html = markdown.to_html(text, nowhere)
    assert markdown.nh3.clean(html, tags=markdown._TAGS, attributes=markdown._ATTRIBUTES, link_rel=None) == html


def test_pictures_come_from_our_own_files_only() -> None:
    html = markdown.to_html(f"![瓶](file:{PICTURE}) ![x](https://evil.example/x.png)", nowhere)
    assert f'src="/f/{PICTURE}"' in html and "evil" not in html
    assert markdown.files_of(f"a ![瓶](file:{PICTURE}) b") == {PICTURE}


def test_K9_plain_text_for_channels_without_markup() -> None:
    text = "## 手順\n1. **設定**を開く\n2. [定期便](https://shop.example/s)を選ぶ\n\n- 一\n  - 二\n\n以上です。"
    assert markdown.to_plain(text) == (
        "手順\n\n1. 設定を開く\n2. 定期便 (https://shop.example/s)を選ぶ\n\n・一\n  ・二\n\n以上です。"
    )


def test_K10_a_diff_shows_the_changed_words_and_gives_both_texts_back() -> None:
    old, new = "冷蔵庫で30日です。\n開けたらお早めに。\n", "冷蔵庫で60日です。\n開けたらお早めに。\nおわり"
    found = diff.changes(old, new)
    assert {"op": "removed", "text": "30"} in found and {"op": "added", "text": "60"} in found
    assert "".join(each["text"] for each in found if each["op"] != "added") == old
    assert "".join(each["text"] for each in found if each["op"] != "removed") == new


@given(st.text(max_size=60), st.text(max_size=60))
def test_a_diff_loses_nothing(old: str, new: str) -> None:
    found = diff.changes(old, new)
    assert "".join(each["text"] for each in found if each["op"] != "added") == old
    assert "".join(each["text"] for each in found if each["op"] != "removed") == new


CORPUS = [
    search.words_of(1, "しょうゆの保存方法", "醤油 開封後", "冷蔵庫に入れてください。酢ではありません。"),
    search.words_of(2, "定期便のお休み", "スキップ サーバー", "次のお届けを一回とばす"),
    search.words_of(3, "How to skip a delivery", "", "Pause the subscription"),
]


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("酢", 1), ("醤", 1), ("保存", 1), ("ショウユ", 1), ("ｼｮｳﾕ", 1), ("しょーゆ", 1), ("しょゆの保存", 1), ("定期弁", 2),
        ("定期便 休み", 2), ("サーバ", 2), ("ＳＫＩＰ", 3), ("delivry", 3), ("塩", None), ("定期便 冷蔵庫", None), ("!?", None),
    ],
)  # fmt: skip
def test_K7_search_folds_width_and_kana_and_forgives_errors(query: str, first: int | None) -> None:
    found = search.find(query, CORPUS)
    assert (found[0][0] if found else None) == first


def test_slugs_keep_their_letters_and_are_free() -> None:
    assert slugs.slug_of(" しょうゆの 保存方法(開封後)! ") == "しょうゆの-保存方法-開封後"
    assert slugs.slug_of("How to skip?") == "how-to-skip" and slugs.slug_of("!?") == ""
    assert slugs.free("a", {"a", "a-2"}) == "a-3"
