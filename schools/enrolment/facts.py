"""What the city may know of participation in one term: counts of children, by no name."""

from collections import Counter, defaultdict, deque
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db.models import Count, Exists, F, OuterRef, Q

from schools.enrolment import holders
from schools.enrolment.models import LIVE, Agreement, Application, ChosenActivity
from schools.enrolment.states import BEGAN, ApplicationState

WEEKDAYS = 5
NO_CONSENTS: Final = {
    "participants": 0,
    "consents": 0,
    "consents_in_burst": 0,
    "consents_one_device": 0,
    "consents_before_close": 0,
}


def of_term(term_code: str) -> dict[str, int]:
    """Participants had a signed agreement at any time in the term; "five days" had a place in an activity
    on each weekday. Who has some places and waits for others takes part and waits.

    Whoever left before the first day took part in nothing.
    """
    agreements = Agreement.objects.filter(plan__term_code=term_code, state__in=BEGAN)
    participants = agreements.aggregate(
        participants=Count("pupil", distinct=True),
        hardship_participants=Count("pupil", distinct=True, filter=Q(pupil__is_hardship=True)),
    )
    waits_in_part = Q(
        Exists(ChosenActivity.objects.filter(holders.waiting(), application=OuterRef("pk"))),
        state=ApplicationState.APPROVED,
    )
    applications = Application.objects.filter(plan__term_code=term_code).aggregate(
        applications=Count("pk", filter=~Q(state=ApplicationState.WITHDRAWN)),
        waiting=Count("pk", filter=Q(state=ApplicationState.WAITING) | waits_in_part),
    )
    whole_week = (
        ChosenActivity.objects.filter(holders.ever(), application__agreement__plan__term_code=term_code)
        .values("application__pupil")
        .annotate(days=Count("activity__weekday", distinct=True))
        .filter(days=WEEKDAYS)
        .count()
    )
    return {**participants, **applications, "five_day_participants": whole_week}


def of_classes(term_code: str, *, burst_minutes: int) -> dict[UUID, dict[str, int]]:
    """Signs of forcing by class (S25): participants, consents, the most of them at once and from one device."""
    found: dict[UUID, dict[str, int]] = defaultdict(NO_CONSENTS.copy)
    signed = Agreement.objects.filter(plan__term_code=term_code, state__in=BEGAN).values(
        "pupil__school_class"
    )
    for row in signed.annotate(children=Count("pupil", distinct=True)):
        found[row["pupil__school_class"]]["participants"] = row["children"]
    moments: dict[UUID, list[datetime]] = defaultdict(list)
    devices: dict[UUID, Counter[str]] = defaultdict(Counter)
    rows = Application.objects.filter(plan__term_code=term_code, state__in=LIVE).annotate(
        closed_at=F("plan__consultation__closed_at")
    )
    for class_id, at, device, closed_at in rows.order_by("submitted_at", "pk").values_list(
        "pupil__school_class", "submitted_at", "device", "closed_at"
    ):
        moments[class_id].append(at)
        devices[class_id][device] += 1
        found[class_id]["consents_before_close"] += closed_at is not None and at < closed_at
    for class_id, times in moments.items():
        found[class_id]["consents"] = len(times)
        found[class_id]["consents_in_burst"] = most_within(times, timedelta(minutes=burst_minutes))
        found[class_id]["consents_one_device"] = max(devices[class_id].values())
    return dict(found)


def most_within(times: list[datetime], span: timedelta) -> int:
    """The most of these moments (in order) that lie within one span of time."""
    window: deque[datetime] = deque()
    most = 0
    for at in times:
        window.append(at)
        while at - window[0] > span:
            window.popleft()
        most = max(most, len(window))
    return most
