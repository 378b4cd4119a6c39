"""Writes of a plan that is being drafted: its fee, its activities, its cost lines; each rule refuses by its name."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Final
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from afterbell.accounts.models import User
from afterbell.audit.actions import record
from afterbell.kernel import locks
from afterbell.kernel.errors import Refused
from afterbell.kernel.money import Fen
from afterbell.outbox import actions as outbox
from schools.people import named, word_actions
from schools.planning import consultation_queries, doubts, fees, limits, queries, rules, words
from schools.planning.consultation_actions import refuse_ended_term
from schools.planning.fees import Standard
from schools.planning.models import (
    Activity,
    ActivityKind,
    Consultation,
    CostKind,
    CostLine,
    FeeUnit,
    Plan,
    PlanFee,
)
from schools.planning.rules import GradesTurned, Span
from schools.planning.states import ConsultationState, PlanState
from tenants.models import School, Term
from tenants.policies import queries as policies
from tenants.policies.documents import Policy

MOST_PARTICIPANTS: Final = 20_000
MOST_ACTIVITIES: Final = 2000
MOST_PLACES: Final = 2000
MOST_COST_LINES: Final = 200
"""What a filing at the bureau has room for; more is a slip of the hand."""


class ConsultationNotClosed(Refused):
    """First gate: families were asked, and the answers were counted."""

    code = "plan.consultation_not_closed"
    message = _("意愿征询还没有结束。请先结束征询并统计结果，再起草方案。")


class NoDemand(Refused):
    """S12: without demand no service."""

    code = "plan.no_demand"
    message = _("意愿征询中没有家长需要课后服务（%(where)s），按规定不得开展。")


class PlanExists(Refused):
    """One plan a term at a time."""

    code = "plan.already_there"
    message = _("本学期已经有方案“%(name)s”，请在它上面修改。")


class NotADraft(Refused):
    """What was decided on, filed or published is not edited."""

    code = "plan.not_a_draft"
    message = _("方案当前是“%(state)s”，不能修改。需要修改时，请先退回草拟，改后重新表决。")


class UnderVote(Refused):
    """The committee votes on the text that it was given."""

    code = "plan.under_vote"
    message = _("家委会正在表决这份方案，表决结束前不能修改。")


class OutsideTerm(Refused):
    """A plan lies within its term (never across terms)."""

    code = "plan.outside_term"
    message = _("方案日期应在本学期之内（%(first)s 至 %(last)s）。")


class SubjectTeaching(Refused):
    """S46: no teaching of subjects under the name of care."""

    code = "plan.subject_teaching"
    message = _("活动名称含“%(word)s”。课后服务不得进行学科教学、补课或竞赛培训，请改为作业辅导或兴趣活动。")


class UnknownActivityKind(Refused):
    """S8 names the kinds; subject teaching is none of them."""

    code = "plan.unknown_activity_kind"
    message = _(
        "没有“%(kind)s”这类活动。课后服务只能安排作业辅导、阅读、体育、艺术、科普、游戏、拓展和社团。"
    )
    status = 400


class CostKindNotAllowed(Refused):
    """The policy lists what may be paid from the fee."""

    code = "plan.cost_kind_not_allowed"
    message = _("现行政策不允许列支“%(kind)s”。")


class NoAmount(Refused):
    """A fee or a cost of nothing is none."""

    code = "plan.no_amount"
    message = _("金额必须大于零。")
    status = 400


class TooMany(Refused):
    """More than a school can mean."""

    code = "plan.too_many"
    message = _("%(what)s最多 %(most)s。请检查是否多写了数字。")
    status = 400


class WrongHours(Refused):
    """It ends after it starts, from Monday to Friday."""

    code = "plan.wrong_hours"
    message = _("结束时间应晚于开始时间，活动安排在星期一至星期五。")
    status = 400


class NoSuchRoom(Refused):
    """S2: a registered room of the school that is in use."""

    code = "plan.no_such_room"
    message = _("这个场地没有登记或已停用。活动只能安排在本校登记的场地。")


class RoomTooSmall(Refused):
    """More places than the room has."""

    code = "plan.room_too_small"
    message = _("“%(room)s”只能容纳 %(places)s 人，名额不能超过它。")


class RoomTaken(Refused):
    """Two activities at the same time in one room."""

    code = "plan.room_taken"
    message = _("“%(room)s”在这个时间已经安排了“%(title)s”。请换时间或场地。")


@dataclass(frozen=True)
class Terms:
    """What a plan charges, for whom and how long."""

    name: str
    first_date: date
    last_date: date
    fee_unit: FeeUnit
    fee: Fen
    expected_participants: int
    from_grade: Mapping[int, Fen] = field(default_factory=dict)
    """Where other grades pay another fee: from which grade on."""


@dataclass(frozen=True)
class NewActivity:
    """An activity as it is entered."""

    title: str
    kind: ActivityKind | str
    weekday: int
    starts: time
    ends: time
    room_id: UUID
    grade_from: int
    grade_to: int
    capacity: int

    @property
    def span(self) -> Span:
        return Span(self.weekday, self.starts, self.ends, self.grade_from, self.grade_to)


def draft_plan(*, consultation: Consultation, terms: Terms, school: School, by: User, now: datetime) -> Plan:
    """The second gate stands open once the first is done: a closed consultation with demand (S12).

    Cap and collector are those of the policy in force on the plan's first day, and stay (S48).
    """
    term = refuse_ended_term(consultation.term_code, now)
    with transaction.atomic():
        asked = _refuse_draft(locks.locked(consultation), term)
        former = Plan.objects.filter(term_code=asked.term_code)
        version = (
            max(former.values_list("version", flat=True), default=0) + 1
        )  # under the consultation's lock
        plan = Plan(term_code=asked.term_code, version=version, consultation=asked, created_at=now)
        standards = _set_terms(plan, terms, term, school)
        plan.save(force_insert=True)
        _keep_fees(plan, standards)
        outbox.mark(now=now, terms=[plan.term_code])
        word_actions.ask(doubts=named.doubts([plan.name]), by=by, now=now)
        details = {"fee_fen": plan.fee_fen, "unit": plan.fee_unit, "term": plan.term_code}
        record(verb="plan.draft", target=plan, by=by, at=now, details=details)
    return plan


def refuse_draft(consultation: Consultation, now: datetime) -> None:
    """Whatever the plan will be: raises what `draft_plan` does for the term, the consultation and a plan that is there."""
    _refuse_draft(consultation, refuse_ended_term(consultation.term_code, now))


def may_draft(consultation: Consultation, now: datetime) -> bool:
    """Whether a plan may be drafted out of it now: for the button."""
    try:
        refuse_draft(consultation, now)
    except Refused:
        return False
    return True


def _refuse_draft(asked: Consultation, term: Term) -> Consultation:
    if asked.state != ConsultationState.CLOSED:
        raise ConsultationNotClosed
    if not asked.yes:
        raise NoDemand(where=term.name)
    if live := Plan.objects.filter(term_code=asked.term_code).exclude(state=PlanState.ENDED).first():
        raise PlanExists(name=live.name)
    return asked


def change_plan(*, plan: Plan, terms: Terms, school: School, by: User, now: datetime) -> None:
    """Name, dates, fee and numbers of a draft."""
    term = refuse_ended_term(plan.term_code, now)
    with transaction.atomic():
        row = locked_draft(plan, now=now)
        standards = _set_terms(row, terms, term, school)
        row.save()
        _keep_fees(row, standards)
        word_actions.ask(doubts=named.doubts([row.name]), by=by, now=now)
        record(verb="plan.change", target=row, by=by, at=now, details={"fee_fen": row.fee_fen})


def add_activity(*, plan: Plan, new: NewActivity, school: School, by: User, now: datetime) -> Activity:
    """One group on one weekday in one room, within hours, demand and rooms."""
    refuse_strange(new)
    with transaction.atomic():
        row = locked_draft(plan, now=now)
        others = queries.activities(row)
        check_new(row, new, others, school)
        activity = Activity(
            plan=row, **{name: getattr(new, name) for name in NewActivity.__dataclass_fields__}
        )
        activity.save(force_insert=True)
        policy = policy_of(row, school)
        found = doubts.of_activity(new.span, new.title, plan=row, policy=policy, school=school)
        word_actions.ask(doubts=found, by=by, now=now)
        record(verb="plan.activity.add", target=activity, by=by, at=now, details={"plan": row.pk})
    return activity


def refuse_strange(new: NewActivity) -> None:
    """What is no activity, whatever the plan."""
    if new.kind not in ActivityKind.values:
        raise UnknownActivityKind(kind=str(new.kind)[:20])
    if word := words.teaching_in(new.title):
        raise SubjectTeaching(word=word)
    if new.ends <= new.starts or new.weekday not in range(1, 6):
        raise WrongHours
    if new.grade_to < new.grade_from:
        raise GradesTurned(first=new.grade_from, last=new.grade_to, field="grade_to")


def check_new(plan: Plan, new: NewActivity, others: list[Activity], school: School) -> None:
    """Within hours, demand and rooms, beside the other activities of the version."""
    if len(others) >= MOST_ACTIVITIES:
        raise TooMany(what=_("一份方案的活动数"), most=f"{MOST_ACTIVITIES:,}")
    rules.check_activity(policy_of(plan, school), school, new.span, queries.spans(others))
    _refuse_without_demand(plan, new)
    _refuse_room(new, others)


def remove_activity(*, plan: Plan, activity: Activity, by: User, now: datetime) -> None:
    """Out of the draft; what somebody has taken out before is out, and is not written down again."""
    with transaction.atomic():
        row = locked_draft(plan, now=now)
        deleted, _by_model = row.activities.filter(pk=activity.pk).delete()
        if not deleted:
            return
        record(verb="plan.activity.remove", target=row, by=by, at=now, details={"activity": activity.pk})


def add_cost_line(
    *, plan: Plan, kind: CostKind | str, title: str, amount: Fen, school: School, by: User, now: datetime
) -> CostLine:
    """A line of the planned cost: staff, materials, other. What the school gives for nothing is no kind (S2)."""
    refuse_cost(kind, amount)
    with transaction.atomic():
        row = locked_draft(plan, now=now)
        check_cost(row, kind, row.cost_lines.count(), school)
        line = CostLine(plan=row, kind=kind, title=title, amount_fen=amount)
        line.save(force_insert=True)
        word_actions.ask(doubts=named.doubts([title]), by=by, now=now)
        details = {"plan": row.pk, "kind": str(CostKind(kind).value), "amount_fen": amount}
        record(verb="plan.cost_line.add", target=line, by=by, at=now, details=details)
    return line


def refuse_cost(kind: CostKind | str, amount: Fen) -> None:
    """What is no cost, whatever the plan."""
    if kind not in CostKind.values:
        raise CostKindNotAllowed(kind=str(kind)[:20])
    if amount <= 0:
        raise NoAmount


def check_cost(plan: Plan, kind: CostKind | str, others: int, school: School) -> None:
    """Allowed by the policy, and not more lines than a filing has room for."""
    if kind not in policy_of(plan, school).spending_kinds:
        raise CostKindNotAllowed(kind=CostKind(kind).label)
    if others >= MOST_COST_LINES:
        raise TooMany(what=_("一份方案的成本明细行数"), most=f"{MOST_COST_LINES:,}")


def remove_cost_line(*, plan: Plan, line: CostLine, by: User, now: datetime) -> None:
    """Out of the draft; what somebody has taken out before is out, and is not written down again."""
    with transaction.atomic():
        row = locked_draft(plan, now=now)
        deleted, _by_model = row.cost_lines.filter(pk=line.pk).delete()
        if not deleted:
            return
        record(verb="plan.cost_line.remove", target=row, by=by, at=now, details={"line": line.pk})


def locked_draft(plan: Plan, *, now: datetime) -> Plan:
    """The row, ours until the transaction ends, and still a draft that nobody votes on.

    Whoever takes it changes it: fee and hours of the furthest plan are facts of its term.
    """
    row = locks.locked(plan, also=("consultation",))
    if row.state != PlanState.DRAFT:
        raise NotADraft(state=PlanState(row.state).label)
    if queries.is_under_vote(row):
        raise UnderVote
    outbox.mark(now=now, terms=[row.term_code])
    return row


def policy_of(plan: Plan, school: School) -> Policy:
    """The rules in force on the plan's first day; raises NoPolicyInForce."""
    return policies.for_school(school, plan.first_date).policy


