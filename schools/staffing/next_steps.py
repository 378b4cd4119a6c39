"""What comes next for one person, and who does it, for those who may not do it themselves (S16, S17, S18)."""

from datetime import date

from django.utils.translation import gettext as _

from afterbell.accounts.models import User
from afterbell.accounts.permissions import Permission
from afterbell.accounts.roles import Side, labels_with
from schools.staffing.models import Candidate
from schools.staffing.states import CandidateState


def of(
    candidate: Candidate, user: User, *, has_gaps: bool, wants_vote: bool, wants_contract: bool
) -> list[str]:
    """Sentences, in the order of the work; none for what the user has a button for."""
    if candidate.state == CandidateState.REFUSED:
        return []
    steps = [
        (has_gaps, Permission.STAFFING_CHECK, _("核查由%(who)s登记。")),
        (wants_vote, Permission.MEETINGS_HOLD, _("聘用由%(who)s提请家长委员会表决。")),
        (wants_contract, Permission.STAFFING_DECIDE, _("聘用协议由%(who)s签订。")),
    ]
    return [
        said % {"who": labels_with(permission, Side.SCHOOL)}
        for is_due, permission, said in steps
        if is_due and not user.has(permission)
    ]


def may_be_signed(*, decided: bool, until: date | None, today: date) -> bool:
    """A vote has decided, and no contract of before still runs."""
    return decided and (until is None or until < today)
