"""What the city may know of participation in one term: counts of children, by no name."""

from django.db.models import Count, Q

from schools.enrolment.models import Agreement, Application, ChosenActivity
from schools.enrolment.states import ApplicationState

WEEKDAYS = 5


def of_term(term_code: str) -> dict[str, int]:
    """Participants had a signed agreement at any time in the term; "five days" chose an activity on each weekday."""
    agreements = Agreement.objects.filter(plan__term_code=term_code)
    participants = agreements.aggregate(
        participants=Count("pupil", distinct=True),
        hardship_participants=Count("pupil", distinct=True, filter=Q(pupil__is_hardship=True)),
    )
    applications = Application.objects.filter(plan__term_code=term_code).aggregate(
        applications=Count("pk", filter=~Q(state=ApplicationState.WITHDRAWN)),
        waiting=Count("pk", filter=Q(state=ApplicationState.WAITING)),
    )
    whole_week = (
        ChosenActivity.objects.filter(application__agreement__plan__term_code=term_code)
        .values("application__pupil")
        .annotate(days=Count("activity__weekday", distinct=True))
        .filter(days=WEEKDAYS)
        .count()
    )
    return {**participants, **applications, "five_day_participants": whole_week}
