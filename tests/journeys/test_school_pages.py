"""Fees, satisfaction, a district and a school in a browser: drawn under the strict policy, clean for axe, on a phone too."""

import pytest

from tests.journeys.test_dashboards import drawn, look, supervisor

__all__ = [
    "look",
    "supervisor",
]  # fixtures: the supervisor of a city of eight schools, and a page opened by them
SCHOOL = "/schools/3301021000/"
PAGES = ["/fees/", "/satisfaction/", "/districts/330102/", SCHOOL]


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize(("dark", "width"), [(False, 1280), (True, 360)])
def test_axe_has_no_complaint_and_the_policy_holds(look, complaints, path, dark, width):
    page = look(path, dark=dark, width=width)
    page.wait_for_selector(drawn)
    assert complaints(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate("violations") == []
    assert page.evaluate("document.querySelectorAll('style').length") == 0


def test_from_the_fees_to_a_school_and_to_what_is_behind_it(look):
    page = look("/fees/")
    page.wait_for_selector(drawn)
    page.locator("#caps").get_by_role("button", name="表", exact=True).click()
    name = page.locator("#caps tbody a").first.inner_text()
    page.locator("#caps tbody a").first.click()
    assert page.locator("h1").inner_text() == name
    page.locator("#ways").get_by_role("link", name="全部预警").click()
    assert "/alerts/?" in page.url
    assert page.evaluate("violations") == []


def test_a_school_s_page_is_whole_without_javascript(look):
    page = look(SCHOOL, js=False)
    assert page.locator("#months table").is_visible()
    page.get_by_text("这些指标怎样计算").click()
    assert page.locator("#definitions dd").first.is_visible()
    page.get_by_label("学期", exact=True).select_option("2025-2026-2")
    page.get_by_role("button", name="查看").click()
    assert "2026-03" in page.locator("#months table").inner_text()
