"""A school's page: what it says, to whom, at which price."""

import re
from datetime import date, datetime, timedelta

import pytest

from afterbell.accounts.roles import Role
from oversight.facts import rollups
from oversight.facts.models import ClassFact, DayFact, MonthFact, SchoolTerm, TermFact
from oversight.redlines import actions
from tenants.context import in_city
from tenants.models import School
from tenants.policies import ready
from tests import makers as people
from tests.dashboards import makers
from tests.dashboards.asking import MOST_BYTES, MOST_STATEMENTS, rows_of, size, statements, text_of
from tests.dashboards.conftest import LAKE


def page_of(school, query=""):
    return f"/schools/{school.code}/{query}"


def again():
    rollups.roll_everything(now=makers.NOW)


def test_it_says_who_the_school_is_and_where_it_stands(at_the_city, a_city):
    schools = a_city(72)
    page = text_of(at_the_city().get(page_of(schools[0])))
    assert f"<h1>{schools[0].name}</h1>" in page
    for fact in ("每课时 ", "学期进行中", "2026-11-23 17:00", "同类中位数", "在册学生"):
        assert fact in page


def test_median_and_middle_half_are_those_of_the_peers(at_the_city, a_city):
    schools = a_city(72)
    one = schools[0]
    alike = [s for s in schools if (s.stage, s.kind) == (one.stage, one.kind) and s.pk != one.pk]
    known = SchoolTerm.objects.filter(school__in=alike, term_code=makers.RUNNING).exclude(pupils_on_roll=None)
    assert 10 <= known.count() <= 30, "all of them are peers"
    rates = sorted(row.participants / row.pupils_on_roll * 100 for row in known)
    rows = {row[0]: row for row in rows_of(at_the_city().get(page_of(one, "?format=csv&chart=peers")))}
    own = SchoolTerm.objects.get(school=one, term_code=makers.RUNNING)
    share = own.participants / own.pupils_on_roll * 100
    place = (len(rates) - 1) * 0.5
    median = (rates[int(place)] + rates[int(place + 0.5)]) / 2
    below = sum(rate < share for rate in rates) + sum(rate == share for rate in rates) / 2
    line = rows["参与率（%）"]
    assert line[2] == f"{share:.1f}"
    assert float(line[4]) == pytest.approx(median, abs=0.051)
    assert float(line[6]) == pytest.approx(100 * below / len(rates), abs=0.051)
    assert line[7] == str(len(rates))


def test_too_few_peers_are_said(at_the_city, a_city):
    schools = a_city(8)
    browser = at_the_city()
    assert "可比学校不到 10 所，不作比较" in text_of(browser.get(page_of(schools[0])))
    rows = rows_of(browser.get(page_of(schools[0], "?format=csv&chart=peers")))
    assert {tuple(row[4:7]) for row in rows[1:]} == {("–", "–", "–")}


def test_a_school_of_a_part_of_the_term_is_not_rated(at_the_city, a_city):
    schools = a_city(72)
    one = schools[0]
    with in_city():
        last = DayFact.objects.filter(school=one, date__gte=date(2026, 9, 1)).order_by("date").first()
        DayFact.objects.filter(school=one, date__gt=last.date).delete()
        MonthFact.objects.filter(school=one, term_code=makers.RUNNING, month__gt="2026-09").delete()
        again()
    page = text_of(at_the_city().get(page_of(one)))
    assert "只有 1 个月的数据" in page
    assert "的同类学校（" not in page


