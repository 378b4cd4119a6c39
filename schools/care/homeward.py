"""Whether a child may go home alone (S24): by the agreement's own words, on the word of who may sign for it.

The consent is one adult's: who signed the application, or who has confirmed it since. It holds while that adult may sign
for the child without a break; a child is not let go on the word of a denied adult. Any signing adult ends it by a no,
which stands until that adult takes it back or may sign no longer: beside another one's no, and under the child's other
agreements too, unless that adult has signed the agreement itself since, or a word has been said under it. A yes instead
of another's word counts from who could sign, by this number, before that word; or before its giver lost the right, and
not by the hand that took it.
"""

from collections.abc import Collection
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, Subquery, UUIDField, When
from django.db.models.functions import Coalesce

from afterbell.accounts.models import User
from afterbell.audit import queries as audit
from schools.care.models import HomeWord
from schools.care.roll import Consent
from schools.enrolment.models import Agreement
from schools.enrolment.states import AgreementState
from schools.people import answerers
from schools.people.models import Guardian, Tie
from schools.people.queries import LIVE

TAKING: Final = ("people.tie.change", "people.tie.deny", "people.tie.end")
"""The deeds by which an adult loses the right to sign."""


def with_consent(rows: QuerySet[Agreement]) -> QuerySet[Any]:
    """Those that say "alone", each with what of() needs. The right is asked of the tie; one query."""
    word = _words()
    tie = Tie.objects.filter(guardian=OuterRef("giver"), pupil=OuterRef("pupil"))
    unbroken = Q(signed_until=None) | Q(signed_until__lte=OuterRef("given_at"))
    return (
        rows.filter(goes_home_alone=True)
        .annotate(
            word_id=Subquery(word.values("pk")[:1]),
            word_yes=Subquery(word.values("is_yes")[:1]),
            word_others=Subquery(word.values("others")[:1]),
            word_at=Subquery(word.values("at")[:1]),
            word_until=Subquery(word.values("held_until")[:1]),
            giver=Coalesce(
                Subquery(word.values("guardian")[:1]), F("application__guardian"), output_field=UUIDField()
            ),
        )
        .annotate(given_at=Coalesce(F("word_at"), F("guardian_signed_at")))
        .annotate(
            is_given=Exists(tie.filter(LIVE, unbroken, may_sign=True)),
            giver_signs=Exists(tie.filter(LIVE, may_sign=True)),
            lost_at=Subquery(tie.filter(signed_until__gt=OuterRef("given_at")).values("signed_until")[:1]),
        )
    )


def _words() -> QuerySet[HomeWord]:
    """For one agreement: the word under it; before there is one, the last no under another of the child's, by an adult
    who could sign when this one was signed and did not sign it itself since."""
    same_child = Agreement.objects.filter(pupil=OuterRef(OuterRef("pupil"))).values("pk")
    signs = Tie.objects.filter(guardian=OuterRef("guardian"), pupil=OuterRef(OuterRef("pupil"))).filter(
        Q(may_sign=True) | Q(signed_until__gt=OuterRef(OuterRef("guardian_signed_at")))
    )
    signed_since = Q(guardian=OuterRef("application__guardian"), at__lte=OuterRef("guardian_signed_at"))
    anothers = Q(Exists(signs), is_yes=False) & ~signed_since
    is_own = Case(When(pk=OuterRef("pk"), then=0), default=1)
    found = HomeWord.objects.filter(Q(pk=OuterRef("pk")) | anothers, pk__in=same_child)
    return found.annotate(after=is_own).order_by("after", "-at")


def of(row: Any) -> Consent:
    """Of a row of with_consent."""
    said_no = row.word_yes is False
    holds = row.is_given and not said_no
    own_until = (
        row.word_until if row.word_id == row.pk else None
    )  # of another agreement it says nothing about this one
    until = None if holds else own_until if said_no else row.lost_at
    no_stands = said_no and row.giver_signs
    others = {UUID(key): datetime.fromisoformat(at) for key, at in (row.word_others or {}).items()}
    return Consent(row.giver, holds, said_no, until, row.word_at, row.given_at, no_stands, others)


def noes(row: Any) -> dict[Guardian, datetime]:
    """Who has said no and may sign still, the last one first (a row of with_consent). One query."""
    consent = of(row)
    said = {**consent.others, **({consent.giver_id: consent.given_at} if consent.said_no else {})}
    signing = Tie.objects.filter(LIVE, pupil=row.pupil_id, guardian__in=list(said), may_sign=True)
    found = (
        {tie.guardian: said[tie.guardian_id] for tie in signing.select_related("guardian")} if said else {}
    )
    return dict(sorted(found.items(), key=lambda pair: pair[1], reverse=True))


def counts(row: Any, guardian: Guardian) -> bool:
    """Whether a yes of this adult, who signs now, takes the place of the last word (a row of with_consent)."""
    if guardian.pk == row.giver:
        return True
    if answerers.could_sign(guardian, row.pupil, before=row.given_at):
        return True
    lost = Tie.objects.get(guardian=row.giver, pupil=row.pupil)
    if lost.signed_until is None:
        return False
    taken = audit.deeds_on([f"people.tie:{lost.pk}"], verbs=TAKING)
    hand = taken[-1].by_id if taken else None
    return answerers.could_sign(guardian, row.pupil, before=lost.signed_until, but_by=hand)


def consents(agreements: Collection[UUID]) -> dict[UUID, Consent]:
    """By agreement, of those that say "alone". One query, none for none."""
    if not agreements:
        return {}
    rows = with_consent(Agreement.objects.filter(pk__in=list(agreements)))
    return {row.pk: of(row) for row in rows.defer("text")}


def of_agreement(agreement: Agreement) -> Consent | None:
    """None where it does not say "alone": then nothing is asked."""
    return consents([agreement.pk]).get(agreement.pk) if agreement.goes_home_alone else None


def running(day: date) -> QuerySet[Any]:
    """By which a child of the school goes home alone, today or later. Not ordered."""
    rows = Agreement.objects.filter(
        state=AgreementState.ACTIVE, until_date__gte=day, pupil__left_date__isnull=True
    )
    return with_consent(rows.select_related("pupil__school_class")).defer("text")


def unsettled(rows: QuerySet[Any]) -> QuerySet[Any]:
    """Of these, those whose consent holds no longer, and nobody has said a word since."""
    return rows.filter(Q(word_yes=None) | Q(word_yes=True), is_given=False)


def of_family(user: User, day: date) -> QuerySet[Any]:
    """Of the children for whom the user may sign now. Not ordered."""
    signs = Tie.objects.filter(LIVE, guardian__user=user, may_sign=True)
    return running(day).filter(pupil__in=signs.values("pupil"))


def one_of_family(user: User, agreement_id: UUID, day: date) -> Agreement:
    """Raises Agreement.DoesNotExist for another family's, and for one that is over."""
    found: Agreement = of_family(user, day).get(pk=agreement_id)
    return found


def givers(rows: Collection[Consent]) -> dict[UUID, Guardian]:
    """Whose word each was."""
    return Guardian.objects.in_bulk([row.giver_id for row in rows])
