"""Reads of the parents' committee: who is seated, what was decided, what waits for a vote."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db.models import Count, Exists, F, OuterRef, Prefetch, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from afterbell.accounts import phones
from afterbell.accounts.models import User
from afterbell.accounts.permissions import Permission
from afterbell.accounts.roles import ROLES
from afterbell.kernel.dates import local_date
from afterbell.kernel.strings import dotted
from afterbell.kernel.waiting import Waiting
from schools.committee.models import Choice, Committee, Level, Resolution, Seat, Subject, Vote
from schools.committee.states import ResolutionState
from schools.people.models import Guardian, Tie

CONFIDENTIAL = (Subject.HIRE,)
"""What is said about a candidate is for the committee and the office, not for all parents."""
SLOW = timedelta(days=7)
"""After this time the quorum is enough to remind the chair."""
INSIDE = (Permission.RESOLUTIONS_VOTE, Permission.COMMITTEE_MANAGE, Permission.PLAN_REVIEW)


@dataclass(frozen=True)
class Tally:
    """Votes of one resolution."""

    yes: int
    no: int
    abstain: int

    @property
    def cast(self) -> int:
        return self.yes + self.no + self.abstain

    def reaches(self, quorum: int) -> bool:
        return self.cast >= quorum

    def passes(self, quorum: int) -> bool:
        """The quorum has voted, and more than half of the votes cast are yes; an abstention was cast too."""
        return self.reaches(quorum) and 2 * self.yes > self.cast


def committees() -> QuerySet[Committee]:
    """School, grades, classes."""
    return Committee.objects.select_related("school_class").order_by(
        "-level", "grade", "school_class__grade", "pk"
    )


def school_committee() -> Committee | None:
    """The one that decides on plan, hire and settlement."""
    return Committee.objects.filter(level=Level.SCHOOL).first()


def seated(day: date, committee: Committee | None = None) -> QuerySet[Seat]:
    """Seats that are held on this day: begun, not run out, not given up, by a parent of a child that is here now (S6)."""
    found = Seat.objects.filter(
        ended_at=None, from_date__lte=day, until_date__gte=day, guardian__in=parents_now().values("pk")
    )
    if committee is not None:
        found = found.filter(committee=committee)
    return found.select_related("guardian", "committee", "committee__school_class")


def members(day: date) -> list[Seat]:
    """All who are seated, chair and treasurer first."""
    order = {"chair": 0, "treasurer": 1}
    rows = seated(day).order_by("committee__level", "from_date", "pk")
    return sorted(rows, key=lambda seat: (seat.committee.level != Level.SCHOOL, order.get(seat.office, 2)))


def seat(seat_id: UUID) -> Seat:
    """A seat that has not ended; raises Seat.DoesNotExist."""
    return Seat.objects.select_related("guardian", "committee").get(pk=seat_id, ended_at=None)


def expired_seats(day: date) -> QuerySet[Seat]:
    """Whose term of office is over and who still stand as seated."""
    return Seat.objects.filter(ended_at=None, until_date__lt=day).select_related("guardian").order_by("pk")


def seats_of_nobodys_parent(day: date) -> QuerySet[Seat]:
    """Not over, and their holders have no child here any more: they carry nothing, and the office ends them."""
    found = Seat.objects.filter(ended_at=None, until_date__gte=day)
    return found.exclude(guardian__in=parents_now().values("pk")).select_related("guardian").order_by("pk")


def coming_seats(day: date) -> QuerySet[Seat]:
    """Written down ahead: the next terms of office, by the day on which they begin."""
    found = Seat.objects.filter(ended_at=None, from_date__gt=day)
    return found.select_related("guardian", "committee", "committee__school_class").order_by(
        "from_date", "pk"
    )


def still_a_parent(user: OuterRef) -> Q:
    """Of accounts: the adult whose account it is has a child here now. An account of no adult is the seats' own matter.

    settings.SEAT_HOLDS: accounts ask it whenever they ask for a right that comes with a seat.
    """
    adults = Guardian.objects.filter(user=user)
    return Q(~Exists(adults)) | Q(Exists(parents_now().filter(user=user)))


def seat_of(user: User, committee: Committee, day: date) -> Seat | None:
    """The user's own seat in a committee on a day."""
    return seated(day, committee).filter(guardian__user=user).first()


