"""Rules by stage, kind and grade in one document: who falls under which, and what nobody could decide."""

import copy

import pytest

from tenants.models import Kind
from tenants.policies import ready
from tenants.policies.checking import problems_in
from tenants.policies.documents import MonthCount, NotCovered, Policy, RefundKind, TeachingStage

PRIMARY, LOWER = TeachingStage
URBAN, _TOWN, RURAL = Kind
CALENDAR = {"kind": "continuous_months", "month": "calendar", "half_month_returns_half": False}
PER_DAY_NOTHING = {
    "kind": "per_day",
    "amounts": [{"fen": 0}],
    "whole_month_returns_fee": True,
}
CAPS = [
    {"per": "month", "fen": 6500, "meaning": "ceiling", "stages": ["primary"], "grades": [1, 2, 3, 4, 5]},
    {"per": "month", "fen": 7000, "meaning": "ceiling", "stages": ["primary"], "grades": [6]},
    {"per": "month", "fen": 7500, "meaning": "ceiling", "stages": ["lower_secondary"]},
]


def changed(**parts):
    return {**ready.document("ezhou"), **parts}


def read(**parts):
    document = changed(**parts)
    assert problems_in(document) == []
    return Policy.from_document(document)


def told(**parts):
    return [str(problem) for problem in problems_in(changed(**parts))]


@pytest.mark.parametrize(
    ("stage", "grade", "fen"),
    [(PRIMARY, 1, 6500), (PRIMARY, 6, 7000), (LOWER, 7, 7500), (LOWER, None, 7500), (PRIMARY, None, 6500)],
)
def test_a_cap_may_be_of_some_grades(stage, grade, fen):
    """Who does not say the grade gets the lowest of the stage: no limit is overlooked."""
    assert read(caps=CAPS).caps_for(stage, URBAN, grade).month == fen


def test_times_may_be_of_some_grades():
    (times,) = ready.document("ezhou")["times"]
    young = {**copy.deepcopy(times), "grades": [1, 2], "most_daily_minutes": 60}
    older = {**copy.deepcopy(times), "grades": [3, 4, 5, 6, 7, 8, 9], "most_daily_minutes": 120}
    policy = read(times=[young, older])
    assert policy.times_for(PRIMARY, 2).most_daily_minutes == 60
    assert policy.times_for(PRIMARY, 3).most_daily_minutes == 120
    with pytest.raises(NotCovered):
        policy.times_for(PRIMARY)


def test_the_first_exception_that_fits_holds_and_else_the_default():
    exceptions = [
        {**PER_DAY_NOTHING, "grades": [6]},
        {"kind": "remaining_days", "stages": ["primary"], "kinds": ["rural"]},
        {**CALENDAR, "stages": ["primary"]},
    ]
    policy = read(refund_exceptions=exceptions)
    assert policy.refund_for(PRIMARY, RURAL, 6).kind == RefundKind.PER_DAY
    assert policy.refund_for(PRIMARY, RURAL, 5).kind == RefundKind.REMAINING_DAYS
    assert policy.refund_for(PRIMARY, URBAN, 5).month == MonthCount.CALENDAR
    assert policy.refund_for(LOWER, RURAL, 7) == policy.refund


def test_a_document_without_the_new_keys_means_what_it_meant():
    policy = read()
    assert policy.refund_exceptions == ()
    assert policy.refund_for(PRIMARY, URBAN, 1) == policy.refund


def test_nothing_a_day_and_the_whole_month_can_be_said():
    assert read(refund=PER_DAY_NOTHING).refund.per_day(PRIMARY, 1) == 0
    assert told(refund={**PER_DAY_NOTHING, "amounts": [{"fen": -1}]}) == [
        "/refund/amounts/0/fen: 金额（分）：不能小于 0。"
    ]


def test_continuous_months_must_say_what_a_month_is():
    without = {"kind": "continuous_months", "half_month_returns_half": True}
    assert told(refund=without) == ["/refund: 缺少：month。"]
    assert told(refund={**CALENDAR, "month": "moon"}) == [
        "/refund/month: 怎样算一个月：只能填写：calendar、any_day。"
    ]
    assert Policy.from_document(changed(refund=without)).refund.month == MonthCount.ANY_DAY


def test_the_months_of_haikou_begin_on_any_day_and_its_profile_says_why():
    haikou = ready.document("haikou")
    assert Policy.from_document(haikou).refund.month == MonthCount.ANY_DAY
    assert any("自然月" in note["text"] for note in haikou["notes"])


@pytest.mark.parametrize("kind", ["remaining_days", "class_hours", "none"])
def test_no_other_rule_takes_a_month(kind):
    assert told(refund={"kind": kind, "month": "calendar"}) == [
        "/refund/month: 这种退费规则不使用此项，请删除。"
    ]


def test_an_exception_is_checked_as_the_rule_is():
    wrong = {"kind": "month_divided", "half_month_returns_half": True, "stage": ["primary"]}
    assert [problem.split(":")[0] for problem in told(refund_exceptions=[wrong])] == [
        "/refund_exceptions/0",
        "/refund_exceptions/0",
        "/refund_exceptions/0/half_month_returns_half",
    ]


def test_a_daily_refund_is_said_for_every_child_that_it_is_for():
    amounts = [{"fen": 336, "stages": ["primary"], "grades": [1, 2, 3, 4, 5]}]
    for_some = {"kind": "per_day", "amounts": amounts, "whole_month_returns_fee": True}
    assert told(refund_exceptions=[{**for_some, "stages": ["primary"]}]) == [
        "/refund_exceptions/0/amounts: 有学段没有规定每缺一天的退费。"
    ]
    assert told(refund_exceptions=[{**for_some, "grades": [1, 2]}]) == []
    policy = read(refund_exceptions=[{**for_some, "grades": [1, 2]}])
    assert policy.refund_for(PRIMARY, URBAN, 2).per_day(PRIMARY, 2) == 336


def test_two_rules_for_one_grade_are_refused():
    caps = copy.deepcopy(CAPS)
    caps[1]["grades"] = [5, 6]
    (problem,) = told(caps=caps)
    assert problem.startswith("/caps/0: 与后面的一项适用范围重叠")
    del caps[0]["grades"]
    assert len(told(caps=caps)) == 1


@pytest.mark.parametrize(
    ("grades", "problem"),
    [
        ([7], "/caps/0/grades: 7 年级不属于所写的学段。"),
        ([], "/caps/0/grades: 年级：至少填写 1 项。"),
        ([10], "/caps/0/grades/0: 年级：不能大于 9。"),
        ([1, 1], "/caps/0/grades: 年级：有重复的项。"),
    ],
)
def test_grades_are_those_of_the_stage(grades, problem):
    cap = {**CAPS[0], "grades": grades}
    assert told(caps=[cap, CAPS[2]]) == [problem]


def test_a_source_may_point_into_an_exception():
    remarks = [
        *ready.document("ezhou")["sources"],
        {"path": "/refund_exceptions/0/month", "text": "依据：整月缺勤不收费。"},
    ]
    assert told(refund_exceptions=[{**CALENDAR, "stages": ["primary"]}], sources=remarks) == []
    assert told(sources=remarks) != []
