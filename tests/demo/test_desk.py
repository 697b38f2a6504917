"""The sample desk, without a server: its values are whole, its words complete, its pictures real."""

import io
import json
import re
import shutil
import subprocess
from datetime import date
from pathlib import Path

import pytest
from PIL import Image

from app.api.sla import PolicySpec
from app.rules.calendars import check
from demo.desk import DESK
from demo.desk_files import FILES
from demo.desk_hours import STANDARD, calendars
from demo.desk_promises import policies as promised
from demo.telephone_people import ANONYMOUS, CALLERS

PAGE = Path(__file__).resolve().parents[2] / "demo" / "page"


def test_every_name_in_a_case_exists() -> None:
    guests, members = {g.key: g for g in DESK.guests}, {m.key for m in DESK.members}
    tags, teams = {name for name, _ in DESK.tags}, set(DESK.teams)
    for case in DESK.cases:
        assert set(case.tags) <= tags and (not case.team or case.team in teams) and case.who in guests
        assert {case.owner, *(step.by for step in case.steps)} <= members | {""}
        assert {name for step in case.steps for name in step.more.get("files", ())} <= FILES.keys()
        guest = guests[case.who]
        reach = {"line": guest.line, "email": guest.mail, "chat": guest.visitor or guest.member, "phone": True}
        assert reach[case.channel], (case.channel, case.who)


def test_nothing_happens_in_the_future() -> None:
    for case in DESK.cases:
        # What is older than half a day is moved into the shop's hours: up to eleven hours later.
        spare = 0 if case.hours < 12 else 11
        assert sum(step.after for step in case.steps) / 60 <= max(case.hours - spare, case.hours / 4), case.subject


def test_every_team_has_hours_that_make_sense() -> None:
    made = calendars(date(2026, 11, 22))
    assert set(DESK.hours) == set(DESK.teams) and set(DESK.hours.values()) == set(made)
    for spec in made.values():
        check(spec)
    assert list(made[STANDARD]["days"]) == ["2026-12-05"]


def test_what_the_desk_promises_has_the_shape_that_the_api_takes() -> None:
    made = promised(1)
    assert list(made) == ["プレミアム", "標準"]
    for spec in made.values():
        assert PolicySpec.model_validate(spec).model_dump(mode="json") == spec


def test_the_callers_of_the_telephone_are_known_customers() -> None:
    known = {guest.phone for guest in DESK.guests}
    assert {caller.number for caller in CALLERS} - {ANONYMOUS} <= known


def test_pictures_can_be_opened() -> None:
    for name, media_type, drawn in FILES.values():
        if media_type.startswith("image/"):
            with Image.open(io.BytesIO(drawn())) as picture:
                assert picture.width > 200, name
        else:
            assert drawn()


@pytest.mark.skipif(shutil.which("node") is None, reason="Node is not on the path")
def test_the_page_has_every_word_in_both_languages() -> None:
    source = (PAGE / "words.js").read_text()
    table = source[source.index("export const words = ") + 21 : source.index("};\n\nlet language") + 1]
    told = subprocess.run(["node", "-p", f"JSON.stringify({table})"], capture_output=True, text=True, check=True)
    words = json.loads(told.stdout)
    assert words["ja"].keys() == words["en"].keys()
    used = set(re.findall(r'data-t="(\w+)"', (PAGE / "index.html").read_text()))
    for script in PAGE.glob("*.js"):
        used |= set(re.findall(r'\bt\("(\w+)"\)', script.read_text()))
    assert used <= words["ja"].keys()
