"""Tells families and duty leaders, through the school's notices: one delivery for each adult."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from afterbell.accounts.models import User
from afterbell.accounts.roles import Role
from schools.care.models import Duty, DutyRole, Handover, Session, Way
from schools.enrolment import holders
from schools.enrolment.models import ChosenActivity
from schools.notices import actions as notices
from schools.notices.models import Notice, NoticeKind
from schools.people.models import Guardian, Pupil, Tie
from schools.staffing.states import ContractState

TITLE_MOST = 120
MOST_CONTACTS = 4
MOST_DAYS_NAMED = 10


def concerned(sessions: Sequence[Session], *, title: str, body: str, by: User, now: datetime) -> int:
    """A letter to the adults of every child with a place in one of these sessions, which are of one activity or of one day,
    and to who is on duty there. Returns how many adults of children were told.
    """
    days = [row.date for row in sessions]
    adults = _with_a_place({row.activity_id for row in sessions}, min(days), max(days))
    duties = Duty.objects.filter(
        session__in=[row.pk for row in sessions], clearance__contract__state=ContractState.ACTIVE
    )
    staff = User.objects.filter(
        is_active=True, candidate__contracts__clearance__duties__in=duties.values("pk")
    ).distinct()
    people: list[Guardian | User] = [*adults, *staff]
    if people:
        notices.publish(
            kind=NoticeKind.LETTER, title=title[:TITLE_MOST], body=body, to=people, by=by, now=now
        )
    return len(adults)


def under_way(sessions: Sequence[Session], *, by: User, now: datetime) -> None:
    """S24: children were sent to these sessions, whose room has just changed. Who sent them, who answers for them on
    the way and who is on duty at either end hear of it at once, on their phones."""
    rows = Handover.objects.filter(
        way=Way.NEXT, undone_at=None, next_session__in=[row.pk for row in sessions]
    ).select_related("entry__pupil", "entry__session__activity", "by", "keeper")
    there = {row.pk: row for row in sessions}
    ways: dict[tuple[UUID, UUID], list[Handover]] = defaultdict(list)
    for row in rows.order_by("at", "pk"):
        if row.next_session_id is not None:
            ways[row.entry.session_id, row.next_session_id].append(row)
    for (here, to), sent in ways.items():
        duties = Duty.objects.filter(session__in=[here, to], clearance__contract__state=ContractState.ACTIVE)
        staff = User.objects.filter(
            is_active=True, candidate__contracts__clearance__duties__in=duties.values("pk")
        )
        people = {*staff, *(row.by for row in sent), *(row.keeper for row in sent if row.keeper)}
        said = {
            "here": sent[0].entry.session.activity.title,
            "title": there[to].activity.title,
            "room": there[to].room.name,
            "names": "、".join(row.entry.pupil.name for row in sent),
        }
        notices.publish(
            kind=NoticeKind.INCIDENT,
            title=(_("转场途中换了场地：“%(title)s”改到%(room)s") % said)[:TITLE_MOST],
            body=_(
                "“%(title)s”改到“%(room)s”。这些学生已从“%(here)s”转出：%(names)s。请马上确认他们去的是新场地。"
            )
            % said,
            to=sorted(people, key=lambda user: user.pk),
            is_urgent=True,
            by=by,
            now=now,
        )


def days(named: Sequence[str]) -> str:
    """Each day, or the first and the last of many."""
    if len(named) <= MOST_DAYS_NAMED:
        return "、".join(named)
    return _("%(first)s 至 %(last)s，共 %(n)s 次") % {"first": named[0], "last": named[-1], "n": len(named)}


def adults(
    *,
    to: Sequence[Guardian],
    about: Pupil | None,
    title: str,
    body: str,
    is_urgent: bool = False,
    by: User | None,
    now: datetime,
) -> None:
    """A letter about who is tied to a child: the people of a school stand below notices and call it by name."""
    notices.publish(
        kind=NoticeKind.LETTER, title=title[:TITLE_MOST], body=body, to=to, about=about, is_urgent=is_urgent, by=by,
        now=now,
    )  # fmt: skip


def of_incident(
    session: Session, pupil: Pupil | None, *, title: str, body: str, by: User | None, now: datetime
) -> Notice | None:
    """S23: to the child's adults and to the duty leader at once; each delivery is a row. None: nobody to tell.

    An incident is written down also where nobody can be told.
    """
    adults = Guardian.objects.filter(_with_rights(), ties__pupil=pupil).distinct() if pupil else ()
    people = [*adults, *leaders(session)]
    if not people:
        return None
    return notices.publish(
        kind=NoticeKind.INCIDENT, title=title[:TITLE_MOST], body=body, to=people, about=pupil, is_urgent=True, by=by,
        now=now,
    )  # fmt: skip


def of_alarm(
    session: Session, pupil: Pupil | None, *, title: str, body: str, by: User | None, now: datetime
) -> Notice | None:
    """Like an incident: to the child's adults who are not denied and to the duty leader. None: nobody to tell."""
    return of_incident(session, pupil, title=title, body=body, by=by, now=now)