def check_fees(plan: Plan, standards: Sequence[Standard], policy: Policy, school: School) -> None:
    """Under the cap of each stage, and over the term's own calendar under those of every other unit."""
    unit = FeeUnit(plan.fee_unit)
    fees.check(policy, school, unit, standards)
    limits.check(queries.setting(plan, policy, school), unit, standards)


def _set_terms(plan: Plan, terms: Terms, term: Term, school: School) -> list[Standard]:
    """Returns what each grade pays."""
    if not term.first_date <= terms.first_date <= terms.last_date <= term.last_date:
        raise OutsideTerm(first=term.first_date, last=term.last_date)
    if min(terms.fee, *terms.from_grade.values(), terms.expected_participants) <= 0:
        raise NoAmount
    if terms.expected_participants > MOST_PARTICIPANTS:
        raise TooMany(what=_("预计参加人数"), most=f"{MOST_PARTICIPANTS:,}")
    plan.name, plan.first_date, plan.last_date = terms.name, terms.first_date, terms.last_date
    policy = policy_of(plan, school)
    standards = fees.standards_asked(policy, school, terms.fee_unit, terms.fee, terms.from_grade)
    plan.fee_unit, plan.fee_fen, plan.cap_fen = terms.fee_unit, standards[0].fee, standards[0].cap
    plan.collector, plan.expected_participants = policy.collector.value, terms.expected_participants
    check_fees(plan, standards, policy, school)
    return standards


def _keep_fees(plan: Plan, standards: Sequence[Standard]) -> None:
    """One fee for all stands on the plan alone."""
    plan.fees.all().delete()
    if len(standards) > 1:
        PlanFee.objects.bulk_create(
            PlanFee(
                plan=plan,
                grade_from=standard.grade_from,
                grade_to=standard.grade_to,
                fee_fen=standard.fee,
                cap_fen=standard.cap,
            )
            for standard in standards
        )


def _refuse_without_demand(plan: Plan, new: NewActivity) -> None:
    if not consultation_queries.demand_in_grades(plan.consultation, new.grade_from, new.grade_to):
        raise NoDemand(where=_("%(from)s—%(to)s 年级") % {"from": new.grade_from, "to": new.grade_to})


def _refuse_room(new: NewActivity, others: list[Activity]) -> None:
    room = next((room for room in queries.rooms() if room.id == new.room_id), None)
    if room is None:
        raise NoSuchRoom
    if new.capacity > room.places:
        raise RoomTooSmall(room=room.name, places=room.places)
    for other, span in zip(others, queries.spans(others), strict=True):
        if other.room_id == new.room_id and rules.overlap(new.span, span):
            raise RoomTaken(room=room.name, title=other.title)
