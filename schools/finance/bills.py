"""What stands behind each number of a family's own bills, in words: charges, refunds, shares, sums that gave no money."""

from collections.abc import Sequence
from uuid import UUID

from schools.finance import explaining, proofs, rules
from schools.finance.queries import OwnBill


def lines_of(bills: Sequence[OwnBill]) -> dict[UUID, list[str]]:
    """By the id of the charge, refund, share or calculation. Three queries, whatever their number."""
    reasons = rules.waiver_names()
    shares = [share for bill in bills for share in bill.shares]
    words = proofs.Words.read_all({share.settlement for share in shares})
    found = {share.pk: words[share.settlement_id].lines(share) for share in shares}
    for bill in bills:
        for charge in bill.charges:
            reason = reasons.get(charge.waiver_reason, charge.waiver_reason)
            found[charge.pk] = explaining.charge_lines(charge, reason)
        found |= {refund.pk: refund.explanation.splitlines() for refund in bill.refunds}
        found |= {each.pk: each.text.splitlines() for each in bill.calculations}
    return found
