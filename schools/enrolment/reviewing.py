"""Who may review what at which moment (S14): the same for an application and for a supplement to its agreement."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from django.db.models import QuerySet

from afterbell.accounts.models import User
from afterbell.accounts.permissions import Permission
from afterbell.kernel.dates import local_date
from schools.enrolment import refusals
from schools.enrolment.models import Application, Review, Side, Supplement
from schools.people import queries as people
from schools.people.models import Pupil
from schools.planning.models import Plan
from schools.planning.states import PlanState

REVIEWS: Final = {
    Side.SCHOOL: Permission.ENROLMENT_REVIEW_SCHOOL,
    Side.COMMITTEE: Permission.ENROLMENT_REVIEW_COMMITTEE,
}
Form = Application | Supplement


def child_of(form: Form) -> Pupil:
    return form.application.pupil if isinstance(form, Supplement) else form.pupil


def given_on(form: Form) -> QuerySet[Review]:
    """The words on this form: an application's supplements have their own."""
    found: QuerySet[Review] = (
        form.reviews.all() if isinstance(form, Supplement) else form.reviews.filter(supplement=None)
    )
    return found


def refuse_own_child(forms: Iterable[Form], by: User) -> None:
    """Under the children's locks: a tie that is made at this moment waits, or was there first. Raises OwnChild."""
    own = set(people.ties_of(by).values_list("pupil", flat=True))
    for form in forms:
        if child_of(form).pk in own:
            raise refusals.OwnChild(number=form.number)


def refuse_review(form: Form, side: Side, by: User) -> None:
    """Unless it is ready for this side's review by this person."""
    if not by.has(REVIEWS[side]):
        raise refusals.NotYourReview(side=side.label)
    for given in given_on(form):
        if given.side == side:
            raise refusals.AlreadyReviewed(number=form.number, side=side.label)
        if given.by_id == by.pk:
            raise refusals.SamePerson(number=form.number)
    if form.state != "submitted":  # of both
        raise refusals.AlreadyDecided(number=form.number, state=form.get_state_display())


def refuse_late(plan: Plan, pupil: Pupil, now: datetime) -> None:
    """Nobody is let in after the last day, and no child that has left."""
    if plan.state != PlanState.PUBLISHED or local_date(now) > plan.last_date:
        raise refusals.Closed(date=plan.last_date)
    if pupil.left_date is not None:
        raise refusals.NotOnRoll


def said(reason: str, *, is_approval: bool) -> str:
    """The reason as it is kept. Raises NoReason for a refusal without one."""
    kept = reason.strip()[:200]
    if not is_approval and not kept:
        raise refusals.NoReason
    return kept


def is_agreed(form: Form) -> bool:
    """Both sides have said yes."""
    return given_on(form).filter(is_approval=True).count() == len(Side)
