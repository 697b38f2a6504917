"""W2: who the customer's site says the visitor is."""

from datetime import timedelta
from typing import Any

import jwt
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from channels.contract import Forged
from tests.channels.chat.sample import NOW, SECRET, WIDGET, channel, claims, signed

BEGUN = int(NOW.timestamp())


def test_W2_identity_is_read():
    read = channel().identify(signed(claims()), NOW)
    assert read == {"sub": "42", "email": "hanako@example.jp", "name": "佐藤 花子", "company": "佐藤商店"}


def test_W2_identity_signed_by_a_common_library_is_read():
    token = jwt.encode(claims(), SECRET, algorithm="HS256")
    assert channel().identify(token, NOW)["sub"] == "42"


def test_W2_only_sub_is_needed_and_may_be_a_number():
    token = signed(claims(sub=42, email=None, name=None, company=None, aud=["other", WIDGET]))
    assert channel().identify(token, NOW) == {"sub": "42", "email": "", "name": "", "company": ""}


@pytest.mark.parametrize(
    "changes",
    [
        {"exp": BEGUN - 120, "iat": BEGUN - 720},
        {"exp": BEGUN + 7200},
        {"exp": None},
        {"iat": None},
        {"iat": BEGUN + 600, "exp": BEGUN + 1200},
        {"nbf": BEGUN + 600},
        {"exp": True},
        {"exp": "soon"},
        {"aud": "another-widget"},
        {"aud": None},
        {"aud": []},
        {"aud": WIDGET[:-1]},
        {"sub": None},
        {"sub": "  "},
        {"sub": "x" * 201},
        {"sub": ["42"]},
        {"jti": None},
    ],
    ids=str,
)
def test_W2_identity_with_a_wrong_claim_is_forged(changes: dict[str, Any]):
    with pytest.raises(Forged):
        channel().identify(signed(claims(**changes)), NOW)


def test_W2_identity_of_another_key_is_forged():
    with pytest.raises(Forged):
        channel().identify(signed(claims(), key="another-secret-that-is-long-enough"), NOW)


def test_W2_identity_without_an_algorithm_is_forged():
    header, payload, _ = jwt.encode(claims(), None, algorithm="none").split(".")
    for token in (f"{header}.{payload}.", f"{header}.{payload}", signed(claims(), header={"alg": "none"})):
        with pytest.raises(Forged):
            channel().identify(token, NOW)


def test_W2_identity_of_another_algorithm_is_forged():
    key = SECRET * 2
    token = jwt.encode(claims(), key, algorithm="HS512")
    with pytest.raises(Forged):
        channel(identity_secret=key).identify(token, NOW)


def test_W2_identity_whose_payload_was_exchanged_is_forged():
    header, _, mac = signed(claims()).split(".")
    other = signed(claims(sub="1")).split(".")[1]
    with pytest.raises(Forged):
        channel().identify(f"{header}.{other}.{mac}", NOW)


def test_W2_no_identity_is_taken_without_a_secret():
    with pytest.raises(Forged):
        channel(identity_secret="").identify(signed(claims(), key="any"), NOW)


def test_W2_a_clock_that_is_a_little_off_is_forgiven():
    token = signed(claims())
    chat = channel()
    assert chat.identify(token, NOW - timedelta(seconds=30))["sub"] == "42"
    assert chat.identify(token, NOW + timedelta(seconds=630))["sub"] == "42"
    with pytest.raises(Forged):
        chat.identify(token, NOW + timedelta(seconds=661))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=4), inner, max_size=2),
    max_leaves=4,
)


@settings(max_examples=80, suppress_health_check=[HealthCheck.too_slow])
@given(token=st.text(max_size=60) | st.from_regex(r"[A-Za-z0-9_=-]{0,12}\.[A-Za-z0-9_=-]{0,12}\.[A-Za-z0-9_=-]{0,12}"))
def test_W2_any_text_is_forged_and_nothing_else(token: str):
    with pytest.raises(Forged):
        channel().identify(token, NOW)


@settings(max_examples=80, suppress_health_check=[HealthCheck.too_slow])
@given(
    changes=st.dictionaries(st.sampled_from(["sub", "aud", "iat", "exp", "nbf", "jti", "email", "name"]), json_values)
)
def test_W2_odd_claims_under_a_good_signature_are_read_or_forged(changes: dict[str, Any]):
    try:
        read = channel().identify(signed(claims(**changes)), NOW)
    except Forged:
        return
    assert read["sub"]
    assert all(isinstance(value, str) for value in read.values())
