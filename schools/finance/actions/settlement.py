"""The settlement of a term: preview → the committee's resolution → batch of refunds; the books must not have moved (S37)."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext, override
from django.utils.translation import gettext_lazy as _

from afterbell.accounts.models import User
from afterbell.audit import actions as audit
from afterbell.kernel import states
from afterbell.kernel.dates import Month, local_date
from afterbell.kernel.errors import Refused
from afterbell.kernel.ids import uuid7
from afterbell.kernel.money import Fen
from afterbell.outbox.actions import mark
from schools.committee import actions as committee
from schools.committee import queries as committees
from schools.committee.models import Resolution, Subject
from schools.committee.states import ResolutionState
from schools.finance import accounts, families, gathering, ledger, proofs, rules, settling
from schools.finance.actions.closed import SamePerson, TermSettled
from schools.finance.ledger import Posting
from schools.finance.models import Refund, RefundCause, Settlement, Share, TransferKind
from schools.finance.states import SETTLEMENT_MOVES, SettlementState
from schools.finance.written import WRITTEN_IN
from tenants.policies.documents import SettlementKey


class BooksMoved(Refused):
    """Another end of the books voids a preview."""

    code = "finance.books_moved"
    message = _("预览之后账目有变动，这份结算已作废。请重新预览。")


class NoResolution(Refused):
    """The committee decides on the settlement (S7)."""

    code = "finance.no_resolution"
    message = _("家长委员会还没有通过这份结算的决议，不能生成退费。")


class NoCommittee(Refused):
    """Nobody to decide."""

    code = "finance.no_committee"
    message = _("本校还没有成立校级家长委员会，无法表决结算。")


def preview_settlement(*, term_code: str, by: User, now: datetime) -> Settlement:
    """Compute every family's part from the books as they stand; an earlier preview of the term is void."""
    term = rules.term(term_code)
    policy = rules.policy_on(term.first_date).policy
    with transaction.atomic():
        books = ledger.lock_books()
        _void_earlier(term_code, now)
        standings = gathering.standings(term_code)
        found = families.ends(term, policy.settlement_key, local_date(now), standings)
        flow = gathering.flows(term_code)
        waiting = sum(standing.waiting for standing in standings.values())
        refunded = Fen(flow.refunded + waiting)
        pool = settling.pool_of(received=flow.received, spent=flow.spent, refunded=refunded)
        settlement = Settlement.objects.create(
            id=uuid7(),
            term_code=term_code,
            key=policy.settlement_key,
            received_fen=flow.received,
            spent_fen=flow.spent,
            refunded_fen=refunded,
            pool_fen=pool,
            ledger_position=books.position,
            previewed_at=now,
            previewed_by=by,
        )
        Share.objects.bulk_create(_shares(settlement, found, pool), batch_size=ledger.BATCH)
        details = {"term": term_code, "pool_fen": pool, "families": len(found), "position": books.position}
        audit.record(verb="finance.settlement.preview", target=settlement, by=by, at=now, details=details)
    return settlement


@override(WRITTEN_IN)
def propose_settlement(*, settlement: Settlement, by: User, now: datetime) -> Resolution:
    """Put the preview to the vote of the school's committee. Raises BooksMoved."""
    school_committee = committees.school_committee()
    if school_committee is None:
        raise NoCommittee
    _refuse_moved(settlement)
    title = gettext("%(term)s 学期课后服务结算") % {"term": settlement.term_code}
    return committee.open_resolution(
        committee=school_committee,
        subject=Subject.SETTLEMENT,
        object_id=settlement.pk,
        title=title,
        text=proofs.resolution_text(settlement),
        by=by,
        now=now,
    )


def resolve_settlement(*, settlement: Settlement, by: User, now: datetime) -> None:
    """Note the committee's passed resolution. Raises NoResolution, BooksMoved."""
    _refuse_moved(settlement)
    passed = committees.passed_resolution(Subject.SETTLEMENT, settlement.pk)
    if passed is None:
        raise NoResolution
    with transaction.atomic():
        also = {"resolution_id": passed.pk}
        states.move(settlement, to=SettlementState.RESOLVED, moves=SETTLEMENT_MOVES, at=now, also=also)
        details = {"resolution": passed.number.lower(), "pool_fen": settlement.pool_fen}
        audit.record(verb="finance.settlement.resolve", target=settlement, by=by, at=now, details=details)


