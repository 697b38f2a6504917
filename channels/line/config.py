"""The settings of a LINE inbox: what the form asks, in Japanese and in English."""

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, model_validator


def _stripped(value: Any) -> Any:
    """What is pasted from a console often carries a space or a line end."""
    if isinstance(value, SecretStr):
        value = value.get_secret_value()
    return value.strip() if isinstance(value, str) else value


def _no_slash(value: Any) -> Any:
    value = _stripped(value)
    return value.rstrip("/") if isinstance(value, str) else value


def _text(ja: str, en: str, help_ja: str = "", help_en: str = "") -> dict[str, Any]:
    return {"title_ja": ja, "title_en": en, "help_ja": help_ja, "help_en": help_en}


Text = Annotated[str, BeforeValidator(_stripped)]
Secret = Annotated[SecretStr, BeforeValidator(_stripped)]
Base = Annotated[str, BeforeValidator(_no_slash), Field(pattern=r"^https?://[^\s/]+")]


class LineConfig(BaseModel):
    """One Messaging API channel of LINE."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    channel_id: Text = Field(
        min_length=1,
        title="Channel ID",
        json_schema_extra=_text(
            "チャネルID",
            "Channel ID",
            "LINE Developersコンソールの「チャネル基本設定」にある数字です。",
            "The number under “Basic settings” in the LINE Developers console.",
        ),
    )
    channel_secret: Secret = Field(
        min_length=1,
        title="Channel secret",
        json_schema_extra=_text(
            "チャネルシークレット",
            "Channel secret",
            "「チャネル基本設定」にあります。Webhookの署名の検証に使います。",
            "Under “Basic settings”. Proves that a webhook comes from LINE.",
        ),
    )
    next_channel_secret: Secret = Field(
        default=SecretStr(""),
        title="Next channel secret",
        json_schema_extra=_text(
            "次のチャネルシークレット",
            "Next channel secret",
            "シークレットを再発行する間だけ入力します。古いものと新しいものの両方を受け付けます。",
            "Only while the secret is being reissued: both are then accepted.",
        ),
    )
    access_token: Secret = Field(
        default=SecretStr(""),
        title="Channel access token",
        json_schema_extra=_text(
            "チャネルアクセストークン(長期)",
            "Channel access token (long-lived)",
            "空欄にすると、チャネルIDとシークレットから短い有効期間のトークンを自動で発行します(推奨)。",
            "Leave it empty and short-lived tokens are issued from the channel ID and secret (recommended).",
        ),
    )
    bot_user_id: Text = Field(
        default="",
        pattern=r"^(U[0-9a-f]{32})?$",
        title="Bot user ID",
        json_schema_extra=_text(
            "ボットのユーザーID",
            "Bot user ID",
            "入力すると、他のアカウント宛てのWebhookを拒否します。接続テストで表示されます。",
            "When given, webhooks for another account are refused. The connection test shows it.",
        ),
    )
    provider_id: Text = Field(
        default="",
        title="Provider ID",
        json_schema_extra=_text(
            "プロバイダーID",
            "Provider ID",
            "同じプロバイダーのチャネルに同じ値を入れると、同じお客様が一人としてまとまります。運用開始後は変えないでください。",
            "Give channels of one provider the same value, and a customer is one person in all of them. "
            "Do not change it once in use.",
        ),
    )
    group_policy: Literal["mention", "all", "never"] = Field(
        default="mention",
        title="Groups",
        json_schema_extra=_text(
            "グループでの受付",
            "Groups",
            "mention: アカウントへのメンションだけが受付になります。all: すべての発言。never: 記録のみ。",
            "mention: only a mention of the account opens a ticket. all: every message does. never: log only.",
        ),
    )
    sticker_reopens: bool = Field(
        default=False,
        title="Stickers reopen",
        json_schema_extra=_text(
            "スタンプで再開する",
            "Stickers reopen",
            "オフの場合、解決後のお礼のスタンプでチケットは再開しません。",
            "When off, a thank-you sticker does not reopen a resolved ticket.",
        ),
    )
    reserve_percent: int = Field(
        default=10,
        ge=0,
        le=90,
        title="Kept for answers",
        json_schema_extra=_text(
            "回答用に残す割合 (%)",
            "Kept for answers (%)",
            "今月のメッセージ数の残りがこの割合になると、アンケートや自動送信はプッシュで送られません。担当者の回答は送られます。",
            "When this share of the month's messages is left, surveys and automatic messages are no longer pushed. "
            "Agents' answers are.",
        ),
    )
    api_base: Base = Field(
        default="https://api.line.me",
        title="API host",
        json_schema_extra=_text("APIのURL", "API host", "通常は変更しません。", "Usually left as it is."),
    )
    data_base: Base = Field(
        default="https://api-data.line.me",
        title="Data host",
        json_schema_extra=_text("コンテンツのURL", "Data host", "通常は変更しません。", "Usually left as it is."),
    )

    @model_validator(mode="after")
    def _two_secrets(self) -> Self:
        if self.next_channel_secret == self.channel_secret:
            raise ValueError("next_channel_secret must differ from channel_secret")
        return self

    @property
    def secrets(self) -> tuple[bytes, ...]:
        """The keys that may have signed a webhook (L5)."""
        given = (self.channel_secret, self.next_channel_secret)
        return tuple(secret.get_secret_value().encode() for secret in given if secret.get_secret_value())

    @property
    def scope(self) -> str:
        """What LINE's user ids are unique within (L7)."""
        return self.provider_id or self.channel_id
