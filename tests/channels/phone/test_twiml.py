"""What callers and agents hear: T5, T9-T15, T18, in Japanese and English."""

from typing import Any
from xml.etree.ElementTree import fromstring

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from channels.contract import Hook, Placement
from channels.phone import Phone
from channels.phone.words import WORDS, known_language, queue_words
from tests.channels.phone.sample import CALL, HOOK_URL, LEG, NUMBER, ORDER, channel, hook, hooks

HEAD = '<?xml version="1.0" encoding="UTF-8"?>'
OURS = {"call": CALL, "order": ORDER}


def say(code: str, language: str = "ja") -> str:
    voice = {"ja": 'language="ja-JP" voice="Polly.Mizuki"', "en": 'language="en-US" voice="Polly.Joanna"'}[language]
    return f"<Say {voice}>{WORDS[language].get(code, code)}</Say>"


def spoken(made: Hook, phone: Phone | None = None, **facts: Any) -> str:
    phone = phone or channel()
    placements = [Placement(item=item, facts=facts) for item in phone.parse(made)]
    answer = phone.answer(made, placements)
    assert (answer.status, answer.media_type) == (200, "application/xml")
    assert len(answer.body) <= 64 * 1024
    assert fromstring(answer.body).tag == "Response"
    return answer.body.decode().removeprefix(HEAD)


QUEUE = f'<Enqueue waitUrl="{HOOK_URL}/wait" action="{HOOK_URL}/left">call-{CALL}</Enqueue>'


def test_greeting_in_japanese() -> None:
    hello = say("お電話ありがとうございます。三河屋サポートセンターです。")
    assert spoken(hook("voice")) == f"<Response>{hello}{say('recording')}{QUEUE}</Response>"


def test_greeting_in_english_without_notice() -> None:
    phone = channel(language="en", recording_notice=False, greeting_en="Hello & <welcome>")
    assert spoken(hook("voice"), phone) == f"<Response>{say('Hello &amp; &lt;welcome&gt;', 'en')}{QUEUE}</Response>"


def test_the_callers_own_language_comes_before_the_inboxs() -> None:
    assert say("next", "en") in spoken(hook("wait"), position=1, language="en-GB")
    assert say("next", "ja") in spoken(hook("wait"), position=1, language="fr")


VOICEMAIL = (
    f'<Record action="{HOOK_URL}/recorded" maxLength="120" timeout="10" finishOnKey="#" playBeep="true" '
    f'recordingStatusCallback="{HOOK_URL}/recording" recordingStatusCallbackEvent="completed absent" />'
)


@pytest.mark.parametrize("language", ["ja", "en"])
def test_T13_voicemail(language: str) -> None:
    wanted = f"<Response>{say('voicemail', language)}{VOICEMAIL}{say('goodbye', language)}</Response>"
    assert spoken(hook("left", {"QueueResult": "leave"}), language=language) == wanted


def test_T13_a_desk_that_is_closed_goes_straight_to_voicemail() -> None:
    answer = spoken(hook("voice"), state="voicemail")
    assert VOICEMAIL in answer
    assert "Enqueue" not in answer


@pytest.mark.parametrize("result", ["queue-full", "error", "system-error"])
def test_T10_a_failure_of_the_queue_ends_at_the_voicemail(result: str) -> None:
    assert VOICEMAIL in spoken(hook("left", {"QueueResult": result}))


@pytest.mark.parametrize("result", ["hangup", "redirected", "bridged", "of-tomorrow"])
def test_T10_otherwise_leaving_the_queue_needs_no_words(result: str) -> None:
    assert spoken(hook("left", {"QueueResult": result})) == "<Response />"


