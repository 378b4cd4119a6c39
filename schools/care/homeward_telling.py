"""Tells who must know at once how a child goes home: its signing adults, who has it today, the office (S24)."""

from datetime import datetime

from django.utils.translation import gettext as _

from afterbell.accounts.models import User
from afterbell.accounts.roles import Role
from schools.care import homeward
from schools.care.models import HomeWord, Session
from schools.care.roll import day_of
from schools.care.states import SessionState
from schools.enrolment import holders
from schools.enrolment.models import ChosenActivity
from schools.notices import actions as notices
from schools.notices.models import NoticeKind
from schools.people.models import Guardian, Pupil, Tie
from schools.people.queries import LIVE
from schools.staffing.states import ContractState


def said(*, word: HomeWord, pupil: Pupil, was_open: bool, by: User, now: datetime) -> None:
    """To the signing adults and to who has the child today; to the office where it had waited for this."""
    names = {"adult": word.guardian.name, "pupil": pupil.name, "number": word.agreement.number}
    if word.is_yes:
        title = _("%(pupil)s 可以自行离校")
        body = _(
            "%(adult)s 已确认：%(pupil)s 按协议 %(number)s 可以自行离校。不同意的，请监护人在“今天的服务”里修改。"
        )
    else:
        title = _("%(pupil)s 不再自行离校")
        body = _("%(adult)s 已改为：%(pupil)s 由登记的接送人来接，不再按协议 %(number)s 自行离校。")
    signing = Tie.objects.filter(LIVE, pupil=pupil, may_sign=True)
    adults = list(Guardian.objects.filter(pk__in=signing.values("guardian")))
    _send(adults, pupil, title % names, body % names, by=by, now=now)
    staff = {*on_duty_today(pupil, now), *(_office() if was_open else ())} - {by}
    _send(sorted(staff, key=lambda user: user.pk), None, title % names, body % names, by=by, now=now)


def taken_back(*, word: HomeWord, guardian: Guardian, pupil: Pupil, by: User, now: datetime) -> None:
    """To the signing adults: `guardian` has no objection any more, the one of `word` has; nothing changes at the gate."""
    title = _("%(pupil)s 仍由接送人来接") % {"pupil": pupil.name}
    body = _(
        "%(back)s 已改为同意 %(pupil)s 自行离校。%(adult)s 的答复仍是由接送人来接，要%(adult)s自己改回以后才能自行离校。"
    ) % {"back": guardian.name, "pupil": pupil.name, "adult": word.guardian.name}
    signing = Tie.objects.filter(LIVE, pupil=pupil, may_sign=True)
    adults = list(Guardian.objects.filter(pk__in=signing.values("guardian")))
    _send(adults, pupil, title, body, by=by, now=now)


def gone(*, guardian: Guardian, pupil: Pupil, by: User, now: datetime) -> None:
    """The adult may sign no longer (settings.SIGNER_GONE): who has the child today must not let it go on that word.

    The child's adults and the office hear of it from enrolment.
    """
    rows = homeward.unsettled(homeward.running(day_of(now))).filter(pupil=pupil, giver=guardian.pk)
    if not rows.exists():
        return
    title = _("%(pupil)s 今天不能自行离校") % {"pupil": pupil.name}
    body = _(
        "同意 %(pupil)s 自行离校的监护人已不能为孩子签字，这项同意不再有效。在其他监护人重新确认以前，"
        "请只把孩子当面交给登记的接送人；没有人来接的，请联系带班领导，孩子由老师看护。"
    ) % {"pupil": pupil.name}
    staff = [user for user in on_duty_today(pupil, now) if user != by]
    _send(staff, None, title, body, by=by, now=now)


def on_duty_today(pupil: Pupil, now: datetime) -> list[User]:
    """Teachers and duty leaders of today's sessions that are not over and have the child, or will have it."""
    day = day_of(now)
    chosen = ChosenActivity.objects.filter(holders.on(day), application__pupil=pupil).values("activity")
    sessions = Session.objects.filter(
        activity__in=chosen, date=day, state__in=[SessionState.PLANNED, SessionState.OPEN]
    )
    found = User.objects.filter(
        is_active=True,
        candidate__contracts__state=ContractState.ACTIVE,
        candidate__contracts__clearance__duties__session__in=sessions.values("pk"),
    )
    return list(found.distinct())


def _office() -> list[User]:
    roles = [Role.PRINCIPAL, Role.DEPUTY, Role.CLERK]
    return list(User.objects.filter(is_active=True, assignments__role__in=roles).distinct())


def _send(
    people: list[Guardian] | list[User],
    pupil: Pupil | None,
    title: str,
    body: str,
    *,
    by: User,
    now: datetime,
) -> None:
    if people:
        notices.publish(
            kind=NoticeKind.LETTER, title=title[:120], body=body, to=people, about=pupil, is_urgent=True, by=by,
            now=now,
        )  # fmt: skip
