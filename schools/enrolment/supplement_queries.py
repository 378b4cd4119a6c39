"""Reads of supplements: whose a user may see, what a side has to review, and the whole line with the applications in it."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet, Subquery, UUIDField
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from afterbell.accounts.models import User
from afterbell.accounts.permissions import Permission
from afterbell.kernel.waiting import Waiting
from schools.enrolment import holders, queries
from schools.enrolment.models import Application, ChosenActivity, Review, Side, Supplement
from schools.enrolment.queries import QueuePlace
from schools.enrolment.states import ApplicationState, SupplementState
from schools.people import queries as people


class InLine(NamedTuple):
    """Who waits for a place, as the list of the line shows it."""

    form: UUID
    number: str
    is_supplement: bool
    pupil: str
    school_class: str
    submitted_at: datetime
    titles: list[str]


def of_family(user: User) -> QuerySet[Supplement]:
    """For the children for whom the user may sign now, whichever guardian sent them. Not ordered."""
    return _whole(Supplement.objects.filter(application__pupil__in=people.signed_for(user).values("pk")))


def family_supplement(user: User, supplement_id: UUID) -> Supplement:
    """Raises Supplement.DoesNotExist for another family's, too."""
    found: Supplement = of_family(user).get(pk=supplement_id)
    return found


def under(application: Application) -> list[Supplement]:
    """Of one application, in the order in which they were sent."""
    return list(_whole(Supplement.objects.filter(application=application.pk)).order_by("submitted_at", "pk"))


def queue_places(supplement: Supplement) -> list[QueuePlace]:
    """How many without a place have applied before, of applications and supplements. Two queries."""
    waits = ChosenActivity.objects.filter(holders.waiting(), supplement=supplement)
    return queries.places_in_line(waits, supplement.submitted_at, supplement.pk)


def for_staff(user: User) -> QuerySet[Supplement]:
    """What a reviewer may see: all, or those of the own classes. Not ordered.

    With `school_said`, `committee_said`, and `is_own`: about the own child, whom others review (S14).
    """
    found = _whole(Supplement.objects.all())
    held = queries.classes_of(user)
    if held is not None:
        found = found.filter(application__pupil__school_class__in=held)
    is_own = Exists(people.ties_of(user).filter(pupil=OuterRef("application__pupil")))
    return found.annotate(school_said=_said(Side.SCHOOL), committee_said=_said(Side.COMMITTEE), is_own=is_own)


def staff_supplement(user: User, supplement_id: UUID) -> Supplement:
    """Raises Supplement.DoesNotExist."""
    found: Supplement = for_staff(user).get(pk=supplement_id)
    return found


def supplement_list(
    user: User, *, state: str = "", todo: str = "", class_id: UUID | str = "", search: str = ""
) -> QuerySet[Supplement]:
    """For the list. `todo` is a side: what it still has to review. Not ordered."""
    found = for_staff(user)
    if todo:
        found = to_review(found, Side(todo))
    return queries.narrowed(found, "application__pupil", state=state, class_id=class_id, search=search)


def to_review(found: QuerySet[Supplement], side: Side) -> QuerySet[Supplement]:
    """What this side has not said a word on."""
    done = Exists(Review.objects.filter(supplement=OuterRef("pk"), side=side))
    return found.filter(~done, state=SupplementState.SUBMITTED)


def waiting_for(user: User, now: datetime) -> list[Waiting]:  # noqa: ARG001  (what settings.WAITING calls)
    """What waits for this user: reviews of a side."""
    sides = {
        Side.SCHOOL: (Permission.ENROLMENT_REVIEW_SCHOOL, "enrolment:desk_supplements"),
        Side.COMMITTEE: (Permission.ENROLMENT_REVIEW_COMMITTEE, "enrolment:committee_supplements"),
    }
    found = []
    for side, (permission, address) in sides.items():
        if not user.has(permission):
            continue
        count = to_review(for_staff(user), side).filter(Q(is_own=False)).count()
        if count:
            said = ngettext("%(n)s 份补充申请待审核", "%(n)s 份补充申请待审核", count) % {"n": count}
            where = f"{reverse(address)}?todo={side.value}"
            found.append(Waiting(said, where, who=_("%(side)s审核") % {"side": side.label}))
    return found


def line(user: User) -> list[InLine]:
    """Who was approved and waits, in the order of applying, supplements among the applications. One query."""
    is_waiting = Q(supplement__state=SupplementState.WAITING) | Q(
        supplement=None, application__state__in=[ApplicationState.WAITING, ApplicationState.APPROVED]
    )
    rows = ChosenActivity.objects.filter(holders.waiting(), is_waiting)
    held = queries.classes_of(user)
    if held is not None:
        rows = rows.filter(application__pupil__school_class__in=held)
    rows = rows.annotate(
        form=Coalesce("supplement", "application", output_field=UUIDField()),
        form_number=Coalesce("supplement__number", "application__number"),
        at=Coalesce("supplement__submitted_at", "application__submitted_at"),
    ).order_by(
        "application__plan__term_code", "at", "form", "activity__weekday", "activity__starts", "activity__title", "pk"
    )  # fmt: skip
    found: dict[UUID, InLine] = {}
    for form, number, supplement, pupil, school_class, at, title in rows.values_list(
        "form", "form_number", "supplement", "application__pupil__name", "application__pupil__school_class__name", "at",
        "activity__title",
    ):  # fmt: skip
        new = InLine(form, number, supplement is not None, pupil, school_class, at, [])
        found.setdefault(form, new).titles.append(title)
    return list(found.values())


def _whole(found: QuerySet[Supplement]) -> QuerySet[Supplement]:
    """With all that a page of one supplement shows."""
    return found.select_related(
        "guardian", "application__plan", "application__pupil__school_class", "application__agreement"
    ).prefetch_related(
        Prefetch("choices", queryset=ChosenActivity.objects.select_related("activity")),
        Prefetch("reviews", queryset=Review.objects.select_related("by").order_by("at", "pk")),
    )


def _said(side: Side) -> Subquery:
    return Subquery(Review.objects.filter(supplement=OuterRef("pk"), side=side).values("is_approval")[:1])
