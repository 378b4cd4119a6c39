"""What waits for somebody in staffing: people to decide on, contracts to sign, checks that run out."""

from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from afterbell.accounts.models import User
from afterbell.accounts.permissions import Permission
from afterbell.kernel.dates import local_date
from afterbell.kernel.waiting import Waiting
from schools.staffing import queries


def waiting_for(user: User, now: datetime) -> list[Waiting]:
    """Named in settings.WAITING."""
    today = local_date(now)
    found: list[Waiting] = []
    if user.has(Permission.STAFFING_DECIDE):
        unsigned = queries.candidates(today=today, standing="approved").count()
        if unsigned:
            said = _("%(n)s 人已同意聘用，请签订聘用协议") % {"n": unsigned}
            found.append(Waiting(said, f"{reverse('staffing:people')}?standing=approved"))
    if user.has(Permission.MEETINGS_HOLD):
        unasked = queries.to_put_to_the_vote(today=today).count()
        if unasked:
            said = _("%(n)s 名应聘人等您提请家长委员会表决") % {"n": unasked}
            found.append(Waiting(said, f"{reverse('staffing:people')}?standing=proposed"))
    if user.has(Permission.STAFFING_CHECK):
        uncleared = queries.candidates(today=today, standing="uncleared").count()
        if uncleared:
            said = _("%(n)s 人核查不全，不能排班") % {"n": uncleared}
            found.append(Waiting(said, f"{reverse('staffing:people')}?standing=uncleared"))
        expiring = len(queries.expiring(today=today))
        if expiring:
            said = _("%(n)s 项核查或协议六十天内到期") % {"n": expiring}
            found.append(Waiting(said, reverse("staffing:renewals")))
    return found
