"""The settings of a chat inbox, and the rule of which pages may show its widget."""

import re
from collections.abc import Sequence
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, StringConstraints, field_validator

_ORIGIN = re.compile(r"https?://(\*\.)?[a-z0-9-]+(\.[a-z0-9-]+)*(:\d{1,5})?")
_SHORTEST_SECRET = 32  # bytes: HS256 asks for a key as long as its hash (RFC 7518, 3.2)

Line = Annotated[str, StringConstraints(strip_whitespace=True, max_length=60)]
Words = Annotated[str, StringConstraints(strip_whitespace=True, max_length=500)]


def _said(title_ja: str, title_en: str, help_ja: str = "", help_en: str = "") -> dict[str, Any]:
    return {"title_ja": title_ja, "title_en": title_en, "help_ja": help_ja, "help_en": help_en}


class ChatConfig(BaseModel):
    """What an administrator sets for one widget."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    allowed_origins: list[str] = Field(
        default_factory=list,
        max_length=100,
        json_schema_extra=_said(
            "設置を許可するサイト",
            "Sites that may show the widget",
            "例: https://www.example.jp(サブドメイン全体は https://*.example.jp)。空欄ならどのサイトにも設置できます。",
            "For example https://www.example.com, or https://*.example.com for every subdomain. Empty: any site.",
        ),
    )
    title_ja: Line = Field(default="お問い合わせ", json_schema_extra=_said("見出し(日本語)", "Title (Japanese)"))
    title_en: Line = Field(default="Chat with us", json_schema_extra=_said("見出し(英語)", "Title (English)"))
    welcome_ja: Words = Field(
        default="いらっしゃいませ。ご用件をお聞かせください。担当者がお答えします。",
        json_schema_extra=_said("はじめの挨拶(日本語)", "Welcome (Japanese)"),
    )
    welcome_en: Words = Field(
        default="Hello! Tell us how we can help. A member of our team will answer you here.",
        json_schema_extra=_said("はじめの挨拶(英語)", "Welcome (English)"),
    )
    color: str = Field(
        default="#2b4c7e",
        pattern=r"^#[0-9a-fA-F]{6}$",
        json_schema_extra={
            **_said(
                "テーマカラー",
                "Brand colour",
                "文字色は読みやすさ(コントラスト比 4.5:1 以上)に合わせて自動で決まります。",
                "The text colour follows by itself, so that the contrast is at least 4.5:1.",
            ),
            "format": "color",
        },
    )
    identity_secret: SecretStr = Field(
        default=SecretStr(""),
        json_schema_extra=_said(
            "本人確認用の署名鍵",
            "Identity secret",
            "ログイン済みのお客様を確認するための鍵です(HS256、32文字以上)。使わない場合は空欄にします。",
            "Signs who a logged-in visitor is (HS256, at least 32 characters). Leave it empty when not used.",
        ),
    )
    privacy_url: str = Field(
        default="",
        max_length=500,
        json_schema_extra=_said(
            "プライバシーポリシーのURL",
            "Privacy notice URL",
            "最初のメッセージの前に表示されます。",
            "Shown before the first message.",
        ),
    )
    ask_name: bool = Field(default=False, json_schema_extra=_said("お名前をたずねる", "Ask for the name"))
    ask_email: bool = Field(
        default=False, json_schema_extra=_said("メールアドレスをたずねる", "Ask for the e-mail address")
    )
    resume_days: int = Field(
        default=30,
        ge=1,
        le=365,
        json_schema_extra=_said(
            "会話を再開できる日数",
            "Days to resume",
            "この日数が過ぎると、匿名のお客様は新しい会話から始まります。",
            "After this many days an anonymous visitor begins a new conversation.",
        ),
    )

    @field_validator("allowed_origins")
    @classmethod
    def _origins(cls, values: list[str]) -> list[str]:
        origins = [origin for value in values if (origin := value.strip().lower().rstrip("/"))]
        for origin in origins:
            if not _ORIGIN.fullmatch(origin):
                raise ValueError(f"'{origin}' is not an origin: write it like https://www.example.com")
        return list(dict.fromkeys(origins))

    @field_validator("identity_secret")
    @classmethod
    def _long_enough(cls, value: SecretStr) -> SecretStr:
        if 0 < len(value.get_secret_value().encode()) < _SHORTEST_SECRET:
            raise ValueError("the identity secret is too short: give at least 32 characters")
        return value

    @field_validator("privacy_url")
    @classmethod
    def _a_page(cls, value: str) -> str:
        value = value.strip()
        if value and (not value.startswith(("https://", "http://")) or not value.isprintable() or " " in value):
            raise ValueError("the privacy URL must begin with https:// or http://")
        return value


def admits(allowed: Sequence[str], origin: str) -> bool:
    """Whether the origin stands in the list. As in CSP, "https://*.example.jp" covers subdomains, not example.jp."""
    if not allowed:
        return True
    asked = origin.strip().lower()
    return asked in allowed or any(_under(pattern, asked) for pattern in allowed if "://*." in pattern)


def _under(pattern: str, origin: str) -> bool:
    try:
        wanted, given = urlsplit(pattern.replace("://*.", "://", 1)), urlsplit(origin)
        same = (wanted.scheme, wanted.port) == (given.scheme, given.port)
    except ValueError:
        return False
    bare = not given.path and not given.query and not given.fragment and "@" not in given.netloc
    return same and bare and (given.hostname or "").endswith(f".{wanted.hostname}")
