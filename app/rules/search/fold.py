"""Folding: two spellings that a Japanese reader takes for the same become the same string. Stored text is never changed.

NFKC and case; hiragana to katakana; half width to full; old forms of characters in names; every dash that is typed for a
long vowel, and none at a word's end (サーバ, サーバー); lines and blanks within Japanese text, which mail programs put
anywhere.
"""

import re
from unicodedata import normalize

VERSION = 1  # an index that was made by another is made anew

# Characters that are written without blanks between words: what bigrams are for.
CJK = (
    "\u3005-\u3007\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff"
    "\U00020000-\U0003ffff"
)
_KATAKANA = "\u30a1-\u30fa\u30fd-\u30ff\u31f0-\u31ff"
_DASHES = "\\-\u2010-\u2015\u2212\u301c\uff5e~\u30fc\u2500"

_OLD = dict(zip("髙﨑齋齊邊邉澤濱濵廣國櫻嶋嶌龍瀧眞德惠", "高崎斎斉辺辺沢浜浜広国桜島島竜滝真徳恵", strict=True))
_TABLE = str.maketrans(
    {chr(n): chr(n + 0x60) for n in range(0x3041, 0x3097)}
    | {"ゝ": "ヽ", "ゞ": "ヾ", "ヵ": "カ", "ヶ": "カ", "ゕ": "カ", "ゖ": "カ"}
    | _OLD
)
_SPACES = re.compile(r"[\s\x00-\x1f\x7f]+")
_BETWEEN = re.compile(f"(?<=[{CJK}]) (?=[{CJK}])")
_LONG = re.compile(f"(?<=[{_KATAKANA}])[{_DASHES}]+")
_NUMBER_DASH = re.compile(f"(?<=[0-9a-z])[{_DASHES}](?=[0-9a-z])")
_LAST_LONG = re.compile(f"ー(?![{CJK}])|(?<![{_KATAKANA}])ー")


def fold(text: str) -> str:
    """The same for every spelling of it. Folding what is folded changes nothing."""
    plain = _NUMBER_DASH.sub("-", _normal(text))
    if plain.isascii():
        return plain.strip()
    plain = _BETWEEN.sub("", plain)
    plain = _LONG.sub("ー", plain)
    return _LAST_LONG.sub("", plain).strip()


def _normal(text: str) -> str:
    if text.isascii():
        return _SPACES.sub(" ", text.lower())
    plain = normalize("NFKC", normalize("NFKC", text).casefold()).translate(_TABLE)
    return _SPACES.sub(" ", plain)
