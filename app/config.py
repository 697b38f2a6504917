"""The settings, from the environment (MIKAWAYA_...). Nothing else reads the environment."""

import secrets
from functools import lru_cache
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict, SettingsError

from app.errors import WrongSetting

DATABASES = ("sqlite:///", "sqlite+aiosqlite:///", "postgresql://", "postgres://", "postgresql+asyncpg://")


class Settings(BaseSettings):
    """Everything that an operator may set. Each has a default that suits one machine."""

    model_config = SettingsConfigDict(env_prefix="MIKAWAYA_", extra="ignore")

    mode: Literal["production", "demo"] = "production"
    var: Path = Path("var")  # where the database, files and the generated key live
    database_url: str = ""  # empty: SQLite under `var`
    public_url: str = "http://127.0.0.1:8000"
    secret_key: SecretStr = SecretStr("")  # encrypts the inboxes' secrets and signs links
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=1, le=65535)
    language: Literal["ja", "en"] = "ja"
    timezone: str = "Asia/Tokyo"
    bus: Literal["auto", "local", "postgres", "redis"] = "auto"
    redis_url: str = ""
    log_json: bool | None = None  # None: JSON in production, readable in the demonstration
    private_hosts: Annotated[frozenset[str], NoDecode] = (
        frozenset()
    )  # hosts in private networks that channels may reach
    trusted_proxies: Annotated[tuple[str, ...], NoDecode] = ()  # only these may say whom they speak for
    secure_cookies: bool | None = None  # None: as the public URL says
    session_days: int = Field(default=14, ge=1, le=365)
    max_upload_mb: int = Field(default=25, ge=1, le=200)
    reopen_days: int = Field(default=14, ge=0)  # a message within this time after resolution reopens, later opens anew

    @field_validator("public_url")
    @classmethod
    def _no_slash(cls, value: str) -> str:
        if not value.startswith(("http://", "https://")):
            raise ValueError("must begin with http:// or https://")
        return value.rstrip("/")

    @field_validator("database_url")
    @classmethod
    def _known_database(cls, value: str) -> str:
        if value and not value.startswith(DATABASES):
            raise ValueError("must begin with postgresql:// or sqlite:///, or be empty for a file below MIKAWAYA_VAR")
        return value

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError("is no time zone like Asia/Tokyo") from None
        return value

    @field_validator("private_hosts", mode="before")
    @classmethod
    def _hosts(cls, value: str | frozenset[str]) -> frozenset[str]:
        """With commas; a JSON list, as it had to be once, is read too."""
        given = value.strip("[] ").replace('"', "").split(",") if isinstance(value, str) else value
        return frozenset(each.strip() for each in given if each.strip())

    @field_validator("trusted_proxies", mode="before")
    @classmethod
    def _addresses(cls, value: str | tuple[str, ...]) -> tuple[str, ...]:
        """uvicorn takes what it cannot read as a name, and trusts nobody by it: here it is said at once."""
        given = value.split(",") if isinstance(value, str) else value
        found = tuple(each.strip() for each in given if each.strip())
        for each in found:
            try:
                network = ip_network(each)
            except ValueError:
                raise ValueError(f"{each!r} is no address and no network like 10.0.0.0/8") from None
            if network.prefixlen == 0:
                raise ValueError(f"{each!r} is everybody: name the proxies")
        return found

    @property
    def database(self) -> str:
        """The SQLAlchemy URL with its asynchronous driver."""
        url = self.database_url or f"sqlite:///{self.var.absolute()}/mikawaya.db"
        for plain, driver in (
            ("sqlite://", "sqlite+aiosqlite://"),
            ("postgresql://", "postgresql+asyncpg://"),
            ("postgres://", "postgresql+asyncpg://"),
        ):
            if url.startswith(plain):
                return driver + url.removeprefix(plain)
        return url

    @property
    def search_database(self) -> str:
        """Where the search index is: on SQLite a file beside the database (derived: it can be made anew)."""
        return f"{self.database.removesuffix('.db')}.search.db" if self.is_sqlite else self.database

    @property
    def is_sqlite(self) -> bool:
        return self.database.startswith("sqlite")

    @property
    def files(self) -> Path:
        return self.var / "files"

    @property
    def cookies_secure(self) -> bool:
        return self.public_url.startswith("https://") if self.secure_cookies is None else self.secure_cookies

    def key(self) -> bytes:
        """The installation's secret; in a single-machine installation it is made once and kept in `var`."""
        given = self.secret_key.get_secret_value()
        if given:
            if len(given) < 32:
                raise WrongSetting("MIKAWAYA_SECRET_KEY is too short: give at least 32 characters.")
            return given.encode()
        return _kept_key(self.var / "secret.key")


def _kept_key(path: Path) -> bytes:
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        fresh = path.with_suffix(".new")
        fresh.touch(mode=0o600)
        fresh.write_text(secrets.token_urlsafe(48))
        fresh.replace(path)
    return path.read_text().strip().encode()


@lru_cache
def settings() -> Settings:
    """The settings of this process. WrongSetting names the first that does not fit."""
    try:
        return Settings()
    except ValidationError as wrong:
        first = wrong.errors()[0]
        name = "MIKAWAYA_" + "_".join(str(part) for part in first["loc"]).upper()
        raise WrongSetting(f"{name} does not fit: {first['msg']}.") from None
    except SettingsError as wrong:  # a list that is no JSON
        raise WrongSetting(f"A setting does not fit: {wrong}.") from None
