"""Reads of enrolment: whose applications a user may see, what a child may choose, places in the queue."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVar
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, Exists, OuterRef, Prefetch, Q, QuerySet, Subquery, UUIDField
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from afterbell.accounts.models import User
from afterbell.accounts.permissions import Permission
from afterbell.accounts.roles import ROLES
from afterbell.kernel.dates import local_date
from afterbell.kernel.waiting import Waiting
from schools.enrolment import holders, rules
from schools.enrolment.models import LIVE, Agreement, Application, ChosenActivity, Review, Side, Supplement
from schools.enrolment.states import BEGAN, AgreementState, ApplicationState
from schools.people import class_queries
from schools.people import queries as people
from schools.people.models import Guardian, Pupil, SchoolClass, Tie
from schools.planning.models import Activity, Plan
from schools.planning.states import PlanState
from tenants.models import Term

Form = TypeVar("Form", Application, Supplement)


@dataclass(frozen=True)
class Offer:
    """A child and a published plan: what may be applied for, or the application that stands already."""

    plan: Plan
    pupil: Pupil
    term_name: str
    application: Application | None

    @property
    def key(self) -> str:
        return f"{self.plan.pk}:{self.pupil.pk}"


@dataclass(frozen=True)
class Choosable:
    """An activity as a family sees it: how many places are free, how many have applied before and hold none in it."""

    activity: Activity
    waiting: int

    @property
    def free(self) -> int:
        """Whoever comes now stands behind those who have applied, reviewed or not."""
        left: int = self.activity.capacity - self.activity.taken - self.waiting
        return max(0, left)


@dataclass(frozen=True)
class QueuePlace:
    """How many families are before this one in an activity."""

    activity: Activity
    before: int


# --- what can be applied for ---------------------------------------------------------------------------------------


def open_plans(today: date) -> list[Plan]:
    """Published and not over, the nearest first."""
    found = Plan.objects.filter(state=PlanState.PUBLISHED, last_date__gte=today)
    return list(found.order_by("first_date", "pk"))


def offers(user: User, today: date) -> list[Offer]:
    """The user's own children for whom he or she may sign, with each open plan. Four queries."""
    plans = open_plans(today)
    children = list(people.children_of(user).order_by("joined_date", "pk")) if plans else []
    living = {
        (row.plan_id, row.pupil_id): row
        for row in Application.objects.filter(plan__in=plans, pupil__in=children, state__in=LIVE)
    }
    names = dict(Term.objects.filter(code__in=[plan.term_code for plan in plans]).values_list("code", "name"))
    return [
        Offer(plan, child, names.get(plan.term_code, plan.term_code), living.get((plan.pk, child.pk)))
        for plan in plans
        for child in children
    ]


def offer(user: User, plan_id: UUID, pupil_id: UUID, today: date) -> Offer | None:
    """One of offers."""
    return next(
        (row for row in offers(user, today) if (row.plan.pk, row.pupil.pk) == (plan_id, pupil_id)), None
    )


def choosable(plan: Plan, grade: int) -> list[Choosable]:
    """The activities for a grade by day and time, with free places and the queue. Two queries."""
    rows = [row for row in _ordered(plan.activities.all()) if rules.fits(row, grade)]
    waiting = dict(
        ChosenActivity.objects.filter(holders.waiting(), activity__in=rows)
        .values_list("activity")
        .annotate(n=Count("pk"))
        .order_by("activity")
    )
    return [Choosable(row, waiting.get(row.pk, 0)) for row in rows]


def activities(plan: Plan, ids: Collection[UUID]) -> list[Activity]:
    """Those of the plan among these."""
    return _ordered(plan.activities.filter(pk__in=list(ids)))


# --- a family's own ------------------------------------------------------------------------------------------------


def of_family(user: User) -> QuerySet[Application]:
    """Applications for the children for whom the user may sign now, whichever guardian sent them. Not ordered."""
    signed = Tie.objects.filter(people.LIVE, guardian__user=user, may_sign=True).values("pupil")
    return _whole(Application.objects.filter(pupil__in=signed))


def family_application(user: User, application_id: UUID) -> Application:
    """Raises Application.DoesNotExist for another family's, too."""
    found: Application = of_family(user).get(pk=application_id)
    return found


def family_agreement(user: User, agreement_id: UUID) -> Agreement:
    """Raises Agreement.DoesNotExist."""
    found: Agreement = _agreements().get(pk=agreement_id, application__in=of_family(user))
    return found


