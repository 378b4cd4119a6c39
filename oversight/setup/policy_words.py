"""A profile in words: what it says, room by room, as people read it. Pure."""

from collections.abc import Iterable
from typing import Final, NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from afterbell.kernel.money import format_fen
from tenants.models import Kind, Stage
from tenants.policies.documents import (
    Band,
    Collector,
    Per,
    Policy,
    RefundKind,
    RefundRule,
    Scope,
    SettlementKey,
    TeachingStage,
    Times,
)

COLLECTORS: Final[dict[Collector, str | Promise]] = {
    Collector.COMMITTEE: gettext_lazy("家长委员会收取"),
    Collector.SCHOOL: gettext_lazy("学校专户收取，家长委员会同意并监督"),
}
PER: Final[dict[Per, str | Promise]] = {
    Per.MONTH: gettext_lazy("每月"), Per.TERM: gettext_lazy("每学期"), Per.CLASS_HOUR: gettext_lazy("每课时"),
}  # fmt: skip
REFUNDS: Final[dict[RefundKind, str | Promise]] = {
    RefundKind.PER_DAY: gettext_lazy("缺一天退一天，按固定金额"),
    RefundKind.MONTH_DIVIDED: gettext_lazy("缺一天退月费的一份"),
    RefundKind.HALF_MONTH_THRESHOLD: gettext_lazy("缺课超过当月一半退一半，整月缺课退全月"),
    RefundKind.CONTINUOUS_MONTHS: gettext_lazy("连续缺课满月才退"),
    RefundKind.REMAINING_DAYS: gettext_lazy("退出后按剩余上学日退"),
    RefundKind.CLASS_HOURS: gettext_lazy("按未上的课时退"),
    RefundKind.NONE: gettext_lazy("缺课不退，期末结算多退"),
}
KEYS: Final[dict[SettlementKey, str | Promise]] = {
    SettlementKey.PAID: gettext_lazy("按各户实缴金额"),
    SettlementKey.ATTENDED_MINUTES: gettext_lazy("按各户到场时间"),
}
CHECKS: Final[dict[str, str | Promise]] = {
    "identity": gettext_lazy("身份"), "qualification": gettext_lazy("资格"), "health": gettext_lazy("健康"),
    "criminal_record": gettext_lazy("违法犯罪记录"),
}  # fmt: skip
NOT_SERVICE: Final[dict[str, str | Promise]] = {
    "early_arrival": gettext_lazy("早到校"), "lunch": gettext_lazy("午餐"), "nap": gettext_lazy("午休"),
    "evening_care": gettext_lazy("晚间看护"),
}  # fmt: skip


class Part(NamedTuple):
    """A heading and its lines."""

    heading: str
    lines: list[str]


def parts(policy: Policy) -> list[Part]:
    """What a headmaster and a parent want to know first stands first."""
    return [
        Part(_("谁收费"), [str(COLLECTORS[policy.collector])]),
        Part(_("时间"), [line for times in policy.times for line in _times(times)]),
        Part(_("收费上限"), _caps(policy)),
        Part(_("计费和收取"), _billing(policy)),
        Part(_("退费"), _refunds(policy)),
        Part(_("减免"), _waivers(policy)),
        Part(_("期末结算"), [_("结余的分配：%(key)s") % {"key": KEYS[policy.settlement_key]}]),
        Part(_("人员核查"), [_check(check.code, check.validity_months) for check in policy.checks]),
        Part(_("期限"), _deadlines(policy)),
        Part(_("主管部门"), [_authority(each.name, each.phone) for each in (policy.education, policy.price)]),
    ]


def _times(times: Times) -> Iterable[str]:
    limits = [
        (_("每周 %(count)s 天"), times.days_per_week),
        (_("每天至少 %(count)s 分钟"), times.least_daily_minutes),
        (_("每天至多 %(count)s 分钟"), times.most_daily_minutes),
    ]
    said = [words % {"count": count} for words, count in limits if count is not None]
    yield _with_scope(times.scope, "，".join(said) or _("天数和时长不作限制"))
    for band in times.bands:
        yield _with_scope(times.scope, _band(band))


