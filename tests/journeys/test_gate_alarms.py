"""Alarms, moves and late deeds in a browser: they come up by themselves, are answered by one tap, and are clean for axe."""

import time
from contextlib import suppress
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import transaction
from django.test import override_settings
from django.utils import timezone

from schools.care import roll_actions
from schools.care.models import Alarm, Handover
from schools.care.refusals import DeniedAdult
from schools.staffing.models import Candidate
from tenants import context
from tests import makers
from tests.journeys.conftest import WATCH
from tests.properties import school_of_deeds
from tests.schools.care.stage import FOUR, item, logged_in, minutes, opened, send
from tests.schools.care.test_onward import a_later_one

SIZES = [(1440, False), (360, True)]


class Scene:
    """The school at ten to six, its people with their sessions, and the children at the gate."""


@pytest.fixture(scope="module")
def scene(django_db_setup, django_db_blocker, web_server):
    made, began = Scene(), time.monotonic()
    patch = pytest.MonkeyPatch()
    patch.setattr(timezone, "now", lambda: FOUR + minutes(70) + timedelta(seconds=time.monotonic() - began))
    with (
        django_db_blocker.unblock(),
        school_of_deeds.own_database() as school,
        override_settings(DEMO=True, SECOND_FACTOR="optional"),
        web_server() as port,
    ):
        made.school, made.address = school, f"http://s{school.code}.localhost:{port}"
        with context.in_school(school):
            made.gate = gate = opened(4)
            leader = makers.a_user("care_staff", name="赵主任", phone="+8613912345678")
            contract = makers.a_contract(user=leader)
            Candidate.objects.filter(user=leader).update(name="赵主任")
            made.later = a_later_one(gate, gate.pupils[0], gate.pupils[1], leader=contract)
            makers.a_duty(gate.session, contract, role="leader")
            made.uncle = makers.a_guardian(name="王五")
            makers.a_tie(made.uncle, gate.pupils[0], is_denied=True, denied_reason="法院禁止")
            parent = gate.guardians[0]
            parent.user = makers.a_user("guardian", name="李强")
            parent.save()
            for pupil in gate.pupils[:3]:
                roll_actions.mark_present(session=gate.session, pupil=pupil, by=gate.teacher, now=FOUR)
            past = opened(2, now=FOUR - timedelta(days=4), day=makers.MONDAY - timedelta(days=4))
            made.past = past
            makers.a_duty(past.session, contract, role="leader")
            sent = FOUR - timedelta(days=4)
            late = [
                item("present", past, past.pupils[0], at=sent + minutes(1)),
                item(
                    "handover",
                    past,
                    past.pupils[1],
                    at=sent + minutes(2),
                    collector=str(past.guardians[1].pk),
                ),
            ]
            send(past, *late, now=sent + timedelta(days=1))
            made.users = {
                "teacher": gate.teacher,
                "leader": leader,
                "parent": parent.user,
                "principal": makers.a_user("principal", name="钱校长", phone="+8613900001111"),
            }
            made.cookies = {
                name: logged_in(school, user).cookies[settings.SESSION_COOKIE_NAME].value
                for name, user in made.users.items()
            }
        yield made
    patch.undo()


@pytest.fixture
def look(scene, browser):
    """Open a page as somebody."""
    contexts = []

    def go(who, path, *, width=1440, dark=False):
        made = browser.new_context(
            base_url=scene.address,
            viewport={"width": width, "height": 800},
            color_scheme="dark" if dark else "light",
        )
        contexts.append(made)
        made.add_init_script(WATCH)
        cookie = {"name": settings.SESSION_COOKIE_NAME, "value": scene.cookies[who], "url": scene.address}
        made.add_cookies([cookie])
        page = made.new_page()
        page.goto(path)
        return page

    yield go
    for made in contexts:
        made.close()


@pytest.fixture
def quiet(scene):
    """No alarm is left of another test."""
    yield
    with context.in_school(scene.school):
        Alarm.objects.filter(seen_at=None).update(seen_at=FOUR, seen_by=scene.users["leader"])


def is_clean(page, complaints, width, name):
    assert complaints(page) == [], name
    assert page.evaluate("violations") == [], name
    assert page.evaluate("document.documentElement.scrollWidth") <= width, name


