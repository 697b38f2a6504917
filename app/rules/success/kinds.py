"""What an inquiry is about: the desk's own list, in both languages, and a guess from the customer's words. Pure.

A kind: {"code", "ja", "en", "words", "complaint", "off"}. Codes stay for ever: tickets and matrices name them. One that is
no longer wanted is off. In a complaint nobody sells anything (C14).
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

from app.errors import Invalid

Kind = Mapping[str, Any]
MOST = 30
CODE = re.compile(r"[a-z][a-z0-9_]{0,23}")


def _kind(code: str, ja: str, en: str, *words: str, complaint: bool = False) -> dict[str, Any]:
    return {"code": code, "ja": ja, "en": en, "words": list(words), "complaint": complaint, "off": False}


DEFAULTS: tuple[dict[str, Any], ...] = (
    _kind("howto", "使い方", "How to", "使い方", "方法", "やり方", "どうすれば", "どうやって", "how do i", "how to"),
    _kind("trouble", "不具合・苦情", "Trouble", "届かない", "届きません", "壊れ", "動かない", "動きません", "エラー", "割れ",
          "不具合", "できません", "broken", "error", "does not work", "not arrived", complaint=True),
    _kind("strategy", "活用の相談", "Use and strategy", "活用", "改善したい", "おすすめ", "増やしたい", "best practice"),
    _kind("contract", "契約・更新", "Contract and renewal", "契約", "更新", "解約", "値上げ", "プラン", "renewal", "contract"),
    _kind("training", "研修・導入", "Training", "研修", "講習", "導入", "説明会", "勉強会", "training", "onboarding"),
    _kind("billing", "請求・支払い", "Billing", "請求", "支払", "領収書", "インボイス", "返金", "invoice", "refund", "receipt"),
    _kind("other", "その他", "Other"),
)  # fmt: skip


class WrongKinds(Invalid):
    """These kinds of inquiry do not fit."""


class NoKind(Invalid):
    """There is no such kind of inquiry, or it is no longer used."""


def listed(given: Sequence[Kind]) -> list[Kind]:
    """The desk's own list, else the usual one."""
    return list(given) or list(DEFAULTS)


def check(given: Sequence[Kind], before: Sequence[Kind]) -> None:
    """Raises WrongKinds, with the place of each fault."""
    codes = [each["code"] for each in given]
    faults = [(f"{at}.code", "code") for at, code in enumerate(codes) if not CODE.fullmatch(code)]
    faults += [(f"{at}.code", "twice") for at, code in enumerate(codes) if code in codes[:at]]
    faults += [(f"{at}.{name}", "nameless") for at, each in enumerate(given) for name in ("ja", "en")
               if not each[name].strip()]  # fmt: skip
    gone = [each["code"] for each in before if each["code"] not in codes]
    faults += [("", f"gone:{code}") for code in gone]
    if faults or len(given) > MOST:
        raise WrongKinds(fields=[{"at": at, "code": code} for at, code in faults])


def usable(kinds: Sequence[Kind], code: str) -> bool:
    return code == "" or any(each["code"] == code and not each["off"] for each in kinds)


def is_complaint(kinds: Sequence[Kind], code: str) -> bool:
    return any(each["code"] == code and each["complaint"] for each in kinds)


def guess(text: str, kinds: Sequence[Kind]) -> str:
    """The kind most of whose words stand in the text, the first of equals; empty when none does. Only a suggestion."""
    said = unicodedata.normalize("NFKC", text).casefold()
    counts = [
        (sum(unicodedata.normalize("NFKC", word).casefold() in said for word in each["words"]), each["code"])
        for each in kinds
        if not each["off"]
    ]
    most = max((count for count, _ in counts), default=0)
    return next((code for count, code in counts if count == most), "") if most else ""
