"""Pages of the alerts: what an officer sees of whom, notes, closing, files; few questions to the database."""

import io

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from oversight.redlines import actions
from oversight.redlines.models import Alert
from tests.makers import TERM
from tests.oversight import makers
from tests.oversight.redlines.conftest import NOW

pytestmark = pytest.mark.usefixtures("alerts")


def text(answer) -> str:
    assert answer.status_code == 200
    return answer.content.decode()


def the(rule: str) -> Alert:
    return Alert.objects.get(rule=rule)


def test_the_list_says_what_was_found_where(at_city):
    """S46."""
    page = text(at_city().get("/alerts/"))
    for said in (
        "3 条红线、0 条提醒", "超过封顶", "收费标准每月 ¥200.00，高于封顶 ¥150.00，多 ¥50.00（33.3%）。", "湖滨区第一小学",
        "三年级2班：参加率达到 98%", "2026-09 的收支应于2026年10月10日前向家长公示", "山南县海岛学校", "待查看",
    ):  # fmt: skip
        assert said in page
    assert "湖滨区第二小学" not in page
    assert "49" not in page.split("三年级2班")[1][:60]


def test_a_districts_officer_sees_the_own_district_alone(at_city):
    """Scope: page, file, one alert, note, close."""
    desk = at_city(scope="330102")
    assert "山南县" not in text(desk.get("/alerts/"))
    assert "山南县" not in text(desk.get("/alerts/?format=csv&state=all"))
    theirs = the("statement").pk
    assert desk.get(f"/alerts/{theirs}/").status_code == 404
    assert desk.post(f"/alerts/{theirs}/note/", {"note": "看过"}).status_code == 404
    assert desk.post(f"/alerts/{theirs}/close/", {"reason": "看过"}).status_code == 404
    assert "请选择" not in text(desk.get("/alerts/?district=330106"))
    assert the("statement").state == "open"


@pytest.mark.parametrize("path", ["/alerts/", "/alerts/?format=csv", "/api/v1/alerts/"])
def test_the_price_officer_has_no_alerts(at_city, path):
    """Alerts speak of children's classes."""
    assert at_city("price_officer").get(path).status_code == 403


def test_strangers_log_in_first(client, settings):
    assert client.get("/alerts/", SERVER_NAME=settings.CITY_HOST).status_code == 302


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", {"over_cap", "coercion", "statement"}),
        ("rule=statement", {"statement"}),
        ("district=330102", {"over_cap", "coercion"}),
        ("school=3301060003", {"statement"}),
        ("school=第一小学", {"over_cap", "coercion"}),
        ("level=notice", set()),
        (f"term={TERM}&stage=primary&kind=rural", {"statement"}),
        ("state=closed", set()),
        ("state=all", {"over_cap", "coercion", "statement"}),
        ("rule=nonsense&page=999&sort=nonsense", {"over_cap", "coercion", "statement"}),
    ],
)
def test_filters_narrow_the_list_and_the_file_alike(at_city, query, expected):
    names = {"over_cap": "超过封顶", "coercion": "强制参加迹象", "statement": "公示逾期或缺失"}
    desk = at_city()
    page, file = text(desk.get(f"/alerts/?{query}")), text(desk.get(f"/alerts/?{query}&format=csv"))
    body = page.partition("<tbody")[2]
    for rule, name in names.items():
        assert (name in body) == (rule in expected), rule
        assert (name in file) == (rule in expected), rule


def test_a_wrong_filter_is_said_at_its_field(at_city):
    assert "ab-filters-error" in text(at_city().get("/alerts/?rule=nonsense"))


def test_the_tabs_count_by_rule(at_city):
    page = text(at_city().get("/alerts/?district=330102"))
    assert 'href="?district=330102&amp;rule=over_cap"' in page
    assert "rule=statement" not in page.split("ab-tabs")[1].split("</nav>")[0]