def resolution_closed(*, resolution: Resolution, by: User, now: datetime) -> None:
    """The committee has counted (settings.RESOLUTION_CLOSED). A vote on books that have moved since changes nothing."""
    settlement = Settlement.objects.filter(
        pk=str(resolution.object_id), state=SettlementState.PREVIEW
    ).first()
    if settlement is None or resolution.state != ResolutionState.PASSED:
        return
    if ledger.end_of_books() == settlement.ledger_position:
        resolve_settlement(settlement=settlement, by=by, now=now)


@override(WRITTEN_IN)
def batch_settlement(*, settlement: Settlement, by: User, now: datetime) -> list[Refund]:
    """Make the refunds of a resolved settlement, as drafts; from now on the term takes no more postings but refunds.

    By another person than who previewed it. Raises NoResolution, BooksMoved, SamePerson.
    """
    if by.pk == settlement.previewed_by_id:
        raise SamePerson
    if settlement.state == SettlementState.PREVIEW:
        resolve_settlement(settlement=settlement, by=by, now=now)
    _refuse_moved(settlement)
    with transaction.atomic():
        books = ledger.lock_books()
        if books.position != settlement.ledger_position:
            raise BooksMoved
        also = {"batched_at": now, "batched_by": by}
        states.move(settlement, to=SettlementState.BATCHED, moves=SETTLEMENT_MOVES, at=now, also=also)
        shares = list(settlement.shares.order_by("agreement_id"))
        taken_off = [posting for share in shares for posting in _credit(share)]
        if taken_off:
            ledger.post_all(taken_off, term_code=settlement.term_code, by=by, now=now)
        refunds = _refunds(settlement, shares, now)
        Refund.objects.bulk_create(refunds, batch_size=ledger.BATCH)
        mark(now=now, months=[str(Month.of(local_date(now)))], terms=[settlement.term_code])
        details = {
            "refunds": len(refunds),
            "total_fen": sum(refund.amount_fen for refund in refunds),
            "pool_fen": settlement.pool_fen,
        }
        audit.record(verb="finance.settlement.batch", target=settlement, by=by, at=now, details=details)
    return refunds


def _void_earlier(term_code: str, now: datetime) -> None:
    live = [SettlementState.PREVIEW, SettlementState.RESOLVED, SettlementState.BATCHED]
    earlier = Settlement.objects.filter(term_code=term_code, state__in=live).first()
    if earlier is None:
        return
    if earlier.state == SettlementState.BATCHED:
        raise TermSettled(term=term_code)
    states.move(earlier, to=SettlementState.VOID, moves=SETTLEMENT_MOVES, at=now)


def _refuse_moved(settlement: Settlement) -> None:
    """A preview is good for one end of the books; the next preview writes it off as void."""
    is_open = settlement.state in (SettlementState.PREVIEW, SettlementState.RESOLVED)
    if is_open and ledger.end_of_books() != settlement.ledger_position:
        raise BooksMoved


def _shares(settlement: Settlement, found: list[families.End], pool: Fen) -> list[Share]:
    parts = settling.settle(
        {end.agreement_id: end.family for end in found}, pool, SettlementKey(settlement.key)
    )
    return [
        Share(
            settlement=settlement,
            agreement_id=end.agreement_id,
            cap_fen=max(0, end.family.net_paid),
            credit_fen=end.credit,
            own_fen=parts[end.agreement_id].own,
            weight=parts[end.agreement_id].weight,
            amount_fen=parts[end.agreement_id].amount,
        )
        for end in found
    ]


def _credit(share: Share) -> list[Posting]:
    """Fees given back on paper: for hours not held, and the share of the rest."""
    fen = Fen(share.credit_fen + max(0, share.amount_fen - share.own_fen))
    if not fen:
        return []
    family = accounts.family(share.agreement_id)
    return [Posting(TransferKind.REFUND, f"credit:share:{share.pk.hex}", accounts.FEES, family, fen)]


def _refunds(settlement: Settlement, shares: list[Share], now: datetime) -> list[Refund]:
    words = proofs.Words.of(settlement, shares)
    return [
        Refund(
            id=uuid7(),
            agreement_id=share.agreement_id,
            term_code=settlement.term_code,
            cause=RefundCause.SETTLEMENT,
            key=f"settlement:{settlement.pk.hex}:{share.agreement_id.hex}",
            amount_fen=share.amount_fen,
            explanation=words.proof(share),
            settlement=settlement,
            created_at=now,
            prepared_by_id=settlement.previewed_by_id,
        )
        for share in shares
        if share.amount_fen
    ]
