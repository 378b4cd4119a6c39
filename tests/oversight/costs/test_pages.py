"""Pages of the price bureau's desk: filters, sorting, pages, bad input, what stands out, and how much they ask for."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from oversight.facts.models import SchoolTerm
from tenants import roles
from tenants.models import District, School
from tests import makers
from tests.makers import TERM
from tests.oversight import makers as facts
from tests.oversight.costs import people

PAGE = f"/costs/summary/?term={TERM}"


def text(answer, status=200):
    assert answer.status_code == status
    return answer.content.decode()


@pytest.fixture
def officer(city):
    return people.price_officer()


def test_the_officer_finds_both_pages_in_the_navigation(officer):
    page = text(officer.get("/costs/"))
    assert 'href="/costs/summary/"' in page
    assert ">价<" in page
    assert "/costs/audits/" not in page  # not there yet


def test_the_first_page_says_how_far_the_figures_go_and_who_owes_what(officer):
    page = text(officer.get("/costs/"))
    assert "3 所学校：定案 1 所，估计 1 所，缺失 1 所。" in page
    assert "1 所学校没有任何数据" in page
    assert "山南县海岛学校" in page
    assert "湖滨区" in page
    assert "¥117,000.00" in page  # received by north in one month and by south in two


def test_overdue_statements_are_listed_with_their_months(city):
    _north, south, _island = city
    facts.a_month_fact(south, "2026-11", statement_published_at=None)
    facts.rolled(now=facts.LATER.replace(year=2027))
    page = text(people.price_officer().get(f"/costs/?term={TERM}"))
    assert "1 所学校有账目到期未公示" in page
    assert "共 2 个月的账目。" in page


def test_what_stands_out_says_why(city):
    a_district_full(31)
    page = text(people.price_officer().get(f"/costs/?term={TERM}"))
    assert "每生每小时成本 ¥30.20，高于 100.0% 的同类学校（30 所，中位数 ¥14.70，相差 105%）" in page
    assert "全部高于同类的学校" in page


def test_unknown_is_a_symbol_with_its_word_and_never_a_zero(officer):
    row = text(officer.get(f"{PAGE}&state=missing")).split("山南县海岛学校")[1].split("</tr>")[0]
    assert "尚未取得" in row
    assert "0.00" not in row
    assert "缺失" in row


def test_totals_stand_under_the_list(officer):
    foot = text(officer.get(PAGE)).split("<tfoot>")[1].split("</tfoot>")[0]
    assert "117,000.00" in foot
    assert "合计" in foot


def test_the_list_is_sorted_by_a_number_with_unknown_ones_last(officer):
    for order in ("received_fen", "-received_fen"):
        page = text(officer.get(f"{PAGE}&sort={order}"))
        places = [page.index(name) for name in ("湖滨区第一小学", "湖滨区第二小学")]
        assert (places[0] < places[1]) == (order == "received_fen")
        assert page.index("山南县海岛学校") > max(places)


@pytest.mark.parametrize("page", ["0", "-1", "nonsense", "99999999999", "1e9", "²"])
def test_an_absurd_page_number_shows_a_page(officer, page):
    assert "湖滨区第一小学" in text(officer.get(f"{PAGE}&page={page}&sort=-nonsense"))


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("term=2099-2100-1", "没有“2099-2100-1”，请从列表中选择。"),
        (f"term={TERM}&district=999999", "没有“999999”，请从列表中选择。"),
        (f"term={TERM}&stage=%3Cscript%3E", "没有“&lt;script&gt;”，请从列表中选择。"),
        (f"term={TERM}&state=perfect", "没有“perfect”，请从列表中选择。"),
        (f"term={TERM}&flag=%01", "请从列表中选择。"),
    ],
)
def test_a_filter_that_can_not_be_is_said_at_its_field_and_the_page_is_shown(officer, asked, said):
    for path in ("/costs/summary/", "/costs/"):
        page = text(officer.get(f"{path}?{asked}"))
        assert said in page
        assert "湖滨区" in page


def test_no_file_is_made_for_filters_that_can_not_be(officer):
    answer = officer.get("/costs/summary/?term=2099-2100-1&format=csv")
    assert "没有“2099-2100-1”" in text(answer, 400)


def test_a_kind_of_file_that_is_not_made_is_said(officer):
    assert "可以下载 csv、xlsx、pdf" in text(officer.get(f"{PAGE}&format=exe"), 400)


def test_without_a_term_the_running_one_is_shown(officer):
    assert f'value="{TERM}" selected' in text(officer.get("/costs/summary/"))


def test_a_term_without_data_says_so_and_offers_its_files(officer):
    page = text(officer.get("/costs/summary/?term=2025-2026-2"))
    assert "还没有任何数据" in page
    assert "湖滨区第一小学" in page
    for form in ("csv", "xlsx", "pdf"):
        assert officer.get(f"/costs/summary/?term=2025-2026-2&format={form}").status_code == 200


def test_a_city_without_terms_is_no_error(north, fresh_limits):
    officer = people.price_officer()
    for path in ("/costs/", "/costs/summary/", "/costs/summary/?format=xlsx", "/costs/summary/?format=pdf"):
        assert officer.get(path).status_code == 200


def test_filters_that_leave_nobody_give_an_empty_list_with_a_word(officer):
    page = text(officer.get(f"{PAGE}&stage=nine_year"))
    assert "没有符合条件的学校" in page
    assert officer.get(f"{PAGE}&stage=nine_year&format=pdf").status_code == 200


def test_the_officer_reads_with_a_role_that_can_not_see_children(officer):
    """What is hidden of children is decided with the bureau's role, for everybody, and kept: it is there by now."""
    officer.get(PAGE)
    with CaptureQueriesContext(
        connection,
    ) as asked:
        officer.get(PAGE)
        officer.get("/costs/")
    told = " ".join(query["sql"] for query in asked)
    assert not [name for name in roles.NOT_FOR_PRICES if name in told]
    assert "oversight_classfact" not in told
    assert "oversight_termfact" not in told


