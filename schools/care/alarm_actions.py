"""Writes of alarms: raised, looked at, told to the next people when nobody looks, and what the platform notices itself.

S23, S24. Raised in the transaction of the deed that it is about. Whoever must hear of it is a fact: the duty leader of
the session, else the school's leaders; the child's adults with rights who are not denied; then, minute by minute, the
principal, the deputies and the office.
"""

from collections.abc import Collection
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext as _

from afterbell.accounts.models import User
from afterbell.audit.actions import record
from schools.care import alarms, queries, refusals, telling
from schools.care.models import Alarm, AlarmKind, Handover, Incident, Session, Way
from schools.care.roll import Board, day_of
from schools.care.states import CAME
from schools.people.models import Guardian, Pupil
from tenants.exchange.queries import school_here
from tenants.policies import queries as policies
from tenants.policies.documents import Deadlines

MOST_LEVELS: Final = 3
"""After the third time everybody of the school has heard of it; the open alarm stays on their screens."""


def denied(
    *, session_id: UUID, pupil_id: UUID, adult_id: UUID, at: datetime, by: User, now: datetime
) -> Alarm:
    """Somebody of the deny list is there for a child (S24): who leads and the child's other adults hear of it."""
    return _raise(
        AlarmKind.DENIED,
        session=queries.session(session_id),
        pupil=Pupil.objects.get(pk=pupil_id),
        adult=Guardian.objects.get(pk=adult_id),
        at=at,
        by=by,
        now=now,
    )


def outdated(*, boards: Collection[Board], by: User, now: datetime) -> list[Alarm]:
    """Of boards that were written: who has a child and, by now, may not, and who went alone on a consent that holds no
    longer (S24). Told in true words, whatever the clock. What was refused at once was prevented, and alarms nobody."""
    given = [
        _raise(
            AlarmKind.GIVEN,
            session=queries.session(board.session_id),
            pupil=Pupil.objects.get(pk=each.pupil_id),
            adult=Guardian.objects.get(pk=each.adult_id),
            at=each.at,
            right_until=each.until,
            by=by,
            now=now,
        )
        for board in boards
        for each in board.outdated
    ]
    return given + [
        _raise(
            AlarmKind.ALONE,
            session=queries.session(board.session_id),
            pupil=Pupil.objects.get(pk=each.pupil_id),
            adult=Guardian.objects.get(pk=each.giver_id),
            at=each.at,
            right_until=each.until,
            by=by,
            now=now,
        )
        for board in boards
        for each in board.gone_alone
        if each.is_done or now - each.at > alarms.ON_THE_SPOT
    ]


def missing(*, session: Session, pupil: Pupil, at: datetime, by: User | None, now: datetime) -> Alarm:
    """A child is not where it should be (S24). `by` is None for what the platform noticed."""
    return _raise(AlarmKind.MISSING, session=session, pupil=pupil, adult=None, at=at, by=by, now=now)


def of_incident(*, incident: Incident, is_missing: bool, by: User, now: datetime) -> Alarm:
    """Beside the incident's own notice, which has told the adults and the leader (S23)."""
    return _raise(
        AlarmKind.MISSING if is_missing else AlarmKind.INCIDENT,
        session=incident.session,
        pupil=incident.pupil,
        adult=None,
        incident=incident,
        at=incident.happened_at,
        by=by,
        now=now,
    )


def sent_and_not_there(
    *, absent: Collection[tuple[UUID, UUID]], at: datetime, by: User, now: datetime
) -> list[Alarm]:
    """Of sessions and children marked absent or excused: an earlier one says that it has sent the child."""
    if not absent:
        return []
    rows = Handover.objects.filter(
        way=Way.NEXT,
        undone_at=None,
        next_session__in={session for session, _pupil in absent},
        entry__pupil__in={pupil for _session, pupil in absent},
    ).select_related("entry__pupil", "next_session__activity__plan", "next_session__room")
    return [
        missing(session=row.next_session, pupil=row.entry.pupil, at=at, by=by, now=now)
        for row in rows
        if row.next_session is not None and (row.next_session.pk, row.entry.pupil_id) in absent
    ]


def see(*, alarm: Alarm, by: User, now: datetime) -> bool:
    """Somebody who leads has looked and takes it in hand; the first one counts. Raises NotYours."""
    alarm.ensure_home()
    if not queries.led_by(by).filter(pk=alarm.session_id).exists():
        raise refusals.NotYours
    with transaction.atomic():
        fresh = Alarm.objects.filter(pk=alarm.pk, seen_at=None).update(seen_at=now, seen_by=by)
        if fresh:
            alarm.seen_at, alarm.seen_by = now, by
            record(verb="care.alarm.see", target=alarm, by=by, at=now, details={"level": alarm.level})
    return bool(fresh)