def next_people(*, title: str, body: str, now: datetime) -> Notice | None:
    """Nobody has looked: to the principal, the deputies and the office, on their screens and phones."""
    roles = [Role.PRINCIPAL, Role.DEPUTY, Role.CLERK]
    people = list(User.objects.filter(is_active=True, assignments__role__in=roles).distinct())
    if not people:
        return None
    return notices.publish(
        kind=NoticeKind.INCIDENT,
        title=title[:TITLE_MOST],
        body=body,
        to=people,
        is_urgent=True,
        by=None,
        now=now,
    )


@dataclass(frozen=True)
class Contact:
    """Who can be called, and why."""

    name: str
    role: str | Promise
    phone: str


def contacts(session: Session) -> list[Contact]:
    """The duty leader of a session, then the principal and the deputies: whose number is known, or who there is at all."""
    duty = Duty.objects.filter(
        session=session, role=DutyRole.LEADER, clearance__contract__state=ContractState.ACTIVE
    ).select_related("clearance__contract__candidate__user")
    found = []
    for each in duty:
        person = each.clearance.contract.candidate
        phone = (person.user and person.user.phone) or person.phone
        found.append(Contact(person.name, DutyRole.LEADER.label, phone))
    heads = User.objects.filter(
        is_active=True, assignments__role__in=[Role.PRINCIPAL, Role.DEPUTY]
    ).distinct()
    for user in heads.select_related("candidate").prefetch_related("assignments").order_by("name", "pk"):
        roles = {assignment.role for assignment in user.assignments.all()}
        given = getattr(user, "candidate", None)
        role = Role.PRINCIPAL if Role.PRINCIPAL in roles else Role.DEPUTY
        found.append(Contact(user.name, role.label, user.phone or (given.phone if given else "")))
    return [each for each in found if each.phone][:MOST_CONTACTS] or found[:MOST_CONTACTS]


def leaders(session: Session) -> list[User]:
    """The duty leader of the session; without one, or one without an account, the school's leaders."""
    duty = "candidate__contracts__clearance__duties"
    on_duty = User.objects.filter(
        is_active=True,
        candidate__contracts__state=ContractState.ACTIVE,
        **{f"{duty}__session": session, f"{duty}__role": DutyRole.LEADER},
    )
    heads = User.objects.filter(is_active=True, assignments__role__in=[Role.PRINCIPAL, Role.DEPUTY])
    return list(on_duty.distinct()) or list(heads.distinct())


def _with_a_place(activities: Collection[UUID], first: date, last: date) -> list[Guardian]:
    """Adults of the children who have a place in one of these activities on some of these days."""
    chosen = ChosenActivity.objects.filter(holders.between(first, last), activity__in=activities)
    pupils = chosen.values("application__pupil")
    return list(Guardian.objects.filter(_with_rights(), ties__pupil__in=pupils).distinct())


def _with_rights() -> Q:
    """Adults with rights over the child; who is denied is never told where the child is."""
    return Q(
        ties__in=Tie.objects.filter(Q(may_sign=True) | Q(may_collect=True), is_denied=False, ended_at=None)
    )
