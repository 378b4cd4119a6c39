"""The indicator catalogue: each figure's name, question, formula, unit, source, n and direction, written once.

Dashboards, API, downloads and alerts all read it; `/indicators/` shows it. Numerator and denominator are sums of roll-up
columns, so that one definition holds for a class of schools, a district, the city, a month or a term.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final, Protocol

import pandas as pd
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Text = str | Promise
CLASS_HOUR_MINUTES: Final = 40
"""calculations.md, "Class hours": the default unit, in which fees are compared between cities' profiles."""
WEEKS_A_MONTH: Final = 20.83 / 5
"""reference-facts.md, Ezhou: a month is 20.83 school days."""


class Unit(StrEnum):
    """What a value is counted in. Money is kept in fen and shown in yuan."""

    PERCENT = "percent"
    FEN = "fen"
    SCORE = "score"
    PER_1000 = "per_1000"
    PUPILS = "pupils"


class Better(StrEnum):
    """Which way is good."""

    HIGHER = "higher"
    LOWER = "lower"
    NEITHER = "neither"


class Spread(StrEnum):
    """What chance does to a figure: which limits its funnel has, and whether it has an interval."""

    BINOMIAL = "binomial"
    """A part of n that were asked, counted or due."""
    POISSON = "poisson"
    """Counts among n."""
    NONE = "none"
    """Money, means, and children counted anew each day, who are no independent trials."""


class Theme(StrEnum):
    """The page that an indicator belongs to; what it needs to be seen is the page's permission."""

    PARTICIPATION = "participation"
    SATISFACTION = "satisfaction"
    FEES = "fees"
    COMPLAINTS = "complaints"
    SAFETY = "safety"
    STAFFING = "staffing"


class Sum(Protocol):
    """What a figure is made of: columns of a frame, put together row by row."""

    @property
    def columns(self) -> tuple[str, ...]: ...

    def __call__(self, frame: pd.DataFrame) -> "pd.Series[float]": ...


