"""The rule on forcing, class by class: several weak signs, each with its numbers; a reason to look, no verdict (S1, S25)."""

from collections.abc import Iterator
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from oversight.redlines.evidence import ClassLine, Evidence
from oversight.redlines.findings import HIDDEN, Figure, Finding, Numbers, Rule, count
from oversight.redlines.states import Level, RuleCode
from tenants.policies.documents import Coercion, Policy

TAKE_UP, BURST, ONE_DEVICE, NO_REFUSAL, BEFORE_CLOSE = (
    "take_up",
    "burst",
    "one_device",
    "no_refusal",
    "before_close",
)
FORCED: Final = "forced"
LEAST_CONSENTS: Final = 10
"""Of fewer consents, four in five are two or three families that happened to sign at once."""
SIGNS_FOR_RED: Final = 2
SCHOOL: Final = "complaints"
"""The cause of complaints of forcing in a school none of whose classes shows a sign."""


def coercion(evidence: Evidence) -> Iterator[Finding]:
    """Red: two signs or more of a class, or one beside a complaint of kind "forced"; one sign alone is a notice.

    Complaints are the school's: where no class shows a sign they are one notice of their own.
    """
    forced = evidence.term.complaints_forced or 0
    found = False
    for line in evidence.classes:
        signs = signs_of(line, evidence.coercion) if evidence.coercion else ()
        if signs and evidence.coercion:
            found = True
            all_signs = (*signs, FORCED) if forced else signs
            level = Level.RED if len(all_signs) >= SIGNS_FOR_RED else Level.NOTICE
            numbers = _numbers(line, evidence.coercion, forced)
            yield Finding(RuleCode.COERCION, level, line.class_id, len(all_signs), numbers, all_signs)
    if forced and not found:
        numbers = {"forced": forced, "complaints": evidence.term.complaints}
        yield Finding(RuleCode.COERCION, Level.NOTICE, SCHOOL, forced, numbers, (FORCED,))


def signs_of(line: ClassLine, limits: Coercion) -> tuple[str, ...]:
    """Which signs a class shows; all thresholds count from the threshold on. Whole numbers, nothing is rounded.

    Worked: 49 of 50 children are exactly 98 %: a sign; 48 are 96 %: none. 8 of 10 consents within 10 minutes: a sign.
    """
    enough = line.consents >= LEAST_CONSENTS
    shown = {
        TAKE_UP: line.pupils >= limits.take_up_least_pupils
        and line.participants * 100 >= limits.take_up_percent * line.pupils,
        BURST: enough and line.in_burst * 100 >= limits.burst_percent * line.consents,
        ONE_DEVICE: enough and line.one_device * 100 >= limits.one_device_percent * line.consents,
        NO_REFUSAL: line.answers >= limits.no_refusal_least_answers and line.refusals == 0,
        BEFORE_CLOSE: line.before_close > 0,
    }
    return tuple(sign for sign, is_shown in shown.items() if is_shown)


def _numbers(line: ClassLine, limits: Coercion, forced: int) -> dict[str, object]:
    return {
        "class_name": line.name, "grade": line.grade, "pupils": line.pupils, "participants": line.participants,
        "answers": line.answers, "refusals": line.refusals, "consents": line.consents, "in_burst": line.in_burst,
        "one_device": line.one_device, "before_close": line.before_close, "forced": forced,
        "take_up_percent": limits.take_up_percent, "burst_minutes": limits.burst_minutes,
    }  # fmt: skip


def _take_up(numbers: Numbers) -> str:
    """All, or that the threshold is reached: an alert tells no number that the city's pages may have to hide."""
    away = numbers["pupils"] - numbers["participants"]
    if away <= 0:
        return _("全班 %(pupils)s 人都参加") % {"pupils": numbers["pupils"]}
    return _("参加率达到 %(percent)s%%（班级 %(pupils)s 人）") % {
        "percent": numbers["take_up_percent"], "pupils": numbers["pupils"],
    }  # fmt: skip


def _burst(numbers: Numbers) -> str:
    return _("%(share)s%% 的申请在 %(minutes)s 分钟内集中提交") % {
        "share": _share_of_consents(numbers, "in_burst"), "minutes": numbers["burst_minutes"],
    }  # fmt: skip


