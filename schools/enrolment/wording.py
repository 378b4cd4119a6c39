"""The application form and the agreement as text: what the guardian reads, signs and keeps.

Both are kept and hashed, so they are Chinese whatever language the browser shows, and the same choice always gives the
same text. The form ends with the agreement's hash: one signature covers both.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.utils import translation

from afterbell.accounts import phones
from afterbell.kernel.money import format_fen
from schools.enrolment.models import Placing
from schools.enrolment.places import digest
from schools.people.models import Guardian, Pupil
from schools.planning.models import Activity, FeeUnit, Plan
from schools.planning.queries import fee_in_words, rooms
from schools.planning.rules import weekday_name
from tenants.models import Kind, School
from tenants.policies import queries as policies
from tenants.policies.documents import Authority, MonthCount, Policy, RefundKind, RefundRule, stage_of

CHINESE = "zh-hans"
COLLECTORS = {"committee": "家长委员会", "school": "学校专户"}
UNKNOWN_ROOM = "未登记场地"
PLACINGS = {
    Placing.ALL: "所选活动都有名额才参加",
    Placing.EACH: "各项活动分别安排，有名额的先参加，其余候补",
}
"""As the form says it; the same words in every language's browser."""
LATER_PLACE = "一期费用开具后才有的名额，该期自有名额之日起的课时补收一次。"
"""As the books charge it: by the next run of the period (finance.not_charged_after)."""
WAYS_HOME = {False: "由登记的接送人接走", True: "由孩子自行离校（家长已知晓并同意）"}


@dataclass(frozen=True)
class Wanted:
    """What a guardian asks for: all that the two texts depend on."""

    school: School
    plan: Plan
    pupil: Pupil
    guardian: Guardian
    activities: tuple[Activity, ...]
    goes_home_alone: bool
    placing: Placing = Placing.ALL


@dataclass(frozen=True)
class Texts:
    """The form and the agreement of one application."""

    form: str
    agreement: str

    @property
    def sha256(self) -> str:
        """Of the form, which names the agreement's hash: stands for both."""
        return digest(self.form)


def texts(wanted: Wanted) -> Texts:
    """Raises NoPolicyInForce."""
    policy = policy_of(wanted)
    with translation.override(CHINESE):
        lines = activity_lines(wanted.activities)
        agreement = _agreement(wanted, policy, lines)
        return Texts(form=_form(wanted, lines, agreement), agreement=agreement)


def policy_of(wanted: Wanted) -> Policy:
    """The rules of the plan's first day. Raises NoPolicyInForce."""
    return policies.for_school(wanted.school, wanted.plan.first_date).policy


def activity_lines(activities: Iterable[Activity]) -> list[str]:
    """星期一 16:00—17:20 作业辅导，教学楼3室. One query for the rooms."""
    names: dict[UUID, str] = {room.id: room.name for room in rooms()}
    ordered = sorted(activities, key=lambda row: (row.weekday, row.starts, row.title))
    return [f"{when(row)} {row.title}，{names.get(row.room_id, UNKNOWN_ROOM)}" for row in ordered]


def when(activity: Activity) -> str:
    """星期一 16:00—17:20."""
    return f"星期{weekday_name(activity.weekday)} {activity.starts:%H:%M}—{activity.ends:%H:%M}"


def fee(wanted: Wanted, policy: Policy) -> str:
    """What a child of this grade pays, and at most."""
    return fee_in_words(wanted.plan, policy, wanted.school, wanted.pupil.school_class.grade)


def summary(wanted: Wanted) -> list[str]:
    """The agreement in a few sentences, for the phone; the whole text is one tap away."""
    plan = wanted.plan
    policy = policy_of(wanted)
    with translation.override(CHINESE):
        return [
            "参加完全自愿，不参加不影响孩子在校的任何权利。",
            f"服务到 {plan.last_date:%Y-%m-%d} 为止，按校历上课日进行。",
            f"收费：{fee(wanted, policy)}，由{COLLECTORS[plan.collector]}收取；除此之外任何人不得另行收费。",
            refund_words(_refund(policy, wanted), wanted),
            "您可以随时书面退出，从第二天起生效。",
            _begins(wanted.placing),
            "名额和候补都按提交申请的时间，先来先得，与审核先后无关。",
        ]


def _begins(placing: Placing) -> str:
    if placing == Placing.EACH:
        return (
            "学校和家长委员会都审核同意、并且至少一项活动有名额，协议就生效：有名额的先参加，其余候补，"
            "轮到时第二天起参加；候补的部分可以随时撤回。"
        )
    return "学校和家长委员会都审核同意、并且所选活动都有名额，协议才生效。"


