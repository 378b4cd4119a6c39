"""Red lines on charging, books and people: worked numbers, the boundary, and nothing out of what is not known."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from oversight.redlines.evidence import Evidence, MonthLine, TermLine, UncheckedLine
from oversight.redlines.rules import registry
from oversight.redlines.states import RuleCode
from tests.oversight.redlines.stage import IN_ORDER, POLICY, found, only, with_months, with_term

SEPTEMBER = IN_ORDER.months[0]


def test_a_school_in_order_has_no_alert():
    """S46: exactly the cap, published on the due day, a consultation with refusals, chance complaints."""
    assert found(IN_ORDER) == []


def test_of_a_school_that_nothing_is_known_of_nothing_is_said():
    assert found(Evidence(term_code="2026-2027-1", today=IN_ORDER.today)) == []
    empty = replace(IN_ORDER, term=TermLine(), months=(MonthLine("2026-09"),), classes=())
    assert found(empty) == []


def test_a_fee_over_the_cap_is_a_red_line():
    """S3: 4.20 against 3.50 is 0.70, 20 % too much; a cap of nothing is no cap."""
    one, sentence = only(with_term(fee_fen=420))
    assert (one.rule, one.level, one.cause, one.weight) == ("over_cap", "red", "fee", 70)
    assert sentence == "收费标准每课时 ¥4.20，高于封顶 ¥3.50，多 ¥0.70（20.0%）。"
    assert found(with_term(fee_fen=351)) == [("over_cap", "red", "fee")]
    assert found(with_term(fee_fen=420, cap_fen=None)) == []
    assert found(with_term(fee_fen=None)) == []


MONTHLY = {"fee_unit": "month", "fee_fen": 8_000, "cap_fen": None, "fee_term_fen": 40_000}


def test_a_monthly_fee_over_the_cap_of_the_term_is_a_red_line():
    """S3: 80 a month from September to January is 400, 100 over a cap of 300 a term; exactly the cap is none."""
    one, sentence = only(with_term(**MONTHLY, cap_term_fen=30_000))
    assert (one.rule, one.level, one.cause, one.weight) == ("over_cap", "red", "fee", 10_000)
    assert sentence == (
        "收费标准每月 ¥80.00，本学期合计 ¥400.00，高于封顶折算的 ¥300.00，多 ¥100.00（33.3%）。"
    )
    assert found(with_term(**MONTHLY, cap_term_fen=40_000)) == []
    assert found(with_term(**MONTHLY, cap_term_fen=None)) == []
    assert found(with_term(**MONTHLY | {"fee_term_fen": None}, cap_term_fen=30_000)) == []
    assert found(with_term(**MONTHLY, cap_term_fen=30_000, plan_state="draft", charged_fen=0)) == []


def test_a_fee_over_the_cap_of_its_own_unit_is_said_in_that_unit():
    """One cause, one alert, however many caps it breaks."""
    one, sentence = only(with_term(**MONTHLY | {"cap_fen": 7_000}, cap_term_fen=30_000))
    assert (one.weight, sentence) == (1_000, "收费标准每月 ¥80.00，高于封顶 ¥70.00，多 ¥10.00（14.3%）。")


def test_a_fee_by_the_class_hour_is_left_to_the_cap_that_binds_it():
    """Longling: 2.50 an hour, at most 400 a term."""
    assert found(with_term(fee_fen=250, cap_fen=250, fee_term_fen=None, cap_term_fen=40_000)) == []


def test_a_draft_that_nobody_is_charged_by_breaks_no_cap():
    draft = with_term(fee_fen=420, plan_state="draft", charged_fen=0)
    assert found(replace(draft, months=())) == []
    assert found(with_term(fee_fen=420, plan_state="filed")) == [("over_cap", "red", "fee")]


def test_charges_of_a_month_before_the_notice_are_a_red_line():
    """S27: published on the month's last day counts for the month, the day after does not."""
    assert found(with_term(plan_published_date=date(2026, 9, 30))) == []
    one, sentence = only(with_term(plan_published_date=date(2026, 10, 1)))
    assert (one.rule, one.cause) == ("no_notice", "2026-09")
    assert sentence == "2026-09 已开具费用 ¥20,000.00，收费公示到 2026年10月1日才发布。"


def test_charges_without_any_notice_are_one_cause_a_month():
    never = with_term(plan_published_date=None)
    assert [cause for _rule, _level, cause in found(never)] == ["2026-09", "2026-10", "2026-11"]
    assert "没有收费公示" in registry.rule_of("no_notice").say(registry.findings(never)[0].kept)
    assert found(with_term(plan_published_date=None, is_planned=False)) == []


def test_a_month_without_net_charges_needs_no_notice():
    """A reversal takes back what was charged."""
    assert (
        found(
            with_months(MonthLine("2026-09", 0, 5), MonthLine("2026-10", -300, 5), MonthLine("2026-08", None))
        )
        == []
    )


