"""Reads of consultations: who is asked, who answered what, for the family, the class and the office."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Count, Exists, Max, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from afterbell.accounts.models import User
from afterbell.accounts.permissions import Permission
from afterbell.accounts.roles import ROLES
from schools.people.models import Guardian, Pupil, Tie
from schools.planning import class_split
from schools.planning.class_split import Group, Said
from schools.planning.models import Answer, Channel, Consultation, Wish
from schools.planning.states import ConsultationState


@dataclass(frozen=True)
class Counts:
    """Children asked, and their answers."""

    asked: int
    yes: int
    no: int
    undecided: int

    @property
    def answered(self) -> int:
        return self.yes + self.no + self.undecided

    @property
    def silent(self) -> int:
        return self.asked - self.answered


@dataclass(frozen=True)
class Progress:
    """Children asked, and how many of them have an answer: all that is said while answers may change."""

    asked: int
    answered: int

    @property
    def silent(self) -> int:
        return self.asked - self.answered


@dataclass(frozen=True)
class ClassLine:
    """How far one class is."""

    id: UUID
    name: str
    counts: Progress


@dataclass(frozen=True)
class SplitLine:
    """What may be said after the close of one class, or of several together."""

    name: str
    group: Group


@dataclass(frozen=True)
class ChildLine:
    """A child of the guardian, with the answer so far."""

    pupil: Pupil
    answer: Answer | None


def consultations() -> QuerySet[Consultation]:
    """Newest term first."""
    return Consultation.objects.order_by("-term_code", "pk")


def consultation(consultation_id: UUID) -> Consultation:
    """Raises Consultation.DoesNotExist."""
    return Consultation.objects.get(pk=consultation_id)


def of_term(term_code: str) -> Consultation | None:
    """One a term."""
    return Consultation.objects.filter(term_code=term_code).first()


def for_families() -> QuerySet[Consultation]:
    """Drafts are nobody's business yet."""
    return consultations().exclude(state=ConsultationState.DRAFT)


def signers_of(pupils: QuerySet[Pupil]) -> QuerySet[Guardian]:
    """The adults who may sign for them, each once."""
    return Guardian.objects.filter(
        pk__in=Tie.objects.filter(may_sign=True, ended_at=None, pupil__in=pupils).values("guardian")
    ).order_by("pk")


def asked_pupils() -> QuerySet[Pupil]:
    """On the roll, with an adult who may sign."""
    signer = Tie.objects.filter(pupil=OuterRef("pk"), may_sign=True, ended_at=None)
    return Pupil.objects.filter(Exists(signer), left_date=None)


def nobody_signs_for() -> int:
    """How many children on the roll nobody can be asked about."""
    return Pupil.objects.filter(left_date=None).exclude(pk__in=asked_pupils().values("pk")).count()


def signers_with_child(pupils: Collection[UUID]) -> list[tuple[Guardian, Pupil]]:
    """Each adult who may sign, with each of these children that it signs for."""
    ties = Tie.objects.filter(may_sign=True, ended_at=None, pupil__pk__among=pupils)
    return [(tie.guardian, tie.pupil) for tie in ties.select_related("guardian", "pupil").order_by("pk")]


def ends_from(consultation: Consultation, least: timedelta) -> datetime:
    """From when on it may end: at the deadline, or that long after the opening and the last slip that was keyed."""
    slips = Answer.objects.filter(consultation=consultation, channel=Channel.PAPER)
    keyed = slips.aggregate(last=Max("at"))["last"]
    begun = [moment for moment in (consultation.opened_at, keyed) if moment]
    return min([consultation.closes_at, *([max(begun) + least] if begun else [])])


def counts(consultation: Consultation) -> Counts:
    """Live while it is open; after the close the numbers that were decided on."""
    if consultation.state == ConsultationState.CLOSED:
        return Counts(consultation.asked, consultation.yes, consultation.no, consultation.undecided)
    return live_counts(consultation)


def live_counts(consultation: Consultation) -> Counts:
    """A child that answered counts as asked, also when it has left since: an answer is never lost."""
    answered = Answer.objects.filter(consultation=consultation)
    wishes = answered.aggregate(**{wish: Count("pk", filter=Q(wish=wish)) for wish in Wish.values})
    silent = asked_pupils().exclude(pk__in=answered.values("pupil")).count()
    return Counts(silent + sum(wishes.values()), wishes["yes"], wishes["no"], wishes["undecided"])


def progress(consultation: Consultation) -> Progress:
    """Live. Nothing of what was said: whoever loads the page twice would know it of the family between."""
    live = live_counts(consultation)
    return Progress(live.asked, live.answered)


