"""Reads for guardians and the gate about one child: its adults, and where it is today (S24)."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Q

from afterbell.accounts.models import User
from schools.care.models import Handover, RollEntry, Session
from schools.care.states import RollState, SessionState
from schools.enrolment.models import ChosenActivity
from schools.enrolment.states import BEGAN
from schools.people.models import Pupil, Tie


@dataclass(frozen=True)
class Adults:
    """Who may take a child, and who may not."""

    authorised: list[Tie]
    denied: list[Tie]
    others: list[Tie]


@dataclass(frozen=True)
class Whereabouts:
    """One session of a child on one day."""

    session: Session
    entry: RollEntry | None
    handover: Handover | None

    @property
    def state(self) -> str:
        """`planned`, `cancelled`, `not_on_roll` or the state of the roll."""
        if self.session.state == SessionState.CANCELLED:
            return "cancelled"
        if self.entry is not None:
            return str(self.entry.state)
        return "planned" if self.session.state == SessionState.PLANNED else "not_on_roll"


def adults_of(pupil: Pupil) -> Adults:
    """Everybody who is tied to a child now, denied ones apart. One query."""
    ties = list(
        Tie.objects.select_related("guardian")
        .filter(Q(ended_at__isnull=True) | Q(is_denied=True), pupil=pupil)
        .order_by("guardian__name", "pk")
    )
    return Adults(
        authorised=[tie for tie in ties if tie.may_collect and not tie.is_denied],
        denied=[tie for tie in ties if tie.is_denied],
        others=[tie for tie in ties if not tie.may_collect and not tie.is_denied],
    )


def child_of(user: User, pupil_id: UUID) -> Pupil:
    """A child of the user's own: a tie that has not ended and is not denied. Raises Pupil.DoesNotExist."""
    found: Pupil = Pupil.objects.select_related("school_class").get(
        pk=pupil_id,
        pk__in=Tie.objects.filter(
            Q(may_sign=True) | Q(may_collect=True),
            guardian__user=user,
            is_denied=False,
            ended_at__isnull=True,
        ).values("pupil"),
    )
    return found


def whereabouts(pupil: Pupil, day: date) -> list[Whereabouts]:
    """Every session of a child on a day: on its roll, or expected by its agreement. Four queries at most."""
    chosen = ChosenActivity.objects.filter(
        application__agreement__state__in=BEGAN,
        application__agreement__from_date__lte=day,
        application__agreement__until_date__gte=day,
        application__pupil=pupil,
    ).values("activity")
    entries = {
        entry.session_id: entry
        for entry in RollEntry.objects.filter(pupil=pupil, session__date=day).prefetch_related(
            "handovers__collector"
        )
    }
    sessions = (
        Session.objects.select_related("activity", "room")
        .filter(Q(pk__in=entries) | Q(activity__in=chosen), date=day)
        .order_by("starts_at", "pk")
    )
    return [Whereabouts(session, entry := entries.get(session.pk), standing(entry)) for session in sessions]


def standing(entry: RollEntry | None) -> Handover | None:
    """The handover that was not undone; reads what was prefetched."""
    if entry is None or entry.state != RollState.LEFT:
        return None
    return next((handover for handover in entry.handovers.all() if handover.undone_at is None), None)
