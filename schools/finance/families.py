"""Reads every family's end of term: what it paid, what held hours justify, its minutes. Feeds the settlement."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from afterbell.kernel.dates import Period
from afterbell.kernel.money import Fen
from schools.enrolment.models import Agreement
from schools.finance import charging, gathering, refund_rules, refunding, rules
from schools.finance.models import Charge, Transfer
from schools.finance.settling import Family
from schools.finance.timetable import Timetable, attended_minutes, exited_on, timetable
from schools.planning.models import FeeUnit, Plan
from tenants.models import Kind, School, Term
from tenants.policies.documents import Policy, SettlementKey

CREDIT = "credit:"


@dataclass(frozen=True)
class End:
    """One agreement at the end of the term."""

    agreement_id: UUID
    credit: Fen
    """Taken off its fees: planned hours that were not held, or an exit that nobody has computed yet."""
    family: Family


def ends(term: Term, key: SettlementKey, today: date) -> list[End]:
    """Every family with an account in the term, by enrolment id. A fixed number of queries for each plan."""
    standings = gathering.standings(term.code)
    charges = _charges(term.code)
    done = _computed(term.code)
    found: list[End] = []
    for plan in Plan.objects.filter(term_code=term.code, agreements__isnull=False).distinct().order_by("pk"):
        agreements = _agreements(plan)
        taken_off = _credits(plan, agreements, charges, done, term, today)
        minutes = attended_minutes(plan) if key == SettlementKey.ATTENDED_MINUTES else {}
        for agreement in agreements:
            standing = standings.get(agreement.pk)
            if standing is None:
                continue
            own = charges.get(agreement.pk, [])
            credit = Fen(max(0, min(taken_off.get(agreement.pk, 0), standing.due)))
            family = Family(
                net_paid=standing.net_paid,
                due=Fen(standing.due - credit),
                minutes=minutes.get(agreement.pk, 0),
                gross=Fen(sum(charge.gross_fen for charge in own)),
                waived=Fen(sum(charge.waived_fen for charge in own)),
            )
            found.append(End(agreement.pk, credit, family))
    return sorted(found, key=lambda end: end.agreement_id)


def _agreements(plan: Plan) -> list[Agreement]:
    """Only what is asked for: the texts of thousands of agreements stay where they are."""
    rows = Agreement.objects.filter(plan=plan).select_related("pupil__school_class").order_by("pk")
    fields = ("plan", "state", "from_date", "until_date", "ended_at", "pupil__school_class__grade")
    agreements = list(rows.only(*fields))
    for agreement in agreements:
        agreement.plan = plan
    return agreements


def _charges(term_code: str) -> dict[UUID, list[Charge]]:
    found: dict[UUID, list[Charge]] = defaultdict(list)
    for charge in Charge.objects.filter(term_code=term_code).order_by("created_at", "pk"):
        found[charge.agreement_id].append(charge)
    return found


def _computed(term_code: str) -> frozenset[str]:
    """Exits and absences that have been credited already."""
    rows = Transfer.objects.filter(term_code=term_code, key__startswith=CREDIT)
    return frozenset(key.removeprefix(CREDIT) for key in rows.values_list("key", flat=True))


def _credits(
    plan: Plan,
    agreements: Iterable[Agreement],
    charges: dict[UUID, list[Charge]],
    done: frozenset[str],
    term: Term,
    today: date,
) -> dict[UUID, Fen]:
    """True-up for those who stayed; the refund rule for those who left and were not looked at."""
    policy, school = rules.policy_on(plan.first_date).policy, rules.school_here()
    table = timetable(plan)
    stayed = [agreement for agreement in agreements if exited_on(agreement) is None]
    found = {
        agreement.pk: _true_up(
            agreement, charges.get(agreement.pk, []), table, done, policy, school, term, today
        )
        for agreement in stayed
    }
    left = {agreement.pk: exited_on(agreement) for agreement in agreements if exited_on(agreement)}
    open_exits = [pk for pk in left if f"exit:{pk.hex}" not in done]
    for agreement, case in refunding.cases(plan, only=open_exits) if open_exits else ():
        back = refund_rules.returned(
            case.rule, stage=case.stage, bills=case.bills, left_on=left[agreement.pk]
        )
        found[agreement.pk] = back.fen
    return found


def _true_up(
    agreement: Agreement,
    charges: list[Charge],
    table: Timetable,
    done: frozenset[str],
    policy: Policy,
    school: School,
    term: Term,
    today: date,
) -> Fen:
    """Periods whose absences were computed had their cancelled sessions taken off then."""
    open_charges = [charge for charge in charges if f"absence:{agreement.pk.hex}:{charge.period}" not in done]
    if not open_charges:
        return Fen(0)
    caps = policy.caps_for(rules.stage(agreement, school), Kind(school.kind))
    charged = [_charged(charge, agreement, table, term, today) for charge in open_charges]
    net = sum(charge.gross - charge.waived for charge in charged)
    return Fen(net - charging.trued_up(rules.tariff(agreement.plan, caps), charged))


def _charged(
    charge: Charge, agreement: Agreement, table: Timetable, term: Term, today: date
) -> charging.Charged:
    billing = rules.billing(charge.period, term)
    slots = table.of(agreement, billing.days)
    held = sum(slot.units for slot in slots if slot.counts_as_held(today))
    cancelled = sum(slot.units for slot in slots if slot.is_cancelled)
    own = Period(agreement.from_date, agreement.until_date).overlap(billing.days)
    is_hourly = agreement.plan.fee_unit == FeeUnit.CLASS_HOUR
    return charging.Charged(
        units=charge.units,
        gross=Fen(charge.gross_fen),
        waived=Fen(charge.waived_fen),
        planned=sum(slot.units for slot in slots),
        held=held if is_hourly else 0,
        cancelled=cancelled,
        months=len(own.months()) if own else 1,
    )