def test_a_child_that_is_charged_twice_is_a_red_line():
    """S27, S46: one child is one too many; how many of a few they are is nobody's business (k = 5)."""
    one, sentence = only(with_term(children_charged_twice=1))
    assert (one.rule, one.level, one.cause, one.weight) == ("double_charge", "red", "charges", 1)
    assert sentence == "有个别学生同一天的服务被收了两次费用。"
    rule = registry.rule_of("double_charge")
    assert rule.clauses == ("S27", "S46")
    assert rule.figures({"children": 4}) == [("被重复收费的学生", "c")]
    many, sentence = only(with_term(children_charged_twice=417))
    assert sentence == "有 417 名学生同一天的服务被收了两次费用。"
    assert rule.figures(many.kept) == [("被重复收费的学生", "417")]
    assert found(with_term(children_charged_twice=0)) == []
    assert found(with_term(children_charged_twice=None)) == []


def test_a_committee_that_collects_though_the_school_must_is_a_red_line():
    """S3."""
    one, sentence = only(with_term(collector="committee"))
    assert (one.rule, one.level, one.cause) == ("wrong_collector", "red", "collector")
    assert sentence == "方案写明由家长委员会收费，按规定应由学校专户收费。"
    assert found(with_term(collector="committee", collector_due="")) == []
    assert found(with_term(collector="", collector_due="school")) == []
    assert found(with_term(collector="committee", collector_due="committee")) == []


@pytest.mark.parametrize("held", [0, None])
def test_a_month_that_was_charged_and_has_no_session_is_a_red_line_once_it_is_over(held):
    """S27, S46."""
    month = replace(SEPTEMBER, days_held=held)
    assert found(with_months(month, today=date(2026, 9, 30))) == []
    one, sentence = only(with_months(month, today=date(2026, 10, 1)))
    assert (one.rule, one.level, one.cause) == ("charged_without_session", "red", "2026-09")
    assert sentence == "2026-09 开具费用 ¥20,000.00，整月没有一次服务记录。"


def test_one_session_is_a_month_with_sessions():
    assert found(with_months(replace(SEPTEMBER, days_held=1))) == []


def test_a_month_of_less_than_a_week_of_the_term_may_have_charges_alone():
    """Charges of a term are often posted before its first day or after its last."""
    august = MonthLine("2026-08", 100, 0, None, None)
    assert ("charged_without_session", "red", "2026-08") not in found(with_months(august))
    assert found(replace(with_months(replace(SEPTEMBER, days_held=0)), period=None)) == []


def test_a_surplus_is_late_from_the_day_after_it_was_due():
    """S37: 1,000.00 left over, 999.99 returned."""
    owed = {"settled_date": date(2026, 11, 1), "surplus_fen": 100_000, "surplus_returned_fen": 99_999}
    assert found(with_term(surplus_due_date=IN_ORDER.today, **owed)) == []
    one, sentence = only(with_term(surplus_due_date=date(2026, 11, 22), **owed))
    assert (one.rule, one.level, one.cause, one.weight) == ("surplus_late", "red", "surplus", 1)
    assert sentence == "退还期限2026年11月22日已过：结余 ¥1,000.00，家长已到账 ¥999.99，还差 ¥0.01。"
    assert (
        found(with_term(surplus_due_date=date(2026, 11, 22), **owed | {"surplus_returned_fen": 100_000}))
        == []
    )
    assert (
        found(
            with_term(
                surplus_due_date=date(2026, 11, 22), **owed | {"surplus_fen": -5, "surplus_returned_fen": 0}
            )
        )
        == []
    )
    assert (
        found(with_term(surplus_due_date=date(2026, 11, 22), **owed | {"surplus_returned_fen": None})) == []
    )


def test_money_that_came_after_the_settlement_is_said_beside_what_is_owed():
    """S37: 199.99 are back; 100.00 came after the round, and no refund of them can go out before another one."""
    late = {
        "settled_date": date(2026, 11, 1), "surplus_due_date": date(2026, 11, 22), "surplus_fen": 29_999,
        "surplus_returned_fen": 19_999, "surplus_unsettled_fen": 10_000,
    }  # fmt: skip
    one, sentence = only(with_term(**late))
    assert one.weight == 10_000
    assert sentence == (
        "退还期限2026年11月22日已过：结余 ¥299.99，家长已到账 ¥199.99，还差 ¥100.00。"
        "其中 ¥100.00 是上次结算之后收到的，要先补充结算。"
    )
    rule = registry.rule_of("surplus_late")
    assert ("等待补充结算", "¥100.00") in rule.figures(one.kept)
    before_it_was_known = {name: number for name, number in one.kept.items() if name != "unsettled_fen"}
    assert "补充结算" not in rule.say(before_it_was_known)


