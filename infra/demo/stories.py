"""The demo's planted stories: which school, which term, what is wrong there, and where the city sees it.

Everything else in the demo is in order. A story that an action would refuse is written below the action by the bulk
load, as rows that every constraint of the database allows; infra/handbook/demo.md tells them to people.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

PAST, RUNNING = "2025-2026-2", "2026-2027-1"
EVERY: Final = ""
"""A story of each term."""


class Plot(StrEnum):
    """What goes wrong."""

    FORCED = "forced"
    OVER_CAP = "over_cap"
    LATE_STATEMENT = "late_statement"
    MISSING_STATEMENT = "missing_statement"
    SURPLUS_KEPT = "surplus_kept"
    TOO_CHEAP = "too_cheap"
    COMPLAINTS = "complaints"
    SURVEY = "survey"
    UNCHECKED = "unchecked"


@dataclass(frozen=True)
class Story:
    """One plot in one school and term; `shown_by` names the page or alert of the city that finds it."""

    plot: Plot
    school: str
    term: str
    what: str
    shown_by: str


STORIES: Final = (
    Story(
        Plot.FORCED,
        "3301040024",
        RUNNING,
        "一个班全员参加：同意书在 8 分钟内由同一台设备提交，征询中没有一个“不需要”；"
        "有家长向教育局投诉强制（要求保密，学校看不到）",
        "红线“强制参加”、投诉办理、参与情况、学校页",
    ),
    Story(
        Plot.OVER_CAP,
        "3301020021",
        RUNNING,
        "收费标准每课时 4.20 元，封顶 3.50 元",
        "红线“超过封顶”、收费与成本、费用汇总表",
    ),
    Story(
        Plot.LATE_STATEMENT,
        "3301020009",
        RUNNING,
        "2026-09 收支公示晚了九天（应于 10 月 10 日前）",
        "红线“公示逾期或缺失”、收费与成本",
    ),
    Story(
        Plot.MISSING_STATEMENT,
        "3301040010",
        RUNNING,
        "2026-10 的收支到期没有月结公示",
        "红线“公示逾期或缺失”、收费与成本",
    ),
    Story(
        Plot.SURPLUS_KEPT,
        "3301020013",
        PAST,
        "上学期没有结算，结余没有退给家长",
        "红线“结余未按时退还”、收费与成本",
    ),
    Story(
        Plot.TOO_CHEAP,
        "3301040014",
        EVERY,
        "每生每小时人员成本只有同类学校的一半左右：一名教师看护近五十名学生",
        "同类比较、学校页、费用汇总表",
    ),
    Story(
        Plot.COMPLAINTS,
        "3301020017",
        RUNNING,
        "九月底以来投诉集中，远超同等规模学校的正常波动；其中一件违规授课由教育局转学校核实",
        "投诉、投诉办理、成本监审候选名单",
    ),
    Story(
        Plot.SURVEY,
        "3301040018",
        PAST,
        "测评全部 5 分、回收率 100 %，其他学校 55—85 %",
        "满意度（分数旁的回收率）",
    ),
    Story(
        Plot.UNCHECKED,
        "3301220016",
        RUNNING,
        "一名服务教师的违法犯罪记录查询 10 月 15 日到期，之后仍在值班",
        "红线“未核查人员上岗”、人员",
    ),
)


def told_in(school: str, term: str) -> frozenset[Plot]:
    """The plots of one school in one term; usually none."""
    return frozenset(
        story.plot for story in STORIES if story.school == school and story.term in (term, EVERY)
    )