def test_only_statements_that_do_not_grow_with_the_city(city):
    counted = {}
    officer = people.price_officer()
    for count in (0, 1200):
        if count:
            a_district_full(count)
        for path in (PAGE, f"/costs/?term={TERM}", f"{PAGE}&format=csv"):
            officer.get(path)
            with CaptureQueriesContext(connection) as asked:
                answer = officer.get(path)
            assert len(asked) <= 12, [query["sql"][:90] for query in asked]
            assert counted.setdefault(path, len(asked)) == len(asked)
            assert answer.status_code == 200
    page = officer.get(PAGE, headers={"accept-encoding": "gzip"}).content
    assert len(zipped(page)) <= 60_000
    assert page.count(b"<tr") <= 53  # fifty schools, head and foot
    assert "共 1203 条" in page.decode() or "1,203 所学校" in page.decode()


def zipped(page):
    import gzip

    return gzip.compress(page)


def a_district_full(count):
    """So many schools with roll-ups and without a schema of their own, alike but for the staff's cost."""
    district = District.objects.create(code="330199", name="满员区", position=9)
    schools = School.objects.bulk_create(
        School(
            schema_name=f"s_4{number:09d}", code=f"4{number:09d}", name=f"满员第{number}小学", district=district,
            stage="primary", kind="town", size_class="medium", state="active", schema_stamp="x",
        )
        for number in range(count)
    )  # fmt: skip
    SchoolTerm.objects.bulk_create(
        SchoolTerm(
            school=school, term_code=TERM, days_held=50, participants=100, weekly_minutes=400, staff_contracted=10,
            staff_outside=1, hardship_participants=3, pupil_minutes=60_000, staff_fen=20_000 + 100_000 * number,
            materials_fen=0, other_fen=0, charged_fen=1, waived_fen=0, received_fen=1, refunded_fen=0, complaints=0,
            version=1, computed_at=makers.NOON,
        )
        for number, school in enumerate(schools)
    )  # fmt: skip
