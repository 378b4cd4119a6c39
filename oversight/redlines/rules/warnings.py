"""Early warnings: complaints beyond what chance explains, and a survey that is too good (S42, S46). Notices only."""

from collections.abc import Iterator
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from afterbell.pages import values
from oversight.indicators import statistics
from oversight.indicators.catalogue import CATALOGUE, Indicator
from oversight.indicators.statistics import Lines
from oversight.redlines.evidence import Evidence
from oversight.redlines.findings import Figure, Finding, Numbers, Rule
from oversight.redlines.states import Level, RuleCode
from tenants.policies.documents import Policy

COMPLAINTS: Final = CATALOGUE["complaints_per_1000"]
HIGH: Final = CATALOGUE["satisfaction"]
LEAST_ANSWERS: Final = 30
RESPONSE_PERCENT: Final = 98


def complaint_burst(evidence: Evidence) -> Iterator[Finding]:
    """People who complained, beyond the outer Poisson limit of the city's rate at the school's size; three at least.

    Worked, with 3.09 (which holds where the school's policy says no other): the city has 2 in 1,000; at 500 participants 1
    is expected and up to 5 are chance, so that 6 are a finding.
    Six complaints of one parent are one person, and none.
    """
    complaints, participants, city = evidence.term.complaints, evidence.term.participants, evidence.city
    if not complaints or not participants or not city.participants:
        return
    people = complaints - (evidence.term.complaints_repeated or 0)
    lines = Lines.of(evidence.comparison)
    limit = _outer_limit(COMPLAINTS, city.complaints, city.participants, people, participants, lines)
    if limit is None or people <= limit or people < statistics.LEAST_PEOPLE:
        return
    numbers = {
        "complaints": complaints, "people": people, "participants": participants, "city_complaints": city.complaints,
        "city_participants": city.participants, "most": limit, "z_hundredths": _hundredths(lines),
    }  # fmt: skip
    yield Finding(RuleCode.COMPLAINTS, Level.NOTICE, "complaints", complaints, numbers)


def survey_too_good(evidence: Evidence) -> Iterator[Finding]:
    """Share of 4 and 5 above the outer binomial limit, nearly everybody answered, and not by a handful."""
    term, city = evidence.term, evidence.city
    high, answers, invited = term.survey_high, term.survey_answers, term.survey_invited
    if high is None or not answers or not invited or not city.survey_answers or answers < LEAST_ANSWERS:
        return
    if answers * 100 < RESPONSE_PERCENT * invited:
        return
    lines = Lines.of(evidence.comparison)
    limit = _outer_limit(HIGH, city.survey_high, city.survey_answers, high, answers, lines)
    if limit is None or high <= limit:
        return
    numbers = {
        "high": high, "answers": answers, "invited": invited, "city_high": city.survey_high,
        "city_answers": city.survey_answers, "most": limit, "z_hundredths": _hundredths(lines),
    }  # fmt: skip
    yield Finding(RuleCode.SURVEY, Level.NOTICE, "survey", answers, numbers)


def _outer_limit(
    indicator: Indicator, part: int, whole: int, count_here: int, n: int, lines: Lines
) -> int | None:
    """The largest whole count that chance still reaches at the city's rate; None where the count is not above it."""
    if count_here * whole <= part * n:
        return None
    found = statistics.limits(indicator, part / whole * indicator.factor, [n], lines)
    return int(float(found["upper_flag"].iloc[0]) / indicator.factor * n + 1e-6)


def _hundredths(lines: Lines) -> int:
    return round(lines.flag * 100)


def _limit_figure(numbers: Numbers) -> Figure:
    """By which limit the school was judged; alerts from before policies were asked rest on 3.09."""
    return (_("外控制限（z）"), _limit(numbers.get("z_hundredths", _hundredths(Lines())) / 100))


def _limit(z: float) -> str:
    return _("%(z)s（%(share)s）") % {"z": f"{z:.2f}", "share": statistics.inside(z)}


