"""The settlement of a term: preview → the committee's resolution → batch of refunds; the books must not have moved (S37)."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Final

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext, override
from django.utils.translation import gettext_lazy as _

from afterbell.accounts.models import User
from afterbell.audit import actions as audit
from afterbell.kernel import copying, locks, states
from afterbell.kernel.dates import local_date
from afterbell.kernel.errors import Refused
from afterbell.kernel.ids import uuid7, uuid7_text
from afterbell.kernel.money import Fen, format_fen
from afterbell.outbox.actions import mark
from schools.committee import actions as committee
from schools.committee import queries as committees
from schools.committee.models import Resolution, Subject
from schools.committee.states import ResolutionState
from schools.finance import (
    accounts,
    basis,
    ending,
    families,
    gathering,
    holding,
    ledger,
    owing,
    proofs,
    rules,
    settling,
    spending,
    statements,
)
from schools.finance.actions.closed import SamePerson
from schools.finance.carrying import has_moved
from schools.finance.ledger import Posting
from schools.finance.models import Refund, RefundCause, Settlement, Share, TransferKind
from schools.finance.states import SETTLEMENT_MOVES, RefundState, SettlementState
from schools.finance.written import WRITTEN_IN
from tenants.models import Term
from tenants.policies.documents import SettlementKey


class BooksMoved(Refused):
    """Another end of the books voids a preview."""

    code = "finance.books_moved"
    message = _("预览之后账目、退费、减免、协议或课次有变动，这份结算已作废。请重新预览。")


class TermNotOver(Refused):
    """Fees, lessons and pay are final first; an earlier end is a decision of its own (service_end.py)."""

    code = "finance.term_not_over"
    message = _("学期还没有结束，不能结算：%(waits)s。")


class PayNotBooked(Refused):
    """Staff are paid before the rest is shared, or somebody says why no more is to come."""

    code = "finance.pay_not_booked"
    message = _(
        "%(pay)s请先列支，或写明不再列支的原因（谁承担、为什么，至少 %(least)s 个字），家长委员会表决时会看到。"
    )
    status = 400


class NothingNew(Refused):
    """A settled term is settled again only for money that has moved since."""

    code = "finance.nothing_to_settle"
    message = _("%(term)s 学期已经结算，之后没有新的收支，不需要补充结算。")


class NotDecided(Refused):
    """What is asked for is decided first; a refused one leaves the settlement as it was passed."""

    code = "finance.settlement_waits"
    message = _("还不能生成退费：%(waits)s。请先决定；不批准的不影响这份结算。")


class NoResolution(Refused):
    """The committee decides on the settlement (S7)."""

    code = "finance.no_resolution"
    message = _("家长委员会还没有通过这份结算的决议，不能生成退费。")


class Decided(Refused):
    """A decision of the committee is not written off while everything that it rests on is as it was."""

    code = "finance.settlement_decided"
    message = _("家长委员会已经通过这份结算，之后账目没有变动，不需要重新预览。请由另一位有权的人生成退费。")


class UnderVote(Refused):
    """What is being voted on stays, unless the books move."""

    code = "finance.settlement_under_vote"
    message = _("这份结算正在由家长委员会表决，之后账目没有变动，不需要重新预览。请等表决结束。")


class NotAPreview(Refused):
    """Void, or carried out: nothing to decide on."""

    code = "finance.not_a_preview"
    message = _("这份结算%(state)s，不能提交表决。请打开最新的一份。")


class NoCommittee(Refused):
    """Nobody to decide."""

    code = "finance.no_committee"
    message = _("本校还没有成立校级家长委员会，无法表决结算。")


SHARE: Final = (
    "id", "settlement_id", "agreement_id", "cap_fen", "credit_fen", "own_fen", "weight", "before_fen", "amount_fen"
)  # fmt: skip


def preview_settlement(*, term_code: str, by: User, now: datetime, pay_note: str = "") -> Settlement:
    """Compute every family's part from the books as they stand; an earlier preview of the term is void.

    Only when the term is over (ending.waits_for). `pay_note` says why less pay is booked than the hours held come to.
    After a batch, money that has come or gone back since is shared in another round. Raises TermNotOver, PayNotBooked,
    NothingNew, Decided, UnderVote.
    """
    term = rules.term(term_code)
    policy = rules.policy_on(term.first_date).policy
    note = statements.one_line(pay_note)[:200].rstrip("。；;.")
    with transaction.atomic():
        books = ledger.lock_books()
        now = _after_refunds(term_code, now)
        _refuse_unfinished(term, note, now)
        _void_earlier(term_code, now)
        rounds = _rounds(term_code)
        standings = gathering.standings(term_code)
        found = families.ends(term, policy.settlement_key, local_date(now), standings)
        flow = gathering.flows(term_code)
        waiting = sum(standing.waiting for standing in standings.values())
        refunded = Fen(flow.refunded + waiting)
        pool = settling.pool_of(received=flow.received, spent=flow.spent, refunded=refunded)
        if rounds and not pool:
            raise NothingNew(term=term_code)
        settlement = Settlement.objects.create(
            id=uuid7(),
            term_code=term_code,
            round=rounds + 1,
            key=policy.settlement_key,
            received_fen=flow.received,
            spent_fen=flow.spent,
            refunded_fen=refunded,
            pool_fen=pool,
            ledger_position=books.position,
            basis_sha256=basis.digest(term_code),
            pay_note=note,
            previewed_at=now,
            previewed_by=by,
        )
        copying.tuples(Share, SHARE, _shares(settlement, found, pool))
        details = {"term": term_code, "pool_fen": pool, "families": len(found), "position": books.position}
        audit.record(verb="finance.settlement.preview", target=settlement, by=by, at=now, details=details)
    return settlement


def _after_refunds(term_code: str, now: datetime) -> datetime:
    """The moment of a preview that may have waited for refunds which it has read."""
    rows = Refund.objects.filter(term_code=term_code)
    last: dict[str, datetime | None] = rows.aggregate(made=Max("created_at"), void=Max("voided_at"))
    return max([now, *(moment for moment in last.values() if moment)])


@override(WRITTEN_IN)
def propose_settlement(*, settlement: Settlement, by: User, now: datetime) -> Resolution:
    """Put the preview to the vote of the school's committee. Raises NotAPreview, BooksMoved."""
    school_committee = committees.school_committee()
    if school_committee is None:
        raise NoCommittee
    with transaction.atomic():
        locks.locked(school_committee)
        ledger.lock_books()
        row = Settlement.objects.get(pk=settlement.pk)
        if row.state != SettlementState.PREVIEW:
            raise NotAPreview(state=row.get_state_display())
        _refuse_moved(row)
        return committee.open_resolution(
            committee=school_committee,
            subject=Subject.SETTLEMENT,
            object_id=row.pk,
            title=gettext("%(term)s 学期课后服务结算") % {"term": row.term_code},
            text=proofs.resolution_text(row),
            by=by,
            now=now,
        )


