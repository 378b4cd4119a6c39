"""What granting a waiver would take off: the policy's share, or what was asked for; never for an own child (S36)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from afterbell.accounts.models import User
from afterbell.kernel import states
from afterbell.kernel.errors import Refused
from afterbell.kernel.money import Fen, format_fen
from schools.finance import charging, queries, rules
from schools.finance.models import Charge, Waiver
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


class OwnChild(Refused):
    """Nobody asks for or decides about the own child's fee."""

    code = "finance.waiver_of_own_child"
    message = _("您是这名学生的家长，不能经办自家的减免。请由另一位有权的人办理。")


class ChargeTakenBack(Refused):
    """What nobody has to pay needs no waiver."""

    code = "finance.charge_taken_back"
    message = _("这笔费用已经撤回，不用减免。")


@dataclass(frozen=True)
class Offer:
    """An open waiver, and what granting it would take off."""

    waiver: Waiver
    fen: Fen


def offers(waivers: Iterable[Waiver], by: User) -> list[Offer]:
    """Those that this person could grant now, with their amounts; the others wait for somebody or something else.

    The waivers come with charge and agreement. A fixed number of queries for each period of fees.
    """
    own = _own_pupils(by)
    rows = [
        row for row in waivers if row.requested_by_id != by.pk and row.charge.agreement.pupil_id not in own
    ]
    settled = {
        term_code: queries.is_settled(term_code) for term_code in {row.charge.term_code for row in rows}
    }
    policies: dict[tuple[str, str], Policy] = {}
    found = []
    for waiver in rows:
        charge = waiver.charge
        if settled[charge.term_code]:
            continue
        place = (charge.term_code, charge.period)
        if place not in policies:
            policies[place] = policy_of(charge)
        try:
            refuse_decided(waiver)
            found.append(Offer(waiver, offered(waiver, policies[place])))
        except Refused:
            continue  # shown on its own page, where granting it says why not
    return found


def digest(found: Sequence[Offer]) -> str:
    """Of what a person saw before saying yes: which waivers, in which state, how much each."""
    lines = sorted(f"{offer.waiver.pk} {offer.waiver.state} {offer.fen}" for offer in found)
    return sha256("\n".join(lines).encode()).hexdigest()


def policy_of(charge: Charge) -> Policy:
    """The rules of the first day that was charged for. Raises NoPolicyInForce."""
    period = rules.billing(charge.period, rules.term(charge.term_code))
    return rules.policy_on(period.days.first).policy


def offered(waiver: Waiver, policy: Policy) -> Fen:
    """What granting this one would take off, in fen. Raises ReasonNotListed, WaiverAmount."""
    asked = None if waiver.asked_fen is None else Fen(waiver.asked_fen)
    return _amount(listed_for(policy, waiver.reason), Fen(waiver.charge.gross_fen), asked)


def listed_for(policy: Policy, reason: str) -> Listed:
    """The reason as the policy lists it. Raises ReasonNotListed."""
    found = policy.waiver(reason)
    if found is None:
        raise ReasonNotListed(reason=reason[:40])
    return found


def refuse_own_amount(listed: Listed, gross: Fen, asked: Fen | None) -> None:
    """What is typed is used or refused, never passed over. Raises WaiverAmount, AmountIsThePolicys."""
    fen = _amount(listed, gross, asked)
    if asked is not None and asked != fen:
        raise AmountIsThePolicys(
            reason=listed.name,
            percent=listed.reduction_percent,
            fen=format_fen(fen),
            asked=format_fen(asked),
        )


def refuse_decided(waiver: Waiver) -> None:
    """Raises MoveNotAllowed, ChargeTakenBack, AlreadyWaived."""
    to = WaiverState.GRANTED
    if to not in WAIVER_MOVES[waiver.state]:
        raise states.MoveNotAllowed(before=WaiverState(waiver.state).label, after=to.label)
    refuse_charge(waiver.charge)


def refuse_charge(charge: Charge) -> None:
    """Raises ChargeTakenBack, AlreadyWaived."""
    if charge.taken_back_at is not None:
        raise ChargeTakenBack
    if charge.waived_fen:
        raise AlreadyWaived


def refuse_own_children(charges: Iterable[Charge], by: User) -> None:
    """Raises OwnChild."""
    if _own_pupils(by) & {charge.agreement.pupil_id for charge in charges}:
        raise OwnChild


def _amount(listed: Listed, gross: Fen, asked: Fen | None) -> Fen:
    """The policy's share of the fee, or what was asked for. Raises WaiverAmount."""
    percent = listed.reduction_percent
    fen = asked if percent is None else charging.waived_by_percent(gross, percent)
    if fen is None or not 0 < fen <= gross:
        raise WaiverAmount
    return fen


def _own_pupils(by: User) -> set[UUID]:
    return set(people.ties_of(by).values_list("pupil_id", flat=True))
