"""What can be wrong with a request. The parent gives the status, the docstring is the message, the class name the code."""

import re
from typing import Any, ClassVar


class Problem(Exception):
    """Something is wrong."""

    status: ClassVar[int] = 500

    def __init__(self, detail: str = "", **params: Any) -> None:
        super().__init__(detail or self.title())
        self.detail, self.params = detail, params

    @classmethod
    def title(cls) -> str:
        return (cls.__doc__ or "").strip().split("\n")[0]

    @classmethod
    def code(cls) -> str:
        return re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__).lower()


class Invalid(Problem):
    """The request does not fit."""

    status = 422


class Unauthorized(Problem):
    """Please sign in."""

    status = 401


class Forbidden(Problem):
    """You may not do this."""

    status = 403


class Missing(Problem):
    """There is no such thing."""

    status = 404


class Conflict(Problem):
    """Something has changed in the meantime."""

    status = 409


class TooLarge(Problem):
    """This is too large."""

    status = 413


class TooMany(Problem):
    """Too many attempts. Wait a moment."""

    status = 429


class WrongSetting(Exception):
    """A setting is missing or wrong: one line that says which and what to do; the command line exits with 2."""
