"""Long texts become several messages (L24, L25, P7)."""

import pytest
import regex
from hypothesis import given, settings
from hypothesis import strategies as st

from channels.line.split import clip, split, utf16_units

FAMILY = "👨‍👩‍👧"  # five code points, eight UTF-16 units, one grapheme cluster
RICH = st.text(alphabet=st.sampled_from("あい。！?\n\r 　🍎e\u0301👨\u200d👩\u200d👧🇯🇵〜ｶﾞhttps://a.b/c"), max_size=200)


@settings(max_examples=300, deadline=None)
@given(text=st.text(max_size=200) | RICH, units=st.integers(2, 60))
def test_P7_the_parts_join_back_and_fit(text: str, units: int) -> None:
    parts = split(text, units)
    assert "".join(parts) == text
    assert all(0 < utf16_units(part) <= units for part in parts)


@settings(max_examples=200, deadline=None)
@given(text=RICH)
def test_L25_no_cluster_is_cut(text: str) -> None:
    clusters = regex.findall(r"\X", text)
    if all(utf16_units(cluster) <= 20 for cluster in clusters):
        edges = {sum(map(len, clusters[:n])) for n in range(len(clusters) + 1)}
        ends = [len("".join(split(text, 20)[: n + 1])) for n in range(len(split(text, 20)))]
        assert set(ends) <= edges


def test_L24_units_are_utf16() -> None:
    assert utf16_units("\U0001f34e") == 2
    assert split("\U0001f34e" * 2500) == ["\U0001f34e" * 2500]
    assert [utf16_units(part) for part in split("\U0001f34e" * 2501)] == [5000, 2]
    assert split("") == []


def test_L25_cuts_at_the_paragraph_then_the_sentence() -> None:
    assert split("一行目。\n\n二行目です。三行目", 12) == ["一行目。\n\n", "二行目です。三行目"]
    assert split("これは長い文です。つぎの文です", 12) == ["これは長い文です。", "つぎの文です"]
    assert split("本当ですか!?」と聞いた", 9) == ["本当ですか!?」", "と聞いた"]
    assert split("one two three four", 10) == ["one two ", "three four"]
    assert split(FAMILY * 3, 20) == [FAMILY * 2, FAMILY]


def test_L25_a_url_stays_whole() -> None:
    url = "https://desk.example/files/9d8f7a6b5c4d"
    assert split(f"見積書はこちらです {url} です", 45) == ["見積書はこちらです ", f"{url} です"]
    assert "".join(split(url * 3, 30)) == url * 3  # longer than a message: there is no other way


def test_a_megabyte_is_split() -> None:
    text = "あいうえお。" * 150_000
    parts = split(text)
    assert "".join(parts) == text and max(map(utf16_units, parts)) <= 5000


def test_one_unit_cannot_hold_every_character() -> None:
    with pytest.raises(ValueError, match="two units"):
        split("x", 1)


def test_clip_counts_what_people_see() -> None:
    assert clip(FAMILY * 30, 20) == FAMILY * 20
