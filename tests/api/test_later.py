"""Rooms that are loaded when first asked for are there as if they always had been."""

import asyncio
import importlib
import re
import sys

import pytest

from app.api import pages
from app.main import LATER, ROOMS
from tests.api.conftest import Desk


def test_they_are_below_their_paths_and_nobody_else_answers_there() -> None:
    everyday = [route for room in ROOMS if room is not pages for route in room.router.routes]
    for prefix, names in LATER.items():
        for name in names:
            for route in importlib.import_module(name).router.routes:
                assert f"{route.path}/".startswith(f"{prefix}/"), (name, route.path)
                asked = re.sub(r"\{[^}]*\}", "1", route.path)
                assert [other.path for other in everyday if other.path_regex.match(asked)] == []


async def test_the_first_requests_open_them_once_and_the_pages_stay_last(desk: Desk) -> None:
    owner = desk.client(desk.cast.owner)
    paths = ("/api/v1/webhooks", "/api/v1/automations", "/api/v1/webhooks", "/api/v1/calendars", "/api/v1/none")
    answers = await asyncio.gather(*(owner.get(path) for path in paths))
    assert [answer.status_code for answer in answers] == [200, 200, 200, 200, 404]
    assert (await owner.get("/settings/webhooks")).status_code in (200, 404), "a page, built or not"


async def test_the_document_describes_them_all(desk: Desk) -> None:
    before = (await desk.client(desk.cast.owner).get("/api/openapi.json")).json()["paths"]
    programs = [prefix for prefix in LATER if prefix.startswith("/api/")]  # pages for people stand in no document
    assert {prefix for prefix in programs if not any(path.startswith(prefix) for path in before)} == set()
    assert len(programs) > 8


async def test_a_room_that_cannot_be_loaded_is_a_problem_and_the_next_request_tries_anew(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner, room = desk.client(desk.cast.owner), "app.api.report_mails"
    with monkeypatch.context() as broken:
        broken.setitem(sys.modules, room, None)  # what Python itself calls a module that must not be imported
        for _ in range(2):
            answer = await owner.get("/api/v1/report-mails")
            assert (answer.status_code, answer.headers["content-type"]) == (500, "application/problem+json")
            assert answer.json()["code"] == "room_failed"
        assert (await owner.get("/api/v1/tickets")).status_code == 200, "the others are as they were"
    assert (await owner.get("/api/v1/report-mails")).status_code == 200