@dataclass(frozen=True)
class Added:
    """The sum of columns; one that begins with a minus is taken away. Unknown parts make it unknown."""

    names: tuple[str, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        return tuple(name.removeprefix("-") for name in self.names)

    def __call__(self, frame: pd.DataFrame) -> "pd.Series[float]":
        total = pd.Series(0.0, index=frame.index)
        for name in self.names:
            total = total - frame[name[1:]] if name.startswith("-") else total + frame[name]
        return total


@dataclass(frozen=True)
class Standard:
    """The published fee standard in one unit: what a class hour, or a month of full attendance, costs a family.

    From the plan and not from the books: a running term is charged ahead and trued up at its settlement, so that what
    was charged by today says nothing about a price. Unknown for a fee by the term.
    """

    per: str
    """`class_hour` or `month`, as plans say it."""

    @property
    def columns(self) -> tuple[str, ...]:
        return "fee_fen", "fee_unit", "weekly_minutes"

    def __call__(self, frame: pd.DataFrame) -> "pd.Series[float]":
        hours_a_month = frame["weekly_minutes"] / CLASS_HOUR_MINUTES * WEEKS_A_MONTH
        by_hour, by_month = frame["fee_unit"] == "class_hour", frame["fee_unit"] == "month"
        fee = frame["fee_fen"].where(by_hour | by_month)
        if self.per == "month":
            return fee.where(by_month, fee * hours_a_month)
        return fee.where(by_hour, fee / hours_a_month.where(hours_a_month > 0))


@dataclass(frozen=True)
class Indicator:
    """One figure. value = numerator ÷ denominator × factor; n is what it rests on."""

    code: str
    name: Text
    question: Text
    formula: Text
    unit: Unit
    theme: Theme
    clauses: tuple[str, ...]
    better: Better
    n_of: Text
    """What n counts, such as 人次 or 份答卷."""
    numerator: Sum
    denominator: Sum
    factor: float = 100.0
    n: Sum | None = None
    """The denominator unless said."""
    n_per: float = 1.0
    """What n is shown in: 60 for minutes as hours, 100 for fen as yuan."""
    about_children: bool = False
    """Hidden where n < k (architecture §7)."""
    counts_children: bool = False
    """The numerator counts children by itself: hidden too while there are some and fewer than k, or few are not in it."""
    may_lack_denominator: bool = False
    """An unknown denominator beside a known numerator is a rule that is not there, not a gap: a policy without a cap."""
    over_schools: bool = False
    """Can't be added up: the figure of an area is the median of its schools."""
    by_month: bool = False
    """Whether the roll-ups by month carry it, so that it has a trend. Both parts come from one fact then."""
    spread: Spread = Spread.NONE
    repeated: Sum | None = None
    """Of the numerator, what the same people said again: no reason to flag a school."""

    @property
    def columns(self) -> tuple[str, ...]:
        """What a frame needs to have for it."""
        parts = [
            self.numerator,
            self.denominator,
            self.n or self.denominator,
            *filter(None, (self.repeated,)),
        ]
        return tuple(dict.fromkeys(name for part in parts for name in part.columns))


def of(*names: str) -> Added:
    return Added(names)


SPENT: Final = ("staff_fen", "materials_fen", "other_fen")
ALL: Final = (
    Indicator(
        code="offering", name=_("开展率"), question=_("有多少学校开展了课后服务？"),
        formula=_("已在平台公布服务方案的学校 ÷ 在用学校"), unit=Unit.PERCENT, theme=Theme.PARTICIPATION,
        clauses=("S10", "S12"), better=Better.HIGHER, n_of=_("所学校"),
        numerator=of("schools_offering"), denominator=of("schools"), spread=Spread.BINOMIAL,
    ),
    Indicator(
        code="participation", name=_("参与率"), question=_("多少在校生参加了课后服务？"),
        formula=_("本学期签过协议的学生 ÷ 在册学生（学期内的基准日）"), unit=Unit.PERCENT, theme=Theme.PARTICIPATION,
        clauses=("S1", "S25"), better=Better.NEITHER, n_of=_("名在册学生"),
        numerator=of("participants"), denominator=of("pupils_on_roll"), about_children=True, counts_children=True,
        spread=Spread.BINOMIAL,
    ),
    Indicator(
        code="five_day_share", name=_("五天全参加占比"), question=_("参加的学生中，多少人每周五天都参加？"),
        formula=_("周一至周五每天都有活动名额的参加学生 ÷ 参加学生"), unit=Unit.PERCENT, theme=Theme.PARTICIPATION,
        clauses=("S9",), better=Better.NEITHER, n_of=_("名参加学生"),
        numerator=of("five_day_participants"), denominator=of("participants"), about_children=True,
        counts_children=True, spread=Spread.BINOMIAL,
    ),
    Indicator(
        code="attendance", name=_("出勤率"), question=_("该来的学生来了多少？"),
        formula=_("实到人次 ÷ 应到人次（不含请假；只算已结束的服务）"), unit=Unit.PERCENT, theme=Theme.PARTICIPATION,
        clauses=("S22",), better=Better.HIGHER, n_of=_("应到人次"),
        numerator=of("present"), denominator=of("expected"), about_children=True, by_month=True,
    ),
    Indicator(
        code="satisfaction", name=_("满意率"), question=_("家长满意吗？"),
        formula=_("打 4 分或 5 分的答卷 ÷ 答卷"), unit=Unit.PERCENT, theme=Theme.SATISFACTION,
        clauses=("S42",), better=Better.HIGHER, n_of=_("份答卷"),
        numerator=of("survey_high"), denominator=of("survey_answers"), about_children=True, spread=Spread.BINOMIAL,
    ),
    Indicator(
        code="satisfaction_mean", name=_("满意度均分"), question=_("家长平均打几分？"),
        formula=_("评分之和 ÷ 答卷（1 至 5 分）"), unit=Unit.SCORE, theme=Theme.SATISFACTION,
        clauses=("S42",), better=Better.HIGHER, n_of=_("份答卷"),
        numerator=of("survey_score_sum"), denominator=of("survey_answers"), factor=1.0, about_children=True,
    ),
    Indicator(
        code="response_rate", name=_("评价回收率"), question=_("收到评价邀请的家长有多少作答？"),
        formula=_("答卷 ÷ 发出的邀请"), unit=Unit.PERCENT, theme=Theme.SATISFACTION,
        clauses=("S42",), better=Better.HIGHER, n_of=_("份邀请"),
        numerator=of("survey_answers"), denominator=of("survey_invited"), spread=Spread.BINOMIAL, about_children=True,
    ),
    Indicator(
        code="fee_to_cap", name=_("收费占上限"), question=_("收费标准离政策上限多远？"),
        formula=_("收费标准 ÷ 同一计费单位的政策上限（没有上限的不适用）；区县和全市取各校中位数"),
        unit=Unit.PERCENT, theme=Theme.FEES,
        clauses=("S3", "S46"), better=Better.NEITHER, n_of=_("所学校"),
        numerator=of("fee_fen"), denominator=of("cap_fen"), n=of("schools"), over_schools=True,
        may_lack_denominator=True,
    ),
    Indicator(
        code="fee_per_month", name=_("每月收费"), question=_("每天都参加的学生一个月要付多少？"),
        formula=_("收费标准折合每月（每课时标准 × 每周课时 × 20.83 ÷ 5；按学期收费的不折合）；区县和全市取各校中位数"),
        unit=Unit.FEN, theme=Theme.FEES,
        clauses=("S3", "S36"), better=Better.NEITHER, n_of=_("所学校"),
        numerator=Standard("month"), denominator=of("schools"), factor=1.0, over_schools=True,
    ),
    Indicator(
        code="fee_per_class_hour", name=_("每课时收费"), question=_("每课时（40 分钟）要付多少？"),
        formula=_("收费标准折合每课时（月标准 ÷ 每月课时；按学期收费的不折合）；区县和全市取各校中位数"),
        unit=Unit.FEN, theme=Theme.FEES,
        clauses=("S3", "S36"), better=Better.NEITHER, n_of=_("所学校"),
        numerator=Standard("class_hour"), denominator=of("schools"), factor=1.0, over_schools=True,
    ),
    Indicator(
        code="cost_per_pupil_hour", name=_("每生每小时成本"), question=_("照看一个学生一小时花多少？"),
        formula=_("（人员 + 材料 + 其他允许的支出）÷ 学生小时"), unit=Unit.FEN, theme=Theme.FEES,
        clauses=("S3", "S47"), better=Better.NEITHER, n_of=_("学生小时"), n_per=60.0,
        numerator=of(*SPENT), denominator=of("pupil_minutes"), factor=60.0,
    ),
    Indicator(
        code="staff_cost_per_pupil_hour", name=_("每生每小时人员支出"), question=_("人员支出够不够照看？"),
        formula=_("人员支出 ÷ 学生小时"), unit=Unit.FEN, theme=Theme.FEES,
        clauses=("S30", "S47"), better=Better.NEITHER, n_of=_("学生小时"), n_per=60.0,
        numerator=of("staff_fen"), denominator=of("pupil_minutes"), factor=60.0,
    ),
    Indicator(
        code="waived", name=_("减免占应收"), question=_("费用减免了多少？"),
        formula=_("减免 ÷ 应收"), unit=Unit.PERCENT, theme=Theme.FEES,
        clauses=("S36",), better=Better.NEITHER, n_of=_("元应收"), n_per=100.0,
        numerator=of("waived_fen"), denominator=of("charged_fen"), by_month=True,
    ),
    Indicator(
        code="collected", name=_("收缴率"), question=_("应收的钱收到了多少？"),
        formula=_("各家庭已缴的应收 ÷（应收 − 减免 − 退减），预缴不计入"), unit=Unit.PERCENT, theme=Theme.FEES,
        clauses=("S36",), better=Better.HIGHER, n_of=_("元应收净额"), n_per=100.0,
        numerator=of("paid_due_fen"), denominator=of("due_fen"),
    ),
    Indicator(
        code="paid_ahead", name=_("预缴占应收"), question=_("家庭多缴、预缴了多少？"),
        formula=_("各家庭超过应收的缴款 ÷（应收 − 减免 − 退减）"), unit=Unit.PERCENT, theme=Theme.FEES,
        clauses=("S36",), better=Better.NEITHER, n_of=_("元应收净额"), n_per=100.0,
        numerator=of("paid_ahead_fen"), denominator=of("due_fen"),
    ),
    Indicator(
        code="staff_share", name=_("人员支出占比"), question=_("支出中有多少用在人身上？"),
        formula=_("人员支出 ÷ 全部支出"), unit=Unit.PERCENT, theme=Theme.FEES,
        clauses=("S30",), better=Better.NEITHER, n_of=_("元支出"), n_per=100.0,
        numerator=of("staff_fen"), denominator=of(*SPENT),
    ),
    Indicator(
        code="materials_share", name=_("材料支出占比"), question=_("支出中有多少用在材料上？"),
        formula=_("材料支出 ÷ 全部支出"), unit=Unit.PERCENT, theme=Theme.FEES,
        clauses=("S3", "S36"), better=Better.NEITHER, n_of=_("元支出"), n_per=100.0,
        numerator=of("materials_fen"), denominator=of(*SPENT),
    ),
    Indicator(
        code="other_share", name=_("其他支出占比"), question=_("支出中有多少用在其他允许的事项上？"),
        formula=_("其他允许的支出 ÷ 全部支出"), unit=Unit.PERCENT, theme=Theme.FEES,
        clauses=("S3", "S36"), better=Better.NEITHER, n_of=_("元支出"), n_per=100.0,
        numerator=of("other_fen"), denominator=of(*SPENT),
    ),
    Indicator(
        code="surplus_returned", name=_("结余退还率"), question=_("学期结余退给家长了吗？"),
        formula=_("已到账的结余退费 ÷ 结余（没有结余的不适用；未结算的尚未取得）"), unit=Unit.PERCENT, theme=Theme.FEES,
        clauses=("S37",), better=Better.HIGHER, n_of=_("元结余"), n_per=100.0,
        numerator=of("surplus_returned_fen"), denominator=of("surplus_fen"),
    ),
    Indicator(
        code="statements_on_time", name=_("按时公示率"), question=_("每月账目按时公示了吗？"),
        formula=_("按时公示的月份 ÷ 已到期的月份"), unit=Unit.PERCENT, theme=Theme.FEES,
        clauses=("S36", "S43"), better=Better.HIGHER, n_of=_("个月份"),
        numerator=of("statement_months_on_time"), denominator=of("statement_months_due"), spread=Spread.BINOMIAL,
    ),
    Indicator(
        code="complaints_per_1000", name=_("每千人投诉"), question=_("每千名参加学生有多少投诉？"),
        formula=_("投诉件数 ÷ 参加学生 × 1000"), unit=Unit.PER_1000, theme=Theme.COMPLAINTS,
        clauses=("S46",), better=Better.LOWER, n_of=_("名参加学生"),
        numerator=of("complaints"), denominator=of("participants"), factor=1000.0, about_children=True,
        spread=Spread.POISSON, repeated=of("complaints_repeated"),
    ),
    Indicator(
        code="complaints_in_time", name=_("投诉按时答复率"), question=_("投诉按时答复了吗？"),
        formula=_("期限内答复的投诉 ÷ 已答复或已到期的投诉（期限未到、尚未答复的不计）"),
        unit=Unit.PERCENT, theme=Theme.COMPLAINTS, clauses=("S32", "S33"), better=Better.HIGHER, n_of=_("件投诉"),
        numerator=of("complaints_answered_in_time"), denominator=of("complaints", "-complaints_waiting"), by_month=True,
        spread=Spread.BINOMIAL,
    ),
    Indicator(
        code="handover_complete", name=_("交接完成率"), question=_("每个孩子都当面交接了吗？"),
        formula=_("有交接记录的人次（含转到下一场） ÷ 实到人次"), unit=Unit.PERCENT, theme=Theme.SAFETY,
        clauses=("S24",), better=Better.HIGHER, n_of=_("实到人次"),
        numerator=of("handed_over"), denominator=of("present"), about_children=True, by_month=True,
    ),
    Indicator(
        code="staff_ratio", name=_("生师比"), question=_("一位服务教师同时照看几个孩子？"),
        formula=_("实到人次 ÷ 已举行的服务场次（每场一位服务教师）"), unit=Unit.PUPILS, theme=Theme.STAFFING,
        clauses=("S18", "S21"), better=Better.LOWER, n_of=_("场服务"),
        numerator=of("present"), denominator=of("sessions_held"), factor=1.0, by_month=True,
    ),
    Indicator(
        code="checks_valid", name=_("核查有效率"), question=_("服务人员的核查都有效吗？"),
        formula=_("规定核查全部有效的人员 ÷ 签约人员"), unit=Unit.PERCENT, theme=Theme.STAFFING,
        clauses=("S17", "S44"), better=Better.HIGHER, n_of=_("名人员"),
        numerator=of("staff_checks_valid"), denominator=of("staff_checks_due"), spread=Spread.BINOMIAL,
    ),
)  # fmt: skip
CATALOGUE: Final[Mapping[str, Indicator]] = MappingProxyType({one.code: one for one in ALL})
"""By code, in the order in which they are explained."""
