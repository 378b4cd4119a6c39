"""Reads for guardians and the gate about one child: its adults, and where it is today (S24)."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import F, Q

from afterbell.accounts.models import User
from schools.care import onward
from schools.care.models import Handover, RollEntry, Session
from schools.care.queries import HANDOVERS
from schools.care.states import CAME, GONE, RollState, SessionState
from schools.enrolment import holders
from schools.enrolment.models import ChosenActivity
from schools.people.models import Guardian, Pupil, Tie
from schools.people.queries import LIVE


@dataclass(frozen=True)
class Adults:
    """Who may take a child, and who may not."""

    authorised: list[Tie]
    denied: list[Tie]
    others: list[Tie]


def collectors_on(pupil: Pupil, session: Session) -> list[Tie]:
    """Whom a leader may name afterwards: who can collect the child, and who could when the session began or later."""
    ties = Tie.objects.select_related("guardian").filter(
        Q(may_collect=True, is_denied=False, ended_at=None)
        | Q(may_collect=False, collected_until__gt=session.starts_at)
        & (Q(collects_since=None) | Q(collects_since__lt=F("collected_until"))),
        pupil=pupil,
    )
    return list(ties.order_by("guardian__name", "pk"))


def signers(pupils: Collection[UUID]) -> dict[UUID, list[Guardian]]:
    """Who may sign for each child, by name."""
    found: dict[UUID, list[Guardian]] = defaultdict(list)
    ties = Tie.objects.filter(LIVE, may_sign=True, pupil__in=list(pupils)).select_related("guardian")
    for tie in ties.order_by("guardian__name", "pk"):
        found[tie.pupil_id].append(tie.guardian)
    return found


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


@dataclass(frozen=True)
class Link:
    """What one session's screen says of a child's other sessions of the day; each may be None."""

    onward: Session | None = None
    """Where it may be moved to."""
    sent: Handover | None = None
    """It was sent here, and is on its way or has come."""
    elsewhere: RollEntry | None = None
    """Another session of today had it last, and still has it or has seen it leave."""


def links(session: Session, entries: Iterable[RollEntry]) -> dict[UUID, Link]:
    """By child. Eight queries at most, whatever the number of children."""
    rows = list(entries)
    pupils = {row.pupil_id for row in rows}
    others = (
        RollEntry.objects.filter(pupil_id__in=pupils, session__date=session.date, state__in=CAME)
        .exclude(session=session)
        .select_related("session__activity")
        .prefetch_related("handovers__collector", "handovers__keeper", "handovers__by")
        .order_by("session__starts_at", "pk")
    )
    there = {row.pupil_id for row in rows if row.state == RollState.PRESENT}
    nexts = onward.next_sessions([session.pk], there) if there else {}
    titled = Session.objects.select_related("activity", "room").in_bulk(
        {later.id for later in nexts.values()}
    )
    sent: dict[UUID, Handover] = {}
    elsewhere: dict[UUID, RollEntry] = {}
    for other in others:
        left = standing(other)
        if left is not None and left.next_session_id == session.pk:
            sent[other.pupil_id] = left
        elif left is None or left.next_session_id is None:
            elsewhere[other.pupil_id] = other
    return {
        row.pupil_id: Link(
            titled.get(nexts[session.pk, row.pupil_id].id) if (session.pk, row.pupil_id) in nexts else None,
            sent.get(row.pupil_id),
            elsewhere.get(row.pupil_id),
        )
        for row in rows
    }


def onward_of(session: Session, pupil_id: UUID) -> Session | None:
    """The next session of one child on that day."""
    later = onward.next_sessions([session.pk], [pupil_id]).get((session.pk, pupil_id))
    return Session.objects.select_related("activity").get(pk=later.id) if later else None


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
    chosen = ChosenActivity.objects.filter(holders.on(day), application__pupil=pupil).values("activity")
    entries = {
        entry.session_id: entry
        for entry in RollEntry.objects.filter(pupil=pupil, session__date=day).prefetch_related(*HANDOVERS)
    }
    sessions = (
        Session.objects.select_related("activity", "room")
        .filter(Q(pk__in=entries) | Q(activity__in=chosen), date=day)
        .order_by("starts_at", "pk")
    )
    return [Whereabouts(session, entry := entries.get(session.pk), standing(entry)) for session in sessions]


def standing(entry: RollEntry | None) -> Handover | None:
    """The handover that was not undone; reads what was prefetched."""
    if entry is None or entry.state not in GONE:
        return None
    return next((handover for handover in entry.handovers.all() if handover.undone_at is None), None)
