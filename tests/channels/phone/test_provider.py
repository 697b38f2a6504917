"""Recordings, the connection test, the softphone's token, the settings, and what importing the channel costs."""

import subprocess
import sys
from datetime import timedelta

import jwt
import pytest
from pydantic import ValidationError
from twilio.jwt.access_token import AccessToken
from twilio.jwt.access_token.grants import VoiceGrant

from channels.contract import Channel, Checks, Fetches, Finding, Part, TryAgain, Undeliverable
from channels.phone import Phone, PhoneConfig
from channels.telephony import Softphone
from tests.channels.phone.rig import Desk, open_desk
from tests.channels.phone.sample import ACCOUNT, NOW, channel, config, site

KEY = {"api_key_sid": "SK" + "1" * 32, "api_key_secret": "s" * 32}


def part(desk: Desk, sid: str) -> Part:
    remote = f"recording:{desk.api_base}/2010-04-01/Accounts/{ACCOUNT}/Recordings/{sid}"
    return Part(name="voicemail.wav", media_type="audio/wav", remote=remote)


async def test_a_recording_that_is_not_ready_is_tried_again(desk: Desk) -> None:
    kept = desk.cloud.record("CA1", 2)
    desk.cloud.media_misses = 2
    with pytest.raises(TryAgain) as caught:
        await desk.phone.fetch(part(desk, kept.sid))
    assert (caught.value.code, caught.value.after) == ("preparing", 5.0)
    desk.cloud.media_misses = 0
    fetched = await desk.phone.fetch(part(desk, kept.sid))
    assert fetched.content == kept.content


async def test_a_recording_that_does_not_exist_is_gone(desk: Desk) -> None:
    with pytest.raises(Undeliverable) as caught:
        await desk.phone.fetch(part(desk, "RE0"))
    assert caught.value.code == "content_gone"


@pytest.mark.parametrize(
    ("status", "wanted"),
    [(500, TryAgain), (429, TryAgain), (401, Undeliverable), (403, Undeliverable), (302, Undeliverable)],
)
async def test_errors_of_a_download(desk: Desk, status: int, wanted: type[Exception]) -> None:
    kept = desk.cloud.record("CA1", 1)
    desk.cloud.faults += [(status, 20500)] if status >= 400 else []
    wrong = part(desk, kept.sid)
    if status == 302:
        wrong = Part(name="", remote=wrong.remote + "/../../Calls")
    with pytest.raises(wanted):
        await desk.phone.fetch(wrong)


@pytest.mark.parametrize(
    "remote",
    [
        "recording:https://evil.example/2010-04-01/Accounts/{account}/Recordings/RE1",
        "recording:{base}@evil.example/2010-04-01/Accounts/{account}/Recordings/RE1",
        "recording:{base}.evil.example/2010-04-01/Accounts/{account}/Recordings/RE1",
        "recording:{base}/2010-04-01/Accounts/{account}/Recordings/../Calls/CA1",
        "recording:{base}/2010-04-01/Accounts/AC-another/Recordings/RE1",
        "recording:file:///etc/passwd",
        "",
    ],
)
async def test_T20_our_password_goes_to_our_provider_only(desk: Desk, remote: str) -> None:
    with pytest.raises(Undeliverable) as caught:
        await desk.phone.fetch(Part(name="", remote=remote.format(base=desk.api_base, account=ACCOUNT)))
    assert caught.value.code == "refused"


async def test_connection_test_of_a_number_that_is_set_up_right(desk: Desk) -> None:
    found = await desk.phone.check()
    assert [(one.code, one.ok) for one in found] == [
        ("phone_account", True),
        ("phone_number", True),
        ("phone_voice_url", True),
        ("phone_status_url", True),
        ("phone_fallback_url", True),
    ]