def _one_device(numbers: Numbers) -> str:
    return _("%(share)s%% 的申请来自同一台设备") % {"share": _share_of_consents(numbers, "one_device")}


def _no_refusal(numbers: Numbers) -> str:
    return _("意愿征询 %(answers)s 份答复中没有一份“不需要”") % numbers


def _before_close(_numbers: Numbers) -> str:
    return _("有申请早于意愿征询结束")


def _share_of_consents(numbers: Numbers, name: str) -> int:
    """In whole percent: how many consents there are would say how many take part."""
    return round(100 * int(numbers[name]) / max(1, int(numbers["consents"])))


def _share_figure(numbers: Numbers, name: str) -> str:
    """Few consents are hidden as counts are."""
    few = count(numbers[name])
    return few if few == HIDDEN else str(_share_of_consents(numbers, name))


def _forced(numbers: Numbers) -> str:
    return _("学校收到 %(forced)s 件“强制参加”的投诉") % numbers


SAYS: Final = {
    TAKE_UP: _take_up,
    BURST: _burst,
    ONE_DEVICE: _one_device,
    NO_REFUSAL: _no_refusal,
    BEFORE_CLOSE: _before_close,
    FORCED: _forced,
}


def _say(numbers: Numbers) -> str:
    signs = _("；").join(SAYS[sign](numbers) for sign in numbers["signs"])
    given = {"name": numbers.get("class_name", _("全校")), "signs": signs}
    return _("%(name)s：%(signs)s。这是查看的理由，不是结论。") % given


def _figures(numbers: Numbers) -> list[Figure]:
    if "class_name" not in numbers:
        return [
            (_("“强制参加”的投诉"), f"{numbers['forced']:,}"),
            (_("全部投诉"), f"{numbers['complaints'] or 0:,}"),
        ]
    return [
        (_("班级"), numbers["class_name"]),
        (_("班级人数"), count(numbers["pupils"])),
        *(
            [(_("参加"), count(numbers["participants"]))]
            if numbers["participants"] == numbers["pupils"]
            else []
        ),
        (_("征询答复"), count(numbers["answers"])),
        (_("其中“不需要”"), count(numbers["refusals"])),
        (_("最集中的一段时间内（%）"), _share_figure(numbers, "in_burst")),
        (_("同一台设备最多（%）"), _share_figure(numbers, "one_device")),
        (_("“强制参加”的投诉（全校）"), f"{numbers['forced']:,}"),
    ]


def _thresholds(policy: Policy) -> list[Figure]:
    limits = policy.coercion
    return [
        (_("参加率（%）"), _("%(percent)s 及以上，班级至少 %(least)s 人")
         % {"percent": limits.take_up_percent, "least": limits.take_up_least_pupils}),
        (_("集中提交（%）"), _("%(percent)s 及以上在 %(minutes)s 分钟内，申请至少 %(least)s 份")
         % {"percent": limits.burst_percent, "minutes": limits.burst_minutes, "least": LEAST_CONSENTS}),
        (_("同一台设备（%）"), _("%(percent)s 及以上，申请至少 %(least)s 份")
         % {"percent": limits.one_device_percent, "least": LEAST_CONSENTS}),
        (_("没有“不需要”"), _("答复至少 %(least)s 份") % {"least": limits.no_refusal_least_answers}),
    ]  # fmt: skip


RULES: Final = (
    Rule(
        RuleCode.COERCION, ("S1", "S25"),
        gettext_lazy("参加要由家长自愿，不得强制或变相强制。"),
        gettext_lazy(
            "每个班看五种迹象：参加率过高、申请集中提交、多份申请来自同一台设备、征询没有一份“不需要”、申请早于征询结束；"
            "另看学校收到的“强制参加”投诉。两种及以上为红线，只有一种为提醒。"
        ),
        gettext_lazy("迹象消失后自动了结；学期结束后保留最后的数字，由监管人员查看后了结。"),
        "/participation/", coercion, _say, _figures, _thresholds,
    ),
)  # fmt: skip
