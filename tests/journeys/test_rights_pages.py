"""Pages of rights in a browser, wide and on a phone, light and dark: a question, a number, a letter that speaks of money."""

import os
from pathlib import Path

import pytest
from django.conf import settings
from django.test import override_settings

from afterbell.accounts import number_actions
from afterbell.accounts.models import User
from schools.notices import actions as notices
from schools.people import staff_actions, word_actions
from schools.people.models import Relation
from schools.people.words import Doubt
from tenants import context
from tests import makers
from tests.city import NOON
from tests.journeys.conftest import WATCH
from tests.properties import school_of_deeds
from tests.schools.people.stage import client_of, parent

SHOTS = os.environ.get("SHOTS", "")


@pytest.fixture(scope="module")
def school_of_rights(django_db_setup, django_db_blocker, web_server):
    """(address, cookies by person, paths by name)."""
    with (
        django_db_blocker.unblock(),
        school_of_deeds.own_database() as school,
        override_settings(DEMO=True, SECOND_FACTOR="optional"),
        web_server() as port,
    ):
        with context.in_school(school):
            clerk, principal = (
                makers.a_user("clerk", name="孙老师"),
                makers.a_user("principal", name="郑校长"),
            )
            teacher = makers.a_user("care_staff", name="韩梅", phone="+8613700001111")
            pupil = makers.a_pupil(name="李小明")
            mother = User.objects.get(pk=parent(pupil, name="李静").user_id)
            asked = staff_actions.ask_guardians(
                pupil=pupil, name="韩梅", phone="+8613700001111", relation=Relation.OTHER, may_sign=True,
                may_collect=True, by=clerk, now=NOON,
            )  # fmt: skip
            number_actions.claim_number(
                user=teacher, phone="+8613700002222", reason="原手机遗失", by=clerk, now=NOON
            )
            letter = notices.write_draft(
                title="通知", body="本学期每人另交材料费，每月 300 元，扫码支付。", is_open=True,
                school_class=None, by=clerk, now=NOON,
            )  # fmt: skip
            word_actions.ask(doubts=[Doubt("name", "安康", "安康路校区的开放日")], by=clerk, now=NOON)
            committee = makers.a_committee()
            makers.a_seat(committee)
            makers.a_passed_resolution(committee=committee)
            people = {"clerk": clerk, "principal": principal, "mother": mother}
        cookies = {
            name: client_of(school, user).cookies[settings.SESSION_COOKIE_NAME].value
            for name, user in people.items()
        }
        paths = {
            "question": ("mother", f"/adults/questions/{asked.pk}/"),
            "pupil": ("clerk", f"/desk/pupils/{pupil.pk}/"),
            "pupils": ("clerk", "/desk/pupils/"),
            "classes": ("clerk", "/desk/classes/"),
            "words": ("clerk", "/desk/words/"),
            "accounts": ("principal", "/accounts/users/"),
            "committee": ("clerk", "/committee/"),
            "account": ("principal", f"/accounts/users/{teacher.pk}/"),
            "numbers": ("principal", "/accounts/numbers/"),
            "draft": ("clerk", f"/desk/notices/drafts/{letter.pk}/"),
            "publish": ("principal", f"/desk/notices/drafts/{letter.pk}/publish/"),
        }
        yield f"http://s{school.code}.localhost:{port}", cookies, paths


@pytest.mark.parametrize("name", ["question", "pupil", "account", "numbers", "draft", "publish"])
@pytest.mark.parametrize(("width", "dark"), [(1440, False), (360, True), (360, False)])
def test_pages_of_rights_fit_and_are_clean(school_of_rights, browser, complaints, name, width, dark):
    """S1, S7, S27."""
    address, cookies, paths = school_of_rights
    who, path = paths[name]
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


OUT_OF_SIGHT = """() => [...document.querySelectorAll('main table a, main table .ab-badge')]
    .filter(each => each.getBoundingClientRect().right > innerWidth).map(each => each.textContent)"""


@pytest.mark.parametrize("name", ["pupil", "pupils", "classes", "words", "accounts", "committee"])
def test_on_a_phone_rights_and_buttons_are_in_sight(school_of_rights, browser, name):
    """S24: what an adult may do, and what the office may do about it, without scrolling sideways."""
    address, cookies, paths = school_of_rights
    who, path = paths[name]
    made = browser.new_context(base_url=address, viewport={"width": 360, "height": 900})
    try:
        made.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookies[who], "url": address}])
        page = made.new_page()
        assert page.goto(path).status == 200
        assert page.locator("main table").count() > 0
        assert page.evaluate(OUT_OF_SIGHT) == []
        if SHOTS:
            page.screenshot(path=Path(SHOTS) / f"{name}-stacked.png", full_page=True)
    finally:
        made.close()
