"""Officers of the bureau, and complaints that families have made."""

from datetime import datetime, timedelta

from afterbell.accounts.roles import Role
from afterbell.kernel.ids import uuid7
from tenants import context
from tenants.letterbox import family_actions
from tenants.letterbox.family_actions import Sender, Wanted
from tenants.letterbox.models import BureauComplaint, ComplaintKind
from tenants.letterbox.queries import Family
from tests import makers
from tests.accounts import makers as accounts
from tests.city import NOON

ANSWER_DAYS = timedelta(days=15)
LATER = NOON + timedelta(days=1)


def an_officer(role: str = "bureau_supervisor", scope: str = "", name: str = "督导员"):
    """In the city."""
    with context.in_city():
        return accounts.a_user(role=Role(role), scope=scope, name=name)


def a_letter(
    school,
    *,
    kind=ComplaintKind.FORCED,
    words="要求都参加",
    at: datetime = NOON,
    name="李强",
    term=makers.TERM,
    **more,
) -> BureauComplaint:
    """Of a family of this school."""
    sender = Sender(Family(school.pk, uuid7(), "+8613800001234"), name)
    with context.at_letterbox():
        return family_actions.submit(
            key=uuid7(), sender=sender, wanted=Wanted(kind, words, **more), term_code=term,
            due_at=at + ANSWER_DAYS, now=at,
        )  # fmt: skip
