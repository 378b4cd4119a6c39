"""How values are written: money, days, shares, the four symbols."""

import re
from datetime import UTC, date, datetime

import pytest
from django.template import Context, Template
from django.utils import translation

from afterbell.pages import cells
from afterbell.pages.templatetags.spark import spark


def shown(text, **values):
    return Template("{% load show %}" + text).render(Context(values))


@pytest.mark.parametrize(
    ("amount", "text"),
    [(123450, "¥1,234.50"), (0, "¥0.00"), (-5, "-¥0.05"), (99_999_999_999, "¥999,999,999.99"), (None, "x")],
)
def test_money_is_written_in_yuan(amount, text):
    assert shown("{{ amount|fen }}", amount=amount) == text


def test_days_are_written_as_people_say_them():
    night = datetime(2026, 8, 31, 16, 30, tzinfo=UTC)
    with translation.override("zh-hans"):
        assert (
            shown("{{ d|day }} {{ d|short_day }} {{ d|minute }}", d=night)
            == "2026年9月1日 09-01 2026年9月1日 00:30"
        )
        assert shown("{{ d|day }}", d=date(2026, 9, 1)) == "2026年9月1日"
        assert shown("{{ d|day }}", d=None) == "–"
    with translation.override("en"):
        assert shown("{{ d|day }}", d=night) == "1 September 2026"


@pytest.mark.parametrize(
    ("part", "of", "text"),
    [(413, 480, "86.0%（n=480）"), (0, 12, "0.0%（n=12）"), (0, 0, "–"), (None, 5, "x"), (5, None, "x")],
)
def test_a_share_never_stands_without_its_n(part, of, text):
    assert shown("{% percent part of %}", part=part, of=of) == text


def test_a_missing_number_is_never_a_zero():
    assert cells.whole(0) == "0"
    assert cells.whole(None).startswith("x<span")
    assert cells.tenth(None).startswith("x<span")
    assert cells.yuan(123450) == "1,234.50"


def test_a_spark_line_has_a_gap_where_a_value_is_missing():
    line = Template("{% load spark %}{% spark values %}")
    assert line.render(Context({"values": [1, 2, None, 4, 5]})).count("<polyline") == 2
    assert line.render(Context({"values": [None, 3]})) == ""
    assert line.render(Context({"values": [3, 3]})).count("<polyline") == 1


def test_a_flat_line_is_drawn_flat():
    """95.5 after 95.6 was drawn from the top to the bottom."""
    heights = [float(point.split(",")[1]) for point in re.findall(r"[\d.]+,[\d.]+", str(spark([95.6, 95.5])))]
    assert max(heights) - min(heights) < 1
    steep = [float(point.split(",")[1]) for point in re.findall(r"[\d.]+,[\d.]+", str(spark([95.0, 50.0])))]
    assert max(steep) - min(steep) > 15
