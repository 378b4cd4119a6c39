"""Reads of the people of a school. Objects come only through functions that take the user: not yours = not there."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db.models import Count, Exists, OuterRef, Prefetch, Q, QuerySet

from afterbell.accounts.models import Assignment, NumberClaim, User
from afterbell.accounts.permissions import Permission
from afterbell.accounts.roles import BY_SEAT, ROLES, Role
from afterbell.audit import queries as audit
from afterbell.kernel.strings import dotted
from schools.people.models import (
    AdultQuestion,
    Change,
    ChangeKind,
    Guardian,
    Pupil,
    RosterImport,
    SchoolClass,
    Tie,
)
from schools.people.naming import likened

LIVE: Final = Q(ended_at__isnull=True, is_denied=False)
"""A tie that gives rights: neither ended nor denied."""
ON_THE_ROLL: Final = Q(left_date__isnull=True)


def pupils_for(user: User) -> QuerySet[Pupil]:
    """The pupils whom a member of staff may see: all, or those of the own classes; nobody without the right."""
    return Pupil.objects.filter(_within(classes_of(user)))


def staffs_pupil(user: User, pupil_id: UUID) -> Pupil:
    """One of pupils_for. Raises Pupil.DoesNotExist."""
    pupil: Pupil = pupils_for(user).select_related("school_class").get(pk=pupil_id)
    return pupil


def classes_of(user: User) -> frozenset[UUID] | None:
    """None: every class of the school. Otherwise the classes of a class teacher, none without the right to pupils."""
    scopes: set[UUID] = set()
    for role in user.rights.scopes:
        if Permission.PUPILS_READ not in ROLES[role].permissions:
            continue
        held = user.rights.scope_of(role)
        if held is None:
            return None
        scopes |= {UUID(scope) for scope in held}
    return frozenset(scopes)


def children_of(user: User) -> QuerySet[Pupil]:
    """The children on the roll for whom the user may sign. Not ordered."""
    ties = Tie.objects.filter(LIVE, guardian__user=user, may_sign=True)
    return Pupil.objects.filter(ON_THE_ROLL, pk__in=ties.values("pupil")).select_related("school_class")


def signed_for(user: User) -> QuerySet[Pupil]:
    """Everybody for whom the user may sign now, also who has left the school: what is told of them is the user's."""
    ties = Tie.objects.filter(LIVE, guardian__user=user, may_sign=True)
    return Pupil.objects.filter(pk__in=ties.values("pupil"))


def family_of(user: User) -> QuerySet[Pupil]:
    """The children on the roll whom the user is tied to in any way, each with `own_tie_signs`. Not ordered."""
    signs = Tie.objects.filter(LIVE, guardian__user=user, may_sign=True, pupil=OuterRef("pk"))
    found = tied_to(user).filter(ON_THE_ROLL).select_related("school_class")
    return found.annotate(own_tie_signs=Exists(signs))


def tied_to(user: User) -> QuerySet[Pupil]:
    """Every child to whom the user has a live tie of any kind, on the roll or not. Not ordered."""
    return Pupil.objects.filter(pk__in=Tie.objects.filter(LIVE, guardian__user=user).values("pupil"))


def child_of(user: User, pupil_id: UUID) -> Pupil:
    """One of family_of. Raises Pupil.DoesNotExist."""
    child: Pupil = family_of(user).get(pk=pupil_id)
    return child


def guardian_of(user: User) -> Guardian | None:
    """The adult behind a login; None for staff who are no parents."""
    return Guardian.objects.filter(user=user).first()


def guardians_to_ask() -> QuerySet[Tie]:
    """Every tie that may sign for a pupil on the roll, with guardian, pupil and class. Not ordered."""
    return Tie.objects.filter(LIVE, may_sign=True, pupil__left_date__isnull=True).select_related(
        "guardian", "pupil__school_class"
    )


def guardians_of_classes(classes: Iterable[SchoolClass] | None = None) -> QuerySet[Guardian]:
    """The adults who may sign for a pupil on the roll, each once: of the school, or of these classes. Not ordered."""
    ties = guardians_to_ask()
    if classes is not None:
        ties = ties.filter(pupil__school_class__in=[school_class.pk for school_class in classes])
    return Guardian.objects.filter(pk__in=ties.values("guardian"))


