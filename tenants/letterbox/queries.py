"""Reads of the letterbox: a family's own, the bureau's with what each officer may see, counts for the figures."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db.models import Count, Exists, F, Max, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce, TruncMonth

from afterbell.accounts.models import User
from afterbell.accounts.roles import Role
from tenants.letterbox import kept_out
from tenants.letterbox.models import Accused, BureauComplaint, ComplaintKind, Origin, Passing, Step
from tenants.letterbox.states import WAITING, LetterState

MonthKey = tuple[str, str]
Counts = dict[str, int]


@dataclass(frozen=True)
class Family:
    """Who asks at the letterbox: a guardian of a school, by the number that the guardian has now.

    What was written under another number is not this family's to read, until the owner has said that it is the same
    person (decision 32): the school's hand alone could have given the account away.
    """

    school_id: UUID
    guardian_id: UUID
    phone: str


def of_family(family: Family) -> QuerySet[BureauComplaint]:
    """What this guardian said to the bureau. Not ordered. At the letterbox."""
    return BureauComplaint.objects.filter(
        school_id=family.school_id, guardian_id=family.guardian_id, guardian_phone=family.phone
    )


def family_complaint(family: Family, complaint_id: UUID) -> BureauComplaint:
    """Raises BureauComplaint.DoesNotExist for another family's, too."""
    return of_family(family).get(pk=complaint_id)


def with_news(family: Family) -> list[BureauComplaint]:
    """Those on which something was done since the family last looked, the longest waiting first. One query."""
    told_at = Max("steps__at", filter=Q(steps__by_family=False))
    found = of_family(family).annotate(told_at=told_at)
    return list(
        found.filter(told_at__gt=Coalesce("family_seen_at", "submitted_at")).order_by("told_at", "pk")
    )


def steps_of(complaint: BureauComplaint) -> list[Step]:
    """In the order in which they happened."""
    return list(complaint.steps.order_by("at", "pk"))


def complaints_for(officer: User) -> QuerySet[BureauComplaint]:
    """Of the officer's districts. Not ordered; school and district stand beside each.

    Of the bureau itself only those see who are for the whole city and may not be meant: never a district's office, and
    where nobody is named, nobody who is alone. Two queries, and who else there is where nobody is named.
    """
    if Role.BUREAU_SUPERVISOR not in officer.rights.scopes:
        return BureauComplaint.objects.none()
    districts = officer.rights.scope_of(Role.BUREAU_SUPERVISOR)
    found = BureauComplaint.objects.select_related("school__district").annotate(
        district_code=F("school__district__code"),
        school_due_at=Subquery(_open_passings().values("due_at")[:1]),
    )
    if districts is not None:
        found = found.filter(school__district__code__in=districts).exclude(accused=Accused.BUREAU)
    return found.exclude(_kept_from(officer))


def complaint_for(officer: User, complaint_id: UUID) -> BureauComplaint:
    """Raises BureauComplaint.DoesNotExist for one that the officer may not see, too."""
    return complaints_for(officer).get(pk=complaint_id)


def _kept_from(officer: User) -> Q:
    """What may be about the officer: by what families wrote, however they wrote it."""
    about_bureau = Q(accused=Accused.BUREAU)
    rows = BureauComplaint.objects.filter(about_bureau | ~Q(accused_name=""))
    written = set(rows.order_by().values_list("accused", "accused_name").distinct())
    named = [name for accused, name in written if accused != Accused.BUREAU]
    ours = [name for accused, name in written if accused == Accused.BUREAU]
    nobody = [name for name in ours if kept_out.names_nobody(name)]
    meant = [name for name in ours if name not in nobody and kept_out.may_mean(name, officer.name)]
    if nobody and not any(user.pk != officer.pk for user in _for_the_city()):
        meant += nobody
    others = [name for name in named if kept_out.names(name, officer.name)]
    return about_bureau & Q(accused_name__in=meant) | ~about_bureau & Q(accused_name__in=others)


def _for_the_city() -> list[User]:
    """Officers of complaints who are of no district."""
    return [user for user in _officers() if user.rights.scope_of(Role.BUREAU_SUPERVISOR) is None]


def _officers() -> list[User]:
    found = User.objects.filter(is_active=True, assignments__role=Role.BUREAU_SUPERVISOR).distinct()
    return [user for user in found.order_by("pk") if Role.BUREAU_SUPERVISOR in user.rights.scopes]


def narrowed(
    found: QuerySet[BureauComplaint],
    *,
    now: datetime,
    search: str = "",
    school: str = "",
    district: str = "",
    kind: str = "",
    origin: str = "",
    state: str = "",
) -> QuerySet[BureauComplaint]:
    """By the filters of the address; an empty one does not filter. `state` may be "late" and "waiting", too."""
    if search:
        found = found.filter(number__icontains=search)
    if school:
        found = found.filter(Q(school__name__icontains=school) | Q(school__code__startswith=school))
    exact = {"school__district__code": district, "kind": kind, "origin": origin}
    found = found.filter(**{name: value for name, value in exact.items() if value})
    if state == LATE:
        return found.filter(state__in=WAITING, due_at__lt=now)
    if state == UNANSWERED:
        return found.filter(state__in=WAITING)
    return found.filter(state=state) if state else found