def resolve_settlement(*, settlement: Settlement, by: User, now: datetime) -> None:
    """Note the committee's passed resolution. Raises NoResolution, BooksMoved, StateMoved."""
    with transaction.atomic():
        ledger.lock_books()
        row = Settlement.objects.get(pk=settlement.pk)
        _refuse_moved(row)
        _resolve(row, by=by, now=now)


def _resolve(row: Settlement, *, by: User, now: datetime) -> None:
    passed = committees.passed_resolution(Subject.SETTLEMENT, row.pk)
    if passed is None:
        raise NoResolution
    also = {"resolution_id": passed.pk}
    states.move(row, to=SettlementState.RESOLVED, moves=SETTLEMENT_MOVES, at=now, also=also)
    details = {"resolution": passed.number.lower(), "pool_fen": row.pool_fen}
    audit.record(verb="finance.settlement.resolve", target=row, by=by, at=now, details=details)


def resolution_closed(*, resolution: Resolution, by: User, now: datetime) -> None:
    """The committee has counted (settings.RESOLUTION_CLOSED). A vote on books that have moved since changes nothing."""
    if resolution.state != ResolutionState.PASSED:
        return
    with transaction.atomic():
        ledger.lock_books()
        row = Settlement.objects.filter(pk=str(resolution.object_id), state=SettlementState.PREVIEW).first()
        if row is not None and not has_moved(row):
            _resolve(row, by=by, now=now)


@override(WRITTEN_IN)
def batch_settlement(*, settlement: Settlement, by: User, now: datetime) -> list[Refund]:
    """Make the refunds of a resolved settlement, as drafts; from now on the term's fees are final.

    By somebody of the account's holder, and another person than who previewed it; everything that the preview rested on
    is looked at again under the lock. Raises OthersMoney, NoResolution, BooksMoved, NotDecided, SamePerson, StateMoved.
    """
    with transaction.atomic():
        ledger.lock_books()
        row = Settlement.objects.get(pk=settlement.pk)
        holding.refuse_payer(row.term_code, by, now)
        if not SETTLEMENT_MOVES[row.state]:
            raise states.MoveNotAllowed(before=row.get_state_display(), after=SettlementState.BATCHED.label)
        if by.pk == row.previewed_by_id:
            raise SamePerson
        _refuse_moved(row)
        if waits := ending.questions(rules.term(row.term_code)):
            raise NotDecided(waits=gettext("；").join(wait.sentence for wait in waits))
        if row.state == SettlementState.PREVIEW:
            _resolve(row, by=by, now=now)
        also = {"batched_at": now, "batched_by": by}
        states.move(row, to=SettlementState.BATCHED, moves=SETTLEMENT_MOVES, at=now, also=also)
        rows = row.shares.order_by("agreement_id").values_list(*proofs.Part._fields)
        shares = [proofs.Part(*each) for each in rows]
        taken_off = [posting for share in shares for posting in _credit(share)]
        if taken_off:
            ledger.post_all(taken_off, term_code=row.term_code, by=by, now=now)
        refunds = copying.as_read(Refund, _refunds(row, shares, now))
        mark(now=now, terms=[row.term_code])
        details = {
            "refunds": len(refunds),
            "total_fen": sum(refund.amount_fen for refund in refunds),
            "pool_fen": row.pool_fen,
        }
        audit.record(verb="finance.settlement.batch", target=row, by=by, at=now, details=details)
    return refunds


