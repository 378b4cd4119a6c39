"""Reads of money that was asked for and spent."""

from uuid import UUID

from django.db.models import QuerySet

from afterbell.accounts.models import User
from afterbell.kernel import signs
from schools.finance import undone
from schools.finance.models import Expenditure
from schools.finance.states import ExpenditureState


def expenditures(term_code: str) -> QuerySet[Expenditure]:
    """With both persons, and whether it was undone."""
    rows = undone.marked(Expenditure.objects.filter(term_code=term_code))
    return rows.select_related("requested_by", "decided_by")


def expenditure(expenditure_id: UUID) -> Expenditure:
    """With both persons, and whether it was undone. Raises Expenditure.DoesNotExist."""
    rows = undone.marked(Expenditure.objects.select_related("requested_by", "decided_by"))
    return rows.get(pk=expenditure_id)


def pending_expenditure(term_code: str) -> list[Expenditure]:
    """Asked for and not decided: a close says what it does not hold."""
    rows = Expenditure.objects.filter(term_code=term_code, state=ExpenditureState.REQUESTED)
    return list(rows.order_by("spent_date", "pk"))


def writer_of(text: str) -> User | None:
    """Who asked last for money with this purpose or shop, while nobody has decided (settings.WORD_WRITERS)."""
    wanted = signs.plain(text)
    asked = Expenditure.objects.filter(state=ExpenditureState.REQUESTED).select_related("requested_by")
    for row in asked.order_by("-requested_at", "-pk"):
        if wanted in signs.plain(row.title) or wanted in signs.plain(row.payee):
            return row.requested_by
    return None
