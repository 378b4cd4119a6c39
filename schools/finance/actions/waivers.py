"""减免: asked for with proof by one person, decided by another; neither decides about an own child (S36)."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from afterbell.accounts.models import User
from afterbell.audit import actions as audit
from afterbell.kernel import states
from afterbell.kernel.errors import Refused
from afterbell.kernel.money import Fen, format_fen
from schools.finance import accounts, gathering, ledger, offering, statements, waiving
from schools.finance.actions import adjusting
from schools.finance.actions.closed import SamePerson, refuse_settled
from schools.finance.actions.expenditure import NoReason
from schools.finance.ledger import Posting
from schools.finance.models import Charge, Transfer, TransferKind, Waiver
from schools.finance.states import WAIVER_MOVES, WaiverState
from schools.planning.models import Plan

LEAST_PROOF: Final = 3
"""Signs. "-" or "有" names no document; "低保证" does."""


class AlreadyAsked(Refused):
    """One question at a time."""

    code = "finance.waiver_already_asked"
    message = _("这笔费用已有一笔减免待审批，请等审批结果。")


class NoProof(Refused):
    """Hardship is shown by a document, not by a word."""

    code = "finance.waiver_without_proof"
    message = _("请写明证明材料：什么证明、编号、谁在什么时候核对过。材料原件留学校存档。")
    status = 400


class MoreThanIsDue(Refused):
    """An exit or absences have lowered what the family owes; a waiver above the rest would be money for nothing."""

    code = "finance.waiver_more_than_due"
    message = _(
        "这个家庭本学期扣除已办的减免和退费后只应缴 %(due)s，不能再减免 %(asked)s。请先核对退费的计算。"
    )


class WaiversMoved(Refused):
    """What was shown is not what stands now: nobody grants what he has not seen."""

    code = "finance.waivers_moved"
    message = _("待审批的减免刚才有变化，没有批准任何一笔。请核对下面的最新内容后再批准。")


def request_waiver(
    *, charge: Charge, reason: str, proof: str, by: User, now: datetime, amount: Fen | None = None
) -> Waiver:
    """Ask for a reason of the policy, with the document that shows it; the amount only where the policy names no share."""
    document = statements.reason(proof)
    if len(document) < LEAST_PROOF:
        raise NoProof
    with transaction.atomic():
        ledger.lock_books()
        found = Charge.objects.select_related("agreement").get(pk=charge.pk)
        refuse_settled(found.term_code)
        offering.refuse_charge(found)
        offering.refuse_own_children([found], by)
        if found.waivers.filter(state=WaiverState.REQUESTED).exists():
            raise AlreadyAsked
        listed = offering.listed_for(offering.policy_of(found), reason)
        offering.refuse_own_amount(listed, Fen(found.gross_fen), amount)
        asked = Waiver.objects.create(
            charge=found,
            reason=listed.code,
            proof=document,
            asked_fen=amount if listed.reduction_percent is None else None,
            requested_by=by,
            requested_at=now,
        )
        details = {"period": found.period, "asked_fen": asked.asked_fen or 0}
        audit.record(verb="finance.waiver.request", target=asked, by=by, at=now, details=details)
    return asked


def grant_waiver(*, waiver: Waiver, by: User, now: datetime) -> Waiver:
    """Take the fee back, wholly or in part. The same share holds for later charges of the child in the term."""
    with transaction.atomic():
        ledger.lock_books()
        (found,) = _again([waiver.pk])
        now = _after_runs([found], now)
        refuse_settled(found.charge.term_code)
        offering.refuse_decided(found)
        _refuse_decider(found, by)
        offer = offering.Offer(found, offering.offered(found, offering.policy_of(found.charge)))
        _grant([offer], by=by, now=now)
    return found


def grant_waivers(*, waivers: Collection[UUID], shown: str, by: User, now: datetime) -> list[Waiver]:
    """Grant exactly what was shown (`digest`), all or none. Raises WaiversMoved."""
    with transaction.atomic():
        ledger.lock_books()
        rows = _again(waivers)
        found = offering.offers(rows, by)
        if len(found) != len(set(waivers)) or offering.digest(found) != shown:
            raise WaiversMoved
        _grant(found, by=by, now=_after_runs(rows, now))
    return [offer.waiver for offer in found]


def refuse_waiver(*, waiver: Waiver, reason: str, by: User, now: datetime) -> Waiver:
    """Not granted, with a reason that the asker sees."""
    words = statements.reason(reason)
    if not words:
        raise NoReason
    with transaction.atomic():
        ledger.lock_books()
        (found,) = _again([waiver.pk])
        if found.state != WaiverState.REQUESTED:
            raise states.MoveNotAllowed(
                before=WaiverState(found.state).label, after=WaiverState.REFUSED.label
            )
        _refuse_decider(found, by)
        decided = {"decided_by": by, "decided_at": now, "refusal_reason": words}
        states.move(found, to=WaiverState.REFUSED, moves=WAIVER_MOVES, at=now, also=decided)
        audit.record(verb="finance.waiver.refuse", target=found, by=by, at=now)
    return found


def _after_runs(rows: Iterable[Waiver], now: datetime) -> datetime:
    """The moment of a decision that may have waited for a charge run: under the books' lock those before it are known."""
    plans = Plan.objects.filter(agreements__charges__waivers__in=rows)
    return max((plan.next_moment(now) for plan in plans.distinct()), default=now)


