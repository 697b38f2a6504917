"""C15 and C16 over HTTP: figures with exactly what they counted, and the home's signals in one list."""

from datetime import date
from typing import Any

import pytest

from app.models import Alert, Contract, ContractValue, Health, Rhythm
from tests.api.conftest import Desk
from tests.api.success.test_playbooks import Team, task
from tests.cast import START
from tests.conftest import Hands

ASKED = "first=2026-01-01&last=2026-06-30"


@pytest.fixture
async def team(desk: Desk, hands: Hands) -> Team:
    return await Team(desk).open()


async def contracts(team: Team) -> dict[str, int]:
    """One grew, one shrank and one left in the first half of 2026; one began in it."""
    owner = team.desk.client(team.desk.cast.owner)
    found = {}
    for name in ("伸びた", "縮んだ", "去った", "新しい"):
        found[name] = (await owner.post("/api/v1/accounts", json={"name": name, "tier": "high"})).json()["id"]
    told: list[tuple[str, str, str | None, list[tuple[str, int]]]] = [
        ("伸びた", "2025-01-01", None, [("2025-01-01", 100), ("2026-03-01", 150)]),
        ("縮んだ", "2025-01-01", None, [("2025-01-01", 100), ("2026-03-01", 60)]),
        ("去った", "2025-01-01", "2026-04-01", [("2025-01-01", 100)]),
        ("新しい", "2026-02-01", None, [("2026-02-01", 500)]),
    ]
    async with team.desk.database.write() as session:
        for name, starts, ended, values in told:
            contract = Contract(
                account_id=found[name], code="K", value=values[-1][1], starts_on=date.fromisoformat(starts),
                ended_on=date.fromisoformat(ended) if ended else None, created_at=START,
            )  # fmt: skip
            session.add(contract)
            await session.flush()
            for day, worth in values:
                session.add(ContractValue(contract_id=contract.id, from_on=date.fromisoformat(day), value=worth))
    return found


async def figures(team: Team) -> dict[str, Any]:
    found = await team.call("GET", f"/success/figures?{ASKED}")
    return {each["code"]: each for each in found["figures"]}


async def test_C15_each_figure_with_what_it_counted(team: Team) -> None:
    empty = await figures(team)
    assert {each["value"] for each in empty.values()} == {None}
    accounts = await contracts(team)
    found = await figures(team)
    told = {code: (each["numerator"], each["denominator"]) for code, each in found.items()}
    assert told["logo_churn"] == (1, 3)
    assert told["grr"] == (160, 300), "100 of 150, and 60"
    assert told["nrr"] == (210, 300)
    assert told["arpa"] == (710, 3)
    assert found["nrr"]["tiers"] == [{"tier": "high", "value": 0.7, "numerator": 210, "denominator": 300}]
    rows = await team.call("GET", f"/success/figures/logo_churn?{ASKED}")
    assert [each["account"]["id"] for each in rows if each["numerator"]] == [accounts["去った"]]
    assert sum(each["denominator"] for each in rows) == 3
    client = team.desk.client(team.desk.cast.success)
    sheet = await client.get(f"/api/v1/success/figures/logo_churn/rows.csv?{ASKED}")
    assert "去った,high,,1.0,1" in sheet.text
    assert (await client.get(f"/api/v1/success/figures.csv?{ASKED}")).text.startswith("\ufeff指標,値")
    await team.call("GET", "/success/figures/nothing", 404)
    await team.call("GET", "/success/figures?first=2026-02-01&last=2026-01-01", 422)


async def test_C15_what_is_due_and_undecided_is_not_yet_renewed(team: Team) -> None:
    path = f"/success/accounts/{team.account}/contracts"
    for code in ("K-1", "K-2"):
        await team.call("POST", path, 201, code=code, renews_on="2026-06-01", value=100, starts_on="2025-06-01")
    first = (await team.call("GET", f"/success/accounts/{team.account}"))["contracts"][0]["id"]
    outcome = {"due_on": "2026-06-01", "outcome": "renewed", "amount": 90}
    await team.call("POST", f"/success/contracts/{first}/renewal/outcome", 204, **outcome)
    found = await figures(team)
    assert [(found[code]["numerator"], found[code]["denominator"]) for code in ("renewal_rate", "renewal_amount")] == [
        (1, 2), (90, 200),
    ]  # fmt: skip


async def test_C15_saves_and_time_to_value(team: Team, hands: Hands) -> None:
    async with team.desk.database.write() as session:
        for rule, outcome in (("a", "saved"), ("b", "lost"), ("c", "false_alarm")):
            given = {"state": "closed", "outcome": outcome, "closed_at": START, "found_at": START, "due_at": START}
            session.add(Alert(account_id=team.account, rule=rule, **given))
    run = await team.start(await team.playbook(task("won", mark="value"), kind="onboarding"))
    hands.advance(days=12)
    await team.call("POST", f"/success/steps/{run['steps'][0]['id']}", state="done")
    found = await team.call("GET", "/success/figures?first=2026-07-01&last=2026-07-31")
    told = {each["code"]: each for each in found["figures"]}
    assert told["ttv"]["value"] == 12
    assert (told["save_rate"]["numerator"], told["save_rate"]["denominator"]) == (1, 2)


async def test_C16_the_home_has_my_accounts_and_what_is_to_be_done(team: Team, hands: Hands) -> None:
    now = hands.now
    run = await team.start(await team.playbook(task("kickoff", mark="milestone"), kind="onboarding"))
    await team.call("POST", f"/success/accounts/{team.account}/contracts", 201, code="K", renews_on="2026-08-01")
    async with team.desk.database.write() as session:
        await session.merge(Health(account_id=team.account, score=30, colour="red", scored="red"))
        session.add(Alert(account_id=team.account, rule="red", found_at=now, due_at=now))
        session.add(Rhythm(
            account_id=team.account, item="注文", count=5, every_days=32, spread_days=2, last_at=now, expected_at=now,
            overdue_at=now, state="overdue", looked_at=now,
        ))  # fmt: skip
    hands.advance(days=2)
    found = await team.call("GET", "/success/home")
    assert found["colours"]["red"] == 1 and found["accounts"][0]["health"]["score"] == 30
    assert [(each["kind"], each["late"]) for each in found["signals"]] == [
        ("alert", True), ("rhythm", True), ("stalled", True), ("renewal", False),
    ]  # fmt: skip
    await team.call("POST", f"/success/steps/{run['steps'][0]['id']}", state="done")
    assert "stalled" not in [each["kind"] for each in (await team.call("GET", "/success/home"))["signals"]]
    others = await team.desk.client(team.desk.cast.lead).get("/api/v1/success/home")
    assert others.json()["accounts"] == [] and others.json()["signals"] == []
    whole = await team.desk.client(team.desk.cast.lead).get("/api/v1/success/home?mine=false")
    assert len(whole.json()["signals"]) == 3


async def test_C16_agents_see_neither_home_nor_figures(desk: Desk) -> None:
    client = desk.client(desk.cast.hanako)
    for path in ("home", "figures", "figures/grr", "figures.csv", "figures/grr/rows.csv"):
        assert (await client.get(f"/api/v1/success/{path}")).status_code == 403
