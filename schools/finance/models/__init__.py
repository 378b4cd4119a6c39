"""The ledger and everything that posts to it. Amounts are whole fen; rows of money are written once."""

from schools.finance.models.fees import AddedHours, Charge, ChargeRun, Waiver
from schools.finance.models.ledger import MONTH_FORM, TERM_FORM, Account, Books, Transfer, TransferKind
from schools.finance.models.months import Statement
from schools.finance.models.receipts import Payment
from schools.finance.models.returning import Calculation, Refund, RefundCause, Settlement, Share
from schools.finance.models.spending import Expenditure

__all__ = [
    "MONTH_FORM",
    "TERM_FORM",
    "Account",
    "AddedHours",
    "Books",
    "Calculation",
    "Charge",
    "ChargeRun",
    "Expenditure",
    "Payment",
    "Refund",
    "RefundCause",
    "Settlement",
    "Share",
    "Statement",
    "Transfer",
    "TransferKind",
    "Waiver",
]
