"""Reads of money that was asked for and spent."""

from uuid import UUID

from django.db.models import QuerySet

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
