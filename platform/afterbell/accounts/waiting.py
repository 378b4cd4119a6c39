"""Numbers that wait for a person's yes or no (settings.WAITING)."""

from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from afterbell.accounts import queries
from afterbell.accounts.models import User
from afterbell.kernel.waiting import Waiting


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
    return found
