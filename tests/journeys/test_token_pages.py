"""A token's way in a browser: its holder is told, proves who it is, agrees, and copies it; clean for axe."""

import pytest
from django.conf import settings
from django.test import override_settings

from afterbell.accounts.roles import Role
from tenants.context import in_city
from tests.accounts.makers import CITY, PASSWORD, a_user, logged_in
from tests.journeys.conftest import WATCH
from tests.properties import school_of_deeds
from tests.tokens.makers import a_token, an_asked


@pytest.fixture(scope="module")
def holder(django_db_setup, django_db_blocker, web_server):
    """The session of a supervisor in whose name one system reads and two more want to; (address, login)."""
    with (
        django_db_blocker.unblock(),
        school_of_deeds.own_database(),
        override_settings(DEMO=True, SECOND_FACTOR="optional"),
        web_server() as port,
    ):
        with in_city():
            admin = a_user(role=Role.SYSTEM_ADMIN, name="王管")
            holder = a_user(role=Role.BUREAU_SUPERVISOR, name="赵局")
            a_token(holder, "市数据局共享平台，每日费用汇总", by=admin)
            for name in ("区教育局大屏", "市长热线系统"):
                an_asked(holder, name, by=admin)
        yield f"http://{CITY}:{port}", {who.name: logged_in(CITY, who.login) for who in (admin, holder)}


@pytest.mark.parametrize(("width", "dark"), [(1440, False), (360, True)])
def test_a_holder_agrees_and_copies_the_token(holder, browser, complaints, width, dark, tmp_path):
    address, people = holder
    made = browser.new_context(
        base_url=address, viewport={"width": width, "height": 900}, color_scheme="dark" if dark else "light"
    )
    cookie = people["赵局"].cookies[settings.SESSION_COOKIE_NAME].value
    made.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": address}])
    made.add_init_script(WATCH)
    page = made.new_page()

    def is_clean(name):
        page.screenshot(path=tmp_path / f"{name}-{width}.png", full_page=True)
        assert complaints(page) == []
        assert page.evaluate("violations") == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name

    page.goto("/accounts/tokens/mine/")
    is_clean("mine")
    page.get_by_role("link", name="查看并同意").first.click()
    if page.locator("input[type=password]").count():  # the second time the proof is still fresh
        page.locator("input[type=password]").fill(PASSWORD)
        page.locator("#main button, form button").last.click()
    is_clean("agree")
    page.get_by_role("button", name="同意并显示凭证").click()
    assert page.locator("#token-text").input_value().startswith("afb_")
    is_clean("made")
    made.close()


@pytest.mark.parametrize(("width", "dark"), [(1440, True), (360, False)])
def test_an_administrator_asks(holder, browser, complaints, width, dark, tmp_path):
    address, people = holder
    made = browser.new_context(
        base_url=address, viewport={"width": width, "height": 900}, color_scheme="dark" if dark else "light"
    )
    cookie = people["王管"].cookies[settings.SESSION_COOKIE_NAME].value
    made.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": address}])
    made.add_init_script(WATCH)
    page = made.new_page()
    for name, path in (("list", "/accounts/tokens/"), ("new", "/accounts/tokens/new/")):
        page.goto(path)
        page.screenshot(path=tmp_path / f"{name}-{width}.png", full_page=True)
        assert complaints(page) == []
        assert page.evaluate("violations") == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name
    made.close()
