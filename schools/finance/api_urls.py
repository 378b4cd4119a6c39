"""Addresses of the API of the books, below /api/v1/."""

from django.urls import URLPattern, URLResolver, path

from schools.finance import api

app_name = "api_finance"
urlpatterns: list[URLPattern | URLResolver] = [
    path("finance/books/", api.Books.as_view(), name="books"),
    path("finance/transfers/", api.Transfers.as_view(), name="transfers"),
    path("finance/transfers/<uuid:transfer_id>/reverse/", api.ReverseTransfer.as_view(), name="reverse"),
    path("finance/statements/", api.Statements.as_view(), name="statements"),
    path("finance/months/close/", api.Close.as_view(), name="close"),
    path("finance/charges/", api.Charges.as_view(), name="charges"),
    path("finance/charges/preview/", api.PreviewCharges.as_view(), name="charge_preview"),
    path("finance/charges/runs/<uuid:run_id>/take-back/", api.TakeBackCharges.as_view(), name="take_back"),
    path(
        "finance/charges/<uuid:charge_id>/take-back/", api.TakeBackDoubled.as_view(), name="take_back_doubled"
    ),
    path("finance/waivers/", api.Waivers.as_view(), name="waivers"),
    path("finance/waivers/<uuid:waiver_id>/grant/", api.GrantWaiver.as_view(), name="grant_waiver"),
    path("finance/waivers/<uuid:waiver_id>/refuse/", api.RefuseWaiver.as_view(), name="refuse_waiver"),
    path("finance/waivers/<uuid:waiver_id>/withdraw/", api.WithdrawWaiver.as_view(), name="withdraw_waiver"),
    path("finance/payments/", api.Payments.as_view(), name="payments"),
    path("finance/expenditure/", api.Expenditures.as_view(), name="expenditures"),
    path(
        "finance/expenditure/<uuid:expenditure_id>/approve/", api.ApproveExpenditure.as_view(), name="approve"
    ),
    path("finance/expenditure/<uuid:expenditure_id>/refuse/", api.RefuseExpenditure.as_view(), name="refuse"),
    path("finance/service-end/", api.ServiceEnd.as_view(), name="service_end"),
    path("finance/settlements/", api.Settlements.as_view(), name="settlements"),
    path("finance/settlements/<uuid:settlement_id>/batch/", api.BatchSettlement.as_view(), name="batch"),
    path("finance/refunds/", api.Refunds.as_view(), name="refunds"),
    path("finance/refunds/<uuid:refund_id>/issue/", api.IssueRefund.as_view(), name="issue"),
    path("finance/refunds/<uuid:refund_id>/confirm/", api.ConfirmRefund.as_view(), name="confirm"),
    path("finance/refunds/<uuid:refund_id>/fail/", api.FailRefund.as_view(), name="fail"),
    path("finance/bills/", api.Bills.as_view(), name="bills"),
]