@pytest.mark.parametrize("language", ["ja", "en"])
def test_T11_our_position_or_an_honest_band(language: str) -> None:
    words = WORDS[language]
    assert queue_words(1, language) == words["next"]
    assert queue_words(9, language) == words["position"].format(position=9)
    assert queue_words(10, language) == words["band"]
    assert queue_words(0, language) == words["hold"]
    wanted = words["position"].format(position=3)
    answer = f'<Response>{say(wanted, language)}<Pause length="30" /></Response>'
    assert spoken(hook("wait"), position=3, waited_s=0, language=language) == answer


def test_T11_the_last_pause_ends_where_voicemail_begins() -> None:
    assert '<Pause length="7" />' in spoken(hook("wait"), waited_s=53)
    assert spoken(hook("wait"), waited_s=60) == "<Response><Leave /></Response>"
    assert spoken(hook("wait"), waited_s=1, state="voicemail") == "<Response><Leave /></Response>"


def test_hold_music_plays_while_there_is_time_for_it() -> None:
    phone = channel(hold_music_url="https://cdn.example.jp/hold.mp3?a=1&b=2")
    assert "<Play>https://cdn.example.jp/hold.mp3?a=1&amp;b=2</Play>" in spoken(hook("wait"), phone, waited_s=0)
    assert '<Pause length="10" />' in spoken(hook("wait"), phone, waited_s=50)


def test_no_voicemail_in_the_moment_an_agent_picks_up() -> None:
    assert spoken(hook("wait"), waited_s=70, state="connecting") == '<Response><Pause length="5" /></Response>'
    assert spoken(hook("wait"), waited_s=85, state="connecting") == "<Response><Leave /></Response>"


def test_T18_a_caller_who_is_gone_is_not_kept() -> None:
    assert spoken(hook("wait"), state="ended") == "<Response><Hangup /></Response>"


def test_T5_callers_are_served_when_our_batch_failed() -> None:
    """No placement came back: the flow goes on with what Twilio itself told."""
    assert QUEUE.encode() in channel().answer(hook("voice"), []).body
    assert b"<Pause" in channel().answer(hook("wait", {"QueueTime": "5"}), []).body
    assert b"<Leave" in channel().answer(hook("wait", {"QueueTime": "61"}), []).body


def leg(to: str, digits: str = "", **query: str) -> Hook:
    return hook("agent", {"CallSid": LEG, "From": NUMBER, "To": to, "Digits": digits}, **(OURS | query))


AND = "&amp;"
ROOM = (
    f'<Dial action="{HOOK_URL}/agent-done?call={CALL}{AND}order={ORDER}"><Conference beep="false" '
    f'startConferenceOnEnter="true" endConferenceOnExit="false" region="jp1" '
    f'statusCallback="{HOOK_URL}/conference?call={CALL}" statusCallbackEvent="start end join leave">'
    f"call-{CALL}</Conference></Dial>"
)


def test_T14_a_telephone_must_press_1() -> None:
    again = f"{HOOK_URL}/agent?call={CALL}{AND}order={ORDER}{AND}accepted=1"
    prompt = f'<Gather numDigits="1" timeout="10" action="{again}">{say("press")}</Gather><Hangup />'
    assert spoken(leg("+819055556666")) == f"<Response>{prompt}</Response>"
    assert spoken(leg("+819055556666", "2", accepted="1")) == "<Response><Hangup /></Response>"
    assert spoken(leg("+819055556666", "1", accepted="1")) == f"<Response>{ROOM}</Response>"


def test_T15_a_browser_enters_the_room_at_once() -> None:
    assert spoken(leg("client:agent-7"), state="connecting") == f"<Response>{ROOM}</Response>"


@pytest.mark.parametrize("to", ["client:agent-7", "+819055556666"])
def test_T18_never_into_an_empty_room(to: str) -> None:
    assert spoken(leg(to), state="ended") == f"<Response>{say('gone')}<Hangup /></Response>"


def test_an_agent_hears_the_inboxs_language_not_the_callers() -> None:
    assert (
        spoken(leg("client:agent-7"), state="ended", language="en") == f"<Response>{say('gone')}<Hangup /></Response>"
    )


