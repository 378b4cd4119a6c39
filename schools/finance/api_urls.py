"""Addresses of the API of the books, below /api/v1/."""

from django.urls import URLPattern, URLResolver, path

from schools.finance.api import (
    books,
    charging,
    closing,
    exit_corrections,
    family,
    payments,
    refunds,
    settlement,
    spending,
    waivers,
)

app_name = "api_finance"
urlpatterns: list[URLPattern | URLResolver] = [
    path("finance/books/", books.Books.as_view(), name="books"),
    path("finance/transfers/", books.Transfers.as_view(), name="transfers"),
    path("finance/transfers/<uuid:transfer_id>/reverse/", books.ReverseTransfer.as_view(), name="reverse"),
    path("finance/statements/", closing.Statements.as_view(), name="statements"),
    path("finance/months/close/", closing.Close.as_view(), name="close"),
    path("finance/charges/", charging.Charges.as_view(), name="charges"),
    path("finance/charges/preview/", charging.PreviewCharges.as_view(), name="charge_preview"),
    path(
        "finance/charges/runs/<uuid:run_id>/take-back/", charging.TakeBackCharges.as_view(), name="take_back"
    ),
    path(
        "finance/charges/<uuid:charge_id>/take-back/",
        charging.TakeBackDoubled.as_view(),
        name="take_back_doubled",
    ),
    path("finance/waivers/", waivers.Waivers.as_view(), name="waivers"),
    path("finance/waivers/<uuid:waiver_id>/grant/", waivers.GrantWaiver.as_view(), name="grant_waiver"),
    path("finance/waivers/<uuid:waiver_id>/refuse/", waivers.RefuseWaiver.as_view(), name="refuse_waiver"),
    path(
        "finance/waivers/<uuid:waiver_id>/withdraw/", waivers.WithdrawWaiver.as_view(), name="withdraw_waiver"
    ),
    path("finance/payments/", payments.Payments.as_view(), name="payments"),
    path("finance/expenditure/", spending.Expenditures.as_view(), name="expenditures"),
    path(
        "finance/expenditure/<uuid:expenditure_id>/approve/",
        spending.ApproveExpenditure.as_view(),
        name="approve",
    ),
    path(
        "finance/expenditure/<uuid:expenditure_id>/refuse/",
        spending.RefuseExpenditure.as_view(),
        name="refuse",
    ),
    path("finance/service-end/", settlement.ServiceEnd.as_view(), name="service_end"),
    path("finance/settlements/", settlement.Settlements.as_view(), name="settlements"),
    path(
        "finance/settlements/<uuid:settlement_id>/batch/", settlement.BatchSettlement.as_view(), name="batch"
    ),
    path("finance/refunds/", refunds.Refunds.as_view(), name="refunds"),
    path(
        "finance/refunds/exits/<uuid:agreement_id>/correct/",
        exit_corrections.CorrectExit.as_view(),
        name="correct_exit",
    ),
    path("finance/refunds/<uuid:refund_id>/issue/", refunds.IssueRefund.as_view(), name="issue"),
    path("finance/refunds/<uuid:refund_id>/confirm/", refunds.ConfirmRefund.as_view(), name="confirm"),
    path("finance/refunds/<uuid:refund_id>/fail/", refunds.FailRefund.as_view(), name="fail"),
    path("finance/bills/", family.Bills.as_view(), name="bills"),
]
