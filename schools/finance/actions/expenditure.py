"""Money that goes out for the service: asked for by one person, approved by another (S2, S3, S26, S27)."""

from datetime import date, datetime
from typing import Final
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from afterbell.accounts.models import User
from afterbell.audit import actions as audit
from afterbell.kernel import states
from afterbell.kernel.dates import local_date
from afterbell.kernel.errors import Refused
from afterbell.kernel.ids import uuid7
from afterbell.kernel.money import MOST, Fen, TooMuchMoney, format_fen
from schools.finance import (
    accounts,
    approved,
    findings,
    holding,
    ledger,
    owing,
    payees,
    rules,
    spending,
    statements,
)
from schools.finance.actions.closed import SamePerson
from schools.finance.ledger import NotEnoughCash, Posting
from schools.finance.models import Expenditure, TransferKind
from schools.finance.spending import Item, Payee
from schools.finance.states import EXPENDITURE_MOVES, ExpenditureState
from tenants.exchange import names

AS_ASKED: Final = (
    "term_code", "item", "title", "payee_kind", "payee", "contract_id", "provider_id", "amount_fen", "spent_date",
    "requested_by_id",
)  # fmt: skip
"""What a request says; the same key with anything else of it is another request."""
LONGEST_WARNING: Final = 200


class UnknownItem(Refused):
    """Venue, rent, water and power do not exist as items (S2), nor does anything else that is not on the list."""

    code = "finance.unknown_item"
    message = _("“%(item)s”不在可以列支的项目之中，请从列表中选择。")
    status = 400


class KindNotAllowed(Refused):
    """The policy may leave out kinds of cost."""

    code = "finance.kind_not_allowed"
    message = _("现行政策不允许列支“%(kind)s”。课后服务收入只能用于政策列出的类别。")


class DateOutsideTerm(Refused):
    """An expenditure belongs to a day of the term that is not in the future."""

    code = "finance.date_outside_term"
    message = _("支出日期 %(date)s 不在学期之内，或者还没有到。")


class NoReason(Refused):
    """Whoever refuses says why."""

    code = "finance.no_reason"
    message = _("请写明不批准的原因，申请人会看到。")
    status = 400


class NoDecisionReason(Refused):
    """Words warned: whoever approves all the same says why."""

    code = "finance.no_decision_reason"
    message = _("这笔支出有提示词“%(words)s”。请核对，确实可以支出的，写明批准理由（至少 %(least)s 个字）。")
    status = 400


class OwnPay(Refused):
    """Nobody decides on money that goes to the own pocket."""

    code = "finance.own_pay"
    message = _("您是这笔支出的收款人之一，请由另一位有权的人审批。")


class PromisedToFamilies(NotEnoughCash):
    """Refunds that have been computed and not been sent are the families' money."""

    message = _("账上可以支出 %(held)s（已扣除待退还家庭的 %(promised)s），不够支付 %(asked)s。没有记账。")


class PromisedOnBills(PromisedToFamilies):
    """So is what bills say since the service ended early, before any refund of it is made (S36)."""

    message = _(
        "账上可以支出 %(held)s（已扣除待退还家庭的 %(promised)s，其中 %(bills)s 是服务提前结束后账单上写明应退的），"
        "不够支付 %(asked)s。没有记账。"
    )


class AskedOtherwise(Refused):
    """One form is one request: what was changed after it had been sent is another one."""

    code = "finance.expenditure_asked_otherwise"
    message = _(
        "这张申请单已经提交过，内容与这次不同，没有再提交。请打开支出列表核对；需要另一笔的，请重新填写。"
    )


class NothingSpent(Refused):
    """Zero is no expenditure, and one without words can't be published."""

    code = "finance.nothing_spent"
    message = _("请填写事由和大于零的金额。")
    status = 400


def request_expenditure(
    *,
    term_code: str,
    item: str,
    title: str,
    amount: Fen,
    payee: Payee,
    spent_date: date,
    by: User,
    now: datetime,
    key: UUID | None = None,
) -> Expenditure:
    """Ask for money. The same form (`key`) sent twice is one request.

    Raises UnknownItem, KindNotAllowed, DateOutsideTerm, NamesAChild, AskedOtherwise and what payees.checked raises.
    """
    term, words = rules.term(term_code), statements.one_line(title)[:120]
    thing = _item(item)
    if amount <= 0 or not words:
        raise NothingSpent
    if amount > MOST:
        raise TooMuchMoney(text=format_fen(amount))
    if not term.first_date <= spent_date <= min(term.last_date, local_date(now)):
        raise DateOutsideTerm(date=spent_date)
    if thing.kind not in rules.policy_on(spent_date).policy.spending_kinds:
        raise KindNotAllowed(kind=thing.kind.label)
    names.refuse_children(payees.own_words(item, words, payee.name))  # the accounts are public
    with transaction.atomic():
        ledger.lock_books()
        paid = payees.checked(thing, payee, title=words, term=term, day=spent_date)
        asked = Expenditure(
            pk=key or uuid7(),
            term_code=term_code,
            kind=thing.kind,
            item=thing.code,
            title=words,
            payee_kind=paid.payee_kind,
            payee=paid.payee,
            contract=paid.contract,
            provider_id=paid.provider_id,
            amount_fen=amount,
            spent_date=spent_date,
            requested_by=by,
            requested_at=now,
        )
        found = payees.findings_of(asked)
        asked.warning, asked.findings = findings.words(found)[:LONGEST_WARNING], findings.kept(found)
        before = Expenditure.objects.filter(pk=asked.pk).first()
        if before is not None:
            _refuse_otherwise(before, asked)
            return before
        asked.save(force_insert=True)
        details = {"item": thing.code, "amount_fen": amount, "term": term_code, "warned": bool(asked.warning)}
        audit.record(verb="finance.expenditure.request", target=asked, by=by, at=now, details=details)
    return asked


