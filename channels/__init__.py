"""The channels, by kind. Modules are imported when an inbox of their kind is first used: SDKs are heavy."""

import importlib
from collections.abc import Mapping
from typing import Any, cast

from channels.contract import Channel, Site

KINDS: Mapping[str, str] = {
    "line": "channels.line:Line",
    "email": "channels.email:Email",
    "chat": "channels.chat:Chat",
    "phone": "channels.phone:Phone",
}


def channel_type(kind: str) -> type[Channel]:
    """The class of a kind. KeyError when there is none."""
    module, name = KINDS[kind].split(":")
    return cast(type[Channel], getattr(importlib.import_module(module), name))


def open_channel(kind: str, config: Mapping[str, Any], site: Site) -> Channel:
    """A channel for one inbox. pydantic.ValidationError when the configuration does not fit."""
    made = channel_type(kind)
    return made(made.Config.model_validate(config), site)
