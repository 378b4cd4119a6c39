"""A roster's questions and a child's history in a browser: answered on a phone and at a desk, clean for axe."""

import pytest
from django.conf import settings
from django.test import override_settings

from schools.people import adult_actions, correction_actions
from schools.people.models import Guardian, Tie
from tenants import context
from tests import makers
from tests.city import NOON
from tests.journeys.conftest import WATCH
from tests.properties import school_of_deeds
from tests.schools.people.books import LI, WANG, book, load
from tests.schools.people.stage import client_of

STRANGER = ("00125", "陈晓", "一年级1班", "陈大文", "13800138000")
OTHER = ("00126", "孙小二", "一年级1班", "孙立", "13800138001")


@pytest.fixture(scope="module")
def office(django_db_setup, django_db_blocker, web_server):
    """The clerk's session at a school with two families, in a database of its own; (address, cookie, child)."""
    with (
        django_db_blocker.unblock(),
        school_of_deeds.own_database() as school,
        override_settings(DEMO=True, SECOND_FACTOR="optional"),
        web_server() as port,
    ):
        with context.in_school(school):
            clerk = makers.a_user("clerk", name="周老师")
            load(book((*LI[:3], "李强、赵敏", "13800138000、13900139001"), WANG))
            tie = Tie.objects.get(guardian__name="赵敏")
            adult_actions.deny(tie=tie, reason="法院裁定 12 号", by=clerk, now=NOON)
            adult = Guardian.objects.get(name="王建国")
            correction_actions.correct_name(
                guardian=adult, before="王建国", name="王建", reason="登记时写错", by=clerk, now=NOON
            )
        cookie = client_of(school, clerk).cookies[settings.SESSION_COOKIE_NAME].value
        yield f"http://s{school.code}.localhost:{port}", cookie, tie.pupil_id


@pytest.fixture
def look(office, browser):
    """Open a page of the office."""
    contexts = []

    def go(path, *, width, dark=False):
        address, cookie, _child = office
        made = browser.new_context(
            base_url=address,
            viewport={"width": width, "height": 800},
            color_scheme="dark" if dark else "light",
        )
        contexts.append(made)
        made.add_init_script(WATCH)
        made.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": address}])
        page = made.new_page()
        page.goto(path)
        return page

    yield go
    for made in contexts:
        made.close()


def is_clean(page, complaints, width, name):
    assert complaints(page) == []
    assert page.evaluate("violations") == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width, name


@pytest.mark.parametrize(("width", "dark"), [(1280, False), (360, True)])
def test_a_roster_is_asked_about_and_answered(look, complaints, tmp_path, width, dark):
    file = tmp_path / "名册.xlsx"
    file.write_bytes(book(STRANGER, OTHER, (*LI[:3], "赵敏", "13700137000")))
    page = look("/desk/roster/", width=width, dark=dark)
    page.locator("input[type=file]").set_input_files(file)
    page.get_by_role("button", name="上传并预览").click()
    assert "有 2 个号码" in page.locator("#main").inner_text()
    assert "法院裁定 12 号" in page.locator("#main").inner_text()
    is_clean(page, complaints, width, "preview")
    page.get_by_role("link", name="逐条核对").click()
    is_clean(page, complaints, width, "answers")
    page.get_by_label("另一人，号码写错").first.check()
    page.get_by_role("button", name="记下这一页的答复").click()
    assert "还有 1 条没有答" in page.locator("#main").inner_text()
    if width < 500:  # folded on a phone
        page.get_by_role("button", name="筛选条件").click()
    page.get_by_label("问题").select_option("stranger")
    page.get_by_role("button", name="筛选", exact=True).click()
    page.get_by_role("button", name="另一人，号码写错").click()
    assert "还有 0 条没有答" in page.locator("#main").inner_text()
    page.get_by_role("link", name="回到预览").click()
    page.get_by_role("button", name="确认导入").click()
    text = page.locator("#main").inner_text()
    assert "没有照名册写入的" in text
    assert "赵敏" in text
    is_clean(page, complaints, width, "result")


@pytest.mark.parametrize(("width", "dark"), [(1280, False), (360, True)])
def test_a_childs_page_with_its_history_and_a_refusal(office, look, complaints, width, dark):
    page = look(f"/desk/pupils/{office[2]}/", width=width, dark=dark)
    assert "法院裁定 12 号" in page.locator("#main").inner_text()
    is_clean(page, complaints, width, "pupil")
    page.get_by_role("link", name="添加家长").click()
    assert page.locator("input[type=checkbox]:checked").count() == 0
    page.get_by_label("姓名").fill("赵 敏")
    page.get_by_label("手机号").fill("13600136000")
    page.get_by_label("母亲").check()
    page.get_by_role("button", name="添加").click()
    assert "周老师" in page.locator("#main").inner_text()
    is_clean(page, complaints, width, "refused")
