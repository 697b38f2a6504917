"""Bytes of a mail to text: the labels and habits of Japanese mailers included (rules E13, E14, E15).

Python has no codec for what Japanese mailers call ISO-2022-JP (it holds the NEC and IBM rows, ①㈱髙, and half-width
kana), so its double bytes are moved to Shift_JIS by arithmetic and read as cp932. Nothing here raises, and the text
never holds NUL or lone surrogates, which a database would refuse.
"""

import codecs
import importlib
import re
from dataclasses import dataclass

JIS = "iso-2022-jp"
SAMPLE = 8192  # bytes shown to the statistical detector: its cost must not grow with the mail

_SJIS = {
    "shift_jis",
    "shift-jis",
    "sjis",
    "x-sjis",
    "ms_kanji",
    "windows-31j",
    "windows-932",
    "ms932",
    "cp932",
    "csshiftjis",
}
_EUC = {"euc-jp", "eucjp", "x-euc-jp", "euc_jp", "eucjp-win", "eucjp-ms", "cp51932", "ujis", "x-euc"}
_ALIASES = {
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "ks_c_5601-1987": "cp949",
    "euc-kr": "cp949",
    "iso-8859-1": "cp1252",
    "latin1": "cp1252",
    "us-ascii": "ascii",
    "utf8": "utf-8",
    "unicode-1-1-utf-8": "utf-8",
}
# Only codecs of plain character sets: others (idna, punycode, unicode_escape) are slow or no charsets at all.
_CODEC = re.compile(
    r"(?:iso[-_]?8859|windows-?12|cp\d|koi8|big5|gb|utf[-_]?(?:8|16|32)|mac|euc|hz|tis|viscii|johab)[\w-]{0,16}"
)
_ESCAPE = re.compile(rb"\x1b(\$\(?[@ABCDOPQ]|\([A-Z]|&@|\.[AF])")
_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Decoded:
    """A text, the charset it was read with, and whether that was a guess (the screens then offer another reading)."""

    text: str
    charset: str
    guessed: bool = False


def clean(text: str) -> str:
    """The same text without NUL and lone surrogates."""
    if "\0" in text:
        text = text.replace("\0", "")
    return _SURROGATE.sub("\ufffd", text) if _SURROGATE.search(text) else text


def decode(raw: bytes, label: str = "") -> Decoded:
    """Reads bytes that are labelled so. Total: a lying, unknown or missing label leads to detection."""
    found = _labelled(raw, label.strip().strip("\"'").lower()) or detect(raw)
    return Decoded(clean(found.text), found.charset, found.guessed)


