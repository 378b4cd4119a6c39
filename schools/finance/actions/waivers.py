"""减免: asked for with proof by one person, decided by another; neither decides about an own child (S36)."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from afterbell.accounts.models import User
from afterbell.audit import actions as audit
from afterbell.kernel import states
from afterbell.kernel.errors import Refused
from afterbell.kernel.money import Fen, format_fen
from schools.finance import accounts, charging, gathering, ledger, rules, statements
from schools.finance.actions import adjusting
from schools.finance.actions.closed import SamePerson, is_settled, refuse_settled
from schools.finance.actions.expenditure import NoReason
from schools.finance.ledger import Posting
from schools.finance.models import Charge, Transfer, TransferKind, Waiver
from schools.finance.states import WAIVER_MOVES, WaiverState
from schools.people import queries as people
from tenants.policies.documents import Policy
from tenants.policies.documents import Waiver as Listed


class ReasonNotListed(Refused):
    """A waiver for a reason that is not on the list is a red line."""

    code = "finance.waiver_reason_not_listed"
    message = _("“%(reason)s”不在现行政策的减免名单内，不能减免。")


class AlreadyWaived(Refused):
    """Decided once."""

    code = "finance.already_waived"
    message = _("这笔费用已经减免过。")


class AlreadyAsked(Refused):
    """One question at a time."""

    code = "finance.waiver_already_asked"
    message = _("这笔费用已有一笔减免待审批，请等审批结果。")


class WaiverAmount(Refused):
    """Where the policy names no share, the asker says how much; never more than the fee."""

    code = "finance.waiver_amount"
    message = _("请填写减免金额：大于零，不超过应收金额。")
    status = 400


class AmountIsThePolicys(Refused):
    """Where the policy names the share, another amount is a mistake: of the reason, or of the amount."""

    code = "finance.waiver_amount_is_the_policys"
    message = _(
        "“%(reason)s”按政策减免 %(percent)s%%，即 %(fen)s，与填写的 %(asked)s 不符。"
        "请不填金额；只减免一部分的，请选其他原因。"
    )
    status = 400


class NoProof(Refused):
    """Hardship is shown by a document, not by a word."""

    code = "finance.waiver_without_proof"
    message = _("请写明证明材料：什么证明、编号、谁在什么时候核对过。材料原件留学校存档。")
    status = 400


class OwnChild(Refused):
    """Nobody asks for or decides about the own child's fee."""

    code = "finance.waiver_of_own_child"
    message = _("您是这名学生的家长，不能经办自家的减免。请由另一位有权的人办理。")


class ChargeTakenBack(Refused):
    """What nobody has to pay needs no waiver."""

    code = "finance.charge_taken_back"
    message = _("这笔费用已经撤回，不用减免。")


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


@dataclass(frozen=True)
class Offer:
    """An open waiver, and what granting it would take off."""

    waiver: Waiver
    fen: Fen


def request_waiver(
    *, charge: Charge, reason: str, proof: str, by: User, now: datetime, amount: Fen | None = None
) -> Waiver:
    """Ask for a reason of the policy, with the document that shows it; the amount only where the policy names no share."""
    document = statements.one_line(proof)[:200]
    if not document:
        raise NoProof
    with transaction.atomic():
        ledger.lock_books()
        found = Charge.objects.select_related("agreement").get(pk=charge.pk)
        refuse_settled(found.term_code)
        _refuse_charge(found)
        refuse_own_children([found], by)
        if found.waivers.filter(state=WaiverState.REQUESTED).exists():
            raise AlreadyAsked
        listed = _listed(_policy_of(found), reason)
        _refuse_own_amount(listed, Fen(found.gross_fen), amount)
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
        refuse_settled(found.charge.term_code)
        _refuse_decided(found)
        refuse_decider(found, by)
        offer = Offer(found, _offered(found, _policy_of(found.charge)))
        _grant([offer], by=by, now=now)
    return found


def grant_waivers(*, waivers: Collection[UUID], shown: str, by: User, now: datetime) -> list[Waiver]:
    """Grant exactly what was shown (`digest`), all or none. Raises WaiversMoved."""
    with transaction.atomic():
        ledger.lock_books()
        rows = _again(waivers)
        found = offers(rows, by)
        if len(found) != len(set(waivers)) or digest(found) != shown:
            raise WaiversMoved
        _grant(found, by=by, now=now)
    return [offer.waiver for offer in found]


def refuse_waiver(*, waiver: Waiver, reason: str, by: User, now: datetime) -> Waiver:
    """Not granted, with a reason that the asker sees."""
    words = statements.one_line(reason)[:200]
    if not words:
        raise NoReason
    with transaction.atomic():
        ledger.lock_books()
        (found,) = _again([waiver.pk])
        refuse_decider(found, by)
        decided = {"decided_by": by, "decided_at": now, "refusal_reason": words}
        states.move(found, to=WaiverState.REFUSED, moves=WAIVER_MOVES, at=now, also=decided)
        audit.record(verb="finance.waiver.refuse", target=found, by=by, at=now)
    return found


