"""What the agreement says of refunds is what the rule does."""

from types import SimpleNamespace

import pytest

from afterbell.kernel.money import Fen
from schools.enrolment.wording import refund_words
from tenants.policies.documents import DayRefund, MonthCount, RefundKind, RefundRule, Scope

CALENDAR, ANY_DAY = MonthCount
A_CHILD = SimpleNamespace(
    school=SimpleNamespace(stage="primary"), pupil=SimpleNamespace(school_class=SimpleNamespace(grade=6))
)


@pytest.mark.parametrize(
    ("month", "half", "words"),
    [
        (CALENDAR, False, "退费：自然月内全部服务日缺课的，退还当月费用；其余不退。"),
        (
            CALENDAR,
            True,
            "退费：自然月内全部服务日缺课的，退还当月费用；连续缺课达到当月服务日一半的，退还一半。",
        ),
        (ANY_DAY, False, "退费：连续缺课满一个月的，退还当月费用；其余不退。"),
        (ANY_DAY, True, "退费：连续缺课满一个月的，退还当月费用；满半个月不足一个月的，退还一半。"),
    ],
)
def test_continuous_months_are_said_as_they_are_counted(month, half, words):
    rule = RefundRule(RefundKind.CONTINUOUS_MONTHS, month=month, half_month_returns_half=half)
    assert refund_words(rule, A_CHILD) == words


@pytest.mark.parametrize(
    ("fen", "words"),
    [
        (336, "退费：缺课每天退 ¥3.36，整月未参加的全额退还。"),
        (0, "退费：不按天退，整月未参加的全额退还。"),
    ],
)
def test_a_daily_sum_is_that_of_the_childs_grade(fen, words):
    amounts = (DayRefund(Scope.of({"grades": [6]}), Fen(fen)), DayRefund(Scope.of({"grades": [1]}), Fen(999)))
    assert (
        refund_words(RefundRule(RefundKind.PER_DAY, amounts, whole_month_returns_fee=True), A_CHILD) == words
    )
