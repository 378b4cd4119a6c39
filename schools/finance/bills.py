"""What stands behind each number of a family's own bills, in words: charges, refunds, shares, sums that gave no money."""

from collections.abc import Sequence
from uuid import UUID

from schools.finance import explaining, owing, proofs, rules
from schools.finance.models import RefundCause
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
        found |= _of_calculations(bill)
    return found


def _of_calculations(bill: OwnBill) -> dict[UUID, list[str]]:
    """That money waits is said once: by the last calculation of an exit, which looks at all, or of a period's absences.

    And no more once a refund was made of it.
    """
    last = {(each.cause, each.period): each for each in bill.calculations}
    exits = [each for each in last.values() if each.cause == RefundCause.EXIT]
    made = [row.created_at for row in bill.refunds if row.cause == RefundCause.EXIT and row.voided_at is None]
    true = {each.pk for each in exits or last.values() if not any(at > each.at for at in made)}
    return {
        each.pk: [
            line for line in each.text.splitlines() if each.pk in true or not owing.is_waiting_line(line)
        ]
        for each in bill.calculations
    }
