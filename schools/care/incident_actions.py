"""Writes of incidents: reported with notices at once, closed with an outcome (S23)."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from afterbell.accounts.models import User
from afterbell.audit.actions import record
from afterbell.kernel import locks
from afterbell.kernel.errors import Refused
from afterbell.kernel.states import move
from afterbell.outbox.actions import mark
from schools.care import alarm_actions, telling
from schools.care.models import Incident, Session
from schools.care.states import INCIDENT_MOVES, IncidentState
from schools.people import named
from schools.people.models import Pupil


class NotOnThisRoll(Refused):
    """The child is not in the session."""

    code = "care.incident_child"
    message = gettext_lazy("这名学生不在这次服务的名单里。")


class NotYet(Refused):
    """An incident of the future."""

    code = "care.incident_time"
    message = gettext_lazy("发生时间不能晚于现在。")


class WhoIsMissing(Refused):
    """A child that can't be found has a name."""

    code = "care.who_is_missing"
    message = gettext_lazy("孩子找不到了，请选择是哪一名学生。")


class NoOutcome(Refused):
    """Closing says what came of it."""

    code = "care.no_outcome"
    message = gettext_lazy("请写明处理结果。")


def report_incident(
    *,
    session: Session,
    pupil: Pupil | None,
    summary: str,
    happened_at: datetime,
    is_missing: bool = False,
    by: User,
    now: datetime,
) -> Incident:
    """S23: the child's adults and the duty leader are told in the same transaction, each delivery a row."""
    if happened_at > now:
        raise NotYet
    if pupil is not None and not session.roll.filter(pupil=pupil).exists():
        raise NotOnThisRoll
    if is_missing and pupil is None:
        raise WhoIsMissing
    with transaction.atomic():
        notice = telling.of_incident(
            session,
            pupil,
            title=_("突发情况告知"),
            body=_("%(at)s，“%(title)s”：%(summary)s 老师正在处理，请尽快与学校联系。")
            % {
                "at": f"{timezone.localtime(happened_at):%m-%d %H:%M}",
                "title": session.activity.title,
                "summary": _told(summary, pupil),
            },
            by=by,
            now=now,
        )
        incident = Incident(
            session=session,
            pupil=pupil,
            summary=summary,
            happened_at=happened_at,
            by=by,
            notice_id=notice.pk if notice else None,
        )
        incident.save(force_insert=True)
        alarm_actions.of_incident(incident=incident, is_missing=is_missing, by=by, now=now)
        mark(now=now, days=[session.date], terms=[session.activity.plan.term_code])
        details = {"session": session.pk, "notice": incident.notice_id}
        record(verb="care.incident.report", target=incident, by=by, at=now, details=details)
    return incident


def _told(summary: str, pupil: Pupil | None) -> str:
    """What the letter says of it: to a family no other child's name. An emergency is never held back for a word; the
    record keeps what was written."""
    if pupil is None:
        return summary  # staff alone are told
    parts = summary.split(pupil.name)
    for n, part in enumerate(parts):
        for name in sorted(_others(part, pupil), key=len, reverse=True):
            parts[n] = parts[n].replace(name, _("某学生"))
    if any(_others(part, pupil) for part in parts):  # written with gaps or other signs
        return _("经过涉及其他学生，请向学校了解。")
    return pupil.name.join(parts)


def _others(text: str, pupil: Pupil) -> set[str]:
    return {name for _sentence, name in named.unsettled([text])} - {pupil.name}


def close_incident(*, incident: Incident, outcome: str, by: User, now: datetime) -> None:
    """What came of it; until then the incident is open and reaches the bureau."""
    if not outcome.strip():
        raise NoOutcome
    with transaction.atomic():
        row = locks.locked(incident, also=("session__activity__plan",))
        also = {"closed_at": now, "outcome": outcome.strip()}
        move(row, to=IncidentState.CLOSED, moves=INCIDENT_MOVES, at=now, also=also)
        mark(now=now, days=[row.session.date], terms=[row.session.activity.plan.term_code])
        record(verb="care.incident.close", target=row, by=by, at=now)
    locks.follow(incident, row)
