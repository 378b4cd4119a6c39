"""The head of a school's page: who it is, what it planned and charges, how old its figures are. Pure."""

from datetime import datetime
from typing import NamedTuple

from django.utils import timezone
from django.utils.translation import gettext as _

from afterbell.kernel.dates import local_date
from afterbell.pages.sheets import Cell, Column, Kind, shown
from dashboards.frame import words
from dashboards.frame.look import Look
from dashboards.schoolpage import words as said
from dashboards.schoolpage.facts import Facts
from oversight.indicators.caps import Breach, breach
from schools.planning.models import FeeUnit
from schools.planning.states import PlanState
from tenants.models import Kind as Area
from tenants.models import Stage


class Fact(NamedTuple):
    """A line of the head; `warn` for what deserves a look."""

    label: str
    value: str
    state: str = ""


def lines(look: Look, facts: Facts) -> list[Fact]:
    """In the order in which somebody who does not know the school asks."""
    return [
        Fact(_("标识码"), facts.code),
        Fact(_("区县"), facts.district_name),
        Fact(_("学段"), str(Stage(facts.stage).label)),
        Fact(_("城乡"), str(Area(facts.kind).label)),
        Fact(_("在册学生"), _people(words.cell(facts.pupils_on_roll))),
        Fact(_("参加学生"), _people(facts.participants)),
        Fact(_("服务方案"), _plan(facts)),
        _fee(facts),
        _collector(facts),
        _settlement(facts, look),
        Fact(_("最近一次服务"), said.day(facts.last_held_date)),
        _age(facts, look),
    ]


def silence(look: Look, code: str) -> Fact | None:
    """Whether the city hears of the school; None while all is well. For the running term only."""
    for lines, label, sentence in (
        (
            look.age.failed,
            _("汇总未成功"),
            _("最近一次汇总没有成功，显示的是上一次成功时的数据（%(since)s）。"),
        ),
        (look.age.never, _("没有上报"), _("本学期还没有收到这所学校的任何数据。")),
        (
            look.age.silent,
            _("没有上报"),
            _("已公布方案，但最近三个上学日没有服务记录（最近一次：%(since)s）。"),
        ),
    ):
        for line in lines:
            if line.code == code:
                return Fact(label, sentence % {"since": said.day(line.since)}, "warn")
    return None


def lede(facts: Facts, open_red: int, open_notice: int, *, with_alerts: bool) -> str:
    """One sentence: where, and whether there is something to look at."""
    place = _("%(district)s · %(stage)s · %(kind)s") % {
        "district": facts.district_name, "stage": Stage(facts.stage).label, "kind": Area(facts.kind).label,
    }  # fmt: skip
    if not with_alerts:
        return place
    if not open_red and not open_notice:
        return _("%(place)s。没有未了结的预警。") % {"place": place}
    about = {"place": place, "red": open_red, "notice": open_notice}
    return _("%(place)s。有 %(red)s 条红线、%(notice)s 条提醒未了结。") % about


def _people(cell: Cell) -> str:
    text = shown(cell, Column("", Kind.WHOLE))
    return _("%(n)s 人") % {"n": text} if isinstance(cell, float) else text


def _plan(facts: Facts) -> str:
    if facts.plan_state not in PlanState.values:
        return _("尚未制定")
    word = str(PlanState(facts.plan_state).label)
    return (
        _("%(state)s（%(day)s 公示）") % {"state": word, "day": said.day(facts.plan_published_at)}
        if facts.plan_published_at
        else word
    )


def _fee(facts: Facts) -> Fact:
    fee, cap = facts.fee_fen, facts.cap_fen
    if fee is None:
        return Fact(_("收费标准"), _("尚未公示"))
    yuan = Column("", Kind.YUAN)
    unit = str(FeeUnit(facts.fee_unit).label) if facts.fee_unit in FeeUnit.values else ""
    text = _("%(unit)s %(fee)s 元") % {"unit": unit, "fee": shown(float(fee), yuan)}
    found = breach(fee, cap, facts.fee_term_fen, facts.cap_term_fen)
    if found is Breach.TERM:
        given = {
            "fee": text,
            "sum": shown(float(facts.fee_term_fen or 0), yuan),
            "cap": shown(float(facts.cap_term_fen or 0), yuan),
        }
        return Fact(
            _("收费标准"), _("%(fee)s，本学期合计 %(sum)s 元，超过本学期上限 %(cap)s 元") % given, "bad"
        )
    if cap is None:
        no_cap = facts.cap_term_fen is None
        return Fact(_("收费标准"), _("%(fee)s（政策没有规定上限）") % {"fee": text} if no_cap else text)
    state = "bad" if found else ""
    text = _("%(fee)s（上限 %(cap)s 元）") % {"fee": text, "cap": shown(float(cap), yuan)}
    return Fact(_("收费标准"), _("%(fee)s，超过上限") % {"fee": text} if state else text, state)


def _collector(facts: Facts) -> Fact:
    if not facts.collector:
        return Fact(_("收费主体"), _("尚无"))
    word = str(said.COLLECTORS.get(facts.collector, facts.collector))
    if facts.collector_due and facts.collector != facts.collector_due:
        due = said.COLLECTORS.get(facts.collector_due, facts.collector_due)
        return Fact(_("收费主体"), _("%(word)s（规定应由%(due)s收取）") % {"word": word, "due": due}, "bad")
    return Fact(_("收费主体"), word)


def _settlement(facts: Facts, look: Look) -> Fact:
    term = look.term
    if facts.settled_at:
        return Fact(_("学期结算"), _("%(day)s 已结算") % {"day": said.day(facts.settled_at)})
    if term is not None and local_date(look.now) <= term.last_date:
        return Fact(_("学期结算"), _("学期进行中"))
    due = facts.settlement_due_date
    is_late = due is not None and due < local_date(look.now)
    text = _("尚未结算（应于 %(day)s 前）") % {"day": said.day(due)} if due else _("尚未结算")
    return Fact(_("学期结算"), text, "warn" if is_late else "")


def seen_at(facts: Facts, look: Look) -> datetime | None:
    """The moment whose state the figures show at least: the city's, but for a school whose last roll-up failed."""
    failed = [line.since for line in look.age.failed if line.code == facts.code]
    if failed:
        return failed[0] if isinstance(failed[0], datetime) else None
    return look.age.as_of


def _age(facts: Facts, look: Look) -> Fact:
    seen = seen_at(facts, look)
    if seen is None:
        return Fact(_("数据截至"), _("还没有汇总"), "warn")
    has_failed = any(line.code == facts.code for line in look.age.failed)
    return Fact(_("数据截至"), f"{timezone.localtime(seen):%Y-%m-%d %H:%M}", "warn" if has_failed else "")
