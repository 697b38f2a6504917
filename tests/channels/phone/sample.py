"""One configured telephone inbox and requests as Twilio makes them; the contract suite runs over these."""

from datetime import UTC, datetime
from urllib.parse import urlencode

from twilio.request_validator import RequestValidator

from channels.contract import Hook, Site
from channels.phone import Phone, PhoneConfig

ACCOUNT = "AC" + "0" * 32
TOKEN = "token-of-the-account"
NUMBER = "+815012345678"
HOOK_URL = "https://desk.example.jp/hooks/tok"
CALL = "CA" + "a1" * 16
LEG = "CA" + "b2" * 16
ORDER = "6f1c7f6e-3a0e-4a46-9a86-0d6b8f3f6a11"
OUTGOING = f"out:{ORDER}"
NOW = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)
RECORDING = "RE" + "c3" * 16


def config(**changes: object) -> PhoneConfig:
    given = {"account_sid": ACCOUNT, "auth_token": TOKEN, "number": "050-1234-5678"}
    return PhoneConfig.model_validate(given | changes)


def site(hook_url: str = HOOK_URL) -> Site:
    return Site(public_url=hook_url.split("/hooks/")[0], hook_url=hook_url, key=b"k" * 32, installation="test")


def channel(**changes: object) -> Phone:
    return Phone(config(**changes), site())


def hook(route: str, params: dict[str, str] | None = None, *, token: str = TOKEN, **query: str) -> Hook:
    """A signed request, as the SDK's own validator would sign it; common parameters are filled in."""
    form = {"AccountSid": ACCOUNT, "CallSid": CALL, "From": "+819011112222", "To": NUMBER, "FromCity": ""} | (
        params or {}
    )
    url = f"{HOOK_URL}/{route}" + (f"?{urlencode(query)}" if query else "")
    signature = RequestValidator(token).compute_signature(url, form)
    headers = {"content-type": "application/x-www-form-urlencoded; charset=UTF-8", "x-twilio-signature": signature}
    return Hook(route=route, body=urlencode(form).encode(), received_at=NOW, headers=headers, url=url)


def hooks() -> list[Hook]:
    """One of every kind that the channel knows, in the order of a call, and two that it does not."""
    ours = {"call": CALL, "order": ORDER}
    agent = {"CallSid": LEG, "From": NUMBER, "To": "client:agent-7"}
    customer, calling = {"CallSid": LEG, "From": NUMBER, "To": "+819011112222"}, {"call": OUTGOING, "order": ORDER}
    recording = {
        "RecordingSid": RECORDING,
        "RecordingUrl": f"https://api.twilio.com/2010-04-01/Accounts/{ACCOUNT}/Recordings/{RECORDING}",
        "RecordingDuration": "8",
    }
    return [
        hook("voice", {"CallStatus": "ringing", "Direction": "inbound"}),
        hook("wait", {"QueueTime": "12", "QueuePosition": "1"}),
        hook("survey", {"CallStatus": "in-progress"}),
        hook("rated", {"CallStatus": "in-progress", "Digits": "4"}),
        hook("agent-status", agent | {"CallStatus": "ringing", "SequenceNumber": "1"}, **ours),
        hook("agent", agent | {"CallStatus": "in-progress"}, **ours),
        hook("left", {"QueueResult": "redirected", "QueueTime": "20"}),
        hook("join", {"CallStatus": "in-progress"}),
        hook("conference", {"StatusCallbackEvent": "participant-join", "ConferenceSid": "CF1"}, call=CALL),
        hook("agent-done", agent | {"DialCallStatus": "completed"}, **ours),
        hook("agent-status", agent | {"CallStatus": "completed", "CallDuration": "61"}, **ours),
        hook("customer-status", customer | {"CallStatus": "ringing", "SequenceNumber": "1"}, **calling),
        hook("customer", customer | {"CallStatus": "in-progress"}, **calling),
        hook("customer-status", customer | {"CallStatus": "completed", "CallDuration": "40"}, **calling),
        hook("told", agent, reason="no-answer"),
        hook("recorded", recording | {"Digits": "hangup"}),
        hook("recording", recording | {"RecordingStatus": "completed"}),
        hook("recording", {"RecordingSid": RECORDING, "RecordingStatus": "absent", "ErrorCode": "13224"}),
        hook("status", {"CallStatus": "completed", "CallDuration": "75", "SequenceNumber": "4"}),
        hook("status", {"CallStatus": "on-the-moon"}),
        hook("a-route-of-tomorrow"),
    ]


def forged() -> Hook:
    """Signed by somebody who does not know the token."""
    return hook("voice", token="somebody-else")