def guardian_of(user: User, pupil: Pupil) -> Guardian | None:
    """The user as an adult who may sign for the child."""
    guardian = people.guardian_of(user)
    return guardian if guardian is not None and people.may_sign(guardian, pupil) else None


def queue_places(application: Application) -> list[QueuePlace]:
    """For each activity that it waits for, how many without a place in it have applied before, reviewed or not.

    Two queries.
    """
    return places_in_line(holders.waits_for(application.pk), application.submitted_at, application.pk)


def places_in_line(waits: QuerySet[ChosenActivity], sent: datetime, pk: UUID) -> list[QueuePlace]:
    """The same for whatever waits, an application's or a supplement's own choices, by its time and key. Two queries."""
    own = _ordered(Activity.objects.filter(choices__in=waits).distinct())
    theirs = {
        "at": Coalesce("supplement__submitted_at", "application__submitted_at"),
        "form": Coalesce("supplement", "application", output_field=UUIDField()),
    }
    before = dict(
        ChosenActivity.objects.filter(holders.waiting(), activity__in=own)
        .annotate(**theirs)
        .filter(Q(at__lt=sent) | Q(at=sent, form__lt=pk))
        .values_list("activity")
        .annotate(n=Count("pk"))
        .order_by("activity")
    )
    return [QueuePlace(row, before.get(row.pk, 0)) for row in own]


# --- the desk and the committee ------------------------------------------------------------------------------------


def for_staff(user: User) -> QuerySet[Application]:
    """What a reviewer may see: all, or those of the own classes. Not ordered.

    With `school_said`, `committee_said`, and `is_own`: about the own child, whom others review (S14).
    """
    found = _whole(Application.objects.all())
    held = classes_of(user)
    if held is not None:
        found = found.filter(pupil__school_class__in=held)
    is_own = Exists(people.ties_of(user).filter(pupil=OuterRef("pupil")))
    return found.annotate(school_said=_said(Side.SCHOOL), committee_said=_said(Side.COMMITTEE), is_own=is_own)


def staff_application(user: User, application_id: UUID) -> Application:
    """Raises Application.DoesNotExist."""
    found: Application = for_staff(user).get(pk=application_id)
    return found


def staff_agreement(user: User, agreement_id: UUID) -> Agreement:
    """Raises Agreement.DoesNotExist."""
    found: Agreement = _agreements().get(pk=agreement_id, application__in=for_staff(user).values("pk"))
    return found


def application_list(
    user: User, *, state: str = "", todo: str = "", class_id: UUID | str = "", search: str = ""
) -> QuerySet[Application]:
    """For the list. `todo` is a side: what it still has to review. Not ordered."""
    found = for_staff(user)
    if todo:
        found = to_review(found, Side(todo))
    return narrowed(found, "pupil", state=state, class_id=class_id, search=search)


def narrowed(
    found: QuerySet[Form], child: str, *, state: str = "", class_id: UUID | str = "", search: str = ""
) -> QuerySet[Form]:
    """Forms of a state, of a class, with a word in their number or the child's name; `child` is the way to the child."""
    if state:
        found = found.filter(state=state)
    if class_id:
        found = found.filter(**{f"{child}__school_class__pk": class_id})
    if search:
        found = found.filter(Q(**{f"{child}__name__icontains": search}) | Q(number__icontains=search))
    return found


def to_review(found: QuerySet[Application], side: Side) -> QuerySet[Application]:
    """What this side has not said a word on."""
    done = Review.objects.filter(side=side, supplement=None).values("application")
    return found.filter(state=ApplicationState.SUBMITTED).exclude(pk__in=done)


def chosen_for_review(user: User, ids: Collection[UUID], side: Side) -> list[Application]:
    """Of the ticked ones, those that this user may see and this side still has to review, in their order."""
    found = to_review(for_staff(user), side).filter(Q(is_own=False), pk__in=list(ids))
    return list(found.order_by("submitted_at", "pk"))


def waiting_list(user: User) -> QuerySet[Application]:
    """Who was approved and waits, for all or for a part of what was chosen, in the order of applying; supplements stand
    beside them (supplement_queries.line)."""
    waits = ChosenActivity.objects.filter(holders.waiting(), supplement=None).values("application")
    found = for_staff(user).filter(
        Q(state=ApplicationState.WAITING) | Q(state=ApplicationState.APPROVED, pk__in=waits)
    )
    return found.order_by("plan__term_code", "submitted_at", "pk")


def class_choices(user: User) -> list[tuple[str, str]]:
    """(id, name) of the classes whose applications the user may see."""
    held = classes_of(user)
    rows = SchoolClass.objects.all() if held is None else SchoolClass.objects.filter(pk__in=held)
    return class_queries.choices(rows)


