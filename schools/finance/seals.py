"""What of the books is sealed, and what is not, and why (afterbell.kernel.seals)."""

from afterbell.kernel.seals import Sealed

SEALED = (
    Sealed("finance.books"),
    Sealed("finance.account", loose={"balance_fen": "the sum of its transfers, which verify adds up"}),
    Sealed("finance.chargerun"),
    Sealed("finance.charge"),
    Sealed("finance.addedhours"),
    Sealed("finance.waiver"),
    Sealed("finance.payment"),
    Sealed("finance.expenditure"),
    Sealed("finance.statement"),
    Sealed("finance.settlement"),
    Sealed("finance.share"),
    Sealed("finance.calculation"),
    Sealed("finance.refund"),
)
UNSEALED = {
    "finance.transfer": "a chain of its own: verify walks along it, up to the end that finance.books is sealed with",
}
