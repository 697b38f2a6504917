"""The settings of one telephone inbox; the JSON Schema of `PhoneConfig` draws the settings form."""

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, StringConstraints, model_validator

from channels.phone.numbers import e164

AccountSid = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^AC[0-9A-Za-z]{32}$")]
HttpUrl = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^https?://[^\s]+$")]
OptionalUrl = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^(https?://[^\s]+)?$")]

GREETING_JA = "お電話ありがとうございます。三河屋サポートセンターです。"
GREETING_EN = "Thank you for calling the Mikawaya support centre."


def _words(title_ja: str, title_en: str, help_ja: str = "", help_en: str = "") -> dict[str, Any]:
    return {"title_ja": title_ja, "title_en": title_en, "help_ja": help_ja, "help_en": help_en}


class PhoneConfig(BaseModel):
    """Twilio account, number and what a caller hears. `number` is stored as E.164, however it was typed."""

    model_config = ConfigDict(extra="forbid")

    account_sid: AccountSid = Field(
        json_schema_extra=_words(
            "アカウントSID", "Account SID", "ACで始まる34文字です。", "34 characters, beginning with AC."
        )
    )
    auth_token: SecretStr = Field(
        min_length=1,
        json_schema_extra=_words(
            "認証トークン",
            "Auth token",
            "Webhookの署名の検証とAPIの呼び出しに使います。",
            "Checks the signatures of webhooks and calls the API.",
        ),
    )
    next_auth_token: SecretStr = Field(
        default=SecretStr(""),
        json_schema_extra=_words(
            "次の認証トークン",
            "Next auth token",
            "トークンを切り替える間だけ、二つ目も受け付けます。",
            "Accepted beside the first one while you rotate tokens.",
        ),
    )
    number: str = Field(
        json_schema_extra=_words(
            "電話番号",
            "Phone number",
            "Twilioで取得した番号です。発信者番号にもなります。",
            "The number that you own at Twilio; also the caller ID of calls to agents.",
        )
    )
    language: Literal["ja", "en"] = Field(
        default="ja", json_schema_extra=_words("案内の言語", "Language of announcements")
    )
    greeting_ja: str = Field(
        default=GREETING_JA, max_length=1000, json_schema_extra=_words("日本語の挨拶", "Greeting in Japanese")
    )
    greeting_en: str = Field(
        default=GREETING_EN, max_length=1000, json_schema_extra=_words("英語の挨拶", "Greeting in English")
    )
    recording_notice: bool = Field(
        default=True,
        json_schema_extra=_words(
            "録音の案内",
            "Recording notice",
            "通話を録音する場合は、挨拶の後に必ずお知らせください。",
            "Tells callers after the greeting that the call may be recorded.",
        ),
    )
    voicemail_after_s: int = Field(
        default=60,
        ge=0,
        le=3600,
        json_schema_extra=_words("留守番電話までの秒数", "Seconds before voicemail"),
    )
    voicemail_max_s: int = Field(
        default=120,
        ge=5,
        le=3600,
        json_schema_extra=_words("留守番電話の最長秒数", "Longest voicemail in seconds"),
    )
    ring_s: int = Field(
        default=20,
        ge=5,
        le=120,
        json_schema_extra=_words("担当者を呼び出す秒数", "Seconds an agent's phone rings"),
    )
    dial_s: int = Field(
        default=40,
        ge=5,
        le=120,
        json_schema_extra=_words("お客様を呼び出す秒数", "Seconds a customer's phone rings when you call"),
    )
    hold_music_url: OptionalUrl = Field(
        default="",
        json_schema_extra=_words(
            "保留音のURL",
            "Hold music URL",
            "30秒以内のMP3かWAVです。空欄なら無音です。",
            "An MP3 or WAV of at most 30 seconds; silence when empty.",
        ),
    )
    voice_ja: str = Field(
        default="Polly.Mizuki", max_length=80, json_schema_extra=_words("日本語の音声", "Japanese voice")
    )
    voice_en: str = Field(
        default="Polly.Joanna", max_length=80, json_schema_extra=_words("英語の音声", "English voice")
    )
    api_key_sid: str = Field(
        default="",
        pattern=r"^(SK[0-9A-Za-z]{32})?$",
        json_schema_extra=_words(
            "APIキーSID",
            "API key SID",
            "ブラウザで電話を受ける場合に必要です。",
            "Needed to take calls in the browser.",
        ),
    )
    api_key_secret: SecretStr = Field(
        default=SecretStr(""), json_schema_extra=_words("APIキーのシークレット", "API key secret")
    )
    twiml_app_sid: str = Field(
        default="",
        pattern=r"^(AP[0-9A-Za-z]{32})?$",
        json_schema_extra=_words(
            "TwiMLアプリSID",
            "TwiML app SID",
            "ブラウザから発信する場合だけ必要です。",
            "Only for calls that begin in the browser.",
        ),
    )
    default_region: str = Field(
        default="JP",
        pattern=r"^[A-Z]{2}$",
        json_schema_extra=_words(
            "既定の国",
            "Default region",
            "国番号のない番号をこの国のものとします。",
            "Numbers without a country code belong here.",
        ),
    )
    api_base: HttpUrl = Field(default="https://api.twilio.com", json_schema_extra=_words("APIのURL", "API URL"))

    @model_validator(mode="after")
    def _normalise(self) -> Self:
        number = e164(self.number, self.default_region)
        if number is None:
            raise ValueError(f"number: not a telephone number of {self.default_region}")
        self.number = number
        self.api_base = self.api_base.rstrip("/")
        if bool(self.api_key_sid) != bool(self.api_key_secret.get_secret_value()):
            raise ValueError("api_key_sid and api_key_secret: give both or neither")
        return self

    @property
    def auth_tokens(self) -> tuple[str, ...]:
        """Every token that Twilio may use now: the current one first (rotation, T3)."""
        tokens = (self.auth_token.get_secret_value(), self.next_auth_token.get_secret_value())
        return tuple(token for token in tokens if token)

    def greeting(self, language: str) -> str:
        return self.greeting_en if language == "en" else self.greeting_ja
