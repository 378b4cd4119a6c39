"""Two complaints at the bureau, by the same actions as the pages: one of forcing, kept from the school; one passed on."""

from datetime import timedelta
from uuid import UUID

from afterbell.accounts.models import User
from afterbell.kernel.ids import uuid7
from infra.demo import words
from infra.demo.times import Times
from schools.people.models import Guardian
from tenants import context
from tenants.exchange.queries import school_here
from tenants.letterbox import actions, family_actions
from tenants.letterbox.deadlines import due_after
from tenants.letterbox.family_actions import Sender, Wanted
from tenants.letterbox.models import Accused, ComplaintKind
from tenants.letterbox.queries import Family

AGO = timedelta(days=3)
"""Young enough that the bureau still has time to answer."""
ONE_DAY, SCHOOL_HAS = timedelta(days=1), timedelta(days=6)


def forced(times: Times, guardian_id: UUID) -> None:
    """Received, and in nobody's hands at school: the family wants its name kept."""
    wanted = Wanted(ComplaintKind.FORCED, words.COMPLAINTS[ComplaintKind.FORCED][0], accused=Accused.TEACHER)
    _say(times, guardian_id, wanted, passes_on=False)


def illegal_teaching(times: Times, guardian_id: UUID) -> None:
    """Received and passed on, with the family's leave to name it."""
    text = words.COMPLAINTS[ComplaintKind.ILLEGAL_TEACHING][0]
    _say(times, guardian_id, Wanted(ComplaintKind.ILLEGAL_TEACHING, text, may_name=True), passes_on=True)


def _say(times: Times, guardian_id: UUID, wanted: Wanted, *, passes_on: bool) -> None:
    school, guardian = school_here(), Guardian.objects.get(pk=guardian_id)
    at = times.now - AGO
    sender = Sender(Family(school.pk, guardian.pk, guardian.phone), guardian.name)
    due_at = due_after(school, at)
    with context.at_letterbox():
        row = family_actions.submit(
            key=uuid7(), sender=sender, wanted=wanted, term_code=times.code, due_at=due_at, now=at
        )
    with context.in_city():
        bureau = User.objects.get(login="supervisor")
        actions.receive(complaint=row, by=bureau, now=at + ONE_DAY)
        if passes_on:
            actions.pass_on(
                complaint=row, text=row.text, is_named=True, accused=Accused.NOBODY, accused_name="",
                due_at=at + SCHOOL_HAS, by=bureau, now=at + ONE_DAY,
            )  # fmt: skip