def test_months_show_money_and_the_statement(at_the_city, a_city):
    (one, *_others) = a_city(4)
    published = datetime.fromisoformat("2026-10-12T04:00:00+00:00")
    with in_city():
        mine = MonthFact.objects.filter(school=one)
        mine.update(statement_due_date=None, statement_published_at=None, statement_sha256="")
        mine.filter(month="2026-09").update(
            statement_due_date=date(2026, 10, 10), statement_published_at=published, statement_sha256="ab" * 32,
            charged_fen=123_456_78, refunded_fen=0,
        )  # fmt: skip
        mine.filter(month="2026-10").update(statement_due_date=date(2026, 11, 10))
        mine.filter(month="2026-11").update(statement_due_date=makers.NOW.date() + timedelta(days=17))
        again()
    browser = at_the_city()
    rows = {row[0]: row for row in rows_of(browser.get(page_of(one, "?format=csv&chart=months")))}
    assert rows["2026-09"][3] == "123456.78"
    assert rows["2026-09"][7] == "0.00"
    assert rows["2026-09"][8:] == ["2026-10-10", "2026-10-12", "迟公示", "ab" * 6]
    assert rows["2026-10"][8:] == ["2026-11-10", "–", "到期未公示", "–"]
    assert rows["2026-11"][10] == "未到期"
    assert "账目 1 个月到期未公示，1 个月迟公示" in text_of(browser.get(page_of(one)))


def test_classes_show_signs_and_hide_small_counts(at_the_city, a_city):
    people.a_policy(ready.document("national-2024"), name="全国规则")
    one = a_city(4)[0]
    with in_city():
        ClassFact.objects.filter(school=one).delete()
        for number, joined, no in ((1, 50, 0), (2, 3, 20), (3, 40, 9), (4, 30, 10)):
            makers.a_class_fact(
                one, makers.RUNNING, 3, number, pupils=50, participants=joined, asked_answers=50, asked_no=no,
                consents=joined,
                consents_in_burst=45 if number == 1 else 2,
            ).save()  # fmt: skip
        again()
        actions.evaluate_all(now=makers.NOW)
    browser = at_the_city()
    rows = {row[0]: row for row in rows_of(browser.get(page_of(one, "?format=csv&chart=classes")))}
    assert rows["3年级1班"][-1] == "红线"
    assert rows["3年级2班"][1] == rows["3年级2班"][3] == "c"
    assert [row[1] for row in rows.values()].count("c") >= 2, (
        "the one hidden count can't be subtracted from a total"
    )
    page = text_of(browser.get(page_of(one)))
    assert "4 个班中，1 个有强制参加的迹象" in page
    assert "强制参加迹象 · 3年级1班" in page
    assert re.search(r"[1-9] 条预警未了结", page)


@pytest.mark.parametrize("role", [Role.BUREAU_SUPERVISOR, Role.PRICE_OFFICER])
@pytest.mark.parametrize("size_of_city", [5, 60])
def test_it_asks_the_database_twelve_times_at_most(at_the_city, a_city, size_of_city, role):
    one = a_city(size_of_city)[0]
    browser = at_the_city(role)
    for path in (page_of(one), page_of(one, "?format=csv&chart=peers")):
        asked = statements(browser, path)
        assert len(asked) <= MOST_STATEMENTS, asked


def test_it_stays_small(at_the_city, a_city):
    assert size(at_the_city(), page_of(a_city(72)[0])) <= MOST_BYTES


@pytest.mark.parametrize("code", ["9999999999", "abc", "3301021000'--", "%01", "x" * 400])
def test_a_school_that_is_not_there_is_not_found(at_the_city, a_city, code):
    a_city(4)
    assert at_the_city().get(f"/schools/{code}/").status_code == 404


def test_a_district_s_supervisor_finds_the_district_s_schools_only(at_the_city, a_city):
    schools = a_city(9)
    browser = at_the_city(district=LAKE)
    assert {
        browser.get(page_of(school)).status_code for school in schools if school.district.code == LAKE
    } == {200}
    assert {
        browser.get(page_of(school)).status_code for school in schools if school.district.code != LAKE
    } == {404}
    elsewhere = next(school for school in schools if school.district.code != LAKE)
    assert browser.get(page_of(elsewhere, "?format=csv")).status_code == 404


