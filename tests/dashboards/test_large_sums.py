"""Ten trillion yuan a school: 24 schools of it survive to the fen in pages, CSV and JSON; no float comes between."""

import pytest

from afterbell.accounts.roles import Role
from afterbell.kernel.money import MOST
from oversight.facts import rollups
from oversight.facts.models import AreaTerm, MonthFact, SchoolTerm, TermFact
from tenants.context import in_city
from tests.dashboards import makers
from tests.dashboards.asking import rows_of, text_of

SCHOOLS, MONTHS = 24, 3
EACH = MOST - 1
"""Fen of one month, of one kind: odd, so that a rounded sum shows."""
SPENT = ("staff_fen", "materials_fen", "other_fen")


@pytest.fixture
def rich(a_city):
    """All in one district, with three whole months of the largest amounts."""
    a_city(SCHOOLS, districts=1)
    with in_city():
        facts = MonthFact.objects.filter(term_code=makers.RUNNING)
        schools = list(facts.order_by("school_id").values_list("school_id", flat=True).distinct())
        assert len(schools) == SCHOOLS - 1  # the last one never reports
        money = dict.fromkeys(("charged_fen", "received_fen", *SPENT), EACH)
        facts.update(**money, waived_fen=0, refunded_fen=0)
        TermFact.objects.filter(term_code=makers.RUNNING).update(fee_fen=MOST, cap_fen=MOST)
        rollups.roll_everything(now=makers.NOW)
        assert set(SchoolTerm.objects.filter(school__in=schools, term_code=makers.RUNNING)
                   .values_list("received_fen", flat=True)) == {MONTHS * EACH}  # fmt: skip
    return len(schools)


def yuan(fen):
    return f"{fen // 100:,}.{fen % 100:02d}"


def test_the_areas_hold_the_sum_of_their_schools(rich):
    with in_city():
        areas = AreaTerm.objects.filter(term_code=makers.RUNNING, received_fen__isnull=False)
        assert sum(areas.values_list("received_fen", flat=True)) == rich * MONTHS * EACH


def test_the_cost_summary_is_whole_on_the_page_in_csv_and_json(rich, at_the_city):
    officer = at_the_city(Role.PRICE_OFFICER)
    total = rich * MONTHS * EACH
    assert total > 2**53
    page = text_of(officer.get(f"/costs/summary/?term={makers.RUNNING}"))
    assert yuan(total) in page
    assert yuan(3 * total) in page  # expenditure
    head, *lines = rows_of(officer.get(f"/costs/summary/?term={makers.RUNNING}&format=csv"))
    spent = [line[head.index("expenditure_fen")] for line in lines]
    assert set(spent) == {str(3 * MONTHS * EACH), ""}
    asked = {"term": makers.RUNNING}
    found = officer.get("/api/v1/costs/summary/", asked).json()["results"]
    assert {row["received_fen"] for row in found} == {MONTHS * EACH, None}
    assert {row["fee_standard_fen"] for row in found} == {MOST, None}
    assert yuan(total) in text_of(officer.get(f"/costs/?term={makers.RUNNING}"))


def test_the_fees_page_adds_up_to_the_fen(rich, at_the_city):
    supervisor = at_the_city()
    months = rows_of(supervisor.get(f"/fees/?term={makers.RUNNING}&format=csv&chart=by_month"))
    assert months[1][1] == yuan(rich * EACH).replace(",", "")
    spent = rows_of(supervisor.get(f"/fees/?term={makers.RUNNING}&format=csv&chart=spent"))
    assert spent[1][4] == yuan(3 * rich * MONTHS * EACH).replace(",", "")


@pytest.mark.parametrize(
    "path", ["/", "/fees/", "/complaints/", "/districts/330102/", "/indicators/", "/alerts/"]
)
def test_every_page_of_the_city_is_shown(rich, at_the_city, path):
    text_of(at_the_city().get(f"{path}?term={makers.RUNNING}"))


def test_a_school_s_own_page_shows_its_month_to_the_fen(rich, at_the_city):
    with in_city():
        code = SchoolTerm.objects.filter(received_fen=MONTHS * EACH).order_by("school__code")[0].school.code
    assert yuan(EACH) in text_of(at_the_city().get(f"/schools/{code}/?term={makers.RUNNING}"))