def by_class(consultation: Consultation, classes: Collection[str] | None) -> list[ClassLine]:
    """Who is to be reminded, by today's class; of some classes only, or of all (None). One query."""
    answered = Answer.objects.filter(consultation=consultation, pupil=OuterRef("pk"))
    signer = Tie.objects.filter(pupil=OuterRef("pk"), may_sign=True, ended_at=None)
    asked = Pupil.objects.alias(has_answer=Exists(answered)).filter(
        Q(has_answer=True) | Exists(signer) & Q(left_date=None)
    )
    if classes is not None:
        asked = asked.filter(school_class__in=[UUID(key) for key in classes])
    rows = asked.values("school_class", "school_class__name").annotate(
        asked=Count("pk"), answered=Count("pk", filter=Q(has_answer=True))
    )
    return [
        ClassLine(row["school_class"], row["school_class__name"], Progress(row["asked"], row["answered"]))
        for row in rows.order_by("school_class__grade", "school_class__number", "school_class")
    ]


def split_of(consultation: Consultation, classes: Collection[str] | None) -> list[SplitLine]:
    """After the close, what may be said by class (class_split); of some classes only, or of all (None). One query.

    By the classes of the close: a child that moves takes no answer along.
    """
    by_phone, is_yes = Q(channel=Channel.PHONE), Q(wish=Wish.YES)
    answers = Answer.objects.filter(consultation=consultation, school_class__isnull=False)
    rows = answers.values("school_class", "school_class__name").annotate(
        phone=Count("pk", filter=by_phone),
        phone_yes=Count("pk", filter=by_phone & is_yes),
        all=Count("pk"),
        yes=Count("pk", filter=is_yes),
    )
    found = list(rows.order_by("school_class__grade", "school_class__number", "school_class"))
    names = {row["school_class"]: row["school_class__name"] for row in found}
    groups = class_split.shown(
        [Said(row["school_class"], row["phone"], row["phone_yes"], row["all"], row["yes"]) for row in found]
    )
    return [
        SplitLine(names[group.ids[0]] if len(group.ids) == 1 else _("其他班级"), group)
        for group in groups
        if classes is None or (len(group.ids) == 1 and str(group.ids[0]) in classes)
    ]


def classes_of(user: User) -> frozenset[str] | None:
    """Whose consultation counts the user may see: all (None), or the classes of a class teacher."""
    scopes = [
        user.rights.scope_of(role)
        for role in user.rights.scopes
        if Permission.CONSULTATION_READ in ROLES[role].permissions
    ]
    if any(scope is None for scope in scopes):
        return None
    return frozenset().union(*(scope for scope in scopes if scope is not None))


def demand_in_grades(consultation: Consultation, grade_from: int, grade_to: int) -> int:
    """How many said yes in a grade band (S12), by the classes of the close: moving a child tells nobody its answer."""
    found = Answer.objects.filter(consultation=consultation, wish=Wish.YES)
    return found.filter(school_class__grade__range=(grade_from, grade_to)).count()


def children_of(user: User) -> QuerySet[Pupil]:
    """Children on the roll for whom this user may sign; nobody else's, whoever asks."""
    return Pupil.objects.filter(
        pk__in=Tie.objects.filter(guardian__user=user, may_sign=True, ended_at=None).values("pupil"),
        left_date=None,
    ).select_related("school_class")


def lines_of(user: User, consultation: Consultation) -> list[ChildLine]:
    """The user's children with their answers. Two queries."""
    children = list(children_of(user).order_by("joined_date", "pk"))
    answers = {
        answer.pupil_id: answer
        for answer in Answer.objects.filter(consultation=consultation, pupil__in=children)
    }
    return [ChildLine(child, answers.get(child.pk)) for child in children]


def child_of(user: User, pupil_id: UUID) -> Pupil:
    """Raises Pupil.DoesNotExist for another family's child, too."""
    return children_of(user).get(pk=pupil_id)


def guardian_of(user: User, pupil: Pupil) -> Guardian | None:
    """The user as an adult who may sign for this child."""
    return Guardian.objects.filter(
        user=user, ties__pupil=pupil, ties__may_sign=True, ties__ended_at=None
    ).first()


def on_paper(consultation: Consultation, class_id: UUID) -> list[ChildLine]:
    """The children of a class, for keying in paper answers; who answered by phone is shown, not changed."""
    pupils = list(Pupil.objects.filter(school_class_id=class_id, left_date=None).order_by("number", "pk"))
    answers = {
        answer.pupil_id: answer
        for answer in Answer.objects.filter(consultation=consultation, pupil__in=pupils)
    }
    return [ChildLine(pupil, answers.get(pupil.pk)) for pupil in pupils]