def approve_expenditure(
    *, expenditure: Expenditure, by: User, now: datetime, reason: str = ""
) -> Expenditure:
    """Approve and book: in the month in which it was spent, or in the first open one when that is closed.

    By somebody of the account's holder (S3); the other side may ask for money and refuse it, and does not pay it out.
    Where words warned, with a reason. Raises OthersMoney, SamePerson, OwnPay, NamesAChild, NoDecisionReason,
    NotOnRegister, NotEnoughCash.
    """
    said = statements.reason(reason)
    with transaction.atomic():
        ledger.lock_books()
        holding.refuse_payer(expenditure.term_code, by, now)
        row = _to_decide(expenditure, ExpenditureState.APPROVED, by)
        names.refuse_children(payees.own_words(row.item, row.title, row.payee))
        payees.refuse_unapproved(row)
        found = payees.findings_of(row)
        warning = findings.words(found)[:LONGEST_WARNING] or row.warning
        if warning and len(said) < spending.LEAST_REASON:
            raise NoDecisionReason(words=warning, least=spending.LEAST_REASON)
        _refuse_promised(row)
        decided = {
            "decided_by": by, "decided_at": now, "decision_reason": said, "warning": warning,
            "findings": findings.kept(found),
        }  # fmt: skip
        states.move(row, to=ExpenditureState.APPROVED, moves=EXPENDITURE_MOVES, at=now, also=decided)
        month = ledger.open_month(row.term_code, row.spent_date)
        ledger.post(_posting(row), term_code=row.term_code, by=by, now=now, month=month)
        details = {
            "kind": row.kind,
            "amount_fen": row.amount_fen,
            "month": month,
            "warned": bool(row.warning),
            "row_sha256": approved.digest(row),
        }
        audit.record(verb="finance.expenditure.approve", target=row, by=by, at=now, details=details)
    return row


def refuse_expenditure(*, expenditure: Expenditure, reason: str, by: User, now: datetime) -> Expenditure:
    """Not approved, with a reason that the asker sees. Raises SamePerson, OwnPay, NoReason."""
    said = statements.reason(reason)
    if not said:
        raise NoReason
    with transaction.atomic():
        ledger.lock_books()
        row = _to_decide(expenditure, ExpenditureState.REFUSED, by)
        decided = {"decided_by": by, "decided_at": now, "refusal_reason": said}
        states.move(row, to=ExpenditureState.REFUSED, moves=EXPENDITURE_MOVES, at=now, also=decided)
        audit.record(verb="finance.expenditure.refuse", target=row, by=by, at=now)
    return row


def _refuse_otherwise(before: Expenditure, asked: Expenditure) -> None:
    if any(getattr(before, name) != getattr(asked, name) for name in AS_ASKED):
        raise AskedOtherwise


def _item(code: str) -> Item:
    if code not in spending.BY_CODE:
        raise UnknownItem(item=code[:20])
    return spending.BY_CODE[code]


def _to_decide(expenditure: Expenditure, to: ExpenditureState, by: User) -> Expenditure:
    """The row as it stands under the lock of the books, for somebody who may decide on it."""
    expenditure.ensure_home()
    row = Expenditure.objects.get(pk=expenditure.pk)
    if row.state != expenditure.state:
        before, after = ExpenditureState(expenditure.state), ExpenditureState(row.state)
        raise states.StateMoved(before=before.label, after=after.label)
    if row.state != ExpenditureState.REQUESTED:
        raise states.MoveNotAllowed(before=ExpenditureState(row.state).label, after=to.label)
    if by.pk == row.requested_by_id:
        raise SamePerson
    if payees.is_paid(row, by, rules.term(row.term_code)):
        raise OwnPay
    return row


def _refuse_promised(row: Expenditure) -> None:
    """What stands in the account and is the families' is not there to be spent."""
    free = owing.free(row.term_code)
    if not free.promised or free.left >= row.amount_fen:
        return
    given = {
        "held": format_fen(Fen(max(0, free.left))),
        "promised": format_fen(free.promised),
        "asked": format_fen(Fen(row.amount_fen)),
    }
    if free.of_bills:
        raise PromisedOnBills(**given, bills=format_fen(free.of_bills))
    raise PromisedToFamilies(**given)


def _posting(expenditure: Expenditure) -> Posting:
    return Posting(
        TransferKind.EXPENDITURE,
        f"expenditure:{expenditure.pk}",
        accounts.cost(expenditure.kind),
        accounts.CASH,
        Fen(expenditure.amount_fen),
        cost_kind=expenditure.kind,
    )
