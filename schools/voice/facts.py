"""What the city may know of voices: complaints to the school by month, ratings by term, never a word of them.

Complaints to the bureau are counted where they are kept, at the letterbox, also after they were passed on.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, Final

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import TruncMonth

from schools.voice.models import Addressee, Complaint, Rating, Survey
from schools.voice.states import SurveyState
from tenants.letterbox.queries import BY_KIND

COMPLAINT_COUNTS: Final = (
    "complaints",
    "complaints_answered_in_time",
    "complaints_overdue",
    "complaints_repeated",
    "complaints_late",
    "complaints_waiting",
    "complaints_unheard",
    "complaints_unheard_in_time",
    "complaints_unheard_repeated",
    "complaints_unheard_waiting",
    *BY_KIND,
)
MonthKey = tuple[str, str]


def of_months(months: Collection[str], *, now: datetime) -> dict[MonthKey, dict[str, int]]:
    """Complaints by the month in which they came (local time) and term.

    Repeated are those of somebody who had complained in this term before: complaints less these are distinct people, as
    far as they gave their name. Unheard are those about somebody: at school not everybody may know of them, so its own
    figures are without them, and a complaint is repeated there only after one that is counted there, too.
    """
    answered = Q(answered_at__isnull=False)
    in_time = answered & Q(answered_at__lte=F("due_at"))
    waiting = ~answered & Q(due_at__gte=now)
    about_nobody = Q(accused="", accused_name="")
    earlier = _to_school().filter(
        Q(submitted_at__lt=OuterRef("submitted_at"))
        | Q(submitted_at=OuterRef("submitted_at"), pk__lt=OuterRef("pk")),
        guardian=OuterRef("guardian"),
        term_code=OuterRef("term_code"),
    )
    rows = (
        _to_school()
        .annotate(came=TruncMonth("submitted_at"), is_repeated=Exists(earlier))
        .annotate(seen_again=Exists(earlier.filter(about_nobody)))
        .values("came", "term_code")
        .annotate(
            complaints=Count("pk"),
            complaints_answered_in_time=Count("pk", filter=in_time),
            complaints_overdue=Count("pk", filter=~answered & Q(due_at__lt=now)),
            complaints_repeated=Count("pk", filter=Q(is_repeated=True)),
            complaints_late=Count("pk", filter=answered & Q(answered_at__gt=F("due_at"))),
            complaints_waiting=Count("pk", filter=waiting),
            complaints_unheard=Count("pk", filter=~about_nobody),
            complaints_unheard_in_time=Count("pk", filter=~about_nobody & in_time),
            complaints_unheard_repeated=Count(
                "pk", filter=Q(is_repeated=True) & ~(about_nobody & Q(seen_again=True))
            ),
            complaints_unheard_waiting=Count("pk", filter=~about_nobody & waiting),
            **{name: Count("pk", filter=Q(kind=kind)) for name, kind in BY_KIND.items()},
        )
    )
    found: dict[MonthKey, dict[str, int]] = {}
    for row in rows:
        month = row["came"].strftime("%Y-%m")
        if month in months:
            counts: Mapping[str, Any] = row
            found[month, row["term_code"]] = {name: counts[name] for name in COMPLAINT_COUNTS}
    return found


def of_term(term_code: str) -> dict[str, Any]:
    """Closed surveys of the term: invited, answers, sum of scores, answers of 4 or 5. Unknown without a closed one."""
    surveys = Survey.objects.filter(term_code=term_code, state=SurveyState.CLOSED)
    invited = surveys.aggregate(invited=Sum("invited"))["invited"]
    if invited is None:
        return dict.fromkeys(("survey_invited", "survey_answers", "survey_score_sum", "survey_high"))
    answers = Rating.objects.filter(survey__in=surveys).aggregate(
        survey_answers=Count("pk"),
        survey_score_sum=Sum("score", default=0),
        survey_high=Count("pk", filter=Q(score__gte=4)),
    )
    return {"survey_invited": invited, **answers}


def months_with_complaints() -> list[str]:
    """For the full pass."""
    rows = _to_school().annotate(came=TruncMonth("submitted_at")).values_list("came", flat=True)
    return sorted({came.strftime("%Y-%m") for came in rows.distinct()})


def months_with_open_complaints() -> list[str]:
    """Months in which complaints that wait become overdue by themselves."""
    rows = _to_school().filter(answered_at__isnull=True).annotate(came=TruncMonth("submitted_at"))
    return sorted({came.strftime("%Y-%m") for came in rows.values_list("came", flat=True).distinct()})


def _to_school() -> QuerySet[Complaint]:
    found: QuerySet[Complaint] = Complaint.objects.filter(addressee=Addressee.SCHOOL)
    return found
