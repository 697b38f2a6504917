"""What the large desk's reports are counted from: three episodes to two tickets, and all the other facts."""

from datetime import UTC, datetime

from app.models import Attainment, Call, Clock, Episode, PresenceSpan, Resolution, Snapshot, SnapshotPart
from bench.words import BASE_S, CHANNEL, TEAMS, Words, dice

STEP_S = 20  # between two tickets
AGENTS, INBOXES = 50, 8
SPANS_A_DAY, PARTS_A_DAY, KEPT_TICKETS = 20, 200, 20


def statements(words: Words, tickets: int) -> list[str]:
    return [
        *_tickets(words, tickets),
        *_promises(words, tickets),
        *_presence(words, tickets),
        *_backlog(words, tickets),
    ]


def days(tickets: int) -> int:
    return tickets * STEP_S // 86400 + 1


def _tickets(words: Words, tickets: int) -> list[str]:
    yes, no, begun = words.literal(True), words.literal(False), f"i * {STEP_S}"
    waited = f"(20 + {dice(61, '240')} * {dice(62, '120')})"
    answered = f"CASE WHEN {dice(63, '100')} < 96 THEN {{}} END"
    place = {"channel": CHANNEL, "inbox_id": f"1 + i % {INBOXES}", "team_id": f"1 + {dice(23, str(TEAMS))}"}
    agent = f"1 + {dice(43, str(AGENTS))}"
    told = {
        "answered_at": answered.format(words.at(f"{begun} + {waited}")), "agent_id": answered.format(agent),
        "waited_s": answered.format(waited), "worked_s": answered.format(f"{waited} / 2"),
        "void": f"CASE WHEN {dice(64, '100')} < 3 AND {dice(63, '100')} >= 96 THEN {yes} ELSE {no} END",
    }  # fmt: skip
    again = {
        "answered_at": words.at(f"{begun} * 2 + 7200 + {waited}"), "agent_id": agent, "waited_s": waited,
        "worked_s": f"{waited} / 2",
    }  # fmt: skip
    took = f"(600 + {dice(65, '4000')} * {dice(66, '60')})"
    talk = f"(30 + {dice(67, '600')})"
    lost = f"{dice(68, '100')} < 9"
    wait = f"{dice(69, '90')}"
    return [
        words.insert(
            Episode, tickets, id="i", ticket_id="i", message_id="i * 5 - 4", opened_at=words.at(begun),
            initial=yes, **place, **told,
        ),
        words.insert(
            Episode, tickets // 2, id=f"i + {tickets}", ticket_id="i * 2", message_id="i * 10 - 2",
            opened_at=words.at(f"{begun} * 2 + 7200"), initial=no, **place,
            **again,
        ),
        words.insert(
            Resolution, tickets * 95 // 100, id="i", ticket_id="i", resolved_at=words.at(f"{begun} + {took}"), agent_id=agent,
            initial=yes, turns=f"1 + {dice(70, '3')}", transfers=f"{dice(71, '12')} / 11", took_s=took, worked_s=f"{took} / 2",
            followed=f"CASE WHEN {dice(75, '12')} = 0 THEN {yes} ELSE {no} END",
            reopened_at=f"CASE WHEN {dice(72, '100')} < 5 THEN {words.at(f'{begun} + {took} + 90000')} END", **place,
        ),
        words.insert(
            Call, tickets // 4, id="i", ticket_id="i * 4 - 1", message_id="i * 20 - 9", inbox_id="4", external_id="'CA' || i",
            state="'ended'", outcome=f"CASE WHEN {lost} THEN 'missed' ELSE 'answered' END", agent_id=agent,
            started_at=words.at(f"{begun} * 4"), team_id=f"1 + {dice(23, str(TEAMS))}",
            answered_at=f"CASE WHEN NOT ({lost}) THEN {words.at(f'{begun} * 4 + {wait}')} END",
            ended_at=words.at(f"{begun} * 4 + {wait} + CASE WHEN {lost} THEN 0 ELSE {talk} END"),
            repeated=f"CASE WHEN {dice(73, '40')} = 0 THEN {yes} ELSE {no} END",
            wrap_s=f"CASE WHEN NOT ({lost}) THEN {dice(74, '90')} END",
        ),
    ]  # fmt: skip


def _promises(words: Words, tickets: int) -> list[str]:
    """Two a ticket: decided, one in twelve broken."""
    made = []
    for place, (metric, target) in enumerate((("first_response", 3600), ("resolution", 86400))):
        begun, broken = f"i * {STEP_S}", f"{dice(80 + place, '12')} = 0"
        due, met = (
            words.at(f"{begun} + {target}"),
            words.at(f"{begun} + {target} / 2 + CASE WHEN {broken} THEN {target} ELSE 0 END"),
        )
        made.append(
            words.insert(
                Clock, tickets, id=f"i + {place * tickets}", ticket_id="i", metric=f"'{metric}'", state="'met'",
                started_at=words.at(begun), counts_from=words.at(begun), left_s="0", target_s=str(target), due_at=due,
                met_at=met, breached_at=f"CASE WHEN {broken} THEN {due} END",
            )
        )  # fmt: skip
        decided = words.at(f"{begun} + {target} / CASE WHEN {broken} THEN 1 ELSE 2 END")
        made.append(
            words.insert(
                Attainment, tickets, id=f"i + {place * tickets}", clock_id=f"i + {place * tickets}", ticket_id="i",
                metric=f"'{metric}'", decided_at=decided, channel=CHANNEL, inbox_id=f"1 + i % {INBOXES}",
                kept=f"CASE WHEN {broken} THEN {words.literal(False)} ELSE {words.literal(True)} END",
                team_id=f"1 + {dice(23, str(TEAMS))}", agent_id=f"1 + {dice(43, str(AGENTS))}",
            )
        )  # fmt: skip
    return made


def _presence(words: Words, tickets: int) -> list[str]:
    count = days(tickets) * AGENTS * SPANS_A_DAY
    begin = f"(i / {AGENTS}) * 4320"
    state = words.choice(dice(90, "100"), (30, "'available'"), (80, "'busy'"), (90, "'wrap_up'"), otherwise="'break'")
    return [
        words.insert(
            PresenceSpan, count, id="i", agent_id=f"1 + i % {AGENTS}", state=state, began_at=words.at(begin),
            ended_at=words.at(f"{begin} + 1400"),
        )
    ]  # fmt: skip


def _backlog(words: Words, tickets: int) -> list[str]:
    first = datetime.fromtimestamp(BASE_S, UTC).date().isoformat()
    after = (
        "date('{}', '+' || ({}) || ' days')"
        if words.sqlite
        else "CAST(CAST('{}' AS DATE) + CAST({} AS INTEGER) AS DATE)"
    )
    ids = "[" + ", ".join(str(number) for number in range(1, KEPT_TICKETS + 1)) + "]"
    return [
        words.insert(
            Snapshot, days(tickets), day=after.format(first, "i - 1"), taken_at=words.at("i * 86400"),
            total=str(PARTS_A_DAY),
        ),
        words.insert(
            SnapshotPart, days(tickets) * PARTS_A_DAY, id="i", day=after.format(first, f"(i - 1) / {PARTS_A_DAY}"),
            team_id=f"1 + i % {TEAMS}", inbox_id=f"1 + i % {INBOXES}", channel=CHANNEL, agent_id=f"1 + i % {AGENTS}",
            age=words.choice(dice(91, "100"), (60, "'day'"), (80, "'three_days'"), (92, "'week'"), otherwise="'month'"),
            count=str(KEPT_TICKETS), tickets=f"'{ids}'",
        ),
    ]  # fmt: skip