@dataclass(frozen=True)
class Staff:
    """By what the people who work here are known."""

    phones: frozenset[str]
    names: frozenset[str]
    """Of accounts without a number, likened."""
    everybody: frozenset[str]
    """Of all accounts, likened: what there is to compare with who has no number."""

    def has(self, phone: str, name: str) -> bool:
        return phone in self.phones or likened(name) in (self.names if phone else self.everybody)


def staff(*, but: UUID | None = None) -> Staff:
    """The people who work here. Two queries. `but`: one account."""
    return _known(staff_accounts().exclude(pk=but) if but else staff_accounts())


def _known(users: QuerySet[User]) -> Staff:
    """Numbers that accounts have, and those that somebody said or says are theirs. Two queries.

    Their keys are read first, a school has at most some hundreds: as one statement of parts within parts it was planned as
    a loop in a loop right after a roster came in, and ran for minutes.
    """
    accounts = list(users.order_by().values_list("pk", "phone", "name"))
    keys = [pk for pk, _phone, _name in accounts]
    claims = NumberClaim.objects.filter(user__in=keys).exclude(is_accepted=False)
    changes = Change.objects.filter(kind=ChangeKind.PHONE, guardian__user__in=keys)
    first, *said = (
        rows.order_by().values_list(field, flat=True)
        for rows, field in (
            (claims, "phone"),
            (changes, "before"),
            (changes, "after"),
            (dotted(settings.STAFF_NUMBERS)(keys), "phone"),
        )
    )
    numbers = [*(phone for _pk, phone, _name in accounts), *(first.union(*said, all=True) if keys else ())]
    return Staff(
        frozenset(phone for phone in numbers if phone),
        frozenset(likened(name) for _pk, phone, name in accounts if not phone and name),
        frozenset(likened(name) for _pk, _phone, name in accounts if name),
    )


def is_staffs(phone: str, name: str) -> bool:
    """Whether the number is, was or is said to be a member of staff's here, or the name one's without a number."""
    return staff().has(phone, name)


def staff_accounts() -> QuerySet[User]:
    """Accounts with a role that is neither a parent's nor of the parents' committee. Not ordered."""
    held = Assignment.objects.exclude(role__in=[Role.GUARDIAN, *BY_SEAT]).values("user")
    found: QuerySet[User] = User.objects.filter(is_active=True, pk__in=held)
    return found


def heads() -> list[User]:
    """Who gives leaders their roles here: the principal, by role, with or without a second factor today."""
    giving = [role for role, facts in ROLES.items() if Permission.LEADERS_ASSIGN in facts.permissions]
    held = Assignment.objects.filter(role__in=giving).values("user")
    return list(User.objects.filter(is_active=True, pk__in=held).order_by("pk"))


def is_the_person(user: User, asked: AdultQuestion) -> bool:
    """Whether the account is, was or is said to be of the adult who is asked about; without a number by the name."""
    return _known(User.objects.filter(pk=user.pk)).has(asked.phone, asked.name)


def was_refused(asked: AdultQuestion) -> bool:
    """Whether a guardian has said no before to the end of this very denial."""
    if asked.tie_id is None:
        return False
    since = denied_at(asked)
    noes = AdultQuestion.objects.filter(tie=asked.tie_id, is_yes=False, is_decision=False)
    return noes.filter(answered_at__gte=since).exists() if since else noes.exists()


def denied_at(asked: AdultQuestion) -> datetime | None:
    """When the denial was written whose end is asked for; None for another question, or without a history."""
    if asked.tie_id is None:
        return None
    denied = Change.objects.filter(
        kind=ChangeKind.DENIED, pupil=asked.pupil_id, guardian__ties=asked.tie_id
    ).order_by("-at", "-pk")
    return denied.values_list("at", flat=True).first()


def signers_but(pupil: Pupil, phone: str) -> QuerySet[Guardian]:
    """Who may sign for the child now, but for the adult with this number, and whose account was ended. Not ordered."""
    ties = Tie.objects.filter(LIVE, pupil=pupil, may_sign=True)
    found = Guardian.objects.filter(pk__in=ties.values("guardian")).exclude(phone=phone)
    return found.exclude(user__is_active=False)