def refund_words(rule: RefundRule, wanted: Wanted) -> str:
    """退费 by the rule of the policy, in a sentence."""
    if rule.kind == RefundKind.PER_DAY:
        grade = wanted.pupil.school_class.grade
        fen = rule.per_day(stage_of(wanted.school.stage, grade), grade)
        whole = "整月未参加的全额退还" if rule.whole_month_returns_fee else ""
        by_day = f"缺课每天退 {format_fen(fen)}" if fen else "不按天退"
        return f"退费：{'，'.join(part for part in (by_day, whole) if part)}。"
    if rule.kind == RefundKind.CONTINUOUS_MONTHS:
        return _months_words(rule)
    words = {
        RefundKind.MONTH_DIVIDED: f"退费：按缺课天数，每天退月费的 {rule.divisor} 分之一。",
        RefundKind.HALF_MONTH_THRESHOLD: "退费：缺课超过当月应到天数一半的，退还一半。",
        RefundKind.REMAINING_DAYS: "退费：书面退出后，按剩余上课天数退还。",
        RefundKind.CLASS_HOURS: "退费：按剩余课时退还。",
        RefundKind.NONE: "退费：缺课不退费；学期结束时的结余按规定退还。",
    }
    return words[rule.kind]


def _months_words(rule: RefundRule) -> str:
    """As the rule counts a month."""
    if rule.month == MonthCount.CALENDAR:
        whole, half = "自然月内全部服务日缺课的，退还当月费用", "连续缺课达到当月服务日一半的，退还一半"
    else:
        whole, half = "连续缺课满一个月的，退还当月费用", "满半个月不足一个月的，退还一半"
    return f"退费：{whole}；{half}。" if rule.half_month_returns_half else f"退费：{whole}；其余不退。"


def _refund(policy: Policy, wanted: Wanted) -> RefundRule:
    school, grade = wanted.school, wanted.pupil.school_class.grade
    return policy.refund_for(stage_of(school.stage, grade), Kind(school.kind), grade)


def _form(wanted: Wanted, lines: list[str], agreement: str) -> str:
    pupil, guardian = wanted.pupil, wanted.guardian
    return "\n".join(
        [
            "学生在校托管服务申请表",
            f"学校：{wanted.school.name}",
            f"学期：{wanted.plan.term_code}（{wanted.plan.name}）",
            f"学生：{pupil.name}，{pupil.school_class.name}，学籍号 {pupil.number}",
            f"家长：{guardian.name}，手机 {phones.shown(guardian.phone)}",
            "申请参加：",
            *(f"{place}. {line}" for place, line in enumerate(lines, 1)),
            f"名额安排：{PLACINGS[wanted.placing]}",
            f"放学方式：{WAYS_HOME[wanted.goes_home_alone]}",
            "本人自愿为孩子申请参加课后服务，已阅读并同意所附《学生在校托管服务协议》。",
            f"所附协议校验码（SHA-256）：{digest(agreement)}",
        ]
    )


def _agreement(wanted: Wanted, policy: Policy, lines: list[str]) -> str:
    plan, school = wanted.plan, wanted.school
    return "\n".join(
        [
            "学生在校托管服务协议",
            f"甲方（家长）：{wanted.guardian.name}",
            f"乙方（学校）：{school.name}",
            f"学生：{wanted.pupil.name}，{wanted.pupil.school_class.name}",
            "一、自愿。甲方自愿申请。任何学校和个人不得以任何方式强制或变相强制学生参加。",
            "二、服务内容。按家长委员会通过、已报教育局备案并公示的方案，在校内提供下列服务，不进行学科教学：",
            *(f"　　{line}" for line in lines),
            *_one_by_one(wanted),
            f"三、期限。自双方签字且有名额之日起，至 {plan.last_date:%Y-%m-%d} 止，按校历上课日进行。",
            f"四、收费。标准为{fee(wanted, policy)}，由{COLLECTORS[plan.collector]}收取，按月向家长公布收支。"
            "场地、水、电免费。除公示的项目外，任何人不得向甲方收取任何费用。",
            f"五、退费。{refund_words(_refund(policy, wanted), wanted).removeprefix('退费：')}"
            "因学校原因取消的服务不收费。学期结束前结算，结余及时退还。",
            "六、退出。甲方可以随时书面退出，自次日起生效，名额交给候补的家庭。",
            f"七、接送。放学方式：{WAYS_HOME[wanted.goes_home_alone]}。乙方只把孩子交给甲方登记的接送人。"
            "遇突发情况，乙方立即救助并通知甲方。",
            f"八、生效。甲方签字，学校和家长委员会都审核同意，并且{_places(wanted.placing)}有名额时，本协议生效。"
            "名额和候补都按提交申请的先后，与审核先后无关；顺序不因任何原因改变。",
            f"九、监督。{_said(policy.education)}；{_said(policy.price)}。",
        ]
    )


def _places(placing: Placing) -> str:
    return "上列至少一项活动" if placing == Placing.EACH else "上列活动都"


def _one_by_one(wanted: Wanted) -> list[str]:
    """What is wanted is signed; what is given, and when, is told and on record."""
    if wanted.placing != Placing.EACH:
        return []
    fees = {
        FeeUnit.MONTH: "按月收费的标准不因有名额的活动多少而变。",
        FeeUnit.TERM: "按学期收费的标准不因有名额的活动多少而变。",
        FeeUnit.CLASS_HOUR: f"课时只计有名额的活动；{LATER_PLACE}",
    }
    return [
        "　　各项活动分别安排名额：有名额的先参加；其余候补，轮到时自第二天起参加，乙方告知甲方。"
        f"甲方可以随时撤回候补的部分。候补的活动不收费；{fees[FeeUnit(wanted.plan.fee_unit)]}",
    ]


def _said(body: Authority) -> str:
    return f"{body.name} {body.phone}" if body.phone else body.name
