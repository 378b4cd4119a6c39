"""A change is one of the same schools, and red only where it matters."""

import pandas as pd
import pytest

from dashboards.frame import against
from dashboards.frame.tiles import tile
from oversight.facts import rollups
from oversight.facts.models import DayFact, MonthFact, TermFact
from oversight.indicators.catalogue import CATALOGUE
from tenants.context import in_city
from tests.dashboards import makers
from tests.dashboards.asking import rows_of, text_of

JOINED, LETTERS = CATALOGUE["participation"], CATALOGUE["complaints_per_1000"]


def frame(**columns):
    codes = [f"s{place}" for place in range(len(next(iter(columns.values()))))]
    about = {"code": codes, "name": codes, "district_code": "330102", "kind": "urban"}
    return pd.DataFrame(about | {name: [float(one) for one in values] for name, values in columns.items()})


def joined(*counts):
    return frame(participants=counts, pupils_on_roll=[100] * len(counts))


def letters(*counts):
    return frame(complaints=counts, participants=[1000] * len(counts), complaints_repeated=[0] * len(counts))


def test_a_school_that_joins_changes_nothing_at_the_others():
    assert against.step(JOINED, joined(50, 50), joined(50, 50)).words == "与上学期持平"
    step = against.step(JOINED, joined(50, 50, 10), joined(50, 50))
    assert step.words == "与上学期持平（只比两个学期都有数据的 2 所学校）"
    left = against.step(JOINED, joined(50, 60), joined(50, 50, 90))
    assert left.words == "比上学期升 5.0 个百分点（只比两个学期都有数据的 2 所学校）"


def test_a_figure_of_all_but_a_hidden_school_is_not_told():
    """The rate of all less that of the others would be the one of the three children."""
    assert against.step(JOINED, joined(50, 50, 3), joined(50, 50)) == against.Step()
    assert against.step(JOINED, joined(50, 50), None) == against.Step()
    assert against.step(JOINED, joined(50), joined(50).assign(code="other")) == against.Step()


@pytest.mark.parametrize(
    ("now", "before", "good"),
    [
        ((1, 1, 1, 1), (1, 1, 1, 0), ""),  # one letter more
        ((3, 3, 3, 3), (1, 1, 1, 0), "bad"),
        ((100, 100, 100, 101), (100, 100, 100, 97), ""),  # four more, of four hundred
        ((1, 0, 0, 0), (3, 3, 3, 3), "good"),
    ],
)
def test_a_change_is_red_or_green_only_where_it_matters(now, before, good):
    step = against.step(LETTERS, letters(*now), letters(*before))
    assert tile(LETTERS, now=1.0, step=step).good == good


def test_the_overview_tells_the_change_of_the_same_schools(at_the_city, db):
    with in_city():
        makers.the_terms()
        schools = makers.many_schools(7, districts=2)
        makers.a_city_of_facts(schools[:6])
    browser = at_the_city()
    address = "/?format=csv&chart=changes"
    was = {row[0]: row[3] for row in rows_of(browser.get(address))[1:]}
    with in_city():
        new = schools[6]
        makers.a_term_fact(new, makers.RUNNING, fee_fen=50, participants=100, survey_high=20).save()
        for month in ("2026-09", "2026-10"):
            makers.a_month_fact(new, makers.RUNNING, month, charged_fen=90_000, complaints=9).save()
        makers.a_day_fact(new, makers.TERMS[makers.RUNNING][1]).save()
        rollups.roll_everything(now=makers.NOW)
    now = {row[0]: row[3] for row in rows_of(browser.get(address))[1:]}
    assert any(change not in ("–", "") for change in was.values())
    told = "（只比两个学期都有数据的 5 所学校）"
    assert {name: change.removesuffix(told) for name, change in now.items()} == was
    assert sum(change.endswith(told) for change in now.values()) >= 3


def test_a_district_with_one_school_that_has_data_says_so(at_the_city, a_city):
    schools = a_city(5, districts=2)
    with in_city():
        for model in (TermFact, MonthFact, DayFact):
            model.objects.filter(school=schools[3]).delete()
        rollups.roll_everything(now=makers.NOW)
    assert "只有 1 所学校" in text_of(at_the_city().get("/fees/"))
