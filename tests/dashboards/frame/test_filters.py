"""Filters of the address: what holds is taken, what can't be is said at its field, and the page is shown anyway."""

from datetime import date

import pytest
from django.http import QueryDict

from dashboards.frame.filters import Filters
from dashboards.frame.places import Places, TermPlace
from oversight.selection import Selection

PAST = TermPlace("2025-2026-2", "上学期", date(2026, 3, 2), date(2026, 7, 3))
RUNNING = TermPlace("2026-2027-1", "本学期", date(2026, 9, 1), date(2027, 1, 22))
COMING = TermPlace("2026-2027-2", "下学期", date(2027, 2, 22), date(2027, 7, 2))
DISTRICTS = {"330102": "湖滨区", "330106": "山南县"}
ALL = ("kind", "school", "first_month", "last_month")


def asked(query, *, terms=(COMING, RUNNING, PAST), school="", today=date(2026, 11, 23), fields=ALL):
    places = Places(terms=terms, districts=DISTRICTS, school=school)
    return Filters(QueryDict(query), places=places, today=today, fields=fields)


def test_nothing_asked_is_the_running_term_of_the_whole_city():
    form = asked("")
    assert form.selection() == Selection(term="2026-2027-1")
    assert not form.errors


@pytest.mark.parametrize(
    ("today", "term"),
    [
        (date(2026, 8, 1), "2025-2026-2"),
        (date(2020, 1, 1), "2025-2026-2"),
        (date(2027, 2, 22), "2026-2027-2"),
    ],
)
def test_between_terms_the_last_one_is_shown(today, term):
    assert asked("", today=today).selection().term == term


def test_what_holds_is_taken():
    form = asked(
        "term=2025-2026-2&district=330106&stage=primary&kind=rural&school=3301060003&from=2026-04&to=2026-05",
        school="山南县海岛学校",
    )
    assert not form.errors
    assert form.selection() == Selection(
        "2025-2026-2", "330106", "primary", "rural", "3301060003", "2026-04", "2026-05"
    )


@pytest.mark.parametrize(
    ("query", "field", "words"),
    [
        ("term=1999-2000-1", "term", "没有这个学期"),
        ("district=999999", "district", "不在您的权限范围内"),
        ("stage=kindergarten", "stage", "没有这个学段"),
        ("kind=moon", "kind", "没有这个城乡类别"),
        ("school=1234567890", "school", "没有这所学校"),
        ("school=%00", "school", "不允许"),
        ("from=2026-05", "first_month", "不在所选学期内"),
        ("to=2026-13", "last_month", "不在所选学期内"),
        ("from=2026-11&to=2026-09", "last_month", "不早于"),
    ],
)
def test_what_can_not_be_is_said_at_its_field_and_not_taken(query, field, words):
    form = asked(query)
    assert form.selection() == Selection(term="2026-2027-1")
    assert words in str(form[field].errors)


def test_a_list_shows_the_choice_in_force_beside_the_error():
    form = asked("term=1999-2000-1&district=999999")
    form.selection()
    assert '<option value="2026-2027-1" selected' in str(form["term"])
    assert "999999" not in str(form["district"])


def test_months_belong_to_the_term_that_was_asked_for():
    assert asked("term=2025-2026-2&from=2026-05").selection().first_month == "2026-05"


def test_a_page_without_a_filter_does_not_take_it():
    form = asked("kind=rural&school=3301060003&from=2026-09", fields=())
    assert form.selection() == Selection(term="2026-2027-1")
    assert list(form.fields) == ["term", "district", "stage"]


def test_without_any_term_the_page_still_has_a_selection():
    assert asked("", terms=()).selection() == Selection(term="")


def test_a_scope_offers_its_own_districts_only():
    assert '"330106"' in str(asked("")["district"])
    form = Filters(
        QueryDict("district=330106"),
        places=Places((RUNNING,), {"330102": "湖滨区"}, ""), today=date(2026, 11, 1), fields=(),
    )  # fmt: skip
    assert form.selection().district == ""
    assert "权限范围" in str(form.errors)
