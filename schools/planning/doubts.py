"""What no rule decides about a plan, and a person is asked: subjects in a title, hours without a limit, names (S9, S46).

The rules refuse what the city's text forbids by name (words.py, rules.py). The rest is a question: somebody else than who
wrote it answers before the committee votes, and question and answer go to the bureau with the filing.
"""

from collections.abc import Iterable, Sequence
from datetime import time
from typing import Final

from django.utils.translation import gettext_lazy as _

from afterbell.kernel import signs
from afterbell.kernel.errors import Refused
from schools.people import named, word_queries
from schools.people.models import WordKind
from schools.people.word_queries import Asked
from schools.people.words import Doubt
from schools.planning import queries, rules
from schools.planning.models import Activity, Plan
from schools.planning.rules import Span, weekday_name
from tenants.models import School
from tenants.policies.documents import Policy, Times

SUBJECTS: Final = (
    "语文", "数学", "英语", "物理", "化学", "生物课", "地理课", "历史课", "政治", "道法", "科学课", "外语", "日语",
    "法语", "德语", "俄语", "口语", "听力", "单词", "词汇", "音标", "拼音", "识字", "语法", "作文", "写作",
    "阅读理解", "文言文", "古诗文", "口算", "心算", "速算", "计算", "算术", "几何", "代数", "函数", "方程", "应用题",
    "数理", "思维", "逻辑", "竞赛", "杯赛", "考级", "考试", "测试", "期末", "复习", "预习", "提高", "拔高", "拓优",
    "培尖", "领先", "衔接", "同步", "强化", "精讲", "讲题", "错题", "试卷", "真题", "名师", "一对一", "小班",
    "学而思", "新东方", "ket", "pet", "english", "math", "phonics",
)  # fmt: skip
"""Words of school subjects and of teaching them: English songs are a club, English grammar is none; a person says which."""
HARMLESS: Final = ("手语", "小班化值守")


EARLIEST_START: Final = time(15, 0)
LATEST_END: Final = time(18, 30)
"""Where the text in force says "after afternoon lessons" and names no hour (Hubei 2016, national notice of 2023-12: early
arrival, lunch, nap and evening care are no after-school service). Lessons end and work ends between these wherever a text
names hours (Jiangsu 2021); what lies outside is asked about."""


class WordsAsked(Refused):
    """What no rule decides, a person answers before anybody votes on it."""

    code = "plan.words_asked"
    message = _("方案里有要核对的内容：%(what)s。请由提交人以外的另一位有权的人先核对，写明理由。")


class WordsRefused(Refused):
    """Somebody has said that it can't stand."""

    code = "plan.words_refused"
    message = _("方案里有核对后不能使用的内容：%(what)s（%(reason)s）。请先改正。")


def of_activity(span: Span, title: str, *, plan: Plan, policy: Policy, school: School) -> list[Doubt]:
    """What is asked about one activity."""
    return [*_of_rules(span, title, plan, policy, school), *named.doubts([title])]


def _of_rules(span: Span, title: str, plan: Plan, policy: Policy, school: School) -> list[Doubt]:
    found = signs.found(title, SUBJECTS, harmless=HARMLESS)
    doubts = [Doubt(WordKind.TEACHING, "、".join(found)[:60], title, plan.pk)] if found else []
    kinds = (rules.times_of(policy, school, grade) for grade in span.grades)
    if any(_is_odd(span, times) for times in dict.fromkeys(kinds)):
        doubts.append(Doubt(WordKind.HOURS, _clock(span), hours_of(span), plan.pk))
    return doubts


def hours_of(span: Span) -> str:
    """When an activity is and for whom, as it is asked about."""
    return f"星期{weekday_name(span.weekday)} {_clock(span)} {span.grade_from}—{span.grade_to}年级"


def _clock(span: Span) -> str:
    return f"{span.starts:%H:%M}—{span.ends:%H:%M}"


def of_plan(plan: Plan, *, policy: Policy, school: School, activities: Sequence[Activity]) -> list[Doubt]:
    """Of all that the plan says in the school's own words: its name, activities, rooms, cost lines."""
    doubts: list[Doubt] = []
    for row, span in zip(activities, queries.spans(activities), strict=True):
        doubts += _of_rules(span, row.title, plan, policy, school)
    return [*doubts, *named.doubts(_own_words(plan, activities))]


def asked(plan: Plan, *, policy: Policy, school: School) -> list[Asked]:
    """Each doubt about the plan as it stands, with its question and its answer."""
    found = of_plan(plan, policy=policy, school=school, activities=queries.activities(plan))
    return word_queries.asked(found)


def refuse_unsettled(found: Iterable[Asked]) -> None:
    """Before anybody votes on it. Raises WordsRefused, WordsAsked."""
    found = list(found)
    refuse_refused(found)
    for each in found:
        if not each.is_settled:
            raise WordsAsked(what=f"{each.doubt.text}（{each.what}）")


def refuse_refused(found: Iterable[Asked]) -> None:
    """Somebody may have said no after the vote. Raises WordsRefused."""
    for each in found:
        if each.question is not None and each.question.is_fine is False:
            raise WordsRefused(what=each.doubt.text, reason=each.question.reason)


def _own_words(plan: Plan, activities: Iterable[Activity]) -> list[str]:
    used = {row.room_id for row in activities}
    rooms = [room.name for room in queries.rooms() if room.id in used]
    titles = dict.fromkeys(row.title for row in activities)
    return [plan.name, *titles, *rooms, *(line.title for line in queries.cost_lines(plan))]


def _is_odd(span: Span, times: Times) -> bool:
    """Early or late for a band that names no hour itself; a band that does is a rule."""
    early = all(band.earliest_start is None for band in times.bands) and span.starts < EARLIEST_START
    late = all(band.latest_end is None for band in times.bands) and span.ends > LATEST_END
    return early or late
