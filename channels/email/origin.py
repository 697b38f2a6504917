"""Who or what wrote a mail: machines (E8), ourselves (E9), and what our own mail server says about it (E7)."""

import re
from collections.abc import Collection, Mapping

from channels.email.headers import Fields

LOOP_HEADER = "x-mikawaya-loop"

_MACHINE_FIELDS = (
    "x-autoreply",
    "x-autorespond",
    "x-autoresponder",
    "list-id",
    "list-unsubscribe",
    "x-auto-response-suppress",
)
_PRECEDENCE = {"bulk", "list", "junk", "auto_reply"}
_MACHINE_SENDER = re.compile(
    r"(?:mailer-daemon|postmaster|no[-_.]?reply|do[-_.]?not[-_.]?reply|noreply[-_.+].{0,60}|bounces?(?:[-_.+].{0,60})?)@.{1,255}"
)
# At the start only: a customer's "Re: 【自動返信】…" answers a machine and is no machine, "不在票について" is a question.
_MACHINE_SUBJECT = re.compile(
    r"\s*[【\[［(（<]?\s*(?:自動返信|自動応答|自動送信|自動配信|不在(?:通知|連絡|のお知らせ|のご連絡|です|中|$|[:：】\]])"
    r"|out of (?:the )?office|automatic reply|auto(?:matic|mated)?[- ]?(?:reply|response|responder)|autoreply"
    r"|delivery status notification|undelivered mail returned|mail delivery (?:failed|failure))",
    re.IGNORECASE,
)
_COMMENT = re.compile(r"\([^()]*\)")


def is_auto(fields: Fields, envelope: Mapping[str, str], senders: Collection[str]) -> bool:
    """Whether a machine wrote this mail. `senders`: the addresses of From and Reply-To, lower-cased."""
    submitted = fields.token("auto-submitted")
    return (
        (submitted not in ("", "no"))
        or any(fields.raw(name).strip() for name in _MACHINE_FIELDS)
        or fields.token("precedence") in _PRECEDENCE
        or _null_sender(fields, envelope)
        or fields.raw("content-type").strip().lower().startswith(b"multipart/report")
        or any(_MACHINE_SENDER.fullmatch(sender) for sender in senders)
        or bool(_MACHINE_SUBJECT.match(fields.text("subject")))
    )


def _null_sender(fields: Fields, envelope: Mapping[str, str]) -> bool:
    return fields.text("return-path") == "<>" or envelope.get("x-envelope-from") in ("", "<>")


def is_loop(fields: Fields, installation: str) -> bool:
    """Whether this very installation sent the mail: somebody forwards our mails back to us (E9)."""
    return installation != "" and any(value.strip() == installation.encode() for value in fields.all(LOOP_HEADER))


def authentication(fields: Fields, *, trusted: Collection[str], domain: str) -> str:
    """ "pass", "fail" or "none" for the From domain, by the topmost Authentication-Results of a trusted server (E7)."""
    for raw in fields.all("authentication-results"):
        server, _, results = _COMMENT.sub("", raw[:20_000].decode("latin-1")).lower().partition(";")
        if server.split()[:1] and server.split()[0] in trusted:
            return "none" if len(fields.all("from")) != 1 else _verdict(results, domain)
    return "none"


def _verdict(results: str, domain: str) -> str:
    verdicts = [dict(_pair(word) for word in one.split() if "=" in word) for one in results.split(";")]
    dmarc = next((one for one in verdicts if "dmarc" in one), {})
    if dmarc and dmarc.get("header.from", domain) == domain and dmarc["dmarc"] in ("pass", "fail"):
        return dmarc["dmarc"]
    signed = [one for one in verdicts if one.get("dkim") == "pass" and _aligned(one, domain)]
    return "pass" if signed else "none"


def _aligned(verdict: Mapping[str, str], domain: str) -> bool:
    signer = verdict.get("header.d") or verdict.get("header.i", "").rpartition("@")[2]
    return bool(signer) and "." in signer and (domain == signer or domain.endswith("." + signer))


def _pair(word: str) -> tuple[str, str]:
    name, _, value = word.partition("=")
    return name, value
