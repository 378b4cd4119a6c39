"""What families read of sessions that are cancelled: on a day without school there is no usual hour to fetch a child."""

from datetime import date

from django.utils.translation import gettext as _

from schools.care.models import Session
from tenants import calendar
from tenants.exchange.queries import school_here


def of_one(session: Session, reason: str) -> str:
    """Of one session; the others of the day take place."""
    said = {"date": session.date, "title": session.activity.title, "reason": reason}
    if has_school(session.date):
        return (
            _("%(date)s 的“%(title)s”取消。原因：%(reason)s。当天请按平时放学时间接孩子，本次不收费。") % said
        )
    return _("%(date)s 按校历不上课，“%(title)s”取消。原因：%(reason)s。本次不收费。") % said


def of_day(day: date, reason: str) -> str:
    """Of all that had not begun."""
    said = {"date": day, "reason": reason}
    if has_school(day):
        return (
            _(
                "%(date)s 还没有开始的课后服务全部取消。原因：%(reason)s。当天请按平时放学时间接孩子，本次不收费。"
            )
            % said
        )
    return _("%(date)s 按校历不上课，课后服务取消。原因：%(reason)s。本次不收费。") % said


def has_school(day: date) -> bool:
    """By the calendar; also where the calendar doesn't know yet: sessions were made for the day."""
    try:
        return calendar.is_school_day(day, school_here().district)
    except calendar.CalendarUnknown:
        return True
