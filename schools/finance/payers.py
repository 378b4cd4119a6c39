"""Finding who paid: by child, class or telephone for who may see pupils, by numbers for everybody who reads the books."""

import re
from collections.abc import Collection
from typing import Final
from uuid import UUID

from django.db.models import OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from schools.enrolment.models import Agreement
from schools.finance import provider_keys
from schools.finance.models import Account, Payment
from schools.people.models import Pupil, Tie

LONGEST: Final = 64
LEAST: Final = 4
"""Of a number or a telephone: less than that is everybody's."""
PHONE: Final = re.compile(r"\+?[0-9][0-9 -]*")


def typed(text: str) -> str:
    """What somebody typed into a search box, harmless."""
    return " ".join(text.replace("\x00", " ")[: LONGEST * 4].split())[:LONGEST]


def find(term_code: str, text: str, pupils: QuerySet[Pupil] | None) -> list[UUID]:
    """Agreements of the term that the words mean, at most all of a school. `pupils` are those whose names one may see."""
    found = _numbered(term_code, text)
    if pupils is not None:
        found |= Q(pupil__in=_named(pupils, text).values("pk"))
    return list(Agreement.objects.filter(found, plan__term_code=term_code).values_list("pk", flat=True))


def families(term_code: str, found: Collection[UUID]) -> QuerySet[Agreement]:
    """With child, class and what they owe (`owed_fen`)."""
    balance = Account.objects.filter(agreement=OuterRef("pk"), term_code=term_code).values("balance_fen")[:1]
    rows = Agreement.objects.filter(pk__in=found).select_related("pupil__school_class")
    return rows.annotate(owed_fen=Coalesce(Subquery(balance), Value(0)))


def _numbered(term_code: str, text: str) -> Q:
    if len(text) < LEAST:
        return Q(pk=None)
    named = _reads("receipt_number", text) | _reads("provider_key", provider_keys.plain(text) or text)
    receipts = Payment.objects.filter(named, agreement__plan__term_code=term_code)
    return _reads("number", text) | Q(pk__in=receipts.values("agreement"))


def _reads(field: str, text: str) -> Q:
    """The whole number, how it begins, or how it ends: as people read it out."""
    return Q(**{f"{field}__istartswith": text}) | Q(**{f"{field}__iendswith": text})


def _named(pupils: QuerySet[Pupil], text: str) -> QuerySet[Pupil]:
    """Each word is in the child's name or the class's; or all of it is a telephone of one of the child's adults."""
    digits = re.sub(r"[^0-9]", "", text)
    if PHONE.fullmatch(text) and len(digits) >= LEAST:
        adults = Tie.objects.filter(guardian__phone__endswith=digits)
        return pupils.filter(pk__in=adults.values("pupil"))
    if not text:
        return pupils.none()
    for word in text.split():
        pupils = pupils.filter(Q(name__icontains=word) | Q(school_class__name__icontains=word))
    return pupils
