"""Tells the parent concerned and the members that a seat was given or ended; the way there is another room's, by name."""

from datetime import date, datetime

from django.conf import settings
from django.utils.translation import gettext as _

from afterbell.accounts.models import User
from afterbell.accounts.roles import ROLES
from afterbell.kernel.dates import local_date
from afterbell.kernel.strings import dotted
from schools.committee import queries
from schools.committee.models import Resolution, Seat
from schools.committee.states import ResolutionState
from schools.people.models import Guardian


def appointed(seat: Seat, *, by: User, now: datetime) -> None:
    """Who was seated, as what, for which days; an office that signs for money is told how to log in for it."""
    said = _("%(name)s 任%(where)s家长委员会%(office)s，任期 %(first)s 至 %(last)s。") % {
        **_names(seat), "first": seat.from_date.isoformat(), "last": seat.until_date.isoformat(),
    }  # fmt: skip
    _tell(seat, _("家长委员会有新的任职"), said + _vote_running(seat), how_to_enter(seat), by, now)


def ended(seat: Seat, *, by: User | None, now: datetime) -> None:
    """Who is no longer seated. Votes that were cast stay; `by` is None where the term was over."""
    said = _("%(name)s 不再担任%(where)s家长委员会%(office)s。") % _names(seat)
    own = _("投过的票保留，今后不再表决。有疑问请联系学校办公室。")
    _tell(seat, _("家长委员会有人离任"), said + _vote_running(seat), own, by, now)


def how_to_enter(seat: Seat) -> str:
    """What a code alone does not open; empty where it opens all."""
    if not ROLES[seat.role].needs_second_factor:
        return _("请照常用手机验证码登录，即可表决。")
    return _(
        "验证码登录仍可办理自己孩子的事。办理这个职务的事，要用手机号、密码和动态口令登录："
        "请校长在“账号和角色”中重设密码，链接会发到您的手机；设好密码后登录，再按提示设置动态口令。"
    )


def _vote_running(seat: Seat) -> str:
    running = Resolution.objects.filter(committee=seat.committee, state=ResolutionState.OPEN).order_by(
        "number"
    )
    numbers = "、".join(running.values_list("number", flat=True))
    return _("正在表决的决议：%(numbers)s。") % {"numbers": numbers} if numbers else ""


def _names(seat: Seat) -> dict[str, object]:
    return {
        "name": seat.guardian.name,
        "where": seat.committee.get_level_display(),
        "office": seat.get_office_display(),
    }


def _tell(seat: Seat, title: str, said: str, own: str, by: User | None, now: datetime) -> None:
    """To the person on the own phone, with what concerns only this one; to the other members as a letter."""
    _send([seat.guardian], title, said + own, by, now, is_urgent=True)
    others = _others(seat, local_date(now))
    if others:
        _send(others, title, said, by, now, is_urgent=False)


def _others(seat: Seat, day: date) -> list[Guardian]:
    rows = queries.seated(day, seat.committee).exclude(guardian=seat.guardian_id).order_by("pk")
    return [row.guardian for row in rows]


def _send(
    to: list[Guardian], title: str, body: str, by: User | None, now: datetime, *, is_urgent: bool
) -> None:
    dotted(settings.FAMILY_TOLD)(
        to=to, about=None, title=title, body=body, is_urgent=is_urgent, by=by, now=now
    )
