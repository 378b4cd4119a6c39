"""Addresses of the pages of the books."""

from django.urls import URLPattern, URLResolver, path

from schools.finance.views import (
    books,
    closing,
    everybody,
    family,
    fees,
    payments,
    returning,
    spending,
    waivers,
)

app_name = "finance"
urlpatterns: list[URLPattern | URLResolver] = [
    path("finance/", books.overview, name="overview"),
    path("finance/rows/", books.rows, name="rows"),
    path("finance/rows/<uuid:transfer_id>/reverse/", books.reverse_row, name="reverse"),
    path("finance/charges/", fees.charges, name="charges"),
    path("finance/charges/<uuid:charge_id>/", waivers.charge, name="charge"),
    path("finance/charges/<uuid:charge_id>/waive/", waivers.ask, name="ask_waiver"),
    path("finance/waivers/", waivers.waivers, name="waivers"),
    path("finance/waivers/grant/", waivers.grant_all, name="grant_waivers"),
    path("finance/waivers/<uuid:waiver_id>/decide/", waivers.decide, name="decide_waiver"),
    path("finance/waivers/<uuid:waiver_id>/withdraw/", waivers.withdraw, name="withdraw_waiver"),
    path("finance/payments/", payments.payments, name="payments"),
    path("finance/payments/<uuid:payment_id>/receipt.pdf", payments.receipt, name="receipt"),
    path("finance/expenditure/", spending.expenditures, name="expenditures"),
    path("finance/expenditure/<uuid:expenditure_id>/", spending.expenditure, name="expenditure"),
    path("finance/expenditure/<uuid:expenditure_id>/decide/", spending.decide, name="decide_expenditure"),
    path("finance/months/", closing.months, name="months"),
    path("finance/months/<str:month>/close/", closing.close, name="close"),
    path("finance/refunds/", returning.refunds, name="refunds"),
    path("finance/refunds/all/<str:step>/", returning.move_all, name="move_all"),
    path("finance/refunds/absences/", returning.compute_absences, name="compute_absences"),
    path("finance/refunds/exits/<uuid:agreement_id>/", returning.compute_exit, name="compute_exit"),
    path("finance/refunds/<uuid:refund_id>/", returning.refund, name="refund"),
    path("finance/refunds/<uuid:refund_id>/<str:step>/", returning.move_refund, name="move_refund"),
    path("finance/settlement/", returning.settlement, name="settlement"),
    path("finance/settlement/preview/", returning.preview, name="preview"),
    path("finance/settlement/shares/<uuid:share_id>/", returning.share, name="share"),
    path("finance/settlement/<uuid:settlement_id>/propose/", returning.propose, name="propose_settlement"),
    path("finance/settlement/<uuid:settlement_id>/batch/", returning.batch, name="batch_settlement"),
    path("family/bills/", family.bills, name="bills"),
    path("family/bills/receipts/<uuid:payment_id>.pdf", family.receipt, name="own_receipt"),
    path("open/accounts/", everybody.accounts, name="open_accounts"),
    path("open/statements/<str:month>/", everybody.statement, name="open_statement"),
    path("open/statements/<str:month>/<str:term_code>.txt", everybody.text, name="statement_text"),
]
