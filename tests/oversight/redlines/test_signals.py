"""Signs of forcing by class, and the early warnings: thresholds, levels, small counts hidden."""

from dataclasses import replace

import pytest

from oversight.redlines.evidence import CityLine
from oversight.redlines.rules import registry
from tests.oversight.redlines.stage import IN_ORDER, found, only, with_class, with_term

FULL = {"pupils": 50, "participants": 49}
BURST = {"consents": 10, "in_burst": 8}


@pytest.mark.parametrize(
    ("sign", "shown", "just_not"),
    [
        ("take_up", FULL, {"pupils": 50, "participants": 48}),
        ("take_up", {"pupils": 20, "participants": 20}, {"pupils": 19, "participants": 19}),
        ("burst", BURST, {"consents": 10, "in_burst": 7}),
        ("burst", BURST, {"consents": 9, "in_burst": 9}),
        ("one_device", {"consents": 10, "one_device": 8}, {"consents": 10, "one_device": 7}),
        ("no_refusal", {"answers": 20, "refusals": 0}, {"answers": 19, "refusals": 0}),
        ("no_refusal", {"answers": 20, "refusals": 0}, {"answers": 20, "refusals": 1}),
        ("before_close", {"before_close": 1}, {"before_close": 0}),
    ],
)
def test_each_sign_begins_at_its_threshold_and_alone_is_a_notice(sign, shown, just_not):
    """S1, S25."""
    one, sentence = only(with_class(**shown))
    assert (one.rule, one.level, one.cause, one.signs) == ("coercion", "notice", "c1", (sign,))
    assert sentence.startswith("一年级1班：")
    assert sentence.endswith("这是查看的理由，不是结论。")
    assert found(with_class(**just_not)) == []


def test_two_signs_are_a_red_line_and_the_sentence_says_both():
    one, sentence = only(with_class(pupils=40, participants=40, consents=40, in_burst=38))
    assert (one.level, one.signs) == ("red", ("take_up", "burst"))
    assert "全班 40 人都参加；95% 的申请在 10 分钟内集中提交" in sentence


def test_a_sign_beside_a_complaint_of_forcing_is_a_red_line():
    one, sentence = only(with_class(forced=1, **BURST))
    assert (one.level, one.signs) == ("red", ("burst", "forced"))
    assert "学校收到 1 件“强制参加”的投诉" in sentence


def test_complaints_of_forcing_alone_are_the_schools_notice():
    one, sentence = only(with_class(forced=2))
    assert (one.level, one.cause, one.signs) == ("notice", "complaints", ("forced",))
    assert sentence == "全校：学校收到 2 件“强制参加”的投诉。这是查看的理由，不是结论。"


def test_each_class_is_a_cause_of_its_own():
    line = replace(IN_ORDER.classes[0], **BURST)
    both = replace(IN_ORDER, classes=(line, replace(line, class_id="c2")))
    assert found(both) == [("coercion", "notice", "c1"), ("coercion", "notice", "c2")]


def test_without_a_policy_in_force_no_class_is_measured():
    """S48: nobody has set a threshold."""
    assert found(replace(with_class(**FULL), coercion=None)) == []


def test_one_child_that_stays_away_is_not_told():
    """k = 5: 49 of 50 is said as "98 % reached", so that nobody can subtract."""
    one, sentence = only(with_class(before_close=3, **FULL))
    assert "49" not in sentence
    assert "参加率达到 98%（班级 50 人）" in sentence
    assert "有申请早于意愿征询结束" in sentence
    figures = dict(registry.RULES[one.rule].figures(one.kept))
    assert figures["班级人数"] == "50"
    assert not {"参加", "申请", "征询结束前提交"} & set(figures)


def test_how_many_of_a_class_take_part_is_left_to_the_pages_that_may_have_to_hide_it():
    """S25: neither the children nor the applications, which are as many; that all take part is said."""
    one, sentence = only(with_class(pupils=40, participants=30, consents=30, in_burst=27))
    figures = dict(registry.RULES[one.rule].figures(one.kept))
    assert "30" not in sentence + "".join(map(str, figures.values()))
    assert "90% 的申请在 10 分钟内集中提交" in sentence
    one, _sentence = only(with_class(**FULL | {"participants": FULL["pupils"]}))
    assert dict(registry.RULES[one.rule].figures(one.kept))["参加"] == str(FULL["pupils"])


def test_complaints_are_a_warning_beyond_what_chance_reaches():
    """S46: 2 in 1,000 at 500 participants is 1 expected; P(x ≥ 5) = 0.37 %, P(x ≥ 6) = 0.06 %."""
    assert found(with_term(complaints=5)) == []
    one, sentence = only(with_term(complaints=6))
    assert (one.rule, one.level, one.cause) == ("complaint_burst", "notice", "complaints")
    assert sentence == (
        "本学期 6 件投诉，来自 6 人（同一人的多件只算一次，匿名的各算一人）；"
        "同等规模的学校在正常波动内最多 5 件（全市每千名参加学生 2.0 件）。"
    )


