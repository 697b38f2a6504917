"""T1, T2, T3: whose request is it?"""

import hashlib
from dataclasses import replace
from urllib.parse import urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator

from channels.contract import Hook
from channels.phone import Phone
from channels.phone.signature import ForgedCall, check_signature, sign, url_forms
from tests.channels.phone.sample import HOOK_URL, NOW, TOKEN, channel, config, forged, hook, hooks, site

VECTOR_URL = "https://mycompany.com/myapp.php?foo=1&bar=2"
VECTOR_FORM = [
    ("CallSid", "CA1234567890ABCDE"),
    ("Digits", "1234"),
    ("From", "+14158675309"),
    ("To", "+18005551212"),
    ("Caller", "+14158675309"),
]
FORM_TYPE = "application/x-www-form-urlencoded"
JSON_BODY = b'{"property": "value", "boolean": true}'
JSON_HASH = "0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620"


def request(url: str, form: list[tuple[str, str]], signature: str, **more: object) -> Hook:
    headers = {"x-twilio-signature": signature, "content-type": FORM_TYPE}
    made = Hook(route="voice", body=urlencode(form).encode(), received_at=NOW, headers=headers, url=url)
    return replace(made, **more)


@pytest.mark.parametrize(
    ("url", "signature"),
    [
        (VECTOR_URL, "RSOYDt4T1cUTdK1PDd93/VVr8B8="),
        (VECTOR_URL.replace(".com", ".com:443"), "kvajT1Ptam85bY51eRf/AJRuM3w="),
        (VECTOR_URL.replace("https", "http").replace(".com", ".com:80"), "0ZXoZLH/DfblKGATFgpif+LLRf4="),
        (VECTOR_URL.replace("https", "http").replace(".com", ".com:1234"), "Zmvh+3yNM1Phv2jhDCwEM3q5ebU="),
    ],
)
def test_T2_signature_vectors(url: str, signature: str) -> None:
    assert sign(url, VECTOR_FORM, "12345") == signature
    check_signature(request(url, VECTOR_FORM, signature), ["12345"])


def test_T2_repeated_keys_count_once_each_value_sorted() -> None:
    form = [("Sid", "CA123"), ("SidAccount", "AC123"), ("Digits", "5678"), ("Digits", "1234"), ("Digits", "1234")]
    check_signature(request(VECTOR_URL, form, "IK+Dwps556ElfBT0I3Rgjkr1wJU="), ["12345"])


def json_request(body: bytes, digest: str = JSON_HASH, signature: str = "a9nBmqA0ju/hNViExpshrM61xv4=") -> Hook:
    headers = {"x-twilio-signature": signature, "content-type": "application/json"}
    url = f"{VECTOR_URL}&bodySHA256={digest}"
    return Hook(route="voice", body=body, received_at=NOW, headers=headers, url=url)


def test_T2_json_body_is_covered_by_its_hash() -> None:
    check_signature(json_request(JSON_BODY), ["12345"])


def test_T1_json_body_that_was_changed_is_forged_although_the_url_is_signed() -> None:
    with pytest.raises(ForgedCall):
        check_signature(json_request(JSON_BODY + b" "), ["12345"])


def test_T1_body_without_hash_is_forged_although_the_url_is_signed() -> None:
    signature = sign(VECTOR_URL, [], "12345")
    made = request(VECTOR_URL, [], signature, body=JSON_BODY)
    made = replace(made, headers={"x-twilio-signature": signature, "content-type": "application/json"})
    with pytest.raises(ForgedCall):
        check_signature(made, ["12345"])


def test_T1_a_get_is_signed_by_its_url_alone_and_its_body_is_not_read() -> None:
    url = f"{HOOK_URL}/voice?CallSid=CA1&From=%2B819011112222"
    made = request(url, [("CallSid", "CA2")], sign(url, [], TOKEN), method="GET")
    channel().verify(made)
    assert channel().parse(made)[0].external_id == "CA1"  # type: ignore[union-attr]