def _refuse_decider(waiver: Waiver, by: User) -> None:
    """Raises SamePerson, OwnChild."""
    if by.pk == waiver.requested_by_id:
        raise SamePerson
    offering.refuse_own_children([waiver.charge], by)


def _grant(found: Sequence[offering.Offer], *, by: User, now: datetime) -> None:
    by_term: dict[str, list[offering.Offer]] = defaultdict(list)
    for offer in found:
        by_term[offer.waiver.charge.term_code].append(offer)
    for term_code, group in by_term.items():
        _refuse_for_nothing(group)
        credited = _set_granted(group, by=by, now=now)
        ledger.post_all(_postings(group), term_code=term_code, by=by, now=now)
        adjusting.follow(credited, by=by, now=now)
        _refuse_more_than_due(term_code, group)
        details = {"count": len(group), "amount_fen": sum(offer.fen for offer in group)}
        target = group[0].waiver if len(group) == 1 else f"finance.term:{term_code}"
        audit.record(verb="finance.waiver.grant", target=target, by=by, at=now, details=details)


def _set_granted(group: Sequence[offering.Offer], *, by: User, now: datetime) -> dict[UUID, int]:
    """Gives what absences or an exit had given back of each charge: that follows the lower fee."""
    credited = {}
    for offer in group:
        waiver, charge = offer.waiver, offer.waiver.charge
        waiver.state, waiver.decided_by, waiver.decided_at = WaiverState.GRANTED, by, now
        charge.waived_fen, charge.waiver_reason = offer.fen, waiver.reason
        credited[charge.pk], charge.credited_fen = charge.credited_fen, 0
    waivers = [offer.waiver for offer in group]
    Waiver.objects.bulk_update(waivers, ["state", "decided_by", "decided_at"], batch_size=1000)
    charges = [waiver.charge for waiver in waivers]
    Charge.objects.bulk_update(charges, ["waived_fen", "waiver_reason", "credited_fen"], batch_size=1000)
    return credited


def _postings(group: Sequence[offering.Offer]) -> list[Posting]:
    """A second waiver of a charge, after a withdrawn one, is a posting of its own."""
    keys = [waiving.key_of(offer.waiver.charge) for offer in group]
    used = set(Transfer.objects.filter(key__in=keys).values_list("key", flat=True))
    found = []
    for offer, key in zip(group, keys, strict=True):
        charge = offer.waiver.charge
        own_key = f"{key}:{offer.waiver.pk}" if key in used else key
        family = accounts.family(charge.agreement_id)
        found.append(Posting(TransferKind.WAIVER, own_key, accounts.FEES, family, offer.fen))
    return found


def _again(pks: Collection[UUID]) -> list[Waiver]:
    """As they stand under the lock of the books. Raises Waiver.DoesNotExist."""
    rows = Waiver.objects.filter(pk__in=pks).select_related("charge__agreement").order_by("pk")
    found = list(rows)
    if len(found) != len(set(pks)):
        raise Waiver.DoesNotExist
    return found


def _refuse_for_nothing(group: Sequence[offering.Offer]) -> None:
    """Of a fee that was given back wholly nothing is left to waive."""
    for offer in group:
        charge = offer.waiver.charge
        if charge.gross_fen <= charge.credited_fen:
            raise MoreThanIsDue(due=format_fen(Fen(0)), asked=format_fen(Fen(offer.fen)))


def _refuse_more_than_due(term_code: str, group: Sequence[offering.Offer]) -> None:
    """Several waivers of one family are looked at together, after what absences or an exit gave has followed them."""
    asked: dict[UUID, int] = defaultdict(int)
    for offer in group:
        asked[offer.waiver.charge.agreement_id] += offer.fen
    only = next(iter(asked)) if len(asked) == 1 else None
    standings = gathering.standings(term_code, only)
    for agreement, fen in asked.items():
        due = standings[agreement].due
        if due < 0:
            raise MoreThanIsDue(due=format_fen(Fen(max(0, due + fen))), asked=format_fen(Fen(fen)))
