"""A wrong policy document: every problem at once, each with its place and a plain sentence."""

import copy

import pytest

from tenants.policies import ready
from tenants.policies.checking import problems_in


def changed(profile="ezhou", **parts):
    return {**ready.document(profile), **parts}


def paths(document):
    return [problem.path for problem in problems_in(document)]


def one(document):
    (problem,) = problems_in(document)
    return str(problem)


@pytest.mark.parametrize(
    ("parts", "problem"),
    [
        ({"collector": "headmaster"}, "/collector: 收费主体：只能填写：committee、school。"),
        ({"class_hour_minutes": 5}, "/class_hour_minutes: 课时分钟数：不能小于 20。"),
        ({"class_hour_minutes": 40.0}, "/class_hour_minutes: 课时分钟数：类型不对，应为：整数。"),
        ({"class_hour_minutes": True}, "/class_hour_minutes: 课时分钟数：类型不对，应为：整数。"),
        ({"class_hour_minutes": "40"}, "/class_hour_minutes: 课时分钟数：类型不对，应为：整数。"),
        ({"title": ""}, "/title: 档案名称：不能为空。"),
        ({"title": "长" * 61}, "/title: 档案名称：太长，最多 60 个字。"),
        ({"first_date": "2026-02-30"}, "/first_date: 规定施行日期：不是有效的日期。"),
        ({"first_date": 2026}, "/first_date: 规定施行日期：类型不对，应为：文字、空。"),
        ({"code": "Ezhou!"}, "/code: 档案代号：书写格式不对。"),
        ({"format": 2}, "/format: 格式版本：只能填写：1。"),
        ({"checks": []}, "/checks: 人员审查：至少填写 1 项。"),
        ({"not_service": ["nap", "nap"]}, "/not_service: 不属于课后服务的时段：有重复的项。"),
        ({"note": "x"}, "/: 政策档案：不认识的项：note。"),
        (
            {"refund": {"kind": "guess"}},
            "/refund/kind: 规则：只能填写：per_day、month_divided、half_month_threshold、continuous_months、"
            "remaining_days、class_hours、none。",
        ),
        ({"refund": {}}, "/refund: 退费规则：缺少：kind。"),
    ],
)
def test_a_wrong_value_is_named_in_its_own_words(parts, problem):
    assert one(changed(**parts)) == problem


def test_missing_parts_are_all_named():
    document = ready.document("ezhou")
    del document["refund"], document["caps"]
    assert one(document) == "/: 政策档案：缺少：caps、refund。"


def test_all_problems_come_at_once():
    assert paths(changed(collector="x", class_hour_minutes=0, title="")) == [
        "/class_hour_minutes",
        "/collector",
        "/title",
    ]


@pytest.mark.parametrize("document", [None, [], "text", 5])
def test_what_is_no_document_at_all_is_refused(document):
    assert one(document) == "/: 政策档案：类型不对，应为：一组项目。"


@pytest.mark.parametrize(
    ("refund", "missing"),
    [
        ({"kind": "per_day"}, "amounts、whole_month_returns_fee"),
        ({"kind": "per_day", "whole_month_returns_fee": True}, "amounts"),
        ({"kind": "month_divided"}, "divisor"),
        ({"kind": "half_month_threshold"}, "exactly_half"),
        ({"kind": "continuous_months"}, "half_month_returns_half"),
    ],
)
def test_each_refund_rule_needs_its_own_parameters(refund, missing):
    (problem,) = problems_in(changed("haikou", refund=refund))
    assert problem.path == "/refund"
    assert set(problem.sentence.split("缺少：")[1].rstrip("。").split("、")) >= set(missing.split("、"))


@pytest.mark.parametrize("kind", ["remaining_days", "class_hours", "none"])
def test_a_refund_rule_takes_no_parameter_of_another(kind):
    assert problems_in(changed("haikou", refund={"kind": kind})) == []
    assert (
        one(changed("haikou", refund={"kind": kind, "divisor": "20.83"}))
        == "/refund/divisor: 这种退费规则不使用此项，请删除。"
    )


@pytest.mark.parametrize("divisor", ["0", "020", "20.833", "-1", "1e1", "", "100"])
def test_a_divisor_is_a_small_number_of_days(divisor):
    assert "/refund/divisor" in paths(changed("haikou", refund={"kind": "month_divided", "divisor": divisor}))


def test_a_good_divisor_is_read_exactly():
    assert problems_in(changed("haikou", refund={"kind": "month_divided", "divisor": "20.83"})) == []


def test_two_caps_for_one_case_are_refused():
    caps = [
        {"per": "month", "fen": 7000, "meaning": "ceiling"},
        {"per": "month", "fen": 8000, "meaning": "ceiling", "kinds": ["rural"]},
    ]
    assert one(changed(caps=caps)).startswith("/caps/0: 与后面的一项适用范围重叠")
    caps[1]["per"] = "term"
    assert "/caps/0" not in paths(changed(caps=caps))


def test_two_times_for_one_stage_are_refused():
    times = ready.document("ezhou")["times"]
    assert "/times/0" in paths(changed(times=[*times, *times]))


def test_a_daily_refund_must_be_said_for_every_stage():
    refund = copy.deepcopy(ready.document("ezhou")["refund"])
    del refund["amounts"][1]
    assert one({**ready.document("ezhou"), "refund": refund}).startswith("/refund/amounts: 有学段没有规定")


def test_a_band_ends_after_it_begins_and_most_is_not_under_least():
    times = copy.deepcopy(ready.document("ezhou")["times"])
    times[0].update(least_daily_minutes=120, most_daily_minutes=60)
    times[0]["bands"][0].update(earliest_end="18:00", latest_end="17:30")
    assert paths(changed(times=times)) == ["/times/0/bands/0/latest_end", "/times/0/most_daily_minutes"]


@pytest.mark.parametrize("moment", ["24:00", "9:00", "17:60", "17:30:00"])
def test_a_time_of_day_has_hours_and_minutes(moment):
    times = copy.deepcopy(ready.document("ezhou")["times"])
    times[0]["bands"][0]["latest_end"] = moment
    assert paths(changed(times=times)) == ["/times/0/bands/0/latest_end"]


def test_a_reason_or_a_check_stands_once():
    twice = ready.document("ezhou")["waivers"] * 2
    assert one(changed(waivers=twice)) == "/waivers: “poor”出现了不止一次。"


def test_a_source_points_at_something_that_is_there():
    sources = [
        {"path": "/caps/7", "text": "x"},
        {"path": "/caps/0/fen", "text": "x"},
        {"path": "", "text": "x"},
    ]
    assert one(changed(sources=sources)) == "/sources/0/path: 文档中没有这个位置。"
    assert one(changed(sources=[{"path": "caps", "text": "x"}])).startswith(
        "/sources/0/path: 位置：书写格式不对"
    )


def test_the_inner_limit_of_a_funnel_lies_within_the_outer_one():
    def between(warn, flag):
        document = changed()
        document["signals"]["comparison"] |= {"warn_z_hundredths": warn, "flag_z_hundredths": flag}
        return document

    said = "/signals/comparison/warn_z_hundredths: 提示界限应小于预警界限，否则没有学校会先被提示。"
    assert one(between(309, 309)) == said
    assert one(between(400, 309)) == said
    assert problems_in(between(196, 250)) == []