def detect(raw: bytes) -> Decoded:
    """Strict UTF-8, then ISO-2022-JP, then the likelier of cp932 and EUC-JP, then statistics (E14)."""
    if _looks_jis(raw):
        return Decoded(jis(raw), JIS, guessed=True)
    if (text := _strict(raw, "utf-8")) is not None:
        return Decoded(text, "ascii" if raw.isascii() else "utf-8", guessed=not raw.isascii())
    if raw[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        return Decoded(raw.decode("utf-16", "replace"), "utf-16", guessed=True)
    if japanese := _japanese(raw):
        return japanese
    guess = importlib.import_module("charset_normalizer").from_bytes  # 5 MB, for the mail that needs it
    best = guess(raw[:SAMPLE], cp_isolation=["utf_8", "cp932", "euc_jp", "iso2022_jp_ext", "cp1252"]).best()
    name = best.encoding if best else "cp1252"
    return Decoded(euc(raw) if name == "euc_jp" else raw.decode(name, "replace"), name, guessed=True)


# What a person may choose when a guess was wrong (E14): Japan's first, then the neighbours'.
CHOICES = ("utf-8", JIS, "cp932", "euc-jp", "gb18030", "big5", "cp949", "cp1252")


def read_as(raw: bytes, charset: str) -> Decoded:
    """In the charset that somebody chose, one of CHOICES, whatever comes out."""
    ours = {JIS: jis, "euc-jp": euc}.get(charset)
    return Decoded(clean(ours(raw) if ours else raw.decode(charset, "replace")), charset)


def jis(raw: bytes) -> str:
    """ISO-2022-JP and its kin (CP50220, CP50221, -MS, -2, -3) as mailers really write it."""
    out: list[str] = []
    mode = b"(B"
    at = 0
    for escape in _ESCAPE.finditer(raw):
        out.append(_segment(raw[at : escape.start()], mode))
        mode, at = escape.group(1), escape.end()
    out.append(_segment(raw[at:], mode))
    return "".join(out)


def euc(raw: bytes) -> str:
    """EUC-JP; what the standard codec refuses is read as the Windows variant (①㈱)."""
    strict = _strict(raw, "euc_jp")
    return strict if strict is not None else _EUC_UNIT.sub(_euc_unit, raw).decode("cp932", "replace")


_EUC_UNIT = re.compile(rb"\x8e[\xa1-\xdf]|\x8f[\xa1-\xfe]{2}|[\xa1-\xfe]{2}")


def _euc_unit(unit: re.Match[bytes]) -> bytes:
    raw = unit.group()
    if raw[0] == 0x8E:
        return raw[1:]
    if raw[0] == 0x8F:  # JIS X 0212 has no place in cp932 unless IBM's extension has the character
        return raw.decode("euc_jp", "replace").encode("cp932", "replace")
    return _shift(raw[0] & 0x7F, raw[1] & 0x7F)


def _labelled(raw: bytes, label: str) -> Decoded | None:
    """By the label; None when it says nothing or cannot be true."""
    if label in _SJIS:
        return None if _looks_jis(raw) else Decoded(raw.decode("cp932", "replace"), "cp932")
    if label in _EUC:
        return None if _looks_jis(raw) else Decoded(euc(raw), "euc-jp")
    if label.startswith(("iso-2022-jp", "iso2022-jp", "iso2022jp", "cp5022", "csiso2022jp", "x-iso-2022-jp", "jis")):
        return Decoded(jis(raw), JIS) if b"\x1b" in raw or b"\x0e" in raw or raw.isascii() else None
    label = _ALIASES.get(label, label)
    if _looks_jis(raw):
        return None
    if label in ("utf-8", "utf_8"):
        return _utf8(raw)
    if not _CODEC.fullmatch(label):
        return None
    try:
        return Decoded(raw.decode(label), label)
    except (LookupError, UnicodeError, ValueError):
        return Decoded(raw.decode("cp1252", "replace"), "cp1252") if label == "cp1252" else None


def _utf8(raw: bytes) -> Decoded | None:
    """UTF-8 with a few damaged characters is still UTF-8."""
    if (strict := _strict(raw, "utf-8-sig")) is not None:
        return Decoded(strict, "utf-8")
    damaged = raw.decode("utf-8", "replace")
    return Decoded(damaged, "utf-8") if damaged.count("\ufffd") * 20 < len(damaged) else None


def _japanese(raw: bytes) -> Decoded | None:
    """cp932 or EUC-JP. Each often decodes as the other, into half-width kana and rare signs: fewer of these wins."""
    candidates = [Decoded(text, name, guessed=True) for name in ("cp932", "euc_jp") if (text := _strict(raw, name))]
    return min(candidates, key=lambda one: _oddity(one.text), default=None)


def _oddity(text: str) -> int:
    return sum(
        1 for sign in text[:SAMPLE] if "\uff61" <= sign <= "\uff9f" or "\ue000" <= sign <= "\uf8ff" or sign < "\t"
    )


def _strict(raw: bytes, codec: str) -> str | None:
    try:
        return raw.decode(codec)
    except UnicodeDecodeError:
        return None


def _looks_jis(raw: bytes) -> bool:
    return b"\x1b$" in raw or b"\x1b(I" in raw


def _segment(raw: bytes, mode: bytes) -> str:
    """What stands between two escapes. A line's end returns to ASCII even when the mailer forgot to say so."""
    if mode in (b"(B", b"(J", b"(H", b"&@", b".A", b".F") or not raw:
        return _single(raw)
    body, newline, rest = raw.partition(b"\n")
    return _double(body, mode) + newline.decode() + _single(rest)


def _single(raw: bytes) -> str:
    """ASCII, with half-width kana either in eight bits or between shift-out and shift-in."""
    if b"\x0e" in raw:
        raw = re.sub(rb"\x0e([^\x0f]*)\x0f?", lambda kana: _kana(kana.group(1)), raw)
    return raw.decode("cp932", "replace")


def _kana(raw: bytes) -> bytes:
    return bytes(byte | 0x80 if 0x21 <= byte <= 0x5F else byte for byte in raw)


def _double(raw: bytes, mode: bytes) -> str:
    if mode == b"(I":
        return _kana(raw).decode("cp932", "replace")
    if mode in (b"$@", b"$B", b"$(@", b"$(B"):
        return _pairs(raw)
    codec = {b"$(D": "iso2022_jp_1", b"$A": "iso2022_jp_2", b"$(C": "iso2022_jp_2"}.get(mode, "iso2022_jp_2004")
    return (b"\x1b" + mode + raw + b"\x1b(B").decode(codec, "replace")


def _pairs(raw: bytes) -> str:
    """JIS X 0208 pairs with the vendors' rows; spaces and controls between them stand for themselves."""
    out = bytearray()
    at, end = 0, len(raw)
    while at < end:
        first = raw[at] & 0x7F
        if first < 0x21 or first > 0x7E or at + 1 == end or not 0x21 <= raw[at + 1] & 0x7F <= 0x7E:
            out.append(first)
            at += 1
        else:
            out += _shift(first, raw[at + 1] & 0x7F)
            at += 2
    return out.decode("cp932", "replace")


def _shift(row: int, cell: int) -> bytes:
    """A JIS pair as Shift_JIS."""
    lead = (row + 1) // 2 + (0x70 if row < 0x5F else 0xB0)
    if row % 2:
        return bytes((lead, cell + (0x1F if cell < 0x60 else 0x20)))
    return bytes((lead, cell + 0x7E))