def _void_earlier(term_code: str, now: datetime) -> None:
    live = [SettlementState.PREVIEW, SettlementState.RESOLVED]
    earlier = Settlement.objects.filter(term_code=term_code, state__in=live).first()
    if earlier is not None:
        _refuse_decided(earlier)
        states.move(earlier, to=SettlementState.VOID, moves=SETTLEMENT_MOVES, at=now)


def _refuse_decided(earlier: Settlement) -> None:
    if has_moved(earlier):
        return
    if earlier.state == SettlementState.RESOLVED:
        raise Decided
    if committees.open_resolution(Subject.SETTLEMENT, earlier.pk) is not None:
        raise UnderVote


def _rounds(term_code: str) -> int:
    return Settlement.objects.filter(term_code=term_code, state=SettlementState.BATCHED).count()


def _refuse_unfinished(term: Term, note: str, now: datetime) -> None:
    waits = ending.waits_for(term, local_date(now))
    if waits:
        raise TermNotOver(waits=gettext("；").join(wait.sentence.rstrip("。") for wait in waits))
    pay = ending.pay(term.code)
    if pay.missing and len(note) < spending.LEAST_REASON:
        raise PayNotBooked(pay=_pay_sentence(term, pay), least=spending.LEAST_REASON)


def _pay_sentence(term: Term, pay: ending.Pay) -> str:
    """With what there is to pay from, where that is not enough: then only the reason is left to be written."""
    said, left = ending.pay_sentence(pay), owing.free(term.code).left
    if left >= pay.missing:
        return said
    short = gettext("账上除应退给家庭的以外只剩 %(left)s，不够列支全部。")
    return said + short % {"left": format_fen(Fen(max(0, left)))}


def _refuse_moved(settlement: Settlement) -> None:
    """A preview is good for one end of the books; the next preview writes it off as void."""
    if has_moved(settlement):
        raise BooksMoved


def _shares(settlement: Settlement, found: list[families.End], pool: Fen) -> Iterator[tuple[object, ...]]:
    """In the order of SHARE. By place: `found` comes by enrolment id, so ties go to the smaller one."""
    parts = settling.settle(dict(enumerate(end.family for end in found)), pool, SettlementKey(settlement.key))
    of = settlement.pk.hex
    for place, end in enumerate(found):
        paid, part = max(0, end.family.net_paid), parts[place]
        yield (
            uuid7_text(), of, end.agreement_id, paid, end.credit, part.own, part.weight, end.family.had, part.amount
        )  # fmt: skip


def _credit(share: proofs.Part) -> list[Posting]:
    """Fees given back on paper: for hours not held, and the share of the rest."""
    fen = Fen(share.credit_fen + max(0, share.amount_fen - share.own_fen))
    if not fen:
        return []
    family = accounts.family(share.agreement_id)
    return [Posting(TransferKind.REFUND, f"credit:share:{share.pk.hex}", accounts.FEES, family, fen)]


def _refunds(
    settlement: Settlement, shares: list[proofs.Part], now: datetime
) -> Iterator[Mapping[str, object]]:
    """Drafts, by column."""
    words = proofs.Words.of(settlement, shares)
    for share in shares:
        if share.amount_fen:
            yield {
                "id": uuid7(),
                "agreement_id": share.agreement_id,
                "term_code": settlement.term_code,
                "cause": RefundCause.SETTLEMENT.value,
                "key": f"settlement:{settlement.pk.hex}:{share.agreement_id.hex}",
                "amount_fen": share.amount_fen,
                "explanation": words.proof(share),
                "state": RefundState.DRAFT.value,
                "sent": 0,
                "settlement_id": settlement.pk,
                "created_at": now,
                "prepared_by_id": settlement.batched_by_id,
                "issued_at": None,
                "issued_by_id": None,
                "confirmed_at": None,
                "voided_at": None,
            }
