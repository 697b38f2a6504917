"""The world whose rows are read."""

from tests.actions.conftest import world

__all__ = ["world"]
