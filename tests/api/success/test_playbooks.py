"""C11 over HTTP and by the clock: one run of a kind, on its version; by an event once; nothing is sent by itself."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlmodel import col

from app import clock
from app.actions.success import playbooks as verbs
from app.jobs.playbooks import RunPlaybooks
from app.models import Alert, Contract, Health, Message, PlaybookRun
from app.parts import Parts
from tests.api.conftest import Desk
from tests.cast import START
from tests.conftest import Hands


def task(key: str, kind: str = "task", **more: Any) -> dict[str, Any]:
    return {"key": key, "kind": kind, "title": {"ja": key, "en": key}, "days": 1, **more}


WAIT = {"key": "rest", "kind": "wait", "days": 2}
BRANCH = {"key": "which", "kind": "branch", "condition": {"fact": "step", "key": "write", "is": ["done"]},
          "then": "end", "otherwise": "call"}  # fmt: skip
MAIL = task("write", "mail", subject={"ja": "更新のご案内"}, text={"ja": "{{account.name}} {{person.name|ご担当}}様"})


class Team:
    """A success team with one account."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.job = self.another()
        self.account = 0

    def another(self) -> RunPlaybooks:
        """Of another process."""
        settings = SimpleNamespace(timezone="Asia/Tokyo")
        return RunPlaybooks(cast(Parts, SimpleNamespace(database=self.desk.database, settings=settings)))

    async def call(self, method: str, path: str, status: int = 200, **json: Any) -> Any:
        answer = await self.desk.client(self.desk.cast.success).request(method, f"/api/v1{path}", json=json or None)
        assert answer.status_code == status, answer.text
        return answer.json() if answer.content else None

    async def open(self) -> "Team":
        owner = self.desk.client(self.desk.cast.owner)
        self.account = (await owner.post("/api/v1/accounts", json={"name": "豆腐屋"})).json()["id"]
        given = {"owner_id": self.desk.cast.success.id}
        await owner.patch(f"/api/v1/success/accounts/{self.account}", json=given)
        return self

    async def playbook(self, *steps: Any, kind: str = "risk", **spec: Any) -> int:
        given = {"name": "手順", "kind": kind, "spec": {"steps": steps, **spec}}
        return int((await self.call("POST", "/success/playbooks", 201, **given))["id"])

    async def start(self, playbook: int, status: int = 201) -> Any:
        return await self.call("POST", f"/success/accounts/{self.account}/runs", status, playbook_id=playbook)

    async def runs(self) -> list[Any]:
        return cast(list[Any], await self.call("GET", f"/success/accounts/{self.account}/runs"))

    async def turn(self) -> None:
        while await self.job.step():
            pass


@pytest.fixture
async def team(desk: Desk, hands: Hands) -> Team:
    return await Team(desk).open()


async def test_C11_a_run_stays_on_its_version_and_an_account_has_one_of_each_kind(team: Team) -> None:
    playbook = await team.playbook(task("a"), task("b"))
    run = await team.start(playbook)
    assert [(each["key"], each["state"], each["owner_id"]) for each in run["steps"]] == [
        ("a", "open", team.desk.cast.success.id), ("b", "open", team.desk.cast.success.id),
    ]  # fmt: skip
    assert (await team.start(playbook, 409))["code"] == "runs_already"
    new = {"name": "手順", "kind": "risk", "spec": {"steps": [task("c")]}}
    assert (await team.call("PUT", f"/success/playbooks/{playbook}", **new))["version"] == 2
    assert (await team.call("PUT", f"/success/playbooks/{playbook}", **new))["version"] == 2, "the same is no new one"
    first, second = run["steps"]
    wordless = await team.call("POST", f"/success/steps/{first['id']}", 422, state="skipped")
    assert wordless["code"] == "why_skipped"
    await team.call("POST", f"/success/steps/{first['id']}", state="skipped", note="済んでいます")
    assert (await team.call("POST", f"/success/steps/{first['id']}", 409, state="done"))["code"] == "step_over"
    done = await team.call("POST", f"/success/steps/{second['id']}", state="done")
    assert (done["state"], done["version"], [each["key"] for each in done["spec"]["steps"]]) == ("done", 1, ["a", "b"])
    assert (await team.start(playbook))["steps"][0]["key"] == "c"
    with pytest.raises(IntegrityError):
        async with team.desk.database.write() as session:
            row = (await session.scalars(select(PlaybookRun).where(col(PlaybookRun.state) == "running"))).one()
            names = ("playbook_id", "version", "account_id", "kind", "cause_on", "wake_at", "started_at")
            session.add(PlaybookRun(**{name: getattr(row, name) for name in names}))
            await session.flush()