def _band(band: Band) -> str:
    limits = [
        (_("最早 %(time)s 开始"), band.earliest_start),
        (_("最早 %(time)s 结束"), band.earliest_end),
        (_("最晚 %(time)s 结束"), band.latest_end),
    ]
    said = [words % {"time": moment.strftime("%H:%M")} for words, moment in limits if moment is not None]
    return f"{band.name}：{'，'.join(said) or _('起止时刻不作限制')}"


def _caps(policy: Policy) -> list[str]:
    lines = []
    for cap in policy.caps:
        words = _("%(per)s %(fee)s（标准）") if cap.is_standard else _("%(per)s不超过 %(fee)s")
        lines.append(_with_scope(cap.scope, words % {"per": PER[cap.per], "fee": format_fen(cap.fen)}))
    return lines or [_("没有规定上限")]


def _billing(policy: Policy) -> list[str]:
    lines = [
        _("计费方式：%(units)s") % {"units": _listed(PER[unit] for unit in Per if unit in policy.units)},
        _("收取周期：%(cycles)s")
        % {"cycles": _listed(PER[cycle] for cycle in Per if cycle in policy.cycles)},
        _("一课时 %(count)s 分钟") % {"count": policy.class_hour_minutes},
    ]
    if policy.not_service:
        named = _listed(NOT_SERVICE.get(code, code) for code in sorted(policy.not_service))
        lines.append(_("不计为课后服务：%(names)s") % {"names": named})
    return lines


def _refunds(policy: Policy) -> list[str]:
    exceptions = [_with_scope(each.scope, _refund(each.rule)) for each in policy.refund_exceptions]
    return [_refund(policy.refund), *exceptions]


def _refund(rule: RefundRule) -> str:
    amounts = "，".join(_with_scope(each.scope, format_fen(each.fen)) for each in rule.amounts)
    return f"{REFUNDS[rule.kind]}{'：' if amounts else ''}{amounts}"


def _waivers(policy: Policy) -> list[str]:
    lines = []
    for waiver in policy.waivers:
        share = waiver.reduction_percent
        lines.append(f"{waiver.name}：{_('减免 %(share)s%%') % {'share': share}}" if share else waiver.name)
    return lines or [_("没有规定")]


def _check(code: str, months: int | None) -> str:
    again = _("每 %(count)s 个月复查") % {"count": months} if months else _("查一次")
    return f"{CHECKS.get(code, code)}：{again}"


def _deadlines(policy: Policy) -> list[str]:
    days = policy.deadlines
    return [
        _("月度账目：次月 %(count)s 天内公布") % {"count": days.statement_days},
        _settled_by(days.settlement_days_before_term_end),
        _("退还结余：结算后 %(count)s 天内") % {"count": days.refund_days},
        _("答复投诉：%(count)s 天内") % {"count": days.complaint_answer_days},
        _("答复舆情：%(count)s 天内") % {"count": days.opinion_answer_days},
        _("受理报备：%(count)s 天内") % {"count": days.filing_answer_days},
    ]


def _settled_by(days: int) -> str:
    if not days:
        return _("期末结算：学期的最后一天")
    return _("期末结算：学期结束前 %(count)s 天") % {"count": days}


def _authority(name: str, phone: str | None) -> str:
    return f"{name} {phone}" if phone else _("%(name)s（没有填写电话）") % {"name": name}


def _with_scope(scope: Scope, words: str) -> str:
    """Whom it is for, where it is not for everybody."""
    whom = []
    if len(scope.stages) < len(TeachingStage):
        whom += [str(Stage(stage.value).label) for stage in TeachingStage if stage in scope.stages]
    if len(scope.kinds) < len(Kind):
        whom += [str(kind.label) for kind in Kind if kind in scope.kinds]
    if scope.grades is not None:
        whom += [_("%(grade)s 年级") % {"grade": grade} for grade in sorted(scope.grades)]
    return f"{_listed(whom)}：{words}" if whom else words


def _listed(names: Iterable[object]) -> str:
    return "、".join(str(name) for name in names)
