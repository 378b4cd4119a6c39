"""The supplement as text: what the guardian reads, signs and keeps beside the agreement.

Chinese whatever language the browser shows, as all that is signed; it names the agreement by number and hash.
"""

from dataclasses import dataclass
from typing import Final

from django.utils import translation

from afterbell.accounts import phones
from schools.enrolment.models import Agreement
from schools.enrolment.places import digest
from schools.enrolment.wording import CHINESE, COLLECTORS, LATER_PLACE, activity_lines
from schools.people.models import Guardian
from schools.planning.models import Activity, FeeUnit
from schools.planning.queries import fee_in_words
from tenants.models import School
from tenants.policies import queries as policies

WITHOUT_MORE: Final = {
    FeeUnit.MONTH: "按月收费的标准不因增加活动而变。",
    FeeUnit.TERM: "按学期收费的标准不因增加活动而变。",
    FeeUnit.CLASS_HOUR: f"增加的活动从有名额之日起计课时；{LATER_PLACE}",
}
TURN: Final = "名额和候补按提交补充申请的时间，与其他家庭的申请一起排，先来先得，与审核先后无关。"


@dataclass(frozen=True)
class Further:
    """One more activity under an agreement: all that the text depends on. The agreement carries its child and plan."""

    school: School
    agreement: Agreement
    guardian: Guardian
    activity: Activity


@dataclass(frozen=True)
class SupplementText:
    """What is signed."""

    text: str

    @property
    def sha256(self) -> str:
        return digest(self.text)


def text(further: Further) -> SupplementText:
    """Raises NoPolicyInForce."""
    agreement, guardian = further.agreement, further.guardian
    plan, pupil = agreement.plan, agreement.pupil
    with translation.override(CHINESE):
        (line,) = activity_lines([further.activity])
        return SupplementText(
            "\n".join(
                [
                    "课后服务补充申请表",
                    f"学校：{further.school.name}",
                    f"学期：{plan.term_code}（{plan.name}）",
                    f"学生：{pupil.name}，{pupil.school_class.name}，学籍号 {pupil.number}",
                    f"家长：{guardian.name}，手机 {phones.shown(guardian.phone)}",
                    f"所补充的协议：{agreement.number}，校验码（SHA-256）：{agreement.text_sha256}",
                    "申请增加的活动：",
                    f"　　{line}",
                    "一、补充。本申请是上述协议的补充。协议原有的约定不变，对增加的活动同样适用。",
                    "二、名额。学校和家长委员会都审核同意，并且有名额时，孩子参加增加的活动；没有名额的候补，轮到时自第二天起参加。"
                    f"{TURN}",
                    f"三、收费。标准为{_fee(further)}，由{COLLECTORS[plan.collector]}收取，与协议相同。"
                    f"候补期间不收费；{WITHOUT_MORE[FeeUnit(plan.fee_unit)]}",
                    "四、撤回和退出。有名额以前可以随时撤回本申请，协议不变。有名额以后，增加的活动属于协议，随协议退出。",
                    f"五、期限。自有名额之日起，至 {agreement.until_date:%Y-%m-%d} 止；协议提前终止的，同时终止。",
                    "本人自愿为孩子增加上述活动。不增加不影响孩子在校的任何权利，也不影响已签的协议。",
                ]
            )
        )


def summary(further: Further) -> list[str]:
    """In a few sentences, for the phone; the whole text is one tap away."""
    plan = further.agreement.plan
    with translation.override(CHINESE):
        return [
            "增加活动完全自愿，不增加不影响已签的协议。",
            f"协议 {further.agreement.number} 不变，本申请是它的补充。",
            "学校和家长委员会都审核同意并且有名额时参加；没有名额的候补。",
            TURN,
            f"收费：{_fee(further)}。候补期间不收费；{WITHOUT_MORE[FeeUnit(plan.fee_unit)]}",
            "有名额以前可以随时撤回；有名额以后属于协议，不能单独退，随协议退出。",
        ]


def _fee(further: Further) -> str:
    plan = further.agreement.plan
    policy = policies.for_school(further.school, plan.first_date).policy
    return fee_in_words(plan, policy, further.school, further.agreement.pupil.school_class.grade)
