"""Whether a child may go home alone (S24): by the agreement's own words, on the word of who may sign for it.

The consent is one adult's: who signed the application, or who has confirmed it since. It holds while that adult may sign
for the child without a break; a child is not let go on the word of a denied adult. Any signing adult ends it by a no.
"""

from collections.abc import Collection
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery, UUIDField
from django.db.models.functions import Coalesce

from afterbell.accounts.models import User
from schools.care.models import HomeWord
from schools.care.roll import Consent
from schools.enrolment.models import Agreement
from schools.enrolment.states import AgreementState
from schools.people.models import Guardian, Tie
from schools.people.queries import LIVE


def with_consent(rows: QuerySet[Agreement]) -> QuerySet[Any]:
    """Those that say "alone", each with what of() needs. The right is asked of the tie; one query."""
    word = HomeWord.objects.filter(pk=OuterRef("pk"))
    tie = Tie.objects.filter(guardian=OuterRef("giver"), pupil=OuterRef("pupil"))
    unbroken = Q(signed_until=None) | Q(signed_until__lte=OuterRef("given_at"))
    return (
        rows.filter(goes_home_alone=True)
        .annotate(
            word_yes=Subquery(word.values("is_yes")[:1]),
            word_at=Subquery(word.values("at")[:1]),
            word_until=Subquery(word.values("held_until")[:1]),
            giver=Coalesce(
                Subquery(word.values("guardian")[:1]), F("application__guardian"), output_field=UUIDField()
            ),
        )
        .annotate(given_at=Coalesce(F("word_at"), F("guardian_signed_at")))
        .annotate(
            is_given=Exists(tie.filter(LIVE, unbroken, may_sign=True)),
            lost_at=Subquery(tie.filter(signed_until__gt=OuterRef("given_at")).values("signed_until")[:1]),
        )
    )


def of(row: Any) -> Consent:
    """Of a row of with_consent."""
    said_no = row.word_yes is False
    holds = row.is_given and not said_no
    until = None if holds else row.word_until if said_no else row.lost_at
    return Consent(row.giver, holds, said_no, until, row.word_at)


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