async def test_C11_waits_and_branches_are_woken_and_a_draft_is_sent_by_nobody(team: Team, hands: Hands) -> None:
    person = (await _person(team))["id"]
    playbook = await team.playbook(MAIL, WAIT, BRANCH, task("call", "call"))
    run = await team.start(playbook)
    draft = await team.call("GET", f"/success/steps/{run['steps'][0]['id']}/draft")
    assert draft == {
        "channel": "email", "to": {"person_id": person, "name": "田中", "language": "ja"},
        "subject": "更新のご案内", "text": "豆腐屋 田中様",
    }  # fmt: skip
    hands.advance(days=1)
    await team.turn()
    assert [each["key"] for each in (await team.runs())[0]["steps"]] == ["write"]
    hands.advance(days=1)
    await team.turn()
    again = team.another()
    while await again.step():
        pass
    assert [each["key"] for each in (await team.runs())[0]["steps"]] == ["write", "call"]
    mine = await team.call("GET", "/success/tasks")
    assert [(each["key"], each["account"]["name"], each["title"]["ja"]) for each in mine] == [
        ("write", "豆腐屋", "write"), ("call", "豆腐屋", "call"),
    ]  # fmt: skip
    async with team.desk.database.read() as session:
        assert (await session.scalars(select(Message))).all() == []


async def test_C11_an_exit_ends_a_run_and_drops_its_open_work(team: Team, hands: Hands) -> None:
    leave = [{"fact": "stage", "is": ["churned"]}]
    await team.start(await team.playbook(task("a"), exits=leave, criteria=[{"fact": "renewed", "is": ["renewed"]}]))
    owner = team.desk.client(team.desk.cast.owner)
    await owner.patch(f"/api/v1/success/accounts/{team.account}", json={"stage": "churned"})
    hands.advance(hours=2)
    await team.turn()
    run = (await team.runs())[0]
    assert (run["state"], run["met"], [each["state"] for each in run["steps"]]) == ("exited", False, ["dropped"])
    assert (await team.call("POST", f"/success/steps/{run['steps'][0]['id']}", 409, state="done"))["code"] == "run_over"


async def test_C11_a_contract_at_T_120_starts_its_playbook_once(team: Team, hands: Hands) -> None:
    await team.playbook(task("a"), kind="renewal", triggers=[{"on": "renewal", "days": 120}])
    day = (START + timedelta(days=121)).date()
    await team.call("POST", f"/success/accounts/{team.account}/contracts", 201, code="K", renews_on=str(day))
    await team.turn()
    assert await team.runs() == []
    hands.advance(days=1)
    await team.turn()
    run = (await team.runs())[0]
    assert (run["cause"], run["cause_on"]) == ("renewal", str(day))
    await team.call("POST", f"/success/runs/{run['id']}/cancel", reason="別の担当が進めています")
    hands.advance(days=1)
    team.job = team.another()
    await team.turn()
    assert len(await team.runs()) == 1, "what was stopped is not begun again"
    async with team.desk.database.read() as session:
        assert (await session.scalars(select(col(Contract.renews_on)))).all() == [day]


async def test_C11_who_claims_and_dies_leaves_the_run_to_the_next(team: Team, hands: Hands) -> None:
    run = await team.start(await team.playbook(WAIT, task("a")))
    hands.advance(days=3)
    async with team.desk.database.write() as session:
        assert await verbs.claim(session, clock.utcnow()) == run["id"]  # and its process dies here
    await team.turn()
    assert (await team.runs())[0]["steps"] == []
    hands.advance(minutes=6)
    await team.turn()
    assert [each["key"] for each in (await team.runs())[0]["steps"]] == ["a"]


async def test_C11_an_alert_starts_its_playbook_and_blue_health_ends_it(team: Team, hands: Hands) -> None:
    blue = [{"fact": "colour", "is": ["blue"]}]
    await team.playbook(task("a"), triggers=[{"on": "alert", "rules": ["unused"]}], exits=blue)
    now = clock.utcnow()
    async with team.desk.database.write() as session:
        session.add(Alert(account_id=team.account, rule="other", found_at=now, due_at=now))
        session.add(Alert(account_id=team.account, rule="unused", found_at=now, due_at=now))
    await team.turn()
    assert [(each["cause"], each["state"]) for each in await team.runs()] == [("alert", "running")]
    async with team.desk.database.write() as session:
        await session.merge(Health(account_id=team.account, score=90, colour="blue", scored="blue"))
    hands.advance(hours=2)
    await team.turn()
    assert [each["state"] for each in await team.runs()] == ["exited"], "and the same alert starts no second"


async def test_C11_agents_see_no_playbooks(team: Team) -> None:
    client = team.desk.client(team.desk.cast.hanako)
    for path in ("/success/playbooks", "/success/tasks", f"/success/accounts/{team.account}/runs"):
        assert (await client.get(f"/api/v1{path}")).status_code == 403


async def _person(team: Team) -> Any:
    text = "会社名,氏名,メール,役割\r\n豆腐屋,田中,tanaka@tofu.example,推進者\r\n"
    client = team.desk.client(team.desk.cast.success)
    files = {"file": ("a.csv", text.encode(), "text/csv")}
    assert (await client.post("/api/v1/success/import?apply=true", files=files)).status_code == 200
    return (await team.call("GET", f"/success/accounts/{team.account}"))["members"][0]