async def test_connection_test_tells_what_is_wrong(desk: Desk) -> None:
    set_up = desk.cloud.number_settings
    set_up |= {"voice_url": "https://old.example/voice#rc=2", "voice_fallback_url": "", "status_callback_method": "GET"}
    wrong = [one for one in await desk.phone.check() if not one.ok]
    assert [one.code for one in wrong] == ["phone_voice_url", "phone_status_url", "phone_fallback_url"]
    assert wrong[0].detail == f"https://old.example/voice#rc=2 -> {desk.hook_url}/voice"
    set_up |= {"voice_url": f"{desk.hook_url}/voice#rc=2&rp=all"}  # T4: Twilio's own settings behind the address
    assert "phone_voice_url" not in [one.code for one in await desk.phone.check() if not one.ok]


async def test_connection_test_never_raises() -> None:
    async with open_desk(auth_token="wrong") as desk:
        assert await desk.phone.check() == [Finding(ok=False, code="phone_account", detail="20003")]
        desk.phone.config.api_base = "http://127.0.0.1:9"
        assert await desk.phone.check() == [Finding(ok=False, code="phone_account", detail="ConnectError")]
    async with open_desk(number="03-1234-5678") as desk:
        assert [(one.code, one.ok) for one in await desk.phone.check()] == [
            ("phone_account", True),
            ("phone_number", False),
        ]


def test_T14_token_is_what_twilios_own_builder_makes() -> None:
    phone = Phone(config(**KEY, twiml_app_sid="AP" + "2" * 32), site())
    mine = phone.token(7, NOW)
    issued = int(NOW.timestamp())
    theirs = AccessToken(
        ACCOUNT, KEY["api_key_sid"], KEY["api_key_secret"], identity="agent-7", nbf=issued, valid_until=issued + 3600
    )
    theirs.add_grant(VoiceGrant(incoming_allow=True, outgoing_application_sid="AP" + "2" * 32))
    unchecked = {"verify_exp": False, "verify_nbf": False}
    claims = jwt.decode(mine, KEY["api_key_secret"], algorithms=["HS256"], options=unchecked)
    expected = jwt.decode(theirs.to_jwt(), KEY["api_key_secret"], algorithms=["HS256"], options=unchecked)
    assert claims.pop("jti").startswith(KEY["api_key_sid"])
    expected.pop("jti")
    assert claims == expected
    assert claims["exp"] - claims["nbf"] == timedelta(hours=1).total_seconds()
    assert jwt.get_unverified_header(mine) == jwt.get_unverified_header(theirs.to_jwt())


def test_no_token_without_an_api_key() -> None:
    with pytest.raises(Undeliverable) as caught:
        channel().token(7, NOW)
    assert caught.value.code == "softphone_off"


def test_protocols() -> None:
    phone: Channel = channel()
    assert all(isinstance(phone, protocol) for protocol in (Fetches, Checks, Softphone))


def test_number_is_stored_as_e164() -> None:
    assert config(number="０３－１２３４－５６７８").number == "+81312345678"


@pytest.mark.parametrize(
    "wrong",
    [
        {"number": "110"},
        {"account_sid": "SK" + "0" * 32},
        {"auth_token": ""},
        {"api_key_sid": "SK" + "1" * 32},
        {"api_key_secret": "s" * 32},
        {"language": "fr"},
        {"voicemail_after_s": -1},
        {"api_base": "ftp://x"},
        {"hold_music_url": "javascript:alert(1)"},
        {"nonsense": 1},
    ],
)
def test_wrong_settings_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        config(**wrong)


def test_the_settings_form_is_bilingual_and_shows_no_secret() -> None:
    fields = PhoneConfig.model_json_schema()["properties"]
    assert all(one["title_ja"] and one["title_en"] for one in fields.values())
    assert all(bool(one["help_ja"]) == bool(one["help_en"]) for one in fields.values())
    secrets = {name for name, one in fields.items() if one.get("format") == "password"}
    assert secrets == {"auth_token", "next_auth_token", "api_key_secret"}
    assert "token-of-the-account" not in repr(config())


def test_importing_the_channel_does_not_load_the_sdk() -> None:
    code = "import sys, channels.phone; print([m for m in ('twilio', 'aiohttp', 'httpx2', 'requests') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