def questions_of(pupil: Pupil) -> QuerySet[AdultQuestion]:
    """What was asked about adults of the child, newest first."""
    found = AdultQuestion.objects.filter(pupil=pupil).select_related("by", "answered_by", "pupil")
    return found.order_by("-at", "-pk")


def open_questions(user: User) -> QuerySet[AdultQuestion]:
    """What a signing guardian is asked about the own children. Not ordered."""
    signed = Tie.objects.filter(LIVE, guardian__user=user, may_sign=True).values("pupil")
    found = AdultQuestion.objects.filter(answered_at=None, pupil__in=signed).exclude(phone=user.phone or "")
    return found.select_related("by", "pupil")


def unanswered() -> QuerySet[AdultQuestion]:
    """Of the whole school, the oldest first."""
    found = AdultQuestion.objects.filter(answered_at=None).select_related("by", "pupil")
    return found.order_by("at", "pk")


def question_for(user: User, question_id: UUID) -> AdultQuestion:
    """One that the user may read: about an own child, or as staff. Raises AdultQuestion.DoesNotExist."""
    own = Tie.objects.filter(LIVE, guardian__user=user, may_sign=True).values("pupil")
    seen = Q(pupil__in=own) | Q(pupil__in=pupils_for(user).values("pk"))
    found: AdultQuestion = (
        AdultQuestion.objects.filter(seen).select_related("by", "answered_by", "pupil").get(pk=question_id)
    )
    return found


def is_offices_child(pupil: Pupil) -> bool:
    """Whether somebody of the office has or had a tie to the child: then the head does what the office does for others."""
    roles = [role for role, facts in ROLES.items() if Permission.PUPILS_MANAGE in facts.permissions]
    office = User.objects.filter(
        pk__in=Assignment.objects.filter(role__in=roles).values("user"), is_active=True
    )
    own = Q(guardian__user__in=office) | Q(guardian__phone__in=office.exclude(phone=None).values("phone"))
    return Tie.objects.filter(own, pupil=pupil).exists()


def ties_of(user: User) -> QuerySet[Tie]:
    """Every tie of this person to a child, by login or by phone, ended and denied ones too. Not ordered.

    It gives no right: it says about whose child somebody must not decide.
    """
    own = Q(guardian__user=user)
    return Tie.objects.filter(own | Q(guardian__phone=user.phone) if user.phone else own)


def lost_signers(ties: Iterable[Tie]) -> set[UUID]:
    """Children whose adults had the right to sign and none has it now: whoever is next is not one hand's to say.

    `ties`: all of these children. Ended or denied ties say so, and rights that were taken away; a child that never had an
    adult is not among them. No query where each child has a signer or was never tied, else two.
    """
    by_child: dict[UUID, list[Tie]] = defaultdict(list)
    for tie in ties:
        by_child[tie.pupil_id].append(tie)
    bare = {
        child: rows
        for child, rows in by_child.items()
        if not any(row.may_sign and row.ended_at is None and not row.is_denied for row in rows)
    }
    lost = {
        child
        for child, rows in bare.items()
        if any(row.is_denied or row.ended_at is not None for row in rows)
    }
    rest = {f"people.tie:{row.pk}": child for child in bare.keys() - lost for row in bare[child]}
    if rest:
        lost |= set(
            Change.objects.filter(kind=ChangeKind.LIFTED, pupil__pk__among=set(rest.values())).values_list(
                "pupil", flat=True
            )
        )
        changed = audit.details_of("people.tie.change")
        lost |= {child for target, child in rest.items() if changed.get(target, {}).get("signs") is False}
    return lost


def may_sign(guardian: Guardian, pupil: Pupil) -> bool:
    """Whether the adult may sign for the child now."""
    return Tie.objects.filter(LIVE, guardian=guardian, pupil=pupil, may_sign=True).exists()


def collectors_of(pupil: Pupil) -> QuerySet[Tie]:
    """Who may collect the child (S24), with the adult; in the order of their making."""
    ties = Tie.objects.filter(LIVE, pupil=pupil, may_collect=True)
    return ties.select_related("guardian").order_by("pk")


def collector_of(pupil: Pupil, tie_id: UUID) -> Tie:
    """One of collectors_of. Raises Tie.DoesNotExist."""
    tie: Tie = collectors_of(pupil).select_related("pupil").get(pk=tie_id)
    return tie


