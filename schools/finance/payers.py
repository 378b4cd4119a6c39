"""Finding who paid: by child, class or telephone for who may see pupils, by numbers for everybody who reads the books."""

import re
from collections.abc import Collection
from typing import Final
from uuid import UUID

from django.db.models import Case, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce

from schools.enrolment.models import Agreement
from schools.finance import ended, provider_keys
from schools.finance.models import Account, Payment
from schools.people.models import Pupil, Tie
from schools.planning.models import Plan

LONGEST: Final = 64
LEAST: Final = 4
"""Of a number or a telephone: less than that is everybody's."""
PHONE: Final = re.compile(r"\+?[0-9][0-9 -]*")


def typed(text: str) -> str:
    """What somebody typed into a search box, harmless."""
    return " ".join(text.replace("\x00", " ")[: LONGEST * 4].split())[:LONGEST]


def find(term_code: str, text: str, pupils: QuerySet[Pupil] | None) -> list[UUID]:
    """Agreements of the term that the words mean, at most all of a school. `pupils` are those whose names one may see.

    Each kind of word is a query of its own: one statement with all of them is planned by what the database believes of
    its tables, and right after an import it believed in a loop within a loop that took minutes.
    """
    of_term = Agreement.objects.filter(plan__term_code=term_code)
    found = _numbered(of_term, text) if len(text) >= LEAST else set()
    if pupils is not None:
        found |= set(of_term.filter(pupil__pk__among=_named(pupils, text)).values_list("pk", flat=True))
    return sorted(found)


def families(term_code: str, found: Collection[UUID]) -> QuerySet[Agreement]:
    """With child, class and what they owe (`owed_fen`)."""
    balance = Account.objects.filter(agreement=OuterRef("pk"), term_code=term_code).values("balance_fen")[:1]
    rows = Agreement.objects.filter(pk__among=found).select_related("pupil__school_class", "plan")
    off = ended.taken_off(rows) if Plan.objects.filter(term_code=term_code).exclude(ended_date=None) else {}
    less = (
        Case(*(When(pk=pk, then=Value(fen)) for pk, fen in off.items()), default=Value(0))
        if off
        else Value(0)
    )
    return rows.annotate(owed_fen=Coalesce(Subquery(balance), Value(0)) - less)


def _numbered(of_term: QuerySet[Agreement], text: str) -> set[UUID]:
    receipts = Payment.objects.filter(
        _reads("receipt_number", text) | _reads("provider_key", provider_keys.plain(text) or text)
    )
    paid = list(receipts.values_list("agreement", flat=True))
    return {
        *of_term.filter(_reads("number", text)).values_list("pk", flat=True),
        *of_term.filter(pk__among=paid).values_list("pk", flat=True),
    }


def _reads(field: str, text: str) -> Q:
    """The whole number, how it begins, or how it ends: as people read it out."""
    return Q(**{f"{field}__istartswith": text}) | Q(**{f"{field}__iendswith": text})


def _named(pupils: QuerySet[Pupil], text: str) -> list[UUID]:
    """Each word is in the child's name or the class's; or all of it is a telephone of one of the child's adults."""
    digits = re.sub(r"[^0-9]", "", text)
    if PHONE.fullmatch(text) and len(digits) >= LEAST:
        tied = Tie.objects.filter(guardian__phone__endswith=digits).values_list("pupil", flat=True)
        return list(pupils.filter(pk__among=list(tied)).values_list("pk", flat=True))
    words = text.split()
    for word in words:
        pupils = pupils.filter(Q(name__icontains=word) | Q(school_class__name__icontains=word))
    return list(pupils.values_list("pk", flat=True)) if words else []
