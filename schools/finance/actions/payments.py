"""Money that came in: each notice of a provider once, and never with another amount."""

from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from afterbell.accounts.models import User
from afterbell.audit import actions as audit
from afterbell.kernel.dates import local_date
from afterbell.kernel.errors import Refused
from afterbell.kernel.money import Fen, format_fen
from afterbell.kernel.numbers import number_for
from schools.enrolment.models import Agreement
from schools.finance import accounts, holding, ledger, provider_keys, queries
from schools.finance.ledger import Posting
from schools.finance.models import Payment, Transfer, TransferKind

RECEIPT = "R"


class PaymentDiffers(Refused):
    """A known number came with another amount or paid day, or for another family: perhaps it is another payment."""

    code = "finance.payment_differs"
    message = _(
        "支付流水号“%(key)s”已登记过：收据 %(receipt)s，%(date)s，%(amount)s。这次的家庭、支付日期或金额与它不同，没有入账。"
        "请核对流水号和支付记录。"
    )


class PaymentReversed(Refused):
    """A notice whose payment was undone is not done: whoever sends it again must not believe that it is."""

    code = "finance.payment_reversed"
    message = _("支付流水号“%(key)s”的到账已冲正，没有重新入账。确已到账的，请在流水号后加“-更正”再登记。")


class PaidInFuture(Refused):
    """Nobody has paid tomorrow."""

    code = "finance.paid_in_future"
    message = _("支付时间在将来，请核对。")
    status = 400


class MoreThanOwed(Refused):
    """More than the family owes is perhaps another family's: whoever books it has seen what is owed."""

    code = "finance.more_than_owed"
    message = _(
        "%(number)s %(owed)s，这笔 %(amount)s 入账后共多缴 %(over)s，没有入账。请核对是不是这个家庭；确实收到的，带上 "
        "seen_owed_fen = %(seen)s 再登记。"
    )


class NoProviderKey(Refused):
    """A receipt without the bank's number could be booked twice."""

    code = "finance.no_provider_key"
    message = _("请填写支付流水号：要有字母或数字，最多 %(most)s 个字。")
    status = 400


class NothingPaid(Refused):
    """Zero is no payment."""

    code = "finance.nothing_paid"
    message = _("收款金额必须大于零。")
    status = 400


def record_payment(
    *,
    agreement: Agreement,
    amount: Fen,
    provider_key: str,
    paid_at: datetime,
    by: User | None,
    now: datetime,
    seen_owed: Fen | None = None,
) -> Payment:
    """Book a payment and give it a receipt number; the same notice again, however it is typed, gives the same payment.

    The same is: number, family, amount and paid day; `is_known` says which it was.

    Booked in the month in which it was paid, or in the first open one where that month is closed already: money that
    has come is never turned away for a date, nor because the term was settled (the next settlement shares it).
    `by` receives for the profile's collector, or is nobody: a provider's own notice. A person who books more than is
    owed has seen what is owed (`seen_owed`, fen; below zero is paid ahead). Raises NothingPaid, PaidInFuture,
    NoProviderKey, PaymentDiffers, PaymentReversed, MoreThanOwed, NotTheHolder.
    """
    refuse_impossible(amount=amount, paid_at=paid_at, now=now)
    key = provider_keys.plain(provider_key)
    if not 0 < len(key) <= provider_keys.LONGEST:
        raise NoProviderKey(most=provider_keys.LONGEST)
    with transaction.atomic():
        ledger.lock_books()
        term = agreement.plan.term_code
        holding.refuse_receiver(term, by, now)
        known = Payment.objects.filter(provider_key=key).first()
        if known is not None:
            _refuse_another(known, provider_key, agreement, amount, local_date(paid_at))
            return known
        if by is not None:
            _refuse_unseen(agreement, amount, seen_owed)
        payment = Payment(
            agreement=agreement,
            provider_key=key,
            amount_fen=amount,
            paid_at=paid_at,
            recorded_at=now,
            by=by,
        )
        payment.receipt_number = number_for(RECEIPT, local_date(paid_at), payment.pk)
        payment.save(force_insert=True)
        month = ledger.open_month(term, local_date(paid_at))
        ledger.post(_posting(payment), term_code=term, by=by, now=now, month=month)
        details = {"amount_fen": amount, "month": month, "receipt": payment.receipt_number.lower()}
        audit.record(verb="finance.payment.record", target=payment, by=by, at=now, details=details)
    return payment


def is_known(payment: Payment, now: datetime) -> bool:
    """Whether `record_payment`, called at `now`, gave a payment that it had booked before."""
    return payment.recorded_at != now


def refuse_impossible(*, amount: Fen, paid_at: datetime, now: datetime) -> None:
    """Raises NothingPaid, PaidInFuture."""
    if amount <= 0:
        raise NothingPaid
    if paid_at > now:
        raise PaidInFuture


def _refuse_unseen(agreement: Agreement, amount: Fen, seen: Fen | None) -> None:
    owed = queries.owed_by(queries.agreement(agreement.pk))
    if amount > max(0, owed) and seen != owed:
        raise MoreThanOwed(
            number=agreement.number,
            owed=_standing_word(owed),
            amount=format_fen(amount),
            over=format_fen(Fen(amount - owed)),
            seen=owed,
        )


def _standing_word(owed: Fen) -> str:
    """Paid ahead is not "owes nothing": the sum after it would not add up."""
    if owed < 0:
        return gettext("已多缴 %(sum)s") % {"sum": format_fen(Fen(-owed))}
    return gettext("待缴 %(sum)s") % {"sum": format_fen(owed)}


def _refuse_another(known: Payment, typed: str, agreement: Agreement, amount: Fen, paid: date) -> None:
    """The notice came before: with these contents, and its money still stands in the books. Says the number as typed."""
    key = typed.strip()[:40]
    if Transfer.objects.filter(key=_posting(known).key, reversed_by__isnull=False).exists():
        raise PaymentReversed(key=key)
    day = local_date(known.paid_at)
    if (known.agreement_id, known.amount_fen, day) != (agreement.pk, amount, paid):
        raise PaymentDiffers(
            key=key, receipt=known.receipt_number, date=day, amount=format_fen(Fen(known.amount_fen))
        )


def _posting(payment: Payment) -> Posting:
    return Posting(
        TransferKind.PAYMENT,
        f"payment:{payment.pk}",
        accounts.CASH,
        accounts.family(payment.agreement_id),
        Fen(payment.amount_fen),
    )
