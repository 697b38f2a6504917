"""Whatever the bytes are, `parse` gives items, never an exception, and its cost is bounded (E19, E27)."""

import sys
from collections.abc import Callable
from types import FrameType

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from channels.contract import Hook, Inbound
from channels.email.body import DEEPEST_HTML, LONGEST_TEXT, READABLE, html_to_text, unflow
from channels.email.charsets import decode
from channels.email.config import DOOR
from channels.email.headers import clean_name, decode_header, parse_addresses, parse_parameters
from channels.email.mime import DEEPEST, MOST_PARTS, read
from demo.mail_letters import jis
from tests.channels.email import sample

PIECES = [path.read_bytes() for path in sorted(sample.FIXTURES.glob("*.eml"))]


def parsed(raw: bytes, **headers: str) -> Inbound:
    (item,) = sample.channel().parse(sample.at_door(raw, **headers))
    assert isinstance(item, Inbound)
    return item


def assert_storable(item: object) -> None:
    """A database takes UTF-8 without NUL; meta must be JSON."""
    if isinstance(item, Inbound):
        texts = [
            item.text,
            item.html,
            item.subject,
            item.external_id,
            item.conversation,
            item.sender.name,
            item.sender.value,
        ]
        texts += [part.name for part in item.parts] + [part.content_id for part in item.parts]
        for text in texts:
            assert "\0" not in text
            text.encode("utf-8")
        orjson.dumps(dict(item.meta))
        assert item.external_id and item.conversation and item.sender.value
        assert item.sent_at.tzinfo is not None


@given(
    st.binary(max_size=600),
    st.dictionaries(st.sampled_from(["x-envelope-from", "x-envelope-to"]), st.text(max_size=30)),
)
@settings(max_examples=150, deadline=None)
def test_E27_any_bytes(raw: bytes, headers: dict[str, str]) -> None:
    for item in sample.channel().parse(sample.at_door(raw, **headers)):
        assert_storable(item)


@given(st.sampled_from(PIECES), st.integers(0, 3000), st.binary(max_size=40), st.integers(0, 400))
@settings(max_examples=250, deadline=None)
def test_E27_damaged_mails(raw: bytes, at: int, damage: bytes, gone: int) -> None:
    for item in sample.channel().parse(sample.at_door(raw[:at] + damage + raw[at + gone :])):
        assert_storable(item)
        assert not (isinstance(item, Inbound) and str(item.meta.get("error", "")).startswith("unparsable"))


@given(
    st.sampled_from(
        ["Subject", "From", "To", "Date", "Message-ID", "Content-Type", "References", "Content-Disposition"]
    ),
    st.binary(max_size=200),
)
@settings(max_examples=200, deadline=None)
def test_E16_any_header_value(name: str, value: bytes) -> None:
    raw = name.encode() + b": " + value.replace(b"\n", b" ") + b"\r\n\r\nbody"
    for item in sample.channel().parse(sample.at_door(raw)):
        assert_storable(item)
        assert not (isinstance(item, Inbound) and str(item.meta.get("error", "")).startswith("unparsable"))


ONE_WAY = "¢£¬‖−〜"  # cp932 writes them and reads others back
CP932 = st.characters(codec="cp932", exclude_categories=["Cc", "Co", "Cs"], exclude_characters=ONE_WAY)
JIS = CP932.filter(lambda sign: sign.encode("cp932")[0] < 0xF0)  # IBM's rows lie outside of JIS's 94


@given(st.text(JIS, max_size=60))
@settings(max_examples=200, deadline=None)
def test_E13_what_windows_mailers_call_iso_2022_jp(text: str) -> None:
    assert decode(jis(text), "ISO-2022-JP").text == text


@given(
    st.binary(max_size=200),
    st.text(max_size=20) | st.sampled_from(["utf-7", "punycode", "unicode_escape", "utf-16", "hz"]),
)
@settings(max_examples=200, deadline=None)
def test_E14_any_bytes_under_any_label(raw: bytes, label: str) -> None:
    text = decode(raw, label).text
    assert "\0" not in text
    text.encode("utf-8")


@given(st.text(max_size=400))
@settings(max_examples=100, deadline=None)
def test_E17_no_name_is_a_path(name: str) -> None:
    cleaned = clean_name(name)
    assert len(cleaned) <= 200 and not set(cleaned) & set("/\\\0\r\n\u202e") and not cleaned.startswith(".")


def nested(depth: int) -> bytes:
    head = b"".join(b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (n, n) for n in range(depth))
    return b"From: a@b.jp\r\n" + head + b"Content-Type: text/plain\r\n\r\ninside\r\n"


def test_E19_nesting_is_bounded_and_the_raw_mail_kept() -> None:
    assert parsed(nested(DEEPEST)).text == "inside\n"
    found = parsed(nested(2000))
    assert found.meta["defects"] == ["too_deep"]
    assert found.parts[-1].media_type == "message/rfc822" and found.parts[-1].content == nested(2000)


