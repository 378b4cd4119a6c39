"""Reads of money that came in, and of who owes it."""

from uuid import UUID

from django.db.models import QuerySet

from afterbell.kernel.money import Fen
from schools.enrolment.models import Agreement
from schools.finance import owing, provider_keys, undone
from schools.finance.models import Payment


def payments(term_code: str) -> QuerySet[Payment]:
    """With the child, and whether it was undone."""
    rows = undone.marked(Payment.objects.filter(agreement__plan__term_code=term_code))
    return rows.select_related("agreement__pupil__school_class", "by")


def payment(payment_id: UUID) -> Payment:
    """With whether it was undone. Raises Payment.DoesNotExist."""
    rows = undone.marked(Payment.objects.all()).select_related(
        "agreement__pupil__school_class", "agreement__plan"
    )
    return rows.get(pk=payment_id)


def agreement_by_number(number: str) -> Agreement | None:
    """As it stands on the bill."""
    plain = number.strip().upper()
    rows = Agreement.objects.select_related("plan", "pupil__school_class")
    return rows.filter(number=plain).first()


def owed_by(agreement: Agreement) -> Fen:
    """What the family owes now, less what a service that ended early no longer costs; below zero: what we owe it."""
    return owing.of([agreement])[agreement.pk].fen


def is_booked(provider_key: str) -> bool:
    """Whether a payment with this number of the provider has come before."""
    return Payment.objects.filter(provider_key=provider_keys.plain(provider_key)).exists()


def agreement(agreement_id: UUID) -> Agreement:
    """Raises Agreement.DoesNotExist."""
    return Agreement.objects.select_related("plan", "pupil__school_class").get(pk=agreement_id)