def parents_to_choose(search: str, most: int = 20) -> list[tuple[str, str]]:
    """Parents of children of this school, by name or phone: key, and what tells parents of one name apart."""
    plain = search.strip()
    if not plain:
        return []
    found = parents_now().filter(Q(name__contains=plain) | Q(phone__contains=plain))
    ties = Tie.objects.filter(ended_at=None, pupil__left_date=None).select_related("pupil__school_class")
    rows = found.prefetch_related(Prefetch("ties", queryset=ties.order_by("pk"))).order_by("name", "pk")[
        :most
    ]
    return [(str(row.pk), f"{row.name}（{phones.masked(row.phone)}，{_classes_of(row)}）") for row in rows]


def parent(guardian_id: UUID) -> Guardian:
    """A parent of a child that is at the school now; raises Guardian.DoesNotExist."""
    return parents_now().get(pk=guardian_id)


def parents_now() -> QuerySet[Guardian]:
    return Guardian.objects.filter(
        ties__ended_at=None, ties__is_denied=False, ties__may_sign=True, ties__pupil__left_date=None
    ).distinct()


def resolutions_for(user: User) -> QuerySet[Resolution]:
    """What the user may read: all for the committee and the office, for other parents what was decided and concerns them."""
    found = Resolution.objects.select_related("committee", "committee__school_class")
    if any(user.has(permission) for permission in INSIDE):
        return found
    return found.exclude(state=ResolutionState.OPEN).exclude(subject__in=CONFIDENTIAL)


def resolution_for(user: User, resolution_id: UUID) -> Resolution:
    """Raises Resolution.DoesNotExist for what is not there or not for this user."""
    return resolutions_for(user).get(pk=resolution_id)


def may_read(user: User, resolution_id: UUID) -> bool:
    """Whether resolution_for would find it."""
    return resolutions_for(user).filter(pk=resolution_id).exists()


def is_shut_out(user: User) -> bool:
    """Holds a seat that is not open to this login, by a code alone: no vote is asked of it here, and none is shown."""
    held = any(Permission.RESOLUTIONS_VOTE in ROLES[role].permissions for role in user.rights.withheld)
    return held and not user.has(Permission.RESOLUTIONS_VOTE)


def in_list_order(found: QuerySet[Resolution]) -> QuerySet[Resolution]:
    """Open votes first, then the newest; 'open' is the first of the three states in the alphabet."""
    return found.order_by("state", "-opened_at", "pk")


def passed_resolution(subject: Subject, object_id: UUID) -> Resolution | None:
    """The gate of other rooms (S7): the last passed resolution on this thing, or None."""
    return (
        Resolution.objects.filter(subject=subject, object_id=object_id, state=ResolutionState.PASSED)
        .order_by("-closed_at", "-pk")
        .first()
    )


def open_resolution(subject: Subject, object_id: UUID) -> Resolution | None:
    """The one that is being voted on, or None."""
    return Resolution.objects.filter(subject=subject, object_id=object_id, state=ResolutionState.OPEN).first()


def under_vote(subject: Subject) -> frozenset[UUID]:
    """What open votes of this kind are about."""
    found = Resolution.objects.filter(subject=subject, state=ResolutionState.OPEN)
    return frozenset(key for key in found.values_list("object_id", flat=True) if key is not None)


def latest_resolution(subject: Subject, object_id: UUID) -> Resolution | None:
    """The last one on this thing in whatever state, or None."""
    return (
        Resolution.objects.filter(subject=subject, object_id=object_id).order_by("-opened_at", "-pk").first()
    )


def why_void(resolution: Resolution) -> str:
    """Why what it decides carries no longer, and what to do, as its room says (settings.RESOLUTION_CARRIES); else empty."""
    hook = settings.RESOLUTION_CARRIES.get(resolution.subject)
    if not hook or resolution.object_id is None or resolution.state == ResolutionState.REJECTED:
        return ""
    return str(dotted(hook)(object_id=resolution.object_id))


