"""`afterbell city init`: a city from nothing; all or nothing, twice is once, one sentence for what is wrong (S48)."""

import argparse
import io
import json
import sys
from datetime import date

import pytest
from django.utils import timezone

from afterbell.audit.models import Entry
from afterbell.kernel.errors import Refused
from tenants import calendar
from tenants.commands import city
from tenants.models import CalendarOverride, District, PolicyProfile, School, Term
from tests.city import NOON

DISTRICTS = "行政区划代码,区县名称\n330102,湖滨区\n330106,山南区\n"
TERM = ("--term", "2026-2027-1", "--first", "2026-09-01", "--last", "2027-01-22")
OFF = ("--day-off", "2027-01-01")
RULES = ("--profile", "shandong")


@pytest.fixture
def empty(db, settings, tmp_path):
    """A city in which nobody has set up anything."""
    settings.HOME_FOLDER = tmp_path / "home"
    for model in (PolicyProfile, CalendarOverride, Term, School, District):
        model.objects.all().delete()


@pytest.fixture
def districts(tmp_path):
    def write(text=DISTRICTS, encoding="utf-8"):
        file = tmp_path / "districts.csv"
        file.write_bytes(text.encode(encoding))
        return ("--districts", str(file))

    return write


def run(*words):
    parser = argparse.ArgumentParser()
    city.add_arguments(parser)
    return city.run(parser.parse_args(["init", *words]))


def everything(districts):
    return ("--name", "云州市", *districts(), *TERM, *OFF, *RULES)


def counts():
    return [model.objects.count() for model in (District, Term, CalendarOverride, PolicyProfile)]


def test_a_city_from_nothing(empty, districts, settings, capsys):
    """S48: rules in force, a term, a calendar that answers for every day of it."""
    assert run(*everything(districts)) == 0
    out = capsys.readouterr().out
    assert "city: 云州市" in out
    assert "/setup/" in out
    assert json.loads((settings.HOME_FOLDER / "city.json").read_text())["name"] == "云州市"
    assert counts() == [2, 1, 22, 1]
    assert [each.name for each in District.objects.order_by("position")] == ["湖滨区", "山南区"]
    assert PolicyProfile.objects.get().valid_from_date == date(2026, 9, 1)
    assert len(calendar.school_days(date(2026, 9, 1), date(2027, 1, 22))) > 90
    assert not calendar.is_school_day(date(2027, 1, 1))
    assert {"tenants.district.add", "calendar.term.add", "calendar.enter_days", "policy.adopt"} <= set(
        Entry.objects.values_list("verb", flat=True)
    )


def test_a_second_run_says_what_is_there_and_changes_nothing(empty, districts, capsys):
    run(*everything(districts))
    before, entries = counts(), Entry.objects.count()
    capsys.readouterr()
    assert run(*everything(districts)) == 0
    assert run() == 0
    out = capsys.readouterr().out
    assert "districts: 0 new, 2 there before" in out
    assert (counts(), Entry.objects.count()) == (before, entries)


def test_make_up_days_to_come_are_named(empty, districts, capsys, monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOON)
    run(*everything(districts), "--make-up-day", "2026-10-10=3")
    assert "whose timetable they run: 2026-09-20 (" in capsys.readouterr().out