def offers(waivers: Iterable[Waiver], by: User) -> list[Offer]:
    """Those that this person could grant now, with their amounts; the others wait for somebody or something else.

    The waivers come with charge and agreement. A fixed number of queries for each period of fees.
    """
    own = _own_pupils(by)
    rows = [
        row for row in waivers if row.requested_by_id != by.pk and row.charge.agreement.pupil_id not in own
    ]
    settled = {term_code: is_settled(term_code) for term_code in {row.charge.term_code for row in rows}}
    policies: dict[tuple[str, str], Policy] = {}
    found = []
    for waiver in rows:
        charge = waiver.charge
        if settled[charge.term_code]:
            continue
        place = (charge.term_code, charge.period)
        if place not in policies:
            policies[place] = _policy_of(charge)
        try:
            _refuse_decided(waiver)
            found.append(Offer(waiver, _offered(waiver, policies[place])))
        except Refused:
            continue  # shown on its own page, where granting it says why not
    return found


def digest(found: Sequence[Offer]) -> str:
    """Of what a person saw before saying yes: which waivers, in which state, how much each."""
    lines = sorted(f"{offer.waiver.pk} {offer.waiver.state} {offer.fen}" for offer in found)
    return sha256("\n".join(lines).encode()).hexdigest()


def refuse_decider(waiver: Waiver, by: User) -> None:
    """Raises SamePerson, OwnChild."""
    if by.pk == waiver.requested_by_id:
        raise SamePerson
    refuse_own_children([waiver.charge], by)


def refuse_own_children(charges: Iterable[Charge], by: User) -> None:
    """Raises OwnChild."""
    if _own_pupils(by) & {charge.agreement.pupil_id for charge in charges}:
        raise OwnChild


def standing_transfer(charge: Charge) -> Transfer | None:
    """The posting of what is waived on a charge now: carried on from a decision before, or granted for it."""
    rows = Transfer.objects.filter(kind=TransferKind.WAIVER, key__startswith=_key(charge), reversed_by=None)
    return rows.select_related("debit", "credit").order_by("-position").first()


def _grant(found: Sequence[Offer], *, by: User, now: datetime) -> None:
    by_term: dict[str, list[Offer]] = defaultdict(list)
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


def _set_granted(group: Sequence[Offer], *, by: User, now: datetime) -> dict[UUID, int]:
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


def _postings(group: Sequence[Offer]) -> list[Posting]:
    """A second waiver of a charge, after a withdrawn one, is a posting of its own."""
    keys = [_key(offer.waiver.charge) for offer in group]
    used = set(Transfer.objects.filter(key__in=keys).values_list("key", flat=True))
    found = []
    for offer, key in zip(group, keys, strict=True):
        charge = offer.waiver.charge
        own_key = f"{key}:{offer.waiver.pk}" if key in used else key
        family = accounts.family(charge.agreement_id)
        found.append(Posting(TransferKind.WAIVER, own_key, accounts.FEES, family, offer.fen))
    return found


def _key(charge: Charge) -> str:
    return f"waiver:{charge.pk}"


def _again(pks: Collection[UUID]) -> list[Waiver]:
    """As they stand under the lock of the books. Raises Waiver.DoesNotExist."""
    rows = Waiver.objects.filter(pk__in=pks).select_related("charge__agreement").order_by("pk")
    found = list(rows)
    if len(found) != len(set(pks)):
        raise Waiver.DoesNotExist
    return found


def _policy_of(charge: Charge) -> Policy:
    period = rules.billing(charge.period, rules.term(charge.term_code))
    return rules.policy_on(period.days.first).policy


def _offered(waiver: Waiver, policy: Policy) -> Fen:
    asked = None if waiver.asked_fen is None else Fen(waiver.asked_fen)
    return _amount(_listed(policy, waiver.reason), Fen(waiver.charge.gross_fen), asked)


def _listed(policy: Policy, reason: str) -> Listed:
    found = policy.waiver(reason)
    if found is None:
        raise ReasonNotListed(reason=reason[:40])
    return found


def _amount(listed: Listed, gross: Fen, asked: Fen | None) -> Fen:
    """The policy's share of the fee, or what was asked for. Raises WaiverAmount."""
    percent = listed.reduction_percent
    fen = asked if percent is None else charging.waived_by_percent(gross, percent)
    if fen is None or not 0 < fen <= gross:
        raise WaiverAmount
    return fen


def _refuse_own_amount(listed: Listed, gross: Fen, asked: Fen | None) -> None:
    """What is typed is used or refused, never passed over. Raises WaiverAmount, AmountIsThePolicys."""
    fen = _amount(listed, gross, asked)
    if asked is not None and asked != fen:
        raise AmountIsThePolicys(
            reason=listed.name,
            percent=listed.reduction_percent,
            fen=format_fen(fen),
            asked=format_fen(asked),
        )


def _refuse_decided(waiver: Waiver) -> None:
    to = WaiverState.GRANTED
    if to not in WAIVER_MOVES[waiver.state]:
        raise states.MoveNotAllowed(before=WaiverState(waiver.state).label, after=to.label)
    _refuse_charge(waiver.charge)


def _refuse_charge(charge: Charge) -> None:
    if charge.taken_back_at is not None:
        raise ChargeTakenBack
    if charge.waived_fen:
        raise AlreadyWaived


def _refuse_for_nothing(group: Sequence[Offer]) -> None:
    """Of a fee that was given back wholly nothing is left to waive."""
    for offer in group:
        charge = offer.waiver.charge
        if charge.gross_fen <= charge.credited_fen:
            raise MoreThanIsDue(due=format_fen(Fen(0)), asked=format_fen(Fen(offer.fen)))


def _refuse_more_than_due(term_code: str, group: Sequence[Offer]) -> None:
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


def _own_pupils(by: User) -> set[UUID]:
    return set(people.ties_of(by).values_list("pupil_id", flat=True))
