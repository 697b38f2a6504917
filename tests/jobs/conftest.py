"""The world of the verbs' tests, for clocks that need no more."""

from tests.actions.conftest import world

__all__ = ["world"]