def on_roll(day: date) -> int:
    """How many pupils the school had on a day; the day of leaving still counts."""
    return Pupil.objects.filter(
        Q(left_date__isnull=True) | Q(left_date__gte=day), joined_date__lte=day
    ).count()


def adults_of(pupil: Pupil) -> list[Tie]:
    """All ties of a child with their adults, ended ones too: live, denied, ended.

    `is_claimed`: a new number waits. `is_asked`: the end of the denial was asked for.
    """
    asked = AdultQuestion.objects.filter(tie=OuterRef("pk"), answered_at=None)
    claims = NumberClaim.objects.filter(user=OuterRef("guardian__user"), answered_at=None)
    rows = Tie.objects.filter(pupil=pupil).select_related("guardian").order_by("pk")
    ties = rows.annotate(is_claimed=Exists(claims), is_asked=Exists(asked))
    return sorted(ties, key=lambda tie: (tie.ended_at is not None, not tie.is_denied))


def history_of(pupil: Pupil) -> QuerySet[Change]:
    """What was corrected, denied or lifted about a child and its adults, newest first, with who did it."""
    adults = Tie.objects.filter(pupil=pupil).values("guardian")
    theirs = Q(pupil__isnull=True, guardian__in=adults)
    found = Change.objects.filter(Q(pupil=pupil) | theirs).select_related("guardian", "by")
    return found.order_by("-at", "-pk")


def tie_of(pupil: Pupil, tie_id: UUID) -> Tie:
    """Raises Tie.DoesNotExist."""
    tie: Tie = Tie.objects.select_related("guardian", "pupil").get(pk=tie_id, pupil=pupil)
    return tie


def tie_between(pupil: Pupil, phone: str) -> Tie | None:
    """The tie of a pupil to the adult with this phone, whatever its state."""
    return Tie.objects.select_related("guardian", "pupil").filter(pupil=pupil, guardian__phone=phone).first()


def class_list(user: User) -> QuerySet[SchoolClass]:
    """The classes that the user may see, with `pupils_on_roll` and `without_signer`. Not ordered."""
    signs = Tie.objects.filter(LIVE, may_sign=True, pupil=OuterRef("pupils"))
    here = Q(pupils__isnull=False, pupils__left_date__isnull=True)
    return _classes(user).annotate(
        pupils_on_roll=Count("pupils", filter=here),
        without_signer=Count("pupils", filter=here & Q(~Exists(signs))),
    )


def class_for(user: User, class_id: UUID) -> SchoolClass:
    """Raises SchoolClass.DoesNotExist."""
    found: SchoolClass = _classes(user).get(pk=class_id)
    return found


def any_class(class_id: UUID) -> SchoolClass:
    """Raises SchoolClass.DoesNotExist."""
    found: SchoolClass = SchoolClass.objects.get(pk=class_id)
    return found


def pupil_list(user: User, *, class_id: str = "", search: str = "", state: str = "here") -> QuerySet[Pupil]:
    """For the list: pupils whom staff may see, with class and live adults. Not ordered."""
    adults = Tie.objects.filter(LIVE).select_related("guardian").order_by("pk")
    live = Prefetch("ties", queryset=adults, to_attr="live_ties")
    found = pupils_for(user).select_related("school_class").prefetch_related(live)
    if class_id:
        found = found.filter(school_class=UUID(class_id))
    if search:
        found = found.filter(Q(name__icontains=search) | Q(number__icontains=search))
    if state in ("here", "left"):
        found = found.filter(left_date__isnull=state == "here")
    return found


def imports() -> QuerySet[RosterImport]:
    """What has been imported, with who did it. Not ordered."""
    return RosterImport.objects.select_related("by")


def roster_import(import_id: UUID) -> RosterImport:
    """Raises RosterImport.DoesNotExist."""
    found: RosterImport = imports().get(pk=import_id)
    return found


def _classes(user: User) -> QuerySet[SchoolClass]:
    held = classes_of(user)
    return SchoolClass.objects.all() if held is None else SchoolClass.objects.filter(pk__in=held)


def _within(classes: frozenset[UUID] | None) -> Q:
    """Pupils of these classes; None is every class."""
    return Q(pk__isnull=False) if classes is None else Q(school_class__in=classes)
