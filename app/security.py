"""Secrets: passwords, tokens, encryption at rest, signed links."""

import hashlib
import hmac
import secrets
from base64 import b32encode, urlsafe_b64encode

import orjson
from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error
from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from app.errors import WrongSetting

_hasher = PasswordHasher()


def hash_password(password: str) -> str:
    """Argon2id; about 50 ms of work: call it in a thread."""
    return _hasher.hash(password)


def password_fits(password: str, hashed: str) -> bool:
    """Takes as long for an unknown agent (empty hash) as for a wrong password."""
    try:
        return _hasher.verify(hashed or _NOBODY, password) and bool(hashed)
    except Argon2Error:
        return False


_NOBODY = _hasher.hash(secrets.token_hex(16))


def new_token() -> str:
    """256 bits, safe in a URL."""
    return secrets.token_urlsafe(32)


def token_hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


class Vault:
    """Keys for each purpose, derived from the installation's one secret."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._box = Fernet(urlsafe_b64encode(self.derive("secrets at rest")))
        self.installation = b32encode(self.derive("installation id")[:5]).decode().lower()

    def derive(self, purpose: str) -> bytes:
        """32 bytes for one purpose."""
        return HKDF(algorithm=SHA256(), length=32, salt=b"mikawaya", info=purpose.encode()).derive(self._key)

    def seal(self, secret: dict[str, str]) -> str:
        return self._box.encrypt(orjson.dumps(secret)).decode() if secret else ""

    def unseal(self, sealed: str) -> dict[str, str]:
        """WrongSetting when the key is another one than the secrets were sealed with."""
        if not sealed:
            return {}
        try:
            opened: dict[str, str] = orjson.loads(self._box.decrypt(sealed.encode()))
        except InvalidToken:
            raise WrongSetting(
                "MIKAWAYA_SECRET_KEY is not the key that the inboxes' secrets were stored with."
            ) from None
        return opened

    def sign(self, purpose: str, value: str) -> str:
        """128 bits over purpose and value, for links."""
        mac = hmac.digest(self._key, f"{purpose}\0{value}".encode(), "sha256")
        return b32encode(mac[:16]).decode().rstrip("=").lower()

    def signed(self, purpose: str, value: str, signature: str) -> bool:
        return hmac.compare_digest(self.sign(purpose, value).encode(), signature.lower().encode())
