"""C13 over HTTP and by the clock: a forecast, an outcome that stays, contracts that go on by themselves."""

from types import SimpleNamespace
from typing import Any, cast

from sqlalchemy import select
from sqlmodel import col

from app.jobs.renewals import RenewContracts
from app.models import ContractValue
from app.parts import Parts
from tests.api.conftest import Desk
from tests.conftest import Hands

PATH = "/api/v1/success"


class Books:
    def __init__(self, desk: Desk) -> None:
        self.desk, self.client = desk, desk.client(desk.cast.success)
        self.account = 0

    async def open(self) -> "Books":
        owner = self.desk.client(self.desk.cast.owner)
        self.account = (await owner.post("/api/v1/accounts", json={"name": "豆腐屋"})).json()["id"]
        return self

    async def contract(self, code: str, renews_on: str, value: int = 1000, **more: Any) -> int:
        given = {"code": code, "renews_on": renews_on, "value": value, "starts_on": "2025-07-20", **more}
        made = await self.client.post(f"{PATH}/accounts/{self.account}/contracts", json=given)
        assert made.status_code == 201, made.text
        return int(made.json()["id"])

    async def listed(self) -> Any:
        return (await self.client.get(f"{PATH}/renewals")).json()

    async def decide(self, contract: int, due_on: str, outcome: str, **more: Any) -> Any:
        given = {"due_on": due_on, "outcome": outcome, **more}
        return await self.client.post(f"{PATH}/contracts/{contract}/renewal/outcome", json=given)


async def test_C13_a_forecast_then_an_outcome_that_stays(desk: Desk, hands: Hands) -> None:
    books = await Books(desk).open()  # it is the first of July 2026
    kept = await books.contract("K-1", "2026-07-20", notice_days=30)
    gone = await books.contract("K-2", "2026-08-10", value=500)
    path = f"{PATH}/contracts/{kept}/renewal"
    said = await books.client.put(path, json={"due_on": "2026-07-20", "category": "commit", "note": "ご快諾"})
    assert said.status_code == 204
    first, second = (await books.listed())["items"]
    assert (first["mark"], first["days"], first["notice_on"], first["category"]) == (30, 19, "2026-06-20", "commit")
    assert (second["mark"], second["category"]) == (60, "")
    moved = await books.decide(kept, "2026-07-21", "renewed")
    assert (moved.status_code, moved.json()["code"]) == (409, "renewal_moved")
    assert (await books.decide(gone, "2026-08-10", "lost")).json()["code"] == "why_lost"
    assert (await books.decide(gone, "2026-08-10", "lost", reason="廃業")).status_code == 204
    assert (await books.decide(kept, "2026-07-20", "renewed", amount=1300)).status_code == 204
    for contract, day in ((kept, "2026-07-20"), (gone, "2026-08-10")):  # the same again
        assert (await books.decide(contract, day, "renewed")).json()["code"] == "renewal_moved"
    found = await books.listed()
    assert [(each["outcome"], each["amount"], each["renewed_amount"]) for each in found["items"]] == [
        ("renewed", 1000, 1300), ("lost", 500, 0),
    ]  # fmt: skip
    assert [(each["month"], each["due"], each["renewed"], each["lost"]) for each in found["months"]] == [
        ("2026-07", 1000, 1000, 0), ("2026-08", 500, 0, 500),
    ]  # fmt: skip
    page = (await books.client.get(f"{PATH}/accounts/{books.account}")).json()
    assert [(c["renews_on"], c["ended_on"], c["value"]) for c in page["contracts"]] == [
        ("2027-07-20", None, 1300) if c["code"] == "K-1" else ("2026-08-10", "2026-08-10", 500)
        for c in page["contracts"]
    ]
    async with desk.database.read() as session:
        values = await session.scalars(select(ContractValue).where(col(ContractValue.contract_id) == kept))
        assert [(str(each.from_on), each.value) for each in values] == [("2025-07-20", 1000), ("2026-07-20", 1300)]
    sheet = await books.client.get(f"{PATH}/renewals.csv")
    assert sheet.text.startswith("\ufeff更新日,アカウント") and ",廃業," in sheet.text


async def test_C13_a_contract_goes_on_by_itself_once(desk: Desk, hands: Hands) -> None:
    books = await Books(desk).open()
    await books.contract("K-1", "2026-07-02", auto_renews=True, term_months=6, notice_on="2026-06-02")
    await books.contract("K-2", "2026-07-02")
    job = RenewContracts(cast(Parts, SimpleNamespace(database=desk.database)))
    assert await job.step() == 0
    hands.advance(days=1)
    assert [await job.step(), await job.step()] == [1, 0]
    rows = {each["code"]: each for each in (await books.listed())["items"] if each["due_on"] == "2026-07-02"}
    assert (rows["K-1"]["outcome"], rows["K-1"]["automatic"], rows["K-2"]["outcome"]) == ("renewed", True, "")
    page = (await books.client.get(f"{PATH}/accounts/{books.account}")).json()
    assert {c["code"]: (c["renews_on"], c["notice_on"]) for c in page["contracts"]} == {
        "K-1": ("2027-01-02", "2026-12-03"), "K-2": ("2026-07-02", None),
    }  # fmt: skip


async def test_C13_agents_see_no_renewals(desk: Desk) -> None:
    client = desk.client(desk.cast.hanako)
    for path in ("renewals", "renewals.csv", "accounts/1/renewals"):
        assert (await client.get(f"{PATH}/{path}")).status_code == 403
