"""Charges, payments, the ledger, monthly statements, settlement and refunds, in fen."""