def test_a_small_school_is_not_warned_of_for_noise():
    """40 participants, 0.08 expected: two complaints are chance, three are not."""
    assert found(with_term(participants=40, complaints=2)) == []
    assert found(with_term(participants=40, complaints=3)) == [("complaint_burst", "notice", "complaints")]


def by_limits(evidence, flag):
    """The school's own policy says how far out the outer limit lies."""
    return replace(evidence, comparison=replace(evidence.comparison, flag_z_hundredths=flag))


def test_how_far_out_the_limit_lies_is_the_school_s_policy_s():
    """1 expected: P(x ≥ 5) = 0.37 % is beyond 2.5 (0.62 %), P(x ≥ 6) = 0.06 % within 3.5 (0.02 %)."""
    one, sentence = only(by_limits(with_term(complaints=5), 250))
    assert one.rule == "complaint_burst"
    assert "在正常波动内最多 4 件" in sentence
    rule = registry.RULES[one.rule]
    assert dict(rule.figures(one.kept))["外控制限（z）"] == "2.50（98.8%）"
    assert found(by_limits(with_term(complaints=6), 350)) == []
    good = with_term(survey_invited=60, survey_answers=60, survey_high=60)  # 0.9^60 is 0.18 %
    one, _sentence = only(by_limits(good, 250))
    assert one.rule == "survey_too_good"
    assert dict(registry.RULES[one.rule].figures(one.kept))["外控制限（z）"] == "2.50（98.8%）"
    assert found(by_limits(good, 309)) == []


def test_without_a_policy_the_limits_are_those_of_the_calculations():
    """calculations.md, "Funnel": as the dashboards judge it; a school is not flagged there and passed over here."""
    assert found(replace(with_term(complaints=6), comparison=None)) == [
        ("complaint_burst", "notice", "complaints")
    ]
    assert found(replace(with_term(complaints=5), comparison=None)) == []


def test_an_alert_from_before_policies_were_asked_says_what_it_rests_on():
    one, _sentence = only(with_term(complaints=6))
    old = {name: value for name, value in one.kept.items() if name != "z_hundredths"}
    assert dict(registry.RULES[one.rule].figures(old))["外控制限（z）"] == "3.09（99.8%）"


def test_complaints_of_one_parent_are_one_person():
    """A school of 35: two complaints of one parent alerted it."""
    assert found(with_term(participants=35, complaints=4, complaints_repeated=3)) == []
    one, sentence = only(with_term(participants=35, complaints=4, complaints_repeated=1))
    assert one.rule == "complaint_burst"
    assert "4 件投诉，来自 3 人" in sentence
    assert found(with_term(participants=35, complaints=2, complaints_repeated=0)) == []


def test_complaints_are_compared_only_with_a_city_and_participants():
    assert found(with_term(complaints=60, participants=None)) == []
    assert found(with_term(complaints=60, participants=0)) == []
    assert found(replace(with_term(complaints=60), city=CityLine())) == []
    assert found(with_term(complaints=None)) == []


def test_a_survey_that_is_too_good_is_a_warning():
    """S42: 200 of 200 answered, all 4 and 5, where the city has 90 %: 0.9^200 is one in a billion."""
    one, sentence = only(with_term(survey_invited=200, survey_answers=200, survey_high=200))
    assert (one.rule, one.level) == ("survey_too_good", "notice")
    assert sentence.startswith("100.0% 的评价是 4—5 分，全市 90.0%；回收率 100.0%。")


@pytest.mark.parametrize(
    ("invited", "answers", "high"),
    [
        (205, 200, 200),  # 97.6 % answered
        (29, 29, 29),  # a handful
        (200, 200, 185),  # 92.5 %, within chance of 90 %
        (60, 60, 60),  # 0.9^60 is 0.18 %: chance still reaches it
        (200, None, None),
        (None, 200, 200),
    ],
)
def test_a_survey_within_chance_or_with_ordinary_response_is_none(invited, answers, high):
    assert found(with_term(survey_invited=invited, survey_answers=answers, survey_high=high)) == []


def test_exactly_98_percent_response_is_too_good():
    assert found(with_term(survey_invited=200, survey_answers=196, survey_high=196)) == [
        ("survey_too_good", "notice", "survey")
    ]


def test_a_handful_of_answers_is_never_too_good():
    """Half of the city is content: 29 of 29 are beyond chance and yet too few, 30 of 30 are not."""
    half = CityLine(survey_high=5_000, survey_answers=10_000)
    for answers, wanted in ((29, []), (30, [("survey_too_good", "notice", "survey")])):
        everybody = with_term(survey_invited=answers, survey_answers=answers, survey_high=answers)
        assert found(replace(everybody, city=half)) == wanted
