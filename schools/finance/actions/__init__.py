"""Writes of the books: charges, waivers, payments, expenditure, months, refunds, settlement; one file each."""

from schools.finance.actions.calculations import (
    after_exit,
    refund_absences,
    refund_absences_of_all,
    refund_exit,
)
from schools.finance.actions.charges import charge_period, take_back
from schools.finance.actions.doubled_charges import take_back_doubled
from schools.finance.actions.exit_corrections import exit_corrected
from schools.finance.actions.expenditure import approve_expenditure, refuse_expenditure, request_expenditure
from schools.finance.actions.months import close_month
from schools.finance.actions.payments import record_payment
from schools.finance.actions.refunds import (
    confirm_refund,
    confirm_refunds,
    fail_refund,
    issue_refund,
    issue_refunds,
)
from schools.finance.actions.reversals import reverse_transfer
from schools.finance.actions.service_end import end_service
from schools.finance.actions.settlement import (
    batch_settlement,
    preview_settlement,
    propose_settlement,
    resolution_closed,
    resolve_settlement,
)
from schools.finance.actions.waivers import grant_waiver, grant_waivers, refuse_waiver, request_waiver
from schools.finance.actions.withdrawals import withdraw_waiver

__all__ = [
    "after_exit",
    "approve_expenditure",
    "batch_settlement",
    "charge_period",
    "close_month",
    "confirm_refund",
    "confirm_refunds",
    "end_service",
    "exit_corrected",
    "fail_refund",
    "grant_waiver",
    "grant_waivers",
    "issue_refund",
    "issue_refunds",
    "preview_settlement",
    "propose_settlement",
    "record_payment",
    "refund_absences",
    "refund_absences_of_all",
    "refund_exit",
    "refuse_expenditure",
    "refuse_waiver",
    "request_expenditure",
    "request_waiver",
    "resolution_closed",
    "resolve_settlement",
    "reverse_transfer",
    "take_back",
    "take_back_doubled",
    "withdraw_waiver",
]
