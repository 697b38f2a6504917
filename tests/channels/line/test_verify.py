"""Who may speak as LINE (L1, L3-L6)."""

import pytest
from pydantic import ValidationError

from channels.contract import Forged, Hook
from channels.line import Line
from tests.channels.line.sample import BOT, NOW, SECRET, channel, forged, hook, hooks, sign, site, webhook

VECTORS = [
    (
        SECRET,
        b'{"destination":"U8e742f61d673b39c7fff3cecb7536ef0","events":[]}',
        "GhRKmvmHys4Pi8DxkF4+EayaH0OqtJtaZxgTD9fMDLs=",
    ),
    ("channel_secret", b"bodybodybodybody", "/gg9a+LvFevTH1sd7XCQycD7tsWclCsInj7MhBHxN7k="),
]


@pytest.mark.parametrize(("secret", "body", "signature"), VECTORS)
def test_L4_signature_vectors(secret: str, body: bytes, signature: str) -> None:
    line = channel(channel_secret=secret, bot_user_id="")
    line.verify(Hook(route="", body=body, received_at=NOW, headers={"x-line-signature": signature}))
    with pytest.raises(Forged):
        line.verify(Hook(route="", body=body + b" ", received_at=NOW, headers={"x-line-signature": signature}))


@pytest.mark.parametrize("signature", ["", "x", "鍵", "\udcff", sign(b"{}")])
def test_L3_a_wrong_or_missing_signature_is_forged(signature: str) -> None:
    body = webhook().body
    with pytest.raises(Forged):
        channel().verify(Hook(route="", body=body, received_at=NOW, headers={"x-line-signature": signature}))
    with pytest.raises(Forged) as caught:
        channel().verify(Hook(route="", body=body, received_at=NOW))
    assert caught.value.status == 401


def test_L1_every_fixture_is_signed_and_answered_200_even_without_events() -> None:
    line = channel()
    for each in hooks():
        line.verify(each)
        line.parse(each)
        assert line.answer(each, []).status == 200
    with pytest.raises(Forged):
        line.verify(forged())


def test_L5_both_secrets_are_accepted_while_one_is_reissued() -> None:
    line = channel(next_channel_secret="the next one")
    line.verify(hook(webhook().body, SECRET))
    line.verify(hook(webhook().body, "the next one"))
    with pytest.raises(Forged):
        channel().verify(hook(webhook().body, "the next one"))
    with pytest.raises(Forged):  # an empty second secret is no secret
        channel(next_channel_secret="").verify(hook(webhook().body, ""))


@pytest.mark.parametrize("spacing", ["", " "])
def test_L6_a_webhook_for_another_account_is_forged(spacing: str) -> None:
    ours = f'{{"destination":{spacing}"{BOT}","events":[]}}'.encode()
    channel().verify(hook(ours))
    other = ours.replace(b"U8e7", b"U0e7")
    with pytest.raises(Forged):
        channel().verify(hook(other))
    channel(bot_user_id="").verify(hook(other))


def test_settings_are_stripped_and_hidden() -> None:
    config = Line.Config.model_validate(
        {"channel_id": " 1 ", "channel_secret": " s\n", "access_token": "t \n", "api_base": "http://127.0.0.1:1/line/"}
    )
    assert (config.channel_id, config.secrets, config.scope) == ("1", (b"s",), "1")
    assert config.access_token.get_secret_value() == "t"
    assert config.api_base == "http://127.0.0.1:1/line"
    assert "s" not in repr(config.channel_secret).replace("SecretStr", "")


@pytest.mark.parametrize(
    "wrong", [{"channel_secret": " "}, {"api_base": "ftp://x"}, {"bot_user_id": "@mikawaya"}, {"chanel_id": "1"}]
)
def test_wrong_settings_name_their_field(wrong: dict[str, str]) -> None:
    with pytest.raises(ValidationError) as caught:
        channel(**wrong)
    assert {error["loc"][0] for error in caught.value.errors()} == set(wrong)


def test_the_settings_form_speaks_both_languages() -> None:
    for field in Line.Config.model_json_schema()["properties"].values():
        assert field["title"]
        assert all(field[key] for key in ("title_ja", "title_en", "help_ja", "help_en")), field["title"]


def test_one_object_serves_one_inbox() -> None:
    assert Line(channel().config, site()).kind == "line"