def waiting_for(user: User, now: datetime) -> list[Waiting]:
    """What waits for this user: reviews of a side; a family's own children who could apply."""
    sides = {
        Side.SCHOOL: (Permission.ENROLMENT_REVIEW_SCHOOL, "enrolment:desk"),
        Side.COMMITTEE: (Permission.ENROLMENT_REVIEW_COMMITTEE, "enrolment:committee"),
    }
    found = []
    for side, (permission, address) in sides.items():
        count = (
            to_review(for_staff(user), side).filter(Q(is_own=False)).count() if user.has(permission) else 0
        )
        if count:
            said = ngettext("%(n)s 份申请待审核", "%(n)s 份申请待审核", count) % {"n": count}
            found.append(
                Waiting(
                    said,
                    f"{reverse(address)}?todo={side.value}",
                    who=_("%(side)s审核") % {"side": side.label},
                )
            )
    return found + (_to_apply(user, local_date(now)) if user.has(Permission.ENROLMENT_APPLY) else [])


def _to_apply(user: User, today: date) -> list[Waiting]:
    """Open plans for which a child of the user's has never applied, while one of their activities is for its grade.

    Once: who has withdrawn or left is not asked again, joining is the family's own choice (S1). One query.
    """
    grade = OuterRef("school_class__grade")
    fitting = Activity.objects.filter(
        plan=OuterRef(OuterRef("pk")), grade_from__lte=grade, grade_to__gte=grade
    )
    sent = Application.objects.filter(plan=OuterRef(OuterRef("pk")), pupil=OuterRef("pk"))
    may = people.children_of(user).select_related(None).filter(Exists(fitting), ~Exists(sent))
    plans = Plan.objects.filter(state=PlanState.PUBLISHED, last_date__gte=today)
    return [
        Waiting(
            _("可以给 %(children)s 报名课后服务，自愿参加，%(date)s 截止")
            % {"children": "、".join(plan.children), "date": f"{plan.last_date:%Y-%m-%d}"},
            reverse("enrolment:apply"),
        )
        for plan in plans.order_by("last_date", "pk").annotate(
            children=ArraySubquery(may.order_by("name", "pk").values("name"))
        )
        if plan.children
    ]


# --- for rooms above -----------------------------------------------------------------------------------------------


def agreement_in_force(pupil: Pupil, day: date) -> Agreement | None:
    """S15: without one there is no attendance and no charge on this day. Its last day still counts after an exit."""
    found: Agreement | None = (
        Agreement.objects.filter(pupil=pupil, state__in=BEGAN, from_date__lte=day, until_date__gte=day)
        .order_by("-from_date", "pk")
        .first()
    )
    return found


def participants(plan: Plan) -> int:
    """Children with an agreement that runs."""
    return Agreement.objects.filter(plan=plan, state=AgreementState.ACTIVE).count()


def _whole(found: QuerySet[Application]) -> QuerySet[Application]:
    """With all that a page of one application shows; what its supplements ask for is theirs."""
    chosen = (
        ChosenActivity.objects.filter(supplement=None)
        .select_related("activity")
        .order_by("activity__weekday", "activity__starts", "activity__title", "pk")
    )
    words = Review.objects.filter(supplement=None).select_related("by").order_by("at", "pk")
    return found.select_related("plan", "pupil__school_class", "guardian", "agreement").prefetch_related(
        Prefetch("choices", queryset=chosen), Prefetch("reviews", queryset=words)
    )


def _agreements() -> QuerySet[Agreement]:
    found: QuerySet[Agreement] = Agreement.objects.select_related(
        "application__guardian", "pupil__school_class", "plan", "school_signed_by"
    )
    return found


def _said(side: Side) -> Subquery:
    words = Review.objects.filter(application=OuterRef("pk"), supplement=None, side=side)
    return Subquery(words.values("is_approval")[:1])


def classes_of(user: User) -> frozenset[UUID] | None:
    """None: every class. Otherwise the classes of a class teacher."""
    scopes: set[UUID] = set()
    for role in user.rights.scopes:
        if Permission.ENROLMENT_READ not in ROLES[role].permissions:
            continue
        held = user.rights.scope_of(role)
        if held is None:
            return None
        scopes |= {UUID(scope) for scope in held}
    return frozenset(scopes)


def _ordered(found: QuerySet[Activity]) -> list[Activity]:
    return list(found.order_by("weekday", "starts", "title", "pk"))
