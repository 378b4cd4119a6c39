"""The audit administrator's desk in a browser: a chain that was rewritten is found, verified and read; clean for axe."""

import pytest
from django.conf import settings
from django.test import override_settings
from django.utils import timezone

from afterbell.accounts.roles import Role
from tenants import provisioning
from tenants.anchors import actions, tasks
from tenants.anchors.models import Verification
from tenants.context import in_city
from tests.accounts.makers import CITY, a_user, logged_in
from tests.city import NOON, SOUTH
from tests.journeys.conftest import WATCH
from tests.properties import school_of_deeds
from tests.tenants.chains import deeds, one_entry_changed, past_written_anew


@pytest.fixture(scope="module")
def desk(django_db_setup, django_db_blocker, web_server):
    """The address, an auditor's session, and a school whose past was written anew."""
    with (
        django_db_blocker.unblock(),
        school_of_deeds.own_database() as first,
        override_settings(DEMO=True, SECOND_FACTOR="optional"),
        web_server() as port,
    ):
        with in_city():
            auditor = a_user(role=Role.AUDIT_ADMIN, name="钱审")
        second = provisioning.open_school(
            code=SOUTH, name="湖滨区第二小学", district=first.district, stage="primary", kind="urban",
            size_class="small", now=NOON,
        )  # fmt: skip
        for school in (first, second):
            deeds(school, 5)
        actions.anchor_all(now=timezone.now())
        past_written_anew(first, 3)
        one_entry_changed(second)
        deeds(first)
        actions.anchor_all(now=timezone.now())
        yield f"http://{CITY}:{port}", logged_in(CITY, auditor.login), first


@pytest.mark.parametrize(
    ("width", "dark", "language"), [(1440, False, "zh-hans"), (360, True, "zh-hans"), (360, False, "en")]
)
def test_pages_are_clean_wide_and_narrow_in_both_languages(
    desk, browser, complaints, width, dark, language, tmp_path
):
    address, auditor, broken = desk
    page = opened(browser, address, auditor, width=width, dark=dark, language=language)
    paths = {
        "entries": "/audit/",
        "filtered": "/audit/?verb=anchors&from=x",
        "chains": "/audit/chains/",
        "city": "/audit/chains/city/",
        "chain": f"/audit/chains/{broken.code}/",
        "ask": "/audit/verify/",
    }
    for name, path in paths.items():
        page.goto(f"{address}{path}")
        assert page.locator("#main").count() == 1
        page.screenshot(path=tmp_path / f"{name}-{width}-{language}.png", full_page=True)
        assert complaints(page) == []
        assert page.evaluate("violations") == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name
    page.context.close()


def test_a_verification_is_begun_watched_and_its_result_read(desk, browser, complaints, tmp_path):
    address, auditor, broken = desk
    page = opened(browser, address, auditor, width=1440)
    page.goto(f"{address}/audit/chains/")
    page.get_by_role("link", name="核验全部").click()
    page.get_by_role("button", name="开始核验").click()
    assert page.locator("progress").is_visible()
    page.screenshot(path=tmp_path / "running.png", full_page=True)
    assert complaints(page) == []
    with in_city():
        running = Verification.objects.get(done_at__isnull=True)
    tasks.verify(verification_id=str(running.pk))
    page.get_by_text("有问题 2 条，没能核验 0 条").wait_for()
    page.screenshot(path=tmp_path / "done.png", full_page=True)
    page.get_by_role("link", name="看有问题的").click()
    page.get_by_role("link", name=broken.name).click()
    assert page.get_by_text("第 5 条：锚定之后被改写").first.is_visible()
    page.screenshot(path=tmp_path / "found.png", full_page=True)
    with page.expect_download() as file:
        page.goto(f"{address}/audit/?verb=anchors")
        page.get_by_role("button", name="导出 CSV").click()
    assert file.value.suggested_filename == "audit-entries.csv"
    page.context.close()


def opened(browser, address, auditor, *, width, dark=False, language="zh-hans"):
    made = browser.new_context(
        base_url=address, viewport={"width": width, "height": 900}, color_scheme="dark" if dark else "light"
    )
    session = auditor.cookies[settings.SESSION_COOKIE_NAME].value
    cookies = {settings.SESSION_COOKIE_NAME: session, settings.LANGUAGE_COOKIE_NAME: language}
    made.add_cookies([{"name": name, "value": value, "url": address} for name, value in cookies.items()])
    made.add_init_script(WATCH)
    return made.new_page()
