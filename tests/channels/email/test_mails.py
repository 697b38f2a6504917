"""Every Japanese trap of the rules E13 to E21 as a mail on disk, and what must be read from it."""

import pytest

from channels.contract import Inbound, Part
from tests.channels.email import sample

LETTER = "お世話になっております。\n三河屋の醤油が切れました。\n"
NEC = "①㈱髙﨑Ⅳ ﾃｽﾄ 〒123\n"


def read(name: str) -> Inbound:
    (item,) = sample.channel().parse(sample.at_door((sample.FIXTURES / f"{name}.eml").read_bytes()))
    assert isinstance(item, Inbound)
    return item


def only_part(name: str) -> Part:
    (part,) = read(name).parts
    return part


@pytest.mark.parametrize(
    ("name", "text", "charset"),
    [
        ("charset_jis_plain", LETTER, "iso-2022-jp"),
        ("charset_jis_nec", NEC, "iso-2022-jp"),
        ("charset_jis_ms", NEC, "iso-2022-jp"),
        ("charset_cp50221", NEC, "iso-2022-jp"),
        ("charset_sjis_is_cp932", NEC, "cp932"),
        ("charset_windows31j", NEC, "cp932"),
        ("charset_x_sjis", NEC, "cp932"),
        ("charset_euc", LETTER, "euc-jp"),
        ("charset_eucjp_win", NEC, "euc-jp"),
        ("charset_euc_nec", NEC, "euc-jp"),
        ("charset_jis_as_ascii", NEC, "iso-2022-jp"),
        ("charset_sjis_as_ascii", LETTER + "ｶﾀｶﾅ", "cp932"),
        ("charset_unknown_8bit", LETTER, "euc_jp"),
        ("charset_default_label", LETTER, "cp932"),
        ("charset_none_utf8", LETTER, "utf-8"),
        ("charset_none_jis", LETTER, "iso-2022-jp"),
        ("charset_utf8_lie", LETTER, "cp932"),
        ("charset_gb2312", "你好，朱镕基\n", "gb18030"),
    ],
)
def test_E13_E14_bodies_in_every_charset_and_under_every_label(name: str, text: str, charset: str) -> None:
    found = read(name)
    assert (found.text, found.meta["charset"]) == (text, charset)


def test_E14_a_guess_is_marked_so_that_the_screen_can_offer_another_reading() -> None:
    assert read("charset_utf8_lie").meta["charset_guessed"] is True
    assert read("charset_jis_nec").meta["charset_guessed"] is False


def test_E15_the_wave_dash_is_stored_as_cp932_reads_it() -> None:
    assert read("charset_wave_dash").text == "10～2\n"


@pytest.mark.parametrize(
    ("name", "subject"),
    [
        ("charset_jis_nec", "㈱髙橋①"),
        ("charset_cp50221", "㈱髙橋①"),
        ("charset_sjis_is_cp932", "㈱髙橋①"),
        ("charset_euc", "ご注文の件"),
        ("header_raw_utf8", "ご注文の件"),
        ("header_raw_sjis", "ご注文の件"),
        ("header_raw_jis", "ご注文の件"),
        ("header_split_in_char", "いろは"),
        ("header_split_utf8", "三河屋"),
        ("header_double_encoded", "ご注文の件"),
        ("header_folded_in_word", "ご注文の件"),
        ("header_kana_escapes", "ｶﾀｶﾅ ABC"),
        ("header_q_words", "三河屋 OK plain"),
        ("body_nul", "ab"),
    ],
)
def test_E16_subjects_as_mailers_really_write_them(name: str, subject: str) -> None:
    assert read(name).subject == subject


def test_E16_raw_shift_jis_in_a_display_name() -> None:
    assert read("header_raw_sjis").sender.name == "髙橋ソ太"


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("name_2231_jis", "請求書①.pdf"),
        ("name_2231_split", "請求書（十一月分）.pdf"),
        ("name_2047_quoted", "請求書.pdf"),
        ("name_2047_cut", "請求書.pdf"),
        ("name_raw_cp932", "表ソ.pdf"),
        ("name_both", "請求書.pdf"),
        ("name_nfd", "ガイド.pdf"),
        ("name_path", "evilfdp.exe"),
        ("name_in_type", "見積書.pdf"),
        ("name_long", "長" * 196 + ".pdf"),
    ],
)
def test_E17_file_names(name: str, file: str) -> None:
    part = only_part(name)
    assert (part.name, part.content) == (file, b"%PDF-1")


