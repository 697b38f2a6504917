"""What each figure counts: the one place of its SQL.

`of` says which rows belong to it (its denominator), `hit` which of them are its numerator, `value` a duration's seconds,
`weight` what a row counts for when it is not 1.
"""

from dataclasses import dataclass
from string import Template

from app.queries.reports.asked import Asked, Words
from app.rules.kpi import SINGLE_CONTACT_DAYS
from app.rules.survey import SATISFIED

# Customer success was asked to advise or to take over, whatever came of it; to be informed is no escalation.
ESCALATED = "f.id IN (SELECT h.ticket_id FROM handover AS h WHERE h.form <> 'inform')"


# The same person began another ticket within some days about the same: a tag or the subject in common, or about which
# nothing is known, like a call that nobody tagged. Asked only of those who began another one at all (`followed`).
RECONTACT = Template("""f.followed AND EXISTS (
  SELECT 1 FROM ticket AS o JOIN ticket AS n ON n.person_id = o.person_id AND n.id <> o.id
  WHERE o.id = f.ticket_id AND n.origin = 'inbound' AND n.status <> 'spam' AND n.merged_into_id IS NULL
  AND n.created_at > f.resolved_at AND $since <= $within AND (
    REPLACE(REPLACE(LOWER(n.subject), 're:', ''), ' ', '') = REPLACE(REPLACE(LOWER(o.subject), 're:', ''), ' ', '')
    OR (n.subject = '' AND NOT EXISTS (SELECT 1 FROM ticket_tag AS z WHERE z.ticket_id = n.id))
    OR EXISTS (SELECT 1 FROM ticket_tag AS x JOIN ticket_tag AS y ON y.tag_id = x.tag_id
      WHERE x.ticket_id = o.id AND y.ticket_id = n.id)
  )
)""")


@dataclass(frozen=True, slots=True)
class Measure:
    of: str
    hit: str = ""
    value: str = ""
    weight: str = ""


def measures(words: Words, asked: Asked) -> dict[str, Measure]:
    """Of every figure but the backlog, whose rows are days (backlog.py)."""
    return {**_tickets(words, asked), **_satisfaction(), **_promises(), **_calls(words, asked), **_spans()}


def _tickets(words: Words, asked: Asked) -> dict[str, Measure]:
    business = asked.basis == "business"
    waited, took = ("f.worked_s", "f.worked_s") if business else ("f.waited_s", "f.took_s")
    inbound = "f.origin = 'inbound' AND f.status <> 'spam' AND f.merged_into_id IS NULL"
    again = f"{words.secs('f.resolved_at', 'f.reopened_at')} <= {SINGLE_CONTACT_DAYS * 86400}"
    anew = RECONTACT.substitute(since=words.secs("f.resolved_at", "n.created_at"), within=SINGLE_CONTACT_DAYS * 86400)
    return {
        "inbound": Measure(inbound),
        "turns": Measure("NOT f.void"),
        "response_rate": Measure("f.initial AND NOT f.void", "f.answered_at IS NOT NULL"),
        "first_response": Measure(f"f.initial AND {waited} IS NOT NULL", value=waited),
        "next_response": Measure(f"NOT f.initial AND {waited} IS NOT NULL", value=waited),
        "first_resolution": Measure(f"f.initial AND {took} IS NOT NULL", value=took),
        "resolution": Measure(f"f.reopened_at IS NULL AND {took} IS NOT NULL", value=took),
        "one_contact": Measure(
            "f.initial AND f.turns > 0",
            f"f.turns = 1 AND f.transfers = 0 AND NOT (f.reopened_at IS NOT NULL AND {again}) AND NOT ({anew})",
        ),
        "reopen_rate": Measure("f.initial", "f.reopened_at IS NOT NULL"),
        "transfer_rate": Measure(f"{inbound} AND f.first_response_at IS NOT NULL", "f.transfers > 0"),
        "escalation_rate": Measure(inbound, ESCALATED),
    }


def _satisfaction() -> dict[str, Measure]:
    return {
        "csat": Measure("f.score IS NOT NULL", f"f.score >= {SATISFIED}"),
        "csat_mean": Measure("f.score IS NOT NULL", value="f.score"),
        "csat_response": Measure("f.state <> 'skipped'", "f.score IS NOT NULL"),
    }


def _promises() -> dict[str, Measure]:
    metrics = ("first_response", "next_response", "resolution", "callback", "assignment")
    return {f"sla_{metric}": Measure(f"f.metric = '{metric}'", "f.kept") for metric in metrics}


def _calls(words: Words, asked: Asked) -> dict[str, Measure]:
    answered, abandoned = "f.answered_at IS NOT NULL", "f.outcome = 'missed'"
    short = f"({abandoned} AND f.wait_s <= :abandon_s)"
    talked = f"{answered} AND f.ended_at IS NOT NULL"
    wait = words.whole("f.wait_s")
    return {
        "offered": Measure("f.id > 0"),
        "net_offered": Measure("NOT f.repeated"),
        "repeat_rate": Measure("f.id > 0", "f.repeated"),
        "answer_rate": Measure("f.id > 0", answered),
        "handled_rate": Measure("f.id > 0", "f.handled"),
        "abandon_rate": Measure(f"NOT {short}", abandoned),
        "short_abandons": Measure(short),
        "service_level": _service_level(asked.variant, answered, abandoned),
        "asa": Measure(answered, value=wait),
        "abandon_wait": Measure(f"{abandoned} AND NOT {short}", value=wait),
        "talk": Measure(talked, value=words.whole("f.talk_s")),
        "hold": Measure("f.id < 0", value="0"),  # no channel tells it yet
        "wrap_up": Measure(f"{talked} AND f.wrap_s IS NOT NULL", value="f.wrap_s"),
        "aht": Measure(talked, value=words.whole("f.talk_s + COALESCE(f.wrap_s, 0)")),
    }


def _service_level(variant: str, answered: str, abandoned: str) -> Measure:
    in_time, gone = f"({answered} AND f.wait_s <= :target_s)", f"({abandoned} AND f.wait_s <= :target_s)"
    match variant:
        case "B":
            return Measure(f"NOT {gone}", in_time)
        case "C":
            return Measure("f.id > 0", f"({in_time} OR {gone})")
    return Measure("f.id > 0", in_time)


def _spans() -> dict[str, Measure]:
    at_it, ready = "f.state IN ('busy', 'wrap_up')", "f.state IN ('busy', 'wrap_up', 'available')"
    return {
        "occupancy": Measure(ready, at_it, weight="f.spent_s"),
        "utilisation": Measure("f.state <> 'offline'", ready, weight="f.spent_s"),
    }