def test_E19_the_number_of_parts_is_bounded_and_the_raw_mail_kept() -> None:
    raw = b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n' + b"--b\r\n\r\nx\r\n" * (MOST_PARTS * 4) + b"--b--\r\n"
    root, defects = read(raw)
    assert len(root.children) == MOST_PARTS and defects == ["too_many_parts"]
    assert parsed(raw).parts[-1].content == raw


def test_E19_a_mail_that_is_too_big_is_visible_with_its_header() -> None:
    raw = sample.mail("Subject: =?utf-8?B?5aSn44GN44GE?=", "x" * 20_000)
    (item,) = sample.channel(max_bytes=10_000).parse(sample.at_door(raw))
    assert isinstance(item, Inbound)
    assert (item.kind, item.subject, item.sender.value) == ("unsupported", "大きい", "hanako@example.jp")
    assert item.meta["error"] == "too_large" and item.parts[0].content == raw


def test_E27_what_cannot_be_fetched_is_visible() -> None:
    hook = Hook(
        route="imap",
        method=DOOR,
        body=b"X-IMAP-UID: 5\r\n\r\n",
        received_at=sample.NOW,
        headers={"x-imap-error": "unfetchable"},
    )
    (item,) = sample.channel().parse(hook)
    assert isinstance(item, Inbound) and (item.kind, item.meta["error"]) == ("unsupported", "unfetchable")


def test_E27_a_mail_that_breaks_the_parser_is_visible_with_the_raw_mail(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*given: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("channels.email.inbound.content", broken)
    found = parsed(sample.mail("Subject: hello"))
    assert (found.kind, found.subject, found.meta["error"]) == ("unsupported", "hello", "unparsable:ZeroDivisionError")
    assert found.parts[0].media_type == "message/rfc822" and found.parts[0].content == sample.mail("Subject: hello")


def test_E19_long_texts_stay_whole_as_a_file() -> None:
    found = parsed(sample.mail(body="あ" * (LONGEST_TEXT + 10)))
    assert len(found.text) == LONGEST_TEXT and found.meta["defects"] == ["text_too_long"]
    (part,) = found.parts
    assert part.content is not None and part.content.decode() == "あ" * (LONGEST_TEXT + 10)


def test_E19_only_so_much_is_decoded_and_the_rest_is_a_file() -> None:
    one = "--b\nContent-Type: text/plain; charset=utf-8\n\n" + "a" * (READABLE // 2) + "\n"
    raw = sample.mail('Content-Type: multipart/mixed; boundary="b"', one * 4 + "--b--\n")
    found = parsed(raw)
    assert found.meta["defects"] == ["text_too_long"] and len(found.text) == LONGEST_TEXT
    assert [part.size for part in found.parts] == [READABLE // 2, READABLE // 2]


def test_E19_deep_html_never_reaches_the_recursive_converter() -> None:
    deep = "<div>" * 40_000 + "こんにちは" + "</div>" * 40_000
    assert html_to_text(deep).strip() == "こんにちは"
    found = parsed(sample.mail("Content-Type: text/html; charset=utf-8", deep))
    assert (found.html, found.text.strip(), found.meta["defects"]) == ("", "こんにちは", ["html_too_big"])
    assert found.parts[0].content == deep.encode()


def test_E19_html_as_deep_as_allowed_is_laid_out() -> None:
    assert html_to_text("<div>" * DEEPEST_HTML + "x" + "</div>" * DEEPEST_HTML).strip() == "x"


def steps(work: Callable[[], object]) -> int:
    count = 0

    def counted(frame: FrameType, event: str, argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(counted)
    try:
        work()
    finally:
        sys.setprofile(None)
    return count


@pytest.mark.parametrize(
    "unit",
    [
        b"=?utf-8?B?44OG?= ",
        b"=?",
        b"a@b,",
        b"<",
        b'"',
        b"(",
        b":",
        b"@:",
        b";",
        b'a="',
        b"filename*0=x;",
        b"\\",
        b"\x1b$B$",
    ],
)
def test_E16_hostile_fields_take_linear_steps(unit: bytes) -> None:
    def work(count: int) -> Callable[[], object]:
        value = unit * count
        return lambda: (decode_header(value), parse_addresses(value), parse_parameters(value))

    assert steps(work(4000)) <= steps(work(500)) * 8 * 1.5 + 2000


def test_E19_flowed_lines_are_joined_in_linear_steps() -> None:
    def work(count: int) -> Callable[[], object]:
        return lambda: unflow("a \n" * count, delete_space=False)

    assert steps(work(8000)) <= steps(work(1000)) * 8 * 1.5 + 500
    assert unflow("a \n" * 3 + "b", delete_space=False) == "a a a b"