def escalate(*, now: datetime) -> int:
    """Tell the next people of each alarm that waits too long by the database's clock; gives how many.

    Two at once, and one that was killed, tell nobody twice: the level moves by compare-and-set with the notice.
    """
    wait = timedelta(minutes=_minutes(now)) if Alarm.objects.filter(seen_at=None).exists() else timedelta(0)
    due = Alarm.objects.filter(seen_at=None, level__lt=MOST_LEVELS, level_at__lte=Now() - wait)
    rows = (
        due.select_related("session__activity__plan", "session__room", "pupil", "adult")
        if wait
        else due.none()
    )
    return sum(_escalate(row, now=now) for row in rows.order_by("told_at", "pk"))


def notice_missing(*, now: datetime) -> int:
    """Children who were sent to a session that has begun, and whom it does not have after the same minutes.

    Absent or excused is not there, whoever wrote it and when. An alarm of an earlier way to the same session says nothing
    about this one.
    """
    on_the_way = Handover.objects.filter(
        way=Way.NEXT,
        undone_at=None,
        entry__session__date__in=_today(now),
        next_session__starts_at__lte=Now(),
    ).select_related("entry__pupil", "next_session__activity__plan", "next_session__room")
    rows = list(on_the_way)
    if not rows:
        return 0
    latest = now - timedelta(minutes=_minutes(now))
    raised = 0
    for row in rows:
        session = row.next_session
        if session is None or max(session.starts_at, row.at) > latest:
            continue
        has_it = session.roll.filter(pupil=row.entry.pupil_id, state__in=CAME).exists()
        told = Alarm.objects.filter(
            kind=AlarmKind.MISSING, session=session, pupil=row.entry.pupil_id, told_at__gte=row.at
        ).exists()
        if not has_it and not told:
            with transaction.atomic():
                missing(session=session, pupil=row.entry.pupil, at=session.starts_at, by=None, now=now)
            raised += 1
    return raised


def _raise(
    kind: AlarmKind,
    *,
    session: Session,
    pupil: Pupil | None,
    adult: Guardian | None,
    incident: Incident | None = None,
    at: datetime,
    right_until: datetime | None = None,
    by: User | None,
    now: datetime,
) -> Alarm:
    """The one that waits already, or a new one with its notice."""
    cause = {"kind": kind, "session": session, "pupil": pupil, "adult": adult, "incident": incident}
    alarm = Alarm(**cause, at=at, right_until=right_until, told_at=now, level_at=Now(), by=by)
    with transaction.atomic():
        while True:
            Alarm.objects.bulk_create([alarm], ignore_conflicts=True)
            if Alarm.objects.filter(pk=alarm.pk).exists():
                break
            waiting = Alarm.objects.filter(seen_at=None, **cause).order_by("told_at", "pk").first()
            if waiting is not None:
                return waiting
            # Somebody has looked at it a moment ago: this is the next one.
        if incident is None:
            notice = telling.of_alarm(
                session, pupil, title=alarms.title(alarm), body=alarms.sentence(alarm), by=by, now=now
            )
            alarm.notice_id = notice.pk if notice else None
        else:
            alarm.notice_id = incident.notice_id
        Alarm.objects.filter(pk=alarm.pk).update(notice_id=alarm.notice_id)
        details = {"kind": kind.value, "session": session.pk, "notice": alarm.notice_id}
        record(verb="care.alarm.raise", target=alarm, by=by, at=now, details=details)
    return alarm


def _escalate(alarm: Alarm, *, now: datetime) -> int:
    with transaction.atomic():
        moved = Alarm.objects.filter(pk=alarm.pk, seen_at=None, level=alarm.level).update(
            level=F("level") + 1, level_at=Now()
        )
        if not moved:
            return 0
        body = _("%(n)s 分钟内还没有人查看这条警报。%(sentence)s") % {
            "n": round((now - alarm.told_at).total_seconds() / 60),
            "sentence": alarms.sentence(alarm),
        }
        notice = telling.next_people(
            title=_("没有人查看：%(title)s") % {"title": alarms.title(alarm)}, body=body, now=now
        )
        details = {"level": alarm.level + 1, "notice": notice.pk if notice else None}
        record(verb="care.alarm.escalate", target=alarm, by=None, at=now, details=details)
    return 1


def _minutes(now: datetime) -> int:
    try:
        return policies.for_school(school_here(), timezone.localdate(now)).policy.deadlines.alarm_minutes
    except policies.NoPolicyInForce:
        return Deadlines.alarm_minutes


def _today(now: datetime) -> list[date]:
    """The day at the gate and, for the hours after midnight, the calendar's."""
    return sorted({day_of(now), timezone.localdate(now)})
