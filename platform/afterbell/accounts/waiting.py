"""Numbers that wait for a person's yes or no, and passwords that are missing (settings.WAITING)."""

from datetime import datetime
from typing import Final

from django.urls import reverse
from django.utils.translation import gettext as _

from afterbell.accounts import queries
from afterbell.accounts.models import User
from afterbell.kernel.waiting import Waiting

MOST: Final = 5
"""People without a password who are named one by one; the others are counted."""


def waiting_for(user: User, now: datetime) -> list[Waiting]:
    """One of the own account before everything else, and those that this user may vouch for by now. One query, some each."""
    address = reverse("accounts:numbers")
    found = []
    for claim in queries.open_claims(user):
        if claim.user_id == user.pk:
            title = _("有人为您的账号登记了新手机号，请确认或否定")
            found.append(Waiting(title, address, due=queries.waits_until(claim), is_urgent=True))
        elif queries.may_accept(user, claim, now):
            found.append(Waiting(_("请当面核实 %(name)s 的手机号") % {"name": claim.user.name}, address))
    return [*found, *_without_password(user)]


def _without_password(user: User) -> list[Waiting]:
    """Seats and hired people who can't do their work yet: the link is sent on a person's page."""
    rows = queries.without_password(user)
    found = [
        Waiting(
            _("%(name)s（%(role)s）还没有登录密码，请重设密码，链接会发到本人手机")
            % {"name": each.name, "role": role.label},
            reverse("accounts:user", args=[each.pk]),
        )
        for each, role in rows[:MOST]
    ]
    if len(rows) > MOST:
        said = _("另有 %(n)s 人还没有登录密码") % {"n": len(rows) - MOST}
        found.append(Waiting(said, reverse("accounts:users")))
    return found
