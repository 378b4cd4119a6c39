"""The city's dashboards in a browser: under the strict policy, clean for axe, on a phone and without JavaScript."""

import pytest
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection
from django.test import override_settings

from afterbell.accounts.models import Assignment, User
from tenants.context import in_city
from tests import city
from tests.dashboards import makers

FACTS = ("dayfact", "monthfact", "termfact", "classfact", "schoolmonth", "schoolterm", "pulse")
GONE_AFTERWARDS = (
    *(f"DELETE FROM oversight_{name} WHERE school_id = ANY(%(schools)s)" for name in FACTS),
    "DELETE FROM tenants_school WHERE id = ANY(%(schools)s)",
    "DELETE FROM tenants_term",
    "DELETE FROM oversight_areamark",
    "DELETE FROM oversight_areamonth",
    "DELETE FROM oversight_areaterm",
    "DELETE FROM oversight_areapulse",
    "DELETE FROM oversight_pulse",
    "DELETE FROM tenants_district WHERE id NOT IN (SELECT district_id FROM tenants_school)",
    "DELETE FROM django_session",
    "DELETE FROM accounts_assignment WHERE user_id = %(user)s",
    "DELETE FROM accounts_user WHERE id = %(user)s",
)
"""In SQL: Django would look for what else belongs to them, also in tables that only schools have."""
drawn = ".js-plotly-plot .main-svg"


@pytest.fixture(scope="module")
def supervisor(django_db_setup, django_db_blocker):
    """A session of somebody who supervises a city of eight schools; all of it is gone afterwards."""
    with (
        django_db_blocker.unblock(),
        city.real_commits(),
        in_city(),
        override_settings(SECOND_FACTOR="optional"),
    ):
        makers.the_terms()
        schools = makers.many_schools(8, districts=3)
        makers.a_city_of_facts(schools)
        user = User.objects.create(login="dashboards", name="李敏")
        Assignment.objects.create(user=user, role="bureau_supervisor")
        session = SessionStore()
        session.update(
            {
                SESSION_KEY: str(user.pk),
                BACKEND_SESSION_KEY: settings.AUTHENTICATION_BACKENDS[-1],
                HASH_SESSION_KEY: user.get_session_auth_hash(),
            }
        )
        session.save()
        try:
            yield session.session_key
        finally:
            with connection.cursor() as cursor:
                for statement in GONE_AFTERWARDS:
                    cursor.execute(statement, {"schools": [school.pk for school in schools], "user": user.pk})


@pytest.fixture
def look(demo_city, supervisor, visit):
    """Open a page of the city as its supervisor."""

    def go(path, **more):
        page = visit("/accounts/login/", **more)
        page.context.add_cookies(
            [{"name": settings.SESSION_COOKIE_NAME, "value": supervisor, "url": demo_city}]
        )
        page.goto(path)
        assert page.locator("#main").count() == 1, page.content()[:400]
        return page

    return go


@pytest.mark.parametrize("path", ["/", "/participation/", "/complaints/"])
@pytest.mark.parametrize(("dark", "width"), [(False, 1280), (True, 360)])
def test_axe_has_no_complaint_and_the_policy_holds(look, complaints, path, dark, width):
    page = look(path, dark=dark, width=width)
    page.wait_for_selector(drawn)
    assert complaints(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate("violations") == []
    assert page.evaluate("document.querySelectorAll('style').length") == 0


@pytest.mark.parametrize("path", ["/alerts/", "/indicators/", "/costs/", "/costs/summary/", "/schools/"])
@pytest.mark.parametrize(("dark", "width"), [(False, 1280), (True, 360)])
def test_lists_and_tables_of_the_city_are_clean_too(look, complaints, path, dark, width):
    page = look(path, dark=dark, width=width)
    assert complaints(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate("violations") == []


def test_a_chart_tells_in_chinese_and_is_saved(look):
    page = look("/participation/")
    page.wait_for_selector(drawn)
    area = page.locator("#by_district .nsewdrag").first
    area.scroll_into_view_if_needed()
    box = area.bounding_box()
    page.mouse.move(box["x"] + 40, box["y"] + box["height"] / 6)
    page.wait_for_selector("#by_district .hoverlayer .hovertext")
    assert "参与率" in page.locator("#by_district .hoverlayer").text_content()
    with page.expect_download() as saved:
        page.locator("#by_district .modebar-btn").first.click()
    assert saved.value.suggested_filename == "by_district.png"
    assert page.evaluate("violations") == []


def test_the_top_bar_keeps_its_choice_from_page_to_page(look):
    page = look("/")
    page.get_by_label("区县", exact=True).select_option("330102")
    page.get_by_role("button", name="查看").click()
    assert "district=330102" in page.url
    page.get_by_role("navigation", name="主导航").get_by_role("link", name="投诉", exact=True).click()
    assert "/complaints/?" in page.url
    assert page.get_by_label("区县", exact=True).input_value() == "330102"


def test_without_javascript_there_are_tables_and_filters(look):
    page = look("/participation/", js=False)
    assert page.locator("#by_district table").is_visible()
    page.get_by_label("城乡").select_option("rural")
    page.get_by_role("button", name="筛选").click()
    assert "kind=rural" in page.url


def test_on_paper_there_are_chart_and_table(look):
    page = look("/participation/")
    page.wait_for_selector(drawn)
    page.emulate_media(media="print")
    assert page.locator("#by_district table").is_visible()
    assert not page.locator(".ab-look").is_visible()
