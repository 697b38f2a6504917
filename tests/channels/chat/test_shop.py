"""The demonstration's shop: embeds the widget as a real site would, and signs its member apart from the channel's code."""

import re
from collections.abc import Iterator

import pytest
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.testclient import TestClient

from demo.shop import Shop
from demo.shop_words import GOODS, WORDS
from tests.channels.chat.sample import NOW, SECRET, WIDGET, channel


def opened(shop: Shop) -> Iterator[TestClient]:
    with TestClient(Starlette(routes=[Mount("/demo/shop", routes=shop.controls())])) as client:
        yield client


@pytest.fixture
def client() -> Iterator[TestClient]:
    yield from opened(Shop("https://desk.example/widget.js", WIDGET, identity_secret=SECRET, clock=lambda: NOW))


@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_page_embeds_the_widget_in_both_languages(client: TestClient, language: str):
    page = client.get(f"/demo/shop/?lang={language}").text
    assert f'<html lang="{language}">' in page
    assert f'<script src="https://desk.example/widget.js" data-widget="{WIDGET}" data-lang="{language}" async>' in page
    assert WORDS[language]["lead"] in page
    assert page.count('<li class="good') == len(GOODS)
    assert "$" not in page


def test_every_picture_of_the_goods_is_drawn(client: TestClient):
    page = client.get("/demo/shop/").text
    assert {good["picture"] for good in GOODS} <= set(re.findall(r'<symbol id="(\w+)"', page))


def test_W1_the_page_keeps_a_strict_policy_and_has_nothing_inline(client: TestClient):
    answer = client.get("/demo/shop/")
    policy = answer.headers["content-security-policy"]
    assert "script-src 'self' https://desk.example;" in policy
    assert "unsafe" not in policy
    assert not re.search(r"<style|\sstyle=|<script>|\son\w+=", answer.text)


def test_its_files_are_there(client: TestClient):
    for name, kind in (("shop.css", "text/css"), ("shop.js", "javascript")):
        answer = client.get(f"/demo/shop/{name}")
        assert answer.status_code == 200
        assert kind in answer.headers["content-type"]


def test_W2_its_member_is_believed_by_the_channel(client: TestClient):
    token = client.get("/demo/shop/identity").json()["token"]
    assert channel().identify(token, NOW)["name"] == "磯野 フネ"


def test_without_a_secret_nobody_signs_in():
    for client in opened(Shop("/widget.js", WIDGET)):
        assert client.get("/demo/shop/identity").status_code == 404
        page = client.get("/demo/shop/")
        assert '<p class="member" hidden>' in page.text
        assert "script-src 'self' 'self';" in page.headers["content-security-policy"]


def test_both_languages_say_the_same_things():
    assert WORDS["ja"].keys() == WORDS["en"].keys()


def test_what_is_put_into_the_page_is_escaped():
    for client in opened(Shop('x"><script>alert(1)</script>', "<b>")):
        assert "<script>alert" not in client.get("/demo/shop/").text
