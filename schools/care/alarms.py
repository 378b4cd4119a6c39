"""Reads of alarms: whose screen shows which, in what words, and whether anything has changed since a screen looked."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import structlog
from django.core.cache import cache
from django.db import connection
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from redis.exceptions import RedisError

from afterbell.accounts.models import User
from afterbell.accounts.permissions import Permission
from schools.care import incident_queries, queries
from schools.care.models import Alarm, AlarmKind
from schools.care.roll import day_of
from schools.notices.models import Delivery

SHOWN: Final = timedelta(minutes=30)
"""How long one that was looked at still stands on the screen of the teacher who waits for help."""
MOST_SEEN: Final = 2
"""How many of those; the list has all."""
FRESH_SECONDS: Final = 1
"""How old the answer to "has anything changed?" may be: one query a school and second, however many screens look."""
OFTEN: Final = 1.5
"""Seconds between two looks of a leader's screen while children are there: with the above under 3 s (issue 9)."""
STAFF: Final = 5.0
"""The same for everybody else of the staff."""
SELDOM: Final = 30.0
"""Outside care hours, and for parents."""
BEFORE: Final = timedelta(minutes=30)
AFTER: Final = timedelta(hours=3)
"""From when to when around a session that is not closed screens ask often."""
ON_THE_SPOT: Final = timedelta(minutes=1)
"""A refusal that came back within it was read before anybody went: what came later may have been done."""
VERSION_KEY: Final = "care.alarms"
VERSION: Final = """
SELECT (SELECT concat_ws(',', count(*), max(told_at), max(seen_at), max(level_at)) FROM care_alarm),
       EXISTS (SELECT 1 FROM care_session WHERE date = %s AND state IN ('planned', 'open')
               AND starts_at <= %s AND ends_at >= %s)
"""
log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Version:
    """What a screen that has it need not ask for again."""

    tag: str
    is_busy: bool
    """Children are in care, or soon will be."""


@dataclass(frozen=True)
class Shown:
    """One alarm on one person's screen."""

    alarm: Alarm
    title: str
    sentence: str
    may_see: bool
    """It is for this person to look and take it in hand."""


def title(alarm: Alarm) -> str:
    """The kind and the child."""
    kind = AlarmKind(alarm.kind).label
    return f"{kind}：{alarm.pupil.name}" if alarm.pupil else str(kind)


def sentence(alarm: Alarm) -> str:
    """What happened, when and where; who was tied to the child is named, why it is denied is not."""
    said = {
        "at": _minute(alarm.at),
        "came": _minute(alarm.told_at),
        "until": _minute(alarm.right_until) if alarm.right_until else "",
        "title": alarm.session.activity.title,
        "room": alarm.session.room.name,
        "pupil": alarm.pupil.name if alarm.pupil else "",
        "adult": alarm.adult.name if alarm.adult else "",
    }
    if alarm.kind == AlarmKind.GIVEN:
        text = _(
            "手机登记：%(at)s，%(adult)s 从“%(title)s”（%(room)s）接走了 %(pupil)s，当时可以接。"
            "%(until)s 起此人不得接走这个孩子，这条登记 %(came)s 才传到。请马上核实孩子在哪里。"
        )
    elif alarm.kind == AlarmKind.ALONE and alarm.right_until and alarm.at < alarm.right_until:
        text = _(
            "手机登记：%(at)s，%(pupil)s 从“%(title)s”（%(room)s）自行离校，当时 %(adult)s 的同意有效。"
            "%(until)s 起这项同意不再有效，这条登记 %(came)s 才传到。请马上核实孩子在哪里。"
        )
    elif alarm.kind == AlarmKind.ALONE:
        text = _(
            "手机登记：%(at)s，%(pupil)s 从“%(title)s”（%(room)s）自行离校，但 %(adult)s 对自行离校的同意那时已不再有效。"
            "这条登记 %(came)s 才传到，没有记录为离校。孩子可能已自己离开，请马上核实孩子在哪里。"
        )
    elif alarm.kind == AlarmKind.DENIED and alarm.told_at - alarm.at > ON_THE_SPOT:
        text = _(
            "手机登记：%(at)s，在“%(title)s”（%(room)s）把 %(pupil)s 交给了 %(adult)s，此人被禁止接走这个孩子。"
            "这条登记 %(came)s 才传到，没有记录为交接。孩子可能已被接走，请马上核实孩子在哪里。"
        )
    elif alarm.kind == AlarmKind.DENIED:
        text = _(
            "%(at)s，%(adult)s 到“%(title)s”（%(room)s）来接 %(pupil)s，此人被禁止接走这个孩子。没有交接，孩子由老师看护。"
        )
    elif alarm.kind == AlarmKind.MISSING:
        text = _("%(at)s，%(pupil)s 应在“%(title)s”（%(room)s），老师没有见到。请马上查找。")
    else:
        text = _("%(at)s，“%(title)s”（%(room)s）有突发情况。")
    return text % said