def test_the_files_hold_the_same_rows_with_notes(at_city):
    desk = at_city()
    lines = desk.get("/alerts/?format=csv").content.decode("utf-8-sig").splitlines()
    assert lines[0].startswith("学校标识码,学校,区县,学期,级别,规则,月份或班级,发现,状态")
    assert len(lines) == 4
    book = openpyxl.load_workbook(io.BytesIO(desk.get("/alerts/?format=xlsx&rule=over_cap").content))
    assert [row[5].value for row in book.worksheets[0].iter_rows(min_row=2)] == ["超过封顶"]
    assert "同一计费单位的封顶" in str([cell.value for cell in book.worksheets[1]["B"]])


def test_one_alert_explains_itself(at_city):
    """Numbers, rule, thresholds with the profile's name, history, ways on."""
    page = text(at_city().get(f"/alerts/{the('coercion').pk}/"))
    for said in (
        "三年级2班", "班级人数", "参加率（%）", "98 及以上，班级至少 20 人", "全国规则", "S1、S25", "发现",
        "这是查看的理由，不是结论", "记备注", "了结",
    ):  # fmt: skip
        assert said in page


def test_one_alert_of_nobody_is_not_there(at_city, north):
    assert at_city().get(f"/alerts/{north.pk}/").status_code == 404


def test_an_officer_notes_and_closes_with_the_own_name_in_the_history(at_city):
    desk, alert = at_city(name="钱进"), the("over_cap")
    address = f"/alerts/{alert.pk}/"
    assert desk.post(f"{address}note/", {"note": " "}).status_code == 400
    assert desk.post(f"{address}note/", {"note": "已电话询问"}).status_code == 302
    assert the("over_cap").state == "seen"
    assert desk.post(f"{address}close/", {"reason": ""}).status_code == 400
    assert "了结这条预警" in text(desk.get(f"{address}close/"))
    assert desk.post(f"{address}close/", {"reason": "学校已下调收费"}).status_code == 302
    assert desk.post(f"{address}close/", {"reason": "再来"}).status_code == 409
    page = text(desk.get(address))
    for said in ("钱进", "已电话询问", "学校已下调收费", "已由监管人员了结"):
        assert said in page
    assert "超过封顶" not in text(desk.get("/alerts/")).partition("<tbody")[2]


def test_a_rule_without_a_policy_says_so(at_city, rules):
    from tenants.models import PolicyProfile

    PolicyProfile.objects.all().delete()
    assert "学期第一天没有生效的政策档案" in text(at_city().get(f"/alerts/{the('over_cap').pk}/"))


def test_a_changed_alert_tells_what_it_was(at_city, north):
    from oversight.facts.models import TermFact

    TermFact.objects.filter(school=north).update(fee_fen=30_000)
    makers.rolled(timezone.now())
    actions.evaluate(school=north, terms={TERM}, now=timezone.now())
    page = text(at_city().get(f"/alerts/{the('over_cap').pk}/"))
    assert "原来：收费标准每月 ¥200.00" in page
    assert "现在：收费标准每月 ¥300.00" in page


def test_an_empty_list_says_what_will_be_here(at_city):
    Alert.objects.all().delete()
    page = text(at_city().get("/alerts/"))
    assert "没有符合条件的预警" in page
    assert "0 条红线、0 条提醒" in page


@pytest.mark.parametrize("many", [1, 40])
def test_pages_ask_few_questions_whatever_their_length(at_city, north, many):
    for _ in range(many):
        makers.a_class_fact(north, participants=40)
    makers.rolled(NOW)
    actions.evaluate_all(now=NOW)
    desk = at_city()
    for path in ("/alerts/", f"/alerts/{the('over_cap').pk}/"):
        with CaptureQueriesContext(
            connection,
        ) as asked:
            answer = desk.get(path)
        assert answer.status_code == 200
        told = [
            query["sql"] for query in asked if not query["sql"].startswith(("SET ", "SAVEPOINT", "RELEASE"))
        ]
        assert len(told) <= 12, told


def test_a_file_that_is_cut_off_says_so(at_city, monkeypatch):
    monkeypatch.setattr("oversight.redlines.views.FILE_MOST", 2)
    book = openpyxl.load_workbook(io.BytesIO(at_city().get("/alerts/?format=xlsx").content))
    assert book.worksheets[0].max_row == 3
    assert "只有最前面的 2 条" in str([cell.value for cell in book.worksheets[1]["B"]])
