"""Writes of duties: who is on which session, substitutes, swaps, and what a dismissal takes away (S21, S19)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Max, QuerySet, prefetch_related_objects
from django.utils.translation import gettext_lazy as _

from afterbell.accounts.models import User
from afterbell.audit.actions import record
from afterbell.kernel import locks
from afterbell.kernel.dates import local_date
from afterbell.kernel.errors import Refused
from afterbell.outbox.actions import mark
from schools.care import duty_queries, duty_telling, past_duties
from schools.care.duty_telling import Turn
from schools.care.models import Duty, DutyRole, Session
from schools.care.states import SessionState
from schools.planning.models import Activity
from schools.staffing.clearance_actions import Released
from schools.staffing.models import Clearance, Contract
from schools.staffing.states import ContractState

CHANGEABLE = (SessionState.PLANNED, SessionState.OPEN)


class NotCleared(Refused):
    """S17, S18: no contract or no valid check on that day."""

    code = "care.not_cleared"
    message = _("%(name)s 在 %(date)s 没有有效的聘用协议或核查，不能排班。")


class Busy(Refused):
    """S21: one person, two places at one time."""

    code = "care.busy"
    message = _("%(name)s 在 %(date)s 这个时间已经排了“%(title)s”。")


class PlaceTaken(Refused):
    """One responsible teacher and one leader a session; a substitute takes over instead."""

    code = "care.place_taken"
    message = _("%(date)s 的这次服务已经有人担任这一职责，请用替班。")


class BothRoles(Refused):
    """Nobody leads the own session."""

    code = "care.both_roles"
    message = _("%(name)s 已经在这次服务里值班。")


class SessionFixed(Refused):
    """The session is over, cancelled or in the past."""

    code = "care.session_fixed"
    message = _("%(date)s 的这次服务已经结束、取消或过去，不能再调班。")


class NobodyOnDuty(Refused):
    """Nobody to take over from."""

    code = "care.nobody_on_duty"
    message = _("这次服务还没有人值班，请直接排班。")


@dataclass(frozen=True)
class Series:
    """What assigning a whole series came to."""

    assigned: int
    left_out: list[tuple[date, Refused]]


def assign(*, session: Session, contract: Contract, role: DutyRole, by: User, now: datetime) -> Duty:
    """Put a cleared person on a session. Checked in code first, for the sentence; the database is the net."""
    with transaction.atomic():
        held, row = _locked(contract), _session(session)
        clearance = _covering(held, contract, row.date)
        duty = _put(row, clearance, role, now=now)
        duty_telling.changed([Turn(row, role, come=clearance)], by=by, now=now)
        mark(now=now, days=[row.date])
        details = {"clearance": clearance.pk, "role": role.value}
        record(verb="care.duty.assign", target=row, by=by, at=now, details=details)
    return duty


def assign_series(
    *, activity: Activity, contract: Contract, role: DutyRole, first_date: date, by: User, now: datetime
) -> Series:
    """Put a person on every planned session of an activity that has nobody yet; what can't be is told, not forced."""
    turns: list[Turn] = []
    left_out: list[tuple[date, Refused]] = []
    with transaction.atomic():
        clearance = _locked(contract)
        empty = duty_queries.without_duty(activity, role, first_date=max(first_date, local_date(now)))
        for session in _sessions(row.pk for row in empty):
            try:
                duty = _put(session, _covering(clearance, contract, session.date), role, now=now)
            except Refused as refusal:
                left_out.append((session.date, refusal))
            else:
                turns.append(Turn(session, role, come=duty.clearance))
        duty_telling.changed(turns, by=by, now=now)
        mark(now=now, days=[turn.session.date for turn in turns])
        details = {
            "contract": contract.pk,
            "role": role.value,
            "assigned": len(turns),
            "left_out": len(left_out),
        }
        record(verb="care.duty.assign_series", target=activity, by=by, at=now, details=details)
    return Series(len(turns), left_out)


def substitute(*, session: Session, contract: Contract, role: DutyRole, by: User, now: datetime) -> Duty:
    """Somebody else takes over a duty of today or later (S21)."""
    with transaction.atomic():
        held, row = _locked(contract), _session(session)
        clearance = _covering(held, contract, row.date)
        before = locks.lockable(Duty.objects.filter(session=row, role=role)).first()
        if before is None:
            raise NobodyOnDuty
        left = before.clearance
        before.delete()
        duty = _put(row, clearance, role, now=now)
        turn = Turn(row, role, gone=left, come=clearance)
        past_duties.keep([turn], now=now)
        duty_telling.changed([turn], by=by, now=now)
        mark(now=now, days=[row.date])
        details = {"from": left.pk, "to": clearance.pk, "role": role.value}
        record(verb="care.duty.substitute", target=row, by=by, at=now, details=details)
    return duty


def swap(*, first: Duty, second: Duty, by: User, now: datetime) -> None:
    """Two people change places (S21)."""
    with transaction.atomic():
        people = [
            first.clearance_id,
            second.clearance_id,
        ]  # a duty never passes to another person: it is made anew
        held = {row.pk: row for row in locks.locked_rows(Clearance, people, also=("contract__candidate",))}
        sessions = {row.pk: row for row in _sessions([first.session_id, second.session_id])}
        rows = {row.pk: row for row in locks.locked_rows(Duty, [first.pk, second.pk])}
        if len(rows) != 2:
            raise NobodyOnDuty
        one, two = rows[first.pk], rows[second.pk]
        Duty.objects.filter(pk__in=list(rows)).delete()
        turns = []
        for duty, other in ((one, two), (two, one)):
            session, clearance = sessions[duty.session_id], held[other.clearance_id]
            _put(
                session, _covering(clearance, clearance.contract, session.date), DutyRole(duty.role), now=now
            )
            turns.append(Turn(session, duty.role, gone=held[duty.clearance_id], come=clearance))
        past_duties.keep(turns, now=now)
        duty_telling.changed(turns, by=by, now=now)
        mark(now=now, days={one.date, two.date})
        details = {"first": one.session_id, "second": two.session_id}
        record(verb="care.duty.swap", target="care.duty", by=by, at=now, details=details)


