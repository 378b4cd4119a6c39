"""Every page that the first page leads to, on a phone of 360 points: none is wider, no list has a column beyond the edge."""

import pytest
from django.conf import settings
from django.test import override_settings
from django.utils import timezone

from tenants import context
from tests.properties import deeds_of_money, school_of_deeds
from tests.properties.school_of_deeds import NOW
from tests.schools.care.stage import logged_in

WIDTH = 360
PEOPLE = ["principal", "clerk", "committee_chair", "teacher", "child_parent"]
MORE = {
    "clerk": ["/desk/sessions/home-alone/", "/desk/sessions/late/", "session", "pupil", "candidate"],
    "principal": ["session", "pupil", "candidate"],
    "teacher": ["gate", "child"],
    "child_parent": ["/family/plan/", "/family/applications/", "/family/notices/"],
}
"""Beside these: what stands behind a list."""
LINKS = """() => [...document.querySelectorAll("a[href^='/']")].map((a) => new URL(a.href).pathname)
  .filter((path) => path.endsWith("/") && !path.startsWith("/accounts/log"))"""
"""Of the navigation and of the first page; files are none of them."""
TOO_WIDE = """() => [
  ...(document.documentElement.scrollWidth > innerWidth ? ["page"] : []),
  ...[...document.querySelectorAll(".ab-scroll")]
    .filter((box) => box.querySelector(".ab-stack") && box.scrollWidth > box.clientWidth + 1)
    .map((box) => box.getAttribute("aria-label")),
]"""


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker, web_server):
    with (
        django_db_blocker.unblock(),
        school_of_deeds.own_database() as school,
        override_settings(DEMO=True, SECOND_FACTOR="optional"),
        pytest.MonkeyPatch.context() as patch,
        web_server() as port,
    ):
        patch.setattr(timezone, "now", lambda: NOW)
        made = school_of_deeds.build(school)
        deeds_of_money.build(made)
        made.address = f"http://s{school.code}.localhost:{port}"
        with context.in_school(school):
            made.cookies = {
                who: logged_in(school, made.the(who)).cookies[settings.SESSION_COOKIE_NAME].value
                for who in PEOPLE
            }
        yield made


@pytest.mark.parametrize("who", PEOPLE)
def test_nothing_stands_beyond_the_edge(world, browser, who):
    made = browser.new_context(base_url=world.address, viewport={"width": WIDTH, "height": 740})
    made.add_cookies(
        [{"name": settings.SESSION_COOKIE_NAME, "value": world.cookies[who], "url": world.address}]
    )
    page = made.new_page()
    page.goto("/")
    named = {
        "session": f"/desk/sessions/{world.key('open_session')}/",
        "pupil": f"/desk/pupils/{world.key('present_child')}/",
        "gate": f"/care/sessions/{world.key('open_session')}/",
        "child": f"/care/sessions/{world.key('open_session')}/children/{world.key('present_child')}/",
        "candidate": f"/desk/staff/{world.key('proposed_person')}/",
    }
    first = page.evaluate("location.pathname")
    paths = dict.fromkeys(
        [first, *page.evaluate(LINKS), *(named.get(each, each) for each in MORE.get(who, []))]
    )
    wide = {}
    for path in paths:
        answer = page.goto(path)
        assert answer.status < 400, path
        found = page.evaluate(TOO_WIDE)
        if found:
            wide[path] = found
    made.close()
    assert len(paths) > 3
    assert wide == {}