def test_make_up_days_run_the_timetable_that_was_said(empty, districts):
    run(*everything(districts), "--make-up-day", "2026-10-10=3")
    assert calendar.follows_weekday(date(2026, 10, 10)) == 3
    assert calendar.follows_weekday(date(2026, 9, 20)) is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("code,name\n330102,湖滨区\n,山南区\n", "line 3: the code is empty"),
        ("code,name\n330102,湖滨区\n330102,山南区\n", "line 3: code 330102 is in line 2 already"),
        ("code,name\n330102,湖滨区\n33010,山南区\n", "not 6 digits"),
        ("code,name\n330102,湖\x00滨区\n", "is no text"),
        ("code,name\n330102,\n", "the name must be"),
        (f"code,name\n330102,{'湖' * 41}\n", "the name must be"),
        ("code,name\n", "has no districts"),
        ("name\n湖滨区\n", "lacks these columns"),
        ("", "no readable header"),
        ("code,name\n330102,湖滨区,x\n", "has 3 values"),
    ],
)
def test_a_half_wrong_list_of_districts_writes_nothing(empty, districts, capsys, text, said):
    assert run("--name", "云州市", *districts(text), *TERM, *OFF, *RULES) == 1
    err = capsys.readouterr().err
    assert said in err
    assert err.count("\n") == 1
    assert counts() == [0, 0, 0, 0]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((*TERM, *RULES), "the national calendar of 2027 is not known here"),
        ((*TERM, *OFF, "--day-off", "2026-10-01", *RULES), "2026-10-01"),
        ((*TERM, *OFF, "--make-up-day", "2026-10-11=3", *RULES), "2026-10-11"),
        ((*TERM, *OFF, "--make-up-day", "2027-01-01=3", *RULES), "can't be a day off and a make-up day"),
    ],
)
def test_a_calendar_that_does_not_fit_writes_nothing(empty, districts, capsys, words, said):
    assert run("--name", "云州市", *districts(), *words) == 1
    assert said in capsys.readouterr().err
    assert counts() == [0, 0, 0, 0]


@pytest.mark.parametrize(
    ("code", "first", "last", "said"),
    [
        ("2026-2027-1", "2026-09-01", "2026-09-01", "日期不对"),
        ("2026-2027-1", "2026-09-01", "2026-03-01", "日期不对"),
        ("2026-2027-1", "2026-09-01", "2027-09-01", "日期不对"),
        ("2026-2028-1", "2026-09-01", "2026-12-31", "学期代码"),
        ("2026-2027-3", "2026-09-01", "2026-12-31", "学期代码"),
        ("二〇二六", "2026-09-01", "2026-12-31", "学期代码"),
        ("2026-2027-2", "2026-09-01", "2026-12-31", "应在 2027 年开学"),
    ],
)
def test_a_term_that_can_not_be_writes_nothing(empty, districts, code, first, last, said):
    with pytest.raises(Refused, match=said):
        run("--name", "云州市", *districts(), "--term", code, "--first", first, "--last", last, *RULES)
    assert counts() == [0, 0, 0, 0]


def test_a_term_inside_another_is_refused_and_writes_nothing(empty, districts):
    run(*everything(districts))
    before = counts()
    with pytest.raises(Refused, match="有重叠的日期"):
        run("--term", "2025-2026-2", "--first", "2026-08-01", "--last", "2026-09-05")
    with pytest.raises(Refused, match="已经有了"):
        run("--term", "2026-2027-1", "--first", "2026-09-02", "--last", "2027-01-22")
    assert counts() == before


def test_other_rules_or_another_name_of_a_district_are_not_put_over_those_that_are_there(
    empty, districts, capsys
):
    run(*everything(districts))
    assert run("--profile", "wuhan") == 1
    assert "/policies/" in capsys.readouterr().err
    assert run(*districts(DISTRICTS.replace("湖滨区", "湖东区"))) == 1
    assert "/districts/" in capsys.readouterr().err
    with pytest.raises(ValueError, match="CITY_NAME"):
        run("--name", "别的市")


def test_without_a_terminal_what_is_missing_is_named(empty, capsys):
    assert run("--term", "2026-2027-1") == 2
    assert "--name, --districts, --first, --last, --profile" in capsys.readouterr().err
    assert counts() == [0, 0, 0, 0]


def test_on_a_terminal_it_asks_until_it_can_read_the_answer(empty, districts, monkeypatch, capsys):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    answers = [
        "云州市",
        districts()[1],
        "2026-2027-1",
        "1 September",
        "2026-09-01",
        "2026-12-31",
        "x",
        "seed",
    ]
    monkeypatch.setattr(sys, "stdin", Terminal("\n".join(answers) + "\n"))
    assert run() == 0
    assert "'1 September' is no date" in capsys.readouterr().out
    assert counts() == [2, 1, 0, 1]


def test_a_list_as_a_spreadsheet_saves_it(empty, districts):
    assert run("--name", "云州市", *districts(DISTRICTS, "gb18030"), *TERM, *OFF, *RULES) == 0
    assert District.objects.get(code="330102").name == "湖滨区"