def test_T15_the_customer_ends_the_room() -> None:
    room = (
        f'<Conference beep="false" startConferenceOnEnter="true" endConferenceOnExit="true" waitUrl="" region="jp1" '
        f'statusCallback="{HOOK_URL}/conference?call={CALL}" statusCallbackEvent="start end join leave">call-{CALL}</Conference>'
    )
    assert spoken(hook("join")) == f"<Response><Dial>{room}</Dial></Response>"


def test_callbacks_want_no_twiml() -> None:
    for made in hooks():
        if made.route in {"status", "agent-status", "recording", "conference"}:
            assert channel().answer(made, []).body == b""


@pytest.mark.parametrize("made", [hook("a-route-of-tomorrow"), hook("voice", {"CallSid": "x"})])
def test_what_is_not_known_gets_an_empty_document(made: Hook) -> None:
    assert channel().answer(made, []).body.decode() == HEAD + "<Response />"


def test_a_browser_that_calls_the_number_is_rejected() -> None:
    assert spoken(hook("voice", {"From": "client:agent-7"})) == "<Response><Reject /></Response>"


def test_a_duplicate_hears_the_same() -> None:
    """Twilio repeats a request whose answer was lost (T4): the answer may not depend on who came first."""
    first, second = hook("voice"), hook("voice")
    item = channel().parse(first)[0]
    placed = [channel().answer(h, [Placement(item=item, duplicate=d)]) for h, d in ((first, False), (second, True))]
    assert placed[0] == placed[1]


def test_every_text_exists_in_both_languages() -> None:
    assert set(WORDS["ja"]) == set(WORDS["en"])
    assert all(text.strip() for words in WORDS.values() for text in words.values())
    assert (known_language("en-US", "ja"), known_language(None, "ja"), known_language("zh", "en")) == ("en", "ja", "en")


@settings(max_examples=100, deadline=None)
@given(greeting=st.text(max_size=1000), order=st.text(st.characters(codec="utf-8"), max_size=200))
def test_T5_no_text_breaks_out_of_its_place(greeting: str, order: str) -> None:
    phone = channel(greeting_ja=greeting)
    root = fromstring(spoken(hook("voice"), phone))
    assert [verb.tag for verb in root] == ["Say", "Say", "Enqueue"]
    made = hook("agent", {"CallSid": LEG, "To": "client:agent-7"}, call=CALL, order=order)
    assert [verb.tag for verb in fromstring(spoken(made, phone))] == ["Dial"]


@pytest.mark.parametrize(
    "facts", [{"waited_s": None}, {"waited_s": "x"}, {"position": None}, {"position": -4}, {"state": 7}]
)
def test_odd_facts_never_break_the_call(facts: dict[str, Any]) -> None:
    assert spoken(hook("wait"), **facts).startswith("<Response>")


def test_a_caller_whom_the_agent_left_is_asked_and_another_key_is_asked_for_once_more() -> None:
    def gather(words: str, query: str = "") -> str:
        action = f"{HOOK_URL}/rated{query}"
        return f'<Gather numDigits="1" timeout="8" action="{action}">{say(words, "en")}</Gather><Hangup />'

    assert spoken(hook("survey"), language="en") == f"<Response>{gather('survey')}</Response>"
    pressed = hook("rated", {"Digits": "7"})
    assert [(each.event, each.reason) for each in channel().parse(pressed)] == [("rated", "7")]
    assert spoken(pressed, language="en", rated=False) == f"<Response>{gather('survey_again', '?again=1')}</Response>"
    assert spoken(hook("rated", {"Digits": "7"}, again="1"), rated=False) == "<Response><Hangup /></Response>"
    thanked = f"<Response>{say('rated')}<Hangup /></Response>"
    assert spoken(hook("rated", {"Digits": "5"}), rated=True) == thanked
    assert spoken(hook("rated", {"Digits": "5"})) == thanked  # a failed batch: its bytes are kept