def _limit_thresholds(policy: Policy) -> list[Figure]:
    return [(_("外控制限（z）"), _limit(Lines.of(policy.comparison).flag))]


def _per_1000(part: int, n: int) -> str:
    return str(values.tenths(part * 10, n))


def _say_complaints(numbers: Numbers) -> str:
    """Neither the rate nor the children: together with the complaints either one tells the other."""
    return _(
        "本学期 %(complaints)s 件投诉，来自 %(people)s 人（同一人的多件只算一次，匿名的各算一人）；"
        "同等规模的学校在正常波动内最多 %(most)s 件（全市每千名参加学生 %(city)s 件）。"
    ) % {
        "complaints": numbers["complaints"], "people": numbers.get("people", numbers["complaints"]),
        "most": numbers["most"],
        "city": _per_1000(numbers["city_complaints"], numbers["city_participants"]),
    }  # fmt: skip


def _complaint_figures(numbers: Numbers) -> list[Figure]:
    return [
        (_("投诉"), f"{numbers['complaints']:,}"),
        (_("投诉人"), f"{numbers.get('people', numbers['complaints']):,}"),
        (_("全市每千名参加学生"), _per_1000(numbers["city_complaints"], numbers["city_participants"])),
        (_("正常波动内最多"), f"{numbers['most']:,}"),
        _limit_figure(numbers),
    ]


def _say_survey(numbers: Numbers) -> str:
    return _(
        "%(share)s%% 的评价是 4—5 分，全市 %(city)s%%；回收率 %(response)s%%。"
        "分数和回收率同时异常高，请核实评价是否由家长和学生自己填写。"
    ) % {
        "share": _share(numbers),
        "city": values.tenths(numbers["city_high"], numbers["city_answers"]),
        "response": values.tenths(numbers["answers"], numbers["invited"]),
    }  # fmt: skip


def _share(numbers: Numbers) -> str:
    return str(values.tenths(numbers["high"], numbers["answers"]))


def _survey_figures(numbers: Numbers) -> list[Figure]:
    return [
        (_("4—5 分（%）"), _share(numbers)),
        (_("全市 4—5 分（%）"), str(values.tenths(numbers["city_high"], numbers["city_answers"]))),
        _limit_figure(numbers),
    ]


def _survey_thresholds(policy: Policy) -> list[Figure]:
    least = [(_("回收率（%）"), f"≥ {RESPONSE_PERCENT}"), (_("答卷"), f"≥ {LEAST_ANSWERS}")]
    return [*_limit_thresholds(policy), *least]


RULES: Final = (
    Rule(
        RuleCode.COMPLAINTS, ("S32", "S46"),
        gettext_lazy("投诉明显多于同等规模的学校时，先看看发生了什么。"),
        gettext_lazy(
            "投诉人数（同一人的多件只算一次）> 按全市每千人投诉和本校参加人数算出的外控制限"
            "（泊松分布；界限取自学期开始时本校适用的政策档案，没有档案时为 3.09），并且至少 3 人。"
        ),
        gettext_lazy("回到控制限以内后自动了结。"),
        "/complaints/", complaint_burst, _say_complaints, _complaint_figures, _limit_thresholds,
    ),
    Rule(
        RuleCode.SURVEY, ("S42",),
        gettext_lazy("评价好得异常时，核实是否由家长和学生自己填写。"),
        gettext_lazy(
            "4—5 分占比 > 全市占比的外控制限（二项分布；界限取自学期开始时本校适用的政策档案，没有档案时为 3.09），"
            "并且回收率不低于 98%，答卷不少于 30 份。"
        ),
        gettext_lazy("数字回到控制限以内后自动了结；否则由监管人员核实后了结。"),
        "/satisfaction/", survey_too_good, _say_survey, _survey_figures, _survey_thresholds,
    ),
)  # fmt: skip
