"""The settings of a mail inbox. The JSON Schema draws the form; titles and help stand there in both languages."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator
from pydantic.config import JsonDict

from channels.contract import Limits
from channels.email.headers import normal_address

DOOR = "DOOR"  # the method of hooks from our own door and poller; the app never gives it to an HTTP request
LINK_OVER = 10_000_000  # bytes: a bigger file goes out as a link (E29)

LIMITS = Limits(html=True, subject=True, files="any", total_bytes=20_000_000, idempotent=True, desk_mail=True)


def _titled(default: Any, ja: str, en: str, *, help_ja: str = "", help_en: str = "", **rules: Any) -> Any:
    extra: JsonDict = {"title_ja": ja, "title_en": en, "help_ja": help_ja, "help_en": help_en}
    return Field(default, json_schema_extra=extra, **rules)


class MailConfig(BaseModel):
    """One mailbox: its address, and the ways in and out that are used. An empty host switches a way off."""

    model_config = ConfigDict(extra="forbid")

    address: str = _titled(
        ..., "メールアドレス", "Mail address", help_ja="お客様が送る宛先", help_en="Where customers write to"
    )
    aliases: list[str] = _titled([], "別名のアドレス", "Other addresses of this inbox")
    sender_name: str = _titled("", "差出人名", "Sender name", max_length=100)
    signature: str = _titled("", "署名", "Signature", max_length=4000)
    plus_addressing: bool = _titled(
        True,
        "返信先に署名付きアドレスを使う",
        "Signed reply addresses",
        help_ja="メールサーバーが support+xxx@ を受け取れない場合は切ってください",
        help_en="Switch off when the mail server does not accept support+xxx@",
    )
    reply_line: bool = _titled(False, "「この線より上に返信」の行を入れる", "Insert a “reply above this line” line")

    imap_host: str = _titled(
        "", "IMAP サーバー", "IMAP server", help_ja="空欄なら取り込みません", help_en="Empty: not polled"
    )
    imap_port: int = _titled(993, "IMAP ポート", "IMAP port", ge=1, le=65535)
    imap_tls: Literal["tls", "starttls", "none"] = _titled("tls", "IMAP の暗号化", "IMAP encryption")
    imap_user: str = _titled("", "IMAP ユーザー名", "IMAP user")
    imap_password: SecretStr = _titled(SecretStr(""), "IMAP パスワード", "IMAP password")
    imap_auth: Literal["password", "xoauth2"] = _titled("password", "IMAP の認証方式", "IMAP authentication")
    imap_token: SecretStr = _titled(SecretStr(""), "IMAP アクセストークン", "IMAP access token (XOAUTH2)")
    imap_folder: str = _titled("INBOX", "IMAP フォルダー", "IMAP folder")
    import_existing: bool = _titled(False, "既存のメールも取り込む", "Import the mails that are already there")
    after_import: Literal["leave", "seen"] = _titled("leave", "取り込み後のメール", "Mails after their import")

    smtp_host: str = _titled("", "SMTP サーバー", "SMTP server")
    smtp_port: int = _titled(587, "SMTP ポート", "SMTP port", ge=1, le=65535)
    smtp_tls: Literal["starttls", "tls", "none"] = _titled("starttls", "SMTP の暗号化", "SMTP encryption")
    smtp_user: str = _titled("", "SMTP ユーザー名", "SMTP user")
    smtp_password: SecretStr = _titled(SecretStr(""), "SMTP パスワード", "SMTP password")
    smtp_auth: Literal["password", "xoauth2"] = _titled("password", "SMTP の認証方式", "SMTP authentication")
    smtp_token: SecretStr = _titled(SecretStr(""), "SMTP アクセストークン", "SMTP access token (XOAUTH2)")

    listen_host: str = _titled("127.0.0.1", "受信サーバーのアドレス", "Own mail door: address")
    listen_port: int | None = _titled(
        None,
        "受信サーバーのポート",
        "Own mail door: port",
        help_ja="空欄なら開きません",
        help_en="Empty: closed",
        ge=0,
        le=65535,
    )
    listen_protocol: Literal["smtp", "lmtp"] = _titled("smtp", "受信サーバーのプロトコル", "Own mail door: protocol")

    mime_secret: SecretStr = _titled(
        SecretStr(""),
        "MIME 受信の共有鍵",
        "Shared secret of the MIME hook",
        help_ja="空欄なら HTTP では受け取りません",
        help_en="Empty: nothing is taken by HTTP",
    )
    authserv_ids: list[str] = _titled(
        [],
        "信頼する認証サーバー名",
        "Trusted authentication servers",
        help_ja="自社の受信サーバーが Authentication-Results に書く名前",
        help_en="The names that your own mail servers write into Authentication-Results",
    )
    max_bytes: int = _titled(
        50_000_000, "受信するメールの最大サイズ", "Largest mail taken, in bytes", ge=10_000, le=200_000_000
    )
    timeout_s: float = _titled(30.0, "接続のタイムアウト (秒)", "Connection timeout in seconds", gt=0, le=300)

    @field_validator("address")
    @classmethod
    def _is_address(cls, value: str) -> str:
        normal = normal_address(value)
        if not normal:
            raise ValueError("not a mail address")
        return normal

    @field_validator("aliases")
    @classmethod
    def _are_addresses(cls, values: list[str]) -> list[str]:
        return [cls._is_address(value) for value in values]

    @field_validator("sender_name", "imap_host", "smtp_host", "imap_folder")
    @classmethod
    def _one_line(cls, value: str) -> str:
        if any(ord(sign) < 32 for sign in value):
            raise ValueError("must be one line")
        return value.strip()

    @field_validator("authserv_ids")
    @classmethod
    def _lowered(cls, values: list[str]) -> list[str]:
        return [value.strip().lower() for value in values]

    @property
    def own(self) -> frozenset[str]:
        """All addresses of this inbox, lower-cased."""
        return frozenset((self.address, *self.aliases))

    @property
    def domain(self) -> str:
        return self.address.rpartition("@")[2]