def comes(scene):
    """王五 stands at the gate; gives the moment after the commit."""
    gate = scene.gate
    with context.in_school(scene.school), transaction.atomic(), suppress(DeniedAdult):
        roll_actions.hand_over(
            session=gate.session, pupil=gate.pupils[0], collector=scene.uncle, by=gate.teacher,
            now=timezone.now(),
        )  # fmt: skip
    return time.monotonic()


@pytest.mark.parametrize(("width", "dark"), SIZES)
def test_it_comes_up_by_itself_on_every_screen_and_one_tap_answers_it(
    scene, look, quiet, complaints, record_property, width, dark
):
    """S23, S24: nobody presses "reload" in an emergency."""
    pages = {
        "leader": look("leader", "/care/", width=width, dark=dark),
        "principal": look("principal", "/desk/", width=width, dark=dark),
        "teacher": look("teacher", f"/care/sessions/{scene.gate.session.pk}/", width=width, dark=dark),
    }
    for page in pages.values():
        page.wait_for_load_state("networkidle")
    began = comes(scene)
    for name, page in pages.items():
        page.locator("[data-unseen]", has_text="王五").wait_for(timeout=20_000)
        record_property(f"seconds_to_{name}", round(time.monotonic() - began, 2))
        is_clean(page, complaints, width, name)
    parent = look("parent", "/family/", width=width, dark=dark)
    parent.locator("[data-unseen]", has_text="王五").first.wait_for(timeout=20_000)
    is_clean(parent, complaints, width, "parent")
    pages["leader"].get_by_role("button", name="我看到了，马上处理").click()
    text = pages["leader"].locator("#main").inner_text()
    assert "已记录您看到了" in text
    is_clean(pages["leader"], complaints, width, "alarm")
    pages["teacher"].locator("[data-unseen]").wait_for(state="detached", timeout=20_000)
    assert "赵主任 已看到" in pages["teacher"].locator(".ab-live").inner_text()


@pytest.mark.parametrize(("width", "dark"), SIZES)
def test_the_red_screen_calls_the_leader(scene, look, quiet, complaints, width, dark):
    """S24: with a child at the hand nobody looks for a number."""
    here = f"/care/sessions/{scene.gate.session.pk}/children/{scene.gate.pupils[0].pk}/"
    page = look("teacher", here, width=width, dark=dark)
    page.get_by_role("button", name="王五 来接了").click()
    call = page.get_by_role("link", name="赵主任")
    assert call.get_attribute("href") == "tel:+8613912345678"
    assert call.bounding_box()["height"] >= 44
    is_clean(page, complaints, width, "denied")


@pytest.mark.parametrize(("width", "dark"), SIZES)
def test_a_child_is_moved_on_by_one_tap_and_both_screens_say_so(scene, look, complaints, width, dark):
    """S24."""
    gate, later = scene.gate, scene.later
    here = f"/care/sessions/{gate.session.pk}/"
    page = look("teacher", here, width=width, dark=dark)
    is_clean(page, complaints, width, "roll")
    page.get_by_role("button", name=f"{gate.pupils[1].name} 转下一场：足球").first.click()
    page.get_by_text("途中由 赵主任 负责").first.wait_for()
    is_clean(page, complaints, width, "moved")
    page.goto(f"{here}close/")
    is_clean(page, complaints, width, "close")
    family = look("parent", f"/family/children/{gate.pupils[0].pk}/today/", width=width, dark=dark)
    is_clean(family, complaints, width, "family")
    with context.in_school(scene.school):
        for given in Handover.objects.filter(next_session=later.session, undone_at=None).select_related(
            "entry__pupil"
        ):
            roll_actions.undo(
                session=gate.session, pupil=given.entry.pupil, by=gate.teacher, now=timezone.now()
            )


@pytest.mark.parametrize(("width", "dark"), SIZES)
@pytest.mark.parametrize("path", ["/desk/sessions/late/", "past", "/desk/alarms/"])
def test_pages_of_leaders_are_clean(scene, look, complaints, path, width, dark):
    address = f"/desk/sessions/{scene.past.session.pk}/" if path == "past" else path
    page = look("principal", address, width=width, dark=dark)
    page.wait_for_load_state("load")
    is_clean(page, complaints, width, path)


def test_a_screen_that_can_t_reach_the_school_says_so(scene, look):
    page = look("leader", "/care/")
    page.wait_for_load_state("networkidle")
    page.route("**/alarms/", lambda route: route.abort())
    page.get_by_text("看不到新的警报").wait_for(timeout=40_000)