def test_a_later_round_is_late_after_its_own_day_only():
    """S37: the first round's money is back; 100.00 came late and are due on the 25th."""
    later = {
        "settled_date": date(2026, 11, 1), "surplus_due_date": date(2026, 11, 10), "surplus_fen": 29_999,
        "surplus_returned_fen": 19_999, "surplus_unsettled_fen": 10_000, "surplus_later_fen": 10_000,
    }  # fmt: skip
    today = IN_ORDER.today
    assert found(with_term(**later, surplus_later_due_date=today)) == []
    one, _sentence = only(with_term(**later, surplus_later_due_date=today - timedelta(days=1)))
    assert one.weight == 10_000
    both = later | {"surplus_returned_fen": 10_000}
    one, sentence = only(with_term(**both, surplus_later_due_date=today))
    assert one.weight == 9_999  # of the first round
    assert "还差 ¥99.99" in sentence
    assert ("未退还", "¥99.99") in registry.rule_of("surplus_late").figures(one.kept)


def test_a_settlement_with_a_gap_is_a_red_line():
    """S37, S4: what the account does not hold of what families are to get."""
    one, sentence = only(with_term(shortfall_fen=10_000))
    assert (one.rule, one.level, one.cause, one.weight) == ("shortfall", "red", "shortfall", 10_000)
    assert sentence == "学期已结算，应退给家长的款项有 ¥100.00 账上没有。"
    assert registry.rule_of("shortfall").figures(one.kept) == [("缺口", "¥100.00")]
    assert found(with_term(shortfall_fen=0)) == []
    assert found(with_term(shortfall_fen=None)) == []


def test_a_term_that_took_money_and_is_not_settled_is_late_too():
    """S37."""
    one, sentence = only(with_term(surplus_due_date=date(2026, 11, 22)))
    assert (one.rule, one.signs) == ("surplus_late", ("not_settled",))
    assert sentence == "本学期实收 ¥39,000.00，应于2026年11月22日前结算并退还结余，至今没有结算。"
    assert found(with_term(surplus_due_date=date(2026, 11, 22), received_fen=0)) == []
    assert found(with_term(surplus_due_date=date(2026, 11, 22), received_fen=None)) == []
    assert found(with_term(surplus_due_date=None)) == []


def test_a_statement_is_missing_from_the_day_after_it_was_due():
    """S36: due today is not late."""
    assert found(with_months(MonthLine("2026-10", 5, 5, IN_ORDER.today, None))) == []
    one, sentence = only(with_months(MonthLine("2026-10", 5, 5, date(2026, 11, 22), None)))
    assert (one.rule, one.level, one.cause, one.signs) == ("statement", "red", "2026-10", ("missing",))
    assert sentence == "2026-10 的收支应于2026年11月22日前向家长公示，至今没有公示。"


def test_a_statement_that_came_late_stays_a_notice():
    """S36, S43: the fact does not go away."""
    one, sentence = only(with_months(replace(SEPTEMBER, statement_published_date=date(2026, 10, 19))))
    assert (one.rule, one.level, one.cause, one.signs) == ("statement", "notice", "2026-09", ("late",))
    assert sentence == "2026-09 的收支应于2026年10月10日前公示，2026年10月19日才公示，晚了 9 天。"


def test_each_month_is_a_cause_of_its_own():
    late = [MonthLine(f"2026-{number:02d}", 5, 5, date(2026, number + 1, 10), None) for number in (9, 10)]
    assert found(with_months(*late)) == [("statement", "red", "2026-09"), ("statement", "red", "2026-10")]


def test_an_unchecked_person_on_duty_is_one_cause_a_month_with_days_and_duties():
    """S17, S18, S44."""
    october = UncheckedLine("2026-10", 12, 14, date(2026, 10, 15), date(2026, 10, 30))
    november = UncheckedLine("2026-11", 1, 1, date(2026, 11, 2), date(2026, 11, 2))
    both = registry.findings(replace(IN_ORDER, unchecked=(october, november)))
    assert [(one.rule, one.level, one.cause, one.weight) for one in both] == [
        ("unchecked_duty", "red", "2026-10", 14),
        ("unchecked_duty", "red", "2026-11", 1),
    ]
    rule = registry.RULES[RuleCode.UNCHECKED_DUTY]
    assert rule.say(both[0].kept) == "2026-10 有 12 天、14 班次由核查不全或已过期的人员负责。"
    assert dict(rule.figures(both[1].kept))["日期"] == "2026年11月2日"
    assert found(replace(IN_ORDER, unchecked=(replace(november, duties=0),))) == []


def test_every_rule_explains_itself():
    for code in RuleCode:
        rule = registry.RULES[code]
        assert rule.code == code
        assert all((rule.name, rule.text, rule.formula, rule.ends, rule.clauses, rule.page))
        assert all(label and value for label, value in rule.thresholds(POLICY))
