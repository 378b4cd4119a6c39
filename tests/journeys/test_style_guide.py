"""The style guide in a browser: light, dark, desk and phone, with and without JavaScript, under the strict policy."""

import re

import pytest

WHOLE = "/styleguide/"
OTHERS = [
    f"/styleguide/{name}/"
    for name in ["family", "family/check", "family/done", "gate", "confirm", "errors/404", "errors/refused"]
]
LIGHT, DARK, DESK, PHONE = False, True, 1280, 360
drawn = ".js-plotly-plot .main-svg"


def settled(page, expression, wanted):
    """Wait until an expression has a value. (wait_for_function evaluates text inside the page: the policy forbids it.)"""
    for _try in range(50):
        if page.evaluate(expression) == wanted:
            return True
        page.wait_for_timeout(100)
    return False


@pytest.mark.parametrize(("dark", "width"), [(LIGHT, DESK), (LIGHT, PHONE), (DARK, DESK), (DARK, PHONE)])
def test_axe_has_no_complaint_about_the_style_guide(visit, complaints, dark, width):
    page = visit(WHOLE, width=width, dark=dark)
    page.wait_for_selector(drawn)
    assert complaints(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate("violations") == []


@pytest.mark.parametrize(("dark", "width"), [(LIGHT, DESK), (DARK, PHONE)])
@pytest.mark.parametrize("path", OTHERS)
def test_axe_has_no_complaint_about_the_other_layouts(visit, complaints, path, dark, width):
    page = visit(path, width=width, dark=dark)
    assert complaints(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate("violations") == []


def test_english_is_as_clean_as_chinese(visit, complaints):
    page = visit("/styleguide/", width=360, language="en")
    assert page.locator("html").get_attribute("lang") == "en"
    assert complaints(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_charts_are_drawn_hovered_and_saved_without_a_violation(visit):
    page = visit("/styleguide/")
    page.wait_for_selector(drawn)
    assert page.locator(".js-plotly-plot").count() == 3
    for chart in page.locator(".js-plotly-plot .nsewdrag").all():
        chart.scroll_into_view_if_needed()
        box = chart.bounding_box()
        for share in (0.1, 0.3, 0.5, 0.8):
            page.mouse.move(box["x"] + box["width"] * share, box["y"] + box["height"] / 2)
            page.wait_for_timeout(80)
    with page.expect_download() as saved:
        page.locator("#chart-rate .modebar-btn").first.click()
    assert saved.value.suggested_filename == "chart-rate.png"
    assert page.locator("#chart-rate .modebar-btn").first.get_attribute("data-title") == "下载图片"
    assert page.evaluate("violations") == []
    assert page.evaluate("document.querySelectorAll('style').length") == 0


def test_the_watch_for_violations_is_awake(visit):
    """The guard removed: an inline style is seen."""
    page = visit("/styleguide/family/")
    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<p style=\"color: red\">x</p>')")
    assert settled(page, "violations.length", 1)
    page.problems.clear()


def test_chart_and_table_are_two_views_of_one_card(visit):
    page = visit("/styleguide/")
    card = page.locator("#chart-rate")
    page.wait_for_selector(drawn)
    assert not card.locator("table").is_visible()
    card.get_by_role("button", name="表", exact=True).click()
    assert card.locator("table").is_visible()
    assert "山南县" in card.locator("table").inner_text()
    card.get_by_role("button", name="图", exact=True).click()
    assert card.locator(".ab-plot").is_visible()


def test_charts_follow_the_theme_of_the_system(visit):
    page = visit("/styleguide/")
    page.wait_for_selector(drawn)
    ink = "getComputedStyle(document.querySelector('#chart-rate .legendtext')).fill"
    light = page.evaluate(ink)
    page.emulate_media(color_scheme="dark")
    assert settled(page, f"{ink} !== '{light}'", wanted=True)
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(14, 20, 26)"


def test_light_and_dark_are_chosen_without_javascript(visit):
    page = visit("/styleguide/family/", js=False)
    page.locator("summary", has_text="外观").click()
    page.get_by_role("button", name="深色").click()
    assert page.locator("html").get_attribute("data-bs-theme") == "dark"
    assert page.url.endswith("/styleguide/family/")


def test_the_language_is_chosen_without_javascript(visit):
    page = visit("/styleguide/family/", js=False)
    page.get_by_role("button", name="English").click()
    assert page.locator("html").get_attribute("lang") == "en"
    page.get_by_role("button", name="中文").click()
    assert page.locator("html").get_attribute("lang") == "zh-Hans"


def test_without_javascript_every_chart_is_a_table_and_lists_still_work(visit):
    page = visit("/styleguide/", js=False)
    assert page.locator(".ab-plot:visible").count() == 0
    assert page.locator("#chart-rate table").is_visible()
    page.get_by_label("区县", exact=True).select_option("330106")
    page.get_by_role("button", name="筛选").click()
    assert "district=330106" in page.url
    table = page.locator("#table table")
    assert "湖滨区" not in table.inner_text()
    page.locator("#table").get_by_role("link", name=re.compile("^学校")).click()
    assert "sort=" in page.url
    assert "district=330106" in page.url


def test_on_a_phone_the_navigation_is_a_drawer_also_without_javascript(visit):
    page = visit("/styleguide/", width=360, js=False)
    menu = page.get_by_role("navigation", name="主导航")
    assert not menu.is_visible()
    page.get_by_role("button", name="菜单").click()
    assert menu.is_visible()
    page.keyboard.press("Escape")
    assert not menu.is_visible()


@pytest.mark.parametrize("js", [True, False], ids=["js", "no-js"])
def test_an_error_takes_the_focus_and_leads_to_its_field(visit, js):
    page = visit("/styleguide/family/", width=360, js=js)
    page.get_by_label("接孩子的人的姓名").fill("王芳")
    page.get_by_role("button", name="继续").click()
    summary = page.get_by_role("alert")
    assert summary.evaluate("node => node === document.activeElement") if js else summary.is_visible()
    assert page.get_by_label("接孩子的人的姓名").input_value() == "王芳"
    summary.get_by_role("link", name="请填写“手机号”").click()
    assert page.url.endswith("#id_phone")


def test_the_first_key_skips_to_the_text(visit):
    page = visit("/styleguide/")
    page.keyboard.press("Tab")
    assert page.locator(":focus").inner_text() == "跳到正文"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


@pytest.mark.parametrize(
    ("path", "least"), [("/styleguide/family/", 44), ("/styleguide/gate/", 44), ("/styleguide/", 32)]
)
def test_fingers_find_what_they_press(visit, path, least):
    page = visit(path, width=360)
    small = page.evaluate(
        """least => [...document.querySelectorAll(
            'button, .btn, select, input:not([type=hidden], .form-check-input), .form-check'
        )]
        .filter(e => e.checkVisibility() && !e.closest('.modebar'))
        .map(e => [e.outerHTML.slice(0, 80), e.getBoundingClientRect().height]).filter(([_, height]) => height < least)""",
        least,
    )
    assert small == []


def test_on_paper_there_is_the_text_and_no_navigation(visit):
    page = visit("/styleguide/")
    page.wait_for_selector(drawn)
    page.emulate_media(media="print")
    assert not page.locator(".ab-side").is_visible()
    assert not page.locator(".ab-filters").first.is_visible()
    assert page.locator("#chart-rate table").is_visible()
    assert page.locator("h1").is_visible()


def test_htmx_starts_without_a_violation(visit):
    page = visit("/styleguide/family/")
    assert page.evaluate("htmx.config.allowEval") is False
    assert page.evaluate("htmx.config.includeIndicatorStyles") is False
    assert page.evaluate("violations") == []