BY_KIND: Final = {
    "complaints_forced": ComplaintKind.FORCED,
    "complaints_illegal_teaching": ComplaintKind.ILLEGAL_TEACHING,
    "complaints_fee": ComplaintKind.FEE,
    "complaints_safety": ComplaintKind.SAFETY,
    "complaints_staff": ComplaintKind.STAFF,
    "complaints_content": ComplaintKind.CONTENT,
}
"""Figures of one kind each, also of complaints to the school; what remains is other."""
COUNTED = (
    "complaints", *BY_KIND, "complaints_answered_in_time", "complaints_overdue", "complaints_late", "complaints_repeated",
    "complaints_waiting", "complaints_unheard", "complaints_unheard_in_time", "complaints_unheard_repeated",
    "complaints_unheard_waiting",
)  # fmt: skip
LATE, UNANSWERED = "late", "waiting"


def waiting_first(found: QuerySet[BureauComplaint]) -> QuerySet[BureauComplaint]:
    """Unanswered ones by their deadline, then the others, the newest first."""
    return found.annotate(is_over=~Q(state__in=WAITING)).order_by("is_over", "due_at", "pk")


def has_officer(complaint: BureauComplaint) -> bool:
    """Whether anybody in the bureau may handle it. In the city."""
    return any(complaints_for(user).filter(pk=complaint.pk).exists() for user in _officers())


def passings_of(complaint: BureauComplaint) -> list[Passing]:
    """The newest first."""
    return list(complaint.passings.order_by("-passed_at", "-pk"))


def to_carry(school_id: UUID) -> list[Passing]:
    """Passed on, and not yet in the school."""
    found = Passing.objects.select_related("complaint").filter(
        complaint__school_id=school_id, carried_at=None, bounced_at=None
    )
    return list(found.order_by("passed_at", "pk"))


def to_mark(school_id: UUID) -> list[BureauComplaint]:
    """Changed since the school's figures were asked for anew."""
    return list(_direct(school_id).filter(changes__gt=F("marked")).order_by("pk"))


def counts(school_id: UUID, months: Collection[str], *, now: datetime) -> dict[MonthKey, Counts]:
    """Direct complaints by the month in which they came (local time) and term; escalated ones are the school's.

    `complaints_unheard` are those that the school has never been told of, or that are about somebody there: its own
    figures are without them. Repeated ones are those of a family that had said something to the bureau in this term
    before; for the school, something that it counts. One query.
    """
    unanswered = Q(first_answered_at__isnull=True)
    waiting = unanswered & Q(due_at__gte=now)
    earlier = _direct(school_id).filter(
        Q(submitted_at__lt=OuterRef("submitted_at"))
        | Q(submitted_at=OuterRef("submitted_at"), pk__lt=OuterRef("pk")),
        guardian_id=OuterRef("guardian_id"),
        term_code=OuterRef("term_code"),
    )
    told = _told()
    rows = (
        _direct(school_id)
        .annotate(came=TruncMonth("submitted_at"))
        .annotate(
            was_heard=told,
            is_repeated=Exists(earlier),
            heard_again=Exists(earlier.filter(told)),
        )
        .values("came", "term_code")
        .annotate(
            complaints=Count("pk"),
            complaints_answered_in_time=Count("pk", filter=Q(answered_in_time=True)),
            complaints_overdue=Count("pk", filter=unanswered & Q(due_at__lt=now)),
            complaints_late=Count("pk", filter=Q(answered_in_time=False)),
            complaints_repeated=Count("pk", filter=Q(is_repeated=True)),
            complaints_waiting=Count("pk", filter=waiting),
            complaints_unheard=Count("pk", filter=Q(was_heard=False)),
            complaints_unheard_in_time=Count("pk", filter=Q(was_heard=False, answered_in_time=True)),
            complaints_unheard_repeated=Count(
                "pk", filter=Q(is_repeated=True) & ~Q(was_heard=True, heard_again=True)
            ),
            complaints_unheard_waiting=Count("pk", filter=Q(was_heard=False) & waiting),
            **{name: Count("pk", filter=Q(kind=kind)) for name, kind in BY_KIND.items()},
        )
    )
    found: dict[MonthKey, Counts] = {}
    for row in rows:
        month = row["came"].strftime("%Y-%m")
        if month in months:
            found[month, row["term_code"]] = {name: int(row[name]) for name in COUNTED}  # type: ignore[literal-required]
    return found


def _told() -> Q:
    """The school was told of it, and nobody there is kept from it."""
    carried = Passing.objects.filter(complaint=OuterRef("pk"), carried_at__isnull=False)
    about_nobody = Q(accused="", accused_name="")
    return about_nobody & Q(Exists(carried)) & ~Q(Exists(carried.exclude(about_nobody)))


def months_of(school_id: UUID) -> list[str]:
    """Months with direct complaints."""
    return _months(_direct(school_id))


def open_months_of(school_id: UUID) -> list[str]:
    """Months in which complaints that wait become overdue by themselves."""
    return _months(_direct(school_id).filter(first_answered_at__isnull=True))


def _months(rows: QuerySet[BureauComplaint]) -> list[str]:
    came = rows.annotate(came=TruncMonth("submitted_at")).values_list("came", flat=True)
    return sorted({each.strftime("%Y-%m") for each in came.distinct()})


def _direct(school_id: UUID) -> QuerySet[BureauComplaint]:
    return BureauComplaint.objects.filter(school_id=school_id, origin=Origin.DIRECT)


def _open_passings() -> QuerySet[Passing]:
    return Passing.objects.filter(
        complaint=OuterRef("pk"), complaint__state=LetterState.PASSED, answered_at=None, bounced_at=None
    ).order_by("-passed_at", "-pk")