def take_off(*, duty: Duty, by: User, now: datetime) -> None:
    """Nobody stands there any more; the session waits for somebody."""
    with transaction.atomic():
        [session] = _sessions([duty.session_id])
        _refuse_fixed(session, now)
        row = locks.locked_rows(Duty, [duty.pk]).first()
        if row is None:
            raise NobodyOnDuty
        gone = row.clearance
        row.delete()
        turn = Turn(session, row.role, gone=gone)
        past_duties.keep([turn], now=now)
        duty_telling.changed([turn], by=by, now=now)
        mark(now=now, days=[session.date])
        details = {"role": row.role}
        record(verb="care.duty.take_off", target=session, by=by, at=now, details=details)


def release(*, clearance_id: UUID, after: date, by: User, now: datetime) -> Released:
    """Take away a person's duties after a day (settings.DUTY_RELEASE): for a dismissal or an expired check (S19).

    What was held stays on record; sessions that are planned or open wait for somebody else.
    """
    with transaction.atomic():
        rows = _releasable(clearance_id, after)
        sessions = sorted((row.date, row.session_id) for row in rows)
        prefetch_related_objects(rows, "session", "clearance__contract__candidate")
        Duty.objects.filter(pk__in=[row.pk for row in rows]).delete()
        turns = [Turn(row.session, row.role, gone=row.clearance) for row in rows]
        past_duties.keep(turns, now=now)
        duty_telling.changed(turns, by=by, now=now)
        last = Duty.objects.filter(clearance_id=clearance_id).aggregate(last=Max("date"))["last"]
        if sessions:
            mark(now=now, days={day for day, _session in sessions})
            details = {"clearance": clearance_id, "after": after, "sessions": len(sessions)}
            record(verb="care.duty.release", target="care.duty", by=by, at=now, details=details)
    return Released([session for _day, session in sessions], last)


def _releasable(clearance_id: UUID, after: date) -> list[Duty]:
    """Under the locks of their sessions: one that is closed or cancelled a moment ago keeps what it has."""
    later = Duty.objects.filter(clearance_id=clearance_id, date__gt=after)
    sessions = set(later.values_list("session_id", flat=True))
    changeable = [row.pk for row in _sessions(sessions) if row.state in CHANGEABLE]
    found: QuerySet[Duty] = locks.lockable(later.filter(session__in=changeable))
    return list(found)


def _put(session: Session, clearance: Clearance, role: DutyRole, *, now: datetime) -> Duty:
    """Under the lock of the person's clearance, so that two clerks can't put one person in two places."""
    name = clearance.contract.candidate.name
    _refuse_fixed(session, now)
    _refuse_taken(session, clearance, role, name)
    if role == DutyRole.RESPONSIBLE:
        _refuse_busy(session, clearance, name)
    duty = Duty(
        session=session,
        date=session.date,
        clearance=clearance,
        clear_from_date=clearance.from_date,
        clear_until_date=clearance.until_date,
        role=role,
    )
    try:
        with transaction.atomic():
            duty.save(force_insert=True)
    except IntegrityError as error:
        # The net: a place that another clerk took meanwhile, or a span that the code above read wrongly.
        if Duty.objects.filter(session=session, role=role).exists():
            raise PlaceTaken(date=session.date) from error
        raise NotCleared(name=name, date=session.date) from error
    return duty


def _session(session: Session) -> Session:
    session.ensure_home()
    [row] = _sessions([session.pk])
    return row


def _sessions(pks: Iterable[UUID]) -> list[Session]:
    """Read again under their locks, by day."""
    rows = locks.locked_rows(Session, pks, also=("activity__plan",))
    return sorted(rows, key=lambda row: (row.date, row.pk))


def _locked(contract: Contract) -> Clearance | None:
    """Of everything about one person, duties stand in line at the clearance."""
    rows = Clearance.objects.filter(contract=contract)
    return locks.lockable(rows, also=("contract__candidate",)).first()


def _covering(clearance: Clearance | None, contract: Contract, day: date) -> Clearance:
    """The clearance, if it lets the person work on that day."""
    if (
        clearance is None
        or clearance.contract.state != ContractState.ACTIVE
        or not clearance.from_date <= day <= clearance.until_date
    ):
        raise NotCleared(name=contract.candidate.name, date=day)
    return clearance


def _refuse_fixed(session: Session, now: datetime) -> None:
    if session.state not in CHANGEABLE or session.date < local_date(now):
        raise SessionFixed(date=session.date)


def _refuse_taken(session: Session, clearance: Clearance, role: DutyRole, name: str) -> None:
    on_duty = Duty.objects.filter(session=session).values_list("role", "clearance_id")
    for other_role, other in on_duty:
        if other_role == role:
            raise PlaceTaken(date=session.date)
        if other == clearance.pk:
            raise BothRoles(name=name)


def _refuse_busy(session: Session, clearance: Clearance, name: str) -> None:
    """The person under any contract: sessions that overlap in time."""
    other = duty_queries.overlapping(session, candidate_id=clearance.contract.candidate_id)
    if other is not None:
        raise Busy(name=name, date=session.date, title=other.activity.title)