def _minute(moment: datetime) -> str:
    return f"{timezone.localtime(moment):%m-%d %H:%M}"


def look_again(user: User, version: Version, now: datetime) -> float:
    """Seconds until this person's screen asks again: who leads today soonest. One query, for staff in care hours."""
    if not user.has(Permission.INCIDENTS_REPORT) or not version.is_busy:
        return SELDOM
    leads = user.has(Permission.INCIDENTS_MANAGE) or queries.led_by(user).filter(date=day_of(now)).exists()
    return OFTEN if leads else STAFF


def for_user(user: User) -> QuerySet[Alarm]:
    """Whose screen: the school's leaders and the office all of them, others those of the sessions of their duty."""
    rows = Alarm.objects.select_related(
        "session__activity", "session__room", "pupil", "adult", "seen_by", "by"
    )
    if user.has(Permission.INCIDENTS_MANAGE) or user.has(Permission.ROSTER_MANAGE):
        return rows
    return rows.filter(session__in=queries.sessions().filter(queries.mine(user)))


def one(user: User, alarm_id: UUID) -> Alarm:
    """Raises Alarm.DoesNotExist."""
    found: Alarm = for_user(user).get(pk=alarm_id)
    return found


def unseen(user: User) -> QuerySet[Alarm]:
    """Not ordered."""
    return for_user(user).filter(seen_at=None)


def shown(user: User, now: datetime) -> list[Shown]:
    """Unseen ones first, then those of the last half hour; newest first. Three queries at most."""
    fresh = Q(seen_at=None) | Q(seen_at__gte=now - SHOWN)
    rows = list(for_user(user).filter(fresh).order_by("-told_at", "-pk"))
    if not rows:
        return []
    led = set(
        queries.led_by(user).filter(pk__in={row.session_id for row in rows}).values_list("pk", flat=True)
    )
    found = [
        Shown(row, title(row), sentence(row), row.seen_at is None and row.session_id in led) for row in rows
    ]
    waiting = [each for each in found if each.alarm.seen_at is None]
    return waiting + [each for each in found if each.alarm.seen_at][:MOST_SEEN]


def may_see(user: User, alarm: Alarm) -> bool:
    """Whether it is for this person to look and take it in hand."""
    return queries.led_by(user).filter(pk=alarm.session_id).exists()


def told(alarm: Alarm) -> list[Delivery]:
    """Who was told first, whether they have read it, and whether it reached their phones."""
    return incident_queries.deliveries_of_notice(alarm.notice_id)


def version(now: datetime) -> Version:
    """Of this school. Without Redis it is the same, at one query a look."""
    try:
        kept = cache.get(VERSION_KEY)
        if kept is None:
            kept = _version(now)
            cache.set(VERSION_KEY, kept, FRESH_SECONDS)
    except RedisError as error:
        log.warning("care.alarms_without_redis", reason=type(error).__name__)
        kept = _version(now)
    return Version(*kept)


def _version(now: datetime) -> tuple[str, bool]:
    with connection.cursor() as cursor:
        cursor.execute(VERSION, [day_of(now), now + BEFORE, now - AFTER])
        state, is_busy = cursor.fetchone()
    return hashlib.sha256(f"{state}|{is_busy}".encode()).hexdigest()[:16], is_busy