def test_the_bureaus_see_who_is_compared_and_the_files_name_nobody(at_the_city, a_city):
    """Of another district's peers they read the name, and no way to its page."""
    schools = a_city(72)
    for browser, reach in ((at_the_city(), 2), (at_the_city(district=LAKE), 1)):
        page = text_of(browser.get(page_of(schools[0])))
        named = page[page.index('id="peer-set"') : page.index('id="definitions"')]
        peers = {
            school for school in schools[1:] if f">{school.name}<" in named or f"<li>{school.name} " in named
        }
        assert len(peers) >= 10
        assert f"这 {len(peers)} 所同类学校" in named
        assert {(school.stage, school.kind) for school in peers} == {(schools[0].stage, schools[0].kind)}
        assert len({school.district.code for school in peers if f"/schools/{school.code}/" in named}) >= reach
        if reach == 1:
            assert not [s for s in peers if s.district.code != LAKE and f"/schools/{s.code}/" in named]
        file = text_of(browser.get(page_of(schools[0], "?format=csv")))
        assert not [school.name for school in schools[1:] if f"{school.name}," in file]


def test_the_price_officer_sees_its_costs_and_no_children(at_the_city, a_city):
    one = a_city(72)[0]
    browser = at_the_city(Role.PRICE_OFFICER)
    page = text_of(browser.get(page_of(one)))
    assert "每生每小时成本" in page
    for word in ("出勤率", "满意率", "预警未了结", "强制参加", "各班", "/alerts/", "/participation/"):
        assert word not in page
    assert browser.get(page_of(one, "?format=csv&chart=classes")).status_code == 400


def test_administrators_see_no_school_s_figures(at_the_city, a_city):
    assert at_the_city(Role.SYSTEM_ADMIN).get(page_of(a_city(4)[0])).status_code == 403


def test_a_school_that_never_reported_says_so(at_the_city, a_city):
    schools = a_city(5)
    page = text_of(at_the_city().get(page_of(schools[-1])))
    assert "本学期还没有收到这所学校的任何数据" in page
    assert "本学期还没有这所学校的数据" in page
    assert "这里会" in page
    assert "0 人" not in page


def test_a_school_that_went_silent_is_said_with_its_last_day(at_the_city, a_city):
    one = a_city(5)[0]
    with in_city():
        DayFact.objects.filter(school=one, date__gt=date(2026, 10, 20)).delete()
        again()
    last = DayFact.objects.filter(school=one).order_by("-date").first().date
    page = text_of(at_the_city().get(page_of(one)))
    assert "最近三个上学日没有服务记录" in page
    assert f"{last:%Y-%m-%d}" in page


def test_a_fee_over_the_cap_and_a_wrong_collector_stand_in_the_head(at_the_city, a_city):
    one = a_city(5)[0]
    with in_city():
        TermFact.objects.filter(school=one).update(fee_fen=500, collector="committee")
        again()
    page = text_of(at_the_city().get(page_of(one)))
    assert "每课时 5.00 元（上限 3.50 元），超过上限" in page
    assert "家长委员会（规定应由学校收取）" in page


def test_a_fee_that_comes_to_more_than_the_term_allows_stands_in_the_head(at_the_city, a_city):
    """S3: no cap a month, 300.00 a term."""
    one = a_city(5)[0]
    monthly = {"fee_unit": "month", "fee_fen": 8_000, "cap_fen": None, "cap_term_fen": 30_000}
    with in_city():
        TermFact.objects.filter(school=one).update(fee_term_fen=40_000, **monthly)
        again()
    browser = at_the_city()
    page = text_of(browser.get(page_of(one)))
    assert "每月 80.00 元，本学期合计 400.00 元，超过本学期上限 300.00 元" in page
    with in_city():
        TermFact.objects.filter(school=one).update(fee_term_fen=30_000)
        again()
    page = text_of(browser.get(page_of(one)))
    assert ("每月 80.00 元" in page, "没有规定上限" in page, "超过" in page.split("</header>")[0]) == (
        True,
        False,
        False,
    )


def test_a_term_without_data_and_no_term_at_all_are_pages(at_the_city, db):
    (one,) = _a_school()
    assert "还没有" in text_of(at_the_city().get(page_of(one)))


def test_a_past_term_is_shown_as_such(at_the_city, a_city):
    one = a_city(5)[0]
    page = text_of(at_the_city().get(page_of(one, "?term=2025-2026-2")))
    assert "尚未结算" in page
    assert "2026-03" in page


def _a_school() -> list[School]:
    with in_city():
        return makers.many_schools(1)