def test_E18_addresses_that_the_standard_forbids_are_real() -> None:
    found = read("address_docomo")
    assert found.sender.value == "a..b@docomo.ne.jp"
    assert [one.value for one in found.participants] == [".a.@docomo.ne.jp", "a.@ezweb.ne.jp", "taro@example.jp"]
    assert found.participants[2].name == "山田, 太郎"


def test_E18_needless_quotes_are_the_same_contact() -> None:
    assert read("address_quoted").sender.value == "a..b@docomo.ne.jp"


def test_E18_groups_and_commas_in_names() -> None:
    found = read("address_group")
    assert (found.sender.name, found.sender.value) == ("Yamada, Hanako (Sales)", "hanako@example.jp")
    assert found.participants == ()


def test_E4_a_blind_copy_is_found_by_its_delivery_address() -> None:
    assert read("address_group").meta["inbox_address"] == "help@mikawaya.example"


def test_a_mail_without_a_sender_belongs_to_nobody_else() -> None:
    found = read("address_none")
    assert found.sender.value.startswith("unknown-") and found.sender.value.endswith("@invalid")
    assert found.sender.value != read("body_nul").sender.value


def test_E19_html_alone_becomes_text_without_scripts_and_styles() -> None:
    found = read("body_html_only")
    assert found.text.split() == ["こんにちは①", "*", "一", "*", "二"]
    assert "<script>" in found.html, "the app sanitises what comes raw from here"


def test_E19_a_stub_is_not_preferred_to_the_html() -> None:
    assert read("body_stub").text.startswith("実際の内容は")


def test_E19_images_by_cid_are_inline_only_when_they_are_shown() -> None:
    shown, spare = read("body_cid").parts
    assert (shown.content_id, shown.inline, shown.name) == ("pic@1", True, "")
    assert (spare.content_id, spare.inline, spare.name) == ("pic@2", False, "spare.png")


def test_E19_format_flowed() -> None:
    assert read("body_flowed").text == "これは長い文の続きです。\n> 引用の続き\n-- \n署名\n"


@pytest.mark.parametrize(
    "name", ["body_nonsense_encoding", "body_no_last_boundary", "body_prefix_boundary", "body_smime"]
)
def test_E19_broken_structures_still_give_the_letter(name: str) -> None:
    assert read(name).text == LETTER


def test_E19_no_nul_reaches_the_database() -> None:
    assert read("body_nul").text == "onetwo\n"


def test_E19_lines_of_nine_thousand_bytes() -> None:
    assert read("body_long_line").text == "あ" * 3000 + "\n"


def test_E19_a_missing_last_boundary_keeps_the_attachment() -> None:
    assert only_part("body_no_last_boundary").content == b"\x00\x01\x02"


def test_E19_text_around_a_picture_is_one_text() -> None:
    found = read("body_apple_mixed")
    assert (found.text, found.parts[0].inline) == ("前\n後\n", True)


def test_E20_winmail_dat_is_unpacked() -> None:
    part = only_part("body_tnef")
    assert (part.name, part.content) == ("見積.xls", b"XLS!")


def test_E20_a_signature_stays_beside_the_text() -> None:
    assert only_part("body_smime").name == "smime.p7s"


def test_uuencoded_attachments() -> None:
    assert only_part("body_uuencode").content == b"Cat"


def test_E21_an_invitation_is_kept_for_the_screen() -> None:
    assert only_part("body_calendar").media_type == "text/calendar"


def test_E6_a_forwarded_mail_names_its_writer() -> None:
    found = read("body_forwarded_part")
    assert found.meta["forwarded"] == {"name": "Taro", "address": "taro@example.jp"}
    assert found.parts[0].name == "元の件名.eml"