def tally(resolution: Resolution) -> Tally:
    """Votes so far."""
    votes = Counter(Vote.objects.filter(resolution=resolution).values_list("choice", flat=True))
    return Tally(yes=votes[Choice.YES], no=votes[Choice.NO], abstain=votes[Choice.ABSTAIN])


def vote_of(seat: Seat, resolution: Resolution) -> Vote | None:
    """What this seat has voted."""
    return Vote.objects.filter(resolution=resolution, seat=seat).first()


def to_vote_on(user: User, now: datetime) -> list[Resolution]:
    """Open resolutions of the user's committees on which the user's seat has not voted.

    None for a login that may not vote.
    """
    if not user.has(Permission.RESOLUTIONS_VOTE):
        return []
    seats = list(seated(local_date(now)).filter(guardian__user=user).values_list("pk", "committee_id"))
    if not seats:
        return []
    voted = Vote.objects.filter(seat_id__in=[pk for pk, _committee in seats]).values("resolution_id")
    found = Resolution.objects.filter(
        committee_id__in=[committee for _pk, committee in seats], state=ResolutionState.OPEN
    )
    return list(found.exclude(pk__in=voted).order_by("opened_at", "pk"))


def to_close(now: datetime) -> list[Resolution]:
    """Open resolutions that the chair may count, with `is_complete`: nobody's vote is missing. One query.

    Everybody who has a seat has voted; or the quorum has, with more than half yes; or the quorum, and a week has passed.
    """
    voted = Vote.objects.filter(resolution=OuterRef(OuterRef("pk"))).values("seat")
    missing = seated(local_date(now)).filter(committee=OuterRef("committee")).exclude(pk__in=voted)
    found = Resolution.objects.filter(state=ResolutionState.OPEN).annotate(
        cast=Count("votes"),
        agreed=Count("votes", filter=Q(votes__choice=Choice.YES)),
        is_complete=~Exists(missing),
    )
    is_slow = Q(cast__gte=F("quorum"), opened_at__lte=now - SLOW)
    would_pass = Q(cast__gte=F("quorum"), agreed__gt=F("cast") - F("agreed"))
    return list(
        found.filter(Q(is_complete=True, cast__gt=0) | would_pass | is_slow).order_by("opened_at", "pk")
    )


def waiting_for(user: User, now: datetime) -> list[Waiting]:
    """Votes of a member; votes that are complete, for the chair; seats that ran out or carry nothing, for the office."""
    waiting: list[Waiting] = []
    if user.has(Permission.RESOLUTIONS_VOTE):
        waiting += [
            Waiting(_("请表决：%(title)s") % {"title": row.title}, _page(row))
            for row in to_vote_on(user, now)
        ]
    if user.has(Permission.MEETINGS_HOLD):
        waiting += [Waiting(_to_close(row) % {"title": row.title}, _page(row)) for row in to_close(now)]
    if user.has(Permission.COMMITTEE_MANAGE):
        expired = expired_seats(local_date(now)).count()
        if expired:
            said = _("%(n)s 位家委会委员任期已满，请办理离任") % {"n": expired}
            waiting.append(Waiting(said, reverse("committee:home")))
        without_child = seats_of_nobodys_parent(local_date(now)).count()
        if without_child:
            said = _("%(n)s 位家委会委员已没有在校就读的孩子，请办理离任") % {"n": without_child}
            waiting.append(Waiting(said, reverse("committee:home")))
    return waiting


def _to_close(row: Resolution) -> str:
    if row.is_complete:  # type: ignore[attr-defined]  # of to_close
        return _("表决已完成，请结束并公布结果：%(title)s")
    if 2 * row.agreed > row.cast:  # type: ignore[attr-defined]
        return _("已达法定票数且同意过半，可以结束表决；结束前，其他委员仍可投票：%(title)s")
    return _("已达法定票数，表决已满一周，可以结束；结束前，其他委员仍可投票：%(title)s")


def _classes_of(guardian: Guardian) -> str:
    return "、".join(dict.fromkeys(tie.pupil.school_class.name for tie in guardian.ties.all()))


def _page(resolution: Resolution) -> str:
    return reverse("committee:resolution", args=[resolution.pk])