@pytest.mark.parametrize("called", ["https://desk.example.jp", "https://desk.example.jp:443"])
@pytest.mark.parametrize("signed", ["https://desk.example.jp", "https://desk.example.jp:443"])
def test_T3_both_port_forms_are_accepted(called: str, signed: str) -> None:
    path = "/Hooks/tok/voice/?b=%E3%81%82&a="
    form = [("CallSid", "CA1"), ("FromCity", "")]
    channel().verify(request(called + path, form, sign(signed + path, form, TOKEN)))


def test_T3_url_forms_keep_everything_but_the_port() -> None:
    assert url_forms("http://[::1]:8080/A/%2f?") == ["http://[::1]:8080/A/%2f?", "http://[::1]/A/%2f?"]
    assert url_forms("https://x/#") == ["https://x/#", "https://x:443/#"]


def test_T3_empty_and_unknown_parameters_count() -> None:
    full = hook("voice", {"CallerCity": "", "ParameterOfTomorrow": "1"})
    channel().verify(full)
    with pytest.raises(ForgedCall):
        channel().verify(replace(full, body=full.body.replace(b"&CallerCity=", b"")))
    channel().verify(replace(full, url=full.url + "#rc=2&rp=all"))  # fragments are not signed


def test_T3_both_tokens_during_rotation_and_never_an_empty_one() -> None:
    rotating = Phone(config(next_auth_token="the-next-one"), site())
    rotating.verify(hook("voice"))
    rotating.verify(hook("voice", token="the-next-one"))
    for one in (rotating, channel()):
        with pytest.raises(ForgedCall):
            one.verify(hook("voice", token=""))


def test_forged_is_403() -> None:
    with pytest.raises(ForgedCall) as caught:
        channel().verify(forged())
    assert caught.value.status == 403


@pytest.mark.parametrize("signature", [None, "", "=", "電話", "RSOYDt4T1cUTdK1PDd93/VVr8B8="])
def test_missing_or_odd_signature_is_forged(signature: str | None) -> None:
    made = hook("voice")
    headers = {k: v for k, v in made.headers.items() if k != "x-twilio-signature"}
    headers |= {} if signature is None else {"x-twilio-signature": signature}
    with pytest.raises(ForgedCall):
        channel().verify(replace(made, headers=headers))


def test_a_changed_route_parameter_is_forged() -> None:
    """Our own query parameters are protected, because the whole URL is signed."""
    made = hook("agent", call="CA1", order="o")
    with pytest.raises(ForgedCall):
        channel().verify(replace(made, url=made.url.replace("CA1", "CA2")))


def test_every_sample_verifies() -> None:
    for made in hooks():
        channel().verify(made)


text = st.text(st.characters(codec="utf-8"), max_size=12)


@settings(max_examples=80, deadline=None)
@given(form=st.dictionaries(text.filter(bool), text, max_size=6), body_hash=st.binary(max_size=4))
def test_T1_agrees_with_twilios_own_validator(form: dict[str, str], body_hash: bytes) -> None:
    url = f"{HOOK_URL}/voice?x={hashlib.sha1(body_hash).hexdigest()}"
    signature = RequestValidator(TOKEN).compute_signature(url, form)
    check_signature(request(url, list(form.items()), signature), [TOKEN])


@settings(max_examples=80, deadline=None)
@given(body=st.binary(max_size=60), url=st.text(max_size=40), kind=text, method=st.sampled_from(["GET", "POST", "PUT"]))
def test_any_bytes_are_forged_and_nothing_else(body: bytes, url: str, kind: str, method: str) -> None:
    headers = {"x-twilio-signature": "AAAA", "content-type": kind}
    with pytest.raises(ForgedCall):
        channel().verify(Hook(route="voice", body=body, received_at=NOW, headers=headers, method=method, url=url))
