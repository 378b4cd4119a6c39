"""A complaint to the bureau in a browser, wide and on a phone, light and dark: family, bureau, what the school is told."""

import os
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.test import override_settings
from django.utils import timezone

from afterbell.accounts.models import User
from afterbell.kernel.ids import uuid7
from schools.voice import complaint_actions, letters
from schools.voice.models import Complaint
from tenants import context
from tenants.exchange import relay
from tenants.letterbox import actions
from tenants.letterbox.family_actions import Wanted
from tenants.letterbox.models import Accused, ComplaintKind
from tenants.policies import ready
from tests import makers
from tests.accounts import makers as accounts
from tests.journeys.conftest import WATCH
from tests.oversight.hearings import stage
from tests.properties import school_of_deeds
from tests.schools.people.stage import client_of, parent

SHOTS = os.environ.get("SHOTS", "")
WORDS = "周三作业辅导时老师讲下周的数学新课，还收了三十元的练习卷钱。"


@pytest.fixture(scope="module")
def heard(django_db_setup, django_db_blocker, web_server):
    """(port, hosts, cookies by person, (person, path) by name)."""
    with (
        django_db_blocker.unblock(),
        school_of_deeds.own_database() as school,
        override_settings(DEMO=True, SECOND_FACTOR="optional"),
        web_server() as port,
    ):
        began = timezone.now() - timedelta(days=2)
        later = began + timedelta(hours=20)
        makers.a_policy(ready.document("seed"))
        makers.a_term(
            first_date=began.date() - timedelta(days=60), last_date=began.date() + timedelta(days=60)
        )
        with context.in_school(school):
            principal = makers.a_user("principal", name="郑校长")
            mother = User.objects.get(pk=parent(makers.a_pupil(name="李小明"), name="李静").user_id)

            def say(kind, text, **more):
                return letters.submit(
                    school=school, key=uuid7(), wanted=Wanted(kind, text, **more), by=mother, now=began
                )

            fresh = say(ComplaintKind.FORCED, "班主任要求全班都参加，不参加要写书面说明。")
            asked = say(ComplaintKind.ILLEGAL_TEACHING, WORDS, may_name=True, accused=Accused.TEACHER)
            about = say(
                ComplaintKind.OTHER, "科长收了学校的礼品。", accused=Accused.BUREAU, accused_name="周科长"
            )
        officer = stage.an_officer(name="李敏")
        with context.in_city():
            for each in (asked, about):
                actions.receive(complaint=each, by=officer, now=later)
            actions.pass_on(
                complaint=asked, text=WORDS, is_named=True, accused=Accused.TEACHER, accused_name="",
                due_at=later + timedelta(days=5), by=officer, now=later,
            )  # fmt: skip
        relay.relay_school(school, later)
        with context.in_school(school):
            passed = Complaint.objects.get(passed_on_at__isnull=False)
            complaint_actions.answer(
                complaint=passed,
                text="经核实，该教师讲授了新课，已责令改正并退还费用。",
                by=principal,
                now=later,
            )
        relay.relay_school(school, later)
        with context.in_city():
            actions.answer(
                complaint=asked, text="经查属实，已责令学校改正，费用三日内退还。", by=officer, now=later
            )
        name = settings.SESSION_COOKIE_NAME
        cookies = {
            "mother": client_of(school, mother).cookies[name].value,
            "principal": client_of(school, principal).cookies[name].value,
            "officer": accounts.logged_in(accounts.CITY, officer.login).cookies[name].value,
        }
        paths = {
            "new": ("mother", "/family/complaints/new/"),
            "own": ("mother", "/family/complaints/"),
            "answered": ("mother", f"/family/complaints/bureau/{asked.pk}/"),
            "bureau": ("mother", f"/family/complaints/bureau/{about.pk}/"),
            "add": ("mother", f"/family/complaints/bureau/{fresh.pk}/add/"),
            "desk": ("principal", "/desk/complaints/"),
            "passed": ("principal", f"/desk/complaints/{passed.pk}/"),
            "list": ("officer", "/complaints/desk/"),
            "open": ("officer", f"/complaints/desk/{fresh.pk}/"),
            "whole": ("officer", f"/complaints/desk/{asked.pk}/"),
            "pass_on": ("officer", f"/complaints/desk/{fresh.pk}/pass-on/"),
        }
        yield port, school, cookies, paths


NAMES = ["new", "own", "answered", "bureau", "add", "desk", "passed", "list", "open", "whole", "pass_on"]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("width", "dark"), [(1440, False), (360, True), (360, False)])
def test_pages_of_complaints_fit_and_are_clean(heard, browser, complaints, name, width, dark):
    """S46."""
    port, school, cookies, paths = heard
    who, path = paths[name]
    host = accounts.CITY if who == "officer" else f"s{school.code}.localhost"
    address = f"http://{host}:{port}"
    made = browser.new_context(
        base_url=address,
        viewport={"width": width, "height": 900},
        color_scheme="dark" if dark else "light",
    )
    try:
        made.add_init_script(WATCH)
        made.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookies[who], "url": address}])
        page = made.new_page()
        assert page.goto(path).status == 200
        if SHOTS:
            page.screenshot(path=Path(SHOTS) / f"{name}-{width}{'-dark' if dark else ''}.png", full_page=True)
        assert complaints(page) == []
        assert page.evaluate("violations") == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    finally:
        made.close()
