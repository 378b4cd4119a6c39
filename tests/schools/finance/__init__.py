"""Tests of the books: ledger, charges, payments, expenditure, statements, refunds, settlement, pages, API."""
