"""Where to look first: what is outside of chance on the bad side, and what improved by more than chance."""

import pandas as pd
import pytest

from dashboards.overview import first
from oversight.redlines.queries import RuleCount
from oversight.redlines.rules import registry
from oversight.redlines.states import RuleCode

ABOUT = ("code", "name", "district_name", "district_code", "kind")


def schools(*rows):
    """(code, participants, complaints, answers, high) a school."""
    frame = pd.DataFrame(
        rows, columns=["code", "participants", "complaints", "survey_answers", "survey_high"]
    )
    for name in (
        "complaints_answered_in_time",
        "complaints_waiting",
        "statement_months_on_time",
        "statement_months_due",
    ):
        frame[name] = float("nan")
    frame["name"], frame["district_name"] = "学校" + frame["code"], "湖滨区"
    frame["district_code"], frame["kind"] = "330102", "urban"
    numbers = [name for name in frame.columns if name not in ABOUT]
    return frame.astype(dict.fromkeys(numbers, "float64"))


ORDINARY = [(f"{n}", 1000, 5, 500, 450) for n in range(10)]


def worst(frame, alerts):
    """Where nobody looks at a part only, the city is what is looked at."""
    return first.worst(frame, alerts, city=frame, rules={})


def counted(*, red=0, notice=0):
    return RuleCount(registry.RULES[RuleCode.OVER_CAP], red=red, notice=notice)


def test_a_burst_of_complaints_is_told_with_the_average():
    found = worst(schools(*ORDINARY, ("X", 500, 25, 300, 270)), {})
    assert [line.code for line in found] == ["X"]
    assert found[0].reasons == ("每千人投诉 50.0 件（全市平均 7.1 件）",)


def test_a_small_school_is_not_told_for_one_complaint():
    """One complaint among 20 children is 50 in a thousand, and chance."""
    assert worst(schools(*ORDINARY, ("X", 20, 1, 15, 13)), {}) == []


def test_few_complaints_are_no_reason():
    assert worst(schools(*ORDINARY, ("X", 9000, 0, 500, 450)), {}) == []


def test_red_alerts_are_a_reason_and_notices_are_none():
    alerts = {"3": [counted(red=2)], "4": [counted(notice=5)], "unknown": [counted(red=9)]}
    found = worst(schools(*ORDINARY), alerts)
    assert [(line.code, line.reasons) for line in found] == [("3", ("红线：超过封顶（2 条）",))]


def test_three_at_most():
    alerts = {str(n): [counted(red=n)] for n in range(1, 8)}
    assert [line.code for line in worst(schools(*ORDINARY), alerts)] == ["7", "6", "5"]


def test_what_improved_is_told_with_both_figures():
    before = schools(*ORDINARY, ("X", 1000, 5, 500, 350))
    now = schools(*ORDINARY, ("X", 1000, 5, 500, 450))
    found = first.improved(now, before, rules={})
    assert [(line.code, line.reasons) for line in found] == [("X", ("满意率：70.0% → 90.0%",))]


def test_fewer_complaints_are_an_improvement_and_more_are_none():
    before = schools(("A", 1000, 30, 0, 0), ("B", 1000, 5, 0, 0))
    now = schools(("A", 1000, 5, 0, 0), ("B", 1000, 30, 0, 0))
    assert [line.code for line in first.improved(now, before, rules={})] == ["A"]


@pytest.mark.parametrize(("answers", "told"), [(19, []), (400, ["X"])])
def test_a_small_change_or_a_small_school_is_not_praised(answers, told):
    before = schools(("X", 1000, 5, answers, round(answers * 0.5)))
    now = schools(("X", 1000, 5, answers, answers))
    assert [line.code for line in first.improved(now, before, rules={})] == told


def test_chance_is_not_praised():
    """85 of 100 after 80 of 100 is 0.9 standard errors."""
    assert first.improved(schools(("X", 1000, 5, 100, 85)), schools(("X", 1000, 5, 100, 80)), rules={}) == []


def test_nothing_to_compare_with_is_nothing_to_tell():
    assert first.improved(schools(*ORDINARY), None, rules={}) == []
    assert first.improved(schools(*ORDINARY), schools(), rules={}) == []
    assert worst(schools(), {}) == []
