"""One suite over every kind of channel: what the app may rely on (channels/contract.py)."""

import dataclasses
import subprocess
import sys
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from channels import KINDS, channel_type, open_channel
from channels.contract import Answer, Channel, Forged, Hook, Inbound, Item, Limits, Placement
from tests.channels.chat import sample as chat
from tests.channels.email import sample as email
from tests.channels.line import sample as line
from tests.channels.phone import sample as phone

SAMPLES: dict[str, ModuleType] = {"line": line, "email": email, "chat": chat, "phone": phone}
HEAVY = ("linebot", "twilio", "aiohttp")


@pytest.fixture(params=sorted(KINDS))
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def forged(kind: str) -> list[Hook]:
    found = SAMPLES[kind].forged()
    return found if isinstance(found, list) else [found]


def parsed(channel: Channel, hook: Hook) -> list[Item]:
    channel.verify(hook)
    return channel.parse(hook)


def test_every_kind_has_its_samples() -> None:
    assert set(SAMPLES) == set(KINDS)


def test_a_channel_is_of_its_kind_and_knows_its_limits(kind: str) -> None:
    channel = SAMPLES[kind].channel()
    assert channel.kind == kind and type(channel) is channel_type(kind)
    limits = channel.limits
    assert isinstance(limits, Limits)
    assert limits.unit in ("chars", "utf16") and limits.files in ("any", "link", "none")
    assert limits.text_units is None or limits.text_units >= 0
    assert limits.handle_life_s is None or 0 < limits.handle_life_s <= 60


def test_what_the_provider_signed_is_accepted_and_read(kind: str) -> None:
    channel = SAMPLES[kind].channel()
    for hook in SAMPLES[kind].hooks():
        for item in parsed(channel, hook):
            assert dataclasses.is_dataclass(item)
            if isinstance(item, Inbound):
                assert item.external_id and item.conversation and item.sender.key.startswith(f"{kind}:")
                assert item.sent_at.tzinfo is not None
                assert item.sender.kind == kind


def test_reading_is_pure_the_same_bytes_say_the_same(kind: str) -> None:
    channel, another = SAMPLES[kind].channel(), SAMPLES[kind].channel()
    for hook in SAMPLES[kind].hooks():
        assert channel.parse(hook) == another.parse(hook) == channel.parse(hook)


def test_what_is_forged_is_refused(kind: str) -> None:
    channel = SAMPLES[kind].channel()
    for hook in forged(kind):
        with pytest.raises(Forged) as refusal:
            channel.verify(hook)
        assert refusal.value.status in (401, 403)


def test_a_changed_body_is_forged(kind: str) -> None:
    """The signature is over the bytes: one more byte, and it is somebody else's. Our own doors sign nothing."""
    channel = SAMPLES[kind].channel()
    for hook in SAMPLES[kind].hooks():
        if hook.method == "DOOR":
            continue
        with pytest.raises(Forged):
            channel.verify(dataclasses.replace(hook, body=hook.body + b"&x=1"))


def test_nobody_from_the_network_speaks_as_a_door(kind: str) -> None:
    channel = SAMPLES[kind].channel()
    for hook in SAMPLES[kind].hooks():
        if hook.method == "DOOR":
            with pytest.raises(Forged):
                channel.verify(dataclasses.replace(hook, method="POST"))


@pytest.mark.parametrize("name", sorted(KINDS))
@given(body=st.binary(max_size=400), cut=st.integers(0, 200), data=st.data())
def test_L11_reading_never_raises_whatever_comes(name: str, body: bytes, cut: int, data: st.DataObject) -> None:
    channel = SAMPLES[name].channel()
    hook = data.draw(st.sampled_from(SAMPLES[name].hooks()))
    for bytes_ in (body, hook.body[:cut] + body + hook.body[cut:], hook.body[: len(hook.body) - cut]):
        items = channel.parse(dataclasses.replace(hook, body=bytes_))
        assert isinstance(items, list)
    assert isinstance(channel.parse(dataclasses.replace(hook, route="no-such-route")), list)


def test_every_hook_is_answered_placed_or_not(kind: str) -> None:
    channel = SAMPLES[kind].channel()
    for hook in SAMPLES[kind].hooks():
        items = channel.parse(hook)
        placed = [Placement(item=item, ticket=1, thread=1, message=1, opened=True) for item in items]
        for placements in (placed, [Placement(item=item, duplicate=True) for item in items], []):
            answer = channel.answer(hook, placements)
            assert isinstance(answer, Answer) and 200 <= answer.status < 300
            assert isinstance(answer.body, bytes) and "/" in answer.media_type


def test_the_settings_form_speaks_both_languages_and_keeps_secrets(kind: str) -> None:
    config = channel_type(kind).Config
    for name, field in config.model_json_schema()["properties"].items():
        assert field.get("title_ja") and field.get("title_en"), f"{kind}.{name} has no title in both languages"
        assert bool(field.get("help_ja")) == bool(field.get("help_en")), f"{kind}.{name} helps in one language only"
    for name, field in config.model_fields.items():
        secret = any(word in name for word in ("secret", "password", "token"))
        if secret and "sid" not in name:
            assert SecretStr in _types(field.annotation), f"{kind}.{name} would be shown"


def _types(annotation: Any) -> set[Any]:
    return {annotation, *getattr(annotation, "__args__", ())}


def test_wrong_settings_are_refused_when_it_is_opened(kind: str) -> None:
    channel = SAMPLES[kind].channel()
    with pytest.raises(ValueError):
        open_channel(kind, {name: {"not": "a value"} for name in channel.Config.model_fields}, channel.site)


async def test_closing_twice_does_no_harm(kind: str) -> None:
    channel = SAMPLES[kind].channel()
    await channel.close()
    await channel.close()


def test_importing_a_kind_is_light(kind: str) -> None:
    """The webhook door imports the channel: the SDKs come when something is first sent."""
    script = (
        f"import sys; from channels import channel_type; channel_type({kind!r}); "
        f"print([m for m in {HEAVY!r} if m in sys.modules])"
    )
    said = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "[]"
